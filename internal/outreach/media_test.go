package outreach

import (
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

func TestCaptions(t *testing.T) {
	for words, want := range map[string]string{
		"大家好":                      "",
		"0:05 大家好\n没有写时间":          "",
		"0:09 后面的\n0:05 前面的":       "",
		"0:01 大家好\n\n1:02:03 <再见>": "WEBVTT\n\n00:00:01.000 --> 01:02:03.000\n大家好\n\n01:02:03.000 --> 01:02:08.000\n&lt;再见&gt;\n",
	} {
		if got := (Media{Words: words}).Captions(); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
	if said := (Media{Words: "0:01 大家好\n请坐"}).Said(); strings.Join(said, "|") != "大家好|请坐" {
		t.Errorf("%q", said)
	}
}

// Every file has words for who cannot see or hear it, is small enough for a
// telephone, and changes on a draft only; what was taken off is shown no more.
func TestMedia(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		writer, lead := clerk("c1", "甲"), audit.Actor{ID: "r1", Name: "丙", Role: "reviewer", Region: region}
		x, err := r.Write(r.ctx, writer, region, "", Publication{Audience: "citizen", Title: "上门护理怎么选", Body: "可以自己选机构。"}, []string{"outreach.voice.reopen_days"})
		if err != nil {
			t.Fatal(err)
		}
		file := func(mime string, size int64) desk.Stored {
			return desk.Stored{ID: db.NewID(c.Now()), Name: "甲", Mime: mime, Size: size, SHA256: strings.Repeat("a", 64), SM3: strings.Repeat("b", 64)}
		}
		for field, in := range map[string]MediaIn{
			"alt":   {Stored: file("image/png", 10)},
			"words": {Stored: file("audio/mpeg", 10), Alt: "讲怎么选"},
			"file":  {Stored: file("image/jpeg", 9<<20), Alt: "太大的"},
		} {
			if err := r.Attach(r.ctx, writer, region, x.ID, "", in); fault.As(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		film := MediaIn{Stored: file("video/mp4", 100<<20), Alt: "两分钟讲怎么选", Words: "0:01 大家好\n0:05 机构自己选"}
		picture := MediaIn{Stored: file("image/png", 10), Alt: "三种护理方式的图"}
		for _, in := range []MediaIn{film, picture} {
			if err := r.Attach(r.ctx, writer, region, x.ID, "", in); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Detach(r.ctx, writer, region, x.ID, picture.ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := r.Detach(r.ctx, writer, region, x.ID, picture.ID, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("twice: %v", err)
		}
		if _, err := r.PublishText(r.ctx, lead, region, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := r.Attach(r.ctx, writer, region, x.ID, "", MediaIn{Stored: file("image/png", 10), Alt: "偷偷加的"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a file that nobody else has seen becomes public: %v", err)
		}
		_, files, err := r.Publication(r.ctx, region, x.ID)
		if err != nil || len(files) != 1 || files[0].ID != film.ID || files[0].Form() != "video" || files[0].Alt != film.Alt || !strings.HasPrefix(files[0].Captions(), "WEBVTT") {
			t.Fatalf("%+v %v", files, err)
		}

		b, err := r.Brief(r.ctx, writer, region, "", Briefing{Title: "讲护理保险", Place: "望湖社区", Speaker: "甲", Audience: "citizen", Day: day.FromTime(c.Now()), People: 30})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Photo(r.ctx, writer, region, b.ID, "", MediaIn{Stored: file("video/mp4", 10), Alt: "录像", Words: "大家好"}); fault.As(err).Field != "file" {
			t.Errorf("a film among the photographs: %v", err)
		}
		if err := r.Photo(r.ctx, writer, region, b.ID, "", MediaIn{Stored: file("image/png", 10), Alt: "活动室里在听讲"}); err != nil {
			t.Fatal(err)
		}
		if _, photos, err := r.Briefing(r.ctx, region, b.ID); err != nil || len(photos) != 1 || photos[0].Alt != "活动室里在听讲" {
			t.Errorf("%+v %v", photos, err)
		}
	})
}

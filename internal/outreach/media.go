package outreach

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// Media is a picture, a sound, a video or a PDF of a publication or a briefing,
// with the words of who cannot see or hear it.
type Media struct {
	desk.Document
	Alt   string // what the picture shows, or what the sound or the video is about
	Words string // what is said in a sound or a video; lines that begin with a time are captions too
}

// MediaIn is a file that is added, with its words.
type MediaIn struct {
	desk.Stored
	Alt, Words string
}

// Form is picture, audio, video or paper, by what the file holds.
func (m Media) Form() string { return formOf(m.Mime) }

func formOf(mime string) string {
	switch kind, _, _ := strings.Cut(mime, "/"); kind {
	case "image":
		return "picture"
	case "audio", "video":
		return kind
	}
	return "paper"
}

// Forms are the kinds of media in Chinese, with how large one may be in bytes:
// a page must open on a slow telephone.
var Forms = []struct {
	ID, Name string
	Max      int64
}{{"picture", "图片", 8 << 20}, {"audio", "录音", 32 << 20}, {"video", "视频", 256 << 20}, {"paper", "PDF", 32 << 20}}

// FormName is a kind of media in Chinese.
func FormName(id string) string {
	for _, f := range Forms {
		if f.ID == id {
			return f.Name
		}
	}
	return ""
}

// Check holds a file to its size and to its words: nothing is shown that some
// people cannot see or hear. Invalid, field file, alt or words.
func (m *MediaIn) Check() error {
	m.Alt, m.Words = strings.TrimSpace(m.Alt), strings.TrimSpace(m.Words)
	form := formOf(m.Mime)
	for _, f := range Forms {
		if f.ID == form && m.Size > f.Max {
			return fault.Field("file", "%s最大 %d MB，请压缩后再传", f.Name, f.Max>>20)
		}
	}
	switch {
	case m.Mime == "image/heic" || m.Mime == "video/quicktime":
		return fault.Field("file", "这种格式很多手机打不开，请转成 JPG 或 MP4 再传")
	case m.Alt == "":
		return fault.Field("alt", "请用一句话写里面是什么，看不见的人靠它知道")
	case (form == "audio" || form == "video") && m.Words == "":
		return fault.Field("words", "请写里面说的话，听不见的人靠它看懂")
	}
	return nil
}

// mark is the time at which a line is said: 0:05, 12:30 or 1:02:03.
var mark = regexp.MustCompile(`^(?:(\d):)?(\d{1,2}):(\d\d)\s+(\S.*)$`)

// lastCue is how long the last line stays, in seconds.
const lastCue = 5

// Captions are the words as subtitles (WebVTT), "" where the lines do not all say
// when they are said.
func (m Media) Captions() string {
	type cue struct {
		at   int
		text string
	}
	var cues []cue
	for line := range strings.Lines(m.Words) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		p := mark.FindStringSubmatch(line)
		if p == nil {
			return ""
		}
		c := cue{text: p[4]}
		for _, n := range p[1:4] { // digits, or nothing where no hours are written
			v, _ := strconv.Atoi(n)
			c.at = c.at*60 + v
		}
		if len(cues) > 0 && c.at <= cues[len(cues)-1].at {
			return ""
		}
		cues = append(cues, c)
	}
	if len(cues) == 0 {
		return ""
	}
	clock := func(s int) string { return fmt.Sprintf("%02d:%02d:%02d.000", s/3600, s/60%60, s%60) }
	out := "WEBVTT\n"
	for i, c := range cues {
		end := c.at + lastCue
		if i+1 < len(cues) {
			end = cues[i+1].at
		}
		out += fmt.Sprintf("\n%s --> %s\n%s\n", clock(c.at), clock(end), strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(c.text))
	}
	return out
}

// Said are the words without the times, for the text under a sound or a video.
func (m Media) Said() (out []string) {
	for line := range strings.Lines(m.Words) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if p := mark.FindStringSubmatch(line); p != nil {
			line = p[4]
		}
		out = append(out, line)
	}
	return out
}

// keep adds a file with its words to an object.
func keep(tx *db.Tx, region, object, kind string, in MediaIn, who audit.Actor) error {
	if err := in.Check(); err != nil {
		return err
	}
	if _, err := desk.Attach(tx, region, object, kind, in.Stored, who); err != nil {
		return err
	}
	return putMedia(tx, region, object, in)
}

// mediaOf reads the files of an object, the oldest first.
func mediaOf(tx *db.Tx, region, object string) (out []Media, err error) {
	docs, err := desk.Documents(tx, region, object)
	if err != nil {
		return nil, err
	}
	words, err := mediaWords(tx, region, object)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		if w, ok := words[d.ID]; ok {
			out = append(out, Media{d, w[0], w[1]})
		}
	}
	return out, nil
}

// Attach adds a picture, a sound, a video or a PDF to a draft.
func (s *Service) Attach(ctx context.Context, who audit.Actor, region, id, key string, in MediaIn) error {
	return s.draft(ctx, who, region, id, key, "outreach.attach", []string{in.SHA256, in.Alt, in.Words}, func(tx *db.Tx) error {
		return keep(tx, region, pubCase(id), "publication", in, who)
	})
}

// Detach takes a file off a draft; it stays on record and is shown no more.
func (s *Service) Detach(ctx context.Context, who audit.Actor, region, id, doc, key string) error {
	return s.draft(ctx, who, region, id, key, "outreach.detach", doc, func(tx *db.Tx) error {
		return dropMedia(tx, region, pubCase(id), doc)
	})
}

// draft changes the files of a publication that is a draft: what is public was
// looked at by somebody else with its files.
func (s *Service) draft(ctx context.Context, who audit.Actor, region, id, key, verb string, body any, fn func(*db.Tx) error) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: verb, Object: id, Key: key, Body: body}, func(tx *db.Tx) error {
		x, err := getPublication(tx, region, id)
		if err == nil && x.State != Drafted {
			err = fault.New(fault.Conflict, "这份材料现在是“%s”。先存为草稿，再改附件。", StateName(x.State))
		}
		if err != nil {
			return err
		}
		return fn(tx)
	})
}

func pubCase(id string) string   { return "publication:" + id }
func briefCase(id string) string { return "briefing:" + id }

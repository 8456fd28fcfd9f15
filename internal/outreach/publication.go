package outreach

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/policy"
)

// States of a publication.
const (
	Drafted   = "draft"
	Published = "published"
	Revise    = "revise"
	Withdrawn = "withdrawn"
)

// PublicationStates are the states in Chinese.
var PublicationStates = []struct{ ID, Name string }{{Revise, "待修订"}, {Drafted, "草稿"}, {Published, "已发布"}, {Withdrawn, "已撤下"}}

// StateName is a publication's state in Chinese.
func StateName(id string) string {
	for _, s := range PublicationStates {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

// Audiences are whom a publication is for.
var Audiences = []struct{ ID, Name string }{{"citizen", "群众"}, {"doctor", "医院和诊所"}, {"home", "养老院和社区"}}

// AudienceName is an audience in Chinese.
func AudienceName(id string) string {
	for _, a := range Audiences {
		if a.ID == id {
			return a.Name
		}
	}
	return ""
}

// Cite is a policy value that a publication explains, as it was when it was
// published.
type Cite struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Say    string `json:"say"`
	Value  string `json:"value"`
	Clause string `json:"clause"`
}

// Changed is a cited value that is another now, or will be from a day.
type Changed struct {
	Label string  `json:"label"`
	Was   string  `json:"was"`
	Now   string  `json:"now"`
	From  day.Day `json:"from,omitzero"`
}

// Publication explains policy to the public (宣传材料). It is bound to the
// values that it explains: when one of them changes, it is to be revised.
type Publication struct {
	Region, ID       string
	Audience, Title  string
	Body, Elder      string
	Cites            []Cite
	Hash             string // of the pack when it was published
	State            string
	Diff             []Changed
	Owner, OwnerName string
	Publisher        string
	Published        day.Day
	Version, At      int64
}

// Keys are the names of the cited values.
func (x Publication) Keys() (out []string) {
	for _, c := range x.Cites {
		out = append(out, c.Key)
	}
	return out
}

// Paragraphs are the body's, or those of the elder version where there is one.
func (x Publication) Paragraphs(elder bool) (out []string) {
	text := x.Body
	if elder && x.Elder != "" {
		text = x.Elder
	}
	for _, p := range strings.Split(text, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Plain tells whether the value can be said in a word or a number; a list of
// rows is read on its own page.
func (c Cite) Plain() bool {
	return !strings.HasPrefix(c.Value, "[") && !strings.HasPrefix(c.Value, "{")
}

// Public tells whether everybody may read it.
func (x Publication) Public() bool { return x.State == Published || x.State == Revise }

// cites reads the values of keys in a view; Invalid for a key that does not hold.
func cites(v *policy.View, keys []string) (out []Cite, err error) {
	all := v.Show()
	for _, k := range keys {
		i := slices.IndexFunc(all, func(s policy.Shown) bool { return s.Key == k })
		if i < 0 {
			return nil, fault.Field("keys", "政策包今天没有“%s”，请从政策包的名称里选", k)
		}
		c := Cite{Key: k, Label: all[i].Label, Say: all[i].Say, Value: string(all[i].Value)}
		if all[i].Clause != nil {
			c.Clause = all[i].Clause.Doc + all[i].Clause.Article
		}
		out = append(out, c)
	}
	return out, nil
}

// drift lists the cited values that are another in the view.
func drift(v *policy.View, old []Cite) (out []Changed) {
	all := v.Show()
	for _, c := range old {
		i := slices.IndexFunc(all, func(s policy.Shown) bool { return s.Key == c.Key })
		switch {
		case i < 0:
			out = append(out, Changed{Label: c.Label, Was: c.Say, Now: "不再适用"})
		case !bytes.Equal([]byte(c.Value), all[i].Value):
			out = append(out, Changed{Label: c.Label, Was: c.Say, Now: all[i].Say, From: all[i].From})
		}
	}
	return out
}

// aheadDays is how far a change is told before it holds, so that the new text is
// ready on the day (a working habit, no policy).
const aheadDays = 60

// Coming lists the cited values that the pack will change within sixty days.
func (s *Service) Coming(region string, x Publication, today day.Day) (out []Changed) {
	now, err := s.Packs.At(region, today)
	if err != nil {
		return nil
	}
	then, err := s.Packs.At(region, today+aheadDays)
	if err != nil {
		return nil
	}
	for _, d := range policy.Compare(now, then) {
		if slices.Contains(x.Keys(), d.Key) && d.A != nil && d.B != nil {
			out = append(out, Changed{Label: d.Label, Was: d.A.Say, Now: d.B.Say, From: d.B.From})
		}
	}
	return out
}

// Write makes a draft, or changes a text; what was published is a draft again
// and no longer public until somebody else publishes it.
func (s *Service) Write(ctx context.Context, who audit.Actor, region, key string, in Publication, keys []string) (Publication, error) {
	act := audit.Act{Region: region, Verb: "outreach.write", Object: in.ID, Key: key, Body: []any{in.ID, in.Title, in.Body, in.Elder, in.Audience, keys}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x Publication, err error) {
		if in.ID != "" {
			if x, err = getPublication(tx, region, in.ID); err != nil {
				return x, err
			}
			if in.Version != 0 && in.Version != x.Version {
				return x, fault.New(fault.Conflict, "您打开以后，这份材料已经改过了。请看过新的内容再改。")
			}
		} else {
			x = Publication{Region: region, ID: tx.NewID()}
		}
		x.Audience, x.Title, x.Body, x.Elder = in.Audience, strings.TrimSpace(in.Title), strings.TrimSpace(in.Body), strings.TrimSpace(in.Elder)
		switch {
		case AudienceName(x.Audience) == "":
			return x, fault.Field("audience", "请选写给谁看")
		case x.Title == "":
			return x, fault.Field("title", "请写标题")
		case x.Body == "":
			return x, fault.Field("body", "请写正文")
		case len(keys) == 0:
			return x, fault.Field("keys", "请选这份材料讲的是哪几项政策，政策一变才能提醒您改")
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		if x.Cites, err = cites(v, keys); err != nil {
			return x, err
		}
		x.State, x.Diff, x.Hash, x.Owner, x.OwnerName, x.At = Drafted, nil, v.Ref().Hash, who.ID, who.Name, tx.Millis()
		x.Version++
		return x, putPublication(tx, x)
	})
}

// PublishText publishes a draft with the values that hold today; whoever wrote
// it does not. Withdraw takes it down.
func (s *Service) PublishText(ctx context.Context, who audit.Actor, region, id, key string) (Publication, error) {
	return s.turn(ctx, who, region, id, key, "outreach.publish", func(tx *db.Tx, v *policy.View, x *Publication) (err error) {
		switch {
		case x.State != Drafted:
			return fault.New(fault.Conflict, "这份材料现在是“%s”，改过以后才能再发布。", StateName(x.State))
		case x.Owner == who.ID:
			return fault.New(fault.Forbidden, "这份材料是您写的，请由同事看过再发布。")
		}
		if x.Cites, err = cites(v, x.Keys()); err != nil {
			return err
		}
		x.State, x.Hash, x.Diff, x.Publisher, x.Published = Published, v.Ref().Hash, nil, who.Name, tx.Today()
		return nil
	})
}

// Withdraw takes a publication down.
func (s *Service) Withdraw(ctx context.Context, who audit.Actor, region, id, key string) (Publication, error) {
	return s.turn(ctx, who, region, id, key, "outreach.withdraw", func(_ *db.Tx, _ *policy.View, x *Publication) error {
		if !x.Public() {
			return fault.New(fault.Conflict, "这份材料现在是“%s”，没有发布。", StateName(x.State))
		}
		x.State = Withdrawn
		return nil
	})
}

func (s *Service) turn(ctx context.Context, who audit.Actor, region, id, key, verb string, fn func(*db.Tx, *policy.View, *Publication) error) (Publication, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: verb, Object: id, Key: key, Body: id}, func(tx *db.Tx) (x Publication, err error) {
		if x, err = getPublication(tx, region, id); err != nil {
			return x, err
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		if err = fn(tx, v, &x); err != nil {
			return x, err
		}
		x.Version++
		return x, putPublication(tx, x)
	})
}

// OnDay marks what is public and explains a value that has changed: it is to be
// revised, with what changed. It runs every night; a day that runs twice marks
// nothing anew.
func (s *Service) OnDay(ctx context.Context, region string) (marked int, err error) {
	who := audit.System(region)
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.revise", Object: "publication"}, func(tx *db.Tx) error {
		marked = 0
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		xs, err := publications(tx, region, Published)
		if err != nil {
			return err
		}
		for _, x := range xs {
			if x.Diff = drift(v, x.Cites); len(x.Diff) == 0 {
				continue
			}
			x.State = Revise
			x.Version++
			marked++
			if err := putPublication(tx, x); err != nil {
				return err
			}
		}
		return nil
	})
	return marked, err
}

// Publications lists the publications of a state; state "" lists what is public.
func (s *Service) Publications(ctx context.Context, region, state string) (xs []Publication, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = publications(tx, region, state); return err })
	return xs, err
}

// Publication reads one, with its files.
func (s *Service) Publication(ctx context.Context, region, id string) (x Publication, files []Media, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x, err = getPublication(tx, region, id); err == nil {
			files, err = mediaOf(tx, region, pubCase(id))
		}
		return err
	})
	return x, files, err
}

// Leaflet is a publication on A4, for doctors and homes to hand out.
func (x Publication) Leaflet(region string) paper.Sheet {
	out := paper.Sheet{Region: x.Region, Title: x.Title, No: region + "医疗保障局 · 写给" + AudienceName(x.Audience), On: x.Published, Body: x.Paragraphs(false)}
	for _, c := range x.Cites {
		if c.Plain() {
			out.Rows = append(out.Rows, [2]string{c.Label, c.Say})
		}
	}
	if !x.Public() {
		out.Draft = "还没有发布"
	}
	out.After = []string{"有不明白的，打 12393 问，不收费。"}
	return out
}

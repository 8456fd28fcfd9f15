package outreach

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "320700"

type room struct {
	*Service
	t      *testing.T
	clock  *dbtest.Clock
	ctx    context.Context
	jobs   *job.Runner
	texts  []Message
	elder  string
	author audit.Actor
}

func setup(t *testing.T, d *db.DB, c *dbtest.Clock) *room {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	packs, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	log := &audit.Log{DB: d}
	r := &room{t: t, clock: c, ctx: context.Background(), jobs: &job.Runner{DB: d, Regions: func() []string { return []string{region} }}}
	r.Service = &Service{Log: log, Packs: packs, Keys: k, Persons: &person.Service{Log: log, Keys: k, Packs: packs}, Files: &desk.Files{Dir: t.TempDir()}}
	job.On(r.jobs, func(ctx context.Context, j job.Job, x VoiceDue) error { return r.OnVoiceDue(ctx, j.Region, x) })
	job.On(r.jobs, func(ctx context.Context, j job.Job, x VoiceClose) error { return r.OnVoiceClose(ctx, j.Region, x) })
	job.On(r.jobs, func(_ context.Context, _ job.Job, x Message) error { r.texts = append(r.texts, x); return nil })
	r.elder = r.person("王秀英", 7)
	r.author = audit.Actor{ID: "acc-elder", Name: "王秀英", Role: "citizen", Region: region, Person: r.elder}
	return r
}

func (r *room) person(name string, n int) (id string) {
	r.t.Helper()
	err := audit.Run(r.ctx, r.Log, audit.System(region), audit.Act{Region: region, Verb: "test.person", Object: name}, func(tx *db.Tx) error {
		birth := tx.Today().AddMonths(-12 * 80)
		no, err := person.ParseID(person.DemoID(n, birth, "女"), tx.Today())
		if err != nil {
			return err
		}
		ids, _, err := r.Persons.Put(tx, region, []person.Entry{{Number: no, Name: name, Sex: "女", Birth: birth, Phone: "19900001234", District: "海州区", Resident: true, Has: person.HasAll}})
		if err == nil {
			id = ids[0]
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *room) drain() {
	r.t.Helper()
	if _, err := r.jobs.Drain(r.ctx); err != nil {
		r.t.Fatal(err)
	}
}

func clerk(id, name string) audit.Actor {
	return audit.Actor{ID: id, Name: name, Role: "clerk", Region: region}
}

func (r *room) speak(in Said) Receipt {
	r.t.Helper()
	out, err := r.Speak(r.ctx, r.author, region, "", in)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *room) see(id string) Whole {
	r.t.Helper()
	w, err := r.See(r.ctx, region, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return w
}

// A complaint runs under one number through acceptance, the institution's side,
// the answer, once more by somebody else, to its end; the person is told.
func TestVoiceFromComplaintToEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		got := r.speak(Said{Kind: "complaint", Text: "护理员迟到半小时", Channel: desk.Online, Person: r.elder, Against: "institution", AgainstName: "康宁护理站", AgainstInst: "i1"})
		if got.Accept != 2 || got.Answer != 10 || got.Code != "" {
			t.Fatalf("%+v", got)
		}
		w := r.see(got.Number)
		if w.Case.Matter != Matter || w.Stage != Received || w.Case.Status != desk.StatusOpen || w.Due.IsZero() || w.Case.Due != w.Due || w.Phone != "19900001234" || w.Case.District != "海州区" {
			t.Fatalf("%+v", w)
		}
		a, b := clerk("c1", "甲"), clerk("c2", "乙")
		list, err := r.Voices(r.ctx, region, Received, "", 10)
		if err != nil || len(list) != 1 || list[0].Version != w.Case.Version || list[0].Version == 0 {
			t.Fatalf("the list does not carry the version %d that a decision on many is guarded with: %+v, %v", w.Case.Version, list, err)
		}
		if _, err := r.Take(r.ctx, b, region, got.Number, "", list[0].Version+1, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken from another state than was shown: %v", err)
		}
		if _, err := r.AnswerVoice(r.ctx, a, region, got.Number, "", 0, Reply{Finding: "founded", Text: "还没有受理就想答复，不行的"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered before it was accepted: %v", err)
		}
		if x, err := r.Take(r.ctx, a, region, got.Number, "k", w.Case.Version, false); err != nil || x.Stage != Handling || x.Handler != "c1" {
			t.Fatalf("%+v, %v", x, err)
		}
		if _, err := r.Take(r.ctx, b, region, got.Number, "", 0, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken twice: %v", err)
		}
		if _, err := r.Ask(r.ctx, a, region, got.Number, "", 0, "", ""); err != nil {
			t.Fatal(err)
		}
		inst := audit.Actor{ID: "j1", Role: "institution", Region: region, Institution: "i1"}
		other := audit.Actor{ID: "j2", Role: "institution", Region: region, Institution: "i2"}
		if _, err := r.Explain(r.ctx, other, region, got.Number, "", "不是我们"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another institution explains: %v", err)
		}
		if _, err := r.Explain(r.ctx, inst, region, got.Number, "", "那天堵车，已经道歉"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.AnswerVoice(r.ctx, b, region, got.Number, "", 0, Reply{Finding: "founded", Text: "查了打卡记录，确实迟到三十分钟"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("answered by who does not handle it: %v", err)
		}
		if _, err := r.AnswerVoice(r.ctx, a, region, got.Number, "", 0, Reply{Finding: "none", Text: "查了打卡记录，确实迟到三十分钟"}); fault.As(err).Field != "finding" {
			t.Errorf("a complaint without a finding: %v", err)
		}
		x, err := r.AnswerVoice(r.ctx, a, region, got.Number, "", 0, Reply{Finding: "founded", Text: "查了打卡记录，确实迟到三十分钟，已要求机构整改", Improve: "排班留出路上的时间", Owner: "康宁护理站"})
		if err != nil || x.Stage != Answered || x.ReopenBy != x.Answered+15 || !x.Due.IsZero() {
			t.Fatalf("%+v, %v", x, err)
		}
		if list, counts, err := r.Improves(r.ctx, region, "open", ""); err != nil || len(list) != 1 || list[0].Source != "voice" || list[0].Due.IsZero() || len(counts) != 1 {
			t.Errorf("%+v %+v %v", list, counts, err)
		}
		if _, err := r.SpeakAgain(r.ctx, audit.Actor{ID: "stranger", Role: "citizen", Region: region, Person: r.person("路人", 8)}, region, got.Number, "", "没改"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger: %v", err)
		}
		c.Add(24 * time.Hour)
		if x, err = r.SpeakAgain(r.ctx, r.author, region, got.Number, "", "第二天又迟到了"); err != nil || x.Round != 2 || x.Stage != Received || x.Handler != "" {
			t.Fatalf("%+v, %v", x, err)
		}
		if _, err := r.Take(r.ctx, a, region, got.Number, "", 0, false); !fault.Is(err, fault.Refused) || fault.As(err).Clause == nil {
			t.Errorf("the same clerk again: %v", err)
		}
		if _, err := r.Take(r.ctx, b, region, got.Number, "", 0, false); err != nil {
			t.Fatal(err)
		}
		if _, err := r.AnswerVoice(r.ctx, b, region, got.Number, "", 0, Reply{Finding: "founded", Text: "机构换了护理员，以后由李护理上门"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.SpeakAgain(r.ctx, r.author, region, got.Number, "", "再来"); !fault.Is(err, fault.Refused) {
			t.Errorf("a third round: %v", err)
		}
		c.Add(17 * 24 * time.Hour)
		r.drain()
		if w = r.see(got.Number); w.Stage != Done || w.Case.Status != desk.StatusDone || w.Late {
			t.Errorf("%s %s late %v", w.Stage, w.Case.Status, w.Late)
		}
		told := 0
		for _, x := range r.texts {
			if x.Person == r.elder && (strings.Contains(x.Text, "12个工作日") || strings.Contains(x.Text, "有答复了")) {
				told++
			}
		}
		if told != 3 || len(r.texts) != 3 {
			t.Errorf("%d texts %+v", len(r.texts), r.texts)
		}
	})
}

// What is not accepted in time is reported once, and a supervisor may take it
// over; the timeline says so.
func TestVoiceLateIsEscalatedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		got := r.speak(Said{Kind: "complaint", Text: "没来人", Channel: desk.Online, Person: r.elder})
		due := r.see(got.Number).Due
		r.drain()
		if r.see(got.Number).Late {
			t.Fatal("late on the first day")
		}
		c.Add(time.Duration(due+1-r.see(got.Number).Case.Opened) * 24 * time.Hour)
		r.drain()
		if err := r.OnVoiceDue(r.ctx, region, VoiceDue{got.Number, Received, 1, due}); err != nil {
			t.Fatal(err)
		}
		w := r.see(got.Number)
		n := 0
		for _, s := range w.Steps {
			if s.Action == "escalate" {
				n++
			}
		}
		if !w.Late || n != 1 {
			t.Fatalf("late %v, told %d times", w.Late, n)
		}
		if counts, err := r.VoiceCounts(r.ctx, region); err != nil || counts["late"] != 1 || counts[Received] != 1 {
			t.Errorf("%v %v", counts, err)
		}
		if xs, err := r.Voices(r.ctx, region, "late", "", 10); err != nil || len(xs) != 1 {
			t.Errorf("%v %v", xs, err)
		}
		if _, err := r.Take(r.ctx, clerk("c1", "甲"), region, got.Number, "", 0, false); err != nil {
			t.Fatal(err)
		}
		lead := audit.Actor{ID: "r1", Name: "方正", Role: "reviewer", Region: region}
		if x, err := r.Take(r.ctx, lead, region, got.Number, "", 0, true); err != nil || x.Handler != "r1" {
			t.Errorf("the supervisor takes over: %+v %v", x, err)
		}
	})
}

// Who leaves no name gets a code; with it alone the answer is read, and nothing
// in the case leads to an account.
func TestVoiceWithoutAName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		got := r.speak(Said{Kind: "complaint", Text: "有人冒领", Channel: desk.Online, Person: r.elder, Name: "王", Phone: "19900001111", Anonymous: true})
		w := r.see(got.Number)
		if len(got.Code) != 6 || w.Person != "" || w.Account != "" || w.Name != "" || w.Phone != "" || w.Case.Person != "" || w.Steps[0].Actor != "nobody" {
			t.Fatalf("%+v %+v", got, w)
		}
		if _, err := r.Find(r.ctx, region, got.Number, "000000"); got.Code != "000000" && fault.As(err).Field != "code" {
			t.Errorf("another code: %v", err)
		}
		if x, err := r.Find(r.ctx, region, got.Number, got.Code); err != nil || x.ID != got.Number {
			t.Errorf("%v", err)
		}
		if xs, err := r.Mine(r.ctx, region, "", ""); err != nil || len(xs) != 0 {
			t.Errorf("nobody's list shows %v, %v", xs, err)
		}
		if _, err := r.Own(r.ctx, r.author, region, got.Number); !fault.Is(err, fault.NotFound) {
			t.Errorf("the author's account reads it: %v", err)
		}
		named := r.speak(Said{Kind: "question", Text: "怎么申请", Channel: desk.Phone, Name: "李先生", Phone: "19900002222"})
		if w := r.see(named.Number); w.Phone != "19900002222" || strings.Contains(w.phone, "1990000") {
			t.Errorf("phone %q kept as %q", w.Phone, w.phone)
		}
		for field, in := range map[string]Said{"kind": {Text: "x"}, "text": {Kind: "question", Name: "a", Phone: "1"}, "name": {Kind: "question", Text: "x"}, "phone": {Kind: "question", Text: "x", Name: "李"}} {
			if _, err := r.Speak(r.ctx, r.author, region, "", in); fault.As(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// Nobody handles a complaint about a case in which they had a hand.
func TestVoiceIsNotHandledByWhoWorkedOnIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		first := r.speak(Said{Kind: "question", Text: "原来的事", Channel: desk.Online, Person: r.elder})
		a := clerk("c1", "甲")
		if _, err := r.Take(r.ctx, a, region, first.Number, "", 0, false); err != nil {
			t.Fatal(err)
		}
		got := r.speak(Said{Kind: "complaint", Text: "态度不好", Channel: desk.Online, Person: r.elder, About: first.Number, Against: "office"})
		if _, err := r.Take(r.ctx, a, region, got.Number, "", 0, false); !fault.Is(err, fault.Refused) || !strings.Contains(fault.As(err).Say, "经手过") {
			t.Errorf("%v", err)
		}
		if _, err := r.Take(r.ctx, clerk("c2", "乙"), region, got.Number, "", 0, false); err != nil {
			t.Error(err)
		}
	})
}

// A bad rating is answered in time by somebody else and becomes one item; every
// standing has its count.
func TestRatings(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		rate := func(object string, score int64, words string) (Rating, error) {
			return r.Rate(r.ctx, r.author, region, "", Rating{Kind: "visit", Object: object, Score: score, Words: words, Person: r.elder, Staff: "s1", StaffName: "李护理", Inst: "i1", InstName: "康宁护理站"})
		}
		if _, err := rate("v0", 6, ""); fault.As(err).Field != "score" {
			t.Errorf("%v", err)
		}
		for i, n := range []int64{5, 4, 3} {
			if x, err := rate("v"+itoa(int64(i)), n, ""); err != nil || x.Low || !x.Due.IsZero() {
				t.Fatalf("%+v %v", x, err)
			}
		}
		low, err := rate("v9", 1, "")
		if err != nil || !low.Low || low.Due.IsZero() {
			t.Fatalf("%+v %v", low, err)
		}
		if _, err := rate("v9", 1, "说好擦身没有擦"); err != nil {
			t.Fatal(err)
		}
		if xs, _, err := r.Improves(r.ctx, region, "open", ""); err != nil || len(xs) != 1 {
			t.Errorf("%d items, %v", len(xs), err)
		}
		if _, err := r.AnswerRating(r.ctx, audit.Actor{ID: "j1", Role: "institution", Institution: "i1", Region: region}, region, "visit", "v9", "", "我们自己答复自己"); !fault.Is(err, fault.Refused) {
			t.Errorf("who was rated answers: %v", err)
		}
		if _, err := r.AnswerRating(r.ctx, clerk("c1", "甲"), region, "visit", "v0", "", "这个不是差评呀"); !fault.Is(err, fault.Refused) {
			t.Errorf("a good one: %v", err)
		}
		if xs, err := r.Ratings(r.ctx, region, "low", ""); err != nil || len(xs) != 1 || xs[0].Words != "说好擦身没有擦" {
			t.Errorf("%+v %v", xs, err)
		}
		if _, err := r.AnswerRating(r.ctx, clerk("c1", "甲"), region, "visit", "v9", "", "给老人打了电话，机构补了一次"); err != nil {
			t.Fatal(err)
		}
		r.drain()
		if len(r.texts) != 1 || r.texts[0].Person != r.elder {
			t.Errorf("%+v", r.texts)
		}
		c.Add(24 * time.Hour)
		if _, err := rate("v1", 1, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed on another day: %v", err)
		}
		xs, err := r.Standings(r.ctx, region, low.Day)
		if err != nil || len(xs) != 2 || xs[0].Who != "inst" || xs[0].N != 4 || xs[0].Good != 2 || xs[0].Low != 1 || xs[0].Total != 13 || xs[0].Say() != "4 人评价，2 人满意" {
			t.Errorf("%+v %v", xs, err)
		}
		if got, err := r.RatingsAt(r.ctx, region, "i1"); err != nil || len(got) != 4 || got[0].Person != "" || got[0].Object != "" {
			t.Errorf("%+v %v", got, err)
		}
		items, _, err := r.Improves(r.ctx, region, "open", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.CloseImprove(r.ctx, clerk("c1", "甲"), region, items[0].ID, "", "done", "", 0); fault.As(err).Field != "result" {
			t.Errorf("%v", err)
		}
		if x, err := r.CloseImprove(r.ctx, clerk("c1", "甲"), region, items[0].ID, "", "done", "护理员培训了一次", 0); err != nil || x.Closed.IsZero() {
			t.Errorf("%+v %v", x, err)
		}
		if items[0].Late(items[0].Due) || !items[0].Late(items[0].Due+1) {
			t.Error("late on its last day, or not the day after")
		}
	})
}

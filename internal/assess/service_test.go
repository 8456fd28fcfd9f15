package assess

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "320700"

var ctx = context.Background()

// world is a small city: a mother, her daughter who may act for her, a stranger,
// two institutions of assessors, one of experts, one that cares, and the desk.
type world struct {
	*Service
	t                         *testing.T
	clock                     *dbtest.Clock
	mother, daughter, other   string
	asDaughter, asOther       audit.Actor
	clerk, clerk2, system     audit.Actor
	accounts                  map[string]audit.Actor // staff id → login
	assessors, experts, insts []string
	n                         int
}

var packs = func() *policy.Set {
	s, err := policy.Load("")
	if err != nil {
		panic(err)
	}
	return s
}()

func newWorld(t *testing.T, d *db.DB, c *dbtest.Clock) *world {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	log := &audit.Log{DB: d}
	w := &world{t: t, clock: c, accounts: map[string]audit.Actor{}, Service: &Service{Log: log, Packs: packs,
		Persons: &person.Service{Log: log, Keys: keys, Packs: packs}, Files: &desk.Files{Dir: t.TempDir()}},
		clerk: audit.Actor{ID: "u-clerk", Name: "刘晓", Role: roleClerk, Region: region}, clerk2: audit.Actor{ID: "u-clerk2", Name: "何静", Role: roleClerk, Region: region},
		system: audit.System(region)}
	insts := &institution.Service{Log: log, Keys: keys}
	w.write(func(tx *db.Tx) error {
		var entries []person.Entry
		for i, p := range []struct{ name, sex, birth string }{{"王桂兰", "女", "1942-05-03"}, {"陈丽", "女", "1970-01-09"}, {"赵一凡", "男", "1980-02-02"}} {
			birth := day.MustParse(p.birth)
			n, err := person.ParseID(person.DemoID(i, birth, p.sex), tx.Today())
			if err != nil {
				return err
			}
			paid, err := person.ParseRuns("2020-01~2026-12")
			if err != nil {
				return err
			}
			e := person.Entry{Number: n, Name: p.name, Sex: p.sex, Birth: birth, District: "海州区", Resident: true, Has: person.HasAll,
				Coverage: person.Coverage{Scheme: person.LTCI, Kind: "employee", Since: day.MustParse("2020-01-01"), Status: "active", Paid: paid}}
			if i == 0 {
				e.Groups = []string{"特困"}
			}
			entries = append(entries, e)
		}
		ids, _, err := w.Persons.Put(tx, region, entries)
		if err != nil {
			return err
		}
		w.mother, w.daughter, w.other = ids[0], ids[1], ids[2]
		if _, err := w.Persons.Authorise(tx, person.Authorisation{Region: region, Proxy: w.daughter, Person: w.mother, Relation: "女儿",
			Scope: person.ScopeAct, Consent: person.ConsentFace}); err != nil {
			return err
		}
		for k, kind := range []institution.Kind{institution.Assessment, institution.Assessment, institution.Assessment, institution.Care} {
			in, err := insts.Put(tx, region, institution.New{Name: fmt.Sprintf("示范机构%d", k+1), Kind: kind, District: "海州区"})
			if err != nil {
				return err
			}
			if err := insts.Apply(tx, region, in.ID, institution.Change{Action: "agree", From: day.MustParse("2024-01-01"), To: day.MustParse("2029-12-31"), Version: in.Version}, ""); err != nil {
				return err
			}
			w.insts = append(w.insts, in.ID)
		}
		hire := func(inst string, role institution.Role, name string) (string, error) {
			acc := "u-" + name
			st, err := insts.PutStaff(tx, region, institution.NewStaff{Institution: inst, Name: name, Role: role, Qualification: "合格证", Account: acc})
			if err != nil {
				return "", err
			}
			w.accounts[st.ID] = audit.Actor{ID: acc, Name: name, Role: string(role), Region: region, Institution: inst}
			return st.ID, nil
		}
		for i := range 6 {
			id, err := hire(w.insts[i%2], institution.Assessor, fmt.Sprintf("评估员%d", i+1))
			if err != nil {
				return err
			}
			w.assessors = append(w.assessors, id)
		}
		for i := range 10 {
			id, err := hire(w.insts[2], institution.Expert, fmt.Sprintf("专家%d", i+1))
			if err != nil {
				return err
			}
			w.experts = append(w.experts, id)
		}
		return nil
	})
	w.asDaughter = audit.Actor{ID: "u-daughter", Name: "陈丽", Role: roleCitizen, Region: region, Person: w.daughter}
	w.asOther = audit.Actor{ID: "u-other", Name: "赵一凡", Role: roleCitizen, Region: region, Person: w.other}
	return w
}

func (w *world) write(fn func(*db.Tx) error) {
	w.t.Helper()
	if err := w.Log.DB.Write(ctx, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(k fault.Kind, err error, words ...string) {
	w.t.Helper()
	if !fault.Is(err, k) {
		w.t.Fatalf("%v, want %s", err, k)
	}
	for _, s := range words {
		if !strings.Contains(fault.As(err).Say, s) {
			w.t.Fatalf("%q does not say %q", fault.As(err).Say, s)
		}
	}
}

var severe = map[string]string{"eating": "dependent", "continence": "dependent", "bathing": "dependent", "dressing": "dependent", "toilet": "dependent", "transfer": "partial"}

func (w *world) file(c Cmd, who audit.Actor, kind, head string) desk.Document {
	w.t.Helper()
	s, err := w.Files.Save(region, kind, bytes.NewReader([]byte(head+strings.Repeat("x", 600))), w.clock.Now())
	w.ok(err)
	d, err := w.AddDocument(ctx, who, c, kind, s)
	w.ok(err)
	return d
}

const jpeg, mp4 = "\xff\xd8\xff\xe0", "\x00\x00\x00\x18ftypisom"

// apply files an application with evidence; each has its own idempotency key.
func (w *world) apply() Cmd {
	w.t.Helper()
	w.n++
	r, err := w.Apply(ctx, w.asDaughter, ApplyInput{Region: region, Key: fmt.Sprint("apply", w.n), Person: w.mother, Channel: desk.Online, Relation: "女儿",
		Answers: Told{Relation: "女儿", Place: "home", Address: "东湖街道 12 栋 301", Items: severe, Since: w.today().Month() - 9, Times: []string{"am"}}})
	w.ok(err)
	c := Cmd{Region: region, ID: r.Number}
	w.ok(w.Supplement(ctx, w.clerk, c, NeededMaterial))
	w.file(c, w.asDaughter, "record", jpeg)
	w.ok(w.Supply(ctx, w.asDaughter, c))
	return c
}

func (w *world) detail(who audit.Actor, c Cmd) Detail {
	w.t.Helper()
	d, err := w.Detail(ctx, who, region, c.ID)
	w.ok(err)
	return d
}

func (w *world) state(c Cmd) (a Application) {
	w.t.Helper()
	w.ok(w.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { a, err = get(tx, region, c.ID); return err }))
	return a
}

// team are the logins of those who were drawn for a duty in the current round.
func (w *world) team(c Cmd, duty string) (out []audit.Actor) {
	w.t.Helper()
	d := w.detail(w.clerk, c)
	for _, m := range d.Members {
		if m.On && m.Duty == duty && m.Round == d.App.Round {
			out = append(out, w.accounts[m.Staff])
		}
	}
	return out
}

// visit scores every item with its index-th option and signs.
func (w *world) visit(c Cmd, option int) {
	w.t.Helper()
	team := w.team(c, DutyVisit)
	v, err := packs.At(region, w.today())
	w.ok(err)
	for i, it := range Instrument(v) {
		o := it.Options[min(option, len(it.Options)-1)]
		w.ok(w.SaveScore(ctx, team[i%2], c, it.ID, o.Score, ""))
	}
	video := w.file(c, team[0], "video", mp4)
	in := SignInput{Began: w.clock.Now().Add(-time.Hour), Ended: w.clock.Now(), Guardian: "陈丽", Relation: "女儿", Video: video.ID, NoTie: true}
	w.ok(w.Sign(ctx, team[0], c, in))
	w.ok(w.Sign(ctx, team[1], c, SignInput{NoTie: true}))
}

func (w *world) conclude(c Cmd, levels ...int64) {
	w.t.Helper()
	for i, e := range w.team(c, DutyConclude) {
		w.ok(w.Conclude(ctx, e, c, levels[i], "现场录像和病历支持"))
	}
}

func (w *world) toNotice() Cmd {
	w.t.Helper()
	c := w.apply()
	w.ok(w.Accept(ctx, w.clerk, c, ""))
	w.ok(w.Draw(ctx, w.clerk, c))
	w.ok(w.Appoint(ctx, w.team(c, DutyVisit)[0], c, w.today()+1, "am"))
	w.visit(c, 0)
	w.conclude(c, 5, 5)
	w.ok(w.Publish(ctx, w.clerk, c))
	return c
}

func (w *world) today() day.Day { return day.FromTime(w.clock.Now()) }

// pass moves the clock to nine o'clock n days later.
func (w *world) pass(n int) { w.clock.Add(time.Duration(n) * 24 * time.Hour) }

func TestRoadFromApplicationToBenefit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.toNotice()
		a := w.state(c)
		if a.SelfGrade != "F" || a.RecordedLevel != 5 || a.FinalLevel != 5 || a.State != StateOnNotice {
			t.Fatalf("three levels: self %s, recorded %d, final %d, state %s", a.SelfGrade, a.RecordedLevel, a.FinalLevel, a.State)
		}
		list, err := (&outreach.Service{Log: w.Log}).Current(ctx, region, 10)
		w.ok(err)
		if len(list) != 1 || list[0].Shown != "王*兰" || list[0].Ends.String() != "2024-06-07" {
			t.Fatalf("notice %+v", list)
		}
		w.refused(fault.Conflict, w.Effect(ctx, w.clerk, c), "公示到2024年6月7日")
		w.pass(5)
		due := NoticeDue{Case: c.ID, Notice: a.Notice}
		w.ok(w.OnNoticeDue(ctx, region, due))
		before := count(t, d, "audit_event")
		w.ok(w.OnNoticeDue(ctx, region, due)) // T-41: the same deadline again does nothing
		if count(t, d, "audit_event") != before {
			t.Error("a deadline that had fired left another event")
		}
		a = w.state(c)
		if a.State != StateEffective || a.ValidTo.String() != "2026-06-02" || a.ObjectBy.IsZero() {
			t.Fatalf("after the notice: %+v", a)
		}
		w.ok(d.Read(ctx, func(tx *db.Tx) error {
			b, err := benefit.Get(tx, region, a.Benefit)
			if err != nil {
				return err
			}
			if b.Level != 5 || b.Case != c.ID || b.To != a.ValidTo {
				t.Errorf("benefit %+v", b)
			}
			k, err := desk.Get(tx, region, c.ID)
			if k.Status != desk.StatusDone || k.Priority != "特困" || k.Rank != 1 {
				t.Errorf("case %+v", k)
			}
			return err
		}))
		for name, id := range map[string]string{"apply": a.DApply, "order": a.DOrder, "level": a.DLevel, "conclude": a.DConclude, "valid": a.DValid} {
			if id == "" {
				t.Errorf("no decision for %s", name)
			}
		}
		// The timeline is in words, in order, and every sentence has an actor.
		det := w.detail(w.asDaughter, c)
		for i, s := range det.Steps {
			if s.Say == "" || s.ActorName == "" || s.Seq != int64(i+1) {
				t.Errorf("step %+v", s)
			}
		}
		if len(det.Opinions) != 0 || len(det.Draws) != 0 {
			t.Error("the family sees the experts' single opinions or the draw")
		}
		w.refused(fault.NotFound, func() error { _, err := w.Detail(ctx, w.asOther, region, c.ID); return err }())
		w.clock.Set(time.Date(2026, 6, 3, 1, 0, 0, 0, time.UTC))
		w.ok(w.OnExpiryDue(ctx, region, ExpiryDue{Case: c.ID, To: a.ValidTo}))
		if got := w.state(c).State; got != StateExpired {
			t.Errorf("after the validity: %s", got)
		}
	})
}

func count(t *testing.T, d *db.DB, table string) (n int) {
	t.Helper()
	if err := d.Raw().QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestApplyRefusesWithTheClauseAndFilesOnWish(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		in := ApplyInput{Region: region, Key: "k1", Person: w.mother, Channel: desk.Online, Relation: "女儿",
			Answers: Told{Items: severe, Since: w.today().Month() - 2}}
		decisions := count(t, d, "audit_decision")
		_, err := w.Apply(ctx, w.asDaughter, in)
		w.refused(fault.Refused, err, "满 6 个月")
		if f := fault.As(err); f.Clause == nil || f.Clause.Article == "" {
			t.Errorf("no clause: %+v", f)
		}
		if count(t, d, "audit_decision") != decisions+1 || count(t, d, "desk_case") != 0 {
			t.Error("the refusal is not kept as a decision, or a case was opened")
		}
		in.Insist, in.Key = true, "k2"
		r, err := w.Apply(ctx, w.asDaughter, in)
		w.ok(err)
		c := Cmd{Region: region, ID: r.Number}
		k := w.detail(w.clerk, c).Case
		if k.ChecksOK >= k.ChecksAll || r.Missing != 1 {
			t.Errorf("checks %d of %d, missing %d", k.ChecksOK, k.ChecksAll, r.Missing)
		}
		again, err := w.Apply(ctx, w.asDaughter, in)
		if err != nil || again != r {
			t.Errorf("the same form again: %+v %v, want the first receipt", again, err)
		}
		in.Key = "k3"
		_, err = w.Apply(ctx, w.asDaughter, in)
		w.refused(fault.Conflict, err, "已经有一件评估在办")
		w.refused(fault.Conflict, w.Accept(ctx, w.clerk, c, "看过了"), "还差 1 样")
		w.ok(w.Refuse(ctx, w.clerk, c, "checks", ""))
		a := w.state(c)
		steps := w.detail(w.clerk, c).Steps
		if last := steps[len(steps)-1]; a.State != StateRefused || last.Decision == "" || !strings.Contains(last.Say, "不满 6 个月") {
			t.Errorf("refused: %s %+v", a.State, last)
		}
		// A stranger may not apply for her; to him she does not exist.
		_, err = w.Apply(ctx, w.asOther, ApplyInput{Region: region, Key: "x", Person: w.mother, Channel: desk.Online, Answers: in.Answers})
		w.refused(fault.NotFound, err)
	})
}

func TestRefuseNeedsAGround(t *testing.T) {
	d, clk := dbtest.SQLite(t)
	w := newWorld(t, d, clk)
	c := w.apply()
	w.refused(fault.Conflict, w.Refuse(ctx, w.clerk, c, "checks", ""), "没有不予受理的依据")
	w.refused(fault.Invalid, w.Refuse(ctx, w.clerk, c, "false", ""), "哪份材料")
	w.refused(fault.Invalid, w.Refuse(ctx, w.clerk, c, "mood", ""))
	w.ok(w.Refuse(ctx, w.clerk, c, "other_payer", "工伤保险"))
	if s := w.detail(w.clerk, c).Steps; !strings.Contains(s[len(s)-1].Say, "工伤保险") {
		t.Errorf("%q", s[len(s)-1].Say)
	}
}

func TestSupplementLapses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.apply()
		w.pass(1)
		w.ok(w.Supplement(ctx, w.clerk, c, "代办委托书、身份证件"))
		a := w.state(c)
		k := w.detail(w.clerk, c).Case
		if k.Missing != 2 || k.Status != desk.StatusWaiting || !k.Due.IsZero() || a.SupplyBy.String() != "2024-06-12" {
			t.Fatalf("waiting: %+v by %s", k, a.SupplyBy)
		}
		w.refused(fault.Invalid, w.Supply(ctx, w.asDaughter, c), "还没有收到")
		job := SupplyDue{Case: c.ID, By: a.SupplyBy}
		w.ok(w.OnSupplyDue(ctx, region, job)) // too early: nothing
		if w.state(c).State != StateSupplement {
			t.Fatal("lapsed before its day")
		}
		w.pass(9)
		w.ok(w.OnSupplyDue(ctx, region, job))
		if w.state(c).State != StateWithdrawn {
			t.Fatal("did not lapse")
		}
	})
}

func TestExpertsConcludeIndependentlyAndAThirdDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.apply()
		w.ok(w.Accept(ctx, w.clerk, c, ""))
		w.ok(w.Draw(ctx, w.clerk, c))
		w.visit(c, 0)
		pair := w.team(c, DutyConclude)
		w.refused(fault.Invalid, w.Conclude(ctx, pair[0], c, 3, ""), "请写理由")
		w.ok(w.Conclude(ctx, pair[0], c, 4, "能自己进食"))
		for _, who := range []audit.Actor{pair[1], w.clerk, w.team(c, DutyVisit)[0]} {
			det := w.detail(who, c)
			if len(det.Opinions) != 0 || det.Given != 1 {
				t.Errorf("%s sees %d opinions before the conclusion", who.Name, len(det.Opinions))
			}
			for _, s := range det.Steps {
				if strings.Contains(s.Say, "重度失能Ⅱ级") || strings.Contains(s.Say, "能自己进食") {
					t.Errorf("the timeline tells %s the opinion: %s", who.Name, s.Say)
				}
			}
		}
		if got := w.detail(pair[0], c).Opinions; len(got) != 1 || got[0].Level != 4 {
			t.Errorf("her own opinion: %+v", got)
		}
		w.refused(fault.Conflict, w.Conclude(ctx, pair[0], c, 5, ""), "不能再改")
		w.ok(w.Conclude(ctx, pair[1], c, 5, ""))
		if a := w.state(c); a.State != StateRecorded || a.FinalLevel != -1 {
			t.Fatalf("two differ, but %s %d", a.State, a.FinalLevel)
		}
		trio := w.team(c, DutyConclude)
		third := trio[slices.IndexFunc(trio, func(x audit.Actor) bool { return x.ID != pair[0].ID && x.ID != pair[1].ID })]
		if len(trio) != 3 {
			t.Fatalf("%d experts", len(trio))
		}
		if got := w.detail(third, c); len(got.Opinions) != 0 {
			t.Error("the third sees the two")
		}
		w.ok(w.Conclude(ctx, third, c, 5, ""))
		if a := w.state(c); a.State != StateConcluded || a.FinalLevel != 5 {
			t.Fatalf("%s %d", a.State, a.FinalLevel)
		}
		if got := w.detail(w.clerk, c).Opinions; len(got) != 3 {
			t.Errorf("after the conclusion the desk sees %d opinions", len(got))
		}
	})
}

func TestDisputeIsReviewedByOthersAndFinal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.toNotice()
		w.refused(fault.Invalid, w.Object(ctx, w.asOther, c, "赵一凡", "13900000000", ""), "哪里不符合")
		w.ok(w.Object(ctx, w.asOther, c, "赵一凡", "13900000000", "看到老人自己去买菜"))
		first := w.detail(w.clerk, c)
		if first.Objections[0].Phone != "13900000000" {
			t.Error("the desk cannot ring the objector")
		}
		if got := w.detail(w.asDaughter, c); len(got.Objections) != 0 {
			t.Error("the family is told who objected")
		}
		w.ok(w.OnNoticeDue(ctx, region, NoticeDue{Case: c.ID, Notice: first.App.Notice})) // its deadline has nothing to do any more
		w.ok(w.Draw(ctx, w.clerk, c))
		took, inst := map[string]bool{}, map[string]bool{}
		for _, m := range w.detail(w.clerk, c).Members {
			if m.Round == 1 {
				took[m.Staff] = true
				if m.Duty == DutyVisit && m.Role == roleAssessor {
					inst[m.Institution] = true
				}
			}
		}
		for _, m := range w.detail(w.clerk, c).Members {
			if m.Round == 2 && (took[m.Staff] || inst[m.Institution]) {
				t.Errorf("%s of the first round is in the review", m.Name)
			}
		}
		w.visit(c, 2)
		w.conclude(c, 0, 0)
		if a := w.state(c); a.State != StateFinal || a.FinalLevel != 0 {
			t.Fatalf("review: %s %d", a.State, a.FinalLevel)
		}
		w.refused(fault.Refused, w.Effect(ctx, w.clerk, c))
		w.ok(w.Deliver(ctx, w.clerk, c))
		w.refused(fault.Conflict, w.Object(ctx, w.asDaughter, c, "陈丽", "", "不服"), "最终结论")
	})
}

func TestDrawIsRandomRecordedAndRecused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		w.ok(w.Declare(ctx, w.clerk, region, w.experts[0], w.mother, "外甥女"))
		w.write(func(tx *db.Tx) error { // who cares for her has nobody on the register, and that is right
			return institution.Choose(tx, w.asDaughter, region, w.mother, w.insts[3], "home", tx.Today())
		})
		c := w.apply()
		w.ok(w.Accept(ctx, w.clerk, c, ""))
		w.ok(w.Draw(ctx, w.clerk, c))
		det := w.detail(w.clerk, c)
		dr := det.Draws[0]
		again, err := Pick(dr.Seed, dr.Pool, dr.Seats)
		w.ok(err)
		if !slices.Equal(again, dr.Chosen) {
			t.Errorf("the recorded seed gives %v, drawn were %v", again, dr.Chosen)
		}
		if len(dr.Recused) != 1 || dr.Recused[0].Staff != w.experts[0] || !strings.Contains(dr.Recused[0].Why, "外甥女") {
			t.Errorf("recused %+v", dr.Recused)
		}
		visit, conclude, experts := 0, 0, 0
		for _, m := range det.Members {
			if m.Staff == w.experts[0] {
				t.Error("a relative was drawn")
			}
			if m.Duty == DutyVisit {
				visit++
				if m.Role == roleExpert {
					experts++
				}
			} else {
				conclude++
			}
		}
		if visit != 2 || experts != 1 || conclude != 2 {
			t.Errorf("visit %d (experts %d), conclude %d", visit, experts, conclude)
		}
		out := w.team(c, DutyVisit)[0]
		var staff string
		for id, a := range w.accounts {
			if a.ID == out.ID {
				staff = id
			}
		}
		w.ok(w.Replace(ctx, w.clerk, c, staff, "是老邻居", "邻居"))
		for _, a := range w.team(c, DutyVisit) {
			if a.ID == out.ID {
				t.Error("still on after the replacement")
			}
		}
		w.refused(fault.NotFound, func() error { _, err := w.Detail(ctx, out, region, c.ID); return err }())
		w.refused(fault.Forbidden, w.SaveScore(ctx, out, c, "adl.feeding", 0, ""), "没有抽派给您")
	})
}

func TestPickIsUniform(t *testing.T) {
	t.Parallel()
	var pool []Candidate
	for i := range 10 {
		pool = append(pool, Candidate{fmt.Sprint("e", i), roleExpert})
	}
	hits := map[string]int{}
	const n = 20000
	for range n {
		seed, err := NewSeed()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Pick(seed, pool, []Seat{{DutyVisit, roleExpert, 1}, {DutyConclude, roleExpert, 2}})
		if err != nil || len(got) != 3 {
			t.Fatal(got, err)
		}
		for _, g := range got {
			hits[g.Staff]++
		}
	}
	for id, k := range hits {
		if k < n*3/10*93/100 || k > n*3/10*107/100 {
			t.Errorf("%s drawn %d times of %d, want about %d", id, k, n, n*3/10)
		}
	}
	if _, err := Pick(strings.Repeat("ab", 32), pool[:2], []Seat{{DutyConclude, roleExpert, 3}}); !fault.Is(err, fault.Refused) {
		t.Errorf("too few experts: %v", err)
	}
}

func TestScoresAreCheckedAndSignaturesFallWithAChange(t *testing.T) {
	d, clk := dbtest.SQLite(t)
	w := newWorld(t, d, clk)
	c := w.apply()
	w.ok(w.Accept(ctx, w.clerk, c, ""))
	w.ok(w.Draw(ctx, w.clerk, c))
	team := w.team(c, DutyVisit)
	w.refused(fault.Invalid, w.SaveScore(ctx, team[0], c, "adl.feeding", 7, ""), "0、5、10")
	w.refused(fault.Invalid, w.SaveScore(ctx, team[0], c, "adl.flying", 0, ""))
	video := w.file(c, team[0], "video", mp4)
	photo := w.file(c, team[0], "video", jpeg)
	sign := SignInput{Began: clk.Now().Add(-time.Hour), Ended: clk.Now(), Guardian: "陈丽", Relation: "女儿", Video: video.ID, NoTie: true}
	w.refused(fault.Invalid, w.Sign(ctx, team[0], c, sign), "还有 17 项")
	v, _ := packs.At(region, w.today())
	for _, it := range Instrument(v) {
		w.ok(w.SaveScore(ctx, team[0], c, it.ID, it.Options[0].Score, ""))
	}
	for _, bad := range []func(*SignInput){func(s *SignInput) { s.Guardian = "" }, func(s *SignInput) { s.Video = "" }, func(s *SignInput) { s.Video = photo.ID },
		func(s *SignInput) { s.NoTie = false }, func(s *SignInput) { s.Ended = s.Began }, func(s *SignInput) { s.Ended = clk.Now().Add(time.Hour) }} {
		in := sign
		bad(&in)
		w.refused(fault.Invalid, w.Sign(ctx, team[0], c, in))
	}
	w.ok(w.Sign(ctx, team[0], c, sign))
	w.ok(w.SaveScore(ctx, team[1], c, "adl.feeding", 5, "能拿勺"))
	w.ok(w.Sign(ctx, team[1], c, SignInput{NoTie: true}))
	if got := w.state(c).State; got != StateDrawn {
		t.Fatalf("%s although the first signature stood under another score", got)
	}
	w.ok(w.Sign(ctx, team[0], c, SignInput{NoTie: true}))
	if got := w.state(c); got.State != StateRecorded || got.RecordedLevel < 3 {
		t.Fatalf("%+v", got)
	}
}

func TestStalePageIsRefused(t *testing.T) {
	d, clk := dbtest.SQLite(t)
	w := newWorld(t, d, clk)
	c := w.apply()
	c.Version = w.detail(w.clerk, c).Case.Version
	w.ok(w.Accept(ctx, w.clerk2, c, ""))
	c2 := c
	w.refused(fault.Conflict, w.Refuse(ctx, w.clerk, c2, "false", "x"))
	c.Version = w.detail(w.clerk, c).Case.Version - 1
	w.refused(fault.Conflict, w.Draw(ctx, w.clerk, c), "何静", "受理了申请")
}

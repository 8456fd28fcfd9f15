// Package matter walks every matter by every way that its pack allows, from the
// form to a result, and shows that a matter which only an overlay knows works
// the same.
package matter

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"yinling/internal/app"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/demo"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/fault"
	floors "yinling/internal/hall"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
)

const region = "320700"

var today = day.MustParse("2026-06-03")

// hall is the program with as many people as the walk needs.
type hall struct {
	*app.App
	t     *testing.T
	clock *demo.Clock
	n     int
	home  institution.Institution
	point institution.Institution

	sessions map[string]string // of web
}

// each runs fn on both databases.
func each(t *testing.T, packs string, fn func(h *hall)) {
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return dbtest.PostgresURL(t) }} {
		t.Run(name, func(t *testing.T) {
			clock := &demo.Clock{}
			clock.At(today, 9, 0)
			a, err := app.Open(context.Background(), app.Config{DB: url(), Data: t.TempDir(), Addr: "127.0.0.1:0", Region: region, Agency: demo.Agency,
				Packs: packs, Now: clock.Now, AllowUnsafe: true})
			must(t, err)
			t.Cleanup(func() { a.Close() })
			h := &hall{App: a, t: t, clock: clock}
			h.write(func(tx *db.Tx) error {
				for i, x := range []institution.New{{Name: "康宁护理站", Kind: institution.Care, District: "海州区"}, {Name: "望湖村服务站", Kind: institution.Point, District: "海州区"}} {
					in, err := a.Institution.Put(tx, region, x)
					if err == nil {
						err = a.Institution.Apply(tx, region, in.ID, institution.Change{Action: "agree", From: today - 100, To: today + 700}, "")
					}
					if err != nil {
						return err
					}
					*[]*institution.Institution{&h.home, &h.point}[i] = in
				}
				return nil
			})
			boss := h.staff("clerk")
			_, err = a.Hall().Save(t.Context(), boss, "p", floors.Place{Region: region, Name: h.point.Name, Institution: h.point.ID, Kind: "township", Weekdays: "12345", Opens: "08:30-12:00,13:30-17:30", Open: true})
			must(t, err)
			for i := range 20 {
				must(t, h.Door.Hire(t.Context(), boss, region, fmt.Sprint("h", i), door.Helper{Account: "clerk1", Name: "帮办员", District: "海州区", Lat: 34600000, Lng: 119210000, Skills: []string{"*"}, Active: true}))
			}
			fn(h)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *hall) write(fn func(tx *db.Tx) error) {
	h.t.Helper()
	must(h.t, h.DB.Write(context.Background(), fn))
}

// someone adds a person who fits the matter.
func (h *hall) someone(matter string) string {
	var id string
	h.write(func(tx *db.Tx) (err error) { id, err = h.newPerson(tx, matter); return err })
	return id
}

// born adds somebody who was born on a day.
func (h *hall) born(on string) (id string) {
	h.write(func(tx *db.Tx) (err error) { id, err = h.add(tx, "", day.MustParse(on)); return err })
	return id
}

func (h *hall) newPerson(tx *db.Tx, matter string) (string, error) {
	return h.add(tx, matter, day.MustParse("1944-02-11").AddDays(h.n))
}

func (h *hall) add(tx *db.Tx, matter string, birth day.Day) (string, error) {
	h.n++
	no, err := person.ParseID(person.DemoID(h.n, birth, "女"), today)
	must(h.t, err)
	e := person.Entry{Number: no, Name: "陈桂" + string(rune('一'+h.n%2000)), Sex: "女", Birth: birth, Phone: "19900000000", District: "海州区", Community: "望湖社区",
		Address: "3栋301", Lat: 34600000, Lng: 119200000, Resident: true, Has: person.HasAll &^ person.HasCoverage}
	if matter != "enrol.resident" {
		e.Coverage, e.Has = person.Coverage{Kind: "employee", Since: today - 3000, Status: "active", Paid: person.Runs{{From: (today - 3000).Month(), To: today.Month()}}}, person.HasAll
	}
	ids, _, err := h.Person.Put(tx, region, []person.Entry{e})
	if err != nil || !strings.HasPrefix(matter, "care.") {
		return ids[0], err
	}
	id := ids[0]
	if _, err := benefit.Grant(tx, benefit.GrantInput{Region: region, Person: id, Level: 4, Decided: today - 300, From: today - 290, To: today + 400}); err != nil {
		return id, err
	}
	v, err := h.Packs.At(region, today-200)
	if err != nil {
		return id, err
	}
	_, err = benefit.ChooseMode(tx, benefit.ChooseInput{Region: region, Person: id, Modes: []string{"home"}, Institution: h.home.ID, From: today - 200, By: "test", View: v})
	return id, err
}

// brings is the actor who brings something for a person.
func (h *hall) brings(by, id string) audit.Actor {
	switch by {
	case desk.BySelf:
		return audit.Actor{ID: "acc-" + id, Name: "本人", Role: "citizen", Region: region, Person: id}
	case desk.ByProxy:
		kin := h.someone("")
		h.write(func(tx *db.Tx) error {
			_, err := h.Person.Authorise(tx, person.Authorisation{Region: region, Proxy: kin, Person: id, Relation: "子女", Scope: person.ScopeAct, Consent: person.ConsentFace})
			return err
		})
		return audit.Actor{ID: "acc-" + kin, Name: "女儿", Role: "citizen", Region: region, Person: kin, Behalf: id}
	case desk.ByPoint:
		return audit.Actor{ID: "point1", Name: "站点", Role: "point", Region: region, Institution: h.point.ID}
	case desk.ByInstitution:
		return audit.Actor{ID: "inst1", Name: "机构", Role: "institution", Region: region, Institution: h.home.ID}
	}
	return h.staff("clerk")
}

func (h *hall) staff(role string) audit.Actor {
	return audit.Actor{ID: role + "1", Name: role, Role: role, Region: region, Institution: map[string]string{"point": h.point.ID, "institution": h.home.ID}[role]}
}

// answer gives a right answer to a question of the form.
func (h *hall) answer(f desk.Field) string {
	switch f.Kind {
	case "choice":
		return f.Options[0].Value
	case "checks":
		all := []string{}
		for _, o := range f.Options {
			if o.Value != "none" {
				all = append(all, o.Value)
			}
		}
		return strings.Join(all, ",")
	case "soon":
		return (today + 1).String()
	case "day":
		if f.ID == "until" {
			return (today + 200).String()
		}
		return (today + 1).String()
	case "month":
		return today.Month().String()
	case "money":
		return "1280.50"
	case "phone":
		return "19900000123"
	case "count":
		return "2"
	case "slot":
		return (today + 1).String() + "/am"
	case "idno":
		return "" // of the kin, below
	}
	if f.ID == "institution" {
		return h.home.Name
	}
	return "望湖社区3栋301"
}

// TestEveryWay: every matter × who brings it × channel comes to a result.
func TestEveryWay(t *testing.T) {
	each(t, "", func(h *hall) {
		v, err := h.Packs.At(region, today)
		must(h.t, err)
		walked := map[string]int{}
		for _, m := range desk.Matters(v) {
			for _, by := range m.By {
				ways := m.Ways(by)
				if len(ways) == 0 {
					h.t.Errorf("%s says %s may bring it, and gives no way", m.ID, by)
				}
				for _, ch := range ways {
					h.walk(v, m, by, ch)
					walked[m.ID]++
				}
			}
		}
		if len(walked) < 15 {
			h.t.Errorf("only %d matters", len(walked))
		}
		h.t.Logf("ways walked: %v", walked)
	})
}

// walk brings a matter and sees it through.
func (h *hall) walk(v *policy.View, m desk.Matter, by string, ch desk.Channel) {
	t, ctx, name := h.t, context.Background(), fmt.Sprintf("%s/%s/%s", m.ID, by, ch)
	t.Helper()
	p := h.someone(m.ID)
	who := h.brings(by, p)
	in := desk.ApplyInput{Region: region, Key: name, Matter: m.ID, Person: p, Channel: ch, Relation: "子女", Consent: "本人当面同意", Answers: map[string]string{}}
	for _, f := range m.Fields {
		in.Answers[f.ID] = h.answer(f)
	}
	if m.ID == "proxy.grant" {
		h.write(func(tx *db.Tx) error {
			id, err := h.newPerson(tx, "")
			if err != nil {
				return err
			}
			kin, err := h.Person.Get(tx, region, id)
			if err != nil {
				return err
			}
			in.Answers["name"] = kin.Name
			in.Answers["idno"], err = h.Person.IDNumber(tx, region, id)
			return err
		})
	}
	if m.ID == "remote.change" {
		first := in
		first.Matter, first.Key = "remote.filing", name+"/first"
		first.Answers = map[string]string{"kind": "long", "place": "江苏省苏州市", "since": today.String()}
		if _, err := h.Desk.Apply(ctx, who, first); err != nil {
			t.Fatalf("%s: first filing: %v", name, err)
		}
	}
	if m.ID == "ltci.object" {
		h.concluded(p)
	}
	// Without a material that is needed the case waits for it.
	r, err := h.Desk.Apply(ctx, who, in)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	again, err := h.Desk.Apply(ctx, who, in)
	if err != nil || again.Number != r.Number {
		t.Errorf("%s: the same key gives %q, %v", name, again.Number, err)
	}
	if m.Opens != "" {
		h.ends(name, m, p, r.Number)
		return
	}
	if want := len(m.Asked()); !r.Done && len(r.Missing) > want {
		t.Errorf("%s: asked for %v, which data sharing has", name, r.Missing)
	}
	if len(r.Missing) > 0 {
		var files []desk.FileFor
		for _, x := range m.Asked() {
			s, err := h.Files.Save(region, x.Name+".png", strings.NewReader("\x89PNG\r\n\x1a\n"+name+x.ID), h.clock.Now())
			must(t, err)
			files = append(files, desk.FileFor{Kind: x.ID, Stored: s})
		}
		if err := h.Desk.Supply(ctx, who, desk.Cmd{Region: region, ID: r.Number}, files, ""); err != nil {
			t.Errorf("%s: supply: %v", name, err)
			return
		}
	}
	for range len(m.Steps) {
		c, a := h.application(r.Number)
		if c.Status.Closed() {
			break
		}
		st, ok := m.Step(a.Step)
		if !ok {
			t.Fatalf("%s: step %q", name, a.Step)
		}
		wrong := h.staff("treasurer")
		if err := h.Desk.Decide(ctx, wrong, desk.Cmd{Region: region, ID: r.Number}, desk.Pass, "", nil); !fault.Is(err, fault.Refused) {
			t.Errorf("%s: %s by the treasurer: %v", name, st.ID, err)
		}
		if st.Act == "door.done" {
			h.atTheDoor(name, p, r.Number)
		}
		asked := map[string]string{}
		for _, f := range st.Asks {
			asked[f.ID] = h.answer(f)
		}
		if err := h.Desk.Decide(ctx, h.staff(string(st.Role)), desk.Cmd{Region: region, ID: r.Number, Version: c.Version}, desk.Pass, "", asked); err != nil {
			t.Errorf("%s: %s: %v", name, st.ID, err)
			return
		}
	}
	c, a := h.application(r.Number)
	if c.Status != desk.StatusDone || a.Result == "" || a.Step != "" {
		t.Errorf("%s ends %s at %q with %q", name, c.Status, a.Step, a.Result)
	}
	if m.Lasts != nil && a.Since.IsZero() {
		t.Errorf("%s has no first day", name)
	}
	h.explained(name, r.Number)
}

// atTheDoor is the visit that ends a request for doorstep service.
func (h *hall) atTheDoor(name, p, number string) {
	h.t.Helper()
	var v door.Visit
	must(h.t, h.DB.Read(context.Background(), func(tx *db.Tx) (err error) { v, err = h.Door.OfCase(tx, region, p, number); return err }))
	s, err := h.Files.Save(region, "到场.png", strings.NewReader("\x89PNG\r\n\x1a\n"+name), h.clock.Now())
	must(h.t, err)
	if _, err := h.Door.Finish(context.Background(), h.staff("clerk"), region, v.ID, name+"/door", door.Proof{Place: door.Stop{Lat: v.Lat, Lng: v.Lng}, Result: "帮老人办好了备案", Files: []desk.Stored{s}}); err != nil {
		h.t.Errorf("%s: %v", name, err)
	}
}

// explained: every decision of the case has a clause and replays equal.
func (h *hall) explained(name, id string) {
	h.t.Helper()
	steps := []desk.Step{}
	must(h.t, h.DB.Read(context.Background(), func(tx *db.Tx) (err error) { steps, err = desk.Steps(tx, region, id); return err }))
	n := 0
	for _, s := range steps {
		if s.Decision == "" {
			continue
		}
		n++
		d, err := h.Log.Decision(context.Background(), region, s.Decision)
		must(h.t, err)
		if !d.Cites() {
			h.t.Errorf("%s: decision %s has no clause", name, s.Decision)
		}
		if r, err := h.Log.Replay(context.Background(), d); err != nil || r.Moved() {
			h.t.Errorf("%s: decision %s does not replay: %+v %v", name, s.Decision, r, err)
		}
	}
	if n == 0 {
		h.t.Errorf("%s: no step has a decision", name)
	}
}

func (h *hall) application(id string) (c desk.Case, a desk.Application) {
	h.t.Helper()
	c, a, err := h.Desk.See(context.Background(), h.staff("clerk"), region, id)
	must(h.t, err)
	return c, a
}

// concluded gives a person an assessment that came out below the level of the
// benefit. The road to it is walked by e2e/journey; here only its end matters.
func (h *hall) concluded(p string) {
	h.t.Helper()
	r, err := h.Assess.Apply(context.Background(), h.staff("clerk"), assess.ApplyInput{Region: region, Person: p, Channel: desk.Window, Insist: true,
		Answers: assess.Told{Place: "home", Address: "望湖社区", Items: dependent(), Since: today.Month() - 24, Times: []string{"am"}}})
	must(h.t, err)
	_, err = h.DB.Raw().Exec(`UPDATE assess_application SET state = $1, final_level = 0, concluded_on = $2 WHERE region = $3 AND id = $4`,
		string(assess.StateBelow), today.String(), region, r.Number)
	must(h.t, err)
}

func dependent() map[string]string {
	out := map[string]string{}
	for _, k := range []string{"eating", "continence", "bathing", "dressing", "toilet", "transfer"} {
		out[k] = "dependent"
	}
	return out
}

// ends looks at a matter that another domain takes over.
func (h *hall) ends(name string, m desk.Matter, p, number string) {
	h.t.Helper()
	ctx, clerk := context.Background(), h.staff("clerk")
	switch m.Opens {
	case "assess.apply":
		if err := h.Assess.Refuse(ctx, clerk, assess.Cmd{Region: region, ID: number}, assess.RefuseGrounds[3].Key, "上门核实，没有达到"); err != nil {
			h.t.Errorf("%s: %v", name, err)
		}
	case "outreach.complain":
		x, err := h.Outreach.Take(ctx, clerk, region, number, name+"/take", 1, false)
		if err == nil {
			_, err = h.Outreach.AnswerVoice(ctx, clerk, region, number, name+"/answer", 2, outreach.Reply{Finding: "founded", Text: "已经改正，向您道歉。"})
		}
		if err != nil {
			h.t.Errorf("%s: %v %v", name, x.Stage, err)
		}
	case "assess.object":
		d, err := h.Assess.Detail(ctx, clerk, region, number)
		if err != nil || d.App.State != assess.StateDisputed {
			h.t.Errorf("%s: %s, %v", name, d.App.State, err)
		}
		return
	}
	var c desk.Case
	must(h.t, h.DB.Read(ctx, func(tx *db.Tx) (err error) { c, err = desk.Get(tx, region, number); return err }))
	if m.Opens == "assess.apply" && !c.Status.Closed() {
		h.t.Errorf("%s stays %s", name, c.Status)
	}
}

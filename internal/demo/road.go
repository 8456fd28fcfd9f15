package demo

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
)

// elderCase is one invented person on the road, with the relative who helps.
type elderCase struct {
	id, name  string // person
	lat, lng  int64
	level     int64 // that the scores give
	helper    audit.Actor
	relation  string
	number    string // case number
	inst      int    // index of the chosen institution
	plan      care.Plan
	visitsUse int
	family    int    // 1: cared for by the family, 2: waits for such a plan
	carer     string // identity number of who cares
}

// scoresFor are 17 scores that give a level by the national instrument.
func scoresFor(level int64) map[string]int64 {
	adl, cog := int64(0), int64(0)
	switch level {
	case 5: // ADL severe, cognition severe
	case 4:
		cog = 2
	case 3:
		cog = 8
	case 2: // ADL moderate
		adl, cog = 50, 8
	default:
		adl, cog = 100, 16
	}
	out := map[string]int64{}
	left := adl
	for _, it := range []struct {
		id  string
		max int64
	}{{"adl.feeding", 10}, {"adl.dressing", 10}, {"adl.grooming", 5}, {"adl.bowels", 10}, {"adl.bladder", 10}, {"adl.toilet", 10},
		{"adl.walking", 15}, {"adl.transfer", 15}, {"adl.stairs", 10}, {"adl.bathing", 5}} {
		n := min(left, it.max)
		out[it.id], left = n, left-n
	}
	left = cog
	for _, id := range []string{"cog.time", "cog.people", "cog.place", "cog.memory"} {
		n := min(left, 4)
		out[id], left = n, left-n
	}
	per := int64(12)
	for _, id := range []string{"per.vision", "per.hearing", "per.communication"} {
		n := min(per, 4)
		out[id], per = n, per-n
	}
	return out
}

// dependent is a self-screen that may apply: everything needs another's hands.
func dependent(level int64) map[string]string {
	items := map[string]string{}
	for _, k := range []string{"eating", "continence", "bathing", "dressing", "toilet", "transfer"} {
		items[k] = "dependent"
	}
	if level < 3 {
		items["eating"], items["dressing"] = "partial", "independent"
	}
	return items
}

func (m *maker) today() day.Day { return day.FromTime(m.clock.Now()) }

func (m *maker) cmd(e *elderCase, what string) assess.Cmd {
	return assess.Cmd{Region: Region, ID: e.number, Key: m.key(e.number, what)}
}

// apply files the application of e by the relative.
func (m *maker) apply(e *elderCase) error {
	st, err := m.Files.Save(Region, "出院小结.png", bytes.NewReader(Picture()), m.clock.Now())
	if err != nil {
		return err
	}
	r, err := m.Assess.Apply(m.ctx, e.helper, assess.ApplyInput{Region: Region, Key: m.key("apply", e.id), Person: e.id, Kind: assess.First,
		Channel: desk.Online, Relation: e.relation, Files: []desk.Stored{st}, Answers: assess.Told{Relation: e.relation, Place: "home", Items: dependent(e.level),
			Since: m.today().AddMonths(-9).Month(), Times: []string{"am"}}})
	if err != nil {
		return fmt.Errorf("apply for %s: %w", e.name, err)
	}
	e.number = r.Number
	return nil
}

// file keeps an invented piece of evidence for a case.
func (m *maker) file(e *elderCase, who audit.Actor, kind, name string, body []byte) (string, error) {
	st, err := m.Files.Save(Region, name, bytes.NewReader(body), m.clock.Now())
	if err != nil {
		return "", err
	}
	d, err := m.Assess.AddDocument(m.ctx, who, m.cmd(e, kind), kind, st)
	return d.ID, err
}

// Video is the shortest file that is an MP4 by its content.
var Video = append([]byte("\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41\x00\x00\x00\x08free"), bytes.Repeat([]byte{0}, 512)...)

func (m *maker) accept(e *elderCase) error {
	return m.Assess.Accept(m.ctx, m.clerk.who, m.cmd(e, "accept"), "")
}
func (m *maker) draw(e *elderCase) error {
	return m.Assess.Draw(m.ctx, m.clerk.who, m.cmd(e, "draw"))
}

// visit scores the 17 items at home and signs.
func (m *maker) assessAtHome(e *elderCase) error {
	d, err := m.Assess.Detail(m.ctx, m.clerk.who, Region, e.number)
	if err != nil {
		return err
	}
	var team []login
	for _, mem := range d.Members {
		if mem.On && mem.Duty == assess.DutyVisit && mem.Round == d.App.Round {
			team = append(team, m.member(mem.Staff))
		}
	}
	if len(team) == 0 {
		return fmt.Errorf("nobody was drawn for %s", e.number)
	}
	began := m.clock.Now()
	for item, score := range scoresFor(e.level) {
		c := m.cmd(e, "score")
		c.Key = ""
		if err := m.Assess.SaveScore(m.ctx, team[0].who, c, item, score, ""); err != nil {
			return err
		}
	}
	id, err := m.file(e, team[0].who, "video", "现场录像.mp4", Video)
	if err != nil {
		return err
	}
	m.clock.Set(began.Add(50 * time.Minute))
	for i, l := range team {
		in := assess.SignInput{Began: began, Ended: began.Add(45 * time.Minute), Guardian: e.helper.Name, Relation: e.relation, Video: id, NoTie: true}
		if err := m.Assess.Sign(m.ctx, l.who, m.cmd(e, fmt.Sprint("sign", i)), in); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) member(staff string) login {
	if l, ok := m.assessors[staff]; ok {
		return l
	}
	return m.experts[staff]
}

func (m *maker) conclude(e *elderCase) error {
	d, err := m.Assess.Detail(m.ctx, m.clerk.who, Region, e.number)
	if err != nil {
		return err
	}
	for i, mem := range d.Members {
		if mem.On && mem.Duty == assess.DutyConclude && mem.Round == d.App.Round {
			if err := m.Assess.Conclude(m.ctx, m.member(mem.Staff).who, m.cmd(e, fmt.Sprint("conclude", i)), d.App.RecordedLevel, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *maker) publish(e *elderCase) error {
	return m.Assess.Publish(m.ctx, m.clerk.who, m.cmd(e, "publish"))
}

// choose takes home care by an institution, plan and all, and puts it into force.
func (m *maker) startCare(e *elderCase, from day.Day, slots []care.Slot, items []care.PlanItem) error {
	inst := m.care[e.inst%len(m.care)]
	l := m.insts[inst.ID]
	if err := m.Care.Choose(m.ctx, e.helper, Region, e.id, []string{"home"}, inst.ID, m.key("choose", e.id), from); err != nil {
		return fmt.Errorf("choose for %s: %w", e.name, err)
	}
	p, err := m.Care.Save(m.ctx, l.who, Region, "", m.key("plan", e.id), care.PlanInput{Person: e.id, Mode: "home", From: from, To: from.AddMonths(12).AddDays(-1), Items: items, Slots: slots})
	if err != nil {
		return fmt.Errorf("plan for %s: %w", e.name, err)
	}
	e.plan = p
	return nil
}

func (m *maker) plan(e *elderCase, who audit.Actor, a care.PlanAct) (err error) {
	a.Version = e.plan.Version
	e.plan, err = m.Care.Act(m.ctx, who, Region, e.plan.ID, m.key("plan", a.Action, e.plan.ID), a)
	if err != nil {
		return fmt.Errorf("plan of %s, %s: %w", e.name, a.Action, err)
	}
	return nil
}

// evening lets the phones of the day upload what was done.
func (m *maker) evening(byID map[string]*elderCase, d day.Day) (done []care.Visit, err error) {
	for _, inst := range m.care {
		var list []care.Visit
		err := m.DB.Read(m.ctx, func(tx *db.Tx) (err error) {
			list, err = care.VisitsOf(tx, Region, inst.ID, d, d, care.Planned, 0, "", 2000)
			return err
		})
		if err != nil {
			return nil, err
		}
		slices.SortFunc(list, func(a, b care.Visit) int { return int(a.PlannedAt - b.PlannedAt) })
		queues := map[string][]care.Event{}
		actors := map[string]audit.Actor{}
		for _, v := range list {
			e := byID[v.Person]
			if e == nil {
				continue
			}
			done = append(done, v)
			w := m.worker(v)
			off := int64(m.r.IntN(300))
			if m.r.IntN(40) == 0 {
				off = 30_000 // three kilometres away: becomes an exception, never blocks
			}
			place := &care.Fix{Lat: e.lat + off, Lng: e.lng, Accuracy: 12}
			start := v.PlannedAt + int64(m.r.IntN(8))*60_000
			end := start + (v.PlannedMinutes+int64(m.r.IntN(6)))*60_000
			ev := func(kind string, at int64) care.Event {
				return care.Event{ClientID: v.ID + "-" + kind, Visit: v.ID, Kind: kind, At: at}
			}
			in, items, out, ok := ev("checkin", start), ev("items", end-120_000), ev("checkout", end), ev("confirm", end+60_000)
			in.Place, out.Place, items.Items, ok.Method, ok.Code = place, place, v.PlannedItems, "pin", pin
			proof := ev("evidence", end-60_000)
			proof.Documents = []string{m.photo}
			queues[w.staff] = append(queues[w.staff], in, items, proof, out, ok)
			actors[w.staff] = w.who
		}
		for staff, q := range queues {
			for len(q) > 0 {
				k := min(len(q), care.MaxEvents)
				if _, err := m.Care.Sync(m.ctx, actors[staff], Region, q[:k]); err != nil {
					return nil, err
				}
				q = q[k:]
			}
		}
	}
	return done, nil
}

const pin = "2468"

func (m *maker) worker(v care.Visit) login {
	for _, l := range m.workers[v.Institution] {
		if l.staff == v.Staff {
			return l
		}
	}
	return m.workers[v.Institution][0]
}

// suspects lets a day's suspicions go their way: old ones are answered and
// accepted, the newest wait for an answer or a decision. It tells whether the
// visit's bill must wait.
func (m *maker) suspects(v care.Visit) (wait bool, err error) {
	var list []care.Exception
	err = m.DB.Read(m.ctx, func(tx *db.Tx) (err error) { list, err = care.ExceptionsOfVisit(tx, Region, v.ID); return err })
	if err != nil || len(list) == 0 {
		return false, err
	}
	if v.On > m.end-12 {
		return true, nil
	}
	for _, x := range list {
		if _, err := m.Care.Answer(m.ctx, m.worker(v).who, Region, v.ID, x.Kind, m.key("answer", v.ID, x.Kind), "当天老人在社区卫生服务站输液，家属带我过去做的，有站里的记录。", nil); err != nil {
			return true, err
		}
		if v.On > m.end-20 {
			wait = true
			continue
		}
		if _, err := m.Care.Judge(m.ctx, m.reviewer.who, Region, v.ID, x.Kind, m.key("judge", v.ID, x.Kind), care.Judgement{Action: "accept", Reason: "已向社区卫生服务站核实，情况属实。"}); err != nil {
			return true, err
		}
	}
	return wait, nil
}

// bill quotes a done visit; pay settles it as the relative would at the door.
func (m *maker) bill(e *elderCase, v care.Visit, pay bool) error {
	wait, err := m.suspects(v)
	if err != nil {
		return fmt.Errorf("suspicion %s: %w", v.ID, err)
	}
	b, err := m.Claim.QuoteVisit(m.ctx, e.helper, Region, v.ID)
	if err != nil {
		return fmt.Errorf("quote %s: %w", v.ID, err)
	}
	if !pay || wait {
		return nil
	}
	_, err = m.Claim.Settle(m.ctx, e.helper, Region, e.id, m.key("settle", v.ID), claim.SettleRequest{Visit: v.ID, Version: b.Version})
	if err != nil {
		return fmt.Errorf("settle %s: %w", v.ID, err)
	}
	return nil
}

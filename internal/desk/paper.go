package desk

import (
	"context"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/undo"
)

var paperDays = policy.Int("desk.paper_workdays", "文书作出以后，几个工作日内送到本人手里", "个工作日")

// PaperID names one paper: what stands in its code.
type PaperID struct {
	Kind   paper.Kind
	Object string // number of the case, the plan
	On     day.Day
}

// String is the id as a page carries it: kind-day-object.
func (n PaperID) String() string {
	return string(n.Kind) + "-" + strings.ReplaceAll(n.On.String(), "-", "") + "-" + n.Object
}

// ParsePaperID reads it back; NotFound when it is none.
func ParsePaperID(s string) (n PaperID, err error) {
	parts := strings.SplitN(s, "-", 3)
	if len(parts) == 3 && len(parts[1]) == 8 {
		if on, err := day.Parse(parts[1][:4] + "-" + parts[1][4:6] + "-" + parts[1][6:]); err == nil {
			return PaperID{paper.Kind(parts[0]), parts[2], on}, nil
		}
	}
	return n, fault.New(fault.NotFound, "没有出过这份文书。请从「文书」的列表里打开。")
}

// Paper is one document that was given to somebody (文书): until when it has to
// be in their hands, and how it got there.
type Paper struct {
	PaperID
	Region    string
	Title     string
	Person    string  // "" for somebody who is not in the roster yet
	Due       day.Day // last day of delivery; 0: no limit is known
	State     string
	Way       string // of delivery, one of Ways or ByPortal
	Proof     string
	Delivered day.Day
	By        string // account that noted it
	ByName    string
	Noted     int64 // ms
	Read      int64 // ms, first opened on line by the person or a proxy; 0: not yet
	Prints    int64
	At        int64 // ms
}

// States of a paper. Void: the step was taken back, or a newer one took its place.
const (
	PaperOpen      = "open"
	PaperDelivered = "delivered"
	PaperVoid      = "void"
)

// Late tells whether it should have been delivered before today.
func (p Paper) Late(today day.Day) bool {
	return p.State == PaperOpen && !p.Due.IsZero() && p.Due < today
}

// ByPortal is delivery by the person opening the paper on line.
const ByPortal = "portal"

// Ways are how a paper is delivered by hand, with what proves it.
var Ways = []struct{ ID, Name, Proof string }{
	{"window", "窗口当面交", "谁签收的"},
	{"post", "邮寄", "邮件号和签收人"},
	{"door", "上门送", "谁签收的"},
	{"sms", "短信通知后本人确认", "本人怎样确认的"},
}

// WayName is a way of delivery in Chinese.
func WayName(id string) string {
	for _, w := range Ways {
		if w.ID == id {
			return w.Name
		}
	}
	if id == ByPortal {
		return "网上打开"
	}
	return ""
}

// PaperDue is the last day on which a paper of today has to be delivered, 0
// while the calendar of its year is not known or the pack sets no limit.
func PaperDue(v *policy.View, on day.Day) day.Day {
	n, _ := paperDays.Get(v)
	return dueDay(v.Calendar(), on, n)
}

// Give notes that somebody is given a paper; it belongs into the act that
// decides it. An older one of its kind that is still on its way counts no more.
func Give(tx *db.Tx, p Paper) error {
	before, err := db.All(tx, scanPaper, selectObject, p.Region, p.Object)
	if err != nil {
		return err
	}
	for _, o := range before {
		if o.Kind == p.Kind && o.On != p.On && o.State == PaperOpen {
			if _, err := tx.Exec(voidPaper, p.Region, o.Object, string(o.Kind), o.On); err != nil {
				return err
			}
		}
	}
	p.State, p.At = PaperOpen, tx.Millis()
	return insertPaper(tx, p)
}

// TakeBack voids the papers of an object that nobody has yet, of the kinds
// given, because their step was taken back.
func TakeBack(tx *db.Tx, region, object string, kinds ...paper.Kind) error {
	before, err := db.All(tx, scanPaper, selectObject, region, object)
	for _, o := range before {
		if err == nil && o.State == PaperOpen && slices.Contains(kinds, o.Kind) {
			_, err = tx.Exec(voidPaper, region, object, string(o.Kind), o.On)
		}
	}
	return err
}

// givePapers brings what a case has given into line with where it stands now.
func (s *Service) givePapers(tx *db.Tx, v *policy.View, m Matter, a Application) error {
	c, err := getCase(tx, a.Region, a.Case)
	if err != nil {
		return err
	}
	steps, err := stepsOf(tx, a.Region, a.Case)
	if err != nil {
		return err
	}
	before, err := db.All(tx, scanPaper, selectObject, a.Region, a.Case)
	if err != nil {
		return err
	}
	now := m.letters(c, steps)
	for _, o := range before {
		if o.State == PaperOpen && !slices.ContainsFunc(now, func(l Letter) bool { return l.Kind == o.Kind && l.On == o.On }) {
			if _, err := tx.Exec(voidPaper, a.Region, o.Object, string(o.Kind), o.On); err != nil {
				return err
			}
		}
	}
	for _, l := range now {
		same := func(o Paper) bool { return o.Kind == l.Kind && o.On == l.On && o.State != PaperVoid && o.At >= l.at }
		if slices.ContainsFunc(before, same) {
			continue
		}
		if err := insertPaper(tx, Paper{PaperID: PaperID{l.Kind, a.Case, l.On}, Region: a.Region, Title: l.Title, Person: a.Person,
			Due: PaperDue(v, l.On), State: PaperOpen, At: tx.Millis()}); err != nil {
			return err
		}
	}
	return nil
}

// PaperRow is a paper with whom it is for.
type PaperRow struct {
	Paper
	Who person.Person
}

// PaperFilter picks papers. Query finds by number or by name and then looks at
// every state.
type PaperFilter struct {
	State string // open late delivered void
	Kinds []paper.Kind
	Query string
}

// PaperCounts is how many papers are on their way, and how many of them too long.
type PaperCounts struct{ Open, Late int }

// CountPapers counts them, up to CountUpTo each.
func (s *Service) CountPapers(ctx context.Context, region string) (n PaperCounts, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if n.Open, err = db.One(tx, db.Value[int], countOpen, region, day.Day(0), lastDue, CountUpTo); err == nil {
			n.Late, err = db.One(tx, db.Value[int], countOpen, region, firstDue, tx.Today()-1, CountUpTo)
		}
		return err
	})
	return n, err
}

// Papers lists papers for the desk, at most most; what is due first stands first.
func (s *Service) Papers(ctx context.Context, region string, f PaperFilter, most int) (out []PaperRow, n PaperCounts, err error) {
	var people []string
	number, noNumber := CleanNumber(f.Query)
	if f.Query != "" && noNumber != nil {
		found, err := s.Persons.Search(ctx, region, f.Query, 50)
		if err != nil {
			return nil, n, err
		}
		for _, p := range found {
			people = append(people, p.ID)
		}
	}
	kinds := []string{}
	for k := range paper.Titles {
		if len(f.Kinds) == 0 || slices.Contains(f.Kinds, k) {
			kinds = append(kinds, string(k))
		}
	}
	slices.Sort(kinds)
	if n, err = s.CountPapers(ctx, region); err != nil {
		return nil, n, err
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		late := tx.Today() - 1
		var list []Paper
		switch {
		case f.Query != "" && noNumber == nil:
			list, err = db.All(tx, scanPaper, selectObject, region, number)
		case f.Query != "":
			list, err = db.All(tx, scanPaper, selectPersons, region, people, most)
		case f.State == PaperDelivered, f.State == PaperVoid:
			list, err = db.All(tx, scanPaper, selectEnded, region, f.State, kinds, most, Depth)
		case f.State == "late":
			list, err = db.All(tx, scanPaper, selectOpen, region, firstDue, late, kinds, most, Depth)
		default:
			list, err = db.All(tx, scanPaper, selectOpen, region, day.Day(0), lastDue, kinds, most, Depth)
		}
		if err == nil {
			out, err = s.withPersons(tx, region, list)
		}
		return err
	})
	return out, n, err
}

var firstDue, lastDue = day.MustParse("1900-01-01"), day.MustParse("9999-12-31")

func (s *Service) withPersons(tx *db.Tx, region string, list []Paper) ([]PaperRow, error) {
	var ids []string
	for _, p := range list {
		ids = append(ids, p.Person)
	}
	who, err := s.Persons.GetMany(tx, region, ids)
	if err != nil {
		return nil, err
	}
	out := make([]PaperRow, len(list))
	for i, p := range list {
		out[i] = PaperRow{p, who[p.Person]}
		if p.Person == "" {
			a, err := s.getApplication(tx, region, p.Object)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if out[i].Who, err = s.personOf(tx, a); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// PaperAt reads one paper.
func (s *Service) PaperAt(ctx context.Context, region string, n PaperID) (out PaperRow, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := getPaper(tx, region, n)
		if err != nil {
			return err
		}
		rows, err := s.withPersons(tx, region, []Paper{p})
		if err == nil {
			out = rows[0]
		}
		return err
	})
	return out, err
}

// PapersOf lists what an object has given, oldest first.
func (s *Service) PapersOf(ctx context.Context, region, object string) (out []Paper, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanPaper, selectObject, region, object)
		return err
	})
	return out, err
}

// Delivery is how a paper got into somebody's hands.
type Delivery struct {
	Way, Proof string
	On         day.Day // 0: today
}

// Deliver notes that a paper was delivered (送达). Invalid: without a proof, or
// on a day on which that cannot be. Conflict: it has been noted, or is void.
func (s *Service) Deliver(ctx context.Context, who audit.Actor, n PaperID, key string, d Delivery) error {
	act := audit.Act{Region: who.Region, Verb: "desk.paper_deliver", Object: n.Object, Key: key, Body: []any{n.String(), d}}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		p, err := getPaper(tx, who.Region, n)
		if err != nil {
			return err
		}
		d.Proof = strings.TrimSpace(d.Proof)
		if d.On.IsZero() {
			d.On = tx.Today()
		}
		i := slices.IndexFunc(Ways, func(w struct{ ID, Name, Proof string }) bool { return w.ID == d.Way })
		switch {
		case p.State == PaperDelivered:
			return fault.New(fault.Conflict, "这份文书已经送到了：%s，%s。", WayName(p.Way), p.Delivered.Chinese())
		case p.State == PaperVoid:
			return fault.New(fault.Conflict, "这份文书已经不作数，不用送了。")
		case i < 0:
			return fault.Field("way", "请选是怎样送到的")
		case d.Proof == "":
			return fault.Field("proof", "请写%s，以后有人问起要用", Ways[i].Proof)
		case len([]rune(d.Proof)) > 100:
			return fault.Field("proof", "凭据最多写 100 个字")
		case d.On < n.On || d.On > tx.Today():
			return fault.Field("on", "送到的日子在%s和今天之间", n.On.Chinese())
		}
		if err := note(tx, p, d, who); err != nil {
			return err
		}
		return undo.Keep(tx, who.Region, undo.Act{Word: UndoPaper, Object: n.String(), Name: "deliver", Account: who.ID, Version: tx.Millis()}, p.State)
	})
}

func note(tx *db.Tx, p Paper, d Delivery, who audit.Actor) error {
	k, err := tx.Exec(deliverPaper, p.Region, p.Object, string(p.Kind), p.On, d.Way, d.Proof, d.On, who.ID, who.Name, tx.Millis())
	if err == nil && k == 0 {
		err = fault.New(fault.Conflict, "刚才有同事记过这份文书了，请看过再办。")
	}
	return err
}

// UndoPaper is the word under which notes of delivery are kept (package undo).
const UndoPaper = "desk.paper"

// Undeliver takes a note of delivery back, as undo.Take allows it.
func (s *Service) Undeliver(ctx context.Context, who audit.Actor, n PaperID, key string) error {
	act := audit.Act{Region: who.Region, Verb: "desk.paper_undeliver", Object: n.Object, Key: key, Body: n.String()}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		p, err := getPaper(tx, who.Region, n)
		if err != nil {
			return err
		}
		var was string
		if _, err = undo.Take(tx, who.Region, UndoPaper, n.String(), who, p.Noted, &was); err == nil {
			_, err = tx.Exec(reopenPaper, who.Region, n.Object, string(n.Kind), n.On)
		}
		return err
	})
}

// Printed counts that the desk has printed a paper; Conflict when it is void.
func (s *Service) Printed(ctx context.Context, who audit.Actor, n PaperID, key string) error {
	act := audit.Act{Region: who.Region, Verb: "desk.paper_print", Object: n.Object, Key: key, Body: n.String()}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		p, err := getPaper(tx, who.Region, n)
		if err == nil && p.State == PaperVoid {
			err = fault.New(fault.Conflict, "这份文书已经不作数，不用印了。")
		}
		if err == nil {
			_, err = tx.Exec(printPaper, who.Region, n.Object, string(n.Kind), n.On)
		}
		return err
	})
}

// Opened is the receipt of a person or a proxy who opens a paper on line for the
// first time; the page has checked that they may see it. A paper that was on its
// way is delivered by it.
func (s *Service) Opened(ctx context.Context, who audit.Actor, sheet paper.Sheet) error {
	n := PaperID{sheet.Kind, sheet.Object, sheet.On}
	if who.Role != "citizen" || sheet.Draft != "" {
		return nil
	}
	var p Paper
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { p, err = getPaper(tx, sheet.Region, n); return err })
	if fault.Is(err, fault.NotFound) || err == nil && (p.Read != 0 || p.State == PaperVoid) {
		return nil // given before papers were kept, or read before
	}
	if err != nil {
		return err
	}
	act := audit.Act{Region: p.Region, Verb: "desk.paper_read", Object: p.Object, Body: n.String()}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		if p, err = getPaper(tx, p.Region, n); err != nil || p.Read != 0 {
			return err
		}
		if _, err := tx.Exec(readPaper, p.Region, p.Object, string(p.Kind), p.On, tx.Millis()); err != nil || p.State != PaperOpen {
			return err
		}
		proof := "本人登录后打开"
		if who.Person != p.Person {
			proof = "代办的家人登录后打开"
		}
		return note(tx, p, Delivery{ByPortal, proof, tx.Today()}, who)
	})
}

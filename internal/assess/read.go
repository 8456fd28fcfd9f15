package assess

import (
	"context"
	"os"
	"slices"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Detail is everything about an application that the asker may see.
type Detail struct {
	App        Application
	Case       desk.Case
	Person     person.Person
	Checks     []Check
	Steps      []desk.Step
	Documents  []desk.Document
	Members    []Member
	Scores     map[string]Score // of the current round
	Visit      Visit
	Visited    bool
	Opinions   []Finding // not before one's own, see Conclude
	Given      int       // opinions given in this round
	Objections []Objection
	Draws      []DrawRecord
	Notice     outreach.Notice
	Me         Member // the asker as a member of this round; empty: is none
	View       *policy.View
}

// Detail reads an application for a page. Citizens see their own and those of
// whom they act for, members what they were drawn for, institutions what they
// entered. Reading a health record leaves an audit event.
func (s *Service) Detail(ctx context.Context, who audit.Actor, region, id string) (d Detail, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { d, err = s.detail(tx, who, region, id); return err })
	if err != nil || who.Person == d.App.Person {
		return d, err
	}
	return d, audit.Seen(ctx, s.Log, who, region, "assess.see", id)
}

func (s *Service) detail(tx *db.Tx, who audit.Actor, region, id string) (d Detail, err error) {
	if d.App, err = get(tx, region, id); err != nil {
		return d, err
	}
	if err = s.maySee(tx, who, d.App, "see"); err != nil {
		return Detail{}, err
	}
	if d.Case, err = desk.Get(tx, region, id); err != nil {
		return d, err
	}
	if d.Person, err = s.Persons.Get(tx, region, d.App.Person); err != nil {
		return d, err
	}
	if d.Steps, err = desk.Steps(tx, region, id); err != nil {
		return d, err
	}
	if d.Checks, err = s.checksOf(tx, d.App); err != nil {
		return d, err
	}
	if d.Documents, err = desk.Documents(tx, region, id); err != nil {
		return d, err
	}
	if d.Members, err = members(tx, region, id); err != nil {
		return d, err
	}
	if d.Scores, err = scores(tx, region, id, d.App.Round); err != nil {
		return d, err
	}
	if d.Visit, d.Visited, err = getVisit(tx, region, id, d.App.Round); err != nil {
		return d, err
	}
	if d.Objections, err = objections(tx, region, id); err != nil {
		return d, err
	}
	for i := range d.Objections {
		if d.Objections[i].Phone, err = s.Persons.Keys.Open(region, "assess.phone", d.Objections[i].Phone); err != nil {
			return d, err
		}
	}
	if d.App.Notice != "" {
		if d.Notice, err = outreach.Get(tx, region, d.App.Notice); err != nil {
			return d, err
		}
	}
	if d.View, err = s.Packs.At(region, tx.Today()); err != nil {
		return d, err
	}
	if slices.Contains(onSite, who.Role) {
		if st, err := institution.StaffByAccount(tx, region, who.ID); err == nil {
			for _, m := range d.Members {
				if m.Staff == st.ID && m.Round == d.App.Round && m.On {
					d.Me = m
				}
			}
		}
	}
	if err = d.readOpinions(tx, who); err != nil {
		return d, err
	}
	switch who.Role {
	case roleCitizen, roleInstitution:
		// Who assesses is not told before the visit is done, who objected never.
		d.Draws, d.Objections = nil, nil
		if d.App.State == StateAccepted || d.App.State == StateDisputed {
			d.Members = nil
		}
	case roleAssessor, roleExpert:
		d.Objections = nil
	default:
		if d.Draws, err = draws(tx, region, id); err != nil {
			return d, err
		}
	}
	return d, nil
}

// readOpinions reads the opinions and, while the experts are still at work,
// leaves only the asker's own.
func (d *Detail) readOpinions(tx *db.Tx, who audit.Actor) (err error) {
	for round := int64(1); round <= d.App.Round; round++ {
		list, err := opinions(tx, d.App.Region, d.App.ID, round)
		if err != nil {
			return err
		}
		if round == d.App.Round {
			d.Given = len(list)
			if d.App.State == StateRecorded || d.App.State == StateRerecorded {
				list = slices.DeleteFunc(list, func(o Finding) bool { return d.Me.Staff == "" || o.Staff != d.Me.Staff })
			}
			if d.Me.Duty == DutyConclude && round > 1 && !slices.ContainsFunc(list, func(o Finding) bool { return o.Staff == d.Me.Staff }) {
				d.Opinions = nil // nor what the first round thought, before giving one's own
			}
		}
		d.Opinions = append(d.Opinions, list...)
	}
	if who.Role == roleCitizen || who.Role == roleInstitution {
		d.Opinions = nil
	}
	return nil
}

// maySee checks the right to read an application (need «see») or to add to it («act»).
func (s *Service) maySee(tx *db.Tx, who audit.Actor, app Application, need string) error {
	if who.Region != app.Region {
		return errNotFound(app.ID)
	}
	switch who.Role {
	case roleCitizen:
		return s.mayAct(tx, who, app.Person, need)
	case roleInstitution:
		if app.EnteredInst == "" || app.EnteredInst != who.Institution {
			return errNotFound(app.ID)
		}
	case roleAssessor, roleExpert:
		st, err := institution.StaffByAccount(tx, app.Region, who.ID)
		if err != nil {
			return err
		}
		list, err := members(tx, app.Region, app.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(m Member) bool { return m.Staff == st.ID && m.On }) {
			return errNotFound(app.ID)
		}
	case roleClerk, roleInsurer, "reviewer", "auditor", roleSystem:
	default:
		return fault.New(fault.Forbidden, "您的岗位不能看评估档案。")
	}
	return nil
}

// Document opens an evidence file for somebody who may see its case; the look
// is audited. The caller closes the file.
func (s *Service) Document(ctx context.Context, who audit.Actor, region, id string) (d desk.Document, f *os.File, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if d, err = desk.GetDocument(tx, region, id); err != nil {
			return err
		}
		app, err := get(tx, region, d.Case)
		if err != nil {
			return err
		}
		return s.maySee(tx, who, app, "see")
	})
	if err != nil {
		return d, nil, err
	}
	if err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "desk.see", Object: d.Case, Detail: id}, func(*db.Tx) error { return nil }); err != nil {
		return d, nil, err
	}
	f, err = s.Files.Open(d)
	return d, f, err
}

// Entry is one line of a worklist: the case with the person it is about.
type Entry struct {
	Case   desk.Case
	Person person.Person
	App    Application
	Below  string // why a conclusion reaches no benefit and is delivered, not published; only in the stage publish
}

// Worklist reads a page of cases with their persons; who may see the desk sees
// its region. q finds by case number, name with tail, or identity number.
func (s *Service) Worklist(ctx context.Context, who audit.Actor, f desk.Filter, q string) (items []Entry, p desk.Page, err error) {
	f.Region, f.Matter = who.Region, Matter
	if q != "" {
		if n, err := desk.CleanNumber(q); err == nil {
			f.Number = n
		} else {
			found, err := s.Persons.Search(ctx, who.Region, q, 50)
			if err != nil {
				return nil, p, err
			}
			f.Persons = []string{}
			for _, x := range found {
				f.Persons = append(f.Persons, x.ID)
			}
		}
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if p, err = desk.Worklist(tx, f); err != nil {
			return err
		}
		if items, err = s.join(tx, f.Region, p.Cases); err != nil || f.Stage != StageOf(StateConcluded) {
			return err
		}
		return s.weigh(tx, f.Region, items)
	})
	return items, p, err
}

// Objected lists the conclusions that somebody objected to (异议) and that wait
// for the dispute review, the oldest first.
func (s *Service) Objected(ctx context.Context, who audit.Actor, limit int) (items []Entry, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		apps, err := db.All(tx, scanApp, selectObjected, who.Region, limit)
		if err != nil {
			return err
		}
		var cases []desk.Case
		for _, a := range apps {
			c, err := desk.Get(tx, who.Region, a.ID)
			if err != nil {
				return err
			}
			cases = append(cases, c)
		}
		if items, err = s.join(tx, who.Region, cases); err != nil {
			return err
		}
		for i := range items {
			items[i].App = apps[i]
		}
		return nil
	})
	return items, err
}

// weigh tells which conclusions reach a benefit, before anybody publishes them.
func (s *Service) weigh(tx *db.Tx, region string, items []Entry) error {
	ids, persons := make([]string, len(items)), make([]string, len(items))
	for i, it := range items {
		ids[i], persons[i] = it.Case.ID, it.Case.Person
	}
	apps, err := db.All(tx, scanApp, selectMany, region, ids)
	if err != nil {
		return err
	}
	covers, err := s.Persons.CoveragesOn(tx, region, persons, tx.Today())
	if err != nil {
		return err
	}
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return err
	}
	for i := range items {
		for _, a := range apps {
			if a.ID != items[i].Case.ID {
				continue
			}
			items[i].App = a
			x := &work{tx: tx, s: s, v: v, app: a}
			if _, err := x.reaches(items[i].Person, covers[a.Person]); fault.Is(err, fault.Refused) {
				items[i].Below = fault.As(err).Say
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) join(tx *db.Tx, region string, cases []desk.Case) ([]Entry, error) {
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.Person
	}
	if len(ids) == 0 {
		return nil, nil
	}
	people, err := s.Persons.GetMany(tx, region, ids)
	if err != nil {
		return nil, err
	}
	items := make([]Entry, len(cases))
	for i, c := range cases {
		items[i] = Entry{Case: c, Person: people[c.Person]}
	}
	return items, nil
}

// OfPerson lists the applications of a person for a page, newest first.
func (s *Service) OfPerson(ctx context.Context, who audit.Actor, personID string) (list []Application, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if who.Role == roleCitizen {
			if err := s.mayAct(tx, who, personID, "see"); err != nil {
				return err
			}
		}
		list, err = appsOf(tx, who.Region, personID)
		return err
	})
	return list, err
}

// MyTasks lists what an assessor or expert was drawn for and is not done.
func (s *Service) MyTasks(ctx context.Context, who audit.Actor) (list []TaskItem, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		st, err := institution.StaffByAccount(tx, who.Region, who.ID)
		if err != nil {
			return err
		}
		rows, err := tasks(tx, who.Region, st.ID, 200)
		if err != nil {
			return err
		}
		var cases []desk.Case
		for _, t := range rows {
			app, err := get(tx, who.Region, t.ID)
			if err != nil {
				return err
			}
			if app.Round != t.Round || !t.open(app.State) {
				continue
			}
			c, err := desk.Get(tx, who.Region, t.ID)
			if err != nil {
				return err
			}
			cases = append(cases, c)
			list = append(list, TaskItem{Task: t, Entry: Entry{App: app}})
		}
		items, err := s.join(tx, who.Region, cases)
		if err != nil {
			return err
		}
		for i := range items {
			list[i].Case, list[i].Person = items[i].Case, items[i].Person
			if list[i].Duty == DutyConclude {
				given, err := opinions(tx, who.Region, list[i].App.ID, list[i].App.Round)
				if err != nil {
					return err
				}
				list[i].Given = slices.ContainsFunc(given, func(o Finding) bool { return o.Staff == st.ID })
			}
		}
		return nil
	})
	return list, err
}

// TaskItem is a task with its application; Given tells that the expert's
// opinion has been filed.
type TaskItem struct {
	Task
	Entry
	Given bool
}

func (t Task) open(s State) bool {
	if t.Duty == DutyVisit {
		return s == StateDrawn || s == StateRedrawn
	}
	return s == StateRecorded || s == StateRerecorded
}

package desk

import (
	"context"
	"os"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// See reads a case of a matter for somebody who has a right to it.
func (s *Service) See(ctx context.Context, who audit.Actor, region, id string) (c Case, a Application, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if who.Region != region {
			return errNoCase(id)
		}
		if a, err = s.getApplication(tx, region, id); err != nil {
			return err
		}
		if err := s.mine(tx, who, a, person.ScopeSee); err != nil {
			return err
		}
		c, err = getCase(tx, region, id)
		return err
	})
	return c, a, err
}

// Case reads a case of any domain for the staff of its region.
func (s *Service) Case(ctx context.Context, region, id string) (c Case, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { c, err = getCase(tx, region, id); return err })
	return c, err
}

// Way is where a case stands on the way of its matter, for a page.
type Way struct {
	Case      Case
	App       Application
	Matter    Matter
	Person    person.Person
	Done      []Step // what happened, oldest first
	Ahead     []Ahead
	Documents []Document
	Letters   []Letter
	Mine      bool // it is the applicant's turn
}

// Ahead is a step that is still to come; the first one is now.
type Ahead struct {
	Name, By string
	Days     int64
}

// Way reads the whole way of a case.
func (s *Service) Way(ctx context.Context, who audit.Actor, region, id string) (w Way, err error) {
	if w.Case, w.App, err = s.See(ctx, who, region, id); err != nil {
		return w, err
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		if w.Matter, err = MatterOf(v, w.App.Matter); err != nil {
			return err
		}
		if w.Person, err = s.personOf(tx, w.App); err != nil {
			return err
		}
		if w.Done, err = Steps(tx, region, id); err != nil {
			return err
		}
		w.Documents, err = Documents(tx, region, id)
		w.Letters = w.Matter.letters(w.Case, w.Done)
		w.Mine = w.Case.Status == StatusWaiting
		for st, ok := w.Matter.Step(w.App.Step); ok; st, ok = w.Matter.After(st.ID) {
			w.Ahead = append(w.Ahead, Ahead{st.Name, st.Role.Name(), st.Workdays(v)})
		}
		return err
	})
	return w, err
}

// OfMatters lists the cases of a person that go by their pack's steps.
func (s *Service) OfMatters(ctx context.Context, who audit.Actor, id string) (out []Way, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if _, _, err := s.subject(tx, who, id); err != nil {
			return err
		}
		v, err := s.Packs.At(who.Region, tx.Today())
		if err != nil {
			return err
		}
		apps, err := s.applicationsOf(tx, who.Region, id)
		if err != nil {
			return err
		}
		out, err = s.withCases(tx, who.Region, apps, func(id string) Matter { m, _ := MatterOf(v, id); return m })
		return err
	})
	return out, err
}

// OfInstitution lists what an institution or a service point has brought.
func (s *Service) OfInstitution(ctx context.Context, who audit.Actor, most int) (out []Way, err error) {
	if who.Institution == "" {
		return nil, fault.New(fault.Forbidden, "您的账号没有连着机构。请找系统管理员连上。")
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := db.All(tx, db.Value[string], selectInst, who.Region, who.Institution, most)
		if err != nil {
			return err
		}
		out, err = s.Ways(tx, who.Region, ids)
		return err
	})
	return out, err
}

// Ways joins cases of matters with their application and person, in order.
func (s *Service) Ways(tx *db.Tx, region string, ids []string) ([]Way, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return nil, err
	}
	apps, err := db.All(tx, s.scanApplication, selectThese, region, ids)
	if err != nil {
		return nil, err
	}
	at := map[string]Application{}
	for _, a := range apps {
		at[a.Case] = a
	}
	apps = apps[:0]
	for _, id := range ids {
		if a, ok := at[id]; ok {
			apps = append(apps, a)
		}
	}
	return s.withCases(tx, region, apps, func(id string) Matter { m, _ := MatterOf(v, id); return m })
}

func (s *Service) withCases(tx *db.Tx, region string, apps []Application, matter func(string) Matter) ([]Way, error) {
	ids, people := make([]string, len(apps)), make([]string, len(apps))
	for i, a := range apps {
		ids[i], people[i] = a.Case, a.Person
	}
	cases, err := db.All(tx, scanCase, selectCases, region, ids)
	if err != nil {
		return nil, err
	}
	of := map[string]Case{}
	for _, c := range cases {
		of[c.ID] = c
	}
	names, err := s.Persons.GetMany(tx, region, people)
	if err != nil {
		return nil, err
	}
	out := make([]Way, len(apps))
	for i, a := range apps {
		out[i] = Way{Case: of[a.Case], App: a, Matter: matter(a.Matter), Person: names[a.Person]}
		if a.newcomer != "" && a.Person == "" {
			if out[i].Person, err = s.personOf(tx, a); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// OptionsFor are the answers that a question offers to a person today: half days
// in which somebody can come (上门时段), or the days that people mean by «soon».
func (s *Service) OptionsFor(ctx context.Context, region, person, matter string, f Field) (out []Option, err error) {
	if f.Kind != "slot" && f.Kind != "soon" {
		return f.Options, nil
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if f.Kind == "slot" {
			out, err = s.Slots(tx, region, person, matter)
			return err
		}
		for _, x := range []struct {
			in  day.Day
			say string
		}{{0, "今天"}, {1, "明天"}, {7, "一周以后"}, {30, "一个月以后"}} {
			d := tx.Today() + x.in
			out = append(out, Option{d.String(), x.say + "（" + d.Short() + "）"})
		}
		return nil
	})
	return out, err
}

// ApplyFor brings a matter for somebody whom a service point names by the full
// identity number and the name together: so it cannot find out by trying who is
// insured. Errors as Apply's; Invalid at field id when they do not match.
func (s *Service) ApplyFor(ctx context.Context, who audit.Actor, idno, name string, in ApplyInput) (Receipt, error) {
	if in.New.IDNo == "" {
		in.New = Newcomer{Name: name, IDNo: idno}
	}
	if new, err := s.isNew(ctx, who, in); new || err != nil {
		if err != nil {
			return Receipt{}, err
		}
		r, err := s.Apply(ctx, who, in)
		if f := fault.As(err); fault.Is(err, fault.Invalid) && f.Field == "idno" {
			err = fault.Field("id", "%s", f.Say)
		}
		return r, err
	}
	in.New = Newcomer{}
	p, err := s.Named(ctx, who, idno, name)
	if err != nil {
		return Receipt{}, err
	}
	in.Person = p.ID
	return s.Apply(ctx, who, in)
}

// Named finds a person by number and name together.
func (s *Service) Named(ctx context.Context, who audit.Actor, idno, name string) (p person.Person, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = s.Persons.Match(tx, who.Region, idno, name); return err })
	if fault.Is(err, fault.Invalid) {
		err = fault.Field("id", "%s", fault.As(err).Say)
	}
	return p, err
}

// MatterDraft is what somebody has filled in so far.
type MatterDraft struct {
	Person  string            `json:"person"`
	Answers map[string]string `json:"answers"`
	Later   []string          `json:"later"` // materials that come later
}

// Draft reads the account's draft of a matter with its files.
func (s *Service) Draft(ctx context.Context, who audit.Actor, matter string) (d MatterDraft, docs []Document, at time.Time, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		var sealed string
		if at, _, err = LoadDraft(tx, who.Region, who.ID, matter, &sealed); err != nil || sealed == "" {
			return err
		}
		if err := s.unseal(who.Region, sealed, &d); err != nil {
			return err
		}
		docs, err = Documents(tx, who.Region, draftOf(who, matter))
		return err
	})
	if d.Answers == nil {
		d.Answers = map[string]string{}
	}
	return d, docs, at, err
}

// KeepDraft keeps the answers so far, and a file when one came with them.
func (s *Service) KeepDraft(ctx context.Context, who audit.Actor, matter string, d MatterDraft, file *FileFor) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.draft", Object: who.ID}, func(tx *db.Tx) error {
		if file != nil {
			if _, err := Attach(tx, who.Region, draftOf(who, matter), file.Kind, file.Stored, who); err != nil {
				return err
			}
		}
		text, err := s.seal(who.Region, d)
		if err != nil {
			return err
		}
		return SaveDraft(tx, who.Region, who.ID, matter, text)
	})
}

// Document opens a file of a case for somebody who may see the case.
func (s *Service) Document(ctx context.Context, who audit.Actor, region, id, doc string) (d Document, f *os.File, err error) {
	if _, _, err := s.See(ctx, who, region, id); err != nil {
		return d, nil, err
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { d, err = GetDocument(tx, region, doc); return err })
	if err == nil && d.Case != id {
		err = errNoCase(id)
	}
	if err != nil {
		return d, nil, err
	}
	f, err = s.Files.Open(d)
	return d, f, err
}

// WorkMatters reads one page of the worklist of matters with what was asked for.
func (s *Service) WorkMatters(ctx context.Context, f Filter) (p Page, ways []Way, err error) {
	f.Matter = MatterWord
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if p, err = Worklist(tx, f); err != nil {
			return err
		}
		ids := make([]string, len(p.Cases))
		for i, c := range p.Cases {
			ids[i] = c.ID
		}
		ways, err = s.Ways(tx, f.Region, ids)
		return err
	})
	return p, ways, err
}

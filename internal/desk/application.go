package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/sms"
	"yinling/internal/undo"
)

// MatterWord is the domain of cases whose way is only their pack's steps.
const MatterWord = "matter"

// Stages of these cases, the tabs of their worklist: who has to do something.
const (
	StageWaiting = "waiting" // the applicant
	StageClosed  = "closed"
)

// Application is what was asked for under a case, and what came of it.
type Application struct {
	Region, Case, Matter, Person string
	Step, Before                 string
	By, Institution, Consent     string
	Answers, Asked               map[string]string
	Result, Decision             string
	Since, Until                 day.Day // of the result, 0: none
	Other, OtherRegion           string  // the number it has in another region (通办)
	newcomer                     string  // blind index of a number that the roster did not have
}

// Act is what a deed of a pack does. Instead, where it is set, opens the case of
// another domain in place of ours (its number comes back). Check refuses before
// a case is opened; Do puts the result into effect and says it in a sentence.
type Act struct {
	Instead func(tx *db.Tx, who audit.Actor, in ApplyInput) (Receipt, error)
	Check   func(tx *db.Tx, who audit.Actor, a Application) error
	Do      func(tx *db.Tx, who audit.Actor, a Application) (say string, err error)
	Admit   func(tx *db.Tx, a Application) (person string, err error) // a newcomer into the roster, before Do
}

// FileFor is a saved file with the material that it shows.
type FileFor struct {
	Kind string
	Stored
}

// ApplyInput is what somebody brings.
type ApplyInput struct {
	Region, Key string
	Matter      string
	Person      string
	New         Newcomer // who is not in the roster; Person is empty then
	Channel     Channel
	Relation    string // of the proxy
	Consent     string // how the person agreed, for points and institutions
	Answers     map[string]string
	Files       []FileFor
	Ticket      string // of the hall, from which it was taken
	Draft       bool   // take over the files of the account's draft and drop it
	Origin      Origin // where it was taken, when that is elsewhere (通办)
}

// Receipt is what the applicant gets.
type Receipt struct {
	Number  string
	Matter  string
	Due     day.Day // until when the first step is done
	Missing []string
	Done    bool // decided on the spot
	Say     string
}

// Told is a text message about a case.
type Told struct {
	Case   string `json:"case"`
	Person string `json:"person"`
	Text   string `json:"text"`
	At     int64  `json:"at"`
	Inst   string `json:"inst,omitempty"` // the institution that brought the case and is told, too
}

// Kind is the job's name.
func (Told) Kind() string { return "desk.told" }

// The texts of the messages (短信).
var (
	textTaken  = sms.New("desk.taken", "收件", "{name}的{matter}收到了，受理号后4位{tail}，{date}前答复。打12393可查。")
	textMore   = sms.New("desk.more", "补交", "{name}的{matter}还差材料，请在{date}前补交。差什么打12393问。")
	textDone   = sms.New("desk.done", "办结", "{name}的{matter}办好了，结果请打开银龄医保看，或打12393。")
	textRefuse = sms.New("desk.refused", "不予办理", "{name}的{matter}这次没办成，原因请打开银龄医保看，或打12393。")
)

// ByOf is who an actor is when bringing something for a person.
func ByOf(who audit.Actor, subject string) string {
	switch who.Role {
	case "citizen":
		if who.Person == subject {
			return BySelf
		}
		return ByProxy
	case "institution", "api":
		return ByInstitution
	case "point":
		return ByPoint
	}
	return ByClerk
}

// Apply brings a matter: facts are gathered, the rule desk.matter decides, a case
// is opened with one number, and where the pack allows it is decided at once. A
// refusal is stored as a decision, too: the person may ask why, also years later.
func (s *Service) Apply(ctx context.Context, who audit.Actor, in ApplyInput) (Receipt, error) {
	var no *refusedMatter
	r, err := audit.Do(ctx, s.Log, who, audit.Act{Region: in.Region, Verb: "desk.apply", Object: in.Person, Key: in.Key, Body: in},
		func(tx *db.Tx) (Receipt, error) {
			r, err := s.apply(tx, who, in)
			if err == nil && in.Ticket != "" && s.Taken != nil {
				err = s.Taken(tx, who, in.Region, in.Ticket, r)
			}
			return r, err
		})
	if errors.As(err, &no) {
		audit.Do(ctx, s.Log, who, audit.Act{Region: in.Region, Verb: "desk.turned_away", Object: in.Person},
			func(tx *db.Tx) (string, error) { return audit.DecideOne(tx, in.Region, no.decision, in.Person) })
	}
	return r, err
}

type refusedMatter struct {
	error
	decision policy.Decision
}

func (r *refusedMatter) Unwrap() error { return r.error }

func (s *Service) apply(tx *db.Tx, who audit.Actor, in ApplyInput) (r Receipt, err error) {
	if who.Region != in.Region {
		return r, fault.New(fault.Forbidden, "这位参保人不在您的统筹区。要替外地的人收件，请用「通办」。")
	}
	v, err := s.Packs.At(in.Region, tx.Today())
	if err != nil {
		return r, err
	}
	m, err := MatterOf(v, in.Matter)
	if err != nil {
		return r, err
	}
	var p person.Person
	var scope, newcomer string
	if in.Person == "" && in.New.IDNo != "" && who.Role != "citizen" {
		p, newcomer, err = s.newcomer(tx, in.Region, m, in.New)
	} else {
		p, scope, err = s.subject(tx, who, in.Person)
	}
	if err != nil {
		return r, err
	}
	by := ByOf(who, in.Person)
	if (by == ByPoint || by == ByInstitution) && strings.TrimSpace(in.Consent) == "" {
		return r, fault.Field("consent", "请写明本人怎样同意您代办：当面、电话还是书面")
	}
	if in.Answers, err = judgeAll(m.Fields, in.Answers); err != nil {
		return r, err
	}
	if s.May != nil {
		if err := s.May(tx, who, m); err != nil {
			return r, err
		}
	}
	facts, supplied, open, err := s.facts(tx, in.Region, m, p, by, in.Channel)
	if err != nil {
		return r, err
	}
	if in.Draft {
		docs, err := Documents(tx, in.Region, draftOf(who, m.ID))
		if err != nil {
			return r, err
		}
		for _, d := range docs {
			in.Files = append(in.Files, FileFor{d.Kind, Stored{ID: d.ID}})
		}
	}
	brought := []string{}
	for _, f := range in.Files {
		brought = append(brought, f.Kind)
	}
	out, decision, err := MatterRule.Decide(v, MatterIn{Matter: m.ID, Scope: scope, Facts: facts, Brought: brought, Supplied: supplied, Open: open, New: newcomer != ""})
	if fault.Is(err, fault.Refused) {
		return r, &refusedMatter{err, decision}
	}
	if err != nil {
		return r, err
	}
	if m.Opens != "" && in.Origin.Case != "" {
		return r, fault.New(fault.Refused, "「%s」不能异地代收，请打参保地的 12393", m.Name)
	}
	if m.Opens != "" {
		act := s.Acts[m.Opens]
		if act.Instead == nil {
			return r, fmt.Errorf("desk: the deed %q of matter %s cannot open a case", m.Opens, m.ID)
		}
		if r, err = act.Instead(tx, who, in); err != nil {
			return r, err
		}
		r.Matter = m.Name
		return r, Note(tx, in.Region, r.Number, Step{Action: "matter", Say: "按「" + m.Name + "」收件，" + ByName(by), Decision: ""}, who)
	}
	a := Application{Region: in.Region, Matter: m.ID, Person: p.ID, Step: out.Step, By: by, Institution: who.Institution, Consent: in.Consent, Answers: in.Answers, newcomer: newcomer,
		Other: in.Origin.Case, OtherRegion: in.Origin.Region}
	if newcomer != "" {
		a.Asked = map[string]string{newName: in.New.Name, newIDNo: in.New.IDNo, newDistrict: in.New.District}
	}
	for _, st := range m.Steps {
		if check := s.Acts[st.Act].Check; check != nil {
			if err := check(tx, who, a); err != nil {
				return r, err
			}
		}
	}
	ok := true
	rank, first, err := s.Order(v, p.Groups)
	if err != nil {
		return r, err
	}
	applicant := ""
	if by == ByProxy {
		applicant = who.Person
	}
	stage, status := string(m.Steps[0].Role), StatusOpen
	if len(out.Missing) > 0 {
		stage, status, out.Days = StageWaiting, StatusWaiting, supplyDays.In(v)
	}
	c, err := Open(tx, NewCase{Region: in.Region, Matter: MatterWord, Topic: m.ID, Stage: stage, Channel: in.Channel,
		Person: p.ID, Nobody: newcomer != "", Applicant: applicant, Relation: in.Relation, District: p.District, Rank: rank, Priority: first,
		DueWorkdays: out.Days, Calendar: v.Calendar(), Missing: int64(len(out.Missing)),
		ChecksOK: int64(len(decision.Explain)), ChecksAll: int64(len(decision.Explain)),
		Action: "apply", Note: fmt.Sprintf("收到「%s」（%s，%s）", m.Name, ByName(by), in.Channel.Name()), By: who})
	if err != nil {
		return r, err
	}
	if status == StatusWaiting {
		if c, err = Advance(tx, in.Region, c.ID, Move{Status: StatusWaiting, Action: "more", Note: "还差：" + strings.Join(out.Missing, "、"), By: audit.System(in.Region)}); err != nil {
			return r, err
		}
	}
	a.Case = c.ID
	if a.Decision, err = audit.DecideOne(tx, in.Region, decision, c.ID); err != nil {
		return r, err
	}
	if err := s.insertApplication(tx, a); err != nil {
		return r, err
	}
	for _, f := range in.Files {
		if in.Draft && f.SHA256 == "" {
			err = Adopt(tx, in.Region, f.ID, draftOf(who, m.ID), c.ID, who)
		} else {
			_, err = Attach(tx, in.Region, c.ID, f.Kind, f.Stored, who)
		}
		if err != nil {
			return r, err
		}
	}
	if in.Draft {
		if err := DropDraft(tx, in.Region, who.ID, m.ID); err != nil {
			return r, err
		}
	}
	if err := s.givePapers(tx, v, m, a); err != nil {
		return r, err
	}
	r = Receipt{Number: c.ID, Matter: m.Name, Due: c.Due, Missing: out.Missing}
	for st := m.Steps[0]; len(out.Missing) == 0 && (out.Instant || st.Role == "system"); {
		if r.Done, r.Say, err = s.decide(tx, audit.System(in.Region), Cmd{Region: in.Region, ID: c.ID}, StepIn{Verdict: Pass}); err != nil {
			return r, err
		}
		if st, ok = m.After(st.ID); !ok {
			return r, nil
		}
	}
	if len(r.Missing) > 0 {
		return r, s.tell(tx, a, textMore.Say(p.Name, m.Name, c.Due.Short()), nil)
	}
	if c.Due.IsZero() {
		return r, nil
	}
	return r, s.tell(tx, a, textTaken.Say(p.Name, m.Name, c.ID[len(c.ID)-4:], c.Due.Short()), nil)
}

// tell enqueues a message; with a move it waits until the decision stands.
func (s *Service) tell(tx *db.Tx, a Application, text string, m *Move) error {
	t := Told{Case: a.Case, Person: a.Person, Text: text, At: tx.Millis()}
	if a.By == ByInstitution {
		t.Inst = a.Institution
	}
	key := fmt.Sprintf("%s-%d", a.Case, t.At)
	if m == nil || !m.Undo {
		return job.Put(tx, a.Region, key, tx.Now(), t)
	}
	l, err := undo.Put(tx, a.Region, key, t)
	m.Jobs = append(m.Jobs, l)
	return err
}

func draftOf(who audit.Actor, matter string) string { return "draft:" + matter + ":" + who.ID }

// subject reads the person and what the actor may do for them: citizens for
// themselves or within a proxy; to a stranger the person does not exist.
func (s *Service) subject(tx *db.Tx, who audit.Actor, id string) (p person.Person, scope string, err error) {
	if who.Role == "citizen" && who.Person != id {
		if who.Person != "" {
			if scope, _, err = s.Persons.ProxyScope(tx, who.Region, who.Person, id, tx.Today()); err != nil {
				return p, "", err
			}
		}
		if scope == "" {
			return p, "", fault.New(fault.NotFound, "没有找到这位参保人的事项。要替家人办，请先在「家人代办」里得到本人同意。")
		}
	}
	p, err = s.Persons.Get(tx, who.Region, id)
	return p, scope, err
}

// facts gathers what preconditions ask about, what data sharing supplies, and
// the number of a case of the same matter on its way.
func (s *Service) facts(tx *db.Tx, region string, m Matter, p person.Person, by string, ch Channel) (f MatterFacts, supplied []string, open string, err error) {
	today := tx.Today()
	f = MatterFacts{By: by, Channel: string(ch), Age: int64(p.Age(today)), Alive: p.Deceased == 0, Resident: p.Resident, Groups: slices.Clone(p.Groups)}
	if f.Groups == nil {
		f.Groups = []string{}
	}
	if p.ID == "" { // nothing is known of a newcomer
		return f, []string{}, "", nil
	}
	supplied = []string{"identity"}
	covers, err := s.Persons.Coverages(tx, region, p.ID)
	if err != nil {
		return f, nil, "", err
	}
	for _, c := range covers {
		if c.Covers(today) {
			f.Insured, f.Coverage = true, c.Kind
		}
	}
	if f.Insured {
		supplied = append(supplied, "coverage")
	}
	if len(p.Groups) > 0 {
		supplied = append(supplied, "groups")
	}
	if p.Address != "" || p.Community != "" {
		supplied = append(supplied, "address")
	}
	apps, err := s.applicationsOf(tx, region, p.ID)
	if err != nil {
		return f, nil, "", err
	}
	family, _, _ := strings.Cut(m.ID, ".")
	for _, a := range apps {
		stands := !a.Since.IsZero() && a.Since <= today && (a.Until.IsZero() || today <= a.Until)
		if kin, _, _ := strings.Cut(a.Matter, "."); stands && kin == family {
			f.Related = true
			f.Standing = f.Standing || a.Matter == m.ID
		}
		if a.Matter == m.ID && a.Step != "" {
			open = a.Case
		}
	}
	if s.Known != nil {
		if err := s.Known(tx, region, p.ID, &f); err != nil {
			return f, nil, "", err
		}
	}
	if f.Level > 0 {
		supplied = append(supplied, "level")
	}
	return f, supplied, open, nil
}

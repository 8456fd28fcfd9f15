package assess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Matter is the word of this domain on the desk.
const Matter = "assess"

// Service carries applications along the transition table.
type Service struct {
	Log     *audit.Log
	Packs   *policy.Set
	Persons *person.Service
	Files   *desk.Files

	// Others tells which other care subsidies a person gets; nil: what the applicant says counts.
	Others func(tx *db.Tx, v *policy.View, region, person string, declared []string) (OtherCare, error)
}

// Cmd names the application that an act is for. Version is the version of the
// case that the page showed (0: not from a page), Key the idempotency key.
type Cmd struct {
	Region, ID string
	Version    int64
	Key        string
}

// work is one step on its way: what the acts read and change.
type work struct {
	tx    *db.Tx
	s     *Service
	who   audit.Actor
	v     *policy.View
	app   Application
	from  State
	arrow Arrow
	move  desk.Move
	note  []string // sentences of the step
}

func (w *work) say(format string, args ...any) { w.note = append(w.note, fmt.Sprintf(format, args...)) }

// decide stores a decision and returns its id. A refusal is stored by the
// caller's choice: most acts simply fail with it.
func (w *work) decide(d policy.Decision) (string, error) {
	return audit.DecideOne(w.tx, w.app.Region, d, w.app.ID)
}

// step runs one action of the flow: it checks order, role and the right to the
// case, runs fn, and writes application, case, timeline and audit in one
// transaction. fn sets w.app.State when the arrow is taken; leaving it keeps the
// application where it is (a first signature, a first opinion).
func (s *Service) step(ctx context.Context, who audit.Actor, c Cmd, act Action, body any, fn func(*work) error) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: c.Region, Verb: "assess." + string(act), Object: c.ID, Key: c.Key, Body: []any{c.ID, body}},
		func(tx *db.Tx) error { return s.stepTx(tx, who, c, act, fn) })
}

func (s *Service) stepTx(tx *db.Tx, who audit.Actor, c Cmd, act Action, fn func(*work) error) error {
	app, err := get(tx, c.Region, c.ID)
	if err != nil {
		return err
	}
	if who.Region != c.Region {
		return fault.New(fault.Forbidden, "这件不在您的统筹区，请由参保地经办机构办理。")
	}
	arrow, err := next(app.State, act, who.Role)
	if err != nil {
		return err
	}
	if err := s.entitled(tx, who, app, act); err != nil {
		return err
	}
	v, err := s.Packs.At(c.Region, tx.Today())
	if err != nil {
		return err
	}
	w := &work{tx: tx, s: s, who: who, v: v, app: app, from: app.State, arrow: arrow,
		move: desk.Move{Action: string(act), By: who, Version: c.Version, Calendar: v.Calendar()}}
	if err := fn(w); err != nil {
		return err
	}
	if w.app.State != w.from && w.app.State != arrow.To {
		return fmt.Errorf("assess: %s led from %q to %q, the table says %q", act, w.from, w.app.State, arrow.To)
	}
	if err := put(tx, w.app, w.from); err != nil {
		return err
	}
	w.move.Stage = StageOf(w.app.State)
	if w.move.Status == "" {
		w.move.Status = statusOf(w.app.State)
	}
	w.move.Note = strings.Join(w.note, "")
	w.move.Quiet = w.move.Note == ""
	if _, err = desk.Advance(tx, c.Region, c.ID, w.move); err != nil {
		return err
	}
	return w.givePaper(act)
}

func statusOf(s State) desk.Status {
	switch s {
	case StateSupplement:
		return desk.StatusWaiting
	case StateEffective, StateBelow, StateExpired:
		return desk.StatusDone
	case StateRefused:
		return desk.StatusRefused
	case StateWithdrawn:
		return desk.StatusWithdrawn
	}
	return desk.StatusOpen
}

// entitled checks the right to this very application: a citizen for himself or
// within a proxy, an institution for what it entered, members for what they
// were drawn for. Staff of the desk were checked by role and region.
func (s *Service) entitled(tx *db.Tx, who audit.Actor, app Application, act Action) error {
	switch who.Role {
	case roleCitizen:
		if act == ActObject && app.State == StateOnNotice {
			return nil // who reads the notice may object, in the real name
		}
		return s.mayAct(tx, who, app.Person, "act")
	case roleInstitution:
		if app.EnteredInst == "" || app.EnteredInst != who.Institution {
			return errNotFound(app.ID)
		}
	}
	return nil
}

func errNotFound(id string) error {
	return fault.New(fault.NotFound, "没有找到受理号是 %s 的评估申请。请照回执核对，或打 12393。", id)
}

// mayAct tells whether a citizen may see («see») or act («act») for a person.
// To a stranger the application does not exist.
func (s *Service) mayAct(tx *db.Tx, who audit.Actor, personID, need string) error {
	if who.Person == personID {
		return nil
	}
	if who.Person != "" {
		scope, _, err := s.Persons.ProxyScope(tx, who.Region, who.Person, personID, tx.Today())
		if err != nil {
			return err
		}
		if scope == "act" || scope == "pay" || scope != "" && need == "see" {
			return nil
		}
		if scope != "" {
			return fault.New(fault.Forbidden, "您现在只能看，不能替办。请本人在「家人代办」里把权限改成「可以办」。")
		}
	}
	return fault.New(fault.NotFound, "没有找到这位参保人的事项。要替家人办，请先在「家人代办」里得到本人同意。")
}

// ApplyInput is an application.
type ApplyInput struct {
	Region   string
	Key      string // idempotency
	Person   string
	Kind     Kind // empty: as the last conclusion and the day have it
	Channel  desk.Channel
	Relation string // of the applicant to the person; empty: 本人
	Answers  Told
	Draft    bool          // take over the evidence of the account's draft and drop it
	Files    []desk.Stored `json:"files,omitempty"` // evidence that came with the form itself
	Insist   bool          // file it although the automatic checks say no: a person shall look at it
}

// Receipt is what the applicant gets: the number, and until when what happens.
type Receipt struct {
	Number   string
	AcceptBy day.Day // the desk accepts, asks or refuses by then
	Missing  int64
	Grade    string
	Decision string
}

// Apply files an application: self-screen, automatic checks, order of service.
// StateRefused with the clause when the self-screen or a hard check says no; the
// refusal is stored as a decision too, so that the person can ask why.
func (s *Service) Apply(ctx context.Context, who audit.Actor, in ApplyInput) (Receipt, error) {
	r, err := audit.Do(ctx, s.Log, who, audit.Act{Region: in.Region, Verb: "assess.apply", Object: in.Person, Key: in.Key, Body: in},
		func(tx *db.Tx) (Receipt, error) { return s.apply(tx, who, in) })
	var no *refusedApply
	if errors.As(err, &no) {
		// The refusal is a decision that the person may ask about, also years later.
		r.Decision, _ = audit.Do(ctx, s.Log, who, audit.Act{Region: in.Region, Verb: "assess.refused", Object: in.Person},
			func(tx *db.Tx) (string, error) { return audit.DecideOne(tx, in.Region, no.decision, in.Person) })
	}
	return r, err
}

// refusedApply carries the decision behind a refusal out of the transaction
// that it undoes.
type refusedApply struct {
	error
	decision policy.Decision
}

func (r *refusedApply) Unwrap() error { return r.error }

// ApplyTx is Apply inside another act; a refusal carries no stored decision then.
func (s *Service) ApplyTx(tx *db.Tx, who audit.Actor, in ApplyInput) (Receipt, error) {
	return s.apply(tx, who, in)
}

func (s *Service) apply(tx *db.Tx, who audit.Actor, in ApplyInput) (r Receipt, err error) {
	if who.Region != in.Region {
		return r, fault.New(fault.Forbidden, "这位参保人不在您的统筹区，请由参保地经办机构办理。")
	}
	if _, err := next(StateNone, ActApply, who.Role); err != nil {
		return r, err
	}
	if who.Role == roleCitizen {
		if err := s.mayAct(tx, who, in.Person, "act"); err != nil {
			return r, err
		}
	}
	p, err := s.Persons.Get(tx, in.Region, in.Person)
	if err != nil {
		return r, err
	}
	v, err := s.Packs.At(in.Region, tx.Today())
	if err != nil {
		return r, err
	}
	earlier, err := appsOf(tx, in.Region, in.Person)
	if err != nil {
		return r, err
	}
	for _, e := range earlier {
		if !statusOf(e.State).Closed() {
			return r, fault.New(fault.Conflict, "%s已经有一件评估在办（%s，%s），不用再申请。看进度就行。", p.Name, e.ID, e.State.Name())
		}
	}
	before := slices.IndexFunc(earlier, func(e Application) bool { return e.FinalLevel >= 0 })
	if in.Kind == "" {
		in.Kind = First
		if before >= 0 {
			in.Kind = kindAfter(v, earlier[before], tx.Today())
		}
	}
	app := Application{Region: in.Region, Person: in.Person, Kind: in.Kind, State: StateApplied, Round: 1, Answers: in.Answers,
		RecordedLevel: -1, FinalLevel: -1, EnteredBy: who.ID}
	if who.Role == roleInstitution {
		app.EnteredInst = who.Institution
	}
	if before >= 0 {
		app.Previous = earlier[before].ID
	}
	if !in.Draft {
		app.Answers.Documents = nil
	}
	checks, err := s.checkApply(tx, v, p, app, len(app.Answers.Documents)+len(in.Files), earlier)
	if err != nil {
		return r, err
	}
	app.SelfGrade = checks.grade
	if checks.refusal != nil && !in.Insist {
		return r, &refusedApply{checks.refusal, checks.decision}
	}
	limit, err := workdays(v, acceptDays)
	if err != nil {
		return r, err
	}
	missing := int64(len(checks.missing))
	applicant := ""
	if who.Role == roleCitizen && who.Person != in.Person {
		applicant = who.Person
	}
	c, err := desk.Open(tx, desk.NewCase{Region: in.Region, Matter: Matter, Stage: StageOf(StateApplied), Channel: in.Channel,
		Person: in.Person, Applicant: applicant, Relation: in.Relation, District: p.District,
		Rank: checks.rank, Priority: checks.priority, DueWorkdays: limit, Calendar: v.Calendar(),
		Missing: missing, ChecksOK: checks.ok, ChecksAll: checks.all,
		Action: string(ActApply), Note: applyNote(in, who), By: who})
	if err != nil {
		return r, err
	}
	app.ID = c.ID
	if app.DApply, err = audit.DecideOne(tx, in.Region, checks.decision, c.ID); err != nil {
		return r, err
	}
	if app.DOrder, err = audit.DecideOne(tx, in.Region, checks.order, c.ID); err != nil {
		return r, err
	}
	if err := insertApp(tx, app); err != nil {
		return r, err
	}
	if in.Draft {
		for _, doc := range in.Answers.Documents {
			if err := desk.Adopt(tx, in.Region, doc, draftCase(who), c.ID, who); err != nil {
				return r, err
			}
		}
		if err := desk.DropDraft(tx, in.Region, who.ID, Matter); err != nil {
			return r, err
		}
	}
	for _, f := range in.Files {
		if _, err := desk.Attach(tx, in.Region, c.ID, "record", f, who); err != nil {
			return r, err
		}
	}
	if err := desk.Note(tx, in.Region, c.ID, desk.Step{Stage: c.Stage, Action: "check", Decision: app.DApply,
		Say: fmt.Sprintf("自动核验 %d 项，通过 %d 项", checks.all, checks.ok)}, audit.System(in.Region)); err != nil {
		return r, err
	}
	if err := s.noteCare(tx, c, checks.care); err != nil {
		return r, err
	}
	return Receipt{Number: c.ID, AcceptBy: c.Due, Missing: missing, Grade: app.SelfGrade, Decision: app.DApply}, nil
}

// noteCare keeps the decision about other care subsidies, and reminds the desk
// of those to be linked with.
func (s *Service) noteCare(tx *db.Tx, c desk.Case, care OtherCare) error {
	id := ""
	if care.Decision.Rule != "" {
		var err error
		if id, err = audit.DecideOne(tx, c.Region, care.Decision, c.ID); err != nil {
			return err
		}
	}
	if len(care.Links)+len(care.Payers) == 0 {
		return nil
	}
	say := "有其他护理补贴：" + strings.Join(append(slices.Clone(care.Payers), care.Links...), "、") + "；请核对，同一项护理不重复享受"
	return desk.Note(tx, c.Region, c.ID, desk.Step{Stage: c.Stage, Action: "check", Decision: id, Say: say}, audit.System(c.Region))
}

// kindAfter is what an application means when there is a conclusion already:
// its validity is about to end, or half a year has passed and the state may have
// changed. Sooner it counts as the same state, and the rule says so.
func kindAfter(v *policy.View, last Application, today day.Day) Kind {
	switch months, ok := reviewMonths.Get(v); {
	case !last.RenewFrom.IsZero() && today >= last.RenewFrom || !last.ValidTo.IsZero() && today > last.ValidTo:
		return Renew
	case ok && !last.ConcludedOn.IsZero() && today >= last.ConcludedOn.AddMonths(int(months)):
		return Change
	}
	return First
}

func applyNote(in ApplyInput, who audit.Actor) string {
	note := "收到" + in.Kind.Name() + "申请（" + in.Channel.Name() + "）"
	if who.Role == roleCitizen && in.Relation != "" && in.Relation != "本人" {
		note += "，" + in.Relation + "代办"
	}
	return note
}

// Accept accepts a complete application (受理). Where an automatic check failed,
// note says what the clerk found out instead.
func (s *Service) Accept(ctx context.Context, who audit.Actor, c Cmd, note string) error {
	return s.step(ctx, who, c, ActAccept, note, func(w *work) error {
		k, err := desk.Get(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		if k.Missing > 0 {
			return fault.New(fault.Conflict, "还差 %d 样材料，不能受理。请先要求补材料。", k.Missing)
		}
		note = strings.TrimSpace(note)
		if k.ChecksOK < k.ChecksAll && note == "" {
			return fault.Field("note", "自动核验有 %d 项没有通过，要受理请写人工核对的情况", k.ChecksAll-k.ChecksOK)
		}
		limit, err := workdays(w.v, deliverDays)
		if err != nil {
			return err
		}
		w.app.State, w.app.AcceptedBy = StateAccepted, who.ID
		w.move.DueWorkdays = limit
		w.say("%s受理了申请，%d 个工作日内出结论", w.who.Name, limit)
		if note != "" {
			w.say("。人工核对：%s", note)
		}
		return w.decided(textAccepted, c.ID[len(c.ID)-4:])
	})
}

// Supplement asks for what is missing (补正), all of it at once.
func (s *Service) Supplement(ctx context.Context, who audit.Actor, c Cmd, what string) error {
	return s.step(ctx, who, c, ActSupplement, what, func(w *work) error {
		what = strings.TrimSpace(what)
		if what == "" {
			return fault.Field("what", "请写清楚还差哪几样材料")
		}
		limit, err := workdays(w.v, supplementDays)
		if err != nil {
			return err
		}
		by, err := w.v.Calendar().AddWorkdays(w.tx.Today(), int(limit))
		if err != nil {
			return fault.New(fault.Refused, "%s", err.Error())
		}
		w.app.State, w.app.MissingWhat, w.app.SupplyBy = StateSupplement, what, by
		n := int64(strings.Count(what, "、") + 1)
		w.move.Missing, w.move.DueWorkdays = &n, desk.StopDue
		w.say("还差：%s。请在%s前补交，时限从补齐那天重新算", what, by.Chinese())
		if err := s.later(w.tx, c.Region, SupplyDue{Case: c.ID, By: by}, by+1); err != nil {
			return err
		}
		return w.decided(textMissing, n, by.Short())
	})
}

// Supply hands in what was missing; files are attached with AddDocument before.
func (s *Service) Supply(ctx context.Context, who audit.Actor, c Cmd) error {
	return s.step(ctx, who, c, ActSupply, nil, func(w *work) error {
		docs, err := desk.Documents(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		steps, err := desk.Steps(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		asked := time.Time{}
		for _, st := range steps {
			if st.Action == string(ActSupplement) {
				asked = st.At
			}
		}
		if !slices.ContainsFunc(docs, func(d desk.Document) bool { return !d.At.Before(asked) }) {
			return fault.Field("file", "还没有收到要补的材料，请先拍照或选文件")
		}
		limit, err := workdays(w.v, acceptDays)
		if err != nil {
			return err
		}
		none := int64(0)
		w.app.State, w.app.MissingWhat, w.app.SupplyBy = StateApplied, "", 0
		w.move.Missing, w.move.DueWorkdays = &none, limit
		w.say("材料补齐了，重新排队等受理")
		return nil
	})
}

// Refuse refuses the application (不予受理) on one of RefuseGrounds; the rule
// assess.apply gives the sentence and the clause.
func (s *Service) Refuse(ctx context.Context, who audit.Actor, c Cmd, ground, detail string) error {
	return s.step(ctx, who, c, ActRefuse, []string{ground, detail}, func(w *work) error {
		say, dec, err := w.refuseReason(ground, detail)
		if err != nil {
			return err
		}
		if w.move.Decision, err = w.decide(dec); err != nil {
			return err
		}
		w.app.State = StateRefused
		w.say("不予受理：%s。情况变了可以再申请；对这个决定有意见，可以要求经办机构复核", say)
		if w.from != StateApplied {
			return w.message(textRefused) // the file stood still before: there is nothing to go back to
		}
		return w.decided(textRefused)
	})
}

// Withdraw takes the application back (撤回), until somebody has scored.
func (s *Service) Withdraw(ctx context.Context, who audit.Actor, c Cmd, reason string) error {
	return s.step(ctx, who, c, ActWithdraw, reason, func(w *work) error {
		w.app.State = StateWithdrawn
		w.say("%s撤回了申请", w.who.Name)
		if reason != "" {
			w.say("：%s", reason)
		}
		return nil
	})
}

// AddDocument registers a saved file with a case; the timeline shows it.
func (s *Service) AddDocument(ctx context.Context, who audit.Actor, c Cmd, kind string, f desk.Stored) (desk.Document, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: c.Region, Verb: "desk.document", Object: c.ID, Key: c.Key, Body: []any{c.ID, kind, f.SM3}},
		func(tx *db.Tx) (d desk.Document, err error) {
			app, err := get(tx, c.Region, c.ID)
			if err != nil {
				return d, err
			}
			if err := s.maySee(tx, who, app, "act"); err != nil {
				return d, err
			}
			if statusOf(app.State).Closed() {
				return d, fault.New(fault.Conflict, "这件已经办结，不能再加材料。")
			}
			if d, err = desk.Attach(tx, c.Region, c.ID, kind, f, who); err != nil {
				return d, err
			}
			return d, desk.Note(tx, c.Region, c.ID, desk.Step{Stage: StageOf(app.State), Action: "document",
				Say: "收到材料：" + KindName(kind)}, who)
		})
}

// DocumentKinds names the kinds of evidence.
var DocumentKinds = []struct{ Key, Name string }{
	{"record", "病历或诊断证明"}, {"identity", "身份证件"}, {"proxy", "代办委托书"},
	{"video", "评估现场录像"}, {"photo", "现场照片"}, {"signature", "签字页"}, {"other", "其他材料"},
}

// KindName is a kind of evidence in Chinese.
func KindName(kind string) string {
	for _, k := range DocumentKinds {
		if k.Key == kind {
			return k.Name
		}
	}
	return "材料"
}

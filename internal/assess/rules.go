package assess

import (
	"fmt"
	"slices"
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// This file is the seam between the service and the rules: it turns rows into
// the inputs of rules and keeps their decisions.

// workdays reads a limit that a region may leave out. A step that needs it says
// so; nothing is guessed.
func workdays(v *policy.View, key policy.Key[int64]) (int64, error) {
	n, ok := key.Get(v)
	if !ok || n < 1 {
		return 0, fault.New(fault.Refused, "政策包里没有写「%s」，这一步办不了。请政策岗在政策包里补上。", key.Name())
	}
	return n, nil
}

type checked struct {
	grade           string
	ok, all         int64
	rank            int64
	priority        string
	missing         []string
	decision, order policy.Decision
	care            OtherCare
	refusal         error // what assess.apply refused with; nil: may go on
}

// NeededMaterial is what an application must bring.
const NeededMaterial = "病历或诊断证明"

// Subsidies that the form asks for: whoever gets one of the payers' has no
// claim on the fund for the same care; the others are noted for the link with
// the departments that pay them.
var Subsidies = []struct {
	Key, Name string
	Payer     bool
}{
	{"work_injury", "工伤保险生活护理费", true},
	{"third_party", "应由第三人负担的护理费", true},
	{"disabled", "重度残疾人护理补贴", false},
	{"elder", "经济困难失能老人护理补贴", false},
	{"veteran", "伤残军人护理费", false},
}

// OtherCare is what is known about care subsidies that others pay.
type OtherCare struct {
	Payers   []string        // names of those that pay instead of the fund
	Links    []string        // names of those to be linked with (政策衔接): told, no ground to refuse
	Source   string          // how it is known: 申请人填报, 部门登记册
	Decision policy.Decision // of the rule that told them apart; Rule "": none
}

// otherCare asks the registers of other departments, where the program has
// them; else the applicant's own word counts.
func (s *Service) otherCare(tx *db.Tx, v *policy.View, app Application) (c OtherCare, err error) {
	if s.Others != nil {
		return s.Others(tx, v, app.Region, app.Person, app.Answers.Subsidy)
	}
	for _, sub := range Subsidies {
		if slices.Contains(app.Answers.Subsidy, sub.Key) {
			if sub.Payer {
				c.Payers = append(c.Payers, sub.Name)
			} else {
				c.Links = append(c.Links, sub.Name)
			}
		}
	}
	return c, nil
}

// checkApply runs self-screen, automatic checks and order on what the registers know.
func (s *Service) checkApply(tx *db.Tx, v *policy.View, p person.Person, app Application, evidence int, earlier []Application) (c checked, err error) {
	today := tx.Today()
	screen, _, err := SelfScreenRule.Decide(v, ScreenAnswers{Items: app.Answers.Items})
	if err != nil {
		return c, err
	}
	c.grade = screen.Grade
	if app.Answers.Since == 0 || app.Answers.Since > today.Month() {
		return c, fault.Field("since", "请选从哪个月起需要人照顾，不能晚于这个月")
	}
	facts := ApplyFacts{DisabledMonths: int64(today.Month() - app.Answers.Since), MonthsSinceLevel: -1,
		SameState: app.Kind != Change, SelfscreenOK: screen.MayApply, OtherPayers: []string{}, MissingMaterial: []string{}}
	cov, err := s.Persons.CoverageOn(tx, app.Region, app.Person, today)
	switch {
	case err == nil:
		facts.Covered, facts.PaidMonths = true, int64(cov.Streak)
	case !fault.Is(err, fault.NotFound):
		return c, err
	}
	if i := slices.IndexFunc(earlier, func(e Application) bool { return e.FinalLevel >= 0 && !e.ConcludedOn.IsZero() }); i >= 0 {
		facts.MonthsSinceLevel = fullMonths(earlier[i].ConcludedOn, today)
	}
	if c.care, err = s.otherCare(tx, v, app); err != nil {
		return c, err
	}
	facts.OtherPayers, facts.PayerSource = append(facts.OtherPayers, c.care.Payers...), c.care.Source
	if evidence == 0 {
		facts.MissingMaterial = append(facts.MissingMaterial, NeededMaterial)
	}
	c.missing = facts.MissingMaterial
	_, c.decision, err = ApplyRule.Decide(v, facts)
	if err != nil && !fault.Is(err, fault.Refused) {
		return c, err
	}
	c.refusal = err
	failed, err := applyConditions.Check(v, facts)
	if err != nil {
		return c, err
	}
	rows, _ := applyConditions.Peek(v)
	c.all = int64(len(rows))
	c.ok = c.all - int64(len(failed))
	order, dec, err := OrderRule.Decide(v, OrderFacts{Groups: groupsOf(p)})
	if err != nil {
		return c, err
	}
	c.rank, c.priority, c.order = order.Priority, order.Group, dec
	return c, nil
}

func groupsOf(p person.Person) []string {
	if p.Groups == nil {
		return []string{}
	}
	return p.Groups
}

// fullMonths counts full months between two days.
func fullMonths(from, to day.Day) int64 {
	n := int64(to.Month() - from.Month())
	if from.AddMonths(int(n)) > to {
		n--
	}
	return n
}

// kindOf is the medical insurance that a person's coverage follows.
func kindOf(c person.Coverage) string {
	if c.Kind == "" {
		return "resident"
	}
	return c.Kind
}

// checkScore refuses an item that the instrument does not have and a score that
// is not one of its options.
func checkScore(v *policy.View, id string, score int64) error {
	items := Instrument(v)
	for i := range items {
		if items[i].ID == id {
			if !items[i].has(score) {
				return fault.Field("score", "「%s」只能打 %s 分，请在选项里选", items[i].Name, items[i].scores())
			}
			return nil
		}
	}
	return fault.Field("item", "评估表里没有这一项")
}

func levelOf(v *policy.View, scores map[string]int64) (int64, string, policy.Decision, error) {
	var left []string
	for _, it := range Instrument(v) {
		if _, ok := scores[it.ID]; !ok {
			left = append(left, it.Name)
		}
	}
	if len(left) > 0 {
		return 0, "", policy.Decision{}, fault.Field("scores", "还有 %d 项没有记分：%s", len(left), strings.Join(left, "、"))
	}
	out, dec, err := LevelRule.Decide(v, Scores{Scores: scores})
	return out.Level, out.Name, dec, err
}

func staffingOf(v *policy.View, team []Member, visit Visit) (policy.Decision, error) {
	in := Staffing{Stage: "visit", Guardian: visit.Guardian != "", Video: visit.Video != ""}
	for _, m := range team {
		in.Staff = append(in.Staff, Assessor{ID: m.Staff, Name: m.Name, Role: m.Role, Reasons: []string{}})
	}
	_, dec, err := StaffingRule.Decide(v, in)
	return dec, err
}

// seatsOf is whom a round needs: those on site, experts among them, and the
// experts who conclude.
func seatsOf(v *policy.View) ([]Seat, error) {
	staff, experts, conclude := onsiteStaff.In(v), onsiteExperts.In(v), concludeExperts.In(v)
	if v.Err() != nil {
		return nil, v.Err()
	}
	seats := []Seat{{Duty: DutyVisit, Role: roleExpert, Count: int(experts)}}
	if staff > experts {
		seats = append(seats, Seat{Duty: DutyVisit, Role: roleAssessor, Count: int(staff - experts)})
	}
	return append(seats, Seat{Duty: DutyConclude, Role: roleExpert, Count: int(conclude)}), nil
}

type concluded struct {
	level    int64
	name     string
	third    bool
	decision policy.Decision
}

func concludeOf(v *policy.View, given []Finding) (c concluded, err error) {
	in := Opinions{}
	for _, o := range given {
		in.Opinions = append(in.Opinions, ExpertLevel{Expert: o.Staff, Level: o.Level})
	}
	out, dec, err := ConcludeRule.Decide(v, in)
	if err != nil {
		return c, err
	}
	c = concluded{level: out.Level, third: out.NeedThird, decision: dec, name: LevelName(v, out.Level)}
	if !out.Final && !out.NeedThird {
		return c, fmt.Errorf("assess: %d opinions give no conclusion", len(given))
	}
	return c, nil
}

// RefuseGrounds are the grounds on which an application may be refused (29号
// 第二十条); each is a fact of assess.apply, so that the refusal is a decision
// with its clause.
var RefuseGrounds = []struct{ Key, Name string }{
	{"checks", "自动核验没有通过"},
	{"covered", "没有参加长期护理保险"},
	{"other_payer", "护理费用应由其他渠道支付"},
	{"false", "材料经核实不真实"},
}

// refuseReason runs assess.apply again with what the clerk has found out, and
// takes its refusal; a ground on which the rule does not refuse is no ground.
func (w *work) refuseReason(ground, detail string) (string, policy.Decision, error) {
	p, err := w.s.Persons.Get(w.tx, w.app.Region, w.app.Person)
	if err != nil {
		return "", policy.Decision{}, err
	}
	earlier, err := appsOf(w.tx, w.app.Region, w.app.Person)
	if err != nil {
		return "", policy.Decision{}, err
	}
	earlier = slices.DeleteFunc(earlier, func(a Application) bool { return a.ID == w.app.ID })
	docs, err := desk.Documents(w.tx, w.app.Region, w.app.ID)
	if err != nil {
		return "", policy.Decision{}, err
	}
	c, err := w.s.checkApply(w.tx, w.v, p, w.app, len(docs), earlier)
	if err != nil {
		return "", policy.Decision{}, err
	}
	var facts ApplyFacts
	if in, ok := c.decision.In.(ApplyFacts); ok {
		facts = in
	}
	switch ground {
	case "checks":
	case "covered":
		facts.Covered = false
	case "other_payer":
		if strings.TrimSpace(detail) == "" {
			return "", policy.Decision{}, fault.Field("detail", "请写应由谁支付")
		}
		facts.OtherPayers = append(facts.OtherPayers, strings.TrimSpace(detail))
	case "false":
		if strings.TrimSpace(detail) == "" {
			return "", policy.Decision{}, fault.Field("detail", "请写哪份材料、怎样核实的")
		}
		facts.FalseMaterial = true
	default:
		return "", policy.Decision{}, fault.Field("ground", "请选不予受理的理由")
	}
	_, dec, err := ApplyRule.Decide(w.v, facts)
	if err == nil {
		return "", dec, fault.New(fault.Conflict, "自动核验都通过了，没有不予受理的依据。要么受理，要么写明是哪一种情形。")
	}
	if !fault.Is(err, fault.Refused) {
		return "", dec, err
	}
	return fault.As(err).Say, dec, nil
}

// LevelName is a level as the region calls it on the day of v.
func LevelName(v *policy.View, level int64) string {
	return benefit.Name(v, level)
}

package benefit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Benefit (待遇) is the right of a person to care at a level, from one day to another.
type Benefit struct {
	Region   string  `json:"region"`
	ID       string  `json:"id"`
	Person   string  `json:"person"`
	Level    int64   `json:"level"` // national level 0 to 5
	Case     string  `json:"case"`
	Decision string  `json:"decision"` // of the level
	Decided  day.Day `json:"decided"`
	From     day.Day `json:"from"`
	To       day.Day `json:"to"`       // inclusive
	EndedBy  string  `json:"ended_by"` // why it ended before its time
	Version  int64   `json:"version"`

	EndDecision string `json:"end_decision,omitempty"` // of an end by death
}

// Choice (护理方式选择) is one entry in the history of modes and institutions.
type Choice struct {
	Region      string   `json:"region"`
	Person      string   `json:"person"`
	Seq         int64    `json:"seq"`
	Benefit     string   `json:"benefit"`
	Modes       []string `json:"modes"`
	Institution string   `json:"institution"`
	From        day.Day  `json:"from"`
	Counts      bool     `json:"counts"` // counts against the yearly limit of changes
	By          string   `json:"by"`
	Decision    string   `json:"decision"`
}

// Pause (暂停) is a stay in hospital or another interruption.
type Pause struct {
	From   day.Day `json:"from"`
	To     day.Day `json:"to"` // inclusive; no day while it lasts
	Reason string  `json:"reason"`
	Note   string  `json:"note"`
}

// PauseReasons are the reasons of a pause and their names.
var PauseReasons = map[string]string{"hospital": "住院", "breach": "违规暂停", "other": "其他"}

// GrantInput is a decided level. View gives the region's start rule; a caller
// that already knows the first day sets From instead.
type GrantInput struct {
	Region   string
	Person   string
	Level    int64
	Case     string
	Decision string
	Decided  day.Day
	To       day.Day // last day of validity, inclusive
	From     day.Day
	View     *policy.View
}

// Grant makes a benefit out of a decided level. What the person had before ends
// on the day before. It is part of the caller's transaction and act.
func Grant(tx *db.Tx, in GrantInput) (_ Benefit, err error) {
	defer fault.Wrap(&err, "benefit.Grant(%s)", in.Case)
	if in.From.IsZero() {
		if in.View == nil {
			return Benefit{}, errors.New("neither View nor From")
		}
		out, dec, err := Start.Decide(in.View, StartIn{Decided: in.Decided})
		if err != nil {
			return Benefit{}, err
		}
		if _, err := audit.DecideOne(tx, in.Region, dec, in.Case); err != nil {
			return Benefit{}, err
		}
		in.From = out.From
	}
	switch {
	case in.Region == "" || in.Person == "" || in.Level < 0 || in.Level > 5:
		return Benefit{}, errors.New("incomplete input")
	case in.To < in.From:
		return Benefit{}, fault.Field("to", "待遇从 %s 开始，不能到 %s 就结束", in.From.Chinese(), in.To.Chinese())
	}
	b := Benefit{Region: in.Region, ID: tx.NewID(), Person: in.Person, Level: in.Level, Case: in.Case, Decision: in.Decision,
		Decided: in.Decided, From: in.From, To: in.To, Version: 1}
	if _, err := tx.Exec(cutBenefits, in.Region, in.Person, (in.From - 1).String(), "新的等级结论", b.ID); err != nil {
		return Benefit{}, err
	}
	_, err = tx.Exec(putBenefit, b.Region, b.ID, b.Person, b.Level, b.Case, b.Decision, b.Decided, b.From, b.To, tx.Millis())
	return b, err
}

// On is the benefit that holds on a day, or NotFound.
func On(tx *db.Tx, region, person string, on day.Day) (Benefit, error) {
	b, err := db.One(tx, scanBenefit, onBenefit, region, person, on.String())
	if errors.Is(err, db.ErrNone) {
		return b, fault.New(fault.NotFound, "%s 这一天没有可以享受的长护险待遇。", on.Chinese())
	}
	return b, err
}

// Get reads a benefit by id, or NotFound.
func Get(tx *db.Tx, region, id string) (Benefit, error) {
	b, err := db.One(tx, scanBenefit, getBenefit, region, id)
	if errors.Is(err, db.ErrNone) {
		return b, fault.New(fault.NotFound, "没有找到这份待遇。")
	}
	return b, err
}

// Of lists all benefits of a person, the oldest first.
func Of(tx *db.Tx, region, person string) ([]Benefit, error) {
	return db.All(tx, scanBenefit, ofPerson, region, person)
}

// End ends what the person has after the last day, by a reason in words (身故,
// 转出本地, 重新评估未达到等级).
func End(tx *db.Tx, region, person string, last day.Day, reason string) error {
	n, err := tx.Exec(cutBenefits, region, person, last.String(), reason, "")
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "%s 之后没有可以结束的待遇。", last.Chinese())
	}
	return err
}

// ChooseInput is a choice of modes and institution by the person or a proxy.
type ChooseInput struct {
	Region      string
	Person      string
	Modes       []string // one, or a combination that the region allows
	Institution string   // freely chosen; may be empty for family care alone
	From        day.Day
	By          string // account
	View        *policy.View
}

// ChooseMode records a choice after the rule benefit.change, and stores its
// decision. NotFound without a benefit on the day; Refused by the rule.
func ChooseMode(tx *db.Tx, in ChooseInput) (_ Choice, err error) {
	for _, m := range in.Modes {
		if !slices.Contains(Modes, m) {
			return Choice{}, fault.Field("mode", "护理方式请在居家、亲情、机构、社区里选")
		}
	}
	if len(in.Modes) == 0 {
		return Choice{}, fault.Field("mode", "请选择护理方式")
	}
	if in.Institution == "" && !slices.Equal(in.Modes, []string{"family"}) {
		return Choice{}, fault.Field("institution", "请选择为您服务的机构")
	}
	b, err := On(tx, in.Region, in.Person, in.From)
	if err != nil {
		return Choice{}, err
	}
	last, err := db.One(tx, scanMode, lastMode, in.Region, in.Person)
	if errors.Is(err, db.ErrNone) {
		last, err = Choice{}, nil
	}
	if err != nil {
		return Choice{}, err
	}
	if in.From < last.From {
		return Choice{}, fault.Field("from", "已经选好从 %s 起的护理方式，新的选择不能早于这一天", last.From.Chinese())
	}
	first, end := PerYear.Begin(in.From), in.From
	if _, _, l, err := ParsePeriod(PerYear.Period(in.From)); err == nil {
		end = l
	}
	changes, err := db.One(tx, db.Value[int64], countModes, in.Region, in.Person, first.String(), end.String())
	if err != nil {
		return Choice{}, err
	}
	out, dec, err := Change.Decide(in.View, ChangeIn{Modes: in.Modes, Before: last.Modes, Changes: changes, On: in.From})
	if err != nil {
		return Choice{}, err
	}
	id, err := audit.DecideOne(tx, in.Region, dec, b.ID)
	if err != nil {
		return Choice{}, err
	}
	c := Choice{Region: in.Region, Person: in.Person, Seq: last.Seq + 1, Benefit: b.ID, Modes: in.Modes, Institution: in.Institution,
		From: in.From, Counts: out.Counts, By: in.By, Decision: id}
	_, err = tx.Exec(putMode, c.Region, c.Person, c.Seq, c.Benefit, joinModes(c.Modes), c.Institution, c.From, c.Counts, c.By, c.Decision, tx.Millis())
	return c, err
}

// ModeOn is the choice that holds on a day, or NotFound.
func ModeOn(tx *db.Tx, region, person string, on day.Day) (Choice, error) {
	c, err := db.One(tx, scanMode, modeOn, region, person, on.String())
	if errors.Is(err, db.ErrNone) {
		return c, fault.New(fault.NotFound, "还没有选择护理方式。")
	}
	return c, err
}

// Suspended is a person's pause, as a register of stays or a decision gives it.
type Suspended struct {
	Person string
	Pause
}

// Suspend records pauses; the same first day and reason again changes the last
// day. Each pause has one of PauseReasons.
func Suspend(tx *db.Tx, region string, list []Suspended) error {
	rows := make([][]any, len(list))
	for i, p := range list {
		if PauseReasons[p.Reason] == "" || !p.To.IsZero() && p.To < p.From {
			return fmt.Errorf("benefit: a pause from %q to %q by %q", p.From, p.To, p.Reason)
		}
		rows[i] = []any{region, p.Person, p.From, p.To, p.Reason, p.Note, tx.Millis()}
	}
	_, err := tx.Insert("benefit_pause", strings.Fields("region person from_day to_day reason note at"), rows, onPause)
	return err
}

// Resume takes a pause back as if it had never been.
func Resume(tx *db.Tx, region, person string, from day.Day, reason string) error {
	_, err := tx.Exec(dropPause, region, person, from, reason)
	return err
}

// Pauses lists the pauses that touch the days from … to.
func Pauses(tx *db.Tx, region, person string, from, to day.Day) ([]Pause, error) {
	return db.All(tx, scanPause, pausesOf, region, person, from.String(), to.String())
}

// HospitalDays are the days from … to that lie in a hospital stay, ascending,
// as a claim wants them.
func HospitalDays(tx *db.Tx, region, person string, from, to day.Day) ([]day.Day, error) {
	pauses, err := Pauses(tx, region, person, from, to)
	if err != nil {
		return nil, err
	}
	var days []day.Day
	for d := from; d <= to; d++ {
		for _, p := range pauses {
			if p.Reason == "hospital" && p.From <= d && (p.To.IsZero() || d <= p.To) {
				days = append(days, d)
				break
			}
		}
	}
	return days, nil
}

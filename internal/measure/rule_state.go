package measure

import (
	"fmt"
	"slices"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Unit is a region or body that answers for the duties (责任地区). Its ID is a
// region code, or letters for a body without one.
type Unit struct {
	policy.Row
	ID    string `json:"id" say:"地区代码；没有代码的用字母"`
	Name  string `json:"name" say:"名称"`
	Group string `json:"group,omitempty" say:"期限不同的一组叫什么，措施的期限用它"`
}

// Due is one deadline of a duty. Neither On nor Standing: the document names no day.
type Due struct {
	Group    string  `json:"group,omitempty" say:"只对这一组地区；不写是其余各地"`
	On       day.Day `json:"on,omitempty" say:"最晚哪一天（含当日）；文件没有写的不写"`
	Standing bool    `json:"standing,omitempty" say:"长期要做，没有完成的一天"`
	Say      string  `json:"say" say:"文件里怎么写的"`
}

// Duty is one task or measure of a document (任务、措施).
type Duty struct {
	policy.Row
	ID       string   `json:"id" say:"编号"`
	No       string   `json:"no" say:"文件里的第几项"`
	Name     string   `json:"name" say:"做什么，一句话"`
	What     string   `json:"what" say:"原文"`
	Lead     string   `json:"lead,omitempty" say:"牵头单位；文件没有写的不写"`
	Support  []string `json:"support,omitempty" say:"配合单位"`
	Duty     string   `json:"duty" say:"责任单位"`
	Dues     []Due    `json:"due" say:"期限"`
	Stages   []string `json:"stages,omitempty" say:"文件点到的各件事"`
	Evidence []string `json:"evidence" say:"要交的佐证"`
	Filing   bool     `json:"filing,omitempty" say:"是：报送具体工作措施，经主要负责同志审定"`
}

// Check refuses a duty whose deadlines do not cover every region once.
func (d *Duty) Check() error {
	rest := 0
	for _, x := range d.Dues {
		if x.Group == "" {
			rest++
		}
		if x.Standing && !x.On.IsZero() {
			return fmt.Errorf("「%s」的期限又写了日子又写了长期，只能写一个", d.ID)
		}
	}
	if rest != 1 {
		return fmt.Errorf("「%s」要正好写一条不带 group 的期限", d.ID)
	}
	return nil
}

var (
	unitsKey  = policy.Rows[Unit]("measure.units", "责任地区").Optional()
	dutiesKey = policy.Rows[Duty]("measure.duties", "任务和措施").Optional()
	warnDays  = policy.Int("measure.warn_days", "到期前几天起提醒", "天")
	lateDays  = policy.Int("measure.late_days", "超期后每几天再提醒", "天")
)

// Told is one report as the rule sees it.
type Told struct {
	On    day.Day `json:"on" need:"true"`
	Done  bool    `json:"done"`  // says that the duty is done
	Proof int64   `json:"proof"` // files of evidence with it
}

// Step is one stage of the region's own plan.
type Step struct {
	Name string  `json:"name"`
	Due  day.Day `json:"due,omitzero"`
	Done day.Day `json:"done,omitzero"`
}

// Facts is what a region has told about a duty.
type Facts struct {
	Duty    string  `json:"duty" need:"true"`
	Unit    string  `json:"unit" need:"true"`
	Set     day.Day `json:"set,omitzero"` // the day that the superior, or the region itself, set later
	Steps   []Step  `json:"steps,omitempty"`
	Reports []Told  `json:"reports,omitempty"`
}

// The codes of a state.
const (
	Waiting  = "waiting"  // the document names no day and nobody has set one
	Standing = "standing" // 长期
	NotYet   = "not_yet"  // nothing told, far from the day
	Doing    = "doing"
	Soon     = "soon"
	Late     = "late"
	Unproven = "unproven" // told as done, without evidence
	Done     = "done"
)

// Verdict is how a duty stands on the day.
type Verdict struct {
	Code   string  `json:"code"`
	Say    string  `json:"say"`
	Due    day.Day `json:"due,omitzero"`
	Left   int64   `json:"left"`           // days to the deadline, negative after it; with Due only
	Over   int64   `json:"over"`           // days late: open ones so far, done ones in the end
	Step   string  `json:"step,omitempty"` // the first stage of the own plan that is overdue
	Remind string  `json:"remind,omitempty"`
	Turn   int64   `json:"turn"` // which reminder after the deadline, from 0
}

// StateRule is measure.state 任务和措施的状态: how a duty of a document stands in
// one region on one day.
var StateRule = policy.NewRule("measure.state", 1, "任务和措施在某一天的状态", state)

func state(v *policy.View, in Facts) (out Verdict, err error) {
	duties, units := dutiesKey.In(v), unitsKey.In(v)
	if v.Err() != nil {
		return out, v.Err()
	}
	i := slices.IndexFunc(duties, func(d Duty) bool { return d.ID == in.Duty })
	k := slices.IndexFunc(units, func(u Unit) bool { return u.ID == in.Unit })
	if i < 0 || k < 0 {
		return out, fault.Field("duty", "台账里没有这一项或这个地区：%s，%s", in.Duty, in.Unit)
	}
	d, due := &duties[i], DueOf(duties[i], units[k])
	v.Cite(d, "%s「%s」，%s的期限：%s", d.No, d.Name, units[k].Name, due.Say)
	warn, every := warnDays.In(v), lateDays.In(v)
	out.Due = due.On
	if due.On.IsZero() && !in.Set.IsZero() {
		out.Due = in.Set
		v.Say("文件没有写日子，按后来定的 %s", in.Set.Chinese())
	}
	judge(&out, in, v.On(), due.Standing, warn, max(1, every))
	v.Say("%s：%s", v.On().Chinese(), out.Say)
	return out, nil
}

package desk

import (
	"fmt"
	"slices"
	"strings"

	"yinling/internal/policy"
)

// Matter is one thing that a person can bring (事项): a row of a pack. What
// stands here is what a clerk reads, what the program draws, and what it does.
type Matter struct {
	policy.Row
	ID        string                 `json:"id" say:"事项的短名，英文小写，如 remote.filing"`
	Name      string                 `json:"name" say:"事项名称"`
	Plain     string                 `json:"plain" say:"一句大白话：办成了有什么用"`
	Theme     string                 `json:"theme" say:"归在哪一类" options:"护理保险|参保|就医和报销|代办和帮助|意见"`
	By        policy.Many[string]    `json:"by" say:"谁可以来办：self 本人，proxy 家人代办，clerk 工作人员代录，point 服务站点，institution 机构"`
	Channels  policy.Many[Channel]   `json:"channels" say:"办理方式：window online video doorstep point institution phone"`
	Scope     string                 `json:"scope,omitempty" say:"家人代办至少要的授权：see 只看，act 代办，pay 付款；不写就是 act" options:"see|act|pay"`
	Instant   bool                   `json:"instant,omitempty" say:"条件都符合、材料都齐就当场办结"`
	New       bool                   `json:"newcomers,omitempty" say:"名册里没有的人也能来办（如参保登记），窗口和站点写姓名和证件号码；办成才进名册"`
	Many      bool                   `json:"many,omitempty" say:"可以同时有几件在办；不写就是一次一件"`
	Form      string                 `json:"form,omitempty" say:"网上另有自己的页面时，它的地址，如 /assess/apply"`
	Materials []Material             `json:"materials,omitempty" say:"材料"`
	Fields    []Field                `json:"fields,omitempty" say:"要问的问题，一题一页"`
	Steps     []MatterStep           `json:"steps" say:"办理环节，按先后"`
	Papers    policy.Many[string]    `json:"papers,omitempty" say:"办理中给申请人的文书：受理通知书，补正告知书，不予办理告知书，办理结果告知书；有 opens 的由那一段程序出"`
	Lasts     *Lasts                 `json:"lasts,omitempty" say:"办成以后有效多久"`
	Opens     Deed                   `json:"opens,omitempty" say:"交申请时由哪一段程序接手（用本领域自己的办件）"`
	Points    policy.Many[PointKind] `json:"points,omitempty" say:"可以下放给哪些服务站点：township 乡镇，village 村居，hospital 定点医疗机构，home 养老机构"`
}

// Material is something to bring (材料).
type Material struct {
	ID       string `json:"id" say:"短名"`
	Name     string `json:"name" say:"材料名称"`
	Hint     string `json:"hint,omitempty" say:"怎样算合格"`
	From     Supply `json:"from,omitempty" say:"数据共享已经有、不用交：identity 身份，coverage 参保，groups 重点人群，address 住址，level 失能等级"`
	Optional bool   `json:"optional,omitempty" say:"没有也能办"`
}

// Field is one question of the form.
type Field struct {
	ID       string   `json:"id" say:"短名"`
	Label    string   `json:"label" say:"问题，照口语写"`
	Kind     Kind     `json:"kind" say:"text 一行字，area 几行字，choice 单选，checks 多选，day 日期，month 年月，money 金额（元），phone 手机，idno 证件号码，count 整数，slot 上门时段，soon 从今天起的几个日子里选"`
	Hint     string   `json:"hint,omitempty" say:"帮他答的一句话"`
	Options  []Option `json:"options,omitempty" say:"可以选的"`
	Optional bool     `json:"optional,omitempty" say:"可以不答"`
}

// Option is one answer to choose.
type Option struct {
	Value string `json:"value" say:"存下来的值"`
	Label string `json:"label" say:"给人看的字"`
}

// MatterStep is one step on the way of a matter (环节).
type MatterStep struct {
	ID      string  `json:"id" say:"短名"`
	Name    string  `json:"name" say:"环节名称，如 受理"`
	Role    Role    `json:"role" say:"谁办：clerk 经办，reviewer 复核，point 站点，institution 机构，system 系统"`
	Days    int64   `json:"workdays,omitempty" say:"几个工作日办完"`
	DaysKey string  `json:"workdays_key,omitempty" say:"时限已经写在哪个名称里，如 assess.accept_workdays"`
	Decides string  `json:"decides" say:"这个环节决定什么"`
	Asks    []Field `json:"asks,omitempty" say:"办的人要填的"`
	Act     Deed    `json:"act,omitempty" say:"办成时由哪一段程序落实"`
}

// Lasts is how long the result stands.
type Lasts struct {
	Since   string `json:"since,omitempty" say:"起始日是哪个问题的答案；不写就是办结那天"`
	Until   string `json:"until,omitempty" say:"终止日是哪个问题的答案"`
	Months  int64  `json:"months,omitempty" say:"不问终止日时，有效几个月"`
	Forever string `json:"forever_when,omitempty" say:"答了这一项就没有终止日，如 kind=long"`
}

// The words that a pack may use; a misspelt one is found when it is loaded.
type (
	// Role is who does a step.
	Role string
	// Kind is the kind of an answer.
	Kind string
	// Supply is a fact that data sharing gives, so that nobody is asked for it.
	Supply string
	// Deed names a function of the program that acts (办理动作).
	Deed string
	// PointKind is a kind of service point to which a matter may be delegated.
	PointKind string
)

var (
	roleNames = map[Role]string{"clerk": "经办岗", "reviewer": "复核岗", "point": "服务站点", "institution": "机构", "system": "系统",
		"assessor": "评估员和专家"}
	supplyNames = map[Supply]string{"identity": "身份信息", "coverage": "参保信息", "groups": "重点人群登记", "address": "住址和电话", "level": "失能等级"}
	pointNames  = map[PointKind]string{"township": "乡镇（街道）站点", "village": "村（社区）站点", "hospital": "定点医疗机构", "home": "养老机构", "hall": "经办大厅"}
	kinds       = []Kind{"text", "area", "choice", "checks", "day", "month", "money", "phone", "idno", "count", "slot", "soon"}
	deeds       = []Deed{"", "assess.apply", "assess.object", "benefit.choose", "person.enrol", "person.change", "person.authorise", "outreach.complain", "door.book", "door.done"}
)

// Valid tells whether the word is known.
func (r Role) Valid() bool      { return roleNames[r] != "" }
func (k Kind) Valid() bool      { return slices.Contains(kinds, k) }
func (s Supply) Valid() bool    { return s == "" || supplyNames[s] != "" }
func (d Deed) Valid() bool      { return slices.Contains(deeds, d) }
func (p PointKind) Valid() bool { return pointNames[p] != "" }

// Valid tells whether the channel exists.
func (c Channel) Valid() bool { return c.Name() != "" }

// Does tells whether staff of a role does the step: contracted insurers
// (商保经办) do the clerks' work.
func (r Role) Does(role string) bool { return role == string(r) || r == "clerk" && role == "insurer" }

// Name is the word in Chinese.
func (r Role) Name() string      { return roleNames[r] }
func (s Supply) Name() string    { return supplyNames[s] }
func (p PointKind) Name() string { return pointNames[p] }

// Who brings a matter.
const (
	BySelf        = "self"
	ByProxy       = "proxy"
	ByClerk       = "clerk"
	ByPoint       = "point"
	ByInstitution = "institution"
)

// ByName is who brings a matter, in Chinese.
func ByName(by string) string {
	return map[string]string{BySelf: "本人", ByProxy: "家人代办", ByClerk: "工作人员代录", ByPoint: "服务站点代办", ByInstitution: "机构代办"}[by]
}

// waysOf are the channels that each of them can use: whoever stands at the
// window is entered by the clerk there.
var waysOf = map[string][]Channel{BySelf: {Online, Video}, ByProxy: {Online, Video}, ByClerk: {Window, Phone, Video, Doorstep},
	ByPoint: {Point}, ByInstitution: {Institution}}

// Ways are the channels by which somebody can bring the matter.
func (m Matter) Ways(by string) (out []Channel) {
	if m.By.Has(by) {
		for _, c := range waysOf[by] {
			if m.Channels.Has(c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Check finds what types cannot say; the loader shows it with the place.
func (m Matter) Check() error {
	seen := map[string]bool{}
	for _, f := range m.Fields {
		if seen[f.ID] {
			return fmt.Errorf("事项「%s」的问题 %s 写了两次", m.ID, f.ID)
		}
		seen[f.ID] = true
		if (f.Kind == "choice" || f.Kind == "checks") != (len(f.Options) > 0) {
			return fmt.Errorf("事项「%s」的问题 %s：单选和多选要写 options，别的不要写", m.ID, f.ID)
		}
	}
	for _, b := range m.By {
		if ByName(b) == "" {
			return fmt.Errorf("事项「%s」的 by 里没有「%s」这一种；可以写 self proxy clerk point institution", m.ID, b)
		}
	}
	if len(m.Steps) == 0 || len(m.By) == 0 || len(m.Channels) == 0 {
		return fmt.Errorf("事项「%s」至少要有一个环节、一种来办的人、一种办理方式", m.ID)
	}
	if m.Lasts != nil && (m.Lasts.Since != "" && !seen[m.Lasts.Since] || m.Lasts.Until != "" && !seen[m.Lasts.Until]) {
		return fmt.Errorf("事项「%s」的 lasts 指的问题不在 fields 里", m.ID)
	}
	return m.checkPapers()
}

// Step is a step of the matter by id; false when there is none.
func (m Matter) Step(id string) (MatterStep, bool) {
	i := slices.IndexFunc(m.Steps, func(s MatterStep) bool { return s.ID == id })
	if i < 0 {
		return MatterStep{}, false
	}
	return m.Steps[i], true
}

// After is the step after the one named; false after the last.
func (m Matter) After(id string) (MatterStep, bool) {
	i := slices.IndexFunc(m.Steps, func(s MatterStep) bool { return s.ID == id })
	if i < 0 || i+1 >= len(m.Steps) {
		return MatterStep{}, false
	}
	return m.Steps[i+1], true
}

// Workdays is the limit of a step on the day of v; 0 is none.
func (s MatterStep) Workdays(v *policy.View) int64 {
	if s.DaysKey == "" {
		return s.Days
	}
	n, _, _ := v.Number(s.DaysKey)
	return n
}

// Proxied is the scope that a proxy needs at least.
func (m Matter) Proxied() string {
	if m.Scope == "" {
		return "act"
	}
	return m.Scope
}

// Asked are the materials that nobody but the person can bring.
func (m Matter) Asked() (out []Material) {
	for _, x := range m.Materials {
		if x.From == "" {
			out = append(out, x)
		}
	}
	return out
}

// ChannelNames lists the ways in, in words.
func (m Matter) ChannelNames() string {
	var out []string
	for _, c := range m.Channels {
		out = append(out, c.Name())
	}
	return strings.Join(out, "、")
}

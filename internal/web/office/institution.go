package office

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type institutionsPage struct {
	ui.Page
	Filter ui.Filter
	List   ui.Table
	New    institution.New
	Kinds  []ui.Option
}

type institutionPage struct {
	ui.Page
	I        institution.Institution
	Facts    ui.Summary
	Staff    ui.Table
	Actions  []ui.Option
	Action   string
	Reason   string
	Token    string // shown once
	Keys     []institution.Token
	Sanction sanctionForm
	Agree    bool
	Ticked   []string
	Yes      []ui.Option
	Months   institution.AccessFacts
}

var (
	institutionsTmpl = ui.MustParse[institutionsPage](ui.Office, files, "institution/list.html")
	institutionTmpl  = ui.MustParse[institutionPage](ui.Office, files, "institution/one.html")
)

func kindOptions(all string) (out []ui.Option) {
	if all != "" {
		out = append(out, ui.Option{Label: all})
	}
	for _, k := range institution.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: k.Name()})
	}
	return out
}

func institutionTone(s institution.Status) string {
	switch s {
	case institution.Active:
		return "ok"
	case institution.Applied:
		return "wait"
	case institution.Suspended:
		return "hot"
	}
	return "mute"
}

func (s *Server) institutionsPage(r *http.Request, n institution.New) (*institutionsPage, error) {
	who, kind, st, district := ui.Actor(r), r.URL.Query().Get("kind"), r.URL.Query().Get("status"), r.URL.Query().Get("district")
	list, err := s.Institution.Find(r.Context(), who.Region, institution.Kind(kind), institution.Status(st), district)
	if err != nil {
		return nil, err
	}
	p := &institutionsPage{Page: ui.Page{Title: "定点机构"}, New: n, Kinds: kindOptions("")}
	states := []ui.Option{{Label: "全部状态"}}
	for _, t := range []institution.Status{institution.Active, institution.Applied, institution.Suspended, institution.Ended} {
		states = append(states, ui.Option{Value: string(t), Label: t.Name(), Checked: string(t) == st})
	}
	kinds := kindOptions("全部类别")
	for i := range kinds {
		kinds[i].Checked = kinds[i].Value == kind
	}
	p.Filter = ui.Filter{Action: "/o/institution", Fields: []ui.Field{{Name: "kind", Label: "类别", Options: kinds}, {Name: "status", Label: "状态", Options: states}, {Name: "district", Label: "区县", Value: district}}}
	p.List = ui.Table{Title: "机构", Caption: fmt.Sprintf("%d 家", len(list)), Head: []string{"机构", "类别", "区县", "协议", "状态"}, Empty: "没有这样的机构。"}
	for _, i := range list {
		agreed := "还没有协议"
		if !i.From.IsZero() {
			agreed = i.From.String() + " 至 " + i.To.String()
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: i.ID, Cells: []any{ui.Two{First: i.Name, Second: i.Address, Href: "/o/institution/" + i.ID}, i.Kind.Name(), i.District, agreed, ui.Chip{Tone: institutionTone(i.Status), Say: i.Status.Name()}}})
	}
	return p, nil
}

func (s *Server) institutions(w http.ResponseWriter, r *http.Request) error {
	p, err := s.institutionsPage(r, institution.New{})
	if err != nil {
		return err
	}
	return institutionsTmpl.Render(w, r, p)
}

func (s *Server) institutionEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	n := institution.New{Name: f.Text("name", "机构名称"), Kind: institution.Kind(f.Raw("kind")), Grade: f.Text("grade", ""), District: f.Text("district", "区县"), Address: f.Text("address", "地址"),
		Phone: f.Digits("phone", ""), AccountName: f.Text("account_name", ""), Account: f.Digits("account", "")}
	err := f.Err()
	var i institution.Institution
	if err == nil {
		i, err = s.Institution.Enter(r.Context(), who, who.Region, f.Once(), n)
	}
	if err != nil {
		p, perr := s.institutionsPage(r, n)
		if perr != nil {
			return perr
		}
		return institutionsTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/institution/"+i.ID)
}

func (s *Server) institutionPage(r *http.Request) (*institutionPage, error) {
	who := ui.Actor(r)
	i, staff, err := s.Institution.See(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &institutionPage{Page: ui.Page{Title: i.Name, Back: "/o/institution", Nav: "/o/institution"}, I: i, Agree: i.Status == institution.Applied, Yes: accessFacts,
		Months: institution.AccessFacts{OperatingMonths: -1, SinceForged: -1, SinceIllegal: -1, SinceBreach: -1}}
	add := func(label string, v any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v}) }
	add("状态", ui.Chip{Tone: institutionTone(i.Status), Say: i.Status.Name()})
	add("类别", i.Kind.Name()+" "+i.Grade)
	add("地址", i.District+i.Address)
	add("电话", i.Phone)
	if !i.From.IsZero() {
		add("协议", i.From.Chinese()+"至"+i.To.Chinese())
	}
	if i.Reason != "" {
		add("原因", i.Reason)
	}
	if i.Decision != "" {
		add("定点的依据", ui.Link{Href: "/o/why/" + i.Decision, Label: "看条件和条款", Tone: "ghost"})
	}
	if i.AccountTail != "" {
		add("收款账号", i.AccountName+" 尾号 "+i.AccountTail)
	}
	if p.Keys, err = s.Institution.Tokens(r.Context(), who.Region, i.ID); err != nil {
		return nil, err
	}
	p.Staff = ui.Table{Title: "人员", Caption: fmt.Sprintf("%d 人", len(staff)), Head: []string{"姓名", "岗位", "证书", "现在", "停止从业"}, Empty: "还没有登记人员。"}
	for _, m := range staff {
		state := ui.Chip{Tone: "ok", Say: "可以上岗"}
		if ok, why := m.FitOn(ui.Today(r)); !ok {
			state = ui.Chip{Tone: "bad", Say: why}
		}
		p.Staff.Rows = append(p.Staff.Rows, ui.Row{ID: m.ID, Cells: []any{m.Name, m.Role.Name(), m.Qualification, state, ui.Link{Href: "/o/institution/" + i.ID + "/staff/" + m.ID, Label: "处理", Tone: "ghost"}}})
	}
	for _, f := range institution.Flow {
		if f.From == i.Status && f.Action != "agree" { // an agreement is signed by the form with the conditions
			p.Actions = append(p.Actions, ui.Option{Value: f.Action, Label: f.Say})
		}
	}
	p.Sanction, err = s.sanctionForm(r, i, staff)
	return p, err
}

func (s *Server) institution(w http.ResponseWriter, r *http.Request) error {
	p, err := s.institutionPage(r)
	if err != nil {
		return err
	}
	return institutionTmpl.Render(w, r, p)
}

func (s *Server) institutionAct(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.institutionPage(r)
	if err != nil {
		return err
	}
	c := institution.Change{Action: f.Choice("action", "办什么", p.Actions), From: f.Day("from", ""), To: f.Day("to", ""), Reason: f.Text("reason", "")}
	c.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	if err = f.Err(); err == nil {
		err = s.Institution.Act(r.Context(), who, who.Region, r.PathValue("id"), c)
	}
	if err != nil {
		p.Action, p.Reason = c.Action, c.Reason
		return institutionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/institution/"+r.PathValue("id"))
}

// accessFacts are the conditions that a clerk has checked.
var accessFacts = []ui.Option{
	{Value: "registered", Label: "依法登记，能独立承担责任"}, {Value: "team", Label: "有符合要求的专业人员"}, {Value: "premises", Label: "有固定场所和设备"},
	{Value: "platform", Label: "能使用国家医保信息平台的长护险功能"}, {Value: "systems", Label: "有服务、财务、统计、内控、人员、档案制度"},
	{Value: "price_list", Label: "执行医保价格政策并公开收费", Hint: "护理服务机构"}, {Value: "dishonest", Label: "法定代表人或实际控制人是失信被执行人"},
}

// institutionAdmit decides an application and signs the agreement.
func (s *Server) institutionAdmit(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.institutionPage(r)
	if err != nil {
		return err
	}
	since := func(name, label string) int64 {
		if f.Raw(name) == "" {
			return -1
		}
		return f.Int(name, label, 0, 1200)
	}
	yes := f.All("fact")
	has := func(v string) bool { return slices.Contains(yes, v) }
	in := institution.AccessFacts{Registered: has("registered"), Team: has("team"), Premises: has("premises"), Platform: has("platform"), Systems: has("systems"), PriceList: has("price_list"),
		Dishonest: has("dishonest"), OperatingMonths: f.Int("operating", "正式运营的月数", 0, 1200), SinceForged: since("forged", "月数"), SinceIllegal: since("illegal", "月数"), SinceBreach: since("breach", "月数")}
	c := institution.Change{From: f.Day("from", "协议从哪天起"), To: f.Day("to", "到哪天止")}
	c.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	if err = f.Err(); err == nil {
		err = s.Institution.Admit(r.Context(), who, who.Region, p.I.ID, f.Once(), in, c)
	}
	if err != nil {
		p.Ticked, p.Months, p.I.From, p.I.To = yes, in, c.From, c.To
		return institutionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/institution/"+p.I.ID)
}

// Month is a number of months in the form, empty for «never».
func (p *institutionPage) Month(n int64) string {
	if n < 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// institutionToken makes a token of the JSON interface and shows it this once.
func (s *Server) institutionToken(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	name, until := f.Text("name", "哪个系统用"), f.Day("until", "用到哪一天")
	p, err := s.institutionPage(r)
	if err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		p.Token, err = s.Institution.NewToken(r.Context(), who, who.Region, r.PathValue("id"), name, until)
	}
	if err != nil {
		return institutionTmpl.Again(w, r, p, err)
	}
	return institutionTmpl.Render(w, r, p)
}

// institutionTokenOff ends a token at once.
func (s *Server) institutionTokenOff(w http.ResponseWriter, r *http.Request) error {
	who, id := ui.Actor(r), r.PathValue("id")
	if err := s.Institution.RevokeToken(r.Context(), who, who.Region, id, r.FormValue("key")); err != nil {
		return err
	}
	return ui.Redirect(w, r, "/o/institution/"+id)
}

type bannedPage struct {
	ui.Page
	M      institution.Staff
	Inst   string
	Reason string
}

var bannedTmpl = ui.MustParse[bannedPage](ui.Office, files, "institution/staff.html")

func (s *Server) institutionStaffPage(r *http.Request) (*bannedPage, error) {
	who := ui.Actor(r)
	i, staff, err := s.Institution.See(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(staff, func(m institution.Staff) bool { return m.ID == r.PathValue("staff") })
	if n < 0 {
		return nil, fault.New(fault.NotFound, "没有找到这位工作人员。")
	}
	return &bannedPage{Page: ui.Page{Title: staff[n].Name, Back: "/o/institution/" + i.ID, Nav: "/o/institution"}, M: staff[n], Inst: i.ID, Reason: staff[n].Reason}, nil
}

func (s *Server) institutionStaff(w http.ResponseWriter, r *http.Request) error {
	p, err := s.institutionStaffPage(r)
	if err != nil {
		return err
	}
	return bannedTmpl.Render(w, r, p)
}

// institutionBan shortens or lifts a ban (22号 §36). A new one begins with a
// notice to the institution, which may answer first.
func (s *Server) institutionBan(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.institutionStaffPage(r)
	if err != nil {
		return err
	}
	m := p.M
	c := institution.StaffChange{Qualification: m.Qualification, LicenseUntil: m.LicenseUntil, Status: m.Status, BannedUntil: f.Day("until", ""), Reason: f.Text("reason", "原因"),
		Account: m.Account, Phone: m.Phone, MayBan: true}
	c.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	if err = f.Err(); err == nil && c.BannedUntil > m.BannedUntil {
		err = fault.Field("until", "这里只能提前解除。要停止从业，请在机构的页面里“拟处理”，机构说明以后再定。")
	}
	if err == nil {
		err = s.Institution.ChangeStaff(r.Context(), who, who.Region, m.ID, c)
	}
	if err != nil {
		p.Reason = c.Reason
		return bannedTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/institution/"+p.Inst)
}

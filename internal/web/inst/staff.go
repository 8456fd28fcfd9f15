package inst

import (
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type staffPage struct {
	ui.Page
	List  ui.Table
	New   institution.NewStaff
	Roles []ui.Option
}

type memberPage struct {
	ui.Page
	M        institution.Staff
	States   []ui.Option
	State    string
	Reason   string
	Facts    ui.Summary
	Licensed day.Day
}

var (
	staffTmpl  = ui.MustParse[staffPage](ui.Inst, files, "institution/staff.html")
	memberTmpl = ui.MustParse[memberPage](ui.Inst, files, "institution/member.html")
)

var staffStates = []ui.Option{{Value: "active", Label: "在岗"}, {Value: "suspended", Label: "暂停"}, {Value: "left", Label: "离岗"}}

func (s *Server) staffPage(r *http.Request, n institution.NewStaff) (*staffPage, error) {
	who, on := ui.Actor(r), ui.Today(r)
	inst, staff, err := s.Insts.See(r.Context(), who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	p := &staffPage{Page: ui.Page{Title: "人员"}, New: n, List: ui.Table{Caption: inst.Name + "的人员", Head: []string{"姓名", "岗位", "证书", "证书到期", "状态"}, Empty: "还没有登记人员。"}}
	for _, role := range institution.Roles {
		if (role == institution.Assessor || role == institution.Expert) == (inst.Kind == institution.Assessment) {
			p.Roles = append(p.Roles, ui.Option{Value: string(role), Label: role.Name()})
		}
	}
	for _, m := range staff {
		state := ui.Chip{Tone: "ok", Say: "在岗"}
		switch ok, why := m.FitOn(on); {
		case !ok:
			state = ui.Chip{Tone: "bad", Say: why}
		case !m.LicenseUntil.IsZero() && m.LicenseUntil <= on+30:
			state = ui.Chip{Tone: "hot", Say: itoa(int(m.LicenseUntil-on)) + " 天后证书到期"}
		}
		var until any = "长期"
		if !m.LicenseUntil.IsZero() {
			until = m.LicenseUntil
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: m.ID, Cells: []any{ui.Two{First: m.Name, Second: m.Phone, Href: "/j/staff/" + m.ID}, m.Role.Name(), m.Qualification, until, state}})
	}
	return p, nil
}

func (s *Server) staff(w http.ResponseWriter, r *http.Request) error {
	p, err := s.staffPage(r, institution.NewStaff{})
	if err != nil {
		return err
	}
	return staffTmpl.Render(w, r, p)
}

func (s *Server) hire(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	n := institution.NewStaff{Institution: who.Institution, Name: f.Text("name", "姓名"), Role: institution.Role(f.Raw("role")), Qualification: f.Text("qualification", "证书名称"),
		LicenseUntil: f.Day("license", ""), Phone: f.Digits("phone", ""), IDNo: f.Digits("idno", "证件号码")}
	err := f.Err()
	if err == nil {
		_, err = s.Insts.Hire(r.Context(), who, who.Region, f.Once(), n)
	}
	if err != nil {
		p, perr := s.staffPage(r, n)
		if perr != nil {
			return perr
		}
		return staffTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/staff")
}

func (s *Server) memberPage(r *http.Request) (*memberPage, error) {
	who := ui.Actor(r)
	_, staff, err := s.Insts.See(r.Context(), who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(staff, func(m institution.Staff) bool { return m.ID == r.PathValue("id") })
	if n < 0 {
		return nil, fault.New(fault.NotFound, "没有找到这位工作人员。")
	}
	m := staff[n]
	p := &memberPage{Page: ui.Page{Title: m.Name, Back: "/j/staff"}, M: m, States: staffStates, State: m.Status, Reason: m.Reason, Licensed: m.LicenseUntil}
	p.Facts = ui.Summary{Rows: []ui.Fact{fact("岗位", m.Role.Name()), fact("证书", m.Qualification)}}
	if !m.BannedUntil.IsZero() {
		p.Facts.Rows = append(p.Facts.Rows, fact("停止从业", "到"+m.BannedUntil.Chinese()))
	}
	return p, nil
}

func (s *Server) member(w http.ResponseWriter, r *http.Request) error {
	p, err := s.memberPage(r)
	if err != nil {
		return err
	}
	return memberTmpl.Render(w, r, p)
}

func (s *Server) memberSave(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.memberPage(r)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(f.Raw("version"), 10, 64)
	c := institution.StaffChange{Qualification: f.Text("qualification", "证书名称"), LicenseUntil: f.Day("license", ""), Status: f.Choice("status", "状态", staffStates),
		Reason: f.Text("reason", ""), Phone: f.Digits("phone", ""), Account: p.M.Account, Version: version, Institution: who.Institution, OnlyOwnInstitutions: true}
	p.M.Qualification, p.M.Phone, p.Licensed, p.State, p.Reason = c.Qualification, c.Phone, c.LicenseUntil, c.Status, c.Reason
	if err = f.Err(); err == nil {
		err = s.Insts.ChangeStaff(r.Context(), who, who.Region, r.PathValue("id"), c)
	}
	if err != nil {
		return memberTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/staff")
}

package office

import (
	"fmt"
	"net/http"

	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type registerPage struct {
	ui.Page
	Tabs   ui.Tabs
	Filter ui.Filter
	List   ui.Table
	Say    string
}

var registerTmpl = ui.MustParse[registerPage](ui.Office, files, "institution/register.html")

const registerMost = 300

// staffRegister is everybody who cares or assesses in the region (人员库).
func (s *Server) staffRegister(w http.ResponseWriter, r *http.Request) error {
	f, today := ui.ParseForm(r), ui.Today(r)
	q := institution.StaffQuery{Role: f.Raw("role"), Name: f.Raw("name"), State: f.Raw("state")}
	list, names, err := s.Institution.Register(r.Context(), ui.Actor(r).Region, q, registerMost)
	if err != nil {
		return err
	}
	p := &registerPage{Page: ui.Page{Title: "人员库"}, Tabs: ui.Tabs{Label: "按状态看"}}
	for _, t := range []struct{ key, name string }{{"", "在岗"}, {"ends", "证书 60 天内到期或已到期"}, {"stopped", "暂停或停止从业"}, {"left", "已离岗"}} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/staff?state=" + t.key + "&role=" + q.Role, Label: t.name, N: -1, Current: t.key == q.State})
	}
	roles := []ui.Option{{Label: "全部岗位"}}
	for _, x := range institution.Roles {
		roles = append(roles, ui.Option{Value: string(x), Label: x.Name(), Checked: string(x) == q.Role})
	}
	p.Filter = ui.Filter{Action: "/o/staff", Keep: []ui.Option{{Value: "state", Label: q.State}}, Fields: []ui.Field{{Name: "role", Label: "岗位", Options: roles}, {Name: "name", Label: "姓名", Value: q.Name}}}
	p.List = ui.Table{Caption: "人员", Head: []string{"姓名", "机构", "岗位", "证书", "证书到期", "能不能上岗"}, Empty: "没有这样的人员。"}
	for _, m := range list {
		var until any = "长期"
		if !m.LicenseUntil.IsZero() {
			until = m.LicenseUntil.String()
		}
		fit := ui.Chip{Tone: "ok", Say: "可以上岗"}
		if ok, why := m.FitOn(today); !ok {
			fit = ui.Chip{Tone: "bad", Say: why}
		} else if !m.LicenseUntil.IsZero() && m.LicenseUntil <= today+60 {
			fit = ui.Chip{Tone: "hot", Say: fmt.Sprintf("%d 天后证书到期", m.LicenseUntil-today)}
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: m.Name, Href: "/o/institution/" + m.Institution + "/staff/" + m.ID}, names[m.Institution], m.Role.Name(), orDash(m.Qualification), until, fit}})
	}
	p.Say = fmt.Sprintf("%d 人", len(list))
	if len(list) == registerMost {
		p.Say = fmt.Sprintf("只列出前 %d 人，请再选岗位或填姓名。", registerMost)
	}
	return registerTmpl.Render(w, r, p)
}

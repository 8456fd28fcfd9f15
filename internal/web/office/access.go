package office

import (
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type accountsPage struct {
	ui.Page
	List         ui.Table
	Pager        ui.Pager
	Roles        []ui.Option
	Institutions []ui.Option
	In           access.NewAccount
}

// issuedPage shows the secret of a new account, once.
type issuedPage struct {
	ui.Page
	Done   ui.Done
	QR     ui.QR
	Secret string
}

type accountPage struct {
	ui.Page
	A     access.Account
	Facts ui.Summary
	Self  bool
	What  []ui.Option // what can be set anew
}

// codePage shows a one-time code, once.
type codePage struct {
	ui.Page
	Done ui.Done
	Code string
	Say  []string
	QR   ui.QR
}

var codeTmpl = ui.MustParse[codePage](ui.Office, files, "access/code.html")

var (
	accountsTmpl = ui.MustParse[accountsPage](ui.Office, files, "access/list.html")
	issuedTmpl   = ui.MustParse[issuedPage](ui.Office, files, "access/issued.html")
	accountTmpl  = ui.MustParse[accountPage](ui.Office, files, "access/one.html")
)

const accountsPerPage = 50

func accountChip(a access.Account) ui.Chip {
	if a.Status == "active" {
		return ui.Chip{Tone: "ok", Say: "在用"}
	}
	return ui.Chip{Tone: "mute", Say: "已停用"}
}

func (s *Server) accountsPage(r *http.Request, in access.NewAccount) (*accountsPage, error) {
	who := ui.Actor(r)
	list, err := s.Access.List(r.Context(), who.Region, r.URL.Query().Get("after"), accountsPerPage+1)
	if err != nil {
		return nil, err
	}
	insts, err := s.Institution.Find(r.Context(), who.Region, "", "", "")
	if err != nil {
		return nil, err
	}
	p := &accountsPage{Page: ui.Page{Title: "账号"}, In: in, Roles: []ui.Option{{Label: "请选"}}, Institutions: []ui.Option{{Label: "不属于机构"}}}
	names := map[string]string{}
	for _, i := range insts {
		names[i.ID] = i.Name
		p.Institutions = append(p.Institutions, ui.Option{Value: i.ID, Label: i.Name})
	}
	for _, x := range access.Roles {
		if x.ID != "citizen" {
			p.Roles = append(p.Roles, ui.Option{Value: x.ID, Label: x.Name})
		}
	}
	if len(list) > accountsPerPage {
		list = list[:accountsPerPage]
		p.Pager.Next = "/o/access?after=" + url.QueryEscape(list[accountsPerPage-1].Login)
	}
	if r.URL.Query().Get("after") != "" {
		p.Pager.Prev = "/o/access"
	}
	p.Pager.Say = fmt.Sprintf("这一页 %d 个", len(list))
	p.List = ui.Table{Title: "工作人员的账号", Caption: "按登录名排列", Head: []string{"姓名", "岗位", "机构", "状态"}, Empty: "后面没有账号了。"}
	for _, a := range list {
		p.List.Rows = append(p.List.Rows, ui.Row{ID: a.ID, Cells: []any{ui.Two{First: a.Name, Second: a.Login, Href: "/o/access/" + a.ID},
			a.Role.Name, names[a.Institution], accountChip(a)}})
	}
	return p, nil
}

func (s *Server) accounts(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountsPage(r, access.NewAccount{})
	if err != nil {
		return err
	}
	return accountsTmpl.Render(w, r, p)
}

// accountCreate makes an account and shows its secret this once: there is no
// address at which it could be seen again.
func (s *Server) accountCreate(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := access.NewAccount{Region: who.Region, Name: f.Text("name", "姓名"), Login: f.Text("login", "登录名"), Role: f.Raw("role"), Institution: f.Raw("institution")}
	p, err := s.accountsPage(r, in)
	if err != nil {
		return err
	}
	f.Choice("role", "岗位", p.Roles[1:])
	in.Password = r.PostFormValue("password")
	if in.Password != r.PostFormValue("again") {
		f.Bad("again", "两次填的密码不一样，请再填一遍")
	}
	role := access.RoleOf(in.Role)
	var made access.Issued
	if err = f.Err(); err == nil && role.OfStaff() && in.Institution != "" {
		in.Person, err = s.staffCalled(r, in.Institution, in.Role, in.Name)
	}
	if err == nil {
		made, err = s.Access.Issue(r.Context(), who, in)
	}
	if err != nil {
		return accountsTmpl.Again(w, r, p, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	return issuedTmpl.Render(w, r, &issuedPage{Page: ui.Page{Title: "账号开好了", Back: "/o/access", Nav: "/o/access"},
		Done: ui.Done{Title: in.Name + "的账号开好了", Say: []string{"登录名 " + in.Login + "，岗位是" + role.Name + "。", "请本人现在就用手机上的动态口令应用扫下面的码。密码和这个码都只交给本人。"}},
		QR:   ui.QR{Text: made.URI, Label: "动态口令的二维码", Size: "big"}, Secret: made.Secret})
}

// staffCalled finds the one registered person of a name without a login.
func (s *Server) staffCalled(r *http.Request, inst, role, name string) (string, error) {
	i, staff, err := s.Institution.See(r.Context(), ui.Actor(r).Region, inst)
	if err != nil {
		return "", err
	}
	var found []institution.Staff
	for _, m := range staff {
		if m.Name == name && m.Status != "left" && m.Account == "" {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return "", fault.Field("name", "%s没有登记叫%s、还没有账号的人员。请机构先在“人员”里登记，再来开账号。", i.Name, name)
	case 1:
		return found[0].ID, nil
	}
	return "", fault.Field("name", "%s有 %d 位叫%s的人员。请在服务器上用 yinling account create 写明人员编号来开。", i.Name, len(found), name)
}

func (s *Server) accountPage(r *http.Request) (*accountPage, error) {
	who := ui.Actor(r)
	a, err := s.Access.Account(r.Context(), who.Region, r.PathValue("id"))
	if err == nil && a.Role.ID == "citizen" {
		err = fault.New(fault.NotFound, "没有找到这个账号。")
	}
	if err != nil {
		return nil, err
	}
	p := &accountPage{Page: ui.Page{Title: a.Name + "的账号", Back: "/o/access", Nav: "/o/access"}, A: a, Self: a.ID == who.ID,
		What: []ui.Option{{Value: access.ResetPassword, Label: "密码", Hint: "忘了密码"}, {Value: access.ResetTOTP, Label: "动态口令", Hint: "换了手机"}, {Value: access.ResetBoth, Label: "都重设", Hint: "手机丢了，或怕被别人知道"}}}
	p.Facts.Rows = []ui.Fact{{Label: "登录名", Value: a.Login}, {Label: "岗位", Value: a.Role.Name}, {Label: "状态", Value: accountChip(a)}}
	if a.Institution != "" {
		i, _, err := s.Institution.See(r.Context(), who.Region, a.Institution)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "机构", Value: i.Name})
	}
	return p, nil
}

func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	return accountTmpl.Render(w, r, p)
}

func (s *Server) accountDisable(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	who := ui.Actor(r)
	if err := s.Access.Disable(r.Context(), who, who.Region, p.A.ID); err != nil {
		return accountTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/access/"+p.A.ID)
}

// accountReset voids password, second factor or both and shows the code for
// setting them anew, this once.
func (s *Server) accountReset(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	who := ui.Actor(r)
	code, err := s.Access.Reset(r.Context(), who, who.Region, p.A.ID, r.PostFormValue("what"))
	if err != nil {
		return accountTmpl.Again(w, r, p, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	return codeTmpl.Render(w, r, &codePage{Page: ui.Page{Title: "重设码", Back: "/o/access/" + p.A.ID, Nav: "/o/access"}, Code: code[:5] + " " + code[5:],
		Done: ui.Done{Title: p.A.Name + "的重设码", Say: []string{p.A.Name + "已经退出登录，原来的不能再用。"}},
		Say:  []string{"请当面或打电话把码告诉" + p.A.Name + "本人，24 小时内有效，用一次。", "本人打开工作人员登录页，点“重设”，填登录名 " + p.A.Login + " 和这个码。"}})
}

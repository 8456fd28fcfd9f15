package portal

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// Demo is what the login page shows in a demonstration and nowhere else: the
// invented accounts with their codes, so that a newcomer can be everybody.
type Demo struct {
	Password string
	Accounts []DemoAccount
	TOTP     func(ctx context.Context, login string) (string, error) // the code of this moment
	SMS      func(phone string) string                               // the last message to a phone
}

// DemoAccount is one invented login; citizens have a phone instead of a login.
type DemoAccount struct {
	Login, Name, Role, Say string
	Citizen                bool
}

type loginPage struct {
	ui.Page
	Demo          *Demo
	Phone, Target string
	With          []ui.Link // logins by other services
	Bind          string    // the service whose login waits for the phone, 微信
}

type codePage struct {
	ui.Page
	Phone, Shown, Target, SMS string
	Voice                     bool // the code comes by a call
}

type staffPage struct {
	ui.Page
	Demo         *Demo
	Login, Code  string
	Password     string // prefilled in a demonstration only
	Target, Name string
}

var (
	loginTmpl = ui.MustParse[loginPage](ui.Portal, files, "login/phone.html")
	codeTmpl  = ui.MustParse[codePage](ui.Portal, files, "login/code.html")
	staffTmpl = ui.MustParse[staffPage](ui.Portal, files, "login/staff.html")
)

// here keeps a way back inside the site.
func here(back string) string {
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") || strings.HasPrefix(back, "/login") {
		return ""
	}
	return back
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	back := here(r.FormValue("back"))
	for _, p := range []string{"/o/", "/j/", "/v/"} { // these faces are the staff's
		if strings.HasPrefix(back, p) {
			return ui.Redirect(w, r, "/login/staff?back="+back)
		}
	}
	return loginTmpl.Render(w, r, s.loginPage(r, r.FormValue("as"), back))
}

func (s *Server) loginPage(r *http.Request, phone, back string) *loginPage {
	p := &loginPage{Page: ui.Page{Title: "登录"}, Demo: s.Demo, Phone: phone, Target: back}
	if _, p.Bind = s.waiting(r); p.Bind != "" {
		return p
	}
	for _, x := range s.Outside.Providers {
		p.With = append(p.With, ui.Link{Href: "/login/with/" + x.ID + "?back=" + url.QueryEscape(back), Label: x.Name + "登录", Tone: "line"})
	}
	return p
}

func (s *Server) loginCode(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	back := here(f.Raw("back"))
	phone, err := access.CleanPhone(f.Digits("phone", "手机号"))
	if err == nil {
		err = s.Access.SendCode(r.Context(), s.Region, phone, f.Ticked("voice"))
	}
	if err != nil && !fault.Is(err, fault.Conflict) { // a code of a minute ago still works
		return loginTmpl.Again(w, r, s.loginPage(r, f.Raw("phone"), back), err)
	}
	p := s.codePage(phone, back)
	p.Voice = f.Ticked("voice")
	return codeTmpl.Render(w, r, p)
}

func (s *Server) codePage(phone, back string) *codePage {
	p := &codePage{Page: ui.Page{Title: "填验证码", Back: "/login"}, Phone: phone, Target: back}
	if len(phone) == 11 {
		p.Shown = phone[:3] + " **** " + phone[7:]
	}
	if s.Demo != nil {
		p.SMS = s.Demo.SMS(phone)
	}
	return p
}

func (s *Server) loginByCode(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	phone, back := f.Raw("phone"), here(f.Raw("back"))
	code := f.Digits("code", "验证码")
	err := f.Err()
	var cookie string
	if err == nil {
		var a access.Account
		if cookie, a, err = s.Access.LoginByCode(r.Context(), s.Region, phone, code, ui.Actor(r).Terminal); err == nil {
			err = s.bind(w, r, a)
		}
	}
	if err != nil {
		return codeTmpl.Again(w, r, s.codePage(phone, back), err)
	}
	s.Kit.SetSession(w, cookie)
	return ui.Redirect(w, r, orElse(back, "/"))
}

func (s *Server) staffPage(r *http.Request, login, back string) *staffPage {
	p := &staffPage{Page: ui.Page{Title: "工作人员登录", Back: "/login"}, Demo: s.Demo, Login: login, Target: back}
	if s.Demo != nil {
		for _, a := range s.Demo.Accounts {
			if a.Login == login && !a.Citizen {
				p.Name, p.Password = a.Name, s.Demo.Password
				p.Code, _ = s.Demo.TOTP(r.Context(), login)
			}
		}
	}
	return p
}

func (s *Server) loginStaff(w http.ResponseWriter, r *http.Request) error {
	return staffTmpl.Render(w, r, s.staffPage(r, r.FormValue("as"), here(r.FormValue("back"))))
}

func (s *Server) loginByPassword(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	back := here(f.Raw("back"))
	login, code := f.Text("login", "登录名"), f.Digits("code", "动态口令")
	password := r.PostFormValue("password")
	if password == "" {
		f.Bad("password", "请填密码")
	}
	err := f.Err()
	var cookie string
	var a access.Account
	if err == nil {
		cookie, a, err = s.Access.Login(r.Context(), s.Region, login, password, code, ui.Actor(r).Terminal)
	}
	if err != nil {
		return staffTmpl.Again(w, r, s.staffPage(r, login, back), err)
	}
	s.Kit.SetSession(w, cookie)
	return ui.Redirect(w, r, orElse(back, a.Role.Home))
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if c := s.Kit.Session(r); c != "" {
		if err := s.Access.Logout(r.Context(), c, ui.Actor(r).Terminal); err != nil {
			return err
		}
	}
	s.Kit.SetSession(w, "")
	// Not "storage": visits that a phone recorded without network and has not
	// uploaded lie there. The phone face drops the rest itself (/v/app?bye=1).
	w.Header().Set("Clear-Site-Data", `"cache"`)
	if ui.Who(r).Can(access.VisitDo) {
		return ui.Redirect(w, r, "/v/app?bye=1")
	}
	return ui.Redirect(w, r, "/")
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

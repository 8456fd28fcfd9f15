package portal

import (
	"net/http"
	"strings"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

// passPage takes a one-time code (一次性登录码), then asks whether it is for the
// person who holds the phone.
type passPage struct {
	ui.Page
	Code string
	For  string // masked name, once the code is known
	From string // who shows it
	Home bool   // a relative's code, not the window's
}

// familyPassPage is what the relative's phone shows.
type familyPassPage struct {
	ui.Page
	Name, Code, Until string
	QR                ui.QR
}

var (
	passTmpl       = ui.MustParse[passPage](ui.Portal, files, "login/pass.html")
	familyPassTmpl = ui.MustParse[familyPassPage](ui.Portal, files, "family/pass.html")
)

// familyPass makes a code with which a relative's phone lets the elder's in. It
// gives nothing that the relative may not do already, so it asks for the widest
// authorisation; a phone that was let in this way makes no codes itself.
func (s *Server) familyPass(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	if ui.Who(r).Helped {
		return fault.New(fault.Forbidden, "这部手机是家人帮着登录的，不能再帮别人登录。")
	}
	other := r.FormValue("person")
	scope, err := s.Person.MayActFor(r.Context(), region, me, other)
	if err != nil {
		return err
	}
	if scope != person.ScopePay {
		return fault.New(fault.Forbidden, "帮家人登录，要他授权您“可以代办和付款”。请他本人重新授权，或一起到窗口办。")
	}
	p, _, err := s.Person.Self(r.Context(), region, other)
	if err != nil {
		return err
	}
	code, until, err := s.Access.MakePass(r.Context(), ui.Actor(r), region, access.Pass{Kind: access.PassFamily, Person: other, Name: p.Name,
		Helper: me, HelperName: ui.Actor(r).Name})
	if err != nil {
		return err
	}
	return familyPassTmpl.Render(w, r, &familyPassPage{Page: ui.Page{Title: "帮" + p.Name + "登录", Back: atFamily}, Name: p.Name, Code: code[:3] + " " + code[3:],
		Until: ui.Clock(until.UnixMilli()), QR: ui.QR{Text: s.Base + "/login/pass?code=" + code, Label: "登录码，用另一部手机扫", Size: "big"}})
}

// loginPass asks for the code; a scanned QR brings it along.
func (s *Server) loginPass(w http.ResponseWriter, r *http.Request) error {
	p := &passPage{Page: ui.Page{Title: "用家人的码登录", Back: "/login"}, Code: access.CleanPass(r.FormValue("code"))}
	if p.Code == "" {
		return passTmpl.Render(w, r, p)
	}
	if err := s.seePass(r, p); err != nil {
		return passTmpl.Again(w, r, p, err)
	}
	return passTmpl.Render(w, r, p)
}

func (s *Server) seePass(r *http.Request, p *passPage) error {
	x, err := s.Access.SeePass(r.Context(), s.Region, p.Code, ui.Actor(r).Terminal)
	if err == nil {
		p.For, p.From, p.Home = outreach.MaskName(x.Name), x.HelperName, x.Kind == access.PassFamily
	}
	return err
}

// loginByPass shows whose login it is; with the holder's yes it logs in.
func (s *Server) loginByPass(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	p := &passPage{Page: ui.Page{Title: "用家人的码登录", Back: "/login"}, Code: access.CleanPass(f.Text("code", "登录码"))}
	err := f.Err()
	if err == nil && f.Raw("yes") == "" {
		if err = s.seePass(r, p); err == nil {
			return passTmpl.Render(w, r, p)
		}
	} else if err == nil {
		var cookie string
		if cookie, _, err = s.Access.UsePass(r.Context(), s.Region, p.Code, ui.Actor(r).Terminal); err == nil {
			s.Kit.SetSession(w, cookie)
			return ui.Redirect(w, r, "/")
		}
	}
	return passTmpl.Again(w, r, p, err)
}

// renewalPage sets password and second factor anew after an administrator's reset.
type renewalPage struct {
	ui.Page
	Login, Code string
	R           access.Renewal // What is "" until the code is proved
	QR          ui.QR
	Secret      string // in groups, to be typed
}

var renewalTmpl = ui.MustParse[renewalPage](ui.Portal, files, "login/reset.html")

func (s *Server) renewal(w http.ResponseWriter, r *http.Request) error {
	return renewalTmpl.Render(w, r, &renewalPage{Page: ui.Page{Title: "重设登录", Back: "/login/staff"}, Login: r.FormValue("login")})
}

func renewalOf(r *http.Request) (*renewalPage, *ui.Form) {
	f := ui.ParseForm(r)
	return &renewalPage{Page: ui.Page{Title: "重设登录", Back: "/login/staff"}, Login: f.Text("login", "登录名"), Code: access.CleanPass(f.Text("code", "重设码"))}, f
}

func (p *renewalPage) show(x access.Renewal) {
	p.R = x
	if x.Secret != "" {
		p.QR = ui.QR{Text: x.URI, Label: "动态口令的二维码", Size: "big"}
		for i := 0; i < len(x.Secret); i += 4 {
			p.Secret += x.Secret[i:min(i+4, len(x.Secret))] + " "
		}
		p.Secret = strings.TrimSpace(p.Secret)
	}
}

func (s *Server) renewalBegin(w http.ResponseWriter, r *http.Request) error {
	p, f := renewalOf(r)
	err := f.Err()
	if err == nil {
		var x access.Renewal
		if x, err = s.Access.BeginRenewal(r.Context(), s.Region, p.Login, p.Code, ui.Actor(r).Terminal); err == nil {
			p.show(x)
			return renewalTmpl.Render(w, r, p)
		}
	}
	return renewalTmpl.Again(w, r, p, asField(err, "code"))
}

func (s *Server) renewalDone(w http.ResponseWriter, r *http.Request) error {
	p, f := renewalOf(r)
	in := access.Renewed{Login: p.Login, Code: p.Code, Password: r.PostFormValue("password"), TOTP: f.Digits("totp", "动态口令")}
	if in.Password == "" {
		f.Bad("password", "请填密码")
	}
	if again := r.PostForm["again"]; len(again) > 0 && again[0] != in.Password {
		f.Bad("again", "两次填的密码不一样，请再填一遍")
	}
	err := f.Err()
	var cookie string
	var a access.Account
	if err == nil {
		cookie, a, err = s.Access.FinishRenewal(r.Context(), s.Region, in, ui.Actor(r).Terminal)
	}
	if err != nil {
		x, again := s.Access.BeginRenewal(r.Context(), s.Region, p.Login, p.Code, ui.Actor(r).Terminal)
		if again == nil {
			p.show(x)
		}
		return renewalTmpl.Again(w, r, p, asField(err, "code"))
	}
	s.Kit.SetSession(w, cookie)
	return ui.Redirect(w, r, a.Role.Home)
}

// asField shows a refusal of the door beside the field instead of on a page of
// its own.
func asField(err error, field string) error {
	if e := fault.As(err); e.Kind == fault.Forbidden {
		return fault.Field(field, "%s", e.Say)
	}
	return err
}

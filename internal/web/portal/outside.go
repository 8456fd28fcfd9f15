package portal

import (
	"context"
	"encoding/json"
	"net/http"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/oidc"
	"yinling/internal/web/ui"
)

// Outside is what logging in by another service needs (微信, 国家医保电子凭证).
type Outside struct {
	Providers []*oidc.Provider
	Keys      access.Sealer // seals what the browser keeps meanwhile
	// Person finds the insured person of an identity number; "" for nobody.
	Person func(ctx context.Context, region, idno string) (id, name string, err error)
}

// The cookies of a login that is under way: where it was sent, and who came
// back and still has to prove a phone.
const (
	flowCookie = "yl_flow"
	bindCookie = "yl_bind"
	bindFor    = 10 * 60 // seconds
)

func (s *Server) provider(id string) (*oidc.Provider, error) {
	for _, p := range s.Outside.Providers {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "这里没有开通这种登录方式。请用手机号登录。")
}

// keep seals v into a cookie of the login pages; nil takes it away.
func (s *Server) keep(w http.ResponseWriter, name string, v any) {
	c := &http.Cookie{Name: name, Path: "/login", MaxAge: -1, HttpOnly: true, Secure: s.Kit.Secure, SameSite: http.SameSiteLaxMode}
	if v != nil {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err) // structs of texts
		}
		c.Value, c.MaxAge = s.Outside.Keys.Seal(s.Region, name, string(b)), bindFor
	}
	http.SetCookie(w, c)
}

func (s *Server) kept(r *http.Request, name string, out any) bool {
	c, err := r.Cookie(name)
	if err != nil || s.Outside.Keys == nil {
		return false
	}
	text, err := s.Outside.Keys.Open(s.Region, name, c.Value)
	return err == nil && json.Unmarshal([]byte(text), out) == nil
}

// bound is a subject that came back and waits for its phone.
type bound struct {
	Provider, Subject string
	Until             int64 // milliseconds
}

func (s *Server) waiting(r *http.Request) (b bound, name string) {
	if !s.kept(r, bindCookie, &b) || b.Until < ui.Now(r).UnixMilli() {
		return b, ""
	}
	p, err := s.provider(b.Provider)
	if err != nil {
		return b, ""
	}
	return b, p.Name
}

// loginOutside sends the browser to the service.
func (s *Server) loginOutside(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	to, flow, err := p.Begin(r.Context(), here(r.FormValue("back")))
	if err != nil {
		return err
	}
	s.keep(w, flowCookie, flow)
	return ui.Redirect(w, r, to)
}

// loginReturn takes the browser back. Whose login it is, is known from an
// earlier time, by the identity number or by the verified phone that the service
// gives; else the phone is asked for once.
func (s *Server) loginReturn(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	var flow oidc.Flow
	s.kept(r, flowCookie, &flow)
	s.keep(w, flowCookie, nil)
	sub, err := p.Finish(r.Context(), flow, r.URL.Query())
	if err != nil {
		return err
	}
	o := access.Outside{Provider: sub.Provider, Subject: sub.ID, Phone: sub.Phone}
	if sub.IDNo != "" {
		if o.Person, o.Name, err = s.Outside.Person(r.Context(), s.Region, sub.IDNo); err != nil {
			return err
		}
	}
	cookie, _, err := s.Access.LoginOutside(r.Context(), s.Region, o, ui.Actor(r).Terminal)
	if fault.Is(err, fault.NotFound) {
		s.keep(w, bindCookie, bound{o.Provider, o.Subject, ui.Now(r).UnixMilli() + bindFor*1000})
		return loginTmpl.Render(w, r, &loginPage{Page: ui.Page{Title: "登录"}, Demo: s.Demo, Bind: p.Name, Target: flow.Back})
	}
	if err != nil {
		return err
	}
	s.Kit.SetSession(w, cookie)
	return ui.Redirect(w, r, orElse(flow.Back, "/"))
}

// bind ties the login that waits to the account whose phone was just proved.
func (s *Server) bind(w http.ResponseWriter, r *http.Request, a access.Account) error {
	b, name := s.waiting(r)
	if name == "" {
		return nil
	}
	s.keep(w, bindCookie, nil)
	return s.Access.Link(r.Context(), a, access.Outside{Provider: b.Provider, Subject: b.Subject}, ui.Actor(r).Terminal)
}

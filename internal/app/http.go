package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"yinling/internal/access"
	apiinst "yinling/internal/api/inst"
	apipeer "yinling/internal/api/peer"
	apishare "yinling/internal/api/share"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/web/care"
	"yinling/internal/web/inst"
	"yinling/internal/web/office"
	"yinling/internal/web/portal"
	"yinling/internal/web/ui"
)

// Faces are the routers of the program; the test of roles and routes walks them.
func (a *App) Faces() (*ui.Kit, []*ui.Router) {
	kit := &ui.Kit{Site: "银龄医保", Agency: a.Config.Agency, Phone: "12393", Dev: a.Config.Dev, Secure: a.Config.Secure,
		Who: a.who, Now: a.DB.Now, Paper: a.paper, Reader: a.reader()}
	p := &portal.Server{Kit: kit, Log: a.Log, Packs: a.Packs, Access: a.Access, Region: a.Config.Region, Demo: a.demoLogins(), Outside: a.outside(), Base: a.Config.Base(), Papers: a.checkPaper}
	o := &office.Server{Kit: kit, Log: a.Log, Packs: a.Packs, Access: a.Access}
	c := &care.Server{Kit: kit, Log: a.Log, Packs: a.Packs}
	i := &inst.Server{Kit: kit, Log: a.Log, Packs: a.Packs}
	a.fill(p, o, c, i)
	return kit, []*ui.Router{p.Router(), o.Router(), c.Router(), i.Router()}
}

// Handler is everything that is served.
func (a *App) Handler() (http.Handler, error) {
	ui.Load()
	kit, faces := a.Faces()
	pages := kit.Handler(faces...)
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle(apiinst.Prefix+"/", (&apiinst.Server{Insts: a.Institution, Care: a.Care, Claim: a.Claim, Files: a.Files, Desk: a.Desk,
		Today: func() day.Day { return day.FromTime(a.DB.Now()) }}).Handler())
	mux.Handle(apishare.Prefix+"/", (&apishare.Server{Share: a.Share, Today: func() day.Day { return day.FromTime(a.DB.Now()) }}).Handler())
	mux.Handle(apipeer.Prefix+"/", (&apipeer.Server{Peers: a.Peer, Desk: a.Desk}).Handler())
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("POST /pay/wechat", a.weChatNotice) // signed by the channel, so it has no form token
	return mux, nil
}

// who is the visitor behind a request's session.
func (a *App) who(r *http.Request) ui.Visitor {
	var v ui.Visitor
	terminal, _, _ := net.SplitHostPort(r.RemoteAddr)
	v.Terminal = terminal
	cookie := a.session(r)
	if cookie == "" {
		return v
	}
	s, err := a.Access.Find(r.Context(), cookie)
	if err != nil {
		if !fault.Is(err, fault.NotFound) && !errors.Is(err, context.Canceled) {
			slog.Error("session", "err", err)
		}
		return v
	}
	if s.Helper != "" && !a.mayHelp(r.Context(), s) {
		return v // the relative may no longer act: nor may the phone they logged in
	}
	v.Actor, v.Session, v.Helped = s.Actor(terminal), s.CSRF, s.Helper != ""
	if s.Behalf != "" {
		v.Actor.Behalf, v.BehalfName = "", ""
		a.DB.Read(r.Context(), func(tx *db.Tx) error {
			scope, _, err := a.Person.ProxyScope(tx, s.Account.Region, s.Account.Person, s.Behalf, tx.Today())
			if err != nil || scope == "" { // revoked: from this request on
				return err
			}
			p, err := a.Person.Get(tx, s.Account.Region, s.Behalf)
			v.Actor.Behalf, v.BehalfName, v.SeeOnly = s.Behalf, p.Name, scope == person.ScopeSee
			return err
		})
	}
	return v
}

// mayHelp tells whether the relative who logged a phone in may still do all that
// its holder can do there.
func (a *App) mayHelp(ctx context.Context, s access.Session) bool {
	scope, err := a.Person.MayActFor(ctx, s.Account.Region, s.Helper, s.Account.Person)
	return err == nil && scope == person.ScopePay
}

func (a *App) session(r *http.Request) string {
	return (&ui.Kit{Secure: a.Config.Secure}).Session(r)
}

// health answers a load balancer: the database takes a read.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	err := a.DB.Read(r.Context(), func(tx *db.Tx) error { return nil })
	if err != nil {
		http.Error(w, "数据库没有回应", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

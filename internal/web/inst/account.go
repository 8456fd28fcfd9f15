package inst

import (
	"net/http"

	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

// accountPage is who of the institution logs in, and which of its systems do
// (账号和接口).
type accountPage struct {
	ui.Page
	Logins ui.Table
	Keys   []institution.Token
}

var accountTmpl = ui.MustParse[accountPage](ui.Inst, files, "institution/account.html")

// Chip is how a token stands today.
func (p *accountPage) Chip(t institution.Token) ui.Chip {
	switch {
	case t.Revoked:
		return ui.Chip{Tone: "mute", Say: "已停用"}
	case !t.On(p.Today()):
		return ui.Chip{Tone: "mute", Say: "已到期"}
	}
	return ui.Chip{Tone: "ok", Say: "在用"}
}

func (s *Server) accountPage(r *http.Request) (*accountPage, error) {
	who := ui.Actor(r)
	_, staff, err := s.Insts.See(r.Context(), who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	p := &accountPage{Page: ui.Page{Title: "账号和接口"}}
	p.Logins = ui.Table{Title: "谁能登录", Caption: "有账号的人员", Head: []string{"姓名", "岗位", "状态"}, Empty: "本机构还没有人员有账号。"}
	for _, m := range staff {
		if m.Account == "" {
			continue
		}
		state := ui.Chip{Tone: "ok", Say: "在岗"}
		if ok, why := m.FitOn(ui.Today(r)); !ok {
			state = ui.Chip{Tone: "bad", Say: why}
		}
		p.Logins.Rows = append(p.Logins.Rows, ui.Row{Cells: []any{ui.Two{First: m.Name, Href: "/j/staff/" + m.ID}, m.Role.Name(), state}})
	}
	p.Keys, err = s.Insts.Tokens(r.Context(), who.Region, who.Institution)
	return p, err
}

func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	return accountTmpl.Render(w, r, p)
}

// tokenOff ends one of the institution's own tokens at once.
func (s *Server) tokenOff(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	if err := s.Insts.RevokeToken(r.Context(), who, who.Region, who.Institution, r.FormValue("key")); err != nil {
		p, perr := s.accountPage(r)
		if perr != nil {
			return perr
		}
		return accountTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/account")
}

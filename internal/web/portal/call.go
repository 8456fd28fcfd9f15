package portal

import (
	"net/http"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// callPage is «请给我打电话»: who would rather talk leaves a number, and sees by
// when somebody calls, who took it, and afterwards what was said.
type callPage struct {
	ui.Page
	In    desk.Ask
	Calls []callLine
}

type callLine struct {
	Title, Say string
	Chip       ui.Chip
}

const atCall = "/call"

var callTmpl = ui.MustParse[callPage](ui.Portal, files, "help/call.html")

func (s *Server) callPage(r *http.Request) (*callPage, error) {
	calls, me, err := s.Desk.MyCalls(r.Context(), ui.Actor(r))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	p := &callPage{Page: ui.Page{Title: "请给我打电话", Back: "/help", Nav: "/help"}, In: desk.Ask{Case: r.FormValue("case"), Name: me.Name, Phone: me.Phone, About: r.FormValue("about")}}
	if p.In.Case != "" {
		p.Back, p.Nav = atCases+"/"+p.In.Case, atCases
	}
	today := ui.Today(r)
	for _, c := range calls {
		x := callLine{Title: c.About, Chip: ui.Chip{Tone: "wait", Say: "等着打"}, Say: c.Promise() + "。"}
		switch {
		case c.State == desk.CallDone:
			x.Chip, x.Say = ui.Chip{Tone: "ok", Say: "打过了"}, ui.Instant(c.Done)+"，"+c.ClerkName+"打的："+c.Result
		case c.State == desk.CallTaken:
			x.Say = c.ClerkName + "正在打，请留意电话。"
		case c.Late(today):
			x.Say = "说好" + c.Due.Short() + "前打，我们晚了，对不起。马上打给您。"
		}
		if c.Tries > 0 && c.State != desk.CallDone {
			x.Say += "前面打过，没有人接，还会再打。"
		}
		p.Calls = append(p.Calls, x)
	}
	return p, nil
}

func (s *Server) call(w http.ResponseWriter, r *http.Request) error {
	p, err := s.callPage(r)
	if err != nil {
		return err
	}
	return callTmpl.Render(w, r, p)
}

func (s *Server) callAsk(w http.ResponseWriter, r *http.Request) error {
	p, err := s.callPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p.In = desk.Ask{Case: p.In.Case, Name: f.Text("name", "怎么称呼您"), Phone: f.Digits("phone", "打哪个号码"), About: f.Text("about", "想问什么")}
	if err = f.Err(); err == nil {
		_, err = s.Desk.AskCall(r.Context(), ui.Actor(r), f.Once(), p.In)
	}
	if err != nil {
		return callTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, atCall)
}

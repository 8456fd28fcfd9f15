package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// callQueue are the calls that are owed (回电): one clerk takes one, notes what
// was said, and the person reads it.
func (s *Server) callQueue() *queue {
	do := func(act func(context.Context, audit.Actor, desk.CallCmd) error) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			return act(ctx, who, desk.CallCmd{ID: id, Key: key, Version: version, Note: in["note"]})
		}
	}
	return &queue{Key: "call", Path: "/o/call", Title: "回电", See: access.DeskSee, Params: []string{"state"}, list: s.callList, peek: s.callPeek, Undo: desk.UndoCallWord, undo: s.Desk.UndoCall,
		Deeds: []*deed{
			{Key: "take", Name: "我来打", Done: "在您手上，打完请记下来", Letter: "A", Can: access.DeskEnter, do: do(s.Desk.TakeCall)},
			{Key: "end", Name: "打过了", Done: "记下了", Letter: "R", Can: access.DeskEnter, do: do(s.Desk.EndCall),
				Fields: []ui.Field{{Kind: "area", Name: "note", Label: "说了什么", Hint: "当事人会看到这句话"}}},
			{Key: "miss", Name: "没打通，放回去", Done: "记下了，放回队里", Letter: "D", Tone: "line", Can: access.DeskEnter, do: do(s.Desk.MissCall)},
		}}
}

// callChip says how a call stands against its limit.
func callChip(c desk.Call, r *http.Request) ui.Chip {
	switch today := ui.Today(r); {
	case c.State == desk.CallDone:
		return ui.Chip{Tone: "ok", Say: "打过了"}
	case c.Late(today):
		return ui.Chip{Tone: "hot", Say: fmt.Sprintf("过了 %d 天", today-c.Due)}
	case c.Due == today:
		return ui.Chip{Tone: "wait", Say: "今天要打"}
	case c.Due.IsZero():
		return ui.Chip{Tone: "info", Say: "没有定日子"}
	}
	return ui.Chip{Tone: "info", Say: c.Due.Short() + "前"}
}

func (s *Server) callList(r *http.Request, v url.Values, p *workPage) error {
	who, made := ui.Actor(r), v.Get("state") == "done"
	if ui.Who(r).Can(access.DeskEnter) {
		p.Head = []ui.Link{{Href: "/o/call/new", Label: "记一个回电", Icon: "phone"}}
	}
	calls, owed, late, err := s.Desk.Calls(r.Context(), who.Region, made, openMost)
	if err != nil {
		return err
	}
	if p.Say = "有人要我们打电话。谁打谁点「我来打」，打完记一句。"; late > 0 {
		p.Say = fmt.Sprintf("有 %d 个过了该打的日子，请先打。", late)
	}
	p.Tabs = ui.Tabs{Label: "看哪些", Items: []ui.Tab{{Href: p.Q.address(v, "state", ""), Label: "要打的", N: int(owed), Current: !made},
		{Href: p.Q.address(v, "state", "done"), Label: "打过的", N: -1, Current: made}}}
	p.List = ui.Table{Caption: "回电", Head: []string{"打给谁", "想问什么", "哪一件", "谁在打", "什么时候"}, Empty: "没有要打的电话。"}
	for _, c := range calls {
		x := workItem{ID: c.ID, Name: c.Name, Version: c.Version, Cells: []any{ui.Two{First: c.Name, Second: tries(c)}, c.About, orDash(c.Case), orDash(c.ClerkName), callChip(c, r)}}
		if c.State == desk.CallDone {
			x.Cells[4] = ui.Instant(c.Done)
		}
		p.Items = append(p.Items, x)
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 个", len(calls))}
	return nil
}

func tries(c desk.Call) string {
	if c.Tries == 0 {
		return ""
	}
	return fmt.Sprintf("打过 %d 次没有人接", c.Tries)
}

func (s *Server) callPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	c, err := s.Desk.CallAt(r.Context(), who, id)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: c.Version, Name: c.Name, Chips: []ui.Chip{callChip(c, r)}, Objects: []string{id},
		Facts: []ui.Fact{{Label: "电话", Value: c.Phone}, {Label: "想问什么", Value: c.About}, {Label: "什么时候要的", Value: ui.Instant(c.At)}},
		Watch: [][2]string{{"谁在打", orDash(c.ClerkName)}, {"结果", orDash(c.Result)}}}
	if c.Tries > 0 {
		k.Facts = append(k.Facts, ui.Fact{Label: "没打通", Value: tries(c)})
	}
	if c.Result != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "说了什么", Value: c.Result}, ui.Fact{Label: "谁打的", Value: c.ClerkName + "，" + ui.Instant(c.Done)})
	}
	if c.Case != "" {
		k.Links = append(k.Links, ui.Link{Href: "/o/call/case/" + c.Case, Label: "打开这一件"})
	}
	if c.Person != "" {
		k.Links = append(k.Links, ui.Link{Href: "/o/person/" + c.Person, Label: "看他的情况"})
	}
	switch {
	case c.State == desk.CallOpen:
		k.Allowed = []string{"take", "end", "miss"}
	case c.State == desk.CallTaken && c.Clerk == who.ID:
		k.Chips, k.Allowed = append(k.Chips, ui.Chip{Tone: "info", Say: "在您手上"}), []string{"end", "miss"}
	case c.State == desk.CallTaken:
		k.Chips = append(k.Chips, ui.Chip{Tone: "info", Say: c.ClerkName + "在打"})
	}
	return k, nil
}

// callCase leads to the page of the case that a call is about.
func (s *Server) callCase(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Desk.Case(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.Redirect(w, r, caseHref(c))
}

// callNew is the telephone form: what a clerk notes while somebody is on the line.
type callNew struct {
	ui.Page
	In desk.Ask
}

var callNewTmpl = ui.MustParse[callNew](ui.Office, files, "desk/call.html")

func (s *Server) callForm(w http.ResponseWriter, r *http.Request) error {
	p := &callNew{Page: ui.Page{Title: "记一个回电", Back: "/o/call", Nav: "/o/call"}, In: desk.Ask{Case: r.FormValue("case")}}
	if p.In.Case != "" {
		x, err := s.Desk.Way(r.Context(), ui.Actor(r), ui.Actor(r).Region, p.In.Case)
		if err != nil {
			return err
		}
		p.In.Name, p.In.Phone = x.Person.Name, x.Person.Phone
	}
	return callNewTmpl.Render(w, r, p)
}

func (s *Server) callEnter(w http.ResponseWriter, r *http.Request) error {
	p := &callNew{Page: ui.Page{Title: "记一个回电", Back: "/o/call", Nav: "/o/call"}}
	f := ui.ParseForm(r)
	p.In = desk.Ask{Name: f.Text("name", "打给谁"), Phone: f.Digits("phone", "打哪个号码"), About: f.Text("about", "想问什么")}
	err := error(nil)
	if number := f.Text("case", ""); number != "" {
		if p.In.Case, err = desk.CleanNumber(number); err != nil {
			p.In.Case = number
			f.Bad("case", "受理号不对，请照回执再看一遍")
		}
	}
	if err = f.Err(); err == nil {
		_, err = s.Desk.AskCall(r.Context(), ui.Actor(r), f.Once(), p.In)
	}
	if err != nil {
		return callNewTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/call")
}

package inst

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

// messageMost is how many messages a page shows.
const messageMost = 50

type messagesPage struct {
	ui.Page
	Say    string
	Tabs   ui.Tabs
	Filter ui.Filter
	List   ui.Table
	Pager  ui.Pager
}

var messagesTmpl = ui.MustParse[messagesPage](ui.Inst, files, "message/list.html")

// messages is what the institution was told (消息与文书), the newest first.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) error {
	who, v := ui.Actor(r), r.URL.Query()
	kind, all := v.Get("kind"), v.Get("all") != ""
	list, unread, err := s.Insts.Messages(r.Context(), who, kind, !all, v.Get("after"), messageMost+1)
	if err != nil {
		return err
	}
	at := func(set ...string) string {
		q := url.Values{}
		for i := 0; i < len(set); i += 2 {
			if set[i+1] != "" {
				q.Set(set[i], set[i+1])
			}
		}
		return strings.TrimSuffix("/j/message?"+q.Encode(), "?")
	}
	tick := map[bool]string{true: "1"}[all]
	p := &messagesPage{Page: ui.Page{Title: "消息与文书"}}
	p.Say = "没有没看过的消息。"
	if unread > 0 {
		p.Say = fmt.Sprintf("有 %d 条没有看过。", unread)
	}
	p.Tabs = ui.Tabs{Label: "看哪些", Items: []ui.Tab{{Href: at("kind", kind), Label: "没看过的", N: -1, Current: !all}, {Href: at("kind", kind, "all", "1"), Label: "全部", N: -1, Current: all}}}
	kinds := []ui.Option{{Value: "", Label: "全部"}}
	for _, k := range institution.MessageKinds {
		kinds = append(kinds, ui.Option{Value: k.ID, Label: k.Name, Checked: k.ID == kind})
	}
	p.Filter = ui.Filter{Action: "/j/message", Fields: []ui.Field{{Kind: "choose", Name: "kind", Label: "关于什么", Options: kinds}}}
	if all {
		p.Filter.Keep = []ui.Option{{Value: "all", Label: "1"}}
	}
	p.List = ui.Table{Caption: "消息", Head: []string{"说什么", "关于什么", "最晚哪天说明", "什么时候", "谁看过"}, Empty: "这里没有消息。"}
	if len(list) > messageMost {
		list = list[:messageMost]
		p.Pager.Next = at("kind", kind, "all", tick, "after", list[messageMost-1].ID)
	}
	for _, m := range list {
		read := any(ui.Chip{Tone: "hot", Say: "没看过"})
		if m.Read != 0 {
			read = ui.Two{First: m.ReadName, Second: ui.Instant(m.Read)}
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: m.ID, Cells: []any{ui.Two{First: m.Title, Href: "/j/message/" + m.ID}, institution.KindName(m.Kind), answerBy(m, r), ui.Instant(m.At), read}})
	}
	p.Pager.Say = fmt.Sprintf("这里 %d 条", len(list))
	return messagesTmpl.Render(w, r, p)
}

// answerBy says until when a message wants an answer.
func answerBy(m institution.Message, r *http.Request) any {
	switch today := ui.Today(r); {
	case m.Due.IsZero():
		return orNone("")
	case today > m.Due:
		return ui.Chip{Tone: "mute", Say: m.Due.Short() + "到期了"}
	}
	return ui.Chip{Tone: "wait", Say: m.Due.Short() + "前"}
}

type messagePage struct {
	ui.Page
	M     institution.Message
	Facts ui.Summary
}

var messageTmpl = ui.MustParse[messagePage](ui.Inst, files, "message/one.html")

// message shows one; whoever opens it first is noted.
func (s *Server) message(w http.ResponseWriter, r *http.Request) error {
	m, err := s.Insts.OpenMessage(r.Context(), ui.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &messagePage{Page: ui.Page{Title: m.Title, Back: "/j/message", Nav: "/j/message"}, M: m}
	p.Facts.Rows = []ui.Fact{{Label: "关于什么", Value: institution.KindName(m.Kind)}, {Label: "什么时候", Value: ui.Instant(m.At)}, {Label: "谁先看的", Value: m.ReadName + "，" + ui.Instant(m.Read)}}
	if !m.Due.IsZero() {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "最晚哪天说明", Value: answerBy(m, r)})
	}
	return messageTmpl.Render(w, r, p)
}

// counts are the numbers beside the menu; without them the page still shows.
func (s *Server) counts(r *http.Request) map[string]int {
	_, unread, err := s.Insts.Messages(r.Context(), ui.Actor(r), "", true, "", 0)
	if err != nil {
		return nil
	}
	return map[string]int{"messages": unread}
}

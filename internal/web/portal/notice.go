package portal

import (
	"net/http"

	"yinling/internal/assess"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

type noticesPage struct {
	ui.Page
	List ui.Table
}

type noticePage struct {
	ui.Page
	N                   outreach.Notice
	Name, Phone, Reason string
	Signed, Sent        bool
}

var (
	noticesTmpl = ui.MustParse[noticesPage](ui.Portal, files, "notice/list.html")
	noticeTmpl  = ui.MustParse[noticePage](ui.Portal, files, "notice/object.html")
)

func (s *Server) noticeList(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Outreach.Current(r.Context(), s.region(r), 500)
	if err != nil {
		return err
	}
	p := &noticesPage{Page: ui.Page{Title: "公示", Back: "/"}, List: ui.Table{Caption: "失能等级评估结论公示",
		Head: []string{"姓名", "地区", "结论", "公示到", "有意见"}, Empty: "现在没有正在公示的结论。"}}
	for _, n := range list {
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{n.Shown, n.Place, n.What, n.Ends, ui.Link{Href: "/notice/" + n.ID, Label: "提意见", Tone: "ghost"}}})
	}
	return noticesTmpl.Render(w, r, p)
}

func (s *Server) noticePage(r *http.Request) (*noticePage, error) {
	n, err := s.Outreach.One(r.Context(), s.region(r), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return &noticePage{Page: ui.Page{Title: "对公示的结论有意见", Back: "/notice", Nav: "/notice"}, N: n, Signed: ui.Who(r).Signed(),
		Name: ui.Actor(r).Name, Sent: n.Status == outreach.Objected}, nil
}

func (s *Server) notice(w http.ResponseWriter, r *http.Request) error {
	p, err := s.noticePage(r)
	if err != nil {
		return err
	}
	return noticeTmpl.Render(w, r, p)
}

// noticeObject takes an objection in the real name of somebody who logged in;
// the family is never told who it was.
func (s *Server) noticeObject(w http.ResponseWriter, r *http.Request) error {
	p, err := s.noticePage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p.Name, p.Phone, p.Reason = f.Text("name", "您的姓名"), f.Digits("phone", "联系电话"), f.Text("reason", "哪里不符合实际情况")
	err = f.Err()
	if err == nil {
		err = s.Assess.Object(r.Context(), ui.Actor(r), assess.Cmd{Region: s.region(r), ID: p.N.Object, Key: f.Once()}, p.Name, p.Phone, p.Reason)
	}
	if err != nil {
		return noticeTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/notice/"+p.N.ID)
}

package office

import (
	"fmt"
	"net/http"
	"strings"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

type peoplePage struct {
	ui.Page
	Filter ui.Filter
	Q      string
	List   ui.Table
}

type personPage struct {
	ui.Page
	V          person.View
	Facts      ui.Summary
	Covers     ui.Table
	Stays      ui.Table
	Given      ui.Table
	Held       ui.Table
	Number     string // shown once, after an audited look
	In         person.Consent
	Until      string
	Relations  []ui.Option
	Scopes     []ui.Option
	Consents   []ui.Option
	MayAct     bool
	Recallable []ui.Option
	Sanction   personSanction
	Fix        struct{ Open, Why, Because string }
	Told       ui.Table // by other departments
	Assessed   ui.Table
}

var (
	peopleTmpl = ui.MustParse[peoplePage](ui.Office, files, "person/list.html")
	personTmpl = ui.MustParse[personPage](ui.Office, files, "person/one.html")
)

const foundMost = 50

// people finds insured persons. The full number is looked up by its blind
// index; a query string is never logged by the program.
func (s *Server) people(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	p := &peoplePage{Page: ui.Page{Title: "参保人"}, Q: q}
	p.Filter = ui.Filter{Action: "/o/person", Button: "查找", Fields: []ui.Field{{Name: "q", Label: "姓名、拼音或证件号码", Value: q, Wide: true,
		Hint: "姓名可以只写开头；加上证件号码后四位更准，例如 王桂兰 0023"}}}
	list, err := s.Person.Search(r.Context(), ui.Actor(r).Region, q, foundMost+1)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	p.List = ui.Table{Title: "找到的人", Caption: fmt.Sprintf("%d 人", len(list)), Head: []string{"姓名", "性别", "年龄", "证件号码", "住处", "重点人群"},
		Empty: "没有找到这个人。请核对姓名或号码；刚参保的人要等名册导入。"}
	if len(list) > foundMost {
		list = list[:foundMost]
		p.List.Caption = fmt.Sprintf("只显示前 %d 人，请把条件写得更准", foundMost)
	}
	for _, x := range list {
		state := any(strings.Join(x.Groups, "、"))
		if x.Deceased != 0 {
			state = ui.Chip{Tone: "mute", Say: "已去世"}
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Name, Href: "/o/person/" + x.ID}, x.Sex,
			fmt.Sprintf("%d 岁", x.Age(ui.Today(r))), "尾号 " + x.IDTail, x.District + x.Community, state}})
	}
	if err != nil {
		return peopleTmpl.Again(w, r, p, err)
	}
	return peopleTmpl.Render(w, r, p)
}

func coverageChip(c person.Coverage) ui.Chip {
	switch c.Status {
	case "active":
		return ui.Chip{Tone: "ok", Say: "正常"}
	case "paused":
		return ui.Chip{Tone: "hot", Say: "暂停"}
	}
	return ui.Chip{Tone: "mute", Say: "终止"}
}

func kindName(kind string) string {
	return map[string]string{"employee": "职工", "resident": "居民"}[kind]
}

func (s *Server) personPage(r *http.Request) (*personPage, error) {
	v, err := s.Person.See(r.Context(), ui.Actor(r), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	today := ui.Today(r)
	p := &personPage{Page: ui.Page{Title: v.Name, Back: "/o/person", Nav: "/o/person"}, V: v, MayAct: ui.Who(r).Can(access.DeskEnter)}
	add := func(label string, val any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: val}) }
	add("性别和年龄", fmt.Sprintf("%s，%d 岁（%s生）", v.Sex, v.Age(today), v.Birth.Chinese()))
	add("证件号码", "尾号 "+v.IDTail)
	if v.Phone != "" {
		add("联系电话", person.MaskPhone(v.Phone))
	}
	add("住处", strings.TrimSpace(v.District+" "+v.Community+" "+v.Address))
	if !v.Resident {
		add("居住", ui.Chip{Tone: "info", Say: "住在外地"})
	}
	if v.Deceased != 0 {
		add("去世日期", v.Deceased.Chinese())
	}
	for _, g := range v.KeyGroups {
		from := g.Source
		if g.Since != 0 {
			from += "，" + g.Since.Chinese() + "起"
		}
		add("重点人群", ui.Two{First: g.Name, Second: from})
	}
	p.Covers = ui.Table{Title: "长期护理保险参保", Caption: "参保关系", Head: []string{"从哪天起", "到哪天", "跟随", "状态", "缴费", "月缴费基数"}, Empty: "没有参保记录，不能享受护理待遇。"}
	for _, c := range v.Coverages {
		until := "至今"
		if c.Until != 0 {
			until = c.Until.Chinese()
		}
		var base any = "名册没有"
		if c.Base > 0 {
			base = c.Base
		}
		p.Covers.Rows = append(p.Covers.Rows, ui.Row{Cells: []any{c.Since.Chinese(), until, kindName(c.Kind) + "医保", coverageChip(c),
			ui.Two{First: fmt.Sprintf("共 %d 个月", c.PaidMonths), Second: fmt.Sprintf("最近连续 %d 个月", c.Streak)}, base}})
	}
	p.Stays = ui.Table{Title: "近两年住院", Caption: "住院期间", Head: []string{"入院", "出院", "来源"}}
	for _, st := range v.Stays {
		out := "还在住院"
		if st.Until != 0 {
			out = st.Until.Chinese()
		}
		p.Stays.Rows = append(p.Stays.Rows, ui.Row{Cells: []any{st.Since.Chinese(), out, st.Source}})
	}
	p.Given = ui.Table{Title: "谁可以替他办", Caption: "授权代办", Head: []string{"代办人", "关系", "可以做什么", "到哪天", "状态"}, Empty: "没有授权给任何人。"}
	for _, x := range v.Given {
		p.Given.Rows = append(p.Given.Rows, proxyRow(x, x.Proxy.Proxy, today))
		if x.On(today) {
			p.Recallable = append(p.Recallable, ui.Option{Value: x.ID, Label: "收回给" + x.Other + "的授权"})
		}
	}
	p.Held = ui.Table{Title: "他可以替谁办", Caption: "替别人代办", Head: p.Given.Head}
	for _, x := range v.Held {
		p.Held.Rows = append(p.Held.Rows, proxyRow(x, x.Person, today))
	}
	if ui.Who(r).Can(access.ShareSee) {
		if p.Told, p.Assessed, err = s.shareTables(r, v.ID); err != nil {
			return nil, err
		}
	}
	if p.Sanction, err = s.personSanctions(r, v.ID); err != nil {
		return nil, err
	}
	p.Relations, p.Scopes, p.Consents = relations(), scopes(), []ui.Option{{Value: person.ConsentFace, Label: "本人到场当面同意"}, {Value: person.ConsentDoor, Label: "上门，本人当面同意"}}
	return p, nil
}

func proxyRow(x person.ProxyView, other string, today day.Day) ui.Row {
	state := ui.Chip{Tone: "ok", Say: "有效"}
	switch {
	case x.Revoked != 0:
		state = ui.Chip{Tone: "mute", Say: ui.Instant(x.Revoked) + " 收回"}
	case x.Until < today:
		state = ui.Chip{Tone: "mute", Say: "已到期"}
	}
	return ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Other, Href: "/o/person/" + other}, x.Relation, person.ScopeName(x.Scope), x.Until.Chinese(), state}}
}

func relations() (out []ui.Option) {
	for _, r := range person.Relations {
		out = append(out, ui.Option{Value: r, Label: r})
	}
	return out
}

func scopes() []ui.Option {
	return []ui.Option{{Value: person.ScopeSee, Label: "只能看", Hint: "看进度、计划和账单"}, {Value: person.ScopeAct, Label: "可以代办", Hint: "还能申请、确认计划"},
		{Value: person.ScopePay, Label: "可以代办和付款", Hint: "还能确认账单、付款"}}
}

func (s *Server) person(w http.ResponseWriter, r *http.Request) error {
	p, err := s.personPage(r)
	if err != nil {
		return err
	}
	return personTmpl.Render(w, r, p)
}

// personNumber shows the full number once; the look stands in the audit log.
func (s *Server) personNumber(w http.ResponseWriter, r *http.Request) error {
	p, err := s.personPage(r)
	if err != nil {
		return err
	}
	if p.Number, err = s.Person.Reveal(r.Context(), ui.Actor(r), ui.Actor(r).Region, p.V.ID); err != nil {
		return err
	}
	return personTmpl.Render(w, r, p)
}

// personProxy authorises somebody at the window.
func (s *Server) personProxy(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	c := person.Consent{Name: f.Text("name", "代办人姓名"), IDNo: f.Digits("id", "代办人证件号码")}
	c.Region, c.Person = who.Region, r.PathValue("id")
	c.Relation, c.Scope, c.Consent = f.Choice("relation", "关系", relations()), f.Choice("scope", "可以做什么", scopes()), f.Raw("consent")
	c.Until = f.Day("until", "")
	err := f.Err()
	if err == nil {
		_, err = s.Person.Allow(r.Context(), who, f.Once(), c)
	}
	if err != nil {
		p, perr := s.personPage(r)
		if perr != nil {
			return perr
		}
		p.In, p.Until = c, f.Raw("until")
		return personTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/person/"+c.Person)
}

// personRecall takes an authorisation back at the person's wish.
func (s *Server) personRecall(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, err := s.Person.Recall(r.Context(), who, who.Region, r.FormValue("proxy"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.Redirect(w, r, "/o/person/"+x.Person)
}

// personPass gives a one-time login code on paper to who came to the window with
// an identity card.
func (s *Server) personPass(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	v, err := s.Person.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	code, until, err := s.Access.MakePass(r.Context(), who, who.Region, access.Pass{Kind: access.PassWindow, Person: v.Person.ID, Name: v.Person.Name, HelperName: who.Name})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return codeTmpl.Render(w, r, &codePage{Page: ui.Page{Title: "登录码", Back: "/o/person/" + v.Person.ID, Nav: "/o/person"}, Code: code[:5] + " " + code[5:], QR: ui.QR{Text: s.Base + "/login/pass?code=" + code, Label: "登录码，用手机扫", Size: "big"},
		Done: ui.Done{Title: v.Person.Name + "的登录码", Say: []string{"请核对身份证，当面交给本人。可以打印这一页，或抄在纸条上。"}},
		Say:  []string{"用手机扫码，或打开银龄医保，点“登录”，再点“有登录码”，填这 10 位。", "用到 " + day.FromTime(until).Chinese() + "，用一次。"}})
}

package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

type familyPage struct {
	ui.Page
	Mine   []familyLine // who may act for me
	Others []familyLine // for whom I may act
}

// familyLine is one authorisation in words.
type familyLine struct {
	ID, Person, Name, Say, Until string
	Acting                       bool
	MayHelp                      bool // may log the other's phone in
}

// familyNewPage is one question of an authorisation: the relation, what the
// relative may do, and their phone (or name and number); then what was said.
type familyNewPage struct {
	ui.Page
	Step                     string // relation, scope, phone, id, check
	Relation, Scope          string
	Phone, Name, IDNo, Until string
	Shown, ScopeSay, Here    string
	Relations, Scopes        []ui.Option
}

var (
	familyTmpl    = ui.MustParse[familyPage](ui.Portal, files, "family/family.html")
	familyNewTmpl = ui.MustParse[familyNewPage](ui.Portal, files, "family/new.html")
)

// self is the person behind the account, whoever they act for now.
func self(r *http.Request) (region, id string, err error) {
	who := ui.Actor(r)
	if who.Person == "" {
		return "", "", fault.New(fault.Forbidden, "您的账号还没有和参保人对上。请带身份证到窗口登记，或打 12393。")
	}
	return who.Region, who.Person, nil
}

func (s *Server) family(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	f, err := s.Person.FamilyOf(r.Context(), region, me)
	if err != nil {
		return err
	}
	today, p := ui.Today(r), &familyPage{Page: ui.Page{Title: "家人代办", Back: "/"}}
	for _, x := range f.Given {
		if x.On(today) {
			p.Mine = append(p.Mine, familyLine{ID: x.ID, Name: x.Other, Say: x.Relation + "，" + person.ScopeName(x.Scope), Until: x.Until.Chinese()})
		}
	}
	for _, x := range f.Held {
		if x.On(today) {
			p.Others = append(p.Others, familyLine{ID: x.ID, Person: x.Person, Name: x.Other, Say: person.ScopeName(x.Scope), Until: x.Until.Chinese(),
				Acting: ui.Actor(r).Behalf == x.Person, MayHelp: x.Scope == person.ScopePay && !ui.Who(r).Helped})
		}
	}
	return familyTmpl.Render(w, r, p)
}

func familyScopes() []ui.Option {
	return []ui.Option{{Value: person.ScopeSee, Label: "只能看", Hint: "看进度、计划和账单，不能替您办"},
		{Value: person.ScopeAct, Label: "可以代办", Hint: "还能替您申请、确认护理计划"},
		{Value: person.ScopePay, Label: "可以代办和付款", Hint: "还能替您确认账单、付款"}}
}

func relationOptions() (out []ui.Option) {
	for _, x := range person.Relations {
		out = append(out, ui.Option{Value: x, Label: x})
	}
	return out
}

// nearRelations are the six that a page offers; the window knows them all.
var nearRelations = []ui.Option{{Value: "子女", Label: "子女"}, {Value: "配偶", Label: "老伴"}, {Value: "儿媳或女婿", Label: "儿媳或女婿"},
	{Value: "孙子女", Label: "孙子女"}, {Value: "其他亲属", Label: "其他亲属"}, {Value: "朋友或邻居", Label: "朋友或邻居"}}

// newPage shows the first question that has no answer yet; by id the relative
// is named by name and number, else by phone.
func newPage(relation, scope, by string) *familyNewPage {
	p := &familyNewPage{Page: ui.Page{Title: "授权家人代办", Back: atFamily}, Relation: relation, Scope: scope, Relations: nearRelations, Scopes: familyScopes()}
	at := "/family/new?" + url.Values{"relation": {relation}, "scope": {scope}}.Encode()
	switch {
	case !isOption(relationOptions(), relation):
		p.Step = "relation"
	case !isOption(p.Scopes, scope):
		p.Step, p.Back = "scope", "/family/new"
	case by == "id":
		p.Step, p.Back = "id", at
	default:
		p.Step, p.Back = "phone", "/family/new?"+url.Values{"relation": {relation}}.Encode()
	}
	p.ScopeSay, p.Here = person.ScopeName(scope), at
	return p
}

func isOption(list []ui.Option, value string) bool {
	return slices.ContainsFunc(list, func(o ui.Option) bool { return o.Value == value })
}

func (s *Server) familyNew(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := self(r); err != nil {
		return err
	}
	p := newPage(r.FormValue("relation"), r.FormValue("scope"), r.FormValue("by"))
	if p.Step == r.FormValue("asked") { // sent without an answer
		say := map[string]string{"relation": "请选他是您的什么人", "scope": "请选他可以做什么"}[p.Step]
		return familyNewTmpl.Again(w, r, p, fault.Field(p.Step, "%s", say))
	}
	return familyNewTmpl.Render(w, r, p)
}

// mayAllow refuses who cannot authorise anybody: a proxy, or a phone that a
// relative has logged in.
func mayAllow(r *http.Request) error {
	if ui.Actor(r).Behalf != "" {
		return fault.New(fault.Forbidden, "您正在替别人办，不能替他再授权给人。请他本人登录，或一起到窗口办。")
	}
	if ui.Who(r).Helped {
		return fault.New(fault.Forbidden, "这部手机是家人帮着登录的，不能用它授权给人。请您用自己的手机号登录，或到窗口办。")
	}
	return nil
}

// relative finds the person whose account logs in by a phone. Only the family
// name is shown of them, and tries are slowed down: nobody shall find out by
// trying who is insured.
func (s *Server) relative(r *http.Request, phone string) (id, shown string, err error) {
	who := ui.Actor(r)
	if err := s.finds.Try(who.ID, ui.Now(r)); err != nil {
		return "", "", err
	}
	if id, err = s.Access.PersonOf(r.Context(), who.Region, phone); err != nil {
		return "", "", err
	}
	if id == "" {
		return "", "", fault.Field("phone", "用这个手机号还找不到人。请核对号码；他没有登录过的，可以改填姓名和证件号码")
	}
	p, _, err := s.Person.Self(r.Context(), who.Region, id)
	return id, person.MaskName(p.Name), err
}

// familyCheck shows what is to be authorised before it is (核对).
func (s *Server) familyCheck(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := self(r); err != nil {
		return err
	}
	if err := mayAllow(r); err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p := newPage(f.Raw("relation"), f.Raw("scope"), "")
	p.Phone = f.Digits("phone", "家人的手机号")
	err := f.Err()
	if err == nil {
		_, p.Shown, err = s.relative(r, p.Phone)
	}
	if err != nil {
		return familyNewTmpl.Again(w, r, p, err)
	}
	p.Title, p.Step, p.Back = "核对一遍", "check", p.Here
	return familyNewTmpl.Render(w, r, p)
}

// familyAllow authorises somebody. The person has logged in with a code sent to
// their own phone, which is how they consent; a proxy cannot pass it on.
func (s *Server) familyAllow(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	if err := mayAllow(r); err != nil {
		return err
	}
	f, who, c := ui.ParseForm(r), ui.Actor(r), person.Consent{}
	phone := f.Raw("phone")
	if phone != "" {
		c.Proxy, _, err = s.relative(r, phone)
	} else {
		c.Name, c.IDNo = f.Text("name", "家人的姓名"), f.Digits("id", "家人的证件号码")
	}
	c.Region, c.Person, c.Consent = region, me, person.ConsentSMS
	c.Relation, c.Scope = f.Choice("relation", "他是您的什么人", relationOptions()), f.Choice("scope", "他可以做什么", familyScopes())
	c.Until = f.Day("until", "")
	if err = errors.Join(err, f.Err()); err == nil {
		_, err = s.Person.Allow(r.Context(), who, f.Once(), c)
	}
	if err != nil {
		by := "id"
		if phone != "" {
			by = "phone"
		}
		p := newPage(c.Relation, c.Scope, by)
		p.Phone, p.Name, p.IDNo, p.Until = phone, c.Name, c.IDNo, f.Raw("until")
		return familyNewTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, atFamily)
}

// familyRecall ends an authorisation at once, from either side.
func (s *Server) familyRecall(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	x, err := s.Person.Recall(r.Context(), ui.Actor(r), region, r.PathValue("id"), me)
	if err != nil {
		return err
	}
	if ui.Actor(r).Behalf == x.Person {
		return s.familyStop(w, r)
	}
	return ui.Redirect(w, r, atFamily)
}

// familyStart makes the session act for another person.
func (s *Server) familyStart(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	other := r.FormValue("person")
	scope, err := s.Person.MayActFor(r.Context(), region, me, other)
	if err != nil {
		return err
	}
	if scope == "" {
		return fault.New(fault.Forbidden, "这份授权已经收回或者到期。请他本人重新授权，或一起到窗口办。")
	}
	return s.actFor(w, r, other)
}

// familyStop returns to oneself.
func (s *Server) familyStop(w http.ResponseWriter, r *http.Request) error { return s.actFor(w, r, "") }

func (s *Server) actFor(w http.ResponseWriter, r *http.Request, person string) error {
	ses, err := s.Access.Find(r.Context(), s.Kit.Session(r))
	if err != nil {
		return err
	}
	if err := s.Access.ActFor(r.Context(), ses, ui.Actor(r).Terminal, person); err != nil {
		return err
	}
	return ui.Redirect(w, r, "/")
}

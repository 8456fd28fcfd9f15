package portal

import (
	"net/http"

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

type familyNewPage struct {
	ui.Page
	Name, IDNo, Relation, Scope, Until string
	Relations, Scopes                  []ui.Option
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

func (s *Server) familyNew(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := self(r); err != nil {
		return err
	}
	return familyNewTmpl.Render(w, r, &familyNewPage{Page: ui.Page{Title: "授权家人代办", Back: atFamily}, Relations: relationOptions(), Scopes: familyScopes()})
}

// familyAllow authorises somebody. The person has logged in with a code sent to
// their own phone, which is how they consent; a proxy cannot pass it on.
func (s *Server) familyAllow(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	if who.Behalf != "" {
		return fault.New(fault.Forbidden, "您正在替别人办，不能替他再授权给人。请他本人登录，或一起到窗口办。")
	}
	if ui.Who(r).Helped {
		return fault.New(fault.Forbidden, "这部手机是家人帮着登录的，不能用它授权给人。请您用自己的手机号登录，或到窗口办。")
	}
	c := person.Consent{Name: f.Text("name", "家人的姓名"), IDNo: f.Digits("id", "家人的证件号码")}
	c.Region, c.Person, c.Consent = region, me, person.ConsentSMS
	c.Relation, c.Scope = f.Choice("relation", "他是您的什么人", relationOptions()), f.Choice("scope", "他可以做什么", familyScopes())
	c.Until = f.Day("until", "")
	if err = f.Err(); err == nil {
		_, err = s.Person.Allow(r.Context(), who, f.Once(), c)
	}
	if err != nil {
		return familyNewTmpl.Again(w, r, &familyNewPage{Page: ui.Page{Title: "授权家人代办", Back: atFamily}, Name: c.Name, IDNo: c.IDNo,
			Relation: c.Relation, Scope: c.Scope, Until: f.Raw("until"), Relations: relationOptions(), Scopes: familyScopes()}, err)
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

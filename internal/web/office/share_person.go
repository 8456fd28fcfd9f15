package office

import (
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

type sharePersonPage struct {
	ui.Page
	V        person.View
	Facts    ui.Summary
	Told     ui.Table
	Assessed ui.Table
	Watched  bool
	Contacts ui.Table
	Results  []ui.Option
	Sources  []ui.Option
	Act      bool
	Dead     bool     // and the visitor may take it back
	After    ui.Table // bills for days after the death
	In       struct{ Result, Note, Next, Source, Value, Since, Until, Document, Issuer string }
}

var sharePersonTmpl = ui.MustParse[sharePersonPage](ui.Office, files, "share/person.html")

func until(d day.Day) string {
	if d == 0 {
		return "没有写"
	}
	return d.Chinese()
}

// toldTable is what registers say about a person, each with where it comes from.
func toldTable(told []share.Told, today day.Day) ui.Table {
	t := ui.Table{Title: "部门名单里的情况", Caption: "每一条都有来源", Head: []string{"什么", "从哪天", "到哪天", "来源", "状态"}, Empty: "部门名单里没有他的情况。"}
	for _, x := range told {
		what := ui.Two{First: x.Source.Name, Second: x.Value}
		from := ui.Two{First: x.Source.Department, Second: "名单截至" + x.Confirmed.Chinese()}
		if x.Batch != "" {
			from.Second += "，第 " + strconv.FormatInt(x.Line, 10) + " 行"
			from.Href = "/o/share/batch/" + x.Batch
		}
		state := ui.Chip{Tone: "ok", Say: "有效"}
		switch {
		case x.EndedOn != 0:
			state = ui.Chip{Tone: "mute", Say: x.EndedOn.Chinese() + "起名单上没有了"}
		case !x.Holds(today):
			state = ui.Chip{Tone: "mute", Say: "已到期"}
		case x.Stale:
			state = ui.Chip{Tone: "hot", Say: "名单过期，请核对"}
		}
		since := "没有写"
		if x.Since != 0 {
			since = x.Since.Chinese()
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []any{what, since, until(x.Until), from, state}})
	}
	return t
}

// assessedTable puts the assessments of all departments side by side.
func assessedTable(list []share.Assessed, today day.Day) ui.Table {
	t := ui.Table{Title: "各部门的评估", Caption: "并排放，各用各的说法，不合成一个等级", Head: []string{"部门", "结果", "哪天评的", "有效到", "文书", "在这里怎样用"}, Empty: "没有查到别的部门的评估。"}
	for _, x := range list {
		end := any(until(x.Until))
		if x.Until != 0 && x.Until < today {
			end = ui.Two{First: x.Until.Chinese(), Chip: ui.Chip{Tone: "mute", Say: "已过期"}}
		}
		doc := ui.Two{First: orSay(x.Document, "没有写"), Second: x.Issuer}
		if x.Case != "" {
			doc = ui.Two{First: x.Case, Href: "/o/assess/" + x.Case}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []any{ui.Two{First: x.Department, Second: x.Tool}, orSay(x.Value, "没有写"), x.Since.Chinese(), end, doc, x.Use.Say}})
	}
	return t
}

// shareTables are both tables of a person, for the pages of a person and of a case.
func (s *Server) shareTables(r *http.Request, id string) (told, assessed ui.Table, err error) {
	facts, list, err := s.Share.OfPerson(r.Context(), ui.Actor(r).Region, id)
	return toldTable(facts, ui.Today(r)), assessedTable(list, ui.Today(r)), err
}

// besideTable are the assessments beside the one of a case: of other
// departments, and earlier ones of ours.
func (s *Server) besideTable(r *http.Request, id, without string) (ui.Table, error) {
	_, list, err := s.Share.OfPerson(r.Context(), ui.Actor(r).Region, id)
	return assessedTable(slices.DeleteFunc(list, func(x share.Assessed) bool { return x.Case == without }), ui.Today(r)), err
}

func (s *Server) sharePersonPage(r *http.Request) (*sharePersonPage, error) {
	who := ui.Actor(r)
	v, err := s.Person.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &sharePersonPage{Page: ui.Page{Title: v.Name, Back: "/o/person/" + v.ID, Nav: "/o/share/watch"}, V: v, Act: ui.Who(r).Can(access.ShareFollow)}
	if p.Told, p.Assessed, err = s.shareTables(r, v.ID); err != nil {
		return nil, err
	}
	x, contacts, err := s.Share.WatchedOne(r.Context(), who.Region, v.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	add := func(label string, val any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: val}) }
	add("年龄", strconv.Itoa(v.Age(ui.Today(r)))+" 岁")
	add("住处", v.District+" "+v.Community+" "+v.Address)
	if v.Phone != "" && p.Act {
		add("电话", v.Phone)
	}
	if p.Watched = err == nil; p.Watched {
		add("重点人群", x.Groups)
		add("走到哪一步", watchChip(x))
		add("跟踪人", orSay(x.FollowerName, "没有分给人"))
		if x.Next != 0 {
			add("下次联系", x.Next.Chinese())
		}
		p.Contacts = ui.Table{Title: "联系记录", Caption: "新的在前", Head: []string{"哪天", "结果", "说明", "下次", "谁"}, Empty: "还没有联系过。"}
		for _, c := range contacts {
			p.Contacts.Rows = append(p.Contacts.Rows, ui.Row{Cells: []any{c.On.Chinese(), share.ResultName(c.Result), c.Note, c.Next.Chinese(), c.ActorName}})
		}
		for _, x := range share.Results {
			p.Results = append(p.Results, ui.Option{Value: x.ID, Label: x.Say})
		}
	}
	if v.Deceased != 0 {
		p.Dead = ui.Who(r).Can(access.ShareImport)
		add("去世日期", v.Deceased.Chinese())
		if p.After, err = s.afterDeath(r, v.Person); err != nil {
			return nil, err
		}
	}
	view, err := s.Packs.At(who.Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	for _, src := range share.Sources(view) {
		if src.Gives == share.GivesAssessment {
			p.Sources = append(p.Sources, ui.Option{Value: src.ID, Label: src.Department + "：" + src.Name})
		}
	}
	return p, nil
}

// sharePerson is what departments say about a person, and the follow-up.
func (s *Server) sharePerson(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sharePersonPage(r)
	if err != nil {
		return err
	}
	return sharePersonTmpl.Render(w, r, p)
}

// afterDeath lists what the fund paid for days after somebody's death: to be
// deducted or taken back, each on its own page.
func (s *Server) afterDeath(r *http.Request, p person.Person) (ui.Table, error) {
	t := ui.Table{Title: "身故以后还付了的账单", Caption: "要扣减或追回", Head: []string{"哪天", "基金付了", "状态"}}
	bills, err := s.Claim.BillsOf(r.Context(), ui.Actor(r), ui.Actor(r).Region, p.ID, p.Deceased+1, 100)
	for _, b := range bills {
		if b.On > p.Deceased && b.Fund > 0 {
			t.Rows = append(t.Rows, ui.Row{Cells: []any{ui.Two{First: b.On.Chinese(), Href: "/o/claim/bill/" + b.Visit}, b.Fund.Yuan(), b.Status.Name()}})
		}
	}
	return t, err
}

// shareRetract takes back that a register calls a person dead.
func (s *Server) shareRetract(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if err := s.Share.Retract(r.Context(), who, who.Region, id, f.Once(), f.Raw("why")); err != nil {
		return s.sharePersonAgain(w, r, f, err)
	}
	return ui.Redirect(w, r, "/o/share/person/"+id)
}

// shareContact records a contact.
func (s *Server) shareContact(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	c := share.Contact{Result: f.Raw("result"), Note: f.Raw("note"), Next: f.Day("next", "")}
	err := f.Err()
	if err == nil {
		err = s.Share.Touch(r.Context(), who, who.Region, id, f.Once(), c)
	}
	if err != nil {
		return s.sharePersonAgain(w, r, f, err)
	}
	return ui.Redirect(w, r, "/o/share/person/"+id)
}

// shareRecord enters another department's assessment from its document.
func (s *Server) shareRecord(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	x := share.Fact{Source: f.Raw("source"), Value: f.Raw("value"), Document: f.Raw("document"), Issuer: f.Raw("issuer"), Since: f.Day("since", ""), Until: f.Day("until", "")}
	err := f.Err()
	if err == nil {
		err = s.Share.Record(r.Context(), who, who.Region, id, f.Once(), x)
	}
	if err != nil {
		return s.sharePersonAgain(w, r, f, err)
	}
	return ui.Redirect(w, r, "/o/share/person/"+id)
}

func (s *Server) sharePersonAgain(w http.ResponseWriter, r *http.Request, f *ui.Form, err error) error {
	p, perr := s.sharePersonPage(r)
	if perr != nil {
		return perr
	}
	for name, in := range map[string]*string{"result": &p.In.Result, "note": &p.In.Note, "next": &p.In.Next, "source": &p.In.Source, "value": &p.In.Value, "since": &p.In.Since,
		"until": &p.In.Until, "document": &p.In.Document, "issuer": &p.In.Issuer} {
		*in = f.Raw(name)
	}
	return sharePersonTmpl.Again(w, r, p, err)
}

package app

import (
	"errors"
	"strings"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// matters ties the deeds that packs name to what does them (事项的动作).
func (a *App) matters() {
	a.Desk.Acts = map[desk.Deed]desk.Act{
		"assess.apply":      {Instead: a.openAssess},
		"assess.object":     {Instead: a.openObjection},
		"outreach.complain": {Instead: a.openComplaint},
		"benefit.choose":    {Check: a.checkChoice, Do: a.doChoice},
		"person.enrol":      {Admit: a.admit, Do: a.doEnrol},
		"person.change":     {Check: checkChange, Do: a.doChange},
		"person.authorise":  {Check: a.checkProxy, Do: a.doProxy},
	}
	a.Desk.Acts["door.book"] = desk.Act{Do: a.doBook}
	a.Desk.Acts["door.done"] = desk.Act{Check: a.checkSlot, Do: a.doDoor}
	a.Desk.Known = knownFacts
	a.Desk.May = a.mayBring
	a.Desk.Slots = a.slots
	a.Desk.Taken = a.Hall().Accept
	a.Desk.Order = func(v *policy.View, groups []string) (int64, string, error) {
		o, _, err := assess.OrderRule.Decide(v, assess.OrderFacts{Groups: groups})
		return o.Priority, o.Group, err
	}
}

// knownFacts adds what the care insurance knows of a person.
func knownFacts(tx *db.Tx, region, id string, f *desk.MatterFacts) error {
	b, err := benefit.On(tx, region, id, tx.Today())
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	f.Level, f.Enjoying = b.Level, err == nil
	return err
}

func (a *App) openAssess(tx *db.Tx, who audit.Actor, in desk.ApplyInput) (desk.Receipt, error) {
	v, err := a.Packs.At(in.Region, tx.Today())
	if err != nil {
		return desk.Receipt{}, err
	}
	x := in.Answers
	told := assess.Told{Relation: in.Relation, Place: x["place"], Address: x["address"], Items: map[string]string{}, Times: strings.Split(x["times"], ",")}
	cannot := strings.Split(x["cannot"], ",")
	for _, q := range assess.ScreenQuestions(v) {
		told.Items[q.ID] = "independent"
		for _, c := range cannot {
			if c == q.ID {
				told.Items[q.ID] = "dependent"
			}
		}
	}
	months := map[string]int{"24": 24, "12": 12, "6": 6, "3": 3}[x["since"]]
	told.Since = tx.Today().Month() - day.Month(months)
	files := []desk.Stored{}
	for _, f := range in.Files {
		if f.SHA256 != "" {
			files = append(files, f.Stored)
		}
	}
	r, err := a.Assess.ApplyTx(tx, who, assess.ApplyInput{Region: in.Region, Person: in.Person, Channel: in.Channel, Relation: in.Relation, Answers: told, Files: files})
	return desk.Receipt{Number: r.Number, Due: r.AcceptBy}, err
}

func (a *App) openObjection(tx *db.Tx, who audit.Actor, in desk.ApplyInput) (desk.Receipt, error) {
	name := who.Name
	if p, err := a.Person.Get(tx, in.Region, in.Person); err == nil && who.Role != "citizen" {
		name = p.Name
	}
	id, err := a.Assess.ObjectTx(tx, who, in.Region, in.Person, name, in.Answers["phone"], in.Answers["reason"])
	if err != nil {
		return desk.Receipt{}, err
	}
	c, err := desk.Get(tx, in.Region, id)
	return desk.Receipt{Number: id, Due: c.Due}, err
}

func (a *App) openComplaint(tx *db.Tx, who audit.Actor, in desk.ApplyInput) (desk.Receipt, error) {
	said := outreach.Said{Kind: "complaint", Text: in.Answers["about"] + "：" + in.Answers["what"], Channel: in.Channel, Person: in.Person, Relation: in.Relation}
	if desk.ByOf(who, in.Person) == desk.ByProxy {
		said.Applicant = who.Person
	}
	for _, f := range in.Files {
		if f.SHA256 != "" {
			said.Files = append(said.Files, f.Stored)
		}
	}
	r, err := a.Outreach.OpenComplaint(tx, in.Region, said, who)
	if err != nil {
		return desk.Receipt{}, err
	}
	c, err := desk.Get(tx, in.Region, r.Number)
	return desk.Receipt{Number: r.Number, Due: c.Due}, err
}

// choiceOf reads a choice of mode and institution from the answers; the
// institution is named by its name.
func (a *App) choiceOf(tx *db.Tx, x desk.Application) (modes []string, inst string, from day.Day, err error) {
	if from, err = day.Parse(x.Answers["since"]); err != nil {
		return nil, "", 0, fault.Field("since", "请写从哪天起换")
	}
	if m := x.Answers["mode"]; m != "" {
		modes = []string{m}
	} else {
		c, err := benefit.ModeOn(tx, x.Region, x.Person, from)
		if err != nil {
			return nil, "", 0, err
		}
		modes = c.Modes
	}
	name := x.Answers["institution"]
	if name == "" {
		if modes[0] != "family" {
			return nil, "", 0, fault.Field("institution", "请写选哪一家机构")
		}
		return modes, "", from, nil
	}
	all, err := institution.List(tx, x.Region, "", institution.Active, "")
	for _, i := range all {
		if i.Name == name {
			return modes, i.ID, from, err
		}
	}
	return nil, "", 0, errors.Join(err, fault.Field("institution", "没有找到名叫「%s」的定点机构。请照机构名单写全名，或打 12393。", name))
}

func (a *App) checkChoice(tx *db.Tx, _ audit.Actor, x desk.Application) error {
	_, _, from, err := a.choiceOf(tx, x)
	if err == nil && from < tx.Today() {
		err = fault.Field("since", "请选今天或以后的日期。")
	}
	return err
}

func (a *App) doChoice(tx *db.Tx, who audit.Actor, x desk.Application) (string, error) {
	modes, inst, from, err := a.choiceOf(tx, x)
	if err != nil {
		return "", err
	}
	if from < tx.Today() {
		from = tx.Today() // decided after the day that was asked for
	}
	if err := a.Care.ChooseTx(tx, who, x.Region, x.Person, modes, inst, from); err != nil {
		return "", err
	}
	say := "从" + from.Chinese() + "起，" + benefit.ModesChinese(modes)
	if n := x.Answers["institution"]; n != "" {
		say += "，由" + n + "照顾"
	}
	return say, nil
}

// entry is a person as the roster's writer takes it, with nothing to change yet.
func (a *App) entry(tx *db.Tx, region, id string) (e person.Entry, err error) {
	p, err := a.Person.Get(tx, region, id)
	if err != nil {
		return e, err
	}
	no, err := a.Person.IDNumber(tx, region, id)
	if err != nil {
		return e, err
	}
	e.Number, err = person.ParseID(no, tx.Today())
	e.Name, e.Sex, e.Birth = p.Name, p.Sex, p.Birth
	return e, err
}

// admit puts somebody into the roster who came to be enrolled and was not in it.
// Conflict: meanwhile somebody else has.
func (a *App) admit(tx *db.Tx, x desk.Application) (string, error) {
	n := x.Newcomer()
	if p, err := a.Person.FindByID(tx, x.Region, n.IDNo); err == nil {
		return "", fault.New(fault.Conflict, "这个证件号码刚刚进了名册（%s）。请退回这一件，查到他再办。", person.MaskName(p.Name))
	}
	no, err := person.ParseID(n.IDNo, tx.Today())
	if err != nil {
		return "", err
	}
	ids, _, err := a.Person.Put(tx, x.Region, []person.Entry{{Number: no, Name: n.Name, Sex: no.Sex, Birth: no.Birth, Phone: x.Answers["phone"], District: n.District,
		Address: x.Answers["address"], Resident: true, Has: person.HasPhone | person.HasDistrict | person.HasAddress | person.HasResident}})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

func (a *App) doEnrol(tx *db.Tx, _ audit.Actor, x desk.Application) (string, error) {
	since, err := day.Parse(x.Asked["since"])
	if err != nil {
		return "", fault.Field("since", "请填从哪天起参保")
	}
	e, err := a.entry(tx, x.Region, x.Person)
	if err != nil {
		return "", err
	}
	e.Coverage = person.Coverage{Kind: "resident", Since: since, Status: "active"}
	e.Phone, e.Address, e.Has = x.Answers["phone"], x.Answers["address"], person.HasCoverage|person.HasPhone|person.HasAddress
	if _, _, err := a.Person.Put(tx, x.Region, []person.Entry{e}); err != nil {
		return "", err
	}
	return "登记为居民参保，从" + since.Chinese() + "起", nil
}

func checkChange(_ *db.Tx, _ audit.Actor, x desk.Application) error {
	if x.Answers["phone"] == "" && x.Answers["address"] == "" && x.Answers["community"] == "" {
		return fault.Field("phone", "请至少填一样要改的：手机号、住址或社区")
	}
	return nil
}

func (a *App) doChange(tx *db.Tx, _ audit.Actor, x desk.Application) (string, error) {
	e, err := a.entry(tx, x.Region, x.Person)
	if err != nil {
		return "", err
	}
	var what []string
	if v := x.Answers["phone"]; v != "" {
		e.Phone, e.Has, what = v, e.Has|person.HasPhone, append(what, "手机号")
	}
	if v := x.Answers["address"]; v != "" {
		e.Address, e.Has, what = v, e.Has|person.HasAddress, append(what, "住址")
	}
	if v := x.Answers["community"]; v != "" {
		e.Community, e.Has, what = v, e.Has|person.HasCommunity, append(what, "社区")
	}
	if _, _, err := a.Person.Put(tx, x.Region, []person.Entry{e}); err != nil {
		return "", err
	}
	return strings.Join(what, "、") + "改好了", nil
}

func (a *App) checkProxy(tx *db.Tx, _ audit.Actor, x desk.Application) error {
	_, err := a.Person.Match(tx, x.Region, x.Answers["idno"], x.Answers["name"])
	if err != nil {
		return fault.Field("idno", "%s", fault.As(err).Say)
	}
	return nil
}

func (a *App) doProxy(tx *db.Tx, _ audit.Actor, x desk.Application) (string, error) {
	p, err := a.Person.AllowTx(tx, person.Consent{Name: x.Answers["name"], IDNo: x.Answers["idno"],
		Authorisation: person.Authorisation{Region: x.Region, Person: x.Person, Relation: x.Answers["relation"], Scope: x.Answers["scope"], Consent: x.Answers["consent"]}})
	if err != nil {
		return "", err
	}
	return x.Answers["name"] + person.ScopeName(p.Scope) + "，到" + p.Until.Chinese(), nil
}

// slots are the half days in which somebody can come to a person (上门时段).
func (a *App) slots(tx *db.Tx, region, id, matter string) (out []desk.Option, err error) {
	list, _, err := a.Door.Offer(tx, region, id, matter)
	for _, s := range list {
		out = append(out, desk.Option{Value: s.On.String() + "/" + s.Part, Label: s.On.Chinese() + door.SlotName(s.Part)})
	}
	return out, err
}

// checkSlot: the half day is one of those that are offered now.
func (a *App) checkSlot(tx *db.Tx, _ audit.Actor, x desk.Application) error {
	list, err := a.slots(tx, x.Region, x.Person, x.Matter)
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Value == x.Answers["slot"] {
			return nil
		}
	}
	return fault.Field("slot", "这个时段刚刚排满了，请另选一个")
}

func (a *App) doBook(tx *db.Tx, _ audit.Actor, x desk.Application) (string, error) {
	on, part, _ := strings.Cut(x.Answers["slot"], "/")
	d, err := day.Parse(on)
	if err != nil {
		return "", fault.Field("slot", "请从给出的时段里选一个")
	}
	pack, err := a.Packs.At(x.Region, tx.Today())
	if err != nil {
		return "", err
	}
	m, err := desk.MatterOf(pack, x.Matter)
	if err != nil {
		return "", err
	}
	what := x.Answers["what"]
	for _, f := range m.Fields { // the helper reads words, not the value of a choice
		if f.ID == "what" {
			what = f.Say(what)
		}
	}
	v, h, err := a.Door.Book(tx, door.Booking{Region: x.Region, Case: x.Case, Person: x.Person, Address: x.Answers["address"], What: what, Matter: x.Matter, On: d, Part: part})
	return v.On.Chinese() + door.SlotName(v.Part) + "，" + h.Name + "上门，带证件，不收钱", err
}

// doDoor ends the case with what the helper wrote down at the door.
func (a *App) doDoor(tx *db.Tx, _ audit.Actor, x desk.Application) (string, error) {
	v, err := a.Door.OfCase(tx, x.Region, x.Person, x.Case)
	if err != nil {
		return "", err
	}
	if v.Status != door.Done {
		return "", fault.New(fault.Conflict, "上门还没有记结果（%s）。请帮办员先在「上门」里记下办了什么。", door.StatusName(v.Status))
	}
	return v.Result, nil
}

// mayBring refuses what is not delegated to the service point at which somebody
// works (事项下放).
func (a *App) mayBring(tx *db.Tx, who audit.Actor, m desk.Matter) error {
	if who.Role != "point" {
		return nil
	}
	ok, err := a.Door.Delegated(tx, who.Region, who.Institution, m)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "「%s」没有下放到您的站点，请老人到医保窗口办，或约人上门。", m.Name)
	}
	return err
}

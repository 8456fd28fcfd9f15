package outreach

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Matter is the word under which the desk knows complaints, questions and
// suggestions (投诉、咨询、建议).
const Matter = "complaint"

// Kinds of a voice, in the order in which pages offer them.
var Kinds = []struct{ ID, Name, Hint string }{
	{"complaint", "投诉", "没来服务、收钱不对、态度不好"},
	{"question", "咨询", "有不明白的，想问一问"},
	{"suggestion", "建议", "哪里可以办得更好"},
}

// KindName is a kind in Chinese.
func KindName(id string) string {
	for _, k := range Kinds {
		if k.ID == id {
			return k.Name
		}
	}
	return ""
}

// Stages of a voice. An answer stands open until the person may no longer ask
// to have it looked at again.
const (
	Received = "received"
	Handling = "handling"
	Answered = "answered"
	Done     = "done"
)

// StageName is a stage in Chinese.
func StageName(s string) string {
	return map[string]string{Received: "待受理", Handling: "办理中", Answered: "已答复", Done: "已办结"}[s]
}

// Findings are what the check of a complaint came to.
var Findings = []struct{ ID, Name string }{{"founded", "属实"}, {"partly", "部分属实"}, {"unfounded", "不属实"}, {"none", "不是投诉，不用核实"}}

// FindingName is a finding in Chinese.
func FindingName(id string) string {
	for _, f := range Findings {
		if f.ID == id {
			return f.Name
		}
	}
	return ""
}

// AgainstName says whom a voice concerns, in Chinese.
func AgainstName(id string) string {
	return map[string]string{"institution": "护理机构", "staff": "护理员", "office": "医保窗口或经办人员", "insurer": "商保经办", "": "没有指明"}[id]
}

// Voice is a complaint, a question or a suggestion. Its ID is the desk's number.
type Voice struct {
	Region, ID, Kind, Stage string
	Channel                 desk.Channel
	Person, Account         string
	Name, phone             string
	Anonymous               bool
	code                    string
	Say, About              string
	Against, AgainstID      string
	AgainstName             string
	AgainstInst             string
	Handler, HandlerName    string
	Earlier                 []string
	Round                   int64
	Due                     day.Day
	Late                    bool
	Asked                   day.Day
	Explanation             string
	Explained               day.Day
	Finding, Answer         string
	Answered, ReopenBy      day.Day
	Decision                string
	At                      int64
	Version                 int64 // of the desk's case, in lists: what a decision on many is guarded with
}

// Said is what somebody brings.
type Said struct {
	Kind, Text                                   string
	Channel                                      desk.Channel
	Person, Applicant, Relation                  string // Person "" when nobody insured is named
	District                                     string
	Name, Phone                                  string // how to reach who is not insured
	Anonymous                                    bool
	About                                        string // a case or a visit
	Against, AgainstID, AgainstName, AgainstInst string
	Files                                        []desk.Stored
}

// Receipt is what the person gets: the number, and for who leaves no name the
// code by which the answer is read.
type Receipt struct {
	Number, Code string
	Accept       int64 // working days until it is accepted
	Answer       int64 // working days after that until it is answered
}

const fieldPhone = "outreach.phone"

// Speak takes a voice in. Who logged in and wants no name left is not in the
// record either.
func (s *Service) Speak(ctx context.Context, who audit.Actor, region, key string, in Said) (Receipt, error) {
	if in.Anonymous && who.Role == "citizen" {
		who = audit.Actor{ID: "nobody", Name: "不留名的群众", Role: "public", Region: region}
	}
	act := audit.Act{Region: region, Verb: "outreach.speak", Object: in.Kind, Key: key, Body: in}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Receipt, error) { return s.OpenComplaint(tx, region, in, who) })
}

// OpenComplaint opens a complaint, question or suggestion as a case of the desk,
// inside the transaction of whoever took it in. Invalid names the field that is
// missing; Refused has the clause.
func (s *Service) OpenComplaint(tx *db.Tx, region string, in Said, by audit.Actor) (out Receipt, err error) {
	in.Text, in.Name = strings.TrimSpace(in.Text), strings.TrimSpace(in.Name)
	switch {
	case KindName(in.Kind) == "":
		return out, fault.Field("kind", "请选是投诉、咨询还是建议")
	case in.Text == "":
		return out, fault.Field("text", "请说说是什么事，一两句话就行")
	case len([]rune(in.Text)) > 2000:
		return out, fault.Field("text", "写得太长了，请减到 2000 字以内")
	case in.Anonymous:
		in.Person, in.Applicant, in.Relation, in.Name, in.Phone = "", "", "", "", ""
	case in.Person == "" && in.Name == "":
		return out, fault.Field("name", "请留一个称呼；不愿留名的，请选“不留名”")
	case in.Person == "" && in.Phone == "":
		return out, fault.Field("phone", "请留一个电话，我们好答复您；不愿留的，请选“不留名”")
	}
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return out, err
	}
	lim, dec, err := TermsRule.Decide(v, Spoken{in.Kind, in.Anonymous})
	if err != nil {
		return out, err
	}
	name := in.Name
	if in.Person != "" {
		p, err := s.Persons.Get(tx, region, in.Person)
		if err != nil {
			return out, err
		}
		name, in.District = p.Name, p.District
	}
	c, err := desk.Open(tx, desk.NewCase{Region: region, Matter: Matter, Stage: Received, Channel: in.Channel, Person: in.Person, Nobody: in.Person == "",
		Applicant: in.Applicant, Relation: in.Relation, District: in.District, Rank: map[string]int64{"complaint": 1, "question": 2, "suggestion": 3}[in.Kind],
		DueWorkdays: lim.Accept, Calendar: v.Calendar(), Action: "speak", Note: "收到" + KindName(in.Kind), By: by})
	if err != nil {
		return out, err
	}
	x := Voice{Region: region, ID: c.ID, Kind: in.Kind, Stage: Received, Channel: in.Channel, Person: in.Person, Name: name, Anonymous: in.Anonymous,
		Say: in.Text, About: in.About, Against: in.Against, AgainstID: in.AgainstID, AgainstName: in.AgainstName, AgainstInst: in.AgainstInst, Round: 1, Due: c.Due, At: tx.Millis()}
	if by.Role == "citizen" {
		x.Account = by.ID
	}
	if in.Phone != "" {
		x.phone = s.Keys.Seal(region, fieldPhone, in.Phone)
	}
	out = Receipt{Number: c.ID, Accept: lim.Accept, Answer: lim.Answer}
	if x.Account == "" && x.Person == "" { // no login leads to the answer
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return out, err
		}
		out.Code = fmt.Sprintf("%06d", n.Int64())
		x.code = s.Keys.Index(region, "outreach.code", c.ID+out.Code)
	}
	if x.Decision, err = audit.DecideOne(tx, region, dec, c.ID); err != nil {
		return out, err
	}
	for _, f := range in.Files {
		if _, err := desk.Attach(tx, region, c.ID, "photo", f, by); err != nil {
			return out, err
		}
	}
	if err := insertVoice(tx, x); err != nil {
		return out, err
	}
	if err := dueJob(tx, x); err != nil {
		return out, err
	}
	return out, s.tell(tx, x, TextReceived, lim.Accept+lim.Answer)
}

// Take makes who the handler (受理). Rule outreach.handler refuses whoever the
// voice is about or who has had a hand in it. What is late may be taken over by
// a supervisor (lead).
func (s *Service) Take(ctx context.Context, who audit.Actor, region, id, key string, version int64, lead bool) (Voice, error) {
	return s.change(ctx, who, region, id, key, "outreach.take", version, lead, func(tx *db.Tx, v *policy.View, x *Voice, m *desk.Move) error {
		if x.Stage != Received && !(x.Stage == Handling && x.Late && lead && x.Handler != who.ID) {
			return fault.New(fault.Conflict, "这件已经由%s受理了。", orSay(x.HandlerName, "同事"))
		}
		if err := s.fit(tx, v, x, who, m); err != nil {
			return err
		}
		lim, _, err := TermsRule.Decide(v, Spoken{x.Kind, x.Anonymous})
		if err != nil {
			return err
		}
		x.Stage, x.Handler, x.HandlerName = Handling, who.ID, who.Name
		m.Stage, m.DueWorkdays, m.Action, m.Note, m.Undo = Handling, lim.Answer, "take", "受理了，由"+who.Name+"办", true
		return nil
	})
}

// fit asks rule outreach.handler and keeps its decision with the step.
func (s *Service) fit(tx *db.Tx, v *policy.View, x *Voice, who audit.Actor, m *desk.Move) error {
	h := Handler{Account: who.ID, Role: who.Role, Institution: who.Institution, Against: x.Against, AgainstID: x.AgainstID, AgainstInst: x.AgainstInst,
		Author: x.Account, Involved: []string{}, Earlier: x.Earlier}
	if x.About != "" {
		steps, err := desk.Steps(tx, x.Region, x.About)
		if err != nil {
			return err
		}
		for _, st := range steps {
			if st.Actor != "" && st.Actor != "system" && st.Actor != x.Account && !slices.Contains(h.Involved, st.Actor) {
				h.Involved = append(h.Involved, st.Actor)
			}
		}
	}
	_, dec, err := HandlerRule.Decide(v, h)
	if err != nil {
		return err
	}
	m.Decision, err = audit.DecideOne(tx, x.Region, dec, x.ID)
	return err
}

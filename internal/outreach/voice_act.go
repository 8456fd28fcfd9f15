package outreach

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/undo"
)

// change is the frame of every act on a voice: read, change, move the case of
// the desk with it, keep.
func (s *Service) change(ctx context.Context, who audit.Actor, region, id, key, verb string, version int64, body any, fn func(*db.Tx, *policy.View, *Voice, *desk.Move) error) (Voice, error) {
	act := audit.Act{Region: region, Verb: verb, Object: id, Key: key, Body: body}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x Voice, err error) {
		if x, err = getVoice(tx, region, id); err != nil {
			return x, err
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		m := desk.Move{By: who, Version: version, Calendar: v.Calendar()}
		was := voiceBefore{Voice: x}
		was.Voice.Name, was.Voice.Say = "", ""
		m.Was = &was
		if err = fn(tx, v, &x, &m); err != nil {
			return x, err
		}
		c, err := desk.Advance(tx, region, id, m)
		if err != nil {
			return x, err
		}
		x.Due = c.Due
		if err = updateVoice(tx, x); err != nil {
			return x, err
		}
		return x, dueJob(tx, x)
	})
}

// voiceBefore is how a voice stood before a decision, and the item to improve
// that the decision made.
type voiceBefore struct {
	Voice   Voice
	Improve string
}

// undone are the decisions that can be taken back, in the timeline's words.
var undone = map[string]string{"take": "受理", "answer": "答复"}

// UndoVoice takes the last decision on a voice back (accepted, answered), as
// undo.Take allows it.
func (s *Service) UndoVoice(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := getVoice(tx, region, id)
		if err != nil {
			return err
		}
		b, err := desk.Restore(tx, region, id, who, func(action string) string { return "撤回了刚才的" + undone[action] })
		if err != nil {
			return err
		}
		var was voiceBefore
		if err := json.Unmarshal(b.More, &was); err != nil {
			return err
		}
		o := was.Voice
		x.Stage, x.Handler, x.HandlerName, x.Earlier, x.Late, x.Due = o.Stage, o.Handler, o.HandlerName, o.Earlier, o.Late, o.Due
		x.Finding, x.Answer, x.Answered, x.ReopenBy = o.Finding, o.Answer, o.Answered, o.ReopenBy
		if err := updateVoice(tx, x); err != nil {
			return err
		}
		if o.Answer == "" {
			if err := desk.TakeBack(tx, region, id, paper.Reply); err != nil {
				return err
			}
		}
		return dropImprove(tx, region, was.Improve)
	})
}

// mine refuses who is not the handler.
func mine(x *Voice, who audit.Actor) error {
	if x.Stage != Handling {
		return fault.New(fault.Conflict, "这件现在是“%s”，不能这样办。请先受理。", StageName(x.Stage))
	}
	if x.Handler != who.ID {
		return fault.New(fault.Forbidden, "这件由%s办，请由他答复；超过时限的，督办人员可以接手。", x.HandlerName)
	}
	return nil
}

// Ask asks the institution that is concerned for its side (请机构说明). Where the
// voice did not say which one, inst and name do.
func (s *Service) Ask(ctx context.Context, who audit.Actor, region, id, key string, version int64, inst, name string) (Voice, error) {
	return s.change(ctx, who, region, id, key, "outreach.ask", version, inst, func(tx *db.Tx, _ *policy.View, x *Voice, m *desk.Move) error {
		if err := mine(x, who); err != nil {
			return err
		}
		if x.AgainstInst == "" {
			x.AgainstInst, x.AgainstName = inst, name
			x.Against = orSay(x.Against, "institution")
		}
		if x.AgainstInst == "" {
			return fault.Field("inst", "请写清楚是哪家机构，按机构库里的名称")
		}
		if !x.Asked.IsZero() {
			return fault.New(fault.Conflict, "%s已经请机构说明过了。", x.Asked.Chinese())
		}
		x.Asked = tx.Today()
		m.Action, m.Note = "ask", "请"+orSay(x.AgainstName, "机构")+"说明情况"
		return nil
	})
}

// Explain keeps the institution's side. Who raised the voice is not told to it.
func (s *Service) Explain(ctx context.Context, who audit.Actor, region, id, key, text string) (Voice, error) {
	return s.change(ctx, who, region, id, key, "outreach.explain", 0, text, func(tx *db.Tx, _ *policy.View, x *Voice, m *desk.Move) error {
		switch {
		case x.AgainstInst == "" || x.AgainstInst != who.Institution || x.Asked.IsZero():
			return fault.New(fault.NotFound, "没有找到要您说明的这件。")
		case x.Stage != Handling:
			return fault.New(fault.Conflict, "这件已经答复了，不用再说明。")
		case strings.TrimSpace(text) == "":
			return fault.Field("text", "请写当时的情况、怎样处理的")
		}
		x.Explanation, x.Explained = strings.TrimSpace(text), tx.Today()
		m.Action, m.Note = "explain", "机构作了说明"
		return nil
	})
}

// Reply is the answer to a voice.
type Reply struct {
	Finding string
	Text    string
	Improve string // what is to be improved; "" for nothing
	Owner   string // who sees to it
}

// AnswerVoice answers the person in writing, tells them by message, and makes an
// item to improve out of what is to be done.
func (s *Service) AnswerVoice(ctx context.Context, who audit.Actor, region, id, key string, version int64, r Reply) (Voice, error) {
	return s.change(ctx, who, region, id, key, "outreach.answer", version, r, func(tx *db.Tx, v *policy.View, x *Voice, m *desk.Move) error {
		if err := mine(x, who); err != nil {
			return err
		}
		r.Text = strings.TrimSpace(r.Text)
		switch {
		case FindingName(r.Finding) == "" || x.Kind == "complaint" && r.Finding == "none":
			return fault.Field("finding", "请选核实下来是不是属实")
		case len([]rune(r.Text)) < 10:
			return fault.Field("text", "答复要写清楚查到了什么、怎样处理，本人会看到")
		}
		ok, dec, err := AgainRule.Decide(v, Again{Round: 1, Answered: tx.Today(), On: tx.Today()})
		if err != nil {
			return err
		}
		if m.Decision, err = audit.DecideOne(tx, region, dec, x.ID); err != nil {
			return err
		}
		x.Stage, x.Finding, x.Answer, x.Answered, x.ReopenBy = Answered, r.Finding, r.Text, tx.Today(), ok.Until
		m.Stage, m.Status, m.DueWorkdays, m.Action, m.Note = Answered, desk.StatusWaiting, desk.StopDue, "answer", "答复了本人"
		if r.Improve = strings.TrimSpace(r.Improve); r.Improve != "" {
			item, err := s.improve(tx, v, who, Improve{Source: "voice", Object: x.ID, Title: r.Improve, What: FindingName(r.Finding), Owner: orSay(strings.TrimSpace(r.Owner), who.Name)})
			if err != nil {
				return err
			}
			m.Was.(*voiceBefore).Improve = item.ID
		}
		end := VoiceClose{Case: x.ID, Round: x.Round}
		if err := putJob(tx, region, end, x.ReopenBy+1); err != nil {
			return err
		}
		m.Undo, m.Jobs = true, []undo.Later{{Kind: end.Kind(), Key: keyOf(end)}}
		if err := givePaper(tx, v, *x); err != nil {
			return err
		}
		if !x.reachable() {
			return nil
		}
		said := message(*x, TextAnswered, tx.Millis())
		later, err := undo.Put(tx, region, keyOf(said), said)
		m.Jobs = append(m.Jobs, later)
		return err
	})
}

// givePaper notes that who spoke is given the answer on paper; who did not give
// a name reads it with the code.
func givePaper(tx *db.Tx, v *policy.View, x Voice) error {
	if x.Person == "" {
		return nil
	}
	return desk.Give(tx, desk.Paper{PaperID: desk.PaperID{Kind: paper.Reply, Object: x.ID, On: x.Answered}, Region: x.Region,
		Title: paper.Titles[paper.Reply], Person: x.Person, Due: desk.PaperDue(v, x.Answered)})
}

// SpeakAgain asks to have the answer looked at once more, by somebody else.
func (s *Service) SpeakAgain(ctx context.Context, who audit.Actor, region, id, key, why string) (Voice, error) {
	return s.change(ctx, who, region, id, key, "outreach.again", 0, why, func(tx *db.Tx, v *policy.View, x *Voice, m *desk.Move) error {
		if err := s.owned(tx, x, who); err != nil {
			return err
		}
		if x.Stage != Answered && x.Stage != Done || x.Answer == "" {
			return fault.New(fault.Conflict, "这件还没有答复，请等答复以后再说。")
		}
		if why = strings.TrimSpace(why); why == "" {
			return fault.Field("why", "请说说哪里没有解决")
		}
		_, dec, err := AgainRule.Decide(v, Again{Round: x.Round, Answered: x.Answered, On: tx.Today()})
		if err != nil {
			return err
		}
		if m.Decision, err = audit.DecideOne(tx, region, dec, x.ID); err != nil {
			return err
		}
		lim, _, err := TermsRule.Decide(v, Spoken{x.Kind, x.Anonymous})
		if err != nil {
			return err
		}
		x.Earlier = append(x.Earlier, x.Handler)
		x.Stage, x.Round, x.Handler, x.HandlerName, x.Asked, x.Explained, x.Late = Received, x.Round+1, "", "", 0, 0, false
		m.Stage, m.Status, m.DueWorkdays, m.Action, m.Note = Received, desk.StatusOpen, lim.Accept, "again", "对答复不满意，要求换人重新办："+why
		return nil
	})
}

// Accept says that the answer is fine (满意): the voice is done.
func (s *Service) Accept(ctx context.Context, who audit.Actor, region, id, key string) (Voice, error) {
	return s.change(ctx, who, region, id, key, "outreach.accept", 0, nil, func(tx *db.Tx, _ *policy.View, x *Voice, m *desk.Move) error {
		if err := s.owned(tx, x, who); err != nil {
			return err
		}
		if x.Stage != Answered {
			return fault.New(fault.Conflict, "这件现在是“%s”。", StageName(x.Stage))
		}
		x.Stage = Done
		m.Stage, m.Status, m.Action, m.Note = Done, desk.StatusDone, "accept", "本人说解决了"
		return nil
	})
}

// owned lets only the account that raised the voice, the person, or who may act
// for them now.
func (s *Service) owned(tx *db.Tx, x *Voice, who audit.Actor) error {
	if who.ID != "" && x.Account == who.ID || x.Person != "" && x.Person == who.Person {
		return nil
	}
	if x.Person != "" && who.Person != "" {
		scope, _, err := s.Persons.ProxyScope(tx, x.Region, who.Person, x.Person, tx.Today())
		if err != nil || scope == person.ScopeAct || scope == person.ScopePay || scope == person.ScopeSee {
			return err
		}
	}
	return fault.New(fault.NotFound, "没有找到这件。请照回执核对受理号，或打 12393。")
}

// OnVoiceDue reports a voice that was not accepted or answered in time to the
// supervisors (督办). A job that runs twice finds it reported.
func (s *Service) OnVoiceDue(ctx context.Context, region string, j VoiceDue) error {
	who := audit.System(region)
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.escalate", Object: j.Case}, func(tx *db.Tx) error {
		x, err := getVoice(tx, region, j.Case)
		if err != nil || x.Late || x.Stage != j.Stage || x.Round != j.Round || x.Due >= tx.Today() {
			return err
		}
		x.Late = true
		if err := updateVoice(tx, x); err != nil {
			return err
		}
		what := map[string]string{Received: "没有按时受理", Handling: "没有按时答复"}[x.Stage]
		return desk.Note(tx, region, x.ID, desk.Step{Stage: x.Stage, Action: "escalate", Say: what + "（到" + j.Due.Chinese() + "），已报督办"}, who)
	})
}

// OnVoiceClose closes an answered voice when it can no longer be asked again.
func (s *Service) OnVoiceClose(ctx context.Context, region string, j VoiceClose) error {
	err := s.closeLate(ctx, region, j)
	if errors.Is(err, errSettled) {
		return nil
	}
	return err
}

var errSettled = fault.New(fault.Conflict, "已经办结")

func (s *Service) closeLate(ctx context.Context, region string, j VoiceClose) error {
	_, err := s.change(ctx, audit.System(region), region, j.Case, "", "outreach.close", 0, nil, func(tx *db.Tx, _ *policy.View, x *Voice, m *desk.Move) error {
		if x.Stage != Answered || x.Round != j.Round || x.ReopenBy >= tx.Today() {
			return errSettled
		}
		x.Stage = Done
		m.Stage, m.Status, m.Action, m.Note = Done, desk.StatusDone, "close", "答复后没有再提意见，办结"
		return nil
	})
	return err
}

// Whole is a voice with its case, its timeline and its evidence.
type Whole struct {
	Voice
	Phone string // opened for the handler
	Case  desk.Case
	Steps []desk.Step
	Files []desk.Document
	Done  []Improve // what is done better because of it
}

func (s *Service) whole(tx *db.Tx, region, id string) (w Whole, err error) {
	if w.Voice, err = getVoice(tx, region, id); err != nil {
		return w, err
	}
	if w.Case, err = desk.Get(tx, region, id); err != nil {
		return w, err
	}
	if w.Steps, err = desk.Steps(tx, region, id); err != nil {
		return w, err
	}
	if w.Files, err = desk.Documents(tx, region, id); err != nil {
		return w, err
	}
	w.Done, err = improvesOf(tx, region, "voice", id)
	return w, err
}

// See reads a voice for the office; the telephone is opened.
func (s *Service) See(ctx context.Context, region, id string) (w Whole, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if w, err = s.whole(tx, region, id); err != nil || w.phone == "" {
			return err
		}
		w.Phone, err = s.Keys.Open(region, fieldPhone, w.phone)
		return err
	})
	if err == nil && w.Person != "" {
		err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
			p, err := s.Persons.Get(tx, region, w.Person)
			if w.Phone == "" {
				w.Phone = p.Phone
			}
			return err
		})
	}
	return w, err
}

// Own reads a voice for who raised it.
func (s *Service) Own(ctx context.Context, who audit.Actor, region, id string) (w Whole, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if w, err = s.whole(tx, region, id); err == nil {
			err = s.owned(tx, &w.Voice, who)
		}
		return err
	})
	if err != nil {
		return Whole{}, err
	}
	return w, nil
}

// Find reads a voice without a name, by number and code.
func (s *Service) Find(ctx context.Context, region, number, code string) (w Whole, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if w, err = s.whole(tx, region, number); fault.Is(err, fault.NotFound) || err == nil && (w.code == "" || w.code != s.Keys.Index(region, "outreach.code", number+code)) {
			return fault.Field("code", "受理号和查询码对不上，请照回执再看一遍")
		}
		return err
	})
	if err != nil {
		return Whole{}, err
	}
	return w, nil
}

// Mine lists the voices of an account and of the person behind it.
func (s *Service) Mine(ctx context.Context, region, account, person string) (xs []Voice, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = voicesOf(tx, region, account, person); return err })
	return xs, err
}

// Voices lists a stage for the office, late ones first; stage "late" lists what
// was reported to the supervisors and is not answered.
func (s *Service) Voices(ctx context.Context, region, stage, kind string, limit int) (xs []Voice, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if xs, err = voices(tx, region, stage, kind, limit); err != nil {
			return err
		}
		ids := make([]string, len(xs))
		for i, x := range xs {
			ids[i] = x.ID
		}
		at, err := desk.Versions(tx, region, ids)
		for i := range xs {
			xs[i].Version = at[xs[i].ID]
		}
		return err
	})
	return xs, err
}

// VoiceCounts counts the voices of every stage, and under "late" what waits for
// a supervisor.
func (s *Service) VoiceCounts(ctx context.Context, region string) (n map[string]int, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { n, err = voiceCounts(tx, region); return err })
	return n, err
}

// Asked lists what an institution was asked to explain, the open ones first.
func (s *Service) Asked(ctx context.Context, region, institution string) (xs []Voice, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = askedOf(tx, region, institution); return err })
	return xs, err
}

// Contact is the telephone of who raised a voice without being insured.
func (s *Service) Contact(ctx context.Context, region, id string) (phone string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := getVoice(tx, region, id)
		if err == nil && x.phone != "" {
			phone, err = s.Keys.Open(region, fieldPhone, x.phone)
		}
		return err
	})
	return phone, err
}

// Brief is the beginning of what was said, for lists.
func (x Voice) Brief() string {
	if r := []rune(x.Say); len(r) > 16 {
		return string(r[:15]) + "…"
	}
	return x.Say
}

func orSay(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func late(due, today day.Day) bool { return !due.IsZero() && due < today }

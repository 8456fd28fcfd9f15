package assess

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// Draw draws the people for the visit and the experts for the conclusion at
// random (随机抽派). Left out are who has a tie to the person, who belongs to an
// institution that serves the person, and who took part in the case before;
// in a dispute review also everybody of the institution that assessed first
// (29号 第二十七条).
func (s *Service) Draw(ctx context.Context, who audit.Actor, c Cmd) error {
	return s.step(ctx, who, c, ActDraw, nil, func(w *work) error {
		if w.from == StateDisputed {
			w.app.Round = 2
		}
		seats, err := seatsOf(w.v)
		if err != nil {
			return err
		}
		chosen, err := w.draw(seats, "")
		if err != nil {
			return err
		}
		w.app.State = w.arrow.To
		var visit, conclude int
		for _, m := range chosen {
			if m.Duty == DutyVisit {
				visit++
			} else {
				conclude++
			}
		}
		w.say("随机抽出上门评估 %d 人、结论专家 %d 人。评估员上门前会打电话约时间，不收费", visit, conclude)
		return nil
	})
}

// draw fills seats from the register with a fresh recorded seed.
func (w *work) draw(seats []Seat, reason string) ([]Chosen, error) {
	pool, byID, recused, err := w.pool()
	if err != nil {
		return nil, err
	}
	seed, err := NewSeed()
	if err != nil {
		return nil, err
	}
	chosen, err := Pick(seed, pool, seats)
	if err != nil {
		return nil, err
	}
	list := make([]Member, len(chosen))
	for i, ch := range chosen {
		st := byID[ch.Staff]
		list[i] = Member{Staff: st.ID, Name: st.Name, Institution: st.Institution, Account: st.Account, Role: string(st.Role), Duty: ch.Duty, Round: w.app.Round}
	}
	if err := putMembers(w.tx, w.app.Region, w.app.ID, list); err != nil {
		return nil, err
	}
	duty := seats[0].Duty
	return chosen, putDraw(w.tx, w.app.Region, w.app.ID, DrawRecord{Round: w.app.Round, Duty: duty, Seed: seed, Pool: pool,
		Recused: recused, Chosen: chosen, Seats: seats, Reason: reason, Actor: w.who.ID})
}

// pool is the register of the day without those who must stand aside.
func (w *work) pool() (pool []Candidate, byID map[string]institution.Staff, recused []Aside, err error) {
	region, today := w.app.Region, w.tx.Today()
	tied, err := ties(w.tx, region, w.app.Person)
	if err != nil {
		return nil, nil, nil, err
	}
	serving := map[string]bool{}
	rel, err := institution.Relations(w.tx, region, w.app.Person, today)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, r := range rel {
		serving[r.Institution] = true
	}
	if w.app.EnteredInst != "" {
		serving[w.app.EnteredInst] = true
	}
	earlier, err := members(w.tx, region, w.app.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	took, firstInst := map[string]bool{}, map[string]bool{}
	for _, m := range earlier {
		took[m.Staff] = true
		if m.Round < w.app.Round && m.Institution != "" && m.Duty == DutyVisit && m.Role == roleAssessor {
			firstInst[m.Institution] = true
		}
	}
	byID = map[string]institution.Staff{}
	for _, role := range []institution.Role{institution.Assessor, institution.Expert} {
		list, err := institution.StaffOn(w.tx, region, role, today)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, st := range list {
			why := ""
			switch {
			case tied[st.ID] != "":
				why = "与参保人是" + tied[st.ID]
			case serving[st.Institution]:
				why = "所在机构正为参保人服务"
			case took[st.ID]:
				why = "参加过这一件"
			case firstInst[st.Institution]:
				why = "所在机构做过初次评估"
			case st.Account != "" && (st.Account == w.app.AcceptedBy || st.Account == w.app.EnteredBy):
				why = "受理或录入过这一件"
			}
			if why != "" {
				recused = append(recused, Aside{Staff: st.ID, Name: st.Name, Why: why})
				continue
			}
			byID[st.ID] = st
			pool = append(pool, Candidate{ID: st.ID, Role: string(role)})
		}
	}
	return pool, byID, recused, nil
}

// Replace takes somebody off the case and draws another for the same duty: a
// tie came to light (it is kept for later cases), or they cannot come.
func (s *Service) Replace(ctx context.Context, who audit.Actor, c Cmd, staff, reason, tie string) error {
	return s.step(ctx, who, c, ActReplace, []string{staff, reason, tie}, func(w *work) error {
		if strings.TrimSpace(reason) == "" {
			return fault.Field("reason", "请写换人的原因")
		}
		list, err := members(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(m Member) bool { return m.Staff == staff && m.Round == w.app.Round && m.On })
		if i < 0 {
			return fault.Field("staff", "这一轮没有派这个人，请从名单里选")
		}
		m := list[i]
		done, err := opinions(w.tx, c.Region, c.ID, w.app.Round)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(done, func(o Finding) bool { return o.Staff == staff }) {
			return fault.New(fault.Conflict, "%s已经交了结论意见，不能换。", m.Name)
		}
		if m.Duty == DutyVisit && (w.from == StateRecorded || w.from == StateRerecorded) {
			return fault.New(fault.Conflict, "上门评估已经签字，不能再换上门的人。")
		}
		if _, err := w.tx.Exec(memberOff, c.Region, c.ID, staff); err != nil {
			return err
		}
		if m.Duty == DutyVisit {
			if _, err := w.tx.Exec(unsignAll, c.Region, c.ID, w.app.Round); err != nil {
				return err
			}
		}
		if tie != "" {
			if err := putTie(w.tx, c.Region, staff, w.app.Person, tie, who.ID); err != nil {
				return err
			}
		}
		if _, err := w.draw([]Seat{{Duty: m.Duty, Role: m.Role, Count: 1}}, reason); err != nil {
			return err
		}
		w.say("换下%s，重新随机抽出 1 人：%s", m.Name, reason)
		return nil
	})
}

// Slots of a visit.
var Slots = []struct{ Key, Name string }{{"am", "上午（8:30–11:30）"}, {"pm", "下午（14:00–17:00）"}}

// Appoint fixes the day of the visit, after a telephone call with the family.
func (s *Service) Appoint(ctx context.Context, who audit.Actor, c Cmd, on day.Day, slot string) error {
	return s.step(ctx, who, c, ActAppoint, []any{on, slot}, func(w *work) error {
		if err := w.mine(DutyVisit); err != nil && w.who.Role != roleClerk && w.who.Role != roleInsurer {
			return err
		}
		if on < w.tx.Today() {
			return fault.Field("on", "上门的日子不能在今天以前")
		}
		k, err := desk.Get(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		if !k.Due.IsZero() && on > k.Due {
			return fault.Field("on", "要在%s前出结论，请约早一点", k.Due.Chinese())
		}
		name := ""
		for _, sl := range Slots {
			if sl.Key == slot {
				name = sl.Name
			}
		}
		if name == "" {
			return fault.Field("slot", "请选上午或下午")
		}
		w.app.VisitOn, w.app.VisitSlot = on, slot
		w.say("约好%s%s上门评估", on.Short(), name)
		return w.message(textVisit, on.Short()+map[string]string{"am": "上午", "pm": "下午"}[slot])
	})
}

// mine checks that the actor was drawn for the duty in this round, and is still on.
func (w *work) mine(duty string) error {
	_, err := w.member(duty)
	return err
}

func (w *work) member(duty string) (Member, error) {
	list, err := members(w.tx, w.app.Region, w.app.ID)
	if err != nil {
		return Member{}, err
	}
	st, err := institution.StaffByAccount(w.tx, w.app.Region, w.who.ID)
	if err != nil {
		return Member{}, fault.New(fault.Forbidden, "您的账号没有连着评估人员，请机构管理员在“人员”里连上。")
	}
	for _, m := range list {
		if m.Staff == st.ID && m.Duty == duty && m.Round == w.app.Round && m.On {
			if ok, why := st.FitOn(w.tx.Today()); !ok {
				return m, fault.New(fault.Forbidden, "%s，不能办这一件，请经办机构换人。", why)
			}
			return m, nil
		}
	}
	return Member{}, fault.New(fault.Forbidden, "这一件没有抽派给您。请看您的任务列表。")
}

// SaveScore scores one item on site. Whoever changes a score takes back the
// signatures that stood under the old one.
func (s *Service) SaveScore(ctx context.Context, who audit.Actor, c Cmd, item string, score int64, note string) error {
	return s.SaveScoreAt(ctx, who, c, item, score, note, time.Time{})
}

// SaveScoreAt is SaveScore for a score that a phone recorded without network, at
// its own time. Conflict: somebody has scored the item otherwise since then.
func (s *Service) SaveScoreAt(ctx context.Context, who audit.Actor, c Cmd, item string, score int64, note string, at time.Time) error {
	return s.step(ctx, who, c, ActScore, []any{item, score, note}, func(w *work) error {
		m, err := w.member(DutyVisit)
		if err != nil {
			return err
		}
		if err := checkScore(w.v, item, score); err != nil {
			return err
		}
		got, err := scores(w.tx, c.Region, c.ID, w.app.Round)
		if err != nil {
			return err
		}
		if old, ok := got[item]; ok && !at.IsZero() && old.At.After(at) && old.Score != score {
			return fault.New(fault.Conflict, "这一项在 %s 另记了 %d 分，比手机里的晚，没有改。要改，请打开这一项再记一次。", old.At.In(day.Shanghai).Format("15:04"), old.Score)
		}
		if _, err := w.tx.Exec(unsignAll, c.Region, c.ID, w.app.Round); err != nil {
			return err
		}
		now := w.tx.Now()
		if at.IsZero() || at.After(now) || at.Before(now.Add(-carryFor)) { // a clock that cannot be
			at = now
		}
		return putScore(w.tx, c.Region, c.ID, w.app.Round, Score{Item: item, Score: score, Note: strings.TrimSpace(note), Staff: m.Staff, At: at})
	})
}

// SignInput is what is signed: who was present for the person, the recording.
type SignInput struct {
	Began, Ended time.Time
	Guardian     string // the guardian or agent who was present
	Relation     string
	Video        string // document id
	Note         string
	NoTie        bool // «我与老人没有亲属或利害关系»
}

// Sign signs the record of the visit (签字). Every member on site signs on their
// own; with the last signature the scores give the level.
func (s *Service) Sign(ctx context.Context, who audit.Actor, c Cmd, in SignInput) error {
	return s.step(ctx, who, c, ActRecord, in, func(w *work) error {
		m, err := w.member(DutyVisit)
		if err != nil {
			return err
		}
		if !in.NoTie {
			return fault.Field("notie", "请确认您与老人没有亲属或利害关系；有的话请经办机构换人")
		}
		if !m.SignedAt.IsZero() {
			return fault.New(fault.Conflict, "您已经签过字了，等另一位签字。")
		}
		if err := w.onSite(in); err != nil {
			return err
		}
		got, err := scores(w.tx, c.Region, c.ID, w.app.Round)
		if err != nil {
			return err
		}
		plain := map[string]int64{}
		for id, sc := range got {
			plain[id] = sc.Score
		}
		// The rule runs at the first signature too: nobody signs a record that gives no level.
		level, name, dec, err := levelOf(w.v, plain)
		if err != nil {
			return err
		}
		if _, err := w.tx.Exec(memberSign, c.Region, c.ID, m.Staff, w.tx.Millis()); err != nil {
			return err
		}
		list, err := members(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		var team []Member
		for _, o := range list {
			if o.On && o.Duty == DutyVisit && o.Round == w.app.Round {
				team = append(team, o)
				if o.SignedAt.IsZero() {
					w.say("%s在评估记录上签了字，等其他人签字", m.Name)
					return nil
				}
			}
		}
		visit, _, err := getVisit(w.tx, c.Region, c.ID, w.app.Round)
		if err != nil {
			return err
		}
		staffing, err := staffingOf(w.v, team, visit)
		if err != nil {
			return err
		}
		if _, err := w.decide(staffing); err != nil {
			return err
		}
		if w.app.DLevel, err = w.decide(dec); err != nil {
			return err
		}
		w.app.RecordedLevel, w.app.State, w.move.Decision = level, w.arrow.To, w.app.DLevel
		w.say("上门评估做完了，%d 人签字，记分得出「%s」，交专家下结论", len(team), name)
		return nil
	})
}

// onSite checks and keeps what happened on site.
func (w *work) onSite(in SignInput) error {
	_, known, err := getVisit(w.tx, w.app.Region, w.app.ID, w.app.Round)
	if err != nil {
		return err
	}
	if known && in.Guardian == "" {
		return nil // the second to sign confirms what the first wrote
	}
	switch {
	case strings.TrimSpace(in.Guardian) == "":
		return fault.Field("guardian", "请写在场的监护人或代理人姓名")
	case strings.TrimSpace(in.Relation) == "":
		return fault.Field("relation", "请写这位和老人的关系")
	case in.Video == "":
		return fault.Field("video", "请上传全程录像")
	case in.Began.IsZero() || in.Ended.IsZero() || !in.Ended.After(in.Began):
		return fault.Field("ended", "请写开始和结束的时间，结束要晚于开始")
	case in.Ended.After(w.tx.Now().Add(10 * time.Minute)):
		return fault.Field("ended", "结束的时间还没有到，请核对手机的时间")
	}
	doc, err := desk.GetDocument(w.tx, w.app.Region, in.Video)
	if err != nil {
		return err
	}
	if doc.Case != w.app.ID || doc.Kind != "video" {
		return fault.Field("video", "这份录像不属于这一件，请重新上传")
	}
	if !strings.HasPrefix(doc.Mime, "video/") {
		return fault.Field("video", "这份不是视频，请上传全程录像")
	}
	return putVisit(w.tx, w.app.Region, w.app.ID, Visit{Round: w.app.Round, Began: in.Began, Ended: in.Ended,
		Guardian: strings.TrimSpace(in.Guardian), Relation: strings.TrimSpace(in.Relation), Video: in.Video, Note: strings.TrimSpace(in.Note)})
}

// Declare keeps a tie between staff and a person, for later draws.
func (s *Service) Declare(ctx context.Context, who audit.Actor, region, staff, personID, relation string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "assess.tie", Object: staff, Body: relation}, func(tx *db.Tx) error {
		if strings.TrimSpace(relation) == "" {
			return fault.Field("relation", "请写是什么关系")
		}
		if _, err := institution.GetStaff(tx, region, staff); err != nil {
			return fmt.Errorf("tie: %w", err)
		}
		return putTie(tx, region, staff, personID, relation, who.ID)
	})
}

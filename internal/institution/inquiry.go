package institution

import (
	"context"
	"os"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

var answerDays = policy.Int("institution.answer_workdays", "机构收到问询或拟处理告知后，几个工作日内说明", "个工作日")

// Inquiry is a question of the agency to an institution (稽核问询), or the notice
// of a measure that it means to take (拟处理告知). Nothing is decided before the
// institution has answered or its time is over (申辩), and a measure by another
// hand than the one that announced it.
//
//	open ──answer──→ answered ──┬─ punish: the measure takes effect
//	  └────── time over ────────┴─ drop, noted: nothing follows
type Inquiry struct {
	Region, ID, Institution string
	Kind                    string // AskQuestion, AskPlan
	Say                     string // what was found, what is to be explained
	Subject, Staff, Name    string // of the measure
	Serious                 bool
	Months                  int64
	Measure                 string
	State                   string
	Asked, Due              day.Day
	Asker, AskerName        string
	Answer                  string
	Answered                int64 // ms
	Answerer                string
	Result, ResultSay       string // punish, drop, noted; why, or the measure
	Sanction                string
	Closed                  int64 // ms
	Closer                  string
	Version, At             int64
}

// Kinds and states of an inquiry.
const (
	AskQuestion = "question"
	AskPlan     = "plan"

	InquiryOpen     = "open"
	InquiryAnswered = "answered"
	InquiryClosed   = "closed"
)

// KindSay is the kind in Chinese.
func (q Inquiry) KindSay() string {
	if q.Kind == AskPlan {
		return "拟处理告知"
	}
	return "稽核问询"
}

// Ready tells whether the agency may decide on a day: the institution has
// answered, or its time is over.
func (q Inquiry) Ready(on day.Day) bool {
	return q.State == InquiryAnswered || q.State == InquiryOpen && on > q.Due
}

// Breach is the measure that the inquiry announces.
func (q Inquiry) Breach() Breach {
	return Breach{Subject: q.Subject, Staff: q.Staff, Name: q.Name, Serious: q.Serious, Months: q.Months, Reason: q.Say}
}

// inquiryCase is the name under which the files of an inquiry are kept.
func inquiryCase(id string) string { return "inquiry:" + id }

// Inquire asks an institution to explain itself; with a breach it announces the
// measure that is meant to follow. Errors as those of the measure: it has to lie
// within its clause before anybody is told.
func (s *Service) Inquire(ctx context.Context, who audit.Actor, region, inst, key, say string, b *Breach) (Inquiry, error) {
	act := audit.Act{Region: region, Verb: "institution.inquire", Object: inst, Key: key, Body: []any{say, b}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (q Inquiry, err error) {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return q, err
		}
		q = Inquiry{Region: region, ID: tx.NewID(), Institution: inst, Kind: AskQuestion, Say: strings.TrimSpace(say), State: InquiryOpen,
			Asked: tx.Today(), Asker: who.ID, AskerName: who.Name, Version: 1, At: tx.Millis()}
		if b != nil {
			x, _, err := s.weigh(tx, v, region, inst, *b)
			if err != nil {
				return q, err
			}
			q.Kind, q.Say, q.Subject, q.Staff, q.Name, q.Serious, q.Months, q.Measure = AskPlan, x.Reason, x.Subject, x.Staff, x.Name, x.Serious, x.Months, x.Measure
		} else if _, err := Get(tx, region, inst); err != nil {
			return q, err
		}
		if len([]rune(q.Say)) < 4 {
			return q, fault.Field("why", "请写清楚查到了什么、要机构说明什么")
		}
		n, ok := answerDays.Get(v)
		if !ok {
			return q, fault.New(fault.Refused, "政策包没有写机构几天内说明，请先补上。")
		}
		if q.Due, err = v.Calendar().AddWorkdays(q.Asked, int(n)); err != nil {
			return q, fault.New(fault.Refused, "%s", err.Error())
		}
		if err := insertInquiry(tx, q); err != nil {
			return q, err
		}
		m := Message{Region: region, Institution: inst, Kind: "inquiry", Title: "医保局问：" + brief(q.Say), Say: "请在" + q.Due.Chinese() + "前说明，可以交证据。", Href: "/j/inquiry/" + q.ID, Due: q.Due}
		if q.Kind == AskPlan {
			m.Title = "拟处理：" + q.Name + "，" + q.Measure
			m.Say = "还没有决定。不同意的，请在" + q.Due.Chinese() + "前说明并交证据，医保局看过再定。"
		}
		return q, Tell(tx, m)
	})
}

func brief(s string) string {
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "……"
	}
	return s
}

// AnswerInquiry is the institution's side (说明、申辩), with its evidence; it may
// be added to until the time is over or the agency has decided.
func (s *Service) AnswerInquiry(ctx context.Context, who audit.Actor, id, key, text string, files []desk.Stored) error {
	act := audit.Act{Region: who.Region, Verb: "institution.answer", Object: id, Key: key, Body: []any{text, files}}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		q, err := s.own(tx, who, id)
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		switch {
		case q.State == InquiryClosed:
			return fault.New(fault.Conflict, "医保局已经定了，不能再说明。不服的，可以申请行政复议或者提起行政诉讼。")
		case tx.Today() > q.Due:
			return fault.New(fault.Conflict, "说明的时间到%s为止，已经过了。请打电话给医保局。", q.Due.Chinese())
		case len([]rune(text)) < 4:
			return fault.Field("text", "请写清楚当时的情况；没有不同意见的，也请写一句")
		case len([]rune(text)) > 2000:
			return fault.Field("text", "说明最多写 2000 个字，多的请写在附件里")
		}
		for _, f := range files {
			if _, err := desk.Attach(tx, who.Region, inquiryCase(id), "answer", f, who); err != nil {
				return err
			}
		}
		if q.Answer != "" {
			text = q.Answer + "\n" + text
		}
		q.State, q.Answer, q.Answered, q.Answerer = InquiryAnswered, text, tx.Millis(), who.Name
		return setInquiry(tx, q)
	})
}

// own reads an inquiry for the agency, or for the institution that it is about.
func (s *Service) own(tx *db.Tx, who audit.Actor, id string) (Inquiry, error) {
	q, err := getInquiry(tx, who.Region, id)
	if err == nil && (who.Role == "institution" || who.Institution != "") && who.Institution != q.Institution {
		return Inquiry{}, fault.New(fault.NotFound, "没有找到这次问询。请从列表里打开。")
	}
	return q, err
}

// Results of an inquiry.
const (
	ResultPunish = "punish"
	ResultDrop   = "drop"
	ResultNoted  = "noted"
)

// CloseInquiry decides: the announced measure takes effect (punish), it does not
// (drop), or a question is settled (noted). Conflict: the institution still has
// time to answer. Forbidden: who announced a measure does not decide about it.
func (s *Service) CloseInquiry(ctx context.Context, who audit.Actor, id, key string, version int64, result, say string) error {
	act := audit.Act{Region: who.Region, Verb: "institution.inquiry_close", Object: id, Key: key, Body: []any{result, say}}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		q, err := getInquiry(tx, who.Region, id)
		if err != nil {
			return err
		}
		say = strings.TrimSpace(say)
		switch {
		case version != 0 && version != q.Version:
			return fault.New(fault.Conflict, "您打开这一页以后，机构又说明了。请看过新的内容再定。")
		case q.State == InquiryClosed:
			return fault.New(fault.Conflict, "这次问询已经定了。")
		case q.Kind == AskPlan && q.Asker == who.ID:
			return fault.New(fault.Forbidden, "这次拟处理是您告知机构的，要由另一个人来定：复核岗，或者另一位经办的同事。")
		case (result == ResultPunish) != (q.Kind == AskPlan) && result != ResultDrop, result != ResultPunish && result != ResultDrop && result != ResultNoted:
			return fault.Field("result", "请选怎样定")
		case result == ResultPunish && !q.Ready(tx.Today()):
			return fault.New(fault.Conflict, "机构可以说明到%s，现在还没有说明，不能先定。", q.Due.Chinese())
		case result != ResultPunish && say == "":
			return fault.Field("say", "请写一句为什么，机构会看到")
		}
		m := Message{Region: q.Region, Institution: q.Institution, Kind: "inquiry", Title: "问询完了：" + brief(q.Say), Say: say, Href: "/j/inquiry/" + q.ID}
		if result == ResultPunish {
			b := q.Breach()
			if say != "" {
				b.Reason += "。对说明的意见：" + say
			}
			x, err := s.punish(tx, who, q.Region, q.Institution, b)
			if err != nil {
				return err
			}
			q.Sanction, say = x.ID, b.Reason
		} else if result == ResultDrop {
			m.Title = "不处理了：" + brief(q.Say)
		}
		q.State, q.Result, q.ResultSay, q.Closed, q.Closer = InquiryClosed, result, say, tx.Millis(), who.Name
		if err := setInquiry(tx, q); err != nil || result == ResultPunish {
			return err // the measure has told already
		}
		return Tell(tx, m)
	})
}

// SeeInquiry reads one with its evidence.
func (s *Service) SeeInquiry(ctx context.Context, who audit.Actor, id string) (q Inquiry, i Institution, docs []desk.Document, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if q, err = s.own(tx, who, id); err != nil {
			return err
		}
		if i, err = Get(tx, q.Region, q.Institution); err != nil {
			return err
		}
		docs, err = desk.Documents(tx, q.Region, inquiryCase(id))
		return err
	})
	return q, i, docs, err
}

// InquiryFile opens a piece of evidence for who may see the inquiry; the caller closes it.
func (s *Service) InquiryFile(ctx context.Context, who audit.Actor, files *desk.Files, id, doc string) (d desk.Document, f *os.File, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := s.own(tx, who, id); err != nil {
			return err
		}
		if d, err = desk.GetDocument(tx, who.Region, doc); err == nil && d.Case != inquiryCase(id) {
			err = fault.New(fault.NotFound, "没有找到这份证据。")
		}
		return err
	})
	if err != nil {
		return d, nil, err
	}
	f, err = files.Open(d)
	return d, f, err
}

// Inquiries lists those at an institution, the newest first.
func (s *Service) Inquiries(ctx context.Context, region, inst string) (out []Inquiry, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanInquiry, inquiryOf, region, inst)
		return err
	})
	return out, err
}

// InquiriesAt lists those of a region in a state with their institutions; what
// is due first stands first, of closed ones the newest. counts are of the open states.
func (s *Service) InquiriesAt(ctx context.Context, region, state string, most int) (out []Inquiry, at map[string]Institution, counts map[string]int, err error) {
	counts = map[string]int{}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if state == InquiryClosed {
			out, err = db.All(tx, scanInquiry, inquiryDone, region, most)
		} else {
			out, err = db.All(tx, scanInquiry, inquiryOpen, region, state, most)
		}
		if err != nil {
			return err
		}
		var ids []string
		for _, q := range out {
			ids = append(ids, q.Institution)
		}
		if at, err = GetMany(tx, region, ids); err != nil {
			return err
		}
		_, err = db.All(tx, func(r db.Row) (struct{}, error) {
			var s string
			var n int
			err := r.Scan(&s, &n)
			counts[s] = n
			return struct{}{}, err
		}, inquiryCount, region)
		return err
	})
	return out, at, counts, err
}

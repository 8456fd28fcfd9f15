package care

import (
	"context"
	"strconv"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/job"
)

// Kinds of exceptions in words, for lists and filters.
var exceptionKinds = map[string]string{
	"hospital": "住院期间上门", "unplanned": "不在计划里", "late": "上传太晚", "clock": "手机时钟不准",
	"overlap_staff": "护理员时间重叠", "overlap_person": "老人时间重叠", "travel": "路上来不及", "homes": "一天户数太多",
	"location_off": "没有定位", "mock": "模拟位置", "location_far": "离家太远", "short": "时长不够", "extra": "计划外项目",
	"unqualified": "资质不够", "unfit": "人员不能上岗", "no_evidence": "留证不够", "unconfirmed": "家属没确认",
	"after_settled": "结算后又来记录", "unchecked": "还没核对", "spot": "抽查有疑点",
}

// ExceptionName is a kind of exception in words.
func ExceptionName(kind string) string {
	if n, ok := exceptionKinds[kind]; ok {
		return n
	}
	return kind
}

// Answer keeps the institution's or the worker's answer to an exception; it may
// be changed until the office decides, also after the deadline.
func (s *Service) Answer(ctx context.Context, who audit.Actor, region, visit, kind, key, text string, evidence []string) (Exception, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.answer", Object: visit, Key: key, Body: []any{kind, text, evidence}}, func(tx *db.Tx) (Exception, error) {
		x, err := GetException(tx, region, visit, kind)
		if err != nil {
			return x, err
		}
		if x.Institution != who.Institution || who.Institution == "" {
			return x, fault.New(fault.NotFound, "没有找到这个疑点。")
		}
		if who.Role == "care_worker" { // a carer answers for the own visits
			m, err := institution.StaffOfActor(tx, region, who)
			if err != nil {
				return x, err
			}
			if m.ID != x.Staff {
				return x, fault.New(fault.NotFound, "没有找到这个疑点。")
			}
		}
		if x.Status, err = exceptionTo(x.Status, "answer"); err != nil {
			return x, err
		}
		if text = strings.TrimSpace(text); text == "" || len(text) > 2000 {
			return x, fault.Field("answer", "请说明当时的情况，最多 600 字。")
		}
		x.Answer, x.AnsweredBy, x.Evidence = text, who.ID, append(x.Evidence, evidence...)
		if v, err := s.Packs.At(region, tx.Today()); err == nil {
			if n, ok := decideDays.Peek(v); ok {
				if d, err := v.Calendar().AddWorkdays(tx.Today(), int(n)); err == nil {
					x.DecideDue = d
				}
			}
		}
		err = updateException(tx, x)
		x.Version++
		return x, err
	})
}

// Judgement is the office's decision about an exception.
type Judgement struct {
	Action  string `json:"action"` // accept, deduct, void
	Minutes int64  `json:"minutes"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

// Judge decides an exception: accept it, deduct minutes, or not recognise the
// visit. A visit whose bill is settled must be reversed first.
func (s *Service) Judge(ctx context.Context, who audit.Actor, region, visit, kind, key string, j Judgement) (Exception, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.judge." + j.Action, Object: visit, Key: key, Body: []any{kind, j}}, func(tx *db.Tx) (Exception, error) {
		x, err := GetException(tx, region, visit, kind)
		if err != nil {
			return x, err
		}
		if x.Status, err = exceptionTo(x.Status, j.Action); err != nil {
			return x, err
		}
		if j.Version != 0 && j.Version != x.Version {
			return x, stale(0, nil, "这个疑点")
		}
		if strings.TrimSpace(j.Reason) == "" {
			return x, fault.Field("reason", "请写处理的理由，机构会看到。")
		}
		v, err := GetVisit(tx, region, visit)
		if err != nil {
			return x, err
		}
		if j.Action != "accept" && s.Settled != nil {
			settled, err := s.Settled(tx, region, []string{visit})
			if err != nil {
				return x, err
			}
			if settled[visit] {
				return x, fault.New(fault.Conflict, "这次上门的费用已经结算。请先在结算里冲正，再作扣减。")
			}
		}
		x.Reason, x.DecidedBy = j.Reason, who.ID
		switch j.Action {
		case "deduct":
			if j.Minutes < 1 || j.Minutes > v.Minutes {
				return x, fault.Field("minutes", "扣减的分钟数要在 1 到 %d 之间。", v.Minutes)
			}
			x.DeductMinutes = j.Minutes
		case "void":
			v.Status = Void
		}
		if err := updateException(tx, x); err != nil {
			return x, err
		}
		x.Version++
		if err := s.bill(tx, &v); err != nil {
			return x, err
		}
		xs, err := ExceptionsOfVisit(tx, region, visit)
		if err != nil {
			return x, err
		}
		v.Suspects = 0
		for _, o := range xs {
			if !o.Status.Decided() {
				v.Suspects++
			}
		}
		if err := updateVisit(tx, v); err != nil {
			return x, err
		}
		return x, job.Put(tx, region, visit+"/"+kind+"/"+strconv.FormatInt(x.Version, 10), time.Time{}, Judged{visit, j.Action, j.Reason})
	})
}

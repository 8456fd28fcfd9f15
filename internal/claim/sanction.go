package claim

import (
	"context"
	"slices"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// Sanction is what follows when an insured person deceived the fund (骗保): for
// some months the fund does not pay at the door (暂停联网结算). Care goes on; the
// person pays and may ask for the money back on paper.
type Sanction struct {
	Region, ID, Person string
	Months             int64
	Measure, Reason    string
	From, To           day.Day // both within
	Decision, Maker    string
	At                 int64
	UndoneBy           string
	UndoneAt           int64
}

// On tells whether the measure holds on a day.
func (x Sanction) On(d day.Day) bool { return x.UndoneAt == 0 && x.From <= d && d <= x.To }

// Until is when the maker can no longer take it back.
func (x Sanction) Until() time.Time { return time.UnixMilli(x.At).Add(UndoMinutes * time.Minute) }

// Punish decides the measure by rule institution.sanction and stops settlement
// from today on. Refused: the time lies outside what the text allows. Conflict:
// a measure holds already.
func (s *Service) Punish(ctx context.Context, who audit.Actor, region, person, key string, months int64, reason string) (Sanction, error) {
	act := audit.Act{Region: region, Verb: "claim.sanction", Object: person, Key: key, Body: []any{person, months, reason}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x Sanction, err error) {
		if _, err := s.Persons.Get(tx, region, person); err != nil {
			return x, err
		}
		if strings.TrimSpace(reason) == "" {
			return x, fault.Field("why", "请写明查实的情况，本人会看到。")
		}
		held, err := sanctionsOf(tx, region, person)
		if err != nil {
			return x, err
		}
		for _, h := range held {
			if h.On(tx.Today()) {
				return x, fault.New(fault.Conflict, "这个人的联网结算已经暂停到%s，不用再办。", h.To.Chinese())
			}
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		fit, dec, err := institution.SanctionRule.Decide(v, institution.SanctionPlan{Subject: "insured", Months: months})
		if err != nil {
			return x, err
		}
		x = Sanction{Region: region, ID: tx.NewID(), Person: person, Months: fit.Months, Measure: fit.Measure, Reason: reason,
			From: tx.Today(), To: tx.Today().AddMonths(int(fit.Months)) - 1, Maker: who.ID, At: tx.Millis()}
		if x.Decision, err = audit.DecideOne(tx, region, dec, person); err != nil {
			return x, err
		}
		if err = benefit.Suspend(tx, region, []benefit.Suspended{{Person: person, Pause: benefit.Pause{From: x.From, To: x.To, Reason: "breach", Note: x.ID}}}); err != nil {
			return x, err
		}
		return x, putSanction(tx, x)
	})
}

// Pardon takes a measure back within ten minutes, as if it had never been.
func (s *Service) Pardon(ctx context.Context, who audit.Actor, region, person, id, key string) (Sanction, error) {
	act := audit.Act{Region: region, Verb: "claim.pardon", Object: person, Key: key, Body: []any{person, id}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x Sanction, err error) {
		all, err := sanctionsOf(tx, region, person)
		if err != nil {
			return x, err
		}
		n := slices.IndexFunc(all, func(x Sanction) bool { return x.ID == id })
		if n >= 0 {
			x = all[n]
		}
		switch {
		case n < 0:
			return x, fault.New(fault.NotFound, "没有找到这次处理。")
		case x.UndoneAt != 0:
			return x, fault.New(fault.Conflict, "这次处理已经撤回了。")
		case x.Maker != who.ID:
			return x, fault.New(fault.Forbidden, "这次处理是同事作出的，要撤回请找作出处理的人。")
		case !tx.Now().Before(x.Until()):
			return x, fault.New(fault.Conflict, "已经过了 10 分钟，不能撤回了。处理有错的，请按行政复议或申诉的程序办。")
		}
		x.UndoneBy, x.UndoneAt = who.ID, tx.Millis()
		if err = benefit.Resume(tx, region, person, x.From, "breach"); err != nil {
			return x, err
		}
		_, err = tx.Exec(sanctionUndo, region, x.ID, x.UndoneBy, x.UndoneAt)
		return x, err
	})
}

// Sanctions lists the measures against a person, the newest first.
func (s *Service) Sanctions(ctx context.Context, region, person string) (xs []Sanction, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = sanctionsOf(tx, region, person); return err })
	return xs, err
}

package institution

import (
	"context"
	"fmt"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Sanctioned is a measure that was taken after a breach (违约处理): who, for how
// long, why, and the decision of rule institution.sanction with its clause.
type Sanctioned struct {
	Region, ID, Institution string
	Subject                 string // institution, responsible, staff
	Staff, Name             string // the member of staff; whom it hits, in words
	Serious                 bool
	Months                  int64
	Measure, Reason         string
	From, To                day.Day
	Decision, Maker         string
	At                      int64
}

// On tells whether the measure holds on a day.
func (s Sanctioned) On(d day.Day) bool { return s.From <= d && d <= s.To }

// Subjects are whom the office may sanction at an institution. Insured persons
// are not here: their measure hits their settlement, not an institution.
var Subjects = []struct{ ID, Say string }{{"institution", "机构：暂停服务"}, {"staff", "服务人员：停止从业"}, {"responsible", "机构的责任人员"}}

// Breach asks for a measure.
type Breach struct {
	Subject string
	Staff   string // subject staff
	Name    string // subject responsible: who
	Serious bool
	Months  int64
	Reason  string
	Version int64 // of the institution; 0: any
}

// Punish decides a measure by rule institution.sanction and puts it into
// effect: the institution is suspended, or the member of staff may not work,
// until the last day. Refused: the time lies outside what the text allows.
func (s *Service) Punish(ctx context.Context, who audit.Actor, region, id, key string, b Breach) (Sanctioned, error) {
	act := audit.Act{Region: region, Verb: "institution.sanction", Object: id, Key: key, Body: b}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x Sanctioned, err error) {
		i, err := Get(tx, region, id)
		if err != nil {
			return x, err
		}
		if strings.TrimSpace(b.Reason) == "" {
			return x, fault.Field("why", "请写明查实的情况，机构会看到。")
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		fit, dec, err := SanctionRule.Decide(v, SanctionPlan{Subject: b.Subject, Serious: b.Serious, Months: b.Months})
		if err != nil {
			return x, err
		}
		x = Sanctioned{Region: region, ID: tx.NewID(), Institution: id, Subject: b.Subject, Serious: b.Serious, Months: fit.Months, Measure: fit.Measure,
			Reason: b.Reason, From: tx.Today(), To: tx.Today().AddMonths(int(fit.Months)) - 1, Maker: who.ID, At: tx.Millis()}
		if x.Decision, err = audit.DecideOne(tx, region, dec, id); err != nil {
			return x, err
		}
		why := fmt.Sprintf("%s（%s起 %d 个月，到%s）：%s", x.Measure, x.From.Chinese(), x.Months, x.To.Chinese(), b.Reason)
		switch b.Subject {
		case "institution":
			x.Name = i.Name
			err = s.Apply(tx, region, id, Change{Action: "suspend", Reason: why, Version: b.Version}, "")
		case "staff":
			x.Staff = b.Staff
			x.Name, err = s.stop(tx, region, id, b.Staff, why, x.To)
		case "responsible":
			if x.Name = strings.TrimSpace(b.Name); x.Name == "" {
				return x, fault.Field("name", "请写责任人员的姓名和职务。")
			}
		default: // insured persons: see Subjects
			return x, fault.Field("subject", "请选对谁处理。")
		}
		if err != nil {
			return x, err
		}
		return x, putSanction(tx, x)
	})
}

// stop bans a member of the institution's staff until a day; a longer ban that
// holds already stays.
func (s *Service) stop(tx *db.Tx, region, id, staff, why string, until day.Day) (string, error) {
	m, err := GetStaff(tx, region, staff)
	if err != nil || m.Institution != id {
		return "", fault.Field("staff", "请从这家机构的人员里选一位。")
	}
	_, err = tx.Exec(setStaff, region, m.ID, m.Version, m.Qualification, m.LicenseUntil, m.Status, max(until, m.BannedUntil), why, m.Account, m.Phone, tx.Millis())
	return m.Name, err
}

// Sanctions lists the measures at an institution, the newest first.
func (s *Service) Sanctions(ctx context.Context, region, id string) (xs []Sanctioned, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = sanctionsOf(tx, region, id); return err })
	return xs, err
}

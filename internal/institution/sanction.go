package institution

import (
	"context"
	"fmt"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
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
}

// weigh looks whether a measure may be taken: within its clause, against
// somebody of this institution. Refused: the time lies outside what the text allows.
func (s *Service) weigh(tx *db.Tx, v *policy.View, region, id string, b Breach) (x Sanctioned, dec policy.Decision, err error) {
	i, err := Get(tx, region, id)
	if err != nil {
		return x, dec, err
	}
	if strings.TrimSpace(b.Reason) == "" {
		return x, dec, fault.Field("why", "请写明查实的情况，机构会看到。")
	}
	fit, dec, err := SanctionRule.Decide(v, SanctionPlan{Subject: b.Subject, Serious: b.Serious, Months: b.Months})
	if err != nil {
		return x, dec, err
	}
	x = Sanctioned{Region: region, Institution: id, Subject: b.Subject, Serious: b.Serious, Months: fit.Months, Measure: fit.Measure, Reason: strings.TrimSpace(b.Reason)}
	switch b.Subject {
	case "institution":
		x.Name = i.Name
		_, err = next(i.Status, "suspend")
	case "staff":
		m, gerr := GetStaff(tx, region, b.Staff)
		if gerr != nil || m.Institution != id {
			return x, dec, fault.Field("staff", "请从这家机构的人员里选一位。")
		}
		x.Staff, x.Name = m.ID, m.Name
	case "responsible":
		if x.Name = strings.TrimSpace(b.Name); x.Name == "" {
			return x, dec, fault.Field("name", "请写责任人员的姓名和职务。")
		}
	default: // insured persons: see Subjects
		return x, dec, fault.Field("subject", "请选对谁处理。")
	}
	return x, dec, err
}

// punish decides a measure by rule institution.sanction and puts it into
// effect: the institution is suspended, or the member of staff may not work,
// until the last day.
func (s *Service) punish(tx *db.Tx, who audit.Actor, region, id string, b Breach) (x Sanctioned, err error) {
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return x, err
	}
	x, dec, err := s.weigh(tx, v, region, id, b)
	if err != nil {
		return x, err
	}
	x.ID, x.From, x.To, x.Maker, x.At = tx.NewID(), tx.Today(), tx.Today().AddMonths(int(x.Months))-1, who.ID, tx.Millis()
	if x.Decision, err = audit.DecideOne(tx, region, dec, id); err != nil {
		return x, err
	}
	why := fmt.Sprintf("%s（%s起 %d 个月，到%s）：%s", x.Measure, x.From.Chinese(), x.Months, x.To.Chinese(), x.Reason)
	switch b.Subject {
	case "institution":
		var i Institution
		if i, err = Get(tx, region, id); err == nil {
			err = move(tx, &i, Change{Action: "suspend", Reason: why}, "")
		}
	case "staff":
		err = s.stop(tx, region, x.Staff, why, x.To)
	}
	if err != nil {
		return x, err
	}
	if err := putSanction(tx, x); err != nil {
		return x, err
	}
	return x, Tell(tx, Message{Region: region, Institution: id, Kind: "sanction", Title: "违规处理：" + x.Name, Say: why + "。不服的，可以申请行政复议或者提起行政诉讼。", Href: "/j/why/" + x.Decision})
}

// stop bans a member of the institution's staff until a day; a longer ban that
// holds already stays.
func (s *Service) stop(tx *db.Tx, region, staff, why string, until day.Day) error {
	m, err := GetStaff(tx, region, staff)
	if err == nil {
		_, err = tx.Exec(setStaff, region, m.ID, m.Version, m.Qualification, m.LicenseUntil, m.Status, max(until, m.BannedUntil), why, m.Account, m.Phone, tx.Millis())
	}
	return err
}

// Sanctions lists the measures at an institution, the newest first.
func (s *Service) Sanctions(ctx context.Context, region, id string) (xs []Sanctioned, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = sanctionsOf(tx, region, id); return err })
	return xs, err
}

package care

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Spotted is a household of family care that was drawn for a month (抽查).
type Spotted struct {
	Month              day.Month
	Plan               string
	Seed, Decision     string
	DrawnBy            string
	DrawnAt            int64 // ms
	Status             SpotStatus
	Way, Note          string
	Days               []day.Day // that are in doubt
	CheckedBy          string
	CheckedAt, Version int64
}

// SpotStatus is where a check stands.
type SpotStatus string

// The states of a check.
const (
	SpotDue   SpotStatus = "due"
	SpotOK    SpotStatus = "ok"
	SpotDoubt SpotStatus = "doubt"
)

// Name is the status in Chinese.
func (s SpotStatus) Name() string {
	return map[SpotStatus]string{SpotDue: "等抽查", SpotOK: "照护属实", SpotDoubt: "有疑点"}[s]
}

// SpotRow is a check for a page.
type SpotRow struct {
	Spotted
	PlanRow PlanRow
	Carer   Carer
	Days    []day.Day // confirmed in the month
}

// Drawn lists the checks of a month; the look at it shows telephone numbers and
// is written down.
func (s *Service) Drawn(ctx context.Context, who audit.Actor, region string, m day.Month) (out []SpotRow, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		xs, err := spots(tx, region, m)
		if err != nil {
			return err
		}
		for _, x := range xs {
			p, err := GetPlan(tx, region, x.Plan)
			if err != nil {
				return err
			}
			row := SpotRow{Spotted: x}
			if row.Carer, err = s.openCarer(tx, region, x.Plan); err != nil {
				return err
			}
			visits, err := VisitsOfPerson(tx, region, p.Person, m.First(), m.Last(), 400)
			if err != nil {
				return err
			}
			for _, v := range visits {
				if v.Plan == p.ID && v.Status == Done {
					row.Days = append(row.Days, v.On)
				}
			}
			rows, err := s.planRows(tx, region, []Plan{p})
			if err != nil {
				return err
			}
			row.PlanRow = rows[0]
			out = append(out, row)
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, audit.Seen(ctx, s.Log, who, region, "care.see_spots", m.String())
}

// Draw draws the households of a month that are looked at, once a month, by a
// seed that is kept, so that anybody can draw them again. Conflict: drawn
// already, or there is no family care.
func (s *Service) Draw(ctx context.Context, who audit.Actor, region, key string, m day.Month) (n int, err error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.spot_draw", Object: m.String(), Key: key}, func(tx *db.Tx) (int, error) {
		if m > tx.Today().Month() {
			return 0, fault.Field("m", "%s还没到，到了那个月再抽。", m.Chinese())
		}
		had, err := spots(tx, region, m)
		if err != nil {
			return 0, err
		}
		if len(had) > 0 {
			return 0, fault.New(fault.Conflict, "%s已经抽过了，抽到 %d 户。", m.Chinese(), len(had))
		}
		ids, err := db.All(tx, db.Value[string], planIDs, region, m.First(), m.Last())
		if err != nil {
			return 0, err
		}
		if len(ids) == 0 {
			return 0, fault.New(fault.Conflict, "%s没有由家人照护的计划，不用抽。", m.Chinese())
		}
		v, err := s.Packs.At(region, min(m.Last(), tx.Today()))
		if err != nil {
			return 0, err
		}
		out, dec, err := spotRule.Decide(v, SpotIn{Plans: int64(len(ids))})
		if err != nil {
			return 0, err
		}
		id, err := audit.DecideOne(tx, region, dec, "spot/"+m.String())
		if err != nil {
			return 0, err
		}
		var seed [32]byte
		rand.Read(seed[:])
		text := hex.EncodeToString(seed[:])
		var xs []Spotted
		for _, plan := range pickSpots(seed, ids, int(out.Count)) {
			xs = append(xs, Spotted{Month: m, Plan: plan, Seed: text, Decision: id, DrawnBy: who.ID, DrawnAt: tx.Millis(), Status: SpotDue})
		}
		_, err = putSpots(tx, region, xs)
		return len(xs), err
	})
}

// pickSpots takes n of the ids by the seed; it depends on nothing else.
func pickSpots(seed [32]byte, ids []string, n int) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	r := mrand.New(mrand.NewChaCha8(seed))
	r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids[:min(n, len(ids))]
}

// SpotResult is what somebody found who called or went there.
type SpotResult struct {
	Way     string    `json:"way"` // phone, door
	Doubt   bool      `json:"doubt"`
	Days    []day.Day `json:"days"` // in doubt
	Note    string    `json:"note"`
	Version int64     `json:"version"`
}

// Checked keeps the result of a check. Each day in doubt becomes an exception
// of its visit, which waits for the office's decision and holds the bill.
// Forbidden to who wrote the plan; Conflict for a day that is settled.
func (s *Service) Checked(ctx context.Context, who audit.Actor, region string, m day.Month, plan, key string, in SpotResult) error {
	object := m.String() + "/" + plan
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.spot", Object: object, Key: key, Body: in}, func(tx *db.Tx) error {
		x, err := db.One(tx, scanSpot, spotGet, region, m, plan)
		if err = none(err, "没有抽到这一户。"); err != nil {
			return err
		}
		p, err := GetPlan(tx, region, plan)
		if err != nil {
			return err
		}
		switch {
		case x.Status != SpotDue || in.Version != 0 && in.Version != x.Version:
			return stale(0, nil, "这次抽查")
		case who.ID == p.WrittenBy:
			return fault.New(fault.Forbidden, "这份计划是您写的，抽查要由另一位同事来办。")
		case in.Way != "phone" && in.Way != "door":
			return fault.Field("way", "请选是打电话还是上门。")
		case strings.TrimSpace(in.Note) == "":
			return fault.Field("note", "请写看到、听到的情况。")
		case in.Doubt && len(in.Days) == 0:
			return fault.Field("day", "请勾选哪几天有疑点。")
		}
		x.Status, x.Way, x.Note, x.CheckedBy, x.CheckedAt = SpotOK, in.Way, in.Note, who.ID, tx.Millis()
		if in.Doubt {
			x.Status, x.Days = SpotDoubt, in.Days
			if err := s.doubt(tx, p, in); err != nil {
				return err
			}
		}
		n, err := tx.Exec(spotSet, region, m, plan, x.Version, x.Status, x.Way, x.Note, js(x.Days), x.CheckedBy, x.CheckedAt)
		return stale(n, err, "这次抽查")
	})
}

func (s *Service) doubt(tx *db.Tx, p Plan, in SpotResult) error {
	var xs []Exception
	for _, d := range in.Days {
		v, err := GetVisit(tx, p.Region, dayID(p.ID, d))
		if err != nil || v.Status != Done {
			return fault.Field("day", "%s没有确认过的照护，不用勾。", d.Chinese())
		}
		if s.Settled != nil {
			settled, err := s.Settled(tx, p.Region, []string{v.ID})
			if err != nil {
				return err
			}
			if settled[v.ID] {
				return fault.New(fault.Conflict, "%s的补助已经结算，请在账单里办冲正或追回，再记抽查结果。", d.Chinese())
			}
		}
		say := map[string]string{"phone": "电话抽查", "door": "上门抽查"}[in.Way]
		xs = append(xs, Exception{Region: p.Region, Visit: v.ID, Kind: "spot", Person: p.Person, On: d, Say: fmt.Sprintf("%s：%s", say, in.Note), Status: Open})
		if _, err := tx.Exec(doubtVisit, p.Region, v.ID); err != nil {
			return err
		}
	}
	return insertExceptions(tx, xs)
}

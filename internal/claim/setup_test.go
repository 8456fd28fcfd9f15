package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/money"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "320700"

var (
	ctx   = context.Background()
	today = day.FromTime(dbtest.Start) // Monday 2024-06-03
	may   = day.MustParse("2024-05-01").Month()
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// town is a station with two carers and persons of level 4 at home.
type town struct {
	*Service
	t      testing.TB
	d      *db.DB
	clock  *dbtest.Clock
	inst   string
	staff  string
	people []string
	serial int
}

func newTown(t testing.TB, d *db.DB, c *dbtest.Clock, people int) *town {
	t.Helper()
	set, err := policy.Load("")
	must(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	log := &audit.Log{DB: d}
	persons := &person.Service{Log: log, Keys: keys, Packs: set}
	tn := &town{t: t, d: d, clock: c, Service: &Service{Log: log, Packs: set, Persons: persons}}
	tn.Start(audit.GroupOptions{})
	t.Cleanup(tn.Close)
	insts := &institution.Service{Log: log, Keys: keys}
	must(t, d.Write(ctx, func(tx *db.Tx) error {
		i, err := insts.Put(tx, region, institution.New{Name: "康宁护理站", Kind: institution.Care, AccountName: "康宁护理站", Account: "9901000000000000017"})
		if err != nil {
			return err
		}
		tn.inst = i.ID
		m, err := insts.PutStaff(tx, region, institution.NewStaff{Institution: i.ID, Name: "周护理", Role: institution.CareWorker, Account: "w1", LicenseUntil: today + 300})
		if err != nil {
			return err
		}
		tn.staff = m.ID
		var entries []person.Entry
		for n := range people {
			birth := day.MustParse("1942-03-15").AddDays(n % 8000)
			num, err := person.ParseID(person.DemoID(n, birth, "女"), today)
			if err != nil {
				return err
			}
			entries = append(entries, person.Entry{Number: num, Name: fmt.Sprintf("王桂%d", n), Sex: "女", Birth: birth,
				Resident: true, Coverage: person.Coverage{Scheme: "ltci", Kind: "employee", Since: today - 3000, Status: "active"}, Has: person.HasAll})
		}
		if tn.people, _, err = persons.Put(tx, region, entries); err != nil {
			return err
		}
		for _, p := range tn.people {
			if _, err := benefit.Grant(tx, benefit.GrantInput{Region: region, Person: p, Level: 4, Decided: today - 130, From: today - 120, To: today + 700}); err != nil {
				return err
			}
		}
		return nil
	}))
	return tn
}

func (tn *town) self(p int) audit.Actor {
	return audit.Actor{ID: "a-" + tn.people[p], Role: "citizen", Region: region, Person: tn.people[p]}
}

func hand(id, role string) audit.Actor { return audit.Actor{ID: id, Role: role, Region: region} }

// opt changes a visit before it is stored.
type opt func(v *care.Visit)

func onDay(s string) opt { return func(v *care.Visit) { v.On = day.MustParse(s) } }

// visits stores done visits of one hour at 65.00 yuan, one per person and
// number, as care would have left them.
func (tn *town) visits(persons []int, opts ...opt) []string {
	tn.t.Helper()
	var ids []string
	rows := [][]any{}
	for _, p := range persons {
		tn.serial++
		v := care.Visit{Region: region, ID: fmt.Sprintf("v%06d", tn.serial), Plan: "plan", Person: tn.people[p], Institution: tn.inst, Staff: tn.staff,
			On: day.MustParse("2024-05-20"), Mode: "home", Status: care.Done, Minutes: 60, Confirmed: "code"}
		for _, o := range opts {
			o(&v)
		}
		v.Begin = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(tn.serial) * time.Hour).UnixMilli()
		if v.Lines == nil {
			v.Lines = []care.Line{{Item: "L01", Name: "头面部清洁", Kind: "living", Unit: "hour", Qty: money.One, PriceFen: 6500, Staff: "care_worker"}}
		}
		for i := range v.Lines {
			v.Lines[i].On = v.On
		}
		lines, _ := json.Marshal(v.Lines)
		rows = append(rows, []any{region, v.ID, v.Plan, v.Person, v.Institution, v.Staff, v.On, v.Mode, 0, 0, "[]", string(v.Status), v.Begin, v.Begin + 3600000,
			v.Minutes, "{}", "[]", "[]", v.Confirmed, "", string(lines), "", "", v.Suspects, "", 1, 1})
		ids = append(ids, v.ID)
	}
	must(tn.t, tn.d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Insert("care_visit", []string{"region", "id", "plan", "person", "institution", "staff", "on_day", "mode", "planned_at", "planned_minutes",
			"planned_items", "status", "begin_at", "end_at", "minutes", "place", "items", "evidence", "confirmed", "trouble", "lines", "bill_decision",
			"suspect_decision", "suspects", "note", "version", "at"}, rows, "")
		return err
	}))
	return ids
}

// quoted makes visits with bills.
func (tn *town) quoted(persons []int, opts ...opt) []Bill {
	tn.t.Helper()
	var out []Bill
	for _, id := range tn.visits(persons, opts...) {
		b, err := tn.QuoteVisit(ctx, audit.System(region), region, id)
		must(tn.t, err)
		out = append(out, b)
	}
	return out
}

func (tn *town) bill(visit string) (b Bill) {
	tn.t.Helper()
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) { b, err = Get(tx, region, visit); return err }))
	return b
}

func (tn *town) charge(id string) (c Charge) {
	tn.t.Helper()
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) { c, err = GetCharge(tx, region, id); return err }))
	return c
}

// books proves the ledger and returns what an account holds.
func (tn *town) books(account string) (fen money.Fen) {
	tn.t.Helper()
	rep, err := fund.Verify(ctx, tn.d, "")
	must(tn.t, err)
	if !rep.OK {
		tn.t.Fatalf("ledger: %+v", rep.Faults)
	}
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) { fen, err = fund.Balance(tx, region, fund.LTCI, account); return err }))
	return fen
}

func (tn *town) used(p int) (n int64) {
	tn.t.Helper()
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) error {
		m, err := benefit.UsedSince(tx, region, tn.people[p], today-365)
		for _, x := range m {
			n += x
		}
		return err
	}))
	return n
}

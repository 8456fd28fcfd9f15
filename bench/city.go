package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

// City is a database made for measuring: persons, of whom some are in benefit,
// each of those with visits that are done and confirmed and wait for money.
type City struct {
	DB      *db.DB
	URL     string
	Claim   *claim.Service
	Persons *person.Service
	Log     *audit.Log
	Packs   *policy.Set
	Served  int // persons in benefit
	Visits  int
	On      day.Day
}

// AllowUnsafe opens also a database that may lose acknowledged writes: for
// tests that only look whether the bench runs.
var AllowUnsafe bool

// Region is the pooling region of the bench; its packs are the shipped ones.
const Region = "320700"

const place = "bench-care"

// Open opens a city that Build has made, for instance after a kill.
func Open(ctx context.Context, url, dir string) (*City, error) {
	// The clock stands in June 2024 and runs from when the city was made.
	start, born := time.Date(2024, 6, 25, 1, 0, 0, 0, time.UTC), filepath.Join(dir, "bench.born")
	st, err := os.Stat(born)
	if err != nil {
		if err := os.WriteFile(born, nil, 0o600); err != nil {
			return nil, err
		}
		if st, err = os.Stat(born); err != nil {
			return nil, err
		}
	}
	d, err := db.Open(ctx, url, db.Options{Now: func() time.Time { return start.Add(time.Since(st.ModTime())) }, MaxConns: 40, AllowUnsafe: AllowUnsafe})
	if err != nil {
		return nil, err
	}
	keys, err := seal.Ensure(filepath.Join(dir, "bench.key"))
	if err != nil {
		return nil, err
	}
	packs, err := policy.Load("")
	if err != nil {
		return nil, err
	}
	l := &audit.Log{DB: d}
	c := &City{DB: d, URL: url, Log: l, Packs: packs, On: day.MustParse("2024-06-24"),
		Persons: &person.Service{Log: l, Keys: keys, Packs: packs}}
	c.Claim = &claim.Service{Log: l, Packs: packs, Persons: c.Persons}
	return c, nil
}

// Build fills the empty database at url.
func Build(ctx context.Context, url, dir string, persons, served, visits int) (*City, error) {
	c, err := Open(ctx, url, dir)
	if err != nil {
		return nil, err
	}
	c.Served, c.Visits = served, visits
	if v, err := c.DB.Schema(ctx); err != nil || v > 0 {
		c.DB.Close()
		if err == nil {
			err = fault.Field("db", "测速要一个空的数据库，%s 里已经有东西。", url)
		}
		return nil, err
	}
	if err := c.DB.Migrate(ctx); err != nil {
		return nil, err
	}
	keys := c.Persons.Keys
	phone := keys.Seal(Region, "phone", "")
	tables := []struct {
		name, cols string
		n          int
		row        func(i int) []any
	}{
		{"person_person", "region id name pinyin sex birth id_index id_sealed id_tail phone_index phone_sealed district community address lat lng resident deceased digest updated", persons,
			func(i int) []any {
				return []any{Region, c.Person(i), "测试", "ceshi", "女", "1940-06-01", fmt.Sprintf("x%032d", i), phone, "0000", "", phone, "海州区", "某社区", "某路1号", 34600000, 119200000, true, "", "", 0}
			}},
		{"person_coverage", "region person scheme since until kind status paid", persons,
			func(i int) []any {
				return []any{Region, c.Person(i), "ltci", "2023-01-01", "", "employee", "active", "2023-01~2024-12"}
			}},
		{"benefit_benefit", "region id person level case_id decision decided_on from_day to_day ended_by version at", served,
			func(i int) []any {
				return []any{Region, "b" + c.Person(i), c.Person(i), 3 + i%3, "case", "", "2023-12-20", "2024-01-01", "2025-12-31", "", 1, 0}
			}},
		{"institution_institution", "region id name kind grade district address phone lat lng from_day to_day status reason account_name account_sealed account_tail decision version at", 1,
			func(int) []any {
				return []any{Region, place, "测试护理站", "care", "", "海州区", "某路2号", "", 34600000, 119200000, "2024-01-01", "2026-12-31", "active", "", "", "", "", "", 1, 0}
			}},
	}
	for _, t := range tables {
		if err := c.bulk(ctx, t.name, t.cols, t.n, t.row); err != nil {
			return nil, err
		}
	}
	if err := c.AddVisits(ctx, 0, visits); err != nil {
		return nil, err
	}
	return c, c.Analyse(ctx)
}

func (c *City) bulk(ctx context.Context, table, cols string, n int, row func(int) []any) error {
	for at := 0; at < n; at += 50_000 {
		err := c.DB.Write(ctx, func(tx *db.Tx) error {
			return tx.Bulk(table, strings.Fields(cols), min(50_000, n-at), func(i int) []any { return row(at + i) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Analyse gives the planner its figures, as autovacuum would in time.
func (c *City) Analyse(ctx context.Context) error {
	_, err := c.DB.Raw().ExecContext(ctx, "ANALYZE")
	return err
}

// Person is the id of the i-th person.
func (c *City) Person(i int) string { return fmt.Sprintf("p%07d", i) }

// Visit is the id of the i-th visit and the person it went to: neighbours in
// number are different persons.
func (c *City) Visit(i int) (id, person string) {
	return fmt.Sprintf("v%08d", i), c.Person(i % c.Served)
}

// lines is what a visit bills: five services of the hour, one hour in sum.
func lines(on day.Day) []care.Line {
	out := make([]care.Line, 5)
	for i, item := range []string{"L01", "L05", "L08", "L10", "L15"} {
		out[i] = care.Line{Item: item, Name: "护理服务 " + item, Kind: "living", Unit: "hour", Qty: 200_000, PriceFen: 6500, Staff: "care_worker", On: on}
	}
	return out
}

// AddVisits puts n visits behind those numbered before from, spread over June
// so that the caps of a month hold about twenty a person.
func (c *City) AddVisits(ctx context.Context, from, n int) error {
	cols := "region id plan person institution staff on_day mode planned_at planned_minutes planned_items status begin_at end_at minutes place items evidence confirmed trouble lines bill_decision suspect_decision suspects note version at"
	return c.bulk(ctx, "care_visit", cols, n, func(i int) []any {
		id, who := c.Visit(from + i)
		on := c.On.AddDays(-((from + i) / c.Served % 24))
		begin := time.Date(2024, 6, 24, 1, 0, 0, 0, time.UTC).AddDate(0, 0, int(on-c.On)).Add(time.Duration((from+i)/c.Served/24) * time.Hour).UnixMilli()
		text, _ := json.Marshal(lines(on))
		return []any{Region, id, "plan", who, place, "s1", on, "home", begin, 60, "[]", "done", begin, begin + 3600_000, 60, "{}", "[]", "[]", "code", "", string(text), "", "", 0, "", 1, begin}
	})
}

// Doorstep settles the i-th visit as the family does at the door: quoted,
// decided, explained, booked, with receipt and audit, in one act.
func (c *City) Doorstep(ctx context.Context, i int) error {
	id, p := c.Visit(i)
	_, err := c.settle(ctx, id, p)
	return err
}

func (c *City) settle(ctx context.Context, id, p string) (claim.Receipt, error) {
	who := audit.Actor{ID: "a" + p, Name: "测试", Role: "citizen", Region: Region, Person: p, Terminal: "127.0.0.1"}
	r, err := c.Claim.Settle(ctx, who, Region, p, id, claim.SettleRequest{Visit: id})
	if err == nil && (r.Fund == 0 || r.Voucher == "") {
		err = fmt.Errorf("bench: visit %s settled without the fund: %+v", id, r)
	}
	return r, err
}

// Temp is a new folder for an SQLite file; on the disk, not in memory.
func Temp() (string, error) { return os.MkdirTemp("", "yinling-bench-") }

package claim

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// tables lists what the money touches.
func tables(t *testing.T, d *db.DB) (out []string) {
	q := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if d.Dialect == db.Postgres {
		q = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	rows, err := d.Raw().Query(q)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		for _, word := range []string{"audit_", "benefit_", "claim_", "fund_", "job_"} {
			if strings.HasPrefix(name, word) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// state is a digest over every row of every table.
func state(t *testing.T, raw *sql.DB, names []string) string {
	h := sha256.New()
	for _, name := range names {
		rows, err := raw.Query(`SELECT * FROM ` + name)
		must(t, err)
		cols, _ := rows.Columns()
		var lines []string
		for rows.Next() {
			vals := make([]any, len(cols))
			for i := range vals {
				vals[i] = new(sql.NullString)
			}
			must(t, rows.Scan(vals...))
			line := ""
			for _, v := range vals {
				line += fmt.Sprintf("%q,", v.(*sql.NullString).String)
			}
			lines = append(lines, line)
		}
		rows.Close()
		slices.Sort(lines)
		fmt.Fprintf(h, "%s %d %s\n", name, len(lines), strings.Join(lines, "\n"))
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// T-06: a trigger fails every statement that a money transaction writes, one
// table and kind of write after the other; each time everything is as before.
func TestT06EveryStatementFails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		tn.fillBank(100_000_000)
		names := tables(t, d)
		z, boss := hand("z", "reviewer"), hand("t", "treasurer")
		settled := func() string {
			b := tn.inState(Settled)
			return b.Visit
		}
		n := 0
		month := func(st MonthStatus) string {
			n++
			v := settled()
			id := fmt.Sprintf("%s/%d-05", tn.inst, 2024+n)
			raw := func(q string) { _, err := d.Raw().Exec(q); must(t, err) }
			raw(fmt.Sprintf(`INSERT INTO claim_month (region, id, institution, month, status, version, bills, total, fund, person_fen, offsets, deducted, deposit, payable,
				submitted_by, first_by, second_by, signed_by, note, decision, at) VALUES ('%s', '%s', '%s', '2024-05', '%s', 1, 1, 6500, 5200, 1300, 0, 0, 0, 5200, '', 'a', 'b', '', '', '', 1)`,
				region, id, fmt.Sprint(tn.inst, n), st))
			raw(`UPDATE claim_bill SET month = '` + id + `' WHERE visit = '` + v + `'`)
			return id
		}
		ops := []struct {
			name string
			make func() string
			run  func(x string) error
			hits int // writes that must have been made to fail
		}{
			{"settle", func() string { return tn.inState(Quoted).Visit }, func(x string) error {
				_, err := tn.Settle(ctx, tn.self(0), region, tn.people[0], "t06-"+x, SettleRequest{Visit: x})
				return err
			}, 10},
			{"undo", settled, func(x string) error { _, err := tn.Undo(ctx, tn.self(0), region, x, "t06u-"+x); return err }, 9},
			{"reverse", func() string { return tn.inState(Reversing).Visit }, func(x string) error {
				_, err := tn.JudgeReverse(ctx, z, region, x, true, "t06r-"+x, 0)
				return err
			}, 9},
			{"sign", func() string { return month(Checked) }, func(x string) error { _, err := tn.Sign(ctx, boss, region, x, "t06s-"+x, 0); return err }, 8},
			{"batch", func() string { return tn.visits([]int{0})[0] }, func(x string) error {
				s, err := tn.Batch(ctx, region, may, nil)
				if err == nil && s.Settled == 0 {
					err = fmt.Errorf("settled nothing: %+v", s)
				}
				return err
			}, 9},
		}
		for _, op := range ops {
			if d.Dialect == db.Postgres && op.name != "settle" && op.name != "sign" {
				continue // the same code; two of them prove the engine
			}
			hits, live, before := 0, "", ""
			// One sound run tells which tables the transaction writes.
			first, was := op.make(), map[string]string{}
			for _, name := range names {
				was[name] = state(t, d.Raw(), []string{name})
			}
			must(t, op.run(first))
			var touched []string
			for _, name := range names {
				if was[name] != state(t, d.Raw(), []string{name}) {
					touched = append(touched, name)
				}
			}
			tn.giveBack(first)
			for _, name := range touched {
				for _, kind := range []string{"INSERT", "UPDATE", "DELETE"} {
					if kind == "DELETE" && name != "claim_moment" {
						continue // the only table that the money deletes from
					}
					if live == "" {
						live = op.make()
						before = state(t, d.Raw(), names)
					}
					drop := boom(t, d, name, kind)
					err := op.run(live)
					drop()
					if err == nil { // this write is not part of the transaction
						tn.giveBack(live)
						live = ""
						continue
					}
					if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Refused) {
						t.Fatalf("%s with %s %s failing was refused: %v", op.name, kind, name, err)
					}
					hits++
					if state(t, d.Raw(), names) != before {
						t.Errorf("%s with %s %s failing left something behind", op.name, kind, name)
					}
				}
			}
			if hits < op.hits {
				t.Errorf("%s: only %d writes were made to fail, want %d", op.name, hits, op.hits)
			}
			if live != "" {
				if err := op.run(live); err != nil {
					t.Errorf("%s does not work after all the failures: %v", op.name, err)
				}
				tn.giveBack(live)
			}
		}
		tn.books("2101")
		if rep, err := audit.Verify(ctx, tn.Log, region, nil); err != nil || len(rep.Damage) > 0 {
			t.Errorf("audit chain: %+v, %v", rep, err)
		}
	})
}

// giveBack frees the hours of a settled visit for the next fixture.
func (tn *town) giveBack(visit string) {
	if strings.Contains(visit, "/") {
		must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) error {
			bs, err := db.All(tx, scanBill, billOfMonth, region, visit)
			for _, b := range bs {
				visit = b.Visit
			}
			return err
		}))
		_, err := tn.d.Raw().Exec(`UPDATE claim_bill SET month = '' WHERE visit = '` + visit + `'`)
		must(tn.t, err)
	}
	if tn.bill(visit).Status == Settled {
		_, err := tn.Undo(ctx, tn.self(0), region, visit, "")
		must(tn.t, err)
	}
	tn.clock.Add(time.Second)
}

// boom makes one kind of write on one table fail until the returned function runs.
func boom(t *testing.T, d *db.DB, table, kind string) func() {
	run := func(q string) { t.Helper(); _, err := d.Raw().Exec(q); must(t, err) }
	if d.Dialect == db.SQLite {
		run(`CREATE TRIGGER boom BEFORE ` + kind + ` ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'boom'); END`)
		return func() { run(`DROP TRIGGER boom`) }
	}
	run(`CREATE OR REPLACE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''boom''; END'`)
	run(`CREATE TRIGGER boom BEFORE ` + kind + ` ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION boom()`)
	return func() { run(`DROP TRIGGER boom ON ` + table) }
}

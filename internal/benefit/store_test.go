package benefit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

const region = "320700"

func write(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) error {
	t.Helper()
	return d.Write(context.Background(), fn)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func viewOf(t testing.TB, on string) *policy.View {
	t.Helper()
	set, err := policy.Load("")
	must(t, err)
	v, err := set.At(region, day.MustParse(on))
	must(t, err)
	return v
}

// T-14: 32 clients exhaust 50 caps at once, some one by one and some in groups:
// not one unit too many, not one refused in vain.
func TestCapsUnderConcurrency(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		const clients, caps, limit, unit = 32, 50, 100, 30 // 3 fit, 10 are left over
		var accepted [caps]atomic.Int64
		var next atomic.Int64
		var wg sync.WaitGroup
		failed := make(chan error, clients)
		for c := range clients {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for {
					n := next.Add(1) - 1
					if n >= caps*6 {
						return
					}
					k := int(n % caps)
					take := func(amount int64) []Take {
						return []Take{{Cap: "hours", Period: "2024-06", Amount: amount, Max: limit},
							{Cap: "year", Period: "2024", Amount: amount, Max: 1000}}
					}
					person := fmt.Sprintf("p%02d", k)
					var refused error
					group := c%2 == 0
					err := d.Write(context.Background(), func(tx *db.Tx) error {
						refused = nil
						if !group {
							refused = TakeAll(tx, region, person, take(unit))
							return refused
						}
						// A group of two requests for the same accumulator, decided in order.
						errs, err := TakeMany(tx, region, []PersonTakes{{person, take(unit)}, {"other" + person, nil}})
						if err == nil {
							refused = errs[0]
						}
						return err
					})
					for try := 0; group && fault.Is(err, fault.Busy) && try < 50; try++ { // as the committer does: one by one
						err = d.Write(context.Background(), func(tx *db.Tx) error {
							refused = TakeAll(tx, region, person, take(unit))
							return refused
						})
					}
					switch {
					case err == nil && refused == nil:
						accepted[k].Add(1)
					case fault.Is(refused, fault.Conflict) && (err == nil || fault.Is(err, fault.Conflict)):
					default:
						failed <- err
						return
					}
				}
			}()
		}
		wg.Wait()
		close(failed)
		for err := range failed {
			t.Fatal(err)
		}
		must(t, d.Read(context.Background(), func(tx *db.Tx) error {
			for k := range caps {
				used, err := Used(tx, region, fmt.Sprintf("p%02d", k))
				must(t, err)
				if got := accepted[k].Load(); got != limit/unit || used["hours@2024-06"] != got*unit || used["year@2024"] != got*unit {
					t.Errorf("cap %d: accepted %d of %d, used %v", k, got, limit/unit, used)
				}
			}
			return nil
		}))
	})
}

func TestTakeManyDecidesInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		take := func(n int64) []Take { return []Take{{"hours", "2024-06", n, 100}} }
		must(t, write(t, d, func(tx *db.Tx) error {
			errs, err := TakeMany(tx, region, []PersonTakes{
				{"a", take(60)}, {"a", take(50)}, {"a", take(40)}, {"b", take(101)}, {"b", take(100)}, {"c", nil},
				{"a", []Take{{"other", "2024-06-03", 1, 5}, {"hours", "2024-06", 1, 100}}}, // one does not fit: neither is taken
			})
			must(t, err)
			for i, want := range []bool{true, false, true, false, true, true, false} {
				if (errs[i] == nil) != want {
					t.Errorf("request %d: %v", i, errs[i])
				}
			}
			all, err := UsedMany(tx, region, []string{"a", "b", "c"}, day.MustParse("2024-06-01"))
			must(t, err)
			if all["a"]["hours@2024-06"] != 100 || all["b"]["hours@2024-06"] != 100 || len(all["a"]) != 1 {
				t.Errorf("used %v", all)
			}
			return nil
		}))
		// Giving back makes room, once.
		must(t, write(t, d, func(tx *db.Tx) error { return Give(tx, region, "a", take(40)) }))
		must(t, write(t, d, func(tx *db.Tx) error { return TakeAll(tx, region, "a", take(40)) }))
		if err := write(t, d, func(tx *db.Tx) error { return TakeAll(tx, region, "a", take(1)) }); !fault.Is(err, fault.Conflict) {
			t.Errorf("over the cap: %v", err)
		}
		if err := write(t, d, func(tx *db.Tx) error { return Give(tx, region, "a", take(101)) }); err == nil || fault.As(err).Kind != fault.Internal {
			t.Errorf("gave back more than was taken: %v", err)
		}
		// The database itself refuses what no code may do.
		if err := write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE benefit_used SET used = max + 1 WHERE region = $1`, region)
			return err
		}); err == nil {
			t.Error("CHECK did not hold")
		}
		// What has run out is not read any more.
		must(t, d.Read(context.Background(), func(tx *db.Tx) error {
			used, err := UsedSince(tx, region, "a", day.MustParse("2024-07-01"))
			if len(used) != 0 {
				t.Errorf("June is over: %v", used)
			}
			return err
		}))
	})
}

func TestGrantChooseEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		on := day.MustParse("2024-06-03")
		v := viewOf(t, "2024-06-03")
		grant := func(person string, level int64, decided string) (b Benefit) {
			must(t, write(t, d, func(tx *db.Tx) (err error) {
				b, err = Grant(tx, GrantInput{Region: region, Person: person, Level: level, Case: "SL1", Decision: "d1",
					Decided: day.MustParse(decided), To: day.MustParse("2026-05-31"), View: v})
				return err
			}))
			return b
		}
		first := grant("p", 3, "2024-05-20")
		if first.From != day.MustParse("2024-06-01") { // next_month_first
			t.Fatalf("starts %s", first.From)
		}
		second := grant("p", 5, "2024-08-10")
		read := func(fn func(tx *db.Tx) error) { t.Helper(); must(t, d.Read(context.Background(), fn)) }
		read(func(tx *db.Tx) error {
			for _, tc := range []struct {
				on    string
				level int64
			}{{"2024-05-31", -1}, {"2024-06-01", 3}, {"2024-08-31", 3}, {"2024-09-01", 5}, {"2026-05-31", 5}, {"2026-06-01", -1}} {
				b, err := On(tx, region, "p", day.MustParse(tc.on))
				if tc.level < 0 && !fault.Is(err, fault.NotFound) || tc.level >= 0 && (err != nil || b.Level != tc.level) {
					t.Errorf("%s: %+v %v", tc.on, b, err)
				}
			}
			return nil
		})
		choose := func(from string, institution string, modes ...string) error {
			return write(t, d, func(tx *db.Tx) error {
				_, err := ChooseMode(tx, ChooseInput{Region: region, Person: "p", Modes: modes, Institution: institution, From: day.MustParse(from), By: "acc", View: v})
				return err
			})
		}
		must(t, choose("2024-06-03", "i1", "home"))
		must(t, choose("2024-06-10", "i2", "home")) // another institution is no change
		must(t, choose("2024-07-01", "", "family"))
		must(t, choose("2024-08-01", "i1", "home", "family"))
		if err := choose("2024-09-01", "i1", "institution"); !fault.Is(err, fault.Refused) || fault.As(err).Clause == nil {
			t.Errorf("third change of the year: %v", err)
		}
		must(t, choose("2025-01-01", "i1", "institution"))
		if err := choose("2025-02-01", "i1", "family", "institution"); !fault.Is(err, fault.Refused) {
			t.Errorf("a combination that the region does not allow: %v", err)
		}
		if err := choose("2024-12-01", "i1", "home"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a choice before the last one: %v", err)
		}
		read(func(tx *db.Tx) error {
			c, err := ModeOn(tx, region, "p", day.MustParse("2024-08-15"))
			must(t, err)
			if fmt.Sprint(c.Modes) != "[home family]" || c.Benefit != first.ID || c.Decision == "" {
				t.Errorf("mode %+v", c)
			}
			all, err := ChoicesMany(tx, region, []string{"p"})
			if len(all["p"]) != 5 {
				t.Errorf("%d choices", len(all["p"]))
			}
			return err
		})
		must(t, write(t, d, func(tx *db.Tx) error {
			stay := func(from, to string) Suspended {
				p := Suspended{Person: "p", Pause: Pause{From: day.MustParse(from), Reason: "hospital"}}
				if to != "" {
					p.To = day.MustParse(to)
				}
				return p
			}
			breach := stay("2024-06-03", "2024-12-02")
			breach.Reason = "breach"
			must(t, Suspend(tx, region, []Suspended{stay("2024-06-03", ""), breach, stay("2024-06-29", "2024-07-02")}))
			must(t, Suspend(tx, region, []Suspended{stay("2024-06-03", "2024-06-05")}))
			all, err := Pauses(tx, region, "p", on, on)
			if len(all) != 2 {
				t.Errorf("a stay and a breach from the same day: %+v", all)
			}
			must(t, err)
			return Resume(tx, region, "p", on, "breach")
		}))
		if err := write(t, d, func(tx *db.Tx) error { return Suspend(tx, region, []Suspended{{Person: "p", Pause: Pause{From: on}}}) }); err == nil {
			t.Error("a pause without a reason")
		}
		read(func(tx *db.Tx) error {
			days, err := HospitalDays(tx, region, "p", day.MustParse("2024-06-01"), day.MustParse("2024-06-30"))
			if fmt.Sprint(days) != "[2024-06-03 2024-06-04 2024-06-05 2024-06-29 2024-06-30]" {
				t.Errorf("hospital days %v", days)
			}
			return err
		})
		must(t, write(t, d, func(tx *db.Tx) error { return End(tx, region, "p", day.MustParse("2025-03-31"), "身故") }))
		read(func(tx *db.Tx) error {
			b, err := Get(tx, region, second.ID)
			if b.To != day.MustParse("2025-03-31") || b.EndedBy != "身故" || b.Version != 2 {
				t.Errorf("ended %+v", b)
			}
			return err
		})
	})
}

// A stored decision of a choice replays.
func TestChoiceIsDecided(t *testing.T) {
	t.Parallel()
	v := viewOf(t, "2024-06-03")
	_, dec, err := Change.Decide(v, ChangeIn{Modes: []string{"home"}, Before: []string{"family"}, Changes: 2, On: day.MustParse("2024-06-03")})
	if !fault.Is(err, fault.Refused) {
		t.Fatal(err)
	}
	in, out, explain, err := dec.Texts()
	must(t, err)
	if r, err := policy.Replay(dec.Bundle(), region, "benefit.change", dec.On, in, out, explain); !r.Same {
		t.Errorf("replay differs: %v", err)
	}
}

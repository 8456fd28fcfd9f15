package desk

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

const region = "990100"

var clerk = audit.Actor{ID: "c1", Name: "刘晓", Role: "clerk", Region: region}

// cal2024 holds 2024 with the Dragon Boat holiday on Monday 10 June.
var cal2024 = &day.Calendar{Years: map[int]bool{2024: true},
	Holidays: map[day.Day]bool{day.MustParse("2024-06-10"): true}}

func write(t *testing.T, d *db.DB, fn func(*db.Tx) error) error {
	t.Helper()
	l := &audit.Log{DB: d}
	return audit.Run(context.Background(), l, clerk, audit.Act{Region: region, Verb: "desk.test", Object: "x"}, fn)
}

func open(t *testing.T, d *db.DB, n NewCase) Case {
	t.Helper()
	if n.Region == "" {
		n.Region = region
	}
	if n.Matter == "" {
		n.Matter = "assess"
	}
	if n.Stage == "" {
		n.Stage = "accept"
	}
	if n.Channel == "" {
		n.Channel = Window
	}
	if n.Person == "" {
		n.Person = "p1"
	}
	n.Calendar, n.By = cal2024, clerk
	var c Case
	if err := write(t, d, func(tx *db.Tx) (err error) { c, err = Open(tx, n); return err }); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNumberFindsWrongAndSwappedCharacters(t *testing.T) {
	t.Parallel()
	swaps, missed := 0, 0
	for seq := int64(1); seq < 99999; seq += 97 {
		n, err := Number(day.MustParse("2024-06-03"), seq)
		if err != nil || len(n) != 14 {
			t.Fatal(n, err)
		}
		if got, err := CleanNumber(" " + strings.ToLower(n[:6]) + "-" + n[6:]); err != nil || got != n {
			t.Fatalf("%q: %v", got, err)
		}
		for i := 2; i < 14; i++ {
			for _, r := range checkAlphabet {
				if bad := n[:i] + string(r) + n[i+1:]; bad != n {
					if _, err := CleanNumber(bad); !fault.Is(err, fault.Invalid) {
						t.Fatalf("%s taken for %s", bad, n)
					}
				}
			}
			if i < 13 && n[i] != n[i+1] {
				swaps++
				if _, err := CleanNumber(n[:i] + string(n[i+1]) + string(n[i]) + n[i+2:]); err == nil {
					missed++
				}
			}
		}
	}
	if missed*100 > swaps*2 {
		t.Fatalf("%d of %d swaps not found", missed, swaps)
	}
	if _, err := Number(day.MustParse("2024-06-03"), 100000); !fault.Is(err, fault.Busy) {
		t.Fatal("the 100,000th case of a day got a number")
	}
}

func TestClockCountsWorkdaysAndRefusesUnknownYears(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		c.Set(time.Date(2024, 6, 5, 2, 0, 0, 0, time.UTC)) // Wednesday
		k := open(t, d, NewCase{DueWorkdays: 5})
		// Thu 6, Fri 7, [Sat, Sun, Mon holiday], Tue 11, Wed 12, Thu 13.
		if k.Due.String() != "2024-06-13" {
			t.Fatalf("due %s, want 2024-06-13", k.Due)
		}
		for on, want := range map[string]string{"2024-06-05": "剩 5 天", "2024-06-08": "剩 3 天", "2024-06-13": "今天到期", "2024-06-14": "过了 1 个工作日", "2024-06-15": "过了 1 个工作日"} {
			got, err := k.Clock(cal2024, day.MustParse(on))
			if err != nil || got.Say != want {
				t.Errorf("on %s: %q %v, want %q", on, got.Say, err, want)
			}
		}
		c.Set(time.Date(2024, 12, 30, 2, 0, 0, 0, time.UTC))
		k = open(t, d, NewCase{DueWorkdays: 5})
		_, err := k.Clock(cal2024, day.MustParse("2024-12-30"))
		if !k.Due.IsZero() || !fault.Is(err, fault.Refused) || !strings.Contains(fault.As(err).Say, "2025 年还没有") {
			t.Fatalf("limit into 2025: due %s, %v", k.Due, err)
		}
		cal := &day.Calendar{Years: map[int]bool{2024: true, 2025: true}, Holidays: map[day.Day]bool{day.MustParse("2025-01-01"): true}}
		if got, err := k.Clock(cal, day.MustParse("2024-12-30")); err != nil || got.Left != 5 {
			t.Fatalf("with the calendar of 2025: %+v %v", got, err)
		}
	})
}

func TestAdvanceTellsStalePagesWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		k := open(t, d, NewCase{DueWorkdays: 5})
		other := audit.Actor{ID: "c2", Name: "张敏"}
		move := func(by audit.Actor, version int64, to string) error {
			return write(t, d, func(tx *db.Tx) error {
				_, err := Advance(tx, region, k.ID, Move{Stage: to, Action: to, Note: "已受理", By: by, Version: version})
				return err
			})
		}
		if err := move(other, k.Version, "draw"); err != nil {
			t.Fatal(err)
		}
		err := move(clerk, k.Version, "refuse")
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("stale page: %v", err)
		}
		for _, want := range []string{"张敏", "6月3日 09:00", "已受理"} {
			if !strings.Contains(fault.As(err).Say, want) {
				t.Errorf("%q does not say %q", fault.As(err).Say, want)
			}
		}
		d.Read(context.Background(), func(tx *db.Tx) error {
			got, err := Get(tx, region, k.ID)
			if err != nil || got.Stage != "draw" || got.Version != 2 {
				t.Errorf("after the stale try: %+v %v", got, err)
			}
			steps, err := Steps(tx, region, k.ID)
			if err != nil || len(steps) != 2 || steps[0].Say != "收到申请" || steps[1].ActorName != "张敏" {
				t.Errorf("steps %+v %v", steps, err)
			}
			return nil
		})
	})
}

func TestHoldTellsWhoHasACaseOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := &Service{Log: &audit.Log{DB: d}}
		me, other := audit.Actor{ID: "c1", Name: "刘晓", Region: region}, audit.Actor{ID: "c2", Name: "张敏", Region: region}
		take := func(by audit.Actor, object string) Holder {
			h, err := s.Take(t.Context(), by, "assess", object)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		if h := take(me, "a"); h.Other(me.ID) != "" {
			t.Fatalf("mine is another's: %+v", h)
		}
		if h := take(other, "a"); h.Other(other.ID) != "刘晓" {
			t.Fatalf("the second does not see the first: %+v", h)
		}
		take(me, "b") // walking on frees what was open
		if h := take(other, "a"); h.Account != other.ID {
			t.Fatalf("still held: %+v", h)
		}
		if h := take(other, "b"); h.Other(other.ID) != "刘晓" {
			t.Fatalf("b: %+v", h)
		}
		c.Add(HoldFor + time.Second)
		if h := take(other, "b"); h.Account != other.ID {
			t.Fatalf("after %v: %+v", HoldFor, h)
		}
	})
}

func TestNumbersAreGaplessUnderConcurrency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		const n = 24
		ids := make(chan string, n)
		for range n {
			go func() {
				var k Case
				err := (&audit.Log{DB: d}).DB.Write(context.Background(), func(tx *db.Tx) (err error) {
					k, err = Open(tx, NewCase{Region: region, Matter: "assess", Stage: "accept", Channel: Online, Person: "p", By: clerk})
					return err
				})
				if err != nil {
					t.Error(err)
				}
				ids <- k.ID
			}()
		}
		seen := map[string]bool{}
		for range n {
			seen[<-ids] = true
		}
		for seq := int64(1); seq <= n; seq++ {
			want, _ := Number(day.MustParse("2024-06-03"), seq)
			if !seen[want] {
				t.Errorf("number %s missing", want)
			}
		}
	})
}

var jpeg = append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte("x"), 5000)...)

func TestEvidenceIsHashedOnTheWayInAndOut(t *testing.T) {
	d, c := dbtest.SQLite(t)
	k := open(t, d, NewCase{})
	f := &Files{Dir: t.TempDir(), Max: 1 << 20}
	s, err := f.Save(region, `C:\照片\诊断<1>.jpg`, bytes.NewReader(jpeg), c.Now())
	if err != nil || s.Mime != "image/jpeg" || s.Size != int64(len(jpeg)) || s.Name != "诊断1.jpg" {
		t.Fatalf("%+v %v", s, err)
	}
	var doc Document
	if err := write(t, d, func(tx *db.Tx) (err error) {
		doc, err = Attach(tx, region, k.ID, "diagnosis", s, clerk)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(doc)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	path := f.path(region, doc.ID)
	changed := bytes.Clone(jpeg)
	changed[4000] ^= 1
	os.WriteFile(path, changed, 0o600)
	if _, err := f.Open(doc); err == nil || !strings.Contains(fault.As(err).Say, "被改动过") {
		t.Fatalf("a changed file was opened: %v", err)
	}
	os.Remove(path)
	if _, err := f.Open(doc); err == nil || !strings.Contains(fault.As(err).Say, "备份") {
		t.Fatalf("a missing file: %v", err)
	}
	for name, body := range map[string][]byte{"empty": {}, "program": []byte("MZ\x90\x00rest"), "page": []byte("<html><script>"),
		"too large": append([]byte("%PDF-"), make([]byte, 1<<20)...)} {
		if _, err := f.Save(region, "x.jpg", bytes.NewReader(body), c.Now()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want a sentence at the field", name, err)
		}
	}
	left, _ := filepath.Glob(filepath.Join(f.Dir, region, "*", "*"))
	if len(left) != 0 {
		t.Errorf("refused files stayed on disk: %v", left)
	}
}

func TestDraftLastsSixtyDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		type answers struct{ Who string }
		save := func(who string) {
			if err := write(t, d, func(tx *db.Tx) error { return SaveDraft(tx, region, "a1", "assess", answers{who}) }); err != nil {
				t.Fatal(err)
			}
		}
		load := func() (a answers, ok bool) {
			d.Read(context.Background(), func(tx *db.Tx) (err error) {
				_, ok, err = LoadDraft(tx, region, "a1", "assess", &a)
				return err
			})
			return a, ok
		}
		purge := func() { write(t, d, func(tx *db.Tx) error { _, err := PurgeDrafts(tx, region); return err }) }
		save("mother")
		save("father")
		c.Add(59 * 24 * time.Hour)
		purge()
		if a, ok := load(); !ok || a.Who != "father" {
			t.Fatalf("after 59 days: %v %v", a, ok)
		}
		c.Add(2 * 24 * time.Hour)
		purge()
		if _, ok := load(); ok {
			t.Fatal("still there after 61 days")
		}
	})
}

func TestWorklistPagesEveryCaseOnceInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		want := map[string]bool{}
		err := write(t, d, func(tx *db.Tx) error {
			for i := range 100 {
				n := NewCase{Region: region, Matter: "assess", Stage: "accept", Channel: Channels[i%3], Person: fmt.Sprint("p", i), Calendar: cal2024, By: clerk,
					District: fmt.Sprint("d", i%4), Rank: int64(9 - i%2*4), DueWorkdays: int64(1 + i%5), Missing: int64(i % 2)}
				if n.Rank == 5 {
					n.Priority = "特困"
				}
				k, err := Open(tx, n)
				if err != nil {
					return err
				}
				want[k.ID] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &Service{Log: &audit.Log{DB: d}}
		for _, sort := range []string{SortUrgent, SortDue, SortNew} {
			seen := map[string]bool{}
			var prev *Case
			f := Filter{Region: region, Matter: "assess", Stage: "accept", Sort: sort, Size: 7}
			for pages := 0; ; pages++ {
				p, err := s.Worklist(context.Background(), f)
				if err != nil || p.Total != 100 {
					t.Fatalf("%s: total %d %v", sort, p.Total, err)
				}
				for _, k := range p.Cases {
					if seen[k.ID] {
						t.Fatalf("%s: %s twice", sort, k.ID)
					}
					seen[k.ID] = true
					if prev != nil {
						ok := map[string]bool{SortUrgent: prev.Rank < k.Rank || prev.Rank == k.Rank && prev.Due <= k.Due,
							SortDue: prev.Due <= k.Due, SortNew: prev.ID > k.ID}[sort]
						if !ok {
							t.Fatalf("%s: %+v before %+v", sort, prev, k)
						}
					}
					prev = &k
				}
				if f.After = p.Next; p.Next == "" {
					break
				}
			}
			if len(seen) != len(want) {
				t.Fatalf("%s: saw %d of %d", sort, len(seen), len(want))
			}
		}
		p, err := s.Worklist(context.Background(), Filter{Region: region, Matter: "assess", Stage: "accept", District: "d1", Channel: Online, Material: "missing", Priority: true})
		if err != nil || p.Total == 0 || p.Total != len(p.Cases) {
			t.Fatalf("filtered: %d %d %v", p.Total, len(p.Cases), err)
		}
		for _, k := range p.Cases {
			if k.District != "d1" || k.Channel != Online || k.Missing == 0 || k.Priority == "" {
				t.Errorf("not in the filter: %+v", k)
			}
		}
		all, due, err := s.Counts(context.Background(), region, "assess", []string{"accept", "draw"})
		if err != nil || all["accept"] != 100 || all["draw"] != 0 || due["accept"] != 0 {
			t.Errorf("counts %v %v %v", all, due, err)
		}
		if p, _ := s.Worklist(context.Background(), Filter{Region: "990200", Matter: "assess", Stage: "accept"}); len(p.Cases) != 0 {
			t.Error("another region sees the cases")
		}
	})
}

package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

func fill(t testing.TB, d *db.DB, region string, lane int64, n int) {
	t.Helper()
	for n > 0 {
		k := min(n, 1000)
		events := make([]Event, k)
		for i := range events {
			events[i] = Event{Actor: fmt.Sprint("a", i), Role: "clerk", Region: region, Verb: "case.accept", Object: fmt.Sprint("c", i), Result: "done"}
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error { return Append(tx, lane, events) }); err != nil {
			t.Fatal(err)
		}
		n -= k
	}
}

// Every single fault in the record of 60 lines is found, and named to the line.
func TestVerifyNamesTheLine(t *testing.T) {
	const region = "320700"
	ev := `UPDATE audit_event SET `
	at := ` WHERE region = '320700' AND lane = 0 AND seq = `
	swap := []string{ev + `seq = -1` + at + `20`, ev + `seq = 20` + at + `40`, ev + `seq = 40` + at + `-1`}
	shift := []string{
		ev + `seq = -seq WHERE region = '320700' AND lane = 0 AND seq >= 30`,
		ev + `seq = 1 - seq WHERE region = '320700' AND lane = 0 AND seq < 0`,
		`INSERT INTO audit_event SELECT region, lane, 30, at, zone, actor, role, behalf, terminal, verb, object, result, detail, hash FROM audit_event` + at + `12`,
	}
	faults := map[string]struct {
		seq int64
		do  []string
	}{
		"nothing":     {0, nil},
		"delete":      {17, []string{`DELETE FROM audit_event` + at + `17`}},
		"delete 1st":  {1, []string{`DELETE FROM audit_event` + at + `1`}},
		"cut tail":    {60, []string{`DELETE FROM audit_event` + at + `60`}},
		"swap":        {20, swap},
		"insert":      {30, shift},
		"append":      {61, []string{`INSERT INTO audit_event SELECT region, lane, 61, at, zone, actor, role, behalf, terminal, verb, object, result, detail, hash FROM audit_event` + at + `60`}},
		"drop head":   {1, []string{`DELETE FROM audit_head WHERE region = '320700' AND lane = 0`}},
		"whole chain": {1, []string{`DELETE FROM audit_event WHERE region = '320700' AND lane = 0`}},
	}
	for _, col := range strings.Fields("zone actor role behalf terminal verb object result detail hash") {
		faults["edit "+col] = struct {
			seq int64
			do  []string
		}{33, []string{ev + col + ` = ` + col + ` || 'x'` + at + `33`}}
	}
	faults["edit at"] = struct {
		seq int64
		do  []string
	}{33, []string{ev + `at = at + 1` + at + `33`}}
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := context.Background()
		l := &Log{DB: d}
		fill(t, d, region, 0, 60)
		fill(t, d, region, 1, 7)
		reset := func() { // each fault starts from the same record
			for _, q := range []string{`DELETE FROM audit_event`, `INSERT INTO audit_event SELECT region, lane, seq, at, zone, actor, role, behalf, terminal, verb, object, result, detail, hash FROM keep_event`,
				`DELETE FROM audit_head`, `INSERT INTO audit_head SELECT region, lane, seq, hash, at FROM keep_head`} {
				if _, err := d.Raw().Exec(q); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, q := range []string{`CREATE TABLE keep_event AS SELECT * FROM audit_event`, `CREATE TABLE keep_head AS SELECT * FROM audit_head`} {
			if _, err := d.Raw().Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		for name, f := range faults {
			reset()
			for _, q := range f.do {
				if _, err := d.Raw().Exec(q); err != nil {
					t.Fatalf("%s: %v [%s]", name, err, q)
				}
			}
			rep, err := Verify(ctx, l, region, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch {
			case f.seq == 0 && (len(rep.Damage) > 0 || rep.Rows != 67):
				t.Errorf("untouched: %+v", rep)
			case f.seq > 0 && (len(rep.Damage) != 1 || rep.Damage[0].Seq != f.seq || rep.Damage[0].Lane != 0):
				t.Errorf("%s: got %+v, want line %d", name, rep.Damage, f.seq)
			}
		}
	})
}

func TestCheckpointsFindCutAndRewrite(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	ctx := context.Background()
	l := &Log{DB: d}
	dir := t.TempDir()
	file, key := filepath.Join(dir, "checkpoints"), filepath.Join(dir, "keys", "sign.pem")
	regions := func() []string { return []string{"320700"} }
	keeper := func() *Keeper {
		k, err := NewKeeper(l, file, key, regions)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := keeper()
	for i := range 5 {
		fill(t, d, "320700", 0, 10)
		if i == 3 {
			k = keeper() // a restart goes on where the file ends
		}
		if err := k.Keep(ctx, 1); err != nil {
			t.Fatal(err)
		}
		if err := k.Keep(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	marks, err := Checkpoints(file, key)
	if err != nil || len(marks) != 5 {
		t.Fatalf("%d checkpoints, %v", len(marks), err)
	}
	verify := func(seq, to int64) {
		t.Helper()
		rep, err := Verify(ctx, l, "320700", marks)
		if err != nil {
			t.Fatal(err)
		}
		if seq == 0 && len(rep.Damage) == 0 && rep.Checkpoints == 5 {
			return
		}
		if len(rep.Damage) != 1 || rep.Damage[0].Seq != seq || rep.Damage[0].To != to {
			t.Errorf("%+v, want %d to %d", rep.Damage, seq, to)
		}
	}
	verify(0, 0)
	exec := func(q string, args ...any) {
		t.Helper()
		if _, err := d.Raw().Exec(q, args...); err != nil {
			t.Fatal(err)
		}
	}
	// Somebody with the whole database rewrites line 25 and every hash after it.
	exec(`UPDATE audit_event SET actor = 'nobody' WHERE seq = 25`)
	err = d.Write(ctx, func(tx *db.Tx) error {
		prev := ""
		lines, err := db.All(tx, func(r db.Row) (l line, err error) {
			return l, r.Scan(&l.seq, &l.at, &l.zone, &l.Actor, &l.Role, &l.Behalf, &l.Terminal, &l.Verb, &l.Object, &l.Result, &l.Detail, &l.hash)
		}, walk, "320700", 0, 0, 100)
		if err != nil {
			return err
		}
		for _, l := range lines {
			l.Region = "320700"
			prev = l.Event.hash(prev, 0, l.seq, l.at)
			if _, err := tx.Exec(`UPDATE audit_event SET hash = $2 WHERE region = $1 AND lane = 0 AND seq = $3`, "320700", prev, l.seq); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`UPDATE audit_head SET hash = $2 WHERE region = $1 AND lane = 0`, "320700", prev)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	verify(21, 30)
	// … and, on another day, cuts the end off, head included.
	exec(`DELETE FROM audit_event WHERE seq > 8`)
	exec(`UPDATE audit_head SET seq = 8, hash = (SELECT hash FROM audit_event WHERE seq = 8)`)
	rep, err := Verify(ctx, l, "320700", marks)
	if err != nil || len(rep.Damage) != 1 || rep.Damage[0].Seq != 9 {
		t.Errorf("cut: %+v, %v", rep.Damage, err)
	}
	// The file itself cannot be edited, shortened in the middle or signed anew.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for name, bad := range map[string]string{
		"edit":  strings.Replace(string(text), `"seq":30`, `"seq":31`, 1),
		"drop":  lines[0] + strings.Join(lines[2:], ""),
		"order": lines[1] + lines[0] + strings.Join(lines[2:], ""),
	} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Checkpoints(file, key); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	// A line cut short by a crash is dropped and the next one continues the chain.
	if err := os.WriteFile(file, append(text, `{"region":"3207`...), 0o600); err != nil {
		t.Fatal(err)
	}
	fill(t, d, "320700", 3, 1)
	k = keeper()
	if err := k.Keep(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if marks, err := Checkpoints(file, key); err != nil || len(marks) != 6 {
		t.Errorf("after a crash: %d, %v", len(marks), err)
	}
}

// T-41: a clock that goes back leaves an event, and numbers go on.
func TestT41BackwardStepIsRecorded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		fill(t, d, "320700", 0, 1)
		c.Add(-3600e9)
		fill(t, d, "320700", 0, 1)
		c.Add(5e9)
		fill(t, d, "320700", 0, 1)
		rep, err := Verify(context.Background(), &Log{DB: d}, "320700", nil)
		if err != nil || len(rep.Damage) != 0 || rep.Rows != 4 {
			t.Fatalf("%+v, %v", rep, err)
		}
		if n := number(t, d, `SELECT seq FROM audit_event WHERE verb = 'clock.back'`); n != 2 {
			t.Errorf("clock.back at line %d, want 2", n)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	d, _ := dbtest.SQLite(b)
	fill(b, d, "320700", 0, 100_000)
	for b.Loop() {
		if rep, err := Verify(context.Background(), &Log{DB: d}, "320700", nil); err != nil || len(rep.Damage) > 0 {
			b.Fatal(rep, err)
		}
	}
}

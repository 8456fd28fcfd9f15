package strength

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/db"
)

// T-23: 200 random single faults on copies of a record of 100,000 lines; every
// one is found and named to the line. (fund has the same test for the ledger.)
func TestT23Tampering(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	const rows = 100_000
	faults := 200
	if n, err := strconv.Atoi(os.Getenv("YINLING_FAULTS")); err == nil {
		faults = n
	}
	ctx := context.Background()
	dir := t.TempDir()
	base := filepath.Join(dir, "base.db")
	d, err := db.Open(ctx, base, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < rows; at += 5000 {
		events := make([]audit.Event, 5000)
		for i := range events {
			events[i] = audit.Event{Actor: fmt.Sprint("a", i%97), Role: "clerk", Behalf: "p", Terminal: "t", Region: "320700", Verb: "case.accept",
				Object: fmt.Sprint("c", at+i), Result: "done", Detail: `{"x":1}`}
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return audit.Append(tx, 0, events) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Raw().Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	d.Close()
	rnd := rand.New(rand.NewPCG(23, 2024))
	columns := strings.Fields("at zone actor role behalf terminal verb object result detail hash")
	for n := range faults {
		work := filepath.Join(dir, "work.db")
		copyFile(t, base, work)
		k := 1 + rnd.IntN(rows-1)
		want, name, do := fault(rnd, n, k, rows, columns)
		raw, err := sql.Open("sqlite", work)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range do {
			if _, err := raw.Exec(q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
		raw.Close()
		d, err := db.Open(ctx, work, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rep, err := audit.Verify(ctx, &audit.Log{DB: d}, "320700", nil)
		d.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Damage) != 1 || rep.Damage[0].Seq != want {
			t.Errorf("fault %d, %s at %d: %+v, want line %d", n, name, k, rep.Damage, want)
		}
		for _, ext := range []string{"", "-wal", "-shm"} {
			os.Remove(work + ext)
		}
	}
}

// fault makes the n-th fault at line k and tells which line must be named.
func fault(rnd *rand.Rand, n, k, rows int, columns []string) (want int64, name string, do []string) {
	at := func(i int) string { return fmt.Sprintf(" WHERE region = '320700' AND lane = 0 AND seq = %d", i) }
	set := func(from, to int) string { return fmt.Sprintf("UPDATE audit_event SET seq = %d", to) + at(from) }
	all := "region, lane, seq, at, zone, actor, role, behalf, terminal, verb, object, result, detail, hash"
	switch n % 5 {
	case 0, 1:
		col := columns[rnd.IntN(len(columns))]
		if col == "at" {
			return int64(k), "edit at", []string{"UPDATE audit_event SET at = at + 1" + at(k)}
		}
		return int64(k), "edit " + col, []string{"UPDATE audit_event SET " + col + " = " + col + " || '1'" + at(k)}
	case 2:
		return int64(k), "delete", []string{"DELETE FROM audit_event" + at(k)}
	case 3:
		m := 1 + rnd.IntN(rows)
		for m == k {
			m = 1 + rnd.IntN(rows)
		}
		return int64(min(k, m)), "swap", []string{set(k, -1), set(m, k), set(-1, m)}
	default: // a line of another place put in between, the rest moved up
		from := k/2 + rows/3
		if from == k {
			from++
		}
		return int64(k), "insert", []string{
			"CREATE TEMP TABLE x AS SELECT * FROM audit_event" + at(from),
			fmt.Sprintf("UPDATE audit_event SET seq = -seq WHERE seq >= %d", k),
			"UPDATE audit_event SET seq = 1 - seq WHERE seq < 0",
			fmt.Sprintf("UPDATE x SET seq = %d", k),
			"INSERT INTO audit_event (" + all + ") SELECT " + all + " FROM x",
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	r, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

package backup

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/seal"
)

func fresh(t *testing.T, engine string) *db.DB {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "new", "x.db")
	if engine == "postgres" {
		url = dbtest.PostgresURL(t)
	}
	d, err := db.Open(context.Background(), url, db.Options{AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// content is every row of every table in words.
func content(t *testing.T, d *db.DB) string {
	t.Helper()
	var b strings.Builder
	err := d.Read(context.Background(), func(tx *db.Tx) error {
		tables, err := tx.Tables()
		if err != nil {
			return err
		}
		for _, table := range tables {
			if table.Name == "access_session" {
				continue
			}
			if err := tx.Each(table, func(row []any) error { _, err := fmt.Fprintf(&b, "%s %#v\n", table.Name, row); return err }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// T-38, small: what one engine wrote comes out of the other, to the letter.
func TestT38BackupRestoresOnEitherEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := context.Background()
		dir := t.TempDir()
		keys, err := seal.Create(filepath.Join(dir, "key"))
		if err != nil {
			t.Fatal(err)
		}
		l := &audit.Log{DB: d}
		for i := range 5000 {
			if i%50 != 0 && i > 200 {
				continue
			}
			act := audit.Act{Region: "320700", Verb: "test.do", Object: "𠮷'\"\n\u2028" + fmt.Sprint(i), Key: fmt.Sprint(i), Body: i, Detail: map[string]int64{"big": 1<<62 + int64(i)}}
			if err := audit.Run(ctx, l, audit.System("320700"), act, func(tx *db.Tx) error {
				_, err := tx.Exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf) VALUES ('320700',$1,'a','c',0,0,'')`, fmt.Sprint(i))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		files := filepath.Join(dir, "files")
		os.MkdirAll(filepath.Join(files, "320700", "ab"), 0o700)
		big := make([]byte, 3<<20+17)
		rand.NewChaCha8([32]byte{}).Read(big)
		for name, b := range map[string][]byte{"320700/ab/one": big, "320700/ab/empty": nil, "材料 🎞": []byte("{\"end\":1}\n")} {
			if err := os.WriteFile(filepath.Join(files, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(dir, "b.yinling")
		wrote, err := Write(ctx, d, keys, files, file)
		if err != nil {
			t.Fatal(err)
		}
		if wrote.Files != 3 || wrote.Table["audit_event"] != 296 {
			t.Errorf("wrote %+v", wrote)
		}
		if _, err := Write(ctx, d, keys, files, file); !fault.Is(err, fault.Invalid) {
			t.Errorf("overwrote: %v", err)
		}
		raw, _ := os.ReadFile(file)
		if bytes.Contains(raw, []byte("test.do")) || bytes.Contains(raw, []byte("audit_event")) {
			t.Error("the backup can be read without the key")
		}
		want := content(t, d)
		for _, engine := range []string{"sqlite", "postgres"} {
			if engine == "postgres" && os.Getenv("YINLING_TEST_PG") == "" {
				continue
			}
			to, out := fresh(t, engine), filepath.Join(t.TempDir(), "files")
			got, err := Restore(ctx, to, keys, out, file)
			if err != nil {
				t.Fatalf("to %s: %v", engine, err)
			}
			if content(t, to) != want {
				t.Errorf("to %s: rows differ", engine)
			}
			if b, err := os.ReadFile(filepath.Join(out, "320700/ab/one")); err != nil || !bytes.Equal(b, big) {
				t.Errorf("file: %v", err)
			}
			if got.Rows != wrote.Rows {
				t.Errorf("rows %d, want %d", got.Rows, wrote.Rows)
			}
			if rep, err := audit.Verify(ctx, &audit.Log{DB: to}, "320700", nil); err != nil || len(rep.Damage) > 0 || rep.Rows != 296 {
				t.Errorf("verify: %+v, %v", rep, err)
			}
			if _, err := Restore(ctx, to, keys, out, file); !fault.Is(err, fault.Invalid) {
				t.Errorf("restored over data: %v", err)
			}
		}
	})
}

// T-39: a damaged backup is refused by name before the target is touched.
func TestT39DamagedBackupRefused(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	ctx := context.Background()
	dir := t.TempDir()
	keys, _ := seal.Create(filepath.Join(dir, "key"))
	other, _ := seal.Create(filepath.Join(dir, "key2"))
	for i := range 300 {
		audit.Run(ctx, &audit.Log{DB: d}, audit.System("320700"), audit.Act{Region: "320700", Verb: "test.do", Object: fmt.Sprint(i)}, func(*db.Tx) error { return nil })
	}
	file := filepath.Join(dir, "b.yinling")
	if _, err := Write(ctx, d, keys, "", file); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{"empty": nil, "text": []byte("hello\n"), "more": append(bytes.Clone(good), 0), "no end": good[:len(good)-1], "half": good[:len(good)/2]}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		b := bytes.Clone(good)
		at := rnd.IntN(len(b))
		b[at] ^= 1 << rnd.IntN(8)
		bad[fmt.Sprint("bit ", i, " at ", at)] = b
	}
	target := filepath.Join(dir, "damaged")
	for name, b := range bad {
		if err := os.WriteFile(target, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Inspect(keys, target); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	if _, err := Inspect(other, file); err == nil || !strings.Contains(err.Error(), "密钥不对") {
		t.Errorf("other key: %v", err)
	}
	to := fresh(t, "sqlite")
	os.WriteFile(target, good[:len(good)-1], 0o600)
	if _, err := Restore(ctx, to, keys, "", target); err == nil {
		t.Error("restored a damaged file")
	}
	if v, err := to.Schema(ctx); err != nil || v != 0 {
		t.Errorf("the target was touched: schema %d, %v", v, err)
	}
}

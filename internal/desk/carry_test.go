package desk

import (
	"bytes"
	"context"
	"encoding/hex"
	"io/fs"
	"os"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// A file from another installation stands on the disk only while it is
// registered: with another digest it is refused, kept in the record, and gone.
func TestArriveFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx, dir := context.Background(), t.TempDir()
		s := &Service{Log: &audit.Log{DB: d}, Files: &Files{Dir: dir}}
		body := append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte("x"), 4000)...)
		sum := sm3.Sum(body)
		o := Origin{Region: "990801", Name: "示例市医疗保障局", Case: "L2026060300001"}
		onDisk := func() (n int) {
			t.Helper()
			if err := fs.WalkDir(os.DirFS(dir), ".", func(_ string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() {
					n++
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		send := func(digest string) error {
			return s.ArriveFile(ctx, "990700", o, "care.apply", Document{Kind: "diagnosis", Name: "诊断.jpg", SM3: digest}, bytes.NewReader(body))
		}
		if err := send(hex.EncodeToString(make([]byte, sm3.Size))); !fault.Is(err, fault.Refused) || onDisk() != 0 {
			t.Errorf("another digest: %v, %d files stay", err, onDisk())
		}
		for range 2 { // once, and once more: it is there once
			if err := send(hex.EncodeToString(sum[:])); err != nil || onDisk() != 1 {
				t.Errorf("the right digest: %v, %d files", err, onDisk())
			}
		}
		lines, err := audit.Lines(ctx, s.Log, "990700", audit.Query{Object: o.Case}, 10)
		if err != nil || len(lines) != 2 || lines[1].Result != string(fault.Refused) && lines[0].Result != string(fault.Refused) {
			t.Errorf("the record: %+v, %v", lines, err)
		}
	})
}

package share

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/person/sheet"
)

func (s *Service) folder() string {
	if s.Dir == "" {
		return filepath.Join(os.TempDir(), "yinling-share")
	}
	return s.Dir
}

func (s *Service) rejectsPath(id string) string {
	return filepath.Join(s.folder(), id+"-rejects.xlsx")
}

// finish writes the end of a batch, and gives back the error that ended it. A
// batch that was cut off stays without an end.
func (s *Service) finish(ctx context.Context, who audit.Actor, region, id string, rep *Report, failed error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	say, text := "", []byte("")
	var err error
	if failed != nil {
		if say = fault.As(failed).Say; fault.As(failed).Kind == fault.Internal {
			slog.Error("share: register", "batch", id, "err", failed)
		}
	} else if text, err = json.Marshal(rep); err != nil {
		return err
	}
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "share.end", Object: id}, func(tx *db.Tx) error {
		_, err := tx.Exec(endBatch, region, id, tx.Millis(), say, string(text))
		return err
	})
	return errors.Join(failed, err)
}

// Upload takes a register's file and imports it behind the page; the watch list
// is worked out again afterwards. A region imports one file at a time (Conflict).
func (s *Service) Upload(ctx context.Context, who audit.Actor, region, source string, asOf day.Day, name string, in io.Reader) (string, error) {
	if now, _ := s.uploads.Now(region); now != "" { // before a large file is kept
		return "", errBusy()
	}
	if err := os.MkdirAll(s.folder(), 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.folder(), "*.upload")
	if err != nil {
		return "", err
	}
	path := f.Name()
	_, err = io.Copy(f, in)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return "", err
	}
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100])
	}
	id, src, err := s.begin(ctx, who, region, source, name, "", asOf)
	if err == nil {
		err = s.start(ctx, who, region, id, src, path, asOf)
	}
	if err != nil {
		os.Remove(path)
		return "", err
	}
	return id, nil
}

func errBusy() error {
	return fault.New(fault.Conflict, "正在导入另一份名单，请等它导完再传。")
}

// start imports a file behind the page or the call that brought it; the file and
// the parts that it was made of are gone afterwards. Conflict: the region
// imports another one.
func (s *Service) start(ctx context.Context, who audit.Actor, region, id string, src Source, path string, asOf day.Day) error {
	ok, err := s.uploads.Start(ctx, region, id, func() error { return nil }, func(back context.Context, tell func(person.Progress)) {
		defer os.Remove(path)
		rep, err := s.run(back, who, region, id, src, path, asOf, ImportOptions{Rejects: s.rejectsPath(id), Progress: tell})
		err = s.finish(back, who, region, id, rep, err)
		if back.Err() == nil { // a list that was cut off keeps its parts
			os.RemoveAll(s.parts(id))
		}
		if err == nil {
			if err := s.Refresh(back, who, region); err != nil {
				slog.Error("share: watch list", "batch", id, "err", err)
			}
		}
	})
	if err == nil && !ok {
		err = errBusy()
	}
	return err
}

// Stop ends the imports that run behind pages; they can be uploaded again.
func (s *Service) Stop() { s.uploads.Stop() }

// Wait waits for the imports that run behind pages.
func (s *Service) Wait() { s.uploads.Wait() }

// Rejects opens the rejects of a batch (XLSX). The look is audited: the file
// holds full numbers.
func (s *Service) Rejects(ctx context.Context, who audit.Actor, region, id string) (*os.File, error) {
	if _, err := s.Batch(ctx, region, id); err != nil {
		return nil, err
	}
	f, err := os.Open(s.rejectsPath(id))
	if err != nil {
		return nil, fault.New(fault.NotFound, "这一批没有读不了的行，或者退回文件已经清理。")
	}
	if err = audit.Seen(ctx, s.Log, who, region, "share.rejects_read", id); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// rejects writes the rows that could not be taken, with row number and reason.
type rejects struct {
	*sheet.Rejects
	head *head
}

func (r *rejects) add(e *entry) error {
	if r.head != e.head {
		r.head = e.head
		if err := r.Row(append(append([]string{}, e.head.cells...), "行号", "原因")); err != nil {
			return err
		}
	}
	out := make([]string, len(e.head.cells), len(e.head.cells)+2)
	for i := range out {
		if i < len(e.row.Cells) {
			if out[i] = e.row.Cells[i]; e.head.csv {
				out[i] = sheet.Plain(out[i])
			}
		}
	}
	return r.Row(append(out, e.row.Where(), person.Why(e.problems)))
}

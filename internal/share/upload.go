package share

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/person/sheet"
)

// uploads are the imports that run behind pages in this process.
type uploads struct {
	mu      sync.Mutex
	running map[string]*running // by region: one at a time
	wg      sync.WaitGroup
}

type running struct {
	id   string
	at   person.Progress
	stop context.CancelFunc
}

func (u *uploads) get(region string) (id string, at person.Progress) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if r := u.running[region]; r != nil {
		return r.id, r.at
	}
	return "", person.Progress{}
}

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
	if now, _ := s.uploads.get(region); now != "" { // before a large file is kept
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
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	if s.uploads.running[region] != nil {
		return errBusy()
	}
	back, stop := context.WithCancel(context.WithoutCancel(ctx)) // the import outlives its request
	run := &running{id: id, stop: stop}
	if s.uploads.running == nil {
		s.uploads.running = map[string]*running{}
	}
	s.uploads.running[region] = run
	s.uploads.wg.Go(func() {
		defer stop()
		defer os.Remove(path)
		defer func() {
			s.uploads.mu.Lock()
			delete(s.uploads.running, region)
			s.uploads.mu.Unlock()
		}()
		rep, err := s.run(back, who, region, id, src, path, asOf, ImportOptions{Rejects: s.rejectsPath(id), Progress: func(p person.Progress) {
			s.uploads.mu.Lock()
			run.at = p
			s.uploads.mu.Unlock()
		}})
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
	return nil
}

// Stop ends the imports that run behind pages; they can be uploaded again.
func (s *Service) Stop() {
	s.uploads.mu.Lock()
	for _, r := range s.uploads.running {
		r.stop()
	}
	s.uploads.mu.Unlock()
	s.uploads.wg.Wait()
}

// Wait waits for the imports that run behind pages.
func (s *Service) Wait() { s.uploads.wg.Wait() }

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
	path string
	f    *os.File
	w    sheet.Writer
	head *head
}

func (r *rejects) add(e *entry) error {
	if r.w == nil {
		var err error
		if r.f, err = os.OpenFile(r.path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return err
		}
		if r.w, err = sheet.NewXLSX(r.f, "退回"); err != nil {
			return err
		}
	}
	if r.head != e.head {
		r.head = e.head
		if err := r.w.Row(append(append([]string{}, e.head.cells...), "行号", "原因")); err != nil {
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
	where := strconv.Itoa(e.row.Line)
	if e.row.Sheet != "" {
		where = e.row.Sheet + "!" + where
	}
	var why []string
	for _, p := range e.problems {
		if p.Column != "" {
			p.Reason = p.Column + "：" + p.Reason
		}
		why = append(why, p.Reason)
	}
	return r.w.Row(append(out, where, strings.Join(why, "；")))
}

func (r *rejects) finish() error {
	if r.w == nil {
		return nil
	}
	err := errors.Join(r.w.Close(), r.f.Close())
	r.w = nil
	if err == nil {
		err = os.Rename(r.path+".part", r.path)
	}
	return err
}

// abandon clears away what was not finished.
func (r *rejects) abandon() {
	if r.w != nil {
		r.f.Close()
		os.Remove(r.path + ".part")
	}
}

package person

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
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Upload is a roster that came through the office's page.
type Upload struct {
	ID, File         string
	Actor, ActorName string
	Begun, Ended     int64 // milliseconds; Ended 0: under way, or cut off
	Say              string
	Report           *Report
	Running          bool // in this process, now
	Progress         Progress
}

// State is the upload's state in one word: running, cut, failed, done.
func (u Upload) State() string {
	switch {
	case u.Running:
		return "running"
	case u.Ended == 0:
		return "cut"
	case u.Say != "":
		return "failed"
	}
	return "done"
}

func (s *Service) folder() string {
	if s.Dir == "" {
		return filepath.Join(os.TempDir(), "yinling-roster")
	}
	return s.Dir
}

func (s *Service) rejectsPath(id string) string { return filepath.Join(s.folder(), id+"-rejects.xlsx") }

// Upload takes a roster file and imports it behind the page; Uploaded tells how
// it goes. A region imports one file at a time (Conflict).
func (s *Service) Upload(ctx context.Context, who audit.Actor, region, name string, in io.Reader) (string, error) {
	busy := fault.New(fault.Conflict, "正在导入另一份名册，请等它导完再传。")
	if now, _ := s.uploads.Now(region); now != "" { // before a large file is kept
		return "", busy
	}
	if err := os.MkdirAll(s.folder(), 0o700); err != nil {
		return "", err
	}
	id := db.NewID(s.Log.DB.Now())
	path := filepath.Join(s.folder(), id+".upload")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, in)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return "", err
	}
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100])
	}
	begin := func() error {
		return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.roster_upload", Object: id}, func(tx *db.Tx) error {
			_, err := tx.Exec(putImport, region, id, name, who.ID, who.Name, tx.Millis())
			return err
		})
	}
	ok, err := s.uploads.Start(ctx, region, id, begin, func(ctx context.Context, tell func(Progress)) {
		defer os.Remove(path)
		s.runUpload(ctx, who, region, id, path, name, tell)
	})
	if err == nil && !ok {
		err = busy
	}
	if err != nil {
		os.Remove(path)
		return "", err
	}
	return id, nil
}

func (s *Service) runUpload(ctx context.Context, who audit.Actor, region, id, path, name string, tell func(Progress)) {
	rep, err := s.Import(ctx, who, region, path, ImportOptions{Rejects: s.rejectsPath(id), Name: name, Progress: tell})
	if ctx.Err() != nil {
		return // the program is stopping: the upload stays as cut off
	}
	say, text := "", []byte("")
	if err != nil {
		say = fault.As(err).Say
		if fault.As(err).Kind == fault.Internal {
			slog.Error("person: roster", "upload", id, "err", err)
		}
	} else if text, err = json.Marshal(rep); err != nil {
		slog.Error("person: roster", "upload", id, "err", err)
	}
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.roster_end", Object: id}, func(tx *db.Tx) error {
		_, err := tx.Exec(endImport, region, id, tx.Millis(), say, string(text))
		return err
	})
	if err != nil {
		slog.Error("person: roster", "upload", id, "err", err)
	}
}

// Stop ends the imports that run behind pages; they can be uploaded again.
func (s *Service) Stop() { s.uploads.Stop() }

// Wait waits for the imports that run behind pages.
func (s *Service) Wait() { s.uploads.Wait() }

// Uploads are the last uploads of a region, the newest first.
func (s *Service) Uploads(ctx context.Context, region string) (out []Upload, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanImport, listImports, region)
		return err
	})
	id, at := s.uploads.Now(region)
	for i := range out {
		if out[i].ID == id {
			out[i].Running, out[i].Progress = true, at
		}
	}
	return out, err
}

// Uploaded is one upload.
func (s *Service) Uploaded(ctx context.Context, region, id string) (u Upload, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		u, err = db.One(tx, scanImport, getImport, region, id)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return u, fault.New(fault.NotFound, "没有找到这一次导入。")
	}
	if now, at := s.uploads.Now(region); now == id {
		u.Running, u.Progress = true, at
	}
	return u, err
}

// Rejects opens the rejects of an upload (XLSX). The look is audited: the file
// holds full numbers.
func (s *Service) Rejects(ctx context.Context, who audit.Actor, region, id string) (*os.File, error) {
	if _, err := s.Uploaded(ctx, region, id); err != nil {
		return nil, err
	}
	f, err := os.Open(s.rejectsPath(id))
	if err != nil {
		return nil, fault.New(fault.NotFound, "这一次导入没有退回的行，或者退回文件已经清理。")
	}
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.rejects_read", Object: id}, func(*db.Tx) error { return nil })
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

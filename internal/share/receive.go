package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person/sheet"
)

// A register comes over the interface in parts (接口): a list is opened, its rows
// are put part by part, and it is closed. The parts wait on disk as the file that
// a clerk would have uploaded, so both are read, matched and reported alike.

// MostRows is how many rows one part may have.
const MostRows = 5000

// Row is one row of a register over the interface, by the facts of its columns.
type Row map[string]string

// Fields are what a row of the register may hold, with the heading of a file.
func (s Source) Fields() []Column { return s.Columns }

// OpenList begins a list as it stood at the end of asOf; key as in audit.Act.
func (s *Service) OpenList(ctx context.Context, who audit.Actor, region, source, key string, asOf day.Day) (Batch, error) {
	id, _, err := s.begin(ctx, who, region, source, "接口", key, asOf)
	if err != nil {
		return Batch{}, err
	}
	if err := os.MkdirAll(s.parts(id), 0o700); err != nil {
		return Batch{}, err
	}
	return s.ListOf(ctx, region, source, id)
}

func (s *Service) parts(id string) string {
	return filepath.Join(s.folder(), "parts-"+filepath.Base(id))
}

func (s *Service) part(id string, no int) string {
	return filepath.Join(s.parts(id), fmt.Sprintf("%06d.csv", no))
}

// ListOf reads a list of the register; NotFound: another's.
func (s *Service) ListOf(ctx context.Context, region, source, id string) (Batch, error) {
	b, err := s.Batch(ctx, region, id)
	if err == nil && b.Source != source {
		return Batch{}, fault.New(fault.NotFound, "没有找到这一批名单。")
	}
	return b, err
}

// waiting reads a list that still takes rows.
func (s *Service) waiting(ctx context.Context, region, source, id string) (b Batch, src Source, err error) {
	if b, err = s.ListOf(ctx, region, source, id); err != nil {
		return b, src, err
	}
	if _, err := os.Stat(s.parts(id)); b.State() != "cut" || err != nil {
		return b, src, fault.New(fault.Conflict, "这份名单已经交齐了，不能再加。要改，请开一份新的。")
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		var ok bool
		if src, ok = SourceOf(v, source); !ok {
			return fault.New(fault.NotFound, "政策包里现在没有这一份名单。")
		}
		return nil
	})
	return b, src, err
}

// bom begins a CSV file; only the joined one has it.
var bom = []byte("\xef\xbb\xbf")

// PutPart keeps one part of an open list; no counts from 1. The same rows again
// are one act, other rows under the same number a Conflict.
func (s *Service) PutPart(ctx context.Context, who audit.Actor, region, source, id string, no int, key string, rows []Row) error {
	_, src, err := s.waiting(ctx, region, source, id)
	if err != nil {
		return err
	}
	if no < 1 || no > 999999 {
		return fault.Field("no", "第几段从 1 数起")
	}
	if len(rows) == 0 || len(rows) > MostRows {
		return fault.Field("rows", "一段要有 1 到 %d 行", MostRows)
	}
	var text bytes.Buffer
	w := sheet.NewCSV(&text)
	for i, r := range rows {
		line := make([]string, len(src.Columns))
		n := 0
		for c, col := range src.Columns {
			if v, ok := r[col.Fact]; ok {
				line[c], n = strings.Join(strings.Fields(v), " "), n+1 // a row is one line of the file
			}
		}
		if n != len(r) {
			return fault.Field(fmt.Sprintf("rows[%d]", i), "这一行里有这份名单没有的项。能写哪些，见 GET /register")
		}
		if err := w.Row(line); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	path, file := s.part(id, no), bytes.TrimPrefix(text.Bytes(), bom)
	if was, err := os.ReadFile(path); err == nil {
		if !bytes.Equal(was, file) {
			return fault.New(fault.Conflict, "第 %d 段交过了，内容不一样。要改，请开一份新的名单。", no)
		}
		return nil
	}
	act := audit.Act{Region: region, Verb: "share.part", Object: id, Key: key, Body: []any{no, keyHash(string(file))}, Detail: map[string]int{"no": no, "rows": len(rows)}}
	return audit.Run(ctx, s.Log, who, act, func(*db.Tx) error {
		if err := os.WriteFile(path+".part", file, 0o600); err != nil {
			return err
		}
		return os.Rename(path+".part", path)
	})
}

// CloseList says that all parts are there and begins the import, which goes on
// by itself; ListOf tells how far it is. A list that was cut off by a restart is
// closed once more.
func (s *Service) CloseList(ctx context.Context, who audit.Actor, region, source, id string, parts int) (Batch, error) {
	b, err := s.ListOf(ctx, region, source, id)
	if err != nil || b.State() != "cut" {
		return b, err
	}
	b, src, err := s.waiting(ctx, region, source, id)
	if err != nil {
		return b, err
	}
	path, err := s.join(src, id, parts)
	if err != nil {
		return b, err
	}
	if err := s.start(ctx, who, region, id, src, path, b.AsOf); err != nil {
		os.Remove(path)
		return b, err
	}
	return s.ListOf(ctx, region, source, id)
}

// join puts the parts under one head, as the file that a clerk would upload.
func (s *Service) join(src Source, id string, parts int) (path string, err error) {
	f, err := os.CreateTemp(s.folder(), "*.upload")
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(f.Name())
		}
	}()
	var head bytes.Buffer
	w := sheet.NewCSV(&head)
	names := make([]string, len(src.Columns))
	for i, c := range src.Columns {
		names[i] = c.Names[0]
	}
	if err := errors.Join(w.Row(names), w.Close()); err != nil {
		return "", err
	}
	if _, err := f.Write(head.Bytes()); err != nil {
		return "", err
	}
	for no := 1; no <= parts; no++ {
		p, err := os.Open(s.part(id, no))
		if err != nil {
			return "", fault.Field("parts", "第 %d 段还没有收到，请先补交", no)
		}
		_, err = io.Copy(f, p)
		if err = errors.Join(err, p.Close()); err != nil {
			return "", err
		}
	}
	if all, err := os.ReadDir(s.parts(id)); err != nil || len(all) != parts {
		return "", fault.Field("parts", "收到了 %d 段，和您说的 %d 段对不上", len(all), parts)
	}
	return f.Name(), nil
}

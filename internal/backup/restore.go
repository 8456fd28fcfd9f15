package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/seal"
)

// Restore puts a backup into an empty database and folder, on either engine.
// It reads the whole file once before it touches anything: a wrong key, a
// changed bit, a missing end or a newer schema is refused by name.
func Restore(ctx context.Context, d *db.DB, keys *seal.Keys, dir, path string) (Summary, error) {
	s, err := Inspect(keys, path)
	if err != nil {
		return s, err
	}
	if err := mustBeEmpty(ctx, d, dir); err != nil {
		return s, err
	}
	if err := d.MigrateTo(ctx, s.Schema); err != nil {
		return s, err
	}
	if have, err := d.Schema(ctx); err != nil || have != s.Schema {
		return s, errors.Join(err, fault.New(fault.Refused, "备份的版本是 %d，这个程序到不了，请换备份时用的或更新的程序。", s.Schema))
	}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return s, fault.New(fault.Invalid, "建不了文件目录 %s：%v", dir, err)
		}
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := empty(tx); err != nil { // rows that migrations put in themselves
			return err
		}
		_, err := walk(keys, path, &loader{tx: tx, dir: dir})
		return err
	})
	if err != nil {
		return s, err
	}
	return s, d.Migrate(ctx)
}

func mustBeEmpty(ctx context.Context, d *db.DB, dir string) error {
	version, err := d.Schema(ctx)
	if err != nil {
		return err
	}
	if version > 0 {
		err = d.Read(ctx, func(tx *db.Tx) error {
			tables, err := tx.Tables()
			if err != nil {
				return err
			}
			for _, t := range tables {
				if n, err := tx.Count(t); err != nil {
					return err
				} else if n > 0 {
					return fault.Field("db", "这个数据库里已经有数据（%s 有 %d 行），不会覆盖。请恢复到一个空的数据库。", t.Name, n)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if es, err := os.ReadDir(dir); dir != "" && err == nil && len(es) > 0 {
		return fault.Field("data", "文件目录 %s 里已经有东西，不会覆盖。请恢复到一个空的目录。", dir)
	}
	return nil
}

func empty(tx *db.Tx) error {
	tables, err := tx.Tables()
	for _, t := range tables {
		if n, err := tx.Count(t); err != nil || n > 0 {
			return errors.Join(err, fmt.Errorf("backup: %s is not empty", t.Name))
		}
	}
	return err
}

// Inspect reads and checks a whole backup and touches nothing.
func Inspect(keys *seal.Keys, path string) (Summary, error) { return walk(keys, path, nil) }

func broken(path string, why string) error {
	return fault.Field("file", "备份文件 %s 不能用：%s。什么都没有动。", path, why)
}

func walk(keys *seal.Keys, path string, to *loader) (s Summary, err error) {
	f, err := os.Open(path)
	if err != nil {
		return s, fault.Field("file", "读不了备份文件 %s：%v", path, err)
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	line, err := r.ReadSlice('\n')
	var h header
	if err != nil || json.Unmarshal(line, &h) != nil || h.What != magic {
		return s, broken(path, "它不是银龄的备份，或者开头坏了")
	}
	head := bytes.Clone(line[:len(line)-1])
	s = Summary{At: h.At, Schema: h.Schema, Engine: h.Engine}
	text, err := keys.Open("", "backup", h.Key)
	if err != nil {
		return s, broken(path, "密钥不对，要用备份时的那个密钥文件")
	}
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return s, broken(path, "开头坏了")
	}
	aead, err := gcm(content)
	if err != nil {
		return s, broken(path, "开头坏了")
	}
	zip, err := gzip.NewReader(&opener{r: r, aead: aead, head: head})
	if err != nil {
		return s, broken(path, "内容坏了（有字节被改过，或缺了一截）")
	}
	t, err := parse(bufio.NewReaderSize(zip, 1<<16), to)
	var fe *fault.Error
	switch {
	case errors.As(err, &fe):
		return s, err
	case err != nil && to == nil:
		return s, broken(path, "内容坏了（有字节被改过，或缺了一截）")
	case err != nil:
		return s, err
	}
	s.Total = t
	return s, nil
}

func parse(r *bufio.Reader, to *loader) (Total, error) {
	got := Total{Table: map[string]int64{}}
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return got, errDamaged
		}
		var m mark
		if err := json.Unmarshal(line, &m); err != nil {
			return got, errDamaged
		}
		sum := sm3.New()
		n := int64(0)
		switch {
		case m.Table != nil:
			n, err = table(r, *m.Table, sum, to)
			got.Table[m.Table.Name] = n
			got.Rows += n
		case m.File != "":
			n, err = file(r, m, sum, to)
			got.Files, got.Bytes = got.Files+1, got.Bytes+n
		case m.Total != nil:
			if _, err := r.ReadByte(); err != io.EOF || !reflect.DeepEqual(*m.Total, got) {
				return got, errDamaged
			}
			return got, nil
		default:
			return got, errDamaged
		}
		if err != nil {
			return got, err
		}
		var end mark
		if line, err = r.ReadBytes('\n'); err != nil || json.Unmarshal(line, &end) != nil || end.End == nil || *end.End != n || end.Sum != hex.EncodeToString(sum.Sum(nil)) {
			return got, errDamaged
		}
	}
}

func table(r *bufio.Reader, t db.Table, sum hash.Hash, to *loader) (int64, error) {
	n := int64(0)
	for {
		if b, err := r.Peek(1); err != nil || (b[0] != '[' && b[0] != '{') {
			return n, errDamaged
		} else if b[0] == '{' {
			return n, to.flush(t)
		}
		line, err := r.ReadBytes('\n')
		if err != nil {
			return n, errDamaged
		}
		sum.Write(line)
		n++
		if to == nil {
			continue
		}
		row := make([]any, len(t.Cols))
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		if err := dec.Decode(&row); err != nil || len(row) != len(t.Cols) {
			return n, errDamaged
		}
		for i, v := range row {
			if num, ok := v.(json.Number); ok {
				if row[i], err = num.Int64(); err != nil {
					return n, errDamaged
				}
			}
		}
		if err := to.add(t, row); err != nil {
			return n, err
		}
	}
}

func file(r *bufio.Reader, m mark, sum hash.Hash, to *loader) (int64, error) {
	if m.Size < 0 || !safe(m.File) {
		return 0, errDamaged
	}
	w := io.Writer(sum)
	if to != nil {
		if to.dir == "" {
			return 0, fault.Field("data", "备份里有材料文件，要给一个放文件的目录。")
		}
		p := filepath.Join(to.dir, filepath.FromSlash(m.File))
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			return 0, err
		}
		f, err := os.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		defer f.Sync()
		w = io.MultiWriter(f, sum)
	}
	n, err := io.CopyN(w, r, m.Size)
	if err != nil {
		return n, errDamaged
	}
	return n, nil
}

// loader writes rows into the tables of the target.
type loader struct {
	tx    *db.Tx
	dir   string
	known map[string]db.Table
	rows  [][]any
}

func (l *loader) add(t db.Table, row []any) error {
	l.rows = append(l.rows, row)
	if len(l.rows) < 2000 {
		return nil
	}
	return l.flush(t)
}

func (l *loader) flush(t db.Table) error {
	if l == nil || len(l.rows) == 0 {
		return nil
	}
	if l.known == nil {
		l.known = map[string]db.Table{}
		tables, err := l.tx.Tables()
		if err != nil {
			return err
		}
		for _, t := range tables {
			l.known[t.Name] = t
		}
	}
	// Names come from the file: only those that the schema knows reach SQL.
	have, ok := l.known[t.Name]
	for _, c := range t.Cols {
		ok = ok && slices.Contains(have.Cols, c)
	}
	if !ok {
		return fault.Field("file", "备份里的表 %s 这个程序不认识，请换备份时用的或更新的程序。", t.Name)
	}
	_, err := l.tx.Insert(t.Name, t.Cols, l.rows, "")
	l.rows = l.rows[:0]
	return err
}

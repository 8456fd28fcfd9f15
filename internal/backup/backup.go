// Package backup writes the whole of Yinling, tables and evidence files, into
// one file that is compressed, encrypted and restores on either database.
//
//	header line (JSON): what, when, schema version, the content key sealed
//	chunks:  length ‖ AES-256-GCM(number, last?) of gzip of
//	           {"table":…}   row row row …   {"end":rows,"sum":SM3}
//	           {"file":…}    bytes            {"end":bytes,"sum":SM3}
//	           {"total":…}   what must come out again
//
// The content key is sealed by the key file, without which neither the backup
// nor the identity numbers in it can be read. Each chunk is bound to its number
// and the last one is marked, so that no bit, order or end can change unseen.
// Sessions and one-time codes are left out: after a restore everybody logs in.
package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/seal"
)

// left out: what must not live again after a restore.
var dead = []string{"access_session", "access_code"}

const magic = "yinling backup 1"

type header struct {
	What   string `json:"what"`
	At     int64  `json:"at"` // ms
	Engine string `json:"engine"`
	Schema int64  `json:"schema"`
	Key    string `json:"key"` // sealed content key
}

// Total is what a backup holds; a restore must come to the same.
type Total struct {
	Rows  int64            `json:"rows"`
	Files int64            `json:"files"`
	Bytes int64            `json:"bytes"` // of files
	Table map[string]int64 `json:"tables"`
}

// Summary tells what was written or restored.
type Summary struct {
	At     int64  `json:"at"`
	Schema int64  `json:"schema"`
	Engine string `json:"engine"`
	Total
}

type mark struct {
	Table *db.Table `json:"table,omitempty"`
	File  string    `json:"file,omitempty"`
	Size  int64     `json:"size,omitempty"`
	End   *int64    `json:"end,omitempty"`
	Sum   string    `json:"sum,omitempty"`
	Total *Total    `json:"total,omitempty"`
}

const chunk = 1 << 20

// Write backs up one snapshot of d and the files under dir ("" for none) to
// path, which must not exist; it appears only when complete.
func Write(ctx context.Context, d *db.DB, keys *seal.Keys, dir, path string) (Summary, error) {
	if _, err := os.Stat(path); err == nil {
		return Summary{}, fault.Field("file", "%s 已经有了，不会覆盖。请换一个文件名。", path)
	}
	schema, err := d.Schema(ctx)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{At: d.Now().UnixMilli(), Schema: schema, Engine: string(d.Dialect), Total: Total{Table: map[string]int64{}}}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return s, fault.Field("file", "写不了 %s：%v", part, err)
	}
	defer os.Remove(part)
	defer f.Close()
	content := make([]byte, 32)
	rand.Read(content)
	head, err := json.Marshal(header{magic, s.At, s.Engine, schema, keys.Seal("", "backup", base64.StdEncoding.EncodeToString(content))})
	if err != nil {
		return s, err
	}
	if _, err := f.Write(append(head, '\n')); err != nil {
		return s, err
	}
	enc, err := newSealer(f, content, head)
	if err != nil {
		return s, err
	}
	zip, _ := gzip.NewWriterLevel(enc, gzip.BestSpeed)
	w := &writer{w: bufio.NewWriterSize(zip, 1<<16), sum: sm3.New()}
	if err := d.Read(ctx, func(tx *db.Tx) error { return w.tables(tx, &s.Total) }); err != nil {
		return s, err
	}
	if err := w.files(dir, &s.Total); err != nil {
		return s, err
	}
	w.mark(mark{Total: &s.Total})
	if err := errors.Join(w.err, w.w.Flush(), zip.Close(), enc.Close(), f.Sync(), f.Close()); err != nil {
		return s, fault.New(fault.Internal, "备份没有写成：%v", err)
	}
	if err := os.Rename(part, path); err != nil {
		return s, err
	}
	return s, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type writer struct {
	w   *bufio.Writer
	sum hash.Hash
	err error
}

func (w *writer) mark(m mark) {
	b, err := json.Marshal(m)
	w.err = errors.Join(w.err, err)
	w.w.Write(append(b, '\n'))
}

func (w *writer) end(n int64) {
	w.mark(mark{End: &n, Sum: hex.EncodeToString(w.sum.Sum(nil))})
	w.sum.Reset()
}

func (w *writer) tables(tx *db.Tx, t *Total) error {
	tables, err := tx.Tables()
	if err != nil {
		return err
	}
	for _, table := range tables {
		if slices.Contains(dead, table.Name) {
			continue
		}
		w.mark(mark{Table: &table})
		n := int64(0)
		err := tx.Each(table, func(row []any) error {
			b, err := json.Marshal(row)
			if err != nil {
				return err
			}
			n++
			b = append(b, '\n')
			w.sum.Write(b)
			_, err = w.w.Write(b)
			return err
		})
		if err != nil {
			return err
		}
		w.end(n)
		t.Table[table.Name] = n
		t.Rows += n
	}
	return nil
}

func (w *writer) files(dir string, t *Total) error {
	if dir == "" {
		return nil
	}
	return filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && p == dir {
			return nil
		}
		if err != nil || e.IsDir() || !e.Type().IsRegular() {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		w.mark(mark{File: filepath.ToSlash(rel), Size: st.Size()})
		n, err := io.Copy(io.MultiWriter(w.w, w.sum), io.LimitReader(f, st.Size()))
		if err != nil {
			return err
		}
		if n != st.Size() {
			return fmt.Errorf("backup: %s shrank", p)
		}
		w.end(n)
		t.Files, t.Bytes = t.Files+1, t.Bytes+n
		return nil
	})
}

// sealer encrypts in chunks; opener is its other half.
type sealer struct {
	w    io.Writer
	aead cipher.AEAD
	head []byte
	n    uint64
	buf  []byte
}

func gcm(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

func newSealer(w io.Writer, key, head []byte) (*sealer, error) {
	a, err := gcm(key)
	return &sealer{w: w, aead: a, head: head, buf: make([]byte, 0, chunk)}, err
}

func nonce(n uint64, last bool) []byte {
	b := make([]byte, 12)
	binary.BigEndian.PutUint64(b[4:], n)
	if last {
		b[0] = 1
	}
	return b
}

func (s *sealer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(s.buf) == chunk {
			if err := s.flush(false); err != nil {
				return 0, err
			}
		}
		k := min(chunk-len(s.buf), len(p))
		s.buf, p = append(s.buf, p[:k]...), p[k:]
	}
	return n, nil
}

func (s *sealer) flush(last bool) error {
	out := s.aead.Seal(binary.BigEndian.AppendUint32(nil, uint32(len(s.buf))), nonce(s.n, last), s.buf, s.head)
	s.n++
	s.buf = s.buf[:0]
	_, err := s.w.Write(out)
	return err
}

func (s *sealer) Close() error { return s.flush(true) }

type opener struct {
	r    *bufio.Reader
	aead cipher.AEAD
	head []byte
	n    uint64
	buf  []byte
	last bool
}

var errDamaged = errors.New("damaged")

func (o *opener) Read(p []byte) (int, error) {
	for len(o.buf) == 0 {
		if o.last {
			if _, err := o.r.ReadByte(); err != io.EOF {
				return 0, errDamaged
			}
			return 0, io.EOF
		}
		var size [4]byte
		if _, err := io.ReadFull(o.r, size[:]); err != nil {
			return 0, errDamaged
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > chunk {
			return 0, errDamaged
		}
		c := make([]byte, int(n)+o.aead.Overhead())
		if _, err := io.ReadFull(o.r, c); err != nil {
			return 0, errDamaged
		}
		plain, err := o.aead.Open(nil, nonce(o.n, false), c, o.head)
		if err != nil {
			if plain, err = o.aead.Open(nil, nonce(o.n, true), c, o.head); err != nil {
				return 0, errDamaged
			}
			o.last = true
		}
		o.n++
		o.buf = plain
	}
	n := copy(p, o.buf)
	o.buf = o.buf[n:]
	return n, nil
}

// safe keeps a file's name inside its folder.
func safe(name string) bool { return filepath.IsLocal(name) && !strings.Contains(name, "\\") }

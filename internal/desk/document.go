package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Document is the registration of one evidence file (材料): what it shows, for
// which case, who brought it, and the two hashes by which a change is found.
type Document struct {
	Region, ID  string
	Case        string
	Kind        string // what it proves: diagnosis, video, signature, photo …
	Name        string // as the person called it
	Mime        string
	Size        int64 // bytes
	SHA256, SM3 string
	Actor       string
	At          time.Time
}

// Files keeps evidence on disk: DIR/<region>/<first two of id>/<id>. The
// database holds the registration and the hashes.
type Files struct {
	Dir string
	Max int64 // bytes of one file; 0 means MaxFile
}

// MaxFile is the size limit of one evidence file: a visit's video in phone
// quality fits, a disk filler does not.
const MaxFile = 512 << 20

// Stored is a file that is on disk and synced, not yet registered.
type Stored struct {
	ID, Name, Mime string
	Size           int64
	SHA256, SM3    string
}

// Save writes a file to disk, hashing on the way, and syncs it. It happens
// before the transaction that registers it (Attach): a file without a row is
// litter, a row without a file would be a lie. Only pictures, videos, sound and
// PDF are taken, judged by their content and never by their name.
func (f *Files) Save(region, name string, r io.Reader, at time.Time) (_ Stored, err error) {
	defer fault.Wrap(&err, "desk.Files.Save")
	limit := f.Max
	if limit == 0 {
		limit = MaxFile
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Stored{}, err
	}
	head = head[:n]
	if n == 0 {
		return Stored{}, fault.Field("file", "这个文件是空的，请重新选一个或重新拍")
	}
	mime := sniff(head)
	if mime == "" {
		return Stored{}, fault.Field("file", "只收照片、视频、录音和 PDF，请换一个文件或直接拍照")
	}
	s := Stored{ID: db.NewID(at), Name: cleanName(name), Mime: mime}
	path := f.path(region, s.ID)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return s, err
	}
	w, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return s, err
	}
	defer func() {
		w.Close()
		if err != nil {
			os.Remove(path)
		}
	}()
	a, b := sha256.New(), sm3.New()
	s.Size, err = io.Copy(io.MultiWriter(w, a, b), io.LimitReader(io.MultiReader(bytes.NewReader(head), r), limit+1))
	if err != nil {
		return s, err
	}
	if s.Size > limit {
		return s, fault.Field("file", "文件超过 %d MB，请缩短视频或压缩后再传", limit>>20)
	}
	if err = w.Sync(); err != nil {
		return s, err
	}
	if err = syncDir(filepath.Dir(path)); err != nil {
		return s, err
	}
	s.SHA256, s.SM3 = hex.EncodeToString(a.Sum(nil)), hex.EncodeToString(b.Sum(nil))
	return s, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Drop takes a saved file off the disk again that is not to be registered.
func (f *Files) Drop(region string, s Stored) error { return os.Remove(f.path(region, s.ID)) }

func (f *Files) path(region, id string) string {
	return filepath.Join(f.Dir, filepath.Base(region), id[len(id)-2:], filepath.Base(id))
}

// Attach registers a saved file with a case, in the transaction of the act that
// brought it.
func Attach(tx *db.Tx, region, caseID, kind string, s Stored, by audit.Actor) (Document, error) {
	d := Document{Region: region, ID: s.ID, Case: caseID, Kind: kind, Name: s.Name, Mime: s.Mime, Size: s.Size,
		SHA256: s.SHA256, SM3: s.SM3, Actor: by.ID, At: tx.Now()}
	return d, insertDoc(tx, d)
}

// Adopt moves a file that an account attached to its draft over to the case;
// only the account that brought it can.
func Adopt(tx *db.Tx, region, docID, draft, caseID string, by audit.Actor) error {
	n, err := tx.Exec(moveDoc, region, docID, caseID, draft, by.ID)
	if err == nil && n == 0 {
		return fault.Field("file", "这份材料没有找到，请重新选一次")
	}
	return err
}

// Documents lists the evidence of a case, oldest first.
func Documents(tx *db.Tx, region, caseID string) ([]Document, error) {
	return db.All(tx, scanDoc, selectDocs, region, caseID)
}

// GetDocument reads one registration.
func GetDocument(tx *db.Tx, region, id string) (Document, error) {
	d, err := db.One(tx, scanDoc, selectDoc, region, id)
	if errors.Is(err, db.ErrNone) {
		return d, fault.New(fault.NotFound, "没有找到这份材料。它可能属于另一件，请从办件页重新打开。")
	}
	return d, err
}

// Open opens the file of a document after hashing it whole: a file that is not
// the one that was registered is refused, not shown. The caller closes it.
func (f *Files) Open(d Document) (_ *os.File, err error) {
	defer fault.Wrap(&err, "desk.Files.Open(%s)", d.ID)
	r, err := os.Open(f.path(d.Region, d.ID))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Internal, "材料「%s」的文件不在磁盘上了，请告诉系统管理员从备份恢复。", d.Name)
	}
	if err != nil {
		return nil, err
	}
	a, b := sha256.New(), sm3.New()
	if _, err := io.Copy(io.MultiWriter(a, b), r); err != nil {
		r.Close()
		return nil, err
	}
	if hex.EncodeToString(a.Sum(nil)) != d.SHA256 || hex.EncodeToString(b.Sum(nil)) != d.SM3 {
		r.Close()
		return nil, fault.New(fault.Internal, "材料「%s」的文件被改动过，和登记时不一样，不能作为证据打开。请告诉系统管理员。", d.Name)
	}
	_, err = r.Seek(0, io.SeekStart)
	return r, err
}

// Check re-hashes every registered file of a case and names the first bad one.
func (f *Files) Check(docs []Document) error {
	for _, d := range docs {
		r, err := f.Open(d)
		if err != nil {
			return err
		}
		r.Close()
	}
	return nil
}

func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/\<>:"|?*`, r) {
			return -1
		}
		return r
	}, filepath.Base(strings.ReplaceAll(s, `\`, "/")))
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80])
	}
	if s == "" || s == "." {
		return "材料"
	}
	return s
}

// sniff tells the kind of a file from its first bytes.
func sniff(b []byte) string {
	has := func(at int, magic string) bool {
		return len(b) >= at+len(magic) && string(b[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return "image/jpeg"
	case has(0, "\x89PNG\r\n\x1a\n"):
		return "image/png"
	case has(0, "RIFF") && has(8, "WEBP"):
		return "image/webp"
	case has(0, "%PDF-"):
		return "application/pdf"
	case has(4, "ftyphei") || has(4, "ftypmif1"):
		return "image/heic"
	case has(4, "ftypM4A"):
		return "audio/mp4"
	case has(4, "ftypqt"):
		return "video/quicktime"
	case has(4, "ftyp"):
		return "video/mp4"
	case has(0, "\x1a\x45\xdf\xa3"):
		return "video/webm"
	case has(0, "ID3") || has(0, "\xff\xfb") || has(0, "\xff\xf3"):
		return "audio/mpeg"
	case has(0, "RIFF") && has(8, "WAVE"):
		return "audio/wav"
	}
	return ""
}

// SizeText is a size for people.
func SizeText(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d.%d MB", n>>20, n>>10%1024*10/1024)
	}
	return fmt.Sprintf("%d KB", max(1, n>>10))
}

// Package sheet reads rows out of the tables that offices send (CSV in any
// Chinese encoding, XLSX) and writes tables that are safe to open. It streams:
// memory is bounded whatever the file holds, and a file made to burst is
// refused before its first row is handed out. A row that cannot be split is
// handed out as bad, with the reason; no row is dropped or joined in silence.
package sheet

import (
	"bytes"
	"io"
	"os"
	"unicode/utf8"

	"yinling/internal/fault"
)

// The limits; a spreadsheet program's own are 16,384 columns and 32,767 characters.
const (
	MaxColumns = 500
	MaxCell    = 32767   // bytes of one cell
	maxRecord  = 1 << 18 // bytes of one row
	maxPart    = 2 << 30 // bytes of one unpacked part of an XLSX
	maxStrings = 192 << 20
	maxRatio   = 250 // unpacked to packed, beyond freeSize
	freeSize   = 64 << 20
)

// Kind tells what an XLSX cell was; CSV has text only.
type Kind byte

// The kinds.
const (
	Text    Kind = iota
	Digits       // a numeric cell: digits as the file has them, perhaps a date's serial number
	Formula      // a formula that holds no computed value
	Failed       // an error value, #N/A
	Merged       // covered by a merged cell whose value stands in another row
)

// Row is one row of a table. Cells and Kinds are the caller's to keep.
type Row struct {
	Sheet  string // name of the sheet; "" in a CSV
	Line   int    // row number as the spreadsheet or text editor shows it
	Cells  []string
	Kinds  []Kind // nil: all Text
	Hidden bool
	Bad    string // why the row could not be split; Cells then holds what can be shown
	Column int    // 1-based column that Bad concerns, 0: the whole row
}

// Kind is the kind of the i-th cell.
func (r *Row) Kind(i int) Kind {
	if i >= 0 && i < len(r.Kinds) {
		return r.Kinds[i]
	}
	return Text
}

// Blank tells whether no cell holds anything but spaces.
func (r *Row) Blank() bool {
	if r.Bad != "" {
		return false
	}
	for i, c := range r.Cells {
		if k := r.Kind(i); k == Formula || k == Failed {
			return false
		}
		for _, x := range c {
			if x != ' ' && x != '\t' && x != '\u00a0' && x != '　' {
				return false
			}
		}
	}
	return true
}

// File is an open table file.
type File struct {
	Excel    bool     // XLSX: numbers in date columns are serial numbers
	Date1904 bool     // its serial numbers count from 1904
	Encoding string   // of a CSV
	Notes    []string // what a person should know: hidden sheets
	Size     int64    // bytes
	f        *os.File
	next     func() (Row, error)
	done     func() int64
}

// Open looks at the file's first bytes and opens it. What cannot be read as a
// whole is fault.Invalid, field «file», with what to do.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Field("file", "打不开文件 %s，请核对文件名和权限", path)
	}
	st, err := f.Stat()
	if err != nil || st.IsDir() {
		f.Close()
		return nil, fault.Field("file", "%s 不是文件", path)
	}
	s := &File{f: f, Size: st.Size()}
	if err := s.open(); err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

func (s *File) open() error {
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(s.f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fault.Field("file", "读不了文件")
	}
	head = head[:n]
	for _, k := range []struct{ magic, say string }{
		{"\xd0\xcf\x11\xe0", "这是旧版 xls 或加了密码的表格。请在表格软件里去掉密码，另存为 xlsx 再导入"},
		{"\x1f\x8b", "这是压缩包，请先解压，再导入里面的表格"},
		{"Rar!", "这是压缩包，请先解压，再导入里面的表格"},
		{"7z\xbc\xaf", "这是压缩包，请先解压，再导入里面的表格"},
		{"%PDF", "这是 PDF，不是表格。请向对方要 xlsx 或 csv"},
		{"\x89PNG", "这是图片，不是表格。请向对方要 xlsx 或 csv"},
		{"\xff\xd8\xff", "这是图片，不是表格。请向对方要 xlsx 或 csv"},
		{"<", "这是网页或 XML，不是表格。请在表格软件里另存为 xlsx 再导入"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return fault.Field("file", "%s", k.say)
		}
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))) == 0 {
		return fault.Field("file", "文件是空的")
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return s.openXLSX()
	}
	if _, err := s.f.Seek(0, io.SeekStart); err != nil {
		return fault.Field("file", "读不了文件")
	}
	return s.openCSV(head)
}

// Next reads the next row; io.EOF after the last. Another error means that the
// rest of the file cannot be read.
func (s *File) Next() (Row, error) { return s.next() }

// Read is how many of the file's bytes have been read, for progress.
func (s *File) Read() int64 { return min(s.done(), s.Size) }

// Close closes the file.
func (s *File) Close() error { return s.f.Close() }

// valid makes broken characters visible as U+FFFD.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD")))
}

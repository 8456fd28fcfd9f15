package sheet

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"yinling/internal/fault"
)

// csvReader splits text into rows. A quoted cell may span lines; when a quote
// never closes, or swallows what looks like other rows, only its first line is
// bad and reading goes on at the next line.
type csvReader struct {
	in    *bufio.Reader
	count *counter
	delim byte
	width int    // columns of the widest of the first rows, to judge open quotes
	line  int    // number of the next physical line
	back  []line // lines to read again
	keep  []byte
}

type line struct {
	text string
	long bool // longer than maxRecord; text is its beginning
	last bool // ends at the end of the file
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) { n, err := c.r.Read(p); c.n += int64(n); return n, err }

// maxLines is how many lines a quoted cell may span.
const maxLines = 50

func (s *File) openCSV(head []byte) error {
	name, enc := guess(head)
	if enc == nil && name == "" {
		return fault.Field("file", "认不出文件的文字编码。请在表格软件里另存为 xlsx，或另存为「CSV UTF-8」再导入")
	}
	s.Encoding = name
	c := &csvReader{count: &counter{r: s.f}}
	var in io.Reader = c.count
	sample := head
	if enc != nil {
		in = transform.NewReader(in, enc.NewDecoder())
		sample, _, _ = transform.Bytes(enc.NewDecoder(), head)
	}
	c.in = bufio.NewReaderSize(in, 256<<10)
	if b, _ := c.in.Peek(3); bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		c.in.Discard(3)
	}
	c.delim, c.width = shape(sample)
	s.next, s.done = c.next, func() int64 { return c.count.n }
	return nil
}

// guess finds the encoding by mark, by zero bytes, by validity; nil with a name is UTF-8.
func guess(head []byte) (string, encoding.Encoding) {
	utf16 := func(e unicode.Endianness) encoding.Encoding { return unicode.UTF16(e, unicode.UseBOM) }
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return "UTF-8", nil
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return "", nil // UTF-32
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return "UTF-16LE", utf16(unicode.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "UTF-16BE", utf16(unicode.BigEndian)
	}
	var zero [2]int
	for i, b := range head {
		if b == 0 {
			zero[i%2]++
		}
	}
	if n := len(head); zero[0]+zero[1] > n/16 && n > 8 { // ASCII digits and commas in 16 bits each
		switch {
		case zero[1] > 8*zero[0]:
			return "UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		case zero[0] > 8*zero[1]:
			return "UTF-16BE", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		}
		return "", nil // not a text
	}
	// One broken line must not turn a whole UTF-8 file into another encoding:
	// the encoding is that in which more characters read as Chinese.
	wide, broken := 0, 0
	for b := head; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			if utf8.FullRune(b) {
				broken++
			}
		} else if n > 2 {
			wide++
		}
		b = b[n:]
	}
	if broken <= wide/4 {
		return "UTF-8", nil
	}
	return "GB18030", simplifiedchinese.GB18030
}

// shape finds the separator and the number of columns from the first lines.
func shape(sample []byte) (delim byte, width int) {
	delim = ','
	best := 0
	lines := strings.FieldsFunc(string(sample), func(r rune) bool { return r == '\n' || r == '\r' })
	lines = lines[:min(len(lines), 20)]
	for _, d := range []byte{',', '\t', ';', '|'} {
		n := 0
		for _, l := range lines {
			n += strings.Count(l, string(d))
		}
		if n > best {
			best, delim = n, d
		}
	}
	for _, l := range lines {
		width = max(width, strings.Count(l, string(delim))+1)
	}
	return delim, width
}

func (c *csvReader) readLine() (line, error) {
	if n := len(c.back); n > 0 {
		l := c.back[n-1]
		c.back = c.back[:n-1]
		return l, nil
	}
	c.keep = c.keep[:0]
	long := false
	for {
		buf, err := c.in.Peek(max(1, c.in.Buffered()))
		if len(buf) == 0 {
			if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
				return line{}, fault.Field("file", "文件读到一半读不下去了")
			}
			if len(c.keep) == 0 && !long {
				return line{}, io.EOF
			}
			return line{text: string(c.keep), long: long, last: true}, nil
		}
		end := len(buf)
		for i, b := range buf {
			if b == '\n' || b == '\r' {
				end = i
				break
			}
		}
		if room := maxRecord - len(c.keep); end > room {
			long = true
			c.keep = append(c.keep, buf[:room]...)
		} else if !long {
			c.keep = append(c.keep, buf[:end]...)
		}
		if end == len(buf) {
			c.in.Discard(end)
			continue
		}
		cr := buf[end] == '\r'
		c.in.Discard(end + 1)
		if cr {
			if b, _ := c.in.Peek(1); len(b) == 1 && b[0] == '\n' {
				c.in.Discard(1)
			}
		}
		return line{text: string(c.keep), long: long}, nil
	}
}

func (c *csvReader) next() (Row, error) {
	l, err := c.readLine()
	if err != nil {
		return Row{}, err
	}
	c.line++
	row := Row{Line: c.line}
	if l.long {
		row.Cells = []string{valid(l.text[:200])}
		row.Bad = "这一行太长，超过 256 KB，可能是引号没有配对或文件坏了"
		return row, nil
	}
	cells, state := split(l.text, c.delim, c.width)
	if state == open {
		cells, state = c.more(l)
	}
	switch {
	case state != whole:
		row.Cells = strings.Split(valid(l.text), string(c.delim))
		row.Bad = "引号没有配对，这一行分不清哪些字属于哪一列"
	case len(cells) > MaxColumns:
		row.Cells, row.Bad = cells[:1], "这一行有太多列"
	default:
		row.Cells = cells
	}
	for i, x := range row.Cells {
		if len(x) > MaxCell {
			row.Cells[i], row.Bad, row.Column = valid(x[:200]), "这一格的字太多", i+1
		} else {
			row.Cells[i] = valid(x)
		}
	}
	row.Cells = row.Cells[:min(len(row.Cells), MaxColumns)]
	return row, nil
}

// more reads on while a quoted cell is open, and puts the lines back when that
// leads nowhere.
func (c *csvReader) more(first line) ([]string, state) {
	text := first.text
	var took []line
	for len(took) < maxLines && !first.last {
		l, err := c.readLine()
		if err != nil || l.long {
			if err == nil {
				took = append(took, l)
			}
			break
		}
		took = append(took, l)
		if text += "\n" + l.text; len(text) > maxRecord {
			break
		}
		cells, st := split(text, c.delim, c.width)
		if st == whole && len(cells) <= max(c.width, 1) {
			c.line += len(took)
			return cells, whole
		}
		if st != open || l.last {
			break
		}
	}
	for i := len(took) - 1; i >= 0; i-- {
		c.back = append(c.back, took[i])
	}
	return nil, broken
}

type state int

const (
	whole  state = iota
	open         // ends inside quotes
	broken       // text after a closing quote, or a quoted cell that holds rows
)

func split(s string, delim byte, width int) ([]string, state) {
	cells := make([]string, 0, max(width, 1))
	if strings.IndexByte(s, '"') < 0 {
		for {
			i := strings.IndexByte(s, delim)
			if i < 0 || len(cells) > MaxColumns {
				return append(cells, s), whole
			}
			cells, s = append(cells, s[:i]), s[i+1:]
		}
	}
	for {
		t := strings.TrimLeft(s, " ")
		if len(t) == 0 || t[0] != '"' {
			i := strings.IndexByte(s, delim)
			if i < 0 || len(cells) > MaxColumns {
				return append(cells, s), whole
			}
			cells, s = append(cells, s[:i]), s[i+1:]
			continue
		}
		var b strings.Builder
		t = t[1:]
		for {
			i := strings.IndexByte(t, '"')
			if i < 0 {
				if rows(b.String()+t, delim, width) {
					return nil, broken
				}
				return nil, open
			}
			b.WriteString(t[:i])
			t = t[i+1:]
			if len(t) == 0 || t[0] != '"' {
				break
			}
			b.WriteByte('"')
			t = t[1:]
		}
		if rows(b.String(), delim, width) {
			return nil, broken
		}
		cells = append(cells, b.String())
		t = strings.TrimLeft(t, " ")
		if t == "" {
			return cells, whole
		}
		if t[0] != delim {
			return nil, broken
		}
		s = t[1:]
	}
}

// rows tells whether a cell of several lines looks as if it had swallowed rows.
func rows(cell string, delim byte, width int) bool {
	if strings.IndexByte(cell, '\n') < 0 {
		return false
	}
	for _, l := range strings.Split(cell, "\n") {
		if strings.Count(l, string(delim)) > width/2 {
			return true
		}
	}
	return false
}

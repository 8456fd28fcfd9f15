package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// scanner reads the XML of a sheet: elements, attributes, text; nothing else of
// XML is wanted here, and a document type is refused, so no entity can grow.
type scanner struct {
	in      *bufio.Reader
	tag     []byte // between < and >
	name    string
	attrs   []byte
	self    bool // <x/>
	text    []byte
	long    bool // text was cut at MaxCell
	pending bool // the end of a <x/> is still to be told
}

var (
	errXML     = errors.New("sheet: XML is broken")
	errDoctype = errors.New("sheet: XML has a document type")
)

type event int

const (
	start event = iota
	end
	chars
)

func (x *scanner) next() (event, error) {
	if x.pending {
		x.pending = false
		return end, nil
	}
	for {
		b, err := x.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != '<' {
			x.in.UnreadByte()
			if err := x.readText(); err != nil {
				return 0, err
			}
			return chars, nil
		}
		head, err := x.in.Peek(1)
		if err != nil {
			return 0, errXML
		}
		if head[0] == '!' {
			cdata, err := x.bang()
			if err != nil {
				return 0, err
			}
			if cdata {
				return chars, nil
			}
			continue
		}
		if err := x.readTag(); err != nil {
			return 0, err
		}
		t := x.tag
		if len(t) == 0 {
			return 0, errXML
		}
		if t[0] == '?' {
			continue
		}
		ending := t[0] == '/'
		if ending {
			t = t[1:]
		}
		x.self = len(t) > 0 && t[len(t)-1] == '/'
		if x.self {
			t = t[:len(t)-1]
		}
		i := bytes.IndexAny(t, " \t\r\n")
		if i < 0 {
			i = len(t)
		}
		n := t[:i]
		if j := bytes.IndexByte(n, ':'); j >= 0 {
			n = n[j+1:]
		}
		x.name, x.attrs = known(n), t[i:]
		if ending {
			return end, nil
		}
		x.pending = x.self
		return start, nil
	}
}

// known avoids an allocation for the names that come a million times.
func known(n []byte) string {
	switch string(n) {
	case "c":
		return "c"
	case "v":
		return "v"
	case "t":
		return "t"
	case "r":
		return "r"
	case "f":
		return "f"
	case "is":
		return "is"
	case "si":
		return "si"
	case "row":
		return "row"
	}
	return string(n)
}

func (x *scanner) readText() error {
	x.text, x.long = x.text[:0], false
	for {
		s, err := x.in.ReadSlice('<')
		if err == nil {
			s = s[:len(s)-1]
			x.in.UnreadByte()
		}
		if len(x.text)+len(s) > MaxCell {
			x.long = true
			s = s[:max(0, min(len(s), MaxCell-len(x.text)))]
		}
		x.text = append(x.text, s...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF || err == nil {
			x.text = entities(x.text)
			return nil
		}
		return err
	}
}

func (x *scanner) readTag() error {
	x.tag = x.tag[:0]
	var quote byte
	for {
		s, err := x.in.ReadSlice('>')
		if err != nil && err != bufio.ErrBufferFull {
			return errXML
		}
		x.tag = append(x.tag, s...)
		if len(x.tag) > 1<<16 {
			return errXML
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		for _, b := range s {
			switch {
			case quote == 0 && (b == '"' || b == '\''):
				quote = b
			case b == quote:
				quote = 0
			}
		}
		if quote == 0 {
			x.tag = x.tag[:len(x.tag)-1]
			return nil
		}
	}
}

// bang reads what follows «<!»: a comment (skipped), CDATA (text), anything else is refused.
func (x *scanner) bang() (bool, error) {
	head, _ := x.in.Peek(8)
	switch {
	case bytes.HasPrefix(head, []byte("!--")):
		x.in.Discard(3)
		_, err := x.until("-->", nil)
		return false, err
	case string(head) == "![CDATA[":
		x.in.Discard(8)
		x.text, x.long = x.text[:0], false
		_, err := x.until("]]>", &x.text)
		return true, err
	}
	return false, errDoctype
}

func (x *scanner) until(mark string, into *[]byte) (int, error) {
	var last [3]byte
	for n := 0; ; n++ {
		b, err := x.in.ReadByte()
		if err != nil {
			return n, errXML
		}
		if into != nil {
			if len(*into) < MaxCell+3 {
				*into = append(*into, b)
			} else {
				x.long = true
			}
		}
		last[0], last[1], last[2] = last[1], last[2], b
		if n >= 2 && string(last[:]) == mark {
			if into != nil && !x.long {
				*into = (*into)[:len(*into)-3]
			}
			return n, nil
		}
	}
}

// attr is the value of an attribute, "" when there is none.
func (x *scanner) attr(name string) string { return string(x.attrBytes(name)) }

func (x *scanner) attrBytes(name string) []byte {
	a := x.attrs
	for len(a) > 0 {
		a = bytes.TrimLeft(a, " \t\r\n")
		i := bytes.IndexByte(a, '=')
		if i < 0 {
			return nil
		}
		n := bytes.TrimSpace(a[:i])
		a = bytes.TrimLeft(a[i+1:], " \t\r\n")
		if len(a) == 0 || a[0] != '"' && a[0] != '\'' {
			return nil
		}
		j := bytes.IndexByte(a[1:], a[0])
		if j < 0 {
			return nil
		}
		if string(n) == name {
			return a[1 : 1+j]
		}
		a = a[j+2:]
	}
	return nil
}

// entities replaces the five names and the numbers of XML in place.
func entities(b []byte) []byte {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b
	}
	out := b[:i]
	for i < len(b) {
		if b[i] != '&' {
			out = append(out, b[i])
			i++
			continue
		}
		j := bytes.IndexByte(b[i:min(len(b), i+12)], ';')
		r := rune(-1)
		if j > 0 {
			switch n := string(b[i+1 : i+j]); {
			case n == "lt":
				r = '<'
			case n == "gt":
				r = '>'
			case n == "amp":
				r = '&'
			case n == "quot":
				r = '"'
			case n == "apos":
				r = '\''
			case len(n) > 2 && n[0] == '#' && (n[1] == 'x' || n[1] == 'X'):
				if v, err := strconv.ParseUint(n[2:], 16, 21); err == nil {
					r = rune(v)
				}
			case len(n) > 1 && n[0] == '#':
				if v, err := strconv.ParseUint(n[1:], 10, 21); err == nil {
					r = rune(v)
				}
			}
		}
		if r < 0 {
			out = append(out, '&') // not an entity: keep what stands there
			i++
			continue
		}
		out = utf8.AppendRune(out, r)
		i += j + 1
	}
	return out
}

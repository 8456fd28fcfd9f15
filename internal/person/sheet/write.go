package sheet

import (
	"bufio"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Writer writes a table that is safe to open: no cell can be taken for a
// formula, and a long number stays text.
type Writer interface {
	Row(cells []string) error
	Close() error
}

// Inert makes a CSV cell harmless: one leading apostrophe before what a
// spreadsheet would compute, and before long numbers, which it would round.
// Plain takes it off again.
func Inert(s string) string {
	if risky(s) {
		return "'" + s
	}
	return s
}

// Plain undoes Inert, and unwraps ="…", by which other programs protect numbers.
func Plain(s string) string {
	if len(s) > 1 && s[0] == '\'' && risky(s[1:]) {
		return s[1:]
	}
	if len(s) > 3 && strings.HasPrefix(s, `="`) && s[len(s)-1] == '"' && !strings.ContainsAny(s[2:len(s)-1], `"&(`) {
		return s[2 : len(s)-1]
	}
	return s
}

func risky(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '"', '\'':
		return true
	}
	for _, p := range []string{"＝", "＋", "－", "＠", "＂", "＇"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	if t := strings.TrimLeft(s, " \u00a0　"); t != s && risky(t) {
		return true
	}
	if len(s) <= 11 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i == len(s)-1 && (s[i] == 'X' || s[i] == 'x')
		}
	}
	return true
}

type csvWriter struct{ w *bufio.Writer }

// NewCSV writes CSV in UTF-8 with a byte order mark, which spreadsheets need.
func NewCSV(w io.Writer) Writer {
	b := bufio.NewWriter(w)
	b.WriteString("\xef\xbb\xbf")
	return &csvWriter{b}
}

func (c *csvWriter) Row(cells []string) error {
	for i, s := range cells {
		if i > 0 {
			c.w.WriteByte(',')
		}
		s = Inert(s)
		if strings.ContainsAny(s, ",\"\r\n;\t|") || s == "" && len(cells) == 1 {
			c.w.WriteString(`"` + strings.ReplaceAll(s, `"`, `""`) + `"`)
		} else {
			c.w.WriteString(s)
		}
	}
	_, err := c.w.WriteString("\r\n")
	return err
}

func (c *csvWriter) Close() error { return c.w.Flush() }

type xlsxWriter struct {
	f   *excelize.File
	s   *excelize.StreamWriter
	out io.Writer
	row int
}

// NewXLSX writes one sheet whose cells are all typed text.
func NewXLSX(w io.Writer, name string) (Writer, error) {
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	return &xlsxWriter{f: f, s: s, out: w}, nil
}

func (x *xlsxWriter) Row(cells []string) error {
	x.row++
	vals := make([]any, len(cells))
	for i, c := range cells {
		vals[i] = excelize.Cell{Value: c}
	}
	at, err := excelize.CoordinatesToCellName(1, x.row)
	if err != nil {
		return err
	}
	return x.s.SetRow(at, vals)
}

func (x *xlsxWriter) Close() error {
	defer x.f.Close()
	if err := x.s.Flush(); err != nil {
		return err
	}
	_, err := x.f.WriteTo(x.out)
	return err
}

package sheet

import (
	"errors"
	"os"
	"strconv"
	"strings"
)

// Rejects is the file of the rows that an import did not take: XLSX when its name
// ends so, CSV otherwise. It is made with its first row and has its name only
// when it is whole.
type Rejects struct {
	path string
	f    *os.File
	w    Writer
}

// NewRejects names the file; nothing is written yet.
func NewRejects(path string) *Rejects { return &Rejects{path: path} }

// Row adds a row, or a head.
func (r *Rejects) Row(cells []string) (err error) {
	if r.w == nil {
		if r.f, err = os.OpenFile(r.path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return err
		}
		if !strings.HasSuffix(strings.ToLower(r.path), ".xlsx") {
			r.w = NewCSV(r.f)
		} else if r.w, err = NewXLSX(r.f, "退回"); err != nil {
			return err
		}
	}
	return r.w.Row(cells)
}

// Finish gives the file its name; without a row there is none.
func (r *Rejects) Finish() error {
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

// Abandon clears away what was not finished.
func (r *Rejects) Abandon() {
	if r.w != nil {
		r.f.Close()
		os.Remove(r.path + ".part")
	}
}

// Where names a row as a spreadsheet does: its line, with the sheet where there
// are several.
func (r Row) Where() string {
	if r.Sheet == "" {
		return strconv.Itoa(r.Line)
	}
	return r.Sheet + "!" + strconv.Itoa(r.Line)
}

package sheet

import (
	"errors"
	"io"
	"os"
	"strings"

	"yinling/internal/fault"
)

const maxNamed = 64 << 20 // bytes of a file that Named reads

// Named reads a CSV whose first line names its columns, in any order and in any
// encoding that Open knows; more columns than needed do no harm. what is the
// file in a sentence («回盘文件»). each gets the line and its cells by the name of
// their column; its error ends the reading. Errors are fault.Invalid, field «file».
func Named(r io.Reader, what string, need []string, each func(line int, get func(column string) string) error) error {
	tmp, err := os.CreateTemp("", "yinling-*.csv") // Open looks at a file more than once
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	n, err := io.Copy(tmp, io.LimitReader(r, maxNamed+1))
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if n > maxNamed {
		return fault.Field("file", "%s超过 %d MB，请分成几个文件。", what, maxNamed>>20)
	}
	f, err := Open(tmp.Name())
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Excel { // days would be serial numbers
		return fault.Field("file", "%s请在表格软件里另存为 CSV 再传。", what)
	}
	var at map[string]int
	for {
		row, err := f.Next()
		if err == io.EOF {
			if at == nil {
				return fault.Field("file", "%s是空的。", what)
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case row.Bad != "":
			return fault.Field("file", "%s第 %d 行读不懂：%s", what, row.Line, row.Bad)
		case row.Blank():
			continue
		case at == nil:
			at = map[string]int{}
			for i, h := range row.Cells {
				at[strings.TrimSpace(h)] = i
			}
			for _, h := range need {
				if _, ok := at[h]; !ok {
					return fault.Field("file", "%s里没有“%s”这一列。", what, h)
				}
			}
			continue
		}
		err = each(row.Line, func(column string) string {
			if i, ok := at[column]; ok && i < len(row.Cells) {
				return strings.TrimSpace(row.Cells[i])
			}
			return ""
		})
		if err != nil {
			return err
		}
	}
}

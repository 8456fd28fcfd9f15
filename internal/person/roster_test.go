package person

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

const head = "姓名,证件号码,性别,出生日期,联系电话,区县,地址,参保类型,参保日期,缴费起始月,缴费截止月,重点人群"

// demo is the i-th good number.
func demo(i int) string { return DemoID(i, day.MustParse("1942-03-15").AddDays(i), "女") }

func good(i int) string {
	return fmt.Sprintf("王桂兰,%s,女,%s,1380000%04d,海州区,幸福路%d号,职工,2023-01-01,2023-01,2024-05,重残", demo(i), day.MustParse("1942-03-15").AddDays(i), i, i)
}

func lines(ls ...string) []byte { return []byte(strings.Join(ls, "\r\n") + "\r\n") }

// cell replaces one cell of a good row.
func cell(i, col int, v string) string {
	c := strings.Split(good(i), ",")
	c[col] = v
	return strings.Join(c, ",")
}

func gbk(b []byte) []byte {
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes(b)
	if err != nil {
		panic(err)
	}
	return out
}

func utf16(e unicode.Endianness, bom unicode.BOMPolicy, b []byte) []byte {
	out, err := unicode.UTF16(e, bom).NewEncoder().Bytes(b)
	if err != nil {
		panic(err)
	}
	return out
}

func book(fill func(f *excelize.File)) []byte {
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func set(f *excelize.File, sheet string, row int, cells ...any) {
	for i, c := range cells {
		at, _ := excelize.CoordinatesToCellName(i+1, row)
		if err := f.SetCellValue(sheet, at, c); err != nil {
			panic(err)
		}
	}
}

func words(s string) (out []any) {
	for _, w := range strings.Split(s, ",") {
		out = append(out, w)
	}
	return out
}

func table(f *excelize.File, rows ...string) {
	for i, r := range rows {
		set(f, "Sheet1", i+1, words(r)...)
	}
}

type rosterCase struct {
	name     string
	file     []byte
	accepted int
	rejected int
	says     []string // each must stand in some reason, in order of the problems
	whole    string   // the file as a whole is refused with these words
	check    func(t *testing.T, r *Report)
}

func rosterCases() []rosterCase {
	h := head
	one := func(row string, says ...string) ([]byte, int, int, []string) {
		return lines(h, good(1), row, good(2)), 2, 1, says
	}
	c := func(name, row string, says ...string) rosterCase {
		f, a, r, s := one(row, says...)
		return rosterCase{name: name, file: f, accepted: a, rejected: r, says: s}
	}
	plain := lines(h, good(1), good(2), good(3))
	ok := func(name string, f []byte, n int) rosterCase { return rosterCase{name: name, file: f, accepted: n} }
	bad := func(name string, f []byte, whole string) rosterCase {
		return rosterCase{name: name, file: f, whole: whole}
	}
	x := func(name string, acc, rej int, says []string, fill func(f *excelize.File)) rosterCase {
		return rosterCase{name: name, file: book(fill), accepted: acc, rejected: rej, says: says}
	}
	long := strings.Repeat("长", 20000)
	return []rosterCase{
		// encodings and line ends
		ok("utf-8", plain, 3),
		ok("utf-8 with mark", append([]byte("\xef\xbb\xbf"), plain...), 3),
		ok("gbk", gbk(plain), 3),
		ok("gb18030 rare character", gbk(lines(h, cell(1, 0, "王𠮷㼆"), good(2))), 2),
		ok("utf-16le with mark", utf16(unicode.LittleEndian, unicode.UseBOM, plain), 3),
		ok("utf-16be with mark", utf16(unicode.BigEndian, unicode.UseBOM, plain), 3),
		ok("utf-16le without mark", utf16(unicode.LittleEndian, unicode.IgnoreBOM, plain), 3),
		ok("utf-16be without mark", utf16(unicode.BigEndian, unicode.IgnoreBOM, plain), 3),
		ok("cr only", bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\r")), 3),
		ok("lf only", bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\n")), 3),
		ok("mixed line ends", []byte(h+"\n"+good(1)+"\r"+good(2)+"\r\n"+good(3)), 3),
		ok("no last line end", bytes.TrimRight(plain, "\r\n"), 3),
		ok("tabs", bytes.ReplaceAll(plain, []byte(","), []byte("\t")), 3),
		ok("semicolons", bytes.ReplaceAll(plain, []byte(","), []byte(";")), 3),
		{name: "one broken line in utf-8", file: lines(h, good(1), strings.Replace(good(2), "海州区", "\xba\xa3", 1), good(3)), accepted: 2, rejected: 1, says: []string{"认不出的字"}},
		// quotes, widths, blanks
		ok("all quoted", lines(`"`+strings.ReplaceAll(h, ",", `","`)+`"`, `"`+strings.ReplaceAll(good(1), ",", `","`)+`"`), 1),
		ok("comma and quotes inside", lines(h, cell(1, 6, `"幸福路1号, ""老院"" 3室"`)), 1),
		ok("line break inside", lines(h, cell(1, 6, "\"幸福路1号\r\n3室\""), good(2)), 2),
		{name: "open quote", file: lines(h, good(1), cell(2, 6, `"幸福路`), good(3), good(4)), accepted: 3, rejected: 1, says: []string{"引号没有配对"}},
		{name: "open quote on the last line", file: lines(h, good(1), cell(2, 6, `"幸福路`)), accepted: 1, rejected: 1, says: []string{"引号没有配对"}},
		{name: "two open quotes must not join rows", file: lines(h, cell(1, 0, `"王桂兰`), cell(2, 0, `李"秀英`), good(3)), accepted: 1, rejected: 2, says: []string{"引号没有配对", "姓名里有不该有的字"}},
		{name: "quotes that swallow a row exactly", file: lines(h, cell(1, 11, `"重残`), strings.Replace(good(2), "王桂兰,", `王",`, 1), good(3)), accepted: 1, rejected: 2, says: []string{"引号没有配对"}},
		c("text behind a closing quote", cell(3, 6, `"幸福路"3号`), "引号没有配对"),
		c("nul", cell(3, 6, "幸福\x00路"), "控制字符"),
		c("bell", cell(3, 0, "王\x07兰"), "控制字符"),
		c("short row", strings.Join(strings.Split(good(3), ",")[:8], ","), "少了分隔符"),
		c("long row", good(3)+",多出来", "多了分隔符"),
		ok("empty cells behind", lines(h, good(1)+",,,", good(2)), 2),
		{name: "blank rows", file: lines(h, "", good(1), ",,,,,,,,,,,", "  ", good(2), ""), accepted: 2, check: func(t *testing.T, r *Report) {
			if r.Blank != 4 {
				t.Errorf("%d blank", r.Blank)
			}
		}},
		{name: "doubled head", file: lines(h, good(1), h, good(2)), accepted: 2, check: func(t *testing.T, r *Report) {
			if r.Heads != 2 {
				t.Errorf("%d heads", r.Heads)
			}
		}},
		ok("title above the head", lines("连云港市长期护理保险参保名册,,,", "2024年6月,,", h, good(1)), 1),
		ok("second head in another order", lines(h, good(1), "证件号码,姓名", demo(2)+",李秀英"), 2),
		bad("heading twice", lines(h+",手机号", good(1)+",1"), "两列都是「联系电话」"),
		bad("no head", lines(good(1), good(2)), "没有认出表头"),
		bad("no number column", lines("姓名,电话", "王桂兰,1"), "没有认出表头"),
		bad("empty", nil, "文件是空的"),
		bad("blank only", []byte("\r\n \r\n"), "文件是空的"),
		{name: "head only", file: lines(h)},
		{name: "unknown columns are named", file: lines(h+",备注,经办人", good(1)+",x,y"), accepted: 1, check: func(t *testing.T, r *Report) {
			if strings.Join(r.Ignored, "|") != "备注|经办人" {
				t.Errorf("ignored %q", r.Ignored)
			}
		}},
		ok("marks in the head", lines("*姓 名（必填）,证件号码：,　性别", "王桂兰,"+demo(1)+",女"), 1),
		// duplicates
		{name: "same row twice", file: lines(h, good(1), good(1)), accepted: 1, rejected: 1, says: []string{"同一个证件号码，只收了前一行"}},
		{name: "one number, two names", file: lines(h, good(1), cell(1, 0, "李秀英")), accepted: 1, rejected: 1, says: []string{"和第2行"}},
		// numbers
		c("science", cell(3, 1, "9.901E+17"), "科学计数法"),
		c("wrong check digit", cell(3, 1, flip(demo(3))), "校验码"),
		c("17 digits", cell(3, 1, demo(3)[:17]), "18位"),
		c("letters", cell(3, 1, "99010019420318OO2X"), "不是数字"),
		c("no number", cell(3, 1, ""), "没有填证件号码"),
		c("birth in the number does not exist", cell(3, 1, withCheck("99010020260229001")), "不存在"),
		c("born in the future", cell(3, 1, withCheck("99010020300101002")), "在今天之后"),
		c("131 years old", cell(3, 1, withCheck("99010018920101002")), "超过130岁"),
		c("no such province", cell(3, 1, withCheck("00010119420318002")), "不是任何一个省份"),
		ok("full width and blanks", lines(h, cell(1, 1, wide(demo(1)[:6])+" "+demo(1)[6:])), 1),
		ok("apostrophe", lines(h, cell(1, 1, "'"+demo(1))), 1),
		ok(`="…"`, lines(h, cell(1, 1, `="`+demo(1)+`"`)), 1),
		ok("small x", lines("姓名,证件号码", "王桂兰,"+strings.ToLower(withX())), 1),
		ok("15 digits", lines("姓名,证件号码", "王桂兰,"+demo(1)[:6]+demo(1)[8:17]), 1),
		ok("taiwan, macao, hong kong, foreigner", lines("姓名,证件号码", "甲乙,"+withCheck("81000019420318002"), "丙丁,"+withCheck("82000019420318002"),
			"戊己,"+withCheck("83000019420318002"), "Anna Berg,"+withCheck("93256019420318002")), 4),
		{name: "old foreigner's card", file: lines("姓名,证件号码,出生日期,性别", "Anna Berg,DEU320742031802,1942-03-18,女", "Bo Berg,DEU320742031803,,"), accepted: 1, rejected: 1, says: []string{"出生日期"}},
		// other columns
		c("number in the name", cell(3, 0, "王桂兰2"), "姓名里有"),
		c("no name", cell(3, 0, " "), "没有填姓名"),
		c("name too long", cell(3, 0, strings.Repeat("王", 60)), "姓名太长"),
		c("sex against number", cell(3, 2, "男"), "性别和证件号码对不上"),
		c("sex unknown", cell(3, 2, "未知"), "男或女"),
		c("birth against number", cell(3, 3, "1950-01-01"), "出生日期和证件号码对不上"),
		c("date that does not exist", cell(3, 8, "2023-02-29"), "不存在"),
		c("date in words", cell(3, 8, "前年"), "2024-06-30 的样子"),
		c("serial in csv", cell(3, 8, "45292"), "序号"),
		ok("ways of writing a date", lines(h, cell(1, 8, "2023/1/1"), cell(2, 8, "20230101"), cell(3, 8, "2023年1月1日"), cell(4, 8, "2023.01.01"), cell(5, 8, "２０２３-０１-０１"), cell(6, 8, "2023-01-01 00:00:00")), 6),
		c("phone short", cell(3, 4, "1380"), "11位手机号"),
		c("phone science", cell(3, 4, "1.38E+10"), "科学计数法"),
		ok("phones", lines(h, cell(1, 4, "+86 138-0000-0001"), cell(2, 4, "0518-85412345"), cell(3, 4, ""), cell(4, 4, "１３８０００００００１")), 4),
		c("two phones", cell(3, 4, "13800000001/13900000001"), "只留一个"),
		c("kind unknown", cell(3, 7, "离休"), "职工或居民"),
		c("kind missing", cell(3, 7, ""), "没有填参保类型"),
		c("since missing", cell(3, 8, ""), "没有填参保日期"),
		c("since before birth", cell(3, 8, "1900-01-01"), "早于出生"),
		c("months backwards", cell(3, 10, "2022-01"), "早于起始月"),
		c("month 13", cell(3, 10, "2024-13"), "2024-06 的样子"),
		c("only one month", cell(3, 9, ""), "没有填缴费起始月"),
		c("paid far ahead", cell(3, 10, "2040-01"), "两年以后"),
		c("several faults in one row are all named", "王1,"+flip(demo(3))+",女,,1380,海州区,路,离休,2023-13-01,,,", "校验码", "姓名里有", "手机号", "不存在", "职工或居民"),
		c("formula", cell(3, 6, "=1+1"), "公式"),
		c("cell too long", cell(3, 6, long), "字太多"),
		ok("not insured", lines(h, strings.Join(append(strings.Split(good(1), ",")[:7], "", "", "", "", ""), ",")), 1),
		{name: "no since column", file: lines("姓名,证件号码,险种", "王桂兰,"+demo(1)+",职工"), accepted: 1, check: func(t *testing.T, r *Report) {
			if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "参保日期") {
				t.Errorf("notes %q", r.Notes)
			}
		}},
		// not a table
		bad("pdf", []byte("%PDF-1.4"), "PDF"),
		bad("old xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xxxx"), "旧版 xls"),
		bad("html", []byte("<html><table>"), "网页"),
		bad("noise", bytes.Repeat([]byte{0, 1, 0, 0, 7, 0, 3, 0, 9}, 500), "文字编码"),
		bad("broken zip", []byte("PK\x03\x04rubbish"), "坏了"),
		// xlsx
		x("xlsx", 2, 0, nil, func(f *excelize.File) { table(f, h, good(1), good(2)) }),
		x("xlsx gap and blank rows", 2, 0, nil, func(f *excelize.File) {
			set(f, "Sheet1", 1, words(h)...)
			set(f, "Sheet1", 7, words(good(1))...)
			set(f, "Sheet1", 9, " ", "")
			set(f, "Sheet1", 12, words(good(2))...)
		}),
		x("xlsx serial dates", 1, 0, nil, func(f *excelize.File) {
			set(f, "Sheet1", 1, "姓名", "证件号码", "出生日期", "参保类型", "参保日期")
			set(f, "Sheet1", 2, "王桂兰", demo(1), 15416, "职工", 44927) // 1942-03-16, 2023-01-01
		}),
		x("xlsx 1904 dates", 1, 0, nil, func(f *excelize.File) {
			yes := true
			f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes})
			set(f, "Sheet1", 1, "姓名", "证件号码", "出生日期", "参保类型", "参保日期")
			set(f, "Sheet1", 2, "王桂兰", demo(1), 15416-1462, "职工", 44927-1462)
		}),
		x("xlsx 29 february 1900", 0, 1, []string{"不是一个日期"}, func(f *excelize.File) {
			set(f, "Sheet1", 1, "姓名", "证件号码", "参保类型", "参保日期")
			set(f, "Sheet1", 2, "王桂兰", demo(1), "职工", 60)
		}),
		x("xlsx number as number", 0, 1, []string{"存成了数字"}, func(f *excelize.File) {
			set(f, "Sheet1", 1, "姓名", "证件号码")
			set(f, "Sheet1", 2, "王桂兰", 990100194203160000)
		}),
		x("xlsx phone as number", 1, 0, nil, func(f *excelize.File) {
			set(f, "Sheet1", 1, "姓名", "证件号码", "手机")
			set(f, "Sheet1", 2, "王桂兰", demo(1), 13800000001)
		}),
		x("xlsx formula without value", 1, 1, []string{"公式"}, func(f *excelize.File) {
			table(f, h, good(1), good(2))
			f.SetCellValue("Sheet1", "G3", nil)
			f.SetCellFormula("Sheet1", "G3", "G2")
		}),
		{name: "xlsx error value, science, prefix, comment, cdata, rich text", file: rawBook(`<?xml version="1.0"?><x:worksheet xmlns:x="y"><x:sheetData>
			<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>姓名</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>证件号码</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>地址</x:t></x:is></x:c></x:row>
			<x:row r="2"><x:c t="inlineStr"><x:is><x:r><x:t>王</x:t></x:r><x:r><x:t><![CDATA[桂]]>兰</x:t></x:r><x:rPh><x:t>wang</x:t></x:rPh></x:is></x:c><!-- <x:c> --><x:c t="str"><x:v>` + demo(1) + `</x:v></x:c><x:c t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c></x:row>
			<x:row r="4"><x:c t="inlineStr"><x:is><x:t>王&#20848;</x:t></x:is></x:c><x:c><x:v>9.9010019420316E+17</x:v></x:c></x:row>
			<x:row r="5"><x:c t="inlineStr"><x:is><x:t>王桂兰</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>` + demo(2) + `</x:t></x:is></x:c><x:c t="s"><x:v>7</x:v></x:c></x:row>
			<x:row r="6"><x:c t="inlineStr"><x:is><x:t>王桂兰</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>` + demo(3) + `</x:t></x:is></x:c></x:row>
			</x:sheetData></x:worksheet>`), accepted: 1, rejected: 3, says: []string{"公式算错的结果（#DIV/0!）", "科学计数法", "在文件里找不到"}},
		bad("xlsx entities", rawBook(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`), "DOCTYPE"),
		bad("xlsx cut off", rawBook(`<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>姓名</t></is></c><c`), "坏了"),
		x("xlsx merged cells", 1, 1, []string{"合并"}, func(f *excelize.File) {
			table(f, h, good(1), cell(2, 5, ""))
			f.MergeCell("Sheet1", "F2", "F3")
		}),
		{name: "xlsx hidden row", file: book(func(f *excelize.File) {
			table(f, h, good(1), good(2))
			f.SetRowVisible("Sheet1", 3, false)
		}), accepted: 2, check: func(t *testing.T, r *Report) {
			if r.Hidden != 1 {
				t.Errorf("%d hidden", r.Hidden)
			}
		}},
		{name: "xlsx hidden sheet", file: book(func(f *excelize.File) {
			table(f, h, good(1))
			f.NewSheet("旧数据")
			set(f, "旧数据", 1, words(h)...)
			set(f, "旧数据", 2, words(good(2))...)
			f.SetSheetVisible("旧数据", false)
		}), accepted: 1, check: func(t *testing.T, r *Report) {
			if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "旧数据") {
				t.Errorf("notes %q", r.Notes)
			}
		}},
		{name: "xlsx explanation sheet", file: book(func(f *excelize.File) {
			table(f, h, good(1))
			f.NewSheet("填表说明")
			set(f, "填表说明", 1, "请逐行填写")
			set(f, "填表说明", 2, "不要合并单元格")
		}), accepted: 1, check: func(t *testing.T, r *Report) {
			if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "有2行没有读") {
				t.Errorf("notes %q", r.Notes)
			}
		}},
		x("xlsx key group sheet", 3, 2, []string{"没有填重点人群", "名册里没有这个人"}, func(f *excelize.File) {
			table(f, h, good(1), good(2))
			f.NewSheet("重点人群")
			set(f, "重点人群", 1, "证件号码", "重点人群", "认定部门", "认定日期")
			set(f, "重点人群", 2, demo(1), "特困", "民政", "2023-05-01")
			set(f, "重点人群", 3, demo(9), "特困", "民政", "2023-05-01")
			set(f, "重点人群", 4, demo(2), "", "民政", "2023-05-01")
		}),
		x("xlsx too many columns", 1, 1, []string{"太多列"}, func(f *excelize.File) {
			table(f, h, good(1), good(2))
			f.SetCellValue("Sheet1", "XFD3", "x")
		}),
	}
}

// rawBook is an XLSX around one sheet's XML, for what no library writes.
func rawBook(sheet string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="表" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="x/worksheet" Target="/xl/s.xml"/></Relationships>`,
		"xl/s.xml":                   sheet,
	} {
		w, _ := z.Create(name)
		io.WriteString(w, text)
	}
	z.Close()
	return b.Bytes()
}

func withCheck(s17 string) string { return s17 + string(checkChar(s17)) }

func flip(s string) string {
	last := byte('0')
	if s[17] == '0' {
		last = '1'
	}
	return s[:17] + string(last)
}

func withX() string {
	for i := range 499 {
		if s := DemoID(i, day.MustParse("1942-03-15"), "女"); s[17] == 'X' {
			return s
		}
	}
	panic("no X")
}

func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, s)
}

// T-32: malformed tables. Every row is accepted or rejected, each rejection
// names row, column and reason and hides the value, the rejects come back as a
// file that can be read in again, and the same file twice adds nobody.
func TestMalformedTables(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := service(t, d)
	cases := rosterCases()
	if len(cases) < 60 {
		t.Fatalf("%d cases, 60 are wanted", len(cases))
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "roster.dat")
			if err := os.WriteFile(path, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			reg := fmt.Sprintf("99%04d", i)
			run := func(path, rejects string) (*Report, error) {
				return s.Import(context.Background(), audit.System(reg), reg, path, ImportOptions{Rejects: rejects, Chunk: 3})
			}
			r, err := run(path, filepath.Join(dir, "back.csv"))
			if c.whole != "" {
				if f := fault.As(err); f.Kind != fault.Invalid || f.Field != "file" || !strings.Contains(f.Say, c.whole) {
					t.Fatalf("got %v, want the whole file refused with %q", err, c.whole)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.New + r.Changed + r.Same; got != c.accepted || r.Rejected != c.rejected || r.Rows != got+r.Rejected {
				t.Fatalf("accepted %d, rejected %d of %d; want %d and %d: %+v", got, r.Rejected, r.Rows, c.accepted, c.rejected, r.Problems)
			}
			at := 0
			for _, p := range r.Problems {
				if at < len(c.says) && strings.Contains(p.Reason, c.says[at]) {
					at++
				}
				text := p.Value + p.Reason
				if p.Row < 2 || p.Reason == "" || strings.Contains(text, "99010019") || strings.Contains(text, "1380000") {
					t.Errorf("problem %+v", p)
				}
			}
			if at < len(c.says) {
				t.Errorf("no reason says %q in %+v", c.says[at], r.Problems)
			}
			if c.check != nil {
				c.check(t, r)
			}
			again, err := run(path, "")
			if err != nil || again.New != 0 || again.Changed != 0 || again.Rejected != r.Rejected {
				t.Errorf("again: %+v %v", again, err)
			}
			if r.Rejected > 0 {
				for _, ext := range []string{"csv", "xlsx"} {
					back := filepath.Join(dir, "back2."+ext)
					if _, err := run(path, back); err != nil {
						t.Fatal(err)
					}
					if st, err := os.Stat(back); err != nil || st.Mode().Perm() != 0o600 {
						t.Errorf("rejects file: %v", err)
					}
					r2, err := run(back, filepath.Join(dir, "back3."+ext))
					if err != nil {
						t.Fatalf("rejects %s: %v", ext, err)
					}
					// A row that was rejected for how its cells were split or computed may be whole now; none is lost.
					if r2.Rows != r.Rejected {
						t.Errorf("rejects %s: %d rows of %d: %+v", ext, r2.Rows, r.Rejected, r2.Problems)
					}
				}
			}
		})
	}
}

// A corrected rejects file is taken, and only what differs changes.
func TestRejectsComeBackCorrected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		dir := t.TempDir()
		path, back := filepath.Join(dir, "a.csv"), filepath.Join(dir, "back.csv")
		os.WriteFile(path, lines(head, good(1), cell(2, 1, flip(demo(2))), cell(3, 7, "离休"), good(4)), 0o600)
		run := func(p string) *Report {
			r, err := s.Import(context.Background(), audit.System(region), region, p, ImportOptions{Rejects: back})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := run(path); r.New != 2 || r.Rejected != 2 || r.Rejects != back || r.Problems[0].Row != 3 || r.Problems[0].Column != "证件号码" || r.Problems[1].Column != "参保类型" {
			t.Fatalf("%+v", r)
		}
		b, err := os.ReadFile(back)
		if err != nil {
			t.Fatal(err)
		}
		recs, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || len(recs) != 3 || recs[0][12] != "行号" || recs[1][12] != "3" || !strings.Contains(recs[1][13], "校验码") || recs[2][12] != "4" {
			t.Fatalf("%q %v", recs, err)
		}
		fixed := strings.NewReplacer(flip(demo(2)), demo(2), "离休", "居民").Replace(string(b))
		os.WriteFile(back+"2.csv", []byte(fixed), 0o600)
		if r := run(back + "2.csv"); r.New != 2 || r.Rejected != 0 || len(r.Ignored) != 0 {
			t.Fatalf("corrected: %+v", r)
		}
		os.WriteFile(path, lines(head, good(1), good(2), cell(3, 7, "居民"), cell(4, 6, "新建路9号")), 0o600)
		if r := run(path); r.Same != 3 || r.Changed != 1 || r.New != 0 {
			t.Fatalf("last: %+v", r)
		}
	})
}

// T-35: the rejects export is inert and comes back unchanged.
func TestRejectsAreInert(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := service(t, d)
	dir := t.TempDir()
	nasty := []string{"=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "＝1", `"a`, "'=1", " =1", "　＝1", "=1+2\";\"", "x"}
	for _, ext := range []string{".csv", ".xlsx"} {
		f := excelize.NewFile()
		set(f, "Sheet1", 1, "姓名", "证件号码", "备注")
		for i, n := range nasty {
			set(f, "Sheet1", i+2, "王1", demo(i), n)
		}
		path, back := filepath.Join(dir, "n.xlsx"), filepath.Join(dir, "back"+ext)
		if err := f.SaveAs(path); err != nil {
			t.Fatal(err)
		}
		f.Close()
		r, err := s.Import(context.Background(), audit.System(region), region, path, ImportOptions{Rejects: back})
		if err != nil || r.Rejected != len(nasty) {
			t.Fatalf("%+v %v", r, err)
		}
		if ext == ".csv" {
			b, _ := os.ReadFile(back)
			recs, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for i, rec := range recs[1:] {
				for _, c := range rec {
					if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\"") || strings.HasPrefix(c, "＝") {
						t.Errorf("row %d: live cell %q", i, c)
					}
				}
				if rec[2] != nasty[i] && rec[2] != "'"+nasty[i] {
					t.Errorf("value changed: %q → %q", nasty[i], rec[2])
				}
				if rec[1] != "'"+demo(i) {
					t.Errorf("number %q would be rounded", rec[1])
				}
			}
			continue
		}
		g, err := excelize.OpenFile(back)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range nasty {
			at := fmt.Sprintf("C%d", i+2)
			v, _ := g.GetCellValue("退回", at)
			typ, _ := g.GetCellType("退回", at)
			formula, _ := g.GetCellFormula("退回", at)
			if v != n || formula != "" || typ != excelize.CellTypeInlineString && typ != excelize.CellTypeSharedString {
				t.Errorf("%q came back as %q, type %v, formula %q", n, v, typ, formula)
			}
		}
		g.Close()
	}
}

// A file that is cut off in the middle is finished by running it again.
func TestImportIsResumed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		path := rosterFile(t, 5000)
		ctx, stop := context.WithCancel(context.Background())
		_, err := s.Import(ctx, audit.System(region), region, path, ImportOptions{Chunk: 500, Progress: func(p Progress) {
			if p.Rows >= 2000 {
				stop()
			}
		}})
		if err == nil {
			t.Fatal("was not cut off")
		}
		r, err := s.Import(context.Background(), audit.System(region), region, path, ImportOptions{Chunk: 500})
		if err != nil || r.Rows != 5000 || r.New+r.Same != 5000 || r.Same == 0 || r.New == 0 {
			t.Fatalf("%+v %v", r, err)
		}
		var n int64
		write(t, d, func(tx *db.Tx) (err error) { n, err = s.Count(tx, region); return err })
		if n != 5000 {
			t.Fatalf("%d people", n)
		}
	})
}

// Two imports of one file at once: nobody twice, nobody lost.
func TestTwoImportsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		path := rosterFile(t, 3000)
		var got [2]*Report
		done := make(chan error, 2)
		for i := range got {
			go func() {
				var err error
				got[i], err = s.Import(context.Background(), audit.System(region), region, path, ImportOptions{Chunk: 300})
				done <- err
			}()
		}
		for range got {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		if got[0].New+got[1].New != 3000 || got[0].Rejected+got[1].Rejected != 0 {
			t.Errorf("%+v %+v", got[0], got[1])
		}
	})
}

func FuzzRoster(f *testing.F) {
	for _, c := range rosterCases() {
		f.Add(c.file)
	}
	dir := f.TempDir()
	d, _ := dbtest.SQLite(f)
	s := service(f, d)
	path := filepath.Join(dir, "fuzz")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := s.Import(context.Background(), audit.System("999999"), "999999", path, ImportOptions{Rejects: path + ".back.csv"})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v", err)
			}
			return
		}
		if r.New+r.Changed+r.Same+r.Rejected != r.Rows {
			t.Fatalf("rows lost: %+v", r)
		}
	})
}

package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"

	"yinling/internal/fault"
)

// book reads an XLSX row by row, sheet after sheet.
type book struct {
	file    *File
	parts   map[string]*zip.File
	strings arena
	sheets  []sheetPart
	at      int
	cur     *sheetReader
	read    int64 // packed bytes of finished sheets
}

type sheetPart struct {
	name  string
	part  *zip.File
	spans []span // merged cells
}

func tooBig() error {
	return fault.Field("file", "表格解开后大得不正常，不能导入。请另存为 CSV，或分成几个文件再导入")
}

func brokenBook(err error) error {
	if fault.Is(err, fault.Invalid) {
		return err
	}
	if errors.Is(err, errDoctype) {
		return fault.Field("file", "表格里夹带了不该有的定义（DOCTYPE），不能导入。请用表格软件打开，另存为 xlsx 再导入")
	}
	return fault.Field("file", "表格文件坏了，读不下去。请用表格软件打开，另存为 xlsx 再导入")
}

func (s *File) openXLSX() error {
	z, err := zip.NewReader(s.f, s.Size)
	if err != nil {
		return brokenBook(err)
	}
	b := &book{file: s, parts: map[string]*zip.File{}}
	if len(z.File) > 2000 {
		return tooBig()
	}
	for _, p := range z.File {
		if p.Flags&1 != 0 {
			return fault.Field("file", "表格加了密码，请去掉密码再导入")
		}
		b.parts[strings.ToLower(strings.TrimPrefix(p.Name, "/"))] = p
	}
	s.Excel = true
	if err := b.workbook(); err != nil {
		return brokenBook(err)
	}
	if err := b.loadStrings(); err != nil {
		return brokenBook(err)
	}
	for i := range b.sheets {
		// One look ahead: the size is known before the first row is believed,
		// and merged cells stand behind the rows.
		if err := b.sheets[i].survey(); err != nil {
			return brokenBook(err)
		}
	}
	s.next, s.done = b.next, b.done
	return nil
}

// unpack opens a part under the limits on size and ratio.
func unpack(p *zip.File) (io.ReadCloser, error) {
	if p.UncompressedSize64 > maxPart || p.UncompressedSize64 > freeSize && p.UncompressedSize64/maxRatio > p.CompressedSize64 {
		return nil, tooBig()
	}
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	return &bounded{ReadCloser: r, packed: int64(p.CompressedSize64)}, nil
}

type bounded struct {
	io.ReadCloser
	n, packed int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.n += int64(n); b.n > maxPart || b.n > freeSize && b.n/maxRatio > b.packed {
		return n, tooBig()
	}
	return n, err
}

// small reads a small part whole.
func (b *book) small(name string, into any) error {
	p := b.parts[name]
	if p == nil {
		return errXML
	}
	r, err := unpack(p)
	if err != nil {
		return err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, 4<<20+1))
	if err != nil {
		return err
	}
	if len(text) > 4<<20 {
		return tooBig()
	}
	if bytes.Contains(text, []byte("<!DOCTYPE")) {
		return errDoctype
	}
	return xml.Unmarshal(text, into)
}

func (b *book) workbook() error {
	var w struct {
		Pr struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		Rel []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := b.small("xl/workbook.xml", &w); err != nil {
		return err
	}
	if err := b.small("xl/_rels/workbook.xml.rels", &rels); err != nil {
		return err
	}
	b.file.Date1904 = w.Pr.Date1904 == "1" || w.Pr.Date1904 == "true"
	target := map[string]string{}
	for _, r := range rels.Rel {
		t := r.Target
		if strings.HasPrefix(t, "/") {
			t = t[1:]
		} else {
			t = path.Join("xl", t)
		}
		if strings.HasSuffix(r.Type, "/worksheet") {
			target[r.ID] = strings.ToLower(t)
		}
	}
	for _, sh := range w.Sheets {
		id := ""
		for _, a := range sh.Attrs {
			if a.Name.Local == "id" {
				id = a.Value
			}
		}
		p := b.parts[target[id]]
		switch {
		case p == nil: // a chart sheet, or a sheet whose part is missing
			b.file.Notes = append(b.file.Notes, "工作表「"+sh.Name+"」不是普通表格，没有读")
		case sh.State == "hidden" || sh.State == "veryHidden":
			b.file.Notes = append(b.file.Notes, "工作表「"+sh.Name+"」是隐藏的，没有读；要导入请取消隐藏")
		default:
			b.sheets = append(b.sheets, sheetPart{name: sh.Name, part: p})
		}
	}
	if len(b.sheets) == 0 {
		return fault.Field("file", "表格里没有看得见的工作表")
	}
	return nil
}

// arena keeps the shared strings of a workbook without a header for each.
type arena struct {
	chunks [][]byte
	start  []uint32
	length []uint16
	size   int
}

const chunkBits = 20

func (a *arena) add(s []byte) error {
	if a.size += len(s) + 6; a.size > maxStrings {
		return fault.Field("file", "表格里的文字太多，超过能处理的大小。请另存为「CSV UTF-8」再导入")
	}
	n := len(a.chunks)
	if n == 0 || len(a.chunks[n-1])+len(s) > 1<<chunkBits {
		a.chunks = append(a.chunks, make([]byte, 0, 1<<chunkBits))
		n++
	}
	c := &a.chunks[n-1]
	a.start = append(a.start, uint32((n-1)<<chunkBits+len(*c)))
	a.length = append(a.length, uint16(len(s)))
	*c = append(*c, s...)
	return nil
}

func (a *arena) get(i int) (string, bool) {
	if i < 0 || i >= len(a.start) {
		return "", false
	}
	at := int(a.start[i])
	c := a.chunks[at>>chunkBits]
	at &= 1<<chunkBits - 1
	return string(c[at : at+int(a.length[i])]), true
}

func (b *book) loadStrings() error {
	p := b.parts["xl/sharedstrings.xml"]
	if p == nil {
		return nil
	}
	r, err := unpack(p)
	if err != nil {
		return err
	}
	defer r.Close()
	x := &scanner{in: bufio.NewReaderSize(r, 64<<10)}
	var s []byte
	inT, phonetic := false, false
	for {
		ev, err := x.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case ev == start && x.name == "si":
			s = s[:0]
		case x.name == "rPh":
			phonetic = ev == start
		case x.name == "t" && ev != chars:
			inT = ev == start
		case ev == end && x.name == "si":
			if err := b.strings.add(s[:min(len(s), MaxCell)]); err != nil {
				return err
			}
		}
		if ev == chars && inT && !phonetic && len(s) <= MaxCell {
			s = append(s, x.text...)
		}
	}
}

// span is a range of merged cells, 1-based, both ends included.
type span struct{ r1, c1, r2, c2 int }

// survey reads a sheet once for its size and its merged cells.
func (s *sheetPart) survey() error {
	r, err := unpack(s.part)
	if err != nil {
		return err
	}
	defer r.Close()
	in := bufio.NewReaderSize(r, 256<<10)
	if head, _ := in.Peek(2); len(head) == 2 && (head[0] >= 0xfe || head[1] == 0) {
		return errXML // UTF-16: no spreadsheet program writes it
	}
	mark := []byte("mergeCells")
	for {
		buf, err := in.Peek(max(len(mark), in.Buffered()))
		if i := bytes.Index(buf, mark); i >= 0 {
			in.Discard(i + len(mark))
			if _, err := in.ReadSlice('>'); err != nil && err != bufio.ErrBufferFull {
				return nil
			}
			return s.merged(&scanner{in: in})
		}
		if len(buf) < len(mark) {
			if err == io.EOF {
				return nil
			}
			return err
		}
		in.Discard(len(buf) - len(mark) + 1)
	}
}

func (s *sheetPart) merged(x *scanner) error {
	for {
		ev, err := x.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if ev != start || x.name != "mergeCell" {
			continue
		}
		a, b, ok := strings.Cut(x.attr("ref"), ":")
		if !ok {
			continue
		}
		c1, r1 := cellRef([]byte(a))
		c2, r2 := cellRef([]byte(b))
		if s.spans = append(s.spans, span{r1, c1, r2, c2}); len(s.spans) > 100000 {
			return fault.Field("file", "表格里合并的单元格太多，请取消合并再导入")
		}
	}
	sort.Slice(s.spans, func(i, j int) bool { return s.spans[i].r1 < s.spans[j].r1 })
	return nil
}

// cellRef reads «BC12» as column 55, row 12.
func cellRef(s []byte) (col, row int) {
	for _, b := range s {
		switch {
		case b >= 'A' && b <= 'Z' && col < 1<<20:
			col = col*26 + int(b-'A') + 1
		case b >= '0' && b <= '9' && row < 1<<24:
			row = row*10 + int(b-'0')
		}
	}
	return col, row
}

func (b *book) next() (Row, error) {
	for {
		if b.cur == nil {
			if b.at == len(b.sheets) {
				return Row{}, io.EOF
			}
			r, err := unpack(b.sheets[b.at].part)
			if err != nil {
				return Row{}, brokenBook(err)
			}
			b.cur = &sheetReader{x: &scanner{in: bufio.NewReaderSize(r, 64<<10)}, raw: r.(*bounded), part: &b.sheets[b.at], strings: &b.strings}
			b.at++
		}
		row, err := b.cur.next()
		if err == nil {
			return row, nil
		}
		b.read += int64(b.cur.part.part.CompressedSize64)
		b.cur.raw.Close()
		b.cur = nil
		if err != io.EOF {
			return Row{}, brokenBook(err)
		}
	}
}

func (b *book) done() int64 {
	n := b.read
	if b.cur != nil {
		size := int64(max(1, b.cur.part.part.UncompressedSize64))
		n += int64(b.cur.part.part.CompressedSize64) * (b.cur.raw.n * 1000 / size) / 1000
	}
	return n
}

type sheetReader struct {
	x       *scanner
	raw     *bounded
	part    *sheetPart
	strings *arena
	line    int
	span    int    // spans before it begin above the present row
	live    []span // of them those that reach the present row
}

func (s *sheetReader) next() (Row, error) {
	for {
		ev, err := s.x.next()
		if err != nil {
			return Row{}, err
		}
		if ev == start && s.x.name == "row" {
			return s.row()
		}
	}
}

func (s *sheetReader) row() (Row, error) {
	s.line++
	if n, err := strconv.Atoi(s.x.attr("r")); err == nil && n > 0 && n < 1<<24 {
		s.line = n
	}
	h := s.x.attr("hidden")
	row := Row{Sheet: s.part.name, Line: s.line, Hidden: h == "1" || h == "true", Cells: make([]string, 0, 16), Kinds: make([]Kind, 0, 16)}
	col := 0
	for {
		ev, err := s.x.next()
		if err == io.EOF {
			return row, errXML
		}
		if err != nil {
			return row, err
		}
		if ev == end && s.x.name == "row" {
			s.cover(&row)
			return row, nil
		}
		if ev != start || s.x.name != "c" {
			continue
		}
		col++
		if c, _ := cellRef(s.x.attrBytes("r")); c > 0 {
			col = c
		}
		text, kind, err := s.cell(&row, col)
		if err != nil {
			return row, err
		}
		if text == "" && kind == Text {
			continue
		}
		if col > MaxColumns {
			row.Bad = "这一行有太多列"
			continue
		}
		for len(row.Cells) < col {
			row.Cells, row.Kinds = append(row.Cells, ""), append(row.Kinds, Text)
		}
		row.Cells[col-1], row.Kinds[col-1] = text, kind
	}
}

func (s *sheetReader) cell(row *Row, col int) (text string, kind Kind, err error) {
	typ := s.x.attr("t")
	var b []byte
	formula, inV, inT, phonetic := false, false, false, false
	for {
		ev, err := s.x.next()
		if err == io.EOF {
			return "", 0, errXML
		}
		if err != nil {
			return "", 0, err
		}
		if ev == chars {
			if inV || inT && !phonetic {
				b = append(b, s.x.text...)
				if s.x.long || len(b) > MaxCell {
					b = b[:0]
					row.Bad, row.Column = "这一格的字太多", col
				}
			}
			continue
		}
		switch s.x.name {
		case "f":
			formula = true
		case "v":
			inV = ev == start
		case "t":
			inT = ev == start
		case "rPh":
			phonetic = ev == start
		case "c":
			if ev == end {
				return s.value(row, col, typ, b, formula)
			}
		}
	}
}

func (s *sheetReader) value(row *Row, col int, typ string, b []byte, formula bool) (string, Kind, error) {
	switch {
	case len(b) == 0 && formula:
		return "", Formula, nil
	case len(b) == 0:
		return "", Text, nil
	}
	switch typ {
	case "s":
		i, err := strconv.Atoi(string(b))
		t, ok := s.strings.get(i)
		if err != nil || !ok {
			row.Bad, row.Column = "这一格的文字在文件里找不到", col
		}
		return valid(t), Text, nil
	case "e":
		return valid(string(b)), Failed, nil
	case "b":
		return map[string]string{"1": "是", "true": "是"}[string(b)] + map[string]string{"0": "否", "false": "否"}[string(b)], Text, nil
	case "str", "inlineStr", "d":
		return valid(string(b)), Text, nil
	}
	return plainNumber(string(b)), Digits, nil
}

// plainNumber writes 1.3812345678E10 as 13812345678 where that is exact: a
// spreadsheet keeps 15 digits, so a longer number stays as it is and is refused later.
func plainNumber(s string) string {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s
	}
	exp, err := strconv.Atoi(strings.TrimPrefix(s[i+1:], "+"))
	whole, frac, _ := strings.Cut(s[:i], ".")
	if err != nil || exp < len(frac) || len(whole)+exp > 15 || strings.HasPrefix(whole, "-") {
		return s
	}
	return whole + frac + strings.Repeat("0", exp-len(frac))
}

// cover marks the cells of the row that lie under a merged cell of another place.
func (s *sheetReader) cover(row *Row) {
	for ; s.span < len(s.part.spans) && s.part.spans[s.span].r1 <= row.Line; s.span++ {
		s.live = append(s.live, s.part.spans[s.span])
	}
	n := 0
	for _, m := range s.live {
		if m.r2 < row.Line {
			continue
		}
		s.live[n] = m
		n++
		for c := m.c1; c <= min(m.c2, len(row.Cells), MaxColumns); c++ {
			if (c != m.c1 || row.Line != m.r1) && row.Cells[c-1] == "" && row.Kinds[c-1] == Text {
				row.Kinds[c-1] = Merged
			}
		}
	}
	s.live = s.live[:n]
}

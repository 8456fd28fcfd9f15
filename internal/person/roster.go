package person

import (
	"strings"
	"unicode"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/person/sheet"
)

// column is a column that a roster may have.
type column int

const (
	colNone column = iota
	colSkip        // 行号, 原因: ours, of a rejects file
	colID
	colName
	colSex
	colBirth
	colPhone
	colDistrict
	colCommunity
	colAddress
	colLat
	colLng
	colResident
	colDeceased
	colKind
	colScheme
	colSince
	colUntil
	colStatus
	colPaidFrom
	colPaidTo
	colPaid
	colBase
	colGroup
	colGroupSource
	colGroupSince
	columns
)

// Headings are the words by which the head of a table is understood, the first
// of each is the one that docs and messages use.
var Headings = [columns][]string{
	colSkip:        {"原因", "行号", "序号", "no", "reason"},
	colID:          {"证件号码", "身份证号", "身份证号码", "公民身份号码", "身份证", "证件号", "居民身份证号码", "社会保障号码", "社保号", "certno", "idno", "idnumber", "id"},
	colName:        {"姓名", "参保人", "参保人姓名", "人员姓名", "名字", "psnname", "name"},
	colSex:         {"性别", "gend", "sex", "gender"},
	colBirth:       {"出生日期", "出生年月日", "生日", "brdy", "birth", "birthday"},
	colPhone:       {"联系电话", "手机号", "手机", "手机号码", "电话", "移动电话", "联系方式", "本人电话", "tel", "phone", "mobile"},
	colDistrict:    {"区县", "县区", "县市区", "行政区", "所在区县", "区", "district"},
	colCommunity:   {"社区", "社区村", "村社区", "村居", "村", "居委会", "街道社区", "community"},
	colAddress:     {"地址", "居住地址", "家庭住址", "住址", "现住址", "联系地址", "详细地址", "addr", "address"},
	colLat:         {"纬度", "lat", "latitude"},
	colLng:         {"经度", "lng", "lon", "longitude"},
	colResident:    {"本地居住", "是否本地居住", "是否在本地居住", "本地", "resident"},
	colDeceased:    {"死亡日期", "去世日期", "deceased"},
	colKind:        {"参保类型", "人员类别", "参保人员类别", "参保身份", "医保类型", "kind", "coverage"},
	colScheme:      {"险种", "险种类型", "参保险种", "insutype", "scheme"},
	colSince:       {"参保日期", "参保开始日期", "首次参保日期", "参保时间", "开始日期", "since", "begndate"},
	colUntil:       {"终止日期", "参保结束日期", "停保日期", "结束日期", "until", "enddate"},
	colStatus:      {"参保状态", "状态", "人员参保状态", "status"},
	colPaidFrom:    {"缴费起始月", "缴费开始月", "缴费起始年月", "缴费开始年月", "起始缴费月", "paidfrom"},
	colPaidTo:      {"缴费截止月", "缴费结束月", "缴费截止年月", "缴费终止月", "最近缴费月", "缴费至", "paidto"},
	colPaid:        {"缴费月份", "缴费年月", "已缴费月份", "paid"},
	colBase:        {"缴费基数", "月缴费基数", "缴费工资", "月缴费工资", "本人缴费基数", "base"},
	colGroup:       {"重点人群", "重点人群类别", "人群类别", "特殊人群", "困难类别", "groups", "group"},
	colGroupSource: {"数据来源", "认定部门", "来源", "source"},
	colGroupSince:  {"认定日期", "认定时间", "groupsince"},
}

var headings = func() map[string]column {
	m := map[string]column{}
	for c, names := range Headings {
		for _, n := range names {
			m[n] = column(c)
		}
	}
	return m
}()

func heading(cell string) string {
	s := strings.ToLower(half(sheet.Plain(cell)))
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("([{【〔", r):
			depth++
		case strings.ContainsRune(")]}】〕", r):
			depth--
		case depth <= 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// section is a stretch of rows under one head.
type section struct {
	head    []string
	cols    []column // of each cell
	at      [columns]int
	has     Field
	groups  bool // rows of the key group list, not of the roster
	csv     bool
	serial  bool
	y1904   bool
	ignored []string
	notes   []string
}

func (s *section) have(c column) bool { return s.at[c] >= 0 }

// likeHead is a quick look at a million rows: a head has a short cell without a
// digit that names the number.
func likeHead(r *sheet.Row) bool {
	for _, c := range r.Cells {
		if len(c) > 1 && len(c) < 60 && (strings.Contains(c, "号") || strings.Contains(c, "证") || strings.ContainsAny(c, "iI")) && !strings.ContainsAny(c, "0123456789") && headings[heading(c)] == colID {
			return true
		}
	}
	return false
}

// readHead understands a row as a head, or tells that it is none. A heading
// that stands twice makes the whole file unreadable: nobody may guess which counts.
func readHead(f *sheet.File, r *sheet.Row) (*section, error) {
	if !likeHead(r) {
		return nil, nil
	}
	s := &section{csv: !f.Excel, serial: f.Excel, y1904: f.Date1904}
	for c := range s.at {
		s.at[c] = -1
	}
	known, double := 0, ""
	for i, cell := range r.Cells {
		h := heading(cell)
		c := headings[h]
		s.head, s.cols = append(s.head, strings.TrimSpace(cell)), append(s.cols, c)
		switch {
		case c == colNone && h != "":
			s.ignored = append(s.ignored, strings.TrimSpace(cell))
		case c > colSkip:
			if s.at[c] >= 0 {
				double = Headings[c][0]
			}
			known++
			s.at[c] = i
		}
	}
	if known < 2 || !s.have(colID) || !s.have(colName) && !s.have(colGroup) {
		return nil, nil
	}
	if double != "" {
		return nil, fault.Field("file", "第 %d 行的表头里有两列都是「%s」，分不清用哪一列。请删去一列再导入", r.Line, double)
	}
	for len(s.head) > 0 && s.head[len(s.head)-1] == "" {
		s.head, s.cols = s.head[:len(s.head)-1], s.cols[:len(s.cols)-1]
	}
	s.groups = s.have(colGroup) && (s.have(colGroupSource) || s.have(colGroupSince) || strings.Contains(r.Sheet, "重点人群") || !s.have(colName))
	for c, f := range map[column]Field{colPhone: HasPhone, colDistrict: HasDistrict, colCommunity: HasCommunity, colAddress: HasAddress,
		colResident: HasResident, colDeceased: HasDeceased, colGroup: HasGroups} {
		if s.have(c) {
			s.has |= f
		}
	}
	if s.have(colLat) && s.have(colLng) {
		s.has |= HasPlace
	}
	if !s.groups && (s.have(colKind) || s.have(colScheme)) {
		if s.have(colSince) {
			if s.has |= HasCoverage; s.have(colBase) {
				s.has |= HasBase
			}
		} else {
			s.notes = append(s.notes, "表里没有「参保日期」一列，参保关系没有导入")
		}
	}
	if s.have(colBase) && s.has&HasBase == 0 {
		s.notes = append(s.notes, "缴费基数要和参保类型、参保日期在同一张表里，这一列没有导入")
	}
	return s, nil
}

// Problem is one reason why a row was not taken.
type Problem struct {
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"` // masked
	Reason string `json:"reason"`
}

// checked is a row after the check: an entry, or the problems that it has.
type checked struct {
	row      sheet.Row
	entry    Entry
	group    Group // of a key group list
	problems []Problem
}

type checker struct {
	*section
	today day.Day
	out   *checked
}

// check reads one row into an entry; every problem of the row is named.
func (s *section) check(row sheet.Row, today day.Day) checked {
	c := checker{section: s, today: today, out: &checked{row: row}}
	if row.Bad != "" {
		col := ""
		if row.Column > 0 && row.Column <= len(s.head) {
			col = s.head[row.Column-1]
		}
		c.out.problems = []Problem{{Sheet: row.Sheet, Row: row.Line, Column: col, Reason: row.Bad}}
		return *c.out
	}
	c.width()
	c.identity()
	if s.groups {
		c.groupRow()
	} else {
		c.contact()
		c.coverage()
	}
	return *c.out
}

// width refuses rows whose cells do not stand under the head.
func (c *checker) width() {
	cells := c.out.row.Cells
	for i := len(c.head); i < len(cells); i++ {
		if strings.TrimSpace(cells[i]) != "" {
			c.bad(colNone, "", "这一行有%d列，表头只有%d列，可能多了分隔符", len(cells), len(c.head))
			return
		}
	}
	if c.csv && len(cells) < len(c.head) {
		c.bad(colNone, "", "这一行只有%d列，表头有%d列，可能少了分隔符", len(cells), len(c.head))
	}
}

func (c *checker) bad(col column, value, reason string, args ...any) {
	p := Problem{Sheet: c.out.row.Sheet, Row: c.out.row.Line, Reason: sprintf(reason, args...)}
	if col != colNone && c.have(col) {
		p.Column = c.head[c.at[col]]
	} else if col != colNone {
		p.Column = Headings[col][0]
	}
	switch col {
	case colID:
		p.Value = MaskID(half(value))
	case colName:
		p.Value = MaskName(value)
	case colPhone:
		p.Value = MaskPhone(half(value))
	default:
		p.Value = mask(value)
	}
	for _, o := range c.out.problems {
		if o.Column == p.Column && o.Reason == p.Reason { // the cell was looked at twice
			return
		}
	}
	c.out.problems = append(c.out.problems, p)
}

// get is the text of a column; a cell that cannot be believed is a problem and "".
func (c *checker) get(col column) string {
	i := c.at[col]
	if i < 0 || i >= len(c.out.row.Cells) {
		return ""
	}
	raw := c.out.row.Cells[i]
	switch c.out.row.Kind(i) {
	case sheet.Formula:
		c.bad(col, "", "这一格是公式，文件里没有算好的值。请在表格软件里复制后「粘贴为数值」")
		return ""
	case sheet.Failed:
		c.bad(col, "", "这一格是公式算错的结果（%s），请改成实际的值", raw)
		return ""
	case sheet.Merged:
		c.bad(col, "", "这一格和别的格合并了，值写在别的行。请取消合并，每行都填上")
		return ""
	}
	if raw == "" {
		return ""
	}
	s := strings.TrimSpace(sheet.Plain(raw))
	for _, r := range s {
		switch {
		case r == '\uFFFD':
			c.bad(col, s, "有认不出的字，可能是文字编码坏了")
			return ""
		case r == 0 || unicode.IsControl(r) && r != '\n' && r != '\t':
			c.bad(col, strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, s), "有看不见的控制字符，请重新填写")
			return ""
		}
	}
	if c.csv && len(s) > 1 && s[0] == '=' {
		c.bad(col, s, "这一格是公式，不是值。请改成实际的值")
		return ""
	}
	return s
}

func (c *checker) date(col column) day.Day {
	raw := c.get(col)
	d, say := parseDate(raw, c.serial && c.out.row.Kind(c.at[col]) == sheet.Digits, c.y1904)
	if say != "" {
		c.bad(col, raw, "%s", say)
	}
	return d
}

func (c *checker) identity() {
	e := &c.out.entry
	before := len(c.out.problems)
	raw := c.get(colID)
	if len(c.out.problems) == before {
		n, err := ParseID(raw, c.today)
		switch {
		case err != nil && len(raw) > 15 && digits(raw) && c.out.row.Kind(c.at[colID]) == sheet.Digits:
			c.bad(colID, raw, "表格把号码存成了数字，后三位已经丢了。请把这一列设成「文本」，再从原始材料重新填写")
		case err != nil:
			c.bad(colID, raw, "%s", fault.As(err).Say)
		}
		e.Number = n
	}
	e.Birth, e.Sex = e.Number.Birth, e.Number.Sex
	if c.have(colName) {
		before := len(c.out.problems)
		name := strings.Join(strings.Fields(half(c.get(colName))), " ")
		switch {
		case len(c.out.problems) > before:
		case name == "":
			c.bad(colName, "", "没有填姓名")
		case len([]rune(name)) > 50:
			c.bad(colName, name, "姓名太长")
		case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune("·•．.- '’", r) }):
			c.bad(colName, name, "姓名里有不该有的字（数字或符号）")
		}
		e.Name = name
	}
	if c.have(colSex) {
		raw := c.get(colSex)
		sex, ok := sexes[half(raw)]
		switch {
		case !ok:
			c.bad(colSex, raw, "性别要填男或女")
		case sex != "" && e.Sex != "" && sex != e.Sex:
			c.bad(colSex, raw, "性别和证件号码对不上，请核对哪一个错了")
		case e.Sex == "":
			e.Sex = sex
		}
	}
	if c.have(colBirth) {
		raw := c.get(colBirth)
		switch d := c.date(colBirth); {
		case d == 0:
		case e.Birth != 0 && d != e.Birth:
			c.bad(colBirth, raw, "出生日期和证件号码对不上，请核对哪一个错了")
		case e.Birth == 0:
			if err := plausibleBirth(d, c.today); err != nil {
				c.bad(colBirth, raw, "%s", fault.As(err).Say)
			}
			e.Birth = d
		}
	}
	if e.Number.Kind == IDForeigner && len(e.Number.Text) == 15 && !c.groups && (e.Birth == 0 || e.Sex == "") {
		c.bad(colBirth, "", "旧版外国人永久居留证的号码里没有完整的出生日期，请同时填出生日期和性别")
	}
}

func (c *checker) text(col column, most int, into *string) {
	if !c.have(col) {
		return
	}
	s := strings.Join(strings.Fields(c.get(col)), " ")
	if len([]rune(s)) > most {
		c.bad(col, s, "这一格太长，最多%d个字", most)
	}
	*into = s
}

var sexes = map[string]string{"": "", "男": "男", "女": "女", "男性": "男", "女性": "女", "1": "男", "2": "女", "M": "男", "F": "女", "m": "男", "f": "女"}

var yes = map[string]bool{"是": true, "有": true, "1": true, "Y": true, "y": true, "本地": true, "true": true, "TRUE": true,
	"否": false, "无": false, "0": false, "N": false, "n": false, "外地": false, "异地": false, "false": false, "FALSE": false}

func (c *checker) contact() {
	e := &c.out.entry
	e.Has = c.has
	if c.have(colPhone) {
		raw := c.get(colPhone)
		p, say := parsePhone(raw)
		if say != "" {
			c.bad(colPhone, raw, "%s", say)
		}
		e.Phone = p
	}
	c.text(colDistrict, 40, &e.District)
	c.text(colCommunity, 60, &e.Community)
	c.text(colAddress, 200, &e.Address)
	if c.has&HasPlace != 0 {
		lat, lng := c.get(colLat), c.get(colLng)
		if lat != "" || lng != "" {
			la, ok1 := parseMicro(lat)
			lo, ok2 := parseMicro(lng)
			switch {
			case !ok1 || !ok2:
				c.bad(colLat, "", "经度和纬度要一起填，写成 34.596012、119.221611 的样子")
			case la > 73_000000 && lo < 54_000000:
				c.bad(colLat, "", "经度和纬度写反了")
			case la < 3_000000 || la > 54_000000 || lo < 73_000000 || lo > 136_000000:
				c.bad(colLat, "", "经纬度不在国内")
			}
			e.Lat, e.Lng = la, lo
		}
	}
	e.Resident = true
	if raw := c.get(colResident); raw != "" {
		v, ok := yes[half(raw)]
		if !ok {
			c.bad(colResident, raw, "要填是或否")
		}
		e.Resident = v
	}
	if c.have(colDeceased) {
		raw := c.get(colDeceased)
		if e.Deceased = c.date(colDeceased); e.Deceased > c.today || e.Deceased != 0 && e.Deceased < e.Birth {
			c.bad(colDeceased, raw, "去世日期在今天之后，或在出生之前")
		}
	}
	for _, g := range splitGroups(c.get(colGroup)) {
		if len([]rune(g)) > 20 || strings.ContainsFunc(g, unicode.IsDigit) {
			c.bad(colGroup, g, "重点人群要填类别的名称，例如 特困、重残")
		}
		e.Groups = append(e.Groups, g)
	}
}

func splitGroups(s string) (out []string) {
	for _, g := range strings.FieldsFunc(half(s), func(r rune) bool { return strings.ContainsRune("、,，;；|/\n", r) }) {
		g = strings.TrimSpace(g)
		dup := g == "" || g == "无" || g == "-"
		for _, o := range out {
			dup = dup || o == g
		}
		if !dup {
			out = append(out, g)
		}
	}
	return out
}

func (c *checker) groupRow() {
	g := splitGroups(c.get(colGroup))
	switch {
	case len(g) == 0:
		c.bad(colGroup, "", "没有填重点人群的类别")
	case len(g) > 1:
		c.bad(colGroup, c.get(colGroup), "一行只能填一个类别，请分成几行")
	case len([]rune(g[0])) > 20:
		c.bad(colGroup, g[0], "重点人群要填类别的名称，例如 特困、重残")
	default:
		c.out.group.Name = g[0]
	}
	c.text(colGroupSource, 40, &c.out.group.Source)
	if c.out.group.Source == "" {
		c.out.group.Source = "重点人群名单"
	}
	if c.have(colGroupSince) {
		raw := c.get(colGroupSince)
		if c.out.group.Since = c.date(colGroupSince); c.out.group.Since > c.today {
			c.bad(colGroupSince, raw, "认定日期在今天之后")
		}
	}
}

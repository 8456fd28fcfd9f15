package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"yinling/internal/day"
	"yinling/internal/person"
	"yinling/internal/share"
)

// registers lets the lists of other departments arrive: most rows are
// recognised, some wait for a clerk, some are of nobody here.
func (m *maker) registers() error {
	dir, err := os.MkdirTemp("", "yinling-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	today := m.today()
	asOf := today.Month().First() - 1
	bring := func(source, name, head string, rows []string) error {
		path := filepath.Join(dir, name+".csv")
		if err := os.WriteFile(path, []byte(head+"\n"+strings.Join(rows, "\n")), 0o600); err != nil {
			return err
		}
		_, _, err := m.Share.Import(m.ctx, m.clerk.who, Region, source, path, asOf, share.ImportOptions{})
		return err
	}
	// The first are the elders of the cases, the last the daughter who logs in.
	elders, others := m.roster[:m.scale.Severe], m.roster[m.scale.Severe+3:len(m.roster)-1]
	pick := func(n, of int) (out []person.Entry) {
		for i := n; i < len(others); i += of {
			out = append(out, others[i])
		}
		return out
	}
	since := today.AddMonths(-30)
	row := func(e person.Entry, more ...string) string {
		return strings.Join(append([]string{e.Name, e.Number.Text, e.Birth.String()}, more...), ",")
	}
	list := func(list []person.Entry, level string) (out []string) {
		for i, e := range list {
			out = append(out, row(e, (since+day.Day(i*11)).String(), level))
		}
		return out
	}
	const head = "姓名,身份证号,出生日期,认定日期,等级"
	doubtful := pick(7, 150)
	tekun := list(append(pick(3, 31), withGroup(elders, "特困")...), "")
	for i, e := range doubtful { // a wrong character, no number, a number that is not theirs
		switch i % 3 {
		case 0:
			tekun = append(tekun, strings.Join([]string{string([]rune(e.Name)[:1]) + "贵兰", e.Number.Text, e.Birth.String(), since.String(), ""}, ","))
		case 1:
			tekun = append(tekun, strings.Join([]string{e.Name, "", e.Birth.String(), since.String(), ""}, ","))
		default:
			tekun = append(tekun, strings.Join([]string{e.Name, person.DemoID(499, e.Birth, e.Sex), e.Birth.String(), since.String(), ""}, ","))
		}
	}
	for i := range 4 {
		b := day.MustParse("1938-05-01").AddDays(i * 97)
		tekun = append(tekun, strings.Join([]string{"外乡" + []string{"甲", "乙", "丙", "丁"}[i], person.DemoID(498-i, b, "男"), b.String(), since.String(), ""}, ","))
	}
	disabled := append(append([]person.Entry{}, elders[2], elders[3]), append(pick(5, 23), withGroup(elders, "重残")...)...)
	var subsidy, deaths, stays, civil []string
	for _, e := range pick(5, 46) {
		subsidy = append(subsidy, row(e, since.String(), "每月补贴"))
	}
	for i, e := range pick(11, 290) {
		deaths = append(deaths, row(e, (asOf-day.Day(20+i)).String(), fmt.Sprintf("证明%02d", i+1)))
	}
	for i, e := range pick(13, 190) {
		out := ""
		if i > 0 {
			out = (asOf - 3).String()
		}
		stays = append(stays, row(e, (asOf-day.Day(9+i)).String(), out, "市第一医院"))
	}
	for i, e := range append(append([]person.Entry{}, elders[:4]...), pick(3, 93)...) {
		civil = append(civil, row(e, today.AddMonths(-5-i).String(), today.AddMonths(7-i).String(), []string{"中度失能", "重度失能", "能力轻度受损"}[i%3], fmt.Sprintf("民评%04d", 100+i), "区养老服务评估中心"))
	}
	for _, x := range []struct {
		source, name, head string
		rows               []string
	}{{"tekun", "民政特困名单", head, tekun}, {"dibao", "民政低保名单", head, list(pick(1, 29), "")}, {"disabled", "残联重度残疾人名单", head, list(disabled, "一级")},
		{"subsidy-disabled", "重残护理补贴发放名单", "姓名,身份证号,出生日期,享受起始日期,类别", subsidy}, {"deceased", "死亡信息", "姓名,身份证号,出生日期,死亡日期,死亡证明编号", deaths},
		{"hospital", "住院信息", "姓名,身份证号,出生日期,入院日期,出院日期,医院", stays}, {"assess-civil", "老年人能力评估", "姓名,身份证号,出生日期,评估日期,有效期至,评估结果,报告编号,评估机构", civil}} {
		if err := bring(x.source, x.name, x.head, x.rows); err != nil {
			return fmt.Errorf("%s: %w", x.source, err)
		}
	}
	return m.followUp()
}

func withGroup(list []person.Entry, group string) (out []person.Entry) {
	for _, e := range list {
		for _, g := range e.Groups {
			if g == group {
				out = append(out, e)
			}
		}
	}
	return out
}

// followUp works the watch list out, gives a district to the clerk and records
// the first contacts.
func (m *maker) followUp() error {
	if err := m.Share.Refresh(m.ctx, m.clerk.who, Region); err != nil {
		return err
	}
	board, err := m.Share.Board(m.ctx, Region)
	if err != nil || len(board) == 0 {
		return err
	}
	list, _, err := m.Share.Watching(m.ctx, Region, share.WatchFilter{District: board[0].District, Which: "should"}, 100)
	if err != nil || len(list) == 0 {
		return err
	}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.Person)
		if err := m.Share.Assign(m.ctx, m.clerk.who, Region, x.Person, m.key("assign", x.Person), m.clerk.who.ID, m.clerk.who.Name, m.today(), 0); err != nil {
			return err
		}
	}
	for i, id := range ids[:len(ids)/2] {
		c := share.Contact{Result: []string{"later", "unreached", "well", "apply"}[i%4], Note: []string{"能自己做饭，女儿每周来", "", "", "想申请，下周来窗口"}[i%4]}
		if err := m.Share.Touch(m.ctx, m.clerk.who, Region, id, m.key("touch", id), c); err != nil {
			return err
		}
	}
	return nil
}

package office

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// auditPage is the record (审计日志) for the audit administrator.
type auditPage struct {
	ui.Page
	Filter   ui.Filter
	List     ui.Table
	Pager    ui.Pager
	Verified ui.Panel // after the verification
	Chains   ui.Table
}

var auditTmpl = ui.MustParse[auditPage](ui.Office, files, "audit/list.html")

const linesPerPage = 100

// verbWords says what the first word of a verb is about; verbNames the acts that
// an auditor looks for.
var (
	verbWords = map[string]string{"access": "账号", "assess": "评估", "audit": "审计", "bank": "银行", "care": "护理", "claim": "结算", "clock": "时钟", "db": "数据库",
		"desk": "办件", "fund": "基金账", "hall": "服务大厅", "institution": "机构", "job": "任务", "person": "参保人", "policy": "依据"}
	verbNames = map[string]string{"access.login": "登录", "access.login_failed": "登录没有成功", "access.login_pass": "用登录码登录", "access.logout": "退出", "access.create": "开账号",
		"access.disable": "停用账号", "access.reset": "发重设码", "access.renew": "重设密码或动态口令", "access.pass": "出登录码", "access.link": "绑定外部登录", "access.act_for": "开始或停止代办",
		"audit.see": "看审计日志", "audit.verify": "校验审计链", "clock.back": "时钟往回走", "db.unsafe": "在不安全的设置上运行", "job.retry": "重试任务",
		"person.see": "看参保人", "person.reveal": "看完整证件号", "person.authorise": "授权代办", "person.revoke": "收回授权", "assess.see": "看评估记录", "care.see": "看服务记录",
		"care.see_plan": "看护理计划", "care.see_spots": "看亲情护理抽查", "care.family": "做亲情护理计划", "care.days": "确认照护的日子", "care.days_window": "窗口代确认照护的日子", "care.days_back": "收回确认过的日子", "care.spot_draw": "抽取要抽查的家庭", "care.spot": "记抽查结果", "fund.count": "测算应收筹资", "fund.book_due": "记应收筹资", "fund.enter": "登记到账回单", "fund.judge_slip": "核对到账回单", "claim.see": "看账单", "desk.see": "看材料", "policy.why": "看依据", "claim.settle": "结算", "claim.file": "生成拨付文件", "fund.close": "结账"}
	resultNames = map[string]ui.Chip{"done": {Tone: "ok", Say: "办成"}, string(fault.Refused): {Tone: "wait", Say: "规则不许"}, string(fault.Forbidden): {Tone: "bad", Say: "没有权限"},
		string(fault.Conflict): {Tone: "wait", Say: "情况有变，没办"}}
)

func verbName(verb string) string {
	word, _, _ := strings.Cut(verb, ".")
	if n := verbNames[verb]; n != "" {
		return n
	}
	return verbWords[word]
}

// auditQuery reads the filter of the address: an object, or days (today when
// none is given, a month at most), and somebody's login.
func (s *Server) auditQuery(r *http.Request) (q audit.Query, login string, err error) {
	f := ui.ParseForm(r)
	q.Object, login = f.Raw("object"), f.Raw("actor")
	q.From, q.To = f.Day("from", ""), f.Day("to", "")
	if q.To.IsZero() {
		q.To = ui.Today(r)
	}
	if q.From.IsZero() {
		q.From = q.To
	}
	if q.From > q.To || q.To-q.From > 31 {
		f.Bad("from", "从哪一天到哪一天，请先早后晚，最多 31 天")
	}
	for i, into := range []*int64{&q.After.At, &q.After.Lane, &q.After.Seq} {
		if p := strings.Split(f.Raw("after"), "."); len(p) == 3 {
			*into, _ = strconv.ParseInt(p[i], 10, 64)
		}
	}
	if err = f.Err(); err != nil || login == "" {
		return q, login, err
	}
	q.Actor = login
	a, err := s.Access.ByLogin(r.Context(), ui.Actor(r).Region, login)
	if err == nil {
		q.Actor = a.ID
	} else if fault.Is(err, fault.NotFound) {
		err = nil // an id of an account, «system», or the login of nobody: nothing is found
	}
	return q, login, err
}

func (s *Server) auditList(r *http.Request) (*auditPage, error) {
	p, who := &auditPage{Page: ui.Page{Title: "审计日志", Nav: "/o/audit"}}, ui.Actor(r)
	q, login, bad := s.auditQuery(r)
	p.Filter = ui.Filter{Action: "/o/audit", Fields: []ui.Field{{Name: "object", Label: "对象", Value: q.Object, Placeholder: "受理号或编号"}, {Name: "actor", Label: "谁", Value: login, Placeholder: "登录名或 system"},
		{Name: "from", Label: "从", Value: dayText(q.From), Type: "date"}, {Name: "to", Label: "到", Value: dayText(q.To), Type: "date"}}}
	p.List = ui.Table{Title: "记录", Caption: "最新的在前", Head: []string{"时间", "谁", "做什么", "对象", "结果", "终端", "链上位置"}, Empty: "这里没有记录。换一天，或写受理号来找。"}
	if bad != nil {
		return p, bad
	}
	// Who reads the record sees who saw whom: the look is part of the record.
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "audit.see", q.Object); err != nil {
		return p, err
	}
	lines, err := audit.Lines(r.Context(), s.Log, who.Region, q, linesPerPage+1)
	if err != nil {
		return p, err
	}
	if len(lines) > linesPerPage {
		lines = lines[:linesPerPage]
		l := lines[linesPerPage-1]
		v := url.Values{"object": {q.Object}, "actor": {login}, "from": {dayText(q.From)}, "to": {dayText(q.To)}, "after": {fmt.Sprintf("%d.%d.%d", l.At, l.Lane, l.Seq)}}
		p.Pager.Next = "/o/audit?" + v.Encode()
	}
	p.Pager.Say = fmt.Sprintf("这一页 %d 条", len(lines))
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.Actor)
	}
	names, err := s.Access.Names(r.Context(), who.Region, ids...)
	if err != nil {
		return p, err
	}
	for _, l := range lines {
		chip, ok := resultNames[l.Result]
		if !ok {
			chip = ui.Chip{Tone: "mute", Say: l.Result}
		}
		name := names[l.Actor]
		if l.Actor == "system" {
			name = "系统"
		}
		actor := ui.Two{First: name, Second: roleName(l.Role)}
		if l.Behalf != "" {
			actor.Second += "，替别人办"
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Instant(l.At), actor, ui.Two{First: verbName(l.Verb), Second: l.Verb},
			l.Object, chip, l.Terminal, fmt.Sprintf("%d 道 %d", l.Lane, l.Seq)}})
	}
	return p, nil
}

func dayText(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func (s *Server) audit(w http.ResponseWriter, r *http.Request) error {
	p, err := s.auditList(r)
	if err != nil {
		return auditTmpl.Again(w, r, p, err)
	}
	return auditTmpl.Render(w, r, p)
}

// auditVerify computes every chain of the region anew.
func (s *Server) auditVerify(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	p, err := s.auditList(r)
	if err != nil {
		return auditTmpl.Again(w, r, p, err)
	}
	var marks []audit.Checkpoint
	if s.System != nil {
		if marks, err = s.System.Checkpoints(); err != nil {
			return err
		}
	}
	rep, err := audit.Verify(r.Context(), s.Log, who.Region, marks)
	if err != nil {
		return err
	}
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "audit.verify", who.Region); err != nil {
		return err
	}
	p.Verified = ui.Panel{Tone: "ok", Title: "审计链完好", Say: fmt.Sprintf("重新算了 %d 条记录，%d 道链一环扣一环，和 %d 个存档点都对得上。", rep.Rows, len(rep.Chains), rep.Checkpoints)}
	if len(rep.Damage) > 0 {
		p.Verified = ui.Panel{Tone: "stop", Title: "审计链坏了，马上报告", Say: fmt.Sprintf("重新算了 %d 条记录，下面 %d 处和写下时不一样。不要改动数据库，先备份现场。", rep.Rows, len(rep.Damage))}
	}
	p.Chains = ui.Table{Title: "每一道链", Caption: "到哪一条、链头的摘要", Head: []string{"道", "条数", "最后一条", "链头"}}
	for _, c := range rep.Chains {
		p.Chains.Rows = append(p.Chains.Rows, ui.Row{Cells: []any{c.Lane, c.Rows, c.Seq, c.Hash}})
	}
	for _, d := range rep.Damage {
		p.Chains.Rows = append(p.Chains.Rows, ui.Row{Cells: []any{d.Lane, ui.Chip{Tone: "bad", Say: "坏"}, d.Seq, d.Say}})
	}
	return auditTmpl.Render(w, r, p)
}

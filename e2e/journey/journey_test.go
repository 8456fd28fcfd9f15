// Package journey walks the whole road in a real browser: from a daughter's
// application for her mother to the signed month and the books that balance,
// each step by the person whose step it is, on both databases.
package journey

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yinling/internal/app"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/demo"
	"yinling/internal/fund"
)

const region = demo.Region

// begin is the day of the application: a Wednesday in a year with a calendar.
var begin = day.MustParse("2026-06-03")

// town is the program with its demonstration city, under a clock that the
// journey moves.
type town struct {
	*app.App
	t     *testing.T
	clock *demo.Clock
	base  string
}

func newTown(t *testing.T, url string) *town {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clock := &demo.Clock{}
	clock.At(begin, 9, 0)
	a, err := app.Open(context.Background(), app.Config{DB: url, Data: t.TempDir(), Addr: l.Addr().String(), Region: region, Agency: demo.Agency,
		Demo: true, Now: clock.Now, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Fill(t.Context(), a, clock, demo.Small, t.Logf); err != nil {
		t.Fatal(err)
	}
	clock.At(begin, 9, 0)
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return &town{App: a, t: t, clock: clock, base: "http://" + l.Addr().String()}
}

// at moves the clock to an hour of a day and lets the jobs of the days between run.
func (w *town) at(d day.Day, hour, minute int) {
	w.t.Helper()
	for x := day.FromTime(w.clock.Now()) + 1; x <= d; x++ {
		w.clock.At(x, 2, 0)
		if _, err := w.Jobs.Drain(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	w.clock.At(d, hour, minute)
}

// later moves the clock on within a day.
func (w *town) later(d time.Duration) { w.clock.Set(w.clock.Now().Add(d)) }

// login is the login of an account id; the journey logs in like anybody else,
// it only has to know who was drawn.
func (w *town) login(account string) string {
	w.t.Helper()
	var s string
	if err := w.DB.Raw().QueryRow(`SELECT login FROM access_account WHERE region = $1 AND id = $2`, region, account).Scan(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *town) read(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.DB.Read(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func TestRoad(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			url := "sqlite:" + filepath.Join(t.TempDir(), "road.db")
			if engine == "postgres" {
				url = dbtest.PostgresURL(t)
			}
			road(t, newTown(t, url))
		})
	}
}

func road(t *testing.T, w *town) {
	browser := newBrowser(t)
	picture, video := files(t)
	sit := func(name string, width int64) *window { return open(w, browser, name, width) }

	// 1. The daughter applies for her mother, one question a page, on her phone.
	daughter := sit("daughter", 390)
	daughter.citizen("19900000001")
	daughter.goTo("/assess")
	mother := daughter.pickLabel("who", "王桂兰")
	daughter.press("下一题")
	daughter.pick("place", "home")
	daughter.press("下一题")
	for _, item := range []string{"eating", "continence", "bathing", "dressing", "toilet", "transfer"} {
		daughter.pick("items", item)
	}
	daughter.shot("items")
	daughter.press("下一题")
	daughter.pick("since", "12")
	daughter.press("下一题")
	daughter.pick("record", "now")
	daughter.file("file", picture)
	daughter.press("下一题")
	daughter.pick("times", "am")
	daughter.press("去核对")
	daughter.sees("核对一遍", "王桂兰")
	daughter.shot("check")
	daughter.press("申请护理")
	daughter.shot("sent")
	parts := strings.Split(daughter.path(), "/")
	number := parts[len(parts)-1]

	// 2. The clerk accepts and lets people be drawn at random.
	w.at(begin+1, 9, 0)
	clerk := sit("clerk", 1366)
	clerk.staff("clerk")
	clerk.goTo("/o/desk")
	clerk.sees("王桂兰")
	clerk.shot("worklist")
	clerk.goTo("/o/assess/" + number)
	clerk.press("受理")
	clerk.press("随机抽派")
	clerk.shot("drawn")

	// 3. Two assess at home, one of them an expert: 17 items, guardian, video, both sign.
	w.at(begin+6, 10, 0)
	team := w.members(number, assess.DutyVisit)
	if len(team) < 2 || !slices.ContainsFunc(team, func(m assess.Member) bool { return m.Role == "expert" }) {
		t.Fatalf("drawn for the visit: %+v", team)
	}
	first := sit("assessor", 390)
	first.staff(w.login(team[0].Account))
	first.goTo("/v/assess")
	first.sees("王桂兰")
	first.goTo("/v/assess/" + number)
	first.file("file", video)
	first.press("上传录像")
	for n := 1; n <= 17; n++ {
		first.goTo("/v/assess/" + number + "/item/" + itoa(n))
		first.pick("score", "0")
		if n == 3 {
			first.shot("item")
		}
		first.press("下一项")
	}
	w.later(50 * time.Minute)
	first.goTo("/v/assess/" + number + "/sign")
	first.set("began", "10:05")
	first.set("ended", "10:45")
	first.set("guardian", "陈丽")
	first.set("relation", "女儿")
	first.pick("notie", "1")
	first.press("签字")
	for _, m := range team[1:] {
		other := sit("second", 390)
		other.staff(w.login(m.Account))
		other.goTo("/v/assess/" + number + "/sign")
		other.pick("notie", "1")
		other.press("签字")
	}

	// 4. Two experts conclude, each alone; then the public notice.
	w.at(begin+7, 9, 0)
	for _, m := range w.members(number, assess.DutyConclude) {
		expert := sit("expert", 390)
		expert.staff(w.login(m.Account))
		expert.goTo("/v/assess/" + number)
		expert.pick("level", "5")
		expert.shot("conclude")
		expert.press("交结论意见")
	}
	w.at(begin+8, 9, 0)
	clerk.staff("clerk")
	clerk.goTo("/o/assess/" + number)
	clerk.press("公示")
	anyone := sit("anyone", 390)
	anyone.goTo("/notice")
	anyone.sees("王*兰")
	anyone.shot("notice")

	// 5. The notice ends by the clock and the benefit starts; the daughter sees why.
	w.at(begin+22, 9, 0)
	b := w.benefit(mother)
	daughter.citizen("19900000001")
	daughter.goTo("/case/" + number)
	daughter.sees("重度失能Ⅲ级")
	daughter.shot("result")

	// 6. She chooses home care and an institution; it writes the plan, she confirms, the clerk approves.
	from := max(b.From, day.FromTime(w.clock.Now())+1)
	daughter.goTo("/family")
	daughter.press("替王桂兰办")
	daughter.goTo("/care/choose")
	daughter.pick("mode", "home")
	daughter.press("下一步")
	daughter.pickLabel("institution", "松鹤护理服务中心")
	daughter.press("选好了")
	inst := sit("inst", 1366)
	inst.staff("inst1")
	inst.goTo("/j/plan/new?person=" + mother)
	inst.planFor(from)
	inst.shot("plan")
	inst.press("保存计划")
	plan := inst.path()[strings.LastIndex(inst.path(), "/")+1:]
	inst.press("交给本人确认")
	daughter.goTo("/care/plan/" + plan)
	daughter.shot("plan")
	daughter.press("同意这份计划")
	if !strings.Contains(daughter.text(), "已经生效") {
		clerk.staff("clerk")
		clerk.goTo("/o/care/plan/" + plan)
		clerk.shot("plan")
		clerk.press("通过")
	}

	// 7. The care worker checks in, works, checks out; the family confirms.
	visit, on, start := w.firstVisit(mother)
	w.at(on, int(start/60), int(start%60))
	carer := sit("carer", 390)
	carer.plain() // with script a visit has the phone's own times; e2e/offline walks that
	carer.staff("carer1")
	carer.goTo("/v/")
	carer.sees("王桂兰")
	carer.shot("today")
	carer.goTo("/v/visit/" + visit)
	carer.press("我到了，打卡")
	w.later(40 * time.Minute)
	carer.goTo("/v/visit/" + visit)
	carer.shot("working")
	carer.file("photo", picture)
	carer.press("保存照片")
	w.later(25 * time.Minute)
	carer.goTo("/v/visit/" + visit)
	carer.pick("item", "L05")
	carer.pick("item", "L15")
	carer.press("做完了，去签退")
	carer.press("签退，请家属确认")
	carer.pick("method", "sign")
	carer.file("photo", picture)
	carer.press("家属确认好了")
	carer.shot("done")
	w.clear(visit)

	// 8. The bill: what was done, who pays what, and why; she confirms and pays her share.
	daughter.citizen("19900000001")
	daughter.goTo("/claim/" + visit)
	daughter.shot("bill")
	daughter.press("没问题，去付款")
	daughter.goTo("/claim/" + visit + "/pay")
	daughter.shot("pay")
	code := eval[string](daughter, `[...document.querySelectorAll('main a')].map(a=>a.getAttribute('href')).find(h=>h&&h.includes('/pay/'))||''`)
	if code == "" {
		t.Fatalf("no way to the cashier on\n%s", daughter.text())
	}
	daughter.goTo(code[strings.Index(code, "/pay/"):])
	daughter.press("确认付")
	daughter.goTo("/claim/" + visit)
	daughter.sees("已经结算", "已付", "可以撤回")
	daughter.shot("receipt")
	why := eval[string](daughter, `[...document.querySelectorAll('main a')].map(a=>a.getAttribute('href')).find(h=>h&&h.startsWith('/why/'))||''`)
	daughter.goTo(why)
	daughter.sees("示例值")
	daughter.shot("why")

	// 9. The month: claim, first review, second review by another hand, sign-off, payment file, closed books.
	month := on.Month()
	w.at((month+1).First()+4, 10, 0)
	inst.staff("inst1")
	inst.goTo("/j/claim")
	inst.choose("month", month.String())
	inst.press("归集")
	inst.shot("month")
	inst.press("申报 ")
	claim := w.claimOf(month)
	act := func(login, words string) *window {
		s := sit(login, 1366)
		s.staff(login)
		s.goTo("/o/claim/month/" + claim)
		s.press(words)
		return s
	}
	reviewer := act("reviewer", "初审通过")
	reviewer.goTo("/o/claim/month/" + claim)
	if strings.Contains(reviewer.text(), "复核通过") && reviewer.has("复核通过") {
		t.Error("the one who reviewed first may also review second")
	}
	act("reviewer2", "复核通过")
	treasurer := act("treasurer", "审签，扣留保证金")
	treasurer.goTo("/o/claim/file?m=" + month.String())
	treasurer.press("生成拨付文件")
	treasurer.shot("file")
	treasurer.goTo("/o/fund?m=" + month.String())
	treasurer.press("结 ")
	treasurer.shot("books")

	// The books balance, the chains hold, and every decision replays equal.
	w.sound()
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// files are a picture and a video by their content.
func files(t *testing.T) (picture, video string) {
	t.Helper()
	dir := t.TempDir()
	picture, video = filepath.Join(dir, "出院小结.png"), filepath.Join(dir, "全程录像.mp4")
	for p, b := range map[string][]byte{picture: demo.Picture(), video: demo.Video} {
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return picture, video
}

func (w *town) members(number, duty string) (out []assess.Member) {
	w.t.Helper()
	d, err := w.Assess.Detail(w.t.Context(), audit.Actor{ID: "system", Role: "clerk", Region: region}, region, number)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range d.Members {
		if m.On && m.Duty == duty && m.Round == d.App.Round {
			out = append(out, m)
		}
	}
	return out
}

func (w *town) benefit(person string) (b benefit.Benefit) {
	w.t.Helper()
	w.read(func(tx *db.Tx) (err error) { b, err = benefit.On(tx, region, person, tx.Today()+31); return err })
	if b.Level != 5 {
		w.t.Fatalf("benefit %+v", b)
	}
	return b
}

// planFor fills the plan's form: one visit a week from a day on.
func (w *window) planFor(from day.Day) {
	w.t.Helper()
	eval[bool](w, `(()=>{const m=document.querySelector('main [name=mode]'); if(m&&m.tagName==='SELECT') m.value='home'; return true})()`)
	w.set("from", from.String())
	w.set("to", from.AddMonths(3).String())
	for _, c := range []struct{ code, minutes string }{{"L05", "40"}, {"L15", "20"}} {
		w.pick("item", c.code)
		w.set("week-"+c.code, "1")
		w.set("minutes-"+c.code, c.minutes)
	}
	ok := eval[string](w, `(()=>{const g=n=>document.querySelector('main [name="'+n+'"]'); const e=document.querySelector('main [name^="start-"]'); if(!e) return 'no slot';
		const n=e.name.slice(6), d=g('day-'+n), s=g('who-'+n); if(!d) return 'no day'; d.value='3'; e.value='09:00'; if(s) s.selectedIndex=1; return d.value==='3'?'':'no Wednesday'})()`)
	if ok != "" {
		w.t.Fatal(ok)
	}
}

func (w *window) has(words string) bool {
	return eval[bool](w, `[...document.querySelectorAll('main button')].some(b=>b.innerText.includes(`+q(words)+`))`)
}

// firstVisit is the first planned visit to a person.
func (w *town) firstVisit(person string) (id string, on day.Day, minute int64) {
	w.t.Helper()
	var at int64
	err := w.DB.Raw().QueryRow(`SELECT id, on_day, planned_at FROM care_visit WHERE region = $1 AND person = $2 AND status = 'planned' ORDER BY planned_at LIMIT 1`, region, person).Scan(&id, &on, &at)
	if err != nil {
		w.t.Fatal(err)
	}
	t := time.UnixMilli(at).In(day.Shanghai)
	return id, on, int64(t.Hour()*60 + t.Minute())
}

// clear lets the office decide the suspicions of a visit: the journey's browser
// has no place, so the check-in had none either, and care was not blocked by it.
func (w *town) clear(visit string) {
	w.t.Helper()
	rows, err := w.DB.Raw().Query(`SELECT kind FROM care_exception WHERE region = $1 AND visit = $2 AND status = 'open'`, region, visit)
	if err != nil {
		w.t.Fatal(err)
	}
	var kinds []string
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			w.t.Fatal(err)
		}
		kinds = append(kinds, k)
	}
	rows.Close()
	if len(kinds) == 0 {
		w.t.Error("a visit without a place raised no suspicion")
	}
	for _, k := range kinds {
		w.judge(visit, k)
	}
}

// claimOf is the claim of the journey's institution for a month.
func (w *town) claimOf(m day.Month) (id string) {
	w.t.Helper()
	if err := w.DB.Raw().QueryRow(`SELECT m.id FROM claim_month m JOIN institution_institution i ON i.region = m.region AND i.id = m.institution
		WHERE m.region = $1 AND m.month = $2 AND i.name = $3`, region, m, "松鹤护理服务中心").Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *town) judge(visit, kind string) {
	w.t.Helper()
	who := audit.Actor{ID: "reviewer", Role: "reviewer", Region: region}
	if _, err := w.Care.Judge(w.t.Context(), who, region, visit, kind, "", care.Judgement{Action: "accept", Reason: "已电话向家属核实，人到了、事做了。"}); err != nil {
		w.t.Fatal(err)
	}
}

// sound proves the books, the chains and every stored decision.
func (w *town) sound() {
	w.t.Helper()
	books, err := fund.Verify(w.t.Context(), w.DB, region)
	if err != nil || !books.OK || books.Debit != books.Credit || books.Vouchers == 0 {
		w.t.Fatalf("the books: %+v, %v", books, err)
	}
	chain, err := audit.Verify(w.t.Context(), w.Log, region, nil)
	if err != nil || len(chain.Damage) > 0 || chain.Rows == 0 {
		w.t.Fatalf("the audit chain: %+v, %v", chain, err)
	}
	var ids []string
	w.read(func(tx *db.Tx) (err error) {
		ids, err = db.All(tx, db.Value[string], `SELECT id FROM audit_decision WHERE region = $1`, region)
		return err
	})
	for _, id := range ids {
		d, err := w.Log.Decision(w.t.Context(), region, id)
		if err != nil {
			w.t.Fatal(err)
		}
		again, err := w.Log.Replay(w.t.Context(), d)
		if err != nil || !again.Same {
			w.t.Fatalf("decision %s (%s) does not replay: %v", id, d.Rule, err)
		}
		if !strings.Contains(d.Explain, `"clause"`) {
			w.t.Errorf("decision %s (%s) names no clause: %s", id, d.Rule, d.Explain)
		}
	}
	w.t.Logf("%d vouchers balance, %d audit events hold, %d decisions replay equal", books.Vouchers, chain.Rows, len(ids))
}

// Package tasks walks the top tasks of a citizen in a real browser, with and
// without script, in normal and elder mode, and counts pages, questions, taps
// and typed characters against the caps of the design (C 1 to 12). Tasks whose
// service is not on the net yet must lead to telephone and window, and say so.
package tasks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"yinling/internal/access"
	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/demo"
)

const (
	daughterPhone = "19900000001"
	motherPhone   = "19955500001"
	fatherPhone   = "19955500002" // of somebody who has brought nothing yet
)

// payerPhones are of people whose bill waits: one pays in each way.
var payerPhones = []string{"19955500011", "19955500012", "19955500013", "19955500014"}

type town struct {
	*app.App
	base   string
	clock  *demo.Clock
	mother string
}

func newTown(t *testing.T) *town {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clock := &demo.Clock{}
	on := day.MustParse("2026-06-17")
	clock.At(on, 10, 0)
	a, err := app.Open(context.Background(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "tasks.db"), Data: t.TempDir(), Addr: l.Addr().String(),
		Region: demo.Region, Agency: demo.Agency, Demo: true, Now: clock.Now, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Fill(t.Context(), a, clock, demo.Small, t.Logf); err != nil {
		t.Fatal(err)
	}
	clock.At(on, 10, 0)
	w := &town{App: a, base: "http://" + l.Addr().String(), clock: clock}
	raw := a.DB.Raw()
	people := map[string]string{
		motherPhone: `SELECT id, name FROM person_person WHERE region = $1 AND name = '王桂兰'`,
		fatherPhone: `SELECT id, name FROM person_person WHERE region = $1 AND id = (SELECT MAX(person) FROM claim_bill b WHERE region = $1 AND status = 'settled'
			AND NOT EXISTS (SELECT 1 FROM desk_application a WHERE a.region = b.region AND a.person = b.person))`,
	}
	for i, phone := range payerPhones {
		people[phone] = fmt.Sprintf(`SELECT id, name FROM person_person WHERE region = $1 AND id = (SELECT person FROM claim_bill b WHERE region = $1 AND status = 'quoted'
			AND NOT EXISTS (SELECT 1 FROM claim_bill h WHERE h.region = b.region AND h.person = b.person AND h.held AND h.status IN ('quoted', 'confirmed'))
			GROUP BY person ORDER BY person LIMIT 1 OFFSET %d)`, i)
	}
	for phone, find := range people {
		var id, name string
		if err := raw.QueryRow(find, demo.Region).Scan(&id, &name); err != nil {
			t.Fatal(phone, err)
		}
		if phone == motherPhone {
			w.mother = id
		}
		if _, err := a.Access.Create(t.Context(), audit.System(demo.Region), access.NewAccount{Region: demo.Region, Login: phone, Name: name, Role: "citizen", Person: id}); err != nil {
			t.Fatal(err)
		}
	}
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return w
}

// login logs a citizen in by the code of the message, and goes home.
func (w *walker) login(phone string) {
	w.t.Helper()
	w.open("/login?as=" + phone)
	w.tap("发验证码")
	w.write("code", eval[string](w, `document.querySelector('main').textContent.match(/(?<!\d)\d{6}(?!\d)/)?.[0]||''`))
	w.tap("登录")
	if p := eval[string](w, "location.pathname"); strings.HasPrefix(p, "/login") {
		w.t.Fatalf("could not log in\n%s", w.text())
	}
}

func TestTasks(t *testing.T) {
	town := newTown(t)
	browser := newBrowser(t)
	for i, how := range []way{{"elder", true}, {"elder", false}, {"normal", true}, {"normal", false}} {
		mother, father, payer := newWalker(t, browser, town.base, how), newWalker(t, browser, town.base, how), newWalker(t, browser, town.base, how)
		mother.login(motherPhone)
		father.login(fatherPhone)
		payer.login(payerPhones[i])
		if how.mode == "elder" {
			mother.home()
		}
		mother.apply(town)
		mother.authorise()
		payer.pay(newWalker(t, browser, town.base, way{"normal", true}))
		father.elsewhere()
		father.brought(town)
		father.complain()
		father.hear()
		// A day passes: nobody gets more than ten codes in one.
		town.clock.Set(town.clock.Now().Add(24 * time.Hour))
	}
}

// home holds the bars of the elder's first page.
func (w *walker) home() {
	w.t.Helper()
	w.start()
	got := eval[[]int](w, `(()=>{const v=s=>[...document.querySelectorAll(s)].filter(e=>e.checkVisibility()).length;
		return [v('.tile'), v('.e-rows .row'), v('.next'), v("a[href]:not(.skip),button,input:not([type=hidden])"), document.documentElement.scrollHeight]})()`)
	w.t.Logf("elder home: tiles %d/8, rows %d/3, next-step cards %d, tab stops %d/24, %d/2400 px", got[0], got[1], got[2], got[3], got[4])
	if got[0] > 8 || got[1] > 3 || got[2] != 1 || got[3] > 24 || got[4] > 2400 {
		w.t.Error("more than the cap")
	}
}

// apply is task 1, with every wrong answer, the back button, a double sending
// and a session that ends midway; then task 2, and the application is taken back.
func (w *walker) apply(town *town) {
	w.t.Helper()
	w.start()
	w.tap("申请护理")
	w.sees("给谁申请护理")
	w.tap("下一题") // only herself: chosen already
	w.sees("现在住在哪里")
	w.tap("下一题") // from the register: at home, with the address
	w.wrong("下一题", "请选一样")
	for _, x := range []string{"吃饭", "控制大小便", "洗澡"} {
		w.pick(x)
	}
	w.tap("下一题")
	w.wrong("下一题", "请选有多久了")
	w.pick("一年到三年")
	w.tap("下一题")
	w.wrong("下一题", "请选有还是以后补")
	w.pick("以后补")
	w.tap("下一题")
	w.wrong("去核对", "请至少选一个方便的时候")
	w.pick("都可以")
	w.tap("去核对")
	w.sees("核对一遍", "吃饭、控制大小便、洗澡", "一年到三年")
	w.tap("申请护理")
	w.sees("申请收到了", "受理号", "前可以撤回")
	if n := strings.Count(w.text(), "受理号"); n != 1 {
		w.t.Errorf("%d numbers", n)
	}
	w.questions-- // the check page asks for subsidies, which nobody must answer
	w.within("1-apply", 8, 6, 14, 0)

	w.start()
	w.sees("申请护理保险", "共 5 步")
	w.tap("看进度")
	w.sees("办到哪一步", "申请收到")
	w.within("2-progress", 1, 0, 1, 0)
	w.tap("撤回申请")

	w.backAndAgain(town)
}

// backAndAgain applies once more: back, an ended session, sent twice.
func (w *walker) backAndAgain(town *town) {
	w.t.Helper()
	w.start()
	w.tap("申请护理")
	w.tap("下一题")
	w.tap("下一题")
	w.pick("吃饭")
	w.pick("洗澡")
	w.pick("控制大小便")
	w.tap("下一题")
	w.back()
	if n := eval[int](w, `document.querySelectorAll('main :checked').length`); n != 3 {
		w.t.Errorf("%s: after going back %d answers are left of 3", w.way, n)
	}
	w.tap("下一题")
	w.pick("三年以上")
	w.away()
	w.tap("下一题")
	w.sees("您离开了一会儿", "前面填的都还在")
	w.tap("登录，接着办")
	town.clock.Set(town.clock.Now().Add(2 * time.Minute)) // nor two in a minute
	w.write("phone", motherPhone)
	w.tap("发验证码")
	w.write("code", eval[string](w, `document.querySelector('main').textContent.match(/(?<!\d)\d{6}(?!\d)/)?.[0]||''`))
	w.tap("登录")
	w.sees("这样有多久了") // at the question where she was
	w.pick("三年以上")
	w.tap("下一题")
	w.pick("以后补")
	w.tap("下一题")
	w.pick("都可以")
	w.tap("去核对")
	w.twice("申请护理")
	var open int
	if err := town.DB.Raw().QueryRow(`SELECT COUNT(*) FROM assess_application WHERE region = $1 AND person = $2 AND state = 'applied'`, demo.Region, town.mother).Scan(&open); err != nil {
		w.t.Fatal(err)
	}
	if open != 1 {
		w.t.Errorf("%s: sent twice, there are %d applications", w.way, open)
	}
	w.start()
	w.tap("看进度")
	w.tap("撤回申请")
}

// away ends the session as a closed browser does.
func (w *walker) away() {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: "yl_session", URL: w.base})
	w.must(err)
}

// twice sends a form, goes back and sends it again.
func (w *walker) twice(button string) {
	w.t.Helper()
	w.tap(button)
	w.back()
	if eval[bool](w, `[...document.querySelectorAll('main button')].some(e=>e.innerText.trim()===`+quote(button)+`)`) {
		w.tap(button)
	}
}

// authorise is task 4, with its wrong answers; taking it back is two taps.
func (w *walker) authorise() {
	w.t.Helper()
	w.start()
	w.tap("家人代办")
	w.tap("授权给家人")
	w.wrong("下一题", "请选他是您的什么人")
	w.pick("子女")
	w.tap("下一题")
	w.wrong("下一题", "请选他可以做什么")
	w.pick("可以代办和付款")
	w.tap("下一题")
	w.write("phone", "1990000000")
	w.wrong("去核对", "11 位")
	if v := eval[string](w, `document.querySelector('main [name=phone]').value`); v != "1990000000" {
		w.t.Errorf("%s: what was typed is gone: %q", w.way, v)
	}
	w.write("phone", "19911112222")
	w.wrong("去核对", "还找不到人")
	w.typed, w.taps = 0, w.taps-2
	w.write("phone", daughterPhone)
	w.tap("去核对")
	w.sees("核对一遍", "陈*", "子女", "可以代办和付款", "随时可以收回")
	w.away()
	w.tap("同意授权")
	w.sees("您离开了一会儿")
	w.tap("登录，接着办")
	w.login(motherPhone)
	w.start()
	w.tap("家人代办")
	w.tap("授权给家人")
	w.pick("子女")
	w.tap("下一题")
	w.pick("可以代办和付款")
	w.tap("下一题")
	w.write("phone", daughterPhone)
	w.tap("去核对")
	w.tap("同意授权")
	w.sees("陈丽", "可以代办和付款")
	w.within("4-authorise", 6, 4, 12, 11)
	w.start()
	w.tap("家人代办")
	w.tap("收回给陈丽的授权")
	w.sees("还没有人可以替您办")
	w.within("4-recall", 2, 0, 2, 0)
}

// pay is task 6: what was done, what the insurance pays, 没问题 and 有问题 alike,
// back within ten minutes, then the code, which another telephone scans, and
// 「我付好了」.
func (w *walker) pay(other *walker) {
	w.t.Helper()
	w.start()
	w.tap("确认付款")
	first := eval[string](w, `document.querySelector('main .lines a').textContent`)
	w.tap(first)
	w.sees("医保付", "您付", "做了什么")
	if s := eval[string](w, `['没问题','有问题'].map(x=>[...document.querySelectorAll('main .btn')].find(e=>e.textContent.trim().startsWith(x))).map(e=>Math.round(e.getBoundingClientRect().width)).join('=')`); strings.Split(s, "=")[0] != strings.Split(s, "=")[1] {
		w.t.Errorf("%s: 有问题 must be as big as 没问题: %s", w.way, s)
	}
	w.tap("没问题")
	w.sees("请付", "撤回")
	w.tap("撤回")
	w.sees("没问题")

	w.start()
	w.tap("确认付款")
	w.tap(first)
	w.tap("没问题")
	if n := eval[float64](w, `document.querySelector('main .qr').getBoundingClientRect().width`); n < 240 {
		w.t.Errorf("%s: the code is %v px wide, under 240", w.way, n)
	}
	link := eval[string](w, `[...document.querySelectorAll('main a')].map(a=>a.getAttribute('href')).find(h=>h&&h.includes('/pay/'))||''`)
	other.open(link[strings.Index(link, "/pay/"):])
	other.tap("确认付")
	other.sees("已付")
	w.tap("我付好了")
	w.sees("已付")
	w.within("6-pay", 4, 1, 5, 0)
}

// complain is task 11: nothing need be written, a sentence is chosen; who would
// rather tell is called.
func (w *walker) complain() {
	w.t.Helper()
	speak := func() {
		w.start()
		if w.way.mode == "normal" {
			w.tap("帮助")
		}
		w.tap("投诉和建议")
		w.tap("我要投诉")
	}
	speak()
	send := "交上去"
	if w.way.mode == "elder" {
		send = "下一题"
	}
	w.wrong(send, "请选一样是什么事")
	w.pick("收钱不对")
	if w.way.mode == "elder" {
		w.tap("下一题")
		w.wrong("交上去", "请选要不要留名")
	}
	w.pick("用我的名字")
	w.tap("交上去")
	w.sees("您说的事收到了", "受理号", "工作日内答复您")
	w.within("11-complain", 6, 4, 9, 0)
	w.tap("看办到哪一步")
	w.sees("收钱不对")

	speak()
	w.pick("别的事，请给我打电话")
	if w.way.mode == "elder" {
		w.tap("下一题")
	}
	w.pick("不留名")
	w.wrong("交上去", "不知道打给谁")
	w.pick("用我的名字")
	w.tap("交上去")
	w.sees("我们打给您", "前会打给您")
	w.within("11-call-me", 6, 4, 9, 0)
}

// elsewhere are the tasks that are done by telephone and at the window today: no
// page may pretend otherwise.
func (w *walker) elsewhere() {
	w.t.Helper()
	for _, task := range []struct {
		name        string
		elder, norm []string
		pages       int
	}{
		{"3-chronic", []string{"慢病备案"}, []string{"慢病备案"}, 5}, {"7-video", []string{"找窗口", "视频帮办"}, []string{"找窗口", "视频帮办"}, 2},
		{"9-drug", []string{"续方送药"}, []string{"续方送药"}, 6},
	} {
		w.start()
		steps := task.norm
		if w.way.mode == "elder" {
			steps = task.elder
		}
		for _, s := range steps {
			w.tap(s)
		}
		w.sees("12393")
		if !eval[bool](w, `!!document.querySelector('main a[href^="tel:"]') && !document.querySelector('main form')`) {
			w.t.Errorf("%s: %s has no telephone, or pretends a form", w.way, task.name)
		}
		w.within(task.name, task.pages, 0, 2, 0)
	}
}

// brought are tasks 5, 8 and 10: matters that are brought on line.
func (w *walker) brought(town *town) {
	w.t.Helper()
	w.start()
	w.tap("请人上门")
	w.wrong("下一题", "请")
	w.pick("办医保的事")
	w.tap("下一题")
	w.pick("20")
	w.tap("去核对")
	w.sees("核对一遍")
	w.tap("交申请")
	w.sees("上门，带证件，不收钱", "办到哪一步")
	w.within("5-door", 5, 3, 9, 0)

	w.start()
	w.tap("附近窗口")
	w.sees("公里", "开着")
	w.within("8-near", 2, 0, 2, 0)

	w.start()
	w.tap("异地看病")
	w.pick("临时外出")
	w.tap("下一题")
	w.pick("江苏省苏州市")
	w.tap("下一题")
	w.wrong("去核对", "请")
	w.pick("今天")
	w.tap("去核对")
	w.tap("交申请")
	w.sees("办好了", "有效")
	w.within("10-cross", 6, 4, 12, 0)
	w.start()
	w.tap("异地看病")
	w.pick("临时外出")
	w.tap("下一题")
	w.pick("江苏省苏州市")
	w.tap("下一题")
	w.pick("今天")
	w.tap("去核对")
	w.tap("交申请")
	w.sees("已经有在有效期里的异地备案") // refused with the way out
	if _, err := town.DB.Raw().Exec(`UPDATE desk_application SET until = '2020-01-01' WHERE matter = 'remote.filing'`); err != nil {
		w.t.Fatal(err)
	}
	if _, err := town.DB.Raw().Exec(`DELETE FROM desk_draft WHERE matter = 'remote.filing'`); err != nil {
		w.t.Fatal(err)
	}
}

// hear is task 12: the policy page and its sound.
func (w *walker) hear() {
	w.t.Helper()
	w.start()
	policy := "看政策"
	if w.way.mode == "normal" {
		policy = "政策"
	}
	w.tap(policy)
	href := eval[string](w, `document.querySelector('nav.listen a').getAttribute('href')`)
	w.pages, w.taps = w.pages+1, w.taps+1
	w.within("12-hear", 2, 0, 2, 0)
	if _, err := exec.LookPath("espeak-ng"); err != nil && os.Getenv("CI") == "" {
		return // no voice on this machine: the counts above still hold
	}
	res, err := http.Get(w.base + href)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	head, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || len(head) < 1000 || !strings.HasPrefix(kind, "audio/") {
		w.t.Errorf("the sound of %s: %s, %s, %d bytes", href, res.Status, kind, len(head))
	}
}

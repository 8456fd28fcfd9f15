package offline

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"

	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/desk"
)

func TestPhone(t *testing.T) {
	w := newTown(t)
	t.Run("installs", func(t *testing.T) { installs(t, w) })
	t.Run("day", func(t *testing.T) { offlineDay(t, w) })
	t.Run("reply", func(t *testing.T) { lostReply(t, w) })
	t.Run("place", func(t *testing.T) { places(t, w) })
	t.Run("clock", func(t *testing.T) { clocks(t, w) })
	t.Run("refused", func(t *testing.T) { refused(t, w) })
	t.Run("unplanned", func(t *testing.T) { unplanned(t, w) })
	t.Run("assessor", func(t *testing.T) { assessor(t, w) })
	t.Run("logout", func(t *testing.T) { logout(t, w) })
}

// degrees are the coordinates of a home, moved north by some metres.
func degrees(lat, lng int64, north float64) []float64 {
	return []float64{float64(lat)/1e6 + north/111195, float64(lng) / 1e6}
}

// installs: the manifest is sound, the worker keeps the shell and nobody's data,
// the script stays small.
func installs(t *testing.T, w *town) {
	p := newPhone(t, w)
	p.login("carer1")
	if m := call(p, page.GetAppManifest, page.GetAppManifestParams{}); len(m.Errors) > 0 || !strings.Contains(m.Data, "银龄护理") {
		t.Fatalf("manifest: %+v", m)
	}
	for _, e := range call(p, page.GetInstallabilityErrors, cdp.Empty{}).InstallabilityErrors {
		t.Errorf("not installable: %s %v", e.ErrorID, e.ErrorArguments)
	}
	cached := eval[string](p, `(async()=>{let o=[];for(const n of await caches.keys())for(const r of await (await caches.open(n)).keys())o.push(new URL(r.url).pathname);return o.sort().join(' ')})()`)
	for _, path := range strings.Fields(cached) {
		if !strings.HasPrefix(path, "/static/") && path != "/v/app" && path != "/v/manifest.webmanifest" {
			t.Errorf("the worker keeps %s", path)
		}
	}
	has(t, cached, "/v/app", "/main.js", "/acts.js")
	shell := fetch(t, w.base+"/v/app")
	for _, s := range []string{"carer1", eval[string](p, "document.body.dataset.name"), "name=\"token\""} {
		if strings.Contains(shell, s) {
			t.Errorf("the shell holds %q", s)
		}
	}
	total := 0
	for _, path := range strings.Fields(cached) {
		if strings.HasSuffix(path, ".js") {
			total += packed(fetch(t, w.base+path))
		}
	}
	total += packed(fetch(t, w.base+"/v/sw.js"))
	html := packed(eval[string](p, `fetch('/v/').then(r=>r.text())`))
	t.Logf("script %d bytes gzip, today page %d bytes gzip", total, html)
	if total == 0 || total > 25<<10 {
		t.Errorf("script is %d bytes gzip, at most 25 kB", total)
	}
	if html+total > 30<<10 {
		t.Errorf("page with offline code is %d bytes gzip, at most 30 kB (D9)", html+total)
	}
}

func packed(s string) int {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.Len()
}

// picture is a photo that is much too big to send: noise does not compress.
func picture(t *testing.T) string {
	img := image.NewRGBA(image.Rect(0, 0, 2400, 1800))
	r := rand.New(rand.NewPCG(7, 7))
	for y := 0; y < 1800; y += 3 {
		for x := 0; x < 2400; x += 3 {
			c := color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255}
			for i := range 9 {
				img.SetRGBA(x+i%3, y+i/3, c)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "door.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	if st, _ := f.Stat(); st.Size() < 1<<20 {
		t.Fatalf("the test photo has only %d bytes", st.Size())
	}
	return path
}

// proofs is that the page counts n pieces of evidence.
func proofs(n int) string {
	return fmt.Sprintf(`[...document.querySelectorAll('h2 .chip')].some(e=>e.innerText==='%d 份')`, n)
}

// sign draws in the pad with the finger.
func (p *phone) sign() {
	p.t.Helper()
	p.until(`document.querySelector('canvas')?.getClientRects().length`)
	eval[bool](p, `(document.querySelector('canvas').scrollIntoView({block:'center'}),true)`)
	var box [4]float64
	p.must(json.Unmarshal([]byte(eval[string](p, `(()=>{const b=document.querySelector('canvas').getBoundingClientRect();return JSON.stringify([b.x,b.y,b.width,b.height])})()`)), &box))
	at := func(kind input.DispatchMouseEventType, i int) {
		call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: box[0] + box[2]*(0.2+0.06*float64(i)), Y: box[1] + box[3]*(0.3+0.4*float64(i%2)),
			Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1})
	}
	at(input.DispatchMouseEventTypeMousePressed, 0)
	for i := 1; i < 10; i++ {
		at(input.DispatchMouseEventTypeMouseMoved, i)
	}
	at(input.DispatchMouseEventTypeMouseReleased, 9)
}

// offlineDay: a whole visit without network, over a killed tab and a reboot,
// uploaded after almost three days (D1, D2, D10).
func offlineDay(t *testing.T, w *town) {
	v, home := w.planned("carer1", "offline-day")
	p := newPhone(t, w)
	p.login("carer1")
	p.place(true, degrees(home.Lat, home.Lng, 20)...)
	p.goTo("/v/")
	p.sees(home.Name, "有网 · 都传好了")
	p.network(true)
	p.goTo("/v/")
	p.sees(home.Name, "没有网络", "还没去")
	p.shot("today")
	p.goTo("/v/visit/" + v.ID)
	p.sees("打给家里", "我到了，打卡")
	p.shot("door")

	// D1: one tap, stored before the page says so, within three seconds.
	begun := w.now()
	p.tap("我到了，打卡")
	p.sees("到达打卡", "已存")
	if took := w.now().Sub(begun); took > 3*time.Second {
		t.Errorf("check-in took %v, at most 3 s", took)
	}
	if in := p.queue(); len(in) != 1 || in[0].Body.Kind != "checkin" || in[0].State != "waiting" {
		t.Fatalf("the queue has %+v", in)
	}
	p.sees("没有网络 · 1 条存在手机里")
	p.shot("working")

	// A tick that is not sent yet, then the tab dies in the middle of the visit.
	item := v.PlannedItems[0].Item
	p.tick("item", item)
	p.until(fmt.Sprintf(`self.__d||(indexedDB.open('yinling-care').onsuccess=e=>{const d=e.target.result,r=d.transaction('kv').objectStore('kv').get('draft-items'+%s);r.onsuccess=()=>{d.close();self.__d=r.result}},0)`, q(v.ID)))
	p.kill()
	p.goTo("/v/visit/" + v.ID)
	p.sees("分钟了")
	p.until(fmt.Sprintf(`document.querySelector('[name=item][value=%s]').checked`, item))
	p.file("photo", picture(t))
	p.until(proofs(1))
	p.shot("after-kill")

	// The phone is switched off and on; nothing is lost.
	p.reboot()
	p.goTo("/v/")
	p.sees(home.Name, "服务中")
	p.goTo("/v/visit/" + v.ID)
	p.tick("item", item)
	p.tap("做完了，去签退")
	p.sees("做了哪些，各多少分钟")
	p.tick("item", item)
	p.shot("out")
	out := w.now()
	p.place(true, degrees(home.Lat, home.Lng, 25)...)
	p.tap("签退，请家属确认")
	p.sees("怎么确认")
	if took := w.now().Sub(out); took > 3*time.Second {
		t.Errorf("check-out took %v, at most 3 s", took)
	}
	p.tick("method", "sign")
	p.sign()
	p.shot("sign")
	p.tap("家属确认好了")
	p.sees("家属确认已记下", "5 条存在手机里")
	p.shot("done")
	kept := p.queue()
	if len(kept) != 5 || kept[1].Files[0].Size > 300<<10 || kept[4].Files[0].Kind != "signature" {
		t.Fatalf("the queue has %+v", kept)
	}
	p.goTo("/v/queue")
	p.sees("手机里有 5 条等着上传", "签退", "待上传")
	p.shot("queue")

	// 70 hours later there is network: log in again, and all goes up by itself.
	w.later(70 * time.Hour)
	p.shut()
	p.off = false
	w.net.Store(up)
	p.open()
	p.login("carer1")
	p.sees("都传好了", "最近上传")
	got := w.visit(v.ID)
	if got.Status != care.Done || got.Begin != kept[0].Body.At || got.End != kept[3].Body.At || got.Confirmed != "sign" || len(got.Items) != 1 || got.Staff != v.Staff {
		t.Fatalf("the server has %+v\nthe phone had %+v", got, kept)
	}
	if d := got.Place.In.Distance; d < 15 || d > 25 {
		t.Errorf("check-in %d metres from home, want 20", d)
	}
	if late := got.Place.Late / 60; late < 69 || late > 71 || got.Place.Ahead > 1 || got.Place.Behind > 1 {
		t.Errorf("late %d h, clock %+v", late, got.Place)
	}
	if n := w.count(v.ID, ""); n != "5" {
		t.Errorf("%s events, want 5", n)
	}
	for _, k := range []string{"location_off", "location_far", "late", "clock", "no_evidence", "unconfirmed"} {
		if say, ok := w.doubts(v.ID)[k]; ok {
			t.Errorf("suspicion %s: %s", k, say)
		}
	}
	var docs []desk.Document
	w.read(func(tx *db.Tx) (err error) { docs, err = desk.Documents(tx, region, "visit-"+v.ID); return err })
	if len(docs) != 2 {
		t.Fatalf("%d files, want photo and signature", len(docs))
	}
	for i, d := range docs {
		f := []int{1, 4}[i]
		if d.SHA256 != kept[f].Files[0].SHA256 || d.Size != kept[f].Files[0].Size || d.Size > 300<<10 {
			t.Errorf("%s: server %s %d, phone %+v", d.Kind, d.SHA256, d.Size, kept[f].Files[0])
		}
		r, err := w.Files.Open(d) // hashes the file whole
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	for _, e := range p.queue() {
		if e.State != "sent" {
			t.Errorf("left in the phone: %+v", e)
		}
	}
	if s := p.stored("queue"); strings.Contains(s, `"blob"`) {
		t.Error("a photo that was uploaded is still in the phone")
	}
	p.goTo("/v/visit/" + v.ID + "/proof")
	p.until(`[...document.images].length===2 && [...document.images].every(i=>i.complete&&i.naturalWidth>0)`)
	p.shot("proof")
}

// lostReply: the server did it and the phone never heard; still one of each.
func lostReply(t *testing.T, w *town) {
	v, home := w.planned("carer1", "lost-reply")
	p := newPhone(t, w)
	p.login("carer1")
	p.place(true, degrees(home.Lat, home.Lng, 5)...)
	p.goTo("/v/visit/" + v.ID)
	w.net.Store(swallow)
	p.tap("我到了，打卡")
	p.sees("1 条存在手机里")
	waitFor(t, func() bool { return w.count(v.ID, "checkin") == "1" })
	in := p.queue()
	if n := w.count(v.ID, "checkin"); n != "1" || len(in) != 1 || in[0].State != "waiting" {
		t.Fatalf("server has %s, phone %+v", n, in)
	}
	w.net.Store(up)
	p.tap("上传")
	p.sees("都传好了")
	if w.count(v.ID, "") != "1" || w.visit(v.ID).Begin != in[0].Body.At {
		t.Fatalf("%s events, %+v", w.count(v.ID, ""), w.visit(v.ID))
	}
	// The same with a photo: its file arrives, the phone does not hear of it.
	p.goTo("/v/visit/" + v.ID)
	w.net.Store(swallow)
	p.file("photo", picture(t))
	p.sees("1 条存在手机里")
	waitFor(t, func() bool {
		return w.text(`SELECT COUNT(*) FROM desk_document WHERE region = $1 AND case_id = $2`, region, "visit-"+v.ID) == "1"
	})
	w.net.Store(up)
	p.tap("上传")
	p.sees("都传好了")
	p.goTo("/v/visit/" + v.ID)
	p.sees("分钟了")
	p.until(proofs(1))
	if got := w.visit(v.ID); got.Status != care.Started || got.Begin != in[0].Body.At || w.count(v.ID, "") != "2" {
		t.Fatalf("%s events, %+v", w.count(v.ID, ""), got)
	}
	if n := w.text(`SELECT COUNT(*) FROM desk_document WHERE region = $1 AND case_id = $2`, region, "visit-"+v.ID); n != "1" {
		t.Errorf("%s files, want 1", n)
	}
	if n := w.text(`SELECT COUNT(*) FROM care_visit WHERE region = $1 AND id = $2`, region, v.ID); n != "1" {
		t.Errorf("%s visits, want 1", n)
	}
}

// places: inside nothing is asked; outside, no fix and refused ask for a reason
// once, let the visit go on, and become an exception (D4).
func places(t *testing.T, w *town) {
	p := newPhone(t, w)
	p.login("carer1")
	for _, c := range []struct{ name, says, why, doubt string }{
		{"inside", "", "", ""}, {"outside", "离登记住址", "relative", "location_far"},
		{"none", "没有定位", "no_signal", "location_off"}, {"denied", "没有定位", "denied", "location_off"},
	} {
		v, home := w.planned("carer1", "place-"+c.name)
		switch c.name {
		case "inside":
			p.place(true, degrees(home.Lat, home.Lng, 0)...)
		case "outside":
			p.place(true, degrees(home.Lat, home.Lng, 3000)...)
		case "none":
			p.place(true)
		case "denied":
			p.place(false)
		}
		p.goTo("/v/")
		p.until(`document.documentElement.dataset.taken`)
		p.goTo("/v/visit/" + v.ID)
		p.tap("我到了，打卡")
		if c.says != "" {
			p.sees(c.says, "选一个原因，再点一次就行")
			p.until(fmt.Sprintf(`document.querySelector('[name=why]:checked').value===%s`, q(c.why)))
			p.shot(c.name)
			p.tap("我到了，打卡")
		}
		p.sees("分钟了")
		got := w.visit(v.ID)
		if got.Status != care.Started || got.Place.In.Fix.Why != c.why || got.Place.In.Fix.Off != (c.doubt == "location_off") {
			t.Fatalf("%s: %+v %+v", c.name, got.Status, got.Place.In)
		}
		p.tick("item", v.PlannedItems[0].Item)
		p.tap("做完了，去签退")
		p.sees("做了哪些")
		p.tap("签退，请家属确认")
		if c.says != "" {
			p.sees("再点一次就行")
			p.tap("签退，请家属确认")
		}
		p.sees("怎么确认")
		found := w.doubts(v.ID)
		if _, ok := found[c.doubt]; c.doubt != "" && !ok {
			t.Errorf("%s: no exception %s in %v", c.name, c.doubt, found)
		}
		for _, k := range []string{"location_off", "location_far"} {
			if say, ok := found[k]; ok && k != c.doubt {
				t.Errorf("%s: %s %s", c.name, k, say)
			}
		}
	}
}

// clocks: a phone that is a day off is recorded with its own times and flagged.
func clocks(t *testing.T, w *town) {
	for name, skew := range map[string]time.Duration{"ahead": 24 * time.Hour, "behind": -24 * time.Hour} {
		v, home := w.planned("carer1", "clock-"+name)
		p := &phone{t: t, town: w, dir: t.TempDir(), skew: skew}
		p.boot()
		t.Cleanup(func() { p.reset() })
		p.login("carer1")
		p.place(true, degrees(home.Lat, home.Lng, 0)...)
		p.goTo("/v/visit/" + v.ID)
		at := w.now().Add(skew)
		p.tap("我到了，打卡")
		p.sees("分钟了")
		p.tick("item", v.PlannedItems[0].Item)
		p.tap("做完了，去签退")
		p.sees("做了哪些")
		p.tap("签退，请家属确认")
		p.sees("怎么确认")
		got := w.visit(v.ID)
		if d := time.UnixMilli(got.Begin).Sub(at); got.Status != care.Done || d < -time.Minute || d > time.Minute {
			t.Fatalf("%s: %s, %v from the phone's clock", name, got.Status, d)
		}
		if in := got.Place.In; time.UnixMilli(in.Received).Sub(w.now()).Abs() > time.Minute {
			t.Errorf("%s: received %v", name, time.UnixMilli(in.Received))
		}
		has(t, w.doubts(v.ID)["clock"], map[string]string{"ahead": "快了 14", "behind": "慢了 14"}[name])
	}
}

// refused: what the server refuses stays visible, with a sentence and ways out.
func refused(t *testing.T, w *town) {
	v, home := w.planned("carer1", "refused-visit")
	p := newPhone(t, w)
	p.login("carer1")
	p.place(true, degrees(home.Lat, home.Lng, 0)...)
	p.goTo("/v/visit/" + v.ID)
	// In the meantime the visit went to another institution.
	other := w.text(`SELECT MIN(id) FROM institution_institution WHERE region = $1 AND id <> $2`, region, v.Institution)
	give := func(to string) {
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE care_visit SET institution = $3 WHERE region = $1 AND id = $2`, region, v.ID, to)
			return err
		})
	}
	give(other)
	p.tap("我到了，打卡")
	p.until(`document.querySelector('#net')?.innerText.includes('1 条要您看一下')`)
	p.goTo("/v/queue")
	p.sees("没有收下", "没有找到这次上门，或者它不归您的机构", "再传一次", "站里已经补录了，删掉这条")
	p.shot("refused")
	give(v.Institution)
	p.tap("再传一次")
	p.until(`!document.querySelector('[data-state=refused]')`)
	p.sees("都传好了")
	if got := w.visit(v.ID); got.Status != care.Started || w.count(v.ID, "") != "1" {
		t.Fatalf("%+v", got)
	}
	// A wrong code of the family is stored, and the phone says what is still to do.
	p.goTo("/v/visit/" + v.ID)
	p.tick("item", v.PlannedItems[0].Item)
	p.tap("做完了，去签退")
	p.sees("做了哪些")
	p.tap("签退，请家属确认")
	p.sees("怎么确认")
	p.tick("method", "code")
	p.write("code", "1")
	p.tap("家属确认好了")
	p.until(`document.querySelector('#net')?.innerText.includes('1 条要您看一下')`)
	p.goTo("/v/queue")
	p.sees("要补一步", "确认码或口令不对", "再请家属确认")
	p.shot("wrong-code")
	if s := p.stored("queue"); regexp.MustCompile(`"code":"1"`).MatchString(s) {
		t.Error("the family's code is still in the phone")
	}
	p.tap("知道了")
	p.until(`!document.querySelector('.v-wait')`)
}

// unplanned: a visit that nobody had planned, begun without network.
func unplanned(t *testing.T, w *town) {
	_, home := w.planned("carer1", "unplanned-seed")
	p := newPhone(t, w)
	p.login("carer1")
	p.place(true, degrees(home.Lat, home.Lng, 0)...)
	p.goTo("/v/")
	p.network(true)
	p.goTo("/v/")
	p.tap("临时上门，不在安排里")
	p.sees("去谁家", home.Name)
	p.tap("我到了，打卡")
	p.sees("请选去谁家")
	p.until(`(()=>{const e=[...document.querySelectorAll('[name=plan]')].find(e=>e.closest('label').innerText.includes(` + q(home.Name) + `)); if(!e) return false; e.checked=true; return true})()`)
	p.write("note", "家属来电话，老人要换药")
	p.shot("why")
	p.tap("我到了，打卡")
	p.sees("临时上门", "分钟了")
	id := p.queue()[0].Body.Visit
	p.until(`location.pathname===` + q("/v/visit/"+id))
	p.tap("做完了，去签退")
	p.sees("做了哪些")
	p.write("note", "换了药，别的没有做")
	p.tap("签退，请家属确认")
	p.sees("怎么确认")
	p.network(false)
	p.goTo("/v/")
	p.sees("都传好了")
	got := w.visit(id)
	if got.Status != care.Done || got.PlannedAt != 0 || !strings.Contains(got.Note, "家属来电话") {
		t.Fatalf("%+v", got)
	}
	has(t, w.doubts(id)["unplanned"], "不在执行中的护理计划里")
}

// logout drops whom the phone knew, and never what was not uploaded.
func logout(t *testing.T, w *town) {
	v, home := w.planned("carer1", "logout-visit")
	p := newPhone(t, w)
	p.login("carer1")
	p.place(true, degrees(home.Lat, home.Lng, 0)...)
	p.goTo("/v/visit/" + v.ID)
	has(t, p.stored("visit"), home.Name)
	w.net.Store(nosync)
	p.tap("我到了，打卡")
	p.sees("1 条存在手机里")
	p.tap("退出")
	p.until(`location.search === '?bye=1' && document.readyState === 'complete'`)
	waitFor(t, func() bool { return p.stored("visit") == "[]" })
	if s := p.stored("visit"); strings.Contains(s, home.Name) {
		t.Errorf("after logout the phone still knows %s", home.Name)
	}
	if left := p.queue(); len(left) != 1 || left[0].State != "waiting" {
		t.Fatalf("after logout the queue has %+v", left)
	}
	w.net.Store(up)
	p.login("carer1")
	p.sees("都传好了")
	if got := w.visit(v.ID); got.Status != care.Started {
		t.Fatalf("%+v", got)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never")
		}
	}
}

// assessor: an item scored without network and a photo wait in the phone, over a
// reboot and a lost reply; each is uploaded once, with the phone's own time.
func assessor(t *testing.T, w *town) {
	p := newPhone(t, w)
	staff := w.text(`SELECT s.id FROM institution_staff AS s JOIN access_account AS a ON a.region = s.region AND a.id = s.account WHERE s.region = $1 AND a.login = 'assessor1'`, region)
	id := w.text(`SELECT MIN(id) FROM assess_application WHERE region = $1 AND state = 'drawn'`, region)
	w.write(func(tx *db.Tx) error { // the draw is random: give a seat of it to the one whose phone this is
		_, err := tx.Exec(`UPDATE assess_member SET staff = $3 WHERE region = $1 AND case_id = $2 AND duty = 'visit'
			AND staff = (SELECT MIN(m.staff) FROM assess_member AS m WHERE m.region = $1 AND m.case_id = $2 AND m.duty = 'visit' AND m.role = 'assessor')
			AND NOT EXISTS (SELECT 1 FROM assess_member AS m WHERE m.region = $1 AND m.case_id = $2 AND m.staff = $3)`, region, id, staff)
		return err
	})
	name := w.text(`SELECT p.name FROM assess_application AS a JOIN person_person AS p ON p.region = a.region AND p.id = a.person WHERE a.region = $1 AND a.id = $2`, region, id)
	w.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM assess_score WHERE region = $1 AND case_id = $2`, region, id)
		return err
	})
	score := func(item string) string {
		return w.text(`SELECT COALESCE(MAX(score), -1) FROM assess_score WHERE region = $1 AND case_id = $2 AND item = $3`, region, id, item)
	}
	p.loginTo("assessor1", "/v/assess")
	p.sees(name, "有网 · 都传好了")
	p.goTo("/v/assess/" + id)
	p.sees("还有 17 项", "录像怎么拍")
	p.shot("task")
	p.goTo("/v/assess/" + id + "/video")
	p.sees("现场录像怎么拍", "不拍如厕")
	p.shot("video")
	p.goTo("/v/assess/" + id + "/item/1")
	p.shot("item")

	p.network(true)
	p.goTo("/v/assess")
	p.sees(name, "没有网络")
	p.goTo("/v/assess/" + id)
	p.sees("还有 17 项")
	p.tap("接着记分")
	p.sees("第 1 项，共 17 项", "进食")
	p.tap("下一项")
	p.sees("请选一个选项")
	p.tick("score", "5")
	p.write("note", "能拿勺，夹菜要帮")
	p.shot("offline-item")
	began := w.now()
	p.tap("下一项")
	p.sees("第 2 项，共 17 项", "1 条存在手机里")
	p.file("photo", picture(t))
	p.sees("拍了 1 张", "2 条存在手机里")
	p.tick("score", "0")
	p.tap("回列表")
	p.sees("还有 15 项", "3 条存在手机里", "5 分")
	p.shot("offline-task")
	p.reboot()
	p.goTo("/v/assess")
	p.sees(name, "3 条待上传")
	p.goTo("/v/queue")
	p.sees("手机里有 3 条等着上传", "记分：进食", "现场照片")
	p.shot("queue")

	// Two hours later there is network: all goes up by itself.
	w.later(2 * time.Hour)
	p.shut()
	p.off = false
	w.net.Store(up)
	p.open()
	p.loginTo("assessor1", "/v/assess") // the session ended meanwhile; nothing is lost by it
	p.sees("都传好了")
	if score("adl.feeding") != "5" || score("adl.dressing") != "0" {
		t.Fatalf("the server has %s and %s", score("adl.feeding"), score("adl.dressing"))
	}
	at := w.text(`SELECT at FROM assess_score WHERE region = $1 AND case_id = $2 AND item = 'adl.feeding'`, region, id)
	var ms int64
	fmt.Sscan(at, &ms)
	if off := time.UnixMilli(ms).Sub(began); off < -time.Minute || off > 2*time.Minute {
		t.Errorf("scored %v from when it was done", off)
	}
	if n := w.text(`SELECT COUNT(*) FROM desk_document WHERE region = $1 AND case_id = $2 AND kind = 'photo'`, region, id); n != "1" {
		t.Errorf("%s photos, want 1", n)
	}
	acts := func() string {
		return w.text(`SELECT COUNT(*) FROM audit_event WHERE region = $1 AND verb = 'assess.score' AND object = $2 AND result = 'done'`, region, id)
	}
	before := acts()
	p.goTo("/v/assess/" + id + "/item/3")
	p.tick("score", "5")
	w.net.Store(swallow)
	p.tap("下一项")
	p.sees("1 条存在手机里")
	waitFor(t, func() bool { return score("adl.grooming") == "5" })
	w.net.Store(up)
	p.tap("上传")
	p.sees("都传好了")
	var was, now int
	fmt.Sscan(before, &was)
	fmt.Sscan(acts(), &now)
	if now != was+1 {
		t.Errorf("a lost reply scored %d times, want once", now-was)
	}
	for _, e := range p.queue() {
		if e.State != "sent" {
			t.Errorf("left in the phone: %+v", e)
		}
	}
}

// Package assess walks an application through the real pages of three faces:
// the daughter's questions, the clerk's worklist, the assessors' phones.
package assess

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/report"
	"yinling/internal/seal"
	"yinling/internal/share"
	wcare "yinling/internal/web/care"
	"yinling/internal/web/office"
	"yinling/internal/web/portal"
	"yinling/internal/web/ui"
)

const region = "320700"

type city struct {
	t      *testing.T
	url    string
	clock  *dbtest.Clock
	assess *assess.Service
	people map[string]audit.Actor // by name
	mother string
}

func newCity(t *testing.T, d *db.DB, clk *dbtest.Clock) *city {
	t.Helper()
	packs, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	log := &audit.Log{DB: d}
	files := &desk.Files{Dir: t.TempDir()}
	persons := &person.Service{Log: log, Keys: keys, Packs: packs}
	insts := &institution.Service{Log: log, Keys: keys}
	c := &city{t: t, clock: clk, people: map[string]audit.Actor{}, assess: &assess.Service{Log: log, Packs: packs, Persons: persons, Files: files}}
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		var list []person.Entry
		paid, err := person.ParseRuns("2020-01~2026-12")
		if err != nil {
			return err
		}
		for i, p := range []struct{ name, sex, birth string }{{"王桂兰", "女", "1942-05-03"}, {"陈丽", "女", "1970-01-09"}, {"赵一凡", "男", "1980-02-02"}} {
			birth := day.MustParse(p.birth)
			n, err := person.ParseID(person.DemoID(i, birth, p.sex), tx.Today())
			if err != nil {
				return err
			}
			list = append(list, person.Entry{Number: n, Name: p.name, Sex: p.sex, Birth: birth, Phone: "13900000000", District: "海州区", Community: "望湖社区", Address: "12 栋 301",
				Resident: true, Has: person.HasAll, Coverage: person.Coverage{Scheme: person.LTCI, Kind: "employee", Since: day.MustParse("2020-01-01"), Status: "active", Paid: paid}})
		}
		list[0].Groups = []string{"特困"}
		ids, _, err := persons.Put(tx, region, list)
		if err != nil {
			return err
		}
		c.mother = ids[0]
		if _, err := persons.Authorise(tx, person.Authorisation{Region: region, Proxy: ids[1], Person: ids[0], Relation: "女儿", Scope: person.ScopeAct, Consent: person.ConsentFace}); err != nil {
			return err
		}
		c.people["陈丽"] = audit.Actor{ID: "u1", Name: "陈丽", Role: "citizen", Region: region, Person: ids[1]}
		c.people["赵一凡"] = audit.Actor{ID: "u2", Name: "赵一凡", Role: "citizen", Region: region, Person: ids[2]}
		c.people["刘晓"] = audit.Actor{ID: "u3", Name: "刘晓", Role: "clerk", Region: region}
		for k := range 3 {
			in, err := insts.Put(tx, region, institution.New{Name: fmt.Sprint("示范评估", k), Kind: institution.Assessment, District: "海州区"})
			if err != nil {
				return err
			}
			if err := insts.Apply(tx, region, in.ID, institution.Change{Action: "agree", From: day.MustParse("2024-01-01"), To: day.MustParse("2029-12-31"), Version: in.Version}, ""); err != nil {
				return err
			}
			for i := range 5 {
				role := institution.Assessor
				if i > 1 {
					role = institution.Expert
				}
				name := fmt.Sprintf("%s%d%d", role.Name(), k, i)
				if _, err := insts.PutStaff(tx, region, institution.NewStaff{Institution: in.ID, Name: name, Role: role, Account: "u-" + name}); err != nil {
					return err
				}
				c.people[name] = audit.Actor{ID: "u-" + name, Name: name, Role: string(role), Region: region, Institution: in.ID}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	kit := &ui.Kit{Agency: "示范市医疗保障局", Now: d.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Who: func(r *http.Request) ui.Visitor {
		ck, err := r.Cookie("as")
		if err != nil {
			return ui.Visitor{}
		}
		name, _ := url.QueryUnescape(ck.Value)
		return ui.Visitor{Actor: c.people[name], Session: "s"}
	}}
	may := func(context.Context, audit.Actor, string, string) error { return nil }
	p := &portal.Server{Kit: kit, Log: log, Packs: packs, Region: region, Person: persons, Desk: &desk.Service{Log: log, Files: files, Packs: packs, Persons: persons}, Assess: c.assess, Outreach: &outreach.Service{Log: log}, MayWhy: may}
	o := &office.Server{Kit: kit, Log: log, Packs: packs, Person: persons, Institution: insts, Desk: p.Desk, Assess: c.assess, Outreach: p.Outreach, Share: &share.Service{Log: log, Packs: packs, Persons: persons, Dir: t.TempDir()}, Report: &report.Service{Log: log}, MayWhy: may}
	v := &wcare.Server{Kit: kit, Log: log, Packs: packs, Assess: c.assess, Files: files, Care: &care.Service{Log: log, Packs: packs, People: persons}, MayWhy: may}
	srv := httptest.NewServer(kit.Handler(p.Router(), o.Router(), v.Router()))
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

// browser is somebody's browser; the page is the last answer.
type browser struct {
	*city
	name   string
	http   *http.Client
	status int
	page   string
	path   string
}

func (c *city) as(name string) *browser {
	jar, _ := cookiejar.New(nil)
	u, _ := url.Parse(c.url)
	jar.SetCookies(u, []*http.Cookie{{Name: "as", Value: url.QueryEscape(name), Path: "/"}})
	return &browser{city: c, name: name, http: &http.Client{Jar: jar}}
}

func (b *browser) take(res *http.Response, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.status, b.page, b.path = res.StatusCode, html.UnescapeString(string(body)), res.Request.URL.Path
}

func (b *browser) get(path string, status int, has ...string) {
	b.t.Helper()
	res, err := b.http.Get(b.city.url + path)
	b.take(res, err)
	b.want(status, has...)
}

func (b *browser) want(status int, has ...string) {
	b.t.Helper()
	if b.status != status {
		b.t.Fatalf("%s at %s: status %d, want %d\n%s", b.name, b.path, b.status, status, text(b.page))
	}
	for _, s := range has {
		if !strings.Contains(text(b.page), s) {
			b.t.Fatalf("%s at %s does not say %q:\n%s", b.name, b.path, s, text(b.page))
		}
	}
}

var (
	tags   = regexp.MustCompile(`(?s)<(style|svg|script).*?</(style|svg|script)>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
)

func text(page string) string {
	if i := strings.Index(page, "<body"); i >= 0 {
		page = page[i:]
	}
	return spaces.ReplaceAllString(tags.ReplaceAllString(page, " "), " ")
}

// send fills the form with the action on the page and posts it; a file goes
// along when one is given. again posts exactly the same once more.
func (b *browser) send(action string, fields url.Values, file []byte, status int, has ...string) (again func()) {
	b.t.Helper()
	at := strings.Index(b.page, `method="post" action="`+action+`"`)
	if at < 0 {
		b.t.Fatalf("%s at %s: no form %s\n%s", b.name, b.path, action, text(b.page))
	}
	form := b.page[at:]
	form = form[:strings.Index(form, "</form>")]
	if fields == nil {
		fields = url.Values{}
	}
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		if !fields.Has(m[1]) {
			fields.Set(m[1], m[2])
		}
	}
	var body bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	if strings.Contains(form[:strings.Index(form, ">")], "multipart") {
		w := multipart.NewWriter(&body)
		for k, list := range fields {
			for _, v := range list {
				w.WriteField(k, v)
			}
		}
		if file != nil {
			part, _ := w.CreateFormFile("file", "材料.jpg")
			part.Write(file)
		}
		w.Close()
		kind = w.FormDataContentType()
	} else {
		body.WriteString(fields.Encode())
	}
	raw := body.Bytes()
	again = func() {
		b.t.Helper()
		res, err := b.http.Post(b.city.url+action, kind, bytes.NewReader(raw))
		b.take(res, err)
	}
	again()
	b.want(status, has...)
	return again
}

func vals(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		v.Add(kv[i], kv[i+1])
	}
	return v
}

var jpeg = append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte("x"), 3000)...)
var mp4 = append([]byte("\x00\x00\x00\x18ftypisom"), bytes.Repeat([]byte("v"), 3000)...)

// apply answers the six questions and sends; it returns the number and how many
// pages it took.
func (b *browser) apply() (string, int) {
	b.t.Helper()
	pages := 0
	b.get("/assess", 200, "给谁申请护理", "第 1 题，共 6 题")
	for _, step := range []struct {
		q       string
		empty   bool // an empty answer is refused by a sentence at the question
		fields  url.Values
		file    []byte
		nextHas string
	}{
		{"who", true, vals("who", b.mother), nil, "现在住在哪里"},
		{"place", true, vals("place", "home", "address", "望湖社区 12 栋 301"), nil, "哪些事自己做不了"},
		{"items", true, url.Values{"items": {"eating", "continence", "bathing", "toilet", "transfer"}}, nil, "有多久了"},
		{"since", true, vals("since", "6"), nil, "病历或诊断证明"},
		{"record", true, vals("record", "now"), jpeg, "方便上门"},
		{"times", true, vals("times", "am"), nil, "核对一遍"},
	} {
		pages++
		if step.empty {
			b.send("/assess/apply/"+step.q, nil, nil, 422, "请")
			if !strings.Contains(b.page, "<title>有错误：") || !strings.Contains(b.page, "data-err") {
				b.t.Fatalf("question %s: no error at the question\n%s", step.q, text(b.page))
			}
		}
		b.send("/assess/apply/"+step.q, step.fields, step.file, 200, step.nextHas)
	}
	pages += 2 // check and sent
	b.want(200, "王桂兰", "望湖社区 12 栋 301", "吃饭", "半年到一年", "材料.jpg")
	again := b.send("/assess/apply/send", nil, nil, 200, "申请收到了", "6月11日", "撤回")
	number := regexp.MustCompile(`SL\d{11}[0-9A-Z]`).FindString(b.page)
	again()
	b.want(200)
	return number, pages
}

func TestRoadOverPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		c := newCity(t, d, clk)
		daughter, clerk, stranger := c.as("陈丽"), c.as("刘晓"), c.as("赵一凡")
		number, pages := daughter.apply()
		if number == "" || pages > 8 {
			t.Fatalf("number %q after %d pages", number, pages)
		}
		var cases int
		if err := d.Raw().QueryRow("SELECT COUNT(*) FROM desk_case").Scan(&cases); err != nil || cases != 1 {
			t.Fatalf("%d cases after a double submit, %v", cases, err)
		}
		stranger.get("/case/"+number, 404)
		stranger.get("/case", 200, "还没有办件")
		daughter.get("/case", 200, "王桂兰", "待受理", number)
		doc := regexp.MustCompile(`/assess/file/(\w+)`)
		daughter.get("/case/"+number, 200, "工作人员正在看", "材料.jpg")
		file := doc.FindString(daughter.page)
		daughter.get(file, 200)
		stranger.get(file, 404)

		// The clerk's worklist: preview, pre-check, acceptance.
		clerk.get("/o/desk?stage=accept&sort=due", 200, "王桂兰", "特困", "齐全", "6/6 通过", "剩 5 天", "核一下选中的")
		clerk.get("/o/desk?stage=accept&see="+number, 200, "自评", "参保名册", "受理")
		clerk.get("/o/desk?stage=accept&id="+number, 200, "已选 1 件", "批量受理 1 件")
		clerk.get("/o/desk?q="+number, 200, "王桂兰")
		clerk.get("/o/desk?district=nowhere", 200, "这里现在没有件")
		stale := c.as("刘晓")
		stale.get("/o/assess/"+number, 200)
		clerk.get("/o/assess/"+number, 200)
		at := "/o/assess/" + number
		clerk.send(at+"/supplement", vals("what", "身份证件"), nil, 200, "等补材料", "还差：身份证件")
		stale.send(at+"/accept", nil, nil, 409, "刘晓", "还差：身份证件")
		daughter.get("/case/"+number, 200, "还差：身份证件", "补交")
		daughter.send("/case/"+number+"/file", nil, nil, 422, "请拍照或选文件")
		daughter.send("/case/"+number+"/file", nil, []byte("plain text is no evidence"), 422, "只收照片")
		daughter.send("/case/"+number+"/file", nil, jpeg, 200, "材料补齐了")
		clerk.get("/o/desk?id="+number, 200, "批量受理 1 件")
		clerk.send("/o/desk/accept", nil, nil, 200, "1 件")
		clerk.get(at, 200, "待派评估")
		clerk.send(at+"/draw", nil, nil, 200, "待上门", "随机种子", "名册上可派")

		// Two phones on site.
		team := c.team(number, assess.DutyVisit)
		first, second := team[0], team[1]
		v := "/v/assess/" + number
		first.get("/v/assess", 200, "王桂兰", "要约时间")
		stranger.get(v, 403)
		first.get(v, 200, "还没约", "还有 17 项")
		first.send(v+"/appoint", vals("on", "2024-06-05", "slot", "am"), nil, 200, "6月5日")
		daughter.get("/case/"+number, 200, "约好6月5日", "上门的人")
		clk.Add(48 * time.Hour)
		first.get(v+"/item/1", 200, "进食", "第 1 项，共 17 项")
		first.send(v+"/item/1", nil, nil, 422, "请选")
		for i := 1; i <= 17; i++ {
			if want := fmt.Sprintf("第 %d 项，共 17 项", i); i > 1 && !strings.Contains(text(first.page), want) {
				t.Fatalf("after item %d the page is not %q", i-1, want)
			}
			first.send(fmt.Sprintf("%s/item/%d", v, i), vals("score", "0"), nil, 200)
		}
		first.want(200, "还有 0 项", "必须有")
		first.send(v+"/file", nil, mp4, 200, "已上传")
		first.get(v+"/sign", 200)
		first.send(v+"/sign", vals("began", "08:00", "ended", "08:50", "guardian", "陈丽", "relation", "女儿"), nil, 422, "亲属或利害关系")
		first.send(v+"/sign", vals("began", "08:00", "ended", "08:50", "guardian", "陈丽", "relation", "女儿", "notie", "1"), nil, 200, "已签字")
		second.get(v+"/sign", 200, "另一位评估人员写的")
		second.send(v+"/sign", vals("notie", "1"), nil, 200, "评估任务")

		// Experts, each alone.
		for i, e := range c.team(number, assess.DutyConclude) {
			e.get("/v/assess", 200, "等您的意见")
			e.get(v, 200, "现场记分得出", "重度失能Ⅲ级", "进食")
			if i == 0 {
				e.send(v+"/conclude", vals("level", "4"), nil, 422, "请写理由")
			}
			e.send(v+"/conclude", vals("level", "5"), nil, 200)
		}
		clerk.get(at, 200, "待公示送达", "专家结论", "重度失能Ⅲ级")
		clerk.send(at+"/deliver", nil, nil, 409, "请先公示")
		clerk.send(at+"/publish", nil, nil, 200, "公示中")
		anyone := c.as("")
		anyone.get("/notice", 200, "王*兰", "重度失能Ⅲ级", "6月9日")
		if strings.Contains(anyone.page, "王桂兰") || strings.Contains(anyone.page, number) {
			t.Error("the notice shows the whole name or the number")
		}
		clerk.get("/o/notice", 200, "王*兰", number)
		clerk.get(at, 200)
		clerk.send(at+"/effect", nil, nil, 409, "期满以后才能生效")
		clk.Add(5 * 24 * time.Hour)
		clerk.get(at, 200)
		clerk.send(at+"/effect", nil, nil, 200, "已生效")
		daughter.get("/case/"+number, 200, "办好了", "重度失能Ⅲ级", "有效到", "对结论有意见", "这个等级是怎么得出来的")
		why := regexp.MustCompile(`/why/\w+`).FindString(daughter.page)
		daughter.get(why, 200, "医保办发〔2021〕37号")
		daughter.get("/case/"+number+"/letter/effect", 200, "结论告知书", "重度失能Ⅲ级")
		clerk.get(at+"/letter/accept", 200, "受理通知书", "最晚办完")
		clerk.get(at+"/letter/refuse", 404)
		stranger.get("/case/"+number+"/letter/effect", 404)
		daughter.get("/case/"+number+"/object", 200)
		daughter.send("/case/"+number+"/object", vals("name", "陈丽", "phone", "13900000000", "reason", "等级定低了"), nil, 200, "有异议，待复评")
	})
}

func TestWindowEntry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		c := newCity(t, d, clk)
		b := c.as("刘晓")
		b.get("/o/desk/new?q="+url.QueryEscape("没有这人"), 200, "名册里没有找到")
		b.get("/o/desk/new?q="+url.QueryEscape("王桂兰"), 200, "尾号")
		b.send("/o/desk/new", vals("person", c.mother, "channel", "phone", "kind", "first", "relation", "本人", "place", "home", "address", "x",
			"since", "2024-05", "eating", "dependent", "continence", "dependent", "bathing", "dependent", "dressing", "dependent", "toilet", "dependent"), nil, 422, "床椅转移")
		all := vals("person", c.mother, "channel", "phone", "kind", "first", "relation", "本人", "place", "home", "address", "x",
			"since", "2024-05", "eating", "dependent", "continence", "dependent", "bathing", "dependent", "dressing", "dependent", "toilet", "dependent", "transfer", "dependent")
		b.send("/o/desk/new", all, nil, 409, "还不满 6 个月", "转人工核对")
		all.Set("insist", "1")
		all.Del("once")
		b.send("/o/desk/new", all, nil, 200, "待受理", "还差 1 样材料", "通过 5 项")
	})
}

func (c *city) team(number, duty string) (out []*browser) {
	c.t.Helper()
	d, err := c.assess.Detail(context.Background(), c.people["刘晓"], region, number)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range d.Members {
		if m.On && m.Duty == duty && m.Round == d.App.Round {
			out = append(out, c.as(m.Name))
		}
	}
	return out
}

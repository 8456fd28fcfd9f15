package care

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/web/ui"
)

func open(t *testing.T, d *db.DB, c *dbtest.Clock) (*caretest.Town, *caretest.Browser) {
	tn := caretest.New(t, d, c, 2)
	by := map[string]audit.Actor{}
	for _, w := range tn.Workers {
		by[w.ID] = w
	}
	kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
	s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Care: tn.Care, Files: tn.Files}
	return tn, caretest.Open(t, kit.Handler(s.Router()))
}

// The whole visit by plain forms, without script.
func TestVisitWithoutScript(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		plan := tn.Plan(0, "offer", "confirm", "approve")
		v := tn.Visits(0, caretest.Today+3, caretest.Today+3)[0]
		at := "/v/visit/" + v.ID
		c.Add(72 * time.Hour)
		b.As = "w0"
		b.Get("/v/").Want(200, "王桂兰", "还没去", "09:00", at)
		b.Get(at).Want(200, "我到了，打卡", "温水擦浴", "13900000000")
		once := b.Page
		b.Post(at+"/checkin", "lat", "34600000", "lng", "119200000", "accuracy", "12").Want(200, "09:00 到达，离登记住址 0 米", "头面部清洁")
		b.Page = once
		b.Post(at+"/checkin", "lat", "34600000", "lng", "119200000", "accuracy", "12").Want(200, "到达打卡") // a double click is one act
		c.Add(58 * time.Minute)
		b.Get(at).Post(at+"/items", "item", "L01", "item", "L02", "plan-L01", "20", "plan-L02", "40", "then", "out").Want(200, "签退，请家属确认")
		b.Get(at).Post(at+"/photo", "x", "").Want(422, "请先拍一张照片")
		b.Get(at).Post(at+"/photo", "@photo", "no picture").Want(422, "只收照片")
		b.Get(at).Post(at+"/photo", "@photo", caretest.Photo).Want(200, "1 份")
		c.Add(2 * time.Minute)
		b.Get(at+"/out").Want(200, "已经 60 分钟").Post(at+"/checkout", "x", "").Want(422, "一项也没有做的话")
		b.Post(at+"/checkout", "item", "L01", "item", "L02", "minutes-L01", "20", "minutes-L02", "40", "lat", "34600000", "lng", "119200000", "accuracy", "12").Want(200, "请家属确认", "60 分钟")
		b.Post(at+"/confirm", "method", "code", "code", "000000").Want(422, "确认码或口令不对", "有错误：")
		b.Post(at+"/confirm", "method", "code", "code", plan.Code(v.ID)).Want(200, "家属已确认", "已完成")
		if x := tn.Visits(0, v.On, v.On)[0]; x.Status != care.Done || x.Suspects != 0 || len(x.Lines) != 2 {
			t.Fatalf("%+v", x)
		}
		b.Get(at).Post(at+"/trouble", "trouble", "not_home").Want(409, "现在是“已完成”")
		// Another worker's institution would see nothing; another worker of the same one may look.
		b.As = "w1"
		b.Get("/v/").Want(200, "今天没有上门")
		b.Get("/v/queue").Want(200, "没有等着上传")
	})
}

func TestVisitWithoutPlaceAndItsAnswer(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn, b := open(t, d, c)
	tn.Plan(0, "offer", "confirm", "approve")
	v := tn.Visits(0, caretest.Today, caretest.Today)[0]
	at := "/v/visit/" + v.ID
	b.As = "w0"
	b.Get(at).Post(at+"/checkin", "why", "denied").Want(200, "没有定位，服务照常")
	c.Add(20 * time.Minute)
	b.Get(at+"/out").Post(at+"/checkout", "item", "L01", "minutes-L01", "20", "why", "denied").Want(200)
	b.Get(at).Want(200, "到达时没有定位", "等说明", "6月5日 周三前说明", "家属还没确认")
	b.Get("/v/exceptions").Want(200, "到达时没有定位")
	ex := at + "/exception/location_off"
	b.Get(ex).Want(200, "国家文件没有规定时的缺省值", "示例值").Post(ex, "answer", "").Want(422, "请填当时的情况")
	b.Post(ex, "answer", "地下室收不到信号", "@photo", caretest.Photo).Want(200, "等处理", "地下室收不到信号")
	// A person who is not at home: nothing is billed, nothing is asked.
	v = tn.Visits(0, caretest.Today+3, caretest.Today+3)[0]
	c.Add(72 * time.Hour)
	at = "/v/visit/" + v.ID
	b.Get(at+"/trouble").Want(200, "打 120").Post(at+"/trouble", "x", "").Want(422, "请选发生了什么情况")
	b.Post(at+"/trouble", "trouble", "hospital", "note", "昨晚送医院").Want(200, "老人住院了", "没做成")
}

func TestSyncEndpoint(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn, b := open(t, d, c)
	plan := tn.Plan(0, "offer", "confirm", "approve")
	v := tn.Visits(0, caretest.Today, caretest.Today)[0]
	c.Add(5 * time.Hour)
	begin := dbtest.Start.UnixMilli()
	event := func(id, kind string, at int64, more string) string {
		return fmt.Sprintf(`{"client_id":"%s","visit":"%s","kind":"%s","at":%d%s}`, id, v.ID, kind, at, more)
	}
	place := `,"place":{"lat":34600000,"lng":119200000,"accuracy":9}`
	queue := []string{event("0190c1a0-0000-7000-8000-000000000001", "checkin", begin, place),
		event("0190c1a0-0000-7000-8000-000000000002", "evidence", begin+60000, `,"documents":["d1"]`),
		event("0190c1a0-0000-7000-8000-000000000003", "checkout", begin+20*60000, place+`,"items":[{"item":"L01","minutes":20}]`),
		event("0190c1a0-0000-7000-8000-000000000004", "confirm", begin+21*60000, `,"method":"code","code":"`+plan.Code(v.ID)+`"`)}
	b.As = "w0"
	send := func(events ...string) string {
		b.Get("/v/queue").Want(200)
		b.JSON("/v/sync", `{"events":[`+strings.Join(events, ",")+`]}`).Want(200)
		var out struct{ Results []care.SyncResult }
		caretest.Must(t, json.Unmarshal([]byte(b.Page), &out))
		var s []string
		for _, r := range out.Results {
			s = append(s, r.Status)
		}
		return strings.Join(s, " ")
	}
	if got := send(queue[3], queue[1]); got != "stored stored" {
		t.Fatal(got)
	}
	if got := send(queue...); got != "stored known stored known" {
		t.Fatal(got)
	}
	x := tn.Visits(0, v.On, v.On)[0]
	if x.Status != care.Done || x.Confirmed != "code" || x.Suspects != 0 || x.Minutes != 20 {
		t.Fatalf("%+v", x)
	}
	if got := send(queue...); got != "known known known known" {
		t.Fatal(got)
	}
	b.Get("/v/queue").Want(200, "服务器收到的最近 4 条", "到达打卡")
	b.JSON("/v/sync", `{"events":[{"what":1}]}`).Want(422, "手机里的记录还在")
	b.Page = ""
	b.JSON("/v/sync", `{"events":[]}`).Want(403) // no form token
}

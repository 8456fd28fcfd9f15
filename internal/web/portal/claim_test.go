package portal

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/claim"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/pay"
	"yinling/internal/web/ui"
)

// From a visit to a bill, a payment by code, an undo, and a dispute.
func TestBillConfirmPayUndoDispute(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 2)
		by := map[string]audit.Actor{"0": tn.Self(0), "1": tn.Self(1)}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		claims := &claim.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People}
		claims.Start(audit.GroupOptions{})
		t.Cleanup(claims.Close)
		till := &pay.Cashier{Base: "http://127.0.0.1", Key: []byte("k")}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Region: caretest.Region, Person: tn.People, Care: tn.Care, Institution: tn.Insts,
			Claim: claims, Pay: till, Cashier: till}
		b := caretest.Open(t, kit.Handler(s.Router()))
		plan := tn.Plan(0, "offer", "confirm", "approve")
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		b.As = "0"
		b.Get("/claim").Want(200, "还没有账单")
		b.Get("/claim/" + v.ID).Want(409) // not done yet
		for _, e := range []care.Event{{Kind: "checkin"}, {Kind: "checkout", Items: []care.DoneItem{{Item: "L01", Minutes: 20}}}, {Kind: "confirm", Method: "code", Code: codeOf(t, tn, plan.ID, v.ID)}} {
			c.Add(10 * time.Minute)
			_, err := tn.Care.Do(context.Background(), tn.Workers[0], caretest.Region, v.ID, "", e)
			caretest.Must(t, err)
		}
		_, err := d.Raw().Exec(`UPDATE care_visit SET suspects = 0`) // the doubts of this short visit are another test
		caretest.Must(t, err)
		at := "/claim/" + v.ID
		b.Get(at).Want(200, "没问题", "有问题", "医保付", "您付", "头面部清洁", "周小兰", "康宁护理站")
		b.Get("/claim").Want(200, "等您看一看", at)
		b.Get(at).Post(at, "version", "1").Want(200, "请付", "前可以", "撤回") // straight to the code
		b.Get(at).Want(200, "已经结算", "前可以", "撤回", "记账凭证")
		b.Get(at+"/pay").Want(200, "请付", "/pay/"+caretest.Region)
		_, ch, err := claims.See(context.Background(), tn.Self(0), caretest.Region, v.ID)
		caretest.Must(t, err)
		if n := len(caretest.Region + ch.ID); n > 32 {
			t.Errorf("the order's name has %d characters, channels take 32", n)
		}
		code, err := url.Parse(ch.Code)
		caretest.Must(t, err)
		b.As = "" // whoever scans need not log in
		b.Get(code.Path).Want(404)
		b.Get(code.RequestURI()).Want(200, "康宁护理站", "确认付 "+ch.Fen.Yuan())
		if regexp.MustCompile("王桂").MatchString(b.Page) {
			t.Error("the cashier shows the person's name to whoever scans")
		}
		b.Post(code.Path, "fen", code.Query().Get("fen"), "sign", "0").Want(404)
		b.Get(code.RequestURI())
		b.Post(code.Path, "fen", code.Query().Get("fen"), "sign", code.Query().Get("sign")).Want(200, "这笔款已付")
		b.As = "0"
		b.Get(at).Want(200, "您的部分：已付")
		b.As = "1"
		b.Get(at).Want(404)
		b.As = "0"
		b.Get(at).Post(at+"/undo").Want(200, "没问题", "您说没问题")
		b.Get(at+"/problem").Want(200, "哪里有问题").Post(at+"/problem", "reason", "").Want(422, "请填哪里有问题")
		b.Post(at+"/problem", "reason", "只来了十分钟").Want(200, "正在核实", "只来了十分钟")
		b.Get(at+"/problem").Post(at, "version", "4").Want(409)
	})
}

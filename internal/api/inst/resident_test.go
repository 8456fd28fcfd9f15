package inst

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"yinling/internal/assess"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/policy"
)

func deskOf(tn *caretest.Town) *desk.Service {
	return &desk.Service{Log: tn.Log, Files: tn.Files, Packs: tn.Packs, Persons: tn.People, Order: func(v *policy.View, groups []string) (int64, string, error) {
		o, _, err := assess.OrderRule.Decide(v, assess.OrderFacts{Groups: groups})
		return o.Priority, o.Group, err
	}}
}

// number opens a person's number as the home knows it from the card.
func number(t *testing.T, tn *caretest.Town, p int) (no string) {
	t.Helper()
	caretest.Must(t, tn.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		no, err = tn.People.IDNumber(tx, caretest.Region, tn.Persons[p])
		return err
	}))
	return no
}

// exchange is what a home's system does for its residents: in, filing and
// reimbursement on behalf, status, out.
func exchange(t *testing.T, tn *caretest.Town, x *caller) {
	t.Helper()
	no := number(t, tn, 1)
	in := fmt.Sprintf(`{"idno":"%s","name":"王桂共","room":"301","consent":"本人当面同意"}`, no)
	x.call("POST", "/residents", fmt.Sprintf(`{"idno":"%s","name":"王桂香","consent":"本人当面同意"}`, no), "")
	x.want(422, "对不上")
	if bytes.Contains(x.raw, []byte(no)) || bytes.Contains(x.raw, []byte("王桂香")) {
		t.Errorf("the error repeats the person: %s", x.raw)
	}
	r := x.call("POST", "/residents", in, "resident-key-1")
	x.want(200, "王桂")
	id := r["id"].(string)
	if again := x.call("POST", "/residents", in, "resident-key-1"); again["id"] != id {
		t.Errorf("the same key: %s", x.raw)
	}
	if bytes.Contains(x.raw, []byte(no)) {
		t.Errorf("the answer holds the whole number: %s", x.raw)
	}
	x.call("POST", "/residents", in, "")
	x.want(409, "还没有办离院")
	x.call("GET", "/residents", "", "")
	x.want(200, id, "301")
	x.call("GET", "/matters", "", "")
	x.want(200, "remote.filing", "claim.manual")
	x.call("POST", "/residents/"+id+"/cases", `{"matter":"claim.manual","answers":{},"consent":"本人当面同意"}`, "")
	x.want(422, "请填一下")
	one := x.call("POST", "/residents/"+id+"/cases", `{"matter":"claim.manual","answers":{"hospital":"甲市人民医院","on":"2024-05-20","total":"1280.50","reason":"urgent"},"consent":"本人当面同意"}`, "case-key-01")
	x.want(200, "waiting", "发票")
	if again := x.call("POST", "/residents/"+id+"/cases", `{"matter":"claim.manual","answers":{"hospital":"甲市人民医院","on":"2024-05-20","total":"1280.50","reason":"urgent"},"consent":"本人当面同意"}`, "case-key-01"); again["number"] != one["number"] {
		t.Errorf("the same key: %s", x.raw)
	}
	x.call("POST", "/residents/"+id+"/cases", `{"matter":"remote.filing","answers":{"kind":"long","place":"江苏省苏州市","since":"2024-06-03","until":"2025-06-05"},"consent":"本人当面同意"}`, "")
	x.want(200, `"done"`)
	x.call("POST", "/residents/"+id+"/cases", `{"matter":"remote.filing","answers":{"kind":"long","place":"江苏省苏州市","since":"2024-06-05"},"consent":"本人当面同意"}`, "")
	x.want(409, "已经有在有效期里的异地备案")
	x.call("GET", "/cases", "", "")
	x.want(200, one["number"].(string), "医疗费用手工报销", "异地就医备案")
	x.call("GET", "/cases/"+one["number"].(string), "", "")
	x.want(200, "waiting")
	x.call("POST", "/residents/"+id+"/discharge", `{"why":"回家"}`, "")
	x.want(200, "回家")
	x.call("POST", "/residents/"+id+"/cases", `{"matter":"remote.filing","answers":{},"consent":"本人当面同意"}`, "")
	x.want(409, "已经离院")
	x.call("GET", "/residents?left=true", "", "")
	x.want(200, id)
	x.call("GET", "/residents", "", "")
	if bytes.Contains(x.raw, []byte(id)) {
		t.Errorf("still on the roster: %s", x.raw)
	}
}

// A home acts only for who lives there, and sees only what it brought itself.
func TestExchangeStaysInTheHome(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn, x := open(t, d, c)
	r := x.call("POST", "/residents", fmt.Sprintf(`{"idno":"%s","name":"王桂兰","consent":"本人当面同意"}`, number(t, tn, 0)), "")
	x.want(200, "王桂兰")
	id := r["id"].(string)
	got, err := deskOf(tn).Apply(context.Background(), tn.Clerk, desk.ApplyInput{Region: caretest.Region, Matter: "claim.manual", Person: tn.Persons[0], Channel: desk.Window,
		Answers: map[string]string{"hospital": "甲", "on": "2024-05-20", "total": "10", "reason": "other"}})
	caretest.Must(t, err)
	x.call("GET", "/cases/"+got.Number, "", "")
	x.want(404)
	x.call("POST", "/residents/nobody/cases", `{"matter":"claim.manual","answers":{},"consent":"本人当面同意"}`, "")
	x.want(404, "花名册里没有")
	x.call("POST", "/residents/"+id+"/cases", `{"matter":"enrol.resident","answers":{"phone":"19900000001","address":"甲"},"consent":"本人当面同意"}`, "")
	if x.code == 200 {
		t.Errorf("a matter that homes may not bring was taken: %s", x.raw)
	}
}

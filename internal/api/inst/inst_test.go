package inst

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/institution"
)

// caller calls the interface and checks every reply against the published schema.
type caller struct {
	t     *testing.T
	h     http.Handler
	api   huma.API
	token string
	n     int
	code  int
	raw   []byte
	used  map[string]bool // operations that answered 200
}

func open(t *testing.T, d *db.DB, c *dbtest.Clock) (*caretest.Town, *caller) {
	tn := caretest.New(t, d, c, 2)
	caretest.Must(t, d.Write(context.Background(), func(tx *db.Tx) error {
		return institution.Choose(tx, tn.Self(0), caretest.Region, tn.Persons[0], tn.Inst.ID, "home", caretest.Today)
	}))
	s := &Server{Insts: tn.Insts, Care: tn.Care, Files: tn.Files, Desk: deskOf(tn), Claim: &claim.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People},
		Today: func() day.Day { return day.FromTime(c.Now()) }}
	mux, api := s.build()
	token, err := tn.Insts.NewToken(context.Background(), tn.Clerk, caretest.Region, tn.Inst.ID, "院内系统", caretest.Today+100)
	caretest.Must(t, err)
	return tn, &caller{t: t, h: mux, api: api, token: token, used: map[string]bool{}}
}

// call sends a request; body may be "" or raw bytes, key "" makes a fresh one
// for a write, "-" sends none.
func (c *caller) call(method, path, body, key string) map[string]any {
	c.t.Helper()
	r := httptest.NewRequest(method, Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "\xff") {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if key == "" && method == "POST" {
		c.n++
		key = fmt.Sprintf("test-key-%d", c.n)
	}
	if key != "-" && key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	c.code = w.Code
	c.raw, _ = io.ReadAll(w.Body)
	var v any
	if err := json.Unmarshal(c.raw, &v); err != nil {
		c.t.Fatalf("%s %s: %d %s", method, path, w.Code, c.raw)
	}
	c.contract(method, strings.SplitN(path, "?", 2)[0], w, v)
	m, _ := v.(map[string]any)
	return m
}

func (c *caller) contract(method, path string, w *httptest.ResponseRecorder, v any) {
	c.t.Helper()
	for pattern, item := range c.api.OpenAPI().Paths {
		re := regexp.MustCompile("^" + regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(pattern, "[^/]+") + "$")
		op := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post}[method]
		if !re.MatchString(path) || op == nil || (strings.Contains(pattern, "{") && c.api.OpenAPI().Paths[path] != nil) {
			continue
		}
		resp := op.Responses[fmt.Sprint(w.Code)]
		if resp == nil {
			c.t.Fatalf("%s %s: status %d is not in the description", method, pattern, w.Code)
		}
		kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		media := resp.Content[kind]
		if media == nil {
			c.t.Fatalf("%s %s %d: type %s is not in the description", method, pattern, w.Code, kind)
		}
		res := &huma.ValidateResult{}
		reg := c.api.OpenAPI().Components.Schemas
		schema := media.Schema
		if schema.Ref != "" {
			schema = reg.SchemaFromRef(schema.Ref)
		}
		huma.Validate(reg, schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeReadFromServer, v, res)
		if len(res.Errors) > 0 {
			c.t.Fatalf("%s %s %d does not keep the contract: %v\n%s", method, pattern, w.Code, res.Errors, c.raw)
		}
		if w.Code == 200 {
			c.used[op.OperationID] = true
		}
		return
	}
	c.t.Fatalf("%s %s is not in the description", method, path)
}

func (c *caller) want(code int, says ...string) *caller {
	c.t.Helper()
	if c.code != code {
		c.t.Fatalf("status %d, want %d: %s", c.code, code, c.raw)
	}
	for _, s := range says {
		if !bytes.Contains(c.raw, []byte(s)) {
			c.t.Fatalf("no %q in %s", s, c.raw)
		}
	}
	return c
}

var han = regexp.MustCompile(`\p{Han}`)

const planJSON = `{"person":"%s","mode":"home","from":"2024-06-03","to":"2024-08-31","items":[{"item":"L01","per_week":2,"minutes":20,"staff":"care_worker"}],"slots":[{"weekday":1,"start":"09:00","staff":"%s"},{"weekday":4,"start":"09:00"}]}`

// The whole work of an institution's system over the interface; every
// operation is called and every reply keeps the published contract.
func TestContract(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, x := open(t, d, c)
		x.call("GET", "/catalogue", "", "")
		x.want(200, "头面部清洁", `"grade":"assumed"`)
		x.call("GET", "/persons", "", "")
		x.want(200, "王桂兰")
		body := fmt.Sprintf(planJSON, tn.Persons[0], tn.WorkerIDs[0])
		x.call("POST", "/plans/check", body, "")
		x.want(200, `"visits":9`)
		plan := x.call("POST", "/plans", body, "plan-key-1")
		id := plan["id"].(string)
		if again := x.call("POST", "/plans", body, "plan-key-1"); again["id"] != id {
			t.Fatalf("the same key made another plan: %s", x.raw)
		}
		x.call("POST", "/plans", strings.Replace(body, "2024-08-31", "2024-09-30", 1), "plan-key-1")
		x.want(409, "内容不同")
		x.call("POST", "/plans/"+id, strings.Replace(body, `"slots"`, `"version":1,"slots"`, 1), "")
		x.want(200)
		x.call("POST", "/plans/"+id+"/act", `{"action":"offer","version":1}`, "")
		x.want(409, "刚被别人改过")
		x.call("POST", "/plans/"+id+"/act", `{"action":"offer","version":2}`, "")
		x.want(200, `"offered"`)
		_, err := tn.Care.Act(context.Background(), tn.Self(0), caretest.Region, id, "", care.PlanAct{Action: "confirm"})
		caretest.Must(t, err)
		_, err = tn.Care.Act(context.Background(), tn.Clerk, caretest.Region, id, "", care.PlanAct{Action: "approve"})
		caretest.Must(t, err)
		x.call("GET", "/plans?status=active", "", "")
		x.want(200, id)
		x.call("GET", "/plans/"+id, "", "")
		x.want(200, `"active"`)
		visits := x.call("GET", "/visits?from=2024-06-03&to=2024-06-09", "", "")["visits"].([]any)
		if len(visits) != 2 {
			t.Fatalf("%s", x.raw)
		}
		v := visits[0].(map[string]any)["id"].(string)
		x.call("POST", "/visits/"+visits[1].(map[string]any)["id"].(string)+"/staff", `{"staff":"`+tn.WorkerIDs[1]+`"}`, "")
		x.want(200, tn.WorkerIDs[1])
		doc := x.call("POST", "/visits/"+v+"/evidence?name=a.jpg", caretest.Photo, "")["document"].(string)
		begin := dbtest.Start.UnixMilli()
		c.Add(2 * time.Hour)
		queue := fmt.Sprintf(`{"events":[{"client_id":"cid-00000001","visit":"%[1]s","kind":"checkin","at":%[2]d,"staff":"%[5]s","place":{"lat":34600000,"lng":119200000,"accuracy":8}},
			{"client_id":"cid-00000002","visit":"%[1]s","kind":"evidence","at":%[3]d,"documents":["%[4]s"]},
			{"client_id":"cid-00000003","visit":"%[1]s","kind":"checkout","at":%[3]d,"items":[{"item":"L01","minutes":20}],"place":{"lat":34600000,"lng":119200000,"accuracy":8,"off":true,"why":"denied"}},
			{"client_id":"cid-00000004","visit":"somebody-elses","kind":"checkin","at":%[2]d}]}`, v, begin, begin+20*60000, doc, tn.WorkerIDs[0])
		x.call("POST", "/visits/sync", queue, "")
		x.want(200, `"stored"`, `"refused"`)
		x.call("POST", "/visits/sync", queue, "")
		x.want(200, `"known"`)
		x.call("GET", "/visits/"+v, "", "")
		x.want(200, `"done"`, `"price_fen":6500`, doc)
		x.call("GET", "/exceptions?status=open", "", "")
		x.want(200, "location_off", "unconfirmed")
		x.call("POST", "/exceptions/"+v+"/location_off/answer", `{"answer":"地下室没有信号"}`, "")
		x.want(200, `"answered"`)
		x.call("POST", "/exceptions/"+v+"/no_such/answer", `{"answer":"x"}`, "")
		x.want(404)
		x.call("POST", "/claims/2024-05/intake", "", "")
		x.want(200, `"2024-05"`)
		x.call("GET", "/claims", "", "")
		x.want(200, "2024-05")
		x.call("POST", "/claims/2024-05/submit", `{"version":0}`, "")
		x.want(409)
		x.call("POST", "/claims/2024-13/intake", "", "")
		x.want(422, "没有这个月份")

		// Institutional care by the day.
		caretest.Must(t, d.Write(context.Background(), func(tx *db.Tx) error {
			return institution.Choose(tx, tn.Self(1), caretest.Region, tn.Persons[1], tn.Inst.ID, "institution", caretest.Today)
		}))
		bed := x.call("POST", "/plans", fmt.Sprintf(`{"person":"%s","mode":"institution","from":"2024-06-03","to":"2024-08-31","items":[{"item":"B01","per_week":7,"minutes":0,"staff":"care_worker"}],"slots":[]}`, tn.Persons[1]), "")
		bedID := bed["id"].(string)
		x.call("POST", "/plans/"+bedID+"/act", `{"action":"offer","version":1}`, "")
		_, err = tn.Care.Act(context.Background(), tn.Self(1), caretest.Region, bedID, "", care.PlanAct{Action: "confirm"})
		caretest.Must(t, err)
		_, err = tn.Care.Act(context.Background(), tn.Clerk, caretest.Region, bedID, "", care.PlanAct{Action: "approve"})
		caretest.Must(t, err)
		c.Add(48 * time.Hour)
		x.call("POST", "/plans/"+bedID+"/days", `{"days":["2024-06-03","2024-06-04"]}`, "")
		x.want(200, `"recorded":2`)
		x.call("POST", "/plans/"+bedID+"/days", `{"days":["2024-06-03","2024-06-04","2024-06-05"]}`, "")
		x.want(200, `"recorded":1`)
		x.call("POST", "/plans/"+bedID+"/days", `{"days":["2024-06-06"]}`, "")
		x.want(422, "还没到")
		if got := tn.Visits(1, caretest.Today, caretest.Today+10); len(got) != 3 || got[0].Lines[0].Unit != "bed_day" || got[0].Lines[0].PriceFen != 12000 {
			t.Fatalf("%+v", got)
		}
		exchange(t, tn, x)
		for path, item := range x.api.OpenAPI().Paths {
			for _, op := range []*huma.Operation{item.Get, item.Post} {
				if op != nil && !x.used[op.OperationID] && op.OperationID != "claim-submit" { // a month with bills is settled in the claim's own tests
					t.Errorf("%s (%s) was never called with success", op.OperationID, path)
				}
			}
		}
	})
}

func TestErrorsAreChineseAndEchoNothing(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn, x := open(t, d, c)
	const secret = "990100194203150023"
	body := fmt.Sprintf(planJSON, tn.Persons[0], tn.WorkerIDs[0])
	for _, b := range []struct {
		path, body, key string
		code            int
		say             string
	}{
		{"/plans", body, "-", 422, "Idempotency-Key"},
		{"/plans", strings.Replace(body, `"home"`, `"`+secret+`"`, 1), "", 422, "只能是这些之一"},
		{"/plans", strings.Replace(body, `"2024-06-03"`, `"`+secret+`"`, 1), "", 422, "2024-06-30"},
		{"/plans", strings.Replace(body, `"2024-06-03"`, `"2024-02-30"`, 1), "", 422, "2024-06-30"},
		{"/plans", strings.Replace(body, `"mode"`, `"`+secret+`":1,"mode"`, 1), "", 422, "请去掉"},
		{"/plans", strings.Replace(body, `"per_week":2`, `"per_week":"`+secret+`"`, 1), "", 422, "整数"},
		{"/plans", `{"person": ` + secret + `x`, "", 400, "读不懂"},
		{"/plans", strings.Replace(body, tn.Persons[0], secret, 1), "", 422, "没有这位服务对象"},
		{"/plans", strings.Replace(body, tn.Persons[0], tn.Persons[1], 1), "", 422, "没有这位服务对象"},
		{"/plans/" + secret, body, "", 404, "没有找到"},
		{"/visits/sync", `{"events":[{"client_id":"` + secret + `","visit":"` + secret + `","kind":"` + secret + `","at":1}]}`, "", 422, "只能是这些之一"},
	} {
		m := x.call("POST", b.path, b.body, b.key)
		x.want(b.code, b.say)
		if bytes.Contains(x.raw, []byte(secret)) {
			t.Errorf("%s repeats what was sent: %s", b.path, x.raw)
		}
		for _, key := range []string{"title", "detail"} {
			if s, _ := m[key].(string); !han.MatchString(s) {
				t.Errorf("%s: %s is %q", b.path, key, s)
			}
		}
		for _, e := range append([]any{}, anys(m["errors"])...) {
			if s := e.(map[string]any)["say"].(string); !han.MatchString(s) {
				t.Errorf("%s says %q", b.path, s)
			}
		}
	}
	x.call("GET", "/visits?from=2024-06-03&to=2024-06-09&name="+secret, "", "")
	x.want(422)
	if bytes.Contains(x.raw, []byte(secret)) {
		t.Errorf("a query is repeated: %s", x.raw)
	}
	good := x.token
	for _, token := range []string{"", "990700.wrong", "nonsense"} {
		x.token = token
		x.call("GET", "/persons", "", "")
		x.want(401, "令牌")
	}
	x.token = good
	all, err := tn.Insts.Tokens(context.Background(), caretest.Region, tn.Inst.ID)
	caretest.Must(t, err)
	for _, k := range all {
		caretest.Must(t, tn.Insts.RevokeToken(context.Background(), tn.Clerk, caretest.Region, tn.Inst.ID, k.ID))
	}
	x.call("GET", "/persons", "", "")
	x.want(401, "令牌")
}

func anys(v any) []any { a, _ := v.([]any); return a }

func TestDescriptionIsPublished(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	_, x := open(t, d, c)
	w := httptest.NewRecorder()
	x.h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"/openapi.json", nil))
	var doc struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
		Servers []struct{ URL string }    `json:"servers"`
	}
	caretest.Must(t, json.Unmarshal(w.Body.Bytes(), &doc))
	if w.Code != 200 || !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) < 15 || len(doc.Servers) != 1 || doc.Servers[0].URL != Prefix {
		t.Fatalf("%d %s %d paths %v", w.Code, doc.OpenAPI, len(doc.Paths), doc.Servers)
	}
	for _, p := range []string{"/docs", "/schemas/Plan.json"} {
		w := httptest.NewRecorder()
		x.h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+p, nil))
		if w.Code != 404 || !strings.Contains(w.Body.String(), "没有这个接口") {
			t.Errorf("%s answers %d %s", p, w.Code, w.Body)
		}
	}
}

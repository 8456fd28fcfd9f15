package access

import (
	"strings"
	"testing"

	"yinling/internal/audit"
)

// proxyAsks are the routes by which a proxy sees or does something of the person.
func proxyAsks(x ids) map[string][]string {
	return map[string][]string{
		"GET": {"/case/" + x.app, "/case/" + x.app + "/letter/accept", "/case/" + x.app + "/object", "/assess/sent/" + x.app, "/assess/file/" + x.doc,
			"/care/plan/" + x.plan, "/care/visit/" + x.done, "/claim/" + x.bill, "/claim/" + x.bill + "/problem", "/claim/" + x.bill + "/pay", "/why/" + x.decision},
		"POST": {"/case/" + x.app + "/withdraw", "/case/" + x.app + "/file", "/case/" + x.app + "/object", "/care/plan/" + x.plan, "/care/plan/" + x.plan + "/undo",
			"/claim/" + x.bill, "/claim/" + x.bill + "/problem", "/claim/" + x.bill + "/undo", "/care/choose", "/assess/apply/send", "/assess/apply/who"},
		// These show whoever the session acts for: they must show nothing of the person.
		"LIST": {"/", "/me", "/case", "/care", "/claim", "/family", "/assess", "/assess/apply/who"},
	}
}

// TestProxyRecalled is T-29 for proxies: the session lives on, the right does not.
func TestProxyRecalled(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	helper := w.citizen("helper", region, x.helper)
	if a := helper.post("/family/act", "person", x.person); a.code != 303 {
		t.Fatalf("acting for the person: %s", a.brief())
	}
	helper.token = "" // a form of the person's now
	form := helper.form()
	asks := proxyAsks(x)
	for _, path := range []string{"/case/" + x.app, "/care/plan/" + x.plan, "/claim/" + x.bill, "/me"} {
		if a := helper.get(path); a.code != 200 || !strings.Contains(a.body, x.name) {
			t.Fatalf("before: %s: %s", path, a.brief())
		}
	}
	me := w.citizen("the person", region, x.person)
	if a := me.post("/family/" + x.proxy + "/recall"); a.code != 303 {
		t.Fatalf("recall: %s", a.brief())
	}
	for _, path := range asks["GET"] {
		if a := helper.get(path); a.code != 403 && a.code != 404 || strings.Contains(a.body, x.name) {
			t.Errorf("after the recall, GET %s: %s", path, a.brief())
		}
	}
	before := w.events()
	for _, path := range asks["POST"] { // the form that was open when the right ended
		if a := helper.send(path, form, values("version", "1", "pin", "2468", "mode", "home", "reason", "看看")); a.code != 403 && a.code != 404 || strings.Contains(a.body, x.name) {
			t.Errorf("after the recall, POST %s: %s", path, a.brief())
		}
	}
	helper.token = ""
	for _, path := range asks["POST"][:8] { // and a new form
		if a := helper.post(path, "version", "1", "pin", "2468", "reason", "看看", "name", "看看", "phone", "13900000000"); a.code < 400 || a.code >= 500 || strings.Contains(a.body, x.name) {
			t.Errorf("after the recall with a new form, POST %s: %s", path, a.brief())
		}
	}
	for _, path := range asks["LIST"] {
		body := helper.get(path).body
		if path == "/family" { // the recalled authorisation itself may stay in the list
			continue
		}
		if strings.Contains(body, x.name) {
			t.Errorf("after the recall, %s still names the person", path)
		}
	}
	for _, e := range w.since(before) {
		if e.result == "done" && e.actor == helper.account {
			t.Errorf("after the recall the helper still did %s %s", e.verb, e.object)
		}
	}
	if a := helper.post("/family/act", "person", x.person); a.code != 403 {
		t.Errorf("acting for the person again: %s", a.brief())
	}
}

// TestSeeOnly: who may look may not act, on any route.
func TestSeeOnly(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	w.exec(`UPDATE person_proxy SET scope = 'see' WHERE region = $1 AND id = $2`, region, x.proxy)
	helper := w.citizen("helper", region, x.helper)
	before := w.events()
	for _, behalf := range []bool{false, true} {
		if behalf {
			if a := helper.post("/family/act", "person", x.person); a.code != 303 {
				t.Fatal(a.brief())
			}
			before = w.events()
			helper.token = ""
		}
		if a := helper.get("/case/" + x.app); a.code != 200 {
			t.Errorf("who may look cannot look: %s", a.brief())
		}
		for _, path := range proxyAsks(x)["POST"] {
			if !behalf && !strings.Contains(path, x.app) && !strings.Contains(path, x.plan) && !strings.Contains(path, x.bill) {
				continue // that is the helper's own matter
			}
			if a := helper.post(path, "version", "1", "pin", "2468", "reason", "看看", "name", "看看", "phone", "13900000000"); a.code < 400 || a.code >= 500 {
				t.Errorf("who may only look, POST %s (in the person's name: %v): %s", path, behalf, a.brief())
			}
		}
		for _, e := range w.since(before) {
			if e.result == "done" && e.actor == helper.account && !strings.Contains(e.verb, "see") && e.verb != "access.act_for" {
				t.Errorf("who may only look did %s %s", e.verb, e.object)
			}
		}
	}
}

// TestAccountEnds is T-29 for accounts: disabled, or with another role, in the
// middle of a session.
func TestAccountEnds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	for role, v := range w.cast(x) {
		if role == "" {
			continue
		}
		path := map[string]string{"citizen": "/case/" + x.app, "clerk": "/o/assess/" + x.app, "insurer": "/o/desk", "reviewer": "/o/claim/bill/" + x.bill,
			"treasurer": "/o/fund", "auditor": "/o/person/" + x.person, "admin": "/o/system", "security": "/o/access", "assessor": "/v/assess/" + x.task, "expert": "/v/assess",
			"institution": "/j/plan/" + x.plan, "care_worker": "/v/visit/" + x.planned, "point": "/o/point", "helper": "/v/door/" + x.door}[role]
		if a := v.get(path); a.code != 200 {
			t.Fatalf("%s before: %s", role, a.brief())
		}
		form := v.form()
		// Another role: at once other rights.
		was, now := role, "admin"
		if role == "admin" || role == "auditor" {
			now = "citizen"
		}
		w.exec(`UPDATE access_account SET role = $3 WHERE region = $1 AND id = $2`, region, v.account, now)
		if a := v.get(path); a.code != 403 {
			t.Errorf("%s who became %s still sees %s: %s", role, now, path, a.brief())
		}
		w.exec(`UPDATE access_account SET role = $3 WHERE region = $1 AND id = $2`, region, v.account, was)
		if a := v.get(path); a.code != 200 {
			t.Errorf("%s again: %s", role, a.brief())
		}
		if err := w.Access.Disable(t.Context(), audit.System(region), region, v.account); err != nil {
			t.Fatal(err)
		}
		if a := v.get(path); a.code != 303 || !strings.HasPrefix(a.to, "/login") {
			t.Errorf("disabled %s still sees %s: %s", role, path, a.brief())
		}
		if a := v.send("/logout", form, nil); a.code != 403 {
			t.Errorf("the form of a disabled %s still counts: %s", role, a.brief())
		}
	}
}

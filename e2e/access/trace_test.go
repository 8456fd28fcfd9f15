package access

import (
	"slices"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/person"
)

// witness makes the database itself note every change of business rows, so that
// a change without an event of the record is seen, whoever makes it.
func (w *town) witness() {
	w.t.Helper()
	w.exec(`CREATE TABLE witness (tab TEXT)`)
	rows, err := w.DB.Raw().Query(`SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		w.t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		tables = append(tables, s)
	}
	rows.Close()
	n := 0
	for _, tab := range tables {
		word, _, _ := strings.Cut(tab, "_")
		// The record itself, the jobs, and what only keeps a login going.
		if slices.Contains([]string{"audit", "job", "goose", "sqlite", "witness"}, word) || tab == "access_session" || tab == "access_code" {
			continue
		}
		n++
		for _, on := range []string{"INSERT", "UPDATE", "DELETE"} {
			w.exec(`CREATE TRIGGER witness_` + tab + `_` + on + ` AFTER ` + on + ` ON ` + tab + ` BEGIN INSERT INTO witness VALUES ('` + tab + `'); END`)
		}
	}
	if n < 30 {
		w.t.Fatalf("only %d tables are watched", n)
	}
}

// changed are the tables that changed since the last call.
func (w *town) changed() (out []string) {
	rows, err := w.DB.Raw().Query(`SELECT DISTINCT tab FROM witness`)
	if err != nil {
		w.t.Fatal(err)
	}
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, s)
	}
	rows.Close()
	if out != nil {
		w.exec(`DELETE FROM witness`)
	}
	return out
}

// looks are the events that record a look, not an effect.
var looks = []string{"assess.see", "care.see", "care.take", "care.see_plan", "claim.see", "person.see", "policy.why", "desk.see", "audit.see"}

// effects are the events of what was done, without looks.
func effects(list []event) (out []event) {
	for _, e := range list {
		if e.result == "done" && !slices.Contains(looks, e.verb) {
			out = append(out, e)
		}
	}
	return out
}

// TestTrace is T-25 for acts: each leaves exactly one event, with actor,
// terminal and for whom.
func TestTrace(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	cast := w.cast(x)
	w.witness()
	clerk, me, inst, carer := cast["clerk"], cast["citizen"], cast["institution"], cast["care_worker"]
	second := w.login("reviewer2", "reviewer2")
	stranger := w.text(`SELECT MIN(p.id) FROM person_person p WHERE p.region = $1 AND p.id <> $2 AND p.id <> $3 AND p.deceased = ''
		AND NOT EXISTS (SELECT 1 FROM person_proxy y WHERE y.region = p.region AND y.proxy = p.id)`, region, x.person, x.helper)
	name := w.text(`SELECT name FROM person_person WHERE region = $1 AND id = $2`, region, stranger)
	number, err := w.Keys.Open(region, "person.id", w.text(`SELECT id_sealed FROM person_person WHERE region = $1 AND id = $2`, region, stranger))
	if err != nil {
		t.Fatal(err)
	}
	state := func(s string) string {
		return w.text(`SELECT MIN(id) FROM assess_application WHERE region = $1 AND state = $2`, region, s)
	}
	applied, accepted := state("applied"), state("accepted")
	proxyOf := func() string {
		return w.text(`SELECT MAX(id) FROM person_proxy WHERE region = $1 AND person = $2 AND proxy = $3 AND revoked = 0`, region, x.person, stranger)
	}
	version := func(table, key, id string) string {
		return w.text(`SELECT version FROM `+table+` WHERE region = $1 AND `+key+` = $2`, region, id)
	}
	settled := w.text(`SELECT MAX(visit) FROM claim_bill WHERE region = $1 AND person = $2 AND status = 'settled'`, region, x.person)
	waits := w.text(`SELECT MAX(visit) FROM claim_bill WHERE region = $1 AND person = $2 AND status = 'quoted'`, region, x.person)
	later := w.text(`SELECT MAX(id) FROM care_visit WHERE region = $1 AND person = $2 AND status = 'planned'`, region, x.person)
	month := w.text(`SELECT month FROM claim_month WHERE region = $1 AND institution <> '' AND status = 'submitted'`, region)
	monthOf := w.text(`SELECT institution FROM claim_month WHERE region = $1 AND institution <> '' AND status = 'submitted' AND month = $2`, region, month)
	claim := "/o/claim/month/" + monthOf + "/" + month
	items := w.text(`SELECT items FROM care_plan WHERE region = $1 AND id = $2`, region, x.plan)
	item := items[strings.Index(items, `"item":"`)+8:][:3]
	w.exec(`UPDATE care_visit SET on_day = $3, planned_at = $4 WHERE region = $1 AND id = $2`, region, x.planned, today.String(), w.clock.Now().UnixMilli())
	w.exec(`UPDATE care_exception SET status = 'open', answer = '' WHERE region = $1 AND visit = $2`, region, x.doubt)
	w.changed()
	for _, s := range []struct {
		who  *visitor
		path string
		verb string
		form []string
	}{
		{clerk, "/o/person/" + x.person + "/number", "person.reveal", nil},
		{clerk, "/o/person/" + x.person + "/proxy", "person.authorise", []string{"name", name, "id", number, "relation", "子女", "scope", "see", "consent", "face"}},
		{clerk, "/o/person/" + x.person + "/recall", "person.revoke", []string{"proxy", "PROXY"}},
		{me, "/family", "person.authorise", []string{"name", name, "id", number, "relation", "子女", "scope", "pay"}},
		{me, "/family/PROXY/recall", "person.revoke", nil},
		{cast["citizen"], "/assess/apply/who", "assess.draft", []string{"who", x.person}},
		{clerk, "/o/institution", "institution.enter", []string{"name", "新开的护理站", "kind", "care", "district", "海州区", "address", "一号"}},
		{clerk, "/o/institution/" + x.inst + "/token", "institution.token", []string{"name", "对接", "until", "2026-12-31"}},
		{clerk, "/o/institution/" + x.inst + "/staff/" + x.staff, "institution.staff", []string{"reason", "核对证书", "version", version("institution_staff", "id", x.staff)}},
		{clerk, "/o/assess/" + applied + "/hold", "desk.hold", nil},
		{clerk, "/o/assess/" + applied + "/supplement", "assess.supplement", []string{"what", "出院小结"}},
		{clerk, "/o/assess/" + applied + "/withdraw", "assess.withdraw", []string{"reason", "家属来电"}},
		{clerk, "/o/assess/" + accepted + "/draw", "assess.draw", nil},
		{clerk, "/o/assess/" + accepted + "/appoint", "assess.appoint", []string{"on", (today + 2).String(), "slot", "am"}},
		{cast["assessor"], "/v/assess/" + x.task + "/item/1", "assess.score", []string{"score", "0"}},
		{cast["assessor"], "/v/assess/" + x.task + "/appoint", "assess.appoint", []string{"on", (today + 1).String(), "slot", "am"}},
		{me, "/notice/" + x.notice, "assess.object", []string{"name", "看见的人", "phone", "13900000000", "reason", "看见他自己走路"}},
		{inst, "/j/visit/" + later + "/roster", "care.roster", []string{"staff", x.staff}},
		{inst, "/j/staff", "institution.hire", []string{"name", "新来的", "role", "care_worker", "qualification", "care_worker", "license", "2028-01-01", "idno", person.DemoID(77, day.MustParse("1985-03-04"), "女")}},
		{carer, "/v/visit/" + x.planned + "/checkin", "care.visit", []string{"lat", "34600000", "lng", "119200000", "accuracy", "10"}},
		{carer, "/v/visit/" + x.planned + "/items", "care.visit", []string{"item", item, "minutes-" + item, "15"}},
		{carer, "/v/visit/" + x.planned + "/trouble", "care.visit", []string{"trouble", "declined", "note", "老人今天不想做"}},
		{carer, "/v/visit/" + x.doubt + "/exception/" + x.kind, "care.answer", []string{"answer", "陪老人去了卫生站"}},
		{cast["reviewer"], "/o/care/exception/" + x.doubt + "/" + x.kind, "care.judge.accept", []string{"action", "accept", "reason", "已核实"}},
		{me, "/claim/" + waits + "/problem", "claim.dispute", []string{"reason", "那天没有来"}},
		{cast["reviewer"], "/o/claim/bill/" + settled, "claim.ask", []string{"act", "ask", "note", "录错了", "version", version("claim_bill", "visit", settled)}},
		{cast["reviewer"], claim + "/review", "claim.month_review", []string{"version", "MONTH"}},
		{second, claim + "/check", "claim.month_check", []string{"version", "MONTH"}},
		{cast["treasurer"], claim + "/sign", "claim.month_sign", []string{"version", "MONTH"}},
		{cast["treasurer"], "/o/claim/file", "claim.file", []string{"m", month}},
		{cast["treasurer"], "/o/fund", "fund.receive", []string{"from", "4102", "fen", "100", "on", today.String(), "slip", "S-1"}},
		{cast["security"], "/o/access", "access.create", []string{"name", "新来的经办", "login", "clerk9", "role", "clerk", "password", "correct-horse-1", "again", "correct-horse-1"}},
		{cast["security"], "/o/access/" + x.login, "access.disable", nil},
		{me, "/logout", "access.logout", nil},
	} {
		path, form := s.path, slices.Clone(s.form)
		if strings.Contains(path, "PROXY") || slices.Contains(form, "PROXY") {
			path = strings.ReplaceAll(path, "PROXY", proxyOf())
		}
		for i := range form {
			switch form[i] {
			case "PROXY":
				form[i] = proxyOf()
			case "MONTH":
				form[i] = w.text(`SELECT version FROM claim_month WHERE region = $1 AND institution = $2 AND month = $3`, region, monthOf, month)
			}
		}
		w.changed()
		before := w.events()
		a := s.who.post(path, form...)
		if a.code >= 400 {
			t.Errorf("%s by %s did not work, so it proves nothing: %s", path, s.who.name, a.brief())
			continue
		}
		done := effects(w.since(before))
		if len(done) != 1 {
			t.Errorf("%s by %s left %d events: %+v (changed: %v)", path, s.who.name, len(done), done, w.changed())
			continue
		}
		if e := done[0]; e.verb != s.verb || e.actor != s.who.account || e.object == "" || e.terminal != "127.0.0.1" {
			t.Errorf("%s: event %+v, want %s by %s from a terminal", path, e, s.verb, s.who.account)
		}
		if tabs := w.changed(); len(tabs) == 0 && s.verb != "person.reveal" && s.verb != "access.logout" {
			t.Errorf("%s changed nothing", path)
		}
	}
	// A person is always recorded as the one who was acted for.
	helper := w.citizen("helper", region, x.helper)
	helper.post("/family/act", "person", x.person)
	helper.token = ""
	before := w.events()
	if a := helper.post("/case/"+x.app+"/object", "name", "女儿", "phone", "13900000000", "reason", "不符合"); a.code >= 500 {
		t.Error(a.brief())
	}
	for _, e := range w.since(before) {
		if e.actor == helper.account && e.behalf != x.person {
			t.Errorf("an act of the helper does not say for whom: %+v", e)
		}
	}
}

// TestLooks is T-25 for reads: who reads another's health record leaves a trace,
// and one's own leaves none.
func TestLooks(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	cast := w.cast(x)
	helper := w.citizen("helper", region, x.helper)
	w.witness()
	for _, s := range []struct {
		who        *visitor
		path, verb string
		object     string
	}{
		{cast["clerk"], "/o/assess/" + x.app, "assess.see", x.app},
		{cast["auditor"], "/o/assess/" + x.app + "/letter/accept", "assess.see", x.app},
		{cast["clerk"], "/o/assess/" + x.app + "/file/" + x.doc, "desk.see", x.app},
		{cast["clerk"], "/o/person/" + x.person, "person.see", x.person},
		{cast["insurer"], "/o/person/" + x.person, "person.see", x.person},
		{cast["clerk"], "/o/care/plan/" + x.plan, "care.see_plan", x.plan},
		{cast["reviewer"], "/o/care/exception/" + x.doubt + "/" + x.kind, "care.see", x.doubt},
		{cast["reviewer"], "/o/claim/bill/" + x.bill, "claim.see", x.bill},
		{cast["treasurer"], "/o/claim/bill/" + x.bill, "claim.see", x.bill},
		{cast["reviewer"], "/o/why/" + x.decision, "policy.why", x.app},
		{cast["treasurer"], "/o/why/" + x.decision, "policy.why", x.app},
		{cast["assessor"], "/v/assess/" + x.task, "assess.see", x.task},
		{cast["care_worker"], "/v/visit/" + x.planned, "care.see", x.planned},
		{cast["institution"], "/j/plan/" + x.plan, "care.see_plan", x.plan},
		{cast["institution"], "/j/visit/" + x.planned, "care.see", x.planned},
		{helper, "/case/" + x.app, "assess.see", x.app},
		{helper, "/care/plan/" + x.plan, "care.see_plan", x.plan},
		{helper, "/care/visit/" + x.done, "care.see", x.done},
		{helper, "/claim/" + x.bill, "claim.see", x.bill},
		{helper, "/why/" + x.decision, "policy.why", x.app},
		{cast["citizen"], "/case/" + x.app, "", ""},
		{cast["citizen"], "/care/plan/" + x.plan, "", ""},
		{cast["citizen"], "/care/visit/" + x.done, "", ""},
		{cast["citizen"], "/claim/" + x.bill, "", ""},
	} {
		before := w.events()
		if a := s.who.get(s.path); a.code != 200 {
			t.Errorf("%s by %s: %s", s.path, s.who.name, a.brief())
			continue
		}
		list := w.since(before)
		found := slices.ContainsFunc(list, func(e event) bool {
			return e.verb == s.verb && e.object == s.object && e.actor == s.who.account && e.result == "done"
		})
		if s.verb == "" && len(list) > 0 || s.verb != "" && !found {
			t.Errorf("%s by %s: events %+v, want %q", s.path, s.who.name, list, s.verb)
		}
		if tabs := w.changed(); len(tabs) > 0 {
			t.Errorf("looking at %s changed %v", s.path, tabs)
		}
	}
}

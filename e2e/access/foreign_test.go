package access

import (
	"slices"
	"strings"
	"testing"

	"yinling/internal/access"
)

// elsewhere is another pooling region with a pack.
const elsewhere = "331000"

// foreigners are those who have nothing to do with the victim.
func (w *town) foreigners(x ids) []*visitor {
	other := func(role string) string { // an account of the role at an institution that does not care for the victim
		return w.text(`SELECT MIN(id) FROM access_account WHERE region = $1 AND role = $2 AND institution <> $3`, region, role, x.inst)
	}
	stranger := w.text(`SELECT MIN(p.id) FROM person_person p WHERE p.region = $1 AND p.id <> $2 AND p.id <> $3
		AND NOT EXISTS (SELECT 1 FROM desk_case c WHERE c.region = p.region AND c.person = p.id)`, region, x.person, x.helper)
	neighbour := w.text(`SELECT MIN(person) FROM care_plan WHERE region = $1 AND status = 'active' AND person <> $2`, region, x.person)
	out := []*visitor{
		w.citizen("a stranger", region, stranger),
		w.citizen("another beneficiary", region, neighbour),
		w.as("another institution", region, other("institution")),
		w.as("a carer of another institution", region, other("care_worker")),
	}
	out = append(out, w.as("a helper who goes elsewhere", region, w.text(`SELECT h.account FROM door_helper h WHERE h.region = $1
		AND h.id <> (SELECT helper FROM door_visit WHERE region = $1 AND id = $2)`, region, x.door)))
	for _, role := range []string{"assessor", "expert"} { // not drawn for the victim
		out = append(out, w.as("a foreign "+role, region, w.text(`SELECT MIN(a.id) FROM access_account a WHERE a.region = $1 AND a.role = $2
			AND NOT EXISTS (SELECT 1 FROM assess_member m WHERE m.region = a.region AND m.account = a.id AND m.case_id IN ($3, $4))`, region, role, x.app, x.task)))
	}
	for _, r := range access.Roles { // the same roles in another region, some with ids that collide
		inst, person := "", ""
		switch r.ID {
		case "citizen":
			person = x.person
		case "institution", "care_worker", "assessor", "expert":
			inst = x.inst
		}
		out = append(out, w.as(r.ID+" of another region", elsewhere, w.account(elsewhere, r.ID, inst, person, "外地")))
	}
	return out
}

// TestForeign is T-28: nobody learns anything of the victim by asking for the
// victim's ids, nor changes anything.
func TestForeign(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	x.upload = w.roster(w.login("clerk", "clerk"))
	canaries := []string{x.name, x.phone, x.phone[:3] + "****" + x.phone[7:], x.number, x.address, "探雀"}
	// The canaries sing for whom they should: otherwise the test would prove nothing.
	for who, path := range map[*visitor]string{w.login("clerk", "clerk"): "/o/person/" + x.person, w.citizen("self", region, x.person): "/me",
		w.citizen("helper", region, x.helper): "/case/" + x.app} {
		if a := who.get(path); a.code != 200 || !strings.Contains(a.body, x.name) {
			t.Fatalf("%s sees nothing at %s: %s", who.name, path, a.brief())
		}
	}
	personal := []string{x.person, x.proxy, x.app, x.doc, x.decision, x.plan, x.done, x.planned, x.bill, x.doubt, x.order, x.door}
	query := "?person=" + x.person + "&who=" + x.person + "&ward=" + x.person + "&case=" + x.app + "&id=" + x.app + "&inst=" + x.inst + "&institution=" + x.inst +
		"&staff=" + x.staff + "&q=" + x.app + "&m=" + x.month + "&replay=1&stage=&status="
	n, decisions, foreigners := 0, 0, w.foreigners(x)
	for _, v := range foreigners {
		local := strings.HasPrefix(v.session, region)
		for _, rt := range w.routes {
			if !access.RoleOf(v.role()).Allows(rt.Can) {
				continue // TestMatrix
			}
			path := x.fill(rt.Path, false)
			named := slices.ContainsFunc(personal, func(id string) bool { return strings.Contains(path, id) })
			if strings.HasPrefix(rt.Path, "/j/staff/") || strings.HasPrefix(rt.Path, "/j/message/") || strings.HasPrefix(rt.Path, "/j/inquiry/") || strings.HasPrefix(rt.Path, "/v/assess/{id}") {
				named = true
			}
			if !local && rt.Path != "/o/pack/{region}" && rt.Path != "/o/pack/{region}/{key}" && !strings.HasPrefix(rt.Path, "/matter/{id}") && strings.Contains(rt.Path, "{id}") {
				named = true // to another region everything here is unknown
			}
			before := w.events()
			var answers []answer
			if rt.Method == "GET" {
				answers = []answer{v.get(path), v.get(path + query)}
			} else {
				answers = []answer{v.post(path), v.post(path, "act", "decline", "person", x.person, "proxy", x.proxy, "version", "1", "reason", "看看", "note", "看看",
					"answer", "看看", "text", "看看", "name", "看看", "phone", "13900000000", "pin", "2468", "staff", x.staff, "kind", x.kind, "method", "pin", "code", "2468",
					"trouble", "declined", "action", "accept", "until", "2026-12-31", "on", "2026-06-12", "slot", "am", "score", "0", "level", "5", "case", x.app, "id", x.app)}
				if rt.Path == "/logout" || strings.HasPrefix(rt.Path, "/family/") {
					*v = *w.as(v.name, strings.SplitN(v.session, ".", 2)[0], v.account)
				}
			}
			for i, a := range answers {
				n++
				for _, c := range canaries {
					if strings.Contains(a.body, c) || strings.Contains(a.to, c) {
						t.Errorf("%s reads %q at %s %s (%d): %s", v.name, c, rt.Method, path, i, a.brief())
					}
				}
				if a.code >= 500 {
					t.Errorf("%s %s as %s: %s", rt.Method, path, v.name, a.brief())
				}
				if named && rt.Can != access.Public && (rt.Method == "GET" && a.code != 403 && a.code != 404 || rt.Method != "GET" && a.code < 400) && !(strings.HasPrefix(a.to, "/v/assess")) {
					t.Errorf("%s is let in at %s %s: %s", v.name, rt.Method, path, a.brief())
				}
			}
			if named {
				for _, e := range w.since(before) {
					if e.result == "done" && e.actor == v.account && slices.Contains(personal, e.object) {
						t.Errorf("%s did %s to %s by %s %s", v.name, e.verb, e.object, rt.Method, path)
					}
				}
			}
		}
	}
	t.Logf("%d requests", n)
	// Every decision about the victim, at every address that explains decisions.
	for _, object := range []string{x.person, x.app, x.plan, x.done, x.doubt, x.bill} {
		var id string
		if w.DB.Raw().QueryRow(`SELECT MAX(id) FROM audit_decision WHERE region = $1 AND object = $2`, region, object).Scan(&id) != nil {
			continue
		}
		decisions++
		for _, v := range foreigners {
			for _, path := range []string{"/why/", "/o/why/", "/v/why/", "/j/why/"} {
				if a := v.get(path + id); a.code != 404 && a.code != 403 {
					t.Errorf("%s sees the decision about %s at %s: %s", v.name, object, path, a.brief())
				}
			}
		}
	}
	if decisions < 4 {
		t.Errorf("only %d decisions about the victim were asked for", decisions)
	}
}

// TestSearchFromElsewhere: lists and searches of another region are empty of us.
func TestSearchFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	clerk := w.as("clerk of another region", elsewhere, w.account(elsewhere, "clerk", "", "", "外地"))
	here := w.login("clerk", "clerk")
	for _, q := range []string{x.number, x.name, "ouyangtanque", x.app} {
		for _, page := range []string{"/o/person?q=", "/o/desk?q="} {
			for who, found := range map[*visitor]bool{clerk: false, here: true} {
				body := who.get(page + q).body
				hit := strings.Contains(body, "/o/person/"+x.person) || strings.Contains(body, x.app+`"`)
				if q == x.app { // the field repeats what was searched; only a link is a find
					hit = strings.Contains(body, "/o/assess/"+x.app) || strings.Contains(body, "see="+x.app)
				}
				if hit && !found {
					t.Errorf("%s finds %s at %s", who.name, q, page)
				}
				if !hit && found && (page == "/o/person?q=") != (q == x.app) {
					t.Errorf("%s does not find %s at %s: the test proves nothing", who.name, q, page)
				}
			}
		}
	}
}

package access

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"yinling/internal/access"
	"yinling/internal/web/ui"
)

//go:embed matrix.txt
var matrixFile string

// matrix is the table by hand: "GET /o/desk" to the roles that may.
func matrix(t *testing.T) map[string][]string {
	out := map[string][]string{}
	for _, line := range strings.Split(matrixFile, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) < 3 || out[f[0]+" "+f[1]] != nil {
			t.Fatalf("matrix.txt: %q", line)
		}
		out[f[0]+" "+f[1]] = f[2:]
	}
	return out
}

func mayBy(line []string, role string) bool {
	switch line[0] {
	case "everybody":
		return true
	case "signed-in":
		return role != ""
	}
	return slices.Contains(line, role)
}

// noRight is the sentence of the door: the role has not this permission.
const noRight = "不能看这一页。需要的话"

// TestMatrix is T-27: every route, every role and nobody, ids that exist and
// ids that do not.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	cast := w.cast(x)
	x.upload = w.roster(cast["clerk"])
	table := matrix(t)
	roles := []string{""}
	for _, r := range access.Roles {
		roles = append(roles, r.ID)
		if cast[r.ID] == nil {
			t.Fatalf("nobody plays the role %s", r.ID)
		}
	}
	seen := map[string]bool{}
	asked := 0
	w.witness()
	for _, rt := range w.routes {
		key := rt.Method + " " + rt.Path
		line := table[key]
		seen[key] = true
		if line == nil {
			t.Errorf("%s has no line in matrix.txt: who may ask for it?", key)
			continue
		}
		if rt.Method != "GET" && rt.Method != "POST" || rt.Can == "" {
			t.Errorf("%s: method or permission %q", key, rt.Can)
		}
		for _, role := range roles {
			may := access.RoleOf(role).Allows(rt.Can)
			if may != mayBy(line, role) {
				t.Errorf("%s: the table and access.Roles disagree about %q (permission %s)", key, role, rt.Can)
				continue
			}
			for _, none := range []bool{true, false} {
				before := w.events()
				a := w.ask(cast[role], rt, x.fill(rt.Path, none))
				asked++
				if say := w.untold(rt, before); say != "" {
					t.Errorf("%s as %q (ids exist: %v): %s", key, role, !none, say)
				}
				if say := wrong(rt, role, may, a); say != "" {
					t.Errorf("%s as %q (ids exist: %v): %s: %s", key, role, !none, say, a.brief())
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if !seen[key] {
			t.Errorf("matrix.txt has a line for %s, which is no route", key)
		}
	}
	t.Logf("%d routes, %d requests", len(w.routes), asked)
}

func (w *town) ask(v *visitor, rt ui.Route, path string) answer {
	if rt.Method == "GET" {
		return v.get(path)
	}
	a := v.post(path)
	if v.account != "" && (strings.HasPrefix(rt.Path, "/family/") || rt.Path == "/logout") { // these change the session
		*v = *w.as(v.name, strings.SplitN(v.session, ".", 2)[0], v.account)
	}
	return a
}

// atDoor tells a refusal of the router from one of the act itself (the second
// review by the same hand, a step that the institution does not take).
func atDoor(a answer) bool {
	for _, say := range []string{noRight, "您还没有登录", "这一页放得太久了", "从别的网站来的"} {
		if strings.Contains(a.body, say) {
			return true
		}
	}
	return false
}

// quiet are the routes that may change rows without an act of the visitor: the
// payment code of a bill is asked from the channel when it is first shown.
var quiet = []string{"GET /claim/{id}/pay"}

// receipts are the acts of looking for the first time: that a document or a
// message has been read, by whom.
var receipts = map[string]string{"desk.paper_read": "desk_paper", "institution.message_read": "institution_message"}

// untold tells of a change that left no event, of a look that changed
// something, and of an act that left more than one event.
func (w *town) untold(rt ui.Route, before int64) string {
	tabs, done := w.changed(), effects(w.since(before))
	switch {
	case len(tabs) == 0 && len(done) <= 1 || slices.Contains(quiet, rt.Method+" "+rt.Path):
		return ""
	case rt.Method == "GET" && len(done) == 1 && len(tabs) == 1 && receipts[done[0].verb] == tabs[0]:
		return ""
	case rt.Method == "GET":
		return fmt.Sprintf("looking changed %v, events %+v", tabs, done)
	case len(done) != 1:
		return fmt.Sprintf("changed %v with the events %+v", tabs, done)
	}
	return ""
}

// wrong holds a real answer against what it must be.
func wrong(rt ui.Route, role string, may bool, a answer) string {
	toLogin := a.code == 303 && strings.HasPrefix(a.to, "/login")
	switch {
	case a.code >= 500 || a.code < 200:
		return "an error of ours"
	case may && a.code == 403 && (rt.Method == "GET" || atDoor(a)):
		return "refused, though the role may"
	case may && toLogin && !strings.HasPrefix(rt.Path, "/login") && rt.Path != "/logout":
		return "sent to the login"
	case may:
		return ""
	case role == "" && rt.Method == "GET" && !toLogin:
		return "nobody is not sent to the login"
	case role == "" && rt.Method != "GET" && a.code != 403:
		return "nobody is not refused"
	case role != "" && (a.code != 403 || !strings.Contains(a.body, noRight)):
		return "not refused"
	}
	return ""
}

// TestForms: no route that changes anything takes a form without our token, or
// one that another site sent, also from who may do it.
func TestForms(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	x := w.ids()
	cast := w.cast(x)
	n := 0
	for _, rt := range w.routes {
		if rt.Method == "GET" {
			continue
		}
		v := cast[""]
		if rt.Can != access.Public {
			for _, r := range access.Roles {
				if r.Allows(rt.Can) {
					v = cast[r.ID]
				}
			}
			if v == cast[""] {
				t.Errorf("%s %s: no role may", rt.Method, rt.Path)
			}
		}
		path, other := x.fill(rt.Path, false), cast["admin"]
		if v == other {
			other = cast["clerk"]
		}
		before := w.events()
		for say, a := range map[string]answer{
			"no token":                    v.send(path, "", nil),
			"a token made up":             v.send(path, strings.Repeat("A", 43), nil),
			"another's token":             v.send(path, other.form(), nil),
			"from another site":           v.send(path, v.form(), nil, "Sec-Fetch-Site", "cross-site"),
			"from a neighbouring site":    v.send(path, v.form(), nil, "Sec-Fetch-Site", "same-site"),
			"an old browser, other site":  v.send(path, v.form(), nil, "Origin", "https://other.example"),
			"an old browser, null origin": v.send(path, v.form(), nil, "Origin", "null"),
		} {
			n++
			if a.code != 403 {
				t.Errorf("%s %s, %s: %s", rt.Method, rt.Path, say, a.brief())
			}
		}
		if d := w.since(before); len(d) > 0 {
			t.Errorf("%s %s: a refused form did something: %v", rt.Method, rt.Path, d)
		}
	}
	t.Logf("%d refused", n)
}

// event is a line of the audit chain.
type event struct{ actor, verb, object, result, behalf, terminal string }

// events is where the record ends now.
func (w *town) events() (last int64) {
	if err := w.DB.Raw().QueryRow(`SELECT MAX(rowid) FROM audit_event`).Scan(&last); err != nil {
		w.t.Fatal(err)
	}
	return last
}

// since are the events that came after.
func (w *town) since(last int64) (out []event) {
	rows, err := w.DB.Raw().Query(`SELECT actor, verb, object, result, behalf, terminal FROM audit_event WHERE rowid > $1 ORDER BY rowid`, last)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e event
		if err := rows.Scan(&e.actor, &e.verb, &e.object, &e.result, &e.behalf, &e.terminal); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

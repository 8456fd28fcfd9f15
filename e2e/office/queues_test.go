package office

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/person"
)

// waiting adds what the demonstration has too little of: calls that are owed and
// corrections that wait for the second hand.
func (w *town) waiting(t *testing.T) {
	t.Helper()
	maker := audit.Actor{ID: "maker", Name: "申请的人", Role: "clerk", Region: region}
	people, err := w.Person.Search(t.Context(), region, "王", 2)
	if err != nil || len(people) < 2 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	for i, p := range people {
		if _, err := w.Desk.AskCall(t.Context(), maker, "", desk.Ask{Name: p.Name, Phone: "19900000001", About: fmt.Sprint("问评估的事 ", i)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Person.AskNumber(t.Context(), maker, region, p.ID, "", person.DemoID(900+i, p.Birth, p.Sex), "看了身份证原件"); err != nil {
			t.Fatal(err)
		}
	}
}

// In every queue a straightforward item takes at most three keys to the decision
// with the next one open; what can be taken back is, with one key more.
func TestQueues(t *testing.T) {
	w := newTown(t)
	w.waiting(t)
	browser := newBrowser(t)
	desks := map[string]*window{"clerk": w.open(t, browser, "clerk", true), "reviewer": w.open(t, browser, "reviewer", true)}
	for _, q := range []struct {
		login, list string
		row         string // says which row is straightforward; "" the first
		keys        []string
		final       bool
	}{
		{"clerk", "/o/followup?state=open", "", []string{"a"}, false},
		{"clerk", "/o/improve?state=open", "", []string{"a"}, false},
		{"clerk", "/o/share/watch/list?which=should", "", []string{"a"}, false},
		{"clerk", "/o/share/doubt?state=doubtful", "", []string{"d"}, false},
		{"clerk", "/o/share/doubt?state=doubtful", "姓名和出生日期对上了，名单上没有号码", []string{"a", "\r"}, true},
		{"clerk", "/o/door/dispatch?list=coming", "", []string{"a"}, false},
		{"clerk", "/o/call?all=1", "问评估的事", []string{"a"}, false},
		{"clerk", "/o/voice?stage=received", "", []string{"a"}, false},
		{"reviewer", "/o/person/fix?state=asked", "", []string{"a"}, false},
		{"reviewer", "/o/claim/recover?status=asked", "", []string{"r"}, false},
	} {
		t.Run(strings.Trim(q.list+" "+strings.Join(q.keys, ""), "/\r"), func(t *testing.T) {
			x := desks[q.login]
			x.t = t
			x.goTo(q.list)
			const all = `[...document.querySelectorAll(".work-list tbody .nm")].map(a => a.id.slice(2))`
			before := eval[[]string](x, all)
			if len(before) == 0 {
				t.Fatal("nothing waits")
			}
			first := eval[string](x, `(()=>{for (const r of document.querySelectorAll(".work-list tbody tr")) if (r.innerText.includes(`+quote(q.row)+`)) { const a = r.querySelector(".nm"); a.focus(); return a.id.slice(2) } return ""})()`)
			if first == "" {
				t.Fatalf("no row says %q", q.row)
			}
			x.keys = 0
			x.leave(func() { x.key("\r") })
			if got := eval[string](x, current); got != first {
				t.Fatalf("%q is open, %q was chosen", got, first)
			}
			for i, k := range q.keys {
				if i == len(q.keys)-1 {
					x.leave(func() { x.key(k) })
				} else {
					x.key(k)
				}
			}
			next := eval[string](x, current)
			if len(before) > 1 && (next == "" || next == first || eval[string](x, focused) != next) || x.keys > 3 {
				t.Fatalf("after %d keys %q is open", x.keys, next)
			}
			t.Logf("%d keys; %d in the list", x.keys, len(before))
			x.shot("queue" + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(q.list) + "-" + q.keys[0])
			if back := eval[bool](x, `!!document.querySelector("[data-did]")`); back == q.final {
				t.Fatalf("can be taken back: %v\n%s", back, eval[string](x, `document.querySelector("main").innerText`))
			}
			if q.final {
				return
			}
			x.leave(func() { x.key("u") })
			if s := eval[string](x, `document.querySelector("main").innerText`); !strings.Contains(s, "已经撤回，和没有办一样") {
				t.Fatalf("not taken back:\n%s", s)
			}
			if after := eval[[]string](x, all); !slices.Equal(slices.Sorted(slices.Values(before)), slices.Sorted(slices.Values(after))) {
				t.Errorf("taken back, yet %v is not %v", after, before)
			}
		})
	}
}

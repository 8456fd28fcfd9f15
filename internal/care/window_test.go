package care

import (
	"slices"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// A family without a telephone comes to the window: the ground is compared and
// kept, days are confirmed and, while nothing is settled, taken back and
// confirmed again.
func TestFamilyWindow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 3)
		clerk2 := audit.Actor{ID: "clerk2", Name: "孙宁", Role: "clerk", Region: region}
		self := tn.self(tn.people[0])
		tn.ofFamily(0)
		p, err := tn.SaveFamily(ctx, tn.clerk, region, "", "", tn.familyInput(0))
		must(t, err)
		must(t, act(tn, tn.clerk, p.ID, "offer"))
		must(t, act(tn, self, p.ID, "confirm"))
		must(t, act(tn, clerk2, p.ID, "approve"))
		c.Set(c.Now().AddDate(0, 0, 3))
		days := []day.Day{today, today + 1}
		var own string
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			v, err := tn.People.Get(tx, region, tn.people[0])
			own = v.IDTail
			if err == nil { // one who may act, one who may only look
				_, err = tn.People.Authorise(tx, person.Authorisation{Region: region, Proxy: tn.people[1], Person: tn.people[0], Relation: "子女", Scope: person.ScopeAct, Consent: person.ConsentFace})
			}
			if err == nil {
				_, err = tn.People.Authorise(tx, person.Authorisation{Region: region, Proxy: tn.people[2], Person: tn.people[0], Relation: "子女", Scope: person.ScopeSee, Consent: person.ConsentFace})
			}
			return err
		}))
		may, none, err := tn.Window(ctx, clerk2, region, p.ID)
		if err != nil || len(may) != 3 || len(none) != 0 || may[1].Name != "王小丽" || may[2].Name != "王桂1" {
			t.Fatalf("who may come: %+v, %v, %v", may, none, err)
		}
		ok := AtWindow{Came: "self", Shown: Shown[0], Tail: own}
		for _, x := range []struct {
			who         audit.Actor
			w           AtWindow
			field, word string
		}{
			{clerk2, AtWindow{Came: tn.people[2], Shown: Shown[0], Tail: own}, "came", "请选来的是谁"},
			{clerk2, AtWindow{Came: "self", Tail: own}, "shown", "出示了什么"},
			{clerk2, AtWindow{Came: "self", Shown: Shown[0], Tail: "0000"}, "tail", "对不上"},
			{clerk2, AtWindow{Came: "carer", Shown: Shown[0], Tail: own}, "tail", "王小丽"},
			{self, ok, "", "窗口"}, {tn.boss, ok, "", "窗口"},
		} {
			_, err := tn.ConfirmFor(ctx, x.who, region, p.ID, "", days, x.w)
			field(t, err, x.field, x.word)
		}
		if n, err := tn.ConfirmFor(ctx, clerk2, region, p.ID, "w1", days, ok); err != nil || n != 2 {
			t.Fatalf("confirmed: %d, %v", n, err)
		}
		_, err = tn.ConfirmFor(ctx, clerk2, region, p.ID, "", []day.Day{today + 9}, ok)
		field(t, err, "days", "还没到")
		one := dayID(p.ID, today)
		if v := tn.visit(one); v.Status != Done || v.Confirmed != "window" || len(v.Lines) != 1 {
			t.Errorf("visit: %+v", v)
		}

		// Taken back by the family, confirmed again at the window by the proxy.
		month := func() (open, back, paid int) {
			t.Helper()
			m, err := tn.FamilyDays(ctx, self, region, tn.people[0], today.Month())
			must(t, err)
			for _, x := range m.Days {
				for n, b := range map[*int]bool{&open: x.Open, &back: x.Back, &paid: x.Paid} {
					if b {
						*n++
					}
				}
			}
			return open, back, paid
		}
		if open, back, paid := month(); open != 2 || back != 2 || paid != 0 {
			t.Errorf("month: %d, %d, %d", open, back, paid)
		}
		for _, who := range []audit.Actor{tn.clerk, tn.boss, tn.self(tn.people[2])} {
			if _, err := tn.TakeBack(ctx, who, region, p.ID, "", days[:1], nil); err == nil {
				t.Errorf("%s %s takes back", who.Role, who.Person)
			}
		}
		_, err = tn.TakeBack(ctx, self, region, p.ID, "", nil, nil)
		field(t, err, "back", "请勾选")
		if n, err := tn.TakeBack(ctx, self, region, p.ID, "b1", days[:1], nil); err != nil || n != 1 {
			t.Fatalf("taken back: %d, %v", n, err)
		}
		if v := tn.visit(one); v.Status != Cancelled || len(v.Lines) != 0 || v.Note == "" {
			t.Errorf("taken back: %+v", v)
		}
		_, err = tn.TakeBack(ctx, self, region, p.ID, "", days[:1], nil)
		field(t, err, "back", "没有确认")
		if open, back, _ := month(); open != 3 || back != 1 {
			t.Errorf("after taking back: %d open, %d back", open, back)
		}
		proxy := may[2]
		if n, err := tn.ConfirmFor(ctx, clerk2, region, p.ID, "", days, AtWindow{Came: proxy.Key, Shown: Shown[1], Tail: proxy.tail}); err != nil || n != 1 {
			t.Fatalf("again: %d, %v", n, err)
		}
		if v := tn.visit(one); v.Status != Done || len(v.Lines) != 1 || v.Note != "" {
			t.Errorf("again: %+v", v)
		}

		// In doubt it waits for the office; settled, only the office reverses it.
		set := func(suspects int) {
			t.Helper()
			_, err := d.Raw().Exec(`UPDATE care_visit SET suspects = $1 WHERE id = $2`, suspects, one)
			must(t, err)
		}
		set(1)
		if _, err := tn.TakeBack(ctx, clerk2, region, p.ID, "", days, &ok); !fault.Is(err, fault.Conflict) {
			t.Errorf("in doubt: %v", err)
		}
		set(0)
		tn.Settled = func(*db.Tx, string, []string) (map[string]bool, error) { return map[string]bool{one: true}, nil }
		_, err = tn.TakeBack(ctx, clerk2, region, p.ID, "", days, &ok)
		if field(t, err, "", "办冲正"); !fault.Is(err, fault.Conflict) || tn.visit(dayID(p.ID, today+1)).Status != Done {
			t.Errorf("settled: %v", err)
		}
		if _, back, paid := month(); back != 1 || paid != 1 {
			t.Errorf("settled: %d back, %d paid", back, paid)
		}
		tn.Settled = nil
		if _, err := tn.TakeBack(ctx, clerk2, region, p.ID, "", days, &ok); err != nil {
			t.Errorf("at the window: %v", err)
		}
		// A month close that had read them as done must not settle them.
		must(t, d.Read(ctx, func(tx *db.Tx) error {
			if n, err := Doubted(tx, region, []string{one, dayID(p.ID, today+1)}); err != nil || n != 2 {
				t.Errorf("%d of 2 days may not be settled, %v", n, err)
			}
			return nil
		}))
		_, acts, err := tn.Window(ctx, clerk2, region, p.ID)
		if err != nil || len(acts) != 3 || !slices.ContainsFunc(acts, func(a WindowAct) bool {
			return a.Back && a.Came == "王桂0" && a.CameAs == "本人" && a.Shown == Shown[0] && a.ClerkName == "孙宁" && slices.Equal(a.Days, days)
		}) {
			t.Errorf("kept: %+v, %v", acts, err)
		}
	})
}

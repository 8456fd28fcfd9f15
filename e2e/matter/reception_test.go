package matter

import (
	"strings"
	"testing"

	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	floors "yinling/internal/hall"
	"yinling/internal/person"
)

// TestReception: 接待、答疑、受理、办理、反馈 on one ticket (S-14): the guide greets
// and fills the form in with the person, the case knows its ticket, the ticket
// its case, and the five stages are to be seen.
func TestReception(t *testing.T) {
	each(t, "", func(h *hall) {
		t, ctx, clerk := h.t, h.t.Context(), h.staff("clerk")
		floor := h.Hall()
		place, err := floor.Save(ctx, clerk, "place", floors.Place{Region: region, Name: "政务大厅", Kind: "hall", District: "海州区", Address: "朝阳路 1 号", Weekdays: "12345", Opens: "09:00-17:00", Open: true})
		must(t, err)
		_, err = floor.SaveWindow(ctx, clerk, "window", floors.Window{Region: region, Place: place.ID, No: 1, Name: "综合"})
		must(t, err)
		p := h.someone("")
		b := h.web()
		b.As = "clerk"
		guide := "/o/hall/at/" + place.ID + "/guide"
		b.Get(guide+"?q="+h.idno(p)).Post(guide, "act", "draw", "person", p, "matter", "transfer.filing").Want(200, "一站式", "引导台取的号", "收件")
		ticket := strings.TrimPrefix(b.URL, "/o/hall/ticket/")
		b.Post(b.URL+"/step", "step", "answer", "say", "问转诊要带什么").Want(200, "问转诊要带什么")
		form := "/o/matter/new?ticket=" + ticket + "&matter=transfer.filing&person=" + p
		b.Get(form).Want(200, "从号", "给谁办", "转到哪家医院")
		fields := []string{"ticket", ticket, "matter", "transfer.filing", "person", p, "channel", "window", "hospital", "省人民医院", "place", "南京", "since"}
		b.Post("/o/matter/new", append(fields, "六月")...).Want(422, "有错误：", "2024-06-03", `value="省人民医院"`, "从号")
		b.Get(form).Post("/o/matter/new", append(fields, "2026-06-04", "@file-referral", "\x89PNG\r\n\x1a\nx")...).Want(200, "转诊转院备案", "从哪张号收的", "/o/hall/ticket/"+ticket)
		number := strings.TrimPrefix(b.URL, "/o/matter/case/")
		b.Get("/o/hall/ticket/"+ticket).Want(200, "/o/matter/case/"+number, "受理号 "+number, "还在办")
		must(t, h.Desk.Decide(ctx, clerk, desk.Cmd{Region: region, ID: number}, desk.Pass, "", nil))
		b.Get("/o/hall/ticket/"+ticket).Want(200, number+" 已办结")
		// A ticket of somebody who has left takes nothing more.
		_, err = floor.Do(ctx, clerk, region, ticket, "leave", floors.Act{Action: "leave"})
		must(t, err)
		_, err = h.Desk.Apply(ctx, clerk, desk.ApplyInput{Region: region, Key: "late", Matter: "door.visit", Person: p, Channel: desk.Window, Ticket: ticket,
			Answers: map[string]string{"what": "phone", "slot": (today + 1).String() + "/am"}})
		if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.As(err).Say, "不办了") {
			t.Errorf("from a ticket that has left: %v", err)
		}
	})
}

// idno is the number of somebody in the roster.
func (h *hall) idno(p string) (no string) {
	h.t.Helper()
	must(h.t, h.DB.Read(h.t.Context(), func(tx *db.Tx) (err error) { no, err = h.Person.IDNumber(tx, region, p); return err }))
	return no
}

// TestNewcomer: who is not in the roster is enrolled at the window and at the
// service point; the roster gets them when it is granted. A number that is known
// or on its way is refused with the way out.
func TestNewcomer(t *testing.T) {
	each(t, "", func(h *hall) {
		t, ctx, clerk := h.t, h.t.Context(), h.staff("clerk")
		birth := today - 70*365
		idno, other := person.DemoID(9001, birth, "女"), person.DemoID(9002, birth, "男")
		find := func(no string) (p person.Person, err error) {
			h.DB.Read(ctx, func(tx *db.Tx) error { p, err = h.Person.FindByID(tx, region, no); return nil })
			return p, err
		}
		known := h.someone("")
		b := h.web()
		b.As = "clerk"
		b.Get("/o/matter/new?matter=remote.filing&q="+idno).Want(200, "名册里没有找到", "城乡居民参保登记")
		form := "/o/matter/new?matter=enrol.resident&q=" + idno
		b.Get(form).Want(200, "他是谁", `value="`+idno+`"`)
		fields := func(name, no string) []string {
			return []string{"matter", "enrol.resident", "new", "1", "channel", "window", "district", "海州区", "phone", "19900000321", "address", "望湖社区 9 栋", "name", name, "idno", no}
		}
		wrong := idno[:17] + map[bool]string{true: "1", false: "2"}[idno[17] != '1']
		b.Post("/o/matter/new", fields("周新英", wrong)...).Want(422, "有错误：", `value="周新英"`, `value="望湖社区 9 栋"`)
		b.Get(form).Post("/o/matter/new", fields("周新英", h.idno(known))...).Want(422, "已经在名册里", "陈*", "请用证件号码查到他")
		b.Get(form).Post("/o/matter/new", append(fields("周新英", idno), "@file-household", "\x89PNG\r\n\x1a\nx")...).Want(200, "还不在名册里", "周新英", "受理通知书")
		number := strings.TrimPrefix(b.URL, "/o/matter/case/")
		_, taken := h.application(number)
		b.Get("/o/why/"+taken.Decision).Want(200, "由收件人当面看过")
		b.Get(form).Post("/o/matter/new", fields("周新英", idno)...).Want(422, "已经有一件在办", number)
		if _, err := find(idno); !fault.Is(err, fault.NotFound) {
			t.Fatalf("in the roster before anybody decided: %v", err)
		}
		h.prints(b, "/o/matter/case/"+number+"/letter/A", "周新英", "城乡居民参保登记受理通知书")
		b.Get("/o/matter").Want(200, "周新英")
		at := "/o/matter/case/" + number
		b.Get(at).Post(at+"/decide", "verdict", "pass", "since", "").Want(422, "从哪天起参保")
		b.Get(at).Post(at+"/decide", "verdict", "pass", "since", "2026-07-01").Want(200, "已办结", "2026年7月1日")
		p, err := find(idno)
		must(t, err)
		var covers []person.Coverage
		must(t, h.DB.Read(ctx, func(tx *db.Tx) (err error) { covers, err = h.Person.Coverages(tx, region, p.ID); return err }))
		if p.Name != "周新英" || p.Sex != "女" || p.Birth != birth || p.Phone != "19900000321" || p.District != "海州区" || len(covers) != 1 || covers[0].Kind != "resident" || covers[0].Since.String() != "2026-07-01" {
			t.Errorf("%+v %+v", p, covers)
		}
		if c, a := h.application(number); c.Person != p.ID || a.Person != p.ID {
			t.Errorf("the case is of %q, %q", c.Person, a.Person)
		}
		h.explained("newcomer", number)
		b.Get(form).Want(200, "给谁办", "周新英") // found now

		// At the service point; refused, nobody is left behind.
		b.As = "point"
		b.Get("/o/point/new?matter=enrol.resident").Want(200, "替老人办")
		send := []string{"matter", "enrol.resident", "name", "周大有", "id", other, "consent", "当面", "phone", "19900000322", "address", "望湖村"}
		b.Post("/o/point/new", "matter", "enrol.resident", "name", "周大有", "id", other, "consent", "", "phone", "19900000322", "address", "望湖村").Want(422, "本人怎样同意", `value="周大有"`)
		b.Get("/o/point/new?matter=enrol.resident").Post("/o/point/new", append(send, "@file-household", "\x89PNG\r\n\x1a\nx")...).Want(200, "周大有")
		ways, err := h.Desk.OfInstitution(ctx, h.staff("point"), 10)
		must(t, err)
		if d := ways[0].Case.District; d != h.point.District {
			t.Errorf("the newcomer of the point lives in %q", d)
		}
		must(t, h.Desk.Decide(ctx, clerk, desk.Cmd{Region: region, ID: ways[0].Case.ID}, desk.Refuse, "户籍不在本市", nil))
		if _, err := find(other); !fault.Is(err, fault.NotFound) {
			t.Errorf("refused and in the roster: %v", err)
		}
		_, err = h.Desk.ApplyFor(ctx, h.staff("point"), h.idno(known), "别的人", desk.ApplyInput{Region: region, Matter: "enrol.resident", Channel: desk.Point, Consent: "当面", Answers: map[string]string{"phone": "19900000322", "address": "望湖村"}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a name that does not fit the number: %v", err)
		}
		_, err = h.Desk.Apply(ctx, clerk, desk.ApplyInput{Region: region, Matter: "remote.filing", Channel: desk.Window, New: desk.Newcomer{Name: "周大有", IDNo: other}, Answers: map[string]string{"kind": "long", "place": "上海市", "since": today.String()}})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a newcomer's filing: %v", err)
		}
	})
}

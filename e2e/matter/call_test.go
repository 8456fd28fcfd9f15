package matter

import (
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// TestCallBack: a person asks for a call about a case, one clerk takes it, nobody
// answers, another calls and notes what was said, the person reads it; what is
// late says so on both sides.
func TestCallBack(t *testing.T) {
	each(t, "", func(h *hall) {
		t, ctx, clerk := h.t, h.t.Context(), h.staff("clerk")
		p, stranger := h.someone(""), h.someone("")
		r, err := h.Desk.Apply(ctx, clerk, desk.ApplyInput{Region: region, Key: "c", Matter: "point.filing", Person: p, Channel: desk.Window, Answers: map[string]string{"hospital": "示范医院", "since": "2026-06-04"}})
		must(t, err)
		b := h.web()
		b.As = p
		b.Get("/case/"+r.Number).Want(200, "/call?case="+r.Number)
		form := "/call?case=" + r.Number
		b.Get(form).Want(200, "打哪个号码", "19900000000")
		b.Post("/call", "case", r.Number, "name", "陈桂", "phone", "1990000", "about", "哪天能办好").Want(422, "有错误：", "手机号是 11 位", `value="陈桂"`, "哪天能办好")
		b.Get(form).Post("/call", "case", r.Number, "name", "陈桂", "phone", "19900000777", "about", "哪天能办好").Want(200, "6月4日", "前会打给您")
		b.Get(form).Post("/call", "case", r.Number, "name", "陈桂", "phone", "19900000777", "about", "再问一次").Want(409, "已经要过回电了")
		b.As = stranger
		b.Get("/call").Want(200)
		if strings.Contains(b.Page, "哪天能办好") {
			t.Error("a stranger reads the wish")
		}
		b.Get("/call?case="+r.Number).Post("/call", "case", r.Number, "name", "某人", "phone", "19900000778", "about", "打听").Want(404)

		b.As = "clerk"
		b.Get("/o/call").Want(200, "哪天能办好", r.Number, "6月4日")
		calls, owed, late, err := h.Desk.Calls(ctx, region, false, 10)
		if err != nil || len(calls) != 1 || owed != 1 || late != 0 || calls[0].Phone != "19900000777" {
			t.Fatalf("%+v %d %d %v", calls, owed, late, err)
		}
		id := calls[0].ID
		var raw string
		must(t, h.DB.Raw().QueryRow(`SELECT phone FROM desk_call WHERE region = $1`, region).Scan(&raw))
		if strings.Contains(raw, "19900000777") {
			t.Error("the number lies open in the database")
		}
		b.Get("/o/call?see="+id).Want(200, "19900000777</dd>", "我来打", "/o/call/case/"+r.Number)
		b.Get("/o/call/case/"+r.Number).Want(200, "定点医疗机构备案")
		must(t, h.Desk.TakeCall(ctx, clerk, desk.CallCmd{ID: id}))
		other := audit.Actor{ID: "clerk2", Name: "吴敏", Role: "clerk", Region: region}
		if err := h.Desk.EndCall(ctx, other, desk.CallCmd{ID: id, Note: "说过了"}); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.As(err).Say, "正在打") {
			t.Errorf("two at one call: %v", err)
		}
		// Each act is taken back within ten minutes by who did it, and the record shows both.
		back := func(who audit.Actor, act func() error) {
			t.Helper()
			was, err := h.Desk.CallAt(ctx, who, id)
			must(t, err)
			must(t, act())
			must(t, h.Desk.UndoCall(ctx, who, id, ""))
			now, err := h.Desk.CallAt(ctx, who, id)
			must(t, err)
			if now.Version = was.Version; now != was {
				t.Errorf("taken back: %+v, was %+v", now, was)
			}
		}
		back(clerk, func() error { return h.Desk.MissCall(ctx, clerk, desk.CallCmd{ID: id}) })
		must(t, h.Desk.MissCall(ctx, clerk, desk.CallCmd{ID: id}))
		if err := h.Desk.UndoCall(ctx, other, id, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another takes it back: %v", err)
		}
		back(other, func() error { return h.Desk.TakeCall(ctx, other, desk.CallCmd{ID: id}) })
		back(other, func() error { return h.Desk.EndCall(ctx, other, desk.CallCmd{ID: id, Note: "说错了人"}) })
		lines, err := audit.Lines(ctx, h.Log, region, audit.Query{Object: id}, 50)
		must(t, err)
		n := map[string]int{}
		for _, l := range lines {
			if l.Result == "done" {
				n[l.Verb]++
			}
		}
		if n["desk.call_undo"] != 3 || n["desk.call_miss"] != 2 || n["desk.call_end"] != 1 {
			t.Errorf("the record: %v", n)
		}
		b.As = p
		b.Get("/case/"+r.Number).Want(200, "说错了人", "撤回了刚才记的电话")
		b.As = "clerk"
		h.clock.At(today+3, 9, 0)
		_, err = h.DB.Raw().Exec(`UPDATE access_session SET created = $1, seen = $1 WHERE region = $2`, h.DB.Now().UnixMilli(), region) // logged in anew
		must(t, err)
		b.Get("/o/call").Want(200, "过了 2 天", "打过 1 次没有人接", "有 1 个过了该打的日子")
		b.As = p
		b.Get("/call").Want(200, "对不起", "没有人接")
		if err := h.Desk.EndCall(ctx, other, desk.CallCmd{ID: id}); !fault.Is(err, fault.Invalid) {
			t.Errorf("nothing said: %v", err)
		}
		must(t, h.Desk.EndCall(ctx, other, desk.CallCmd{ID: id, Note: "告诉他周五前办好"}))
		if err := h.Desk.TakeCall(ctx, clerk, desk.CallCmd{ID: id}); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken after it was made: %v", err)
		}
		b.Get("/call").Want(200, "打过了", "吴敏打的", "告诉他周五前办好")
		b.Get("/case/"+r.Number).Want(200, "打过电话：告诉他")

		// What a clerk notes on the telephone.
		b.As = "clerk"
		b.Get("/o/call/new").Post("/o/call/new", "name", "王阿姨的女儿", "phone", "19900000779", "about", "报销到哪一步", "case", "SL1").Want(422, "受理号不对", `value="王阿姨的女儿"`, `value="SL1"`)
		b.Get("/o/call/new").Post("/o/call/new", "name", "王阿姨的女儿", "phone", "19900000779", "about", "报销到哪一步").Want(200, "王阿姨的女儿", "报销到哪一步")
		b.Get("/o/call?state=done").Want(200, "吴敏")
	})
}

// TestProxysLog: the person reads and hears who did what as whom; nobody else does.
func TestProxysLog(t *testing.T) {
	each(t, "", func(h *hall) {
		t := h.t
		p, stranger := h.someone(""), h.someone("")
		b := h.web()
		b.As = p
		b.Get("/family/log").Want(200, "还没有人替您办过事")
		who := h.brings(desk.ByProxy, p)
		b.As = who.Person
		b.Get("/family").Want(200) // the account of the kin
		must(t, h.DB.Raw().QueryRow(`SELECT id FROM access_account WHERE region = $1 AND person = $2`, region, who.Person).Scan(&who.ID))
		r, err := h.Desk.Apply(t.Context(), who, desk.ApplyInput{Region: region, Key: "k", Matter: "point.filing", Person: p, Channel: desk.Online, Relation: "子女",
			Answers: map[string]string{"hospital": "示范医院", "since": "2026-06-04"}})
		must(t, err)
		must(t, h.Desk.Withdraw(t.Context(), who, desk.Cmd{Region: region, ID: r.Number}, ""))
		b.As = p
		b.Get("/family/log").Want(200, "替您提交了申请", "替您撤回了申请", "/case/"+r.Number, "听")
		b.As = stranger
		b.Get("/family/log").Want(200, "还没有人替您办过事")
	})
}

// TestFormsKeepWhatWasTyped: sending the forms of the handover and of a visit at
// the door, each wrong first.
func TestFormsKeepWhatWasTyped(t *testing.T) {
	each(t, "", func(h *hall) {
		t, ctx, clerk := h.t, h.t.Context(), h.staff("clerk")
		b := h.web()
		b.As = "clerk"
		form := "/o/handover?there=331000&matter=point.filing"
		b.Get(form).Want(200, "还没有和别的地区接通")
		far, err := person.ParseID(person.DemoID(8001, today-70*365, "女"), today)
		must(t, err)
		h.write(func(tx *db.Tx) error {
			_, _, err := h.Person.Put(tx, "331000", []person.Entry{{Number: far, Name: "方外地", Sex: "女", Birth: today - 70*365, District: "椒江区", Resident: true, Has: person.HasAll &^ person.HasCoverage}})
			return err
		})
		b.Get(form).Want(200, "转给参保地", "选哪一家")
		fields := []string{"there", "331000", "matter", "point.filing", "name", "方外地", "hospital", "台州医院", "since", "2026-06-04", "idno"}
		b.Post("/o/handover", append(fields, "123")...).Want(422, "有错误：", "18位", `value="方外地"`, `value="台州医院"`)
		b.Get(form).Post("/o/handover", append(fields, far.Text)...).Want(200, "定点医疗机构备案", "SL")

		p := h.someone("")
		r, err := h.Desk.Apply(ctx, clerk, desk.ApplyInput{Region: region, Key: "d", Matter: "door.visit", Person: p, Channel: desk.Window, Answers: map[string]string{"what": "phone", "slot": (today + 1).String() + "/am"}})
		must(t, err)
		var visit string
		must(t, h.DB.Raw().QueryRow(`SELECT id FROM door_visit WHERE region = $1 AND case_id = $2`, region, r.Number).Scan(&visit))
		at := "/o/door/visit/" + visit
		b.Get(at).Want(200, "在家里办了什么").Post(at, "result", "教会了用手机").Want(422, "请拍一张到场的照片", "教会了用手机")
		b.Get(at).Post(at, "result", "教会了用手机", "@file", "\xff\xd8\xff\xe0\x00\x10JFIF\x00 a picture").Want(200, "教会了用手机", "留证")
		b.Get("/o/matter/case/"+r.Number).Want(200, "上门")
	})
}

// TestCallWithoutCalendar: on the last working day of the last year whose calendar
// is known nobody is promised a day that is not known, and nothing counts as late.
func TestCallWithoutCalendar(t *testing.T) {
	each(t, "", func(h *hall) {
		t, ctx := h.t, h.t.Context()
		v, err := h.Packs.At(region, today)
		must(t, err)
		last := today
		for next, err := last, error(nil); err == nil; next, err = v.Calendar().AddWorkdays(last, 1) {
			last = next
		}
		p := h.someone("")
		h.clock.At(last, 9, 0)
		b := h.web()
		b.As = p
		b.Get("/call").Post("/call", "name", "陈桂", "phone", "19900000777", "about", "哪天能办好").Want(200, "会打给您。")
		b.Get("/call").Post("/call", "name", "陈桂", "phone", "19900000777", "about", "再问一次").Want(409, "已经要过回电了，会打给您，不用再要")
		calls, owed, late, err := h.Desk.Calls(ctx, region, false, 10)
		if err != nil || len(calls) != 1 || !calls[0].Due.IsZero() || owed != 1 || late != 0 {
			t.Errorf("%+v %d %d %v", calls, owed, late, err)
		}
	})
}

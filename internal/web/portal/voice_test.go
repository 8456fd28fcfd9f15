package portal

import (
	"net/http"
	"regexp"
	"testing"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// People speak up without a login and without a name, read the answer by number
// and code, see their own and nobody else's, send an answer back, and rate it.
func TestVoicePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 2)
		by := map[string]ui.Visitor{}
		for i, name := range []string{"self", "other"} {
			by[name] = ui.Visitor{Actor: audit.Actor{ID: "c" + tn.Persons[i], Name: name, Role: "citizen", Region: caretest.Region, Person: tn.Persons[i]}}
		}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return by[r.Header.Get("X-Test-Who")] }}
		out := &outreach.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People, Keys: tn.People.Keys, Files: &desk.Files{Dir: t.TempDir()}}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Person: tn.People, Care: tn.Care, Outreach: out, Desk: &desk.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People, Files: out.Files}, Access: access.New(tn.Log, tn.People.Keys, nil), Region: caretest.Region}
		b := caretest.Open(t, kit.Handler(s.Router()))
		find := func(pattern string) string {
			t.Helper()
			m := regexp.MustCompile(pattern).FindStringSubmatch(b.Page)
			if m == nil {
				t.Fatalf("no %s in %s", pattern, b.Page)
			}
			return m[1]
		}
		b.Get("/voice").Want(200, "我要投诉", "不愿留名也行")
		b.Get("/voice/new").Want(200, "是哪一种").Post("/voice/new", "step", "kind", "kind", "").Want(422, "请选是投诉、咨询还是建议")
		b.Post("/voice/new", "step", "kind", "kind", "suggestion").Want(200, "我要建议", "少交材料", "请给我打电话")
		b.Get("/voice/new?kind=complaint").Want(200, "我要投诉", "收钱不对", "请给我打电话").Post("/voice/new", "kind", "complaint", "anon", "yes").Want(422, "请选一样是什么事")
		b.Post("/voice/new", "kind", "complaint", "said", "call", "anon", "yes").Want(422, "不知道打给谁")
		b.Get("/voice/new").Post("/voice/new", "kind", "complaint", "text", "没来人", "anon", "").Want(422, "请选要不要留名")
		b.Get("/voice/new").Post("/voice/new", "kind", "question", "text", "怎么申请", "anon", "no", "name", "李先生", "phone", "").Want(422, "请留一个电话")
		b.Get("/voice/new").Post("/voice/new", "kind", "complaint", "text", "没来人", "anon", "yes").Want(200, "查询码", "10 个工作日内答复")
		number, code := find(`受理号 <b class="num">(SL[0-9A-Z]+)`), find(`<dd><b class="num">(\d{6})`)
		b.Get("/voice/find").Post("/voice/find", "number", number, "code", "12").Want(422, "对不上")
		b.Get("/voice/find").Post("/voice/find", "number", number, "code", code).Want(200, "待受理", "没来人")

		// Who would rather tell is called: one list of calls, with or without a login.
		b.Get("/voice/new").Post("/voice/new", "kind", "complaint", "said", "call", "anon", "no", "name", "李先生", "phone", "123").Want(422, "电话")
		b.Get("/voice/new").Post("/voice/new", "kind", "complaint", "said", "call", "text", "护理员没来", "anon", "no", "name", "李先生", "phone", "19900000055").Want(200, "我们打给您", "前会打给您")
		owed, n, late, err := s.Desk.Calls(t.Context(), caretest.Region, false, 9)
		if err != nil || n != 1 || late != 0 || owed[0].Phone != "19900000055" || owed[0].About != "我要投诉。护理员没来" || owed[0].Person != "" {
			t.Errorf("%+v %d %d %v", owed, n, late, err)
		}

		b.As = "self"
		b.Get("/voice/new?kind=question").Post("/voice/new", "kind", "question", "said", "call", "anon", "no").Want(200, "我们打给您", "看打了没有")
		b.Get("/call").Want(200, "我要咨询", "等着打")
		b.Get("/voice/new?kind=complaint").Post("/voice/new", "kind", "complaint", "said", "call", "anon", "no").Want(200, "我们打给您", "您已经要过回电了", "前会打给您")
		b.As = "other" // whose number is not known says it on the page of calls
		_, err = d.Raw().Exec(`UPDATE person_person SET phone_sealed = '', phone_index = '' WHERE region = $1 AND id = $2`, caretest.Region, tn.Persons[1])
		caretest.Must(t, err)
		b.Get("/voice/new?kind=suggestion").Post("/voice/new", "kind", "suggestion", "said", "call", "anon", "no").Want(200, "打哪个号码", "我要建议")
		b.As = "self"
		b.Get("/voice/new?kind=complaint").Post("/voice/new", "kind", "complaint", "said", "money", "anon", "no").Want(200, "收到了")
		b.Get("/voice").Want(200, "投诉：收钱不对")
		b.Get("/voice/new").Post("/voice/new", "kind", "complaint", "text", "态度不好", "anon", "no").Want(200, "收到了")
		number = find(`受理号 <b class="num">(SL[0-9A-Z]+)`)
		b.Get("/voice").Want(200, "态度不好", "待受理")
		b.Get("/voice/"+number).Want(200, "前受理")
		b.Get("/rate/voice/"+number).Want(409, "答复以后再评")
		who := audit.Actor{ID: "c1", Name: "甲", Role: "clerk", Region: caretest.Region}
		_, err = out.Take(t.Context(), who, caretest.Region, number, "", 0, false)
		caretest.Must(t, err)
		_, err = out.AnswerVoice(t.Context(), who, caretest.Region, number, "", 0, outreach.Reply{Finding: "partly", Text: "已经提醒窗口人员，向您道歉"})
		caretest.Must(t, err)
		b.Get("/voice/"+number).Want(200, "已经提醒窗口人员", "换人重新办", "解决了吗")
		b.Get("/voice/"+number+"/paper").Want(200, "投诉建议答复书", "部分属实")
		b.As = "other"
		b.Get("/voice/"+number).Want(404, "没有找到")
		b.Get("/voice/" + number + "/paper").Want(404)
		b.Get("/rate/voice/" + number).Want(404)
		b.Get("/voice/new").Post("/voice/"+number+"/again", "why", "不服").Want(404)
		b.As = "self"
		b.Get("/voice/"+number).Post("/voice/"+number+"/again", "why", "").Want(422, "哪里没有解决")
		b.Get("/voice/"+number).Post("/voice/"+number+"/accept").Want(200, "满意吗")
		b.Get("/rate/voice/"+number).Post("/rate/voice/"+number, "score", "9").Want(422)
		b.Get("/rate/voice/"+number).Post("/rate/voice/"+number, "score", "2").Want(200, "您评了：不满意", "前给您答复")
		if xs, err := out.Ratings(t.Context(), caretest.Region, "low", ""); err != nil || len(xs) != 1 || xs[0].Desk != "c1" {
			t.Errorf("%+v %v", xs, err)
		}
	})
}

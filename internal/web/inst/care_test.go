package inst

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

func open(t *testing.T, d *db.DB, c *dbtest.Clock) (*caretest.Town, *caretest.Browser) {
	tn := caretest.New(t, d, c, 2)
	stranger := audit.Actor{ID: "stranger", Role: "institution", Region: caretest.Region, Institution: "elsewhere"}
	by := map[string]audit.Actor{"boss": tn.Boss, "stranger": stranger}
	kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
	s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Care: tn.Care, Insts: tn.Insts, Files: tn.Files, Desk: deskOf(tn)}
	b := caretest.Open(t, kit.Handler(s.Router()))
	b.As = "boss"
	// The persons chose the station.
	caretest.Must(t, d.Write(context.Background(), func(tx *db.Tx) error {
		for p := range tn.Persons {
			if err := institution.Choose(tx, tn.Self(p), caretest.Region, tn.Persons[p], tn.Inst.ID, "home", caretest.Today); err != nil {
				return err
			}
		}
		return nil
	}))
	return tn, b
}

func deskOf(tn *caretest.Town) *desk.Service {
	return &desk.Service{Log: tn.Log, Files: tn.Files, Packs: tn.Packs, Persons: tn.People, Order: func(v *policy.View, groups []string) (int64, string, error) {
		o, _, err := assess.OrderRule.Decide(v, assess.OrderFacts{Groups: groups})
		return o.Priority, o.Group, err
	}}
}

func TestPlanIsWrittenByForms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		b.Get("/j/").Want(200, "要编计划的老人", "王桂兰")
		b.Get("/j/people").Want(200, "还没有计划")
		form := "/j/plan/new?person=" + tn.Persons[0] + "&mode=home"
		b.Get(form).Want(200, "温水擦浴", "周小兰（护理员）")
		fields := []string{"person", tn.Persons[0], "mode", "home", "from", "2024-06-03", "to", "2024-11-30", "item", "L01", "week-L01", "2", "minutes-L01", "20", "staff-L01", "care_worker",
			"day-0", "1", "start-0", "09:00", "who-0", tn.WorkerIDs[0], "day-1", "4", "start-1", "09:00", "who-1", tn.WorkerIDs[0]}
		b.Post("/j/plan", append(fields, "then", "check")...).Want(200, "没有超出限额", "2024年7月算下来", "9 次", "元（示例值，未见官方文件）")
		// Over the cap of 25 hours: told while it is written, not refused.
		over := append([]string{}, fields...)
		over[13] = "240"
		b.Post("/j/plan", append(over, "then", "check")...).Want(200, "多出的 11 小时 要由本人自己付")
		// A nurse's item by a care worker: refused beside the field, values kept.
		b.Post("/j/plan", append(fields, "item", "N01", "week-N01", "1", "minutes-N01", "30", "staff-N01", "care_worker", "then", "save")...).Want(422, "要护士来做", "有错误：")
		b.Get(form).Post("/j/plan", append(fields, "then", "save")...).Want(200, "编制中", "周一", "头面部清洁")
		plan := b.URL
		b.Post(plan+"/act", "act", "offer", "version", "1").Want(200, "等本人确认")
		b.Get(plan).Post(plan+"/act", "act", "approve").Want(403)
		b.Get(plan+"/edit").Want(200, `value="20"`)
		b.Get(plan).Post(plan+"/act", "act", "recall", "version", "1").Want(409, "刚被别人改过")
		b.Get(plan).Post(plan+"/act", "act", "recall", "version", "2").Want(200, "编制中")
		b.As = "stranger"
		b.Get(plan).Want(404)
	})
}

func TestInstitutionSeesItsVisitsAndAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		tn.Plan(0, "offer", "confirm", "approve")
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		b.Get("/j/visits").Want(200, "王桂兰", "还没去")
		b.Get("/j/visit/"+v.ID).Want(200, "谁去").Post("/j/visit/"+v.ID+"/roster", "staff", tn.WorkerIDs[1]).Want(200, "吴大江")
		for _, e := range []care.Event{{Kind: "checkin", Place: &care.Fix{Off: true, Why: "denied"}}, {Kind: "checkout", Items: []care.DoneItem{{Item: "L01", Minutes: 20}}}} {
			c.Add(20 * time.Minute)
			_, err := tn.Care.Do(context.Background(), tn.Workers[1], caretest.Region, v.ID, "", e)
			caretest.Must(t, err)
		}
		b.Get("/j/").Want(200, "等说明的疑点")
		b.Get("/j/exceptions").Want(200, "没有定位", "吴大江", "2024年6月5日")
		x := "/j/exception/" + v.ID + "/location_off"
		b.Get(x).Want(200, "到达时没有定位", "示例值").Post(x, "answer", "").Want(422, "请填当时的情况")
		b.Post(x, "answer", "老人家在地下室").Want(200, "等处理")
		b.Get("/j/visit/"+v.ID).Want(200, "费用明细", "21.67 元", "家属确认", "还没有")
		b.As = "stranger"
		b.Get("/j/visit/" + v.ID).Want(404)
		b.Get(x).Want(404)
		b.Get("/j/visits").Want(200, "这些天没有上门")
	})
}

func TestStaffPage(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	_, b := open(t, d, c)
	b.Get("/j/staff").Want(200, "周小兰", "郑护士")
	if strings.Contains(b.Page, "评估员") {
		t.Fatal("a care institution may not register assessors")
	}
	b.Post("/j/staff", "name", "", "role", "nurse").Want(422, "请填姓名")
	b.Post("/j/staff", "name", "孙小芳", "role", "nurse", "idno", "990100199001010012", "qualification", "护士执业证", "license", "2024-06-20").Want(200, "孙小芳", "17 天后证书到期")
	id := regexp.MustCompile(`/j/staff/[0-9a-z]+">孙小芳`).FindString(b.Page)
	if id == "" {
		t.Fatal("no link to 孙小芳")
	}
	id = strings.TrimSuffix(id, `">孙小芳`)
	b.Get(id).Want(200, "护士执业证").Post(id, "version", "1", "qualification", "护士执业证", "status", "suspended").Want(422, "请写暂停或离岗的原因")
	b.Post(id, "version", "1", "qualification", "护士执业证", "status", "suspended", "reason", "培训").Want(200, "已被机构暂停上岗")
	b.As = "stranger"
	b.Get(id).Want(404)
}

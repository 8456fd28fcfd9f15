package inst

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
	"yinling/internal/web/ui"
)

// An institution applies for a resident, on the packs that are shipped; another
// institution sees nothing of it.
func TestInstitutionAppliesForResident(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		const region = "320700"
		ctx := context.Background()
		set, err := policy.Load("")
		caretest.Must(t, err)
		keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
		caretest.Must(t, err)
		log := &audit.Log{DB: d}
		people := &person.Service{Log: log, Keys: keys, Packs: set}
		insts := &institution.Service{Log: log, Packs: set, Keys: keys}
		filesOf := &desk.Files{Dir: t.TempDir()}
		birth := day.MustParse("1942-05-03")
		idno := person.DemoID(7, birth, "女")
		by := map[string]audit.Actor{}
		caretest.Must(t, d.Write(ctx, func(tx *db.Tx) error {
			for _, name := range []string{"boss", "stranger"} {
				i, err := insts.Put(tx, region, institution.New{Name: "示范护理院" + name, Kind: institution.Care, District: "海州区"})
				if err != nil {
					return err
				}
				by[name] = audit.Actor{ID: name, Name: name, Role: "institution", Region: region, Institution: i.ID}
			}
			n, err := person.ParseID(idno, tx.Today())
			if err != nil {
				return err
			}
			paid, err := person.ParseRuns("2020-01~2026-12")
			if err != nil {
				return err
			}
			_, _, err = people.Put(tx, region, []person.Entry{{Number: n, Name: "王桂兰", Sex: "女", Birth: birth, District: "海州区", Resident: true, Has: person.HasAll,
				Coverage: person.Coverage{Scheme: person.LTCI, Kind: "employee", Since: day.MustParse("2020-01-01"), Status: "active", Paid: paid}}})
			return err
		}))
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		s := &Server{Kit: kit, Log: log, Packs: set, Insts: insts, Files: filesOf, Assess: &assess.Service{Log: log, Packs: set, Persons: people, Files: filesOf}}
		b := caretest.Open(t, kit.Handler(s.Router()))
		b.As = "boss"

		b.Get("/j/applies").Want(200, "还没有替老人申请过")
		b.Get("/j/apply").Want(200, "替老人申请评估", "海州区")
		fields := []string{"name", "王桂兰", "id", idno, "relation", "入住机构", "place", "institution", "address", "3 号楼 201", "since", "2023-06",
			"eating", "dependent", "continence", "dependent", "bathing", "dependent", "dressing", "dependent", "toilet", "dependent", "transfer", "partial"}
		b.Post("/j/apply", append(fields, "@file", "\xff\xd8\xff\xe0"+strings.Repeat("x", 600))...).Want(422, "请先征得老人或监护人同意", "有错误：")
		wrong := append([]string{}, fields...)
		wrong[1] = "王桂花"
		b.Get("/j/apply").Post("/j/apply", append(wrong, "consent", "1")...).Want(422, "姓名和证件号码在参保名册里对不上")
		b.Get("/j/apply").Post("/j/apply", append(fields, "consent", "1", "@file", "\xff\xd8\xff\xe0"+strings.Repeat("x", 600))...).Want(200, "申请交上去了", "机构代办", "王桂兰")
		at := b.URL
		number := strings.TrimPrefix(at, "/j/apply/")
		if number == at || number == "" {
			t.Fatalf("no number: %s", at)
		}
		b.Get("/j/applies").Want(200, number, "待受理", "王桂兰")
		b.Get("/j/apply").Post("/j/apply", append(fields, "consent", "1")...).Want(409, "已经有一件评估在办")

		b.As = "stranger"
		b.Get(at).Want(404)
		b.Get("/j/applies").Want(200, "还没有替老人申请过")
		if strings.Contains(b.Page, number) {
			t.Error("another institution sees the application")
		}

		clerk := audit.Actor{ID: "clerk", Role: "clerk", Region: region}
		got, err := s.Assess.Detail(ctx, clerk, region, number)
		caretest.Must(t, err)
		if got.Case.Channel != desk.Institution || got.App.EnteredInst != by["boss"].Institution || len(got.Documents) != 1 {
			t.Errorf("%+v %d documents", got.Case, len(got.Documents))
		}
	})
}

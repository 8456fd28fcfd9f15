package share

import (
	"context"
	"testing"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// A matched death ends the benefit on its day, with a decision and one message;
// another day moves the end; who was called dead by mistake has all of it back,
// and the same row of the next list changes nothing.
func TestDeathEndsTheBenefit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w := open(t, d)
		ctx := context.Background()
		to := day.MustParse("2025-12-31")
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			for _, p := range w.ids[:2] {
				if _, err := benefit.Grant(tx, benefit.GrantInput{Region: region, Person: p, Level: 4, Case: "c", Decided: day.MustParse("2024-01-02"), From: day.MustParse("2024-01-02"), To: to}); err != nil {
					return err
				}
			}
			return nil
		}))
		of := func(i int) benefit.Benefit {
			t.Helper()
			var list []benefit.Benefit
			must(t, d.Read(ctx, func(tx *db.Tx) (err error) { list, err = benefit.Of(tx, region, w.ids[i]); return err }))
			if len(list) != 1 {
				t.Fatalf("%+v", list)
			}
			return list[0]
		}
		jobs := func() (n int64) {
			must(t, d.Read(ctx, func(tx *db.Tx) (err error) {
				n, err = db.One(tx, db.Value[int64], `SELECT COUNT(*) FROM job_job WHERE region = $1 AND kind = 'share.died'`, region)
				return err
			}))
			return n
		}
		row := func(on string) string { return "王桂兰," + number(0) + "," + on }
		const head = "姓名,身份证号,死亡日期"
		w.bring("deceased", "2024-06-01", head, row("2024-05-20"), "张玉珍,"+number(2)+",2024-05-01") // she had no benefit
		b := of(0)
		if b.To != day.MustParse("2024-05-20") || b.EndedBy != "身故" || jobs() != 1 || of(1).To != to {
			t.Fatalf("%+v, %d jobs", b, jobs())
		}
		dec, err := w.Log.Decision(ctx, region, b.EndDecision)
		if err != nil || dec.Rule != "benefit.death" || !dec.Cites() {
			t.Errorf("decision %+v, %v", dec, err)
		}
		w.bring("deceased", "2024-06-01", head, row("2024-05-28"))
		if b := of(0); b.To != day.MustParse("2024-05-28") || jobs() != 2 {
			t.Errorf("another day: %+v", b)
		}
		if err := w.Retract(ctx, clerk, region, w.ids[0], "k0", " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if err := w.Retract(ctx, clerk, region, w.ids[1], "k1", "本人到窗口"); !fault.Is(err, fault.Conflict) {
			t.Errorf("who lives: %v", err)
		}
		must(t, w.Retract(ctx, clerk, region, w.ids[0], "k2", "本人到窗口，看了身份证"))
		if b := of(0); b.To != to || b.EndedBy != "" || b.EndDecision != "" || w.person(0).Deceased != 0 {
			t.Errorf("taken back: %+v", b)
		}
		if told, _, err := w.OfPerson(ctx, region, w.ids[0]); err != nil || len(told) != 1 || told[0].EndedOn == 0 {
			t.Errorf("%+v %v", told, err)
		}
		_, r := w.bring("deceased", "2024-06-02", head, row("2024-05-28"))
		wantFigures(t, r, "rows 1 matched 1 doubtful 0 unmatched 0 rejected 0; new 0 changed 0 same 1 ended 0")
		if b := of(0); b.To != to || w.person(0).Deceased != 0 {
			t.Errorf("the same wrong row once more: %+v", b)
		}
		w.bring("deceased", "2024-06-02", head, row("2024-06-01"))
		if b := of(0); b.To != day.MustParse("2024-06-01") {
			t.Errorf("a new death: %+v", b)
		}
	})
}

package claim

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// T-22, every fen explained: settlements with random items, hours, prices and
// staff are decided again from what is stored of them (input and pack of the
// time). All come out the same; the figures of the bill are those of the
// decision; the explanation names pack, clause and day. YINLING_T22 sets how
// many (500 when not set).
func TestT22EveryFenIsExplained(t *testing.T) {
	t.Parallel()
	n, err := strconv.Atoi(os.Getenv("YINLING_T22"))
	if err != nil {
		n = 500
	}
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 200)
	r := rand.New(rand.NewPCG(22, 22))
	for left := n; left > 0; left -= 500 {
		who := make([]int, min(left, 500))
		for i := range who {
			who[i] = r.IntN(200)
		}
		tn.visits(who, func(v *care.Visit) {
			v.On = may.First().AddDays(r.IntN(31))
			v.Minutes = 15 + r.Int64N(240)
			for i := range 1 + r.IntN(3) {
				kind, staff := "living", "care_worker"
				if r.IntN(3) == 0 {
					kind, staff = "nursing", "nurse"
				}
				v.Lines = append(v.Lines, care.Line{Item: "R" + strconv.Itoa(i), Name: "随机项目", Kind: kind, Unit: []string{"hour", "visit"}[r.IntN(2)],
					Qty: money.Micro(1 + r.Int64N(4_000_000)), PriceFen: money.Fen(1 + r.Int64N(20_000)), Staff: staff})
			}
		})
	}
	sum, err := tn.Batch(ctx, region, may, nil)
	if err != nil || sum.Settled < n*9/10 {
		t.Fatalf("%+v, %v", sum, err)
	}
	var visits []string
	must(t, d.Read(ctx, func(tx *db.Tx) (err error) {
		visits, err = db.All(tx, db.Value[string], `SELECT visit FROM claim_bill WHERE region = $1 AND status = 'settled'`, region)
		return err
	}))
	paid, own := money.Fen(0), money.Fen(0)
	for _, visit := range visits {
		b := tn.bill(visit)
		dec, err := tn.Log.Decision(ctx, region, b.Decision)
		must(t, err)
		again, err := tn.Log.Replay(ctx, dec)
		if err != nil || !again.Same || again.Moved() {
			t.Fatalf("%s: %+v, %v", visit, again, err)
		}
		var q Quotation
		must(t, json.Unmarshal([]byte(dec.Out), &q))
		fund := money.Fen(0)
		for _, fen := range q.Sum.Fund {
			fund += fen
		}
		if q.Sum.Total != b.Total || q.Sum.Person != b.PersonFen || fund != b.Fund || b.Total != b.Fund+b.PersonFen {
			t.Fatalf("%s: the bill says %d = %d + %d, its decision %d = %d + %d", visit, b.Total, b.Fund, b.PersonFen, q.Sum.Total, fund, q.Sum.Person)
		}
		var x policy.Explanation
		must(t, json.Unmarshal([]byte(dec.Explain), &x))
		clauses := 0
		for _, s := range x {
			if k := s.Clause(); k != nil && k.Doc != "" && k.Article != "" {
				clauses++
			}
		}
		if clauses == 0 || dec.Pack.Version == "" || dec.Pack.Hash == "" || dec.On != b.On {
			t.Fatalf("%s: %d clauses, pack %+v, day %s", visit, clauses, dec.Pack, dec.On)
		}
		for i, l := range q.Lines { // each line has its own part of the explanation
			if l.Steps[0] >= l.Steps[1] || l.Steps[1] > len(x) {
				t.Fatalf("%s: line %d is explained by steps %v of %d", visit, i, l.Steps, len(x))
			}
		}
		paid, own = paid+b.Fund, own+b.PersonFen
	}
	if paid != sum.Fund || own != sum.Person || paid == 0 || own == 0 {
		t.Errorf("explained %d + %d, settled %d + %d", paid, own, sum.Fund, sum.Person)
	}
	// One fen in one stored output, and the replay says so.
	dec, err := tn.Log.Decision(ctx, region, tn.bill(visits[0]).Decision)
	must(t, err)
	dec.Out = string(append([]byte(dec.Out[:len(dec.Out)-1]), ' ', '}'))
	if again, err := tn.Log.Replay(ctx, dec); err != nil || again.Same {
		t.Errorf("a changed decision replays the same: %v", err)
	}
	t.Logf("%d settlements explained again, %s from the fund, %s own", len(visits), paid.Yuan(), own.Yuan())
}

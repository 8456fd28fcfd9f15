package claim

import (
	"context"
	"errors"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Summary is what a batch did; progress is the summary so far.
type Summary struct {
	Region  string    `json:"region"`
	Month   day.Month `json:"month"`
	Visits  int       `json:"visits"`  // done visits seen
	Settled int       `json:"settled"` // by this run
	Already int       `json:"already"` // settled before
	Waiting int       `json:"waiting"` // not confirmed by the person yet, or disputed
	Held    int       `json:"held"`    // an open suspicion
	Refused int       `json:"refused"` // cannot be billed, see Problems
	Total   money.Fen `json:"total_fen"`
	Fund    money.Fen `json:"fund_fen"`
	Person  money.Fen `json:"person_fen"`
	// Problems names the first hundred visits that were refused, and why.
	Problems []Problem `json:"problems,omitempty"`
}

// batchSize is how many visits share a transaction. A killed batch loses at
// most one such piece and takes up where it was.
const batchSize = 500

// Batch settles every visit of a month that is confirmed and not settled yet,
// in pieces of one transaction each. It may be run again at any time, also
// after a kill: what is settled stays settled, and nothing is settled twice.
func (s *Service) Batch(ctx context.Context, region string, m day.Month, progress func(Summary)) (Summary, error) {
	sum := Summary{Region: region, Month: m}
	if _, err := s.Packs.At(region, m.Last()); err != nil {
		return sum, err
	}
	after := ""
	for {
		last, n, err := s.batchPiece(ctx, region, m, after, &sum)
		if err != nil {
			return sum, err
		}
		if progress != nil {
			progress(sum)
		}
		if n < batchSize {
			return sum, nil
		}
		after = last
	}
}

// piece is one transaction of a batch.
type piece struct {
	Last  string
	N     int
	Again []string // confirmed, but the caps have moved: quote anew, ask again
	Sum   Summary
}

func (s *Service) batchPiece(ctx context.Context, region string, m day.Month, after string, sum *Summary) (last string, n int, err error) {
	act := audit.Act{Region: region, Verb: "claim.batch", Object: m.String(), Detail: map[string]string{"after": after}}
	p, err := audit.Do(ctx, s.Log, audit.System(region), act, func(tx *db.Tx) (piece, error) {
		vs, err := care.VisitsDone(tx, region, "", m.First(), m.Last(), after, batchSize)
		if err != nil || len(vs) == 0 {
			return piece{}, err
		}
		p := piece{Last: vs[len(vs)-1].ID, N: len(vs)}
		p.Again, err = s.settleVisits(tx, region, vs, &p.Sum)
		return p, err
	})
	if err != nil {
		return "", 0, err
	}
	for _, visit := range p.Again {
		if _, err := s.QuoteVisit(ctx, audit.System(region), region, visit); err != nil {
			return "", 0, err
		}
	}
	sum.Visits += p.N
	sum.Settled += p.Sum.Settled
	sum.Already += p.Sum.Already
	sum.Waiting += p.Sum.Waiting
	sum.Held += p.Sum.Held
	sum.Refused += p.Sum.Refused
	sum.Total, sum.Fund, sum.Person = sum.Total+p.Sum.Total, sum.Fund+p.Sum.Fund, sum.Person+p.Sum.Person
	sum.Problems = append(sum.Problems, p.Sum.Problems[:min(len(p.Sum.Problems), max(0, 100-len(sum.Problems)))]...)
	return p.Last, p.N, nil
}

// settleVisits settles what can be settled of a piece: a bill that was quoted
// before keeps its figures; a visit without one is quoted here.
func (s *Service) settleVisits(tx *db.Tx, region string, vs []care.Visit, sum *Summary) (again []string, err error) {
	ids := make([]string, len(vs))
	for i, v := range vs {
		ids[i] = v.ID
	}
	known, err := bills(tx, region, ids)
	if err != nil {
		return nil, err
	}
	var todo []care.Visit
	for _, v := range vs {
		b := known[v.ID]
		switch {
		case b != nil && (b.Status == Settled || b.Status == Reversing || b.Status == Reversed):
			sum.Already++
		case b != nil && b.Status == Void:
		case v.Suspects > 0:
			sum.Held++
		case b != nil && b.Status == Disputed:
			sum.Waiting++
		case v.Confirmed == "" && v.Mode == "home" && (b == nil || b.Status != Confirmed):
			sum.Waiting++
		default:
			todo = append(todo, v)
		}
	}
	if len(todo) == 0 {
		return nil, nil
	}
	f, err := s.gather(tx, region, todo)
	if err != nil {
		return nil, err
	}
	var bs, fresh []*Bill
	isFresh := map[*Bill]bool{}
	var decs []policy.Decision
	var objects []string
	refuse := func(v care.Visit, err error) {
		sum.Refused++
		sum.Problems = append(sum.Problems, Problem{v.ID, v.On, fault.As(err).Say})
	}
	for _, v := range todo {
		b := known[v.ID]
		if b == nil || b.Held || b.Status == Quoted {
			// Nobody has agreed to figures yet, so the newest facts decide.
			if b == nil {
				b = &Bill{Region: region, Visit: v.ID}
			}
			dec, err := s.quote(b, v, f)
			if err != nil {
				if k := fault.As(err).Kind; k == fault.Internal || k == fault.Busy {
					return nil, err
				}
				refuse(v, err)
				continue
			}
			b.QuotedAt = tx.Millis()
			isFresh[b] = true
			fresh, decs, objects = append(fresh, b), append(decs, dec), append(objects, v.ID)
		}
		by := "visit:" + v.Confirmed
		if b.ConfirmedBy != "" {
			by = b.ConfirmedBy
		}
		if err := b.settleAs(by, tx.Millis()); err != nil {
			refuse(v, err)
			continue
		}
		f.spend(b)
		bs = append(bs, b)
	}
	if len(bs) == 0 {
		return nil, nil
	}
	if len(fresh) > 0 {
		made, err := audit.Decide(tx, region, decs, objects)
		if err != nil {
			return nil, err
		}
		for i, b := range fresh {
			b.Decision = made[i]
		}
	}
	no, receipts, err := s.settleAll(tx, region, 0, bs, func() error { return putBills(tx, keep(bs)) })
	if err != nil {
		return nil, err
	}
	for _, b := range bs {
		switch {
		case errors.Is(no[b], errCapMoved) && !isFresh[b]:
			again = append(again, b.Visit)
			sum.Waiting++
			continue
		case no[b] != nil:
			refuse(care.Visit{ID: b.Visit, On: b.On}, no[b])
			continue
		}
		r := receipts[b]
		sum.Settled++
		sum.Total, sum.Fund, sum.Person = sum.Total+r.Total, sum.Fund+r.Fund, sum.Person+r.Person
	}
	return again, nil
}

// IsSettled tells whether the record of a visit has become money and stands.
func IsSettled(tx *db.Tx, region, visit string) (bool, error) {
	b, err := Get(tx, region, visit)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && (b.Status == Settled || b.Status == Reversing), err
}

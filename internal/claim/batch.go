package claim

import (
	"context"
	"errors"
	"runtime"

	"golang.org/x/sync/errgroup"

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

// batchSize is how many visits a step of a batch takes, in one transaction on
// SQLite, in one for each lane on PostgreSQL. A killed batch loses at most one
// such step and takes up where it was.
const batchSize = 2000

// On PostgreSQL two transactions settle side by side, each with the visits of
// its own persons and a lane of the ledger of its own.
const batchLane, batchLanes = 5, 2

// Batch settles every visit of a month that is confirmed and not settled yet,
// in pieces of one transaction each. It may be run again at any time, also
// after a kill: what is settled stays settled, and nothing is settled twice.
func (s *Service) Batch(ctx context.Context, region string, m day.Month, progress func(Summary)) (Summary, error) {
	return s.batch(ctx, region, m, batchSize, progress)
}

func (s *Service) batch(ctx context.Context, region string, m day.Month, size int, progress func(Summary)) (Summary, error) {
	sum := Summary{Region: region, Month: m}
	if _, err := s.Packs.At(region, m.Last()); err != nil {
		return sum, err
	}
	after := ""
	for {
		vs, err := s.batchNext(ctx, region, m, after, size)
		if err != nil {
			return sum, err
		}
		if len(vs) > 0 {
			if err := s.batchStep(ctx, region, m, vs, &sum); err != nil {
				return sum, err
			}
			after = vs[len(vs)-1].ID
		}
		if progress != nil {
			progress(sum)
		}
		if len(vs) < size {
			return sum, nil
		}
	}
}

func (s *Service) batchNext(ctx context.Context, region string, m day.Month, after string, size int) (vs []care.Visit, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		vs, err = care.VisitsDone(tx, region, "", m.First(), m.Last(), after, size)
		return err
	})
	return vs, err
}

// batchStep settles visits, those of one person in one lane.
func (s *Service) batchStep(ctx context.Context, region string, m day.Month, vs []care.Visit, sum *Summary) error {
	lanes, first := 1, int64(0)
	if s.Log.DB.Dialect == db.Postgres {
		lanes, first = batchLanes, batchLane
	}
	parts := make([][]care.Visit, lanes)
	lane := map[string]int{}
	for _, v := range vs {
		i, ok := lane[v.Person]
		if !ok {
			i = len(lane) % lanes
			lane[v.Person] = i
		}
		parts[i] = append(parts[i], v)
	}
	pieces := make([]piece, lanes)
	var g errgroup.Group
	for i, part := range parts {
		if len(part) == 0 {
			continue
		}
		g.Go(func() (err error) {
			pieces[i], err = s.batchPiece(ctx, region, m, first+int64(i), part)
			return err
		})
	}
	err := g.Wait()
	for _, p := range pieces {
		sum.add(p.Sum)
		for _, visit := range p.Again {
			if err != nil {
				break
			}
			_, err = s.QuoteVisit(ctx, audit.System(region), region, visit)
		}
	}
	return err
}

// piece is one transaction of a batch.
type piece struct {
	Again []string // confirmed, but the caps have moved: quote anew, ask again
	Sum   Summary
}

func (s *Service) batchPiece(ctx context.Context, region string, m day.Month, lane int64, vs []care.Visit) (piece, error) {
	act := audit.Act{Region: region, Verb: "claim.batch", Object: m.String(), Detail: map[string]string{"from": vs[0].ID, "to": vs[len(vs)-1].ID}}
	return audit.Do(ctx, s.Log, audit.System(region), act, func(tx *db.Tx) (piece, error) {
		p := piece{Sum: Summary{Visits: len(vs)}}
		var err error
		p.Again, err = s.settleVisits(tx, region, lane, vs, &p.Sum)
		return p, err
	})
}

func (s *Summary) add(p Summary) {
	s.Visits += p.Visits
	s.Settled += p.Settled
	s.Already += p.Already
	s.Waiting += p.Waiting
	s.Held += p.Held
	s.Refused += p.Refused
	s.Total, s.Fund, s.Person = s.Total+p.Total, s.Fund+p.Fund, s.Person+p.Person
	s.Problems = append(s.Problems, p.Problems[:min(len(p.Problems), max(0, 100-len(s.Problems)))]...)
}

// settleVisits settles what can be settled of a piece: a bill that was quoted
// before keeps its figures; a visit without one is quoted here.
func (s *Service) settleVisits(tx *db.Tx, region string, lane int64, vs []care.Visit, sum *Summary) (again []string, err error) {
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
	for i, q := range s.prepare(todo, known, f, tx.Millis()) {
		if q.fresh {
			isFresh[q.bill] = true
			fresh, decs, objects = append(fresh, q.bill), append(decs, q.dec), append(objects, todo[i].ID)
		}
		if q.err != nil {
			if k := fault.As(q.err).Kind; k == fault.Internal || k == fault.Busy {
				return nil, q.err
			}
			refuse(todo[i], q.err)
			continue
		}
		bs = append(bs, q.bill)
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
	no, receipts, err := s.settleAll(tx, region, lane, bs, func() error { return putBills(tx, keep(bs)) })
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

// prepared is a bill of a piece, quoted anew (fresh) or as it was, and moved
// to settled in memory; or why it cannot be settled.
type prepared struct {
	bill  *Bill
	dec   policy.Decision
	fresh bool
	err   error
}

// prepare quotes bills on all processors. The bills of one person stay in
// order, for each uses up what the next may take.
func (s *Service) prepare(todo []care.Visit, known map[string]*Bill, f *facts, ms int64) []prepared {
	out := make([]prepared, len(todo))
	var persons [][]int
	at := map[string]int{}
	for i, v := range todo {
		n, ok := at[v.Person]
		if !ok {
			n = len(persons)
			at[v.Person] = n
			persons = append(persons, nil)
			if f.used[v.Person] == nil {
				f.used[v.Person] = map[string]int64{}
			}
		}
		persons[n] = append(persons[n], i)
	}
	var g errgroup.Group
	workers := min(runtime.GOMAXPROCS(0), len(persons))
	for w := range workers {
		g.Go(func() error {
			own := *f
			own.views = map[day.Day]*policy.View{} // a view belongs to one goroutine
			for n := w; n < len(persons); n += workers {
				for _, i := range persons[n] {
					out[i] = s.prepareOne(todo[i], known[todo[i].ID], &own, ms)
				}
			}
			return nil
		})
	}
	g.Wait()
	return out
}

func (s *Service) prepareOne(v care.Visit, b *Bill, f *facts, ms int64) (p prepared) {
	p.bill = b
	if b == nil || b.Held || b.Status == Quoted {
		// Nobody has agreed to figures yet, so the newest facts decide.
		if b == nil {
			p.bill = &Bill{Region: v.Region, Visit: v.ID}
		}
		if p.dec, p.err = s.quote(p.bill, v, f); p.err != nil {
			return p
		}
		p.bill.QuotedAt = ms
		p.fresh = true
	}
	by := "visit:" + v.Confirmed
	if p.bill.ConfirmedBy != "" {
		by = p.bill.ConfirmedBy
	}
	if p.err = p.bill.settleAs(by, ms); p.err == nil {
		f.spend(p.bill)
	}
	return p
}

// IsSettled tells whether the record of a visit has become money and stands.
func IsSettled(tx *db.Tx, region, visit string) (bool, error) {
	b, err := Get(tx, region, visit)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && (b.Status == Settled || b.Status == Reversing), err
}

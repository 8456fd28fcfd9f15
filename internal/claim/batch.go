package claim

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

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

// batchSize is about how many visits a piece of a batch holds, all of its
// persons' visits of the month. A killed batch loses at most the pieces under
// way and takes up where it was.
const batchSize = 2000

// Two pieces are under way at a time: while one is written the other is read,
// quoted and written out. On PostgreSQL each has a lane of the ledger of its own.
const batchLane, batchAtOnce = 5, 2

// Batch settles every visit of a month that is confirmed and not settled yet,
// in pieces of one transaction each. It may be run again at any time, also
// after a kill: what is settled stays settled, and nothing is settled twice.
func (s *Service) Batch(ctx context.Context, region string, m day.Month, progress func(Summary)) (Summary, error) {
	return s.batch(ctx, region, m, batchSize, progress)
}

func (s *Service) batch(ctx context.Context, region string, m day.Month, size int64, progress func(Summary)) (Summary, error) {
	sum := Summary{Region: region, Month: m}
	if _, err := s.Packs.At(region, m.Last()); err != nil {
		return sum, err
	}
	pieces, err := s.pieces(ctx, region, m, size)
	if err != nil {
		return sum, err
	}
	var mu sync.Mutex
	done := 0 // pieces
	g, ctx := errgroup.WithContext(ctx)
	for i := range int64(batchAtOnce) {
		lane := int64(0)
		if s.Log.DB.Dialect == db.Postgres {
			lane = batchLane + i
		}
		g.Go(func() error {
			for {
				mu.Lock()
				if len(pieces) == 0 || ctx.Err() != nil {
					mu.Unlock()
					return nil
				}
				persons := pieces[0]
				pieces = pieces[1:]
				mu.Unlock()
				p, err := s.batchPiece(ctx, region, m, lane, persons)
				if err != nil {
					return err
				}
				mu.Lock()
				sum.add(p.Sum)
				if progress != nil {
					progress(sum)
				}
				done++
				grown := done&(done-1) == 0 // 1, 2, 4, 8 … pieces
				mu.Unlock()
				if grown { // a first month begins on empty tables
					if err := s.Log.DB.Analyze(ctx, "benefit_used", "claim_bill"); err != nil {
						return err
					}
				}
				for _, visit := range p.Again {
					if _, err := s.QuoteVisit(ctx, audit.System(region), region, visit); err != nil {
						return err
					}
				}
			}
		})
	}
	err = g.Wait() // before sum is read
	return sum, err
}

// pieces lists the persons with done visits in the month, in groups of about
// size visits: no cap is used by two pieces.
func (s *Service) pieces(ctx context.Context, region string, m day.Month, size int64) (out [][]string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		persons, visits, err := care.PersonsDone(tx, region, m.First(), m.Last())
		from, n := 0, int64(0)
		for i := range persons {
			if n += visits[i]; n >= size || i == len(persons)-1 {
				out = append(out, persons[from:i+1])
				from, n = i+1, 0
			}
		}
		return err
	})
	return out, err
}

// piece is one transaction of a batch.
type piece struct {
	Again []string // confirmed, but the caps have moved: quote anew, ask again
	Sum   Summary
}

// errStale: what a piece was decided on has changed before it was written.
var errStale = errors.New("claim: a piece of the batch is out of date")

// batchPiece settles the visits of some persons: read and quoted outside the
// writing transaction, which only compares and writes.
func (s *Service) batchPiece(ctx context.Context, region string, m day.Month, lane int64, persons []string) (piece, error) {
	act := audit.Act{Region: region, Verb: "claim.batch", Object: m.String(), Detail: map[string]string{"from": persons[0], "to": persons[len(persons)-1]}}
	for try := 1; ; try++ {
		r, err := s.ready(ctx, region, m, persons)
		if err != nil || len(r.bills) == 0 && len(r.fresh) == 0 {
			return piece{Sum: r.sum}, err
		}
		p, err := audit.Do(ctx, s.Log, audit.System(region), act, func(tx *db.Tx) (piece, error) {
			return s.settleReady(tx, region, lane, r, try == 4)
		})
		if !errors.Is(err, errStale) {
			return p, err
		}
	}
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

// readied is a piece that is decided and waits to be written.
type readied struct {
	sum     Summary
	bills   []*Bill // to be settled
	fresh   []*Bill // quoted anew, with the decisions
	objects []string
	drafts  audit.Drafts
}

// ready reads the visits of persons, quotes those without a bill that somebody
// has agreed to, and moves what can be settled in memory.
func (s *Service) ready(ctx context.Context, region string, m day.Month, persons []string) (r readied, err error) {
	var todo []care.Visit
	var known map[string]*Bill
	var f *facts
	var ms int64
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		vs, err := care.VisitsDoneTo(tx, region, persons, m.First(), m.Last())
		if err != nil {
			return err
		}
		ms, r.sum.Visits = tx.Millis(), len(vs)
		ids := make([]string, len(vs))
		for i, v := range vs {
			ids[i] = v.ID
		}
		if known, err = bills(tx, region, ids); err != nil {
			return err
		}
		for _, v := range vs {
			if r.sum.sort(v, known[v.ID]) {
				todo = append(todo, v)
			}
		}
		if len(todo) > 0 {
			f, err = s.gather(tx, region, todo)
		}
		return err
	})
	if err != nil || len(todo) == 0 {
		return r, err
	}
	var decs []policy.Decision
	for i, q := range s.prepare(todo, known, f, ms) {
		if q.fresh {
			r.fresh, decs, r.objects = append(r.fresh, q.bill), append(decs, q.dec), append(r.objects, todo[i].ID)
		}
		if q.err != nil {
			if k := fault.As(q.err).Kind; k == fault.Internal || k == fault.Busy {
				return r, q.err
			}
			r.sum.refuse(todo[i].ID, todo[i].On, q.err)
			continue
		}
		r.bills = append(r.bills, q.bill)
	}
	r.drafts, err = audit.WriteOut(decs)
	return r, err
}

// sort counts a visit that is not to be settled now; true: it is.
func (s *Summary) sort(v care.Visit, b *Bill) bool {
	switch {
	case b != nil && (b.Status == Settled || b.Status == Reversing || b.Status == Reversed):
		s.Already++
	case b != nil && b.Status == Void:
	case v.Suspects > 0:
		s.Held++
	case b != nil && b.Status == Disputed:
		s.Waiting++
	case v.Confirmed == "" && v.Mode == "home" && (b == nil || b.Status != Confirmed):
		s.Waiting++
	default:
		return true
	}
	return false
}

func (s *Summary) refuse(visit string, on day.Day, err error) {
	s.Refused++
	s.Problems = append(s.Problems, Problem{visit, on, fault.As(err).Say})
}

// settleReady writes a readied piece: a bill that was quoted before keeps its
// figures. errStale, unless it is the last try: a bill, a cap or a suspicion
// has moved since.
func (s *Service) settleReady(tx *db.Tx, region string, lane int64, r readied, last bool) (piece, error) {
	p := piece{Sum: r.sum}
	p.Sum.Problems = slices.Clone(r.sum.Problems)
	doubted, err := care.Doubted(tx, region, r.visits())
	if err != nil {
		return p, err
	}
	if doubted > 0 {
		return p, errStale
	}
	made, err := r.drafts.Keep(tx, region, r.objects)
	if err != nil {
		return p, err
	}
	decided := map[string]string{}
	for i, b := range r.fresh {
		decided[b.Visit] = made[i]
	}
	bs := make([]*Bill, len(r.bills)) // copies: a transaction may run twice, and settling moves a bill
	for i, b := range r.bills {
		c := *b
		if id := decided[c.Visit]; id != "" {
			c.Decision = id
		}
		bs[i] = &c
	}
	no, receipts, err := s.settleAll(tx, region, lane, bs, func() error { return putBills(tx, keep(bs)) })
	if fault.Is(err, fault.Conflict) {
		return p, errStale
	}
	if err != nil {
		return p, err
	}
	for _, b := range bs {
		switch {
		case errors.Is(no[b], errCapMoved) && decided[b.Visit] == "":
			p.Again = append(p.Again, b.Visit)
			p.Sum.Waiting++
			continue
		case errors.Is(no[b], errCapMoved) && !last:
			return p, errStale
		case no[b] != nil:
			p.Sum.refuse(b.Visit, b.On, no[b])
			continue
		}
		x := receipts[b]
		p.Sum.Settled++
		p.Sum.Total, p.Sum.Fund, p.Sum.Person = p.Sum.Total+x.Total, p.Sum.Fund+x.Fund, p.Sum.Person+x.Person
	}
	return p, nil
}

func (r readied) visits() []string {
	ids := make([]string, len(r.bills))
	for i, b := range r.bills {
		ids[i] = b.Visit
	}
	return ids
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
	if b == nil || b.Held || b.Status == Quoted || b.Status == Withdrawn {
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

// SettledOf tells of which visits the record has become money and stands.
func SettledOf(tx *db.Tx, region string, visits []string) (map[string]bool, error) {
	known, err := bills(tx, region, visits)
	out := make(map[string]bool, len(known))
	for id, b := range known {
		out[id] = b.Status == Settled || b.Status == Reversing
	}
	return out, err
}

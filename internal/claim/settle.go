package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/job"
)

// SettleRequest asks to settle one bill. Version, unless 0, is the version the
// person has seen. A bill that is only quoted is confirmed by the same act; a
// visit confirmed at the door that has no bill yet is quoted by it, too.
type SettleRequest struct {
	Visit   string `json:"visit"`
	Version int64  `json:"version"`
}

// Start opens the group committer; Close ends it. Settle needs it.
func (s *Service) Start(opt audit.GroupOptions) {
	s.group = audit.NewGroup(s.Log, opt, s.settleGroup, s.settleAhead)
}

// Close commits what waits.
func (s *Service) Close() {
	if s.group != nil {
		s.group.Close()
	}
}

// Settle settles a bill through the group committer and returns its receipt;
// the same key gives the same receipt for ever. shard is the person, so that
// one person's bills are decided in order. Conflict: the bill has changed, is
// settled, its items are settled in another visit, or the cap is used up.
func (s *Service) Settle(ctx context.Context, who audit.Actor, region, shard, key string, in SettleRequest) (Receipt, error) {
	act := audit.Act{Region: region, Verb: "claim.settle", Object: in.Visit, Key: key, Body: in}
	r, err := s.group.Do(ctx, who, act, shard, in)
	if errors.Is(err, errCapMoved) {
		// The next page shows what it costs now; nothing was taken or paid.
		if _, qerr := s.QuoteVisit(ctx, audit.System(region), region, in.Visit); qerr != nil {
			return r, errors.Join(err, qerr)
		}
	}
	return r, err
}

// errCapMoved: a cap was used by somebody else since the bill was quoted.
var errCapMoved = errors.New("claim: the cap has moved")

// settleGroup decides and writes many settlements of one region: rows read by
// set, decisions in memory, multi-row writes.
func (s *Service) settleGroup(tx *db.Tx, region string, batch []audit.Request[SettleRequest]) ([]audit.Outcome[Receipt], error) {
	var known map[string]*Bill
	var done map[string]care.Visit
	err := tx.Together(func() (err error) {
		known, done, err = asked(tx, region, batch)
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh, unquoted, err := s.quoteNew(tx, region, batch, known, done)
	if err != nil {
		return nil, err
	}
	out := make([]audit.Outcome[Receipt], len(batch))
	go1 := make([]*Bill, 0, len(batch)) // those still in the running
	at := map[*Bill]int{}
	rights := map[[3]string]error{}
	for i, r := range batch {
		b := known[r.In.Visit]
		if b == nil {
			if out[i].Err = unquoted[r.In.Visit]; out[i].Err == nil {
				out[i].Err = errNoBill()
			}
			continue
		}
		k := [3]string{r.Who.ID, b.Person}
		if r.Who.Role != "citizen" {
			k[2] = b.Visit // a carer's right hangs on the visit
		}
		if _, ok := rights[k]; !ok {
			err := s.mayPay(tx, r.Who, b)
			if err != nil && !fault.Is(err, fault.Forbidden) {
				return nil, err
			}
			rights[k] = err
		}
		if err := rights[k]; err != nil {
			out[i].Err = err
			continue
		}
		if r.In.Version != 0 && r.In.Version != b.Version {
			out[i].Err = fault.New(fault.Conflict, "账单在您打开以后有变化，请看过新的账单再确认。")
			continue
		}
		if done[b.Visit].Suspects > 0 { // a doubt that came up after the bill was quoted
			b.Held = true
		}
		if out[i].Err = b.settleAs(r.Who.ID, tx.Millis()); out[i].Err == nil {
			go1, at[b] = append(go1, b), i
		}
	}
	refuse, receipts, err := s.settleAll(tx, region, batch[0].Lane, go1, func() error {
		return writeSettled(tx, region, keep(go1), fresh)
	})
	if err != nil {
		return nil, err
	}
	for b, i := range at {
		out[i].Err = refuse[b]
		out[i].Out = receipts[b]
	}
	return out, nil
}

func (s *Service) settleAhead(tx *db.Tx, region string, batch []audit.Request[SettleRequest]) error {
	_, _, err := asked(tx, region, batch)
	return err
}

// asked reads the bills and visits of a group.
func asked(tx *db.Tx, region string, batch []audit.Request[SettleRequest]) (map[string]*Bill, map[string]care.Visit, error) {
	visits := make([]string, len(batch))
	for i, r := range batch {
		visits[i] = r.In.Visit
	}
	known, err := bills(tx, region, visits)
	if err != nil {
		return nil, nil, err
	}
	done, err := care.Served(tx, region, visits)
	return known, done, err
}

func until(tx *db.Tx) int64 { return tx.Now().Add(UndoMinutes * time.Minute).UnixMilli() }

// settleAs moves a bill in memory; it is written by the caller's set statement.
func (b *Bill) settleAs(who string, ms int64) error {
	if b.Held {
		return fault.New(fault.Conflict, "这次护理有疑点正在核实，核实以后会自动结算，不影响您享受护理。")
	}
	if err := b.move("settle"); err != nil {
		return err
	}
	if b.ConfirmedBy == "" {
		b.ConfirmedBy, b.ConfirmedAt = who, ms
	}
	b.Version++
	b.Round++
	b.SettledAt, b.PendingUntil = ms, ms+UndoMinutes*60_000
	return nil
}

// keep drops the bills that were refused after they had been moved.
func keep(bs []*Bill) []*Bill {
	out := make([]*Bill, 0, len(bs))
	for _, b := range bs {
		if b.Status == Settled {
			out = append(out, b)
		}
	}
	return out
}

// settleAll takes caps and natural keys, writes the bills by mark, posts the
// vouchers, opens the charges and enqueues the news. A bill that fails a guard
// is refused and leaves nothing; an error sinks the whole set.
func (s *Service) settleAll(tx *db.Tx, region string, lane int64, bs []*Bill, mark func() error) (map[*Bill]error, map[*Bill]Receipt, error) {
	refuse := map[*Bill]error{}
	receipts := make(map[*Bill]Receipt, len(bs))
	if len(bs) == 0 {
		return refuse, receipts, nil
	}
	no := func(b *Bill, err error) { refuse[b], b.Status = err, Quoted }
	takes := make([]benefit.PersonTakes, len(bs))
	for i, b := range bs {
		takes[i] = benefit.PersonTakes{Person: b.Person, Takes: b.Takes}
	}
	over, err := benefit.TakeMany(tx, region, takes)
	if err != nil {
		return nil, nil, err
	}
	for i, err := range over {
		if err != nil {
			no(bs[i], fmt.Errorf("%w: %w", errCapMoved, err))
		}
	}
	live := keep(bs)
	clash, err := putMoments(tx, region, live)
	if err != nil {
		return nil, nil, err
	}
	if len(clash) > 0 {
		var back []benefit.PersonTakes
		for _, b := range live {
			if other := clash[b.Visit]; other != "" {
				no(b, fault.New(fault.Conflict, "同一时刻的同一项护理已经在另一张账单（%s）里结算过了，不会付两次。", other))
				back = append(back, benefit.PersonTakes{Person: b.Person, Takes: b.Takes})
			}
		}
		if err := benefit.GiveMany(tx, region, back); err != nil {
			return nil, nil, err
		}
		live = keep(live)
	}
	if len(live) == 0 {
		return refuse, receipts, nil
	}
	if err := mark(); err != nil {
		return nil, nil, err
	}
	var vouchers []fund.Voucher
	var charges []Charge
	var news []job.New
	owed := map[*Bill]string{}
	for _, b := range live {
		vs, err := b.vouchers(tx, lane)
		if err != nil {
			return nil, nil, err
		}
		vouchers = append(vouchers, vs...)
		if b.PersonFen > 0 {
			owed[b] = tx.NewID()
			charges = append(charges, Charge{Region: region, ID: owed[b], Visit: b.Visit, Round: b.Round, Person: b.Person,
				Institution: b.Institution, Fen: b.PersonFen, Status: ChargeOpen, At: tx.Millis()})
		}
	}
	posted := map[string]string{}
	if len(vouchers) > 0 {
		done, err := fund.Post(tx, vouchers)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range done {
			posted[v.Ref] = v.ID()
		}
	}
	if len(charges) > 0 {
		if err := putCharges(tx, charges); err != nil {
			return nil, nil, err
		}
	}
	for some := range slices.Chunk(live, madeAtMost) {
		made := Made{Region: region}
		for _, b := range some {
			made.Bills = append(made.Bills, Round{b.Visit, b.Round})
		}
		news = append(news, job.New{Key: made.Bills[0].String(), Args: made})
	}
	if err := job.PutAll(tx, region, news); err != nil {
		return nil, nil, err
	}
	for _, b := range live {
		r := Receipt{Visit: b.Visit, Round: b.Round, Total: b.Total, Fund: b.Fund, Person: b.PersonFen, Voucher: posted[b.Visit],
			Decision: b.Decision, SettledAt: b.SettledAt, UndoUntil: b.PendingUntil}
		r.Charge = owed[b]
		receipts[b] = r
	}
	return refuse, receipts, nil
}

// vouchers books what each fund owes for a bill; the person's share never
// touches the fund's books.
func (b *Bill) vouchers(tx *db.Tx, lane int64) ([]fund.Voucher, error) {
	var out []fund.Voucher
	for payer, fen := range b.Funds {
		if fen == 0 {
			continue
		}
		book, expense, due := fund.LTCI, b.expense(), fund.DueCare
		party := b.Institution
		switch {
		case payer != string(fund.LTCI):
			book, expense = fund.Medical, fund.ForMedical
		case b.Mode == "family" && party == "":
			due, party = fund.DueFamily, b.Person
		}
		if fen < 0 {
			return nil, fmt.Errorf("claim: bill %s: fund %s pays %d", b.Visit, payer, fen)
		}
		out = append(out, fund.Voucher{Region: b.Region, Book: book, Lane: lane, On: b.On, Kind: fund.Settle,
			Key: "settle/" + roundKey(b.Visit, b.Round) + "/" + payer, Ref: b.Visit, Memo: b.memo(), Maker: b.ConfirmedBy,
			Lines: []fund.Line{{Account: expense, Party: b.Institution, Fen: fen}, {Account: due, Party: party, Fen: -fen}}})
	}
	return out, nil
}

// expense is the account of the LTCI book that a bill's mode stands on.
func (b *Bill) expense() string {
	switch b.Mode {
	case "family":
		return fund.ForFamily
	case "institution":
		return fund.ForInside
	}
	return fund.ForHome
}

func (b *Bill) memo() string {
	if b.Mode == "family" {
		return "亲情护理结算"
	}
	if b.Mode == "institution" {
		return "机构护理结算"
	}
	return "居家上门护理结算"
}

// unsettle gives back caps, natural keys and the voucher of a settled bill,
// and lets the person's money go back. The caller moves and writes the bill.
func unsettle(tx *db.Tx, b *Bill, why, maker string) error {
	if err := benefit.Give(tx, b.Region, b.Person, b.Takes); err != nil {
		return err
	}
	if err := clearMoment(tx, b.Region, b); err != nil {
		return err
	}
	vs, err := fund.Of(tx, b.Region, b.Visit)
	if err != nil {
		return err
	}
	undone := map[string]bool{}
	for _, v := range vs {
		undone[v.Reverses] = true
	}
	var ids []string
	for _, v := range vs {
		if v.Kind == fund.Settle && !undone[v.ID()] {
			ids = append(ids, v.ID())
		}
	}
	if len(ids) > 0 {
		if _, err := fund.ReverseMany(tx, b.Region, ids, 0, why, maker); err != nil {
			return err
		}
	}
	if b.PersonFen == 0 {
		return nil
	}
	c, err := ChargeOf(tx, b.Region, b.Visit, b.Round)
	if err != nil {
		return err
	}
	switch from := c.Status; from {
	case ChargeOpen:
		c.Status = ChargeVoid
		return moveCharge(tx, c, from)
	case ChargePaid:
		c.Status = ChargeRefunding
		if err := moveCharge(tx, c, from); err != nil {
			return err
		}
		return putRefund(tx, c)
	}
	return nil
}

func putRefund(tx *db.Tx, c Charge) error {
	return job.Put(tx, c.Region, c.ID, time.Time{}, Refund{c.Region, c.ID})
}

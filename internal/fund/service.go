package fund

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// Receipt is money that reached or left the bank accounts of a book.
type Receipt struct {
	Book Book      `json:"book"`
	From string    `json:"from"` // income account, or TreasuryBank for a move to the payout account
	Fen  money.Fen `json:"fen"`
	On   day.Day   `json:"on"`
	Slip string    `json:"slip"` // number of the bank slip, the natural key
	Memo string    `json:"memo"`
}

func (r Receipt) check() error {
	if charts[r.Book] == nil {
		return fault.Field("book", "请选记哪一本账。")
	}
	if r.Fen <= 0 {
		return fault.Field("fen", "金额要大于 0。")
	}
	if r.Slip == "" {
		return fault.Field("slip", "请填银行回单号，同一张回单只记一次。")
	}
	if r.On.IsZero() {
		return fault.Field("on", "请填到账日期。")
	}
	return nil
}

// Receive books a contribution, a subsidy, a transfer or interest that reached
// the treasury account (筹资入账). Conflict: the bank slip is booked already.
func (s *Service) Receive(ctx context.Context, who audit.Actor, region string, in Receipt, key string) (Voucher, error) {
	if err := in.check(); err != nil {
		return Voucher{}, err
	}
	if a, ok := Find(in.Book, in.From); !ok || a.Side != Income {
		return Voucher{}, fault.Field("from", "请选这笔钱的来源。")
	}
	return s.post(ctx, who, Voucher{Region: region, Book: in.Book, On: in.On, Kind: Receive, Key: "slip/" + in.Slip, Ref: in.Slip,
		Memo: in.Memo, Lines: []Line{{TreasuryBank, "", in.Fen}, {in.From, "", -in.Fen}}}, key)
}

// Fill moves money from the treasury account to the payout account (专户划拨).
// Refused: the treasury account does not hold that much.
func (s *Service) Fill(ctx context.Context, who audit.Actor, region string, in Receipt, key string) (Voucher, error) {
	if err := in.check(); err != nil {
		return Voucher{}, err
	}
	return s.post(ctx, who, Voucher{Region: region, Book: in.Book, On: in.On, Kind: Move, Key: "slip/" + in.Slip, Ref: in.Slip,
		Memo: in.Memo, Lines: []Line{{PayoutBank, "", in.Fen}, {TreasuryBank, "", -in.Fen}}}, key)
}

// Reverse books the mirror of a voucher that people made by hand. Vouchers of
// settlements and payments are undone where they were made, together with
// their caps and bills, and are refused here.
func (s *Service) Reverse(ctx context.Context, who audit.Actor, region, id, why, key string) (Voucher, error) {
	if why == "" {
		return Voucher{}, fault.Field("why", "请写明为什么冲销。")
	}
	act := audit.Act{Region: region, Verb: "fund.reverse", Object: id, Key: key, Body: []string{id, why}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Voucher, error) {
		v, err := Get(tx, region, id)
		if err != nil {
			return v, err
		}
		if v.Kind != Receive && v.Kind != Move {
			return v, fault.New(fault.Conflict, "%s凭证要在原来的业务里撤销，额度和账单才会一起退回。", v.Kind.Name())
		}
		out, err := Reverse(tx, region, id, why, who.ID)
		if err != nil {
			return out, err
		}
		if _, err := tx.Exec(receiptBack, region, id); err != nil { // of a year's contributions
			return out, err
		}
		return out, solvent(tx, region, v.Book)
	})
}

func (s *Service) post(ctx context.Context, who audit.Actor, v Voucher, key string) (Voucher, error) {
	v.Maker = who.ID
	act := audit.Act{Region: v.Region, Verb: "fund." + string(v.Kind), Object: v.Ref, Key: key, Body: v}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Voucher, error) {
		out, err := Post(tx, []Voucher{v})
		if err != nil {
			return Voucher{}, err
		}
		return out[0], solvent(tx, v.Region, v.Book)
	})
}

// solvent refuses a state in which a bank account would hold less than
// nothing. Money leaves the bank only on lane 0, whose head the caller holds.
func solvent(tx *db.Tx, region string, b Book) error {
	for _, code := range []string{TreasuryBank, PayoutBank} {
		have, err := Balance(tx, region, b, code)
		if err != nil {
			return err
		}
		if have < 0 {
			a, _ := Find(b, code)
			return fault.New(fault.Conflict, "%s不够，还差 %s，请先入账或划拨。", a.Name, (-have).Yuan())
		}
	}
	return nil
}

// PostPaid is Post for vouchers that move money out of the bank: it refuses
// what the accounts do not hold. All vouchers stand on lane 0.
func PostPaid(tx *db.Tx, vs []Voucher) ([]Voucher, error) {
	out, err := Post(tx, vs)
	if err != nil {
		return nil, err
	}
	for _, b := range Books() {
		for _, v := range vs {
			if v.Book == b {
				if err := solvent(tx, v.Region, b); err != nil {
					return nil, err
				}
				break
			}
		}
	}
	return out, nil
}

// Row is one account in a Statement; balances of liabilities and income are
// shown as positive numbers.
type Row struct {
	Account Account   `json:"-"`
	Code    string    `json:"account"`
	Name    string    `json:"name"`
	Side    Side      `json:"side"`
	Opening money.Fen `json:"opening_fen"`
	Debit   money.Fen `json:"debit_fen"`
	Credit  money.Fen `json:"credit_fen"`
	Closing money.Fen `json:"closing_fen"`
}

// LaneRange tells which voucher numbers of a lane fall in the month.
type LaneRange struct {
	Lane  int64 `json:"lane"`
	Count int64 `json:"count"`
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// Statement is what a treasurer signs for a month (收支月报).
type Statement struct {
	Region   string      `json:"region"`
	Book     Book        `json:"book"`
	Month    day.Month   `json:"month"`
	Closed   bool        `json:"closed"` // figures of an open month may still grow
	Rows     []Row       `json:"rows"`
	Income   money.Fen   `json:"income_fen"`
	Expense  money.Fen   `json:"expense_fen"`
	Surplus  money.Fen   `json:"surplus_fen"` // of the month
	Fund     money.Fen   `json:"fund_fen"`    // 基金结余: all income less all expense, to the end of the month
	Balanced bool        `json:"balanced"`    // debit = credit, and assets = liabilities + fund
	Vouchers []LaneRange `json:"vouchers"`
	Check    string      `json:"check"` // SM3 over the rows: two prints are the same or they are not
}

// ReadStatement makes the statement of a month. A closed month is read from
// its snapshot and never changes.
func (s *Service) ReadStatement(ctx context.Context, region string, b Book, m day.Month) (Statement, error) {
	out := Statement{Region: region, Book: b, Month: m}
	if charts[b] == nil {
		return out, fault.New(fault.NotFound, "没有“%s”这本账。", string(b))
	}
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		closed, err := Closed(tx, region, b)
		if err != nil {
			return err
		}
		out.Closed = closed != 0 && m <= closed
		at, err := monthFlows(tx, region, b, m, closed)
		if err != nil {
			return err
		}
		out.fill(at)
		for lane := int64(0); lane < Lanes; lane++ {
			r, err := db.One(tx, func(r db.Row) (l LaneRange, err error) { return l, r.Scan(&l.Count, &l.First, &l.Last) }, countOf, region, b, lane, m)
			if err != nil {
				return err
			}
			if r.Count > 0 {
				r.Lane = lane
				out.Vouchers = append(out.Vouchers, r)
			}
		}
		return nil
	})
	return out, err
}

// monthFlows is the state of every account in a month, from the snapshot where
// there is one, else from the last snapshot on.
func monthFlows(tx *db.Tx, region string, b Book, m, closed day.Month) (map[string]flow, error) {
	at := map[string]flow{}
	from := m
	if m > closed {
		from = closed
	}
	snap, err := snapshot(tx, region, b, from)
	if err != nil {
		return nil, err
	}
	for _, f := range snap {
		at[f.account] = f
	}
	start := closed + 1
	if closed == 0 {
		if start, err = db.One(tx, db.Value[day.Month], firstMonth, region, b); err != nil || start == 0 {
			return at, err
		}
	}
	for next := start; next <= m; next++ {
		for code, f := range at {
			at[code] = flow{account: code, opening: f.ending, ending: f.ending}
		}
		flows, err := sums(tx, region, b, next)
		if err != nil {
			return nil, err
		}
		for _, f := range flows {
			f.opening = at[f.account].ending
			f.ending = f.opening + f.debit - f.credit
			at[f.account] = f
		}
	}
	return at, nil
}

func (st *Statement) fill(at map[string]flow) {
	var debit, credit, assets, owed money.Fen
	for _, a := range charts[st.Book] {
		f := at[a.Code]
		debit, credit = debit+f.debit, credit+f.credit
		sign := money.Fen(1)
		if a.Side == Liability || a.Side == Income {
			sign = -1
		}
		switch a.Side {
		case Asset:
			assets += f.ending
		case Liability:
			owed -= f.ending
		case Income:
			st.Income += f.credit - f.debit
			st.Fund -= f.ending
		case Expense:
			st.Expense += f.debit - f.credit
			st.Fund -= f.ending
		}
		st.Rows = append(st.Rows, Row{a, a.Code, a.Name, a.Side, sign * f.opening, f.debit, f.credit, sign * f.ending})
	}
	st.Surplus = st.Income - st.Expense
	st.Balanced = debit == credit && assets == owed+st.Fund
	b, _ := json.Marshal([]any{st.Region, st.Book, st.Month, st.Rows})
	sum := sm3.Sum(b)
	st.Check = hex.EncodeToString(sum[:])
}

// List reads a page of a month's vouchers, see Vouchers.
func (s *Service) List(ctx context.Context, region string, b Book, m day.Month, after string, limit int) (vs []Voucher, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { vs, err = Vouchers(tx, region, b, m, after, limit); return err })
	return vs, err
}

// Read reads one voucher; none is fault.NotFound.
func (s *Service) Read(ctx context.Context, region, id string) (v Voucher, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { v, err = Get(tx, region, id); return err })
	return v, err
}

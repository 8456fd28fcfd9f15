package fund

import (
	"context"
	"errors"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Service is the ledger with the door to write to it.
type Service struct {
	Log   *audit.Log
	Packs *policy.Set
	// Heads counts the roster for a year's contributions; app sets it to the
	// count of the roster.
	Heads func(tx *db.Tx, region string, on day.Day, groups []string) ([]DuesIn, error)
}

// Closing says what a close did.
type Closing struct {
	Book   Book      `json:"book"`
	Month  day.Month `json:"month"`
	Closed int       `json:"closed"` // months closed by this call; 0: it was closed already
}

// Close closes the books up to a month (月结). It locks every lane of the
// book, so that no posting slips in, and keeps opening, debit, credit and
// closing of each account. A month that is closed already is left as it is.
// Refused: the month is not over yet.
func (s *Service) Close(ctx context.Context, who audit.Actor, region string, b Book, m day.Month, key string) (Closing, error) {
	act := audit.Act{Region: region, Verb: "fund.close", Object: string(b) + "/" + m.String(), Key: key, Body: []string{string(b), m.String()}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Closing, error) { return closeMonth(tx, region, b, m) })
}

func closeMonth(tx *db.Tx, region string, b Book, m day.Month) (Closing, error) {
	out := Closing{Book: b, Month: m}
	if charts[b] == nil {
		return out, fault.Field("book", "没有“%s”这本账。", b)
	}
	if m >= tx.Today().Month() {
		return out, fault.New(fault.Conflict, "%s还没有过完，过完以后才能结账。", m.Chinese())
	}
	if err := makeHeads(tx, region, b); err != nil {
		return out, err
	}
	n, err := tx.Exec(setClose, region, b, m)
	if err != nil || n == 0 {
		return out, err // closed already: nothing moves
	}
	first, err := db.One(tx, db.Value[day.Month], firstMonth, region, b)
	if err != nil {
		return out, err
	}
	if first == 0 || first > m {
		first = m
	}
	// Months between the last close and this one are closed in order.
	opening := map[string]money.Fen{}
	for at := first; at <= m; at++ {
		snap, err := snapshot(tx, region, b, at)
		if err != nil {
			return out, err
		}
		if len(snap) > 0 {
			clear(opening)
			for _, f := range snap {
				opening[f.account] = f.ending
			}
			continue
		}
		flows, err := sums(tx, region, b, at)
		if err != nil {
			return out, err
		}
		if err := putMonth(tx, region, b, at, opening, flows); err != nil {
			return out, err
		}
		out.Closed++
	}
	return out, nil
}

// putMonth keeps one month and moves opening on to its end.
func putMonth(tx *db.Tx, region string, b Book, m day.Month, opening map[string]money.Fen, flows []flow) error {
	moved := map[string]flow{}
	for _, f := range flows {
		moved[f.account] = f
	}
	var rows [][]any
	for _, a := range charts[b] {
		f := moved[a.Code]
		end := opening[a.Code] + f.debit - f.credit
		rows = append(rows, []any{region, b, m, a.Code, opening[a.Code], f.debit, f.credit, end, tx.Millis()})
		opening[a.Code] = end
	}
	if _, err := tx.Insert("fund_month", monthInsert, rows, ""); err != nil {
		return err
	}
	_, err := tx.Exec(partyAdd, region, b, m)
	return err
}

// Closed tells up to which month a book is closed; zero is none.
func Closed(tx *db.Tx, region string, b Book) (day.Month, error) {
	hs, err := heads(tx, region, b)
	if err != nil || len(hs) == 0 {
		return 0, err
	}
	return hs[0].closed, nil
}

// Balance is what an account holds now (credit balances negative): the last
// closed month plus what came after.
func Balance(tx *db.Tx, region string, b Book, account string) (money.Fen, error) {
	closed, err := Closed(tx, region, b)
	if err != nil {
		return 0, err
	}
	opening, err := db.One(tx, db.Value[money.Fen], getClose, region, b, closed, account)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return 0, err
	}
	after, err := db.One(tx, db.Value[money.Fen], sumAfter, region, b, account, closed)
	return opening + after, err
}

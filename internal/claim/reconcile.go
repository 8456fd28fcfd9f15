package claim

import (
	"context"
	"fmt"
	"sort"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/money"
)

// Matched is one institution in a reconciliation: its claim of the month, and
// whether bills, ledger and payments agree over its whole time.
type Matched struct {
	Institution string      `json:"institution"`
	Name        string      `json:"name"`
	Status      MonthStatus `json:"status"` // "" when it has no claim of the month
	Bills       int64       `json:"bills"`
	Fund        money.Fen   `json:"fund_fen"`
	Offsets     money.Fen   `json:"offsets_fen"`
	Deducted    money.Fen   `json:"deducted_fen"`
	Deposit     money.Fen   `json:"deposit_fen"`
	Recovered   money.Fen   `json:"recovered_fen"` // offset in the month
	Payable     money.Fen   `json:"payable_fen"`
	Paid        money.Fen   `json:"paid_fen"` // payments that arrived, all time
	Owed        money.Fen   `json:"owed_fen"` // what the ledger says is still due
	Differs     []string    `json:"differs,omitempty"`
}

// Reconciliation (对账) sets institution, ledger and payment file side by side.
type Reconciliation struct {
	Region string    `json:"region"`
	Month  day.Month `json:"month"`
	OK     bool      `json:"ok"`
	Rows   []Matched `json:"rows"`
	Files  []string  `json:"files,omitempty"` // payment files whose text is not what was signed
}

// Reconcile compares, for every institution, what its settled bills say, what
// the ledger says and what the bank says. Every difference is named.
func (s *Service) Reconcile(ctx context.Context, region string, m day.Month) (Reconciliation, error) {
	out := Reconciliation{Region: region, Month: m, OK: true}
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		rows := map[string]*Matched{}
		row := func(id string) *Matched {
			if rows[id] == nil {
				rows[id] = &Matched{Institution: id}
			}
			return rows[id]
		}
		ms, err := listMonths(tx, region, m, "", "")
		if err != nil {
			return err
		}
		for _, mo := range ms {
			r := row(mo.Institution)
			r.Status, r.Bills, r.Fund, r.Offsets, r.Deducted, r.Deposit, r.Recovered, r.Payable = mo.Status, mo.Bills, mo.Fund, mo.Offsets, mo.Deducted, mo.Deposit, mo.Recovered, mo.Payable
		}
		b, err := readBooks(tx, region)
		if err != nil {
			return err
		}
		if err := match(tx, region, b, row); err != nil {
			return err
		}
		if err := matchFamily(tx, region, b, row); err != nil {
			return err
		}
		var ids []string
		for id := range rows {
			ids = append(ids, id)
		}
		sort.Strings(ids)
		names, err := institution.GetMany(tx, region, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			r := rows[id]
			if r.Name = names[id].Name; id == "" {
				r.Name = familyName
			}
			out.OK = out.OK && len(r.Differs) == 0
			out.Rows = append(out.Rows, *r)
		}
		files, err := db.All(tx, scanFile, fileList, region, 1000)
		if err != nil {
			return err
		}
		for _, f := range files {
			if f.Month != m {
				continue
			}
			_, ps, err := getFile(tx, region, f.ID)
			if err != nil {
				return err
			}
			if text, err := s.text(region, ps); err != nil || digest(text) != f.Digest {
				out.OK, out.Files = false, append(out.Files, f.ID)
			}
		}
		return nil
	})
	return out, err
}

// books is what the ledger says of all time, by account, party and kind, and
// what the recoveries say, by party.
type books struct {
	flows        map[string]map[string]map[fund.Kind]money.Fen
	open, offset map[string]money.Fen
}

func readBooks(tx *db.Tx, region string) (books, error) {
	b := books{flows: map[string]map[string]map[fund.Kind]money.Fen{}}
	flows, err := fund.Flows(tx, region, fund.LTCI)
	if err != nil {
		return b, err
	}
	for _, f := range flows {
		of := b.flows[f.Account]
		if of == nil {
			of = map[string]map[fund.Kind]money.Fen{}
			b.flows[f.Account] = of
		}
		if of[f.Party] == nil {
			of[f.Party] = map[fund.Kind]money.Fen{}
		}
		of[f.Party][f.Kind] += f.Fen
	}
	b.open, b.offset, err = recovered(tx, region)
	return b, err
}

func (b books) recoverable(party string) money.Fen { return sum(b.flows[fund.Recoverable][party]) }

func sum(kinds map[fund.Kind]money.Fen) (all money.Fen) {
	for _, fen := range kinds {
		all += fen
	}
	return all
}

// match proves the equations between claim and ledger for each institution.
func match(tx *db.Tx, region string, ledger books, row func(string) *Matched) error {
	type sums struct{ bills, deposit, deducted, paid money.Fen }
	mine := map[string]*sums{}
	get := func(id string) *sums {
		if mine[id] == nil {
			mine[id] = &sums{}
		}
		return mine[id]
	}
	pair := func(r db.Row) (x [3]any, err error) {
		var id string
		var fen money.Fen
		err = r.Scan(&id, &fen)
		return [3]any{id, fen}, err
	}
	bs, err := db.All(tx, pair, sumBills, region)
	if err != nil {
		return err
	}
	for _, b := range bs {
		get(b[0].(string)).bills = b[1].(money.Fen)
	}
	ps, err := db.All(tx, pair, sumPaid, region)
	if err != nil {
		return err
	}
	for _, p := range ps {
		get(p[0].(string)).paid = p[1].(money.Fen)
	}
	_, err = db.All(tx, func(r db.Row) (x struct{}, err error) {
		var id string
		var deposit, deducted money.Fen
		err = r.Scan(&id, &deposit, &deducted)
		get(id).deposit, get(id).deducted = deposit, deducted
		return x, err
	}, sumMonths, region)
	if err != nil {
		return err
	}
	for party, kinds := range ledger.flows[fund.DueCare] {
		row(party).Owed -= sum(kinds)
		get(party)
	}
	for id, s := range mine {
		b := ledger.flows[fund.DueCare][id]
		r := row(id)
		r.Paid = s.paid
		for _, e := range []struct {
			name          string
			claim, ledger money.Fen
		}{
			{"已结算账单", s.bills, -(b[fund.Settle] + b[fund.Reversal])},
			{"扣留保证金", s.deposit, b[fund.Withhold]},
			{"审核扣减", s.deducted, b[fund.Deduct]},
			{"已拨付", s.paid, b[fund.Pay]},
			{"抵扣追回", ledger.offset[id], b[fund.Recover]},
			{"应追回款", ledger.open[id], ledger.recoverable(id)},
		} {
			if e.claim != e.ledger {
				r.Differs = append(r.Differs, fmt.Sprintf("%s：业务 %s，账上 %s，差 %s", e.name, e.claim.Yuan(), e.ledger.Yuan(), (e.claim-e.ledger).Yuan()))
			}
		}
	}
	return nil
}

// matchFamily proves the same equations for every person who is owed money for
// family care; the row of the family-care claim names the differences without
// naming a person.
func matchFamily(tx *db.Tx, region string, ledger books, row func(string) *Matched) error {
	type sums struct{ bills, deducted, paid money.Fen }
	mine := map[string]*sums{}
	get := func(id string) *sums {
		if mine[id] == nil {
			mine[id] = &sums{}
		}
		return mine[id]
	}
	for _, q := range []struct {
		text string
		to   func(*sums) *money.Fen
	}{{sumFamilyBills, func(s *sums) *money.Fen { return &s.bills }}, {sumFamilyCuts, func(s *sums) *money.Fen { return &s.deducted }},
		{sumFamilyPaid, func(s *sums) *money.Fen { return &s.paid }}} {
		_, err := db.All(tx, func(r db.Row) (x struct{}, err error) {
			var id string
			var fen money.Fen
			err = r.Scan(&id, &fen)
			*q.to(get(id)) += fen
			return x, err
		}, q.text, region)
		if err != nil {
			return err
		}
	}
	owed := money.Fen(0)
	for party, kinds := range ledger.flows[fund.DueFamily] {
		owed -= sum(kinds)
		get(party)
	}
	if len(mine) == 0 {
		return nil
	}
	r := row("")
	r.Owed = owed
	for id, s := range mine {
		b := ledger.flows[fund.DueFamily][id]
		r.Paid += s.paid
		for _, e := range []struct {
			name          string
			claim, ledger money.Fen
		}{
			{"已结算账单", s.bills, -(b[fund.Settle] + b[fund.Reversal])},
			{"审核扣减", s.deducted, b[fund.Deduct]},
			{"已拨付", s.paid, b[fund.Pay]},
			{"抵扣追回", ledger.offset[id], b[fund.Recover]},
			{"应追回款", ledger.open[id], ledger.recoverable(id)},
		} {
			if e.claim != e.ledger {
				r.Differs = append(r.Differs, fmt.Sprintf("参保人 %s %s：业务 %s，账上 %s，差 %s", id, e.name, e.claim.Yuan(), e.ledger.Yuan(), (e.claim-e.ledger).Yuan()))
			}
		}
	}
	sort.Strings(r.Differs)
	return nil
}

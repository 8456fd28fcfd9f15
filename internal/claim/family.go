package claim

import (
	"context"
	"sort"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
)

// Family care (亲情护理) without an institution is owed to persons. Its bills of
// a month stand in one claim, «family/2026-06», which the office gathers; it is
// reviewed and signed like any other and then paid person by person.

// familyName stands where other claims show their institution.
const familyName = "亲情护理（付给家庭）"

// IsFamily tells whether the claim is owed to persons.
func (m *Month) IsFamily() bool { return m.Institution == "" }

// Payee is one person of a family-care claim.
type Payee struct {
	Claim, Person                               string
	Fund, Offsets, Deducted, Recovered, Payable money.Fen
	Status                                      PayeeStatus
	Reason                                      string // of the bank, when failed
}

// Month is the month that the payee's claim is about.
func (p Payee) Month() day.Month {
	_, m, _ := strings.Cut(p.Claim, "/")
	month, _ := day.ParseMonth(m)
	return month
}

// PayeeStatus is where the money of one person stands.
type PayeeStatus string

// The states of a payee; "" before the claim is signed.
const (
	PayeeDue    PayeeStatus = "due"
	PayeeFiled  PayeeStatus = "filed"
	PayeePaid   PayeeStatus = "paid"
	PayeeFailed PayeeStatus = "failed"
)

// Name is the status in Chinese.
func (s PayeeStatus) Name() string {
	return map[PayeeStatus]string{"": "审核中", PayeeDue: "等拨付", PayeeFiled: "已报送银行", PayeePaid: "已到账", PayeeFailed: "银行退回"}[s]
}

// GatherFamily makes the family-care claim of a month, or brings it up to
// date, and hands it to the reviewers once the month is over. Conflict: there
// is nothing to pay.
func (s *Service) GatherFamily(ctx context.Context, who audit.Actor, region, key string, m day.Month) (Month, error) {
	if who.Institution != "" || who.Role == "citizen" {
		return Month{}, errNoMonth()
	}
	mo, err := s.Intake(ctx, who, region, "", m)
	if err != nil {
		return mo, err
	}
	return s.Submit(ctx, who, region, mo.ID, key, mo.Version)
}

// share adds up what each person of a family-care claim is owed.
func (m *Month) share(lines, offset []Bill, ds []Deduction, back []Recovery) []Payee {
	by := map[string]*Payee{}
	of := map[string]string{}
	get := func(person string) *Payee {
		if by[person] == nil {
			by[person] = &Payee{Claim: m.ID, Person: person, Status: ""}
		}
		return by[person]
	}
	for _, b := range lines {
		get(b.Person).Fund += b.Fund
		of[b.Visit] = b.Person
	}
	for _, b := range offset {
		get(b.Person).Offsets += b.Fund
	}
	for _, d := range ds {
		get(of[d.Visit]).Deducted += d.Fen
	}
	for _, x := range back {
		get(x.Party).Recovered += x.Fen
	}
	out := make([]Payee, 0, len(by))
	for _, p := range by {
		p.Payable = p.Fund - p.Offsets - p.Deducted - p.Recovered
		out = append(out, *p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Person < out[j].Person })
	return out
}

// postpone lets reversals wait for a later month where a person is owed less
// than what is to be taken off; it returns those that stay.
func (m *Month) postpone(tx *db.Tx, lines, offset []Bill, ds []Deduction) ([]Bill, error) {
	left := map[string]money.Fen{}
	for _, p := range m.share(lines, nil, ds, nil) {
		left[p.Person] = p.Payable
	}
	var wait []string
	stay := offset[:0:0]
	for _, b := range offset {
		if left[b.Person] < b.Fund {
			wait = append(wait, b.Visit)
			continue
		}
		left[b.Person] -= b.Fund
		stay = append(stay, b)
	}
	if len(wait) == 0 {
		return stay, nil
	}
	_, err := tx.Exec(offsetWait, m.Region, wait, m.ID)
	return stay, err
}

// signFamily books the deductions of a signed claim and fixes what each person
// gets. No deposit is withheld from a family.
func (m *Month) signFamily(tx *db.Tx, maker string) ([]fund.Voucher, error) {
	lines, offset, err := linesOf(tx, m)
	if err != nil {
		return nil, err
	}
	ds, err := deductions(tx, m.Region, m.ID)
	if err != nil {
		return nil, err
	}
	back, err := db.All(tx, scanRecovery, recoveryMonth, m.Region, m.ID)
	if err != nil {
		return nil, err
	}
	var vs []fund.Voucher
	ps := m.share(lines, offset, ds, back)
	for i, p := range ps {
		ps[i].Status = PayeeDue
		if p.Payable == 0 {
			ps[i].Status = PayeePaid // nothing is left to be paid
		}
		if p.Deducted > 0 {
			vs = append(vs, fund.Voucher{Region: m.Region, Book: fund.LTCI, On: m.Month.Last(), Kind: fund.Deduct, Key: "month/" + m.ID + "/deduct/" + p.Person,
				Ref: m.ID, Memo: m.Month.Chinese() + "审核扣减", Maker: maker,
				Lines: []fund.Line{{Account: fund.DueFamily, Party: p.Person, Fen: p.Deducted}, {Account: fund.ForFamily, Fen: -p.Deducted}}})
		}
	}
	return vs, putPayees(tx, m.Region, ps)
}

// familyDue makes the payments of a family-care claim whose persons have an
// account in use; without says how many have none.
func (s *Service) familyDue(tx *db.Tx, m *Month) (ps []Payment, without int, err error) {
	all, err := payees(tx, m.Region, m.ID)
	if err != nil {
		return nil, 0, err
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.Person)
	}
	have, err := accounts(tx, m.Region, ids)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range all {
		if p.Status != PayeeDue && p.Status != PayeeFailed {
			continue
		}
		a, ok := have[p.Person][AccountLive]
		if !ok {
			without++
			continue
		}
		if err := movePayee(tx, m.Region, m.ID, p.Person, p.Status, PayeeFiled, ""); err != nil {
			return nil, 0, err
		}
		number, err := s.Persons.Keys.Open(m.Region, fieldAccount, a.sealed)
		if err != nil {
			return nil, 0, err
		}
		ps = append(ps, Payment{Kind: "family", Claim: m.ID, Institution: p.Person, Name: a.Holder, Bank: a.Bank, number: number, Fen: p.Payable})
	}
	return ps, without, nil
}

// familyAnswered moves one payee by the bank's answer, and the claim when the
// last one is answered: paid when all are, else «failed», so that the rest goes
// into the next file.
func familyAnswered(tx *db.Tx, region string, p Payment, ok bool, reason string) error {
	to := PayeePaid
	if !ok {
		to = PayeeFailed
	}
	if err := movePayee(tx, region, p.Claim, p.Institution, PayeeFiled, to, reason); err != nil {
		return err
	}
	all, err := payees(tx, region, p.Claim)
	if err != nil {
		return err
	}
	action := "paid"
	for _, x := range all {
		switch x.Status {
		case PayeeFiled:
			return nil
		case PayeeDue, PayeeFailed:
			action = "failed"
		}
	}
	m, err := getMonth(tx, region, p.Claim)
	if err != nil {
		return err
	}
	if err := m.move(action); err != nil {
		return err
	}
	return m.put(tx)
}

// PaidTo lists what a person was and will be paid for family care, the newest
// month first, out of the claims that are signed.
func (s *Service) PaidTo(ctx context.Context, who audit.Actor, region, person string) (ps []Payee, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if err := s.maySee(tx, who, &Bill{Region: region, Person: person}); err != nil {
			return err
		}
		ps, err = db.All(tx, scanPayee, payeeOf, region, person, 36)
		return err
	})
	return ps, err
}

func errNoAccount(n int) error {
	return fault.New(fault.Conflict, "等拨付的 %d 笔都还没有收款账户，请先登记并核对账户。", n)
}

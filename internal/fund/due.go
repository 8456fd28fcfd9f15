package fund

import (
	"context"
	"fmt"
	"strconv"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// The contributions of a year (年度筹资) stand in the book of long-term care
// insurance only: what is due by the roster and the pack, what has arrived, what
// is still to come, by source.
//
//	counted ─(another hand)→ booked       应收 / 待到账筹资
//	receipt asked ─(another hand)→ booked  银行 / 收入, and 待到账筹资 / 应收
//
// Income is what has arrived: the receivable stands against «to come», and the
// statement of income does not change until money does.

// Source is where contributions come from.
type Source string

// The sources.
const (
	OfPerson     Source = "person"     // 个人
	OfEmployer   Source = "employer"   // 单位
	OfMedical    Source = "medical"    // 医保基金划转
	OfGovernment Source = "government" // 财政，包括资助重点人群
)

// Sources lists the sources as pages show them.
var Sources = []Source{OfPerson, OfEmployer, OfMedical, OfGovernment}

// Name is the Chinese name of the source.
func (s Source) Name() string {
	return map[Source]string{OfPerson: "个人缴费", OfEmployer: "单位缴费", OfMedical: "医保基金划转", OfGovernment: "财政补助和资助"}[s]
}

// accounts are the receivable and the income of a source.
func (s Source) accounts() (owed, income string, ok bool) {
	a, ok := map[Source][2]string{OfPerson: {OwedPerson, FromPerson}, OfEmployer: {OwedEmployer, FromEmployer},
		OfMedical: {OwedMedical, FromTransfer}, OfGovernment: {OwedState, FromState}}[s]
	return a[0], a[1], ok
}

// Of is the part of one source.
func (d Dues) Of(s Source) money.Fen {
	return map[Source]money.Fen{OfPerson: d.Person, OfEmployer: d.Employer, OfMedical: d.Medical, OfGovernment: d.Government}[s]
}

// ClassDue is what a class of the roster owes in a year.
type ClassDue struct {
	Kind, Relief string
	Heads        int64
	OwnHeads     int64     // of them by a base of their own
	OwnBase      money.Fen // the sum of those, of one month
	Dues
	Say      string // why nothing was worked out; "" when it was
	Decision string // of rule fund.dues
}

// YearStatus is where the contributions of a year stand.
type YearStatus string

// The states of a year.
const (
	YearCounted YearStatus = "counted"
	YearBooked  YearStatus = "booked"
)

// Year is the contributions of a year.
type Year struct {
	Year           int64
	Status         YearStatus // "" before it was counted
	CountedOn      day.Day
	Maker, Checker string
	Voucher        string
	At, Version    int64
}

// SourceSum is due, received and outstanding of one source; Outstanding is
// below zero where more came than was due.
type SourceSum struct {
	Source                     Source
	Due, Received, Outstanding money.Fen
}

// YearSheet is a year for the treasurer: classes, sources, receipts, and where
// ledger and documents differ.
type YearSheet struct {
	Year
	Classes  []ClassDue
	Sources  []SourceSum
	Total    SourceSum
	Asked    []DueReceipt // the oldest that wait for another hand, at most ReceiptsAPage
	Receipts []DueReceipt // a page of all, the newest first
	Next     string       // cursor of the next page, "" on the last
	Differs  []string
}

// ReceiptsAPage is how many slips a year shows at a time.
const ReceiptsAPage = 100

func party(year int64) string { return strconv.FormatInt(year, 10) }

func checkYear(tx *db.Tx, year int64) error {
	if now := int64(tx.Today().Month().Year()); year < 2016 || year > now+1 {
		return fault.Field("year", "请选 2016 年到 %d 年之间的年份。", now+1)
	}
	return nil
}

// Count works out what a year's contributions come to: the roster of today, or
// of the year's first day when that is to come, in one statement, and rule
// fund.dues for each class. It may be run again until another hand has booked
// it. Refused where the pack gives no contribution.
func (s *Service) Count(ctx context.Context, who audit.Actor, region string, year int64, key string) (Year, error) {
	act := audit.Act{Region: region, Verb: "fund.count", Object: party(year), Key: key}
	first, err := day.Of(int(year), 1, 1)
	if err != nil {
		return Year{}, fault.Field("year", "请选年份。")
	}
	v, err := s.Packs.At(region, first)
	if err != nil {
		return Year{}, err
	}
	var classes []DuesIn
	var on day.Day
	// A million rows are counted before the transaction that writes a handful.
	if err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		on = max(first, tx.Today())
		classes, err = s.Heads(tx, region, on, ReliefGroups(v))
		return err
	}); err != nil {
		return Year{}, err
	}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Year, error) {
		if err := checkYear(tx, year); err != nil {
			return Year{}, err
		}
		y, err := getYear(tx, region, year)
		if err != nil {
			return y, err
		}
		if y.Status == YearBooked {
			return y, fault.New(fault.Conflict, "%d年的应收已经核对入账。人数变了的，按税务核定另行调整，不重算。", year)
		}
		var rows []ClassDue
		var decs []policy.Decision
		var objects []string
		var at []int
		for _, c := range classes {
			row := ClassDue{Kind: c.Kind, Relief: c.Group, Heads: c.Heads, OwnHeads: c.OwnHeads, OwnBase: c.OwnBase}
			out, dec, err := DuesRule.Decide(v, c)
			switch f := fault.As(err); {
			case err == nil:
				row.Dues = out
				decs, objects, at = append(decs, dec), append(objects, "dues/"+party(year)), append(at, len(rows))
			case f.Field == "kind":
				row.Say = f.Say
			default:
				return y, err
			}
			rows = append(rows, row)
		}
		if len(decs) == 0 {
			return y, fault.New(fault.Conflict, "名册里没有要筹资的人，没有可以算的应收。")
		}
		ids, err := audit.Decide(tx, region, decs, objects)
		if err != nil {
			return y, err
		}
		for i, id := range ids {
			rows[at[i]].Decision = id
		}
		y = Year{Year: year, Status: YearCounted, CountedOn: on, Maker: who.ID, At: tx.Millis(), Version: y.Version}
		if err := putClasses(tx, region, year, rows); err != nil {
			return y, err
		}
		return y, y.put(tx, region)
	})
}

// BookDue books what was counted as receivable; another hand than the one that
// counted. It is done once a year.
func (s *Service) BookDue(ctx context.Context, who audit.Actor, region string, year int64, key string, version int64) (Year, error) {
	act := audit.Act{Region: region, Verb: "fund.book_due", Object: party(year), Key: key, Body: version}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Year, error) {
		y, err := getYear(tx, region, year)
		switch {
		case err != nil:
			return y, err
		case y.Status != YearCounted || version != y.Version:
			return y, fault.New(fault.Conflict, "%d年的应收刚刚有变化，请刷新后再办。", year)
		case who.ID == y.Maker:
			return y, fault.New(fault.Forbidden, "应收是您算的，要由另一位同事核对入账。")
		}
		rows, err := classesOf(tx, region, year)
		if err != nil {
			return y, err
		}
		v := Voucher{Region: region, Book: LTCI, On: tx.Today(), Kind: Due, Key: "due/" + party(year), Ref: "due/" + party(year), Memo: fmt.Sprintf("%d年应收筹资", year), Maker: who.ID}
		var total money.Fen
		for _, src := range Sources {
			var fen money.Fen
			for _, r := range rows {
				fen += r.Of(src)
			}
			if owed, _, _ := src.accounts(); fen > 0 {
				v.Lines = append(v.Lines, Line{owed, party(year), fen})
				total += fen
			}
		}
		if total == 0 {
			return y, fault.New(fault.Conflict, "%d年没有要收的钱，不用记账。", year)
		}
		v.Lines = append(v.Lines, Line{ToCome, party(year), -total})
		vs, err := Post(tx, []Voucher{v})
		if err != nil {
			return y, err
		}
		y.Status, y.Checker, y.Voucher, y.At = YearBooked, who.ID, vs[0].ID(), tx.Millis()
		return y, y.put(tx, region)
	})
}

// ReadYear reads a year, and the page of its slips behind a cursor ("" for the
// first); a year that nobody has counted has no status.
func (s *Service) ReadYear(ctx context.Context, region string, year int64, after string) (out YearSheet, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if out.Year, err = getYear(tx, region, year); err != nil {
			return err
		}
		if out.Classes, err = classesOf(tx, region, year); err != nil {
			return err
		}
		if out.Asked, err = askedOf(tx, region, year, ReceiptsAPage); err != nil {
			return err
		}
		if out.Receipts, err = receiptsOf(tx, region, year, after, ReceiptsAPage+1); err != nil {
			return err
		}
		if len(out.Receipts) > ReceiptsAPage {
			out.Receipts = out.Receipts[:ReceiptsAPage]
			out.Next = out.Receipts[ReceiptsAPage-1].cursor()
		}
		return out.fill(tx, region)
	})
	return out, err
}

// fill takes due and received from the ledger and compares them with what was
// counted and with the receipts.
func (y *YearSheet) fill(tx *db.Tx, region string) error {
	differ := func(say string, args ...any) { y.Differs = append(y.Differs, fmt.Sprintf(say, args...)) }
	ledger, err := owedOf(tx, region, party(y.Year.Year))
	if err != nil {
		return err
	}
	booked, err := bookedOf(tx, region, y.Year.Year)
	if err != nil {
		return err
	}
	for _, src := range Sources {
		owed, _, _ := src.accounts()
		due, left, receipts := ledger[owed].due, ledger[owed].left, booked[src]
		var counted money.Fen
		for _, c := range y.Classes {
			counted += c.Of(src)
		}
		sum := SourceSum{Source: src, Due: due, Received: due - left, Outstanding: left}
		if y.Status == YearBooked && counted != due {
			differ("%s：测算应收 %s，账上应收 %s", src.Name(), counted.Yuan(), due.Yuan())
		}
		if receipts != sum.Received {
			differ("%s：回单合计 %s，账上已收 %s", src.Name(), receipts.Yuan(), sum.Received.Yuan())
		}
		if y.Status == YearCounted { // shown before it is booked
			sum.Due, sum.Outstanding = counted, counted-sum.Received
		}
		y.Sources = append(y.Sources, sum)
		y.Total.Due, y.Total.Received, y.Total.Outstanding = y.Total.Due+sum.Due, y.Total.Received+sum.Received, y.Total.Outstanding+sum.Outstanding
	}
	return nil
}

// Assumed tells whether the year's figures come from an example value (示例值) of
// the pack, so that a page can say so.
func Assumed(v *policy.View) bool {
	for _, row := range []policy.Cited{payers.Cite(v), bases.Cite(v)} {
		if c := fault.As(v.Refuse(row, "")).Clause; c != nil && c.Grade == policy.GradeAssumed {
			return true
		}
	}
	return false
}

// ReliefGroups are the groups whose own part the public purse pays, the largest
// share first, as a count of the roster needs them.
func ReliefGroups(v *policy.View) []string {
	rows, _ := relief.Peek(v)
	var out []string
	for share := money.PPM(money.One); share > 0; {
		var next money.PPM
		for _, r := range rows {
			if r.Share == share {
				out = append(out, r.Group)
			} else if r.Share < share {
				next = max(next, r.Share)
			}
		}
		share = next
	}
	return out
}

// BaseOf is what somebody of a kind pays from in a period, and in words where it
// comes from: the own base of a month as the roster has it, where the pack goes
// by it, else the average of the pack. Zero: the pack says nothing of the kind.
func BaseOf(v *policy.View, kind string, own money.Fen) (money.Fen, string) {
	rows, _ := bases.Peek(v)
	for i := range rows {
		switch b := &rows[i]; {
		case b.Kind != kind:
		case b.Own && own > 0:
			fen, err := b.period(own)
			if err != nil {
				return 0, ""
			}
			return fen, "名册里本人的缴费基数，每月 " + own.Yuan()
		default:
			return b.Base, "名册里没有本人的缴费基数，用当地的人均基数" + b.Mark()
		}
	}
	return 0, ""
}

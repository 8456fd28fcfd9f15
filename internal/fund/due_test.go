package fund

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// The contributions of a year: counted, booked by another hand, received by
// slips that another hand compares, and the same in ledger and documents.
func TestYearOfContributions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := context.Background()
		const region = "320700"
		set, err := policy.Load("")
		if err != nil {
			t.Fatal(err)
		}
		heads := []DuesIn{{Kind: "employee", Heads: 1000}, {Kind: "employee", Group: "特困", Heads: 10}, {Kind: "resident", Heads: 7}}
		s := &Service{Log: &audit.Log{DB: d}, Packs: set, Heads: func(_ *db.Tx, _ string, on day.Day, groups []string) ([]DuesIn, error) {
			if on != day.MustParse("2024-06-03") || strings.Join(groups, " ") != "特困 重残" {
				t.Errorf("counted on %s by %v", on, groups)
			}
			return heads, nil
		}}
		one := audit.Actor{ID: "one", Role: "treasurer", Region: region}
		two := audit.Actor{ID: "two", Role: "reviewer", Region: region}
		read := func(due, received money.Fen, differs int) YearSheet {
			t.Helper()
			y, err := s.ReadYear(ctx, region, 2024, "")
			if err != nil || y.Total.Due != due || y.Total.Received != received || y.Total.Outstanding != due-received || len(y.Differs) != differs {
				t.Fatalf("%+v, differs %v, %v", y.Total, y.Differs, err)
			}
			return y
		}
		read(0, 0, 0)
		if _, err := s.Count(ctx, one, region, 2050, ""); err == nil {
			t.Error("counted the year 2050")
		}
		slip := DueReceipt{Slip: "A1", Year: 2024, Source: OfPerson, Fen: 5_000_000, On: day.MustParse("2024-06-01")}
		if _, err := s.Enter(ctx, one, region, []DueReceipt{slip}, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("money before the receivable: %v", err)
		}
		y, err := s.Count(ctx, one, region, 2024, "")
		if err != nil {
			t.Fatal(err)
		}
		// 1,000 × 12 × 15 yuan, and 10 × 12 × 15 whose own part the state pays.
		sheet := read(18_000_000+180_000, 0, 0)
		if len(sheet.Classes) != 3 || sheet.Classes[1].Government != 90_000 || sheet.Classes[1].Decision == "" || !strings.Contains(sheet.Classes[2].Say, "还没有纳入筹资") {
			t.Errorf("classes: %+v", sheet.Classes)
		}
		// Some have a base of their own, half of the average: they count by it, the others by the average.
		heads[0] = DuesIn{Kind: "employee", Heads: 1000, OwnHeads: 200, OwnBase: 200 * 2_500_00}
		if _, err = s.Count(ctx, one, region, 2024, ""); err != nil {
			t.Fatal(err)
		}
		sheet = read(18_000_000-1_800_000+180_000, 0, 0)
		if x := sheet.Classes[0]; x.OwnHeads != 200 || x.OwnBase != 50_000_000 || x.Person != 8_100_000 {
			t.Errorf("own bases: %+v", x)
		}
		heads[0] = DuesIn{Kind: "employee", Heads: 2000} // counted again: the roster has grown
		if y, err = s.Count(ctx, one, region, 2024, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := s.BookDue(ctx, one, region, 2024, "", y.Version); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one hand counted and booked: %v", err)
		}
		if _, err := s.BookDue(ctx, two, region, 2024, "", y.Version-1); !fault.Is(err, fault.Conflict) {
			t.Errorf("booked what was not seen: %v", err)
		}
		if y, err = s.BookDue(ctx, two, region, 2024, "", y.Version); err != nil || y.Status != YearBooked {
			t.Fatalf("%+v, %v", y, err)
		}
		const due = 36_000_000 + 180_000
		read(due, 0, 0)
		for _, f := range []func() error{
			func() error { _, err := s.Count(ctx, one, region, 2024, ""); return err },
			func() error { _, err := s.BookDue(ctx, two, region, 2024, "", y.Version); return err },
			func() error { _, err := s.Reverse(ctx, one, region, y.Voucher, "错了", ""); return err },
		} {
			if err := f(); !fault.Is(err, fault.Conflict) {
				t.Errorf("after the booking: %v", err)
			}
		}

		file := "\ufeff回单号,来源,金额,到账日期,摘要\nB1,单位,\"45,000.00\",2024-05-31,税务五月\nB2,医保,90000,2024-06-01,\nB3,财政,900,2024-06-02,特困\n"
		rs, err := ParseReceipts(strings.NewReader(file), 2024)
		if err != nil || len(rs) != 3 || rs[0].Source != OfEmployer || rs[0].Fen != 4_500_000 || rs[1].Source != OfMedical || rs[2].Memo != "特困" {
			t.Fatalf("%+v, %v", rs, err)
		}
		for bad, words := range map[string]string{"回单号,金额\n": "来源", "回单号,来源,金额,到账日期\nX,,1,2024-06-01\n": "第 2 行的来源", "回单号,来源,金额,到账日期\nX,个人,0,2024-06-01\n": "第 2 行的金额",
			"回单号,来源,金额,到账日期\nX,个人,1,六月\n": "第 2 行的到账日期", "": "空的"} {
			if _, err := ParseReceipts(strings.NewReader(bad), 2024); err == nil || !strings.Contains(fault.As(err).Say, words) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		rs = append(rs, slip)
		if n, err := s.Enter(ctx, one, region, append(rs, slip), ""); err != nil || n != 4 {
			t.Fatalf("entered %d, %v", n, err)
		}
		if n, err := s.Enter(ctx, one, region, rs, ""); err != nil || n != 0 {
			t.Errorf("the same file again: %d, %v", n, err)
		}
		other := slip
		other.Fen++
		if _, err := s.Enter(ctx, one, region, []DueReceipt{other}, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("another amount under the same slip: %v", err)
		}
		if _, err := s.Judge(ctx, one, region, []string{"A1"}, true, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one hand entered and compared: %v", err)
		}
		read(due, 0, 0)
		if n, err := s.Judge(ctx, two, region, []string{"A1", "B1", "B2"}, true, ""); err != nil || n != 3 {
			t.Fatalf("booked %d, %v", n, err)
		}
		if n, err := s.Judge(ctx, two, region, []string{"B3"}, false, ""); err != nil || n != 1 {
			t.Fatalf("sent back %d, %v", n, err)
		}
		sheet = read(due, 18_500_000, 0)
		if p := sheet.Sources[0]; p.Source != OfPerson || p.Due != 18_000_000 || p.Received != 5_000_000 {
			t.Errorf("persons: %+v", p)
		}
		if m := sheet.Sources[2]; m.Due != 9_045_000 || m.Received != 9_000_000 || m.Outstanding != 45_000 {
			t.Errorf("medical insurance: %+v", m)
		}
		if n, err := s.Enter(ctx, one, region, rs[2:3], ""); err != nil || n != 1 { // what was sent back may come again
			t.Errorf("again: %d, %v", n, err)
		}
		// A year of many slips is read by the page, every slip once, and waiting ones apart.
		var many []DueReceipt
		for i := range ReceiptsAPage + 5 {
			many = append(many, DueReceipt{Slip: fmt.Sprintf("N%03d", i), Year: 2024, Source: OfGovernment, Fen: 1, On: day.MustParse("2024-03-01") + day.Day(i%7)})
		}
		if n, err := s.Enter(ctx, one, region, many, ""); err != nil || n != int64(len(many)) {
			t.Fatalf("many slips: %d, %v", n, err)
		}
		seen, after, pages := map[string]bool{}, "", 0
		for pages == 0 || after != "" {
			y, err := s.ReadYear(ctx, region, 2024, after)
			if err != nil || len(y.Asked) != ReceiptsAPage || y.Asked[0].Slip != "N000" {
				t.Fatalf("page %d: %d asked, %v", pages, len(y.Asked), err)
			}
			for i, r := range y.Receipts {
				if seen[r.Slip] || i > 0 && r.On > y.Receipts[i-1].On {
					t.Errorf("page %d: %s again or out of order", pages, r.Slip)
				}
				seen[r.Slip] = true
			}
			after, pages = y.Next, pages+1
		}
		if pages != 2 || len(seen) != ReceiptsAPage+5+4 {
			t.Errorf("%d slips on %d pages", len(seen), pages)
		}
		// Income is what arrived; a slip that is reversed is outstanding again.
		st, err := s.ReadStatement(ctx, region, LTCI, day.MustParse("2024-06-03").Month())
		if err != nil || !st.Balanced || st.Fund != 18_500_000 {
			t.Errorf("statement: income %v, fund %v, balanced %v, %v", st.Income, st.Fund, st.Balanced, err)
		}
		if _, err := s.Reverse(ctx, one, region, sheet.Receipts[indexOf(sheet, "B2")].Voucher, "记错了年份", ""); err != nil {
			t.Fatal(err)
		}
		sheet = read(due, 9_500_000, 0)
		if sheet.Receipts[indexOf(sheet, "B2")].Status != ReceiptReversed {
			t.Errorf("%+v", sheet.Receipts)
		}
		// Somebody changes a document: the page says so.
		if _, err := d.Raw().Exec(`UPDATE fund_receipt SET fen = fen + 1 WHERE slip = 'A1'`); err != nil {
			t.Fatal(err)
		}
		if y := read(due, 9_500_000, 1); !strings.Contains(y.Differs[0], "个人缴费") {
			t.Errorf("%v", y.Differs)
		}
		if rep := verify(t, d); !rep.OK {
			t.Errorf("ledger: %+v", rep)
		}
		var medical int
		if err := d.Raw().QueryRow(`SELECT COUNT(*) FROM fund_posting WHERE book <> 'ltci'`).Scan(&medical); err != nil || medical != 0 {
			t.Errorf("%d postings outside the book of long-term care", medical)
		}
	})
}

func indexOf(y YearSheet, slip string) int {
	for i, r := range y.Receipts {
		if r.Slip == slip {
			return i
		}
	}
	return -1
}

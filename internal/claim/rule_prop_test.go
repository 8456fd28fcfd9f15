package claim

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

var anyRegion = []string{"320700", "350100", "370481", "330328", "331000",
	"990603", "990611", "990612", "990613", "990617", "990618", "990619", "990620"}

// anyClaim draws a claim that is formally right; most of them are paid in part.
func anyClaim(t *rapid.T, maxLines int) Claim {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	june := day.MustParse("2024-06-01").Month()
	c := Claim{Scheme: "ltci", Month: june, Mode: pick("mode", benefit.Modes...),
		Person:           Insured{Level: rapid.Int64Range(2, 5).Draw(t, "level"), Coverage: "employee"},
		ContinuousMonths: rapid.Int64Range(0, 8).Draw(t, "months")}
	if rapid.Bool().Draw(t, "severe") {
		c.Person.Groups = []string{"重残"}
	}
	if rapid.IntRange(0, 4).Draw(t, "away") == 0 {
		c.Person.Resident = new(bool)
	}
	if rapid.Bool().Draw(t, "institution") {
		c.Institution = &Provider{pick("kind of institution", "medical", "elder_home", "care"), pick("grade", "一级", "二级", "三级")}
	}
	if rapid.IntRange(0, 3).Draw(t, "hospital") == 0 {
		d := june.First() + day.Day(rapid.IntRange(0, 29).Draw(t, "from"))
		for ; d <= june.Last() && len(c.HospitalDays) < 4; d++ {
			c.HospitalDays = append(c.HospitalDays, d)
		}
	}
	for i := range rapid.IntRange(1, maxLines).Draw(t, "lines") {
		unit := pick("unit", units...)
		most := map[string]int64{"hour": 40, "visit": 30, "day": 30, "bed_day": 30, "month": 1}[unit]
		q := money.Micro(rapid.Int64Range(1, most*money.One).Draw(t, "qty"))
		if rapid.Bool().Draw(t, "whole") {
			q = money.Micro(rapid.Int64Range(1, most).Draw(t, "units") * money.One)
		}
		c.Lines = append(c.Lines, Line{ID: fmt.Sprint(i), Kind: pick("kind", kinds...), Unit: unit, Qty: Qty(q),
			PriceFen: money.Fen(rapid.Int64Range(1, 400_000).Draw(t, "price")), Staff: pick("staff", "nurse", "care_worker", ""),
			On: june.First() + day.Day(rapid.IntRange(0, 29).Draw(t, "on"))})
	}
	return c
}

// Whatever is claimed, in whatever region: the sums agree to the fen, nobody is
// paid less than nothing, no cap is passed, and what is taken is what is left
// when the answer is fed back.
func TestQuoteProperties(t *testing.T) {
	t.Parallel()
	set := overlay(t, "testdata/packs")
	paid := 0
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(anyRegion).Draw(t, "region")
		c := anyClaim(t, 6)
		v, err := set.At(region, day.MustParse("2024-06-30"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := QuoteLines(v, c)
		if err != nil && !fault.Is(err, fault.Refused) {
			t.Fatal(err)
		}
		sums(t, c, out)
		if out.Sum.Fund["ltci"] > 0 {
			paid++
		}
		for _, k := range out.Takes {
			if k.Amount <= 0 || k.Amount > k.Max {
				t.Fatalf("take over its cap: %+v", k)
			}
		}
		if err != nil {
			return
		}
		// After settling, the caps that bind leave nothing more than their rest.
		used := map[string]int64{}
		for _, k := range out.Takes {
			used[benefit.Key(k.Cap, k.Period)] += k.Amount
		}
		if c.Used, err = KnownUsed(v, used); err != nil {
			t.Fatal(err)
		}
		again, err := QuoteLines(v, c)
		if err != nil && !fault.Is(err, fault.Refused) {
			t.Fatal(err)
		}
		for _, k := range again.Takes {
			if used[benefit.Key(k.Cap, k.Period)]+k.Amount > k.Max {
				t.Fatalf("the second claim passes the cap: %+v after %d", k, used[benefit.Key(k.Cap, k.Period)])
			}
		}
	})
	if paid == 0 {
		t.Fatal("no claim was paid: the property says nothing")
	}
}

func sums(t interface{ Fatalf(string, ...any) }, c Claim, out Quotation) {
	var total, fund, person money.Fen
	for i, l := range out.Lines {
		q, _ := money.ParseMicro(string(c.Lines[i].Qty))
		fee, _ := c.Lines[i].PriceFen.Times(q, money.HalfUp)
		if l.Total != l.Fund[c.Scheme]+l.Person || l.Person < 0 || l.Fund[c.Scheme] < 0 || l.Total < fee-1 {
			t.Fatalf("line %d: %+v of %v", i, l, fee)
		}
		if l.Refused != nil && l.Fund[c.Scheme] != 0 {
			t.Fatalf("line %d is refused and paid", i)
		}
		total, fund, person = total+l.Total, fund+l.Fund[c.Scheme], person+l.Person
	}
	if out.Sum.Total != total || out.Sum.Fund[c.Scheme] != fund || out.Sum.Person != person || total != fund+person {
		t.Fatalf("sum %+v of %v %v %v", out.Sum, total, fund, person)
	}
}

// Where no cap is touched, the order of the lines changes nothing; and where
// one is, the fund as a whole still pays the same for equal lines.
func TestQuoteOrder(t *testing.T) {
	t.Parallel()
	set := overlay(t, "testdata/packs")
	rapid.Check(t, func(t *rapid.T) {
		c := anyClaim(t, 5)
		region := rapid.SampledFrom(anyRegion).Draw(t, "region")
		v, err := set.At(region, day.MustParse("2024-06-30"))
		if err != nil {
			t.Fatal(err)
		}
		one := func(ls []Line) (Quotation, bool) {
			d := c
			d.Lines = ls
			out, err := QuoteLines(v, d)
			if err != nil && !fault.Is(err, fault.Refused) {
				t.Fatal(err)
			}
			return out, err == nil
		}
		alone := map[string]money.Fen{} // each line by itself: no other line has used a cap
		taken := map[benefit.Take]int64{}
		for _, l := range c.Lines {
			out, _ := one([]Line{l})
			alone[l.ID] = out.Lines[0].Fund["ltci"]
			for _, k := range out.Takes {
				taken[benefit.Take{Cap: k.Cap, Period: k.Period, Max: k.Max}] += k.Amount
			}
		}
		for k, n := range taken {
			if n > k.Max {
				return // some cap is hit: then the order may matter
			}
		}
		lines := slices.Clone(c.Lines)
		for i := len(lines) - 1; i > 0; i-- {
			j := rapid.IntRange(0, i).Draw(t, "swap")
			lines[i], lines[j] = lines[j], lines[i]
		}
		out, _ := one(lines)
		for _, l := range out.Lines {
			if l.Fund["ltci"] != alone[l.ID] {
				t.Fatalf("line %s: %v alone, %v among others", l.ID, alone[l.ID], l.Fund["ltci"])
			}
		}
	})
}

// T-16: a million random splits agree to the fen, and the rounding is the one
// that the explanation names.
func TestMillionSplits(t *testing.T) {
	t.Parallel()
	v := view(t, packs(t), "330328", "2024-06-30")
	terms, err := benefit.TermsOf(v)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(16, 16))
	for range 1_000_000 {
		fee := money.Fen(r.Int64N(10_000_000))
		ratio := money.PPM(1 + r.Int64N(money.One))
		fund, err := fee.Share(ratio, terms.Rounding)
		if err != nil {
			t.Fatal(err)
		}
		// Half up, by integers of another kind.
		x := new(big.Int).Mul(big.NewInt(int64(fee)), big.NewInt(int64(ratio)))
		want := x.Add(x, big.NewInt(money.One/2)).Quo(x, big.NewInt(money.One)).Int64()
		if int64(fund) != want || fund < 0 || fund > fee {
			t.Fatalf("%v × %v = %v, want %d", fee, ratio, fund, want)
		}
	}
	// The same through the rule: three payers of three ratios, a thousand claims.
	for range 1000 {
		price := money.Fen(1 + r.Int64N(500_000))
		c := Claim{Scheme: "ltci", Person: Insured{Level: 3 + r.Int64N(3), Coverage: "employee"}, Mode: []string{"home", "family", "institution"}[r.IntN(3)],
			Month: day.MustParse("2024-06-01").Month()}
		for i := range 1 + r.IntN(5) {
			c.Lines = append(c.Lines, Line{ID: fmt.Sprint(i), Kind: "living", Unit: "hour", Qty: Qty(money.Micro(1 + r.Int64N(20*money.One))), PriceFen: price, On: day.MustParse("2024-06-03")})
		}
		out, err := QuoteLines(view(t, packs(t), "330328", "2024-06-30"), c)
		if err != nil {
			t.Fatal(err)
		}
		sums(t, c, out)
	}
}

// FuzzClaim: whatever bytes come in, the rule answers or names a field; it never panics.
func FuzzClaim(f *testing.F) {
	f.Add([]byte(bill("home", 3, "hour", "1.5", 6500)))
	f.Add([]byte(month("family", 3, `"used":{"family-day@2024-06-03":1,"x":2}`, "day 30 0 living 01", "month 0.5 1 nursing 30")))
	f.Add([]byte(`{"scheme":"employee","lines":[{"id":"1","qty":1e9}]}`))
	set, err := policy.Load("")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := policy.ReadJSON[Claim](raw)
		if err != nil {
			if fault.As(err).Field == "" {
				t.Fatalf("no field: %v", err)
			}
			return
		}
		for _, region := range []string{"320700", "370481"} {
			out, err := QuoteLines(view(t, set, region, "2024-06-30"), c)
			switch {
			case err == nil || fault.Is(err, fault.Refused):
				sums(t, c, out)
			case fault.As(err).Field == "":
				t.Fatalf("no field: %v", err)
			}
		}
	})
}

// BenchmarkQuote: five lines with their decision and explanation. «stored» also
// renders what the store keeps.
func BenchmarkQuote(b *testing.B) {
	set := packs(b)
	c, err := policy.ReadJSON[Claim]([]byte(month("home", 3, `person:"groups":["重残"];"used":{"home-hours":"3","home-month":20000}`,
		"hour 1.5 6500 living 03 care_worker", "hour 1 6500 living 04 care_worker", "visit 1 12000 nursing 05 nurse",
		"hour 2 7000 living 06 care_worker", "visit 1 12000 nursing 07 nurse")))
	if err != nil {
		b.Fatal(err)
	}
	v := view(b, set, "320700", "2024-06-30")
	b.Run("decide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := Quote.Decide(v, c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("stored", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, dec, err := Quote.Decide(v, c)
			if err != nil {
				b.Fatal(err)
			}
			if _, _, _, err := dec.Texts(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

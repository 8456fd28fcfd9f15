package money

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestShareRoundsByName(t *testing.T) {
	for _, c := range []struct {
		f    Fen
		p    PPM
		r    Rounding
		want Fen
	}{
		{7000, 750000, HalfUp, 5250},
		{1, 500000, HalfUp, 1},
		{1, 500000, HalfEven, 0},
		{3, 500000, HalfEven, 2},
		{1, 999999, Down, 0},
		{1, 1, Up, 1},
		{-1, 500000, HalfUp, -1},
		{-3, 500000, Down, -1},
		{9_000_000_000_000_000, 333333, Down, 2_999_997_000_000_000},
	} {
		got, err := c.f.Share(c.p, c.r)
		if err != nil || got != c.want {
			t.Errorf("%d × %s %s = %d, %v; want %d", c.f, c.p.Percent(), c.r, got, err, c.want)
		}
	}
	if _, err := Fen(1).MulDiv(1, 0, HalfUp); err == nil {
		t.Error("division by zero passed")
	}
	if _, err := Fen(1<<62).MulDiv(4, 1, HalfUp); err == nil {
		t.Error("overflow passed")
	}
	if _, err := Fen(1).MulDiv(1, 2, "nearest"); err == nil {
		t.Error("an unknown rounding passed")
	}
}

// The fast path and the big numbers agree, whatever the numbers.
func TestMulDivAgreesWithBigNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "f")
		num := rapid.Int64Range(-1<<20, 1<<20).Draw(t, "num")
		den := rapid.Int64Range(1, 1<<20).Draw(t, "den")
		r := rapid.SampledFrom([]Rounding{HalfUp, HalfEven, Down, Up}).Draw(t, "r")
		got, err := Fen(f).MulDiv(num, den, r)
		if err != nil {
			t.Fatal(err)
		}
		want := bigDivide(new(big.Int).Mul(big.NewInt(f), big.NewInt(num)), big.NewInt(den), r)
		if int64(got) != want.Int64() {
			t.Fatalf("%d × %d / %d %s = %d, want %d", f, num, den, r, got, want)
		}
	})
}

// T-16: the parts sum to the whole to the fen, each within a fen of its share.
func TestT16SplitSumsToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "f"))
		w := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 1, 12).Draw(t, "w")
		var sum int64
		for _, x := range w {
			sum += x
		}
		parts, err := f.Split(w)
		if sum == 0 {
			if err == nil {
				t.Fatal("weights of zero passed")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var got Fen
		for i, p := range parts {
			got += p
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(int64(f)), big.NewInt(w[i])), big.NewInt(sum))
			off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(int64(p)))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d of %d is %d, a fen or more off", i, f, p)
			}
		}
		if got != f {
			t.Fatalf("parts sum to %d, want %d", got, f)
		}
	})
}

func TestDecimalText(t *testing.T) {
	for s, want := range map[string]Fen{"52.5": 5250, "1,234.50": 123450, "0.01": 1, "-3": -300} {
		if got, err := ParseFen(s); err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "1.", ".5", "1.005", "1e3", "０", "12 3", "99999999999999999999", "--1", "+1"} {
		if got, err := ParseFen(s); err == nil {
			t.Errorf("%q read as %d", s, got)
		}
	}
	if Fen(-5).String() != "-0.05" || Fen(123456789).Yuan() != "1,234,567.89 元" || Micro(1_500_000).String() != "1.5" || PPM(825000).Percent() != "82.5%" {
		t.Error("writing is wrong")
	}
	if Fen(-1<<63).String() != "-92233720368547758.08" {
		t.Error("the smallest amount is written as " + Fen(-1<<63).String())
	}
}

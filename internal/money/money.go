// Package money holds amounts in whole fen (分), exact ratios and named rounding.
// There is no floating point here and nowhere else money is computed; every
// operation that could overflow or leave a remainder says so in its signature.
package money

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen (1/100 yuan). It may be negative in the
// ledger (a reversal), never in a claim.
type Fen int64

// PPM is a ratio in parts per million: 800000 is 80 %. It is exact for every
// percentage with up to four decimals.
type PPM int64

// Micro is a decimal quantity (hours, visits, days) in millionths: 1.5 hours
// is 1500000. Like PPM it is exact for what people write.
type Micro int64

// One is the unit of PPM and of Micro.
const One = 1_000_000

// Rounding is how a remainder of a fen is settled. A pack chooses it by name
// together with its clause.
type Rounding string

// The named roundings. HalfUp rounds half away from zero (四舍五入).
const (
	HalfUp   Rounding = "half_up"
	HalfEven Rounding = "half_even"
	Down     Rounding = "down"
	Up       Rounding = "up"
)

// Name is the Chinese name of the rounding, as explanations show it.
func (r Rounding) Name() string {
	switch r {
	case HalfUp:
		return "四舍五入到分"
	case HalfEven:
		return "四舍六入五成双到分"
	case Down:
		return "舍去不足一分的部分"
	case Up:
		return "不足一分进为一分"
	}
	return string(r)
}

// Valid tells whether r is one of the named roundings.
func (r Rounding) Valid() bool {
	return r == HalfUp || r == HalfEven || r == Down || r == Up
}

// MulDiv returns f × num / den, rounded by r. The product is exact at any
// size; an overflow of the result, a zero den or an unknown rounding is an error.
func (f Fen) MulDiv(num, den int64, r Rounding) (Fen, error) {
	if den == 0 {
		return 0, fmt.Errorf("money: division by zero")
	}
	if !r.Valid() {
		return 0, fmt.Errorf("money: unknown rounding %q", r)
	}
	// The fast path holds for every real claim; big numbers only guard the rest.
	if a, b := abs(int64(f)), abs(num); a < 1<<31 && b < 1<<31 && den > 0 {
		return Fen(divide(int64(f)*num, den, r)), nil
	}
	p := new(big.Int).Mul(big.NewInt(int64(f)), big.NewInt(num))
	q := bigDivide(p, big.NewInt(den), r)
	if !q.IsInt64() {
		return 0, fmt.Errorf("money: %d × %d / %d does not fit", f, num, den)
	}
	return Fen(q.Int64()), nil
}

// Times returns f × q (a decimal quantity), rounded by r.
func (f Fen) Times(q Micro, r Rounding) (Fen, error) { return f.MulDiv(int64(q), One, r) }

// Share returns f × p (a ratio), rounded by r.
func (f Fen) Share(p PPM, r Rounding) (Fen, error) { return f.MulDiv(int64(p), One, r) }

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

func divide(p, den int64, r Rounding) int64 {
	q, m := p/den, p%den
	if m == 0 {
		return q
	}
	sign := int64(1)
	if p < 0 {
		sign, m = -1, -m
	}
	switch r {
	case Up:
		return q + sign
	case HalfUp:
		if 2*m >= den {
			return q + sign
		}
	case HalfEven:
		if 2*m > den || (2*m == den && q%2 != 0) {
			return q + sign
		}
	}
	return q
}

func bigDivide(p, den *big.Int, r Rounding) *big.Int {
	if den.Sign() < 0 {
		p, den = new(big.Int).Neg(p), new(big.Int).Neg(den)
	}
	q, m := new(big.Int).QuoRem(p, den, new(big.Int))
	if m.Sign() == 0 {
		return q
	}
	sign := big.NewInt(int64(p.Sign()))
	twice := new(big.Int).Abs(m)
	twice.Lsh(twice, 1)
	c := twice.Cmp(den)
	if r == Up || (r == HalfUp && c >= 0) || (r == HalfEven && (c > 0 || (c == 0 && q.Bit(0) == 1))) {
		q.Add(q, sign)
	}
	return q
}

// Split divides f over weights so that the parts sum to f to the fen and no
// part is more than one fen off its exact share. The leftover fen go to the
// largest remainders, the earlier first, so the result does not depend on chance.
func (f Fen) Split(weights []int64) ([]Fen, error) {
	total := new(big.Int)
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("money: negative weight %d", w)
		}
		total.Add(total, big.NewInt(w))
	}
	if total.Sign() == 0 {
		return nil, fmt.Errorf("money: weights sum to zero")
	}
	parts := make([]Fen, len(weights))
	rest := make([]*big.Int, len(weights))
	left := f
	for i, w := range weights {
		q, m := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(int64(f)), big.NewInt(w)), total, new(big.Int))
		parts[i], rest[i] = Fen(q.Int64()), m.Abs(m)
		left -= parts[i]
	}
	step := Fen(1)
	if left < 0 {
		step = -1
	}
	for ; left != 0; left -= step {
		best := 0
		for i := range rest {
			if rest[i].Cmp(rest[best]) > 0 {
				best = i
			}
		}
		parts[best] += step
		rest[best] = big.NewInt(-1)
	}
	return parts, nil
}

// String writes yuan with two decimals: 5250 → "52.50".
func (f Fen) String() string {
	var room [32]byte
	return string(f.append(room[:0], false))
}

// Yuan writes the amount for people: thousands separated, "1,234.50 元".
func (f Fen) Yuan() string {
	var room [48]byte
	return string(f.AppendYuan(room[:0]))
}

// AppendYuan appends what Yuan writes.
func (f Fen) AppendYuan(b []byte) []byte { return append(f.append(b, true), " 元"...) }

func (f Fen) append(b []byte, separated bool) []byte {
	u := uint64(f)
	if f < 0 {
		b, u = append(b, '-'), uint64(-(f+1))+1
	}
	start := len(b)
	b = strconv.AppendUint(b, u/100, 10)
	if separated {
		for i := len(b) - 3; i > start; i -= 3 {
			b = append(b, 0)
			copy(b[i+1:], b[i:])
			b[i] = ','
		}
	}
	return append(b, '.', '0'+byte(u%100/10), '0'+byte(u%10))
}

// ParseFen reads yuan as people write them ("52.5", "1,234.50"); more than two
// decimals, an exponent or anything else is an error.
func ParseFen(s string) (Fen, error) {
	m, err := decimal(strings.ReplaceAll(s, ",", ""), 2)
	return Fen(m), err
}

// ParseMicro reads a decimal quantity with up to six decimals.
func ParseMicro(s string) (Micro, error) {
	m, err := decimal(s, 6)
	return Micro(m), err
}

// ParsePercent reads a percentage with up to four decimals: "80", "82.5".
func ParsePercent(s string) (PPM, error) {
	m, err := decimal(strings.TrimSuffix(s, "%"), 4)
	return PPM(m), err
}

// String writes the quantity without needless zeros: "1.5".
func (m Micro) String() string { return undecimal(int64(m), 6) }

// Percent writes the ratio for people: "80%".
func (p PPM) Percent() string { return undecimal(int64(p), 4) + "%" }

func decimal(s string, places int) (int64, error) {
	bad := func() error { return fmt.Errorf("%q 不是最多 %d 位小数的数", s, places) } // only when needed: this is a hot path
	neg := strings.HasPrefix(s, "-")
	whole, frac, dot := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || (dot && frac == "") || len(frac) > places || !digits(whole) || !digits(frac) {
		return 0, bad()
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", places-len(frac)), 10, 64)
	if err != nil {
		return 0, bad()
	}
	if neg {
		n = -n
	}
	return n, nil
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func undecimal(n int64, places int) string {
	var room [32]byte
	b, u := room[:0], uint64(n)
	if n < 0 {
		b, u = append(b, '-'), uint64(-(n+1))+1
	}
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	b = strconv.AppendUint(b, u/scale, 10)
	if rest := u % scale; rest > 0 {
		b = append(b, '.')
		for rest > 0 { // digit by digit, so that zeros at the end never come
			scale /= 10
			b = append(b, '0'+byte(rest/scale))
			rest %= scale
		}
	}
	return string(b)
}

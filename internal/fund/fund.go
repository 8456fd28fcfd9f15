package fund

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// Lanes is how many lanes a book has; lane 0 is for people, the others for
// the committers of settlements.
const Lanes = 8

// Kind is the kind of a voucher (凭证种类).
type Kind string

// The kinds.
const (
	Settle   Kind = "settle"   // 结算
	Reversal Kind = "reversal" // 冲销
	Receive  Kind = "receive"  // 筹资入账
	Move     Kind = "move"     // 专户划拨
	Withhold Kind = "withhold" // 扣留保证金
	Release  Kind = "release"  // 返还保证金
	Deduct   Kind = "deduct"   // 审核扣减
	Pay      Kind = "pay"      // 拨付
	Recover  Kind = "recover"  // 追回
	Due      Kind = "due"      // 应收筹资
)

// Name is the Chinese name of the kind.
func (k Kind) Name() string {
	return map[Kind]string{Settle: "结算", Reversal: "冲销", Receive: "筹资入账", Move: "专户划拨", Withhold: "扣留保证金",
		Release: "返还保证金", Deduct: "审核扣减", Pay: "拨付", Recover: "追回", Due: "应收筹资"}[k]
}

// Line is one posting of a voucher (分录): debit (借) positive, credit (贷) negative.
type Line struct {
	Account string
	Party   string // institution or person id, for the sub-ledger
	Fen     money.Fen
}

// Voucher is one accounting voucher (记账凭证). Month, LateOf, No and At are
// filled by Post.
type Voucher struct {
	Region   string
	Book     Book
	Lane     int64
	On       day.Day // the day of the business
	Kind     Kind
	Key      string // natural key: one business fact is posted once («settle/<visit>/1»)
	Ref      string // what it is about: a bill, a month claim, a receipt
	Reverses string // id of the voucher that this one reverses
	Memo     string
	Maker    string // account id of who caused it
	Lines    []Line

	No     int64
	Month  day.Month
	LateOf day.Month // the month it belonged to, where that was closed already
	At     int64     // ms
}

// ID names a voucher inside its region: book, lane, number.
func (v Voucher) ID() string { return fmt.Sprintf("%s-%d-%d", v.Book, v.Lane, v.No) }

func parseID(id string) (b Book, lane, no int64, err error) {
	p := strings.Split(id, "-")
	if len(p) == 3 {
		b = Book(p[0])
		lane, err = strconv.ParseInt(p[1], 10, 64)
		if err == nil {
			no, err = strconv.ParseInt(p[2], 10, 64)
		}
		if err == nil && charts[b] != nil {
			return b, lane, no, nil
		}
	}
	return "", 0, 0, fault.New(fault.NotFound, "没有编号是“%s”的凭证。", id)
}

// check proves a voucher before anything is written.
func (v Voucher) check() error {
	if charts[v.Book] == nil || v.Region == "" || v.Key == "" || v.Kind == "" || v.On.IsZero() || v.Lane < 0 || v.Lane >= Lanes {
		return fmt.Errorf("fund: voucher %q of book %q lacks region, kind, key or day", v.Key, v.Book)
	}
	if len(v.Lines) < 2 {
		return fmt.Errorf("fund: voucher %s has %d lines", v.Key, len(v.Lines))
	}
	var sum money.Fen
	for _, l := range v.Lines {
		if _, ok := byCode[v.Book][l.Account]; !ok {
			return fmt.Errorf("fund: voucher %s: book %s has no account %s", v.Key, v.Book, l.Account)
		}
		if l.Fen == 0 {
			return fmt.Errorf("fund: voucher %s: empty line on %s", v.Key, l.Account)
		}
		next := sum + l.Fen
		if (l.Fen > 0) != (next > sum) {
			return fmt.Errorf("fund: voucher %s overflows", v.Key)
		}
		sum = next
	}
	if sum != 0 {
		return fmt.Errorf("fund: voucher %s does not balance: %d fen", v.Key, sum)
	}
	return nil
}

// Post books vouchers of one region in a few statements, whatever their
// number, and returns them with number and month. It locks the heads of their
// lanes until the commit, so it stands late in a transaction. Conflict: a key
// is posted already. A voucher of a closed month goes to the open one and
// keeps a reference to its own.
func Post(tx *db.Tx, vs []Voucher) ([]Voucher, error) {
	type lane struct {
		book Book
		lane int64
	}
	groups := map[lane][]int{}
	var order []lane
	keys := map[string]bool{}
	for i, v := range vs {
		if err := v.check(); err != nil {
			return nil, err
		}
		if v.Region != vs[0].Region {
			return nil, fmt.Errorf("fund: one Post, two regions")
		}
		if keys[v.Key] {
			return nil, fmt.Errorf("fund: key %s twice in one Post", v.Key)
		}
		keys[v.Key] = true
		l := lane{v.Book, v.Lane}
		if groups[l] == nil {
			order = append(order, l)
		}
		groups[l] = append(groups[l], i)
	}
	out := append([]Voucher(nil), vs...)
	var rows, lines [][]any
	var before, after []head
	for _, l := range order { // lock first, in one order for every caller: callers post per lane
		h, err := lockHead(tx, vs[0].Region, l.book, l.lane)
		if err != nil {
			return nil, err
		}
		before = append(before, h)
		for _, i := range groups[l] {
			v := &out[i]
			h.no++
			v.No, v.At = h.no, tx.Millis()
			v.Month = v.On.Month()
			if v.Month <= h.closed {
				v.Month, v.LateOf = h.closed+1, v.On.Month()
			}
			rows = append(rows, v.row())
			for _, line := range v.Lines {
				h.seq++
				prev := short(h.hash)
				h.hash = hash(h.hash, v, h.seq, line)
				lines = append(lines, []any{v.Region, v.Book, v.Lane, h.seq, v.No, v.Month, v.Kind, line.Account, line.Party, line.Fen, prev, h.hash})
			}
		}
		after = append(after, h)
	}
	if !tx.Piped() { // in a pipeline the unique key refuses
		if err := refuseKnown(tx, vs); err != nil {
			return nil, err
		}
	}
	if err := write(tx, rows, lines); err != nil {
		return nil, err
	}
	for i, l := range order {
		if err := setHead(tx, vs[0].Region, l.book, l.lane, before[i], after[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Reverse books the mirror of a voucher (红字冲销) on lane 0. Conflict: it is
// reversed already, or is itself a reversal.
func Reverse(tx *db.Tx, region, id, memo, maker string) (Voucher, error) {
	vs, err := ReverseMany(tx, region, []string{id}, 0, memo, maker)
	if err != nil {
		return Voucher{}, err
	}
	return vs[0], nil
}

// ReverseMany is Reverse for several vouchers of one region.
func ReverseMany(tx *db.Tx, region string, ids []string, lane int64, memo, maker string) ([]Voucher, error) {
	mirrors := make([]Voucher, len(ids))
	for i, id := range ids {
		first, err := Get(tx, region, id)
		if err != nil {
			return nil, err
		}
		if first.Kind == Reversal {
			return nil, fault.New(fault.Conflict, "%s 本身是冲销凭证，不能再冲销；要恢复请重新记一张。", id)
		}
		m := Voucher{Region: region, Book: first.Book, Lane: lane, On: tx.Today(), Kind: Reversal, Key: "reverse/" + id,
			Ref: first.Ref, Reverses: id, Memo: memo, Maker: maker}
		for _, l := range first.Lines {
			m.Lines = append(m.Lines, Line{l.Account, l.Party, -l.Fen})
		}
		mirrors[i] = m
	}
	return Post(tx, mirrors)
}

func short(hash string) string {
	if len(hash) > 16 {
		return hash[:16]
	}
	return hash
}

// hash chains one posting, with its voucher's head, onto the one before.
// Length-prefixed fields: no two different postings share one text.
func hash(prev string, v *Voucher, seq int64, l Line) string {
	b := make([]byte, 0, 512)
	add := func(s string) {
		b = strconv.AppendInt(b, int64(len(s)), 10)
		b = append(b, ':')
		b = append(b, s...)
	}
	num := func(n int64) { add(strconv.FormatInt(n, 10)) }
	add(prev)
	add(v.Region)
	add(string(v.Book))
	num(v.Lane)
	num(seq)
	num(v.No)
	num(int64(v.Month))
	num(int64(v.LateOf))
	num(int64(v.On))
	add(string(v.Kind))
	add(v.Key)
	add(v.Ref)
	add(v.Reverses)
	add(v.Memo)
	add(v.Maker)
	num(v.At)
	add(l.Account)
	add(l.Party)
	num(int64(l.Fen))
	sum := sm3.Sum(b)
	return hex.EncodeToString(sum[:])
}

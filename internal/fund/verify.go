package fund

import (
	"context"
	"fmt"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/money"
)

// Fault is the first bad row that Verify found in a lane.
type Fault struct {
	Region  string `json:"region"`
	Book    Book   `json:"book"`
	Lane    int64  `json:"lane"`
	Seq     int64  `json:"seq"`     // posting
	Voucher string `json:"voucher"` // id of its voucher
	Say     string `json:"say"`
}

// Report is what Verify found.
type Report struct {
	OK       bool      `json:"ok"`
	Vouchers int64     `json:"vouchers"`
	Postings int64     `json:"postings"`
	Debit    money.Fen `json:"debit_fen"`
	Credit   money.Fen `json:"credit_fen"`
	Faults   []Fault   `json:"faults,omitempty"`

	parties map[PartyFlow]money.Fen // of the closed months of the book at hand
}

// Verify recomputes every chain, voucher number, voucher sum and closed month
// of a region ("" for all) and names the first bad row of each lane: changed,
// deleted, swapped or put in between. A tail that was cut together with its
// head shows against the last checkpoint of the audit chain.
func Verify(ctx context.Context, d *db.DB, region string) (Report, error) {
	rep := Report{OK: true}
	err := d.Read(ctx, func(tx *db.Tx) error {
		rs, err := db.All(tx, db.Value[string], regions, region)
		if err != nil {
			return err
		}
		for _, r := range rs {
			if err := rep.region(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	rep.OK = rep.OK && err == nil
	return rep, err
}

func (rep *Report) bad(f Fault) { rep.OK, rep.Faults = false, append(rep.Faults, f) }

func (rep *Report) region(tx *db.Tx, region string) error {
	for _, b := range Books() {
		hs, err := heads(tx, region, b)
		if err != nil {
			return err
		}
		total := map[day.Month]map[string][2]money.Fen{}
		rep.parties = map[PartyFlow]money.Fen{}
		sound := true
		for _, h := range hs {
			ok, err := rep.lane(tx, region, b, h, total)
			if err != nil {
				return err
			}
			sound = sound && ok
		}
		if sound && len(hs) > 0 {
			if err := rep.months(tx, region, b, hs[0].closed, total); err != nil {
				return err
			}
		}
	}
	for _, q := range []string{strayVouchers, strayPostings} {
		n, err := db.One(tx, db.Value[int64], q, region, Lanes)
		if err != nil {
			return err
		}
		if n > 0 {
			rep.bad(Fault{Region: region, Say: fmt.Sprintf("有 %d 行记在不存在的账道上，是从外面写进来的", n)})
		}
	}
	return nil
}

// lane walks one lane in pages, so that its memory does not grow with the lane.
func (rep *Report) lane(tx *db.Tx, region string, b Book, h head, total map[day.Month]map[string][2]money.Fen) (bool, error) {
	const page = 20000
	var seq, no int64
	var sum money.Fen
	last := ""
	fail := func(seq, no int64, say string, args ...any) (bool, error) {
		rep.bad(Fault{region, b, h.lane, seq, Voucher{Book: b, Lane: h.lane, No: no}.ID(), fmt.Sprintf(say, args...)})
		return false, nil
	}
	for {
		ps, err := walkLane(tx, region, b, h.lane, seq, page)
		if err != nil {
			return false, err
		}
		for i := range ps {
			p := &ps[i]
			switch {
			case p.seq != seq+1:
				return fail(seq+1, p.no, "第 %d 条分录不见了，下一条是第 %d 条", seq+1, p.seq)
			case p.missing:
				return fail(p.seq, p.no, "第 %d 条分录的凭证不见了", p.seq)
			case p.prev != short(last):
				// Which of the two was touched? If the chain goes on from this row, it
				// stands where it stood, and the one before was replaced under it.
				next, err := after(tx, region, b, h, ps, i)
				if err != nil {
					return false, err
				}
				if seq > 0 && next == short(p.hash) {
					return fail(seq, no, "第 %d 条分录被改过（下一条接的不是它）", seq)
				}
				return fail(p.seq, p.no, "第 %d 条分录被改过或换过位置", p.seq)
			case p.v.Month != p.month || p.v.Kind != p.kind || hash(last, &p.v, p.seq, p.line) != p.hash:
				return fail(p.seq, p.no, "第 %d 条分录或它的凭证被改过", p.seq)
			case p.no != no && p.no != no+1:
				return fail(p.seq, p.no, "凭证号从 %d 跳到 %d", no, p.no)
			case p.no != no && sum != 0:
				return fail(seq, no, "凭证 %d 的借贷不平，差 %s", no, sum.Yuan())
			}
			if p.no != no {
				no, sum = p.no, 0
				rep.Vouchers++
			}
			seq, last = p.seq, p.hash
			sum += p.line.Fen
			rep.Postings++
			m := total[p.month]
			if m == nil {
				m = map[string][2]money.Fen{}
				total[p.month] = m
			}
			if subLedger[p.line.Account] && p.month <= h.closed {
				rep.parties[PartyFlow{Account: p.line.Account, Kind: p.kind, Party: p.line.Party}] += p.line.Fen
			}
			f := m[p.line.Account]
			if p.line.Fen > 0 {
				f[0] += p.line.Fen
				rep.Debit += p.line.Fen
			} else {
				f[1] -= p.line.Fen
				rep.Credit -= p.line.Fen
			}
			m[p.line.Account] = f
		}
		if len(ps) < page {
			break
		}
	}
	switch {
	case seq != h.seq || no != h.no:
		return fail(seq+1, no+1, "链头记到第 %d 条、凭证 %d，账里只到第 %d 条、凭证 %d：尾部被截掉了", h.seq, h.no, seq, no)
	case sum != 0:
		return fail(seq, no, "凭证 %d 的借贷不平，差 %s", no, sum.Yuan())
	case last != h.hash:
		return fail(seq, no, "第 %d 条分录与链头对不上，最后一条或链头被改过", seq)
	}
	n, err := db.One(tx, db.Value[int64], countVouchers, region, b, h.lane)
	if err != nil {
		return false, err
	}
	if n != no {
		return fail(seq, no, "账道里有 %d 张凭证，应当是 %d 张：有没有分录的凭证混进来", n, no)
	}
	return true, nil
}

// after is the link that the row behind ps[i], or the head, keeps to ps[i].
func after(tx *db.Tx, region string, b Book, h head, ps []posting, i int) (string, error) {
	if i+1 == len(ps) {
		next, err := walkLane(tx, region, b, h.lane, ps[i].seq, 1)
		if err != nil {
			return "", err
		}
		if len(next) == 0 {
			return short(h.hash), nil
		}
		return next[0].prev, nil
	}
	return ps[i+1].prev, nil
}

// months proves that the closed months still show what their postings say.
func (rep *Report) months(tx *db.Tx, region string, b Book, closed day.Month, total map[day.Month]map[string][2]money.Fen) error {
	if closed == 0 {
		return nil
	}
	first := closed
	for m := range total {
		first = min(first, m)
	}
	opening := map[string]money.Fen{}
	for m := first; m <= closed; m++ {
		snap, err := snapshot(tx, region, b, m)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, f := range snap {
			seen[f.account] = true
			t := total[m][f.account]
			if f.opening != opening[f.account] || f.debit != t[0] || f.credit != t[1] || f.ending != f.opening+f.debit-f.credit {
				rep.bad(Fault{Region: region, Book: b, Say: fmt.Sprintf("%s 科目 %s 的月结数与分录对不上", m.Chinese(), f.account)})
				return nil
			}
			opening[f.account] = f.ending
		}
		for account := range total[m] {
			if !seen[account] {
				rep.bad(Fault{Region: region, Book: b, Say: fmt.Sprintf("%s 的月结里没有科目 %s", m.Chinese(), account)})
				return nil
			}
		}
	}
	return rep.subLedger(tx, region, b)
}

// subLedger proves that the sums by party are those of the closed postings.
func (rep *Report) subLedger(tx *db.Tx, region string, b Book) error {
	kept, err := db.All(tx, scanFlow, partyClosed, region, b)
	if err != nil {
		return err
	}
	for _, f := range kept {
		key := PartyFlow{Account: f.Account, Kind: f.Kind, Party: f.Party}
		if rep.parties[key] != f.Fen {
			rep.bad(Fault{Region: region, Book: b, Say: fmt.Sprintf("科目 %s 往来单位 %s 的累计数与分录对不上", f.Account, f.Party)})
			return nil
		}
		delete(rep.parties, key)
	}
	for f, fen := range rep.parties {
		if fen != 0 {
			rep.bad(Fault{Region: region, Book: b, Say: fmt.Sprintf("科目 %s 往来单位 %s 没有累计数", f.Account, f.Party)})
			return nil
		}
	}
	return nil
}

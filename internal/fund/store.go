package fund

import (
	"errors"
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

const (
	holdHead = `UPDATE fund_head SET no = no WHERE region = $1 AND book = $2 AND lane = $3 RETURNING no, seq, hash, closed`
	moveHead = `UPDATE fund_head SET no = $4, seq = $5, hash = $6 WHERE region = $1 AND book = $2 AND lane = $3 AND seq = $7 AND closed = $8`
	getHeads = `SELECT lane, no, seq, hash, closed FROM fund_head WHERE region = $1 AND book = $2 ORDER BY lane`
	setClose = `UPDATE fund_head SET closed = $3 WHERE region = $1 AND book = $2 AND closed < $3`

	voucherCols = `SELECT region, book, lane, no, month, late_of, on_day, kind, key, ref, reverses, memo, maker, at FROM fund_voucher `
	getVoucher  = voucherCols + `WHERE region = $1 AND book = $2 AND lane = $3 AND no = $4`
	ofRef       = voucherCols + `WHERE region = $1 AND ref = $2 ORDER BY at, lane, no`
	ofMonth     = voucherCols + `WHERE region = $1 AND book = $2 AND month = $3 AND (lane, no) > ($4, $5) ORDER BY lane, no LIMIT $6`
	getLines    = `SELECT no, account, party, fen FROM fund_posting WHERE region = $1 AND book = $2 AND lane = $3 AND seq >= $4 AND seq < $5 ORDER BY seq`
	seekLine    = `SELECT seq, no FROM fund_posting WHERE region = $1 AND book = $2 AND lane = $3 AND seq >= $4 ORDER BY seq LIMIT 1`
	lastLine    = `SELECT COALESCE(MAX(seq), 0) FROM fund_posting WHERE region = $1 AND book = $2 AND lane = $3`
	regions     = `SELECT DISTINCT region FROM fund_head WHERE region = $1 OR $1 = '' ORDER BY region`
	known       = `SELECT key FROM fund_voucher WHERE region = $1 AND key = ANY($2)`

	firstMonth = `SELECT COALESCE(MIN(month), '') FROM fund_posting WHERE region = $1 AND book = $2`
	sumMonth   = `SELECT account, CAST(COALESCE(SUM(CASE WHEN fen > 0 THEN fen ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN fen < 0 THEN -fen ELSE 0 END), 0) AS BIGINT)
		FROM fund_posting WHERE region = $1 AND book = $2 AND month = $3 GROUP BY account ORDER BY account`
	getSnap  = `SELECT account, opening, debit, credit, closing FROM fund_month WHERE region = $1 AND book = $2 AND month = $3 ORDER BY account`
	sumAfter = `SELECT CAST(COALESCE(SUM(fen), 0) AS BIGINT) FROM fund_posting WHERE region = $1 AND book = $2 AND account = $3 AND month > $4`
	getClose = `SELECT closing FROM fund_month WHERE region = $1 AND book = $2 AND month = $3 AND account = $4`
	// The accounts of the sub-ledger, as in subLedger.
	partyOpen   = `SELECT account, kind, party, CAST(SUM(fen) AS BIGINT) FROM fund_posting WHERE region = $1 AND book = $2 AND month > $3 AND account IN ('1201', '2101', '2102') GROUP BY account, kind, party`
	partyClosed = `SELECT account, kind, party, fen FROM fund_party WHERE region = $1 AND book = $2`
	partyAdd    = `INSERT INTO fund_party (region, book, account, party, kind, fen) SELECT region, book, account, party, kind, CAST(SUM(fen) AS BIGINT) FROM fund_posting
		WHERE region = $1 AND book = $2 AND month = $3 AND account IN ('1201', '2101', '2102') GROUP BY region, book, account, party, kind
		ON CONFLICT (region, book, account, party, kind) DO UPDATE SET fen = fund_party.fen + excluded.fen`
	countOf = `SELECT COUNT(*), COALESCE(MIN(no), 0), COALESCE(MAX(no), 0) FROM fund_voucher WHERE region = $1 AND book = $2 AND lane = $3 AND month = $4`

	walk = `SELECT p.seq, p.no, p.month, p.kind, p.account, p.party, p.fen, p.prev, p.hash,
		COALESCE(v.no, -1), COALESCE(v.month, ''), COALESCE(v.late_of, ''), COALESCE(v.on_day, ''), COALESCE(v.kind, ''), COALESCE(v.key, ''),
		COALESCE(v.ref, ''), COALESCE(v.reverses, ''), COALESCE(v.memo, ''), COALESCE(v.maker, ''), COALESCE(v.at, 0)
		FROM fund_posting p LEFT JOIN fund_voucher v ON v.region = p.region AND v.book = p.book AND v.lane = p.lane AND v.no = p.no
		WHERE p.region = $1 AND p.book = $2 AND p.lane = $3 AND p.seq > $4 ORDER BY p.seq LIMIT $5`
	countVouchers = `SELECT COUNT(*) FROM fund_voucher WHERE region = $1 AND book = $2 AND lane = $3`
	strayVouchers = `SELECT COUNT(*) FROM fund_voucher WHERE region = $1 AND (lane < 0 OR lane >= $2)`
	strayPostings = `SELECT COUNT(*) FROM fund_posting WHERE region = $1 AND (lane < 0 OR lane >= $2)`
)

var (
	voucherInsert = strings.Fields("region book lane no month late_of on_day kind key ref reverses memo maker at")
	postingInsert = strings.Fields("region book lane seq no month kind account party fen prev hash")
	monthInsert   = strings.Fields("region book month account opening debit credit closing at")
)

type head struct {
	lane, no, seq int64
	hash          string
	closed        day.Month
}

// lockHead reads the head of a lane and holds its row until the commit. In a
// pipeline it takes the head that this process wrote last, and the server
// compares it in setHead. The first voucher of a book makes all its heads.
func lockHead(tx *db.Tx, region string, b Book, lane int64) (head, error) {
	if h, ok := tx.Recall(headKey(region, b, lane)); ok && tx.Piped() {
		return h.(head), nil
	}
	scan := func(r db.Row) (h head, err error) { return h, r.Scan(&h.no, &h.seq, &h.hash, &h.closed) }
	h, err := db.One(tx, scan, holdHead, region, b, lane)
	if errors.Is(err, db.ErrNone) {
		if err := makeHeads(tx, region, b); err != nil {
			return h, err
		}
		h, err = db.One(tx, scan, holdHead, region, b, lane)
	}
	return h, err
}

func headKey(region string, b Book, lane int64) string {
	return "fund_head " + region + " " + string(b) + " " + strconv.FormatInt(lane, 10)
}

func makeHeads(tx *db.Tx, region string, b Book) error {
	rows := make([][]any, Lanes)
	for i := range rows {
		rows[i] = []any{region, b, i, 0, 0, "", ""}
	}
	_, err := tx.Insert("fund_head", []string{"region", "book", "lane", "no", "seq", "hash", "closed"}, rows, "ON CONFLICT (region, book, lane) DO NOTHING")
	return err
}

// setHead moves the head on from before.
func setHead(tx *db.Tx, region string, b Book, lane int64, before, h head) error {
	if tx.Piped() {
		tx.Remember(headKey(region, b, lane), h)
	}
	return tx.Put(1, moveHead, region, b, lane, h.no, h.seq, h.hash, before.seq, before.closed)
}

func heads(tx *db.Tx, region string, b Book) ([]head, error) {
	return db.All(tx, func(r db.Row) (h head, err error) { return h, r.Scan(&h.lane, &h.no, &h.seq, &h.hash, &h.closed) }, getHeads, region, b)
}

// refuseKnown refuses vouchers whose key is posted already. The heads are
// locked by then, so a rival of the same lane has either committed or waits.
func refuseKnown(tx *db.Tx, vs []Voucher) error {
	keys := make([]string, len(vs))
	for i, v := range vs {
		keys[i] = v.Key
	}
	found, err := db.All(tx, db.Value[string], known, vs[0].Region, keys)
	if err != nil || len(found) == 0 {
		return err
	}
	if id, ok := strings.CutPrefix(found[0], "reverse/"); ok {
		return fault.New(fault.Conflict, "凭证 %s 已经冲销过了，不会再冲一次。", id)
	}
	return fault.New(fault.Conflict, "这笔业务已经记过账了（%s），不会再记一次。", found[0])
}

func (v *Voucher) row() []any {
	return []any{v.Region, v.Book, v.Lane, v.No, v.Month, v.LateOf, v.On, v.Kind, v.Key, v.Ref, v.Reverses, v.Memo, v.Maker, v.At}
}

func write(tx *db.Tx, vouchers, postings [][]any) error {
	if _, err := tx.Insert("fund_voucher", voucherInsert, vouchers, ""); err != nil {
		return err
	}
	_, err := tx.Insert("fund_posting", postingInsert, postings, "")
	return err
}

func scanVoucher(r db.Row) (v Voucher, err error) {
	return v, r.Scan(&v.Region, &v.Book, &v.Lane, &v.No, &v.Month, &v.LateOf, &v.On, &v.Kind, &v.Key, &v.Ref, &v.Reverses, &v.Memo, &v.Maker, &v.At)
}

// seek finds the first posting of a voucher, by halving: the postings of a lane
// stand in the order of its vouchers, two or more for each.
func seek(tx *db.Tx, region string, b Book, lane, no int64) (int64, error) {
	end, err := db.One(tx, db.Value[int64], lastLine, region, b, lane)
	if err != nil {
		return 0, err
	}
	type at struct{ seq, no int64 }
	low, high := min(2*no-1, end+1), end+1 // the first posting is in low … high; end+1 stands for none
	for low < high {
		mid := low + (high-low)/2
		x, err := db.One(tx, func(r db.Row) (x at, err error) { return x, r.Scan(&x.seq, &x.no) }, seekLine, region, b, lane, mid)
		if err != nil {
			return 0, err
		}
		if x.no < no {
			low = x.seq + 1
		} else {
			high = mid
		}
	}
	return low, nil
}

// lines reads the lines of vouchers. One read serves vouchers of a lane that
// stand close to each other.
func lines(tx *db.Tx, vs []*Voucher) error {
	type row struct {
		no int64
		l  Line
	}
	for len(vs) > 0 {
		v, n := vs[0], 1
		for n < len(vs) && vs[n].Lane == v.Lane && vs[n].Book == v.Book && vs[n].No > vs[n-1].No && vs[n].No-vs[n-1].No <= 64 {
			n++
		}
		from, err := seek(tx, v.Region, v.Book, v.Lane, v.No)
		if err != nil {
			return err
		}
		to, err := seek(tx, v.Region, v.Book, v.Lane, vs[n-1].No+1)
		if err != nil {
			return err
		}
		rows, err := db.All(tx, func(r db.Row) (x row, err error) { return x, r.Scan(&x.no, &x.l.Account, &x.l.Party, &x.l.Fen) },
			getLines, v.Region, v.Book, v.Lane, from, to)
		if err != nil {
			return err
		}
		at := map[int64]*Voucher{}
		for _, v := range vs[:n] {
			at[v.No] = v
		}
		for _, x := range rows {
			if v := at[x.no]; v != nil {
				v.Lines = append(v.Lines, x.l)
			}
		}
		vs = vs[n:]
	}
	return nil
}

// Get reads one voucher with its lines.
func Get(tx *db.Tx, region, id string) (Voucher, error) {
	b, lane, no, err := parseID(id)
	if err != nil {
		return Voucher{}, err
	}
	v, err := db.One(tx, scanVoucher, getVoucher, region, b, lane, no)
	if errors.Is(err, db.ErrNone) {
		return v, fault.New(fault.NotFound, "没有编号是“%s”的凭证。", id)
	}
	if err != nil {
		return v, err
	}
	return v, lines(tx, []*Voucher{&v})
}

// Of lists the vouchers about one object, oldest first.
func Of(tx *db.Tx, region, ref string) ([]Voucher, error) {
	return withLines(tx, ofRef, region, ref)
}

// Vouchers lists a month's vouchers after the voucher named after ("" for the first page).
func Vouchers(tx *db.Tx, region string, b Book, m day.Month, after string, limit int) ([]Voucher, error) {
	lane, no := int64(0), int64(0)
	if after != "" {
		var err error
		if _, lane, no, err = parseID(after); err != nil {
			return nil, err
		}
	}
	return withLines(tx, ofMonth, region, b, m, lane, no, limit)
}

func withLines(tx *db.Tx, q string, args ...any) ([]Voucher, error) {
	vs, err := db.All(tx, scanVoucher, q, args...)
	if err != nil {
		return nil, err
	}
	at := make([]*Voucher, len(vs))
	for i := range vs {
		at[i] = &vs[i]
	}
	return vs, lines(tx, at)
}

type flow struct {
	account                        string
	opening, debit, credit, ending money.Fen
}

func sums(tx *db.Tx, region string, b Book, m day.Month) ([]flow, error) {
	return db.All(tx, func(r db.Row) (f flow, err error) { return f, r.Scan(&f.account, &f.debit, &f.credit) }, sumMonth, region, b, m)
}

func snapshot(tx *db.Tx, region string, b Book, m day.Month) ([]flow, error) {
	return db.All(tx, func(r db.Row) (f flow, err error) {
		return f, r.Scan(&f.account, &f.opening, &f.debit, &f.credit, &f.ending)
	}, getSnap, region, b, m)
}

// PartyFlow is what a kind of voucher moved for one party on an account.
type PartyFlow struct {
	Account string
	Kind    Kind
	Party   string
	Fen     money.Fen
}

// subLedger are the accounts that are kept by party and compared with the
// business: what is owed to institutions and families, and what is to come back.
var subLedger = map[string]bool{DueCare: true, DueFamily: true, Recoverable: true}

func scanFlow(r db.Row) (p PartyFlow, err error) {
	return p, r.Scan(&p.Account, &p.Kind, &p.Party, &p.Fen)
}

// Flows gives what each kind of voucher has moved on DueCare, DueFamily and
// Recoverable since the book began, by party: the sums that stand since the last
// close, and the postings after it. A party may come twice.
func Flows(tx *db.Tx, region string, b Book) ([]PartyFlow, error) {
	closed, err := Closed(tx, region, b)
	if err != nil {
		return nil, err
	}
	old, err := db.All(tx, scanFlow, partyClosed, region, b)
	if err != nil {
		return nil, err
	}
	fresh, err := db.All(tx, scanFlow, partyOpen, region, b, closed)
	return append(old, fresh...), err
}

type posting struct {
	seq, no    int64
	month      day.Month
	kind       Kind
	line       Line
	prev, hash string
	vno        int64
	v          Voucher
	missing    bool
}

func walkLane(tx *db.Tx, region string, b Book, lane, after int64, limit int) ([]posting, error) {
	return db.All(tx, func(r db.Row) (p posting, err error) {
		var own, month, late, on string
		v := Voucher{Region: region, Book: b, Lane: lane}
		err = r.Scan(&p.seq, &p.no, &own, &p.kind, &p.line.Account, &p.line.Party, &p.line.Fen, &p.prev, &p.hash,
			&p.vno, &month, &late, &on, &v.Kind, &v.Key, &v.Ref, &v.Reverses, &v.Memo, &v.Maker, &v.At)
		v.No, p.missing = p.no, p.vno < 0
		// A date that someone has spoilt behind our back must not stop the search for it.
		if v.Month.UnmarshalText([]byte(month)) != nil || v.LateOf.UnmarshalText([]byte(late)) != nil || v.On.UnmarshalText([]byte(on)) != nil {
			v.Month = -1
		}
		if p.month.UnmarshalText([]byte(own)) != nil {
			p.month = -2
		}
		p.v = v
		return p, err
	}, walk, region, b, lane, after, limit)
}

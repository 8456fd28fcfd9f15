package fund

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/person/sheet"
)

// DueReceipt is money that came for a year's contributions, by a slip of the
// bank, the tax office or the treasury (到账回单).
type DueReceipt struct {
	Slip           string        `json:"slip"` // the natural key
	Year           int64         `json:"year"`
	Source         Source        `json:"source"`
	Fen            money.Fen     `json:"fen"`
	On             day.Day       `json:"on"`
	Memo           string        `json:"memo"`
	Status         ReceiptStatus `json:"-"`
	Maker, Checker string        `json:"-"`
	Voucher        string        `json:"-"`
	At, Version    int64         `json:"-"`
}

// ReceiptStatus is where a receipt stands.
type ReceiptStatus string

// The states of a receipt.
const (
	ReceiptAsked    ReceiptStatus = "asked"
	ReceiptBooked   ReceiptStatus = "booked"
	ReceiptRefused  ReceiptStatus = "refused"
	ReceiptReversed ReceiptStatus = "reversed"
)

// Name is the status in Chinese.
func (s ReceiptStatus) Name() string {
	return map[ReceiptStatus]string{ReceiptAsked: "等核对", ReceiptBooked: "已入账", ReceiptRefused: "核对不符", ReceiptReversed: "已冲销"}[s]
}

// MaxReceipts is how many slips one file may hold.
const MaxReceipts = 5000

// cursor stands behind the receipt in the order of pages.
func (r DueReceipt) cursor() string { return r.On.String() + "/" + r.Slip }

func (r DueReceipt) check(today day.Day) error {
	if _, _, ok := r.Source.accounts(); !ok {
		return fault.Field("source", "来源请在个人缴费、单位缴费、医保基金划转、财政补助里选。")
	}
	switch {
	case r.Slip == "" || len(r.Slip) > 64:
		return fault.Field("slip", "请填回单号，最多 64 个字符，同一张回单只记一次。")
	case r.Fen <= 0:
		return fault.Field("fen", "金额要大于 0。")
	case r.On.IsZero() || r.On > today:
		return fault.Field("on", "到账日期要填今天或以前的日子。")
	}
	return nil
}

// Enter keeps slips for another hand to compare; it returns how many are new.
// A slip that is known with the same content is passed over. Conflict: known
// with another content, or the year's receivable is not booked.
func (s *Service) Enter(ctx context.Context, who audit.Actor, region string, rs []DueReceipt, key string) (int64, error) {
	if len(rs) == 0 || len(rs) > MaxReceipts {
		return 0, fault.Field("file", "一次登记 1 到 %d 张回单。", MaxReceipts)
	}
	act := audit.Act{Region: region, Verb: "fund.enter", Object: party(rs[0].Year), Key: key, Body: rs}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (int64, error) {
		years := map[int64]bool{}
		var slips []string
		for i := range rs {
			if err := rs[i].check(tx.Today()); err != nil {
				return 0, err
			}
			years[rs[i].Year] = true
			slips = append(slips, rs[i].Slip)
		}
		for y := range years {
			have, err := getYear(tx, region, y)
			if err != nil {
				return 0, err
			}
			if have.Status != YearBooked {
				return 0, fault.New(fault.Conflict, "%d年的应收还没有核对入账，先算好应收，再登记到账。", y)
			}
		}
		known, err := receipts(tx, region, slips)
		if err != nil {
			return 0, err
		}
		var fresh []DueReceipt
		for _, r := range rs {
			if o, ok := known[r.Slip]; ok && o.Status != ReceiptRefused {
				if o.Year != r.Year || o.Source != r.Source || o.Fen != r.Fen || o.On != r.On {
					return 0, fault.New(fault.Conflict, "回单 %s 已经登记过，内容不一样（%s %s），请核对回单号。", r.Slip, o.Source.Name(), o.Fen.Yuan())
				}
				continue
			}
			r.Status, r.Maker, r.At = ReceiptAsked, who.ID, tx.Millis()
			known[r.Slip] = r // twice in one file
			fresh = append(fresh, r)
		}
		return int64(len(fresh)), putReceipts(tx, region, fresh)
	})
}

// Judge books slips that another hand has compared with the bank's statement,
// or sends them back. Forbidden for one's own. Each slip is one voucher: the
// bank and the income, and the receivable that it settles.
func (s *Service) Judge(ctx context.Context, who audit.Actor, region string, slips []string, ok bool, key string) (int, error) {
	act := audit.Act{Region: region, Verb: "fund.judge_slip", Object: strconv.Itoa(len(slips)), Key: key, Body: []any{slips, ok}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (int, error) {
		found, err := receipts(tx, region, slips)
		if err != nil {
			return 0, err
		}
		if len(found) == 0 {
			return 0, fault.Field("slip", "请勾选要办的回单。")
		}
		var vs []Voucher
		var rs []DueReceipt
		for _, slip := range slips {
			r, have := found[slip]
			if !have {
				return 0, fault.New(fault.NotFound, "没有登记过回单 %s。", slip)
			}
			delete(found, slip)
			if r.Status != ReceiptAsked {
				return 0, fault.New(fault.Conflict, "回单 %s 现在是“%s”，请刷新页面。", r.Slip, r.Status.Name())
			}
			if r.Maker == who.ID {
				return 0, fault.New(fault.Forbidden, "回单 %s 是您登记的，要由另一位同事核对。", r.Slip)
			}
			owed, income, _ := r.Source.accounts()
			memo := fmt.Sprintf("%d年%s", r.Year, r.Source.Name())
			if r.Memo != "" {
				memo += "：" + r.Memo
			}
			vs = append(vs, Voucher{Region: region, Book: LTCI, On: r.On, Kind: Receive, Key: "slip/" + r.Slip, Ref: r.Slip, Memo: memo, Maker: who.ID,
				Lines: []Line{{TreasuryBank, "", r.Fen}, {income, "", -r.Fen}, {ToCome, party(r.Year), r.Fen}, {owed, party(r.Year), -r.Fen}}})
			rs = append(rs, r)
		}
		if !ok {
			vs = nil
		}
		if len(vs) > 0 {
			if vs, err = Post(tx, vs); err != nil {
				return 0, err
			}
		}
		for i, r := range rs {
			to, voucher := ReceiptRefused, ""
			if ok {
				to, voucher = ReceiptBooked, vs[i].ID()
			}
			if err := moveReceipt(tx, region, r.Slip, ReceiptAsked, to, who.ID, voucher); err != nil {
				return 0, err
			}
		}
		return len(rs), nil
	})
}

// ParseReceipts reads a file of slips: CSV with the columns 回单号, 来源 (个人, 单位,
// 医保 or 财政), 金额 in yuan, 到账日期, and 摘要 if there is one, in any order. An
// error names the row and the column; nothing is taken from such a file.
func ParseReceipts(r io.Reader, year int64) ([]DueReceipt, error) {
	var out []DueReceipt
	err := sheet.Named(r, "回单文件", []string{"回单号", "来源", "金额", "到账日期"}, func(row int, get func(string) string) error {
		if len(out) >= MaxReceipts {
			return fault.Field("file", "回单文件超过 %d 行，请分成几个文件。", MaxReceipts)
		}
		x := DueReceipt{Slip: get("回单号"), Year: year, Memo: get("摘要")}
		for _, s := range Sources {
			if w := get("来源"); w != "" && strings.HasPrefix(s.Name(), w) {
				x.Source = s
			}
		}
		fen, ferr := money.ParseFen(strings.ReplaceAll(get("金额"), ",", ""))
		on, derr := day.Parse(get("到账日期"))
		x.Fen, x.On = fen, on
		switch {
		case x.Slip == "":
			return fault.Field("file", "回单文件第 %d 行的回单号是空的。", row)
		case x.Source == "":
			return fault.Field("file", "回单文件第 %d 行的来源要写“个人”“单位”“医保”或“财政”。", row)
		case ferr != nil || fen <= 0:
			return fault.Field("file", "回单文件第 %d 行的金额要写成 1234.50 的样子，大于 0。", row)
		case derr != nil:
			return fault.Field("file", "回单文件第 %d 行的到账日期要写成 2026-01-31 的样子。", row)
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

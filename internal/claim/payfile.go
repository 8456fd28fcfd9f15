package claim

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/money"
)

// Payfile is a file of payments for the bank (拨付文件). Its text is made from
// the rows whenever it is asked for and always comes out with the same digest.
type Payfile struct {
	ID     string
	Month  day.Month
	Lines  int64
	Fen    money.Fen
	Digest string // SM3 of the text
	Maker  string
	At     int64
}

// PaymentStatus is where one line of a payment file stands.
type PaymentStatus string

// The states of a payment.
const (
	PaymentSent   PaymentStatus = "sent"
	PaymentPaid   PaymentStatus = "paid"
	PaymentFailed PaymentStatus = "failed"
)

// Name is the status in Chinese.
func (s PaymentStatus) Name() string {
	return map[PaymentStatus]string{PaymentSent: "已报送", PaymentPaid: "已到账", PaymentFailed: "银行退回"}[s]
}

// Payment is one line of a payment file: a month claim, or a deposit that is
// given back.
type Payment struct {
	File              string
	No                int64
	Kind              string // month, deposit
	Claim             string
	Institution, Name string
	Fen               money.Fen
	Status            PaymentStatus
	Reason            string // of the bank, when failed
}

var payHeader = []string{"文件号", "序号", "收款机构编号", "收款机构名称", "金额（元）", "用途", "业务号"}

// CSV is the text of a payment file, with a byte order mark for spreadsheets.
// It carries no account numbers: the bank pays to the account that it keeps
// for the institution's number.
func CSV(ps []Payment) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	w.Write(payHeader)
	for _, p := range ps {
		use := "护理服务费"
		if p.Kind == "deposit" {
			use = "质量保证金返还"
		}
		w.Write([]string{p.File, strconv.FormatInt(p.No, 10), p.Institution, p.Name, p.Fen.String(), use, p.Claim})
	}
	w.Flush()
	return b.Bytes()
}

func digest(text []byte) string {
	sum := sm3.Sum(text)
	return hex.EncodeToString(sum[:])
}

// File puts every signed claim of a month, every claim that the bank sent
// back, and every released deposit into one payment file. Each is in at most
// one live file, however often File runs. Conflict: there is nothing to pay.
func (s *Service) File(ctx context.Context, who audit.Actor, region string, m day.Month, key string) (Payfile, error) {
	act := audit.Act{Region: region, Verb: "claim.file", Object: m.String(), Key: key, Body: m}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Payfile, error) {
		var f Payfile
		n, err := db.One(tx, db.Value[int64], fileCount, region, m)
		if err != nil {
			return f, err
		}
		f = Payfile{ID: fmt.Sprintf("%s-%02d", m, n+1), Month: m, Maker: who.ID, At: tx.Millis()}
		ps, err := s.payees(tx, region, m)
		if err != nil {
			return f, err
		}
		if len(ps) == 0 {
			return f, fault.New(fault.Conflict, "%s没有等待拨付的月结或保证金。", m.Chinese())
		}
		for i := range ps {
			ps[i].File, ps[i].No, ps[i].Status = f.ID, int64(i+1), PaymentSent
			f.Lines, f.Fen = f.Lines+1, f.Fen+ps[i].Fen
		}
		f.Digest = digest(CSV(ps))
		return f, putFile(tx, region, f, ps)
	})
}

// payees moves what is to be paid to filed and returns its payments.
func (s *Service) payees(tx *db.Tx, region string, m day.Month) ([]Payment, error) {
	var ps []Payment
	var insts []string
	for _, st := range []MonthStatus{Signed, Failed} {
		ms, err := listMonths(tx, region, m, "", st)
		if err != nil {
			return nil, err
		}
		for _, mo := range ms {
			if err := mo.move("file"); err != nil {
				return nil, err
			}
			if err := mo.put(tx); err != nil {
				return nil, err
			}
			ps = append(ps, Payment{Kind: "month", Claim: mo.ID, Institution: mo.Institution, Fen: mo.Payable})
			insts = append(insts, mo.Institution)
		}
	}
	ds, err := db.All(tx, scanDeposit, depositList, region, DepositReleased, "")
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		d.Status = DepositFiled
		if err := moveDeposit(tx, d, DepositReleased); err != nil {
			return nil, err
		}
		ps = append(ps, Payment{Kind: "deposit", Claim: d.Claim, Institution: d.Institution, Fen: d.Released})
		insts = append(insts, d.Institution)
	}
	names, err := institution.GetMany(tx, region, insts)
	if err != nil {
		return nil, err
	}
	for i := range ps {
		ps[i].Name = names[ps[i].Institution].Name
	}
	return ps, nil
}

// ReadFile reads a payment file with its text, after proving that it still is
// what was signed.
func (s *Service) ReadFile(ctx context.Context, region, id string) (f Payfile, ps []Payment, text []byte, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if f, ps, err = getFile(tx, region, id); err != nil {
			return err
		}
		text = CSV(ps)
		if digest(text) != f.Digest {
			return fault.New(fault.Internal, "拨付文件 %s 的内容和生成时不一样，请不要报送，马上告诉审计员。", id)
		}
		return nil
	})
	return f, ps, text, err
}

// Files lists payment files, the newest first.
func (s *Service) Files(ctx context.Context, region string, limit int) (fs []Payfile, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		fs, err = db.All(tx, scanFile, fileList, region, limit)
		return err
	})
	return fs, err
}

// Reply is the bank's answer about one line.
type Reply struct {
	No     int64
	OK     bool
	Reason string
}

// ParseReturns reads the bank's return file (银行回盘): CSV with the columns
// 文件号, 序号, 结果 (成功 or 失败) and 原因, in any order of columns.
func ParseReturns(r io.Reader, file string) ([]Reply, error) {
	cr := csv.NewReader(io.LimitReader(r, 64<<20))
	cr.FieldsPerRecord = -1
	head, err := cr.Read()
	if err != nil {
		return nil, fault.Field("file", "回盘文件是空的，或者不是 CSV 文件。")
	}
	col := map[string]int{}
	for i, h := range head {
		col[strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))] = i
	}
	for _, h := range []string{"文件号", "序号", "结果"} {
		if _, ok := col[h]; !ok {
			return nil, fault.Field("file", "回盘文件里没有“%s”这一列。", h)
		}
	}
	var out []Reply
	for row := 2; ; row++ {
		rec, err := cr.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fault.Field("file", "回盘文件第 %d 行读不懂。", row)
		}
		get := func(h string) string {
			if i, ok := col[h]; ok && i < len(rec) {
				return strings.TrimSpace(rec[i])
			}
			return ""
		}
		no, err := strconv.ParseInt(get("序号"), 10, 64)
		result := get("结果")
		switch {
		case get("文件号") != file:
			return nil, fault.Field("file", "回盘文件第 %d 行是文件 %s 的，这里要的是 %s。", row, get("文件号"), file)
		case err != nil:
			return nil, fault.Field("file", "回盘文件第 %d 行的序号不是数字。", row)
		case result != "成功" && result != "失败":
			return nil, fault.Field("file", "回盘文件第 %d 行的结果要写“成功”或“失败”。", row)
		}
		out = append(out, Reply{no, result == "成功", get("原因")})
	}
}

// Applied tells what a return file did.
type Applied struct {
	Paid    int       `json:"paid"`
	Failed  int       `json:"failed"`
	Already int       `json:"already"` // lines that an earlier return had settled
	Fen     money.Fen `json:"fen"`     // paid by this return
}

// Returns applies the bank's answers: a payment that arrived is booked, one
// that failed can be filed again. A line is applied once, however often and in
// however many parts the return file is loaded. Refused: the payout account
// does not hold what the bank says it paid, or a line is unknown.
func (s *Service) Returns(ctx context.Context, who audit.Actor, region, file string, rs []Reply) (Applied, error) {
	act := audit.Act{Region: region, Verb: "claim.returns", Object: file, Body: rs}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Applied, error) {
		var done Applied
		f, ps, err := getFile(tx, region, file)
		if err != nil {
			return done, err
		}
		var vs []fund.Voucher
		for _, r := range rs {
			if r.No < 1 || r.No > int64(len(ps)) {
				return done, fault.Field("file", "拨付文件 %s 里没有第 %d 行。", file, r.No)
			}
			p := ps[r.No-1]
			status, action := PaymentPaid, "paid"
			if !r.OK {
				status, action = PaymentFailed, "failed"
			}
			n, err := tx.Exec(paymentMove, region, file, r.No, status, r.Reason, tx.Millis())
			if err != nil {
				return done, err
			}
			if n == 0 {
				done.Already++
				continue
			}
			if err := afterPayment(tx, region, p, action, r.OK); err != nil {
				return done, err
			}
			if !r.OK {
				done.Failed++
				continue
			}
			done.Paid++
			done.Fen += p.Fen
			vs = append(vs, fund.Voucher{Region: region, Book: fund.LTCI, On: tx.Today(), Kind: fund.Pay, Key: fmt.Sprintf("pay/%s/%d", file, r.No),
				Ref: p.Claim, Memo: f.Month.Chinese() + "拨付", Maker: who.ID, Lines: []fund.Line{
					{Account: fund.DueCare, Party: p.Institution, Fen: p.Fen}, {Account: fund.PayoutBank, Fen: -p.Fen}}})
		}
		if len(vs) > 0 {
			_, err = fund.PostPaid(tx, vs)
		}
		return done, err
	})
}

func afterPayment(tx *db.Tx, region string, p Payment, action string, ok bool) error {
	if p.Kind == "deposit" {
		d, err := getDeposit(tx, region, p.Claim)
		if err != nil {
			return err
		}
		d.Status = DepositPaid
		if !ok {
			d.Status = DepositReleased
		}
		return moveDeposit(tx, d, DepositFiled)
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

// Deposits lists quality deposits by status ("" for all) and institution ("" for all).
func (s *Service) Deposits(ctx context.Context, region, inst string, st DepositStatus) (ds []Deposit, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ds, err = db.All(tx, scanDeposit, depositList, region, st, inst)
		return err
	})
	return ds, err
}

package claim

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/money"
	"yinling/internal/person/sheet"
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

	Without int64 // payees left out because they have no account yet; known when the file is made
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

// Payment is one line of a payment file: a month claim, a deposit that is given
// back, or what one family gets for family care. The account number is sealed
// with the line when the file is made, so that the file stays what it was.
type Payment struct {
	File              string
	No                int64
	Kind              string // month, deposit, family
	Claim             string
	Institution, Name string // payee: institution, or the person whom family care was given; name of the account
	Bank, Tail        string // the account's bank and last four digits

	sealed, number string

	Fen    money.Fen
	Status PaymentStatus
	Reason string // of the bank, when failed
}

// Use is what a payment is for, as the bank shows it to the payee.
func (p Payment) Use() string {
	switch p.Kind {
	case "deposit":
		return "质量保证金返还"
	case "family":
		return "亲情护理补助"
	}
	return "护理服务费"
}

const fieldPayment = "claim.payment"

var payHeader = []string{"文件号", "序号", "收款方编号", "收款户名", "开户行", "收款账号", "金额（元）", "用途", "业务号"}

// csvOf is the text of a payment file, with a byte order mark for spreadsheets.
// The account numbers must be open.
func csvOf(ps []Payment) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	w.Write(payHeader)
	for _, p := range ps {
		w.Write([]string{p.File, strconv.FormatInt(p.No, 10), p.Institution, p.Name, p.Bank, p.number, p.Fen.String(), p.Use(), p.Claim})
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
		ps, without, err := s.duePayments(tx, region, m)
		if err != nil {
			return f, err
		}
		if f.Without = int64(without); len(ps) == 0 && without > 0 {
			return f, errNoAccount(without)
		}
		if len(ps) == 0 {
			return f, fault.New(fault.Conflict, "%s没有等待拨付的月结或保证金。", m.Chinese())
		}
		for i := range ps {
			ps[i].File, ps[i].No, ps[i].Status = f.ID, int64(i+1), PaymentSent
			ps[i].sealed = s.Persons.Keys.Seal(region, fieldPayment, ps[i].number)
			ps[i].Tail = ps[i].number[max(0, len(ps[i].number)-4):]
			f.Lines, f.Fen = f.Lines+1, f.Fen+ps[i].Fen
		}
		f.Digest = digest(csvOf(ps))
		return f, putFile(tx, region, f, ps)
	})
}

// duePayments moves what is to be paid to filed and returns its payments, with
// open account numbers. A payee without an account waits; without counts them.
func (s *Service) duePayments(tx *db.Tx, region string, m day.Month) (ps []Payment, without int, err error) {
	to := payTo{tx: tx, s: s, region: region, known: map[string]*Payment{}}
	for _, st := range []MonthStatus{Signed, Failed} {
		ms, err := listMonths(tx, region, m, "", st)
		if err != nil {
			return nil, 0, err
		}
		for _, mo := range ms {
			var due []Payment
			if mo.IsFamily() {
				lacking := 0
				if due, lacking, err = s.familyDue(tx, &mo); err != nil {
					return nil, 0, err
				}
				without += lacking
			} else if p, err := to.institution(mo.Institution); err != nil {
				return nil, 0, err
			} else if p == nil {
				without++
			} else {
				p.Kind, p.Claim, p.Fen = "month", mo.ID, mo.Payable
				due = []Payment{*p}
			}
			if len(due) == 0 {
				continue
			}
			if err := mo.move("file"); err != nil {
				return nil, 0, err
			}
			if err := mo.put(tx); err != nil {
				return nil, 0, err
			}
			ps = append(ps, due...)
		}
	}
	ds, err := db.All(tx, scanDeposit, depositList, region, DepositReleased, "", day.Month(0))
	if err != nil {
		return nil, 0, err
	}
	for _, d := range ds {
		p, err := to.institution(d.Institution)
		if err != nil {
			return nil, 0, err
		}
		if p == nil {
			without++
			continue
		}
		d.Status = DepositFiled
		if err := moveDeposit(tx, d, DepositReleased); err != nil {
			return nil, 0, err
		}
		p.Kind, p.Claim, p.Fen = "deposit", d.Claim, d.Released
		ps = append(ps, *p)
	}
	return ps, without, nil
}

// payTo finds the accounts of institutions.
type payTo struct {
	tx     *db.Tx
	s      *Service
	region string
	known  map[string]*Payment
}

// institution is a payment to an institution, still without an amount; nil
// when it has no account.
func (t *payTo) institution(id string) (*Payment, error) {
	if p, ok := t.known[id]; ok && p != nil {
		again := *p
		return &again, nil
	} else if ok {
		return nil, nil
	}
	i, err := institution.Get(t.tx, t.region, id)
	if err != nil {
		return nil, err
	}
	number, err := (&institution.Service{Keys: t.s.Persons.Keys}).Account(t.tx, t.region, id)
	if err != nil {
		return nil, err
	}
	t.known[id] = nil
	if number == "" {
		return nil, nil
	}
	p := Payment{Institution: id, Name: i.AccountName, number: number}
	if p.Name == "" {
		p.Name = i.Name
	}
	t.known[id] = &p
	again := p
	return &again, nil
}

// text opens the account numbers of a payment file and gives its text.
func (s *Service) text(region string, ps []Payment) ([]byte, error) {
	open := make([]Payment, len(ps))
	for i, p := range ps {
		var err error
		if p.number, err = s.Persons.Keys.Open(region, fieldPayment, p.sealed); err != nil {
			return nil, err
		}
		open[i] = p
	}
	return csvOf(open), nil
}

// ReadFile reads a payment file, its account numbers masked, after proving
// that it still is what was signed.
func (s *Service) ReadFile(ctx context.Context, region, id string) (f Payfile, ps []Payment, err error) {
	f, ps, _, err = s.readFile(ctx, region, id)
	return f, ps, err
}

// Download is ReadFile with the text for the bank, which shows every account
// number; the look is audited.
func (s *Service) Download(ctx context.Context, who audit.Actor, region, id string) (f Payfile, text []byte, err error) {
	f, _, text, err = s.readFile(ctx, region, id)
	if err != nil {
		return f, nil, err
	}
	return f, text, audit.Seen(ctx, s.Log, who, region, "claim.file_download", id)
}

func (s *Service) readFile(ctx context.Context, region, id string) (f Payfile, ps []Payment, text []byte, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if f, ps, err = getFile(tx, region, id); err != nil {
			return err
		}
		if text, err = s.text(region, ps); err != nil {
			return err
		}
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
	var out []Reply
	err := sheet.Named(r, "回盘文件", []string{"文件号", "序号", "结果"}, func(row int, get func(string) string) error {
		no, err := strconv.ParseInt(get("序号"), 10, 64)
		result := get("结果")
		switch {
		case get("文件号") != file:
			return fault.Field("file", "回盘文件第 %d 行是文件 %s 的，这里要的是 %s。", row, get("文件号"), file)
		case err != nil:
			return fault.Field("file", "回盘文件第 %d 行的序号不是数字。", row)
		case result != "成功" && result != "失败":
			return fault.Field("file", "回盘文件第 %d 行的结果要写“成功”或“失败”。", row)
		}
		out = append(out, Reply{no, result == "成功", get("原因")})
		return nil
	})
	return out, err
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
			if err := afterPayment(tx, region, p, action, r); err != nil {
				return done, err
			}
			if !r.OK {
				done.Failed++
				continue
			}
			done.Paid++
			done.Fen += p.Fen
			due := fund.DueCare
			if p.Kind == "family" {
				due = fund.DueFamily
			}
			vs = append(vs, fund.Voucher{Region: region, Book: fund.LTCI, On: tx.Today(), Kind: fund.Pay, Key: fmt.Sprintf("pay/%s/%d", file, r.No),
				Ref: p.Claim, Memo: f.Month.Chinese() + "拨付", Maker: who.ID, Lines: []fund.Line{
					{Account: due, Party: p.Institution, Fen: p.Fen}, {Account: fund.PayoutBank, Fen: -p.Fen}}})
		}
		if len(vs) > 0 {
			_, err = fund.PostPaid(tx, vs)
		}
		return done, err
	})
}

func afterPayment(tx *db.Tx, region string, p Payment, action string, r Reply) error {
	if p.Kind == "family" {
		return familyAnswered(tx, region, p, r.OK, r.Reason)
	}
	if p.Kind == "deposit" {
		d, err := getDeposit(tx, region, p.Claim)
		if err != nil {
			return err
		}
		d.Status = DepositPaid
		if !r.OK {
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
	if err := m.put(tx); err != nil {
		return err
	}
	return m.tell(tx, action)
}

// Deposits lists quality deposits by status ("" for all), institution ("" for
// all) and month (0 for all).
func (s *Service) Deposits(ctx context.Context, region, inst string, st DepositStatus, m day.Month) (ds []Deposit, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ds, err = db.All(tx, scanDeposit, depositList, region, st, inst, m)
		return err
	})
	return ds, err
}

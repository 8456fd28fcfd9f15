package claim

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
	"yinling/internal/undo"
)

// Recovery (追回) is money that a signed month has paid or will pay and that must come
// back: one bill or a part of it, for a reason of the region's dictionary. One
// hand asks, another approves; then the ledger shows it as recoverable until
// it is offset against a later month or comes back by bank:
//
//	asked ─→ open ─→ offset (next months' claim) | received (bank slip)
//	   └─ refused  └─ cancelled (another hand; the booking is reversed)
//
// The bill stays settled and its caps stay used: the person had the care, or
// the matter is one between fund and payee. Who must be paid back, too, gets a
// reversal (冲正) of the whole bill instead.
type Recovery struct {
	Region, ID        string
	Party             string // institution; of family care the person
	Family            bool
	Visit             string
	Reason, Note      string // code of claim.reasons; words
	Fen               money.Fen
	Status            RecoveryStatus
	Way               string // offset, direct
	Month             string // the claim that it is offset in
	Slip              string // of the bank, when received
	Decision, Voucher string
	Maker, Checker    string
	At, Version       int64
}

// RecoveryStatus is where a recovery stands.
type RecoveryStatus string

// The states of a recovery.
const (
	RecoveryAsked     RecoveryStatus = "asked"
	RecoveryRefused   RecoveryStatus = "refused"
	RecoveryOpen      RecoveryStatus = "open"
	RecoveryOffset    RecoveryStatus = "offset"
	RecoveryReceived  RecoveryStatus = "received"
	RecoveryCancelled RecoveryStatus = "cancelled"
)

// RecoveryStatuses lists the states in their order, for tabs.
var RecoveryStatuses = []RecoveryStatus{RecoveryAsked, RecoveryOpen, RecoveryOffset, RecoveryReceived, RecoveryRefused, RecoveryCancelled}

// Name is the status in Chinese.
func (s RecoveryStatus) Name() string {
	return map[RecoveryStatus]string{RecoveryAsked: "等复核", RecoveryRefused: "复核不追回", RecoveryOpen: "待追回", RecoveryOffset: "已抵扣",
		RecoveryReceived: "已缴回", RecoveryCancelled: "已撤销"}[s]
}

// Live tells whether the money counts as taken back or to be taken back.
func (s RecoveryStatus) Live() bool {
	return s == RecoveryAsked || s == RecoveryOpen || s == RecoveryOffset || s == RecoveryReceived
}

var recoveryFlow = []step{
	{"", "ask", "asked", "reviewer"},
	{"asked", "refuse", "refused", "another"},
	{"asked", "approve", "open", "another"},
	{"open", "way", "open", "reviewer"},
	{"open", "receive", "received", "treasurer"},
	{"open", "offset", "offset", "system"},
	{"open", "cancel", "cancelled", "another"},
}

var recoveryActions = map[string]string{"ask": "申请", "approve": "同意追回", "refuse": "不追回", "way": "改追回方式", "receive": "记缴回", "offset": "抵扣", "cancel": "撤销"}

func (x *Recovery) move(action string) error {
	to, ok := next(recoveryFlow, string(x.Status), action)
	if !ok {
		return fault.New(fault.Conflict, "这笔追回现在是“%s”，不能%s。", x.Status.Name(), recoveryActions[action])
	}
	x.Status = RecoveryStatus(to)
	return nil
}

// RecoverIn asks for a recovery.
type RecoverIn struct {
	Visit, Reason string
	Fen           money.Fen
	Way, Note     string
}

// AskRecover asks for money of a bill that stands in a signed month. Refused or
// invalid: the reason is none of the dictionary, or more than the fund still
// has in the bill. Conflict: the month is not signed, so a deduction does it.
func (s *Service) AskRecover(ctx context.Context, who audit.Actor, region, key string, in RecoverIn) (Recovery, error) {
	act := audit.Act{Region: region, Verb: "claim.recover_ask", Object: in.Visit, Key: key, Body: in}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x Recovery, err error) {
		if strings.TrimSpace(in.Note) == "" {
			return x, fault.Field("note", "请写明查实的情况，对方会看到。")
		}
		if in.Way != "offset" && in.Way != "direct" {
			return x, fault.Field("way", "请选怎样追回。")
		}
		b, err := Get(tx, region, in.Visit)
		if err != nil {
			return x, err
		}
		if b.Status != Settled || b.Month == "" {
			return x, fault.New(fault.Conflict, "这张账单现在是“%s”，还没有进已审签的月结，不用追回：请扣减或冲正。", b.Status.Name())
		}
		m, err := getMonth(tx, region, b.Month)
		if err != nil {
			return x, err
		}
		switch m.Status {
		case Signed, Filed, Failed, Paid:
		default:
			return x, fault.New(fault.Conflict, "%s的月结还在审核，请在审核时扣减。", m.Month.Chinese())
		}
		left, err := recoverable(tx, &b)
		if err != nil {
			return x, err
		}
		if left <= 0 {
			return x, fault.New(fault.Conflict, "这张账单里基金付的钱已经全部扣减或追回了。")
		}
		if in.Fen > left {
			return x, fault.Field("fen", "最多还能追回 %s：基金付了 %s，其余已经扣减或在追回。", left.Yuan(), b.Fund.Yuan())
		}
		v, err := s.Packs.At(region, m.Month.Last())
		if err != nil {
			return x, err
		}
		out, dec, err := deductRule.Decide(v, DeductIn{Reason: in.Reason, Fen: in.Fen, Fund: left})
		if err != nil {
			return x, err
		}
		x = Recovery{Region: region, ID: tx.NewID(), Party: b.Institution, Visit: b.Visit, Reason: in.Reason, Note: in.Note, Fen: out.Fen,
			Way: in.Way, Maker: who.ID, At: tx.Millis()}
		if b.Institution == "" {
			x.Party, x.Family = b.Person, true
		}
		if x.Decision, err = audit.DecideOne(tx, region, dec, b.Visit); err != nil {
			return x, err
		}
		if err := x.move("ask"); err != nil {
			return x, err
		}
		return x, x.put(tx)
	})
}

// recoverable is what the fund still has in a bill after deductions and
// recoveries.
func recoverable(tx *db.Tx, b *Bill) (money.Fen, error) {
	left := b.Fund
	ds, err := deductions(tx, b.Region, b.Month)
	if err != nil {
		return 0, err
	}
	for _, d := range ds {
		if d.Visit == b.Visit {
			left -= d.Fen
		}
	}
	xs, err := db.All(tx, scanRecovery, recoveryVisit, b.Region, b.Visit)
	for _, x := range xs {
		if x.Status.Live() {
			left -= x.Fen
		}
	}
	return left, err
}

// recover1 runs one act on one recovery.
func (s *Service) recover1(ctx context.Context, who audit.Actor, region, id, action, key string, version int64, body any, fn func(tx *db.Tx, x *Recovery) error) (Recovery, error) {
	act := audit.Act{Region: region, Verb: "claim.recover_" + action, Object: id, Key: key, Body: []any{id, action, version, body}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Recovery, error) {
		x, err := getRecovery(tx, region, id)
		if err != nil {
			return x, err
		}
		if version != 0 && version != x.Version {
			return x, fault.New(fault.Conflict, "这笔追回在您打开以后有变化，请刷新后再办。")
		}
		x0 := x
		if err := x.move(action); err != nil {
			return x, err
		}
		was := recoveryBefore{x0.Status, x0.Way, x0.Checker}
		if err := fn(tx, &x); err != nil {
			return x, err
		}
		if err := x.put(tx); err != nil {
			return x, err
		}
		if action == "refuse" || action == "way" && x0.Month == "" {
			return x, undo.Keep(tx, region, undo.Act{Word: UndoRecoveryWord, Object: id, Name: action, Account: who.ID, Version: x.Version}, was)
		}
		return x, undo.Drop(tx, region, UndoRecoveryWord, id) // money is booked, or somebody is told
	})
}

// UndoRecoveryWord is the word under which refusals and changed ways can be
// taken back.
const UndoRecoveryWord = "claim.recovery"

type recoveryBefore struct {
	Status       RecoveryStatus
	Way, Checker string
}

// UndoRecover takes a refusal or a changed way back, as undo.Take allows it.
func (s *Service) UndoRecover(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "claim.recover_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := getRecovery(tx, region, id)
		if err != nil {
			return err
		}
		var was recoveryBefore
		if _, err := undo.Take(tx, region, UndoRecoveryWord, id, who, x.Version, &was); err != nil {
			return err
		}
		if was.Status == RecoveryAsked && x.Status == RecoveryRefused { // meanwhile the money may have been asked for once more
			b, err := Get(tx, region, x.Visit)
			if err != nil {
				return err
			}
			if left, err := recoverable(tx, &b); err != nil {
				return err
			} else if x.Fen > left {
				return fault.New(fault.Conflict, "这张账单又申请了别的追回，只剩 %s，不能撤回。", left.Yuan())
			}
		}
		x.Status, x.Way, x.Checker = was.Status, was.Way, was.Checker
		return x.put(tx)
	})
}

func (x *Recovery) due() string {
	if x.Family {
		return fund.DueFamily
	}
	return fund.DueCare
}

func (x *Recovery) voucher(tx *db.Tx, what, memo, maker string, lines ...fund.Line) fund.Voucher {
	return fund.Voucher{Region: x.Region, Book: fund.LTCI, On: tx.Today(), Kind: fund.Recover, Key: "recovery/" + x.ID + "/" + what,
		Ref: x.ID, Memo: memo, Maker: maker, Lines: lines}
}

// JudgeRecover is the second hand: it approves, and the ledger shows the money
// as recoverable, or refuses. Forbidden to the hand that asked.
func (s *Service) JudgeRecover(ctx context.Context, who audit.Actor, region, id string, ok bool, key string, version int64) (Recovery, error) {
	action := "refuse"
	if ok {
		action = "approve"
	}
	return s.recover1(ctx, who, region, id, action, key, version, nil, func(tx *db.Tx, x *Recovery) error {
		if x.Maker == who.ID {
			return fault.New(fault.Forbidden, "追回要两个人办：这一笔是您申请的，请另一位同事复核。")
		}
		x.Checker = who.ID
		if !ok {
			return nil
		}
		b, err := Get(tx, region, x.Visit)
		if err != nil {
			return err
		}
		if b.Status != Settled {
			return fault.New(fault.Conflict, "这张账单现在是“%s”，不能再追回。", b.Status.Name())
		}
		vs, err := fund.Post(tx, []fund.Voucher{x.voucher(tx, "book", "追回：记应追回款", who.ID,
			fund.Line{Account: fund.Recoverable, Party: x.Party, Fen: x.Fen}, fund.Line{Account: b.expense(), Party: b.Institution, Fen: -x.Fen})})
		if err != nil {
			return err
		}
		x.Voucher = vs[0].ID()
		if x.Party == b.Institution {
			return tellRecovery(tx, b, x.Fen, x.Note)
		}
		return nil
	})
}

// SetWay changes how the money is to come back.
func (s *Service) SetWay(ctx context.Context, who audit.Actor, region, id, way, key string, version int64) (Recovery, error) {
	return s.recover1(ctx, who, region, id, "way", key, version, way, func(tx *db.Tx, x *Recovery) error {
		if way != "offset" && way != "direct" {
			return fault.Field("way", "请选怎样追回。")
		}
		x.Way = way
		return x.leave(tx)
	})
}

// leave takes a recovery out of the claim that it waits in.
func (x *Recovery) leave(tx *db.Tx) error {
	id := x.Month
	if id == "" {
		return nil
	}
	x.Month = ""
	if err := x.put(tx); err != nil {
		return err
	}
	m, err := getMonth(tx, x.Region, id)
	if err != nil {
		return err
	}
	if err := m.addUp(tx); err != nil {
		return err
	}
	return m.put(tx)
}

// ReceiveRecover books money that came back by bank.
func (s *Service) ReceiveRecover(ctx context.Context, who audit.Actor, region, id, slip, key string, version int64) (Recovery, error) {
	return s.recover1(ctx, who, region, id, "receive", key, version, slip, func(tx *db.Tx, x *Recovery) error {
		if x.Slip = strings.TrimSpace(slip); x.Slip == "" {
			return fault.Field("slip", "请填银行回单号，同一张回单只记一次。")
		}
		if err := x.leave(tx); err != nil {
			return err
		}
		v := x.voucher(tx, "received", "追回款缴回", who.ID, fund.Line{Account: fund.PayoutBank, Fen: x.Fen}, fund.Line{Account: fund.Recoverable, Party: x.Party, Fen: -x.Fen})
		v.Key = "slip/" + x.Slip
		_, err := fund.Post(tx, []fund.Voucher{v})
		return err
	})
}

// CancelRecover takes an approved recovery back; the booking is reversed.
// Forbidden to the hand that approved.
func (s *Service) CancelRecover(ctx context.Context, who audit.Actor, region, id, why, key string, version int64) (Recovery, error) {
	return s.recover1(ctx, who, region, id, "cancel", key, version, why, func(tx *db.Tx, x *Recovery) error {
		if strings.TrimSpace(why) == "" {
			return fault.Field("note", "请写明为什么撤销。")
		}
		if x.Checker == who.ID {
			return fault.New(fault.Forbidden, "这笔追回是您复核同意的，撤销要由另一位同事来办。")
		}
		x.Note += "\n撤销：" + why
		if err := x.leave(tx); err != nil {
			return err
		}
		_, err := fund.Reverse(tx, region, x.Voucher, "撤销追回："+why, who.ID)
		return err
	})
}

// fit takes into a claim the open recoveries of its payees, oldest first, as
// far as there is money to take them from; the rest waits for a later month.
// room is what each party is owed, and gets less.
func (m *Month) fit(tx *db.Tx, room map[string]money.Fen) (taken []Recovery, err error) {
	var parties []string
	for p := range room {
		parties = append(parties, p)
	}
	if len(parties) == 0 {
		return nil, nil
	}
	xs, err := db.All(tx, scanRecovery, recoveryFit, m.Region, parties, m.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range xs {
		if x.Family != m.IsFamily() {
			continue
		}
		month := ""
		if room[x.Party] >= x.Fen {
			month = m.ID
			room[x.Party] -= x.Fen
			taken = append(taken, x)
		}
		if x.Month != month {
			x.Month = month
			if err := x.put(tx); err != nil {
				return nil, err
			}
		}
	}
	return taken, nil
}

// offsetRecoveries books the recoveries of a claim that is being signed.
func (m *Month) offsetRecoveries(tx *db.Tx, maker string) ([]fund.Voucher, error) {
	xs, err := db.All(tx, scanRecovery, recoveryMonth, m.Region, m.ID)
	if err != nil {
		return nil, err
	}
	var vs []fund.Voucher
	for _, x := range xs {
		if err := x.move("offset"); err != nil {
			return nil, err
		}
		if err := x.put(tx); err != nil {
			return nil, err
		}
		vs = append(vs, x.voucher(tx, "offset", m.Month.Chinese()+"抵扣追回", maker,
			fund.Line{Account: x.due(), Party: x.Party, Fen: x.Fen}, fund.Line{Account: fund.Recoverable, Party: x.Party, Fen: -x.Fen}))
	}
	return vs, nil
}

// Recoveries lists recoveries by status ("" for all) and party ("" for all),
// the newest first. An institution gets its own.
func (s *Service) Recoveries(ctx context.Context, who audit.Actor, region string, st RecoveryStatus, party string, limit int) (xs []Recovery, err error) {
	if who.Institution != "" {
		party = who.Institution
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		xs, err = db.All(tx, scanRecovery, recoveryList, region, st, party, limit)
		return err
	})
	return xs, err
}

// ReadRecovery reads one with its vouchers and the bill that it is about.
func (s *Service) ReadRecovery(ctx context.Context, region, id string) (x Recovery, b Bill, vs []fund.Voucher, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x, err = getRecovery(tx, region, id); err != nil {
			return err
		}
		if b, err = Get(tx, region, x.Visit); err != nil {
			return err
		}
		vs, err = fund.Of(tx, region, id)
		return err
	})
	return x, b, vs, err
}

// RecoverableOf is what could still be taken back of a bill; 0 where it does
// not stand in a signed month.
func (s *Service) RecoverableOf(ctx context.Context, region, visit string) (fen money.Fen, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		b, err := Get(tx, region, visit)
		if err != nil || b.Status != Settled || b.Month == "" {
			return err
		}
		m, err := getMonth(tx, region, b.Month)
		if err != nil {
			return err
		}
		switch m.Status {
		case Signed, Filed, Failed, Paid:
			fen, err = recoverable(tx, &b)
		}
		return err
	})
	return fen, err
}

package claim

import (
	"context"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/money"
)

// Month is the claim of one institution for one month (月结申报), or, without an
// institution, what families are owed for family care.
type Month struct {
	Region, ID  string
	Institution string
	Month       day.Month
	Status      MonthStatus
	Version     int64

	Bills                  int64
	Total, Fund, PersonFen money.Fen
	Offsets                money.Fen // earlier months' reversals that are taken off here
	Deducted               money.Fen
	Deposit                money.Fen // withheld at sign-off
	Recovered              money.Fen // recoveries (追回) that are taken off here
	Payable                money.Fen // Fund − Offsets − Deducted − Deposit − Recovered

	SubmittedBy, FirstBy, SecondBy, SignedBy string
	Note                                     string
	Decision                                 string // of rule claim.deposit
	At                                       int64
}

// Problem is a visit of the month that is not in the claim, and why.
type Problem struct {
	Visit string  `json:"visit"`
	On    day.Day `json:"on"`
	Say   string  `json:"say"`
}

// Deduction takes one bill, or a part of it, off a month claim (扣减).
type Deduction struct {
	ID, Claim, Visit string
	Reason           string // code of claim.reasons
	Fen              money.Fen
	Note, Maker      string
}

// Sheet is a month claim with everything that a reviewer looks at.
type Sheet struct {
	Month
	Lines      []Bill // the bills of the claim
	Offset     []Bill // reversed after an earlier month, taken off here
	Deductions []Deduction
	Recoveries []Recovery
	Payees     []Payee   // of family care
	Problems   []Problem // pre-check (预审): what is not in it, and why
}

// earlier bounds how far back a month collects late bills and reversals.
const earlier = 24

func monthID(inst string, m day.Month) string {
	if inst == "" {
		inst = "family"
	}
	return inst + "/" + m.String()
}

// Intake makes the month claim of an institution, or brings a draft up to
// date: all settled bills up to the end of the month that stand in no other
// claim and can no longer be undone, less what was reversed after an earlier
// month. Any number of runs ends in the same claim.
func (s *Service) Intake(ctx context.Context, who audit.Actor, region, inst string, m day.Month) (Month, error) {
	act := audit.Act{Region: region, Verb: "claim.intake", Object: monthID(inst, m)}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Month, error) {
		if m > tx.Today().Month() {
			return Month{}, fault.New(fault.Conflict, "%s还没有到，不能申报。", m.Chinese())
		}
		mo, err := getMonth(tx, region, monthID(inst, m))
		switch {
		case fault.Is(err, fault.NotFound):
			mo = Month{Region: region, ID: monthID(inst, m), Institution: inst, Month: m, Status: Draft, At: tx.Millis()}
		case err != nil:
			return mo, err
		}
		if err := mo.move("intake"); err != nil {
			return mo, err
		}
		return mo, mo.collect(tx)
	})
}

// collect attaches what belongs to the claim, adds it up and writes it.
func (m *Month) collect(tx *db.Tx) error {
	from := (m.Month - earlier).First()
	if err := attach(tx, m, from); err != nil {
		return err
	}
	if err := m.addUp(tx); err != nil {
		return err
	}
	return m.put(tx)
}

// addUp recomputes the sums from the bills and deductions.
func (m *Month) addUp(tx *db.Tx) error {
	lines, offset, err := linesOf(tx, m)
	if err != nil {
		return err
	}
	m.Bills, m.Total, m.Fund, m.PersonFen, m.Offsets = 0, 0, 0, 0, 0
	for _, b := range lines {
		m.Bills++
		m.Total, m.Fund, m.PersonFen = m.Total+b.Total, m.Fund+b.Fund, m.PersonFen+b.PersonFen
	}
	ds, err := deductions(tx, m.Region, m.ID)
	if err != nil {
		return err
	}
	m.Deducted = 0
	for _, d := range ds {
		m.Deducted += d.Fen
	}
	if m.IsFamily() {
		if offset, err = m.postpone(tx, lines, offset, ds); err != nil {
			return err
		}
	}
	for _, b := range offset {
		m.Offsets += b.Fund
	}
	m.Payable = m.Fund - m.Offsets - m.Deducted - m.Deposit
	room := map[string]money.Fen{m.Institution: m.Payable}
	if m.IsFamily() {
		room = map[string]money.Fen{}
		for _, p := range m.share(lines, offset, ds, nil) {
			room[p.Person] = p.Payable
		}
	}
	taken, err := m.fit(tx, room)
	m.Recovered = 0
	for _, x := range taken {
		m.Recovered += x.Fen
	}
	m.Payable -= m.Recovered
	return err
}

// ReadMonth reads a claim with its lines, deductions and pre-check. An
// institution sees its own only.
func (s *Service) ReadMonth(ctx context.Context, who audit.Actor, region, id string) (sh Sheet, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if sh.Month, err = getMonth(tx, region, id); err != nil {
			return err
		}
		if who.Institution != "" && who.Institution != sh.Institution {
			return errNoMonth()
		}
		if sh.Lines, sh.Offset, err = linesOf(tx, &sh.Month); err != nil {
			return err
		}
		if sh.Deductions, err = deductions(tx, region, id); err != nil {
			return err
		}
		if sh.Recoveries, err = db.All(tx, scanRecovery, recoveryMonth, region, id); err != nil {
			return err
		}
		if sh.IsFamily() {
			if sh.Payees, err = payees(tx, region, id); err == nil && len(sh.Payees) == 0 {
				sh.Payees = sh.share(sh.Lines, sh.Offset, sh.Deductions, sh.Recoveries)
			}
			return err
		}
		sh.Problems, err = precheck(tx, &sh.Month)
		return err
	})
	return sh, err
}

// precheck names the visits of the month that are not in the claim.
func precheck(tx *db.Tx, m *Month) ([]Problem, error) {
	var out []Problem
	bs, err := billsOf(tx, m.Region, m.Institution, m.Month.First(), m.Month.Last())
	if err != nil {
		return nil, err
	}
	var done []care.Visit
	doubt := map[string]bool{} // something about the record is undecided
	for after := ""; ; {
		vs, err := care.VisitsDone(tx, m.Region, m.Institution, m.Month.First(), m.Month.Last(), after, 1000)
		if err != nil {
			return nil, err
		}
		done = append(done, vs...)
		if len(vs) < 1000 {
			break
		}
		after = vs[len(vs)-1].ID
	}
	for _, v := range done {
		doubt[v.ID] = v.Suspects > 0
	}
	have := map[string]bool{}
	for _, b := range bs {
		have[b.Visit] = true
		say := ""
		switch {
		case b.Month != "" || b.Status == Reversed:
			continue
		case b.Status == Settled || b.Status == Reversing || b.Status == Void:
			say = b.outside(tx.Millis())
		case b.Held || doubt[b.Visit]:
			say = "有疑点等核实"
		case b.Status == Quoted:
			say = "等本人或家属确认账单"
		case b.Status == Confirmed:
			say = "已确认，还没有结算"
		case b.Status == Disputed:
			say = "本人说有问题，等经办处理"
		}
		out = append(out, Problem{b.Visit, b.On, say})
	}
	for _, v := range done {
		switch {
		case have[v.ID]:
		case v.Suspects > 0:
			out = append(out, Problem{v.ID, v.On, "护理已完成，有疑点等核实，核实后才试算账单"})
		default:
			out = append(out, Problem{v.ID, v.On, "护理已完成，还没有试算账单"})
		}
	}
	return out, nil
}

// outside tells why a bill that is settled or void is in no claim.
func (b *Bill) outside(now int64) string {
	switch {
	case b.Status == Void:
		return "经办核定不结算"
	case b.Status == Reversing:
		return "正在申请冲正"
	case b.PendingUntil > now:
		return "还在 10 分钟撤回时间内"
	}
	return "新结算的，点“重新归集”就会进来"
}

// Months lists the claims of a month by status ("" for all), an institution's
// own when inst is given.
func (s *Service) Months(ctx context.Context, region string, m day.Month, inst string, st MonthStatus) (ms []Month, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ms, err = listMonths(tx, region, m, inst, st)
		return err
	})
	return ms, err
}

// act runs one act on one month claim.
func (s *Service) act(ctx context.Context, who audit.Actor, region, id, action, key string, version int64, body any, fn func(tx *db.Tx, m *Month) error) (Month, error) {
	act := audit.Act{Region: region, Verb: "claim.month_" + action, Object: id, Key: key, Body: []any{id, action, version, body}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Month, error) {
		m, err := getMonth(tx, region, id)
		if err != nil {
			return m, err
		}
		if who.Institution != "" && who.Institution != m.Institution {
			return m, errNoMonth()
		}
		if version != 0 && version != m.Version {
			return m, fault.New(fault.Conflict, "这份月结在您打开以后有变化，请刷新后再办。")
		}
		if err := m.move(action); err != nil {
			return m, err
		}
		if err := fn(tx, &m); err != nil {
			return m, err
		}
		if err := m.put(tx); err != nil {
			return m, err
		}
		return m, m.tell(tx, action)
	})
}

// Submit hands the claim in. Refused: the month is not over, or nothing is in it.
func (s *Service) Submit(ctx context.Context, who audit.Actor, region, id, key string, version int64) (Month, error) {
	return s.act(ctx, who, region, id, "submit", key, version, nil, func(tx *db.Tx, m *Month) error {
		if m.Month >= tx.Today().Month() {
			return fault.New(fault.Conflict, "%s还没有过完，下月 1 日起可以申报。", m.Month.Chinese())
		}
		if m.Bills == 0 && m.Offsets == 0 {
			return fault.New(fault.Conflict, "%s没有可以申报的账单。", m.Month.Chinese())
		}
		m.SubmittedBy, m.Note = who.ID, ""
		return nil
	})
}

// Return sends the claim back to the institution with what is to be mended.
func (s *Service) Return(ctx context.Context, who audit.Actor, region, id, note, key string, version int64) (Month, error) {
	if strings.TrimSpace(note) == "" {
		return Month{}, fault.Field("note", "请写明退回的原因，机构照着改。")
	}
	return s.act(ctx, who, region, id, "return", key, version, note, func(tx *db.Tx, m *Month) error {
		m.Note, m.FirstBy, m.SecondBy = note, "", ""
		return nil
	})
}

// Deduct takes fen of one bill off the claim for a reason of the dictionary;
// fen 0 takes the deduction of that bill away again.
func (s *Service) Deduct(ctx context.Context, who audit.Actor, region, id, visit, reason string, fen money.Fen, note, key string, version int64) (Month, error) {
	body := []any{visit, reason, fen, note}
	return s.act(ctx, who, region, id, "deduct", key, version, body, func(tx *db.Tx, m *Month) error {
		b, err := Get(tx, region, visit)
		if err != nil || b.Month != id {
			return fault.Field("visit", "这份月结里没有这张账单。")
		}
		if fen < 0 || fen > b.Fund {
			return fault.Field("fen", "扣减的金额在 0 和这张账单的医保支付 %s 之间。", b.Fund.Yuan())
		}
		if err := dropDeduction(tx, region, id, visit); err != nil {
			return err
		}
		if fen > 0 {
			v, err := s.Packs.At(region, m.Month.Last())
			if err != nil {
				return err
			}
			out, dec, err := deductRule.Decide(v, DeductIn{Reason: reason, Fen: fen, Fund: b.Fund})
			if err != nil {
				return err
			}
			if _, err := audit.DecideOne(tx, region, dec, visit); err != nil {
				return err
			}
			d := Deduction{ID: tx.NewID(), Claim: id, Visit: visit, Reason: reason, Fen: out.Fen, Note: note, Maker: who.ID}
			if err := putDeduction(tx, region, d); err != nil {
				return err
			}
		}
		return m.addUp(tx)
	})
}

// Review is the first review (初审).
func (s *Service) Review(ctx context.Context, who audit.Actor, region, id, key string, version int64) (Month, error) {
	return s.act(ctx, who, region, id, "review", key, version, nil, func(tx *db.Tx, m *Month) error {
		m.FirstBy = who.ID
		return nil
	})
}

// Check is the second review (复核). Forbidden to the hand of the first.
func (s *Service) Check(ctx context.Context, who audit.Actor, region, id, key string, version int64) (Month, error) {
	return s.act(ctx, who, region, id, "check", key, version, nil, func(tx *db.Tx, m *Month) error {
		if who.ID == m.FirstBy {
			return fault.New(fault.Forbidden, "初审是您办的，复核要由另一位同事来办。")
		}
		m.SecondBy = who.ID
		return nil
	})
}

// Sign signs the claim off (审签): the quality deposit is withheld by the rule
// of the region, and deposit and deductions are booked. Forbidden to the hands
// of both reviews.
func (s *Service) Sign(ctx context.Context, who audit.Actor, region, id, key string, version int64) (Month, error) {
	return s.act(ctx, who, region, id, "sign", key, version, nil, func(tx *db.Tx, m *Month) error {
		if who.ID == m.FirstBy || who.ID == m.SecondBy {
			return fault.New(fault.Forbidden, "您参加过这份月结的审核，审签要由另一位同事来办。")
		}
		m.SignedBy = who.ID
		var err error
		if !m.IsFamily() {
			if err := s.withhold(tx, m); err != nil {
				return err
			}
		}
		if err := m.addUp(tx); err != nil {
			return err
		}
		if m.Payable < 0 {
			return fault.New(fault.Conflict, "要抵回的金额比这个月的还多 %s，不能审签：请先与机构办理追回，或并入下个月。", (-m.Payable).Yuan())
		}
		vs, err := m.offsetRecoveries(tx, who.ID)
		if err != nil {
			return err
		}
		if m.IsFamily() {
			cuts, err := m.signFamily(tx, who.ID)
			if err != nil {
				return err
			}
			return m.signed(tx, append(vs, cuts...))
		}
		cuts, err := cutsByExpense(tx, m)
		if err != nil {
			return err
		}
		book := func(kind fund.Kind, to string, fen money.Fen, memo string) {
			if fen > 0 {
				vs = append(vs, fund.Voucher{Region: region, Book: fund.LTCI, On: m.Month.Last(), Kind: kind, Key: "month/" + id + "/" + string(kind) + "/" + to,
					Ref: id, Memo: memo, Maker: who.ID,
					Lines: []fund.Line{{Account: fund.DueCare, Party: m.Institution, Fen: fen}, {Account: to, Party: m.Institution, Fen: -fen}}})
			}
		}
		book(fund.Withhold, fund.Deposits, m.Deposit, m.Month.Chinese()+"质量保证金")
		for _, expense := range []string{fund.ForHome, fund.ForFamily, fund.ForInside} {
			book(fund.Deduct, expense, cuts[expense], m.Month.Chinese()+"审核扣减")
		}
		if m.Deposit > 0 {
			if err := putDeposit(tx, Deposit{Region: region, Claim: id, Institution: m.Institution, Month: m.Month, Fen: m.Deposit, Status: DepositHeld}); err != nil {
				return err
			}
		}
		return m.signed(tx, vs)
	})
}

// withhold finds the quality deposit of a claim by the rule of the region.
func (s *Service) withhold(tx *db.Tx, m *Month) error {
	v, err := s.Packs.At(m.Region, m.Month.Last())
	if err != nil {
		return err
	}
	out, dec, err := depositRule.Decide(v, DepositIn{Base: max(m.Fund-m.Offsets-m.Deducted, 0)})
	if err != nil {
		return err
	}
	m.Deposit = out.Fen
	m.Decision, err = audit.DecideOne(tx, m.Region, dec, m.ID)
	return err
}

// signed books what a signed claim takes off. A claim that comes to nothing
// has nothing to be paid and is done here.
func (m *Month) signed(tx *db.Tx, vs []fund.Voucher) error {
	if m.Payable == 0 {
		m.Status = Paid
	}
	if len(vs) == 0 {
		return nil
	}
	_, err := fund.Post(tx, vs)
	return err
}

// cutsByExpense adds up the deductions of a claim by the expense account that
// the deducted bills stand on.
func cutsByExpense(tx *db.Tx, m *Month) (map[string]money.Fen, error) {
	ds, err := deductions(tx, m.Region, m.ID)
	if err != nil || len(ds) == 0 {
		return nil, err
	}
	visits := make([]string, len(ds))
	for i, d := range ds {
		visits[i] = d.Visit
	}
	bs, err := bills(tx, m.Region, visits)
	out := map[string]money.Fen{}
	for _, d := range ds {
		if b := bs[d.Visit]; b != nil {
			out[b.expense()] += d.Fen
		}
	}
	return out, err
}

// DepositStatus is where a quality deposit stands.
type DepositStatus string

// The states of a deposit.
const (
	DepositHeld     DepositStatus = "held"
	DepositReleased DepositStatus = "released"
	DepositFiled    DepositStatus = "filed"
	DepositPaid     DepositStatus = "paid"
)

// Name is the status in Chinese.
func (s DepositStatus) Name() string {
	return map[DepositStatus]string{DepositHeld: "扣留中", DepositReleased: "已核返，等拨付", DepositFiled: "已报送银行", DepositPaid: "已返还"}[s]
}

// Deposit is the share of a month that is withheld until performance is known
// (质量保证金).
type Deposit struct {
	Region, Claim, Institution string
	Month                      day.Month
	Fen, Released, Kept        money.Fen
	Status                     DepositStatus
	Score                      int64 // of the performance, 0 to 100
	Decision, AskedBy          string
}

// ReleaseDeposit releases a deposit by the score of the institution's
// performance; what is not released falls back to the fund.
func (s *Service) ReleaseDeposit(ctx context.Context, who audit.Actor, region, claim string, score int64, key string) (Deposit, error) {
	act := audit.Act{Region: region, Verb: "claim.deposit_release", Object: claim, Key: key, Body: []any{claim, score}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Deposit, error) {
		d, err := getDeposit(tx, region, claim)
		if err != nil {
			return d, err
		}
		if d.Status != DepositHeld {
			return d, fault.New(fault.Conflict, "这笔保证金现在是“%s”，不能再核返。", d.Status.Name())
		}
		v, err := s.Packs.At(region, d.Month.Last())
		if err != nil {
			return d, err
		}
		out, dec, err := releaseRule.Decide(v, ReleaseIn{Deposit: d.Fen, Score: score})
		if err != nil {
			return d, err
		}
		if d.Decision, err = audit.DecideOne(tx, region, dec, claim); err != nil {
			return d, err
		}
		d.Released, d.Kept, d.Score, d.Status, d.AskedBy = out.Released, out.Kept, score, DepositReleased, who.ID
		if d.Released == 0 {
			d.Status = DepositPaid
		}
		lines := []fund.Line{{Account: fund.Deposits, Party: d.Institution, Fen: d.Fen}}
		if d.Released > 0 {
			lines = append(lines, fund.Line{Account: fund.DueCare, Party: d.Institution, Fen: -d.Released})
		}
		if d.Kept > 0 {
			lines = append(lines, fund.Line{Account: fund.FromOther, Party: d.Institution, Fen: -d.Kept})
		}
		if _, err := fund.Post(tx, []fund.Voucher{{Region: region, Book: fund.LTCI, On: tx.Today(), Kind: fund.Release, Key: "deposit/" + claim,
			Ref: claim, Memo: d.Month.Chinese() + "质量保证金核返", Maker: who.ID, Lines: lines}}); err != nil {
			return d, err
		}
		return d, moveDeposit(tx, d, DepositHeld)
	})
}

// Ready reports the institutions of a region that have bills in a month, so
// that the office sees who has not handed in yet.
func (s *Service) Ready(ctx context.Context, region string, m day.Month) (ids []string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err = institutionsIn(tx, region, m)
		return err
	})
	return ids, err
}

// Names reads the names of institutions.
func (s *Service) Names(ctx context.Context, region string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := institution.GetMany(tx, region, ids)
		for id, i := range m {
			out[id] = i.Name
		}
		for _, id := range ids {
			if id == "" {
				out[id] = familyName
			}
		}
		return err
	})
	return out, err
}

// now is for pages that show what can still be undone.
func (s *Service) now() time.Time { return s.Log.DB.Now() }

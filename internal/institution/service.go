package institution

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

// Service changes institutions.
type Service struct {
	Log   *audit.Log
	Packs *policy.Set // for Admit
	Keys  *seal.Keys  // for bank accounts and id numbers; nil refuses to store them

	People *person.Service // for residents
}

// New is a new institution as it is entered.
type New struct {
	ID                       string // empty: made by the program
	Name                     string
	Kind                     Kind
	Grade                    string
	District, Address, Phone string
	Lat, Lng                 int64
	AccountName, Account     string // bank account, may be empty
}

func (n New) check() error {
	switch {
	case strings.TrimSpace(n.Name) == "":
		return fault.Field("name", "请写机构名称。")
	case n.Kind.Name() == "":
		return fault.Field("kind", "请选机构类别：护理、养老、医疗、评估、便民站点或商保。")
	case n.Lat < -90e6 || n.Lat > 90e6 || n.Lng < -180e6 || n.Lng > 180e6:
		return fault.Field("lat", "经纬度写错了：纬度在 -90 到 90 之间，经度在 -180 到 180 之间。")
	}
	for _, c := range n.Account {
		if c < '0' || c > '9' {
			return fault.Field("account", "银行账号只有数字，请核对。")
		}
	}
	return nil
}

// Enter puts an institution on the books as an applicant.
func (s *Service) Enter(ctx context.Context, who audit.Actor, region, key string, n New) (Institution, error) {
	if err := n.check(); err != nil {
		return Institution{}, err
	}
	body := n
	body.Account = "" // the receipt's digest must not depend on a secret
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution.enter", Object: n.Name, Key: key, Body: body},
		func(tx *db.Tx) (Institution, error) { return s.Put(tx, region, n) })
}

// Put is Enter inside a transaction, for loaders.
func (s *Service) Put(tx *db.Tx, region string, n New) (Institution, error) {
	if err := n.check(); err != nil {
		return Institution{}, err
	}
	if n.ID == "" {
		n.ID = tx.NewID()
	}
	sealed, tail, err := s.account(region, n.Account)
	if err != nil {
		return Institution{}, err
	}
	_, err = tx.Exec(putOne, region, n.ID, n.Name, string(n.Kind), n.Grade, n.District, n.Address, n.Phone, n.Lat, n.Lng,
		day.Day(0), day.Day(0), string(Applied), "", n.AccountName, sealed, tail, "", tx.Millis())
	if err != nil {
		return Institution{}, err
	}
	return Get(tx, region, n.ID)
}

func (s *Service) account(region, plain string) (sealed, tail string, err error) {
	if plain == "" {
		return "", "", nil
	}
	if s.Keys == nil {
		return "", "", errors.New("institution: no key to seal a bank account")
	}
	return s.Keys.Seal(region, "institution.account", plain), plain[max(0, len(plain)-4):], nil
}

// Account opens the bank account for the payment file.
func (s *Service) Account(tx *db.Tx, region, id string) (string, error) {
	sealed, err := db.One(tx, db.Value[string], getAccount, region, id)
	if err != nil || sealed == "" {
		return "", none(err, "没有找到这家机构。")
	}
	return s.Keys.Open(region, "institution.account", sealed)
}

// Change is an act on an institution: one of Actions.
type Change struct {
	Action   string
	From, To day.Day // agree and renew: the agreement
	Reason   string  // suspend, end, refuse
	Version  int64
}

// Act moves an institution along the flow. Conflict: the state does not allow
// it or somebody was faster.
func (s *Service) Act(ctx context.Context, who audit.Actor, region, id string, c Change) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution." + c.Action, Object: id, Body: c},
		func(tx *db.Tx) error { return s.Apply(tx, region, id, c, "") })
}

// Apply is Act inside a transaction; decision is the id of the admission. The
// institution is told.
func (s *Service) Apply(tx *db.Tx, region, id string, c Change, decision string) error {
	i, err := Get(tx, region, id)
	if err != nil {
		return err
	}
	if err := move(tx, &i, c, decision); err != nil {
		return err
	}
	m := Message{Region: region, Institution: id, Kind: "agreement", Title: FlowName(c.Action), Say: i.Reason, Href: "/j/"}
	if c.Action == "agree" || c.Action == "renew" {
		m.Say = "协议从" + i.From.Chinese() + "起"
		if !i.To.IsZero() {
			m.Say += "，到" + i.To.Chinese()
		}
		m.Say += "。"
	}
	return Tell(tx, m)
}

// move takes an institution along the flow and changes it with that.
func move(tx *db.Tx, i *Institution, c Change, decision string) error {
	to, err := next(i.Status, c.Action)
	if err != nil {
		return err
	}
	if c.Version != 0 && c.Version != i.Version {
		return fault.New(fault.Conflict, "%s的资料刚被别人改过，请刷新后再办。", i.Name)
	}
	switch c.Action {
	case "agree", "renew":
		if c.From.IsZero() || (!c.To.IsZero() && c.To < c.From) {
			return fault.Field("from", "请写协议的起止日期，止日不能早于起日。")
		}
		i.From, i.To, i.Reason = c.From, c.To, ""
	case "resume":
		i.Reason = ""
	default:
		if strings.TrimSpace(c.Reason) == "" {
			return fault.Field("reason", "请写明原因，机构会看到。")
		}
		i.Reason = c.Reason
	}
	if decision == "" {
		decision = i.Decision
	}
	n, err := tx.Exec(setState, i.Region, i.ID, i.Version, string(to), i.From, i.To, i.Reason, decision, tx.Millis())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "%s的资料刚被别人改过，请刷新后再办。", i.Name)
	}
	return err
}

// Admit decides an application by rule institution.access and, when it holds,
// signs the agreement with the decision's id. Service points and insurers have
// no such rule. Refused: the first condition that does not hold, by its clause.
func (s *Service) Admit(ctx context.Context, who audit.Actor, region, id, key string, f AccessFacts, c Change) error {
	c.Action = "agree"
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution.admit", Object: id, Key: key, Body: []any{f, c}}, func(tx *db.Tx) error {
		i, err := Get(tx, region, id)
		if err != nil {
			return err
		}
		decision := ""
		if i.Kind == Assessment || i.Kind.Serves() {
			f.Kind = "care"
			if i.Kind == Assessment {
				f.Kind = "assessment"
			}
			v, err := s.Packs.At(region, tx.Today())
			if err != nil {
				return err
			}
			_, dec, err := AccessRule.Decide(v, f)
			if err != nil {
				return err
			}
			if decision, err = audit.DecideOne(tx, region, dec, id); err != nil {
				return err
			}
		}
		return s.Apply(tx, region, id, c, decision)
	})
}

// NewStaff is a member of staff as entered; IDNo is sealed.
type NewStaff struct {
	ID, Institution, Name string
	Role                  Role
	Qualification         string
	LicenseUntil          day.Day
	Account, Phone, IDNo  string
}

// Hire puts a member of staff on the register. Refuses a person whom another
// institution's row bans on the day.
func (s *Service) Hire(ctx context.Context, who audit.Actor, region, key string, n NewStaff) (Staff, error) {
	body := n
	body.IDNo = ""
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution.hire", Object: n.Institution, Key: key, Body: body},
		func(tx *db.Tx) (Staff, error) { return s.PutStaff(tx, region, n) })
}

// PutStaff is Hire inside a transaction, for loaders.
func (s *Service) PutStaff(tx *db.Tx, region string, n NewStaff) (Staff, error) {
	switch {
	case strings.TrimSpace(n.Name) == "":
		return Staff{}, fault.Field("name", "请写姓名，服务人员要实名。")
	case n.Role.Name() == "":
		return Staff{}, fault.Field("role", "请选岗位：护理员、护士、评估员或评估专家。")
	}
	i, err := Get(tx, region, n.Institution)
	if err != nil {
		return Staff{}, err
	}
	if (n.Role == Assessor || n.Role == Expert) != (i.Kind == Assessment) {
		return Staff{}, fault.Field("role", "%s是%s，不能登记%s：评估和护理不能由同一家机构做。", i.Name, i.Kind.Name(), n.Role.Name())
	}
	if n.ID == "" {
		n.ID = tx.NewID()
	}
	sealed, index := "", ""
	var banned day.Day
	if n.IDNo != "" {
		if s.Keys == nil {
			return Staff{}, errors.New("institution: no key to seal an id number")
		}
		sealed = s.Keys.Seal(region, "institution.idno", n.IDNo)
		index = s.Keys.Index(region, "institution.idno", n.IDNo)
		if banned, err = db.One(tx, db.Value[day.Day], bannedByID, region, index); err != nil {
			return Staff{}, err
		}
		if banned >= tx.Today() {
			return Staff{}, fault.New(fault.Refused, "%s被停止从业到%s，这之前不能登记上岗。", n.Name, banned.Chinese())
		}
	}
	_, err = tx.Exec(putStaff, region, n.ID, n.Institution, n.Name, string(n.Role), n.Qualification, n.LicenseUntil, banned,
		n.Account, n.Phone, sealed, index, tx.Millis())
	if err != nil {
		return Staff{}, err
	}
	return GetStaff(tx, region, n.ID)
}

// StaffChange changes a member of staff.
type StaffChange struct {
	Qualification       string
	LicenseUntil        day.Day
	Status              string // active, suspended, left
	BannedUntil         day.Day
	Reason              string
	Account, Phone      string
	Version             int64
	MayBan              bool `json:"-"` // only the agency bans
	Institution         string
	OnlyOwnInstitutions bool `json:"-"`
}

// ChangeStaff changes a member's papers, state or ban. An institution may not
// change another's staff, nor a ban.
func (s *Service) ChangeStaff(ctx context.Context, who audit.Actor, region, id string, c StaffChange) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution.staff", Object: id, Body: c}, func(tx *db.Tx) error {
		m, err := GetStaff(tx, region, id)
		if err != nil {
			return err
		}
		if c.OnlyOwnInstitutions && m.Institution != c.Institution {
			return fault.New(fault.NotFound, "没有找到这位工作人员。")
		}
		switch {
		case c.Status != "active" && c.Status != "suspended" && c.Status != "left":
			return fault.Field("status", "请选在岗、暂停或离岗。")
		case c.Status != "active" && strings.TrimSpace(c.Reason) == "":
			return fault.Field("reason", "请写暂停或离岗的原因。")
		}
		if !c.MayBan {
			c.BannedUntil = m.BannedUntil
		}
		n, err := tx.Exec(setStaff, region, id, c.Version, c.Qualification, c.LicenseUntil, c.Status, c.BannedUntil, c.Reason, c.Account, c.Phone, tx.Millis())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "%s的资料刚被别人改过，请刷新后再改。", m.Name)
		}
		return err
	})
}

// Link ties a new login to a member of an institution's staff, in the
// transaction that makes the login. Invalid when the person is of another
// institution or role; Conflict when the person has a login already.
func Link(tx *db.Tx, region, institution, staff, role, account string) error {
	m, err := GetStaff(tx, region, staff)
	fits := string(m.Role) == role || role == string(CareWorker) && m.Role == Nurse
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && m.Institution != institution:
		return fault.Field("person", "这家机构没有编号是 %s 的人员", staff)
	case err != nil:
		return err
	case !fits:
		return fault.Field("person", "%s登记的岗位是%s，请选对应的账号岗位", m.Name, m.Role.Name())
	}
	n, err := tx.Exec(linkStaff, region, staff, "", account, tx.Millis())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "%s已经有账号了。", m.Name)
	}
	return err
}

// Choose makes institution the one that serves person in mode from a day on;
// the one before, in the same mode, ends the day before. The person chooses
// freely (22号 §15) among institutions whose agreement holds on that day.
func Choose(tx *db.Tx, who audit.Actor, region, person, institution, mode string, from day.Day) error {
	i, err := Get(tx, region, institution)
	if err != nil {
		return err
	}
	if !i.Kind.Serves() {
		return fault.Field("institution", "%s是%s，不提供护理，请另选一家。", i.Name, i.Kind.Name())
	}
	if !i.OpenOn(from) {
		return fault.Field("institution", "%s在%s没有有效的服务协议，请另选一家。", i.Name, from.Chinese())
	}
	if _, err := tx.Exec(relDrop, region, person, mode, from-1); err != nil {
		return err
	}
	if _, err := tx.Exec(relEnd, region, person, mode, from-1); err != nil {
		return err
	}
	_, err = tx.Exec(relPut, region, person, from, institution, mode, who.ID, tx.Millis())
	return err
}

// NewToken makes a token for an institution's system. The text is shown once;
// only its SM3 is stored.
func (s *Service) NewToken(ctx context.Context, who audit.Actor, region, institution, name string, until day.Day) (string, error) {
	raw := make([]byte, 24)
	rand.Read(raw)
	text := region + "." + base64.RawURLEncoding.EncodeToString(raw)
	err := audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution.token", Object: institution, Body: name}, func(tx *db.Tx) error {
		if _, err := Get(tx, region, institution); err != nil {
			return err
		}
		_, err := tx.Exec(tokenPut, region, tokenHash(text), institution, name, until, tx.Millis())
		return err
	})
	return text, err
}

func tokenHash(text string) string {
	h := sm3.Sum([]byte(text))
	return hex.EncodeToString(h[:])
}

// CheckToken finds the institution behind a token; Forbidden when there is
// none, it is revoked or has ended.
func (s *Service) CheckToken(ctx context.Context, text string) (Token, error) {
	var t Token
	bad := fault.New(fault.Forbidden, "接口令牌不对或已停用，请向医保经办机构申请新的令牌。")
	region, _, ok := strings.Cut(text, ".")
	if !ok || len(region) != 6 {
		return t, bad
	}
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		t, err = db.One(tx, scanToken, tokenGet, region, tokenHash(text))
		if errors.Is(err, db.ErrNone) || err == nil && !t.On(tx.Today()) {
			return bad
		}
		return err
	})
	return t, err
}

// Tokens lists an institution's tokens, the newest first.
func (s *Service) Tokens(ctx context.Context, region, institution string) (ts []Token, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ts, err = db.All(tx, scanToken, tokensOf, region, institution)
		return err
	})
	return ts, err
}

// RevokeToken ends a token of the institution at once; NotFound when it has no
// such token, or it is ended already.
func (s *Service) RevokeToken(ctx context.Context, who audit.Actor, region, institution, id string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "institution.token_off", Object: institution, Body: id}, func(tx *db.Tx) error {
		n, err := tx.Exec(tokenOff, region, institution, id)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "没有这个在用的令牌，可能已经停用了。")
		}
		return err
	})
}

// See reads an institution and its staff.
func (s *Service) See(ctx context.Context, region, id string) (i Institution, staff []Staff, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if i, err = Get(tx, region, id); err != nil {
			return err
		}
		staff, err = StaffOf(tx, region, id)
		return err
	})
	return i, staff, err
}

// Find lists institutions; an empty word takes all.
func (s *Service) Find(ctx context.Context, region string, kind Kind, status Status, district string) (out []Institution, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { out, err = List(tx, region, kind, status, district); return err })
	return out, err
}

// StaffQuery narrows the register of staff (人员库). State: "" who works,
// stopped (suspended or banned), ends (the certificate ends within 60 days or
// has ended), left.
type StaffQuery struct{ Role, Name, State string }

// Register lists staff of all institutions of a region by name, up to limit.
func (s *Service) Register(ctx context.Context, region string, q StaffQuery, limit int) (out []Staff, names map[string]string, err error) {
	names = map[string]string{}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		today := tx.Today()
		if out, err = db.All(tx, scanStaff, staffAll, region, q.Role, q.Name, q.State, today, today+60, limit); err != nil {
			return err
		}
		all, err := List(tx, region, "", "", "")
		for _, i := range all {
			names[i.ID] = i.Name
		}
		return err
	})
	return out, names, err
}

package person

import (
	"errors"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Scopes of a proxy, each with all before it.
const (
	ScopeSee = "see" // 只看
	ScopeAct = "act" // 代办
	ScopePay = "pay" // 代办并付款
)

// Ways in which the person consented.
const (
	ConsentFace = "face" // 当面
	ConsentSMS  = "sms"  // 短信
	ConsentDoor = "door" // 上门
)

// Relations are the usual relations of a proxy to the person.
var Relations = []string{"配偶", "子女", "儿媳或女婿", "父母", "孙子女", "兄弟姐妹", "其他亲属", "朋友或邻居", "社区工作人员"}

// Proxy is one authorisation (授权代办, 亲情账户): who may act for whom until when.
type Proxy struct {
	ID       string
	Proxy    string // person id of who acts
	Person   string // person id of whom it is for
	Relation string // 子女, 配偶 …
	Scope    string
	Since    day.Day
	Until    day.Day // last day
	Consent  string
	Decision string // id of the stored decision
	Created  int64  // milliseconds
	Revoked  int64  // milliseconds, 0: not
}

// On tells whether p is in force on a day.
func (p Proxy) On(d day.Day) bool { return p.Revoked == 0 && p.Since <= d && d <= p.Until }

// ScopeName is a scope in words.
func ScopeName(scope string) string {
	switch scope {
	case ScopeSee:
		return "只能看"
	case ScopeAct:
		return "可以代办"
	case ScopePay:
		return "可以代办和付款"
	}
	return ""
}

// Authorisation is what Authorise is asked for.
type Authorisation struct {
	Region   string
	Proxy    string
	Person   string
	Relation string
	Scope    string
	Until    day.Day // 0: the pack's usual time
	Consent  string
}

// Authorise lets a proxy act for a person from today. An earlier authorisation
// of the same two is replaced. It refuses one's own self (Invalid), the dead
// (Conflict), and more people than the pack allows (Refused with the clause).
func (s *Service) Authorise(tx *db.Tx, a Authorisation) (Proxy, error) {
	var none Proxy
	switch {
	case a.Proxy == a.Person:
		return none, fault.Field("proxy", "代办人和本人是同一个人，不用授权")
	case ScopeName(a.Scope) == "":
		return none, fault.Field("scope", "请选代办人可以做什么：只看、代办，还是代办并付款")
	case a.Consent != ConsentFace && a.Consent != ConsentSMS && a.Consent != ConsentDoor:
		return none, fault.Field("consent", "请选本人是怎样同意的：当面、短信，还是上门")
	case a.Relation == "" || len([]rune(a.Relation)) > 10:
		return none, fault.Field("relation", "请填代办人和本人的关系，例如子女、配偶")
	}
	both, err := s.GetMany(tx, a.Region, []string{a.Proxy, a.Person})
	if err != nil {
		return none, err
	}
	for _, id := range []string{a.Proxy, a.Person} {
		p, ok := both[id]
		if !ok {
			return none, errNone()
		}
		if p.Deceased != 0 {
			return none, fault.New(fault.Conflict, "%s 已登记去世，不能再授权代办。登记有误请到窗口更正。", p.Name)
		}
	}
	today := tx.Today()
	wards, err := db.One(tx, db.Value[int64], countWards, a.Region, a.Proxy, a.Person, today)
	if err != nil {
		return none, err
	}
	v, err := s.Packs.At(a.Region, today)
	if err != nil {
		return none, err
	}
	out, decision, err := ProxyRule.Decide(v, ProxyIn{Wards: wards, Until: a.Until})
	if err != nil {
		return none, err
	}
	p := Proxy{ID: tx.NewID(), Proxy: a.Proxy, Person: a.Person, Relation: a.Relation, Scope: a.Scope,
		Since: today, Until: out.Until, Consent: a.Consent, Created: tx.Millis()}
	if p.Decision, err = audit.DecideOne(tx, a.Region, decision, p.ID); err != nil {
		return none, err
	}
	if _, err := tx.Exec(endProxies, a.Region, a.Proxy, a.Person, tx.Millis()); err != nil {
		return none, err
	}
	_, err = tx.Exec(putProxy, a.Region, p.ID, p.Proxy, p.Person, p.Relation, p.Scope, p.Since, p.Until, p.Consent, p.Decision, p.Created)
	return p, err
}

// Revoke ends an authorisation at once; one that has ended is left as it is.
// by is the person who asks: both the person and the proxy may; an empty by is
// a clerk, who stands behind a permission.
func (s *Service) Revoke(tx *db.Tx, region, id, by string) (Proxy, error) {
	p, err := db.One(tx, scanProxy, getProxy, region, id)
	if errors.Is(err, db.ErrNone) || err == nil && by != "" && by != p.Person && by != p.Proxy {
		return Proxy{}, fault.New(fault.NotFound, "没有找到这一条授权。")
	}
	if err != nil || p.Revoked != 0 {
		return p, err
	}
	p.Revoked = tx.Millis()
	_, err = tx.Exec(revokeProxy, region, id, p.Revoked)
	return p, err
}

// ProxyScope is what proxy may do for person on a day, and until when; "" is nothing.
func (s *Service) ProxyScope(tx *db.Tx, region, proxy, person string, on day.Day) (scope string, until day.Day, err error) {
	rows, err := db.All(tx, scanScope, scopeProxy, region, proxy, person, on)
	rank := map[string]int{ScopeSee: 1, ScopeAct: 2, ScopePay: 3}
	for _, r := range rows {
		if rank[r.scope] > rank[scope] {
			scope, until = r.scope, r.until
		}
	}
	return scope, until, err
}

// ProxiesOf are all authorisations that a person gave, the newest first.
func (s *Service) ProxiesOf(tx *db.Tx, region, person string) ([]Proxy, error) {
	return db.All(tx, scanProxy, proxiesOf, region, person)
}

// ProxiesBy are all authorisations that a person holds, the newest first.
func (s *Service) ProxiesBy(tx *db.Tx, region, proxy string) ([]Proxy, error) {
	return db.All(tx, scanProxy, proxiesBy, region, proxy)
}

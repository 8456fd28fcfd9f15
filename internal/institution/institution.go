package institution

import (
	"yinling/internal/day"
)

// Kind is the kind of an institution (机构类别).
type Kind string

// The kinds.
const (
	Medical    Kind = "medical"
	Care       Kind = "care"
	Assessment Kind = "assessment"
	ElderHome  Kind = "elder_home"
	Point      Kind = "point"
	Insurer    Kind = "insurer"
)

// Kinds lists the kinds in the order in which screens show them.
var Kinds = []Kind{Care, ElderHome, Medical, Assessment, Point, Insurer}

var kindNames = map[Kind]string{Medical: "医疗机构", Care: "护理机构", Assessment: "评估机构",
	ElderHome: "养老机构", Point: "便民服务站点", Insurer: "商保承办机构"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Serves tells whether institutions of this kind give care. Those that assess
// may not (医保发〔2023〕29号 第九条).
func (k Kind) Serves() bool { return k == Care || k == ElderHome || k == Medical }

// Status of an institution.
type Status string

// The states, see the diagram of the package.
const (
	Applied   Status = "applied"
	Active    Status = "active"
	Suspended Status = "suspended"
	Ended     Status = "ended"
)

var statusNames = map[Status]string{Applied: "申请中", Active: "协议有效", Suspended: "已暂停", Ended: "已终止"}

// Name is the status in Chinese.
func (s Status) Name() string { return statusNames[s] }

// Institution is a designated institution.
type Institution struct {
	Region, ID, Name         string
	Kind                     Kind
	Grade                    string // 一级 …, empty where kinds have none
	District, Address, Phone string
	Lat, Lng                 int64   // 1e-6 degree, WGS84
	From, To                 day.Day // agreement
	Status                   Status
	Reason                   string
	AccountName, AccountTail string // where its money goes; the number itself is sealed
	Decision                 string // admission
	Version                  int64
}

// OpenOn tells whether the institution may serve on d.
func (i Institution) OpenOn(d day.Day) bool {
	return i.Status == Active && i.From <= d && (i.To.IsZero() || d <= i.To)
}

// Role is what a member of staff does.
type Role string

// The roles of staff.
const (
	CareWorker Role = "care_worker"
	Nurse      Role = "nurse"
	Assessor   Role = "assessor"
	Expert     Role = "expert"
)

// Roles lists the roles of staff.
var Roles = []Role{CareWorker, Nurse, Assessor, Expert}

var roleNames = map[Role]string{CareWorker: "护理员", Nurse: "护士", Assessor: "评估员", Expert: "评估专家"}

// Name is the role in Chinese.
func (r Role) Name() string { return roleNames[r] }

// Staff is a member of staff, under the real name (21号 §19).
type Staff struct {
	Region, ID, Institution, Name string
	Role                          Role
	Qualification                 string
	LicenseUntil                  day.Day // zero: no end
	Status                        string  // active, suspended, left
	BannedUntil                   day.Day // zero: not banned
	Reason                        string
	Account, Phone                string
	Version                       int64
}

// FitOn tells whether the member may work on d, and if not why.
func (s Staff) FitOn(d day.Day) (bool, string) {
	switch {
	case s.Status == "left":
		return false, s.Name + "已经离岗"
	case s.Status == "suspended":
		return false, s.Name + "已被机构暂停上岗"
	case !s.BannedUntil.IsZero() && d <= s.BannedUntil:
		return false, s.Name + "被停止从业到" + s.BannedUntil.Chinese()
	case !s.LicenseUntil.IsZero() && d > s.LicenseUntil:
		return false, s.Name + "的证书" + s.LicenseUntil.Chinese() + "到期"
	}
	return true, ""
}

// Relation says which institution serves a person, from when to when.
type Relation struct {
	Region, Person, Institution, Mode string
	From, To                          day.Day
	ChosenBy                          string
}

// Token is the key of an institution's own system to the JSON interface.
type Token struct {
	Region, Institution, Name string
	ID                        string // of its SM3; the text itself is nowhere
	Until                     day.Day
	Revoked                   bool
	At                        int64
}

// On tells whether the token opens the interface on a day.
func (t Token) On(d day.Day) bool { return !t.Revoked && (t.Until.IsZero() || d <= t.Until) }

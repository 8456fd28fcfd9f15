// Package access holds accounts, roles and sessions (账号与权限): who may do
// what, in which region and institution. A route names one Can; a role is a
// list of them; everything not listed is refused.
//
// Words: Can a permission, Role a named set of permissions, Account a login,
// Session a logged-in browser. Staff log in by password (argon2id) and a
// time-based code (TOTP); citizens by a code sent to their phone.
package access

import "slices"

// Can is a permission. Routes take one as an argument, so a route without a
// permission does not compile.
type Can string

// Open permissions: Public needs no login, Anyone needs some login.
const (
	Public Can = "public"
	Anyone Can = "anyone"
)

// Citizens (the person, or a proxy within the scope that the person gave).
const (
	Citizen Can = "citizen" // own matters: apply, see, confirm, pay
)

// Agency desk.
const (
	DeskSee        Can = "desk.see"        // worklists and cases
	DeskEnter      Can = "desk.enter"      // enter an application at the window
	PointAct       Can = "point.act"       // bring matters at a service point
	MatterAct      Can = "desk.act"        // decide a step of a matter
	AssessAccept   Can = "assess.accept"   // accept, ask for supplements, refuse
	AssessDraw     Can = "assess.draw"     // draw assessors and experts
	AssessNotice   Can = "assess.notice"   // publish notices, deliver results
	AssessRecord   Can = "assess.record"   // score at home
	AssessConclude Can = "assess.conclude" // an expert's conclusion
	PlanApprove    Can = "care.approve"    // approve care plans
	ExceptionJudge Can = "care.judge"      // decide visit exceptions
	PersonSee      Can = "person.see"
	RosterImport   Can = "person.import"
	ShareSee       Can = "share.see"    // what other departments' registers say, the watch list
	ShareImport    Can = "share.import" // take registers in, decide doubtful rows
	ShareFollow    Can = "share.follow" // assign and record contacts, enter other assessments
	InstitutionSee Can = "institution.see"
	InstitutionAct Can = "institution.act" // agreements, bans, tokens
	// Decide on a measure that another hand has announced to an institution.
	InstitutionJudge Can = "institution.judge"
	ReportSee        Can = "report.see"
	PackSee          Can = "policy.see"
	HallWork         Can = "hall.work"   // windows, guide, facilities, emergencies
	HallManage       Can = "hall.manage" // places, windows, the manager's board, the plan
	WhySee           Can = "policy.why"  // explanations of decisions one may see
	MeasureSee       Can = "measure.see"
	MeasureWrite     Can = "measure.write"   // plan, report, write the measures for the superior
	MeasureApprove   Can = "measure.approve" // record the head's approval; never one's own text
	VoiceSee         Can = "outreach.see"    // complaints, ratings, follow-up, publications
	VoiceAct         Can = "outreach.act"    // accept and answer them, call, write, enter
	VoiceLead        Can = "outreach.lead"   // supervise: take over what is late, publish
)

// Money.
const (
	ClaimReview  Can = "claim.review"  // first and second review of a month
	ClaimSign    Can = "claim.sign"    // sign off, payment file, bank returns
	ClaimReverse Can = "claim.reverse" // reverse a settlement
	FundSee      Can = "fund.see"
	FundPost     Can = "fund.post" // contributions, recoveries, deposits
	FundClose    Can = "fund.close"
)

// Institutions and care workers.
const (
	InstSee    Can = "inst.see"    // own people, plans, visits
	InstPlan   Can = "inst.plan"   // write care plans
	InstClaim  Can = "inst.claim"  // submit the month
	InstApply  Can = "inst.apply"  // apply for a resident
	VisitDo    Can = "care.visit"  // check in, work, check out
	DoorGo     Can = "door.go"     // own visits at doors: leave, arrive, result
	InstAnswer Can = "inst.answer" // answer exceptions
)

// Administration, kept in three hands (三员分立): no role holds two of these, and
// an account has one role.
const (
	AdminSystem Can = "admin.system" // 系统管理员: jobs, settings, the doctor's findings
	AdminAccess Can = "admin.access" // 安全管理员: accounts, resets
	AuditSee    Can = "audit.see"    // 审计管理员: the record and its verification
)

// Role is a named set of permissions.
type Role struct {
	ID, Name string
	Home     string // where the role lands after login
	TOTP     bool   // staff roles need the second factor
	Shift    bool   // works away from the desk: idle until the session's end, not for 30 minutes
	Can      []Can
}

// Roles lists every role of the program.
var Roles = []Role{
	{ID: "citizen", Name: "群众", Home: "/", Can: []Can{Citizen, WhySee}},
	{ID: "clerk", Name: "经办岗", Home: "/o/", TOTP: true, Can: []Can{ShareSee, ShareImport, ShareFollow, MeasureSee, MeasureWrite, VoiceSee, VoiceAct, DeskSee, DeskEnter, MatterAct, AssessAccept, AssessDraw, AssessNotice, PersonSee, RosterImport, InstitutionSee, InstitutionAct, InstitutionJudge, ReportSee, PackSee, WhySee, PlanApprove, ExceptionJudge, HallWork, HallManage}},
	{ID: "insurer", Name: "商保经办岗", Home: "/o/", TOTP: true, Can: []Can{ShareSee, ShareFollow, VoiceSee, VoiceAct, DeskSee, DeskEnter, MatterAct, AssessAccept, AssessDraw, PersonSee, InstitutionSee, PackSee, WhySee, PlanApprove, HallWork}},
	{ID: "reviewer", Name: "复核岗", Home: "/o/", TOTP: true, Can: []Can{ShareSee, MeasureSee, MeasureApprove, VoiceSee, VoiceAct, VoiceLead, DeskSee, MatterAct, PersonSee, InstitutionSee, InstitutionJudge, ClaimReview, ClaimReverse, ExceptionJudge, FundSee, ReportSee, PackSee, WhySee}},
	{ID: "treasurer", Name: "基金财务岗", Home: "/o/", TOTP: true, Can: []Can{ClaimSign, FundSee, FundPost, FundClose, ReportSee, InstitutionSee, PackSee, WhySee}},
	{ID: "assessor", Name: "评估员", Home: "/v/assess", TOTP: true, Shift: true, Can: []Can{AssessRecord, PackSee, WhySee}},
	{ID: "expert", Name: "评估专家", Home: "/v/assess", TOTP: true, Shift: true, Can: []Can{AssessRecord, AssessConclude, PackSee, WhySee}},
	{ID: "institution", Name: "定点机构", Home: "/j/", TOTP: true, Can: []Can{InstSee, InstPlan, InstClaim, InstApply, InstAnswer, PackSee, WhySee}},
	{ID: "point", Name: "服务站点", Home: "/o/point", TOTP: true, Can: []Can{PointAct, PackSee, WhySee}},
	{ID: "helper", Name: "帮办员", Home: "/v/door", TOTP: true, Shift: true, Can: []Can{DoorGo}},
	{ID: "care_worker", Name: "护理员", Home: "/v/", TOTP: true, Shift: true, Can: []Can{VisitDo, InstAnswer, WhySee}},
	{ID: "auditor", Name: "审计管理员", Home: "/o/", TOTP: true, Can: []Can{ShareSee, MeasureSee, VoiceSee, AuditSee, DeskSee, FundSee, PersonSee, InstitutionSee, ReportSee, PackSee, WhySee}},
	{ID: "admin", Name: "系统管理员", Home: "/o/", TOTP: true, Can: []Can{AdminSystem, PackSee}},
	{ID: "security", Name: "安全管理员", Home: "/o/", TOTP: true, Can: []Can{AdminAccess, PackSee}},
}

// RoleOf finds a role by id; the zero Role may do nothing.
func RoleOf(id string) Role {
	for _, r := range Roles {
		if r.ID == id {
			return r
		}
	}
	return Role{}
}

// Allows tells whether the role has the permission.
func (r Role) Allows(c Can) bool {
	return c == Public || (r.ID != "" && (c == Anyone || slices.Contains(r.Can, c)))
}

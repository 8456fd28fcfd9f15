package assess

import (
	"slices"

	"yinling/internal/fault"
)

// State is where an application stands.
type State string

// The states, see the diagram of the package.
const (
	None       State = ""
	Applied    State = "applied"
	Supplement State = "supplement"
	Accepted   State = "accepted"
	Drawn      State = "drawn"
	Recorded   State = "recorded"
	Concluded  State = "concluded"
	OnNotice   State = "notice"
	Effective  State = "effective"
	Below      State = "below"
	Disputed   State = "disputed"
	Redrawn    State = "redrawn"
	Rerecorded State = "rerecorded"
	Final      State = "final"
	Refused    State = "refused"
	Withdrawn  State = "withdrawn"
	Expired    State = "expired"
)

// States in the order of the road.
var States = []State{None, Applied, Supplement, Accepted, Drawn, Recorded, Concluded, OnNotice, Effective, Below,
	Disputed, Redrawn, Rerecorded, Final, Refused, Withdrawn, Expired}

var stateNames = map[State]string{None: "未申请", Applied: "待受理", Supplement: "等补材料", Accepted: "待派评估", Drawn: "待上门",
	Recorded: "待专家结论", Concluded: "待公示送达", OnNotice: "公示中", Effective: "已生效", Below: "未达到待遇等级",
	Disputed: "有异议，待复评", Redrawn: "复评待上门", Rerecorded: "复评待结论", Final: "复评已定", Refused: "不予受理",
	Withdrawn: "已撤回", Expired: "已到期"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Action is what somebody does to an application.
type Action string

// The actions.
const (
	ActApply      Action = "apply"
	ActAccept     Action = "accept"
	ActSupplement Action = "supplement"
	ActSupply     Action = "supply"
	ActLapse      Action = "lapse"
	ActRefuse     Action = "refuse"
	ActWithdraw   Action = "withdraw"
	ActDraw       Action = "draw"
	ActReplace    Action = "replace"
	ActAppoint    Action = "appoint"
	ActScore      Action = "score"
	ActRecord     Action = "record"
	ActConclude   Action = "conclude"
	ActPublish    Action = "publish"
	ActDeliver    Action = "deliver"
	ActObject     Action = "object"
	ActEffect     Action = "effect"
	ActExpire     Action = "expire"
)

var actionNames = map[Action]string{ActApply: "申请", ActAccept: "受理", ActSupplement: "要求补材料", ActSupply: "补交材料",
	ActLapse: "到期没有补交", ActRefuse: "不予受理", ActWithdraw: "撤回", ActDraw: "抽派", ActReplace: "换人", ActAppoint: "约时间",
	ActScore: "记分", ActRecord: "签字", ActConclude: "出结论", ActPublish: "公示", ActDeliver: "送达", ActObject: "提异议",
	ActEffect: "生效", ActExpire: "到期"}

// Name is the action in Chinese.
func (a Action) Name() string { return actionNames[a] }

// Roles as package access names them; desk are the roles that handle cases.
const (
	roleCitizen     = "citizen"
	roleClerk       = "clerk"
	roleInsurer     = "insurer"
	roleInstitution = "institution"
	roleAssessor    = "assessor"
	roleExpert      = "expert"
	roleSystem      = "system"
)

var (
	applicants = []string{roleCitizen, roleClerk, roleInsurer, roleInstitution}
	handlers   = []string{roleClerk, roleInsurer}
	onSite     = []string{roleAssessor, roleExpert}
)

// Arrow is one line of the transition table.
type Arrow struct {
	From State
	Act  Action
	To   State
	Who  []string
}

// Flow is the transition table: what is not in it is refused.
var Flow = []Arrow{
	{None, ActApply, Applied, applicants},
	{Applied, ActAccept, Accepted, handlers},
	{Applied, ActSupplement, Supplement, handlers},
	{Applied, ActRefuse, Refused, handlers},
	{Applied, ActWithdraw, Withdrawn, applicants},
	{Supplement, ActSupply, Applied, applicants},
	{Supplement, ActLapse, Withdrawn, []string{roleSystem}},
	{Supplement, ActRefuse, Refused, handlers},
	{Supplement, ActWithdraw, Withdrawn, applicants},
	{Accepted, ActDraw, Drawn, handlers},
	{Accepted, ActWithdraw, Withdrawn, applicants},
	{Drawn, ActReplace, Drawn, handlers},
	{Drawn, ActAppoint, Drawn, append([]string{roleClerk, roleInsurer}, onSite...)},
	{Drawn, ActScore, Drawn, onSite},
	{Drawn, ActRecord, Recorded, onSite}, // with the last signature; until then it stays
	{Drawn, ActWithdraw, Withdrawn, applicants},
	{Recorded, ActReplace, Recorded, handlers},
	{Recorded, ActConclude, Concluded, []string{roleExpert}}, // with the deciding opinion; until then it stays
	{Concluded, ActPublish, OnNotice, []string{roleClerk}},
	{Concluded, ActDeliver, Below, []string{roleClerk}},
	{OnNotice, ActObject, Disputed, applicants},
	{OnNotice, ActEffect, Effective, []string{roleClerk, roleSystem}},
	{Effective, ActObject, Disputed, applicants},
	{Effective, ActExpire, Expired, []string{roleSystem}},
	{Below, ActObject, Disputed, applicants},
	{Disputed, ActDraw, Redrawn, handlers},
	{Redrawn, ActReplace, Redrawn, handlers},
	{Redrawn, ActAppoint, Redrawn, append([]string{roleClerk, roleInsurer}, onSite...)},
	{Redrawn, ActScore, Redrawn, onSite},
	{Redrawn, ActRecord, Rerecorded, onSite},
	{Rerecorded, ActReplace, Rerecorded, handlers},
	{Rerecorded, ActConclude, Final, []string{roleExpert}},
	{Final, ActEffect, Effective, []string{roleClerk}},
	{Final, ActDeliver, Below, []string{roleClerk}},
}

// next finds the arrow, or says what the state allows: Conflict for a step out
// of order, Forbidden for a role that may not take it.
func next(from State, act Action, role string) (Arrow, error) {
	for _, a := range Flow {
		if a.From == from && a.Act == act {
			if !slices.Contains(a.Who, role) {
				return a, fault.New(fault.Forbidden, "您的岗位不能办「%s」这一步，请交给有权限的人办。", act.Name())
			}
			return a, nil
		}
	}
	return Arrow{}, fault.New(fault.Conflict, "这件现在是「%s」，不能办「%s」。请回到办件页看现在该办哪一步。", from.Name(), act.Name())
}

// Allowed lists the actions that a role may take in a state, for pages.
func Allowed(from State, role string) []Action {
	var out []Action
	for _, a := range Flow {
		if a.From == from && slices.Contains(a.Who, role) {
			out = append(out, a.Act)
		}
	}
	return out
}

// Stage is the tab of the worklist in which a state stands.
type Stage struct {
	Key, Name string
	States    []State
}

// Stages of the worklist; the keys are desk stages.
var Stages = []Stage{
	{"accept", "待受理", []State{Applied}},
	{"supplement", "等补材料", []State{Supplement}},
	{"draw", "待派评估", []State{Accepted, Disputed}},
	{"visit", "评估中", []State{Drawn, Redrawn}},
	{"conclude", "待结论", []State{Recorded, Rerecorded}},
	{"publish", "待公示送达", []State{Concluded, Final}},
	{"notice", "公示中", []State{OnNotice}},
	{"done", "已办结", []State{Effective, Below, Refused, Withdrawn, Expired}},
}

// StageOf is the stage of a state.
func StageOf(s State) string {
	for _, st := range Stages {
		if slices.Contains(st.States, s) {
			return st.Key
		}
	}
	return ""
}

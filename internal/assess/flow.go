package assess

import (
	"slices"

	"yinling/internal/fault"
)

// State is where an application stands.
type State string

// The states, see the diagram of the package.
const (
	StateNone       State = ""
	StateApplied    State = "applied"
	StateSupplement State = "supplement"
	StateAccepted   State = "accepted"
	StateDrawn      State = "drawn"
	StateRecorded   State = "recorded"
	StateConcluded  State = "concluded"
	StateOnNotice   State = "notice"
	StateEffective  State = "effective"
	StateBelow      State = "below"
	StateDisputed   State = "disputed"
	StateRedrawn    State = "redrawn"
	StateRerecorded State = "rerecorded"
	StateFinal      State = "final"
	StateRefused    State = "refused"
	StateWithdrawn  State = "withdrawn"
	StateExpired    State = "expired"
)

// States in the order of the road.
var States = []State{StateNone, StateApplied, StateSupplement, StateAccepted, StateDrawn, StateRecorded, StateConcluded, StateOnNotice, StateEffective, StateBelow,
	StateDisputed, StateRedrawn, StateRerecorded, StateFinal, StateRefused, StateWithdrawn, StateExpired}

var stateNames = map[State]string{StateNone: "未申请", StateApplied: "待受理", StateSupplement: "等补材料", StateAccepted: "待派评估", StateDrawn: "待上门",
	StateRecorded: "待专家结论", StateConcluded: "待公示送达", StateOnNotice: "公示中", StateEffective: "已生效", StateBelow: "未达到待遇等级",
	StateDisputed: "有异议，待复评", StateRedrawn: "复评待上门", StateRerecorded: "复评待结论", StateFinal: "复评已定", StateRefused: "不予受理",
	StateWithdrawn: "已撤回", StateExpired: "已到期"}

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
	ActUndo       Action = "undo"
)

var actionNames = map[Action]string{ActApply: "申请", ActAccept: "受理", ActSupplement: "要求补材料", ActSupply: "补交材料",
	ActLapse: "到期没有补交", ActRefuse: "不予受理", ActWithdraw: "撤回", ActDraw: "抽派", ActReplace: "换人", ActAppoint: "约时间",
	ActScore: "记分", ActRecord: "签字", ActConclude: "出结论", ActPublish: "公示", ActDeliver: "送达", ActObject: "提异议",
	ActEffect: "生效", ActExpire: "到期", ActUndo: "撤回决定"}

// Name is the action in Chinese.
func (a Action) Name() string { return actionNames[a] }

// Roles as package access names them; desk are the roles that handle cases.
const (
	roleCitizen     = "citizen"
	roleClerk       = "clerk"
	roleInsurer     = "insurer"
	roleInstitution = "institution"
	rolePoint       = "point"
	roleAssessor    = "assessor"
	roleExpert      = "expert"
	roleSystem      = "system"
)

var (
	applicants = []string{roleCitizen, roleClerk, roleInsurer, roleInstitution, rolePoint}
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
	{StateNone, ActApply, StateApplied, applicants},
	{StateApplied, ActAccept, StateAccepted, handlers},
	{StateApplied, ActSupplement, StateSupplement, handlers},
	{StateApplied, ActRefuse, StateRefused, handlers},
	{StateApplied, ActWithdraw, StateWithdrawn, applicants},
	{StateAccepted, ActUndo, StateApplied, handlers}, // a decision of the desk, within ten minutes
	{StateSupplement, ActUndo, StateApplied, handlers},
	{StateRefused, ActUndo, StateApplied, handlers},
	{StateSupplement, ActSupply, StateApplied, applicants},
	{StateSupplement, ActLapse, StateWithdrawn, []string{roleSystem}},
	{StateSupplement, ActRefuse, StateRefused, handlers},
	{StateSupplement, ActWithdraw, StateWithdrawn, applicants},
	{StateAccepted, ActDraw, StateDrawn, handlers},
	{StateAccepted, ActWithdraw, StateWithdrawn, applicants},
	{StateDrawn, ActReplace, StateDrawn, handlers},
	{StateDrawn, ActAppoint, StateDrawn, append([]string{roleClerk, roleInsurer}, onSite...)},
	{StateDrawn, ActScore, StateDrawn, onSite},
	{StateDrawn, ActRecord, StateRecorded, onSite}, // with the last signature; until then it stays
	{StateDrawn, ActWithdraw, StateWithdrawn, applicants},
	{StateRecorded, ActReplace, StateRecorded, handlers},
	{StateRecorded, ActConclude, StateConcluded, []string{roleExpert}}, // with the deciding opinion; until then it stays
	{StateConcluded, ActPublish, StateOnNotice, []string{roleClerk}},
	{StateConcluded, ActDeliver, StateBelow, []string{roleClerk}},
	{StateOnNotice, ActObject, StateDisputed, applicants},
	{StateOnNotice, ActEffect, StateEffective, []string{roleClerk, roleSystem}},
	{StateEffective, ActObject, StateDisputed, applicants},
	{StateEffective, ActExpire, StateExpired, []string{roleSystem}},
	{StateBelow, ActObject, StateDisputed, applicants},
	{StateDisputed, ActDraw, StateRedrawn, handlers},
	{StateRedrawn, ActReplace, StateRedrawn, handlers},
	{StateRedrawn, ActAppoint, StateRedrawn, append([]string{roleClerk, roleInsurer}, onSite...)},
	{StateRedrawn, ActScore, StateRedrawn, onSite},
	{StateRedrawn, ActRecord, StateRerecorded, onSite},
	{StateRerecorded, ActReplace, StateRerecorded, handlers},
	{StateRerecorded, ActConclude, StateFinal, []string{roleExpert}},
	{StateFinal, ActEffect, StateEffective, []string{roleClerk}},
	{StateFinal, ActDeliver, StateBelow, []string{roleClerk}},
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
	{"accept", "待受理", []State{StateApplied}},
	{"supplement", "等补材料", []State{StateSupplement}},
	{"draw", "待派评估", []State{StateAccepted, StateDisputed}},
	{"visit", "评估中", []State{StateDrawn, StateRedrawn}},
	{"conclude", "待结论", []State{StateRecorded, StateRerecorded}},
	{"publish", "待公示送达", []State{StateConcluded, StateFinal}},
	{"notice", "公示中", []State{StateOnNotice}},
	{"done", "已办结", []State{StateEffective, StateBelow, StateRefused, StateWithdrawn, StateExpired}},
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

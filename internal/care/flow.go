package care

import "yinling/internal/fault"

// PlanStep, VisitStep and ExceptionStep are allowed transitions; what the
// tables do not list is refused (T-21).
type (
	PlanStep struct {
		From   PlanStatus
		Action string
		To     []PlanStatus // one of these
	}
	VisitStep struct {
		From   VisitStatus
		Action string
		To     []VisitStatus
	}
	ExceptionStep struct {
		From   ExceptionStatus
		Action string
		To     ExceptionStatus
	}
)

// PlanFlow is the life of a plan.
var PlanFlow = []PlanStep{
	{Draft, "save", []PlanStatus{Draft}},
	{Returned, "save", []PlanStatus{Draft}},
	{Declined, "save", []PlanStatus{Draft}},
	{Draft, "offer", []PlanStatus{Offered}},
	{Offered, "recall", []PlanStatus{Draft}},
	{Offered, "confirm", []PlanStatus{Confirmed, Active}},
	{Offered, "decline", []PlanStatus{Declined}},
	{Confirmed, "approve", []PlanStatus{Active}},
	{Confirmed, "return", []PlanStatus{Returned}},
	{Confirmed, "undo", []PlanStatus{Offered}}, // within ten minutes
	{Active, "undo", []PlanStatus{Offered}},
	{Draft, "end", []PlanStatus{Ended}},
	{Returned, "end", []PlanStatus{Ended}},
	{Declined, "end", []PlanStatus{Ended}},
	{Active, "end", []PlanStatus{Ended}},
}

// PlanActions lists the actions on plans with their names on buttons.
var PlanActions = []struct{ ID, Say string }{
	{"save", "修改计划"}, {"offer", "交本人确认"}, {"recall", "收回修改"}, {"confirm", "确认计划"},
	{"decline", "不同意"}, {"undo", "撤回确认"}, {"approve", "审批通过"}, {"return", "退回修改"}, {"end", "停止计划"},
}

// VisitFlow is the life of a visit on the online pages. Events from a queue
// recorded offline are never refused for the order in which they arrive.
var VisitFlow = []VisitStep{
	{Planned, "checkin", []VisitStatus{Started}},
	{Planned, "trouble", []VisitStatus{Trouble}},
	{Started, "items", []VisitStatus{Started}},
	{Started, "evidence", []VisitStatus{Started}},
	{Started, "checkout", []VisitStatus{Done}},
	{Started, "trouble", []VisitStatus{Trouble}},
	{Done, "evidence", []VisitStatus{Done}},
	{Done, "confirm", []VisitStatus{Done}},
}

// VisitActions lists the actions on visits.
var VisitActions = []struct{ ID, Say string }{
	{"checkin", "到达打卡"}, {"items", "记服务项目"}, {"evidence", "留证"}, {"checkout", "签退"},
	{"confirm", "家属确认"}, {"trouble", "报告有情况"},
}

// ExceptionFlow is the life of an exception.
var ExceptionFlow = []ExceptionStep{
	{Open, "answer", Answered},
	{Answered, "answer", Answered},
	{Open, "accept", Accepted},
	{Open, "deduct", Deducted},
	{Open, "void", Voided},
	{Answered, "accept", Accepted},
	{Answered, "deduct", Deducted},
	{Answered, "void", Voided},
}

// ExceptionActions lists the actions on exceptions.
var ExceptionActions = []struct{ ID, Say string }{
	{"answer", "说明情况"}, {"accept", "认定属实"}, {"deduct", "扣减"}, {"void", "不予认定"},
}

func say(list []struct{ ID, Say string }, id string) string {
	for _, a := range list {
		if a.ID == id {
			return a.Say
		}
	}
	return id
}

func planMay(from PlanStatus, action string) error {
	for _, s := range PlanFlow {
		if s.From == from && s.Action == action {
			return nil
		}
	}
	return fault.New(fault.Conflict, "这份计划现在是“%s”，不能“%s”。请刷新页面看最新状态。", from.Name(), say(PlanActions, action))
}

func visitMay(from VisitStatus, action string) error {
	for _, s := range VisitFlow {
		if s.From == from && s.Action == action {
			return nil
		}
	}
	return fault.New(fault.Conflict, "这次上门现在是“%s”，不能“%s”。请刷新页面看最新状态。", from.Name(), say(VisitActions, action))
}

func exceptionTo(from ExceptionStatus, action string) (ExceptionStatus, error) {
	for _, s := range ExceptionFlow {
		if s.From == from && s.Action == action {
			return s.To, nil
		}
	}
	return from, fault.New(fault.Conflict, "这个疑点现在是“%s”，不能再“%s”。请刷新页面看最新状态。", from.Name(), say(ExceptionActions, action))
}

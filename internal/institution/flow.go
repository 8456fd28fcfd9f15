package institution

import "yinling/internal/fault"

// Step is one allowed transition.
type Step struct {
	From   Status
	Action string
	To     Status
	Say    string
}

// Flow is every allowed transition of an institution; what is not here is
// refused.
var Flow = []Step{
	{Applied, "agree", Active, "签订协议"},
	{Applied, "refuse", Ended, "不予定点"},
	{Active, "suspend", Suspended, "暂停服务"},
	{Suspended, "resume", Active, "恢复服务"},
	{Active, "renew", Active, "续签协议"},
	{Active, "end", Ended, "终止协议"},
	{Suspended, "end", Ended, "终止协议"},
}

// Actions lists the actions of the flow.
var Actions = []string{"agree", "refuse", "suspend", "resume", "renew", "end"}

// FlowName is an action of the flow in Chinese.
func FlowName(action string) string {
	for _, s := range Flow {
		if s.Action == action {
			return s.Say
		}
	}
	return action
}

func next(from Status, action string) (Status, error) {
	for _, s := range Flow {
		if s.From == from && s.Action == action {
			return s.To, nil
		}
	}
	return from, fault.New(fault.Conflict, "这家机构现在是“%s”，不能办“%s”。请刷新页面看最新状态。", from.Name(), FlowName(action))
}

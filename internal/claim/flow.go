package claim

import "yinling/internal/fault"

// Status is where a bill stands.
type Status string

// The states of a bill.
const (
	Quoted    Status = "quoted"
	Confirmed Status = "confirmed"
	Disputed  Status = "disputed"
	Settled   Status = "settled"
	Reversing Status = "reversing"
	Reversed  Status = "reversed"
	Void      Status = "void"
	Withdrawn Status = "withdrawn" // who confirmed the record has taken that back
)

var statusNames = map[Status]string{Quoted: "等您确认", Confirmed: "已确认，等结算", Disputed: "有问题，等经办处理",
	Settled: "已结算", Reversing: "申请冲正，等复核", Reversed: "已冲正", Void: "不结算", Withdrawn: "确认收回了"}

// Name is the status in Chinese.
func (s Status) Name() string { return statusNames[s] }

// step is one line of a transition table: who may do what from where to where.
// Who is a word for people; access is checked by the route and the service.
type step struct {
	from, action, to, who string
}

// billFlow is every allowed step of a bill; whatever is not here is refused.
var billFlow = []step{
	{"", "quote", "quoted", "system"},
	{"quoted", "quote", "quoted", "system"},
	{"confirmed", "quote", "quoted", "system"},
	{"reversed", "quote", "quoted", "system"},
	{"quoted", "confirm", "confirmed", "person"},
	{"quoted", "dispute", "disputed", "person"},
	{"confirmed", "dispute", "disputed", "person"},
	{"quoted", "settle", "settled", "person"},
	{"confirmed", "settle", "settled", "person"},
	{"settled", "undo", "quoted", "person"},
	{"disputed", "answer", "quoted", "office"},
	{"disputed", "void", "void", "office"},
	{"quoted", "void", "void", "office"},
	{"confirmed", "void", "void", "office"},
	{"quoted", "withdraw", "withdrawn", "system"},
	{"confirmed", "withdraw", "withdrawn", "system"},
	{"disputed", "withdraw", "withdrawn", "system"},
	{"withdrawn", "quote", "quoted", "system"},
	{"settled", "ask", "reversing", "office"},
	{"reversing", "keep", "settled", "office"},
	{"reversing", "approve", "reversed", "another"},
}

// MonthStatus is where a month claim stands.
type MonthStatus string

// The states of a month claim.
const (
	Draft     MonthStatus = "draft"
	Submitted MonthStatus = "submitted"
	Returned  MonthStatus = "returned"
	Reviewed  MonthStatus = "reviewed"
	Checked   MonthStatus = "checked"
	Signed    MonthStatus = "signed"
	Filed     MonthStatus = "filed"
	Failed    MonthStatus = "failed"
	Paid      MonthStatus = "paid"
)

// MonthStatuses lists the states in their order, for tabs.
var MonthStatuses = []MonthStatus{Draft, Submitted, Returned, Reviewed, Checked, Signed, Filed, Failed, Paid}

var monthNames = map[MonthStatus]string{Draft: "待申报", Submitted: "待初审", Returned: "已退回", Reviewed: "待复核",
	Checked: "待审签", Signed: "待拨付", Filed: "已报送银行", Failed: "银行退回", Paid: "已拨付"}

// Name is the status in Chinese.
func (s MonthStatus) Name() string { return monthNames[s] }

var monthFlow = []step{
	{"draft", "intake", "draft", "institution"},
	{"returned", "intake", "returned", "institution"},
	{"draft", "submit", "submitted", "institution"},
	{"returned", "submit", "submitted", "institution"},
	{"submitted", "deduct", "submitted", "reviewer"},
	{"submitted", "review", "reviewed", "reviewer"},
	{"submitted", "return", "returned", "reviewer"},
	{"reviewed", "deduct", "reviewed", "reviewer"},
	{"reviewed", "check", "checked", "another reviewer"},
	{"reviewed", "return", "returned", "reviewer"},
	{"checked", "sign", "signed", "treasurer"},
	{"checked", "return", "returned", "treasurer"},
	{"signed", "file", "filed", "treasurer"},
	{"failed", "file", "filed", "treasurer"},
	{"filed", "paid", "paid", "bank"},
	{"filed", "failed", "failed", "bank"},
}

func next(flow []step, from, action string) (string, bool) {
	for _, s := range flow {
		if s.from == from && s.action == action {
			return s.to, true
		}
	}
	return from, false
}

var billActions = map[string]string{"confirm": "确认", "dispute": "提出问题", "settle": "结算", "undo": "撤回", "answer": "答复",
	"void": "改为不结算", "ask": "申请冲正", "keep": "驳回冲正", "approve": "同意冲正", "quote": "重新试算"}

// move is the state after an action, or a Conflict that says where the bill stands.
func (b *Bill) move(action string) error {
	to, ok := next(billFlow, string(b.Status), action)
	if !ok {
		return fault.New(fault.Conflict, "这张账单现在是“%s”，不能%s。", b.Status.Name(), billActions[action])
	}
	b.Status = Status(to)
	return nil
}

var monthActions = map[string]string{"intake": "归集", "submit": "申报", "deduct": "扣减", "review": "初审", "check": "复核",
	"return": "退回", "sign": "审签", "file": "报送银行", "paid": "记到账", "failed": "记退回"}

func (m *Month) move(action string) error {
	to, ok := next(monthFlow, string(m.Status), action)
	if !ok {
		return fault.New(fault.Conflict, "%s的月结现在是“%s”，不能%s。", m.Month.Chinese(), m.Status.Name(), monthActions[action])
	}
	m.Status = MonthStatus(to)
	return nil
}

package assess

import (
	"yinling/internal/day"
	"yinling/internal/policy"
)

// Limits are the last days of what comes next for this application, by rule
// assess.limits from the days on which things have happened, with the
// explanation. The case's own clock shows only the limit that runs now.
func (d Detail) Limits() (Limits, policy.Explanation, error) {
	in := Dates{Received: d.Case.Opened, Delivered: d.App.DeliveredOn}
	for _, st := range d.Steps { // oldest first: the last one of a kind counts
		on := day.FromTime(st.At)
		switch Action(st.Action) {
		case ActSupplement:
			in.Asked = on
		case ActSupply:
			in.Asked, in.Received = 0, on // the limit runs anew from the day on which all was there
		case ActAccept:
			in.Asked, in.Accepted = 0, on
		case ActObject:
			in.Objected = on
		}
	}
	out, dec, err := LimitsRule.Decide(d.View, in)
	return out, dec.Explain, err
}

// Named lists the limits that are set, in their order, with what they are for.
func (l Limits) Named() []NamedLimit {
	all := []NamedLimit{{"答复是否受理", l.Accept}, {"补齐材料", l.Supplement}, {"上门评估", l.Onsite}, {"送达结论", l.Deliver}, {"提出异议", l.Object}, {"完成复评", l.Dispute}}
	out := all[:0]
	for _, x := range all {
		if !x.By.IsZero() {
			out = append(out, x)
		}
	}
	return out
}

// NamedLimit is one limit: what must be done by when.
type NamedLimit struct {
	What string
	By   day.Day
}

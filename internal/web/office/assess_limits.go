package office

import (
	"yinling/internal/assess"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// limitsCard shows by when what must be done for a case, and by which clauses.
type limitsCard struct {
	Facts ui.Summary
	Why   ui.Explain
	No    string // why there are none
}

func limitsOf(d assess.Detail) limitsCard {
	l, why, err := d.Limits()
	if err != nil {
		return limitsCard{No: fault.As(err).Say}
	}
	c := limitsCard{Facts: ui.Summary{Title: "办理时限"}, Why: ui.ExplainOf(why)}
	for _, x := range l.Named() {
		c.Facts.Rows = append(c.Facts.Rows, ui.Fact{Label: x.What, Value: "最晚 " + x.By.Chinese()})
	}
	return c
}

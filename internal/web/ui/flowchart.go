package ui

// FlowChart (流程图) draws the steps of a matter from top to bottom: who does
// each, what is decided there, within how many working days, and where it ends.
type FlowChart struct {
	Title string
	Begin string // what the applicant does
	Steps []FlowStep
	End   string
}

// FlowStep is one box of the chart.
type FlowStep struct{ Name, By, Say, Limit string }

type flowBox struct {
	FlowStep
	Y, T1, T2, T3 int // of the frame and the lines of text
	From          int // where the arrow to it begins
}

const flowBoxHeight, flowGap, flowTop = 74, 30, 44

// Draw places the boxes.
func (f FlowChart) Draw() (out []flowBox) {
	for i, s := range f.Steps {
		y := flowTop + flowGap + i*(flowBoxHeight+flowGap)
		out = append(out, flowBox{s, y, y + 25, y + 45, y + 63, y - flowGap})
	}
	return out
}

// EndY is where the last box stands, Height the whole drawing.
func (f FlowChart) EndY() int   { return flowTop + flowGap + len(f.Steps)*(flowBoxHeight+flowGap) }
func (f FlowChart) Height() int { return f.EndY() + flowTop + 2 }

package care

// Judged is enqueued when the office has decided an exception of a visit; app
// lets the bill follow.
type Judged struct {
	Visit  string `json:"visit"`
	Action string `json:"action"` // accept, deduct, void
	Reason string `json:"reason"`
}

// Kind names the job.
func (Judged) Kind() string { return "care.judged" }

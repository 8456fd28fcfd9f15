package care

// Judged is enqueued when the office has decided an exception of a visit, or a day of
// family care was taken back; app
// lets the bill follow.
type Judged struct {
	Visit  string `json:"visit"`
	Action string `json:"action"` // accept, deduct, void; withdraw: who confirmed a day took it back
	Reason string `json:"reason"`
}

// Kind names the job.
func (Judged) Kind() string { return "care.judged" }

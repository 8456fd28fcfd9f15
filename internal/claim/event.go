package claim

// Made is enqueued when a bill is settled; app tells the person.
type Made struct {
	Region string `json:"region"`
	Visit  string `json:"visit"`
	Round  int64  `json:"round"`
}

// Kind names the job.
func (Made) Kind() string { return "claim.settled" }

// Refund is enqueued when a paid charge must go back to the person.
type Refund struct {
	Region string `json:"region"`
	Charge string `json:"charge"`
}

// Kind names the job.
func (Refund) Kind() string { return "claim.refund" }

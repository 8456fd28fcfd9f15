package claim

// Made is enqueued when bills are settled; app tells the persons. Bills settled
// in one transaction share jobs, madeAtMost in each.
type Made struct {
	Region string  `json:"region"`
	Bills  []Round `json:"bills"`
}

const madeAtMost = 32

// Round is one settlement of a bill.
type Round struct {
	Visit string `json:"visit"`
	Round int64  `json:"round"`
}

// String names the settlement, as in the key of its voucher.
func (r Round) String() string { return roundKey(r.Visit, r.Round) }

// Kind names the job.
func (Made) Kind() string { return "claim.settled" }

// Refund is enqueued when a paid charge must go back to the person.
type Refund struct {
	Region string `json:"region"`
	Charge string `json:"charge"`
}

// Kind names the job.
func (Refund) Kind() string { return "claim.refund" }

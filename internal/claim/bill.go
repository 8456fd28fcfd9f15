package claim

import (
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// UndoMinutes is how long a money act can be taken back (可撤销时限): ten minutes
// by the national rule on elder-friendly online services.
const UndoMinutes = 10

// BillLine is one charged line of a bill with what became of it.
type BillLine struct {
	Item    string      `json:"item"`
	Name    string      `json:"name"`
	Kind    string      `json:"kind"`
	Unit    string      `json:"unit"`
	Qty     money.Micro `json:"qty"`
	Price   money.Fen   `json:"price"`
	Staff   string      `json:"staff"`
	On      day.Day     `json:"on"`
	Total   money.Fen   `json:"total"`
	Fund    money.Fen   `json:"fund"`
	Person  money.Fen   `json:"person"`
	Refused string      `json:"refused,omitempty"` // why the fund pays nothing
}

// Bill is one visit on its way to money (账单).
type Bill struct {
	Region, Visit              string
	Person, Institution, Staff string
	On                         day.Day
	Mode                       string
	Minutes                    int64
	Begin                      int64 // ms
	Held                       bool  // an open suspicion about the visit: confirmed, but not settled yet
	Status                     Status
	Version                    int64
	Round                      int64
	Total, Fund, PersonFen     money.Fen
	Funds                      map[string]money.Fen // by payer: ltci …
	Lines                      []BillLine
	Takes                      []benefit.Take
	Decision                   string // id of the decision claim.quote
	Note                       string
	QuotedAt                   int64
	ConfirmedBy                string
	ConfirmedAt                int64
	SettledAt, PendingUntil    int64 // ms; the institution is paid only after
	AskedBy                    string
	Month, OffsetMonth         string // ids of month claims
}

// Items names what was done, for lists and slips.
func (b Bill) Items() string {
	var names []string
	for _, l := range b.Lines {
		names = append(names, l.Name)
	}
	return strings.Join(names, "、")
}

// Undoable tells whether the settlement can still be taken back at an instant.
func (b Bill) Undoable(ms int64) bool {
	return b.Status == Settled && b.Month == "" && ms < b.PendingUntil
}

// Receipt is what a settlement answers and what its idempotency key gives
// again (结算凭条).
type Receipt struct {
	Visit     string    `json:"visit"`
	Round     int64     `json:"round"`
	Total     money.Fen `json:"total_fen"`
	Fund      money.Fen `json:"fund_fen"`
	Person    money.Fen `json:"person_fen"`
	Voucher   string    `json:"voucher,omitempty"` // "" when the fund paid nothing
	Charge    string    `json:"charge,omitempty"`  // "" when the person owes nothing
	Decision  string    `json:"decision"`
	SettledAt int64     `json:"settled_at"`
	UndoUntil int64     `json:"undo_until"`
}

// ChargeStatus is where the person's payment stands.
type ChargeStatus string

// The states of a charge.
const (
	ChargeOpen      ChargeStatus = "open"
	ChargePaid      ChargeStatus = "paid"
	ChargeVoid      ChargeStatus = "void"
	ChargeRefunding ChargeStatus = "refunding"
	ChargeRefunded  ChargeStatus = "refunded"
)

// Name is the status in Chinese.
func (s ChargeStatus) Name() string {
	return map[ChargeStatus]string{ChargeOpen: "待付", ChargePaid: "已付", ChargeVoid: "不用付了", ChargeRefunding: "退款中", ChargeRefunded: "已退款"}[s]
}

// Charge is the person's share of one settlement, paid by scanning a code.
type Charge struct {
	Region, ID          string
	Visit               string
	Round               int64
	Person, Institution string
	Fen                 money.Fen
	Status              ChargeStatus
	Channel, Code       string // the channel's name and the text of its QR code
	Trade               string // the channel's own number, once paid
	At, PaidAt          int64
}

func errNoBill() error {
	return fault.New(fault.NotFound, "没有找到这张账单。")
}

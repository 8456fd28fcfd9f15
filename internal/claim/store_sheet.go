package claim

import (
	"errors"

	"yinling/internal/db"
)

const lastPaid = `SELECT file, no, fen, at FROM claim_payment WHERE region = $1 AND claim = $2 AND kind = 'month' AND status = 'paid' ORDER BY at DESC, file DESC LIMIT 1`

// PaidLine is the payment of a month claim that arrived (拨付).
type PaidLine struct {
	File    string
	No, Fen int64
	At      int64
}

// paidLine is the last payment of a claim that arrived; false: none has.
func paidLine(tx *db.Tx, region, id string) (PaidLine, bool, error) {
	p, err := db.One(tx, func(r db.Row) (p PaidLine, err error) { return p, r.Scan(&p.File, &p.No, &p.Fen, &p.At) }, lastPaid, region, id)
	if errors.Is(err, db.ErrNone) {
		return p, false, nil
	}
	return p, err == nil, err
}

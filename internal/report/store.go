// Package report reads across the tables of all domains: statistics, and the
// search for rows whose other half is missing. It never writes.
package report

import "yinling/internal/db"

// Orphan is a kind of row whose other half is missing.
type Orphan struct {
	Say     string `json:"say"`
	Count   int64  `json:"count"`
	Example string `json:"example,omitempty"`
}

// pairs: what is wrong with what the statement finds. Each selects the ids of
// lonely rows of one region.
var pairs = []struct{ say, query string }{
	{"已结算的账单没有记账凭证", settledUnbooked},
	{"结算凭证没有对应的账单", bookedUnsettled},
	{"账单的核定依据不见了", billUndecided},
	{"待遇的等级结论依据不见了", benefitUndecided},
	{"凭证借贷不平", unbalanced},
	{"限额累计超过上限", overdrawn},
}

const (
	settledUnbooked = `SELECT b.visit FROM claim_bill AS b WHERE b.region = $1 AND b.status = 'settled' AND b.fund > 0
		AND NOT EXISTS (SELECT 1 FROM fund_voucher AS v WHERE v.region = b.region AND v.ref = b.visit)`
	bookedUnsettled = `SELECT v.ref FROM fund_voucher AS v WHERE v.region = $1 AND v.kind = 'settle'
		AND NOT EXISTS (SELECT 1 FROM claim_bill AS b WHERE b.region = v.region AND b.visit = v.ref)`
	billUndecided = `SELECT b.visit FROM claim_bill AS b WHERE b.region = $1 AND b.decision <> ''
		AND NOT EXISTS (SELECT 1 FROM audit_decision AS d WHERE d.region = b.region AND d.id = b.decision)`
	benefitUndecided = `SELECT b.id FROM benefit_benefit AS b WHERE b.region = $1 AND b.decision <> ''
		AND NOT EXISTS (SELECT 1 FROM audit_decision AS d WHERE d.region = b.region AND d.id = b.decision)`
	unbalanced = `SELECT p.book || '-' || p.lane || '-' || p.no FROM fund_posting AS p WHERE p.region = $1
		GROUP BY p.book, p.lane, p.no HAVING CAST(SUM(p.fen) AS BIGINT) <> 0`
	overdrawn = `SELECT u.person || ' ' || u.cap FROM benefit_used AS u WHERE u.region = $1 AND (u.used > u.max OR u.used < 0)`
)

// Orphans looks for lonely rows of a region; none is good.
func Orphans(tx *db.Tx, region string) ([]Orphan, error) {
	out := []Orphan{}
	for _, p := range pairs {
		ids, err := db.All(tx, db.Value[string], p.query, region)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			out = append(out, Orphan{p.say, int64(len(ids)), ids[0]})
		}
	}
	return out, nil
}

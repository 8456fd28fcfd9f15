package report

import (
	"strings"

	"yinling/internal/db"
)

// held are the tables in which a person's business stands, with what it is
// called. The roster's own tables are not here.
var held = []struct{ say, query string }{
	{"办件", heldCases}, {"评估申请", heldAssess}, {"待遇", heldBenefit}, {"护理计划", heldPlans}, {"上门记录", heldVisits}, {"账单", heldBills},
	{"收款账户", heldAccounts}, {"登录账号", heldLogins}, {"上门办事", heldDoor}, {"住养登记", heldResident}, {"投诉", heldVoices}, {"骗保处理", heldSanctions},
}

const (
	heldCases     = `SELECT COUNT(*) FROM desk_case AS x WHERE x.region = $1 AND x.person = $2`
	heldAssess    = `SELECT COUNT(*) FROM assess_application AS x WHERE x.region = $1 AND x.person = $2`
	heldBenefit   = `SELECT COUNT(*) FROM benefit_benefit AS x WHERE x.region = $1 AND x.person = $2`
	heldPlans     = `SELECT COUNT(*) FROM care_plan AS x WHERE x.region = $1 AND x.person = $2`
	heldVisits    = `SELECT COUNT(*) FROM care_visit AS x WHERE x.region = $1 AND x.person = $2`
	heldBills     = `SELECT COUNT(*) FROM claim_bill AS x WHERE x.region = $1 AND x.person = $2`
	heldAccounts  = `SELECT COUNT(*) FROM claim_account AS x WHERE x.region = $1 AND x.person = $2`
	heldLogins    = `SELECT COUNT(*) FROM access_account AS x WHERE x.region = $1 AND x.person = $2`
	heldDoor      = `SELECT COUNT(*) FROM door_visit AS x WHERE x.region = $1 AND x.person = $2`
	heldResident  = `SELECT COUNT(*) FROM institution_resident AS x WHERE x.region = $1 AND x.person = $2`
	heldVoices    = `SELECT COUNT(*) FROM outreach_voice AS x WHERE x.region = $1 AND x.person = $2`
	heldSanctions = `SELECT COUNT(*) FROM claim_sanction AS x WHERE x.region = $1 AND x.person = $2`
)

// Held names what stands under a person's id outside the roster, in words; ""
// when there is nothing.
func Held(tx *db.Tx, region, person string) (string, error) {
	var out []string
	for _, h := range held {
		n, err := db.One(tx, db.Value[int64], h.query, region, person)
		if err != nil {
			return "", err
		}
		if n > 0 {
			out = append(out, h.say)
		}
	}
	return strings.Join(out, "、"), nil
}

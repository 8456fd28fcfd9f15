package report

import (
	"strings"

	"yinling/internal/db"
)

// held are the tables in which a person's business stands, with what it is
// called. The roster's own tables are not here, nor rows that only stand beside
// one of these; the test names both.
var held = []struct{ say, query string }{
	{"办件", heldDeskCase},
	{"回电", heldDeskCall},
	{"评估申请", heldAssessApplication},
	{"评估回避登记", heldAssessTie},
	{"待遇", heldBenefitBenefit},
	{"待遇暂停", heldBenefitPause},
	{"护理计划", heldCarePlan},
	{"上门记录", heldCareVisit},
	{"账单", heldClaimBill},
	{"收款账户", heldClaimAccount},
	{"亲情照护拨付", heldClaimPayee},
	{"骗保处理", heldClaimSanction},
	{"服务关系", heldInstitutionRelation},
	{"住养登记", heldInstitutionResident},
	{"登录账号", heldAccessAccount},
	{"上门办事", heldDoorVisit},
	{"投诉", heldOutreachVoice},
	{"部门共享的登记", heldShareFact},
	{"排查联系", heldShareContact},
}

const (
	heldDeskCase            = `SELECT COUNT(*) FROM desk_case AS x WHERE x.region = $1 AND x.person = $2`
	heldDeskCall            = `SELECT COUNT(*) FROM desk_call AS x WHERE x.region = $1 AND x.person = $2`
	heldAssessApplication   = `SELECT COUNT(*) FROM assess_application AS x WHERE x.region = $1 AND x.person = $2`
	heldAssessTie           = `SELECT COUNT(*) FROM assess_tie AS x WHERE x.region = $1 AND x.person = $2`
	heldBenefitBenefit      = `SELECT COUNT(*) FROM benefit_benefit AS x WHERE x.region = $1 AND x.person = $2`
	heldBenefitPause        = `SELECT COUNT(*) FROM benefit_pause AS x WHERE x.region = $1 AND x.person = $2`
	heldCarePlan            = `SELECT COUNT(*) FROM care_plan AS x WHERE x.region = $1 AND x.person = $2`
	heldCareVisit           = `SELECT COUNT(*) FROM care_visit AS x WHERE x.region = $1 AND x.person = $2`
	heldClaimBill           = `SELECT COUNT(*) FROM claim_bill AS x WHERE x.region = $1 AND x.person = $2`
	heldClaimAccount        = `SELECT COUNT(*) FROM claim_account AS x WHERE x.region = $1 AND x.person = $2`
	heldClaimPayee          = `SELECT COUNT(*) FROM claim_payee AS x WHERE x.region = $1 AND x.person = $2`
	heldClaimSanction       = `SELECT COUNT(*) FROM claim_sanction AS x WHERE x.region = $1 AND x.person = $2`
	heldInstitutionRelation = `SELECT COUNT(*) FROM institution_relation AS x WHERE x.region = $1 AND x.person = $2`
	heldInstitutionResident = `SELECT COUNT(*) FROM institution_resident AS x WHERE x.region = $1 AND x.person = $2`
	heldAccessAccount       = `SELECT COUNT(*) FROM access_account AS x WHERE x.region = $1 AND x.person = $2`
	heldDoorVisit           = `SELECT COUNT(*) FROM door_visit AS x WHERE x.region = $1 AND x.person = $2`
	heldOutreachVoice       = `SELECT COUNT(*) FROM outreach_voice AS x WHERE x.region = $1 AND x.person = $2`
	heldShareFact           = `SELECT COUNT(*) FROM share_fact AS x WHERE x.region = $1 AND x.person = $2`
	heldShareContact        = `SELECT COUNT(*) FROM share_contact AS x WHERE x.region = $1 AND x.person = $2`
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

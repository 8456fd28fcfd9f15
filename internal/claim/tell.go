package claim

import (
	"fmt"

	"yinling/internal/db"
	"yinling/internal/institution"
	"yinling/internal/money"
)

// tell tells the institution what became of its month claim.
func (m *Month) tell(tx *db.Tx, action string) error {
	if m.IsFamily() {
		return nil
	}
	at := "/j/claim/" + m.Month.String()
	x := institution.Message{Region: m.Region, Institution: m.Institution, Kind: "money", Href: at}
	switch action {
	case "return":
		x.Title, x.Say = m.Month.Chinese()+"的申报退回了，请改好再报", m.Note
	case "sign":
		x.Title = m.Month.Chinese() + "的申报审完了，应付 " + m.Payable.Yuan()
		x.Say = fmt.Sprintf("基金应付 %s，审核扣减 %s，质量保证金 %s，追回抵扣 %s。每一笔扣减和理由在申报里看。", m.Fund.Yuan(), m.Deducted.Yuan(), m.Deposit.Yuan(), m.Recovered.Yuan())
	case "paid":
		x.Title, x.Say, x.Paper = m.Month.Chinese()+"的钱到账了", "拨付 "+m.Payable.Yuan()+"，请核对收款账户。", at+"/paper"
	case "failed":
		x.Title, x.Say = m.Month.Chinese()+"的钱没有到账，银行退回了", "请核对收款户名和账号，改好后医保局再拨一次。"
	default:
		return nil
	}
	return institution.Tell(tx, x)
}

// tellRecovery tells an institution that money is to come back from it.
func tellRecovery(tx *db.Tx, b Bill, fen money.Fen, note string) error {
	return institution.Tell(tx, institution.Message{Region: b.Region, Institution: b.Institution, Kind: "money", Href: "/j/visit/" + b.Visit,
		Title: "要追回 " + fen.Yuan() + "，" + b.On.Chinese() + "的一次护理", Say: note})
}

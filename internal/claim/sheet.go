package claim

import (
	"context"
	"fmt"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/money"
	"yinling/internal/paper"
)

// Sheet is the bill for paper (结算单).
func (x Sight) Sheet() paper.Sheet {
	s := paper.Sheet{Kind: paper.Bill, Region: x.Region, Object: x.Visit, Title: paper.Titles[paper.Bill], No: x.Visit, To: x.Who.Name, On: x.Bill.Signed()}
	if s.On.IsZero() {
		s.Draft = "还没有结算，数字还会变"
	}
	s.Rows = [][2]string{{"护理日期", x.On.Chinese()}, {"护理机构", x.Place.Name}}
	if x.Institution == "" {
		s.Rows[1] = [2]string{"护理方式", familyName}
	}
	if x.StaffName != "" {
		s.Rows = append(s.Rows, [2]string{"护理员", x.StaffName})
	}
	if x.Begin > 0 {
		s.Rows = append(s.Rows, [2]string{"时长", fmt.Sprintf("%d 分钟", x.Minutes)})
	}
	s.Rows = append(s.Rows, [2]string{"医保基金支付", x.Fund.Yuan()}, [2]string{"个人支付", x.PersonFen.Yuan()})
	t := paper.Table{Caption: "护理项目和费用（元）", Head: []string{"项目", "费用", "基金支付", "个人支付"}, Right: []bool{false, true, true, true}}
	for _, l := range x.Bill.Lines {
		name := l.Name
		if l.Refused != "" {
			name += "（" + l.Refused + "）"
		}
		t.Rows = append(t.Rows, []string{name, l.Total.String(), l.Fund.String(), l.Person.String()})
	}
	t.Foot = []string{"合计", x.Total.String(), x.Fund.String(), x.PersonFen.String()}
	s.Tables = []paper.Table{t}
	s.After = []string{"每一笔怎么算的、依据哪一条，在银龄医保的账单页点“为什么”能看到。对账单有疑问，请打12393。"}
	return s
}

// Paper is the bill on one sheet, for somebody who may see it.
func (s *Service) Paper(ctx context.Context, who audit.Actor, visit string) (paper.Sheet, error) {
	x, err := s.Look(ctx, who, who.Region, visit)
	return x.Sheet(), err
}

// Signed is the day of settlement, zero when the bill is not settled.
func (b Bill) Signed() day.Day {
	if b.SettledAt == 0 || b.Status != Settled && b.Status != Reversing {
		return 0
	}
	return day.FromTime(time.UnixMilli(b.SettledAt))
}

// Payout writes the notice of a payment to an institution (拨付通知). Conflict:
// the money of the month has not arrived yet. NotFound: another institution's.
func (s *Service) Payout(ctx context.Context, who audit.Actor, id string) (out paper.Sheet, err error) {
	region := who.Region
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := getMonth(tx, region, id)
		if err != nil {
			return err
		}
		if who.Institution != "" && who.Institution != m.Institution {
			return errNoMonth()
		}
		p, ok, err := paidLine(tx, region, id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "%s的钱还没有到账，到账后才有拨付通知。", m.Month.Chinese())
		}
		i, err := institution.Get(tx, region, m.Institution)
		if err != nil {
			return err
		}
		yuan := func(f money.Fen) string { return f.String() }
		out = paper.Sheet{Kind: paper.Payment, Region: region, Object: id, Title: paper.Titles[paper.Payment], No: fmt.Sprintf("%s 第 %d 号", p.File, p.No), To: i.Name,
			On:   day.FromTime(time.UnixMilli(p.At)),
			Body: []string{fmt.Sprintf("你机构%s申报的长期护理费用，经审核应付%s，已拨付到你机构登记的收款账户。", m.Month.Chinese(), money.Fen(p.Fen).Yuan())},
			Tables: []paper.Table{{Caption: "拨付的计算（元）", Head: []string{"项目", "金额"}, Right: []bool{false, true}, Rows: [][]string{
				{fmt.Sprintf("账单 %d 张，费用合计", m.Bills), yuan(m.Total)}, {"其中个人支付", yuan(m.PersonFen)}, {"基金应付", yuan(m.Fund)},
				{"抵回以前月份", yuan(m.Offsets)}, {"审核扣减", yuan(m.Deducted)}, {"追回抵扣", yuan(m.Recovered)}, {"质量保证金", yuan(m.Deposit)}}, Foot: []string{"实际拨付", money.Fen(p.Fen).String()}}},
			After: []string{"扣减的每一笔和理由，在银龄机构端的月度申报里能看到。有异议的，请在收到后向经办机构提出。"}}
		return nil
	})
	return out, err
}

// PaidOn is the day on which the money of a month claim arrived, zero when it
// has not, and its institution; for whoever checks a notice.
func PaidOn(tx *db.Tx, region, id string) (day.Day, string, error) {
	m, err := getMonth(tx, region, id)
	if err != nil {
		return 0, "", err
	}
	p, ok, err := paidLine(tx, region, id)
	if err != nil || !ok {
		return 0, m.Institution, err
	}
	return day.FromTime(time.UnixMilli(p.At)), m.Institution, nil
}

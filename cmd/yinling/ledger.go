package main

import (
	"fmt"

	"yinling/internal/fund"
)

// ledgerCmd is about the fund ledger (基金账).
type ledgerCmd struct {
	Verify ledgerVerify `cmd:"" help:"重算分录链、凭证号、借贷和月结，找出第一条不对的。"`
}

type ledgerVerify struct {
	place
	Region string `help:"只查一个统筹区；不写就全查"`
}

// Run prints the report; damage is exit 1.
func (c *ledgerVerify) Run(e *env) error {
	d, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	rep, err := fund.Verify(e.ctx, d, c.Region)
	if err != nil {
		return err
	}
	if err := e.print(rep); err != nil {
		return err
	}
	for _, f := range rep.Faults {
		e.say("统筹区 %s %s第 %d 道：%s", f.Region, f.Book.Name(), f.Lane, f.Say)
	}
	if !rep.OK {
		return fmt.Errorf("基金账对不上：%d 处", len(rep.Faults))
	}
	e.say("基金账完好：凭证 %d 张，分录 %d 条，借贷各 %s。", rep.Vouchers, rep.Postings, rep.Debit.Yuan())
	return nil
}

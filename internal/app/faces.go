package app

import (
	"yinling/internal/report"
	"yinling/internal/web/care"
	"yinling/internal/web/inst"
	"yinling/internal/web/office"
	"yinling/internal/web/portal"
)

// fill hands the faces their services.
func (a *App) fill(p *portal.Server, o *office.Server, c *care.Server, i *inst.Server) {
	p.Door, o.Door, c.Door = a.Door, a.Door, a.Door
	p.Person, p.Desk, p.Assess, p.Outreach, p.Care, p.Claim = a.Person, a.Desk, a.Assess, a.Outreach, a.Care, a.Claim
	o.Report, o.Person, o.Institution, o.Desk = &report.Service{Log: a.Log}, a.Person, a.Institution, a.Desk
	o.Assess, o.Outreach, o.Care, o.Claim, o.Fund = a.Assess, a.Outreach, a.Care, a.Claim, a.Fund
	o.Share, o.Peer = a.Share, a.Peer
	o.System, o.Base = a.system(), a.Config.Base()
	o.Measure = a.Measure()
	c.Assess = a.Assess
	p.Institution = a.Institution
	c.Care, c.Files = a.Care, a.Files
	i.Care, i.Insts, i.Claim = a.Care, a.Institution, a.Claim
	i.Outreach = a.Outreach
	i.Assess, i.Files, i.Desk = a.Assess, a.Files, a.Desk
	p.Pay, p.Cashier = a.collector(), a.cashier
	p.Hear = a.recogniser()
	o.Hall = a.Hall()
	p.Hall = o.Hall
	p.MayWhy, o.MayWhy, c.MayWhy, i.MayWhy = a.mayWhy, a.mayWhy, a.mayWhy, a.mayWhy
}

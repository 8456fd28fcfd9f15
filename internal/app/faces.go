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
	o.Report, o.Desk = &report.Service{Log: a.Log}, a.Desk
	p.MayWhy, o.MayWhy, c.MayWhy, i.MayWhy = a.mayWhy, a.mayWhy, a.mayWhy, a.mayWhy
}

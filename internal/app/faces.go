package app

import (
	"yinling/internal/web/care"
	"yinling/internal/web/inst"
	"yinling/internal/web/office"
	"yinling/internal/web/portal"
)

// fill hands the faces their services.
func (a *App) fill(p *portal.Server, o *office.Server, c *care.Server, i *inst.Server) {
}

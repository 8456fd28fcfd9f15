// Package care is the phone face of care workers and assessors (护理端): today's
// visits, check-in and check-out, assessments at home. This file lists every
// route; the handlers are in <word>.go, their templates in <word>/.
package care

import (
	"embed"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

//go:embed */*.html
var files embed.FS

// Server holds what the pages need. Owners of a word add their service here.
type Server struct {
	Kit   *ui.Kit
	Log   *audit.Log
	Packs *policy.Set
}

// Router lists all routes of the phone face.
func (s *Server) Router() *ui.Router {
	rt := ui.NewRouter(s.Kit, ui.Care)
	rt.Nav = []ui.NavGroup{{Items: []ui.NavItem{
		{Href: "/v/", Label: "今天", Can: access.VisitDo},
		{Href: "/v/queue", Label: "待上传", Can: access.VisitDo},
		{Href: "/v/exceptions", Label: "要说明的", Can: access.VisitDo},
		{Href: "/v/assess", Label: "评估任务", Can: access.AssessRecord},
	}}}

	// 上门 (visit)
	rt.Handle("GET /v/", access.VisitDo, s.today)

	// 评估 (assess)

	return rt
}

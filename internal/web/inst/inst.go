// Package inst is the institutions' face (机构端): people, plans, visits, the
// monthly claim. This file lists every route; the handlers are in <word>.go,
// their templates in <word>/.
package inst

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

// Router lists all routes of the institutions' face.
func (s *Server) Router() *ui.Router {
	rt := ui.NewRouter(s.Kit, ui.Inst)
	rt.Nav = []ui.NavGroup{
		{Items: []ui.NavItem{{Href: "/j/", Label: "工作台", Icon: "home", Can: access.InstSee}}},
		{Title: "服务", Items: []ui.NavItem{
			{Href: "/j/people", Label: "服务对象", Icon: "user", Can: access.InstSee},
			{Href: "/j/plans", Label: "护理计划", Icon: "list", Can: access.InstPlan},
			{Href: "/j/visits", Label: "上门记录", Icon: "pin", Can: access.InstSee},
			{Href: "/j/exceptions", Label: "疑点说明", Icon: "shield", Can: access.InstAnswer},
			{Href: "/j/staff", Label: "人员", Icon: "family", Can: access.InstSee},
		}},
		{Title: "结算", Items: []ui.NavItem{
			{Href: "/j/claim", Label: "月度申报", Icon: "bill", Can: access.InstClaim},
		}},
	}

	// 服务对象、计划、上门、疑点 (care)
	rt.Handle("GET /j/", access.InstSee, s.home)

	// 月度申报 (claim)

	return rt
}

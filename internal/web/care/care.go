// Package care is the phone face of care workers and assessors (护理端): today's
// visits, check-in and check-out, assessments at home. This file lists every
// route; the handlers are in <word>.go, their templates in <word>/.
package care

import (
	"embed"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/desk"
	"yinling/internal/door"
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

	MayWhy ui.Entitled // who may see which decision
	Care   *care.Service
	Files  *desk.Files
	Assess *assess.Service
	Door   *door.Service
}

// Router lists all routes of the phone face.
func (s *Server) Router() *ui.Router {
	rt := ui.NewRouter(s.Kit, ui.Care)
	rt.Nav = []ui.NavGroup{{Items: []ui.NavItem{
		{Href: "/v/", Label: "今天", Can: access.VisitDo},
		{Href: "/v/queue", Label: "待上传", Can: access.VisitDo},
		{Href: "/v/exceptions", Label: "要说明的", Can: access.VisitDo},
		{Href: "/v/door", Label: "上门办", Can: access.DoorGo},
		{Href: "/v/assess", Label: "评估任务", Can: access.AssessRecord},
		{Href: "/v/queue", Label: "待上传", Can: access.AssessRecord},
		{Href: "/v/me", Label: "我的", Can: access.Anyone},
	}}}

	// 上门 (visit)
	rt.Handle("GET /v/", access.Anyone, s.today)
	rt.Handle("GET /v/visit/{id}", access.VisitDo, s.show(visitTmpl, ""))
	rt.Handle("POST /v/visit/{id}/checkin", access.VisitDo, s.checkin)
	rt.Handle("POST /v/visit/{id}/items", access.VisitDo, s.items)
	rt.Handle("POST /v/visit/{id}/photo", access.VisitDo, s.photo)
	rt.Handle("POST /v/visit/{id}/file", access.VisitDo, s.queuedFile)
	rt.Handle("GET /v/visit/{id}/proof", access.VisitDo, s.show(proofTmpl, "留证"))
	rt.Handle("GET /v/visit/{id}/file/{doc}", access.VisitDo, s.proof)
	rt.Handle("GET /v/visit/{id}/more", access.VisitDo, s.show(moreTmpl, "加一项"))
	rt.Handle("POST /v/visit/{id}/more", access.VisitDo, s.more)
	rt.Handle("GET /v/visit/{id}/out", access.VisitDo, s.show(outTmpl, "签退"))
	rt.Handle("POST /v/visit/{id}/checkout", access.VisitDo, s.checkout)
	rt.Handle("GET /v/visit/{id}/confirm", access.VisitDo, s.show(confirmTmpl, "请家属确认"))
	rt.Handle("POST /v/visit/{id}/confirm", access.VisitDo, s.confirm)
	rt.Handle("GET /v/visit/{id}/trouble", access.VisitDo, s.show(troubleTmpl, "有情况"))
	rt.Handle("POST /v/visit/{id}/trouble", access.VisitDo, s.trouble)
	rt.Handle("GET /v/visit/{id}/exception/{kind}", access.VisitDo, s.exception)
	rt.Handle("POST /v/visit/{id}/exception/{kind}", access.InstAnswer, s.answer)
	rt.Handle("GET /v/exceptions", access.VisitDo, s.exceptions)
	rt.Handle("GET /v/unplanned", access.VisitDo, s.unplanned)
	rt.Handle("POST /v/unplanned", access.VisitDo, s.begin)
	rt.Handle("GET /v/me", access.Anyone, s.me)
	rt.Handle("GET /v/queue", access.Anyone, s.queue)
	rt.Handle("POST /v/sync", access.VisitDo, s.sync)

	// 离线 (what makes the pages an app that works without network)
	rt.Handle("GET /v/app", access.Public, s.shell)
	rt.Handle("GET /v/sw.js", access.Public, s.worker)
	rt.Handle("GET /v/manifest.webmanifest", access.Public, s.manifest)
	rt.Handle("GET /v/icon/{name}", access.Public, s.appIcon)
	rt.Handle("GET /v/hello", access.Anyone, s.hello)
	rt.Handle("GET /v/day", access.VisitDo, s.carry)

	// 评估 (assess)
	rt.Handle("GET /v/assess", access.AssessRecord, s.assessTasks)
	rt.Handle("GET /v/assess/day", access.AssessRecord, s.assessCarry)
	rt.Handle("POST /v/assess/sync", access.AssessRecord, s.assessSync)
	rt.Handle("POST /v/assess/{id}/snap", access.AssessRecord, s.assessSnap)
	rt.Handle("GET /v/assess/{id}/video", access.AssessRecord, s.assessVideo)
	rt.Handle("GET /v/assess/{id}", access.AssessRecord, s.assessTask)
	rt.Handle("POST /v/assess/{id}/appoint", access.AssessRecord, s.assessAppoint)
	rt.Handle("GET /v/assess/{id}/item/{n}", access.AssessRecord, s.assessItem)
	rt.Handle("POST /v/assess/{id}/item/{n}", access.AssessRecord, s.assessScore)
	rt.Handle("POST /v/assess/{id}/file", access.AssessRecord, s.assessFile, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /v/assess/{id}/file/{doc}", access.AssessRecord, s.assessDocument)
	rt.Handle("GET /v/assess/{id}/sign", access.AssessRecord, s.assessSignForm)
	rt.Handle("POST /v/assess/{id}/sign", access.AssessRecord, s.assessSign)
	rt.Handle("POST /v/assess/{id}/conclude", access.AssessConclude, s.assessConclude)

	// 帮办员上门 (door)
	rt.Handle("GET /v/door", access.DoorGo, s.doors)
	rt.Handle("GET /v/door/{id}", access.DoorGo, s.door)
	rt.Handle("POST /v/door/{id}/leave", access.DoorGo, s.doorAct(s.doorLeave))
	rt.Handle("POST /v/door/{id}/arrive", access.DoorGo, s.doorAct(s.doorArrive))
	rt.Handle("POST /v/door/{id}/finish", access.DoorGo, s.doorAct(s.doorFinish), ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /v/door/{id}/file/{doc}", access.DoorGo, ui.FileOf(s.Door.Open))

	rt.Handle("GET /v/why/{id}", access.WhySee, ui.Why(ui.Care, s.Log, s.MayWhy))

	return rt
}

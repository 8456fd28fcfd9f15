// Package inst is the institutions' face (机构端): people, plans, visits, the
// monthly claim. This file lists every route; the handlers are in <word>.go,
// their templates in <word>/.
package inst

import (
	"context"
	"embed"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/paper"
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
	Care  *care.Service
	Insts *institution.Service
	Claim *claim.Service

	Outreach *outreach.Service

	Assess *assess.Service
	Files  *desk.Files
	Desk   *desk.Service
	MayWhy ui.Entitled // who may see which decision
}

// Router lists all routes of the institutions' face.
func (s *Server) Router() *ui.Router {
	rt := ui.NewRouter(s.Kit, ui.Inst)
	rt.Nav = []ui.NavGroup{
		{Items: []ui.NavItem{{Href: "/j/", Label: "工作台", Icon: "home", Can: access.InstSee},
			{Href: "/j/message", Label: "消息与文书", Icon: "doc", Can: access.InstSee, Count: "messages", Hot: true}}},
		{Title: "服务", Items: []ui.NavItem{
			{Href: "/j/people", Label: "服务对象", Icon: "user", Can: access.InstSee},
			{Href: "/j/residents", Label: "住养老人", Icon: "home", Can: access.InstSee},
			{Href: "/j/cases", Label: "代办的事", Icon: "doc", Can: access.InstSee},
			{Href: "/j/applies", Label: "申请评估", Icon: "doc", Can: access.InstApply},
			{Href: "/j/plans", Label: "护理计划", Icon: "list", Can: access.InstPlan},
			{Href: "/j/roster", Label: "排班", Icon: "clock", Can: access.InstSee},
			{Href: "/j/visits", Label: "上门记录", Icon: "pin", Can: access.InstSee},
			{Href: "/j/exceptions", Label: "疑点说明", Icon: "shield", Can: access.InstAnswer},
			{Href: "/j/staff", Label: "人员", Icon: "family", Can: access.InstSee},
			{Href: "/j/account", Label: "账号和接口", Icon: "gear", Can: access.InstPlan},
			{Href: "/j/voice", Label: "投诉和评价", Icon: "chat", Can: access.InstSee},
		}},
		{Title: "结算", Items: []ui.NavItem{
			{Href: "/j/claim", Label: "月度申报", Icon: "bill", Can: access.InstClaim},
		}},
	}

	// 服务对象、计划、上门、疑点 (care)
	rt.Handle("GET /j/", access.InstSee, s.home)
	rt.Handle("GET /j/people", access.InstSee, s.people)
	rt.Handle("GET /j/plans", access.InstSee, s.plans)
	rt.Handle("GET /j/plan/new", access.InstPlan, s.planNew)
	rt.Handle("POST /j/plan", access.InstPlan, s.planSave)
	rt.Handle("GET /j/plan/{id}", access.InstSee, s.plan)
	rt.Handle("GET /j/plan/{id}/paper", access.InstSee, ui.PaperOf(s.Care.Paper))
	rt.Handle("GET /j/plan/{id}/edit", access.InstPlan, s.planEdit)
	rt.Handle("POST /j/plan/{id}", access.InstPlan, s.planSave)
	rt.Handle("POST /j/plan/{id}/act", access.InstPlan, s.planAct)
	rt.Handle("POST /j/plan/{id}/days", access.InstPlan, s.planDays)
	rt.Handle("GET /j/roster", access.InstSee, s.week)
	rt.Handle("GET /j/visits", access.InstSee, s.visits)
	rt.Handle("GET /j/visit/{id}", access.InstSee, s.visit)
	rt.Handle("POST /j/visit/{id}/roster", access.InstPlan, s.roster)
	rt.Handle("GET /j/exceptions", access.InstAnswer, s.exceptions)
	rt.Handle("GET /j/exception/{id}/{kind}", access.InstAnswer, s.exception)
	rt.Handle("POST /j/exception/{id}/{kind}", access.InstAnswer, s.answer)

	// 消息与文书 (message)、问询和申辩 (inquiry)
	rt.Counts = s.counts
	rt.Handle("GET /j/message", access.InstSee, s.messages)
	rt.Handle("GET /j/message/{id}", access.InstSee, s.message)
	rt.Handle("GET /j/inquiry/{id}", access.InstSee, s.inquiry)
	rt.Handle("POST /j/inquiry/{id}", access.InstPlan, s.inquiryAnswer, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /j/inquiry/{id}/file/{doc}", access.InstSee, s.inquiryFile)

	// 投诉和评价 (voice)
	rt.Handle("GET /j/voice", access.InstSee, s.voices)
	rt.Handle("POST /j/voice/{id}", access.InstSee, s.voiceExplain)

	// 替老人申请评估 (assess)
	rt.Handle("GET /j/applies", access.InstApply, s.applies)
	rt.Handle("GET /j/apply", access.InstApply, s.applyNew)
	rt.Handle("POST /j/apply", access.InstApply, s.applySend, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /j/apply/{id}", access.InstApply, s.applied)

	// 住养老人 (resident)，替他们办事 (desk)
	rt.Handle("GET /j/residents", access.InstSee, s.residents)
	rt.Handle("POST /j/residents", access.InstApply, s.moveIn)
	rt.Handle("GET /j/resident/{id}", access.InstSee, s.resident)
	rt.Handle("POST /j/resident/{id}/out", access.InstApply, s.moveOut)
	rt.Handle("GET /j/resident/{id}/bring/{matter}", access.InstApply, s.bring)
	rt.Handle("POST /j/resident/{id}/bring/{matter}", access.InstApply, s.bringSend, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /j/cases", access.InstSee, s.broughts)
	rt.Handle("GET /j/case/{id}", access.InstSee, s.brought)
	rt.Handle("GET /j/case/{id}/letter/{kind}", access.InstSee, ui.PaperOf(s.Desk.Letter))
	rt.Handle("POST /j/case/{id}/supply", access.InstApply, s.broughtSupply, ui.MaxBody(desk.MaxFile))

	// 人员 (institution)
	rt.Handle("GET /j/staff", access.InstSee, s.staff)
	rt.Handle("POST /j/staff", access.InstPlan, s.hire)
	rt.Handle("GET /j/staff/{id}", access.InstSee, s.member)
	rt.Handle("POST /j/staff/{id}", access.InstPlan, s.memberSave)

	// 账号和接口 (account)
	rt.Handle("GET /j/account", access.InstPlan, s.account)
	rt.Handle("POST /j/account/token", access.InstPlan, s.tokenOff)

	// 月度申报 (claim)
	rt.Handle("GET /j/claim", access.InstClaim, s.claims)
	rt.Handle("POST /j/claim", access.InstClaim, s.claimIntake)
	rt.Handle("GET /j/claim/{month}", access.InstClaim, s.claimMonth)
	rt.Handle("GET /j/claim/{month}/paper", access.InstClaim, ui.PaperOf(func(ctx context.Context, who audit.Actor, month string) (paper.Sheet, error) {
		return s.Claim.Payout(ctx, who, who.Institution+"/"+month)
	}))
	rt.Handle("POST /j/claim/{month}/submit", access.InstClaim, s.claimSubmit)

	rt.Handle("GET /j/why/{id}", access.WhySee, ui.Why(ui.Inst, s.Log, s.MayWhy))

	return rt
}

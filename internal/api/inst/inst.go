// Package inst is the JSON interface for the systems of designated institutions
// (机构接口), under /api/inst/v1: persons served, care plans, visits (also a
// queue recorded offline), exceptions, the monthly claim. The program serves
// its OpenAPI 3.1 description at /api/inst/v1/openapi.json. This file lists
// every route.
//
// The agency hands out tokens; a token stands for one institution.
package inst

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yinling/internal/api"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/institution"
)

// Prefix is where the interface begins.
const Prefix = "/api/inst/v1"

// Server answers the interface.
type Server struct {
	Insts *institution.Service
	Care  *care.Service
	Claim *claim.Service
	Files *desk.Files
	Desk  *desk.Service
	Today func() day.Day
}

// Handler serves everything under Prefix.
func (s *Server) Handler() http.Handler {
	mux, _ := s.build()
	return mux
}

func (s *Server) build() (*http.ServeMux, huma.API) {
	mux, h := api.New(Prefix, "银龄机构接口", "定点机构的业务系统用：服务对象、护理计划、上门记录（含离线补传）、疑点说明、月度申报、住养老人花名册、替老人代办。", "医保经办机构发的接口令牌", s.login)
	s.routes(h)
	return mux, h
}

// login finds the institution behind the token of a request.
func (s *Server) login(ctx context.Context, token string) (audit.Actor, error) {
	t, err := s.Insts.CheckToken(ctx, token)
	return audit.Actor{ID: "api:" + t.Institution, Name: t.Name, Role: "api", Region: t.Region, Institution: t.Institution}, err
}

func (s *Server) routes(h huma.API) {
	api.Get(h, "catalogue", "/catalogue", "本地护理服务项目目录", s.catalogue)
	api.Get(h, "persons", "/persons", "本机构现在和下个月的服务对象", s.persons)

	api.Get(h, "plans", "/plans", "护理计划列表", s.plans)
	api.Get(h, "plan", "/plans/{id}", "一份护理计划", s.plan)
	api.Post(h, "plan-check", "/plans/check", "核对一份计划，不保存", s.planCheck)
	api.Post(h, "plan-new", "/plans", "新写一份护理计划", s.planNew)
	api.Post(h, "plan-save", "/plans/{id}", "修改一份护理计划", s.planSave)
	api.Post(h, "plan-act", "/plans/{id}/act", "交本人确认、收回、停止", s.planAct)
	api.Post(h, "plan-days", "/plans/{id}/days", "按天记录机构护理或亲情护理", s.planDays)

	api.Get(h, "visits", "/visits", "上门记录列表，按日期和编号翻页", s.visits)
	api.Get(h, "visit", "/visits/{id}", "一次上门的全部记录", s.visit)
	api.Post(h, "visit-sync", "/visits/sync", "补传离线记录，可以重传、乱序、分几次传", s.sync)
	api.Post(h, "visit-staff", "/visits/{id}/staff", "安排谁去", s.roster)
	api.Post(h, "visit-evidence", "/visits/{id}/evidence", "上传一份留证（照片、录音、录像、PDF），得到材料编号", s.evidence, func(o *huma.Operation) {
		o.MaxBodyBytes = 64 << 20
	})

	api.Get(h, "exceptions", "/exceptions", "疑点列表", s.exceptions)
	api.Post(h, "exception-answer", "/exceptions/{visit}/{kind}/answer", "说明一个疑点", s.answer)

	api.Get(h, "residents", "/residents", "住养老人花名册", s.residents)
	api.Post(h, "resident-in", "/residents", "登记入住", s.moveIn)
	api.Post(h, "resident-out", "/residents/{id}/discharge", "登记离院", s.moveOut)
	api.Get(h, "matters", "/matters", "可以替住养老人办的事项，和它们要问的问题", s.matters)
	api.Post(h, "bring", "/residents/{id}/cases", "替一位住养老人办一件事（备案、报销等）", s.bring)
	api.Get(h, "cases", "/cases", "本机构代办的事和办到哪一步", s.broughts)
	api.Get(h, "case", "/cases/{number}", "一件代办的事", s.broughtOne)

	api.Get(h, "claims", "/claims", "月度申报列表", s.claims)
	api.Post(h, "claim-intake", "/claims/{month}/intake", "归集一个月的账单，形成或更新申报草稿", s.intake)
	api.Post(h, "claim-submit", "/claims/{month}/submit", "提交月度申报", s.submit)
}

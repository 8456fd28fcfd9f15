// Package inst is the JSON interface for the systems of designated institutions
// (机构接口), under /api/inst/v1: persons served, care plans, visits (also a
// queue recorded offline), exceptions, the monthly claim. The program serves
// its OpenAPI 3.1 description at /api/inst/v1/openapi.json. This file lists
// every route.
//
// A caller sends «Authorization: Bearer TOKEN» (the agency hands out tokens, a
// token stands for one institution) and, with every write, an Idempotency-Key
// of its own: the same key with the same body is one act. Errors are
// problem+json in Chinese and never repeat what was sent.
package inst

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

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

const maxBody = 4 << 20

// Handler serves everything under Prefix.
func (s *Server) Handler() http.Handler {
	mux, _ := s.build()
	return mux
}

func (s *Server) build() (*http.ServeMux, huma.API) {
	mux := http.NewServeMux()
	c := huma.DefaultConfig("银龄机构接口", "1.0.0")
	c.Info.Description = "定点机构的业务系统用：服务对象、护理计划、上门记录（含离线补传）、疑点说明、月度申报、住养老人花名册、替老人代办。每个写请求要带 Idempotency-Key；出错用 application/problem+json 回答，不会回显您传来的内容。"
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil // no page that loads from elsewhere, no $schema in answers
	c.OpenAPIPath = "/openapi"
	c.RejectUnknownQueryParameters = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "医保经办机构发的接口令牌"}}
	c.Security = []map[string][]string{{"token": {}}}
	api := humago.NewWithPrefix(mux, Prefix, c)
	api.UseMiddleware(s.login(api))
	s.routes(api)
	mux.HandleFunc(Prefix+"/", nothing) // also a wrong method of a right address
	return mux, api
}

func (s *Server) routes(api huma.API) {
	get(api, "catalogue", "/catalogue", "本地护理服务项目目录", s.catalogue)
	get(api, "persons", "/persons", "本机构现在和下个月的服务对象", s.persons)

	get(api, "plans", "/plans", "护理计划列表", s.plans)
	get(api, "plan", "/plans/{id}", "一份护理计划", s.plan)
	post(api, "plan-check", "/plans/check", "核对一份计划，不保存", s.planCheck)
	post(api, "plan-new", "/plans", "新写一份护理计划", s.planNew)
	post(api, "plan-save", "/plans/{id}", "修改一份护理计划", s.planSave)
	post(api, "plan-act", "/plans/{id}/act", "交本人确认、收回、停止", s.planAct)
	post(api, "plan-days", "/plans/{id}/days", "按天记录机构护理或亲情护理", s.planDays)

	get(api, "visits", "/visits", "上门记录列表，按日期和编号翻页", s.visits)
	get(api, "visit", "/visits/{id}", "一次上门的全部记录", s.visit)
	post(api, "visit-sync", "/visits/sync", "补传离线记录，可以重传、乱序、分几次传", s.sync)
	post(api, "visit-staff", "/visits/{id}/staff", "安排谁去", s.roster)
	post(api, "visit-evidence", "/visits/{id}/evidence", "上传一份留证（照片、录音、录像、PDF），得到材料编号", s.evidence, func(o *huma.Operation) {
		o.MaxBodyBytes = 64 << 20
	})

	get(api, "exceptions", "/exceptions", "疑点列表", s.exceptions)
	post(api, "exception-answer", "/exceptions/{visit}/{kind}/answer", "说明一个疑点", s.answer)

	get(api, "residents", "/residents", "住养老人花名册", s.residents)
	post(api, "resident-in", "/residents", "登记入住", s.moveIn)
	post(api, "resident-out", "/residents/{id}/discharge", "登记离院", s.moveOut)
	get(api, "matters", "/matters", "可以替住养老人办的事项，和它们要问的问题", s.matters)
	post(api, "bring", "/residents/{id}/cases", "替一位住养老人办一件事（备案、报销等）", s.bring)
	get(api, "cases", "/cases", "本机构代办的事和办到哪一步", s.broughts)
	get(api, "case", "/cases/{number}", "一件代办的事", s.broughtOne)

	get(api, "claims", "/claims", "月度申报列表", s.claims)
	post(api, "claim-intake", "/claims/{month}/intake", "归集一个月的账单，形成或更新申报草稿", s.intake)
	post(api, "claim-submit", "/claims/{month}/submit", "提交月度申报", s.submit)
}

func nothing(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusNotFound)
	json.NewEncoder(w).Encode(newProblem(http.StatusNotFound, "没有这个接口。全部接口见 "+Prefix+"/openapi.json。"))
}

type option = func(*huma.Operation)

func get[I, O any](api huma.API, id, path, say string, h func(context.Context, *I) (*O, error), opts ...option) {
	add(api, http.MethodGet, id, path, say, h, opts)
}

func post[I, O any](api huma.API, id, path, say string, h func(context.Context, *I) (*O, error), opts ...option) {
	add(api, http.MethodPost, id, path, say, h, opts)
}

func add[I, O any](api huma.API, method, id, path, say string, h func(context.Context, *I) (*O, error), opts []option) {
	op := huma.Operation{OperationID: id, Method: method, Path: path, Summary: say, MaxBodyBytes: maxBody, Errors: []int{400, 401, 403, 404, 409, 413, 415, 422, 500, 503}}
	for _, f := range opts {
		f(&op)
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, problemOf(err)
		}
		return out, nil
	})
}

type actorKey struct{}

func actor(ctx context.Context) audit.Actor {
	who, _ := ctx.Value(actorKey{}).(audit.Actor)
	return who
}

// login finds the institution behind the token of a request.
func (s *Server) login(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		scheme, token, _ := strings.Cut(c.Header("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			c.SetHeader("WWW-Authenticate", `Bearer realm="yinling"`)
			huma.WriteErr(api, c, http.StatusUnauthorized, "请在 Authorization 里带上接口令牌：Bearer 加空格加令牌。")
			return
		}
		t, err := s.Insts.CheckToken(c.Context(), strings.TrimSpace(token))
		if err != nil {
			p := problemOf(err).(*Problem)
			if p.Status == http.StatusForbidden {
				p.Status = http.StatusUnauthorized
				c.SetHeader("WWW-Authenticate", `Bearer realm="yinling", error="invalid_token"`)
			}
			huma.WriteErr(api, c, p.Status, p.Detail)
			return
		}
		who := audit.Actor{ID: "api:" + t.Institution, Name: t.Name, Role: "api", Region: t.Region, Institution: t.Institution, Terminal: c.RemoteAddr()}
		next(huma.WithValue(c, actorKey{}, who))
	}
}

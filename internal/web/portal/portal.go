// Package portal is the citizens' face (群众端), normal and elder mode alike.
// This file lists every route; the handlers are in <word>.go, their templates
// in <word>/.
package portal

import (
	"embed"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/hall"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/speech"
	"yinling/internal/web/ui"
)

//go:embed */*.html
var files embed.FS

// Server holds what the pages need. Owners of a word add their service here.
type Server struct {
	Kit     *ui.Kit
	Log     *audit.Log
	Packs   *policy.Set
	MayWhy  ui.Entitled // who may see which decision
	Access  *access.Service
	Demo    *Demo  // nil but in a demonstration
	Papers  Papers // proves the code of a document
	surveys *access.Guard
	checks  *access.Guard
	finds   *access.Guard // slows looking for people by their phone
	Outside Outside       // logins by other services
	Base    string        // the address under which phones reach the site, for QR codes
	Region  string        // the region whose people the site serves when nobody has logged in

	Person   *person.Service
	Desk     *desk.Service
	Door     *door.Service
	Assess   *assess.Service
	Outreach *outreach.Service
	Care     *care.Service
	Claim    *claim.Service

	Institution *institution.Service
	Hall        *hall.Service

	Pay     claim.PaymentChannel // how the person's share is collected
	Cashier Cashier              // our own cashier page; nil where there is none

	Hear speech.Recogniser // hears what people say into the search; nil: their browser does, or nothing
}

// Router lists all routes of the citizens' face.
func (s *Server) Router() *ui.Router {
	rt := ui.NewRouter(s.Kit, ui.Portal)
	s.checks, s.finds, s.surveys = access.NewGuard(5, 100), access.NewGuard(5, 100), access.NewGuard(5, 100)
	rt.Nav = []ui.NavGroup{{Items: []ui.NavItem{
		{Href: "/", Label: "首页", Can: access.Public},
		{Href: "/matter", Label: "办事", Can: access.Public},
		{Href: "/case", Label: "我的办件", Can: access.Citizen},
		{Href: "/policy", Label: "政策", Can: access.Public},
		{Href: "/notice", Label: "公示", Can: access.Public},
		{Href: "/help", Label: "帮助", Can: access.Public},
	}}}

	// 首页、我的、政策、帮助、决定依据
	rt.Handle("GET /", access.Public, s.home, ui.Shared())
	rt.Handle("GET /me", access.Anyone, s.me)
	rt.Handle("GET /search", access.Public, s.search)
	rt.Handle("POST /search/hear", access.Public, s.hear, ui.MaxBody(maxClip))
	rt.Handle("GET /policy", access.Public, s.policy, ui.Shared())
	rt.Handle("GET /policy/{key}", access.Public, s.policyKey, ui.Shared())
	rt.Handle("GET /help", access.Public, s.help, ui.Shared())
	rt.Handle("GET /call", access.Citizen, s.call)
	rt.Handle("POST /call", access.Citizen, s.callAsk)
	rt.Handle("GET /help/{topic}", access.Public, s.helpTopic, ui.Shared())
	rt.Handle("GET /check", access.Public, s.check)
	rt.Handle("GET /check/{code}", access.Public, s.checkCode)
	rt.Handle("GET /why/{id}", access.WhySee, ui.Why(ui.Portal, s.Log, s.MayWhy))

	// 登录 (login)
	rt.Handle("GET /login", access.Public, s.login)
	rt.Handle("POST /login/code", access.Public, s.loginCode)
	rt.Handle("POST /login", access.Public, s.loginByCode)
	rt.Handle("GET /login/staff", access.Public, s.loginStaff)
	rt.Handle("POST /login/staff", access.Public, s.loginByPassword)
	rt.Handle("GET /login/with/{provider}", access.Public, s.loginOutside)
	rt.Handle("GET /login/back/{provider}", access.Public, s.loginReturn)
	rt.Handle("GET /login/pass", access.Public, s.loginPass)
	rt.Handle("POST /login/pass", access.Public, s.loginByPass)
	rt.Handle("GET /login/reset", access.Public, s.renewal)
	rt.Handle("POST /login/reset", access.Public, s.renewalBegin)
	rt.Handle("POST /login/reset/done", access.Public, s.renewalDone)
	rt.Handle("POST /logout", access.Public, s.logout)

	// 申请评估 (assess)、办件 (case)、公示 (notice)
	rt.Handle("GET /assess", access.Citizen, s.assessStart)
	rt.Handle("GET /assess/apply", access.Citizen, s.assessStart)
	rt.Handle("GET /assess/apply/{q}", access.Citizen, s.assessQuestion)
	rt.Handle("POST /assess/apply/{q}", access.Citizen, s.assessAnswer, ui.MaxBody(desk.MaxFile))
	rt.Handle("POST /assess/apply/send", access.Citizen, s.assessSend)
	rt.Handle("GET /assess/sent/{id}", access.Citizen, s.assessSent)
	rt.Handle("GET /case", access.Citizen, s.caseList)
	rt.Handle("GET /case/{id}", access.Citizen, s.caseView)
	rt.Handle("POST /case/{id}/withdraw", access.Citizen, s.caseWithdraw)
	rt.Handle("POST /case/{id}/file", access.Citizen, s.caseFile, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /case/{id}/letter/{kind}", access.Citizen, s.caseLetter)
	rt.Handle("GET /case/{id}/object", access.Citizen, s.caseObjectForm)
	rt.Handle("POST /case/{id}/object", access.Citizen, s.caseObject)
	rt.Handle("GET /assess/file/{doc}", access.Citizen, s.caseDocument)
	rt.Handle("GET /notice", access.Public, s.noticeList, ui.Shared())
	rt.Handle("GET /notice/{id}", access.Public, s.notice, ui.Shared())
	rt.Handle("POST /notice/{id}", access.Citizen, s.noticeObject)

	// 办事 (matter)：事项从政策包来，指南、流程图、问题都照它画
	rt.Handle("GET /matter", access.Public, s.matters, ui.Shared())
	rt.Handle("GET /matter/{id}", access.Public, s.matter, ui.Shared())
	rt.Handle("GET /matter/{id}/openapi.json", access.Public, s.matterForm)
	rt.Handle("GET /matter/{id}/apply", access.Citizen, s.matterStart)
	rt.Handle("GET /matter/{id}/apply/{q}", access.Citizen, s.matterQuestion)
	rt.Handle("POST /matter/{id}/apply/{q}", access.Citizen, s.matterAnswer, ui.MaxBody(desk.MaxFile))
	rt.Handle("POST /matter/{id}/send", access.Citizen, s.matterSend)

	// 投诉、咨询、建议和评价 (voice)
	rt.Handle("GET /voice", access.Public, s.voices)
	rt.Handle("GET /voice/new", access.Public, s.voiceNew)
	rt.Handle("POST /voice/new", access.Public, s.voiceSend)
	rt.Handle("GET /voice/find", access.Public, s.voiceFind)
	rt.Handle("POST /voice/find", access.Public, s.voiceFound)
	rt.Handle("GET /voice/{id}", access.Citizen, s.voice)
	rt.Handle("GET /voice/{id}/file/{doc}", access.Citizen, s.voiceFile)
	rt.Handle("GET /voice/{id}/paper", access.Citizen, s.voicePaper)
	rt.Handle("POST /voice/{id}/accept", access.Citizen, s.voiceAccept)
	rt.Handle("POST /voice/{id}/again", access.Citizen, s.voiceAgain)
	rt.Handle("GET /publication", access.Public, s.publications, ui.Shared())
	rt.Handle("GET /publication/{id}", access.Public, s.publication, ui.Shared())
	rt.Handle("GET /publication/{id}/paper", access.Public, s.publicationPaper)
	rt.Handle("GET /publication/{id}/file/{doc}", access.Public, s.publicationFile)
	rt.Handle("GET /publication/{id}/file/{doc}/captions.vtt", access.Public, s.publicationCaptions)
	rt.Handle("GET /survey", access.Public, s.survey)
	rt.Handle("POST /survey", access.Public, s.surveySend)
	rt.Handle("GET /survey/{n}", access.Public, s.surveyQuestion)
	rt.Handle("GET /survey/done", access.Public, s.surveyDone)
	rt.Handle("GET /rate/{kind}/{id}", access.Citizen, s.rate)
	rt.Handle("POST /rate/{kind}/{id}", access.Citizen, s.rateSend)

	// 服务大厅 (hall)：取号、大屏、取号机
	rt.Handle("GET /hall", access.Public, s.halls)
	rt.Handle("GET /hall/{id}", access.Public, s.hallOne)
	rt.Handle("POST /hall/{id}", access.Citizen, s.hallTake)
	rt.Handle("POST /hall/{id}/leave", access.Citizen, s.hallGone)
	rt.Handle("GET /hall/{id}/screen", access.Public, s.hallScreen)
	rt.Handle("GET /hall/{id}/say/{label}", access.Public, s.hallSay, ui.Shared())
	rt.Handle("GET /hall/{id}/machine/{key}", access.Public, s.hallMachine)
	rt.Handle("POST /hall/{id}/machine/{key}", access.Public, s.hallMachineTake)

	rt.Handle("GET /near", access.Public, s.near, ui.Shared())

	// 家人代办 (family)
	rt.Handle("GET /family", access.Citizen, s.family)
	rt.Handle("GET /family/log", access.Citizen, s.familyLog)
	rt.Handle("GET /family/new", access.Citizen, s.familyNew)
	rt.Handle("GET /family/check", access.Citizen, s.familyNew) // who comes back from the login
	rt.Handle("POST /family/check", access.Citizen, s.familyCheck)
	rt.Handle("POST /family", access.Citizen, s.familyAllow)
	rt.Handle("POST /family/{id}/recall", access.Citizen, s.familyRecall)
	rt.Handle("POST /family/pass", access.Citizen, s.familyPass)
	rt.Handle("POST /family/act", access.Citizen, s.familyStart)
	rt.Handle("POST /family/stop", access.Citizen, s.familyStop)

	// 护理 (care)
	rt.Handle("GET /care", access.Citizen, s.care)
	rt.Handle("GET /care/account", access.Citizen, s.account)
	rt.Handle("POST /care/account", access.Citizen, s.accountEnter)
	rt.Handle("GET /care/days", access.Citizen, s.careDays)
	rt.Handle("POST /care/days", access.Citizen, s.careDaysKeep)
	rt.Handle("POST /care/days/back", access.Citizen, s.careDaysBack)
	rt.Handle("GET /care/choose", access.Citizen, s.chooseMode)
	rt.Handle("POST /care/choose", access.Citizen, s.choose)
	rt.Handle("GET /care/plan/{id}", access.Citizen, s.carePlan)
	rt.Handle("GET /care/plan/{id}/paper", access.Citizen, ui.PaperOf(s.received(s.Care.Paper)))
	rt.Handle("POST /care/plan/{id}", access.Citizen, s.carePlanAct("confirm"))
	rt.Handle("POST /care/plan/{id}/undo", access.Citizen, s.carePlanAct("undo"))
	rt.Handle("GET /care/visit/{id}", access.Citizen, s.careVisit)

	// 账单 (claim)、收银台 (pay)
	rt.Handle("GET /claim", access.Citizen, s.bills)
	rt.Handle("GET /claim/{id}", access.Citizen, s.bill)
	rt.Handle("GET /claim/{id}/paper", access.Citizen, ui.PaperOf(s.Claim.Paper))
	rt.Handle("POST /claim/{id}", access.Citizen, s.billSettle)
	rt.Handle("GET /claim/{id}/problem", access.Citizen, s.billProblem)
	rt.Handle("POST /claim/{id}/problem", access.Citizen, s.billDispute)
	rt.Handle("POST /claim/{id}/undo", access.Citizen, s.billUndo)
	rt.Handle("GET /claim/{id}/pay", access.Citizen, s.billPay)
	rt.Handle("GET /pay/{order}", access.Public, s.cashier)
	rt.Handle("POST /pay/{order}", access.Public, s.cashierPay)

	return rt
}

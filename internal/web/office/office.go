// Package office is the agency's face (经办端): worklists, cases, settlement,
// packs, dashboard. This file lists every route; the handlers are in <word>.go,
// their templates in <word>/.
package office

import (
	"embed"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/fund"
	"yinling/internal/hall"
	"yinling/internal/institution"
	"yinling/internal/measure"
	"yinling/internal/outreach"
	"yinling/internal/peer"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/report"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

//go:embed */*.html
var files embed.FS

// Server holds what the pages need. Owners of a word add their service here.
type Server struct {
	Kit   *ui.Kit
	Log   *audit.Log
	Packs *policy.Set

	Access      *access.Service
	Report      *report.Service
	Person      *person.Service
	Institution *institution.Service
	Desk        *desk.Service
	Door        *door.Service
	Assess      *assess.Service
	Outreach    *outreach.Service
	Share       *share.Service
	Peer        *peer.Service
	Care        *care.Service
	Claim       *claim.Service
	Fund        *fund.Service
	Hall        *hall.Service
	Measure     *measure.Service
	MayWhy      ui.Entitled // who may see which decision
	System      *System
	Base        string // the address under which phones reach the site, for QR codes

	cache  waitingCache
	queues []*queue
}

// Router lists all routes of the agency's face.
func (s *Server) Router() *ui.Router {
	rt := ui.NewRouter(s.Kit, ui.Office)
	rt.Search = "/o/person"
	rt.Counts = s.counts
	rt.Nav = []ui.NavGroup{
		{Items: []ui.NavItem{{Href: "/o/", Label: "工作台", Icon: "home", Can: access.Anyone}}},
		{Title: "待办", Items: []ui.NavItem{
			{Href: "/o/matter", Label: "事项办件", Icon: "list", Can: access.DeskSee},
			{Href: "/o/call", Label: "回电", Icon: "phone", Can: access.DeskSee, Count: "calls", Hot: true},
			{Href: "/o/point", Label: "代办的件", Icon: "list", Can: access.PointAct},
			{Href: "/o/handover", Label: "通办", Icon: "train", Can: access.DeskEnter},
			{Href: "/o/door", Label: "上门办", Icon: "door", Can: access.DeskSee},
			{Href: "/o/door/dispatch", Label: "上门派单", Icon: "train", Can: access.DeskSee},
			{Href: "/o/desk", Label: "失能评估", Icon: "care", Can: access.DeskSee, Count: "desk", Hot: true},
			{Href: "/o/notice", Label: "公示", Icon: "doc", Can: access.AssessNotice},
			{Href: "/o/paper", Label: "文书", Icon: "doc", Can: access.DeskSee, Count: "papers", Hot: true},
			{Href: "/o/care/plans", Label: "护理计划", Icon: "list", Can: access.PlanApprove, Count: "plans"},
			{Href: "/o/care/family", Label: "亲情护理", Icon: "family", Can: access.PlanApprove},
			{Href: "/o/care/exceptions", Label: "服务疑点", Icon: "shield", Can: access.ExceptionJudge, Count: "exceptions", Hot: true},
		}},
		{Title: "服务大厅", Items: []ui.NavItem{
			{Href: "/o/hall", Label: "叫号和窗口", Icon: "bell", Can: access.HallWork},
			{Href: "/o/hall/facility", Label: "设施检查", Icon: "check", Can: access.HallWork},
			{Href: "/o/hall/emergency", Label: "应急", Icon: "warn", Can: access.HallWork},
		}},
		{Title: "投诉和宣传", Items: []ui.NavItem{
			{Href: "/o/voice", Label: "投诉和建议", Icon: "chat", Can: access.VoiceSee, Count: "voices", Hot: true},
			{Href: "/o/rating", Label: "好差评", Icon: "check", Can: access.VoiceSee},
			{Href: "/o/followup", Label: "回访", Icon: "phone", Can: access.VoiceSee},
			{Href: "/o/improve", Label: "改进事项", Icon: "pen", Can: access.VoiceSee},
			{Href: "/o/publication", Label: "宣传材料", Icon: "book", Can: access.VoiceSee},
			{Href: "/o/briefing", Label: "宣讲和知晓率", Icon: "chart", Can: access.VoiceSee},
		}},
		{Title: "人员和机构", Items: []ui.NavItem{
			{Href: "/o/person", Label: "参保人", Icon: "user", Can: access.PersonSee},
			{Href: "/o/person/fix", Label: "人员更正", Icon: "pen", Can: access.PersonSee},
			{Href: "/o/share", Label: "部门名单", Icon: "shield", Can: access.ShareSee},
			{Href: "/o/share/watch", Label: "重点人群", Icon: "care", Can: access.ShareSee},
			{Href: "/o/roster", Label: "名册导入", Icon: "cloud", Can: access.RosterImport},
			{Href: "/o/institution", Label: "定点机构", Icon: "build", Can: access.InstitutionSee},
			{Href: "/o/inquiry", Label: "问询和申辩", Icon: "shield", Can: access.InstitutionSee},
			{Href: "/o/staff", Label: "人员库", Icon: "family", Can: access.InstitutionSee},
		}},
		{Title: "结算和基金", Items: []ui.NavItem{
			{Href: "/o/claim", Label: "月度结算", Icon: "bill", Can: access.FundSee, Count: "claims"},
			{Href: "/o/fund", Label: "基金账", Icon: "coin", Can: access.FundSee},
			{Href: "/o/fund/due", Label: "年度筹资", Icon: "coin", Can: access.FundSee},
		}},
		{Title: "分析和政策", Items: []ui.NavItem{
			{Href: "/o/report", Label: "看板", Icon: "chart", Can: access.ReportSee},
			{Href: "/o/measure", Label: "工作台账", Icon: "list", Can: access.MeasureSee},
			{Href: "/o/pack", Label: "政策包", Icon: "scale", Can: access.PackSee},
		}},
		{Title: "系统", Items: []ui.NavItem{
			{Href: "/o/access", Label: "账号", Icon: "user", Can: access.AdminAccess},
			{Href: "/o/peer", Label: "对接", Icon: "train", Can: access.AdminSystem},
			{Href: "/o/system", Label: "系统", Icon: "gear", Can: access.AdminSystem},
			{Href: "/o/audit", Label: "审计日志", Icon: "shield", Can: access.AuditSee},
		}},
	}

	// 待办队列：每一个都是同一个模板，列表、决定、批量、撤回 (work)
	s.queues = []*queue{s.deskQueue(), s.matterQueue(), s.callQueue(), s.planQueue(), s.exceptionQueue(), s.claimQueue(),
		s.billQueue(), s.recoverQueue(), s.accountQueue(), s.noticeQueue(), s.fixQueue(), s.voiceQueue(), s.ratingQueue(), s.followQueue(), s.improveQueue(), s.doubtQueue(), s.watchQueue(), s.dispatchQueue(), s.paperQueue(), s.inquiryQueue()}
	for _, q := range s.queues {
		rt.Handle("GET "+q.Path, q.See, s.queueList(q))
		for _, d := range q.Deeds {
			rt.Handle("POST "+q.Path+"/"+d.Key, d.Can, s.decide(q, d))
		}
		if q.Undo != "" {
			rt.Handle("POST "+q.Path+"/undo", q.Deeds[0].Can, s.takeBack(q)) // who may do the first may take back
		}
	}
	rt.Handle("GET /o/batch/{id}", access.Anyone, s.batch)
	rt.Handle("POST /o/batch/{id}/undo", access.Anyone, s.batchUndo)
	rt.Handle("POST /o/keys", access.Anyone, s.keys)

	// 工作台、看板、政策包、决定依据
	rt.Handle("GET /o/", access.Anyone, s.home)
	rt.Handle("GET /o/report", access.ReportSee, s.report)
	rt.Handle("GET /o/report/assess", access.ReportSee, s.reportAssess)
	rt.Handle("GET /o/report/care", access.ReportSee, s.reportCare)
	rt.Handle("GET /o/report/map", access.ReportSee, s.reportMap)
	rt.Handle("GET /o/pack", access.PackSee, s.packList)
	rt.Handle("GET /o/pack/diff", access.PackSee, s.packDiff)
	rt.Handle("GET /o/pack/calendar", access.PackSee, s.packCalendar)
	rt.Handle("GET /o/pack/{region}", access.PackSee, s.packShow)
	rt.Handle("GET /o/pack/{region}/design", access.PackSee, s.packDesign)
	rt.Handle("GET /o/pack/{region}/{key}", access.PackSee, s.packKey)
	rt.Handle("GET /o/why/{id}", access.WhySee, ui.Why(ui.Office, s.Log, s.MayWhy))

	// 办件 (desk)、评估 (assess)、公示 (notice)
	rt.Handle("GET /o/desk/new", access.DeskEnter, s.deskNew)
	rt.Handle("POST /o/desk/new", access.DeskEnter, s.deskEnter, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /o/assess/{id}", access.DeskSee, s.assessCase)
	rt.Handle("GET /o/assess/{id}/letter/{kind}", access.DeskSee, s.assessLetter)
	rt.Handle("GET /o/assess/{id}/file/{doc}", access.DeskSee, s.assessFile)
	rt.Handle("POST /o/assess/{id}/file", access.DeskEnter, s.assessAttach, ui.MaxBody(desk.MaxFile))
	rt.Handle("POST /o/assess/{id}/hold", access.AssessAccept, s.assessHold)
	rt.Handle("POST /o/assess/{id}/accept", access.AssessAccept, s.assessAccept)
	rt.Handle("POST /o/assess/{id}/supplement", access.AssessAccept, s.assessSupplement)
	rt.Handle("POST /o/assess/{id}/refuse", access.AssessAccept, s.assessRefuse)
	rt.Handle("POST /o/assess/{id}/withdraw", access.DeskEnter, s.assessWithdraw)
	rt.Handle("POST /o/assess/{id}/draw", access.AssessDraw, s.assessDraw)
	rt.Handle("POST /o/assess/{id}/replace", access.AssessDraw, s.assessReplace)
	rt.Handle("POST /o/assess/{id}/appoint", access.AssessDraw, s.assessAppoint)
	rt.Handle("POST /o/assess/{id}/publish", access.AssessNotice, s.assessPublish)
	rt.Handle("POST /o/assess/{id}/deliver", access.AssessNotice, s.assessDeliver)
	rt.Handle("POST /o/assess/{id}/effect", access.AssessNotice, s.assessEffect)
	rt.Handle("GET /o/notice/paper", access.AssessNotice, ui.PaperOf(s.noticePaper))
	rt.Handle("GET /o/paper/print/{id}", access.DeskEnter, s.paperPrint)

	// 工作台账 (measure)
	rt.Handle("GET /o/measure", access.MeasureSee, s.measures)
	rt.Handle("GET /o/measure/matrix", access.MeasureSee, s.measureMatrix)
	rt.Handle("GET /o/measure/table", access.MeasureSee, s.measureTable)
	rt.Handle("GET /o/measure/paper", access.MeasureSee, s.measurePaper)
	rt.Handle("GET /o/measure/filing", access.MeasureSee, s.measureFiling)
	rt.Handle("POST /o/measure/filing", access.MeasureWrite, s.filingAct(filingWrite))
	rt.Handle("POST /o/measure/filing/approve", access.MeasureApprove, s.filingAct(filingApprove))
	rt.Handle("POST /o/measure/filing/send", access.MeasureWrite, s.filingAct(filingSend))
	rt.Handle("GET /o/measure/filing/paper", access.MeasureSee, s.filingPaper)
	rt.Handle("GET /o/measure/{duty}", access.MeasureSee, s.measureOne)
	rt.Handle("POST /o/measure/{duty}/plan", access.MeasureWrite, s.measurePlan)
	rt.Handle("POST /o/measure/{duty}/report", access.MeasureWrite, s.measureReport, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /o/measure/{duty}/file/{doc}", access.MeasureSee, s.measureProof)

	// 投诉、好差评、改进 (outreach)
	rt.Handle("GET /o/voice/new", access.VoiceAct, s.voiceNew)
	rt.Handle("POST /o/voice/new", access.VoiceAct, s.voiceEnter)
	rt.Handle("GET /o/voice/{id}/file/{doc}", access.VoiceSee, s.voiceFile)
	rt.Handle("GET /o/voice/{id}/paper", access.VoiceSee, s.voicePaper)
	rt.Handle("GET /o/improve/new", access.VoiceAct, s.improveForm)
	rt.Handle("POST /o/improve/new", access.VoiceAct, s.improveEnter)
	rt.Handle("GET /o/publication", access.VoiceSee, s.publications)
	rt.Handle("GET /o/publication/{id}", access.VoiceSee, s.publication)
	rt.Handle("POST /o/publication/{id}", access.VoiceAct, s.publicationWrite, ui.MaxBody(desk.MaxFile))
	rt.Handle("POST /o/publication/{id}/turn", access.VoiceLead, s.publicationTurn)
	rt.Handle("GET /o/publication/{id}/paper", access.VoiceSee, s.publicationPaper)
	rt.Handle("GET /o/publication/{id}/file/{doc}", access.VoiceSee, s.publicationFile)
	rt.Handle("POST /o/publication/{id}/file/{doc}/drop", access.VoiceAct, s.publicationDrop)
	rt.Handle("GET /o/briefing", access.VoiceSee, s.briefings)
	rt.Handle("GET /o/briefing/{id}", access.VoiceSee, s.briefOne)
	rt.Handle("POST /o/briefing/{id}", access.VoiceAct, s.briefPhoto)
	rt.Handle("GET /o/briefing/{id}/file/{doc}", access.VoiceSee, s.briefFile)
	rt.Handle("POST /o/briefing", access.VoiceAct, s.briefEnter)
	rt.Handle("POST /o/survey", access.VoiceAct, s.surveyEnter)

	// 事项办件 (matter)：按政策包里的环节办
	rt.Handle("GET /o/matter/new", access.DeskEnter, s.matterNew)
	rt.Handle("POST /o/matter/new", access.DeskEnter, s.matterEnter, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /o/matter/case/{id}", access.DeskSee, s.matterCase)
	rt.Handle("GET /o/matter/case/{id}/file/{doc}", access.DeskSee, s.matterFile)
	rt.Handle("GET /o/matter/case/{id}/letter/{kind}", access.DeskSee, ui.PaperOf(s.Desk.Letter))
	rt.Handle("POST /o/matter/case/{id}/decide", access.MatterAct, s.matterDecide)
	rt.Handle("POST /o/matter/case/{id}/supply", access.DeskEnter, s.matterSupply, ui.MaxBody(desk.MaxFile))

	// 回电 (call)
	rt.Handle("GET /o/call/new", access.DeskEnter, s.callForm)
	rt.Handle("POST /o/call/new", access.DeskEnter, s.callEnter)
	rt.Handle("GET /o/call/case/{id}", access.DeskSee, s.callCase)

	// 通办 (handover)：替外地收件
	rt.Handle("GET /o/handover", access.DeskEnter, s.handover)
	rt.Handle("GET /o/peer", access.AdminSystem, s.peers)
	rt.Handle("POST /o/peer", access.AdminSystem, s.peerRegister)
	rt.Handle("POST /o/peer/{id}", access.AdminSystem, s.peerSwitch)
	rt.Handle("POST /o/handover", access.DeskEnter, s.handoverSend, ui.MaxBody(desk.MaxFile))

	// 上门办 (door)、服务站点 (point)
	rt.Handle("GET /o/door", access.DeskSee, s.door)
	rt.Handle("GET /o/door/owed", access.DeskSee, s.doorOwed)
	rt.Handle("POST /o/door/helper", access.DeskEnter, s.doorHire)
	rt.Handle("POST /o/door/helper/rest", access.DeskEnter, s.doorRest)
	rt.Handle("GET /o/door/visit/{id}", access.DeskSee, s.doorVisit)
	rt.Handle("POST /o/door/visit/{id}", access.DeskEnter, s.doorFinish, ui.MaxBody(desk.MaxFile))
	rt.Handle("POST /o/door/visit/{id}/again", access.DeskEnter, s.doorAgain)
	rt.Handle("GET /o/door/visit/{id}/file/{doc}", access.DeskSee, ui.FileOf(s.Door.Open))
	rt.Handle("GET /o/point", access.PointAct, s.point)
	rt.Handle("GET /o/point/new", access.PointAct, s.pointNew)
	rt.Handle("POST /o/point/new", access.PointAct, s.pointSend, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /o/point/case/{id}", access.PointAct, s.pointCase)
	rt.Handle("GET /o/point/case/{id}/letter/{kind}", access.PointAct, ui.PaperOf(s.Desk.Letter))

	// 人员 (person)、名册 (roster)
	rt.Handle("GET /o/person", access.PersonSee, s.people)
	rt.Handle("GET /o/person/{id}", access.PersonSee, s.person)
	rt.Handle("POST /o/person/{id}/number", access.DeskEnter, s.personNumber)
	rt.Handle("POST /o/person/{id}/proxy", access.DeskEnter, s.personProxy)
	rt.Handle("POST /o/person/{id}/recall", access.DeskEnter, s.personRecall)
	rt.Handle("POST /o/person/{id}/pass", access.DeskEnter, s.personPass)
	rt.Handle("POST /o/person/{id}/fix", access.DeskEnter, s.personFix)
	rt.Handle("POST /o/person/{id}/sanction", access.ClaimReverse, s.personPunish)
	rt.Handle("POST /o/person/{id}/sanction/undo", access.ClaimReverse, s.personPardon)
	rt.Handle("GET /o/person/{id}/contribution", access.PersonSee, s.personContribution)
	rt.Handle("GET /o/person/{id}/account", access.PersonSee, s.payAccount)
	rt.Handle("POST /o/person/{id}/account", access.DeskEnter, s.payAccountEnter)
	rt.Handle("GET /o/roster", access.RosterImport, s.rosters)
	rt.Handle("POST /o/roster", access.RosterImport, s.rosterUpload, ui.MaxBody(maxRoster))
	rt.Handle("GET /o/roster/{id}", access.RosterImport, s.rosterOne)
	rt.Handle("GET /o/roster/{id}/rejects", access.RosterImport, s.rosterRejects)

	// 部门数据共享 (share)
	rt.Handle("GET /o/share", access.ShareSee, s.shareList)
	rt.Handle("POST /o/share", access.ShareImport, s.shareUpload, ui.MaxBody(maxRoster))
	rt.Handle("POST /o/share/key", access.ShareImport, s.shareKey)
	rt.Handle("POST /o/share/key/{id}", access.ShareImport, s.shareKeyOff)
	rt.Handle("GET /o/share/batch/{id}", access.ShareSee, s.shareBatch)
	rt.Handle("GET /o/share/batch/{id}/rejects", access.ShareImport, s.shareRejects)
	rt.Handle("GET /o/share/watch", access.ShareSee, s.shareWatch)
	rt.Handle("POST /o/share/watch", access.ShareFollow, s.shareRefresh)
	rt.Handle("GET /o/share/person/{id}", access.ShareSee, s.sharePerson)
	rt.Handle("POST /o/share/person/{id}/contact", access.ShareFollow, s.shareContact)
	rt.Handle("POST /o/share/person/{id}/retract", access.ShareImport, s.shareRetract)
	rt.Handle("POST /o/share/person/{id}/record", access.ShareFollow, s.shareRecord)

	// 机构 (institution)、护理 (care)
	rt.Handle("GET /o/institution", access.InstitutionSee, s.institutions)
	rt.Handle("POST /o/institution", access.InstitutionAct, s.institutionEnter)
	rt.Handle("GET /o/staff", access.InstitutionSee, s.staffRegister)
	rt.Handle("GET /o/institution/{id}", access.InstitutionSee, s.institution)
	rt.Handle("POST /o/institution/{id}", access.InstitutionAct, s.institutionAct)
	rt.Handle("POST /o/institution/{id}/admit", access.InstitutionAct, s.institutionAdmit)
	rt.Handle("GET /o/inquiry/{id}/file/{doc}", access.InstitutionSee, s.inquiryFile)
	rt.Handle("POST /o/institution/{id}/ask", access.InstitutionAct, s.institutionAsk)
	rt.Handle("POST /o/institution/{id}/sanction", access.InstitutionAct, s.institutionSanction)
	rt.Handle("POST /o/institution/{id}/token", access.InstitutionAct, s.institutionToken)
	rt.Handle("POST /o/institution/{id}/token/off", access.InstitutionAct, s.institutionTokenOff)
	rt.Handle("GET /o/institution/{id}/staff/{staff}", access.InstitutionSee, s.institutionStaff)
	rt.Handle("POST /o/institution/{id}/staff/{staff}", access.InstitutionAct, s.institutionBan)
	rt.Handle("GET /o/care/family", access.PlanApprove, s.family)
	rt.Handle("POST /o/care/family/draw", access.PlanApprove, s.familyDraw)
	rt.Handle("GET /o/care/family/new", access.PlanApprove, s.familyNew)
	rt.Handle("POST /o/care/family/new", access.PlanApprove, s.familySave)
	rt.Handle("GET /o/care/family/plan/{id}", access.PlanApprove, s.familyNew)
	rt.Handle("POST /o/care/family/plan/{id}", access.PlanApprove, s.familySave)
	rt.Handle("GET /o/care/family/days/{id}", access.PlanApprove, s.familyDays)
	rt.Handle("POST /o/care/family/days/{id}", access.DeskEnter, s.familyDaysKeep)
	rt.Handle("GET /o/care/family/spot/{month}/{id}", access.PlanApprove, s.spot)
	rt.Handle("POST /o/care/family/spot/{month}/{id}", access.PlanApprove, s.spotKeep)
	rt.Handle("GET /o/care/plan/{id}", access.PlanApprove, s.carePlan)
	rt.Handle("GET /o/care/plan/{id}/paper", access.PlanApprove, ui.PaperOf(s.Care.Paper))
	rt.Handle("POST /o/care/plan/{id}", access.PlanApprove, s.carePlanAct)
	rt.Handle("GET /o/care/visit/{id}/file/{doc}", access.ExceptionJudge, s.careFile)
	rt.Handle("GET /o/care/exception/{id}/{kind}", access.ExceptionJudge, s.careException)
	rt.Handle("POST /o/care/exception/{id}/{kind}", access.ExceptionJudge, s.careJudge)

	// 服务大厅 (hall)
	rt.Handle("GET /o/hall", access.HallWork, s.halls)
	rt.Handle("POST /o/hall", access.HallManage, s.hallEnter)
	rt.Handle("GET /o/hall/at/{id}", access.HallWork, s.hallPlace)
	rt.Handle("POST /o/hall/at/{id}", access.HallManage, s.hallChange)
	rt.Handle("POST /o/hall/at/{id}/window", access.HallManage, s.hallWindowEnter)
	rt.Handle("GET /o/hall/at/{id}/board", access.HallManage, s.hallBoard)
	rt.Handle("GET /o/hall/at/{id}/sign/{kind}", access.HallWork, s.hallSign)
	rt.Handle("GET /o/hall/at/{id}/guide", access.HallWork, s.hallGuide)
	rt.Handle("POST /o/hall/at/{id}/guide", access.HallWork, s.hallDraw)
	rt.Handle("GET /o/hall/window/{id}", access.HallWork, s.hallWindow)
	rt.Handle("POST /o/hall/window/{id}", access.HallManage, s.hallWindowChange)
	rt.Handle("POST /o/hall/window/{id}/turn", access.HallWork, s.hallTurn)
	rt.Handle("POST /o/hall/window/{id}/call", access.HallWork, s.hallCall)
	rt.Handle("POST /o/hall/window/{id}/act", access.HallWork, s.hallAct)
	rt.Handle("GET /o/hall/ticket/{id}", access.HallWork, s.hallTicket)
	rt.Handle("POST /o/hall/ticket/{id}", access.HallWork, s.hallTicketAct)
	rt.Handle("POST /o/hall/ticket/{id}/step", access.HallWork, s.hallStep)
	rt.Handle("GET /o/hall/facility", access.HallWork, s.facilities)
	rt.Handle("GET /o/hall/facility/{id}", access.HallWork, s.facilityPlace)
	rt.Handle("POST /o/hall/facility/{id}", access.HallWork, s.facilityCheck, ui.MaxBody(desk.MaxFile))
	rt.Handle("GET /o/hall/facility/{id}/photo/{doc}", access.HallWork, s.facilityPhoto)
	rt.Handle("GET /o/hall/emergency", access.HallWork, s.emergency)
	rt.Handle("POST /o/hall/emergency", access.HallWork, s.emergencyAlarm)
	rt.Handle("GET /o/hall/emergency/plan", access.HallWork, s.emergencyPlan)
	rt.Handle("POST /o/hall/emergency/plan", access.HallManage, s.emergencyIssue)
	rt.Handle("POST /o/hall/emergency/drill", access.HallWork, s.emergencyDrill)
	rt.Handle("GET /o/hall/incident/{id}", access.HallWork, s.incident)
	rt.Handle("POST /o/hall/incident/{id}", access.HallWork, s.incidentTell)
	rt.Handle("POST /o/hall/incident/{id}/end", access.HallWork, s.incidentEnd)
	rt.Handle("GET /o/hall/incident/{id}/paper", access.HallWork, s.incidentPaper)

	// 结算 (claim)、基金 (fund)
	rt.Handle("GET /o/claim/month/{inst}/{month}", access.FundSee, s.claimMonth)
	rt.Handle("GET /o/claim/month/{inst}/{month}/paper", access.FundSee, ui.PaperOf(s.Claim.Payout))
	rt.Handle("POST /o/claim/month/{inst}/{month}/review", access.ClaimReview, s.claimAct(claimReview))
	rt.Handle("POST /o/claim/month/{inst}/{month}/check", access.ClaimReview, s.claimAct(claimCheck))
	rt.Handle("POST /o/claim/month/{inst}/{month}/return", access.ClaimReview, s.claimAct(claimReturn))
	rt.Handle("POST /o/claim/month/{inst}/{month}/back", access.ClaimSign, s.claimAct(claimReturn))
	rt.Handle("POST /o/claim/month/{inst}/{month}/deduct", access.ClaimReview, s.claimAct(claimDeduct))
	rt.Handle("POST /o/claim/month/{inst}/{month}/sign", access.ClaimSign, s.claimAct(claimSign))
	rt.Handle("POST /o/claim/family", access.ClaimReview, s.claimFamily)
	rt.Handle("POST /o/claim/bill/{id}/recover", access.ClaimReverse, s.recoverAsk)
	rt.Handle("GET /o/claim/bill/{id}", access.FundSee, s.bill)
	rt.Handle("GET /o/claim/bill/{id}/paper", access.FundSee, ui.PaperOf(s.Claim.Paper))
	rt.Handle("POST /o/claim/bill/{id}", access.ClaimReverse, s.billAsk)
	rt.Handle("GET /o/claim/file", access.FundSee, s.payFiles)
	rt.Handle("POST /o/claim/file", access.ClaimSign, s.payFileMake)
	rt.Handle("GET /o/claim/file/{id}", access.FundSee, s.payFile)
	rt.Handle("GET /o/claim/file/{id}/csv", access.ClaimSign, s.payFileCSV)
	rt.Handle("POST /o/claim/file/{id}/return", access.ClaimSign, s.payReturn)
	rt.Handle("GET /o/claim/deposit", access.FundSee, s.deposits)
	rt.Handle("POST /o/claim/deposit", access.FundPost, s.depositRelease)
	rt.Handle("GET /o/fund", access.FundSee, s.fundBook)
	rt.Handle("POST /o/fund", access.FundPost, s.fundPost)
	rt.Handle("GET /o/fund/contribution", access.FundSee, s.contribution)
	rt.Handle("GET /o/fund/due", access.FundSee, s.due)
	rt.Handle("POST /o/fund/due/count", access.FundPost, s.dueAct(s.dueCount))
	rt.Handle("POST /o/fund/due/book", access.ClaimReview, s.dueAct(s.dueBook))
	rt.Handle("POST /o/fund/due/receipt", access.FundPost, s.dueAct(s.dueEnter), ui.MaxBody(16<<20))
	rt.Handle("POST /o/fund/due/judge", access.ClaimReview, s.dueAct(s.dueJudge))
	rt.Handle("POST /o/fund/close", access.FundClose, s.fundClose)
	rt.Handle("GET /o/fund/vouchers", access.FundSee, s.vouchers)
	rt.Handle("GET /o/fund/voucher/{id}", access.FundSee, s.voucher)
	rt.Handle("POST /o/fund/voucher/{id}", access.FundPost, s.voucherReverse)
	rt.Handle("GET /o/fund/statement/{book}/{month}", access.FundSee, s.fundStatement)
	rt.Handle("GET /o/fund/statement/{book}/{month}/paper", access.FundSee, ui.PaperOf(s.statementPaper))
	rt.Handle("GET /o/fund/match", access.FundSee, s.fundMatch)

	// 账号 (access)
	rt.Handle("GET /o/access", access.AdminAccess, s.accounts)
	rt.Handle("POST /o/access", access.AdminAccess, s.accountCreate)
	rt.Handle("GET /o/access/{id}", access.AdminAccess, s.account)
	rt.Handle("POST /o/access/{id}", access.AdminAccess, s.accountDisable)
	rt.Handle("POST /o/access/{id}/reset", access.AdminAccess, s.accountReset)

	// 系统 (system)、审计 (audit)
	rt.Handle("GET /o/system", access.AdminSystem, s.system)
	rt.Handle("POST /o/system/job/{id}", access.AdminSystem, s.systemRetry)
	rt.Handle("GET /o/audit", access.AuditSee, s.audit)
	rt.Handle("POST /o/audit/verify", access.AuditSee, s.auditVerify)

	return rt
}

package access

import (
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/outreach"
	"yinling/internal/peer"
)

// ids are things that exist, all around one person, the victim: what an
// attacker would put into an address.
type ids struct {
	person, name, phone, number, address string // the victim, under names that nobody else has
	helper                               string // a proxy of the victim
	proxy                                string // the authorisation
	app, doc, decision                   string // the assessment
	plan, done, planned, bill            string // plan, a visit that was done, one to come, a bill that waits
	doubt, kind                          string // a visit of the victim with an exception
	family, spot                         string // a plan of family care, and the month for which it was drawn
	order                                string
	login                                string // an account that nobody uses
	inst, staff, carer                   string // who cares; carer is the account of staff
	task, assessor, expert               string // an assessment at home that waits, and the accounts drawn
	notice, month, payfile, upload       string
	voucher                              string
	register, line                       string // a department's list, and a row of it that waits for a clerk
	hall, window, hallTicket, incident   string // the service hall
	matter, door, point                  string // what the victim brought, the visit for it, a service point
	resident                             string // the victim's stay in a home
	job, batch                           string // a job that was given up; what another account did in one go
	voice, publication, improve          string // what the victim said; a text that is public; something to improve
	message, inquiry                     string // what the institution that cares was told; what it is asked
	peer                                 string // another installation
	briefing, shareKey                   string // a talk that was held; a key of the registers' interface
}

func (w *town) ids() (x ids) {
	// Somebody with a waiting bill and an exception, and nothing at the desk but the application.
	x.person = w.text(`SELECT b.person FROM claim_bill b JOIN care_exception e ON e.region = b.region AND e.person = b.person
		JOIN claim_charge c ON c.region = b.region AND c.person = b.person WHERE b.region = $1 AND b.status = 'quoted'
		AND NOT EXISTS (SELECT 1 FROM desk_case k WHERE k.region = b.region AND k.person = b.person AND k.matter <> 'assess') ORDER BY b.person LIMIT 1`, region)
	x.name, x.phone, x.address = "欧阳探雀", "19955501234", "探雀里七十七号"
	w.exec(`UPDATE person_person SET name = $3, pinyin = 'ouyangtanque', phone_sealed = $4, address = $5 WHERE region = $1 AND id = $2`, region, x.person, x.name,
		w.Keys.Seal(region, "person.phone", x.phone), x.address)
	of := func(query string) string { w.t.Helper(); return w.text(query, region, x.person) }
	number, err := w.Keys.Open(region, "person.id", of(`SELECT id_sealed FROM person_person WHERE region = $1 AND id = $2`))
	if err != nil {
		w.t.Fatal(err)
	}
	x.number = number
	x.proxy = of(`SELECT id FROM person_proxy WHERE region = $1 AND person = $2`)
	x.helper = of(`SELECT proxy FROM person_proxy WHERE region = $1 AND person = $2`)
	x.app = of(`SELECT id FROM desk_case WHERE region = $1 AND person = $2`)
	x.doc = w.text(`SELECT id FROM desk_document WHERE region = $1 AND case_id = $2 AND kind <> 'video'`, region, x.app)
	x.decision = w.text(`SELECT id FROM audit_decision WHERE region = $1 AND object = $2`, region, x.app)
	x.plan = of(`SELECT id FROM care_plan WHERE region = $1 AND person = $2 AND status = 'active'`)
	x.done = of(`SELECT MAX(id) FROM care_visit WHERE region = $1 AND person = $2 AND status = 'done'`)
	x.planned = of(`SELECT MIN(id) FROM care_visit WHERE region = $1 AND person = $2 AND status = 'planned'`)
	x.bill = of(`SELECT MIN(visit) FROM claim_bill WHERE region = $1 AND person = $2 AND status = 'quoted'`)
	x.doubt = of(`SELECT MIN(visit) FROM care_exception WHERE region = $1 AND person = $2`)
	x.kind = w.text(`SELECT kind FROM care_exception WHERE region = $1 AND visit = $2`, region, x.doubt)
	x.order = of(`SELECT MIN(id) FROM claim_charge WHERE region = $1 AND person = $2`)
	x.inst = of(`SELECT institution FROM care_plan WHERE region = $1 AND person = $2 AND status = 'active'`)
	x.login = w.account(region, "clerk", "spare", "", "闲置账号")
	x.staff = w.text(`SELECT staff FROM care_visit WHERE region = $1 AND id = $2`, region, x.planned)
	x.carer = w.text(`SELECT account FROM institution_staff WHERE region = $1 AND id = $2`, region, x.staff)
	x.task = w.text(`SELECT a.id FROM assess_application a JOIN assess_member m ON m.region = a.region AND m.case_id = a.id JOIN institution_staff s ON s.region = m.region AND s.id = m.staff
		WHERE a.region = $1 AND a.state = 'drawn' AND s.role = 'assessor' AND m.status = 'on'`, region)
	member := `SELECT s.account FROM assess_member m JOIN institution_staff s ON s.region = m.region AND s.id = m.staff WHERE m.region = $1 AND m.case_id = $2 AND s.role = `
	x.assessor = w.text(member+`'assessor'`, region, x.task)
	x.expert = w.text(member+`'expert'`, region, x.task)
	x.notice = w.text(`SELECT id FROM outreach_notice WHERE region = $1 AND status = 'running'`, region)
	x.month = w.text(`SELECT MAX(month) FROM claim_month WHERE region = $1 AND institution = $2`, region, x.inst)
	x.payfile = w.text(`SELECT MIN(id) FROM claim_payfile WHERE region = $1`, region)
	v := w.text(`SELECT book || '-' || lane || '-' || no FROM fund_voucher WHERE region = $1 ORDER BY no DESC`, region)
	x.voucher = v
	x.hall = w.text(`SELECT place FROM hall_ticket WHERE region = $1 ORDER BY id DESC LIMIT 1`, region)
	x.window = w.text(`SELECT id FROM hall_window WHERE region = $1 AND place = $2 ORDER BY no LIMIT 1`, region, x.hall)
	x.hallTicket = w.text(`SELECT MAX(id) FROM hall_ticket WHERE region = $1`, region)
	x.incident = w.text(`SELECT MAX(id) FROM hall_incident WHERE region = $1`, region)
	said, err := w.Outreach.Speak(w.t.Context(), audit.Actor{ID: "victim", Name: x.name, Role: "citizen", Region: region, Person: x.person}, region, "",
		outreach.Said{Kind: "complaint", Text: "探雀的事", Channel: desk.Online, Person: x.person, Against: "staff", AgainstInst: x.inst})
	if err != nil {
		w.t.Fatal(err)
	}
	x.voice = said.Number
	x.publication = w.text(`SELECT MIN(id) FROM outreach_publication WHERE region = $1 AND state = 'published'`, region)
	x.improve = w.text(`SELECT MIN(id) FROM outreach_improve WHERE region = $1 AND state = 'open'`, region)
	x.briefing = w.text(`SELECT MIN(id) FROM outreach_briefing WHERE region = $1`, region)
	if _, err := w.Share.NewKey(w.t.Context(), audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}, region, "tekun", "民政救助系统", 0); err != nil {
		w.t.Fatal(err)
	}
	x.shareKey = w.text(`SELECT SUBSTR(hash, 1, 16) FROM share_key WHERE region = $1`, region)
	x.peer = "330328"
	if _, err := w.Peer.Register(w.t.Context(), audit.Actor{ID: "admin", Name: "周工", Role: "admin", Region: region}, peer.New{There: x.peer, Name: "外地的系统", Address: "https://peer.example.cn"}); err != nil {
		w.t.Fatal(err)
	}
	x.batch = "batch-of-another"
	w.exec(`INSERT INTO desk_batch (region, id, account, queue, act, until, items, at) VALUES ($1,$2,$3,'desk','accept',0,'[]',0)`, region, x.batch, x.login)
	x.register = w.text(`SELECT batch FROM share_row WHERE region = $1 AND state = 'doubtful' ORDER BY batch, line`, region)
	x.line = w.text(`SELECT CAST(MIN(line) AS TEXT) FROM share_row WHERE region = $1 AND batch = $2 AND state = 'doubtful'`, region, x.register)
	clerk := audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}
	brought, err := w.Desk.Apply(w.t.Context(), clerk, desk.ApplyInput{Region: region, Key: "victim", Matter: "claim.manual", Person: x.person, Channel: desk.Window,
		Answers: map[string]string{"hospital": "探雀医院", "on": "2024-05-20", "total": "100", "reason": "urgent"}})
	if err != nil {
		w.t.Fatal(err)
	}
	x.matter = brought.Number
	asked, err := w.Institution.Inquire(w.t.Context(), clerk, region, x.inst, "victim-asked", "探雀的上门为什么只有 12 分钟", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	x.inquiry = asked.ID
	x.message = w.text(`SELECT MAX(id) FROM institution_message WHERE region = $1 AND institution = $2`, region, x.inst)
	x.family = w.text(`SELECT MIN(plan) FROM care_spot WHERE region = $1`, region)
	x.spot = w.text(`SELECT MIN(month) FROM care_spot WHERE region = $1`, region)
	x.door = w.text(`SELECT MIN(id) FROM door_visit WHERE region = $1`, region)
	w.exec(`UPDATE door_visit SET person = $3 WHERE region = $1 AND id = $2`, region, x.door, x.person)
	x.point = w.account(region, "point", w.text(`SELECT MIN(id) FROM institution_institution WHERE region = $1`, region), "", "服务站点")
	x.resident = "stay-of-the-victim"
	w.exec(`INSERT INTO institution_resident (region, id, institution, person, room, since, until, why, consent, home, actor, at, version)
		VALUES ($1,$2,$3,$4,'301','2024-05-01','','','本人当面同意','{}','boss',0,1)`, region, x.resident, x.inst, x.person)
	x.job = "job-given-up"
	w.exec(`INSERT INTO job_job (region, id, kind, key, args, due, lease, tries, done, error, at) VALUES ($1,$2,'test.none',$2,'{}',0,0,20,-1,'没有人办',0)`, region, x.job)
	return x
}

// roster uploads a roster whose one row is rejected, so that there is an upload to look at.
func (w *town) roster(by *visitor) string {
	a := by.upload("/o/roster", "file", []byte("证件号码,姓名,性别,出生日期\n99010019400101001X,探雀,女,1940-01-01\n"))
	if a.code != 303 {
		w.t.Fatalf("roster: %s", a.brief())
	}
	w.Person.Wait()
	return a.to[strings.LastIndex(a.to, "/")+1:]
}

// cast are the visitors, each the one of its role who has to do with the ids.
func (w *town) cast(x ids) map[string]*visitor {
	out := map[string]*visitor{"": w.nobody()}
	for _, role := range []string{"clerk", "insurer", "reviewer", "treasurer", "auditor", "admin", "security"} {
		out[role] = w.login(role, role)
	}
	out["citizen"] = w.citizen("citizen", region, x.person)
	out["institution"] = w.as("institution", region, w.text(`SELECT id FROM access_account WHERE region = $1 AND institution = $2 AND role = 'institution'`, region, x.inst))
	out["care_worker"] = w.as("care_worker", region, x.carer)
	out["assessor"] = w.as("assessor", region, x.assessor)
	out["expert"] = w.as("expert", region, x.expert)
	out["helper"] = w.as("helper", region, w.text(`SELECT h.account FROM door_visit v JOIN door_helper h ON h.region = v.region AND h.id = v.helper WHERE v.region = $1 AND v.id = $2`, region, x.door))
	out["point"] = w.as("point", region, x.point)
	return out
}

// fill puts ids into the address of a route; with none, such as do not exist.
func (x ids) fill(path string, none bool) string {
	at := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(path, p) {
				return true
			}
		}
		return false
	}
	id := ""
	switch {
	case at("/why/", "/o/why/", "/v/why/", "/j/why/"):
		id = x.decision
	case at("/case/", "/assess/sent/", "/o/assess/", "/j/apply/"):
		id = x.app
	case at("/hall/", "/o/hall/at/", "/o/hall/facility/"):
		id = x.hall
	case at("/o/hall/window/"):
		id = x.window
	case at("/o/hall/ticket/"):
		id = x.hallTicket
	case at("/o/hall/incident/"):
		id = x.incident
	case at("/notice/"):
		id = x.notice
	case at("/j/resident/"):
		id = x.resident
	case at("/j/case/"):
		id = x.app
	case at("/o/matter/case/", "/o/point/case/", "/o/call/case/"):
		id = x.matter
	case at("/o/door/visit/", "/v/door/"):
		id = x.door
	case at("/matter/"):
		id = "claim.manual"
	case at("/family/"):
		id = x.proxy
	case at("/care/plan/", "/o/care/plan/", "/j/plan/"):
		id = x.plan
	case at("/o/care/family/plan/", "/o/care/family/spot/", "/o/care/family/days/"):
		id = x.family
	case at("/care/visit/", "/o/care/visit/"):
		id = x.done
	case at("/claim/", "/o/claim/bill/"):
		id = x.bill
	case at("/o/share/key/"):
		id = x.shareKey
	case at("/o/share/batch/"):
		id = x.register
	case at("/o/person/", "/o/share/person/"):
		id = x.person
	case at("/o/roster/"):
		id = x.upload
	case at("/o/institution/"):
		id = x.inst
	case at("/o/care/exception/", "/j/exception/", "/v/visit/{id}/exception/"):
		id = x.doubt
	case at("/o/claim/file/"):
		id = x.payfile
	case at("/o/fund/voucher/"):
		id = x.voucher
	case at("/v/visit/", "/j/visit/"):
		id = x.planned
	case at("/v/assess/"):
		id = x.task
	case at("/o/system/job/"):
		id = x.job
	case at("/o/peer/"):
		id = x.peer
	case at("/voice/", "/o/voice/", "/j/voice/"):
		id = x.voice
	case at("/publication/", "/o/publication/"):
		id = x.publication
	case at("/o/briefing/"):
		id = x.briefing
	case at("/o/improve/"):
		id = x.improve
	case at("/rate/", "/o/rating/", "/o/followup/"):
		id = x.done
	case at("/o/batch/"):
		id = x.batch
	case at("/o/access/"):
		id = x.login
	case at("/j/message/"):
		id = x.message
	case at("/j/inquiry/", "/o/inquiry/"):
		id = x.inquiry
	case at("/o/paper/print/"):
		id = x.batch
	case at("/j/staff/"):
		id = x.staff
	}
	key := "benefit.rate"
	topic := "near"
	pairs := []string{"{batch}", x.register, "{line}", x.line, "{id}", id, "{doc}", x.doc, "{kind}", "accept", "{order}", x.order, "{inst}", x.inst, "{month}", x.month, "{staff}", x.staff,
		"{book}", "ltci", "{region}", region, "{key}", key, "{topic}", topic, "{duty}", "lyg-1", "{matter}", "claim.manual", "{n}", "1", "{provider}", "wechat", "{code}", "S320700-X-20240603-AAAAAAAAAAAA", "{q}", "who", "{label}", "A001", "{name}", "192.png", "{$}", ""}
	if at("/o/care/family/spot/") {
		pairs[slices.Index(pairs, "{month}")+1] = x.spot
	}
	if at("/rate/", "/o/rating/", "/o/followup/") {
		pairs[5] = "visit"
	}
	if at("/o/matter/case/", "/o/point/case/") {
		pairs[9] = "C" // 补正告知书
	}
	if at("/o/care/exception/", "/j/exception/", "/v/visit/") {
		pairs[9] = x.kind
	}
	if none {
		for i := 1; i < len(pairs); i += 2 {
			pairs[i] = "nothing-here"
		}
	}
	return strings.NewReplacer(pairs...).Replace(path)
}

// Package caretest is a small town on a real database and a plain browser, for
// the tests of the faces: one station with two workers and a nurse, persons in
// benefit, and plans in force.
package caretest

import (
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

// Region is the town's region, a pack in internal/care/testdata.
const Region = "990700"

// Today is the day on which the town's clock starts, a Monday.
var Today = day.FromTime(dbtest.Start)

// Town is what a test of pages needs.
type Town struct {
	T         testing.TB
	DB        *db.DB
	Clock     *dbtest.Clock
	Log       *audit.Log
	Packs     *policy.Set
	Files     *desk.Files
	People    *person.Service
	Insts     *institution.Service
	Care      *care.Service
	Inst      institution.Institution
	Persons   []string
	Boss      audit.Actor   // the station's manager
	Clerk     audit.Actor   // the agency
	Workers   []audit.Actor // two care workers and a nurse
	WorkerIDs []string
}

// Must stops the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// New builds the town on d with n persons.
func New(t testing.TB, d *db.DB, c *dbtest.Clock, n int) *Town {
	t.Helper()
	set, err := policy.Load("../../care/testdata/packs")
	Must(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	Must(t, err)
	log := &audit.Log{DB: d}
	tn := &Town{T: t, DB: d, Clock: c, Log: log, Packs: set, Files: &desk.Files{Dir: t.TempDir()}, Insts: &institution.Service{Log: log, Packs: set, Keys: keys},
		People: &person.Service{Log: log, Keys: keys, Packs: set}, Clerk: audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: Region}}
	tn.Insts.People = tn.People
	tn.Care = &care.Service{Log: log, Packs: set, People: tn.People}
	Must(t, d.Write(context.Background(), tn.fill(n)))
	return tn
}

func (tn *Town) fill(n int) func(tx *db.Tx) error {
	return func(tx *db.Tx) (err error) {
		if tn.Inst, err = tn.Insts.Put(tx, Region, institution.New{Name: "康宁护理站", Kind: institution.Care, District: "海州区", AccountName: "康宁护理站", Account: "9901000000000000017"}); err != nil {
			return err
		}
		if err = tn.Insts.Apply(tx, Region, tn.Inst.ID, institution.Change{Action: "agree", From: Today - 100, To: Today + 700}, ""); err != nil {
			return err
		}
		tn.Boss = audit.Actor{ID: "boss", Name: "站长", Role: "institution", Region: Region, Institution: tn.Inst.ID}
		for i, role := range []institution.Role{institution.CareWorker, institution.CareWorker, institution.Nurse} {
			login := fmt.Sprintf("w%d", i)
			m, err := tn.Insts.PutStaff(tx, Region, institution.NewStaff{Institution: tn.Inst.ID, Name: []string{"周小兰", "吴大江", "郑护士"}[i], Role: role, Account: login})
			if err != nil {
				return err
			}
			tn.WorkerIDs = append(tn.WorkerIDs, m.ID)
			tn.Workers = append(tn.Workers, audit.Actor{ID: login, Name: m.Name, Role: "care_worker", Region: Region, Institution: tn.Inst.ID, Person: m.ID})
		}
		var entries []person.Entry
		for i := range n {
			birth := day.MustParse("1942-03-15").AddDays(i)
			num, err := person.ParseID(person.DemoID(i, birth, "女"), Today)
			if err != nil {
				return err
			}
			entries = append(entries, person.Entry{Number: num, Name: fmt.Sprintf("王桂%c", rune('兰'+i)), Sex: "女", Birth: birth, Phone: "13900000000", District: "海州区", Community: "望湖社区",
				Address: fmt.Sprintf("%d栋301", i+1), Lat: int64(34600000 + i*8993), Lng: 119200000, Resident: true,
				Coverage: person.Coverage{Scheme: "ltci", Kind: "employee", Since: Today - 3000, Status: "active"}, Has: person.HasAll})
		}
		if tn.Persons, _, err = tn.People.Put(tx, Region, entries); err != nil {
			return err
		}
		for _, p := range tn.Persons {
			if _, err = benefit.Grant(tx, benefit.GrantInput{Region: Region, Person: p, Level: 4, Decided: Today - 30, From: Today - 20, To: Today + 700}); err != nil {
				return err
			}
		}
		return nil
	}
}

// Self is a person's own login.
func (tn *Town) Self(p int) audit.Actor {
	return audit.Actor{ID: "self-" + tn.Persons[p], Name: "本人", Role: "citizen", Region: Region, Person: tn.Persons[p]}
}

// Input is a plan of two visits a week by the first worker.
func (tn *Town) Input(p int) care.PlanInput {
	return care.PlanInput{Person: tn.Persons[p], Mode: "home", From: Today, To: Today + 90,
		Items: []care.PlanItem{{Item: "L01", PerWeek: 2, Minutes: 20, Staff: "care_worker"}, {Item: "L02", PerWeek: 1, Minutes: 40, Staff: "care_worker"}},
		Slots: []care.Slot{{Weekday: 1, Start: "09:00", Staff: tn.WorkerIDs[0]}, {Weekday: 4, Start: "09:00", Staff: tn.WorkerIDs[0]}}}
}

// Plan writes a plan and takes it through the acts named: offer, confirm, approve.
func (tn *Town) Plan(p int, acts ...string) care.Plan {
	tn.T.Helper()
	plan, err := tn.Care.Save(context.Background(), tn.Boss, Region, "", "", tn.Input(p))
	Must(tn.T, err)
	by := map[string]audit.Actor{"offer": tn.Boss, "confirm": tn.Self(p), "approve": tn.Clerk}
	for _, a := range acts {
		plan, err = tn.Care.Act(context.Background(), by[a], Region, plan.ID, "", care.PlanAct{Action: a, Pin: "2468"})
		Must(tn.T, err)
	}
	return plan
}

// Visits are a person's visits of some days.
func (tn *Town) Visits(p int, from, to day.Day) (out []care.Visit) {
	tn.T.Helper()
	Must(tn.T, tn.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		out, err = care.VisitsOfPerson(tx, Region, tn.Persons[p], from, to, 100)
		return err
	}))
	return out
}

// Browser is a browser without script.
type Browser struct {
	t    testing.TB
	c    *http.Client
	base string
	As   string // id of who is logged in, sent to the test's Kit.Who
	Page string // what it shows
	Code int
	URL  string
}

// Open starts a server of h and a browser on it.
func Open(t testing.TB, h http.Handler) *Browser {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	Must(t, err)
	b := &Browser{t: t, c: &http.Client{Jar: jar}, base: srv.URL}
	b.c.Transport = asTransport{b}
	return b
}

type asTransport struct{ b *Browser }

func (a asTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("X-Test-Who", a.b.As)
	return http.DefaultTransport.RoundTrip(r)
}

func (b *Browser) do(r *http.Request, err error) *Browser {
	b.t.Helper()
	Must(b.t, err)
	resp, err := b.c.Do(r)
	Must(b.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	Must(b.t, err)
	b.Page, b.Code, b.URL = string(text), resp.StatusCode, resp.Request.URL.Path
	return b
}

// Get shows a page.
func (b *Browser) Get(path string) *Browser {
	b.t.Helper()
	return b.do(http.NewRequest("GET", b.base+path, nil))
}

var hidden = regexp.MustCompile(`name="(token|once)" value="([^"]*)"`)

// Post sends a form with the tokens of the page that is shown; a name that
// begins with @ is a file.
func (b *Browser) Post(path string, fields ...string) *Browser {
	b.t.Helper()
	all := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(b.Page, 2) {
		all.Set(m[1], m[2])
	}
	file := ""
	for i := 0; i < len(fields); i += 2 {
		if strings.HasPrefix(fields[i], "@") {
			file = fields[i][1:]
		}
		all.Add(fields[i], fields[i+1])
	}
	if file == "" {
		r, err := http.NewRequest("POST", b.base+path, strings.NewReader(all.Encode()))
		if err == nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return b.do(r, err)
	}
	var body strings.Builder
	m := multipart.NewWriter(&body)
	for k, vs := range all {
		for _, v := range vs {
			if k == "@"+file {
				w, err := m.CreateFormFile(file, "照片.jpg")
				Must(b.t, err)
				io.WriteString(w, v)
			} else {
				Must(b.t, m.WriteField(k, v))
			}
		}
	}
	Must(b.t, m.Close())
	r, err := http.NewRequest("POST", b.base+path, strings.NewReader(body.String()))
	if err == nil {
		r.Header.Set("Content-Type", m.FormDataContentType())
	}
	return b.do(r, err)
}

// JSON sends a body with the token of the page that is shown.
func (b *Browser) JSON(path, body string) *Browser {
	b.t.Helper()
	r, err := http.NewRequest("POST", b.base+path, strings.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		if m := hidden.FindStringSubmatch(b.Page); m != nil {
			r.Header.Set("X-Form-Token", m[2])
		}
	}
	return b.do(r, err)
}

// Want checks the status and that the page says each of the texts.
func (b *Browser) Want(code int, texts ...string) *Browser {
	b.t.Helper()
	if b.Code != code {
		b.t.Fatalf("%s: status %d, want %d\n%s", b.URL, b.Code, code, b.main())
	}
	for _, s := range texts {
		if !strings.Contains(b.Page, s) {
			b.t.Fatalf("%s does not say %q\n%s", b.URL, s, b.main())
		}
	}
	return b
}

func (b *Browser) main() string {
	if i := strings.Index(b.Page, "<main"); i >= 0 {
		return b.Page[i:]
	}
	return b.Page
}

// Photo is the beginning of a JPEG, enough to be taken for one.
const Photo = "\xff\xd8\xff\xe0\x00\x10JFIF\x00 a picture"

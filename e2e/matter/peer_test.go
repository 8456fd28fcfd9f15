package matter

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"

	apipeer "yinling/internal/api/peer"
	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/demo"
	"yinling/internal/desk"
	"yinling/internal/peer"
	"yinling/internal/person"
)

// node is one installation behind its own server, whose line can be cut.
type node struct {
	*hall
	region string
	srv    *httptest.Server

	mu      sync.Mutex
	handler http.Handler
	down    bool   // nobody answers
	lose    string // the next answer to this path is lost after the work is done
	seen    int
	last    *http.Request // of the interface, with its body
	body    []byte
}

func newNode(t *testing.T, region, url string, clock *demo.Clock) *node {
	n := &node{region: region}
	n.srv = httptest.NewTLSServer(http.HandlerFunc(n.gate))
	t.Cleanup(n.srv.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: n.srv.Certificate().Raw}), 0o600))
	a, err := app.Open(context.Background(), app.Config{DB: url, Data: t.TempDir(), Addr: "127.0.0.1:0", Site: n.srv.URL, Region: region, Agency: demo.Agency, PeerCA: ca, Now: clock.Now, AllowUnsafe: true})
	must(t, err)
	t.Cleanup(func() { a.Close() })
	n.hall = &hall{App: a, t: t, clock: clock}
	n.handler, err = a.Handler()
	must(t, err)
	return n
}

func (n *node) gate(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	h, down, lose := n.handler, n.down, n.lose != "" && strings.HasSuffix(r.URL.Path, n.lose)
	if lose {
		n.lose = ""
	}
	if !down {
		b, _ := io.ReadAll(r.Body)
		n.seen, n.last, n.body = n.seen+1, r.Clone(context.Background()), b
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	n.mu.Unlock()
	switch {
	case down:
		panic(http.ErrAbortHandler)
	case lose:
		h.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		h.ServeHTTP(w, r)
	}
}

func (n *node) set(fn func()) { n.mu.Lock(); defer n.mu.Unlock(); fn() }

func (n *node) who(role string) audit.Actor {
	a := n.staff(role)
	a.Region = n.region
	return a
}

func (n *node) see(id string) (desk.Case, desk.Application) {
	n.t.Helper()
	c, a, err := n.Desk.See(context.Background(), n.who("clerk"), n.region, id)
	must(n.t, err)
	return c, a
}

func (n *node) count(query string, args ...any) (k int) {
	n.t.Helper()
	must(n.t, n.DB.Raw().QueryRow(query, args...).Scan(&k))
	return k
}

// refused counts messages that were turned away, by the record.
func (n *node) refused() int {
	return n.count(`SELECT COUNT(*) FROM audit_event WHERE region = $1 AND verb = 'peer.message' AND result <> 'done'`, n.region)
}

// pair is two installations that know each other, and somebody who is insured there.
type pair struct {
	here, far *node
	clock     *demo.Clock
	idno      string
	secret    string
}

func eachPair(t *testing.T, fn func(t *testing.T, p *pair)) {
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return dbtest.PostgresURL(t) }} {
		t.Run(name, func(t *testing.T) {
			ctx, clock := context.Background(), &demo.Clock{}
			clock.At(today, 9, 0)
			p := &pair{here: newNode(t, region, url(), clock), far: newNode(t, there, url(), clock), clock: clock}
			no, err := person.ParseID(person.DemoID(900, today.AddMonths(-12*80), "女"), today)
			must(t, err)
			p.idno = no.Text
			p.far.write(func(tx *db.Tx) error {
				_, _, err := p.far.Person.Put(tx, there, []person.Entry{{Number: no, Name: "林秀英", Sex: "女", Birth: today.AddMonths(-12 * 80), District: "鼓楼区", Resident: true,
					Coverage: person.Coverage{Kind: "resident", Since: today - 900, Status: "active"}, Has: person.HasAll}})
				return err
			})
			p.secret, err = p.here.Peer.Register(ctx, p.here.who("admin"), peer.New{There: there, Name: "福州市医疗保障局", Address: p.far.srv.URL})
			must(t, err)
			made, err := p.far.Peer.Register(ctx, p.far.who("admin"), peer.New{There: region, Name: "连云港市医疗保障局", Address: p.here.srv.URL + "/", Secret: p.secret})
			must(t, err)
			if len(p.secret) < 32 || made != "" {
				t.Fatalf("%q %q", p.secret, made)
			}
			fn(t, p)
		})
	}
}

func (p *pair) take(t *testing.T, key, phone string, files ...desk.FileFor) string {
	t.Helper()
	r, err := p.here.Desk.TakeAway(context.Background(), p.here.who("clerk"), desk.Away{There: there, IDNo: p.idno, Name: "林秀英",
		ApplyInput: desk.ApplyInput{Key: key, Matter: "person.change", Channel: desk.Window, Answers: map[string]string{"phone": phone}, Files: files}})
	must(t, err)
	return r.Number
}

// run lets time pass and runs what is due on one side.
func (p *pair) run(t *testing.T, n *node, later time.Duration) {
	t.Helper()
	p.clock.Set(p.clock.Now().Add(later))
	_, err := n.Jobs.Drain(context.Background())
	must(t, err)
}

// TestTwoInstallations: a case goes to another installation with its files, once,
// also when an answer is lost or the other side is away for a day; both clocks
// run; the result comes home the same way.
func TestTwoInstallations(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		ctx, here, far := context.Background(), p.here, p.far
		picture := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("ginkgo"), 400)...)
		paper, err := here.Files.Save(region, "户口簿 第1页.png", bytes.NewReader(picture), here.DB.Now())
		must(t, err)

		// Nobody answers for a day: tried again and again, then given up, then
		// taken up in the morning.
		far.set(func() { far.down = true })
		one := p.take(t, "one", "19900000777", desk.FileFor{Kind: "proof", Stored: paper})
		for range 21 { // until six in the morning
			p.run(t, here, time.Hour)
		}
		c, a := here.see(one)
		if c.Status != desk.StatusOpen || a.Other != "" || c.Due.IsZero() {
			t.Fatalf("%+v %+v", c, a)
		}
		stuck, err := here.Desk.StuckList(ctx, region)
		must(t, err)
		if len(stuck) != 1 || !stuck[0].GivenUp || stuck[0].Case != one || stuck[0].There != there || !strings.Contains(stuck[0].Error, "连不上福州市医疗保障局") {
			t.Fatalf("%+v", stuck)
		}
		b := here.web()
		b.As = "admin"
		b.Get("/o/peer").Want(200, "福州市医疗保障局", "不通", "连不上", one, "现在就送")
		p.run(t, here, 3*time.Hour) // the morning's run gives it back to the queue; still nobody
		far.set(func() { far.down = false })
		p.run(t, here, 2*time.Hour)
		_, a = here.see(one)
		if a.Other == "" {
			t.Fatalf("not there: %+v", a)
		}
		fc, fa := far.see(a.Other)
		if fc.Status != desk.StatusOpen || fc.Due.IsZero() || fa.Other != one || fa.OtherRegion != region || fa.Answers["phone"] != "19900000777" {
			t.Errorf("%+v %+v", fc, fa)
		}
		must(t, far.DB.Read(ctx, func(tx *db.Tx) error {
			docs, err := desk.Documents(tx, there, a.Other)
			if err != nil || len(docs) != 1 || docs[0].SM3 != paper.SM3 || docs[0].Kind != "proof" || docs[0].Name != paper.Name {
				t.Errorf("%+v %v", docs, err)
				return err
			}
			f, err := far.Files.Open(docs[0])
			if err != nil {
				return err
			}
			defer f.Close()
			got, err := io.ReadAll(f)
			if !bytes.Equal(got, picture) {
				t.Error("another picture")
			}
			return err
		}))
		if ps, err := here.Peer.Peers(ctx, region); err != nil || len(ps) != 1 || ps[0].Error != "" || ps[0].Sent < ps[0].Failed {
			t.Errorf("%+v %v", ps, err)
		}

		// The result: its answer is lost, so it is sent twice and closes the case once.
		here.set(func() { here.lose = "/results" })
		must(t, far.Desk.Decide(ctx, far.who("clerk"), desk.Cmd{Region: there, ID: a.Other}, desk.Pass, "", nil))
		p.run(t, far, time.Minute)
		if stuck, err := far.Desk.StuckList(ctx, there); err != nil || len(stuck) != 1 || !stuck[0].Back || stuck[0].There != region {
			t.Errorf("%+v %v", stuck, err)
		}
		p.run(t, far, time.Hour)
		c, a = here.see(one)
		if c.Status != desk.StatusDone || !strings.Contains(a.Result, "手机号") {
			t.Errorf("%s %q", c.Status, a.Result)
		}
		if n := here.count(`SELECT COUNT(*) FROM desk_step WHERE region = $1 AND case_id = $2 AND action = 'back'`, region, one); n != 1 {
			t.Errorf("closed %d times", n)
		}
		if stuck, err := far.Desk.StuckList(ctx, there); err != nil || len(stuck) != 0 {
			t.Errorf("%+v %v", stuck, err)
		}

		// The receipts of a file and of the case are lost: each is sent again, each is there once.
		far.set(func() { far.lose = "/files" })
		paper, err = here.Files.Save(region, "户口簿.png", bytes.NewReader(picture), here.DB.Now())
		must(t, err)
		two := p.take(t, "two", "19900000778", desk.FileFor{Kind: "proof", Stored: paper})
		p.run(t, here, time.Minute)
		far.set(func() { far.lose = "/cases" })
		p.run(t, here, time.Hour)
		if _, a := here.see(two); a.Other != "" {
			t.Errorf("the lost receipt is known: %q", a.Other)
		}
		p.run(t, here, time.Hour)
		_, a = here.see(two)
		if n := far.count(`SELECT COUNT(*) FROM desk_application WHERE region = $1 AND other = $2`, there, two); n != 1 || a.Other == "" {
			t.Errorf("%d cases there, number %q", n, a.Other)
		}
		if n := far.count(`SELECT COUNT(*) FROM desk_document WHERE region = $1 AND case_id = $2`, there, a.Other); n != 1 {
			t.Errorf("%d files there", n)
		}

		// Refused there: the reason comes home.
		r, err := here.Desk.TakeAway(ctx, here.who("clerk"), desk.Away{There: there, IDNo: p.idno, Name: "林秀兰",
			ApplyInput: desk.ApplyInput{Key: "three", Matter: "person.change", Channel: desk.Window, Answers: map[string]string{"phone": "19900000779"}}})
		must(t, err)
		p.run(t, here, time.Minute)
		if c, a := here.see(r.Number); c.Status != desk.StatusRefused || !strings.Contains(a.Result, "对不上") {
			t.Errorf("%s %q", c.Status, a.Result)
		}

		// Stopped: what is taken waits here and goes when the peer is taken up again.
		far.set(func() { far.seen = 0 })
		four := p.take(t, "four", "19900000780")
		must(t, here.Peer.Switch(ctx, here.who("admin"), there, "off", true))
		p.run(t, here, time.Minute)
		if _, err := here.Desk.TakeAway(ctx, here.who("clerk"), desk.Away{There: there, IDNo: p.idno, Name: "林秀英", ApplyInput: desk.ApplyInput{Key: "five", Matter: "person.change", Channel: desk.Window}}); err == nil || !strings.Contains(err.Error(), "还没有和这个地区接通") {
			t.Errorf("taken for a peer that is stopped: %v", err)
		}
		if far.seen != 0 {
			t.Errorf("%d messages to a peer that is stopped", far.seen)
		}
		must(t, here.Peer.Switch(ctx, here.who("admin"), there, "on", false))
		must(t, far.Desk.Decide(ctx, far.who("clerk"), desk.Cmd{Region: there, ID: a.Other}, desk.Pass, "", nil)) // one at a time for a person
		p.run(t, here, time.Hour)
		if _, a := here.see(four); a.Other == "" {
			t.Error("the case of the stopped peer has not gone")
		}
	})
}

// TestPeerIsNotBelieved: whoever is unknown, signs wrongly, repeats, comes late,
// sends too much or something else than was signed is turned away with a
// sentence, and the record has it; an answer without a signature is none.
func TestPeerIsNotBelieved(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		ctx, here, far := context.Background(), p.here, p.far
		known, err := here.Peer.Of(ctx, region, there)
		must(t, err)
		send := func(path string, change func(m *peer.Message, r *http.Request), body string, size int64) (int, string) {
			t.Helper()
			sum := sm3Of(body)
			m := peer.Message{From: region, To: there, Method: "POST", URI: apipeer.Prefix + path, Time: here.DB.Now().Unix(), Nonce: peer.Nonce(), Digest: sum}
			r, err := http.NewRequest("POST", far.srv.URL+m.URI, strings.NewReader(body))
			must(t, err)
			change(&m, r)
			if size > 0 {
				r.ContentLength = size
			}
			for k, v := range map[string]string{"Peer-From": m.From, "Peer-To": m.To, "Peer-Time": strconv.FormatInt(m.Time, 10), "Peer-Nonce": m.Nonce, "Peer-Digest": m.Digest} {
				r.Header.Set(k, v)
			}
			if r.Header.Get("Peer-Signature") == "" {
				r.Header.Set("Peer-Signature", known.Sign(m))
			}
			w := httptest.NewRecorder()
			far.handler.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		text, _ := json.Marshal(desk.Parcel{Origin: desk.Origin{Case: "SL20260603000014"}, Matter: "person.change", IDNo: p.idno, Name: "林秀英", Answers: map[string]string{"phone": "19900000777"}})
		body := string(text)
		same := func(*peer.Message, *http.Request) {}
		var kept peer.Message
		for _, x := range []struct {
			name   string
			change func(m *peer.Message, r *http.Request)
			body   string
			size   int64
			code   int
			say    string
		}{
			{"unknown", func(m *peer.Message, _ *http.Request) { m.From = "110000" }, body, 0, 403, "没有登记您的系统"},
			{"wrong signature", func(_ *peer.Message, r *http.Request) { r.Header.Set("Peer-Signature", strings.Repeat("0", 64)) }, body, 0, 403, "签名不对"},
			{"another's name", func(m *peer.Message, r *http.Request) {
				r.Header.Set("Peer-Signature", known.Sign(*m))
				m.Nonce = peer.Nonce()
			}, body, 0, 403, "签名不对"},
			{"late", func(m *peer.Message, _ *http.Request) { m.Time -= 3600 }, body, 0, 403, "两边的时钟差了 60 分钟"},
			{"early", func(m *peer.Message, _ *http.Request) { m.Time += 3600 }, body, 0, 403, "两边的时钟差了 60 分钟"},
			{"huge", same, body, 2 << 20, 409, "内容太大"},
			{"another body", func(m *peer.Message, _ *http.Request) { m.Digest = sm3Of("") }, body, 0, 409, "内容在路上变了"},
			{"not ours", same, `{"x":1}`, 0, 422, "内容读不懂"},
			{"first", func(m *peer.Message, _ *http.Request) { kept = *m }, body, 0, 200, `"number":"SL`},
			{"again", func(m *peer.Message, _ *http.Request) { *m = kept }, body, 0, 409, "已经收到过"},
		} {
			before := far.refused()
			code, got := send("/cases", x.change, x.body, x.size)
			if code != x.code || !strings.Contains(got, x.say) {
				t.Errorf("%s: %d %s", x.name, code, got)
			}
			turned := far.refused() - before
			if want := map[bool]int{true: 1}[x.code == 403 || x.say == "内容太大" || x.say == "已经收到过"]; turned != want {
				t.Errorf("%s: %d refusals in the record, want %d", x.name, turned, want)
			}
		}
		if n := far.count(`SELECT COUNT(*) FROM desk_application WHERE region = $1`, there); n != 1 {
			t.Errorf("%d cases there", n)
		}
		// Knocking without a key answers always and fills the record only so far.
		before := far.refused()
		for range 60 {
			if code, _ := send("/cases", func(m *peer.Message, _ *http.Request) { m.From = "110000" }, body, 0); code != 403 {
				t.Fatalf("%d", code)
			}
		}
		if n := far.refused() - before; n >= 60 || n < 1 {
			t.Errorf("%d of 60 knocks in the record", n)
		}
		// A peer closes only what was handed to it.
		other, err := here.Desk.Apply(ctx, here.who("clerk"), desk.ApplyInput{Region: region, Key: "own", Matter: "person.change", Person: here.someone(""), Channel: desk.Window, Answers: map[string]string{"phone": "19900000781"}})
		must(t, err)
		if err := here.Desk.TakeBack(ctx, there, desk.HandedBack{Here: region, Case: other.Number, Status: desk.StatusDone, Result: "办好了"}); err == nil {
			t.Error("a peer closed a case of ours")
		}
		// An answer that the peer has not signed is not believed.
		n := p.take(t, "n", "19900000782")
		far.set(func() {
			was := far.handler
			far.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"number":"SL1"}`) })
			t.Cleanup(func() { far.set(func() { far.handler = was }) })
		})
		p.run(t, here, time.Minute)
		if _, a := here.see(n); a.Other != "" {
			t.Errorf("believed %q", a.Other)
		}
		if stuck, err := here.Desk.StuckList(ctx, region); err != nil || len(stuck) != 1 || !strings.Contains(stuck[0].Error, "没有采信") {
			t.Errorf("%+v %v", stuck, err)
		}
		// The administrator's forms.
		b := here.web()
		b.As = "admin"
		b.Get("/o/peer").Post("/o/peer", "there", "35", "name", "某市", "address", "http://a").Want(422, "https://").
			Get("/o/peer").Post("/o/peer", "there", "331000", "name", "台州市", "address", "https://tz.example.cn/yl").Want(200, "密钥只在这里显示这一次", here.srv.URL)
		b.Get("/o/peer?edit=331000").Want(200, "改台州市", "https://tz.example.cn/yl").Post("/o/peer/331000", "do", "off").Want(200, "停用了")
		b.As = "clerk"
		b.Get("/o/peer").Want(403)
	})
}

func sm3Of(text string) string {
	h := sm3.Sum([]byte(text))
	return hex.EncodeToString(h[:])
}

package matter

import (
	"encoding/hex"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// web is the whole program in a browser without script. As says whose session
// it is: a role of the staff, or the id of an insured person.
func (h *hall) web() *caretest.Browser {
	h.t.Helper()
	handler, err := h.Handler()
	must(h.t, err)
	return caretest.Open(h.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if as := r.Header.Get("X-Test-Who"); as != "" {
			r.AddCookie(&http.Cookie{Name: "yl_session", Value: h.session(r, as)})
		}
		handler.ServeHTTP(w, r)
	}))
}

// session makes the account when it is not there; how one logs in is tested elsewhere.
func (h *hall) session(r *http.Request, as string) string {
	if at := h.sessions[as]; at != "" {
		return at
	}
	in := access.NewAccount{Region: region, Login: as, Name: as, Role: as, Password: "ginkgo-2026", TOTP: "JBSWY3DPEHPK3PXP"}
	switch {
	case access.RoleOf(as).ID == "":
		in = access.NewAccount{Region: region, Login: as, Name: "本人", Role: "citizen", Person: as}
	case as == "point":
		in.Institution = h.point.ID
	case as == "institution":
		in.Institution = h.home.ID
	}
	id, err := h.Access.Create(r.Context(), audit.System(region), in)
	if err != nil {
		h.t.Errorf("account of %s: %v", as, err)
		return ""
	}
	token, now := "token-"+id, h.DB.Now().UnixMilli()
	sum := sm3.Sum([]byte(token))
	if _, err := h.DB.Raw().Exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf) VALUES ($1,$2,$3,'c',$4,$4,'')`,
		region, hex.EncodeToString(sum[:]), id, now); err != nil {
		h.t.Errorf("session of %s: %v", as, err)
	}
	if h.sessions == nil {
		h.sessions = map[string]string{}
	}
	h.sessions[as] = region + "." + token
	return h.sessions[as]
}

var codeForm = regexp.MustCompile(`class="code">([^<]+)<`)

// prints opens a document as a page and as PDF, reads it, and asks whether it is
// genuine; it gives the code.
func (h *hall) prints(b *caretest.Browser, path string, words ...string) string {
	t := h.t
	t.Helper()
	b.Get(path).Want(200, words...)
	m := codeForm.FindStringSubmatch(b.Page)
	if m == nil {
		t.Fatalf("%s has no code", path)
	}
	as := b.As
	b.As = ""
	b.Get("/check/"+m[1]).Want(200, "是真的")
	wrong := "2"
	if strings.HasSuffix(m[1], "2") {
		wrong = "3"
	}
	b.Get("/check/"+m[1][:len(m[1])-1]+wrong).Want(404, "不是我们出的文书")
	b.As = as
	for _, x := range []string{"pdftotext", "pdfinfo", "/usr/bin/chromium"} {
		if _, err := exec.LookPath(x); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("no %s", x)
			}
			t.Logf("no %s: the PDF is not read", x)
			return m[1]
		}
	}
	b.Get(path + "?as=pdf").Want(200)
	file := filepath.Join(t.TempDir(), "a.pdf")
	must(t, os.WriteFile(file, []byte(b.Page), 0o600))
	if dir := os.Getenv("YINLING_PAPERS"); dir != "" { // to look at them
		must(t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(strings.Trim(path, "/"), "/", "_")+".pdf"), []byte(b.Page), 0o600))
	}
	info, err := exec.Command("pdfinfo", file).CombinedOutput()
	if err != nil || !regexp.MustCompile(`Pages:\s+1\n`).Match(info) || !strings.Contains(string(info), "A4") {
		t.Errorf("%s is not one page of A4: %v\n%s", path, err, info)
	}
	out, err := exec.Command("pdftotext", "-layout", file, "-").CombinedOutput()
	must(t, err)
	text := strings.Join(strings.Fields(string(out)), "")
	for _, want := range append(words, m[1]) {
		if !strings.Contains(text, strings.ReplaceAll(want, " ", "")) {
			t.Errorf("%s: the PDF does not say %q:\n%s", path, want, text)
		}
	}
	return m[1]
}

// TestLetters: each step gives its document, a decision that is taken back takes
// its document with it, and strangers get none.
func TestLetters(t *testing.T) {
	each(t, "", func(h *hall) {
		t, clerk := h.t, h.staff("clerk")
		p, stranger := h.someone(""), h.someone("")
		in := desk.ApplyInput{Region: region, Key: "l", Matter: "claim.manual", Person: p, Channel: desk.Window,
			Answers: map[string]string{"hospital": "示范医院", "on": "2026-05-20", "total": "1280.50", "reason": "remote"}}
		r, err := h.Desk.Apply(t.Context(), clerk, in)
		must(t, err)
		b := h.web()
		b.As = "clerk"
		at := "/o/matter/case/" + r.Number
		b.Get(at).Want(200, "补正告知书", at+"/letter/C") // it was brought without the papers
		if strings.Contains(b.Page, "受理通知书") {
			t.Error("accepted before anybody looked at it")
		}
		b.Get(at + "/letter/A").Want(404)
		h.prints(b, at+"/letter/C", "医疗费用手工报销补正告知书", r.Number, "发票或电子票据", "最晚补交")
		must(t, h.Desk.Supply(t.Context(), clerk, desk.Cmd{Region: region, ID: r.Number}, nil, "纸质票据收到"))
		decide := func(role string, v desk.Verdict, note string, asked map[string]string) {
			t.Helper()
			must(t, h.Desk.Decide(t.Context(), h.staff(role), desk.Cmd{Region: region, ID: r.Number}, v, note, asked))
		}
		decide("clerk", desk.Pass, "", nil)
		taken := h.prints(b, at+"/letter/A", "医疗费用手工报销受理通知书", r.Number, "初审", "最晚办完")
		must(t, h.Desk.Undo(t.Context(), clerk, desk.Cmd{Region: region, ID: r.Number}))
		b.Get(at + "/letter/A").Want(404)
		b.Get("/check/"+taken).Want(200, "现在不作数")
		decide("clerk", desk.Refuse, "票据上不是本人", nil)
		h.prints(b, at+"/letter/N", "医疗费用手工报销不予办理告知书", "票据上不是本人", "行政复议")
		must(t, h.Desk.Undo(t.Context(), clerk, desk.Cmd{Region: region, ID: r.Number}))
		decide("clerk", desk.Pass, "", nil)
		decide("clerk", desk.Pass, "", map[string]string{"approved": "900.00", "why": "目录内 1125 元，按八成"})
		decide("reviewer", desk.Pass, "", nil)
		b.As = p
		b.Get("/case/"+r.Number).Want(200, "办理结果告知书")
		h.prints(b, "/case/"+r.Number+"/letter/O", "医疗费用手工报销办理结果告知书", "900.00")
		b.As = stranger
		b.Get("/case/" + r.Number + "/letter/O").Want(404)
		b.As = "point"
		b.Get("/o/point/case/" + r.Number + "/letter/O").Want(404)
		if err := (desk.Matter{ID: "x", By: []string{"self"}, Channels: []desk.Channel{"online"}, Steps: []desk.MatterStep{{ID: "a"}}, Papers: []string{"感谢信"}}).Check(); err == nil || !strings.Contains(fault.As(err).Error(), "感谢信") {
			t.Errorf("a document that nobody prints: %v", err)
		}
	})
}

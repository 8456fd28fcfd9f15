package matter

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yinling/internal/desk"
	"yinling/internal/paper"
)

// TestPaperList: what was decided for three people stands in the clerk's list;
// the chosen ones come out as one PDF, each with its own code; delivery is noted
// for several in one go and taken back; who reads it on line has it by that.
func TestPaperList(t *testing.T) {
	each(t, "", func(h *hall) {
		t, ctx, clerk := h.t, h.t.Context(), h.staff("clerk")
		var ids, people, numbers []string
		on := today
		for i := range 3 {
			p := h.someone("")
			r, err := h.Desk.Apply(ctx, clerk, desk.ApplyInput{Region: region, Key: "pp" + string(rune('a'+i)), Matter: "claim.manual", Person: p, Channel: desk.Window,
				Answers: map[string]string{"hospital": "示范医院", "on": "2026-05-20", "total": "1280.50", "reason": "remote"}})
			must(t, err)
			people, numbers = append(people, p), append(numbers, r.Number)
			ids = append(ids, desk.PaperID{Kind: paper.More, Object: r.Number, On: on}.String())
		}
		ref := func(i int) string { return ids[i] + "|0|甲" }
		b := h.web()
		b.As = "clerk"
		b.Get("/o/paper?all=1").Want(200, numbers[0], numbers[1], numbers[2], "补正告知书", "打印选中的", "没有")
		b.Get("/o/paper?kind=refused").Want(200, "这里没有文书")
		b.Get("/o/paper?q="+numbers[1]).Want(200, numbers[1])
		if strings.Contains(b.Page, numbers[0]) {
			t.Error("looked for one number, found another")
		}
		b.Get("/o/paper?see="+ids[0]).Want(200, "最晚送到", "看这份文书", "/o/matter/case/"+numbers[0]+"/letter/C", "记送达")

		// One PDF of what was chosen, and the paper that is no more there is named.
		b.Get("/o/paper?all=1").Post("/o/paper/print", "id", ref(0), "id", ref(1), "id", "C-20200101-"+numbers[2]+"|0|丙", "view", "/o/paper").
			Want(200, numbers[0], numbers[1], "丙：", "发票或电子票据")
		if n := strings.Count(b.Page, `<article class="a4`); n != 2 {
			t.Errorf("%d sheets", n)
		}
		codes := codeForm.FindAllStringSubmatch(b.Page, -1)
		if len(codes) != 2 || codes[0][1] == codes[1][1] {
			t.Errorf("codes %v", codes)
		}
		if _, err := os.Stat("/usr/bin/chromium"); err == nil || os.Getenv("CI") != "" {
			b.Get(strings.Split(b.URL, "?")[0] + "?as=pdf").Want(200)
			h.readPDF(b.Page, "2", []string{numbers[0], numbers[1], codes[0][1], codes[1][1]})
		}
		b.Get("/o/paper?all=1").Want(200, "1 次")
		printing := b.Get("/o/paper?all=1").Post("/o/paper/print", "id", ref(2), "view", "/o/paper").URL
		b.As = "insurer" // another's batch
		b.Get(strings.Split(printing, "?")[0]).Want(404)
		b.As = "auditor"
		b.Get("/o/paper?all=1").Want(200, numbers[0])
		b.Post("/o/paper/deliver", "id", ref(0), "b-deliver-way", "window", "b-deliver-proof", "本人").Want(403)

		// Delivered, several in one go; without a proof nobody's is.
		b.As = "clerk"
		b.Get("/o/paper?all=1").Post("/o/paper/deliver", "id", ref(0), "id", ref(1), "b-deliver-way", "door", "b-deliver-proof", "", "view", "/o/paper").Want(200, "记下送达了 0 件", "谁签收的")
		b.Get("/o/paper?all=1").Post("/o/paper/deliver", "id", ref(0), "id", ref(1), "b-deliver-way", "door", "b-deliver-proof", "儿子签收", "view", "/o/paper").Want(200, "记下送达了 2 件", "全部撤回")
		at := strings.Split(b.URL, "?")[0]
		b.Get("/o/paper?state=delivered").Want(200, "上门送", numbers[0], numbers[1])
		b.Get("/o/paper?state=delivered&see="+ids[0]).Want(200, "儿子签收", "谁记的")
		b.Get(at).Post(at+"/undo").Want(200, "撤回了 2 件")
		b.Get("/o/paper?all=1").Want(200, numbers[0])
		b.Get("/o/paper?all=1").Post("/o/paper/deliver", "one", "1", "id", ref(0), "deliver-way", "post", "deliver-proof", "XA100", "deliver-on", "2026/6", "view", "/o/paper").Want(422, "日期请写成")
		b.Get("/o/paper?all=1").Post("/o/paper/deliver", "one", "1", "id", ref(0), "deliver-way", "post", "deliver-proof", "XA100", "view", "/o/paper").Want(200, "记下送达了", "撤回")

		// On line: strangers get nothing; the person's opening is the receipt.
		b.As = people[0]
		b.Get("/case/" + numbers[1] + "/letter/C").Want(404)
		b.As = people[1]
		b.Get("/case/"+numbers[1]).Want(200, "补正告知书")
		if x, err := h.Desk.PaperAt(ctx, region, desk.PaperID{Kind: paper.More, Object: numbers[1], On: on}); err != nil || x.State != desk.PaperOpen {
			t.Errorf("before it is opened: %+v %v", x, err)
		}
		b.Get("/case/"+numbers[1]+"/letter/C").Want(200, "补正告知书")
		b.As = "clerk"
		b.Get("/o/paper?state=delivered&see="+ids[1]).Want(200, "网上打开", "本人登录后打开")

		// Ten working days later the last one is late.
		h.clock.At(on+20, 9, 0)
		_, err := h.DB.Raw().Exec(`UPDATE access_session SET created = $1, seen = $1 WHERE region = $2`, h.DB.Now().UnixMilli(), region)
		must(t, err)
		b.Get("/o/paper?state=late").Want(200, numbers[2], "天没送到", "有 1 份过了该送到的日子")
		b.Get("/o/").Want(200, "要送到本人手里的文书", "1 份过了日子")
	})
}

var pages = regexp.MustCompile(`Pages:\s+(\d+)\n`)

// readPDF reads the PDF of several papers: a page each, and every word in it.
func (h *hall) readPDF(pdf string, sheets string, words []string) {
	t := h.t
	t.Helper()
	for _, x := range []string{"pdftotext", "pdfinfo"} {
		if _, err := exec.LookPath(x); err != nil {
			t.Logf("no %s: the PDF is not read", x)
			return
		}
	}
	file := filepath.Join(t.TempDir(), "many.pdf")
	must(t, os.WriteFile(file, []byte(pdf), 0o600))
	info, err := exec.Command("pdfinfo", file).CombinedOutput()
	must(t, err)
	if m := pages.FindStringSubmatch(string(info)); m == nil || m[1] != sheets {
		t.Errorf("%s pages wanted:\n%s", sheets, info)
	}
	out, err := exec.Command("pdftotext", "-layout", file, "-").CombinedOutput()
	must(t, err)
	text := strings.Join(strings.Fields(string(out)), "")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the PDF does not say %q", w)
		}
	}
}

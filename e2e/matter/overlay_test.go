package matter

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// A matter that only an overlay knows: nobody has written a line of program for it.
const overlay = `
desk.matters_local:
  - from: "2024-01-01"
    clause: {doc: jia-2025-7, article: 第三条}
    grade: A
    value:
      - id: glasses.loan
        name: 老花镜借用
        plain: 借一副老花镜回家用
        theme: 代办和帮助
        by: [self, proxy, clerk, point, institution]
        channels: [window, online, video, doorstep, point, institution, phone]
        materials:
          - {id: identity, name: 身份证明, from: identity}
        fields:
          - {id: degree, label: 多少度, kind: choice, options: [{value: "100", label: 一百度}, {value: "200", label: 两百度}]}
        steps:
          - {id: lend, name: 借出, role: clerk, workdays: 2, decides: 有没有这个度数的}
        papers: [受理通知书, 补正告知书, 不予办理告知书, 办理结果告知书]
        lasts: {months: 3}
        points: [township]
desk.conditions_local:
  - from: "2024-01-01"
    clause: {doc: jia-2025-7, article: 第四条}
    grade: A
    value:
      - {id: glasses.loan.age, when: "age >= 60", say_no: "满 60 周岁可以借，您现在 {age} 岁。", say_yes: "满 60 周岁（{age} 岁）"}
`

// overlaid copies the city's pack and adds the matter to it.
func overlaid(t *testing.T, change func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	src := "../../packs/320700-lianyungang"
	must(t, os.CopyFS(dir, os.DirFS(src)))
	b, err := os.ReadFile(filepath.Join(dir, "pack.yaml"))
	must(t, err)
	text := strings.Replace(string(b), "documents:\n", "documents:\n  - {id: jia-2025-7, title: 便民措施, no: 连医保发〔2025〕7号, issuer: 示例, issued: \"2025-01-01\"}\n", 1)
	must(t, os.WriteFile(filepath.Join(dir, "pack.yaml"), []byte(text), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "desk.yaml"), []byte(change(overlay)), 0o600))
	return dir
}

// TestOverlay: the matter works by every way, is refused with its clause, and
// what is drawn of it changes with the pack.
func TestOverlay(t *testing.T) {
	each(t, overlaid(t, func(s string) string { return s }), func(h *hall) {
		v, err := h.Packs.At(region, today)
		must(h.t, err)
		m, err := desk.MatterOf(v, "glasses.loan")
		must(h.t, err)
		n := 0
		for _, by := range m.By {
			for _, ch := range m.Ways(by) {
				h.walk(v, m, by, ch)
				n++
			}
		}
		if n != 10 {
			h.t.Errorf("walked %d ways", n)
		}
		if api := string(m.OpenAPI(v)); !strings.Contains(api, `"openapi": "3.1.0"`) || !strings.Contains(api, `"200"`) || !strings.Contains(api, "多少度") {
			h.t.Errorf("openapi: %s", api)
		}
		if c := m.Source(v); c == nil || c.Article != "第三条" {
			h.t.Errorf("clause %+v", c)
		}
		// What it issues is printed, too.
		p := h.someone("")
		r, err := h.Desk.Apply(context.Background(), h.staff("clerk"), desk.ApplyInput{Region: region, Key: "letter", Matter: m.ID, Person: p, Channel: desk.Window, Answers: map[string]string{"degree": "200"}})
		must(h.t, err)
		b := h.web()
		b.As = "clerk"
		h.prints(b, "/o/matter/case/"+r.Number+"/letter/A", "老花镜借用受理通知书", r.Number, "两百度", "最晚办完", "便民措施")
		must(h.t, h.Desk.Decide(context.Background(), h.staff("clerk"), desk.Cmd{Region: region, ID: r.Number}, desk.Pass, "", nil))
		b.As = p
		h.prints(b, "/case/"+r.Number+"/letter/O", "老花镜借用办理结果告知书", "两百度", "2026年9月2日")
		young := h.born("1980-02-11")
		_, err = h.Desk.Apply(context.Background(), h.staff("clerk"), desk.ApplyInput{Region: region, Key: "young", Matter: m.ID, Person: young, Channel: desk.Window, Answers: map[string]string{"degree": "100"}})
		if f := fault.As(err); f.Kind != fault.Refused || !strings.Contains(f.Say, "46 岁") || f.Clause == nil || f.Clause.Article != "第四条" {
			h.t.Errorf("refusal: %+v", f)
		}
	})
	longer := overlaid(t, func(s string) string { return strings.Replace(s, "workdays: 2", "workdays: 7", 1) })
	each(t, longer, func(h *hall) {
		v, err := h.Packs.At(region, today)
		must(h.t, err)
		m, err := desk.MatterOf(v, "glasses.loan")
		must(h.t, err)
		if n := m.Steps[0].Workdays(v); n != 7 {
			h.t.Errorf("limit %d", n)
		}
	})
}

// TestProxyScope: who may only see is refused in plain words, a recall works at
// the next request, and the record says who did what as whom.
func TestProxyScope(t *testing.T) {
	each(t, "", func(h *hall) {
		ctx, p, kin := context.Background(), h.someone(""), h.someone("")
		who := audit.Actor{ID: "acc-kin", Name: "女儿", Role: "citizen", Region: region, Person: kin, Behalf: p}
		in := desk.ApplyInput{Region: region, Key: "a", Matter: "remote.filing", Person: p, Channel: desk.Online, Relation: "子女",
			Answers: map[string]string{"kind": "long", "place": "江苏省苏州市", "since": today.String()}}
		allow := func(scope string) (x person.Proxy) {
			h.write(func(tx *db.Tx) (err error) {
				x, err = h.Person.Authorise(tx, person.Authorisation{Region: region, Proxy: kin, Person: p, Relation: "子女", Scope: scope, Consent: person.ConsentFace})
				return err
			})
			return x
		}
		if _, err := h.Desk.Apply(ctx, who, in); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("a stranger: %v", err)
		}
		allow(person.ScopeSee)
		if _, err := h.Desk.Apply(ctx, who, in); !fault.Is(err, fault.Refused) || !strings.Contains(fault.As(err).Say, "授权") {
			h.t.Errorf("who may only see: %v", err)
		}
		x := allow(person.ScopeAct)
		r, err := h.Desk.Apply(ctx, who, in)
		if err != nil || !r.Done {
			h.t.Fatalf("%+v %v", r, err)
		}
		if c, a := h.application(r.Number); c.Applicant != kin || a.By != desk.ByProxy || c.Relation != "子女" {
			h.t.Errorf("%+v %+v", c, a)
		}
		var actor, behalf string
		must(h.t, h.DB.Raw().QueryRow(`SELECT actor, behalf FROM audit_event WHERE region = $1 AND verb = 'desk.apply' AND result = 'done'`, region).Scan(&actor, &behalf))
		if actor != "acc-kin" || behalf != p {
			h.t.Errorf("the record says %s for %s", actor, behalf)
		}
		h.write(func(tx *db.Tx) error { _, err := h.Person.Revoke(tx, region, x.ID, p); return err })
		if _, _, err := h.Desk.See(ctx, who, region, r.Number); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("after the recall: %v", err)
		}
	})
}

package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Entitled refuses who may not see what a decision is about; object is the
// case, visit, claim … that the decision names.
type Entitled func(ctx context.Context, who audit.Actor, region, object string) error

type whyPage struct {
	Page
	D        audit.Stored
	Rule     string
	Facts    Summary
	Explain  Explain
	Steps    int
	In, Out  string
	Replayed bool
	Verdict  Panel
	Staff    bool
	Self     string
}

var whyTemplates = map[*Face]*Template[whyPage]{}

func loadWhy() {
	for _, f := range []*Face{Portal, Office, Inst, Care} {
		whyTemplates[f] = MustParse[whyPage](f, pageFiles, "page/why.html")
	}
}

// WhyJSON is the explanation of a decision for programs.
type WhyJSON struct {
	ID      string             `json:"id"`
	Rule    string             `json:"rule"`
	Label   string             `json:"label"`
	Object  string             `json:"object"`
	Region  string             `json:"region"`
	On      string             `json:"on"`
	At      string             `json:"at"`
	Pack    policy.PackRef     `json:"pack"`
	Out     json.RawMessage    `json:"out"`
	Explain policy.Explanation `json:"explain"`
	Same    *bool              `json:"replay_same,omitempty"`
	Replay  string             `json:"replay,omitempty"` // the verdict in one sentence
	Version int64              `json:"rule_version"`
}

// Why is the page of a decision's explanation (待遇核定依据), at …/why/{id}: for
// people as a page, for programs as JSON (Accept or …/why/{id}.json); ?replay=1
// runs the decision again with the pack of its own time.
func Why(face *Face, log *audit.Log, may Entitled) Handler {
	t := whyTemplates[face]
	return func(w http.ResponseWriter, r *http.Request) error {
		who := Actor(r)
		id := strings.TrimSuffix(r.PathValue("id"), ".json")
		d, err := log.Decision(r.Context(), who.Region, id)
		if err != nil {
			return err
		}
		if err := may(r.Context(), who, d.Region, d.Object); err != nil {
			if fault.As(err).Kind == fault.Internal {
				return err
			}
			// Who may not see it does not learn that it exists.
			return fault.New(fault.NotFound, "没有编号 %s 的决定，或者它不在您能看的范围里。", id)
		}
		// The facts of a decision are a health record: the look is audited.
		if err := audit.Seen(r.Context(), log, who, d.Region, "policy.why", d.Object); err != nil {
			return err
		}
		var x policy.Explanation
		if err := json.Unmarshal([]byte(d.Explain), &x); err != nil {
			return err
		}
		label := d.Rule
		if info, err := policy.FindRule(d.Rule); err == nil {
			label = info.Label
		}
		var again *policy.Replayed
		var same *bool
		if r.FormValue("replay") != "" {
			done, err := log.Replay(r.Context(), d)
			if err != nil {
				return err
			}
			again, same = &done, &done.Same
		}
		if wantsJSON(r) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			say := ""
			if again != nil {
				say = again.Say()
			}
			return enc.Encode(WhyJSON{d.ID, d.Rule, label, d.Object, d.Region, d.On.String(), d.At.Format("2006-01-02T15:04:05.000Z07:00"),
				d.Pack, json.RawMessage(d.Out), x, same, say, d.Version})
		}
		p := &whyPage{Page: Page{Title: label, Back: LocalPath(r.FormValue("back"), "")}, D: d, Rule: label, Explain: ExplainOf(x), Steps: len(x),
			In: indent(d.In), Out: indent(d.Out), Staff: who.Role != "citizen", Self: face.Prefix + "why/" + d.ID}
		p.Facts = Summary{Rows: append([]Fact{{Label: "算的是", Value: label}, {Label: "按哪天的规定", Value: d.On}}, results(d.Out)...)}
		p.Facts.Rows = append(p.Facts.Rows, Fact{Label: "作出的时间", Value: Instant(d.At.UnixMilli())}, Fact{Label: "政策包", Value: d.Pack.Version + " 版"})
		if again != nil {
			p.Replayed = true
			switch {
			case again.Same && !again.Moved():
				p.Verdict = Panel{Tone: "ok", Title: "重算过了，结果一样", Say: "用当时的政策包原文和当时的情况再算一遍，结果和每一步的依据一字不差。"}
			case again.Same:
				p.Verdict = Panel{Tone: "ok", Title: "重算过了，结果一样", Say: again.Say() + "。"}
			case again.Moved():
				p.Verdict = Panel{Tone: "warn", Title: "规则程序改过了，不能逐字重算", Say: again.Say() + "。下面就是当时的结果和依据。"}
			default:
				p.Verdict = Panel{Tone: "stop", Title: "重算的结果不一样", Say: "这不应该发生。请把这一页的编号告诉系统管理员。"}
			}
		}
		return t.Render(w, r, p)
	}
}

// results shows what came out in words where the words are known.
func results(out string) []Fact {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(out), &m) != nil {
		return nil
	}
	if raw, ok := m["refused"]; ok {
		var no struct{ Say string }
		if json.Unmarshal(raw, &no) == nil && no.Say != "" {
			return []Fact{{Label: "结果", Value: Chip{"bad", "不能办"}}, {Label: "原因", Value: no.Say}}
		}
	}
	var facts []Fact
	for key, label := range map[string]string{"name": "结果", "level": "等级", "grade": "等级", "may_apply": "能不能申请", "valid_to": "有效到", "from": "从哪天起"} {
		var v any
		if raw, ok := m[key]; ok && json.Unmarshal(raw, &v) == nil {
			switch x := v.(type) {
			case string:
				facts = append(facts, Fact{Label: label, Value: x})
			case bool:
				facts = append(facts, Fact{Label: label, Value: map[bool]string{true: "能", false: "不能"}[x]})
			case float64:
				if _, named := m["name"]; !named {
					facts = append(facts, Fact{Label: label, Value: int64(x)})
				}
			}
		}
	}
	sort.Slice(facts, func(i, j int) bool { return facts[i].Label < facts[j].Label })
	return facts
}

func indent(s string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(s), "", "  ") != nil {
		return s
	}
	return b.String()
}

package desk

import (
	"encoding/json"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Source is the clause on which a matter stands.
func (m Matter) Source(v *policy.View) *fault.Clause {
	v.Cite(m, "「%s」", m.Name)
	steps := v.Steps()
	return steps[len(steps)-1].Clause()
}

// OpenAPI is the form of a matter as an OpenAPI 3.1 document: one operation
// whose body has one property a question. It is made from the pack.
func (m Matter) OpenAPI(v *policy.View) []byte {
	props, need := map[string]any{}, []string{}
	for _, f := range m.Fields {
		p := map[string]any{"type": "string", "description": f.Label, "maxLength": maxAnswer}
		switch f.Kind {
		case "choice":
			p["enum"] = values(f.Options)
		case "checks":
			p["description"] = f.Label + "（几个值用逗号隔开：" + f.words() + "）"
		case "day", "soon":
			p["format"] = "date"
		case "month":
			p["pattern"] = `^\d{4}-\d{2}$`
		case "money":
			p["pattern"], p["description"] = `^\d+(\.\d{1,2})?$`, f.Label+"（元）"
		case "phone":
			p["pattern"] = `^1\d{10}$`
		case "count":
			p["pattern"] = `^\d+$`
		}
		props[f.ID] = p
		if !f.Optional {
			need = append(need, f.ID)
		}
	}
	body := map[string]any{"type": "object", "additionalProperties": false, "properties": props, "required": need}
	doc := map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": m.Name, "description": m.Plain, "version": v.Ref().Version},
		"paths": map[string]any{"/api/inst/v1/residents/{id}/cases": map[string]any{"post": map[string]any{
			"operationId": m.ID, "summary": m.Name, "parameters": []any{map[string]any{"name": "id", "in": "path", "required": true, "schema": map[string]any{"type": "string"}, "description": "住养老人的编号"}},
			"requestBody": map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{
				"type": "object", "required": []string{"matter", "consent", "answers"}, "properties": map[string]any{
					"matter": map[string]any{"const": m.ID}, "consent": map[string]any{"type": "string", "description": "本人怎样同意"}, "answers": body}}}}},
			"responses": map[string]any{"201": map[string]any{"description": "收件，给出受理号"}, "422": map[string]any{"description": "不能收，写明原因和依据"}}}}}}
	b, _ := json.MarshalIndent(doc, "", "  ") // of maps and texts: it cannot fail
	return b
}

func values(o []Option) (out []string) {
	for _, x := range o {
		out = append(out, x.Value)
	}
	return out
}

func (f Field) words() (s string) {
	for i, o := range f.Options {
		if i > 0 {
			s += "、"
		}
		s += o.Value + " " + o.Label
	}
	return s
}

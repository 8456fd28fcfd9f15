package portal

import (
	"strings"

	"yinling/internal/web/ui"
)

// callMe is the answer of who would rather tell than write.
const callMe = "call"

// samples are sentences that say what most people come to say, so that nobody
// has to write; at most five, as on every question.
func samples(kind string) []ui.Option {
	call := ui.Option{Value: callMe, Label: "别的事，请给我打电话", Hint: "您在电话里慢慢说，我们来记"}
	switch kind {
	case "complaint":
		return []ui.Option{{Value: "absent", Label: "没有来，或者来晚了"}, {Value: "short", Label: "时间没做够，或者没做完"}, {Value: "money", Label: "收钱不对"},
			{Value: "manner", Label: "态度不好，或者办得太慢"}, call}
	case "question":
		return []ui.Option{{Value: "may", Label: "能不能申请护理"}, {Value: "pays", Label: "医保能付多少钱"}, {Value: "where", Label: "去哪里办，带什么"}, call}
	case "suggestion":
		return []ui.Option{{Value: "words", Label: "字再大些，话再简单些"}, {Value: "errands", Label: "少交材料，少跑路"}, {Value: "care", Label: "护理的项目多一些"}, call}
	}
	return []ui.Option{call}
}

// allSaid is the sentence chosen and the words typed, in one.
func allSaid(kind, said, typed string) string {
	var parts []string
	for _, o := range samples(kind) {
		if o.Value == said {
			parts = append(parts, o.Label)
		}
	}
	if typed = strings.TrimSpace(typed); typed != "" {
		parts = append(parts, typed)
	}
	return strings.Join(parts, "。")
}

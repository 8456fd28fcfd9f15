package portal

import (
	"slices"
	"strings"

	"yinling/internal/web/ui"
)

var places = []ui.Option{
	{Value: "home", Label: "自己家里"}, {Value: "child", Label: "子女或亲戚家里"},
	{Value: "institution", Label: "养老院或护理院"}, {Value: "hospital", Label: "医院里", Hint: "出院后再上门评估"},
}

var sinceOptions = []ui.Option{
	{Value: "3", Label: "不到半年"}, {Value: "6", Label: "半年到一年"}, {Value: "12", Label: "一年到三年"}, {Value: "36", Label: "三年以上"},
}

var recordOptions = []ui.Option{
	{Value: "now", Label: "有，现在拍照或选文件"}, {Value: "later", Label: "以后补", Hint: "先排上队，工作人员会告诉您补交到哪天"},
}

var timeOptions = []ui.Option{
	{Value: "am", Label: "工作日上午"}, {Value: "pm", Label: "工作日下午"}, {Value: "weekend", Label: "周末"}, {Value: "any", Label: "都可以"},
}

// nothing is the answer of who can do everything themselves.
const nothing = "nothing"

// able turns what somebody cannot do into the answers of the self-screen.
func able(items []ui.Option, cannot []string) map[string]string {
	said := map[string]string{}
	for _, o := range items {
		switch {
		case o.Value == nothing:
		case slices.Contains(cannot, o.Value):
			said[o.Value] = "dependent"
		default:
			said[o.Value] = "independent"
		}
	}
	return said
}

var plainNames = map[string]string{"eating": "吃饭", "continence": "控制大小便", "bathing": "洗澡", "dressing": "穿衣", "toilet": "上厕所", "transfer": "从床上坐到椅子上"}

// labels joins the labels of chosen options for the check page.
func labels(options []ui.Option, values ...string) string {
	var out []string
	for _, o := range options {
		if slices.Contains(values, o.Value) {
			out = append(out, o.Label)
		}
	}
	return strings.Join(out, "、")
}

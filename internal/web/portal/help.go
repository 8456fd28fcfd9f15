package portal

import (
	"net/http"

	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type helpPage struct {
	ui.Page
	Topic topic
	Rows  ui.Rows
}

// topic is a page of plain words.
type topic struct {
	Title string
	Say   []string
	Bring []string // what to bring to the window
}

// topics: what the net does not do yet is done by telephone and at the window;
// the page says how, and never pretends.
var topics = map[string]topic{
	"chronic":  {"慢特病备案", []string{"这件事现在打电话或到窗口办，网上还不能办。", "窗口看过材料，能当场定的当场告诉您。"}, []string{"身份证或医保码", "病历、检查报告或出院小结"}},
	"drug":     {"续方送药", []string{"这件事现在打电话或到窗口办，网上还不能办。"}, []string{"身份证或医保码", "上一次的处方"}},
	"video":    {"视频帮办", []string{"视频帮办还没有开通。现在请打电话，接线员一步一步讲给您听。", "说慢一点没关系。也可以带上手机，到窗口请人教。"}, nil},
	"complain": {"投诉和建议", []string{"网上说：点“投诉和建议”，一两句话就行，不用登录。也可以打电话或到窗口说。", "护理账单不对，可以在“确认付款”里点“有问题”。", "收钱不对、没来服务、态度不好，都可以说。不愿留名也行。"}, []string{"哪一天、谁来的", "账单或照片，有就带"}},
	"card":     {"医保卡和医保码", []string{"医保卡丢了、刷不了，打电话挂失，再到窗口补。网上还不能办。", "医保码在手机上就能用，不会开，窗口有人帮您开。"}, []string{"身份证"}},
	"access":   {"无障碍说明", []string{"页面右上角可以换成长辈版：字大、按钮大、一页一件事。长辈版最下面还能把字再放大。", "只用键盘也能办完所有的事；读屏软件可以读所有内容。", "不用脚本也能用，放大到 400% 不用左右拖动。", "哪里用着不方便，打 12393 告诉我们。"}, nil},
	"safe":     {"防骗提醒", []string{"办医保不收费。", "我们不会打电话要您的验证码、银行卡密码，也不会让您转账。", "上门的评估员和护理员都带证件。不放心就打 12393 核对。", "接到可疑电话，先挂断，再打 12393 或 110。"}, nil},
}

var helpTmpl = ui.MustParse[helpPage](ui.Portal, files, "help/help.html")

func (s *Server) help(w http.ResponseWriter, r *http.Request) error {
	p := &helpPage{Page: ui.Page{Title: "帮助和窗口"}, Topic: topic{Title: "帮助和窗口", Say: []string{
		"打 12393，工作日有人接，不收费。说慢一点没关系。",
		"也可以带身份证或医保码到街道、社区的便民服务站点，或医保局的窗口。老人、残疾人有优先窗口。",
		"出不了门的，打电话约人上门。",
	}}}
	p.Rows.Items = []ui.Link{{Href: atMatters, Label: "能办什么事", Icon: "list"}, {Href: "/near", Label: "附近窗口", Icon: "pin"}, {Href: atCall, Label: "请给我打电话", Icon: "phone"},
		{Href: atMatters + "/door.visit", Label: "请人上门", Icon: "door"}, {Href: "/voice", Label: topics["complain"].Title, Icon: "chat"}}
	for _, k := range []string{"video", "chronic", "drug", "safe", "access"} {
		p.Rows.Items = append(p.Rows.Items, ui.Link{Href: "/help/" + k, Label: topics[k].Title, Icon: map[string]string{"video": "video", "chronic": "chronic", "drug": "drug", "safe": "shield", "access": "user"}[k]})
	}
	return helpTmpl.Render(w, r, p)
}

func (s *Server) helpTopic(w http.ResponseWriter, r *http.Request) error {
	t, ok := topics[r.PathValue("topic")]
	if !ok {
		return fault.New(fault.NotFound, "没有找到这一页帮助。")
	}
	return helpTmpl.Render(w, r, &helpPage{Page: ui.Page{Title: t.Title, Back: "/help", Nav: "/help"}, Topic: t})
}

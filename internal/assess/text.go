package assess

import "yinling/internal/sms"

// The text messages of an application (短信). The name comes first: the phone
// may be a daughter's, and she may look after two.
var (
	textAccepted = sms.New("assess.accepted", "受理", "{name}的护理评估申请已受理，受理号后4位{tail}。评估员上门前会打电话。不收费。查进度打12393。")
	textMissing  = sms.New("assess.missing", "补正", "{name}的护理评估申请还差{count}样材料，请在{date}前补交。看差什么：打开银龄医保或打12393。")
	textRefused  = sms.New("assess.refused", "不予受理", "{name}的护理评估申请这次还不能办，原因和依据请打开银龄医保看，或打12393。")
	textVisit    = sms.New("assess.visit", "约上门", "{name}的护理评估约在{when}上门。来人会出示证件，不收钱。改时间请打12393。")

	// TextDecided tells that a conclusion has taken effect.
	TextDecided = sms.New("assess.decided", "结论", "{name}的护理评估有结果了，请打开银龄医保看结论和依据，或打12393。")
)

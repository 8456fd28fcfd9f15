package claim

import "yinling/internal/sms"

// TextSettled tells what was settled (账单).
var TextSettled = sms.New("claim.settled", "账单", "{name}{date}护理{minutes}分钟，医保付{fund}，您付{own}。问题打12393。")

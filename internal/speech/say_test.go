package speech

import (
	"strings"
	"testing"
)

// What a page shows, and how a person reads it to another.
var said = []struct{ page, spoken string }{
	{"11月26日 周四 上午 9 点", "十一月二十六日周四上午九点"},
	{"2026-11-26", "二零二六年十一月二十六日"},
	{"2026.6.1", "二零二六年六月一日"},
	{"2026年11月", "二零二六年十一月"},
	{"2024—2026年", "二零二四到二零二六年"},
	{"2026-06-17 10:00", "二零二六年六月十七日，十点"},
	{"6月17日 周三 09:00 到 2026-06-17", "六月十七日周三，九点到二零二六年六月十七日"},
	{"政策包 2026.1 版，出院小结.png", "政策包二零二六点一版，出院小结点png"},
	{"第43299号提案，第 12 条", "第四三二九九号提案，第十二条"},
	{"54.00 元", "五十四元"},
	{"54.05元，54.50元，0.50 元，0.05 元，0.00 元", "五十四元零五分，五十四元五角，五角，五分，零元"},
	{"1,800.00 元", "一千八百元"},
	{"20000 元，2.00 元，10050 元", "两万元，两元，一万零五十元"},
	{"¥1,234.56", "一千二百三十四元五角六分"},
	{"-5.00 元", "负五元"},
	{"65.00 元/小时", "六十五元每小时"},
	{"80%，12.5%–20%，3‰", "百分之八十，百分之十二点五到百分之二十，千分之三"},
	{"打 12393，工作日 8:30–17:30", "打一二三九三，工作日，八点三十分到十七点三十分"},
	{"09:02", "九点零二分"},
	{"先挂断，再打 12393 或 110。", "先挂断，再打一二三九三或一一零。"},
	{"每月 120 元，110 人", "每月一百二十元，一百一十人"},
	{"19900000001", "一九九，零零零零，零零零一"},
	{"138****0001", "一三八，几位不显示，零零零一"},
	{"0518-85801234", "零五一八，八五八零，一二三四"},
	{"99010019450612001X", "九九零一零零一九四五零六一二零零一X"},
	{"SL26110300001K", "SL二六一一零三零零零零一K"},
	{"尾号 3316，工号2051，验证码 123456", "尾号三三一六，工号二零五一，验证码一二三四五六"},
	{"重度失能Ⅲ级", "重度失能三级"},
	{"医保发〔2023〕29号第（三）款", "医保发，二零二三，二十九号第三款"},
	{"2 个月，2 级，2 月 2 日，第 2 次，22 个，2 分钟", "两个月，二级，二月二日，第二次，二十二个，两分钟"},
	{"942000 人，105 人，1,000,005 人", "九十四万两千人，一百零五人，一百万零五人"},
	{"1.5 小时，50 m，8 MB，3/5", "一点五小时，五十米，八兆，五分之三"},
	{"18–64 岁", "十八到六十四岁"},
	{"陈*福（代办人）", "陈某福，代办人"},
	{"《办法》「听」“说”【重要】", "办法听说，重要"},
	{"≥ 60 分", "大于等于六十分"},
	{"１２月３日", "十二月三日"},
	{"①带证件 ②去窗口", "一，带证件二，去窗口"},
}

func TestSay(t *testing.T) {
	for _, c := range said {
		if got := Say(c.page); got != c.spoken {
			t.Errorf("%s: %s, want %s", c.page, got, c.spoken)
		}
	}
}

// However a figure is written, none is left to the voice, which would read 2026
// as a quantity.
func FuzzSay(f *testing.F) {
	for _, c := range said {
		f.Add(c.page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		if got := Say(page); strings.ContainsAny(got, "0123456789%¥") {
			t.Errorf("%q: %q", page, got)
		}
	})
}

func TestCardinal(t *testing.T) {
	for n, want := range map[string]string{"0": "零", "10": "十", "12": "十二", "20": "二十", "101": "一百零一", "110": "一百一十", "1000": "一千", "2002": "两千零二",
		"10000": "一万", "10010": "一万零一十", "100000": "十万", "120030": "十二万零三十", "200000000": "两亿", "100000005": "一亿零五", "1234567890123": "一万亿两千三百四十五亿六千七百八十九万零一百二十三",
		"20220222": "两千零二十二万零二百二十二", "12345678901234567": "一二三四五六七八九零一二三四五六七"} {
		if got := cardinal(n); got != want {
			t.Errorf("%s: %s, want %s", n, got, want)
		}
	}
}

const page = `<!doctype html><html><head><title>x</title></head><body><header>不读</header><main>
<h1>王桂兰，您好</h1><p>医保付 <b>54.00</b> <span>元</span>，<br>您付 6.00 元。</p>
<p hidden>藏起来的</p><svg><text>画</text></svg><script>1</script><span aria-hidden="true">★</span>
<dl><dt>姓名</dt><dd>陈德福</dd><dt>手机</dt><dd>138****0001</dd></dl>
<p>常办：<a href="/a">申请护理</a><a href="/b">查进度</a></p>
<table><tr><th>日期</th><th>分钟</th></tr><tr><td>11月24日</td><td>60</td></tr></table>
<label class="pick"><input type="radio" name="q"><span><b>女儿</b><small>替妈妈办</small></span></label>
<select><option>上午</option><option selected>下午</option></select>
<p>护理保险<span class="chip">在保</span></p><button>去付款</button>
</main><footer>也不读</footer></body></html>`

func TestLines(t *testing.T) {
	got, err := Lines(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"王桂兰，您好", "医保付 54.00 元，", "您付 6.00 元。", "姓名，陈德福", "手机，138****0001", "常办：申请护理，查进度", "日期， 分钟", "11月24日，60", "女儿，替妈妈办", "下午", "护理保险，在保", "去付款"}
	for i := range want {
		want[i] = strings.ReplaceAll(strings.TrimRight(want[i], "，"), " ", "")
	}
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], " ", "")
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := Spoken(want[1:3]); got != "医保付五十四元。\n您付六元。\n" {
		t.Errorf("spoken: %q", got)
	}
}

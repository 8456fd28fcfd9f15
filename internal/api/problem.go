package api

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"yinling/internal/fault"
)

// Problem is an error as the interface shows it (RFC 9457). It holds no value
// that the caller sent.
type Problem struct {
	Type   string        `json:"type" doc:"错误的类别，固定为 about:blank"`
	Title  string        `json:"title" doc:"错误的类别，中文"`
	Status int           `json:"status" doc:"HTTP 状态码"`
	Kind   string        `json:"kind" doc:"invalid 内容要改；not_found 没有；forbidden 不能；conflict 状态不允许；refused 规则不允许；busy 稍后再试；internal 我们的问题"`
	Detail string        `json:"detail" doc:"发生了什么、怎么办，中文一句话"`
	Errors []ProblemItem `json:"errors,omitempty" doc:"逐项说明哪里要改"`
	Clause *ProblemRule  `json:"clause,omitempty" doc:"规则不允许时，依据的条款"`
}

// ProblemItem is one thing to put right.
type ProblemItem struct {
	Field string `json:"field" doc:"哪一项，例如 body.items[0].minutes"`
	Say   string `json:"say" doc:"要怎么改"`
}

// ProblemRule is the clause that a refusal rests on.
type ProblemRule struct {
	Doc     string `json:"doc"`
	No      string `json:"no"`
	Article string `json:"article"`
	Grade   string `json:"grade" doc:"证据等级，assumed 为示例值"`
}

// Error, GetStatus and ContentType are what the framework wants of an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statuses = map[fault.Kind]int{fault.Invalid: 422, fault.NotFound: 404, fault.Forbidden: 403, fault.Conflict: 409, fault.Refused: 409, fault.Busy: 503, fault.Internal: 500}

var titles = map[int]string{400: "请求读不懂", 401: "没有登录", 403: "不能这样做", 404: "没有找到", 405: "没有这个接口", 406: "格式不支持", 408: "等得太久", 409: "现在不能办", 413: "内容太大",
	415: "格式不支持", 422: "有内容要改", 500: "我们这边出了问题", 503: "现在人多，请稍等"}

var kinds = map[int]string{400: "invalid", 401: "forbidden", 403: "forbidden", 404: "not_found", 409: "conflict", 500: "internal", 503: "busy"}

// ProblemOf turns an error of the program into a Problem; what happened inside
// stays inside.
func ProblemOf(err error) huma.StatusError {
	f := fault.As(err)
	p := &Problem{Type: "about:blank", Status: statuses[f.Kind], Kind: string(f.Kind), Detail: f.Say}
	if p.Status == 0 {
		p.Status = http.StatusInternalServerError
	}
	p.Title = titles[p.Status]
	if f.Field != "" {
		p.Errors = []ProblemItem{{"body." + f.Field, f.Say}}
	}
	if c := f.Clause; c != nil {
		p.Clause = &ProblemRule{c.Doc, c.No, c.Article, c.Grade}
	}
	return p
}

var chinese = regexp.MustCompile(`\p{Han}`)

// NewProblem makes the framework's own errors Problems. A message that is not
// ours is replaced as a whole: it might repeat what was sent.
func NewProblem(status int, msg string, errs ...error) huma.StatusError {
	p := &Problem{Type: "about:blank", Status: status, Title: titles[status], Kind: kinds[status], Detail: msg}
	if p.Title == "" {
		p.Title = "没有办成"
	}
	if p.Kind == "" {
		p.Kind = "invalid"
	}
	if !chinese.MatchString(msg) {
		p.Detail = map[int]string{400: "请求的内容读不懂，请按接口说明检查 JSON 的写法。", 413: "内容太大，请分几次传。", 415: "请用 application/json 传。",
			422: "有内容不合接口的要求，逐项说明在 errors 里。", 500: "我们这边出了问题，没有办成。请用同一个 Idempotency-Key 再试。"}[status]
		if p.Detail == "" {
			p.Detail = p.Title + "。"
		}
	}
	for _, err := range errs {
		d, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		e := d.ErrorDetail()
		say, where := e.Message, e.Location
		if say == validation.MsgUnexpectedProperty { // the name itself is the caller's text
			if i := strings.LastIndexByte(where, '.'); i > 0 {
				where = where[:i]
			}
		}
		if !chinese.MatchString(say) {
			say = "这里读不懂，请按接口说明改。"
		}
		p.Errors = append(p.Errors, ProblemItem{where, say})
	}
	return p
}

func init() {
	huma.NewError = NewProblem
	huma.NewErrorWithContext = func(_ huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return NewProblem(status, msg, errs...)
	}
	validation.MsgUnexpectedProperty = "这里有接口里没有的项，请去掉"
	validation.MsgExpectedRFC3339Date = "日期要写成 2024-06-30 的样子"
	validation.MsgExpectedBoolean = "要写 true 或 false"
	validation.MsgExpectedNumber = "要写数字"
	validation.MsgExpectedInteger = "要写整数"
	validation.MsgExpectedString = "要写文字（加引号）"
	validation.MsgExpectedArray = "要写列表（方括号）"
	validation.MsgExpectedObject = "要写对象（花括号）"
	validation.MsgExpectedOneOf = "只能是这些之一：%s"
	validation.MsgExpectedMinimumNumber = "不能小于 %v"
	validation.MsgExpectedMaximumNumber = "不能大于 %v"
	validation.MsgExpectedMinLength = "至少 %d 个字符"
	validation.MsgExpectedMaxLength = "最多 %d 个字符"
	validation.MsgExpectedMatchPattern = "写法不对，要符合 %s"
	validation.MsgExpectedBePattern = "写法不对，要是 %s"
	validation.MsgExpectedMinItems = "至少要有 %d 项"
	validation.MsgExpectedMaxItems = "最多 %d 项"
	validation.MsgExpectedRequiredProperty = "缺少必填的 %s"
}

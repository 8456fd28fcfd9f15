package peer

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"yinling/internal/api"
	"yinling/internal/desk"
)

// route is one message that this side takes: where, how large, who does it, and
// what its description says.
type route struct {
	id, path, say string
	most          int64 // bytes of the body
	fn            handler
	in            any // what the body is; nil: the bytes of a file
	out           any // what the answer is
	query         []string
}

type empty struct{}

func (s *Server) routes() []route {
	return []route{
		{"file", "/cases/{case}/files", "送一份材料，在它的件之前送；同一份再送一次不会多一份", desk.MaxFile, s.file, nil, empty{}, []string{"matter", "kind"}},
		{"case", "/cases", "送一件通办的事，回答这边的受理号和办结期限，或者规则不允许的原因；同一件再送一次，回答同一个号", MostText, s.parcel, desk.Parcel{}, desk.Arrival{}, nil},
		{"result", "/results", "把办理结果送回受理的地方；再送一次不会改第二次", MostText, s.result, desk.HandedBack{}, empty{}, nil},
	}
}

// headers are the head of each message, in the order in which a signature joins them.
var headers = []struct {
	name, say string
	need      bool
}{
	{headFrom, "送的一方的统筹区，6 位行政区划代码", true},
	{headTo, "收的一方的统筹区，6 位行政区划代码", true},
	{headTime, "送的时刻，Unix 秒；和收的一方的时钟最多差 10 分钟", true},
	{headNonce, "这一次发送的编号，32 位十六进制；每次发送都要换，重送也要换", true},
	{headDigest, "内容的 SM3，64 位十六进制小写", true},
	{headNote, "材料的文件名，按网址的规则转写；不是材料就不写", false},
	{headSign, "签名，64 位十六进制小写", true},
}

const description = `两个统筹区的系统互相送通办的件、材料和结果。两边的系统管理员在「对接」里互相登记，用同一个密钥。

每条消息都签名：用密钥对下面九行做 HMAC-SM3（行之间一个换行符，最后没有换行符），写成十六进制小写：
yinling-peer-1、Peer-From、Peer-To、方法（POST）、地址（从 /api 开始，带问号后面的部分）、Peer-Time、Peer-Nonce、Peer-Digest、Peer-Note（没有就是空行）。

收下的和拒绝的回答也签名（Peer-Signature），四行：yinling-peer-1 answer、发来的 Peer-Nonce、HTTP 状态码、回答内容的 SM3。没有登记的、签名不对的只得到没有签名的回答。只有签了名的回答才算数；没有收到就换一个 Peer-Nonce 再送，同一件事只办一次。`

// Description is the interface as OpenAPI 3.1, from the same table that the
// handler is made of.
func (s *Server) Description() *huma.OpenAPI {
	reg := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	doc := &huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{Title: "银龄对接接口", Version: "1.0.0", Description: description},
		Servers: []*huma.Server{{URL: Prefix}}, Paths: map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: reg, SecuritySchemes: map[string]*huma.SecurityScheme{
			"signature": {Type: "apiKey", In: "header", Name: headSign, Description: "用两边共有的密钥做的 HMAC-SM3 签名，写法见上面的说明"}}},
		Security: []map[string][]string{{"signature": {}}}}
	schema := func(v any) map[string]*huma.MediaType {
		t := reflect.TypeOf(v)
		return map[string]*huma.MediaType{contentJSON: {Schema: reg.Schema(t, true, t.Name())}}
	}
	text := func(pattern string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Pattern: pattern} }
	for _, r := range s.routes() {
		op := &huma.Operation{OperationID: r.id, Method: http.MethodPost, Path: r.path, Summary: r.say, Responses: map[string]*huma.Response{}}
		for _, h := range headers {
			if h.name != headSign { // the security scheme says it
				op.Parameters = append(op.Parameters, &huma.Param{Name: h.name, In: "header", Description: h.say, Required: h.need, Schema: text("")})
			}
		}
		if r.in == nil {
			op.Parameters = append(op.Parameters, &huma.Param{Name: "case", In: "path", Required: true, Description: "送的一方的受理号", Schema: text("")})
			op.RequestBody = &huma.RequestBody{Required: true, Description: "材料的内容，最多 " + strconv.FormatInt(r.most>>20, 10) + " MB",
				Content: map[string]*huma.MediaType{contentX: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
		} else {
			op.RequestBody = &huma.RequestBody{Required: true, Content: schema(r.in), Description: "最多 " + strconv.FormatInt(r.most>>20, 10) + " MB；不认识的项会被拒绝"}
		}
		for _, q := range r.query {
			op.Parameters = append(op.Parameters, &huma.Param{Name: q, In: "query", Required: true, Schema: text(""),
				Description: map[string]string{"matter": "事项编号", "kind": "材料的种类，如 proof"}[q]})
		}
		sign := map[string]*huma.Param{headSign: {Description: "回答的签名", Schema: text("^[0-9a-f]{64}$")}}
		op.Responses["200"] = &huma.Response{Description: "收下了", Headers: sign, Content: schema(r.out)}
		for status, say := range map[int]string{403: "没有登记、停用、签名或时钟不对", 404: "没有这一件", 409: "收到过这条消息、内容太大，或者现在不能办", 422: "有内容要改", 500: "我们这边出了问题", 503: "稍后再送"} {
			op.Responses[strconv.Itoa(status)] = &huma.Response{Description: say, Content: schema(api.Problem{})}
		}
		doc.Paths[r.path] = &huma.PathItem{Post: op}
	}
	return doc
}

func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json")
	json.NewEncoder(w).Encode(s.Description())
}

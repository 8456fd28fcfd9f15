// Package api is what the program's JSON interfaces share: how they are called,
// described and refused. An interface is a package below it.
//
// A caller sends «Authorization: Bearer TOKEN» and, with every write, an
// Idempotency-Key of its own: the same key with the same body is one act. Errors
// are problem+json in Chinese and never repeat what was sent.
package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"yinling/internal/audit"
)

// maxBody is how large a request may be, in bytes, unless its route says more.
const maxBody = 4 << 20

// Login finds who stands behind a token; Forbidden for none.
type Login func(ctx context.Context, token string) (audit.Actor, error)

// New makes an interface under a prefix, with its description at /openapi.json.
// token says in Chinese what the token is.
func New(prefix, title, say, token string, login Login) (*http.ServeMux, huma.API) {
	mux := http.NewServeMux()
	c := huma.DefaultConfig(title, "1.0.0")
	c.Info.Description = say + "每个写请求要带 Idempotency-Key；出错用 application/problem+json 回答，不会回显您传来的内容。"
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil // no page that loads from elsewhere, no $schema in answers
	c.OpenAPIPath = "/openapi"
	c.RejectUnknownQueryParameters = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: token}}
	c.Security = []map[string][]string{{"token": {}}}
	h := humago.NewWithPrefix(mux, prefix, c)
	h.UseMiddleware(bearer(h, login))
	mux.HandleFunc(prefix+"/", func(w http.ResponseWriter, _ *http.Request) { // also a wrong method of a right address
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		json.NewEncoder(w).Encode(NewProblem(http.StatusNotFound, "没有这个接口。全部接口见 "+prefix+"/openapi.json。"))
	})
	return mux, h
}

// Once is the key that every write carries.
type Once struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"64" doc:"您的系统给这次操作的编号；重试时不变，同一编号只办一次"`
}

// Body is an answer.
type Body[T any] struct{ Body T }

// Option changes a route.
type Option = func(*huma.Operation)

// Get and Post add a route: its id, path under the prefix, and what it does.
func Get[I, O any](h huma.API, id, path, say string, fn func(context.Context, *I) (*O, error), opts ...Option) {
	add(h, http.MethodGet, id, path, say, fn, opts)
}

// Post: see Get.
func Post[I, O any](h huma.API, id, path, say string, fn func(context.Context, *I) (*O, error), opts ...Option) {
	add(h, http.MethodPost, id, path, say, fn, opts)
}

func add[I, O any](h huma.API, method, id, path, say string, fn func(context.Context, *I) (*O, error), opts []Option) {
	op := huma.Operation{OperationID: id, Method: method, Path: path, Summary: say, MaxBodyBytes: maxBody, Errors: []int{400, 401, 403, 404, 409, 413, 415, 422, 500, 503}}
	for _, f := range opts {
		f(&op)
	}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, ProblemOf(err)
		}
		return out, nil
	})
}

type actorKey struct{}

// Actor is who calls.
func Actor(ctx context.Context) audit.Actor {
	who, _ := ctx.Value(actorKey{}).(audit.Actor)
	return who
}

// bearer lets a request in that carries a token.
func bearer(h huma.API, login Login) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		scheme, token, _ := strings.Cut(c.Header("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			c.SetHeader("WWW-Authenticate", `Bearer realm="yinling"`)
			huma.WriteErr(h, c, http.StatusUnauthorized, "请在 Authorization 里带上接口令牌：Bearer 加空格加令牌。")
			return
		}
		who, err := login(c.Context(), strings.TrimSpace(token))
		if err != nil {
			p := ProblemOf(err).(*Problem)
			if p.Status == http.StatusForbidden {
				p.Status = http.StatusUnauthorized
				c.SetHeader("WWW-Authenticate", `Bearer realm="yinling", error="invalid_token"`)
			}
			huma.WriteErr(h, c, p.Status, p.Detail)
			return
		}
		who.Terminal = c.RemoteAddr()
		next(huma.WithValue(c, actorKey{}, who))
	}
}

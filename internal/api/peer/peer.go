// Package peer carries cases between installations over HTTPS (通办), under
// /api/peer/v1. Head and body of each message are signed with the key that both
// sides hold, and so is each answer: only a signed answer is believed.
//
//	POST /cases/{case}/files?matter=&kind=   a file of a case, before it
//	POST /cases                                    the case; answered with its number there
//	POST /results                                  what came of it, on its way home
//	GET  /openapi.json                             the description of these, OpenAPI 3.1, for everybody
//
// Head: Peer-From, Peer-To (regions), Peer-Time (Unix seconds), Peer-Nonce,
// Peer-Digest (hex SM3 of the body), Peer-Note (the name
// of a file, escaped), Peer-Signature. The signed text stands in
// internal/peer. What arrives a second time is answered like the first.
package peer

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/api"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/peer"
)

// Prefix is where the interface begins.
const Prefix = "/api/peer/v1"

// MostText is how many bytes a case or a result may have.
const MostText = 1 << 20

// mostAnswer is how much of an answer is read.
const mostAnswer = 64 << 10

const (
	headFrom, headTo      = "Peer-From", "Peer-To"
	headTime, headNonce   = "Peer-Time", "Peer-Nonce"
	headDigest, headSign  = "Peer-Digest", "Peer-Signature"
	headNote              = "Peer-Note"
	contentJSON, contentX = "application/json", "application/octet-stream"
)

// Server takes in what other installations send.
type Server struct {
	Peers *peer.Service
	Desk  *desk.Service
}

// Handler serves everything under Prefix.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle("POST "+Prefix+r.path, s.take(r.most, r.fn))
	}
	mux.HandleFunc("GET "+Prefix+"/openapi.json", s.describe)
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, nil, "", http.StatusNotFound, api.NewProblem(http.StatusNotFound, "没有这个接口。全部接口见 "+Prefix+"/openapi.json。"))
	})
	return mux
}

type handler func(ctx context.Context, p peer.Peer, r *http.Request, body io.Reader) (any, error)

// take lets a message in and signs the answer.
func (s *Server) take(most int64, fn handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		at, _ := strconv.ParseInt(h.Get(headTime), 10, 64)
		m := peer.Message{From: h.Get(headFrom), To: h.Get(headTo), Method: r.Method, URI: r.URL.RequestURI(), Time: at, Nonce: h.Get(headNonce), Digest: h.Get(headDigest), Note: h.Get(headNote)}
		p, err := s.Peers.Take(r.Context(), m, h.Get(headSign), r.ContentLength, most)
		if err != nil {
			// Unsigned: a caller who is not let in learns nothing of the key.
			fail(w, nil, m.Nonce, err)
			return
		}
		sum := sm3.New()
		body := &checked{r: http.MaxBytesReader(w, r.Body, most), sum: sum, want: m.Digest}
		out, err := fn(r.Context(), p, r, body)
		if err != nil {
			fail(w, &p, m.Nonce, err)
			return
		}
		write(w, &p, m.Nonce, http.StatusOK, out)
	})
}

// errChanged: the body is not the one that was signed.
var errChanged = fault.New(fault.Refused, "内容在路上变了，和签名里的摘要不一样，没有收。")

// checked reads a body and fails at its end when its digest is another.
type checked struct {
	r    io.Reader
	sum  hash.Hash
	want string
}

func (c *checked) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		err = errChanged
	}
	return n, err
}

func fail(w http.ResponseWriter, p *peer.Peer, nonce string, err error) {
	problem := api.ProblemOf(err)
	if problem.GetStatus() == http.StatusInternalServerError {
		slog.Error("peer", "err", err)
	}
	write(w, p, nonce, problem.GetStatus(), problem)
}

func write(w http.ResponseWriter, p *peer.Peer, nonce string, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentJSON)
	w.Header().Set("Cache-Control", "no-store")
	if p != nil {
		w.Header().Set(headSign, p.SignAnswer(nonce, status, digest(text)))
	}
	w.WriteHeader(status)
	w.Write(text)
}

func digest(b []byte) string {
	h := sm3.Sum(b)
	return hex.EncodeToString(h[:])
}

func read[T any](body io.Reader, into *T) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fault.New(fault.Invalid, "内容读不懂，两边的程序版本可能不一样，请系统管理员核对。")
	}
	return nil
}

func (s *Server) file(ctx context.Context, p peer.Peer, r *http.Request, body io.Reader) (any, error) {
	q := r.URL.Query()
	name, err := url.QueryUnescape(r.Header.Get(headNote))
	if err != nil {
		return nil, fault.Field("name", "文件名写得不对")
	}
	d := desk.Document{Kind: q.Get("kind"), Name: name, SM3: r.Header.Get(headDigest)}
	if len(d.Kind) > 60 || len(q.Get("matter")) > 60 || len(r.PathValue("case")) > 40 {
		return nil, fault.Field("kind", "材料的种类写得太长")
	}
	o := desk.Origin{Region: p.There, Name: p.Name, Case: r.PathValue("case")}
	return empty{}, s.Desk.ArriveFile(ctx, p.Region, o, q.Get("matter"), d, body)
}

func (s *Server) parcel(ctx context.Context, p peer.Peer, _ *http.Request, body io.Reader) (any, error) {
	var x desk.Parcel
	if err := read(body, &x); err != nil {
		return nil, err
	}
	if err := x.Check(); err != nil {
		return nil, err
	}
	x.Origin.Region, x.Origin.Name = p.There, p.Name // who signed, whatever the body says
	return s.Desk.Arrive(ctx, p.Region, x)
}

func (s *Server) result(ctx context.Context, p peer.Peer, _ *http.Request, body io.Reader) (any, error) {
	var x desk.HandedBack
	if err := read(body, &x); err != nil {
		return nil, err
	}
	if len([]rune(x.Result)) > 2000 || len(x.Number) > 40 {
		return nil, fault.Field("result", "结果写得太长")
	}
	x.Here = p.Region
	return empty{}, s.Desk.TakeBack(ctx, p.There, x)
}

// Client sends to other installations; it is the desk's Peers.
type Client struct {
	Peers *peer.Service
	HTTP  *http.Client
}

// Places are the regions of the peers that are in use.
func (c *Client) Places(ctx context.Context, region string) (out []desk.Place, err error) {
	ps, err := c.Peers.Peers(ctx, region)
	for _, p := range ps {
		if !p.Off {
			out = append(out, desk.Place{Region: p.There, Name: p.Name})
		}
	}
	return out, err
}

// Carrier is the way to a region there; nil when no installation is registered.
func (c *Client) Carrier(ctx context.Context, region, there string) (desk.Carrier, error) {
	p, err := c.Peers.Of(ctx, region, there)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return line{c, p}, nil
}

// line carries to one peer.
type line struct {
	c *Client
	p peer.Peer
}

// File streams the file; its digest is the one it was registered with.
func (l line) File(ctx context.Context, o desk.Origin, matter string, d desk.Document, r io.Reader) error {
	q := url.Values{"matter": {matter}, "kind": {d.Kind}}
	m := peer.Message{URI: Prefix + "/cases/" + url.PathEscape(o.Case) + "/files?" + q.Encode(), Digest: d.SM3, Note: url.QueryEscape(d.Name)}
	return l.post(ctx, m, "材料", contentX, r, d.Size, &struct{}{})
}

// Case sends the case itself.
func (l line) Case(ctx context.Context, p desk.Parcel) (a desk.Arrival, err error) {
	err = l.text(ctx, "/cases", "办件", p, &a)
	if err == nil && a.Number == "" && a.Refused == "" {
		err = fault.New(fault.Internal, "%s的回执里没有受理号", l.p.Name)
	}
	return a, err
}

// Back sends a result home.
func (l line) Back(ctx context.Context, x desk.HandedBack) error {
	return l.text(ctx, "/results", "结果", x, &struct{}{})
}

func (l line) text(ctx context.Context, path, what string, v, into any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.post(ctx, peer.Message{URI: Prefix + path, Digest: digest(b)}, what, contentJSON, bytes.NewReader(b), int64(len(b)), into)
}

// post sends one message and keeps how that went.
func (l line) post(ctx context.Context, m peer.Message, what, mime string, body io.Reader, size int64, into any) error {
	err := l.send(ctx, m, mime, body, size, into)
	if kept := l.c.Peers.Sent(context.WithoutCancel(ctx), l.p, what, err); kept != nil {
		slog.Error("peer: sent", "err", kept)
	}
	return err
}

func (l line) send(ctx context.Context, m peer.Message, mime string, body io.Reader, size int64, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.p.Address+m.URI, io.NopCloser(body))
	if err != nil {
		return err
	}
	r.ContentLength = size
	m.From, m.To, m.Method, m.Time, m.Nonce = l.p.Region, l.p.There, r.Method, l.c.Peers.Log.DB.Now().Unix(), peer.Nonce()
	for k, v := range map[string]string{"Content-Type": mime, headFrom: m.From, headTo: m.To, headTime: strconv.FormatInt(m.Time, 10), headNonce: m.Nonce,
		headDigest: m.Digest, headNote: m.Note, headSign: l.p.Sign(m)} {
		r.Header.Set(k, v)
	}
	answer, err := l.c.HTTP.Do(r)
	if err != nil {
		return &fault.Error{Kind: fault.Busy, Say: "连不上" + l.p.Name + "的系统，会自动再送。请核对地址、证书和网络。", Err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer+1))
	if err != nil || len(text) > mostAnswer {
		return &fault.Error{Kind: fault.Busy, Say: l.p.Name + "的回答没有收全，会自动再送。", Err: err}
	}
	signed := peer.Same(answer.Header.Get(headSign), l.p.SignAnswer(m.Nonce, answer.StatusCode, digest(text)))
	var said struct {
		Detail string `json:"detail"`
	}
	json.Unmarshal(text, &said)
	switch {
	case answer.StatusCode == http.StatusOK && signed:
		return json.Unmarshal(text, into)
	case answer.StatusCode == http.StatusOK:
		return fault.New(fault.Busy, "%s的回答没有签名或签名不对，没有采信。请核对地址和密钥。", l.p.Name)
	case said.Detail != "":
		return fault.New(fault.Busy, "%s的系统没有收：%s", l.p.Name, short(said.Detail))
	}
	return fault.New(fault.Busy, "%s的系统没有收，回答是 %d。", l.p.Name, answer.StatusCode)
}

// short keeps what a stranger may write on our page within bounds.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

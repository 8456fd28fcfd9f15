// Package share is the JSON interface over which other departments bring their
// registers (部门名单接口), under /api/share/v1. A key stands for one register. A
// list is opened, its rows are put part by part, and it is closed; then it is
// matched like the file that a clerk uploads. This file lists every route.
package share

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yinling/internal/api"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/share"
)

// Prefix is where the interface begins.
const Prefix = "/api/share/v1"

// Server answers the interface.
type Server struct {
	Share *share.Service
	Today func() day.Day
}

// Handler serves everything under Prefix.
func (s *Server) Handler() http.Handler {
	mux, _ := s.build()
	return mux
}

func (s *Server) build() (*http.ServeMux, huma.API) {
	mux, h := api.New(Prefix, "银龄部门名单接口", "民政、残联、卫健、公安等部门的系统用：开一份名单，分几段交，交齐了自动和参保名册核对。", "医保经办机构发的接口密钥，一个密钥只能交一种名单", s.login)
	api.Get(h, "register", "/register", "这个密钥能交哪一份名单，每行能写哪些项", s.register)
	api.Post(h, "list-open", "/lists", "开一份名单", s.open)
	api.Post(h, "list-part", "/lists/{id}/parts/{no}", "交名单的一段，从第 1 段数起；同一段重交不会重复", s.part)
	api.Post(h, "list-close", "/lists/{id}/close", "交齐了，开始核对；核对在后台做", s.close)
	api.Get(h, "list", "/lists/{id}", "一份名单办到哪一步、核对的结果", s.list)
	return mux, h
}

// login finds the register behind a key: it is kept as the actor's institution.
func (s *Server) login(ctx context.Context, text string) (audit.Actor, error) {
	k, err := s.Share.CheckKey(ctx, text)
	return audit.Actor{ID: "share:" + k.Source, Name: k.Name, Role: "api", Region: k.Region, Institution: k.Source}, err
}

// Register is what a key brings.
type Register struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Department string  `json:"department"`
	Says       string  `json:"says" doc:"全量还是增量，旧的怎么办"`
	Fields     []Field `json:"fields" doc:"每行能写的项"`
	MostRows   int     `json:"most_rows" doc:"一段最多几行"`
}

// Field is one thing that a row may say.
type Field struct {
	ID   string `json:"id" doc:"rows 里的名称"`
	Name string `json:"name" doc:"文件里的表头"`
}

func (s *Server) register(ctx context.Context, _ *struct{}) (*api.Body[Register], error) {
	who := api.Actor(ctx)
	v, err := s.Share.Packs.At(who.Region, s.Today())
	if err != nil {
		return nil, err
	}
	src, ok := share.SourceOf(v, who.Institution)
	if !ok {
		return nil, fault.New(fault.NotFound, "政策包里现在没有这一份名单。")
	}
	out := Register{src.ID, src.Name, src.Department, src.Says(), []Field{}, share.MostRows}
	for _, c := range src.Columns {
		out.Fields = append(out.Fields, Field{c.Fact, c.Names[0]})
	}
	return &api.Body[Register]{Body: out}, nil
}

// List is one list of the register.
type List struct {
	ID        string `json:"id"`
	AsOf      string `json:"as_of" format:"date" doc:"名单截至哪一天"`
	State     string `json:"state" doc:"open 还在收（或中途停了，请再交齐一次）、running 正在核对、done 核对完了、failed 读不了"`
	Say       string `json:"say" doc:"读不了的原因"`
	Rows      int    `json:"rows"`
	Matched   int    `json:"matched" doc:"号码和姓名都对上"`
	Doubtful  int    `json:"doubtful" doc:"要人认定"`
	Unmatched int    `json:"unmatched" doc:"参保名册里没有"`
	Rejected  int    `json:"rejected" doc:"读不了的行"`
	Ended     int    `json:"ended" doc:"全量名单上没有了、认定结束的人数"`
	Problems  []Bad  `json:"problems" doc:"读不了的行，最多 100 处；不含行里的内容"`
}

// Bad is why a row cannot be read; it repeats nothing of the row.
type Bad struct {
	Row    int    `json:"row" doc:"整份名单的第几行；表头算第 1 行，第一条记录是第 2 行"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

func listOf(b share.Batch) *api.Body[List] {
	x := List{ID: b.ID, AsOf: b.AsOf.String(), State: b.State(), Say: b.Say, Problems: []Bad{}}
	if x.State == "cut" {
		x.State = "open"
	}
	if r := b.Report; r != nil {
		x.Rows, x.Matched, x.Doubtful, x.Unmatched, x.Rejected, x.Ended = r.Rows, r.Matched, r.Doubtful, r.Unmatched, r.Rejected, r.Ended
		for _, p := range r.Problems {
			x.Problems = append(x.Problems, Bad{p.Row, p.Column, p.Reason})
		}
	}
	return &api.Body[List]{Body: x}
}

func (s *Server) open(ctx context.Context, in *struct {
	api.Once
	Body struct {
		AsOf string `json:"as_of" format:"date" doc:"名单截至哪一天，不能晚于今天"`
	}
}) (*api.Body[List], error) {
	on, err := day.Parse(in.Body.AsOf)
	if err != nil {
		return nil, fault.Field("as_of", "日期要写成 2024-06-30 的样子，而且是有的日子。")
	}
	who := api.Actor(ctx)
	b, err := s.Share.OpenList(ctx, who, who.Region, who.Institution, in.Key, on)
	if err != nil {
		return nil, err
	}
	return listOf(b), nil
}

// ByList names a list.
type ByList struct {
	ID string `path:"id" minLength:"1" maxLength:"64" pattern:"^[0-9a-z]+$" doc:"开名单时得到的编号"`
}

func (s *Server) part(ctx context.Context, in *struct {
	api.Once
	ByList
	No   int `path:"no" minimum:"1" maximum:"999999" doc:"第几段"`
	Body struct {
		Rows []share.Row `json:"rows" minItems:"1" maxItems:"5000" nullable:"false" doc:"每行是 项的名称 和 内容，都写文字；能写哪些项见 GET /register"`
	}
}) (*api.Body[struct {
	Rows int `json:"rows" doc:"这一段收下的行数"`
}], error) {
	who := api.Actor(ctx)
	if err := s.Share.PutPart(ctx, who, who.Region, who.Institution, in.ID, in.No, in.Key, in.Body.Rows); err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Rows int `json:"rows" doc:"这一段收下的行数"`
	}]{}
	out.Body.Rows = len(in.Body.Rows)
	return out, nil
}

func (s *Server) close(ctx context.Context, in *struct {
	api.Once
	ByList
	Body struct {
		Parts int `json:"parts" minimum:"1" maximum:"999999" doc:"一共几段"`
	}
}) (*api.Body[List], error) {
	who := api.Actor(ctx)
	b, err := s.Share.CloseList(ctx, who, who.Region, who.Institution, in.ID, in.Body.Parts)
	if err != nil {
		return nil, err
	}
	return listOf(b), nil
}

func (s *Server) list(ctx context.Context, in *ByList) (*api.Body[List], error) {
	who := api.Actor(ctx)
	b, err := s.Share.ListOf(ctx, who.Region, who.Institution, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(b), nil
}

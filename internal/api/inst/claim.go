package inst

import (
	"context"

	"yinling/internal/api"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/fault"
)

// Month is a monthly claim.
type Month struct {
	ID        string `json:"id"`
	Month     string `json:"month" doc:"例如 2024-06"`
	Status    string `json:"status"`
	Bills     int64  `json:"bills" doc:"账单数"`
	TotalFen  int64  `json:"total_fen"`
	FundFen   int64  `json:"fund_fen"`
	PersonFen int64  `json:"person_fen"`
	Note      string `json:"note" doc:"退回的原因"`
	Version   int64  `json:"version"`
}

func monthOf(m claim.Month) Month {
	return Month{m.ID, m.Month.String(), string(m.Status), m.Bills, int64(m.Total), int64(m.Fund), int64(m.PersonFen), m.Note, m.Version}
}

// ByMonth names a month.
type ByMonth struct {
	Month string `path:"month" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"例如 2024-06"`
}

func (m ByMonth) parse() (day.Month, error) {
	x, err := day.ParseMonth(m.Month)
	if err != nil {
		return 0, fault.Field("month", "没有这个月份，请写成 2024-06 的样子。")
	}
	return x, nil
}

func (s *Server) claims(ctx context.Context, _ *struct{}) (*api.Body[struct {
	Claims []Month `json:"claims"`
}], error) {
	who := api.Actor(ctx)
	list, err := s.Claim.Months(ctx, who.Region, 0, who.Institution, "")
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Claims []Month `json:"claims"`
	}]{}
	out.Body.Claims = []Month{}
	for _, m := range list {
		out.Body.Claims = append(out.Body.Claims, monthOf(m))
	}
	return out, nil
}

func (s *Server) intake(ctx context.Context, in *struct {
	api.Once
	ByMonth
}) (*api.Body[Month], error) {
	m, err := in.parse()
	if err != nil {
		return nil, err
	}
	who := api.Actor(ctx)
	out, err := s.Claim.Intake(ctx, who, who.Region, who.Institution, m)
	if err != nil {
		return nil, err
	}
	return &api.Body[Month]{Body: monthOf(out)}, nil
}

func (s *Server) submit(ctx context.Context, in *struct {
	api.Once
	ByMonth
	Body struct {
		Version int64 `json:"version" doc:"您看到的版本"`
	}
}) (*api.Body[Month], error) {
	m, err := in.parse()
	if err != nil {
		return nil, err
	}
	who := api.Actor(ctx)
	out, err := s.Claim.Submit(ctx, who, who.Region, who.Institution+"/"+m.String(), in.Key, in.Body.Version)
	if err != nil {
		return nil, err
	}
	return &api.Body[Month]{Body: monthOf(out)}, nil
}

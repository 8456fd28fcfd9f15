package office

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/paper"
)

// noticePaper is today's public notice, to be posted.
func (s *Server) noticePaper(ctx context.Context, who audit.Actor, _ string) (paper.Sheet, error) {
	return s.Outreach.Board(ctx, who.Region)
}

// statementPaper is the month's statement of a book; its region is named as it
// was called in that month.
func (s *Server) statementPaper(ctx context.Context, who audit.Actor, id string) (paper.Sheet, error) {
	book, month, _ := strings.Cut(id, "/")
	m, err := day.ParseMonth(month)
	if err != nil {
		return paper.Sheet{}, fault.New(fault.NotFound, "没有这个月的报表。")
	}
	st, err := s.Fund.ReadStatement(ctx, who.Region, fund.Book(book), m)
	if err != nil {
		return paper.Sheet{}, err
	}
	region := who.Region
	if v, err := s.Packs.At(who.Region, m.Last()); err == nil {
		region = v.Name()
	}
	return st.Sheet(region), nil
}

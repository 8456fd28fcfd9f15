package outreach

import (
	"context"
	"fmt"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/paper"
)

// boardMost is how many notices a posted list takes; a city's running notices
// are fewer.
const boardMost = 500

// Board is the list of what is on notice today, to be posted (公示).
func (s *Service) Board(ctx context.Context, region string) (out paper.Sheet, err error) {
	var list []Notice
	var on day.Day
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		on = tx.Today()
		list, err = current(tx, region, on, boardMost)
		return err
	})
	if err != nil {
		return out, err
	}
	out = paper.Sheet{Kind: paper.Notice, Region: region, Object: "board", Title: paper.Titles[paper.Notice], No: fmt.Sprintf("%s 公示", on.Chinese()), On: on,
		Body: []string{"下列人员的长期护理失能等级评估结论现予公示。对结论有意见的，请在公示期内实名向本局提出，或打12393。"}}
	t := paper.Table{Caption: "公示名单", Head: []string{"姓名", "地区", "结论", "公示到"}}
	for _, n := range list {
		t.Rows = append(t.Rows, []string{n.Shown, n.Place, n.What, n.Ends.Chinese()})
	}
	if len(list) == 0 {
		out.Draft = "今天没有正在公示的结论"
	}
	out.Tables = []paper.Table{t}
	return out, nil
}

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

// Sheet is the answer to a voice on one sheet of A4 (答复书).
func (w Whole) Sheet() paper.Sheet {
	out := paper.Sheet{Kind: paper.Reply, Region: w.Region, Object: w.ID, Title: paper.Titles[paper.Reply], No: "受理号 " + w.ID, On: w.Answered, To: orSay(w.Name, "提出人")}
	out.Body = []string{"您" + w.Case.Opened.Chinese() + "提出的" + KindName(w.Kind) + "（" + w.Brief() + "），答复如下：", w.Answer}
	if w.Kind == "complaint" && w.Finding != "" {
		out.Rows = append(out.Rows, [2]string{"核实结果", FindingName(w.Finding)})
	}
	out.After = []string{"对答复不满意的，" + w.ReopenBy.Chinese() + "前可以要求换人重新办，或打12393向上级医保部门反映。"}
	if w.Answered.IsZero() || w.Stage != Answered && w.Stage != Done {
		out.Draft = "还没有答复"
	}
	return out
}

// AnsweredOn is the day of the newest answer to a voice and whose it is, for the
// check of a paper's code; no day when there is no answer.
func AnsweredOn(tx *db.Tx, region, id string) (day.Day, string, error) {
	x, err := getVoice(tx, region, id)
	return x.Answered, x.Person, err
}

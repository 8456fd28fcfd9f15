package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/paper"
)

var weekNames = []string{"", "周一", "周二", "周三", "周四", "周五", "周六", "周日"}

// Sheet is the plan (护理计划) for paper. names are the items' and the staff's.
func (r PlanRow) Sheet(items []Item, staff map[string]string, carer Carer) paper.Sheet {
	s := paper.Sheet{Kind: paper.Plan, Region: r.Region, Object: r.ID, Title: paper.Titles[paper.Plan], No: r.ID, On: r.Signed(), To: r.Who.Name}
	if s.On.IsZero() {
		s.Draft = "本人还没有确认，这是草稿"
	}
	who := r.Institution.Name
	if r.OfFamily() {
		who = "医保经办机构和您的家人"
	}
	s.Body = []string{fmt.Sprintf("%s为您安排以下护理，从%s到%s。", who, r.From.Chinese(), r.To.Chinese())}
	s.Rows = [][2]string{{"护理方式", benefit.ModesChinese([]string{r.Mode})}, {"护理机构", r.Institution.Name}}
	if r.OfFamily() {
		s.Rows[1] = [2]string{"照护人", carer.Name + "（" + carer.Relation + "）"}
	}
	if r.Institution.Phone != "" {
		s.Rows = append(s.Rows, [2]string{"机构电话", r.Institution.Phone})
	}
	what := paper.Table{Caption: "做什么", Head: []string{"项目", "每周次数", "每次分钟", "谁做"}, Right: []bool{false, true, true, false}}
	for _, it := range r.Plan.Items {
		name := it.Item
		if n := slices.IndexFunc(items, func(a Item) bool { return a.Code == it.Item }); n >= 0 {
			name = items[n].Name
		}
		what.Rows = append(what.Rows, []string{name, fmt.Sprint(it.PerWeek), fmt.Sprint(it.Minutes), StaffName(it.Staff)})
	}
	s.Tables = append(s.Tables, what)
	if r.Mode == "home" {
		when := paper.Table{Caption: "什么时候来", Head: []string{"星期", "开始", "护理员"}}
		for _, sl := range r.Slots {
			when.Rows = append(when.Rows, []string{weekNames[min(max(sl.Weekday, 0), 7)], sl.Start, staff[sl.Staff]})
		}
		s.Tables = append(s.Tables, when)
	}
	if r.OfFamily() {
		s.After = []string{"计划可以改：不合适的请打12393。照护过的日子请家里按天确认，医保会随机打电话或上门抽查。"}
		return s
	}
	s.After = []string{"计划可以改：不合适的请告诉护理机构，或打12393。护理员上门会出示工号，做完请您或家人确认。"}
	return s
}

// givePaper notes that the person is given the plan that they have confirmed.
func (s *Service) givePaper(tx *db.Tx, p Plan, action string) error {
	switch action {
	case "confirm":
		v, err := s.Packs.At(p.Region, tx.Today())
		if err != nil {
			return err
		}
		return desk.Give(tx, desk.Paper{PaperID: desk.PaperID{Kind: paper.Plan, Object: p.ID, On: p.Signed()}, Region: p.Region,
			Title: paper.Titles[paper.Plan], Person: p.Person, Due: desk.PaperDue(v, p.Signed())})
	case "undo":
		return desk.TakeBack(tx, p.Region, p.ID, paper.Plan)
	}
	return nil
}

// Paper is the plan on one sheet, for somebody who may see it.
func (s *Service) Paper(ctx context.Context, who audit.Actor, id string) (paper.Sheet, error) {
	x, staff, err := s.SeePlan(ctx, who, who.Region, id)
	if err != nil {
		return paper.Sheet{}, err
	}
	carer, err := s.CarerOf(ctx, who, who.Region, id)
	return x.Sheet(s.Items(x.Region, x.From), staff, carer), err
}

// Signed is the day on which the person confirmed the plan, zero when not.
func (p Plan) Signed() day.Day {
	if p.ConfirmedAt == 0 || p.Status != Confirmed && p.Status != Active && p.Status != Ended {
		return 0
	}
	return day.FromTime(time.UnixMilli(p.ConfirmedAt))
}

package hall

import "yinling/internal/policy"

// Facility is something that a place must have for elders (适老化设施).
type Facility struct {
	policy.Row
	ID        string              `json:"id" say:"代号"`
	Name      string              `json:"name" say:"名称"`
	Places    policy.Many[string] `json:"places" say:"哪些地方要有：hall 大厅、point 服务站点、home 养老机构"`
	CheckDays int64               `json:"check_days" say:"好的时候，几天看一次"`
	MendDays  int64               `json:"mend_days" say:"坏了或缺了，几天内补好"`
}

var facilities = policy.Rows[Facility]("hall.facilities", "适老化设施清单")

// CheckFacts is the input of hall.check.
type CheckFacts struct {
	Place string `json:"place" options:"hall|point|home" need:"true"`
	Item  string `json:"item" need:"true"`
	State string `json:"state" options:"good|broken|missing" need:"true"`
}

// CheckDue is when the item is due again.
type CheckDue struct {
	DueDays int64  `json:"due_days"`
	Say     string `json:"say"`
}

// CheckRule is hall.check 设施下次什么时候看: a good one by its interval, a
// broken or missing one by the time in which it must be mended.
var CheckRule = policy.NewRule("hall.check", 1, "设施检查和补好的期限", checkDue)

func checkDue(v *policy.View, in CheckFacts) (CheckDue, error) {
	rows := facilities.In(v)
	for i := range rows {
		r := &rows[i]
		if r.ID != in.Item {
			continue
		}
		if !r.Places.Has(in.Place) {
			return CheckDue{}, v.Refuse(r, "这类地方不要求有%s，不用登记", r.Name)
		}
		if in.State == "good" {
			v.Cite(r, "%s是好的，%d 天内再看一次", r.Name, r.CheckDays)
			return CheckDue{r.CheckDays, "下次检查"}, nil
		}
		v.Cite(r, "%s坏了或缺了，%d 天内补好", r.Name, r.MendDays)
		return CheckDue{r.MendDays, "补好"}, nil
	}
	if v.Err() != nil {
		return CheckDue{}, v.Err()
	}
	return CheckDue{}, v.Refuse(facilities.Cite(v), "清单里没有这样设施；请从清单里选")
}

package door

import "yinling/internal/policy"

// Duty is a visit that people are owed every year (应上门).
type Duty struct {
	policy.Row
	ID    string `json:"id" say:"短名"`
	Name  string `json:"name" say:"上门做什么"`
	Age   int64  `json:"age_from,omitempty" say:"满几周岁"`
	Level int64  `json:"level_from,omitempty" say:"失能等级从几级起；和年龄都写时，满足一样就行"`
	Times int64  `json:"times" say:"每年至少几次"`
}

var duties = policy.Rows[Duty]("door.owed", "每年该有的上门").Optional()

// OwedIn is the input of door.owed.
type OwedIn struct {
	Age   int64            `json:"age"`
	Level int64            `json:"level"` // 0: none
	Done  map[string]int64 `json:"done"`  // visits of this year by duty
}

// Owed is one duty that holds for a person.
type Owed struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Times int64  `json:"times"`
	Done  int64  `json:"done"`
	Left  int64  `json:"left"`
}

// OwedOut is its result.
type OwedOut struct {
	Owed []Owed `json:"owed"`
}

// OwedRule is door.owed 应上门: what somebody is owed this year and what is left.
var OwedRule = policy.NewRule("door.owed", 1, "每年应上门", func(v *policy.View, in OwedIn) (out OwedOut, err error) {
	rows, ok := duties.Get(v)
	if !ok {
		v.Say("当地没有规定每年上门几次")
		return out, nil
	}
	for _, d := range rows {
		if !(d.Age > 0 && in.Age >= d.Age || d.Level > 0 && in.Level >= d.Level) {
			continue
		}
		o := Owed{ID: d.ID, Name: d.Name, Times: d.Times, Done: in.Done[d.ID], Left: max(0, d.Times-in.Done[d.ID])}
		out.Owed = append(out.Owed, o)
		v.Cite(d, "%s：每年至少 %d 次，今年已有 %d 次", d.Name, d.Times, o.Done)
	}
	if len(out.Owed) == 0 {
		v.Say("不在每年应上门的人里")
	}
	return out, v.Err()
})

// Duties are the kinds of visits that are owed, for filters.
func Duties(v *policy.View) []Duty { rows, _ := duties.Peek(v); return rows }

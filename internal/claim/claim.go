package claim

import (
	"encoding/json"
	"strconv"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Claim (申报) is what the rule claim.quote is asked: the lines of one person in
// one month under one scheme. docs/cli.md and docs/packs.md show it as JSON.
type Claim struct {
	Scheme           string            `json:"scheme"` // ltci; employee and resident are basic medical insurance
	Person           Insured           `json:"person"`
	Mode             string            `json:"mode"`           // home, family, institution, community
	Also             []string          `json:"also,omitempty"` // other modes that the person combines this month
	Month            day.Month         `json:"month"`
	Used             map[string]Number `json:"used,omitempty"` // «cap id» or «cap id@period»: fen, or a decimal quantity
	Institution      *Provider         `json:"institution,omitempty"`
	HospitalDays     []day.Day         `json:"hospital_days,omitempty"`
	Died             day.Day           `json:"died,omitzero"`               // where the person had died by the day of the service
	StoppedUntil     day.Day           `json:"stopped_until,omitzero"`      // last day of a sanction that stops settlement
	ContinuousMonths int64             `json:"continuous_months,omitempty"` // of home care without a gap
	ModeChanges      int64             `json:"mode_changes,omitempty"`      // in this calendar year, this month's included
	Lines            []Line            `json:"lines"`
}

// Insured is what the rule knows of the person; nothing that names one.
type Insured struct {
	Level    int64    `json:"level" need:"true"` // national level 0 to 5
	Coverage string   `json:"coverage"`          // employee or resident
	Groups   []string `json:"groups,omitempty"`
	Resident *bool    `json:"resident,omitempty"` // lives inside the region; left out: yes
}

// Provider is the institution as far as prices depend on it.
type Provider struct {
	Kind  string `json:"kind,omitempty"`  // medical, care, elder_home, point
	Grade string `json:"grade,omitempty"` // as the pack writes it: 一级
}

// Line is one charged line.
type Line struct {
	ID       string    `json:"id"`
	Item     string    `json:"item,omitempty"`
	Kind     string    `json:"kind"`                  // living 生活照料 or nursing 医疗护理
	Mode     string    `json:"mode,omitempty"`        // when it differs from the claim's
	Unit     string    `json:"unit"`                  // hour, visit, day, bed_day, month
	Qty      Number    `json:"qty"`                   // decimal, up to six places
	PriceFen money.Fen `json:"price_fen" need:"true"` // of one unit; 0 only where the fund pays cash to the family
	Staff    string    `json:"staff,omitempty"`
	On       day.Day   `json:"on"` // the day of the service; of several days, the first
}

// Number is a decimal number kept as it is written, so that it never passes
// through a float. JSON may write it as a text or as a number.
type Number string

// UnmarshalJSON takes the number as written; its form is checked by the rule,
// which knows the field.
func (n *Number) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*n = Number(s)
		return nil
	}
	if len(b) == 0 || b[0] != '-' && (b[0] < '0' || b[0] > '9') {
		return fault.New(fault.Invalid, "这里要填数，写成 \"1.5\" 的样子")
	}
	*n = Number(b)
	return nil
}

// Qty writes a quantity as a Number.
func Qty(q money.Micro) Number { return Number(q.String()) }

// Quotation (试算结果) is the answer. The sums agree to the fen, always.
type Quotation struct {
	Lines []QuotationLine `json:"lines"`
	Sum   Sum             `json:"sum"`
	Takes []benefit.Take  `json:"takes"` // what settling it takes from the caps
}

// QuotationLine is one line: total = fund + person.
type QuotationLine struct {
	ID      string               `json:"id"`
	Total   money.Fen            `json:"total_fen"`
	Fund    map[string]money.Fen `json:"fund_fen"` // by scheme
	Person  money.Fen            `json:"person_fen"`
	Refused *policy.Refused      `json:"refused,omitempty"` // the fund pays nothing for this line, and why
	Steps   [2]int               `json:"steps"`             // its part of the explanation: from, to (exclusive)
}

// Sum is the sum of the lines.
type Sum struct {
	Total  money.Fen            `json:"total_fen"`
	Fund   map[string]money.Fen `json:"fund_fen"`
	Person money.Fen            `json:"person_fen"`
}

// KnownUsed writes accumulators as a claim wants them. Accumulators of caps
// that the region no longer has are left out: nothing depends on them.
func KnownUsed(v *policy.View, used map[string]int64) (map[string]Number, error) {
	if len(used) == 0 {
		return nil, nil
	}
	t, err := benefit.TermsOf(v)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Number, len(used))
	for key, n := range used {
		cap, _ := benefit.SplitKey(key)
		switch _, on, ok := t.FindCap(cap); {
		case !ok:
		case on == "qty":
			out[key] = Qty(money.Micro(n))
		default:
			out[key] = Number(strconv.FormatInt(n, 10))
		}
	}
	return out, nil
}

// yuan and percent are amounts as explanations show them, put into words only
// when somebody reads the step.
type yuan money.Fen

func (y yuan) String() string { return money.Fen(y).Yuan() }

func (y yuan) Append(b []byte) []byte { return money.Fen(y).AppendYuan(b) }

type percent money.PPM

func (p percent) String() string { return money.PPM(p).Percent() }

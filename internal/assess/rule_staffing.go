package assess

import (
	"fmt"
	"slices"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

// RecusalCase is one reason for which an assessor must stand aside (回避).
type RecusalCase struct {
	policy.Row
	ID  string `json:"id" options:"kin|interest|earlier|serves" say:"情形：kin 近亲属、interest 利害关系、earlier 参加过前一次、serves 所在机构正提供护理"`
	Say string `json:"say" say:"写给当事人的话，接在姓名后面"`
}

var (
	onsiteStaff    = policy.Int("assess.onsite.staff_count", "现场评估最少人数", "人")
	onsiteExperts  = policy.Int("assess.onsite.expert_count", "其中评估专家最少", "人")
	onsiteGuardian = policy.Bool("assess.onsite.guardian", "要有监护人或代理人在场")
	onsiteVideo    = policy.Bool("assess.onsite.video", "要全程录像")
	recusals       = policy.Rows[RecusalCase]("assess.recusal", "回避情形")
)

// Assessor is one of those who go to the home.
type Assessor struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Role    string   `json:"role"`    // assessor 评估员 or expert 评估专家
	Reasons []string `json:"reasons"` // of recusal that are known: kin, interest, earlier, serves
}

// Staffing is the input of assess.staffing. Stage draw asks only about people;
// stage visit also about the guardian and the video.
type Staffing struct {
	Stage    string     `json:"stage"`
	Staff    []Assessor `json:"staff"`
	Guardian bool       `json:"guardian"`
	Video    bool       `json:"video"`
}

// Staffed says that the assessment may go on.
type Staffed struct {
	OK bool `json:"ok"`
}

// StaffingRule is assess.staffing 现场评估人员: enough people, an expert among
// them, nobody who must stand aside, a guardian and a video.
var StaffingRule = policy.NewRule("assess.staffing", 1, "现场评估人员和回避", staffing)

func staffing(v *policy.View, in Staffing) (Staffed, error) {
	if in.Stage != "draw" && in.Stage != "visit" {
		return Staffed{}, fault.Field("stage", "只能是 draw（派员）或 visit（现场）")
	}
	experts, seen := int64(0), map[string]bool{}
	rows := recusals.In(v)
	for i, a := range in.Staff {
		at := fmt.Sprintf("staff[%d]", i)
		if a.ID == "" || seen[a.ID] {
			return Staffed{}, fault.Field(at+".id", "每名评估人员要有自己的编号，不能重复")
		}
		seen[a.ID] = true
		switch a.Role {
		case "expert":
			experts++
		case "assessor":
		default:
			return Staffed{}, fault.Field(at+".role", "只能是 assessor（评估员）或 expert（评估专家）")
		}
		for j := range rows {
			if slices.Contains(a.Reasons, rows[j].ID) {
				v.Cite(&rows[j], "%s%s，应当回避", a.Name, rows[j].Say)
				return Staffed{}, v.Refuse(&rows[j], "%s%s，应当回避；请另派一名", a.Name, rows[j].Say)
			}
		}
	}
	if need := onsiteStaff.In(v); int64(len(in.Staff)) < need {
		return Staffed{}, v.Refuse(onsiteStaff, "现场评估要有 %d 人，现在是 %d 人；请再派", need, len(in.Staff))
	}
	if need := onsiteExperts.In(v); experts < need {
		return Staffed{}, v.Refuse(onsiteExperts, "现场评估要有 %d 名评估专家，现在是 %d 名；请派专家", need, experts)
	}
	if in.Stage == "visit" {
		if onsiteGuardian.In(v) && !in.Guardian {
			return Staffed{}, v.Refuse(onsiteGuardian, "现场评估时要有一名监护人或代理人在场；请另约时间")
		}
		if onsiteVideo.In(v) && !in.Video {
			return Staffed{}, v.Refuse(onsiteVideo, "现场评估要全程录像；请先上传录像再提交")
		}
	}
	v.Cite(recusals, "到场 %d 人，其中专家 %d 名，没有应当回避的", len(in.Staff), experts)
	return Staffed{true}, nil
}

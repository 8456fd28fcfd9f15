package care

import (
	"yinling/internal/db"
	"yinling/internal/institution"
)

// tellPlan tells the institution what the person or the agency says to its plan.
func (s *Service) tellPlan(tx *db.Tx, p Plan, a PlanAct) error {
	if p.Institution == "" {
		return nil // family care: the agency itself wrote it
	}
	say := map[string]string{"confirm": "本人确认了护理计划", "decline": "本人不同意护理计划", "approve": "护理计划审批通过了", "return": "护理计划退回了，请改好再交"}[a.Action]
	if say == "" {
		return nil
	}
	who, err := s.People.Get(tx, p.Region, p.Person)
	if err != nil {
		return err
	}
	return institution.Tell(tx, institution.Message{Region: p.Region, Institution: p.Institution, Kind: "plan", Title: who.Name + "：" + say, Say: a.Note, Href: "/j/plan/" + p.ID})
}

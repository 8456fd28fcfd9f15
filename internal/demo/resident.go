package demo

import (
	"fmt"

	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/person"
)

// residents lets three elders move into the first home, which files and claims
// for two of them.
func (m *maker) residents() error {
	who := m.insts[m.care[0].ID].who
	var entries []person.Entry
	for i := range 3 {
		e := m.someone(5000+i, 79+3*i)
		entries = append(entries, e)
	}
	if _, err := m.put(entries); err != nil {
		return err
	}
	brings := []desk.ApplyInput{
		{Matter: "remote.filing", Consent: "书面同意，签字存机构", Answers: map[string]string{"kind": "long", "place": "江苏省苏州市", "since": m.today().String()}},
		{Matter: "claim.manual", Consent: "当面口头同意", Answers: map[string]string{"hospital": "示范市人民医院", "on": m.today().AddDays(-20).String(), "total": "1280.50", "reason": "urgent"}},
	}
	for i, e := range entries {
		r, err := m.Institution.MoveIn(m.ctx, who, m.key("resident", i), institution.Admission{IDNo: e.Number.Text, Name: e.Name, Room: fmt.Sprintf("3%02d 室 %d 床", 1+i/2, 1+i%2), Consent: "本人当面同意，" + e.Name[:3] + "家属签字"})
		if err != nil {
			return err
		}
		if i < len(brings) {
			in := brings[i]
			in.Key = m.key("bring", i)
			if _, err := m.Institution.Bring(m.ctx, who, m.Desk, r.ID, in); err != nil {
				return fmt.Errorf("bring %s: %w", in.Matter, err)
			}
		}
	}
	return nil
}

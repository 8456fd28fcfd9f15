package demo

import (
	"bytes"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// papers hands over the documents of the past weeks, as clerks and post do, and
// leaves the newest and a few forgotten ones on their way.
func (m *maker) papers() error {
	list, _, err := m.Desk.Papers(m.ctx, Region, desk.PaperFilter{}, 500)
	if err != nil {
		return err
	}
	today := m.today()
	for i, p := range list {
		if today-p.On < 5 || i%9 == 4 {
			continue
		}
		d := []desk.Delivery{{Way: "window", Proof: "本人签收"}, {Way: "post", Proof: "挂号 XA" + itoa(100200+i) + "，家属签收"}, {Way: "door", Proof: "女儿签收"}}[i%3]
		d.On = p.On + 2
		if err := m.Desk.Deliver(m.ctx, m.clerk.who, p.PaperID, m.key("paper", p.String()), d); err != nil {
			return err
		}
	}
	return nil
}

// inquiries asks the first institution two things: one waits for its answer, one
// has been answered, with a photo, and waits for the office.
func (m *maker) inquiries() error {
	inst := m.care[0]
	if _, err := m.Institution.Inquire(m.ctx, m.clerk.who, Region, inst.ID, m.key("ask"), "上个月有三次上门不到计划时长的一半，请说明原因，交当天的排班表。", nil); err != nil {
		return err
	}
	q, err := m.Institution.Inquire(m.ctx, m.clerk2.who, Region, inst.ID, m.key("plan"), "", &institution.Breach{Subject: "staff", Staff: m.workers[inst.ID][1].staff, Months: 3, Reason: "回访时两家都说护理员没有做满时间就签退了"})
	if fault.Is(err, fault.Refused) {
		return nil // before the text on measures holds
	}
	if err != nil {
		return err
	}
	f, err := m.Files.Save(Region, "现场记录.png", bytes.NewReader(Picture()), m.clock.Now())
	if err != nil {
		return err
	}
	return m.Institution.AnswerInquiry(m.ctx, m.insts[inst.ID].who, q.ID, m.key("answer"), "第一家是老人让她早点走，第二家确实早走了二十分钟，已经批评并补做。", []desk.Stored{f})
}

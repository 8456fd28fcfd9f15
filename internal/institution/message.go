package institution

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Message is something that an institution is told (给机构的消息): what was
// decided about what it brought or does, and where it reads more.
type Message struct {
	Region, Institution, ID string
	Kind                    string // one of MessageKinds
	Title, Say              string
	Href                    string  // in the institutions' face
	Paper                   string  // address of the document, "" for none
	Due                     day.Day // last day to answer, 0: nothing to answer
	At, Read                int64   // ms; Read 0: nobody has opened it
	ReadBy, ReadName        string
}

// MessageKinds are what messages are about, in the order of the filter.
var MessageKinds = []struct{ ID, Name string }{
	{"inquiry", "问询和申辩"}, {"sanction", "违规处理"}, {"money", "结算和拨付"}, {"case", "代办的事"}, {"plan", "护理计划"}, {"agreement", "协议"},
}

// KindName is a kind of message in Chinese.
func KindName(id string) string {
	for _, k := range MessageKinds {
		if k.ID == id {
			return k.Name
		}
	}
	return ""
}

// Tell tells an institution something, in the transaction of the act that it is
// about.
func Tell(tx *db.Tx, m Message) error {
	if m.Institution == "" || KindName(m.Kind) == "" || m.Title == "" {
		return fault.Field("message", "消息要有机构、种类和标题：%s %s", m.Kind, m.Title)
	}
	m.ID, m.At = tx.NewID(), tx.Millis()
	return putMessage(tx, m)
}

// Messages lists what the actor's institution was told, the newest first, at
// most most after the id given; unread counts up to 1000 that nobody has opened.
func (s *Service) Messages(ctx context.Context, who audit.Actor, kind string, onlyUnread bool, after string, most int) (out []Message, unread int, err error) {
	only := ""
	if onlyUnread {
		only = "unread"
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if unread, err = db.One(tx, db.Value[int], messageUnread, who.Region, who.Institution); err != nil || most == 0 {
			return err
		}
		out, err = db.All(tx, scanMessage, messageList, who.Region, who.Institution, after, kind, only, most)
		return err
	})
	return out, unread, err
}

// OpenMessage reads a message of the actor's institution; the first time it
// leaves who read it.
func (s *Service) OpenMessage(ctx context.Context, who audit.Actor, id string) (m Message, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { m, err = getMessage(tx, who.Region, who.Institution, id); return err })
	if err != nil || m.Read != 0 {
		return m, err
	}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "institution.message_read", Object: id}, func(tx *db.Tx) (Message, error) {
		if _, err := tx.Exec(messageRead, who.Region, who.Institution, id, tx.Millis(), who.ID, who.Name); err != nil {
			return Message{}, err
		}
		return getMessage(tx, who.Region, who.Institution, id)
	})
}

package institution

import (
	"errors"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	messageCols = `region, institution, id, kind, title, say, href, paper, due, at, read_at, read_by, read_name`
	messageOne  = `SELECT ` + messageCols + ` FROM institution_message WHERE region = $1 AND institution = $2 AND id = $3`
	messageList = `SELECT ` + messageCols + ` FROM institution_message WHERE region = $1 AND institution = $2 AND ($3 = '' OR id < $3)
		AND ($4 = '' OR kind = $4) AND ($5 = '' OR read_at = 0) ORDER BY id DESC LIMIT $6`
	messageUnread = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM institution_message WHERE region = $1 AND institution = $2 AND read_at = 0 LIMIT 1000) x`
	messageRead   = `UPDATE institution_message SET read_at = $4, read_by = $5, read_name = $6 WHERE region = $1 AND institution = $2 AND id = $3 AND read_at = 0`

	inquiryCols = `region, id, institution, kind, say, subject, staff, name, serious, months, measure, state, asked, due, asker, asker_name,
		answer, answered, answerer, result, result_say, sanction, closed, closer, version, at`
	inquiryOne   = `SELECT ` + inquiryCols + ` FROM institution_inquiry WHERE region = $1 AND id = $2`
	inquiryOf    = `SELECT ` + inquiryCols + ` FROM institution_inquiry WHERE region = $1 AND institution = $2 ORDER BY at DESC, id LIMIT 200`
	inquiryOpen  = `SELECT ` + inquiryCols + ` FROM institution_inquiry WHERE region = $1 AND state = $2 ORDER BY due, id LIMIT $3`
	inquiryDone  = `SELECT ` + inquiryCols + ` FROM institution_inquiry WHERE region = $1 AND state = 'closed' ORDER BY due DESC, id DESC LIMIT $2`
	inquiryCount = `SELECT state, COUNT(*) FROM institution_inquiry WHERE region = $1 AND state <> 'closed' GROUP BY state`
	inquirySet   = `UPDATE institution_inquiry SET state = $4, answer = $5, answered = $6, answerer = $7, result = $8, result_say = $9, sanction = $10,
		closed = $11, closer = $12, version = version + 1 WHERE region = $1 AND id = $2 AND version = $3`
)

func columns(cols string) []string {
	return strings.Split(strings.Join(strings.Fields(cols), ""), ",")
}

func scanMessage(r db.Row) (m Message, err error) {
	return m, r.Scan(&m.Region, &m.Institution, &m.ID, &m.Kind, &m.Title, &m.Say, &m.Href, &m.Paper, &m.Due, &m.At, &m.Read, &m.ReadBy, &m.ReadName)
}

func putMessage(tx *db.Tx, m Message) error {
	_, err := tx.Insert("institution_message", columns(messageCols), [][]any{{m.Region, m.Institution, m.ID, m.Kind, m.Title, m.Say, m.Href, m.Paper, m.Due, m.At, m.Read, m.ReadBy, m.ReadName}}, "")
	return err
}

func getMessage(tx *db.Tx, region, inst, id string) (Message, error) {
	m, err := db.One(tx, scanMessage, messageOne, region, inst, id)
	return m, none(err, "没有找到这条消息。请回到消息列表看。")
}

func scanInquiry(r db.Row) (q Inquiry, err error) {
	return q, r.Scan(&q.Region, &q.ID, &q.Institution, &q.Kind, &q.Say, &q.Subject, &q.Staff, &q.Name, &q.Serious, &q.Months, &q.Measure, &q.State,
		&q.Asked, &q.Due, &q.Asker, &q.AskerName, &q.Answer, &q.Answered, &q.Answerer, &q.Result, &q.ResultSay, &q.Sanction, &q.Closed, &q.Closer, &q.Version, &q.At)
}

func insertInquiry(tx *db.Tx, q Inquiry) error {
	_, err := tx.Insert("institution_inquiry", columns(inquiryCols), [][]any{{q.Region, q.ID, q.Institution, q.Kind, q.Say, q.Subject, q.Staff, q.Name, q.Serious, q.Months, q.Measure, q.State,
		q.Asked, q.Due, q.Asker, q.AskerName, q.Answer, q.Answered, q.Answerer, q.Result, q.ResultSay, q.Sanction, q.Closed, q.Closer, q.Version, q.At}}, "")
	return err
}

func getInquiry(tx *db.Tx, region, id string) (Inquiry, error) {
	q, err := db.One(tx, scanInquiry, inquiryOne, region, id)
	if errors.Is(err, db.ErrNone) {
		return q, fault.New(fault.NotFound, "没有找到这次问询。请从列表里打开。")
	}
	return q, err
}

func setInquiry(tx *db.Tx, q Inquiry) error {
	n, err := tx.Exec(inquirySet, q.Region, q.ID, q.Version, q.State, q.Answer, q.Answered, q.Answerer, q.Result, q.ResultSay, q.Sanction, q.Closed, q.Closer)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "您打开这一页以后，这次问询又有了变动。请看过新的内容再办。")
	}
	return err
}

package desk

import (
	"errors"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/paper"
)

const paperCols = `region, object, kind, issued, title, person, due, state, way, proof, delivered, noted_by, noted_name, noted_at, read_at, prints, at`

const (
	selectPaper   = `SELECT ` + paperCols + ` FROM desk_paper WHERE region = $1 AND object = $2 AND kind = $3 AND issued = $4`
	selectObject  = `SELECT ` + paperCols + ` FROM desk_paper WHERE region = $1 AND object = $2 ORDER BY at, kind`
	selectPersons = `SELECT ` + paperCols + ` FROM desk_paper WHERE region = $1 AND person = ANY($2) ORDER BY at DESC, object, kind LIMIT $3`
	// a kind is looked for in the first Depth of a state, as in the worklist
	selectOpen = `SELECT ` + paperCols + ` FROM (SELECT ` + paperCols + ` FROM desk_paper WHERE region = $1 AND state = 'open' AND due >= $2 AND due <= $3
		ORDER BY due, object LIMIT $6) x WHERE kind = ANY($4) ORDER BY due, object, kind LIMIT $5`
	selectEnded = `SELECT ` + paperCols + ` FROM (SELECT ` + paperCols + ` FROM desk_paper WHERE region = $1 AND state = $2
		ORDER BY due DESC, object DESC LIMIT $5) x WHERE kind = ANY($3) ORDER BY due DESC, object DESC, kind LIMIT $4`
	countOpen = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM desk_paper WHERE region = $1 AND state = 'open' AND due >= $2 AND due <= $3 LIMIT $4) x`

	giveAgain = `ON CONFLICT (region, object, kind, issued) DO UPDATE SET title = excluded.title, person = excluded.person, due = excluded.due, state = excluded.state,
		way = '', proof = '', delivered = '', noted_by = '', noted_name = '', noted_at = 0, read_at = 0, at = excluded.at`
	voidPaper    = `UPDATE desk_paper SET state = 'void' WHERE region = $1 AND object = $2 AND kind = $3 AND issued = $4 AND state = 'open'`
	deliverPaper = `UPDATE desk_paper SET state = 'delivered', way = $5, proof = $6, delivered = $7, noted_by = $8, noted_name = $9, noted_at = $10
		WHERE region = $1 AND object = $2 AND kind = $3 AND issued = $4 AND state = 'open'`
	reopenPaper = `UPDATE desk_paper SET state = 'open', way = '', proof = '', delivered = '', noted_by = '', noted_name = '', noted_at = 0
		WHERE region = $1 AND object = $2 AND kind = $3 AND issued = $4 AND state = 'delivered'`
	readPaper  = `UPDATE desk_paper SET read_at = $5 WHERE region = $1 AND object = $2 AND kind = $3 AND issued = $4 AND read_at = 0`
	printPaper = `UPDATE desk_paper SET prints = prints + 1 WHERE region = $1 AND object = $2 AND kind = $3 AND issued = $4`
)

func scanPaper(r db.Row) (p Paper, err error) {
	var kind, state string
	err = r.Scan(&p.Region, &p.Object, &kind, &p.On, &p.Title, &p.Person, &p.Due, &state, &p.Way, &p.Proof, &p.Delivered,
		&p.By, &p.ByName, &p.Noted, &p.Read, &p.Prints, &p.At)
	p.Kind, p.State = paper.Kind(kind), state
	return p, err
}

func insertPaper(tx *db.Tx, p Paper) error {
	_, err := tx.Insert("desk_paper", strings.Split(strings.Join(strings.Fields(paperCols), ""), ","), [][]any{{p.Region, p.Object, string(p.Kind), p.On, p.Title, p.Person,
		p.Due, p.State, p.Way, p.Proof, p.Delivered, p.By, p.ByName, p.Noted, p.Read, p.Prints, p.At}}, giveAgain)
	return err
}

func getPaper(tx *db.Tx, region string, n PaperID) (Paper, error) {
	p, err := db.One(tx, scanPaper, selectPaper, region, n.Object, string(n.Kind), n.On)
	if errors.Is(err, db.ErrNone) {
		return p, fault.New(fault.NotFound, "没有出过这份文书。请从「文书」的列表里打开。")
	}
	return p, err
}

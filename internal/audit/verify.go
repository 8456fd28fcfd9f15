package audit

import (
	"context"
	"fmt"

	"yinling/internal/db"
)

// Damage is one place where the record is not what was written.
type Damage struct {
	Region string `json:"region"`
	Lane   int64  `json:"lane"`
	Seq    int64  `json:"seq"`          // the first bad line
	To     int64  `json:"to,omitempty"` // when only a range can be named
	Say    string `json:"say"`
}

// ChainReport is the verification of one chain.
type ChainReport struct {
	Region string `json:"region"`
	Lane   int64  `json:"lane"`
	Rows   int64  `json:"rows"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
}

// Report is the verification of a region's record.
type Report struct {
	Region      string        `json:"region"`
	Rows        int64         `json:"rows"`
	Chains      []ChainReport `json:"chains"`
	Checkpoints int           `json:"checkpoints"` // compared
	Damage      []Damage      `json:"damage"`      // at most one per chain: the first
}

const (
	getHeads = `SELECT lane, seq, hash, at FROM audit_head WHERE region = $1 ORDER BY lane`
	getLanes = `SELECT DISTINCT lane FROM audit_event WHERE region = $1 ORDER BY lane`
	walk     = `SELECT seq, at, zone, actor, role, behalf, terminal, verb, object, result, detail, hash
		FROM audit_event WHERE region = $1 AND lane = $2 AND seq > $3 ORDER BY seq LIMIT $4`
)

type head struct {
	lane, seq, at int64
	hash          string
}

func heads(tx *db.Tx, region string) ([]head, error) {
	return db.All(tx, func(r db.Row) (h head, err error) { return h, r.Scan(&h.lane, &h.seq, &h.hash, &h.at) }, getHeads, region)
}

// Verify recomputes every chain of a region in one snapshot and compares heads
// and checkpoints with it. Each chain's first bad line is named. A tail that was
// cut together with its head, and a chain rewritten from some line on, are found
// by the checkpoints only; keep those somewhere else.
func Verify(ctx context.Context, l *Log, region string, marks []Checkpoint) (Report, error) {
	rep := Report{Region: region, Damage: []Damage{}}
	err := l.DB.Read(ctx, func(tx *db.Tx) error {
		hs, err := heads(tx, region)
		if err != nil {
			return err
		}
		byLane := map[int64]head{}
		var lanes []int64
		for _, h := range hs {
			byLane[h.lane] = h
			lanes = append(lanes, h.lane)
		}
		with, err := db.All(tx, db.Value[int64], getLanes, region)
		if err != nil {
			return err
		}
		points := map[int64]map[int64]string{}
		for _, m := range marks {
			if m.Region != region {
				continue
			}
			if points[m.Lane] == nil {
				points[m.Lane] = map[int64]string{}
				with = append(with, m.Lane)
			}
			points[m.Lane][m.Seq] = m.Hash
			rep.Checkpoints++
		}
		for _, lane := range with {
			if _, ok := byLane[lane]; !ok {
				byLane[lane] = head{lane: lane, seq: -1}
				lanes = append(lanes, lane)
			}
		}
		for _, lane := range lanes {
			c, bad, err := verifyChain(tx, region, byLane[lane], points[lane])
			if err != nil {
				return err
			}
			rep.Rows += c.Rows
			rep.Chains = append(rep.Chains, c)
			if bad != nil {
				bad.Region, bad.Lane = region, lane
				rep.Damage = append(rep.Damage, *bad)
			}
		}
		return nil
	})
	return rep, err
}

type line struct {
	Event
	seq, at    int64
	zone, hash string
}

func verifyChain(tx *db.Tx, region string, h head, points map[int64]string) (ChainReport, *Damage, error) {
	const page = 5000
	c := ChainReport{Region: region, Lane: h.lane}
	trusted := int64(0) // the last line that a checkpoint confirms
	for {
		lines, err := db.All(tx, func(r db.Row) (l line, err error) {
			err = r.Scan(&l.seq, &l.at, &l.zone, &l.Actor, &l.Role, &l.Behalf, &l.Terminal, &l.Verb, &l.Object, &l.Result, &l.Detail, &l.hash)
			return l, err
		}, walk, region, h.lane, c.Seq, page)
		if err != nil {
			return c, nil, err
		}
		for _, l := range lines {
			if l.seq != c.Seq+1 {
				return c, &Damage{Seq: c.Seq + 1, To: l.seq - 1, Say: fmt.Sprintf("第 %d 条起少了 %d 条", c.Seq+1, l.seq-c.Seq-1)}, nil
			}
			c.Rows++
			l.Region = region
			want := l.Event.hash(c.Hash, h.lane, l.seq, l.at)
			if l.zone != zone || l.hash != want {
				return c, &Damage{Seq: l.seq, Say: fmt.Sprintf("第 %d 条和当时写下的不一样（被改过、换过或插进来的）", l.seq)}, nil
			}
			c.Seq, c.Hash = l.seq, l.hash
			if mark, ok := points[l.seq]; ok {
				if mark != l.hash {
					return c, &Damage{Seq: trusted + 1, To: l.seq, Say: fmt.Sprintf("第 %d 到 %d 条之间被改写过：和存档点对不上", trusted+1, l.seq)}, nil
				}
				trusted = l.seq
			}
		}
		if len(lines) < page {
			break
		}
	}
	for seq := range points {
		if seq > c.Seq {
			return c, &Damage{Seq: c.Seq + 1, To: seq, Say: fmt.Sprintf("末尾被截掉了：存档点记到第 %d 条，库里只到第 %d 条", seq, c.Seq)}, nil
		}
	}
	switch {
	case h.seq < 0 && c.Seq > 0:
		return c, &Damage{Seq: 1, To: c.Seq, Say: "链头没有了"}, nil
	case h.seq > c.Seq:
		return c, &Damage{Seq: c.Seq + 1, To: h.seq, Say: fmt.Sprintf("末尾少了 %d 条", h.seq-c.Seq)}, nil
	case h.seq >= 0 && h.seq < c.Seq:
		return c, &Damage{Seq: h.seq + 1, To: c.Seq, Say: fmt.Sprintf("末尾多出 %d 条", c.Seq-h.seq)}, nil
	case h.seq >= 0 && h.hash != c.Hash:
		return c, &Damage{Seq: trusted + 1, To: c.Seq, Say: fmt.Sprintf("第 %d 到 %d 条之间被改写过：和链头对不上", trusted+1, c.Seq)}, nil
	}
	return c, nil, nil
}

const getRegions = `SELECT DISTINCT region FROM audit_head WHERE region = $1 OR $1 = '' ORDER BY region`

// Regions lists the regions that have a record.
func Regions(ctx context.Context, l *Log) (rs []string, err error) {
	err = l.DB.Read(ctx, func(tx *db.Tx) error {
		rs, err = db.All(tx, db.Value[string], getRegions, "")
		return err
	})
	return rs, err
}

// Last is when the newest line of a region's record was written, in
// milliseconds; 0 when there is none.
func Last(tx *db.Tx, region string) (int64, error) {
	hs, err := heads(tx, region)
	var at int64
	for _, h := range hs {
		at = max(at, h.at)
	}
	return at, err
}

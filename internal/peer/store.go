package peer

import (
	"strings"

	"yinling/internal/db"
)

const cols = `region, there, name, address, secret, off, maker, at, sent, failed, error, heard`

const (
	getPeer  = `SELECT ` + cols + ` FROM peer_peer WHERE region = $1 AND there = $2`
	allPeers = `SELECT ` + cols + ` FROM peer_peer WHERE region = $1 ORDER BY there`
	putPeer  = `ON CONFLICT (region, there) DO UPDATE SET name = excluded.name, address = excluded.address, secret = excluded.secret,
		maker = excluded.maker, at = excluded.at`
	switchPeer = `UPDATE peer_peer SET off = $3 WHERE region = $1 AND there = $2`
	sentWell   = `UPDATE peer_peer SET sent = $3, error = '' WHERE region = $1 AND there = $2`
	sentBad    = `UPDATE peer_peer SET failed = $3, error = $4 WHERE region = $1 AND there = $2`
	heardPeer  = `UPDATE peer_peer SET heard = $3 WHERE region = $1 AND there = $2`
	addNonce   = `INSERT INTO peer_nonce (region, there, nonce, at) VALUES ($1, $2, $3, $4) ON CONFLICT (region, there, nonce) DO NOTHING`
	oldNonces  = `DELETE FROM peer_nonce WHERE region = $1 AND at < $2`
)

const fieldSecret = "peer.secret"

func (s *Service) scan(r db.Row) (p Peer, err error) {
	var sealed string
	if err = r.Scan(&p.Region, &p.There, &p.Name, &p.Address, &sealed, &p.Off, &p.Maker, &p.At, &p.Sent, &p.Failed, &p.Error, &p.Heard); err != nil {
		return p, err
	}
	p.secret, err = s.Keys.Open(p.Region, fieldSecret, sealed)
	return p, err
}

func (s *Service) get(tx *db.Tx, region, there string) (Peer, error) {
	return db.One(tx, s.scan, getPeer, region, there)
}

func (s *Service) put(tx *db.Tx, p Peer) error {
	_, err := tx.Insert("peer_peer", strings.Split(strings.ReplaceAll(cols, " ", ""), ","), [][]any{{p.Region, p.There, p.Name, p.Address,
		s.Keys.Seal(p.Region, fieldSecret, p.secret), p.Off, p.Maker, p.At, p.Sent, p.Failed, p.Error, p.Heard}}, putPeer)
	return err
}

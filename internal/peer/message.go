package peer

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Message is the head of what one installation says to another. Digest is the
// hex SM3 of the body, so that a wrong signature is known before the body is read.
type Message struct {
	From, To    string // regions
	Method, URI string // the address below the peer's, with its query
	Time        int64  // Unix seconds
	Nonce       string // of this one sending
	Digest      string
	Note        string // what must not stand in logs of addresses: a file's name
}

// Skew is how far the clocks of both sides may be apart.
const Skew = 10 * time.Minute

// Nonce makes the number of one sending.
func Nonce() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (m Message) text() string {
	return strings.Join([]string{"yinling-peer-1", m.From, m.To, m.Method, m.URI, strconv.FormatInt(m.Time, 10), m.Nonce, m.Digest, m.Note}, "\n")
}

func (p Peer) sign(text string) string {
	h := hmac.New(sm3.New, []byte(p.secret))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// Sign signs a message to the peer.
func (p Peer) Sign(m Message) string { return p.sign(m.text()) }

// SignAnswer signs the answer to the sending with this nonce.
func (p Peer) SignAnswer(nonce string, status int, digest string) string {
	return p.sign(strings.Join([]string{"yinling-peer-1 answer", nonce, strconv.Itoa(status), digest}, "\n"))
}

// Same compares signatures without telling where they differ.
func Same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// Take lets a message in: from a registered peer, rightly signed, in time, not
// seen before. A refusal (Forbidden, Conflict for one that was here before) is
// kept in the record of the region it is for.
func (s *Service) Take(ctx context.Context, m Message, signature string, size, most int64) (p Peer, err error) {
	actor := audit.Actor{ID: "peer:" + m.From, Name: "对接的系统 " + m.From, Role: "api", Region: m.To}
	act := audit.Act{Region: m.To, Verb: "peer.message", Object: m.From, Detail: map[string]string{"what": m.URI, "digest": m.Digest}}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = s.get(tx, m.To, m.From); return err })
	if err != nil && !errors.Is(err, db.ErrNone) {
		return p, err
	}
	why := s.wrong(p, m, signature, size, most, err != nil)
	// Whoever knocks without a key must not be able to fill the record.
	if why != nil && (err != nil || !Same(signature, p.Sign(m))) && !s.noise.worth(s.Log.DB.Now()) {
		return p, why
	}
	if why != nil && err != nil { // what an unknown caller writes is no part of the record
		actor, act.Object, act.Detail = audit.Actor{ID: "peer", Name: "没有登记的系统", Role: "api", Region: m.To}, "unknown", nil
		if !regionCode.MatchString(m.To) || !s.serves(ctx, m.To) {
			return p, why
		}
	}
	return p, audit.Run(ctx, s.Log, actor, act, func(tx *db.Tx) error {
		if why != nil {
			return why
		}
		if _, err := tx.Exec(oldNonces, m.To, tx.Now().Add(-4*Skew).UnixMilli()); err != nil {
			return err
		}
		n, err := tx.Exec(addNonce, m.To, m.From, m.Nonce, tx.Millis())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "这条消息已经收到过，不再收第二次。要重送，请用新的编号签名。")
		}
		_, err = tx.Exec(heardPeer, m.To, m.From, tx.Millis())
		return err
	})
}

// wrong tells what is wrong with a message, by what is in its head.
func (s *Service) wrong(p Peer, m Message, signature string, size, most int64, unknown bool) error {
	off := s.Log.DB.Now().Sub(time.Unix(m.Time, 0))
	switch {
	case unknown:
		return fault.New(fault.Forbidden, "这里没有登记您的系统。请两边的系统管理员在「对接」里互相登记，用同一个密钥。")
	case !Same(signature, p.Sign(m)):
		return fault.New(fault.Forbidden, "签名不对。请两边的系统管理员核对密钥，并核对中间的代理没有改写地址。")
	case p.Off:
		return fault.New(fault.Forbidden, "这边停用了和您的对接。请和这边的系统管理员联系。")
	case off > Skew || off < -Skew:
		return fault.New(fault.Forbidden, "两边的时钟差了 %d 分钟，最多只能差 %d 分钟。请两边核对时钟。", int64(off.Abs()/time.Minute), int64(Skew/time.Minute))
	case len(m.Nonce) != 32 || len(m.Digest) != 2*sm3.Size || strings.Contains(m.Note, "\n"):
		return fault.New(fault.Forbidden, "消息的编号或摘要写得不对。")
	case size > most || size < 0:
		return fault.New(fault.Refused, "内容太大：最多 %d KB，而且要先说有多大。", most>>10)
	}
	return nil
}

// serves tells whether a region has a record here.
func (s *Service) serves(ctx context.Context, region string) bool {
	ps, err := s.Peers(ctx, region)
	return err == nil && len(ps) > 0
}

// noise counts refusals of callers that have no key: twenty in an hour go into
// the record, the others only get their answer.
type noise struct {
	mu   sync.Mutex
	hour int64
	n    int
}

func (x *noise) worth(now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if h := now.Unix() / 3600; h != x.hour {
		x.hour, x.n = h, 0
	}
	x.n++
	return x.n <= 20
}

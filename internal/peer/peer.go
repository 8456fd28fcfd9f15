package peer

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/seal"
)

// Peer is the installation that serves another pooling region.
type Peer struct {
	Region, There string // the region here, the region there
	Name, Address string
	Off           bool
	Maker         string
	At            int64 // milliseconds, as those below; 0 never
	Sent, Failed  int64 // last message that arrived, that did not
	Error         string
	Heard         int64 // last message from there
	secret        string
}

// Service keeps the peers.
type Service struct {
	Log  *audit.Log
	Keys *seal.Keys

	noise noise
}

// New is what an administrator registers. An empty Secret makes one for a new
// peer and keeps the old one of a known peer.
type New struct {
	There, Name, Address, Secret string
}

// minSecret is the least length of a key that was made elsewhere.
const minSecret = 32

var regionCode = regexp.MustCompile(`^[1-9][0-9]{5}$`)

// Register adds a peer or changes it. The answer is the key when it was made
// here; it is shown this once, the database holds it sealed.
func (s *Service) Register(ctx context.Context, who audit.Actor, in New) (made string, err error) {
	in.There, in.Name, in.Secret = strings.TrimSpace(in.There), strings.TrimSpace(in.Name), strings.TrimSpace(in.Secret)
	if in.Address, err = cleanAddress(in.Address); err != nil {
		return "", err
	}
	switch {
	case !regionCode.MatchString(in.There):
		return "", fault.Field("there", "对方统筹区请写 6 位行政区划代码，如 350100")
	case in.There == who.Region:
		return "", fault.Field("there", "这是本地的代码，请写对方的")
	case in.Name == "":
		return "", fault.Field("name", "请写对方叫什么，如 福州市医疗保障局")
	case in.Secret != "" && len(in.Secret) < minSecret:
		return "", fault.Field("secret", "密钥太短，至少 %d 个字符。请用对方系统里生成的那一个。", minSecret)
	}
	act := audit.Act{Region: who.Region, Verb: "peer.register", Object: in.There, Body: []string{in.There, in.Name, in.Address}, Detail: map[string]any{"address": in.Address, "key": in.Secret != ""}}
	return made, audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		made = ""
		p, err := s.get(tx, who.Region, in.There)
		if err != nil && !errors.Is(err, db.ErrNone) {
			return err
		}
		p.Region, p.There, p.Name, p.Address, p.Maker, p.At = who.Region, in.There, in.Name, in.Address, who.Name, tx.Millis()
		if in.Secret != "" {
			p.secret = in.Secret
		} else if p.secret == "" {
			made = newSecret()
			p.secret = made
		}
		return s.put(tx, p)
	})
}

func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func cleanAddress(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fault.Field("address", "地址要写成 https://对方的域名，不带问号后面的部分")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// Switch stops the exchange with a peer, or takes it up again.
func (s *Service) Switch(ctx context.Context, who audit.Actor, there, key string, off bool) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "peer.switch", Object: there, Key: key, Body: []any{there, off}, Detail: map[string]bool{"off": off}}, func(tx *db.Tx) error {
		n, err := tx.Exec(switchPeer, who.Region, there, off)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "没有登记这个地区的系统，可能已经改过了。请刷新再看。")
		}
		return err
	})
}

// Peers lists the peers of a region.
func (s *Service) Peers(ctx context.Context, region string) (out []Peer, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { out, err = db.All(tx, s.scan, allPeers, region); return err })
	return out, err
}

// Of finds the peer of a region there; NotFound: none, Refused: it is stopped.
func (s *Service) Of(ctx context.Context, region, there string) (p Peer, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = s.get(tx, region, there); return err })
	if errors.Is(err, db.ErrNone) {
		return p, errUnknown
	}
	if err == nil && p.Off {
		return p, fault.New(fault.Refused, "和%s的对接停用了，件先留在这里，系统管理员启用后自动再送。", p.Name)
	}
	return p, err
}

var errUnknown = fault.New(fault.NotFound, "没有登记这个地区的系统。请系统管理员在「对接」里登记。")

// Sent keeps how the last message to a peer went, for the administrator's page.
func (s *Service) Sent(ctx context.Context, p Peer, what string, failed error) error {
	act := audit.Act{Region: p.Region, Verb: "peer.sent", Object: p.There, Detail: map[string]any{"what": what, "arrived": failed == nil}}
	return audit.Run(ctx, s.Log, audit.System(p.Region), act, func(tx *db.Tx) error {
		if failed != nil {
			_, err := tx.Exec(sentBad, p.Region, p.There, tx.Millis(), fault.As(failed).Say)
			return err
		}
		_, err := tx.Exec(sentWell, p.Region, p.There, tx.Millis())
		return err
	})
}

package share

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Key (接口密钥) lets the system of a department bring one register.
type Key struct {
	Region, Hash string
	Source, Name string
	Until        day.Day // the last day, none for no end
	Revoked      bool
	Maker        string
	At           int64
}

// On tells whether the key opens on a day.
func (k Key) On(d day.Day) bool { return !k.Revoked && (k.Until.IsZero() || d <= k.Until) }

// ID names a key on pages: the beginning of its hash, which opens nothing.
func (k Key) ID() string { return k.Hash[:16] }

func keyHash(text string) string {
	h := sm3.Sum([]byte(text))
	return hex.EncodeToString(h[:])
}

// NewKey makes a key for a register. The text is shown once; only its SM3 is kept.
func (s *Service) NewKey(ctx context.Context, who audit.Actor, region, source, name string, until day.Day) (string, error) {
	raw := make([]byte, 24)
	rand.Read(raw)
	text := region + "." + base64.RawURLEncoding.EncodeToString(raw)
	name = strings.TrimSpace(name)
	err := audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "share.key", Object: source, Body: []any{source, name, until}}, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		switch _, ok := SourceOf(v, source); {
		case !ok:
			return fault.Field("source", "请选这个密钥给哪一份名单用")
		case name == "":
			return fault.Field("name", "请写是哪个单位的什么系统在用")
		case !until.IsZero() && until < tx.Today():
			return fault.Field("until", "用到哪天不能早于今天")
		}
		_, err = tx.Exec(putKey, region, keyHash(text), source, name, until, who.Name, tx.Millis())
		return err
	})
	return text, err
}

// CheckKey finds what a key opens; Forbidden when there is none, or it has ended.
func (s *Service) CheckKey(ctx context.Context, text string) (k Key, err error) {
	bad := fault.New(fault.Forbidden, "接口密钥不对或已停用，请向医保经办机构申请新的密钥。")
	region, _, ok := strings.Cut(text, ".")
	if !ok || len(region) != 6 {
		return k, bad
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		k, err = db.One(tx, scanKey, getKey, region, keyHash(text))
		if errors.Is(err, db.ErrNone) || err == nil && !k.On(tx.Today()) {
			return bad
		}
		return err
	})
	return k, err
}

// Keys lists the keys of a region, the newest first.
func (s *Service) Keys(ctx context.Context, region string) (ks []Key, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { ks, err = db.All(tx, scanKey, allKeys, region); return err })
	return ks, err
}

// RevokeKey ends a key at once; id is Key.ID. NotFound: no such key is in use.
func (s *Service) RevokeKey(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "share.key_off", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		ks, err := db.All(tx, scanKey, allKeys, region)
		if err != nil {
			return err
		}
		for _, k := range ks {
			if k.ID() == id && !k.Revoked {
				_, err := tx.Exec(dropKey, region, k.Hash)
				return err
			}
		}
		return fault.New(fault.NotFound, "没有这个在用的密钥，可能已经停用了。")
	})
}

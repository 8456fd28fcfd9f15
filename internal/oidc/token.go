package oidc

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// leeway is how far two honest clocks may be apart.
const leeway = 2 * time.Minute

// again is how soon the keys may be fetched anew: a token with a made-up key id
// must not turn every login into a request.
const again = time.Minute

type keySet struct {
	byID    map[string]crypto.PublicKey
	fetched time.Time
}

type jwk struct {
	Kty, Kid, Use, Alg, N, E, Crv, X, Y string
}

var b64 = base64.RawURLEncoding

func (k jwk) public() (crypto.PublicKey, error) {
	num := func(s string) *big.Int {
		b, err := b64.DecodeString(s)
		if err != nil {
			return new(big.Int)
		}
		return new(big.Int).SetBytes(b)
	}
	switch {
	case k.Kty == "RSA":
		n, e := num(k.N), num(k.E)
		if n.BitLen() < 2048 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, errors.New("oidc: a weak key")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case k.Kty == "EC" && k.Crv == "P-256":
		x, errX := b64.DecodeString(k.X)
		y, errY := b64.DecodeString(k.Y)
		if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
			return nil, errors.New("oidc: a point that is none")
		}
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	}
	return nil, fmt.Errorf("oidc: a key of kind %s", k.Kty)
}

// key finds the provider's key of an id; an unknown one makes the keys be
// fetched anew, for providers change theirs.
func (p *Provider) key(ctx context.Context, m *metadata, kid string) (crypto.PublicKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.keys.byID[kid]; ok {
		return k, nil
	}
	if since := p.Now().Sub(p.keys.fetched); p.keys.byID != nil && since >= 0 && since < again {
		return nil, errors.New("oidc: no key of this id")
	}
	var set struct{ Keys []jwk }
	if err := p.get(ctx, m.Keys, &set); err != nil {
		return nil, err
	}
	p.keys = keySet{map[string]crypto.PublicKey{}, p.Now()}
	for _, k := range set.Keys {
		if k.Use != "" && k.Use != "sig" {
			continue
		}
		if pub, err := k.public(); err == nil {
			p.keys.byID[k.Kid] = pub
		}
	}
	if k, ok := p.keys.byID[kid]; ok {
		return k, nil
	}
	return nil, errors.New("oidc: no key of this id")
}

// verify proves an ID token and gives its claims. RS256 and ES256 are taken;
// what the token itself says about how to check it is never trusted further
// than choosing between these two, and the key must be of that kind.
func (p *Provider) verify(ctx context.Context, m *metadata, token, nonce string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("oidc: no ID token")
	}
	var head struct{ Alg, Kid string }
	claims := map[string]any{}
	for i, into := range []any{&head, &claims} {
		b, err := b64.DecodeString(parts[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, into); err != nil {
			return nil, err
		}
	}
	sig, err := b64.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if head.Alg != "RS256" && head.Alg != "ES256" {
		return nil, fmt.Errorf("oidc: signed by %q", head.Alg)
	}
	key, err := p.key(ctx, m, head.Kid)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	ok := false
	switch k := key.(type) {
	case *rsa.PublicKey:
		ok = head.Alg == "RS256" && rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], sig) == nil
	case *ecdsa.PublicKey:
		ok = head.Alg == "ES256" && len(sig) == 64 && ecdsa.Verify(k, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
	}
	if !ok {
		return nil, errors.New("oidc: the signature is wrong")
	}
	return claims, p.claims(claims, nonce)
}

// claims checks what the token says (OpenID Connect Core §3.1.3.7).
func (p *Provider) claims(c map[string]any, nonce string) error {
	var aud []string
	switch a := c["aud"].(type) {
	case string:
		aud = []string{a}
	case []any:
		for _, x := range a {
			aud = append(aud, text(x))
		}
	}
	at := func(name string) time.Time {
		n, _ := c[name].(float64)
		return time.Unix(int64(n), 0)
	}
	now := p.Now()
	azp, hasAzp := c["azp"]
	switch {
	case text(c["iss"]) != p.Issuer:
		return errors.New("oidc: another issuer")
	case !slices.Contains(aud, p.Client), len(aud) > 1 && !hasAzp, hasAzp && text(azp) != p.Client:
		return errors.New("oidc: for another client")
	case text(c["sub"]) == "" || len(text(c["sub"])) > 255:
		return errors.New("oidc: no subject")
	case nonce == "" || text(c["nonce"]) != nonce:
		return errors.New("oidc: another nonce")
	case !now.Before(at("exp").Add(leeway)):
		return errors.New("oidc: expired")
	case at("iat").After(now.Add(leeway)), now.Sub(at("iat")) > 24*time.Hour:
		return errors.New("oidc: issued at an impossible time")
	}
	return nil
}

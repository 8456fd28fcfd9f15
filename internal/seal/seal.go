// Package seal encrypts single fields (SM4-GCM) and makes blind indexes of them
// (HMAC-SM3), so that a copy of the database without the key file shows no
// identity number and no telephone number, yet a full number can be looked up.
//
// The key file stands outside the database, mode 0600:
//
//	k1 <32 bytes, base64>      oldest key: opens; the blind index is derived from it
//	k2 <32 bytes, base64>      newest key: seals and opens
//
// A sealed text is «k2.<base64 of nonce, ciphertext, tag>»; region and field
// are authenticated with it, so a value moved to another field does not open.
// Errors never hold a plaintext or a key.
package seal

import (
	"bufio"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"

	"yinling/internal/fault"
)

// Keys seals, opens and indexes. It is safe for many goroutines.
type Keys struct {
	newest string
	aead   map[string]cipher.AEAD
	macs   sync.Pool
	nonces sync.Pool
}

const (
	masterSize = 32
	indexSize  = 16 // 128 bits: two of a billion numbers meet with a chance of 1e-21
)

// header stands on top of a new key file, for whoever finds it.
const header = "# 银龄的字段密钥。丢了它，库里的证件号码和电话就再也打不开。\n# 请单独备份，不要和数据库放在一起，不要发给任何人。\n"

// Create makes a new key file at path and opens it; an existing file is never
// overwritten (fault.Conflict).
func Create(path string) (*Keys, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.New(fault.Invalid, "建不了密钥目录 %s：%v", filepath.Dir(path), err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.New(fault.Conflict, "密钥文件 %s 已经有了，不会覆盖。", path)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "写不了密钥文件 %s：%v", path, err)
	}
	master := make([]byte, masterSize)
	rand.Read(master)
	_, err = f.WriteString(header + "k1 " + base64.StdEncoding.EncodeToString(master) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fault.New(fault.Invalid, "写不了密钥文件 %s：%v", path, err)
	}
	return Open(path)
}

// Open reads the key file at path. It refuses a file that others may read.
func Open(path string) (*Keys, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "找不到密钥文件 %s。没有它，库里的证件号码打不开；请从备份里取回。", path)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "读不了密钥文件 %s：%v", path, err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || st.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Invalid, "密钥文件 %s 别人也能读，不安全。请先执行 chmod 600 %s。", path, path)
	}
	k := &Keys{aead: map[string]cipher.AEAD{}}
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, text, _ := strings.Cut(line, " ")
		master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(master) != masterSize || id == "" || strings.Contains(id, ".") || k.aead[id] != nil {
			return nil, fault.New(fault.Invalid, "密钥文件 %s 第 %d 行写坏了。", path, n)
		}
		if err := k.add(id, master); err != nil {
			return nil, err
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fault.New(fault.Invalid, "读不了密钥文件 %s。", path)
	}
	if k.newest == "" {
		return nil, fault.New(fault.Invalid, "密钥文件 %s 里没有密钥。", path)
	}
	return k, nil
}

// Ensure opens the key file, and creates it when there is none: for the first
// run of a demonstration and for tests. Production opens.
func Ensure(path string) (*Keys, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return Create(path)
	}
	return Open(path)
}

func (k *Keys) add(id string, master []byte) error {
	key, err := hkdf.Key(sm3.New, master, nil, "yinling seal", sm4.BlockSize)
	if err != nil {
		return fmt.Errorf("seal: derive: %w", err)
	}
	block, err := sm4.NewCipher(key)
	if err != nil {
		return fmt.Errorf("seal: cipher: %w", err)
	}
	if k.aead[id], err = cipher.NewGCM(block); err != nil {
		return fmt.Errorf("seal: cipher: %w", err)
	}
	if k.newest == "" { // the first key of the file: indexes must survive a new key
		index, err := hkdf.Key(sm3.New, master, nil, "yinling index", sm3.Size)
		if err != nil {
			return fmt.Errorf("seal: derive: %w", err)
		}
		k.macs.New = func() any { return hmac.New(sm3.New, index) }
		k.nonces.New = func() any { return &nonces{} }
	}
	k.newest = id
	return nil
}

// nonces hands out random nonces from a buffer: one system call for many rows.
type nonces struct {
	buf [12 * 64]byte
	at  int
}

func (n *nonces) next(out []byte) {
	if n.at == 0 {
		rand.Read(n.buf[:])
		n.at = len(n.buf)
	}
	n.at -= 12
	copy(out, n.buf[n.at:n.at+12])
}

// Seal encrypts plain for a field of a region. Empty stays empty.
func (k *Keys) Seal(region, field, plain string) string {
	if plain == "" {
		return ""
	}
	var room [160]byte
	out := room[:12]
	n := k.nonces.Get().(*nonces)
	n.next(out)
	k.nonces.Put(n)
	out = k.aead[k.newest].Seal(out, out, []byte(plain), aad(region, field))
	return k.newest + "." + base64.RawURLEncoding.EncodeToString(out)
}

var errSealed = errors.New("seal: 密文打不开：不是用这些密钥封的，或被改动、换了位置")

// Open decrypts what Seal made for the same region and field. Empty stays empty.
func (k *Keys) Open(region, field, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	id, text, _ := strings.Cut(sealed, ".")
	aead := k.aead[id]
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if aead == nil || err != nil || len(raw) < 12 {
		return "", errSealed
	}
	plain, err := aead.Open(nil, raw[:12], raw[12:], aad(region, field))
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}

// Index is the blind index (盲索引) of plain: equal for equal plaintexts of one
// region and field, and useless without the key. Empty stays empty.
func (k *Keys) Index(region, field, plain string) string {
	if plain == "" {
		return ""
	}
	h := k.macs.Get().(hash.Hash)
	defer k.macs.Put(h)
	h.Reset()
	var room [128]byte
	b := append(room[:0], region...)
	b = append(append(b, 0), field...)
	b = append(append(b, 0), plain...)
	h.Write(b)
	var sum [sm3.Size]byte
	return base64.RawURLEncoding.EncodeToString(h.Sum(sum[:0])[:indexSize])
}

// Stale tells whether sealed was made with a key that is no longer the newest.
func (k *Keys) Stale(sealed string) bool {
	id, _, _ := strings.Cut(sealed, ".")
	return sealed != "" && id != k.newest
}

func aad(region, field string) []byte { return []byte(region + "\x00" + field) }

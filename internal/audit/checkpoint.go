package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"

	"yinling/internal/db"
	"yinling/internal/fault"
)

// Checkpoint (存档点) says how far a chain had come at a time, signed with SM2
// by a key outside the database and kept in a file outside the database. A
// chain alone cannot show that its end was cut off; a checkpoint can. Copy the
// file off the machine: each line names the hash of the line before it.
type Checkpoint struct {
	Region string `json:"region"`
	Lane   int64  `json:"lane"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
	At     int64  `json:"at"`   // milliseconds
	Prev   string `json:"prev"` // SM3 of the line before in the file
	Sig    string `json:"sig"`
}

func (c Checkpoint) signed() []byte {
	return fmt.Appendf(nil, "yinling checkpoint 1\n%s\n%d\n%d\n%s\n%d\n%s\n", c.Region, c.Lane, c.Seq, c.Hash, c.At, c.Prev)
}

// Keeper writes checkpoints.
type Keeper struct {
	Log     *Log
	Path    string // the file of checkpoints
	Regions func() []string

	key  *sm2.PrivateKey
	mu   sync.Mutex
	last map[string]int64 // region/lane → seq kept
	prev string
}

// NewKeeper opens the signing key keyPath, which it makes on the first run, and
// the file path, whose lines must all be good.
func NewKeeper(l *Log, path, keyPath string, regions func() []string) (*Keeper, error) {
	key, err := signingKey(keyPath)
	if err != nil {
		return nil, err
	}
	k := &Keeper{Log: l, Path: path, Regions: regions, key: key, last: map[string]int64{}}
	if b, err := os.ReadFile(path); err == nil {
		if i := bytes.LastIndexByte(b, '\n'); i+1 < len(b) { // cut short by a crash: never kept
			if err := os.Truncate(path, int64(i+1)); err != nil {
				return nil, fault.New(fault.Invalid, "整理不了存档点文件：%v", err)
			}
		}
	}
	marks, prev, err := readMarks(path, key)
	if err != nil {
		return nil, err
	}
	k.prev = prev
	for _, m := range marks {
		k.last[fmt.Sprint(m.Region, "/", m.Lane)] = m.Seq
	}
	return k, nil
}

func signingKey(path string) (*sm2.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := smx509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fault.New(fault.Invalid, "建不了密钥目录：%v", err)
		}
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
			return nil, fault.New(fault.Invalid, "写不了存档点的签名密钥：%v", err)
		}
		return key, nil
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "读不了存档点的签名密钥：%v", err)
	}
	if block, _ := pem.Decode(b); block != nil {
		if any, err := smx509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := any.(*sm2.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, fault.New(fault.Invalid, "存档点的签名密钥 %s 读不懂。", path)
}

// Checkpoints reads the file path and checks every line with the key at
// keyPath; without the file there are none.
func Checkpoints(path, keyPath string) ([]Checkpoint, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	key, err := signingKey(keyPath)
	if err != nil {
		return nil, err
	}
	marks, _, err := readMarks(path, key)
	return marks, err
}

func readMarks(path string, key *sm2.PrivateKey) ([]Checkpoint, string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fault.New(fault.Invalid, "读不了存档点文件：%v", err)
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1] // a server may be writing the next line
	var out []Checkpoint
	prev := ""
	sc := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; sc.Scan(); n++ {
		var c Checkpoint
		sig := []byte(nil)
		err := json.Unmarshal(sc.Bytes(), &c)
		if err == nil {
			sig, err = hex.DecodeString(c.Sig)
		}
		if err != nil || c.Prev != prev || !sm2.VerifyASN1WithSM2(&key.PublicKey, nil, c.signed(), sig) {
			return nil, "", fault.New(fault.Invalid, "存档点文件 %s 第 %d 行被改过，或不是这把密钥签的。", path, n)
		}
		h := sm3.Sum(sc.Bytes())
		prev = hex.EncodeToString(h[:])
		out = append(out, c)
	}
	return out, prev, sc.Err()
}

// Keep writes a checkpoint of every chain that has grown by at least min lines.
func (k *Keeper) Keep(ctx context.Context, min int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var buf bytes.Buffer
	var made []Checkpoint
	prev := k.prev
	for _, region := range k.Regions() {
		var hs []head
		err := k.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { hs, err = heads(tx, region); return err })
		if err != nil {
			return err
		}
		for _, h := range hs {
			if h.seq-k.last[fmt.Sprint(region, "/", h.lane)] < min {
				continue
			}
			c := Checkpoint{Region: region, Lane: h.lane, Seq: h.seq, Hash: h.hash, At: k.Log.DB.Now().UnixMilli(), Prev: prev}
			sig, err := k.key.SignWithSM2(rand.Reader, nil, c.signed())
			if err != nil {
				return err
			}
			c.Sig = hex.EncodeToString(sig)
			text, err := json.Marshal(c)
			if err != nil {
				return err
			}
			sum := sm3.Sum(text)
			prev = hex.EncodeToString(sum[:])
			buf.Write(append(text, '\n'))
			made = append(made, c)
		}
	}
	if len(made) == 0 {
		return nil
	}
	if err := appendFile(k.Path, buf.Bytes()); err != nil {
		return err
	}
	k.prev = prev
	for _, c := range made {
		k.last[fmt.Sprint(c.Region, "/", c.Lane)] = c.Seq
	}
	return nil
}

func appendFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("audit: checkpoints: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("audit: checkpoints: %w", err)
	}
	return nil
}

// Run keeps checkpoints until ctx ends: every 10,000 lines of a chain, looked
// at twice a minute, and every five minutes of any chain that has grown.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			k.keep(context.WithoutCancel(ctx), 1)
			return
		case <-tick.C:
			min := int64(10_000)
			if n%10 == 0 {
				min = 1
			}
			k.keep(ctx, min)
		}
	}
}

func (k *Keeper) keep(ctx context.Context, min int64) {
	if err := k.Keep(ctx, min); err != nil {
		slog.Error("audit: checkpoint not kept", "err", err)
	}
}

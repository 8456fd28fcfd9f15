package app

import (
	"net"
	"path/filepath"
	"time"

	"yinling/internal/fault"
)

// Config is every setting. The zero value of each field works; command line
// flags and environment variables fill it (cmd/yinling/serve.go, docs/run.md).
type Config struct {
	DB          string // address of the database; "" is DATA/yinling.db
	Data        string // folder of database, key and evidence files
	Packs       string // folder laid over the embedded packs
	Key         string // key file; "" is DATA/yinling.key
	Addr        string // HOST:PORT
	Site        string // https://host as browsers see it; "" is http://ADDR
	Region      string // the pooling region of the login page
	Agency      string // name of the agency on pages and papers
	WeChat      string // settings file of a WeChat Pay merchant; "" is our own cashier
	Seal        string // picture of the agency's seal; "" is DATA/seal.png or DATA/seal.svg, if there
	Chromium    string // program that prints PDF; "" is /usr/bin/chromium if there, "off" is none
	SMS         string // settings file of a message gateway; "" writes to the log
	OIDC        string // settings file of outside logins (微信, 医保电子凭证); "" is none
	PeerCA      string // certificates (PEM) that other installations may show, beside the system's
	Speech      Speech // services that speak and hear
	Dev         bool   // serve the component gallery
	Demo        bool   // the login page offers the demonstration's accounts
	Secure      bool   // cookies only over https
	AllowUnsafe bool   // run on a database that may lose acknowledged writes
	Now         func() time.Time
}

// Base is the address under which browsers reach the program.
func (c Config) Base() string {
	if c.Site != "" {
		return c.Site
	}
	return "http://" + c.Addr
}

// URL is the database's address.
func (c Config) URL() string {
	if c.DB == "" {
		return "sqlite:" + filepath.Join(c.Data, "yinling.db")
	}
	return c.DB
}

// KeyPath is the key file's path.
func (c Config) KeyPath() string {
	if c.Key == "" {
		return filepath.Join(c.Data, "yinling.key")
	}
	return c.Key
}

// Checkpoints is the file of the audit chain's signed checkpoints; copy it off
// the machine, for only it shows that the end of the record was cut off.
func (c Config) Checkpoints() string { return filepath.Join(c.Data, "checkpoints.jsonl") }

// CheckpointKey is the key that signs them.
func (c Config) CheckpointKey() string { return filepath.Join(c.Data, "checkpoint.pem") }

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.Field("addr", "打不开地址 %s：%v。换一个端口，或停掉占用它的程序。", addr, err)
	}
	return l, nil
}

// Package app wires everything: it opens database, keys and packs, makes every
// service, joins the faces under one handler, and runs server and jobs. All
// reactions («when X then Y») stand in events.go, all settings in config.go.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/job"
	"yinling/internal/oidc"
	"yinling/internal/outreach"
	"yinling/internal/pay"
	"yinling/internal/peer"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/report"
	"yinling/internal/seal"
	"yinling/internal/share"
	"yinling/internal/sms"
	"yinling/internal/web/ui"
)

// App is the whole program with its database open.
type App struct {
	Config Config
	DB     *db.DB
	Keys   *seal.Keys
	Packs  *policy.Set
	Log    *audit.Log
	Files  *desk.Files

	Access      *access.Service
	Person      *person.Service
	Institution *institution.Service
	Desk        *desk.Service
	Peer        *peer.Service
	Door        *door.Service
	Assess      *assess.Service
	Outreach    *outreach.Service
	Share       *share.Service
	Care        *care.Service
	Claim       *claim.Service
	Fund        *fund.Service
	Jobs        *job.Runner

	Logins []Login // the demonstration's accounts

	sms     sms.Gateway
	lastSMS *smsLog // the demonstration's; nil with a real gateway
	oidc    []*oidc.Provider
	paper   ui.Paper
	cashier *pay.Cashier
	wechat  *pay.WeChat
}

// Open opens the database, brings its schema up to date, and makes the services.
func Open(ctx context.Context, c Config) (_ *App, err error) {
	a := &App{Config: c}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fault.New(fault.Invalid, "建不了数据目录 %s：%v", c.Data, err)
	}
	if a.Packs, err = policy.Load(c.Packs); err != nil {
		return nil, err
	}
	if a.DB, err = db.Open(ctx, c.URL(), db.Options{Now: c.Now, AllowUnsafe: c.AllowUnsafe, Fatal: stopWriting}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.DB.Close()
		}
	}()
	if err := a.DB.Migrate(ctx); err != nil {
		return nil, err
	}
	if a.Keys, err = a.openKeys(ctx, c.KeyPath()); err != nil {
		return nil, err
	}
	a.Log = &audit.Log{DB: a.DB}
	if err = a.recordUnsafe(ctx); err != nil {
		return nil, err
	}
	a.Files = &desk.Files{Dir: filepath.Join(c.Data, "files")}
	if err = a.openSMS(); err != nil {
		return nil, err
	}
	if err = a.openOIDC(); err != nil {
		return nil, err
	}
	a.Access = access.New(a.Log, a.Keys, a.sms)
	a.Access.Bind = a.bind
	a.Person = &person.Service{Log: a.Log, Keys: a.Keys, Packs: a.Packs, Dir: filepath.Join(c.Data, "roster"), Held: report.Held}
	a.Institution = &institution.Service{Log: a.Log, Packs: a.Packs, Keys: a.Keys, People: a.Person}
	a.Desk = &desk.Service{Log: a.Log, Files: a.Files, Packs: a.Packs, Persons: a.Person}
	if err = a.peers(); err != nil {
		return nil, err
	}
	a.Outreach = &outreach.Service{Log: a.Log, Packs: a.Packs, Persons: a.Person, Keys: a.Keys, Files: a.Files}
	a.Outreach.Pool = a.endedIn
	a.Assess = &assess.Service{Log: a.Log, Packs: a.Packs, Persons: a.Person, Files: a.Files}
	a.shares()
	a.Care = &care.Service{Log: a.Log, Packs: a.Packs, People: a.Person}
	a.Fund = &fund.Service{Log: a.Log, Packs: a.Packs, Heads: func(tx *db.Tx, region string, on day.Day, groups []string) (out []fund.DuesIn, err error) {
		cs, err := a.Person.Classes(tx, region, on, groups)
		for _, c := range cs {
			out = append(out, fund.DuesIn{Kind: c.Kind, Group: c.Group, Heads: c.Heads, OwnHeads: c.OwnHeads, OwnBase: c.OwnBase})
		}
		return out, err
	}}
	a.Claim = &claim.Service{Log: a.Log, Packs: a.Packs, Persons: a.Person}
	a.Claim.Start(audit.GroupOptions{})
	a.Care.Settled = claim.SettledOf
	a.cashier = &pay.Cashier{Base: c.Base(), Key: []byte(a.Keys.Index("", "pay.cashier", "key"))}
	if err = a.openWeChat(); err != nil {
		return nil, err
	}
	if err = a.openPaper(); err != nil {
		return nil, err
	}
	a.Door = &door.Service{Log: a.Log, Packs: a.Packs, Persons: a.Person, Files: a.Files}
	a.matters()
	a.Jobs = &job.Runner{DB: a.DB, Regions: a.Regions}
	a.events()
	return a, nil
}

// recordUnsafe writes into the record of every region that somebody runs the
// program on settings under which an acknowledged write may be lost.
func (a *App) recordUnsafe(ctx context.Context) error {
	unsafe, err := a.DB.Unsafe(ctx)
	if err != nil || len(unsafe) == 0 {
		return err
	}
	slog.Warn("数据库的设置可能丢掉已经确认的数据", "settings", unsafe)
	for _, region := range a.Regions() {
		act := audit.Act{Region: region, Verb: "db.unsafe", Object: "database", Detail: unsafe}
		if err := audit.Run(ctx, a.Log, audit.System(region), act, func(*db.Tx) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// stopWriting ends the process after an I/O error of the database: what the
// disk holds is not known, and the supervisor starts a new process that reads
// it. Whoever waits asks again with the same key.
func stopWriting(err error) {
	slog.Error("数据库的磁盘出了故障，程序停下来等候重新启动", "err", err)
	os.Exit(1)
}

// Regions are the pooling regions that this process serves: all that have a pack.
func (a *App) Regions() []string {
	var out []string
	for _, p := range a.Packs.Packs {
		out = append(out, p.Region)
	}
	return out
}

// channel finds a payment channel by name, nil for none.
func (a *App) channel(name string) claim.PaymentChannel {
	if a.wechat != nil && name == a.wechat.Name() {
		return a.wechat
	}
	if name == a.cashier.Name() {
		return a.cashier
	}
	return nil
}

// openKeys opens the key file, or makes one for a database that holds nobody
// yet: a new key for old data would lock every id number away.
func (a *App) openKeys(ctx context.Context, path string) (*seal.Keys, error) {
	k, err := seal.Open(path)
	if !fault.Is(err, fault.NotFound) {
		return k, err
	}
	some, rerr := a.Populated(ctx)
	if rerr != nil || some {
		return nil, errors.Join(rerr, err)
	}
	return seal.Create(path)
}

// Populated tells whether the database holds anybody.
func (a *App) Populated(ctx context.Context) (some bool, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		for _, region := range a.Regions() {
			if any, err := person.Any(tx, region); err != nil || any {
				some = true
				return err
			}
		}
		return nil
	})
	return some, err
}

// Close stops writing and closes the database.
func (a *App) Close() error {
	a.Person.Stop()
	a.Share.Stop()
	a.Claim.Close()
	return a.DB.Close()
}

// Serve answers HTTP on addr and runs jobs until ctx ends, then lets requests
// finish for ten seconds.
func (a *App) Serve(ctx context.Context, ready func(addr string)) error {
	h, err := a.Handler()
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	l, err := listen(a.Config.Addr)
	if err != nil {
		return err
	}
	keeper, err := audit.NewKeeper(a.Log, a.Config.Checkpoints(), a.Config.CheckpointKey(), a.Regions)
	if err != nil {
		return err
	}
	jobs, stop := context.WithCancel(ctx)
	kept := make(chan struct{})
	go func() { keeper.Run(jobs); close(kept) }()
	defer func() { stop(); <-kept }()
	done := make(chan struct{})
	go func() { a.Jobs.Run(jobs); close(done) }()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	ready(l.Addr().String())
	select {
	case err = <-failed:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err = srv.Shutdown(grace)
		cancel()
	}
	stop()
	<-done
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

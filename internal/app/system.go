package app

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/doctor"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/seal"
	"yinling/internal/web/office"
)

// system is what the system administrator's page shows and does.
func (a *App) system() *office.System {
	return &office.System{
		Settings: a.settings,
		Look: func(ctx context.Context, region string) (out []office.Finding) {
			x := &doctor.Doctor{}
			_, err := seal.Open(a.Config.KeyPath())
			x.Look("key", err, "密钥文件在，别人读不到")
			x.Disk(a.Config.Data)
			x.Database(ctx, a.DB)
			marks, err := a.checkpoints()
			x.Look("checkpoints", err, "%d 个，签名都对", len(marks))
			x.Region(ctx, a.DB, region)
			for _, f := range x.Found {
				out = append(out, office.Finding(f))
			}
			return out
		},
		Jobs: func(ctx context.Context, region string) (out []office.FailedJob, err error) {
			err = a.DB.Read(ctx, func(tx *db.Tx) error {
				list, err := job.GivenUp(tx, region, 100)
				for _, f := range list {
					out = append(out, office.FailedJob{ID: f.ID, Kind: f.Kind, Key: f.Key, Error: f.Error, Tries: f.Tries})
				}
				return err
			})
			return out, err
		},
		Retry: func(ctx context.Context, who audit.Actor, region, id string) error {
			err := audit.Run(ctx, a.Log, who, audit.Act{Region: region, Verb: "job.retry", Object: id}, func(tx *db.Tx) error {
				ok, err := job.Retry(tx, region, id)
				if err == nil && !ok {
					err = fault.New(fault.NotFound, "没有这件任务，它可能已经重试过了。")
				}
				return err
			})
			if err == nil {
				a.Jobs.Wake()
			}
			return err
		},
		Checkpoints: a.checkpoints,
	}
}

// checkpoints are the signed heads that this machine keeps.
func (a *App) checkpoints() ([]audit.Checkpoint, error) {
	return audit.Checkpoints(a.Config.Checkpoints(), a.Config.CheckpointKey())
}

// settings are all settings as they may be shown: where a secret lies, never
// what it is.
func (a *App) settings() []office.Setting {
	c := a.Config
	has := func(path, without string) string {
		if path == "" {
			return without
		}
		return "已配置：" + path
	}
	yes := func(on bool) string {
		if on {
			return "是"
		}
		return "否"
	}
	url := c.URL()
	if scheme, rest, ok := strings.Cut(url, "://"); ok { // postgres://user:password@host/name
		if _, host, ok := strings.Cut(rest, "@"); ok {
			rest = "…@" + host
		}
		url, _, _ = strings.Cut(scheme+"://"+rest, "?")
	}
	return []office.Setting{
		{Name: "数据库", Value: url, Flag: "--db"}, {Name: "数据目录", Value: c.Data, Flag: "--data"}, {Name: "密钥文件", Value: c.KeyPath(), Flag: "--key"},
		{Name: "监听地址", Value: c.Addr, Flag: "--addr"}, {Name: "网址", Value: c.Base(), Flag: "--site"}, {Name: "登录页的统筹区", Value: c.Region, Flag: "--region"},
		{Name: "机构名", Value: c.Agency, Flag: "--agency"}, {Name: "政策包目录", Value: has(c.Packs, "只用内置的"), Flag: "--packs"},
		{Name: "微信支付", Value: has(c.WeChat, "没有，用自己的收银台"), Flag: "--wechat"}, {Name: "印章图片", Value: has(c.Seal, "数据目录里的 seal.png 或 seal.svg"), Flag: "--seal"}, {Name: "出 PDF 的 Chromium", Value: has(c.Chromium, "/usr/bin/chromium，有就用"), Flag: "--chromium"},
		{Name: "短信网关", Value: has(c.SMS, "没有，只写在日志里"), Flag: "--sms"},
		{Name: "对接系统的证书", Value: has(c.PeerCA, "只认操作系统信任的"), Flag: "--peer-ca"},
		{Name: "外部登录", Value: has(c.OIDC, "没有"), Flag: "--oidc"}, {Name: "只在 https 下发 cookie", Value: yes(c.Secure), Flag: "--secure"},
		{Name: "允许不安全的数据库设置", Value: yes(c.AllowUnsafe), Flag: "--allow-unsafe"}, {Name: "演示", Value: yes(c.Demo), Flag: "yinling demo"},
	}
}

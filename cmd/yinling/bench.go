package main

import (
	"os"

	"yinling/bench"
)

// benchCmd measures real code paths beside yardsticks (bench/README.md).
type benchCmd struct {
	What    string  `arg:"" enum:"settle,batch,roster,share,growth,http,pages,rule" help:"settle 结算 · batch 月结 · roster 名册 · share 部门名单 · growth 十倍人口 · http 从网络进来 · pages 正在运行的演示城市的页面 · rule 规则"`
	DB      string  `name:"db" help:"空的数据库：SQLite 文件或 postgres://…（默认临时的 SQLite 文件）"`
	Seconds float64 `default:"5" help:"每一轮几秒"`
	Rounds  int     `default:"3" help:"几轮，取中位数"`
	Persons int     `default:"100000" help:"参保人数"`
	Rows    int     `default:"100000" help:"月结或名册的行数"`
	URL     string  `name:"url" default:"http://127.0.0.1:8080" help:"pages：演示城市的地址"`
	Lanes   int     `help:"settle：几个提交者，0 是程序自己定"`
	Clients []int   `default:"32,256,1" help:"同时多少人"`
}

// Run prints one JSON object with a row per figure.
func (c *benchCmd) Run(e *env) error {
	dir, err := bench.Temp()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := bench.Plan{URL: c.DB, Dir: dir, Seconds: c.Seconds, Rounds: c.Rounds, Persons: c.Persons, Clients: c.Clients, Lanes: c.Lanes, Say: e.say}
	if p.URL == "" {
		p.URL = "sqlite:" + dir + "/bench.db"
	}
	var rows []bench.Row
	one := func(r bench.Row, err error) error { rows = append(rows, r); return err }
	switch c.What {
	case "settle":
		rows, err = bench.Settle(e.ctx, p)
	case "batch":
		err = one(bench.Batch(e.ctx, p, c.Rows))
	case "roster":
		err = one(bench.Roster(e.ctx, p, c.Rows))
	case "share":
		rows, err = bench.Share(e.ctx, p, c.Rows)
	case "growth":
		rows, err = bench.Growth(e.ctx, p, c.Rows)
	case "http":
		err = one(bench.HTTP(e.ctx, p))
	case "pages":
		rows, err = bench.Pages(e.ctx, c.URL, 40, e.say)
	case "rule":
		err = one(bench.Rule(e.ctx, p))
	}
	if err != nil {
		return err
	}
	for _, r := range rows {
		word := "达到"
		if !r.Met {
			word = "没有达到"
		}
		e.say("%-42s %9.0f/s  标尺 %9.0f/s  比 %.2f（目标 ≥ %.2f）%s", r.What, r.Ours, r.Yard, r.Ratio, r.Goal, word)
	}
	return e.print(map[string]any{"machine": bench.Machine(), "rows": rows})
}

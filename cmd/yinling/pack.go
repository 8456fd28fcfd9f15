package main

import (
	"path/filepath"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// packCmd is `yinling pack …`: look at the policy packs (政策包) and check them.
type packCmd struct {
	Check packCheck `cmd:"" help:"检查政策包；写文件夹就检查那个文件夹"`
	List  packList  `cmd:"" help:"列出现有的政策包"`
	Show  packShow  `cmd:"" help:"一个地区某一天的值和依据"`
	Diff  packDiff  `cmd:"" help:"两个地区某一天有什么不同"`
	Test  packTest  `cmd:"" help:"运行政策包里的算例"`
}

type packCheck struct {
	Dir string `arg:"" optional:"" help:"政策包文件夹"`
}

type packLine struct {
	Region  string  `json:"region"`
	Name    string  `json:"name"`
	Parent  string  `json:"parent,omitempty"`
	Version string  `json:"version"`
	Hash    string  `json:"hash"`
	From    day.Day `json:"from"`
	To      day.Day `json:"to"`
	Keys    int     `json:"keys"`
	Cases   int     `json:"cases"`
	Folder  string  `json:"folder"`
}

func lines(set *policy.Set) ([]packLine, error) {
	var out []packLine
	for _, p := range set.Packs {
		cases, err := p.Cases()
		if err != nil {
			return nil, err
		}
		ref := set.Ref(p.Region)
		out = append(out, packLine{p.Region, p.Name, p.Parent, ref.Version, ref.Hash, p.From, p.To, p.Given(), len(cases), p.Folder})
	}
	return out, nil
}

func (c *packCheck) Run(e *env) error {
	set, err := policy.Load(c.Dir)
	if err != nil {
		return err
	}
	all, err := lines(set)
	if err != nil {
		return err
	}
	if c.Dir != "" { // the shipped packs are checked with it, but it is the folder that was asked about
		mine := all[:0]
		for _, p := range all {
			if strings.HasPrefix(p.Folder, filepath.Clean(c.Dir)) || strings.HasPrefix(p.Folder, c.Dir) {
				mine = append(mine, p)
			}
		}
		all = mine
	}
	e.say("政策包没有问题：%d 个地区", len(all))
	return e.print(map[string]any{"ok": true, "packs": all})
}

type packList struct {
	Packs string `help:"叠加的政策包文件夹" placeholder:"DIR"`
}

func (c *packList) Run(e *env) error {
	set, err := policy.Load(c.Packs)
	if err != nil {
		return err
	}
	all, err := lines(set)
	if err != nil {
		return err
	}
	return e.print(map[string]any{"packs": all})
}

type packShow struct {
	Region string `arg:"" help:"地区代码，如 320700"`
	Key    string `arg:"" optional:"" help:"只看这一项，或以它开头的各项"`
	On     string `required:"" help:"哪一天，如 2024-06-30" placeholder:"DAY"`
	Packs  string `help:"叠加的政策包文件夹" placeholder:"DIR"`
}

func (c *packShow) Run(e *env) error {
	v, err := viewOf(c.Packs, c.Region, c.On)
	if err != nil {
		return err
	}
	values := []policy.Shown{}
	for _, s := range v.Show() {
		if c.Key == "" || s.Key == c.Key || strings.HasPrefix(s.Key, strings.TrimSuffix(c.Key, ".")+".") {
			values = append(values, s)
		}
	}
	if len(values) == 0 {
		return fault.Field("key", "%s在 %s 没有「%s」；不写名称可以看到全部", v.Name(), c.On, c.Key)
	}
	return e.print(map[string]any{"region": v.Region(), "name": v.Name(), "on": v.On(), "pack": v.Ref(), "values": values})
}

type packDiff struct {
	A     string `arg:"" help:"地区代码"`
	B     string `arg:"" help:"另一个地区代码"`
	On    string `required:"" help:"哪一天" placeholder:"DAY"`
	Packs string `help:"叠加的政策包文件夹" placeholder:"DIR"`
}

func (c *packDiff) Run(e *env) error {
	a, err := viewOf(c.Packs, c.A, c.On)
	if err != nil {
		return err
	}
	b, err := viewOf(c.Packs, c.B, c.On)
	if err != nil {
		return err
	}
	diff := policy.Compare(a, b)
	if diff == nil {
		diff = []policy.Diff{}
	}
	return e.print(map[string]any{"a": c.A, "b": c.B, "on": a.On(), "diff": diff})
}

type packTest struct {
	Region string `arg:"" optional:"" help:"只运行这个地区的算例"`
	Packs  string `help:"叠加的政策包文件夹" placeholder:"DIR"`
}

type failedCase struct {
	Region string `json:"region"`
	Name   string `json:"name"`
	Rule   string `json:"rule"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Say    string `json:"say"`
}

func (c *packTest) Run(e *env) error {
	set, err := policy.Load(c.Packs)
	if err != nil {
		return err
	}
	if c.Region != "" && set.Pack(c.Region) == nil {
		return fault.Field("region", "没有地区 %s 的政策包", c.Region)
	}
	ran, failed := 0, []failedCase{}
	for _, p := range set.Packs {
		if c.Region != "" && p.Region != c.Region {
			continue
		}
		cases, err := p.Cases()
		if err != nil {
			return err
		}
		for _, k := range cases {
			ran++
			if say := k.Run(set, p.Region); say != "" {
				failed = append(failed, failedCase{p.Region, k.Name, k.Rule, k.File, k.Line, say})
				e.say("%s:%d：%s：%s", k.File, k.Line, k.Name, say)
			}
		}
	}
	e.say("算例 %d 个，不符 %d 个", ran, len(failed))
	if len(failed) > 0 {
		if err := e.print(map[string]any{"ran": ran, "failed": failed}); err != nil {
			return err
		}
		return answered{2}
	}
	return e.print(map[string]any{"ran": ran, "failed": failed})
}

// viewOf opens a region on a day as the commands name them.
func viewOf(packs, region, on string) (*policy.View, error) {
	d, err := day.Parse(on)
	if err != nil {
		return nil, fault.Field("on", "%s", err.Error())
	}
	set, err := policy.Load(packs)
	if err != nil {
		return nil, err
	}
	return set.At(region, d)
}

package main

// cli lists every command; each lives in the file of its noun.
type cli struct {
	Pack  packCmd  `cmd:"" help:"政策包：检查、列出、查看、比较、运行算例"`
	Rule  ruleCmd  `cmd:"" help:"规则：列出、运行、查看"`
	Quote quoteCmd `cmd:"" help:"试算一张单子：基金付多少，个人付多少，为什么。"`
}

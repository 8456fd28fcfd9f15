package main

// cli lists every command; each lives in the file of its noun.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"启动服务。"`
	Demo    demoCmd    `cmd:"" help:"装一座演示城市，可以接着启动服务。"`
	Pack    packCmd    `cmd:"" help:"政策包：检查、列出、查看、比较、运行算例"`
	Rule    ruleCmd    `cmd:"" help:"规则：列出、运行、查看"`
	Quote   quoteCmd   `cmd:"" help:"试算一张单子：基金付多少，个人付多少，为什么。"`
	Account accountCmd `cmd:"" help:"账号：开、列出、停用。第一位系统管理员从这里来。"`
	Roster  rosterCmd  `cmd:"" help:"参保名册：导入。"`
	Share   shareCmd   `cmd:"" help:"部门名单：导入，和参保名册核对。"`
	Batch   batchCmd   `cmd:"" help:"整月的活：结算。"`
	Ledger  ledgerCmd  `cmd:"" help:"基金账：重算并核对。"`
	Audit   auditCmd   `cmd:"" help:"审计记录：重算并核对。"`
	Backup  backupCmd  `cmd:"" help:"把数据库和材料文件备份成一个加密文件。"`
	Restore restoreCmd `cmd:"" help:"把备份恢复到空的数据库，并核对。"`
	Migrate migrateCmd `cmd:"" help:"把数据库的结构升到这个程序的版本。"`
	Doctor  doctorCmd  `cmd:"" help:"体检：设置、版本、磁盘、时钟、审计链、账、缺另一半的数据。"`
	Bench   benchCmd   `cmd:"" help:"测速：真实的业务路径和标尺一起跑。"`
	Explain explainCmd `cmd:"" help:"一个决定的规则、数值和条款；--replay 用当时的政策包重算。"`
}

package fund

// Book is one set of accounts (一本账). Money never moves between two books
// inside the ledger; it leaves one through a bank and enters the other.
type Book string

// The books.
const (
	LTCI    Book = "ltci"    // 长期护理保险基金
	Medical Book = "medical" // 基本医疗保险基金
)

// Name is what screens and statements call the book.
func (b Book) Name() string {
	switch b {
	case LTCI:
		return "长期护理保险基金"
	case Medical:
		return "基本医疗保险基金"
	}
	return string(b)
}

// Side tells where an account stands in the statement.
type Side string

// The sides.
const (
	Asset     Side = "asset"     // 资产
	Liability Side = "liability" // 负债
	Income    Side = "income"    // 收入
	Expense   Side = "expense"   // 支出
)

// Name is the Chinese name of the side.
func (s Side) Name() string {
	return map[Side]string{Asset: "资产", Liability: "负债", Income: "收入", Expense: "支出"}[s]
}

// Account is one account of a chart (科目).
type Account struct {
	Code string
	Name string
	Side Side
}

// The accounts of the LTCI book. The codes are the program's own; a region
// that must show others maps them when it prints.
const (
	TreasuryBank = "1101" // 财政专户存款
	PayoutBank   = "1102" // 支出户存款
	Recoverable  = "1201" // 应追回款
	DueCare      = "2101" // 应付定点机构
	DueFamily    = "2102" // 应付亲情护理补助
	Deposits     = "2201" // 质量保证金
	OwedPerson   = "1301" // 应收个人缴费
	OwedEmployer = "1302" // 应收单位缴费
	OwedState    = "1303" // 应收财政补助
	OwedMedical  = "1304" // 应收医保划转
	ToCome       = "2301" // 待到账筹资
	FromEmployer = "4101" // 单位缴费收入
	FromPerson   = "4102" // 个人缴费收入
	FromState    = "4103" // 财政补助收入
	FromTransfer = "4104" // 划转收入
	FromInterest = "4105" // 利息收入
	FromOther    = "4109" // 其他收入
	ForHome      = "5101" // 居家护理待遇支出
	ForFamily    = "5102" // 亲情护理待遇支出
	ForInside    = "5103" // 机构护理待遇支出
	ForMedical   = "6101" // 门诊待遇支出 (medical book)
)

var shared = []Account{
	{TreasuryBank, "财政专户存款", Asset}, {PayoutBank, "支出户存款", Asset}, {Recoverable, "应追回款", Asset},
	{DueCare, "应付定点机构", Liability}, {Deposits, "质量保证金", Liability},
	{FromEmployer, "单位缴费收入", Income}, {FromPerson, "个人缴费收入", Income}, {FromState, "财政补助收入", Income},
	{FromTransfer, "划转收入", Income}, {FromInterest, "利息收入", Income}, {FromOther, "其他收入", Income},
}

var charts = map[Book][]Account{
	LTCI: append(shared[:len(shared):len(shared)],
		Account{OwedPerson, "应收个人缴费", Asset}, Account{OwedEmployer, "应收单位缴费", Asset}, Account{OwedState, "应收财政补助", Asset}, Account{OwedMedical, "应收医保划转", Asset},
		Account{DueFamily, "应付亲情护理补助", Liability}, Account{ToCome, "待到账筹资", Liability},
		Account{ForHome, "居家护理待遇支出", Expense}, Account{ForFamily, "亲情护理待遇支出", Expense}, Account{ForInside, "机构护理待遇支出", Expense}),
	Medical: append(shared[:len(shared):len(shared)], Account{ForMedical, "医疗待遇支出", Expense}),
}

var byCode = func() map[Book]map[string]Account {
	m := map[Book]map[string]Account{}
	for b, accounts := range charts {
		m[b] = map[string]Account{}
		for _, a := range accounts {
			m[b][a.Code] = a
		}
	}
	return m
}()

// Chart is the chart of accounts of a book (会计科目表), in order of code.
func Chart(b Book) []Account { return append([]Account(nil), charts[b]...) }

// Find looks an account up in the chart of a book.
func Find(b Book, code string) (Account, bool) { a, ok := byCode[b][code]; return a, ok }

// Books lists the books.
func Books() []Book { return []Book{LTCI, Medical} }

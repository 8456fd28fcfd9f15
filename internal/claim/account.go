package claim

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Account is where a person's family-care money goes (收款账户): the person's
// own bank account or one of the family. The number is sealed; only the making
// and the download of a payment file open it.
type Account struct {
	Region, Person         string
	Status                 AccountStatus
	Holder, Relation, Bank string
	Tail                   string // last four digits
	Maker, Checker         string
	At                     int64

	sealed string
}

// Masked is the number as pages show it.
func (a Account) Masked() string {
	if a.Tail == "" {
		return ""
	}
	return "尾号 " + a.Tail
}

// AccountStatus tells whether an account is in use.
type AccountStatus string

// The states of an account: entered by one hand, in use after another has
// compared it with the bank card.
const (
	AccountAsked AccountStatus = "asked"
	AccountLive  AccountStatus = "live"
)

// Relations are whose account it may be, seen from the insured person.
var Relations = []string{"本人", "配偶", "子女", "父母", "其他亲属", "监护人"}

const fieldAccount = "claim.account"

// NewAccount is an account as it is entered.
type NewAccount struct {
	Holder, Relation, Bank, Number string
}

func (n *NewAccount) check() error {
	n.Number = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, n.Number)
	n.Holder, n.Bank = strings.TrimSpace(n.Holder), strings.TrimSpace(n.Bank)
	known := false
	for _, r := range Relations {
		known = known || r == n.Relation
	}
	switch {
	case n.Holder == "":
		return fault.Field("holder", "请写户名，和银行卡上的一样。")
	case !known:
		return fault.Field("relation", "请选这是谁的账户。")
	case n.Bank == "":
		return fault.Field("bank", "请写开户银行，比如“江苏银行连云港分行”。")
	case len(n.Number) < 8 || len(n.Number) > 32 || strings.Trim(n.Number, "0123456789") != "":
		return fault.Field("number", "银行账号是 8 到 32 位数字，请照着银行卡再核对一遍。")
	}
	return nil
}

// AskAccount enters an account, or another one, for a person's family-care
// money; it is used after another hand has confirmed it. The person, a proxy
// who may pay, and the office may enter.
func (s *Service) AskAccount(ctx context.Context, who audit.Actor, region, person, key string, n NewAccount) (Account, error) {
	if err := n.check(); err != nil {
		return Account{}, err
	}
	// The receipt's digest must not depend on a secret that short.
	body := []any{person, n.Holder, n.Relation, n.Bank, s.Persons.Keys.Index(region, fieldAccount, n.Number)}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "claim.account_ask", Object: person, Key: key, Body: body}, func(tx *db.Tx) (Account, error) {
		if who.Role == "citizen" {
			if err := s.mayPay(tx, who, &Bill{Region: region, Person: person}); err != nil {
				return Account{}, err
			}
		}
		if _, err := s.Persons.Get(tx, region, person); err != nil {
			return Account{}, err
		}
		a := Account{Region: region, Person: person, Status: AccountAsked, Holder: n.Holder, Relation: n.Relation, Bank: n.Bank,
			Tail: n.Number[len(n.Number)-4:], Maker: who.ID, At: tx.Millis(), sealed: s.Persons.Keys.Seal(region, fieldAccount, n.Number)}
		return a, putAccount(tx, a)
	})
}

// JudgeAccount is the second hand: it has compared the account with the bank
// card and puts it to use, or drops it. Forbidden to the hand that entered it.
func (s *Service) JudgeAccount(ctx context.Context, who audit.Actor, region, person, key string, ok bool) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "claim.account_judge", Object: person, Key: key, Body: []any{person, ok}}, func(tx *db.Tx) error {
		as, err := accounts(tx, region, []string{person})
		if err != nil {
			return err
		}
		a, there := as[person][AccountAsked]
		if !there {
			return fault.New(fault.Conflict, "没有等核对的收款账户，可能同事已经办了。")
		}
		if a.Maker == who.ID {
			return fault.New(fault.Forbidden, "这个账户是您录入的，要由另一位同事核对。")
		}
		if err := dropAccount(tx, region, person, AccountAsked); err != nil || !ok {
			return err
		}
		a.Status, a.Checker, a.At = AccountLive, who.ID, tx.Millis()
		return putAccount(tx, a)
	})
}

// AccountsOf reads a person's accounts, masked: the one in use and the one
// that waits; a zero Account where there is none.
func (s *Service) AccountsOf(ctx context.Context, who audit.Actor, region, person string) (live, asked Account, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if err := s.maySee(tx, who, &Bill{Region: region, Person: person}); err != nil {
			return err
		}
		as, err := accounts(tx, region, []string{person})
		live, asked = as[person][AccountLive], as[person][AccountAsked]
		return err
	})
	return live, asked, err
}

// AccountsAsked lists the accounts that wait for the second hand, oldest first.
func (s *Service) AccountsAsked(ctx context.Context, region string, limit int) (as []Account, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		as, err = db.All(tx, scanAccount, accountAsked, region, limit)
		return err
	})
	return as, err
}

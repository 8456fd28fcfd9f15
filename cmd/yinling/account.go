package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"yinling/internal/access"
	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/fault"
)

// accountCmd is about logins (账号). A fresh database has none, so the first
// administrator of a region is made here.
type accountCmd struct {
	Create  accountCreate  `cmd:"" help:"开一个账号；密码从标准输入读，没有就随机做一个。"`
	List    accountList    `cmd:"" help:"列出工作人员的账号。"`
	Disable accountDisable `cmd:"" help:"停用一个账号，它的登录马上失效。"`
}

// accountPlace is where the accounts of a region lie.
type accountPlace struct {
	place
	Packs  string `env:"YINLING_PACKS" help:"叠加在内置政策包上的目录"`
	Region string `required:"" help:"统筹区代码，六位"`
}

func (c *accountPlace) app(e *env) (*app.App, error) {
	conf := c.config()
	conf.Packs = c.Packs
	a, err := app.Open(e.ctx, conf)
	if err == nil && a.Packs.Pack(c.Region) == nil {
		a.Close()
		err = fault.Field("region", "没有统筹区 %s 的政策包。看有哪些：yinling pack list", c.Region)
	}
	return a, err
}

// actor is the operator of the machine, whom the program does not know by name.
func (c *accountPlace) actor() audit.Actor {
	who := audit.System(c.Region)
	who.Terminal = "yinling account"
	return who
}

type accountLine struct {
	ID          string `json:"id"`
	Login       string `json:"login"`
	Name        string `json:"name"`
	Role        string `json:"role"`
	Institution string `json:"institution,omitempty"`
	Person      string `json:"person,omitempty"`
	Status      string `json:"status"`
}

type accountCreate struct {
	accountPlace
	Login       string `required:"" help:"登录名；群众写手机号"`
	Name        string `required:"" help:"姓名"`
	Role        string `required:"" help:"岗位：clerk insurer reviewer treasurer assessor expert institution care_worker auditor admin security citizen"`
	Institution string `help:"机构编号（机构、护理员、评估员、专家要写）"`
	Person      string `help:"人员编号（护理员、评估员、专家），或参保人编号（群众）"`
}

type accountMade struct {
	ID       string `json:"id"`
	Login    string `json:"login"`
	Role     string `json:"role"`
	TOTP     string `json:"totp_uri,omitempty"`
	Password string `json:"password,omitempty"` // only one that was made here
}

// Run makes the account; the answer holds secrets and is given this once.
func (c *accountCreate) Run(e *env) error {
	a, err := c.app(e)
	if err != nil {
		return err
	}
	defer a.Close()
	out := accountMade{Login: c.Login, Role: c.Role}
	in := access.NewAccount{Region: c.Region, Login: c.Login, Name: c.Name, Role: c.Role, Institution: c.Institution, Person: c.Person}
	if c.Role != "citizen" {
		if in.Password, err = e.password(); err != nil {
			return err
		}
		if in.Password == "" {
			out.Password = access.RandomPassword()
			in.Password = out.Password
		}
	}
	made, err := a.Access.Issue(e.ctx, c.actor(), in)
	if err != nil {
		return err
	}
	out.ID, out.TOTP = made.ID, made.URI
	if c.Role != "citizen" {
		e.say("%s的账号开好了。请把 totp_uri 加到本人手机的动态口令应用里，并妥善保管：它只显示这一次。", c.Name)
	} else {
		e.say("%s的账号开好了，用手机号和短信验证码登录。", c.Name)
	}
	return e.print(out)
}

// password is the first line of standard input, without echo on a terminal;
// empty when there is none.
func (e *env) password() (string, error) {
	if f, ok := e.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		io.WriteString(e.stderr, "密码（至少 10 位，直接回车就随机做一个）：")
		b, err := term.ReadPassword(int(f.Fd()))
		io.WriteString(e.stderr, "\n")
		return string(b), err
	}
	line, err := bufio.NewReader(e.stdin).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

type accountList struct{ accountPlace }

// Run prints every account but those of citizens.
func (c *accountList) Run(e *env) error {
	a, err := c.app(e)
	if err != nil {
		return err
	}
	defer a.Close()
	lines := []accountLine{}
	for after := ""; ; {
		const size = 500
		list, err := a.Access.List(e.ctx, c.Region, after, size)
		if err != nil {
			return err
		}
		for _, x := range list {
			lines = append(lines, accountLine{x.ID, x.Login, x.Name, x.Role.ID, x.Institution, x.Person, x.Status})
			after = x.Login
		}
		if len(list) < size {
			break
		}
	}
	e.say("统筹区 %s 有 %d 个工作人员账号。", c.Region, len(lines))
	return e.print(map[string]any{"accounts": lines})
}

type accountDisable struct {
	accountPlace
	Login string `arg:"" help:"登录名"`
}

// Run closes the account.
func (c *accountDisable) Run(e *env) error {
	a, err := c.app(e)
	if err != nil {
		return err
	}
	defer a.Close()
	x, err := a.Access.ByLogin(e.ctx, c.Region, c.Login)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("login", "没有登录名是 %s 的账号。看有哪些：yinling account list --region %s", c.Login, c.Region)
	}
	if err != nil {
		return err
	}
	if err := a.Access.Disable(e.ctx, c.actor(), c.Region, x.ID); err != nil {
		return err
	}
	e.say("%s（%s）的账号停用了。", x.Name, x.Login)
	return e.print(accountLine{x.ID, x.Login, x.Name, x.Role.ID, x.Institution, x.Person, "disabled"})
}

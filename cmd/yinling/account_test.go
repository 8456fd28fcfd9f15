package main

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yinling/internal/app"
	"yinling/internal/fault"
)

// A bureau's first administrator: made on an empty data folder, logs in with
// what was printed, and cannot after the account is disabled.
func TestAccountCommands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	at := []string{"--data", data, "--region", "320700", "--allow-unsafe"}
	account := func(stdin string, args ...string) (int, map[string]any) {
		t.Helper()
		code, out, _ := cmd(t, stdin, append(append([]string{"account"}, args...), at...)...)
		return code, out
	}
	code, made := account("", "create", "--login", "guanning", "--name", "管宁", "--role", "admin")
	password, _ := made["password"].(string)
	if code != 0 || len(password) != 20 || made["id"] == "" || made["login"] != "guanning" || made["role"] != "admin" {
		t.Fatalf("exit %d, %v", code, made)
	}
	code, second := account("ginkgo-leaf-9\n", "create", "--login", "shijian", "--name", "史鉴", "--role", "auditor")
	if _, told := second["password"]; code != 0 || told {
		t.Fatalf("a given password is not printed: exit %d, %v", code, second)
	}

	login := func(name, password string, made map[string]any) error {
		t.Helper()
		u, err := url.Parse(made["totp_uri"].(string))
		if err != nil || u.Scheme != "otpauth" {
			t.Fatalf("%v: %v", made, err)
		}
		a, err := app.Open(context.Background(), app.Config{Data: data, AllowUnsafe: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		k, err := totp.GenerateCode(u.Query().Get("secret"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = a.Access.Login(context.Background(), "320700", name, password, k, "t")
		return err
	}
	if err := login("guanning", password, made); err != nil {
		t.Errorf("with the printed password: %v", err)
	}
	if err := login("shijian", "ginkgo-leaf-9", second); err != nil {
		t.Errorf("with the given password: %v", err)
	}

	for field, args := range map[string][]string{
		"login":       {"--login", "guanning", "--name", "别人", "--role", "clerk"},
		"role":        {"--login", "abc", "--name", "别人", "--role", "king"},
		"institution": {"--login", "abc", "--name", "别人", "--role", "institution", "--institution", "nowhere"},
		"person":      {"--login", "abc", "--name", "别人", "--role", "care_worker", "--institution", "x"},
		"name":        {"--login", "abc", "--name", " ", "--role", "clerk"},
	} {
		if code, out := account("", append([]string{"create"}, args...)...); code != 2 || dig(out, "error", "field") != field {
			t.Errorf("%s: exit %d, %v", field, code, out)
		}
	}
	if code, out := account("short\n", "create", "--login", "abc", "--name", "别人", "--role", "clerk"); code != 2 || dig(out, "error", "field") != "password" {
		t.Errorf("short password: exit %d, %v", code, out)
	}

	if code, out := account("", "disable", "guanning"); code != 0 || out["status"] != "disabled" {
		t.Errorf("disable: exit %d, %v", code, out)
	}
	if err := login("guanning", password, made); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a disabled account logs in: %v", err)
	}
	if code, out := account("", "disable", "nobody"); code != 2 || dig(out, "error", "field") != "login" {
		t.Errorf("disable nobody: exit %d, %v", code, out)
	}
	code, out := account("", "list")
	list, _ := out["accounts"].([]any)
	if code != 0 || len(list) != 2 || dig(list[0], "status") != "disabled" || dig(list[1], "status") != "active" || dig(list[1], "name") != "史鉴" {
		t.Errorf("list: exit %d, %v", code, out)
	}
	code, out, said := cmd(t, "", "audit", "verify", "--data", data, "--allow-unsafe")
	if code != 0 || strings.Contains(said, password) {
		t.Errorf("audit verify: exit %d, %v %s", code, out, said)
	}
}

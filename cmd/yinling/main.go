// Command yinling is the whole of Yinling (银龄): the server, and the tools
// that other programs call. JSON goes to stdout, words for people to stderr.
//
// Exit codes: 0 done · 1 our fault · 2 bad input, {"error":{"field","say"}} ·
// 3 refused by a rule, {"refused":{"say","clause"}}. docs/cli.md describes every command.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"yinling/internal/fault"
)

// env is what every command's Run gets.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// print writes one JSON document to stdout.
func (e *env) print(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// say writes a line for people to stderr.
func (e *env) say(format string, args ...any) { fmt.Fprintf(e.stderr, format+"\n", args...) }

// input reads a --in argument: JSON itself, @FILE, or - for standard input.
func (e *env) input(arg string) ([]byte, error) {
	switch {
	case arg == "-":
		return io.ReadAll(e.stdin)
	case strings.HasPrefix(arg, "@"):
		b, err := os.ReadFile(arg[1:])
		if err != nil {
			return nil, fault.Field("in", "读不了文件 %s：%v", arg[1:], err)
		}
		return b, nil
	}
	return []byte(arg), nil
}

func main() {
	// The heap is small and short-lived: collecting less often gives a fifth of
	// the processor back, and the limit keeps imports inside 512 MiB.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(200 << 20)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}
	exited := -1
	k, err := kong.New(&cli{}, kong.Name("yinling"), kong.Description("银龄：长期护理保险和老年人医保服务"),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }), kong.Bind(e),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	c, err := k.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		return e.fail(fault.Field("command", "命令写得不对：%v。看用法：yinling --help", err))
	}
	if err := c.Run(); err != nil {
		return e.fail(err)
	}
	return 0
}

// fail tells both readers, program and person, and gives the exit code.
func (e *env) fail(err error) int {
	var a answered
	if errors.As(err, &a) {
		return a.code
	}
	f := fault.As(err)
	switch f.Kind {
	case fault.Refused:
		e.print(map[string]any{"refused": map[string]any{"say": f.Say, "clause": f.Clause}})
		e.say("不行：%s", f.Say)
		return 3
	case fault.Internal:
		e.say("出错了：%v", err)
		return 1
	default:
		e.print(map[string]any{"error": map[string]any{"field": f.Field, "say": f.Say}})
		e.say("%s", f.Say)
		return 2
	}
}

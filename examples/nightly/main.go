// Command nightly audits the API keys of a firm and reports what each may do,
// from where, for how long, and what has changed since the last time. See
// -help; -demo needs no key and no network.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// Exit codes that audit doesn't have.
const (
	exitUnwritten = 4
	exitUntold    = 4
	exitStopped   = 130
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(15) // it waits for exchanges most of the time, and may be one of many on its machine
	}
	log.SetOutput(io.Discard) // what libraries write there may hold an address, or what an exchange answered
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(machine{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, environ: os.Environ(), now: time.Now,
	}.run(ctx, os.Args[1:]))
}

// machine is what the program runs on. Reports go to stdout, everything else
// to stderr.
type machine struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	environ        []string
	now            func() time.Time
	// stage puts a fleet where it is audited: on the network if nil. Tests have
	// exchanges of their own.
	stage func(context.Context, *fleet) error
}

// commands are what can stand first on the command line, in the order of the
// help.
var commands = []struct {
	name, about string
	run         func(machine, context.Context, []string) int
}{
	{"init", "write an inventory of the keys in the environment or in a bot's file, by reference", machine.initCommand},
	{"diff", "tell what has changed from one stored report to another", machine.diffCommand},
	{"judge", "judge a stored report again, with another policy and without asking anybody", machine.judgeCommand},
	{"explain", "tell why a rule matters and what to do about it", machine.explainCommand},
	{"rules", "list the rules", machine.rulesCommand},
	{"exchanges", "list the exchanges and what each tells about a key", machine.exchangesCommand},
}

func commandNames() []string {
	names := make([]string, len(commands))
	for i := range commands {
		names[i] = commands[i].name
	}
	return names
}

// run is the program.
func (m machine) run(ctx context.Context, args []string) int {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		for _, c := range commands {
			if c.name == args[0] {
				return c.run(m, ctx, args[1:])
			}
		}
		return m.refuse([]string{unknown("command", args[0], commandNames())})
	}
	return m.auditCommand(ctx, args)
}

// refuse says what is wrong with the input.
func (m machine) refuse(problems []string) int {
	for _, p := range problems {
		fmt.Fprintln(m.stderr, "nightly: "+p)
	}
	return audit.ExitUsage
}

// options say what inventories may refer to.
func (m machine) options() inventory.Options {
	return inventory.Options{
		Exchanges: exchanges.All(), Env: m.env, Environ: m.environ, Stdin: m.stdin,
		Schemes: sources.Schemes(m.env), Formats: sources.Formats(),
	}
}

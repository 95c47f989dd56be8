// Command keyaudit audits the API keys of a firm and reports what each may do,
// from where and for how long, and what has changed since the previous run. See
// --help; --demo needs no key and no network.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// Exit codes that audit doesn't have.
const (
	exitUnwritten   = 4 // a report or the state
	exitNotNotified = 4 // a run without findings whose notification failed
	exitStopped     = 130
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(15) // the program mostly waits for exchanges, and may share its host with bots
	}
	log.SetOutput(io.Discard) // libraries log URLs with tokens in them, and answers
	// Without this, a reader of standard output that goes away (keyaudit … | head) would
	// kill the run: now it is an error of that report only. Commands that are run get
	// the default back, as they would not with Ignore.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, environ: os.Environ(), now: time.Now, account: user.Current,
	}.run(ctx, os.Args[1:]))
}

// app is the program with its surroundings. Reports go to stdout, everything
// else to stderr.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	environ        []string
	now            func() time.Time
	read           *inputs                    // what no output may overwrite
	account        func() (*user.User, error) // of the system, that runs the program; nil if that is not known
	// again starts the program once more; nil means as it was started. Tests are another.
	again func() *exec.Cmd
	// stage connects a fleet to where it is audited; nil means the network.
	// Tests connect it to fakes.
	stage func(context.Context, *fleet) error
}

// root is the program's command line: a run, and the other commands under it.
func (a app) root() *command {
	root := a.runCommand("keyaudit", usageHead, usageTail)
	root.SetOut(a.stdout)
	root.SetErr(io.Discard) // what is said about bad input is said by refuse, which shows no secret
	for _, c := range []*command{
		a.runCommand("run", runHead, usageTail), a.findCommand(), a.checkCommand(), a.initCommand(), a.attestCommand(), a.mergeCommand(), a.workerCommand(), a.fleetCommand(), a.diffCommand(), a.judgeCommand(),
		a.historyCommand(), a.runsCommand(), a.verifyCommand(), a.signCommand(), a.recordCommand(), a.forgetCommand(),
		a.explainCommand(), a.rulesCommand(), a.exchangesCommand(), a.versionCommand(), a.manCommand(),
	} {
		root.AddCommand(c.Command)
	}
	root.SetHelpCommand(a.helpCommand(root).Command)
	root.InitDefaultHelpCmd()
	a.completionCommand(root)
	return root
}

// names are the names of the commands under a command.
func (c *command) names() []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// run is the program. It returns the exit code.
func (a app) run(ctx context.Context, args []string) int {
	a.read = &inputs{}
	a.read.readsStream(a.stdin)
	a.stdout, a.stderr = forLog(a.stdout), forLog(a.stderr)
	a.readsTrust()
	root := a.root()
	if slices.Equal(args, []string{"--version"}) { // as most programs have it
		args = []string{"version"}
	}
	root.SetArgs(args)
	var code exit
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return audit.ExitClean
	case errors.As(err, &code):
		return int(code)
	default:
		return a.refuse([]string{"the command line is wrong; see --help"})
	}
}

// refuse says what is wrong with the input.
func (a app) refuse(problems []string) int {
	for _, p := range problems {
		a.log("%s", p)
	}
	return audit.ExitUsage
}

// log writes one line to stderr.
func (a app) log(format string, args ...any) {
	fmt.Fprintf(a.stderr, "keyaudit: "+format+"\n", args...)
}

// options say what inventories may refer to.
func (a app) options() inventory.Options {
	return inventory.Options{
		Exchanges: exchanges.All(), Env: a.env, Environ: a.environ, Stdin: a.stdin,
		Reads: a.read.reads, Schemes: sources.Schemes(a.env), Formats: append(sources.Formats(), find.Format(exchanges.All())), Decoders: sources.Decoders(),
	}
}

// Command nightly audits the API keys of a firm and reports what each may do,
// from where, and for how long. See -help; -demo needs no key and no network.
package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Exit codes that audit doesn't have.
const (
	exitUnwritten = 4
	exitStopped   = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// fleet is what a run audits.
type fleet struct {
	keys      []audit.Key
	transport http.RoundTripper // nil means the network
	close     func()
}

// run is the program. Reports go to stdout, everything else to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, env func(string) string) int {
	s, problems := parseFlags(args, stdout)
	if s.help {
		return audit.ExitClean
	}
	f := fleet{close: func() {}}
	if s.keys != "" {
		var more []string
		f.keys, more = readKeyFile(s.keys, env)
		problems = append(problems, more...)
	}
	out, err := openOutput(s.output, stdout)
	if err != nil {
		problems = append(problems, "-output: "+err.Error())
	}
	defer out.discard()
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(stderr, "nightly: "+p)
		}
		return audit.ExitUsage
	}
	if s.demo {
		f = demo()
	}
	defer f.close()

	var summary audit.Summary
	if s.dryRun {
		err = writePlan(out, f.keys, s.format)
	} else {
		summary, err = writeReport(out, s, f.results(ctx, s, stderr, env), textOptions(s, stdout, env))
	}
	if err == nil {
		err = out.commit()
	}
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "nightly: the report could not be written:", err)
		return exitUnwritten
	case s.output != "" && !s.dryRun:
		fmt.Fprintf(stderr, "nightly: %s; the report is in %s\n", &summary, s.output)
	}
	switch {
	case ctx.Err() != nil:
		return exitStopped
	case s.dryRun:
		return audit.ExitClean
	default:
		return summary.ExitCode(s.failOn)
	}
}

// results audits the keys and shows how far it has come.
func (f *fleet) results(ctx context.Context, s settings, stderr io.Writer, env func(string) string) iter.Seq[*audit.Result] {
	if s.format == "jsonl" && s.output == "" {
		stderr = io.Discard // the lines themselves show how far it has come
	}
	return func(yield func(*audit.Result) bool) {
		p := newProgress(stderr, len(f.keys), env)
		defer p.clear()
		options := audit.Options{Transport: f.transport, Timeout: s.timeout, Concurrency: s.concurrency}
		for result := range audit.Run(ctx, slices.Values(f.keys), &options) {
			p.step()
			if !yield(result) {
				return
			}
		}
	}
}

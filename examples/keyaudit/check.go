package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const checkHead = `keyaudit check is a gate in front of a bot in any language: it ends with exit code 0 only if every
key may be used, as audit.Check says in Go. Without --keys and --from it checks the keys in the
environment. It prints at most ten lines.

`

const checkTail = `
Exit codes:

  0    every key may be used: start the bot
  1    a key is unsafe
  2    invalid input; nothing was sent
  3    a key is not proven safe: a fact is unknown, or the exchange refused the key or this host
  5    an exchange could not be reached, and nothing is known to be wrong
  130  stopped by a signal
`

// exitUnreachable is the exit code of a gate during an outage.
const exitUnreachable = 5

// mostUnreachable is how old a good result may be to count during an outage: by
// then somebody has looked.
const mostUnreachable = 7 * 24 * time.Hour

// gateSettings are what the command line of a gate says.
type gateSettings struct {
	settings
	allowUnreachable time.Duration
	memory           string
}

// checkCommand is the gate.
func (a app) checkCommand() *command {
	s := gateSettings{settings: settings{timeout: 3 * time.Second}}
	s.failOn = audit.High
	c := a.newCommand("check", "let a bot start only if its keys are safe", checkHead, checkTail)
	c.subject(&s.settings)
	c.duration(&s.timeout, "timeout", time.Second, time.Minute, "longest TIME for all keys together (default 3s)")
	c.oneOf("fail-on", "level", levels, func(w string) { _ = s.failOn.UnmarshalText([]byte(w)) },
		"lowest LEVEL that stops the bot: "+joined(levels)+" (default high)")
	c.duration(&s.allowUnreachable, "allow-unreachable", time.Minute, mostUnreachable,
		"during an outage of the exchange, let the bot start if the same key was found safe within this TIME, for instance 24h")
	c.text(&s.memory, "memory", "FOLDER in which good results are kept for --allow-unreachable (default: keyaudit in the user's state folder)")
	return c.does(func(ctx context.Context, args []string) int {
		c.noArguments(args)
		if s.memory != "" && s.allowUnreachable == 0 {
			c.problem("--memory: it keeps results for --allow-unreachable: name a time with it")
		}
		if !s.demo && len(s.keys)+len(s.from) == 0 {
			s.from = []botFile{{"env", ""}}
		}
		c.checkCombinations(&s.settings)
		return a.gate(ctx, &s, c.problems)
	})
}

// gate checks the keys.
func (a app) gate(ctx context.Context, s *gateSettings, problems []string) int {
	r := &auditRun{app: a, settings: &s.settings}
	var more []string
	if len(s.keys)+len(s.from) > 0 {
		r.fleet, more = a.load(&s.settings)
		defer r.fleet.close()
	}
	if problems = append(problems, more...); len(problems) > 0 {
		return a.refuse(problems)
	}
	if err := r.connect(ctx); err != nil {
		return a.refuse([]string{err.Error()})
	}
	memory, err := openMemory(s, a)
	if err != nil {
		return a.refuse([]string{err.Error()})
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	verdicts := r.verdicts(limited, memory)
	for _, skipped := range r.fleet.skipped {
		verdicts = append(verdicts, verdict{name: skipped.Name, code: audit.ExitNotAssessed, text: "key " + show(skipped.Name) + ": " + skipped.Snapshot.Failure.Message})
	}
	switch {
	case ctx.Err() != nil:
		a.log("stopped by a signal")
		return exitStopped
	case len(verdicts) == 0: // that nothing was found proves nothing
		a.log("check: there is no key to check")
		return audit.ExitNotAssessed
	}
	return a.announce(verdicts)
}

// verdict is whether one key may be used.
type verdict struct {
	name string
	code int
	text string // one line; empty if it may
}

// verdicts checks all keys, several at a time.
func (r *auditRun) verdicts(ctx context.Context, memory *memory) []verdict {
	const atOnce = 8
	out := make([]verdict, len(r.fleet.keys))
	slots := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	for i := range r.fleet.keys {
		slots <- struct{}{}
		wait.Go(func() {
			out[i] = r.verdict(ctx, &r.fleet.keys[i], memory)
			<-slots
		})
	}
	wait.Wait()
	return out
}

func (r *auditRun) verdict(ctx context.Context, key *audit.Key, memory *memory) verdict {
	options := r.fleet.options
	options.Threshold, options.Timeout = r.failOn, r.timeout
	result, _ := audit.Assess(ctx, *key, &options)
	err := result.Err(r.failOn)
	v := verdict{name: key.Name}
	switch {
	case err == nil:
		memory.keep(key, result)
	case errors.Is(err, audit.ErrUnreachable):
		if at, ok := memory.recall(key, result); ok {
			v.text = fmt.Sprintf("key %s: the exchange could not be reached; it was found safe at %s, and that counts", show(key.Name), stamp(at))
			return v
		}
		v.code, v.text = exitUnreachable, err.Error()
	default:
		v.code, v.text = gateCode(err), err.Error()
		if err := memory.forget(result); err != nil {
			r.log("check: %s", err)
		}
	}
	return v
}

// gateCode is the exit code of a key that may not be used.
func gateCode(err error) int {
	switch {
	case errors.Is(err, audit.ErrInput):
		return audit.ExitUsage
	case errors.Is(err, audit.ErrUnsafe):
		return audit.ExitFindings
	default:
		return audit.ExitNotAssessed
	}
}

// gravity orders the exit codes: what is known to be wrong counts most.
var gravity = []int{audit.ExitClean, exitUnreachable, audit.ExitNotAssessed, audit.ExitUsage, audit.ExitFindings}

// announce prints the verdict in at most ten lines, and returns the exit code.
func (a app) announce(verdicts []verdict) int {
	const most = 8
	worst, stopped := 0, 0
	var lines []string
	for rank := len(gravity) - 1; rank >= 0; rank-- {
		for _, v := range verdicts {
			if v.code != gravity[rank] {
				continue
			}
			worst = max(worst, rank)
			if rank > 0 {
				stopped++
			}
			if v.text != "" {
				lines = append(lines, v.text)
			}
		}
	}
	to := a.stdout
	if stopped > 0 {
		to = a.stderr
		fmt.Fprintf(to, "The bot must not start: %d of %s may not be used.\n", stopped, count(len(verdicts), "key", "keys"))
	} else {
		fmt.Fprintf(to, "The bot may start: %s may be used.\n", count(len(verdicts), "key", "keys"))
	}
	for i, line := range lines {
		if i == most && len(lines) > most+1 {
			fmt.Fprintf(to, "and %d more\n", len(lines)-most)
			break
		}
		fmt.Fprintln(to, line)
	}
	return gravity[worst]
}

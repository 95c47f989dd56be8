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
environment. It prints at most ten lines, or with --format json one object for a program.

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

// meanings are what may be wrong with a key, and the exit code for it.
var meanings = []struct {
	err  error
	word string
	code int
}{
	{audit.ErrInput, "invalid-input", audit.ExitUsage},
	{audit.ErrUnsafe, "unsafe", audit.ExitFindings},
	{audit.ErrUnreachable, "unreachable", exitUnreachable},
	{audit.ErrNotInspected, "not-inspected", audit.ExitNotAssessed},
	{audit.ErrUndetermined, "undetermined", audit.ExitNotAssessed},
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
	c.oneOf("format", "format", []string{"text", "json"}, func(w string) { s.format = w },
		"FORMAT of the answer: text, or json for a program (default text)")
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
		return a.announce(a.gate(ctx, &s, c.problems), s.format)
	})
}

// gate checks the keys.
func (a app) gate(ctx context.Context, s *gateSettings, problems []string) *answer {
	r := &auditRun{app: a, settings: &s.settings}
	var more []string
	if len(s.keys)+len(s.from) > 0 {
		r.fleet, more = a.load(&s.settings)
		defer r.fleet.close()
	}
	if problems = append(problems, more...); len(problems) > 0 {
		return &answer{Code: audit.ExitUsage, Reasons: problems}
	}
	if err := r.connect(ctx); err != nil {
		return &answer{Code: audit.ExitUsage, Reasons: []string{err.Error()}}
	}
	memory, err := openMemory(s, a)
	if err != nil {
		return &answer{Code: audit.ExitUsage, Reasons: []string{err.Error()}}
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	verdicts := r.verdicts(limited, memory)
	for _, skipped := range r.fleet.skipped {
		verdicts = append(verdicts, verdict{
			Name: skipped.Name, Exchange: skipped.Exchange, Meaning: "not-inspected", code: audit.ExitNotAssessed,
			Message: "key " + show(skipped.Name) + ": " + skipped.Snapshot.Failure.Message,
		})
	}
	switch {
	case ctx.Err() != nil:
		return &answer{Code: exitStopped, Reasons: []string{"stopped by a signal"}}
	case len(verdicts) == 0: // that nothing was found proves nothing
		return &answer{Code: audit.ExitNotAssessed, Reasons: []string{"check: there is no key to check"}}
	}
	return answerOf(verdicts)
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
	asked := *key
	asked.Probe, asked.Record.Probe = nil, "" // a bot that restarts again and again must not send one each time
	result, _ := audit.Assess(ctx, asked, &options)
	err := result.Err(r.failOn)
	v := verdict{Name: key.Name, Exchange: result.Exchange}
	if err == nil {
		v.OK, v.Meaning = true, "safe"
		memory.keep(key, result)
		return v
	}
	v.stop(err)
	if errors.Is(err, audit.ErrUnreachable) {
		if at, ok := memory.recall(key, result); ok {
			v.OK, v.code, v.Remembered, v.Findings = true, audit.ExitClean, at, nil
			v.Message = fmt.Sprintf("key %s: the exchange could not be reached; it was found safe at %s, and that counts", show(key.Name), stamp(at))
		}
	} else if err := memory.forget(result); err != nil {
		v.Warning = "check: " + err.Error()
	}
	return v
}

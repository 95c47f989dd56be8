package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// answer is what a gate says of all keys. Its JSON is what the packages for other
// languages read: the exit code remains the authority.
type answer struct {
	OK      bool      `json:"ok"`
	Code    int       `json:"exit_code"`
	Reasons []string  `json:"reasons"` // why the bot must not start, the worst first
	Keys    []verdict `json:"keys"`    // the worst first; none if nothing was checked
}

// verdict is whether one key may be used.
type verdict struct {
	Name     string `json:"name"`
	Exchange string `json:"exchange"`
	OK       bool   `json:"ok"`
	Meaning  string `json:"verdict"` // safe, or one of meanings
	// Remembered is when the key was found safe, if only that lets the bot start.
	Remembered time.Time       `json:"remembered,omitzero"`
	Message    string          `json:"message,omitempty"` // one line; empty if the key is safe
	Warning    string          `json:"warning,omitempty"` // what somebody has to do besides
	Findings   []audit.Finding `json:"findings,omitempty"`

	code int
}

// stop makes it the verdict of a key that may not be used.
func (v *verdict) stop(err error) {
	v.Meaning, v.code, v.Message = "not-inspected", audit.ExitNotAssessed, err.Error()
	for _, m := range meanings {
		if errors.Is(err, m.err) {
			v.Meaning, v.code = m.word, m.code
		}
	}
	if check := new(audit.CheckError); errors.As(err, &check) {
		v.Findings = check.Reasons
	}
}

// reasons are what stops the key, one sentence each.
func (v *verdict) reasons() (out []string) {
	for _, f := range v.Findings {
		out = append(out, fmt.Sprintf("key %s: %s: %s", show(v.Name), f.Rule, f.Message))
	}
	if len(out) == 0 && !v.OK {
		out = append(out, v.Message)
	}
	if v.Warning != "" {
		out = append(out, v.Warning)
	}
	return out
}

// gravity orders the exit codes: what is known to be wrong counts most.
var gravity = []int{audit.ExitFindings, audit.ExitUsage, audit.ExitNotAssessed, exitUnreachable, audit.ExitClean}

// answerOf sorts the verdicts, the worst first: its exit code is that of all.
func answerOf(verdicts []verdict) *answer {
	a := &answer{OK: true, Reasons: []string{}}
	for _, code := range gravity {
		for i := range verdicts {
			if verdicts[i].code == code {
				a.Keys = append(a.Keys, verdicts[i])
				a.Reasons = append(a.Reasons, verdicts[i].reasons()...)
				a.OK = a.OK && verdicts[i].OK
			}
		}
	}
	a.Code = a.Keys[0].code
	return a
}

// announce prints the answer, and returns the exit code.
func (a app) announce(given *answer, format string) int {
	switch {
	case format == "json":
		if given.Keys == nil {
			given.Keys = []verdict{}
		}
		if json.NewEncoder(render.JSONForLog(a.stdout)).Encode(given) != nil {
			return exitUnwritten
		}
	case len(given.Keys) == 0:
		for _, reason := range given.Reasons {
			a.log("%s", reason)
		}
	default:
		a.announceText(given)
	}
	return given.Code
}

// announceText prints at most ten lines, and the warnings.
func (a app) announceText(given *answer) {
	const most = 8
	stopped := 0
	var lines []string
	for i := range given.Keys {
		v := &given.Keys[i]
		if v.Warning != "" {
			a.log("%s", v.Warning)
		}
		if !v.OK {
			stopped++
		}
		if v.Message != "" {
			lines = append(lines, v.Message)
		}
	}
	to := a.stdout
	if given.OK {
		fmt.Fprintf(to, "The bot may start: %s may be used.\n", count(len(given.Keys), "key", "keys"))
	} else {
		to = a.stderr
		fmt.Fprintf(to, "The bot must not start: %d of %s may not be used.\n", stopped, count(len(given.Keys), "key", "keys"))
	}
	for i, line := range lines {
		if i == most && len(lines) > most+1 {
			fmt.Fprintf(to, "and %d more\n", len(lines)-most)
			break
		}
		fmt.Fprintln(to, line)
	}
	if !given.OK && len(lines) <= most {
		fmt.Fprintln(to, "What to do about it, keyaudit says without \"check\"; what an exchange does not report, its owner attests: keyaudit attest --help.")
	}
}

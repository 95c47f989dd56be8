package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

const verifyHead = `keyaudit verify FILE makes every hash of a state, or of a report as JSON Lines, again, and says
whether it is what the runs left. Anyone who can write the file can also make new hashes: --expect
takes the digest of a run from a place that they cannot write to, such as a notification or a
ticket. Without it, the digest in FILE.last is used if there is one, which is better than nothing.

A signature beside a report of any format, FILE.sig, is checked too (see keyaudit sign). Anyone can
sign: --signers takes the keys that may (allowed_signers of ssh-keygen), and refuses all others.

`

const verifyTail = `
Exit codes: 0 it is what it was; 1 it is not; 2 invalid input; 3 it cannot be verified.
`

// digestForm is a whole digest.
var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// verifyCommand checks what runs have left.
func (a app) verifyCommand() *command {
	var expect, signers string
	c := a.newCommand("verify FILE", "check that a state, or a report, is what it was", verifyHead, verifyTail)
	c.text(&signers, "signers", "accept a report only if a key of this allowed_signers FILE signed it")
	c.takes("expect", "the DIGEST of a run, 64 hex digits", func(word string) {
		if expect = strings.ToLower(word); !digestForm.MatchString(expect) {
			c.problem("--expect: %s is not a digest of 64 hex digits; tables show the first %d: keyaudit runs --format json has it whole", show(word), digestShown)
		}
	})
	return c.does(func(ctx context.Context, args []string) int {
		if len(args) != 1 {
			c.problem("verify: name one state, or one report: keyaudit verify FILE")
		}
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		v := verification{app: a, path: args[0], expect: expect, signers: signers}
		v.from = "--expect"
		if expect == "" {
			v.from = ""
			if problem := v.remembered(); problem != "" {
				a.log("verify: %s", problem)
				return audit.ExitNotAssessed
			}
		}
		return v.verify(ctx)
	})
}

// verification is a file, and what its digest should be.
type verification struct {
	app
	path, expect string
	signers      string // the file of the keys that may sign; empty for any
	signed       string // who did, as a sentence; empty if nobody
	from         string // where the expected digest is from; empty for nowhere
}

// remembered takes the digest that the last run left beside the file.
func (v *verification) remembered() (problem string) {
	beside := followed(v.path)
	left, known, err := readLast(beside)
	if err != nil {
		return err.Error() + ": name the digest by --expect, or remove it"
	}
	if known {
		v.expect, v.from = left.chain, showPath(beside+lastSuffix)
	}
	return ""
}

func (v *verification) verify(ctx context.Context) int {
	kind := kindOf(v.path)
	if kind == database && v.signers != "" {
		return v.refuse([]string{"--signers: a state is not signed: sign a report of it"})
	}
	if kind == jsonLines || kind == otherFile {
		if code := v.signature(); code != audit.ExitClean {
			return code
		}
	}
	switch kind {
	case missing:
		if v.expect != "" {
			return v.changed("is gone")
		}
		return v.refuse([]string{"verify: " + showPath(v.path) + " does not exist"})
	case special:
		return v.refuse([]string{"verify: " + showPath(v.path) + " is not a regular file"})
	case jsonLines:
		return v.lines()
	case database:
		return v.state(ctx)
	default:
		return v.other()
	}
}

// changed says what is wrong, in one sentence.
func (v *verification) changed(what string) int {
	v.log("%s %s", showPath(v.path), what)
	return audit.ExitFindings
}

// cannot says why nothing can be said.
func (v *verification) cannot(why string) int {
	v.log("%s %s", showPath(v.path), why)
	return audit.ExitNotAssessed
}

// other is a file that has no chain.
func (v *verification) other() int {
	if v.signed != "" && v.expect == "" {
		fmt.Fprintf(v.stdout, "%s is what was signed.\n%s", showPath(v.path), v.signed)
		return audit.ExitClean
	}
	if _, err := readReport(v.path); err != nil {
		if v.expect != "" { // a state of which not even the beginning is left
			return v.changed("is not what it was: it is neither a state nor a report")
		}
		return v.refuse([]string{"verify: " + showPath(v.path) + " is neither a state nor a report as JSON Lines"})
	}
	return v.cannot("is a JSON report, which has no chain of hashes: keep reports as JSON Lines, or a state, or sign them")
}

// lines checks the chain of a report as JSON Lines.
func (v *verification) lines() int {
	file, err := os.Open(v.path)
	if err != nil {
		return v.refuse([]string{"verify: " + showPath(v.path) + " cannot be read"})
	}
	defer file.Close() //nolint:errcheck // opened for reading
	results, findings := 0, 0
	chain, err := render.ReadChain(file)
	switch {
	case err != nil:
		return v.changed("is not what it was: " + strings.TrimPrefix(err.Error(), "render: "))
	case v.expect != "" && v.expect != chain:
		return v.changed("is not what " + v.from + " says: its digest is " + chain)
	}
	if report, err := readReport(v.path); err == nil {
		results, findings = len(report.Results), len(report.Findings)
	}
	v.holds(fmt.Sprintf("%s, %s about no single key", count(results, "result", "results"), count(findings, "finding", "findings")), chain, 0)
	return audit.ExitClean
}

// state checks a state.
func (v *verification) state(ctx context.Context) int {
	s, err := store.OpenForReading(ctx, v.path)
	if err != nil {
		return v.failed(err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	found, err := s.Verify(ctx, v.expect)
	var tampered *store.TamperError
	if errors.As(err, &tampered) { // or a run ended meanwhile, and removed what was old
		found, err = s.Verify(ctx, v.expect)
	}
	switch {
	case err != nil:
		return v.failed(err)
	case found.Runs == 0:
		return v.cannot("has no complete run: there is nothing to verify")
	}
	text := fmt.Sprintf("%s, %s", count(found.Runs, "run", "runs"), count(found.Results, "result", "results"))
	if found.Pruned > 0 {
		text += fmt.Sprintf("; the results of %s were pruned", count(found.Pruned, "run", "runs"))
	}
	if found.Forgotten > 0 {
		text += fmt.Sprintf("; %s forgotten", count(found.Forgotten, "result is", "results are"))
	}
	v.holds(text, found.Digest, found.Since)
	return audit.ExitClean
}

// failed is the exit code for what is wrong with a state.
func (v *verification) failed(err error) int {
	var tampered *store.TamperError
	switch {
	case errors.As(err, &tampered), errors.Is(err, store.ErrDamaged):
		return v.changed(err.Error())
	case errors.Is(err, store.ErrForeign), errors.Is(err, store.ErrNoAccess):
		return v.refuse([]string{"verify: " + showPath(v.path) + " " + err.Error()})
	default: // of a newer version, or in use
		return v.cannot(err.Error())
	}
}

// holds says that the file is what it was, and how much that means.
func (v *verification) holds(what, digest string, since int) {
	fmt.Fprintf(v.stdout, "%s is what it was: %s.\nDigest: %s\n%s", showPath(v.path), what, digest, v.signed)
	switch {
	case v.from == "" && v.signed != "":
	case v.from == "":
		fmt.Fprintln(v.stdout, "Anyone who can write the file can also make a new chain of hashes: name the digest that you know from elsewhere, by --expect.")
	case since > 0:
		fmt.Fprintf(v.stdout, "It has the digest that %s names, and %s since.\n", v.from, count(since, "run", "runs"))
	default:
		fmt.Fprintf(v.stdout, "This is the digest that %s names.\n", v.from)
	}
	if v.from != "" && v.from != "--expect" {
		fmt.Fprintln(v.stdout, "Anyone who can write that file as well can change both: a digest from elsewhere, by --expect, says more.")
	}
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

const forgetHead = `keyaudit forget --state FILE KEY removes from every run what was found about a key, and its name.
What stays is one hash per result, by which keyaudit verify still holds, the counts of the runs,
reports that were written before, and the key's masked id where another key of the account lists it.
A key that the inventory still has comes back with the next run. What keyaudit itself has kept
beside the state (FILE.earlier, and states that --state-new replaced) is named if it holds the key.
It asks first; in a script, say --yes.

`

// forgetCommand removes a key from a state.
func (a app) forgetCommand() *command {
	var state string
	var yes bool
	c := a.newCommand("forget KEY", "remove all that was found about a key from a state", forgetHead, "")
	c.stateOf(&state, "the state FILE to change; no run may go on")
	c.completes(&state, namesToComplete)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c.does(func(ctx context.Context, args []string) int {
		if len(args) != 1 {
			c.problem("forget: name one key: keyaudit forget --state FILE KEY; keyaudit history --state FILE lists them")
		}
		s := a.openPast(ctx, c, state, a.openExisting)
		if s != nil {
			defer s.Close() //nolint:errcheck // what Forget did is stored
		}
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		name, host, err := c.keyNamed(ctx, s, args[0])
		if host != "" {
			c.problem("forget: keys of one name are forgotten together, whatever host they are on: write %s", show(name))
		}
		switch {
		case err != nil:
			return a.lost(state, err)
		case len(c.problems) > 0:
			a.sayCopies(ctx, state, args[0])
			return a.refuse(c.problems)
		}
		return a.forget(ctx, s, state, name, yes)
	})
}

// openExisting opens a state for writing. An empty file is none yet, and stays as it is.
func (a app) openExisting(ctx context.Context, path string) (*store.Store, error) {
	s, err := store.OpenForReading(ctx, path)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, path, a.now)
}

func (a app) forget(ctx context.Context, s *store.Store, state, name string, yes bool) int {
	results, keys, err := s.Held(ctx, name)
	if err != nil {
		return a.lost(state, err)
	}
	what := fmt.Sprintf("%q, in %s", access.Printable(name), count(results, "result", "results"))
	if keys > 1 {
		what += fmt.Sprintf(" of %d keys with that name", keys)
	}
	if !yes {
		terminal, ok := a.stdin.(*os.File)
		if !ok || !term.IsTerminal(int(terminal.Fd())) {
			return a.refuse([]string{"forget: standard input is not a terminal, so nobody can be asked about " + what + ": add --yes"})
		}
		fmt.Fprintf(a.stderr, "Forget %s? This cannot be undone. Type yes: ", what)
		if !agreed(a.stdin) {
			a.log("nothing was forgotten")
			return audit.ExitUsage
		}
	}
	if _, err := s.Forget(ctx, name); err != nil {
		return a.lost(state, err)
	}
	fmt.Fprintf(a.stdout, "Forgotten: %s. What stays is one hash per result, the counts of the runs, reports written before, and a masked id where another key "+
		"of the account lists it; and a key that the inventory still has comes back with the next run.\n", what)
	a.sayCopies(ctx, state, name)
	return audit.ExitClean
}

// agreed reports whether the answer is yes, in full: a stray Enter is none.
func agreed(from io.Reader) bool {
	line, _ := bufio.NewReader(io.LimitReader(from, 64)).ReadString('\n') // no line is no yes
	return strings.EqualFold(strings.TrimSpace(line), "yes")
}

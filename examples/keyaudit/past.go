package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// What the commands over a state have in common: history, runs, forget, and diff of two
// runs.

// stateOf is the flag that names the state.
func (c *command) stateOf(to *string, text string) { c.text(to, "state", text) }

const stateRead = "the state FILE that runs with --state keep; it is read only, also while a run goes on"

// opening opens a state: store.OpenForReading, or something that writes.
type opening func(context.Context, string) (*store.Store, error)

// openPast opens the state that --state names. What is wrong with it is a problem of the
// command line.
func (a app) openPast(ctx context.Context, c *command, path string, open opening) *store.Store {
	if path == "" {
		c.problem("--state: name the state of your runs, for instance keyaudit %s --state FILE", c.Name())
		return nil
	}
	a.readsStored([]string{path})
	switch kindOf(path) {
	case missing:
		c.problem("--state: %s does not exist: the first run with --state makes it", showPath(path))
	case special:
		c.problem("--state: %s is not a regular file", showPath(path))
	case jsonLines:
		c.problem("--state: %s is JSON Lines, as earlier versions kept it: the next run with --state takes it over, and %s can be used from then on",
			showPath(path), c.Name())
	default:
		s, err := open(ctx, path)
		if err == nil {
			return s
		}
		c.problem("--state: %s %s", showPath(path), err)
	}
	return nil
}

// fileKind is what a file looks like, by its first bytes.
type fileKind int

const (
	otherFile fileKind = iota
	missing
	special // a folder, or a pipe: opening one would wait for its writer
	jsonLines
	database
)

func kindOf(path string) fileKind {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing
	case err == nil && !info.Mode().IsRegular():
		return special
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return otherFile
	}
	defer file.Close() //nolint:errcheck // opened for reading
	head := make([]byte, 16)
	n, _ := io.ReadFull(file, head)
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte(`{"type":"`)):
		return jsonLines
	case bytes.HasPrefix(head, []byte("SQLite format 3")):
		return database
	default:
		return otherFile
	}
}

// lost says that a state could not be read to its end.
func (a app) lost(path string, err error) int {
	return a.refuse([]string{"--state: " + showPath(path) + " " + err.Error()})
}

// keyNamed is the name of a key as the state has it. Lists show a name without what a
// terminal would act on, and after the key's host where reports of hosts were merged: that is
// accepted, too.
func (c *command) keyNamed(ctx context.Context, s *store.Store, word string) (name, host string, err error) {
	names, err := s.Names(ctx)
	if err != nil {
		return "", "", err
	}
	if name, shown := nameAmong(names, word); shown > 0 {
		if shown > 1 {
			c.problem("%s: %d keys have names that are shown as %s: write the one you mean in full, as --format json has it", c.Name(), shown, show(word))
		}
		return name, "", nil
	}
	for at, r := range word {
		if name, shown := nameAmong(names, word[at+1:]); r == '/' && shown == 1 {
			found, err := s.History(ctx, name)
			if err != nil {
				return "", "", err
			}
			if slices.ContainsFunc(found, func(h *store.History) bool { return shownHost(h) == word[:at] }) {
				return name, word[:at], nil
			}
		}
	}
	c.problem("%s: %s", c.Name(), unknown("key", word, names))
	return "", "", nil
}

// shownHost is the host of a key as lists show it.
func shownHost(h *store.History) string { return access.Printable(h.Last.Record.Host) }

// nameAmong is a name as it is or, if there is none, as it is shown, and how many there are.
func nameAmong(names []string, word string) (name string, n int) {
	for _, known := range names {
		if known == word {
			return known, 1
		}
		if access.Printable(known) == word {
			name = known
			n++
		}
	}
	return name, n
}

// completes offers what a state knows to the shell, in place of arguments.
func (c *command) completes(state *string, words func(context.Context, *store.Store) []string) {
	c.ValidArgsFunction = func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		if kindOf(*state) != database {
			return nil, cobra.ShellCompDirectiveDefault
		}
		s, err := store.OpenForReading(cmd.Context(), *state)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		defer s.Close() //nolint:errcheck // opened for reading
		return words(cmd.Context(), s), cobra.ShellCompDirectiveNoFileComp
	}
}

// namesToComplete are names of keys that a shell can take as they are.
func namesToComplete(ctx context.Context, s *store.Store) []string {
	names, _ := s.Names(ctx) // without an answer nothing is offered
	return slices.DeleteFunc(names, func(name string) bool { return access.Printable(name) != name })
}

// runsToComplete are the numbers of the runs that can be compared.
func runsToComplete(ctx context.Context, s *store.Store) (ids []string) {
	runs, _ := s.List(ctx, 0) // likewise
	for _, r := range runs {
		if !r.Pruned {
			ids = append(ids, strconv.FormatInt(r.ID, 10))
		}
	}
	return ids
}

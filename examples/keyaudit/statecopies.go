package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// replacedState is the ending of a state that --state-new moved away.
var replacedState = regexp.MustCompile(`^\.[0-9]{8}T[0-9]{6}Z$`)

// stateCopies are what this program has kept beside a state: a report that became a
// database, and states that were replaced.
func stateCopies(state string) (paths []string) {
	state = followed(state)
	entries, _ := os.ReadDir(filepath.Dir(state))
	for _, e := range entries {
		ending, ok := strings.CutPrefix(e.Name(), filepath.Base(state))
		if ok && e.Type().IsRegular() && (ending == earlierSuffix || replacedState.MatchString(ending)) {
			paths = append(paths, state+ending)
		}
	}
	return paths
}

// sayCopies names the copies of a state that still hold a key, and what to do about each:
// this program removes none unasked.
func (a app) sayCopies(ctx context.Context, state, name string) {
	for _, path := range stateCopies(state) {
		holds, err := holdsKey(ctx, path, name)
		switch {
		case err != nil:
			a.log("%s cannot be read, and may hold it: look into that file", showPath(path))
		case !holds:
		case kindOf(path) == database:
			a.log("%s still holds it, a state that --state-new replaced: %s", showPath(path), shellLine([]string{"keyaudit", "forget", "--state", path, name}))
		default:
			a.log("%s still holds it, as an earlier version of keyaudit kept it: remove that file if nobody needs it", showPath(path))
		}
	}
}

// holdsKey reports whether a state, or a report, has a key of that name.
func holdsKey(ctx context.Context, path, name string) (bool, error) {
	if kindOf(path) != database {
		r, err := readReport(path)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(r.Results, func(k *audit.Result) bool { return k.Name == name }) ||
			slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return strings.Contains(f.Message, strconv.Quote(name)) }), nil
	}
	s, err := store.OpenForReading(ctx, path)
	if err != nil {
		return false, fmt.Errorf("%s %w", showPath(path), err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	names, err := s.Names(ctx)
	return slices.Contains(names, name), err
}

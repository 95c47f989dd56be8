package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
)

// load reads which keys there are. If there is any problem, no key is audited.
func (a app) load(s *settings) (fleet, []string) {
	o := a.options()
	o.AllowPlain, o.Offline, o.Fleet = s.allowPlain, s.offline, s.coordinates
	f := fleet{policies: map[string]audit.Policy{}, workers: map[string]string{}, egresses: map[string]string{}}
	var problems []string
	var beside []inventory.Skipped
	take := func(inv *inventory.Inventory, err error) {
		if err != nil {
			problems = append(problems, eachProblem(err)...)
			return
		}
		beside = append(beside, f.take(inv, a.now())...)
	}
	read := sources.Read
	if s.oneByOne {
		read = sources.Open
	}
	for _, path := range s.keys {
		inv, err := read(path, o)
		if sources.IsStream(path) {
			o.Stdin = nil // it was read
		}
		if err != nil && !sources.IsStream(path) {
			problems = append(problems, a.inventoryProblems(path, err)...)
			continue
		}
		take(inv, err)
	}
	for _, from := range together(s.from, o) {
		inv, err := inventory.From(from.format, from.path, o)
		if err == nil {
			f.disambiguate(inv, from.path)
			s.judgeBy(inv.Keys)
		}
		take(inv, err)
	}
	f.named(beside, a.now())
	if len(problems) == 0 && f.empty() {
		for _, from := range s.from {
			problems = append(problems, from.noKey())
		}
	}
	if problems = append(problems, f.duplicates()...); len(problems) > 0 {
		return f, append(problems, eachProblem(f.absent)...)
	}
	if problem := f.only(s.only); problem != "" {
		return f, []string{problem}
	}
	for _, p := range f.absent {
		a.log("%s; what needs it is not audited", p)
	}
	return f, nil
}

// noKey says that a bot's files have no key, and where it may be.
func (f botFile) noKey() string {
	const none = "there is no key to audit"
	switch {
	case f.path == "":
		return none + ": no environment variable is named like BYBIT_API_KEY and BYBIT_API_SECRET; name a bot's own file with --from BOT=FILE, or an inventory with --keys FILE"
	case f.format == "freqtrade":
		return none + " in " + showPath(f.path) + ": name the file that has it as well (--from freqtrade=a.json,b.json), " +
			"or set FREQTRADE__EXCHANGE__KEY and FREQTRADE__EXCHANGE__SECRET"
	default:
		return none + " in " + showPath(f.path) + ": no entry is a key, or all are empty or placeholders"
	}
}

// judgeBy gives the keys of bots' files the policy of the command line, if it names one.
func (s *settings) judgeBy(keys []audit.Key) {
	if s.policy == "" {
		return
	}
	for i := range keys {
		keys[i].Policy = audit.Presets()[s.policy]
	}
}

// together puts files of one bot into one configuration if they are only whole
// together, like freqtrade's own -c a -c b: a file without a whole key of its own
// belongs to the one before it, or to the one after it if there is none. Whole
// ones stay apart, because each may be another bot's.
func together(from []botFile, o inventory.Options) []botFile {
	var out []botFile
	whole := true // whether the last of out is a whole key
	for _, f := range from {
		format, _ := inventory.Lookup(f.format, o)
		if !format.Several {
			out, whole = append(out, f), true
			continue
		}
		last := len(out) - 1
		if follows := last >= 0 && out[last].format == f.format; !follows || whole && isWhole(f, o) {
			out = append(out, f)
		} else {
			out[last].path += "," + f.path
		}
		whole = isWhole(out[len(out)-1], o)
	}
	return out
}

// isWhole reports whether a bot's file has a whole key.
func isWhole(f botFile, o inventory.Options) bool {
	o.Reads = nil
	in, err := inventory.From(f.format, f.path, o)
	if err != nil { // which is reported when it is read for good
		return false
	}
	in.Close()
	return len(in.Keys) > 0 || slices.ContainsFunc(in.Skipped, func(s inventory.Skipped) bool { return !s.Partial && !s.Beside })
}

// eachProblem is an error as one sentence per problem.
func eachProblem(err error) []string {
	var many inventory.Problems
	if !errors.As(err, &many) {
		return []string{err.Error()}
	}
	out := make([]string, len(many))
	for i, p := range many {
		out[i] = p.String()
	}
	return out
}

// named adds the keys that lie beside a bot's file, except those whose own file is named
// as well.
func (f *fleet) named(beside []inventory.Skipped, now time.Time) {
	for _, s := range beside { // the keys of large inventories are of no bot's file
		own := func(k audit.Key) bool { return filepath.Clean(k.Record.Source.File) == filepath.Clean(s.File) }
		if !slices.ContainsFunc(f.keys, own) {
			f.skipped = append(f.skipped, skippedResult(s, now))
		}
	}
}

// disambiguate adds the file to names that a key of another file has already.
func (f *fleet) disambiguate(more *inventory.Inventory, path string) {
	own, taken := map[string]bool{}, map[string]bool{}
	for _, k := range more.Keys {
		own[k.Name] = true
	}
	for _, s := range more.Skipped {
		own[s.Name] = true
	}
	for k := range f.each() { // of which there may be many
		if own[k.Name] {
			taken[k.Name] = true
		}
	}
	for _, r := range f.skipped {
		taken[r.Name] = true
	}
	rename := func(name *string) {
		if taken[*name] {
			*name += " (" + path + ")"
		}
	}
	for i := range more.Keys {
		rename(&more.Keys[i].Name)
	}
	for i := range more.Skipped {
		rename(&more.Skipped[i].Name)
	}
}

// skippedResult is the result of a key that no adapter can audit. It has one, so
// that its absence is not mistaken for a clean result.
func skippedResult(s inventory.Skipped, now time.Time) *audit.Result {
	bot, _, _ := strings.Cut(s.Name, "/")
	r := &audit.Result{
		Name: s.Name, Record: audit.Record{Source: audit.Source{Format: bot, File: s.File, Line: s.Line}},
		Snapshot: &access.Snapshot{
			Inspection: access.Inspection{
				Schema:  access.SnapshotSchema,
				TakenAt: now.UTC(),
				Failure: &access.Error{Kind: access.KindInput, Message: s.Why},
			},
			Answer: access.Answer{
				Grants: []access.Grant{},
			},
		},
	}
	return r.Rejudge(audit.Policy{}, now, nil)
}

// botNames are the bots whose files can be read.
func botNames() []string {
	var names []string
	for _, f := range slices.Concat(inventory.Formats(), sources.Formats()) {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

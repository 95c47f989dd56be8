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

// load reads which keys there are. With any problem there are none.
func (m machine) load(s *settings) (fleet, []string) {
	o := m.options()
	o.AllowPlain, o.Offline = s.allowPlain, s.offline
	var f fleet
	var problems []string
	take := func(inv *inventory.Inventory, err error) {
		var many inventory.Problems
		switch {
		case errors.As(err, &many):
			for _, p := range many {
				problems = append(problems, p.String())
			}
			return
		case err != nil:
			problems = append(problems, err.Error())
			return
		}
		f.keys, inv.Keys = append(f.keys, inv.Keys...), nil
		f.closers = append(f.closers, inv.Close)
		for _, skipped := range inv.Skipped {
			f.skipped = append(f.skipped, notAuditable(skipped, m.now()))
		}
	}
	if s.keys != "" {
		switch strings.ToLower(filepath.Ext(s.keys)) {
		case ".yaml", ".yml":
			take(sources.ReadYAML(s.keys, o))
		default:
			take(inventory.Read(s.keys, o))
		}
	}
	for _, from := range s.from {
		inv, err := inventory.From(from.format, from.path, o)
		if err == nil {
			f.tellApart(inv, from.path)
		}
		take(inv, err)
	}
	if len(problems) == 0 && len(f.keys)+len(f.skipped) == 0 {
		problems = append(problems, "there is no key to audit: every entry is empty or a placeholder")
	}
	return f, append(problems, doubled(f.keys)...)
}

// tellApart adds the file to the names of keys that another bot of the same sort
// has as well.
func (f *fleet) tellApart(more *inventory.Inventory, path string) {
	taken := map[string]bool{}
	for _, k := range f.keys {
		taken[k.Name] = true
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

// doubled names keys that two sources call alike.
func doubled(keys []audit.Key) []string {
	var problems []string
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k.Name] {
			problems = append(problems, "two keys are called "+show(k.Name)+": audit their sources one by one")
		}
		seen[k.Name] = true
	}
	return slices.Compact(problems)
}

// notAuditable is the result of a key that no adapter can audit: it has one, so
// that nobody takes its absence for a clean bill.
func notAuditable(s inventory.Skipped, now time.Time) *audit.Result {
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

package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// The report of a search in the formats of audits: each place of a key is a result with
// one finding, and what was not read is a finding about the whole.

const (
	ruleFoundKey    = "found-key"
	ruleUnreadFiles = "unread-files"
)

// walletRemedy is for a wallet's private key, which nobody can delete.
const walletRemedy = "Revoke it at the exchange if it is a delegated key, or else move everything to a new wallet, unless only the bot's user can read the " +
	"file and no repository has it."

// placeFormats are the formats besides text and JSON that a search has without an audit:
// those that say where something is. The others say what keys may do.
var placeFormats = []string{"sarif", "junit"}

// placeRules describe the findings of a search.
func placeRules() []*audit.Rule {
	return []*audit.Rule{
		{
			ID: ruleFoundKey, Title: "Exchange key in a file", Severity: audit.Critical, Since: "v0.1.0",
			Why: "Anyone who reads the file, or a copy of it, has the key, and what it may do is theirs to do: everybody with the repository, on the " +
				"machine, or with a backup.",
			Remedy: "Delete the key at the exchange and create a new one, unless only the bot's user can read the file and no repository has it. " +
				"Keep the new one in a key store or a file that is not in the repository.",
			FindOut:    "Run keyaudit find --audit: the exchange reports what the key may do.",
			References: []string{"CWE-312", "CWE-538", "NHI2:2025"},
		},
		{
			ID: ruleUnreadFiles, Title: "Files that were not searched", Severity: audit.High, Since: "v0.1.0",
			Why: "A key may be in what was not read.", Remedy: "Make the files readable for the search, or look into them by other means.",
			FindOut: "See which files they are, and search them by other means.", References: []string{"NHI2:2025"},
		},
	}
}

// placesReport is the report of a search without an audit.
func (a app) placesReport(r *find.Report) *audit.Report {
	now := a.now().UTC()
	out := &audit.Report{
		Schema: audit.ReportSchema, Version: version(), Map: exchangeMap(), Started: now, Finished: now,
		Results: a.places(r), Findings: unread(r),
	}
	out.Recount()
	return out
}

// places are the results of all places.
func (a app) places(r *find.Report) []*audit.Result {
	out := []*audit.Result{}
	for i := range r.Found {
		f := &r.Found[i]
		title := cmp.Or(f.Exchange, "unknown exchange")
		if e, known := exchanges.Lookup(f.Exchange); known {
			title = e.Title
		}
		id := cmp.Or(f.KeyID, "…")
		out = append(out, &audit.Result{
			// Without the line, which changes with what stands above.
			Name: fmt.Sprintf("%s, key %s", r.Where(f), id), Exchange: f.Exchange, Title: title,
			Record: audit.Record{Source: audit.Source{Format: "find", File: r.File(f), Line: f.Line}},
			Snapshot: &access.Snapshot{
				Inspection: access.Inspection{Schema: access.SnapshotSchema, TakenAt: a.now().UTC(), KeyID: id}, Answer: access.Answer{Grants: []access.Grant{}},
			},
			Findings: []audit.Finding{foundKey(f)},
		})
	}
	return out
}

// foundKey is the finding about a place. What the key may do is not known there, so that it
// counts as the worst that it may be.
func foundKey(f *find.Found) audit.Finding {
	severity := audit.Low
	switch inside := f.InRepository() || f.Tracked == ""; {
	case f.Half == "key id":
	case (f.Both || f.Wallet) && inside:
		severity = audit.Critical
	case (f.Both || f.Wallet) && f.Shared != "", inside:
		severity = audit.High
	case f.Shared != "":
		severity = audit.Medium
	}
	what, remedy := "a key with its secret", placeRules()[0].Remedy
	if f.Wallet {
		what, remedy = "a wallet's private key", walletRemedy
	} else if !f.Both {
		what = map[string]string{"secret": "a secret without its key id", "key id": "a key id without its secret"}[f.Half]
	}
	return audit.Finding{
		Rule: ruleFoundKey, Outcome: audit.Failed, Severity: severity, Evidence: access.Reported, Remedy: remedy,
		Message: fmt.Sprintf("%s: %s", what, strings.Join(f.Lines(), "; ")),
	}
}

// unread says what was not searched.
func unread(r *find.Report) (out []audit.Finding) {
	add := func(message string) {
		out = append(out, audit.Finding{
			Rule: ruleUnreadFiles, Outcome: audit.Undetermined, Severity: audit.High, Message: message, Remedy: placeRules()[1].FindOut,
		})
	}
	for _, s := range r.Skipped {
		if !s.Unread {
			continue
		}
		message := fmt.Sprintf("Not read: %d, %s: %s", s.Count, s.Why, strings.Join(s.Paths, ", "))
		if more := s.Count - len(s.Paths); more > 0 {
			message += fmt.Sprintf(" and %d more", more)
		}
		add(message)
	}
	if r.Stopped {
		add("The search was stopped before everything was read")
	}
	return out
}

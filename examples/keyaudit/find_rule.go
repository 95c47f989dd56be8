package main

import (
	"fmt"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
)

// ruleKeyInGit is the one rule that only a search can answer. It is judged with the
// catalogue's.
const ruleKeyInGit = "key-in-git"

// findRules are the rules of a search, in the order of its reports.
func findRules() []*audit.Rule {
	return append([]*audit.Rule{keyInGit(nil, nil, false)}, placeRules()...)
}

// keyInGit judges the keys that were found, by their names in the report.
func keyInGit(found map[string]*find.Key, report *find.Report, history bool) *audit.Rule {
	return &audit.Rule{
		ID: ruleKeyInGit, Title: "Key lies in a git repository", Severity: audit.Critical, Since: "v0.1.0",
		Why: "Anyone who can read a repository, or ever got a copy of it, has the keys in it: colleagues who left, build servers, forks, " +
			"backups. A commit that removes a key leaves it in the history.",
		Remedy: "Delete the key at the exchange, and create a new one that is kept outside the repository. " +
			"To rewrite the history helps nobody who has a copy.",
		FindOut:    "Run keyaudit find --history on the repository: it reads everything that git has.",
		References: []string{"CWE-538", "CWE-540", "NHI2:2025"},
		Run: func(p *audit.Pass) audit.Verdict {
			key := found[p.Name]
			if key == nil {
				return audit.Verdict{Outcome: audit.NotApplicable, Message: "The key was not found by a search"}
			}
			return judgeInGit(p, report, key, history && report.HistoryRead())
		},
	}
}

func judgeInGit(p *audit.Pass, report *find.Report, key *find.Key, whole bool) audit.Verdict {
	if in := inGitPlaces(report, key); len(in) > 0 {
		severity, works := severityInGit(p.Snapshot)
		return audit.Verdict{
			Outcome: audit.Failed, Severity: severity, Evidence: access.Reported,
			Message: fmt.Sprintf("%s; it is in a git repository: %s", works, strings.Join(in, "; ")),
		}
	}
	known, outside := true, true
	for _, at := range key.Places {
		known, outside = known && at.Tracked != "", outside && at.Tracked == find.NoGit
	}
	switch {
	case !known:
		return audit.Verdict{Outcome: audit.Undetermined, Severity: audit.High, Message: "Could not determine whether git tracks its file"}
	case outside:
		return audit.Verdict{Outcome: audit.NotApplicable, Message: "Its file is in no git repository"}
	case !whole:
		return audit.Verdict{Outcome: audit.Undetermined, Severity: audit.Medium, Message: "Git does not track its file; whether the history has the key could not be determined"}
	default:
		return audit.Verdict{Outcome: audit.Passed, Evidence: access.Reported, Message: "Git does not track its file, and the history does not have the key"}
	}
}

// inGitPlaces are the places of a key that a copy of the repository has.
func inGitPlaces(report *find.Report, key *find.Key) (out []string) {
	for _, at := range key.Places {
		if !at.InRepository() {
			continue
		}
		if len(out) == mostPlaces {
			return append(out, "and further places")
		}
		out = append(out, report.Repository(at))
	}
	return out
}

const mostPlaces = 3

const canLose = "The key works and can lose money"

// severityInGit is how bad it is that a key is in a repository, and whether it works.
func severityInGit(s *access.Snapshot) (audit.Severity, string) {
	if s.Failure != nil {
		return severityOfRefused(s.Failure.Kind)
	}
	if s.IPAllowlist.UsableFromAnywhere() == access.Denied {
		return audit.High, "The key works, from the IP addresses it is restricted to"
	}
	open := !s.RightsKnown() || len(s.Unmapped) > 0
	for _, family := range losing {
		state := s.Holds(family)
		if state == access.Granted {
			return audit.Critical, canLose
		}
		open = open || state == access.Unknown
	}
	if open {
		return audit.Critical, "The key works, and whether it can lose money could not be determined"
	}
	return audit.High, "The key works, and can read"
}

// severityOfRefused is that of a key about which the exchange did not tell what it may do:
// the worst, unless the answer says otherwise.
func severityOfRefused(kind access.Kind) (audit.Severity, string) {
	switch kind {
	case access.KindBadKey:
		return audit.Medium, "The exchange does not know the key"
	case access.KindExpired:
		return audit.Medium, "The key has expired"
	case access.KindIPNotAllowed:
		return audit.High, "The key works, though not from this IP address"
	default:
		return audit.Critical, "Whether the key works could not be determined"
	}
}

// losing are the families of rights by which money is lost.
var losing = []access.Family{
	access.FamilyWithdraw, access.FamilyExternal, access.FamilyTrade, access.FamilyKeys, access.FamilyAddress, access.FamilySecrets, access.FamilyOffBook,
	access.FamilyLockUp, access.FamilyChannel,
}

package audit

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// secretInFiles goes by a search for the key's own texts. What was found stays found: a
// file that could not be read only adds to it.
func secretInFiles(p *Pass) Verdict {
	s := p.Snapshot.Search
	if s == nil {
		return p.notApplicable("Nobody searched files for copies of the key")
	}
	worst := Severity(0)
	var places []string
	for i := range s.Copies {
		worst = max(worst, copySeverity(&s.Copies[i]))
		places = append(places, copyPlace(&s.Copies[i]))
	}
	if s.More > 0 {
		places = append(places, fmt.Sprintf("and %s", count(s.More, "further place", "further places")))
	}
	found, open := strings.Join(places, "; "), openQuestions(s)
	if !s.At.IsZero() && found != "" {
		found += fmt.Sprintf("; some of that is as the search of %s found it, and nobody has searched there since", date(s.At))
	}
	switch {
	case worst >= High:
		if open != "" {
			found += "; besides, " + open
		}
		return p.fail(worst, "%s", capital(found))
	case open != "" && found != "":
		return p.undetermined(Critical, "Could not determine whether there are copies of the secret: %s; %s", open, found).local()
	case open != "":
		return p.undetermined(Critical, "Could not determine whether there are copies of the key: %s", open).local()
	case found != "":
		return p.fail(worst, "%s", capital(found)).remedy("Nobody can use the key by that alone. Look into the file: the secret may be beside it, " +
			"in a form that was not searched for.")
	default:
		return p.pass(access.Reported, "The search of %s found no copy of the key%s", date(cmp.Or(s.At, p.Snapshot.TakenAt)), searched(s))
	}
}

// copySeverity is how bad a copy is. Whether git has a file that may be in a repository
// counts as the worse if it is unknown.
func copySeverity(c *access.Copy) Severity {
	switch {
	case c.List:
		return Critical
	case !c.Secret:
		return Low
	case c.Git == access.GitNone, c.Git == access.GitUntracked:
		return High
	default:
		return Critical
	}
}

// copyPlace says what is where, and who has it there.
func copyPlace(c *access.Copy) string {
	what := "the key id"
	if c.Secret {
		what = "the secret"
	}
	at := fmt.Sprintf("%q", access.Printable(c.File))
	if c.Line > 0 {
		at += fmt.Sprintf(" (line %d)", c.Line)
	}
	if c.List {
		return what + " is on a list of leaked keys, " + at
	}
	var facts []string
	if c.Own {
		facts = append(facts, "where its owner keeps it")
	}
	if c.Form != "" {
		facts = append(facts, "as "+access.Printable(c.Form))
	}
	if c.Readers != "" {
		facts = append(facts, access.Printable(c.Readers))
	}
	switch c.Git {
	case access.GitTracked:
		facts = append(facts, "tracked by git")
	case access.GitPast:
		facts = append(facts, "in git's history only")
	case access.GitUnknown:
		facts = append(facts, "whether git has it is unknown")
	case access.GitNone, access.GitUntracked:
	}
	if c.Commit != "" {
		facts = append(facts, "since commit "+access.Printable(c.Commit[:min(len(c.Commit), 12)]))
	}
	if len(facts) > 0 {
		at += ", " + strings.Join(facts, ", ")
	}
	return what + " is in " + at
}

// searched says where was searched.
func searched(s *access.Search) string {
	text := ""
	if len(s.Paths) > 0 {
		text = " in " + quoted(s.Paths)
	}
	if len(s.Lists) > 0 {
		text += " on the lists " + quoted(s.Lists)
	}
	return text
}

// openQuestions say what was not searched, or not searched for; empty if nothing was left
// out.
func openQuestions(s *access.Search) string {
	var parts []string
	if s.Unread > 0 {
		text := count(s.Unread, "file or object", "files or objects") + " could not be read, or not wholly"
		if len(s.UnreadPaths) > 0 {
			text += ": " + quoted(s.UnreadPaths)
		}
		parts = append(parts, text)
	}
	for _, clause := range s.Omitted {
		parts = append(parts, access.Printable(clause))
	}
	return strings.Join(parts, "; ")
}

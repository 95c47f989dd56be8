package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// SARIF, JUnit and OCSF feed programs that keep a list of findings of their
// own. Those tell findings apart by an identity, and some take what a later
// report doesn't name for mended. So a finding keeps its identity from night to
// night, and no key is passed over in silence.

// tracked are the findings of a result as such a program gets them: each has an
// outcome that is one of the four and, if it is open, a severity. A key that was
// not inspected or not judged has at least the one that says so.
func tracked(r *audit.Result) []audit.Finding {
	out := make([]audit.Finding, 0, len(r.Findings)+1)
	told := false
	for _, f := range r.Findings {
		f = settled(f)
		out = append(out, f)
		told = told || (f.Rule == ruleNotInspected && open(f))
	}
	switch {
	case told:
	case !r.Inspected():
		what := r.Snapshot.Failure.Error()
		out = append(out, audit.Finding{Rule: ruleNotInspected, Outcome: audit.Failed, Severity: audit.High, Message: what})
	case len(out) == 0:
		const what = "no rule judged the key"
		out = append(out, audit.Finding{Rule: ruleNotInspected, Outcome: audit.Undetermined, Severity: audit.High, Message: what})
	}
	return out
}

// settled gives what a rule or a stored report left open its cautious meaning.
func settled(f audit.Finding) audit.Finding {
	if f.Outcome > audit.NotApplicable {
		f.Outcome = audit.Undetermined
	}
	if open(f) && (f.Severity == 0 || f.Severity > audit.Critical) {
		f.Severity = audit.High
	}
	return f
}

// open reports whether somebody has to look at a settled finding, or accepted
// it.
func open(f audit.Finding) bool { return f.Outcome == audit.Failed || f.Outcome == audit.Undetermined }

// keyNames are by what each key of a report is known from night to night: exchange,
// environment and the owner's name. Names should be unique; where they aren't,
// the further ones are numbered.
func keyNames(results []*audit.Result) [][]string {
	out := make([][]string, len(results))
	seen := make(map[string]int, len(results))
	for i, r := range results {
		e := entry{Result: r}
		name := []string{r.Exchange, r.Snapshot.Environment, e.name()}
		for j, part := range name {
			if name[j] = plain(part); name[j] == "" {
				name[j] = "-"
			}
		}
		id := identity(name...)
		if seen[id]++; seen[id] > 1 {
			name[2] += fmt.Sprintf(" (%d)", seen[id])
		}
		out[i] = name
	}
	return out
}

// identity is a short name for some texts that is always the same.
func identity(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// fleetIdentity is the identity of a finding about no single key. Only its message
// tells which one it is.
func fleetIdentity(f audit.Finding) string { return identity(f.Rule, "", f.Message) }

const longest = 1000 // characters of one text

// brief makes a text safe to show on one line, and no longer than a screen.
func brief(text string) string { return shorten(plain(shorten(text, longest)), longest) }

// sentence is what a finding says, and that it is not known where it isn't.
func sentence(f audit.Finding) string {
	if f.Outcome == audit.Undetermined {
		return "could not be determined: " + brief(f.Message)
	}
	return brief(f.Message)
}

// headline says whose finding it is: "grid-bot (Bybit live, key 8Kd0…x9Qa)".
func headline(r *audit.Result) string {
	e := entry{Result: r}
	return plain(fmt.Sprintf("%s (%s, key %s)", shorten(e.name(), 60), shorten(e.place(), 60), shorten(e.keyID(), 30)))
}

// ruleBook finds a rule by what a finding calls it; what isn't in it is nil.
func ruleBook(own []*audit.Rule) map[string]*audit.Rule {
	if len(own) == 0 {
		own = audit.Rules()
	}
	book := make(map[string]*audit.Rule, len(own))
	for _, rule := range own {
		if rule != nil {
			book[rule.ID] = rule
		}
	}
	return book
}

// ruleName is the rule's ID as a finding has it.
func ruleName(f audit.Finding) string {
	if name := shorten(plain(f.Rule), 100); name != "" {
		return name
	}
	return "unnamed"
}

// Programs know this one by these.
const (
	productName = "exchangekeyaudit"
	productURL  = "https://github.com/exchangekeyaudit/exchangekeyaudit"
)

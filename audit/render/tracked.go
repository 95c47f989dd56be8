package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// SARIF, JUnit and OCSF feed programs that keep a list of findings of their
// own. Those distinguish findings by an identity, and some close what a later
// report doesn't name. So a finding keeps its identity from run to run, and no
// key is left out.

// resolvedMessage says why a finding of the previous report is closed.
const resolvedMessage = "failed in the previous report and passes now"

// tracked are the findings of a result as such a program gets them. A key that
// was not inspected or not judged has at least the one that says so.
func tracked(r *audit.Result) []audit.Finding {
	said := false
	for _, f := range r.Findings {
		said = said || (f.Rule == ruleNotInspected && open(f))
	}
	f := audit.Finding{Rule: ruleNotInspected, Severity: audit.High}
	switch {
	case said:
		return r.Findings
	case !r.Inspected():
		f.Outcome, f.Message = audit.Failed, r.Snapshot.Failure.Error()
	case len(r.Findings) == 0:
		f.Outcome, f.Message = audit.Undetermined, "no rule judged the key"
	default:
		return r.Findings
	}
	return append(r.Findings[:len(r.Findings):len(r.Findings)], f)
}

// keyNames give what identifies each key of a report from run to run: exchange,
// environment and the owner's name. Names should be unique; where they aren't,
// the later ones are numbered.
type keyNames struct {
	sorted bool // equal names are neighbours
	name   string
	seen   map[string]int
	odd    map[string]int // of those, the ones that look like a name which is elsewhere in the order
}

// start is for the keys of a report. Those that come one by one come by name.
func (k *keyNames) start(r *audit.Report) {
	*k = keyNames{sorted: len(r.Results) == 0, seen: map[string]int{}, odd: map[string]int{}}
}

func (k *keyNames) of(r *audit.Result) []string {
	if k.sorted && r.Name != k.name {
		clear(k.seen)
	}
	k.name = r.Name
	e := entry{Result: r}
	name := []string{r.Exchange, r.Snapshot.Environment, e.name()}
	for i, part := range name {
		if name[i] = plain(part); name[i] == "" {
			name[i] = "-"
		}
	}
	id := identity(name...)
	seen := k.seen
	if name[2] != r.FullName() {
		seen = k.odd
	}
	seen[id]++
	if n := k.seen[id] + k.odd[id]; n > 1 {
		name[2] += fmt.Sprintf(" (%d)", n)
	}
	return name
}

// identity is a short, stable hash of some texts.
func identity(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// fleetIdentity is the identity of a finding about no single key, which only
// its message distinguishes from others of its rule.
func fleetIdentity(f audit.Finding) string { return identity(f.Rule, "", f.Message) }

const longest = 1000 // characters of one text

// brief makes a text safe to show on one line, and no longer than a screen.
func brief(text string) string { return shorten(plain(shorten(text, longest)), longest) }

// sentence is the message of a finding, and says if it is undetermined.
func sentence(f audit.Finding) string {
	if f.Outcome == audit.Undetermined {
		return "undetermined: " + brief(f.Message)
	}
	return brief(f.Message)
}

// headline names the key of a finding: "grid-bot (Bybit live, key 8Kd0…x9Qa)".
func headline(r *audit.Result) string {
	e := entry{Result: r}
	return plain(fmt.Sprintf("%s (%s, key %s)", shorten(e.name(), 60), shorten(e.place(), 60), shorten(e.keyID(), 30)))
}

// ruleBook finds a rule by the ID that a finding has; nil if it is unknown.
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

// What programs know this one by.
const (
	productName = "exchangekeyaudit"
	productURL  = "https://github.com/exchangekeyaudit/exchangekeyaudit"
)

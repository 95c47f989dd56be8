package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// SARIFOptions change what SARIF writes. The zero value suits GitHub.
type SARIFOptions struct {
	// Root is the folder that the inventory's file names become relative to,
	// so that GitHub finds the files: the root of the checkout. A file outside
	// of it keeps the name that the inventory has for it, as does every file
	// without a Root.
	Root string
	// Limit is the maximum number of results. Zero, or more than that, is
	// 25,000, which is the most that GitHub accepts.
	Limit int
	// Rules are the rules that judged, for their titles and help;
	// audit.Rules() if empty.
	Rules []*audit.Rule
}

// What GitHub accepts: docs.github.com, "SARIF support for code scanning".
const (
	sarifMost  = 25_000 // results of a run
	sarifShown = 5_000  // of them on its pages
	sarifTags  = 20     // of a rule
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF writes a report as SARIF 2.1.0, for GitHub's code scanning and for
// editors: one result for each finding that failed, one for everything that is
// unknown about a key, worst first, and the rules of these findings with their
// help. Waived findings come last and are suppressed with the waiver's reason.
// GitHub shows those as open all the same, until the action
// advanced-security/dismiss-alerts closes them.
//
// A result keeps its identity from run to run: the fingerprint is made of the
// rule, the exchange, the environment and the owner's name for the key. GitHub
// closes an alert that the next upload doesn't contain, also that of a rule which
// failed before and is unknown now, and the result about what is unknown says so.
// The level is error for what failed at high or above and for a key that was not
// inspected or not judged, warning for what failed at medium, and note for the
// rest and for what is unknown.
//
// A result points at the line of the inventory that names the key. A key that
// no file names gets the path api-keys/exchange/environment/name, because GitHub
// rejects results without a location. Notifications list the keys that were not
// inspected, and what the limit omitted.
func SARIF(w io.Writer, r *audit.Report, o SARIFOptions) error {
	r, err := checked(r)
	if err != nil {
		return err
	}
	l := newSARIFLog(r, o)
	out := &sarifWriter{w: bufio.NewWriterSize(w, 64<<10)}
	out.text("{\n  \"$schema\": \"" + sarifSchema + "\",\n" +
		"  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n      \"tool\": ")
	out.value(map[string]any{"driver": l.driver()}, "      ")
	out.text(",\n      \"columnKind\": \"unicodeCodePoints\",\n      \"invocations\": ")
	out.value([]any{l.invocation()}, "      ")
	out.text(",\n      \"properties\": ")
	out.value(l.counts(), "      ")
	out.text(",\n      \"results\": [")
	separator := "\n        "
	for i := range l.items {
		out.text(separator)
		out.value(l.result(l.items[i]), "        ")
		separator = ",\n        "
	}
	out.text("\n      ]\n    }\n  ]\n}\n")
	return out.close()
}

// sarifLog is a report prepared for writing.
type sarifLog struct {
	report  *audit.Report
	root    string
	names   [][]string
	items   []sarifItem // worst first
	omitted int         // items beyond the limit
	lost    []sarifItem // keys that were not inspected or not judged
	rules   []sarifRule
	index   map[string]int // of rules by ID
}

// sarifItem is one result. A run in which no exchange answers has so many that
// each is kept small.
type sarifItem struct {
	key  int32 // of the report's results; -1 for a fleet-wide finding
	at   int32 // among the key's or the report's findings; sarifFolded for all that is unknown about the key
	rank int32 // larger is worse
}

func newSARIFLog(r *audit.Report, o SARIFOptions) *sarifLog {
	l := &sarifLog{report: r, root: o.Root, names: keyNames(r.Results), index: map[string]int{}}
	for i, result := range r.Results {
		findings := tracked(result)
		for j, f := range findings {
			if !sarifFolds(f) {
				l.add(i, j, f)
			}
		}
		if slices.ContainsFunc(findings, sarifFolds) {
			l.add(i, sarifFolded, foldedUnknown(result))
		}
	}
	for j, f := range r.Findings {
		l.add(-1, j, f)
	}
	slices.SortStableFunc(l.items, func(a, b sarifItem) int { return int(b.rank - a.rank) })
	most := o.Limit
	if most <= 0 || most > sarifMost {
		most = sarifMost
	}
	if l.omitted = len(l.items) - most; l.omitted > 0 {
		l.items = l.items[:most]
	}
	l.omitted = max(l.omitted, 0)
	book := ruleBook(o.Rules)
	for i := range l.items {
		f := l.finding(l.items[i])
		id := ruleName(f)
		if _, ok := l.index[id]; !ok {
			l.index[id] = len(l.rules)
			rule := bookUnknown()
			if id != ruleUnknown {
				rule = newSARIFRule(id, book[f.Rule])
			}
			l.rules = append(l.rules, rule)
		}
	}
	return l
}

func (l *sarifLog) add(key, at int, f audit.Finding) {
	if !open(f) {
		return
	}
	item := sarifItem{key: int32(key), at: int32(at), rank: int32(urgency(&f))}
	l.items = append(l.items, item)
	if key >= 0 && f.Rule == ruleNotInspected {
		l.lost = append(l.lost, item)
	}
}

func (l *sarifLog) finding(item sarifItem) audit.Finding {
	switch {
	case item.key < 0:
		return l.report.Findings[item.at]
	case item.at == sarifFolded:
		return foldedUnknown(l.report.Results[item.key])
	}
	return tracked(l.report.Results[item.key])[item.at]
}

// The notifications, in the order of sarifDriver.Notifications.
const (
	sarifNotInspected = iota
	sarifOmitted
)

func (l *sarifLog) driver() sarifDriver {
	var known *sarifMap
	if m := l.report.Map; m.Commit != "" || m.Checked != "" {
		known = &sarifMap{Commit: brief(m.Commit), Checked: brief(m.Checked)}
	}
	return sarifDriver{
		Map: known, Name: productName, InformationURI: productURL, Rules: append([]sarifRule{}, l.rules...),
		Version: strings.TrimPrefix(brief(cmp.Or(l.report.Version, l.report.Map.Version)), "v"), // readers compare what begins with a number
		Notifications: []sarifRule{
			sarifNotInspected: newSARIFDescriptor("key-not-inspected", "Key not inspected",
				"The exchange gave no usable answer or was not asked, or no rule judged the key. The key's rights are unknown."),
			sarifOmitted: newSARIFDescriptor("results-omitted", "Results omitted",
				"There are more results than GitHub accepts or displays."),
		},
	}
}

// invocation describes the run, which was successful if every key was inspected.
func (l *sarifLog) invocation() sarifInvocation {
	in := sarifInvocation{
		Successful: len(l.lost) == 0, Notifications: []sarifNotification{},
		Start: sarifTime(l.report.Started), End: sarifTime(l.report.Finished),
	}
	if text := l.cut(); text != "" {
		in.Notifications = append(in.Notifications, sarifNotification{
			Descriptor: sarifReference{"results-omitted", sarifOmitted}, Level: "warning",
			Message: sarifText{Text: text},
		})
	}
	for _, item := range l.lost {
		text := headline(l.report.Results[item.key]) + ": " + sentence(l.finding(item))
		in.Notifications = append(in.Notifications, sarifNotification{
			Descriptor: sarifReference{"key-not-inspected", sarifNotInspected}, Level: "error",
			Message:   sarifText{Text: sarifPlain(text)},
			Locations: []sarifLocation{l.location(int(item.key))},
		})
	}
	return in
}

// cut says what is not there to see, if anything.
func (l *sarifLog) cut() string {
	var parts []string
	if l.omitted > 0 {
		parts = append(parts, fmt.Sprintf(
			"%d of %d results were omitted, the least severe ones. GitHub may close their alerts. "+
				"The JSON report has them all.",
			l.omitted, l.omitted+len(l.items)))
	}
	if len(l.items) > sarifShown {
		parts = append(parts, fmt.Sprintf("GitHub displays %d of %d.", sarifShown, len(l.items)))
	}
	return strings.Join(parts, " ")
}

func (l *sarifLog) counts() map[string]any {
	counts := map[string]any{
		"keys": len(l.report.Results), "keysNotInspected": len(l.lost),
		"results": len(l.items), "resultsOmitted": l.omitted,
	}
	if l.report.Demo {
		counts["demo"] = true
	}
	return counts
}

func (l *sarifLog) result(item sarifItem) sarifResult {
	f := l.finding(item)
	id := ruleName(f)
	out := sarifResult{
		RuleID: id, RuleIndex: l.index[id], Level: sarifLevel(f), Rank: 10 * sarifScore(f.Severity),
		Locations: []sarifLocation{l.location(int(item.key))}, Suppressions: []sarifSuppression{},
		Properties: sarifFacts{Outcome: f.Outcome, Severity: f.Severity, Evidence: f.Evidence},
	}
	text := sentence(f)
	if item.key >= 0 {
		r := l.report.Results[item.key]
		text = headline(r) + ": " + text
		out.Fingerprints.Identity = identity(append([]string{f.Rule}, l.names[item.key]...)...)
		out.Properties.Policy, out.Properties.Owner = brief(r.Policy), brief(r.Record.Owner)
	} else {
		out.Fingerprints.Identity = fleetIdentity(f)
	}
	out.Fingerprints.Identity += ":1" // a hash and how often it came before, as GitHub writes it
	if f.Remedy != "" {
		text += ". What to do: " + brief(f.Remedy)
	}
	out.Message.Text = sarifPlain(text)
	if f.Waived != "" {
		out.Suppressions = append(out.Suppressions, sarifSuppression{"external", "accepted", brief(f.Waived)})
	}
	if l.report.Baseline != nil {
		out.Baseline = "unchanged"
		if f.New {
			out.Baseline = "new"
		}
	}
	return out
}

package render

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
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
	// Temp is the folder for what waits until the results are sorted; os.TempDir() if empty.
	Temp string
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
func SARIF(w io.Writer, r *audit.Report, o SARIFOptions) error { return whole(NewSARIF(w, o), r) }

// NewSARIF writes what SARIF writes, at the end, because the rules of the results come
// first, and the worst results.
func NewSARIF(w io.Writer, o SARIFOptions) Writer {
	if o.Limit <= 0 || o.Limit > sarifMost {
		o.Limit = sarifMost
	}
	return newWriter(&sarifLog{
		w: w, o: o, book: ruleBook(o.Rules), index: map[string]int{}, known: map[string]sarifRule{},
		results: sorter{spool: spool{folder: o.Temp}}, lost: spool{folder: o.Temp},
	})
}

// sarifLog is a report on its way.
type sarifLog struct {
	w       io.Writer
	o       SARIFOptions
	book    map[string]*audit.Rule
	report  *audit.Report
	names   keyNames
	results sorter // written, worst first: those that may be among the first
	ranks   [math.MaxUint8 + 1]int
	n       int            // results in all
	keys    int            // of the report
	lost    spool          // notifications of the keys that were not inspected or not judged
	misses  int            // of them
	rules   []sarifRule    // of the results that are shown
	index   map[string]int // of rules by ID
	known   map[string]sarifRule
}

func (l *sarifLog) Start(r *audit.Report) error {
	l.report = r
	l.names.start(r)
	return nil
}

func (l *sarifLog) Result(r *audit.Result) error {
	l.keys++
	k := &sarifKey{Result: r, name: l.names.of(r)}
	findings := tracked(r)
	for _, f := range findings {
		if sarifFolds(f) {
			continue
		}
		if err := l.add(k, f); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(findings, sarifFolds) {
		return l.add(k, foldedUnknown(r))
	}
	return nil
}

// sarifKey is a key and what identifies it; nil for a fleet-wide finding.
type sarifKey struct {
	*audit.Result
	name []string
}

func (l *sarifLog) add(k *sarifKey, f audit.Finding) error {
	if !open(f) {
		return nil
	}
	if k != nil && f.Rule == ruleNotInspected {
		if err := l.lose(k, f); err != nil {
			return err
		}
	}
	l.n++
	rank, before := urgency(&f), 0
	for _, n := range l.ranks[rank:] {
		before += n
	}
	if before >= l.o.Limit { // as many are as bad and came before
		return nil
	}
	l.ranks[rank]++
	id := ruleName(f)
	if _, ok := l.known[id]; !ok {
		l.known[id] = newSARIFRule(id, l.book[f.Rule])
		if id == ruleUnknown {
			l.known[id] = bookUnknown()
		}
	}
	result, err := encode(l.result(k, f), "        ", "  ")
	if err != nil {
		return err
	}
	return l.results.add(fmt.Sprintf("%03d", math.MaxUint8-rank), slices.Concat([]byte(id+"\n"), bytes.TrimSpace(result)))
}

// lose notes a key that was not inspected or not judged.
func (l *sarifLog) lose(k *sarifKey, f audit.Finding) error {
	l.misses++
	note, err := sarifNote(sarifNotification{
		Descriptor: sarifReference{"key-not-inspected", sarifNotInspected}, Level: "error",
		Message:   sarifText{Text: sarifPlain(headline(k.Result) + ": " + sentence(f))},
		Locations: []sarifLocation{l.location(k)},
	})
	if err != nil {
		return err
	}
	_, err = l.lost.Write(note)
	return err
}

func (l *sarifLog) End(r *audit.Report) error {
	l.report = r
	for _, f := range r.Findings {
		if err := l.add(nil, f); err != nil {
			return err
		}
	}
	if err := l.describe(); err != nil {
		return err
	}
	out := &sarifWriter{w: bufio.NewWriterSize(l.w, 64<<10)}
	out.text("{\n  \"$schema\": \"" + sarifSchema + "\",\n" +
		"  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n      \"tool\": ")
	out.value(map[string]any{"driver": l.driver()}, "      ")
	out.text(",\n      \"columnKind\": \"unicodeCodePoints\",\n      \"invocations\": ")
	l.invocation(out)
	out.text(",\n      \"properties\": ")
	out.value(l.counts(), "      ")
	out.text(",\n      \"results\": [")
	separator := "\n        "
	err := l.shown(func(rule string, result []byte) error {
		out.text(separator)
		// Its first occurrence: a quote in a text before it is escaped.
		out.text(strings.Replace(string(result), `"ruleIndex": -1`, fmt.Sprintf(`"ruleIndex": %d`, l.index[rule]), 1))
		separator = ",\n        "
		return out.err
	})
	if err != nil {
		return err
	}
	out.text("\n      ]\n    }\n  ]\n}\n")
	return out.close()
}

func (l *sarifLog) discard() {
	l.results.discard()
	l.lost.discard()
}

// shown gives the results within the limit, worst first, each with the ID of its rule.
func (l *sarifLog) shown(do func(rule string, result []byte) error) error {
	n := 0
	return l.results.each(func(_ string, record []byte) error {
		if n++; n > l.o.Limit {
			return nil
		}
		rule, result, _ := bytes.Cut(record, []byte("\n"))
		return do(string(rule), result)
	})
}

// describe numbers the rules of the results.
func (l *sarifLog) describe() error {
	return l.shown(func(id string, _ []byte) error {
		if _, ok := l.index[id]; !ok {
			l.index[id] = len(l.rules)
			l.rules = append(l.rules, l.known[id])
		}
		return nil
	})
}

// items is how many results are shown.
func (l *sarifLog) items() int { return min(l.n, l.o.Limit) }

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
func (l *sarifLog) invocation(out *sarifWriter) {
	var state *sarifState
	if d := l.report.Digest; d != "" {
		state = &sarifState{brief(d)}
	}
	raw, err := encode([]sarifInvocation{{
		Successful: l.misses == 0, Notifications: []sarifNotification{}, Properties: state,
		Start: sarifTime(l.report.Started), End: sarifTime(l.report.Finished),
	}}, "      ", "  ")
	out.err = cmp.Or(out.err, err)
	head, tail, _ := strings.Cut(strings.TrimSpace(string(raw)), "[]") // of the notifications: there is no other list
	out.text(head + "[")
	var omitted []byte
	if text := l.cut(); text != "" {
		omitted, err = sarifNote(sarifNotification{
			Descriptor: sarifReference{"results-omitted", sarifOmitted}, Level: "warning", Message: sarifText{Text: text},
		})
		out.err = cmp.Or(out.err, err)
	}
	notes := io.MultiReader(bytes.NewReader(omitted), l.lost.reader())
	if n, _ := io.CopyN(io.Discard, notes, int64(len(","))); n > 0 {
		out.copy(notes)
		out.text("\n          ")
	}
	out.text("]" + tail)
}

// sarifNote is a notification, as it follows another.
func sarifNote(n sarifNotification) ([]byte, error) {
	const indent = "            "
	raw, err := encode(n, indent, "  ")
	return slices.Concat([]byte(",\n"+indent), bytes.TrimSpace(raw)), err
}

// cut says what is not there to see, if anything.
func (l *sarifLog) cut() string {
	var parts []string
	if omitted := l.n - l.items(); omitted > 0 {
		parts = append(parts, fmt.Sprintf(
			"%d of %d results were omitted, the least severe ones. GitHub may close their alerts. "+
				"The JSON report has them all.",
			omitted, l.n))
	}
	if l.items() > sarifShown {
		parts = append(parts, fmt.Sprintf("GitHub displays %d of %d.", sarifShown, l.items()))
	}
	return strings.Join(parts, " ")
}

func (l *sarifLog) counts() map[string]any {
	counts := map[string]any{
		"keys": l.keys, "keysNotInspected": l.misses,
		"results": l.items(), "resultsOmitted": l.n - l.items(),
	}
	if l.report.Demo {
		counts["demo"] = true
	}
	return counts
}

// result is a finding as a result; the number of its rule is known at the end.
func (l *sarifLog) result(k *sarifKey, f audit.Finding) sarifResult {
	out := sarifResult{
		RuleID: ruleName(f), RuleIndex: -1, Level: sarifLevel(f), Rank: 10 * sarifScore(f.Severity),
		Locations: []sarifLocation{l.location(k)}, Suppressions: []sarifSuppression{},
		Properties: sarifFacts{Outcome: f.Outcome, Severity: f.Severity, Evidence: f.Evidence},
	}
	text := sentence(f)
	if k != nil {
		text = headline(k.Result) + ": " + text
		out.Fingerprints.Identity = identity(append([]string{f.Rule}, k.name...)...)
		out.Properties.Policy, out.Properties.Owner = brief(k.Policy), brief(k.Record.Owner)
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

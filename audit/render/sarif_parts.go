package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// The parts of a log, named as SARIF names them.
type (
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Version        string      `json:"version,omitempty"`
		Rules          []sarifRule `json:"rules"`
		Notifications  []sarifRule `json:"notifications"`
		Map            *sarifMap   `json:"properties,omitempty"`
	}
	sarifMap struct {
		Commit  string `json:"commit,omitempty"`
		Checked string `json:"exchangeMapChecked,omitempty"`
	}
	sarifRule struct {
		ID               string              `json:"id"`
		ShortDescription sarifText           `json:"shortDescription"`
		FullDescription  sarifText           `json:"fullDescription"`
		Help             sarifText           `json:"help"`
		Default          *sarifConfiguration `json:"defaultConfiguration,omitempty"`
		Properties       *sarifRuleFacts     `json:"properties,omitempty"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifRuleFacts struct {
		Tags     []string `json:"tags,omitempty"`
		Severity string   `json:"security-severity,omitempty"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Start         string              `json:"startTimeUtc,omitempty"`
		End           string              `json:"endTimeUtc,omitempty"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
		Properties    *sarifState         `json:"properties,omitempty"`
	}
	sarifState struct {
		Digest string `json:"stateDigest"`
	}
	sarifNotification struct {
		Descriptor sarifReference  `json:"descriptor"`
		Level      string          `json:"level"`
		Message    sarifText       `json:"message"`
		Locations  []sarifLocation `json:"locations,omitempty"`
	}
	sarifReference struct {
		ID    string `json:"id"`
		Index int    `json:"index"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Rank         float64            `json:"rank"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints sarifFingerprint   `json:"partialFingerprints"`
		Baseline     string             `json:"baselineState,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions"` // none means that it isn't suppressed
		Properties   sarifFacts         `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name     string `json:"name"`
		FullName string `json:"fullyQualifiedName"`
		Kind     string `json:"kind"`
	}
	// sarifFingerprint uses the name that GitHub compares.
	sarifFingerprint struct {
		Identity string `json:"primaryLocationLineHash"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifFacts struct {
		Outcome  audit.Outcome   `json:"outcome"`
		Severity audit.Severity  `json:"severity"`
		Evidence access.Evidence `json:"evidence"`
		Policy   string          `json:"policy,omitempty"`
		Owner    string          `json:"owner,omitempty"`
	}
)

// sarifScore is a severity as a number, from which GitHub derives critical,
// high, medium or low: the middle of each range.
func sarifScore(s audit.Severity) float64 {
	switch s {
	case audit.Critical:
		return 9.5
	case audit.High:
		return 8
	case audit.Medium:
		return 5.5
	case audit.Low:
		return 2.5
	default:
		return 0.5
	}
}

func sarifLevel(f audit.Finding) string {
	switch {
	case f.Rule == ruleNotInspected:
		return "error"
	case f.Outcome != audit.Failed || f.Severity < audit.Medium:
		return "note"
	case f.Severity == audit.Medium:
		return "warning"
	default:
		return "error"
	}
}

// newSARIFRule describes a rule; if it is nil, only its ID is known.
func newSARIFRule(id string, rule *audit.Rule) sarifRule {
	if rule == nil {
		const text = "The report has findings of this rule. The program that wrote this file has no description of it."
		out := newSARIFDescriptor(id, id, text)
		out.Properties = &sarifRuleFacts{Tags: []string{"security"}}
		return out
	}
	tags := []string{"security"}
	for _, reference := range rule.References {
		tag := plain(reference)
		if weakness, ok := strings.CutPrefix(tag, "CWE-"); ok { // as GitHub looks for it
			tag = "external/cwe/cwe-" + weakness
		}
		tags = append(tags, tag)
	}
	slices.Sort(tags[1:])
	tags = slices.Compact(tags)
	out := newSARIFDescriptor(id, rule.Title, rule.Why)
	out.Help = sarifText{
		Text: sarifPlain(rule.Why + " What to do: " + rule.Remedy),
		Markdown: fmt.Sprintf("%s\n\n**What to do:** %s\n\nReferences: %s\n",
			markdown(rule.Why), markdown(rule.Remedy), markdown(cmp.Or(strings.Join(rule.References, ", "), "none"))),
	}
	out.Default = &sarifConfiguration{Level: sarifLevel(audit.Finding{Outcome: audit.Failed, Severity: rule.Severity})}
	out.Properties = &sarifRuleFacts{
		Tags: tags[:min(len(tags), sarifTags)], Severity: fmt.Sprintf("%.1f", sarifScore(rule.Severity)),
	}
	return out
}

// newSARIFDescriptor has what GitHub requires of each.
func newSARIFDescriptor(id, title, text string) sarifRule {
	full := sarifText{Text: sarifPlain(text)}
	return sarifRule{ID: id, ShortDescription: sarifText{Text: sarifPlain(title)}, FullDescription: full, Help: full}
}

// location is where a key is named; that of a fleet-wide finding is the fleet.
func (l *sarifLog) location(k *sarifKey) sarifLocation {
	var out sarifLocation
	out.Physical.Region.Line = 1 // GitHub requires one
	if k == nil {
		out.Physical.Artifact.URI = sarifPath("api-keys")
		return out
	}
	name := k.name
	account := cmp.Or(plain(k.Snapshot.Account.ID), "-")
	out.Logical = []sarifLogical{{
		Name: brief(name[2]), Kind: "resource",
		FullName: brief(strings.Join([]string{name[0], name[1], account, name[2]}, "/")),
	}}
	if source := k.Record.Source; source.File != "" {
		out.Physical.Artifact.URI = sarifFile(source.File, l.o.Root)
		out.Physical.Region = sarifRegion{Line: max(source.Line, 1), Column: max(source.Column, 0)}
		return out
	}
	out.Physical.Artifact.URI = sarifPath(append([]string{"api-keys"}, name...)...)
	return out
}

// sarifPath is a relative URL made of names, which cannot lead anywhere else.
func sarifPath(names ...string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		if parts[i] = url.PathEscape(shorten(name, 200)); strings.Trim(name, ".") == "" {
			parts[i] = "-"
		}
	}
	return strings.Join(parts, "/")
}

// sarifFile is the URL of a file, relative to the root if it is inside of it.
func sarifFile(file, root string) string {
	if root != "" {
		if inside, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(inside) {
			file = inside
		}
	}
	u := url.URL{Path: filepath.ToSlash(shorten(file, longest))}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
		u.Path = "/" + strings.TrimLeft(u.Path, "/") // a drive letter has none
	}
	return u.String()
}

// sarifPlain makes any text safe as a plain message, in which brackets would
// make a link.
func sarifPlain(text string) string { return sarifBrackets.Replace(plain(text)) }

var sarifBrackets = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`)

func sarifTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// sarifWriter writes a log piece by piece and keeps the first error.
type sarifWriter struct {
	w   *bufio.Writer
	err error
}

func (s *sarifWriter) text(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text)
	}
}

// value writes JSON; lines after the first are indented.
func (s *sarifWriter) value(v any, indent string) {
	raw, err := encode(v, indent, "  ")
	s.err = cmp.Or(s.err, err)
	s.text(strings.TrimSpace(string(raw)))
}

func (s *sarifWriter) copy(from io.Reader) {
	if s.err == nil {
		_, s.err = io.Copy(s.w, from)
	}
}

func (s *sarifWriter) close() error { return cmp.Or(s.err, s.w.Flush()) }

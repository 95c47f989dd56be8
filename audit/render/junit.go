package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// JUnit writes a report as JUnit XML, for the test pages of Jenkins, GitLab and
// others: a suite a key and in it a case a rule, which failed, or is an error
// where nothing could be assessed, or is skipped where a waiver covers it. Rules
// that don't apply have no case. Findings about no single key are a suite of
// their own.
//
// Suites and classes are called exchange.environment.name. All the time is the
// run's: what a key took is not known. GitLab takes files below 30 MB, which is
// some thousand keys.
func JUnit(w io.Writer, r *audit.Report) error {
	if err := whole(r); err != nil {
		return err
	}
	suites, all := newJUnitSuites(r)
	out := bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"API key audit\" tests=\"%d\" failures=\"%d\" errors=\"%d\" time=\"%s\">\n",
		all.cases, all.failures, all.errors, strconv.FormatFloat(max(0, r.Finished.Sub(r.Started).Seconds()), 'f', 3, 64))
	for i := range suites {
		suites[i].write(out, i)
	}
	fmt.Fprint(out, "</testsuites>\n")
	return out.Flush()
}

// junitSuite is one key, or what is about no single one.
type junitSuite struct {
	name string
	key  *audit.Result // nil for what is about no single one
	rest []audit.Finding
	junitCounts
}

type junitCounts struct{ cases, failures, errors, skipped int }

func newJUnitSuites(r *audit.Report) (suites []junitSuite, all junitCounts) {
	suites = make([]junitSuite, 0, len(r.Results)+1)
	names := keyNames(r.Results)
	for i, result := range r.Results {
		suites = append(suites, junitSuite{name: shorten(strings.Join(names[i], "."), 200), key: result})
	}
	if len(r.Findings) > 0 {
		suites = append(suites, junitSuite{name: "report", rest: r.Findings})
	}
	for i := range suites {
		s := &suites[i]
		for _, f := range s.findings() {
			s.count(f)
		}
		all.cases += s.cases
		all.failures += s.failures
		all.errors += s.errors
	}
	return suites, all
}

// findings are the suite's cases.
func (s *junitSuite) findings() []audit.Finding {
	all := s.rest
	if s.key != nil {
		all = tracked(s.key)
	}
	out := make([]audit.Finding, 0, len(all))
	for _, f := range all {
		if f = settled(f); f.Outcome != audit.NotApplicable {
			out = append(out, f)
		}
	}
	return out
}

func (c *junitCounts) count(f audit.Finding) {
	c.cases++
	switch element, _ := junitElement(f); element {
	case "failure":
		c.failures++
	case "error":
		c.errors++
	case "skipped":
		c.skipped++
	}
}

// junitElement is what a case holds, and the type that it has there; nothing if
// the rule passed.
func junitElement(f audit.Finding) (element, kind string) {
	switch {
	case !open(f):
		return "", ""
	case f.Waived != "":
		return "skipped", ""
	case f.Outcome == audit.Undetermined:
		return "error", f.Severity.String() + ", undetermined"
	case f.Rule == ruleNotInspected:
		return "error", "not inspected"
	default:
		return "failure", f.Severity.String()
	}
}

func (s *junitSuite) write(out *bufio.Writer, id int) {
	fmt.Fprintf(out, "  <testsuite name=\"%s\" id=\"%d\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=\"0\"",
		xmlText(s.name), id, s.cases, s.failures, s.errors, s.skipped)
	if s.key != nil {
		if at := s.key.Snapshot.TakenAt; !at.IsZero() {
			fmt.Fprintf(out, " timestamp=\"%s\"", at.UTC().Format("2006-01-02T15:04:05"))
		}
	}
	fmt.Fprint(out, ">\n")
	s.properties(out)
	for _, f := range s.findings() {
		s.testcase(out, f)
	}
	fmt.Fprint(out, "  </testsuite>\n")
}

// properties say whose key it is.
func (s *junitSuite) properties(out *bufio.Writer) {
	if s.key == nil {
		return
	}
	fmt.Fprint(out, "    <properties>\n")
	source := s.key.Record.Source.File
	if line := s.key.Record.Source.Line; source != "" && line > 0 {
		source += ":" + strconv.Itoa(line)
	}
	for _, p := range []struct{ name, value string }{
		{"key", headline(s.key)}, {"policy", s.key.Policy}, {"owner", s.key.Record.Owner}, {"source", source},
	} {
		if p.value != "" {
			fmt.Fprintf(out, "      <property name=\"%s\" value=\"%s\"/>\n", p.name, xmlText(p.value))
		}
	}
	fmt.Fprint(out, "    </properties>\n")
}

func (s *junitSuite) testcase(out *bufio.Writer, f audit.Finding) {
	name := ruleName(f)
	if s.key == nil { // one rule may say this of several, and a second case of a name would be passed over
		name += ": " + shorten(plain(f.Message), 100)
	}
	fmt.Fprintf(out, "    <testcase name=\"%s\" classname=\"%s\" time=\"0\"", xmlText(name), xmlText(s.name))
	element, kind := junitElement(f)
	if element == "" {
		fmt.Fprint(out, "/>\n")
		return
	}
	fmt.Fprintf(out, ">\n      <%s", element)
	lines := []string{sentence(f)}
	if s.key != nil {
		lines[0] = headline(s.key) + ": " + lines[0]
	}
	if element == "skipped" { // no schema gives it attributes
		lines = append([]string{f.Waived}, lines...)
	} else {
		fmt.Fprintf(out, " type=\"%s\" message=\"%s\"", kind, xmlText(sentence(f)))
		lines = append(lines, "What to do: "+cmp.Or(f.Remedy, "look at the rule "+ruleName(f)+"."), "Evidence: "+f.Evidence.String())
	}
	fmt.Fprint(out, ">")
	for i, line := range lines {
		if i > 0 {
			fmt.Fprint(out, "\n")
		}
		fmt.Fprint(out, xmlText(line))
	}
	fmt.Fprintf(out, "</%s>\n    </testcase>\n", element)
}

// xmlText makes any text safe in XML, on one line. What XML has no form for,
// not even as an entity, is no text that is shown, and so spelled out.
func xmlText(text string) string {
	text = brief(text)
	if !strings.ContainsAny(text, `&<>"'`) {
		return text
	}
	return xmlEntities.Replace(text)
}

var xmlEntities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

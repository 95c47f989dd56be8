package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// JUnit writes a report as JUnit XML, for the test pages of Jenkins, GitLab and
// others: one suite per key and in it one case per rule. A case fails, or is an
// error where the rule could not be evaluated, or is skipped where a waiver
// covers it. Rules that don't apply have no case. Fleet-wide findings are a
// suite of their own.
//
// Suites and classes are called exchange.environment.name. The only time is the
// run's; how long each key took is unknown. GitLab accepts files below 30 MB,
// which is a few thousand keys.
func JUnit(w io.Writer, r *audit.Report) error { return whole(NewJUnit(w, JUnitOptions{}), r) }

// JUnitOptions change how NewJUnit writes. The zero value is fine.
type JUnitOptions struct {
	// Temp is the folder for what waits until the cases are counted; os.TempDir() if empty.
	Temp string
}

// NewJUnit writes what JUnit writes, at the end, because the counts come first.
func NewJUnit(w io.Writer, o JUnitOptions) Writer {
	j := &junitWriter{w: w, suites: spool{folder: o.Temp}}
	j.out = bufio.NewWriter(&j.suites)
	return newWriter(j)
}

type junitWriter struct {
	w      io.Writer
	suites spool
	out    *bufio.Writer // to the suites
	n      int           // suites
	all    junitCounts
	names  keyNames
}

func (j *junitWriter) Start(r *audit.Report) error {
	j.names.start(r)
	return nil
}

func (j *junitWriter) Result(r *audit.Result) error {
	return j.suite(&junitSuite{name: shorten(strings.Join(j.names.of(r), "."), 200), key: r})
}

// suite writes a suite, and counts its cases.
func (j *junitWriter) suite(s *junitSuite) error {
	for _, f := range s.findings() {
		s.count(f)
	}
	j.all.cases += s.cases
	j.all.failures += s.failures
	j.all.errors += s.errors
	s.write(j.out, j.n)
	j.n++
	_, err := j.out.Write(nil) // the first error
	return err
}

func (j *junitWriter) End(r *audit.Report) error {
	if len(r.Findings) > 0 {
		if err := j.suite(&junitSuite{name: "report", fleet: r.Findings}); err != nil {
			return err
		}
	}
	if err := j.out.Flush(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(j.w, 64<<10)
	fmt.Fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"%s\"", strings.TrimSpace(demoMark(r)+" API key audit"))
	fmt.Fprintf(out, " tests=\"%d\" failures=\"%d\" errors=\"%d\" time=\"%.3f\">\n",
		j.all.cases, j.all.failures, j.all.errors, duration(r))
	if _, err := io.Copy(out, j.suites.reader()); err != nil {
		return err
	}
	fmt.Fprint(out, "</testsuites>\n")
	return out.Flush()
}

func (j *junitWriter) discard() { j.suites.discard() }

// junitSuite is one key, or the fleet.
type junitSuite struct {
	name  string
	key   *audit.Result // nil for the fleet
	fleet []audit.Finding
	junitCounts
}

type junitCounts struct{ cases, failures, errors, skipped int }

// findings are the suite's cases.
func (s *junitSuite) findings() []audit.Finding {
	all := s.fleet
	if s.key != nil {
		all = tracked(s.key)
	}
	out := make([]audit.Finding, 0, len(all))
	for _, f := range all {
		if f.Outcome != audit.NotApplicable {
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

// junitElement is the element in a case, and its type; empty if the rule passed.
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
	fmt.Fprintf(out, "  <testsuite name=\"%s\" id=\"%d\" tests=\"%d\"", xmlText(s.name), id, s.cases)
	fmt.Fprintf(out, " failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=\"0\"", s.failures, s.errors, s.skipped)
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

// properties identify the key and its owner.
func (s *junitSuite) properties(out *bufio.Writer) {
	if s.key == nil {
		return
	}
	fmt.Fprint(out, "    <properties>\n")
	source := s.key.Record.Source
	source.Format = "" // only a file is a place to go to
	for _, p := range []struct{ name, value string }{
		{"key", headline(s.key)},
		{"policy", s.key.Policy},
		{"owner", s.key.Record.Owner},
		{"source", sourceCell(source)},
	} {
		if p.value != "" {
			fmt.Fprintf(out, "      <property name=\"%s\" value=\"%s\"/>\n", p.name, xmlText(p.value))
		}
	}
	fmt.Fprint(out, "    </properties>\n")
}

func (s *junitSuite) testcase(out *bufio.Writer, f audit.Finding) {
	name := ruleName(f)
	if s.key == nil { // one rule may have several fleet-wide findings, and readers ignore a second case of a name
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
		lines = append(lines,
			"What to do: "+cmp.Or(f.Remedy, "see the rule "+ruleName(f)+"."),
			"Evidence: "+f.Evidence.String())
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

// xmlText makes any text safe in XML, on one line. The characters that XML has
// no form for, not even as an entity, are among those that brief escapes.
func xmlText(text string) string {
	text = brief(text)
	if !strings.ContainsAny(text, `&<>"'`) {
		return text
	}
	return xmlEntities.Replace(text)
}

var xmlEntities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

package render

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// list joins texts as a sentence has them, and counts those beyond the limit;
// 0 is no limit.
func list(texts []string, limit int) string {
	if limit > 0 && len(texts) > limit {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:limit], ", "), len(texts)-limit)
	}
	return strings.Join(texts, ", ")
}

// rules names the rules of findings by severity, in the order they come in:
// "critical: withdrawal, ip-allowlist; low: label". It counts those beyond the
// limit.
func rules(findings []audit.Finding, limit int) string {
	var text strings.Builder
	var last audit.Severity
	for i, f := range findings {
		switch {
		case i == limit:
			fmt.Fprintf(&text, " and %d more", len(findings)-i)
			return text.String()
		case i == 0:
			fmt.Fprintf(&text, "%s: ", f.Severity)
		case f.Severity != last:
			fmt.Fprintf(&text, "; %s: ", f.Severity)
		default:
			text.WriteString(", ")
		}
		last = f.Severity
		text.WriteString(f.Rule)
	}
	return text.String()
}

// severities counts findings by severity, worst first; "none" if there are none.
func severities(m map[audit.Severity]int) string {
	var parts []string
	for _, s := range descending {
		if n := m[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

var descending = []audit.Severity{audit.Critical, audit.High, audit.Medium, audit.Low, audit.Info}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// stamp is a time as reports show it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// demoNotice is in every report of a demonstration. It begins with the word that
// people and programs look for.
const demoNotice = demoWord + ": the exchanges are fakes, and what this report says is invented"

const demoWord = "DEMO"

// demoMark is the word in the report of a demonstration, and empty in any other.
func demoMark(r *audit.Report) string {
	if r.Demo {
		return demoWord
	}
	return ""
}

// mapWords say what the program knew of the exchanges, and whether that is too old;
// empty if the report doesn't say.
func mapWords(r *audit.Report) string {
	m := r.Map
	if m == (audit.Map{}) {
		return ""
	}
	text := strings.TrimSpace("exchange map "+shorten(m.Version, 60)) + " of " + cmp.Or(shorten(m.Checked, 10), "an unknown date")
	if r.OldMap() {
		text += fmt.Sprintf(", more than %d days old: update this program, because exchanges change their rules", audit.MapAge/(24*time.Hour))
	}
	return text
}

// digestWords name the digest of a run that a store keeps; empty if there is none.
func digestWords(r *audit.Report) string {
	if r.Digest == "" {
		return ""
	}
	return "digest of the run " + shorten(r.Digest, 80)
}

// duration of a run in seconds; 0 if the report doesn't say both ends.
func duration(r *audit.Report) float64 { return max(0, r.Finished.Sub(r.Started).Seconds()) }

// since says which report this one was compared with.
func since(b *audit.Baseline) string {
	return fmt.Sprintf("%s (%s then)", stamp(b.Started), count(b.Keys, "key", "keys"))
}

// exit says what a program that ends with this report returns, and why.
func exit(s *audit.Summary, threshold audit.Severity) string {
	threshold = cmp.Or(threshold, audit.High)
	code := s.ExitCode(threshold)
	why := map[int]string{
		audit.ExitClean:       fmt.Sprintf("nothing failed or stayed unknown at %s or above", threshold),
		audit.ExitFindings:    fmt.Sprintf("something failed at %s or above", threshold),
		audit.ExitNotAssessed: fmt.Sprintf("a key, or a fact at %s or above, could not be assessed", threshold),
	}[code]
	if s.Keys == 0 && code == audit.ExitNotAssessed {
		why = "there was no key to audit"
	}
	return fmt.Sprintf("exit code %d: %s", code, why)
}

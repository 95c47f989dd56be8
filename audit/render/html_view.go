package render

import (
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const htmlLongest = 1000 // characters of one text

// htmlText prepares a text of the report for the template, which escapes it.
func htmlText(text string) string { return plain(shorten(text, htmlLongest)) }

// htmlView turns findings and facts into what the page shows.
type htmlView struct {
	now       time.Time // ages are as of this time
	catalogue map[string]*audit.Rule
	families  []htmlFamily
	ids       []string                 // of the rules, column by column
	titles    []string                 // of the same
	column    map[string]int           // of rules
	answers   map[audit.Finding]string // pointers to the shared ones
	attest    AttestFunc
}

func newHTMLView(r *audit.Report, o HTMLOptions) *htmlView {
	v := &htmlView{attest: o.Attest.of(r), now: r.Finished, catalogue: ruleBook(o.Rules), ids: []string{}, titles: []string{}, column: map[string]int{}}
	if v.now.IsZero() {
		v.now = r.Started
	}
	return v
}

// htmlShared is how often an answer must occur to be written only once, with
// the cards pointing at it. In a small report every card is complete.
const htmlShared = 100

// share numbers the answers that many keys have.
func (v *htmlView) share(keys []*entry) (out []htmlFinding) {
	times := map[audit.Finding]int{}
	v.answers = map[audit.Finding]string{}
	for i := range keys {
		for _, f := range keys[i].Findings {
			if times[f]++; times[f] == htmlShared {
				finding := v.finding(f)
				finding.Answer = len(out) + 1
				out = append(out, finding)
				var pointer strings.Builder
				_ = htmlTemplate.ExecuteTemplate(&pointer, "pointer", finding) // a Builder takes everything
				v.answers[f] = pointer.String()
			}
		}
	}
	return out
}

// htmlCell is the letter of an answer, which is also its style: C, H, M, L, I
// failed, c to i unknown, w waived, p passed, a attested, n not applicable.
func htmlCell(f audit.Finding) byte {
	switch {
	case f.Outcome == audit.Passed && f.Evidence == access.Attested:
		return 'a'
	case f.Outcome == audit.Passed:
		return 'p'
	case f.Outcome == audit.NotApplicable:
		return 'n'
	case f.Waived != "":
		return 'w'
	default:
		return htmlLetter(f.Severity, f.Outcome == audit.Failed)
	}
}

// htmlCells are the cells from worst to best; a space is no answer.
const htmlCells = "CHMLIchmliwapn "

func htmlLetter(s audit.Severity, failed bool) byte {
	letter := " ILMHC"[s]
	if !failed {
		letter += 'a' - 'A'
	}
	return letter
}

// htmlFinding is one answer of a rule.
type htmlFinding struct {
	Cell, Word, Rule, Title, Message, Remedy, Evidence, Waived string
	New                                                        bool
	Settled                                                    bool // needs no attention
	Answer                                                     int  // its number among the shared ones, from 1
}

func (v *htmlView) finding(f audit.Finding) htmlFinding {
	out := htmlFinding{
		Cell: string(htmlCell(f)), Rule: htmlText(f.Rule), Title: v.title(f.Rule),
		Message: htmlText(f.Message), Remedy: htmlText(f.Remedy), Waived: htmlText(f.Waived), New: f.New,
	}
	switch f.Outcome {
	case audit.Passed, audit.NotApplicable:
		out.Settled = f.Evidence != access.Attested
		out.Word = strings.ReplaceAll(f.Outcome.String(), "-", " ")
	case audit.Failed:
		out.Word = f.Severity.String()
	default:
		out.Word = "unknown"
	}
	if f.Evidence != access.NoEvidence {
		out.Evidence = f.Evidence.String()
	}
	return out
}

// htmlIndex is what the page's script filters and sorts by.
type htmlIndex struct {
	Rules  []string  `json:"rules"`
	Titles []string  `json:"titles"` // of the rules
	Keys   []htmlRow `json:"keys"`
}

// htmlRow is a key in the index.
type htmlRow struct {
	Name     string `json:"n"`
	Place    string `json:"p"`
	Exchange string `json:"v"`
	KeyID    string `json:"k"`
	Label    string `json:"l,omitempty"` // at the exchange
	Policy   string `json:"u"`
	Owner    string `json:"o,omitempty"`
	Mark     string `json:"m"` // the cell that stands for the state
	Word     string `json:"w"` // the state
	Headline string `json:"h"`
	Cells    string `json:"c"` // one letter per rule; a space where it gave no answer
	Exposure string `json:"x"`
	Age      int    `json:"a"` // days; -1 if not reported
	Changed  bool   `json:"d,omitempty"`
}

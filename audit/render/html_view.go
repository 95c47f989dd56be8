package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const htmlLongest = 1000 // characters of one text

// htmlText makes a text that is not ours ready for the page, which escapes it
// where it stands.
func htmlText(text string) string { return plain(shorten(text, htmlLongest)) }

// htmlView turns what was found into what is shown.
type htmlView struct {
	now       time.Time // ages are as of this time
	catalogue map[string]*audit.Rule
	rules     []htmlRule
	column    map[string]int           // of rules
	answers   map[audit.Finding]string // pointers to the shared ones
}

// htmlShared is from how many times on an answer is written once, and pointed
// at by the cards. In a small report every card is whole.
const htmlShared = 100

// share numbers the answers that many keys have.
func (v *htmlView) share(keys []entry) (out []htmlFinding) {
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

// htmlRule is a rule, and what it answered: a column of the map.
type htmlRule struct {
	ID, Title, Why, Family             string
	Failed, Open, Waived, Passed, None int
	Worst                              string // the cell of the worst that failed
	rank                               int    // of Worst
}

// htmlFamily is a run of columns.
type htmlFamily struct {
	Title string
	Rules []htmlRule
}

// htmlFamilyOther is for rules that are not of the catalogue.
const htmlFamilyOther = "Other"

// htmlFamilyOf is the family of a rule and its place among the families.
func htmlFamilyOf(id string) (title string, place int) {
	families := audit.Families()
	for i, f := range families {
		if slices.ContainsFunc(f.Rules, func(r *audit.Rule) bool { return r.ID == id }) {
			return f.Title, i
		}
	}
	return htmlFamilyOther, len(families)
}

func newHTMLView(r *audit.Report, keys []entry, o HTMLOptions) htmlView {
	v := htmlView{now: r.Finished, catalogue: map[string]*audit.Rule{}, column: map[string]int{}}
	if v.now.IsZero() {
		v.now = r.Started
	}
	known := o.Rules
	if len(known) == 0 {
		known = audit.Rules()
	}
	order := map[string]int{}
	for i, rule := range known {
		v.catalogue[rule.ID], order[rule.ID] = rule, i
	}
	counts := map[string]*htmlRule{}
	for i := range keys {
		for _, f := range keys[i].Findings {
			if counts[f.Rule] == nil {
				counts[f.Rule] = &htmlRule{}
			}
			counts[f.Rule].add(f)
		}
	}
	place := func(id string) int { _, n := htmlFamilyOf(id); return n }
	ids := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(place(a)-place(b), order[a]-order[b], strings.Compare(a, b))
	})
	for i, id := range ids {
		rule := counts[id]
		rule.ID, rule.Title, rule.Why = htmlText(id), v.title(id), v.why(id)
		rule.Family, _ = htmlFamilyOf(id)
		v.rules = append(v.rules, *rule)
		v.column[id] = i
	}
	return v
}

func (r *htmlRule) add(f audit.Finding) {
	switch cell := htmlCell(f); {
	case cell == 'w':
		r.Waived++
	case cell == 'n':
		r.None++
	case cell == 'p' || cell == 'd':
		r.Passed++
	case f.Outcome == audit.Failed:
		r.Failed++
		if n := rank(f); n > r.rank {
			r.Worst, r.rank = string(cell), n
		}
	default:
		r.Open++
	}
}

// families groups the columns.
func (v *htmlView) families() (out []htmlFamily) {
	for _, rule := range v.rules {
		if n := len(out); n == 0 || out[n-1].Title != rule.Family {
			out = append(out, htmlFamily{Title: rule.Family})
		}
		last := &out[len(out)-1]
		last.Rules = append(last.Rules, rule)
	}
	return out
}

func (v *htmlView) title(rule string) string {
	if known := v.catalogue[rule]; known != nil {
		return htmlText(shorten(known.Title, htmlBrief))
	}
	return htmlText(shorten(rule, htmlBrief))
}

func (v *htmlView) why(rule string) string {
	if known := v.catalogue[rule]; known != nil {
		return htmlText(known.Why)
	}
	return ""
}

// htmlCell is the letter of an answer, which names its style too: C, H, M, L, I
// failed, c to i not known, w waived, p passed, d declared, n not applicable.
func htmlCell(f audit.Finding) byte {
	switch {
	case f.Outcome == audit.Passed && f.Evidence == access.Attested:
		return 'd'
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
const htmlCells = "CHMLIchmliwdpn "

func htmlLetter(s audit.Severity, failed bool) byte {
	const letters = "HILMHC" // a rule that doesn't say how bad it is counts as high
	if int(s) >= len(letters) {
		s = 0
	}
	letter := letters[s]
	if !failed {
		letter += 'a' - 'A'
	}
	return letter
}

// htmlFinding is one answer of a rule.
type htmlFinding struct {
	Cell, Word, Rule, Title, Message, Remedy, Evidence, Waived string
	New                                                        bool
	Settled                                                    bool // nobody has to do anything
	Answer                                                     int  // its number among the shared ones, from 1
}

func (v *htmlView) finding(f audit.Finding) htmlFinding {
	out := htmlFinding{
		Cell: string(htmlCell(f)), Rule: htmlText(f.Rule), Title: v.title(f.Rule), Message: htmlText(f.Message), Remedy: htmlText(f.Remedy),
		Waived: htmlText(f.Waived), New: f.New,
	}
	switch f.Outcome {
	case audit.Passed, audit.NotApplicable:
		out.Settled = f.Evidence != access.Attested
		out.Word = strings.ReplaceAll(f.Outcome.String(), "-", " ")
	case audit.Failed:
		out.Word = f.Severity.String()
	default:
		out.Word = "not known"
	}
	if f.Evidence != access.NoEvidence {
		out.Evidence = f.Evidence.String()
	}
	return out
}

// htmlIndex is what the page's script filters and sorts by.
type htmlIndex struct {
	Rules []string  `json:"rules"`
	Keys  []htmlRow `json:"keys"`
}

// htmlRow is a key in the index.
type htmlRow struct {
	Name     string `json:"n"`
	Place    string `json:"p"`
	Exchange string `json:"v"`
	KeyID    string `json:"k"`
	Label    string `json:"l,omitempty"` // at the exchange
	Purpose  string `json:"u"`
	Owner    string `json:"o,omitempty"`
	Mark     string `json:"m"` // the cell that stands for the state
	Word     string `json:"w"` // the state
	Headline string `json:"h"`
	Cells    string `json:"c"` // one letter a rule; a space where it gave no answer
	Exposure string `json:"x"`
	Age      int    `json:"a"` // days; -1 where not told
	Changed  bool   `json:"d,omitempty"`
}

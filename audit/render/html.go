package render

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// HTMLOptions change what HTML writes. The zero value is fine.
type HTMLOptions struct {
	// Threshold is the severity from which on a finding sets the program's
	// exit code, which the page explains. High if unset.
	Threshold audit.Severity
	// Rules are the rules that judged, for their titles and reasons;
	// audit.Rules() if empty.
	Rules []*audit.Rule
	// Attest adds to each key the commands by which its owner attests what is unknown.
	Attest AttestFunc
	// Trend is what earlier runs found, for pictures of it, to which the report is added.
	// Without an earlier one there are none.
	Trend []Point
}

// HTML writes a report as one page for a browser: a summary for managers, then
// what changed, the worst findings, a map of keys by rule, the keys with search
// and filter, and one card per key. The page is self-contained. Its content
// security policy forbids all network requests, and all scripts and styles but
// its own. Without scripts, every card can still be read.
//
// The page has the worst ten thousand keys, and counts the others. The same report gives
// the same bytes.
func HTML(w io.Writer, r *audit.Report, o HTMLOptions) error { return whole(NewHTML(w, o), r) }

// NewHTML writes what HTML writes, at the end. It holds the keys that the page has.
func NewHTML(w io.Writer, o HTMLOptions) Writer {
	latest := func(a, b htmlChange) int { return cmp.Or(b.rank-a.rank, strings.Compare(a.order, b.order)) }
	return newWriter(&htmlWriter{
		w: w, o: o, d: newDigest(htmlMostCards), answers: map[string]*htmlRule{}, exchanges: map[string]bool{},
		fresh: first[htmlChange]{most: htmlMostChanges, compare: latest}, resolved: first[htmlChange]{most: htmlMostChanges, compare: latest},
	})
}

// htmlMostCards is how many keys have a card: a browser takes about as many.
const htmlMostCards = 10_000

type htmlWriter struct {
	w               io.Writer
	o               HTMLOptions
	d               *digest
	view            *htmlView
	answers         map[string]*htmlRule // counts, by rule
	exchanges       map[string]bool
	fresh, resolved first[htmlChange]
}

func (h *htmlWriter) Start(r *audit.Report) error {
	h.view = newHTMLView(r, h.o)
	return nil
}

func (h *htmlWriter) Result(r *audit.Result) error {
	e := newEntry(r)
	h.d.add(e)
	h.exchanges[e.exchange()] = true
	for _, f := range e.Findings {
		if h.answers[f.Rule] == nil {
			h.answers[f.Rule] = &htmlRule{}
		}
		h.answers[f.Rule].add(f)
	}
	h.changes(e)
	return nil
}

func (h *htmlWriter) End(r *audit.Report) error {
	out := bufio.NewWriterSize(h.w, 64<<10)
	if err := htmlTemplate.Execute(out, h.page(r)); err != nil {
		return err
	}
	return out.Flush()
}

// The page consists of three plain files.
var (
	//go:embed html/report.html
	htmlSource string
	//go:embed html/report.css
	htmlStyle string
	//go:embed html/report.js
	htmlScript string

	htmlTemplate = template.Must(template.New("report").Parse(htmlSource))
)

// htmlPage is what the template shows. All text of the report in it has been
// through htmlText.
type htmlPage struct {
	Policy string
	Style  template.CSS
	Script template.JS

	Demo        string // what to know of a demonstration; empty for a real run
	Verdict     string
	When        string
	Scope       string // how many exchanges and requests
	Since       string // the previous report; empty without one
	Changed     string // how much, since then or fleet-wide; empty if nothing
	Tiles       []htmlTile
	Counts      []htmlCount
	Changes     htmlChanges
	Fleet       []htmlFinding // about no single key
	Worst       []htmlWorst
	Families    []htmlFamily
	Exchanges   []string
	Index       htmlIndex
	Answers     []htmlFinding // that many cards share
	Exit        string
	Map         string // what the program knew of the exchanges
	Digest      string // of the run, where a state keeps it
	NotAssessed string
	Version     string // of the program that wrote the report
	Schema      int
	Trend       template.HTML // a section; empty without a trend

	Total int    // keys
	More  string // counts those without a card; empty if there are none
	keys  []*entry
	view  *htmlView
}

// Cards are the keys, worst first, each made when it is needed.
func (p *htmlPage) Cards() iter.Seq[htmlCard] {
	return func(yield func(htmlCard) bool) {
		for i := range p.keys {
			if !yield(p.view.card(i, p.keys[i])) {
				return
			}
		}
	}
}

func (h *htmlWriter) page(r *audit.Report) *htmlPage {
	keys, view := h.d.worst.all(), h.view
	view.columns(h.answers)
	cards := make(map[string]int, len(keys))
	for i := len(keys) - 1; i >= 0; i-- {
		cards[keys[i].order] = i
	}
	p := &htmlPage{
		Policy: "default-src 'none'; script-src " + htmlHash(htmlScript) + "; style-src " + htmlHash(htmlStyle) +
			"; img-src data:; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(htmlStyle), //nolint:gosec // ours, and no report's text is in it
		Script: template.JS(htmlScript), //nolint:gosec // the same
		Worst:  view.worst(r, h.d, cards), Families: view.families, Answers: view.share(keys), Total: h.d.n,
		Changes: newHTMLChanges(&h.fresh, &h.resolved, cards),
		Index:   htmlIndex{Rules: view.ids, Titles: view.titles, Keys: make([]htmlRow, 0, len(keys))}, // null is no list to a script
		Exit:    exit(&r.Summary, h.o.Threshold), Version: brief(r.Version), Schema: r.Schema, keys: keys, view: view, Trend: newHTMLTrend(h.o.Trend, r),
		Exchanges: slices.Sorted(maps.Keys(h.exchanges)), Tiles: h.d.tiles.tiles(), Verdict: h.d.verdict(r),
	}
	if rest := h.d.cut.of(nil); rest.n > 0 {
		p.More = fmt.Sprintf("These are the worst %d of %d keys. The others are no worse (%s); the CSV report has them all.", len(keys), h.d.n, rest)
	}
	p.summarize(r)
	for _, f := range r.Findings {
		p.Fleet = append(p.Fleet, view.finding(f))
	}
	for _, e := range keys {
		p.Index.Keys = append(p.Index.Keys, view.row(e))
	}
	return p
}

// htmlHash is how a content-security policy names a script or style.
func htmlHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

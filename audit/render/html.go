package render

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"html/template"
	"io"
	"iter"

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
}

// HTML writes a report as one page for a browser: a summary for managers, then
// what changed, the worst findings, a map of keys by rule, the keys with search
// and filter, and one card per key. The page is self-contained. Its content
// security policy forbids all network requests, and all scripts and styles but
// its own. Without scripts, every card can still be read.
//
// The page is written as it is generated. The same report gives the same bytes.
func HTML(w io.Writer, r *audit.Report, o HTMLOptions) error {
	r, err := checked(r)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := htmlTemplate.Execute(out, newHTMLPage(r, o)); err != nil {
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
	NotAssessed string
	Version     string // of the program that wrote the report
	Schema      int

	keys []entry
	view *htmlView
}

// Cards are the keys, worst first, each made when it is needed.
func (p *htmlPage) Cards() iter.Seq[htmlCard] {
	return func(yield func(htmlCard) bool) {
		for i := range p.keys {
			if !yield(p.view.card(i, &p.keys[i])) {
				return
			}
		}
	}
}

func newHTMLPage(r *audit.Report, o HTMLOptions) *htmlPage {
	keys := entries(r)
	view := newHTMLView(r, keys, o)
	p := &htmlPage{
		Policy: "default-src 'none'; script-src " + htmlHash(htmlScript) + "; style-src " + htmlHash(htmlStyle) +
			"; img-src data:; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(htmlStyle), //nolint:gosec // ours, and no report's text is in it
		Script: template.JS(htmlScript), //nolint:gosec // the same
		Worst:  view.worst(r, keys), Changes: view.changes(keys), Families: view.families, Answers: view.share(keys),
		Index: htmlIndex{Rules: view.ids, Titles: view.titles, Keys: make([]htmlRow, 0, len(keys))}, // null is no list to a script
		Exit:  exit(&r.Summary, o.Threshold), Version: brief(r.Version), Schema: r.Schema, keys: keys, view: view,
	}
	p.summarize(r)
	for _, f := range r.Findings {
		p.Fleet = append(p.Fleet, view.finding(f))
	}
	for i := range keys {
		p.Index.Keys = append(p.Index.Keys, view.row(&keys[i]))
	}
	return p
}

// htmlHash is how a content-security policy names a script or style.
func htmlHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

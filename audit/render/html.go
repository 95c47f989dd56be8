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

// HTMLOptions change what HTML writes. The zero value suits.
type HTMLOptions struct {
	// Threshold is the severity from which on a finding makes the program's
	// exit code, which the page explains. High if unset.
	Threshold audit.Severity
	// Rules explain the rules that judged; audit.Rules() if empty.
	Rules []*audit.Rule
}

// HTML writes a report as one page for a browser: what a manager needs to know
// on top, then what changed, the worst, a map of keys by rule, the keys with
// search and filter, and a card a key. The page holds all it needs and asks no
// network for anything: its policy forbids that, and every script and style
// but its own. Without scripts every card can still be read.
//
// The page is written as it is made. The same report gives the same bytes.
func HTML(w io.Writer, r *audit.Report, o HTMLOptions) error {
	if err := whole(r); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := htmlTemplate.Execute(out, newHTMLPage(r, o)); err != nil {
		return err
	}
	return out.Flush()
}

// The page is made of three plain files.
var (
	//go:embed html/report.html
	htmlSource string
	//go:embed html/report.css
	htmlStyle string
	//go:embed html/report.js
	htmlScript string

	htmlTemplate = template.Must(template.New("report").Parse(htmlSource))
)

// htmlPage is what the template shows. Every text in it has been through shown.
type htmlPage struct {
	Policy string
	Style  template.CSS
	Script template.JS

	Verdict   string
	When      string
	Scope     string // how many exchanges and requests
	Since     string // the last report; empty without one
	Changed   string // how much, since then
	Tiles     []htmlTile
	Counts    []htmlCount
	Changes   htmlChanges
	Fleet     []htmlFinding // about no single key
	Worst     []htmlWorst
	Families  []htmlFamily // of Rules, in their order
	Rules     []htmlRule
	Exchanges []string
	Index     htmlIndex
	Answers   []htmlFinding // that many cards share
	Exit      string
	// NotAssessed says what nobody could judge.
	NotAssessed string
	Schema      int

	keys []entry
	view htmlView
}

// Cards are the keys, worst first, each made when its turn comes.
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
	answers := view.share(keys)
	p := &htmlPage{
		Answers: answers,
		Style:   template.CSS(htmlStyle), Script: template.JS(htmlScript), //nolint:gosec // ours, and no report's text is in them
		Policy: "default-src 'none'; script-src " + htmlHash(htmlScript) + "; style-src " + htmlHash(htmlStyle) +
			"; img-src data:; base-uri 'none'; form-action 'none'",
		Worst: view.worst(r, keys), Changes: view.changes(keys), Rules: view.rules, Families: view.families(),
		Index: htmlIndex{Rules: make([]string, 0, len(view.rules)), Keys: make([]htmlRow, 0, len(keys))}, // null is no list to a script
		Exit:  exit(&r.Summary, o.Threshold), Schema: r.Schema, keys: keys, view: view,
	}
	p.summarize(r)
	for _, f := range r.Findings {
		p.Fleet = append(p.Fleet, view.finding(f))
	}
	for _, rule := range view.rules {
		p.Index.Rules = append(p.Index.Rules, rule.ID)
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

package inventory

import (
	"net/url"
	"path/filepath"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// readIncidents reads what the owner knows of incidents at those who hold keys: a list, or
// the path of a JSON file with one, relative to the inventory's folder.
func (r *reader) readIncidents(n *Node) {
	if n.Kind != Text {
		r.listIncidents(n)
		return
	}
	path := r.textOf(n)
	if path == "" || r.options.Offline {
		return
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.file), path)
	}
	r.options.reads(path)
	data, _, err := readFile(path, maxConfig)
	if err != nil {
		r.report(n, "\"incidents\": %v", err)
		return
	}
	inventory := r.file
	r.file = path // that problems name
	defer func() { r.file = inventory }()
	data = stripJSONC(data)
	root, at := parseJSON(data)
	if root == nil {
		r.problems = append(r.problems, malformed(path, data, at))
		return
	}
	r.listIncidents(root)
}

func (r *reader) listIncidents(n *Node) {
	r.each(func(n *Node) {
		var i audit.Incident
		before := len(r.problems)
		r.object(n, "the incident", []field{
			{"holder", r.text(&i.Holder)},
			{"what", r.text(&i.What)},
			{"until", r.date(&i.Until)},
			{"source", func(n *Node) {
				i.Source = r.textOf(n)
				if u, err := url.Parse(i.Source); i.Source != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
					r.must(n, "be an https URL")
				}
			}},
		}, "holder", "what", "until", "source")
		if len(r.problems) == before {
			r.incidents = append(r.incidents, i)
		}
	})(n)
}

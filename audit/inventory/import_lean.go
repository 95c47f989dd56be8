package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// lean is QuantConnect's engine. Its keys are settings that begin with the
// name of the venue.
var lean = Format{Name: "lean", Title: "LEAN's config.json", Read: readLean}

func readLean(f *Files) ([]Found, error) {
	r, err := f.json(f.Find("lean.json", "config.json", "Launcher/config.json"))
	if err != nil {
		return nil, err
	}
	known := r.of(Object, r.root, "") != nil && (r.root.member("environment") != nil || r.root.member("environments") != nil)
	stage := r.leanStage()
	var out []Found
	for _, venue := range leanVenues(r.root) {
		if venue.member("api-key") == nil || venue.member("api-secret") == nil { // a data vendor's has no secret
			continue
		}
		known = true
		found := r.found(venue.Text, venue.Text, venue.Line, venue.Column)
		found.Key = r.part([]string{"api-key"}, venue)
		found.Secret = r.part([]string{"api-secret"}, venue)
		found.Passphrase = r.part([]string{"passphrase", "api-passphrase"}, venue)
		found.Environment, found.Stage = leanEnvironment(venue), stage
		if found.Key.Line > 0 {
			found.Line, found.Column = found.Key.Line, found.Key.Column
		}
		out = append(out, found)
	}
	if !known && len(r.problems) == 0 {
		r.complain(1, 1, `this is not LEAN's configuration: it has neither "environment" nor a venue's "…-api-key"`)
	}
	return out, r.problems.err()
}

// leanVenues are the settings of each venue as an object, whose text is the
// name of the venue.
func leanVenues(root *Node) (out []*Node) {
	byName := map[string]*Node{}
	for _, m := range root.Members {
		venue, setting, ok := strings.Cut(m.Name, "-")
		if !ok {
			continue
		}
		if byName[venue] == nil {
			byName[venue] = &Node{Kind: Object, Text: venue, Line: m.Line, Column: m.Column}
			out = append(out, byName[venue])
		}
		m.Name = setting
		byName[venue].Members = append(byName[venue].Members, m)
	}
	return out
}

// leanEnvironment reads the switch for play money, or the venue's addresses.
func leanEnvironment(venue *Node) string {
	for _, m := range venue.Members {
		value := strings.ToLower(m.Value.Text)
		switch {
		case slices.Contains([]string{"use-testnet", "use-sandbox", "paper-trading", "environment"}, m.Name):
			if value == "true" || slices.Contains(testWords, value) {
				return "testnet"
			}
		case strings.HasSuffix(m.Name, "url"):
			for _, word := range testWords {
				if strings.Contains(value, word) {
					return word
				}
			}
		}
	}
	return ""
}

// leanStage is what the chosen environment says of all keys.
func (r *botFile) leanStage() audit.Stage {
	name, environments := r.root.member("environment"), r.root.member("environments")
	if name == nil || environments == nil {
		return ""
	}
	chosen := environments.member(name.Text)
	if chosen == nil {
		return ""
	}
	live, ok := r.flag(chosen, "live-mode")
	brokerage := chosen.member("live-mode-brokerage")
	switch {
	case !ok:
		return ""
	case live && brokerage != nil && strings.Contains(brokerage.Text, "Paper"):
		return audit.StageTest
	default:
		return stage(!live)
	}
}

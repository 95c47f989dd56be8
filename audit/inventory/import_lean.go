package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// lean is QuantConnect's engine. Its keys are settings whose names begin with
// the exchange.
var lean = Format{Name: "lean", Title: "LEAN's config.json", Read: readLean}

func readLean(f *Files) ([]Found, error) {
	r, err := f.json(f.Find("lean.json", "config.json", "Launcher/config.json"))
	if err != nil {
		return nil, err
	}
	known := r.expect(Object, r.root, "") != nil &&
		(r.root.member("environment") != nil || r.root.member("environments") != nil)
	stage := r.leanStage()
	var out []Found
	selected, others := r.leanSettings()
	for _, settings := range append([]*Node{selected}, others...) {
		for _, exchange := range leanExchanges(settings) {
			hasKey, hasSecret := exchange.member("api-key") != nil, exchange.member("api-secret") != nil
			_, isExchange := resolveExchange(exchange.Text, f.options.Exchanges)
			if whole := hasKey && hasSecret; !whole && (!isExchange || !hasKey && !hasSecret) { // a data vendor's has no secret
				continue
			}
			known = true
			found := r.leanKey(exchange)
			found.Stage = stage
			if settings != selected {
				found.Stage = ""
				found.skip("its environment is not the one selected by \"environment\"")
			}
			out = append(out, found)
		}
	}
	if !known && len(r.problems) == 0 {
		r.report(1, 1, `this is not LEAN's configuration: it has neither "environment" nor an exchange's "…-api-key"`)
	}
	return out, r.problems.err()
}

// leanSettings are the settings in effect, and those of each environment that is
// not selected. The selected environment overrides the rest of the file.
func (r *botFile) leanSettings() (selected *Node, others []*Node) {
	selected = &Node{Kind: Object}
	name := r.root.member("environment")
	if environments := r.root.member("environments"); environments != nil {
		for _, m := range environments.Members {
			if name != nil && m.Name == name.Text {
				selected.Members = append(selected.Members, m.Value.Members...)
			} else {
				others = append(others, m.Value)
			}
		}
	}
	overrides := *selected
	for _, m := range r.root.Members {
		if overrides.member(m.Name) == nil {
			selected.Members = append(selected.Members, m)
		}
	}
	return selected, others
}

// leanKey is the key of one exchange.
func (r *botFile) leanKey(exchange *Node) Found {
	found := r.found(exchange.Text, exchange.Text, exchange.Line, exchange.Column)
	found.Key = r.part([]string{"api-key"}, exchange)
	found.Secret = r.part([]string{"api-secret"}, exchange)
	found.Passphrase = r.passphrase(&found, []string{"passphrase", "api-passphrase"}, exchange)
	found.Environment = leanEnvironment(exchange)
	if found.Key.Line > 0 {
		found.Line, found.Column = found.Key.Line, found.Key.Column
	}
	return found
}

// leanExchanges are the settings of each exchange as an object whose text is the
// name of the exchange.
func leanExchanges(root *Node) (out []*Node) {
	byName := map[string]*Node{}
	for _, m := range root.Members {
		exchange, setting, ok := strings.Cut(m.Name, "-")
		if !ok {
			continue
		}
		if byName[exchange] == nil {
			byName[exchange] = &Node{Kind: Object, Text: exchange, Line: m.Line, Column: m.Column}
			out = append(out, byName[exchange])
		}
		m.Name = setting
		byName[exchange].Members = append(byName[exchange].Members, m)
	}
	return out
}

// leanEnvironment reads the switch for the test network, or the exchange's URLs.
func leanEnvironment(exchange *Node) string {
	for _, m := range exchange.Members {
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

// leanStage is the stage of all keys in the selected environment.
func (r *botFile) leanStage() audit.Stage {
	name, environments := r.root.member("environment"), r.root.member("environments")
	if name == nil || environments == nil {
		return ""
	}
	selected := environments.member(name.Text)
	if selected == nil {
		return ""
	}
	live, ok := r.flag(selected, "live-mode")
	brokerage := selected.member("live-mode-brokerage")
	switch {
	case !ok:
		return ""
	case live && brokerage != nil && strings.Contains(brokerage.Text, "Paper"):
		return audit.StageTest
	default:
		return stage(!live)
	}
}

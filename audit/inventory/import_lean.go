package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// lean is QuantConnect's engine. Its keys are settings that begin with the
// name of the exchange.
var lean = Format{Name: "lean", Title: "LEAN's config.json", Read: readLean}

func readLean(f *Files) ([]Found, error) {
	r, err := f.json(f.Find("lean.json", "config.json", "Launcher/config.json"))
	if err != nil {
		return nil, err
	}
	known := r.of(Object, r.root, "") != nil && (r.root.member("environment") != nil || r.root.member("environments") != nil)
	stage := r.leanStage()
	var out []Found
	chosen, others := r.leanSettings()
	for _, settings := range append([]*Node{chosen}, others...) {
		for _, exchange := range leanExchanges(settings) {
			hasKey, hasSecret := exchange.member("api-key") != nil, exchange.member("api-secret") != nil
			_, isExchange := placeOf(exchange.Text, f.options.Exchanges)
			if whole := hasKey && hasSecret; !whole && (!isExchange || !hasKey && !hasSecret) { // a data vendor's has no secret
				continue
			}
			known = true
			found := r.leanKey(exchange)
			found.Stage = stage
			if settings != chosen {
				found.Stage = ""
				found.skip("it stands in an environment that is not chosen")
			}
			out = append(out, found)
		}
	}
	if !known && len(r.problems) == 0 {
		r.complain(1, 1, `this is not LEAN's configuration: it has neither "environment" nor an exchange's "…-api-key"`)
	}
	return out, r.problems.err()
}

// leanSettings are the settings that count, which are those of the chosen
// environment and behind them those of the whole file, and the settings of each
// of the other environments.
func (r *botFile) leanSettings() (chosen *Node, others []*Node) {
	chosen = &Node{Kind: Object}
	name := r.root.member("environment")
	if environments := r.root.member("environments"); environments != nil {
		for _, m := range environments.Members {
			if name != nil && m.Name == name.Text {
				chosen.Members = append(chosen.Members, m.Value.Members...)
			} else {
				others = append(others, m.Value)
			}
		}
	}
	over := *chosen
	for _, m := range r.root.Members {
		if over.member(m.Name) == nil {
			chosen.Members = append(chosen.Members, m)
		}
	}
	return chosen, others
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

// leanExchanges are the settings of each exchange as an object, whose text is the
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

// leanEnvironment reads the switch for play money, or the exchange's addresses.
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

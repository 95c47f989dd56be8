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
	r, err := f.entries(f.Find("lean.json", "config.json", "Launcher/config.json"))
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
			_, isExchange := resolveExchange(exchange.Text, f.options.Exchanges)
			hasKey, hasSecret := hasAny(exchange, leanKeyNames), hasAny(exchange, leanSecretNames) || hasAny(exchange, leanWalletNames)
			if whole := hasKey && hasSecret; !whole && (!isExchange || !hasKey && !hasSecret) { // a data vendor's has no secret
				continue
			}
			known = true
			out = append(out, r.oneKey(Member{Name: exchange.Text, Line: exchange.Line, Column: exchange.Column}, func() []Found {
				found := r.leanKey(exchange)
				found.Stage = stage
				if settings != selected {
					found.Stage = ""
					found.skip("its environment is not the one selected by \"environment\": select that, or list the key in an inventory")
				}
				return []Found{found}
			})...)
		}
	}
	out = append(out, r.leanUnread(selected, out, f)...)
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

// The names of the parts, after the exchange's. Coinbase's newer keys have a name
// and a private key: https://github.com/QuantConnect/Lean.Brokerages.Coinbase
var (
	leanKeyNames        = []string{"api-key", "api-name", "api-key-name"}
	leanSecretNames     = []string{"api-secret", "api-private-key"}
	leanWalletNames     = []string{"private-key-hex", "private-key", "wallet-private-key", "mnemonic"}
	leanAccountNames    = []string{"address", "wallet-address", "account-address"}
	leanPassphraseNames = []string{"passphrase", "api-passphrase"}
)

func hasAny(n *Node, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return n.member(name) != nil })
}

// leanKey is the key of one exchange.
func (r *botFile) leanKey(exchange *Node) Found {
	found := r.found(exchange.Text, exchange.Text, exchange.Line, exchange.Column)
	found.Key = r.part(leanKeyNames, exchange)
	found.Secret = r.part(leanSecretNames, exchange)
	found.private = r.part(leanWalletNames, exchange)
	found.Account = r.partAt(r.text(leanAccountNames, exchange))
	r.beside(&found, exchange)
	found.Passphrase = r.passphrase(&found, leanPassphraseNames, exchange)
	r.leanPlace(&found, exchange)
	if part := found.identity(); part.Line > 0 {
		found.Line, found.Column = part.Line, part.Column
	}
	return found
}

// leanUnread names the brokerage of the selected environment if the file has
// settings for it, none of which is read as a key: that would be the one key
// that the engine uses.
func (r *botFile) leanUnread(selected *Node, out []Found, f *Files) []Found {
	brokerage := selected.member("live-mode-brokerage")
	if brokerage == nil {
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(brokerage.Text, "Brokerage"))
	exchange, isExchange := resolveExchange(name, f.options.Exchanges)
	read := slices.ContainsFunc(out, func(found Found) bool {
		other, _ := resolveExchange(found.Exchange, f.options.Exchanges)
		return other.name == exchange.name
	})
	if !isExchange || read {
		return nil
	}
	for _, m := range selected.Members {
		if strings.HasPrefix(m.Name, name+"-") && !isURL(m.Value.Text) && hasValue(m.Value) {
			lost := r.found(name, name, m.Line, m.Column)
			lost.Skip = "it is the brokerage of the selected environment, but its key is not under a known name: list the key in an inventory"
			return []Found{lost}
		}
	}
	return nil
}

// leanExchanges are the settings of each exchange as an object whose text is the
// name of the exchange. That name may contain hyphens: it is what stands before
// the name of a part, and otherwise before the first of them.
func leanExchanges(root *Node) (out []*Node) {
	byName := map[string]*Node{}
	add := func(name string, m Member) {
		if byName[name] == nil {
			byName[name] = &Node{Kind: Object, Text: name, Line: m.Line, Column: m.Column}
			out = append(out, byName[name])
		}
	}
	for _, m := range root.Members {
		if name := leanPrefix(m.Name); name != "" {
			add(name, m)
		}
	}
	for _, m := range root.Members {
		name := m.Name
		for at := strings.LastIndexByte(name, '-'); at > 0; at = strings.LastIndexByte(name, '-') {
			name = name[:at]
			if exchange := byName[name]; exchange != nil {
				m.Name = m.Name[len(name)+1:]
				exchange.Members = append(exchange.Members, m)
				break
			}
		}
	}
	return out
}

// leanPrefix is the name of the exchange in that of a part of a key; empty if it
// is the name of something else.
func leanPrefix(name string) string {
	for _, part := range slices.Concat(leanKeyNames, leanSecretNames, leanWalletNames) {
		if exchange, ok := strings.CutSuffix(name, "-"+part); ok {
			return exchange
		}
	}
	return ""
}

// leanPlace reads the switch for the test network, and the address that does not say so by
// its name.
func (r *botFile) leanPlace(found *Found, exchange *Node) {
	for _, m := range exchange.Members {
		value := strings.ToLower(strings.TrimSpace(m.Value.Text))
		switch {
		case slices.Contains([]string{"use-testnet", "use-sandbox", "paper-trading", "environment"}, m.Name):
			on, set := switchWord(value)
			switch {
			case on || slices.Contains(testWords, value):
				found.Environment = "testnet"
			case !set && !slices.Contains(liveWords, value):
				found.skip(skipSwitch)
			}
		case m.Name == "rest-api" && m.Value.Kind == Text && value != "":
			found.URLs = append(found.URLs, value)
		}
	}
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

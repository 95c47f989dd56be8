package inventory

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// walletKey is the form of a wallet's private key, which is a secret only of exchanges
// whose keys are wallets.
var walletKey = regexp.MustCompile(`^0x[0-9A-Fa-f]{64}$`)

func (p *namedPart) isWallet() bool {
	return p.name.long && !p.name.wallet && walletKey.MatchString(strings.TrimSpace(p.Value.Reveal()))
}

// partName is what the variable's name calls the part, where one exchange alone calls it so.
func (p *namedPart) partName() string {
	for _, n := range adapter.PartNames() {
		if n.Part == p.name.part && len(n.Of) == 1 && strings.HasSuffix(adapter.Fold(p.variable), adapter.Fold(n.Name)) {
			return n.Name
		}
	}
	return ""
}

// unused are the secrets of a wallet exchange that are not the one that is audited, under
// names that the exchange has for them too, and the private keys of wallets beside an API key
// of any other: each is a key of its own.
func (k *variableKey) unused(found *Found) (out []Found) {
	if found.Secret.isZero() {
		return nil
	}
	n := k.name()
	wallets := n.wallet || n.owner != nil
	for i := range k.parts[adapter.SecretPart] {
		p := &k.parts[adapter.SecretPart][i]
		value := p.Value.Reveal()
		why := filled(placeholder("secret", value))
		switch {
		case !wallets && !p.isWallet(), isPlaceholder(value, nil), keytext.Sample(value), p.leads() != "", p.Value.IsZero(), p.Value.Equal(found.Secret.Value):
			continue
		case strings.Contains(found.Skip, show(p.variable)): // which names it
			continue
		case !wallets && why == "":
			why = "holds a wallet's private key: list it in an inventory, if its exchange is supported"
		case why == "":
			why = "holds another secret: list its key in an inventory"
		}
		name := strings.ToLower(strings.ReplaceAll(p.variable, "_", "-"))
		out = append(out, Found{Name: name, Exchange: found.Exchange, File: k.path, Line: p.Line, Column: p.Column, Skip: show(p.variable) + " " + why})
	}
	return out
}

// ofWallet is the variable that holds a wallet's private key, which may be that of any
// exchange; nil if none does. ETH_PRIVATE_KEY says that it is of something else.
func (k *variableKey) ofWallet() *namedPart {
	if slices.ContainsFunc(k.name().stem(), func(word string) bool {
		return !harmless(word) && word != "wallet" && word != "agent" && word != "signer"
	}) {
		return nil
	}
	for _, parts := range k.parts[adapter.KeyPart : adapter.SecretPart+1] {
		for i, p := range parts {
			if value := strings.TrimSpace(p.Value.Reveal()); walletKey.MatchString(value) || p.name.long && walletKey.MatchString("0x"+value) {
				return &parts[i]
			}
		}
	}
	return nil
}

// why says why the wallet's key is not audited, and where it is; empty if there is none.
func (p *namedPart) why(found *Found) string {
	if p == nil {
		return ""
	}
	found.Line, found.Column = p.Line, p.Column
	return skipUnnamed
}

// unnamed says why a key of no known exchange is skipped, and whether it is one.
func (k *variableKey) unnamed(found *Found, first *namedPart) bool {
	n := &first.name
	freqtrades := strings.HasPrefix(strings.ToUpper(first.variable), freqtradePrefix+"EXCHANGE__")
	why := "the names of its variables match no exchange: " + withExchange
	switch {
	case n.several:
		found.Skip = "the names of its variables match two exchanges: " + withExchange
	case freqtrades:
		why = "these are freqtrade's variables: --from freqtrade=config.json reads them, with the file that they add to"
		if k.path != "" {
			why = "these are freqtrade's variables, which --from freqtrade=config.json reads only once they are exported: " + withExchange
		}
	}
	wallet := k.ofWallet()
	if other, holds := k.otherWallet(); wallet == nil && other != nil {
		found.Skip, found.named, found.Line, found.Column = show(other.variable)+holds, other.Value, other.Line, other.Column
		return true
	}
	found.Skip = cmp.Or(found.Skip, wallet.why(found), why)
	return wallet != nil || n.exchange != "" || n.several || freqtrades || k.looksWhole(n)
}

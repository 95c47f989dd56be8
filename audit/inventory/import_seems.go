package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// seems says why a variable whose name says no part is taken for part of a key, or for all of
// it; empty if it is not.
func (r *nameReader) seems(v Variable, n *variableName, placed bool) string {
	switch {
	case v.about:
		return unreadBecause + unreadLine + writeIt
	case isSeed(v, n):
		return holdsSeed
	case r.inURL(v, n):
		return " has a key in its URL: list the key in an inventory"
	case r.inSettings(v):
		return " holds variables of its own, with the key of an exchange: list the key in an inventory"
	case placed:
		return ""
	case r.unclear(v, n):
		return " looks like part of a key, but its name does not say which: list the key in an inventory"
	case r.within(v):
		return " holds the key of an exchange in JSON: list the key in an inventory"
	default:
		return ""
	}
}

// plainEnds are last words of names, besides those in notPart, whose values are no
// secrets although they may look so.
var plainEnds = []string{"id", "uid", "address", "path", "dir", "folder", "file", "symbol", "symbols", "pair", "pairs", "email", "user", "username", "keyring"}

// unclear reports whether a variable looks like part of an exchange's key although
// its name says no part: BYBIT_API_SECRT, BYBIT=KEY:SECRET.
func (r *nameReader) unclear(v Variable, n *variableName) bool {
	last, value := n.words[max(0, len(n.words)-1):], strings.TrimSpace(v.Value.Reveal())
	b, known := resolveExchange(n.exchange, r.exchanges)
	switch {
	case n.part != adapter.NoPart, n.exchange == "", n.foreign && !walletKey.MatchString(value), !known, b.wallet, isAddress(value, exchangeNamed(b.name, r.exchanges)):
		return false
	case slices.Contains(plainEnds, last[0]), slices.Contains(notPart, last[0]):
		return false
	default:
		return !strings.Contains(value, "://") && !strings.HasPrefix(value, "/") && looksSecret(value) && !isPlaceholder(value, nil) && placeholder("key", value) == ""
	}
}

// isAddress reports whether a value can only be the wallet address of somebody at the
// exchange: where a private key may look the same, it is not known.
func isAddress(value string, e *adapter.Exchange) bool {
	switch {
	case e == nil:
		return false
	case e.Needs.Account != nil:
		return e.Needs.Account.Canonical(value) != ""
	default:
		return e.Needs.Wallet != nil && e.Needs.Wallet.Kind == access.Secp256k1Wallet && e.Needs.Wallet.Canonical(value) != ""
	}
}

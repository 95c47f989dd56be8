package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// addIt is what to do about a part that is missing.
const addIt = ": add it, or list the key in an inventory"

// Why a key that lacks something is skipped.
const (
	noExchange = "the file does not say which exchange it is for: " + withExchange
	noKey      = "its secret is there, but its API key is missing" + addIt
	onlyKey    = "its API key is there, but its secret is missing" + addIt
	noPrivate  = "the wallet address of its account is there, but its private key is missing" + addIt
)

// half says which of the two parts that every key has is missing.
func (f *Found) half(e *adapter.Exchange) string {
	switch {
	case f.Key.isZero() && f.Secret.isZero():
		return noPrivate
	case f.Key.isZero() && !hasWallets(e):
		return noKey
	case f.Secret.isZero():
		return onlyKey
	default:
		return ""
	}
}

// misnamed says of half a key which field beside it is the other, by its name.
func (f *Found) misnamed(why string) string {
	missing := map[string]adapter.Part{noKey: adapter.KeyPart, onlyKey: adapter.SecretPart}[why]
	for _, b := range f.besides {
		is := func(n adapter.PartName) bool {
			return n.Part == missing && adapter.Fold(n.Name) == adapter.Fold(b.name)
		}
		if missing != adapter.NoPart && b.isReal() && !b.ofWallet() && slices.ContainsFunc(adapter.PartNames(), is) {
			return strings.TrimSuffix(why, addIt) + ": the bot does not read " + show(b.name) + ": rename it, or list the key in an inventory"
		}
	}
	return why
}

// lacks says which part of a key of the exchange is missing beside its key and secret.
func (f *Found) lacks(e *adapter.Exchange) string {
	switch {
	case e == nil:
		return ""
	case e.Needs.Passphrase && f.Passphrase.isZero() && (!f.Key.isZero() || !hasWallets(e)):
		return "its API key and secret are there, but its passphrase is missing, which keys of " + e.Title + " have" + addIt
	case e.Needs.Wallet != nil && e.Needs.Wallet.NeedsAccount && e.Needs.OwnerForm == nil && f.Account.isZero() && f.Key.isZero():
		return "its private key is there, but the wallet address of its account is missing, which " + e.Title + " requires" + addIt
	default:
		return ""
	}
}

package inventory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// Many bots keep a wallet's private key in a field of its own, beside those for an API
// key and its secret.

// walletSecrets are the names of that field in JSON, and of one for the words from which
// the private key derives.
var walletSecrets = []string{"privateKey", "private_key", "walletPrivateKey", "wallet_private_key", "mnemonic"}

// walletAccounts are the names of the field for the address of the account. Where ccxt has
// another one for it in its options, the first is that of the owner.
var walletAccounts = []string{"walletAddress", "wallet_address", "wallet", "account_address", "accountAddress"}

const misplacedWallet = "a private key is in the place of the wallet address: put the private key and the wallet address each in its own field"

// wallet reads the parts of a wallet.
func (r *botFile) wallet(found *Found, nodes ...*Node) {
	var options []*Node
	for _, n := range nodes {
		if o := r.get(n, "options"); o != nil && o.Kind == Object {
			options = append(options, o)
		}
	}
	r.beside(found, nodes...)
	for _, o := range options { // Paradex's own key is there, and beside it that of the Ethereum wallet
		if own := r.object(o, "paradexAccount"); own != nil {
			found.private, found.Account = r.part(walletSecrets, own), r.partAt(r.text([]string{"address"}, own))
			return
		}
	}
	found.private = r.part(walletSecrets, slices.Concat(nodes, options)...)
	if found.Account = r.partAt(r.text([]string{"deriveWalletAddress"}, options...)); found.Account.isZero() {
		found.Account = r.partAt(r.text(walletAccounts, nodes...))
	}
}

// settled puts a private key that has a field of its own where it belongs. At exchanges
// whose keys are wallets it is the secret. Elsewhere, and beside a pair of a key and
// another secret, one of the two cannot be audited, and is a key that is skipped.
func (f *Found) settled(exchanges []*adapter.Exchange) []Found {
	b, _ := resolveExchange(f.Exchange, exchanges)
	e := exchangeNamed(b.name, exchanges)
	private := f.privateKey()
	if f.private = (Part{}); hasWallets(e) {
		f.place(e)
	} else if !b.wallet && !private.ofWallet() {
		return f.withPrivate(private, e)
	}
	return f.withWallet(private, e)
}

// withWallet are a key and the wallet's private key beside it.
func (f *Found) withWallet(private Part, e *adapter.Exchange) []Found { //nolint:gocyclo // each case is another file that people have
	wallet, pair := *f, *f
	wallet.Secret, wallet.Passphrase = private, Part{}
	if !f.Key.isReal() || f.Secret.isReal() {
		wallet.Key = Part{}
	}
	whole, wallets := f.Secret.isReal() && !f.Secret.Value.Equal(private.Value), hasWallets(e)
	switch beside := f.Key.isReal() || f.Secret.isReal(); {
	case private.isZero(), !private.isReal() && beside && keytext.Sample(private.Value.Reveal()):
		return []Found{*f}
	case !private.isReal() && beside: // a reference, which says why it is not audited
		return []Found{*f, wallet}
	case wallets && whole:
		if e.Needs.OwnerForm == nil { // else it audits pairs, and knows the owner's key
			pair.Skip = cmp.Or(f.Skip, skipPair)
		}
		return []Found{wallet, pair}
	case wallets:
		return []Found{wallet}
	}
	if private.isReal() {
		wallet.Skip = cmp.Or(f.Skip, skipWallet)
	}
	if f.Key.isReal() || whole {
		return []Found{pair, wallet}
	}
	return []Found{wallet}
}

// place decides what the account is. A text of a private key's form, in a field for the
// address of a wallet, is never sent as one.
func (f *Found) place(e *adapter.Exchange) {
	value := strings.TrimSpace(f.Account.Value.Reveal())
	if named := f.accountNamed(e); !named.isZero() && keytext.Account(named.Value.Reveal()) == "" {
		f.Account = named
	} else if walletKey.MatchString(value) && !isPadded(value, e) {
		f.Account, f.Skip = Part{}, cmp.Or(f.Skip, misplacedWallet)
	}
}

// isPadded reports whether a text is an account of Starknet's, which explorers show with zeros
// in front: as long as a private key of Ethereum's, and a smaller number than nearly all are.
func isPadded(value string, e *adapter.Exchange) bool {
	w := e.Needs.Wallet
	return w != nil && w.Kind == access.StarkWallet && w.Canonical(value) != ""
}

// isReal reports whether the part has a value that is no placeholder, as far as is known
// before it is opened.
func (p Part) isReal() bool {
	return p.Open != nil || !p.Value.IsZero() && keytext.Placeholder(p.Value.Reveal()) == ""
}

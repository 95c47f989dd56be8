package adapter

import (
	"regexp"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Wallet is how an exchange knows keys that are wallets. An adapter's package hands it
// in, so that the libraries it needs are linked by the programs that use that adapter,
// and by no others. Its functions are given private keys, and keep and print nothing.
type Wallet struct {
	Kind access.KeyKind
	// Read reads a private key as clients write it. Its error is a sentence that holds
	// nothing of the text.
	Read func(text string) (private []byte, err error)
	// Derive gives a private key's wallet address; empty if no wallet has it.
	Derive func(private []byte) string
	// Canonical writes a wallet address in the one form in which they are compared;
	// empty if the text is none.
	Canonical func(text string) string
	// NeedsAccount: the exchange can't be asked about a key without its account.
	NeedsAccount bool
	// Account is set where the exchange knows accounts by something else than their wallets.
	Account *WalletAccount
	// Signing is set where a documented read is signed.
	Signing *WalletSigning
}

// WalletAccount is how an exchange names the account that a wallet's key trades for.
type WalletAccount struct {
	// Name is what the exchange calls that: "numeric account index".
	Name string
	// Canonical writes it in the one form in which it is compared and sent; empty if the
	// text is none.
	Canonical func(text string) string
	// Owner gives the wallet address that owns the account. Nil where the name doesn't say.
	Owner func(account string) string
}

// WalletSigning is the one thing that a wallet's key signs. The same key signs orders and
// payments, so a session refuses every other text.
type WalletSigning struct {
	// Text is what may be signed, whole.
	Text *regexp.Regexp
	// Encode puts a text into the structure that the exchange documents for it in one
	// of its environments: what is hashed and signed.
	Encode func(environment, text string) []byte
	// Sign signs what is encoded: secp256k1 its hash, as r, s and v.
	Sign func(private, encoded []byte) []byte
}

// account writes the name of an account in one form; empty if the text is none.
func (w *Wallet) account(text string) string {
	if w.Account != nil {
		return w.Account.Canonical(text)
	}
	return w.Canonical(text)
}

// owner is the wallet address that owns an account, as far as its name says.
func (w *Wallet) owner(account string) string {
	switch {
	case w.Account == nil:
		return account
	case w.Account.Owner == nil:
		return ""
	default:
		return w.Account.Owner(account)
	}
}

// accountName is what the exchange calls the name of an account.
func (w *Wallet) accountName() string {
	if w.Account != nil {
		return w.Account.Name
	}
	return "wallet address"
}

// validate checks that the value is whole, and that keys are wallets exactly where it
// is given.
func (w *Wallet) validate(kinds []access.KeyKind, demand func(ok bool, format string, args ...any)) {
	for _, kind := range kinds {
		demand(kind.IsWallet() == (w != nil), "Needs.Wallet must be given exactly where keys are wallets")
		demand(w == nil || w.Kind == kind, "Needs.Kinds must be that of Needs.Wallet")
	}
	demand(w == nil || w.Signing == nil || w.Signing.Text != nil && w.Signing.Encode != nil && w.Signing.Sign != nil, "Needs.Wallet.Signing is incomplete")
	demand(w == nil || w.Account == nil || w.Account.Name != "" && w.Account.Canonical != nil, "Needs.Wallet.Account is incomplete")
	demand(w == nil || w.Read != nil && w.Derive != nil && w.Canonical != nil, "Needs.Wallet lacks a function")
}

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
	// Signing is set where a documented read is signed.
	Signing *WalletSigning
}

// WalletSigning is the one thing that a wallet's key signs. The same key signs orders and
// payments, so a session refuses every other text.
type WalletSigning struct {
	// Text is what may be signed, whole.
	Text *regexp.Regexp
	// Encode puts a text into the structure that the exchange documents for it in one
	// of its environments: what is hashed and signed.
	Encode func(environment, text string) []byte
	// Sign signs the hash of what is encoded: r, s and v.
	Sign func(private, encoded []byte) []byte
}

// validate checks that the value is whole, and that keys are wallets exactly where it
// is given.
func (w *Wallet) validate(kinds []access.KeyKind, demand func(ok bool, format string, args ...any)) {
	for _, kind := range kinds {
		demand(kind.IsWallet() == (w != nil), "Needs.Wallet must be given exactly where keys are wallets")
		demand(w == nil || w.Kind == kind, "Needs.Kinds must be that of Needs.Wallet")
	}
	demand(w == nil || w.Signing == nil || w.Signing.Text != nil && w.Signing.Encode != nil && w.Signing.Sign != nil, "Needs.Wallet.Signing is incomplete")
	demand(w == nil || w.Read != nil && w.Derive != nil && w.Canonical != nil, "Needs.Wallet lacks a function")
}

package adapter

import (
	"errors"
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// WalletSigner is a Signer that holds the key of a wallet, whose address it knows.
type WalletSigner interface {
	Signer
	Address() string
}

// tidy fills in the address of the key's own wallet. A text in the key's place that is
// another address is the account's: many clients have one field for both.
func (w *Wallet) tidy(c Credentials) Credentials {
	canonical := func(text string) string {
		text = keytext.Clean(text)
		if address := w.Canonical(text); address != "" {
			return address
		}
		return text
	}
	c.Key, c.Account = canonical(c.Key), canonical(c.Account)
	own := w.own(&c)
	switch {
	case own == "":
	case c.Key == "":
		c.Key = own
	case c.Key != own && c.Account == "" && w.Canonical(c.Key) != "":
		c.Key, c.Account = own, c.Key
	}
	return c
}

// own is the address of the key's own wallet; empty if it can't be derived.
func (w *Wallet) own(c *Credentials) string {
	if c.Signer != nil {
		if signer, ok := c.Signer.(WalletSigner); ok {
			return w.Canonical(signer.Address())
		}
		return ""
	}
	if private, err := w.Read(c.Secret.Reveal()); err == nil {
		return w.Address(private)
	}
	return ""
}

// problems checks tidy credentials of a wallet, before anything is sent.
func (w *Wallet) problems(c *Credentials, e *Exchange) (privateKey, []string) {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	key, own := privateKey{}, w.own(c)
	if c.Signer != nil {
		problems = append(problems, e.signerProblems(c.Signer)...)
		if own == "" {
			say("the signer does not give its wallet's address")
		}
	} else if private, err := w.readSecret(c); err != nil {
		say("the private key %s", err)
	} else {
		key = privateKey{wallet: private, of: w}
	}
	if own != "" && c.Key != own {
		say("the API key is not the address of the private key's wallet: leave it out, or correct one of them")
	}
	switch {
	case c.Account == "" && w.NeedsAccount:
		say("%s keys act for an account, and its address is not given", e.Title)
	case c.Account != "" && w.Canonical(c.Account) == "":
		say("the account is not an address: copy it again")
	}
	return key, problems
}

// readSecret reads the private key. A seed phrase opens every account of a wallet.
func (w *Wallet) readSecret(c *Credentials) ([]byte, error) {
	secret := c.Secret.Reveal()
	if secret == "" {
		return nil, errors.New("is empty")
	}
	if why := keytext.Placeholder(secret); why != "" && w.Canonical(secret) == "" {
		return nil, errors.New(why)
	}
	private, err := w.Read(secret)
	if err == nil && w.Address(private) == "" {
		err = errors.New("is one that no wallet can have: copy it again")
	}
	return private, err
}

// isMain reports whether the key is known to be that of the account's own wallet: its
// address is the account's.
func (c *Credentials) isMain() bool { return c.Account != "" && c.Account == c.Key }

// role is what is known of a wallet's key before anything is sent.
func (c *Credentials) role(n *Needs) access.Wallet {
	if n.Wallet != nil && c.isMain() {
		return access.MainWallet
	}
	return access.WalletUnknown
}

// judged joins what was known of a wallet's key before the exchange was asked to what
// it answered. The exchange's word counts, and the account's address is then wrong.
func judged(found *access.Snapshot, before access.Wallet) {
	switch {
	case found.Wallet == access.WalletUnknown:
		found.Wallet = before
	case before == access.MainWallet && found.Wallet == access.DelegatedWallet:
		found.Notes = append(found.Notes, "The address given as the account's is this key's own, and the exchange "+
			"reports that the key acts for another account: correct it.")
	}
}

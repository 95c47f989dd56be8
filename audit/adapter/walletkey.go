package adapter

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// WalletSigner is a Signer that holds the key of a wallet.
type WalletSigner interface {
	Signer
	WalletAddress() string
}

// tidy fills in the wallet address of the key itself. A text in the key's place that is
// another wallet address is the account's: many clients have one field for both.
func (w *Wallet) tidy(c Credentials) Credentials {
	canonical := func(text string) string {
		text = keytext.Clean(text)
		return cmp.Or(w.Canonical(text), text)
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

// own is the wallet address of the key itself; empty if it can't be derived.
func (w *Wallet) own(c *Credentials) string {
	if c.Signer != nil {
		if signer, ok := c.Signer.(WalletSigner); ok {
			return w.Canonical(signer.WalletAddress())
		}
		return ""
	}
	if private, err := w.Read(c.Secret.Reveal()); err == nil {
		return w.Derive(private)
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
			say("the signer does not give its wallet address")
		}
	} else if private, err := w.readSecret(c); err != nil {
		say("%s", err)
	} else {
		key = privateKey{wallet: private, of: w}
	}
	switch {
	case c.Key == own, c.Key == "":
	case c.keyProblem() != "":
		say("%s", c.keyProblem())
	case own != "":
		say("the API key is not the wallet address of the private key: leave it out, or correct one of them")
	}
	switch {
	case c.Account == "" && w.NeedsAccount:
		say("%s keys act for an account, whose wallet address is not given", e.Title)
	case c.Account != "" && w.Canonical(c.Account) == "":
		say("the account is not a wallet address: copy it again")
	}
	return key, problems
}

// readSecret reads the private key, or says in a sentence why it is none.
func (w *Wallet) readSecret(c *Credentials) ([]byte, error) {
	secret := c.Secret.Reveal()
	if secret == "" {
		return nil, errors.New("the private key is empty")
	}
	private, err := w.Read(secret)
	if err == nil && w.Derive(private) != "" {
		return private, nil
	}
	if _, is, damage := keytext.Private(secret, ""); is {
		return nil, cmp.Or(damage, errors.New("the private key is not that of a wallet"))
	}
	if why := keytext.Placeholder(secret); why != "" {
		return nil, errors.New("the private key " + why)
	}
	return nil, cmp.Or(err, errors.New("the private key is one that no wallet can have: copy it again"))
}

// isMain reports whether the key is known to be that of the account's own wallet: they
// have one address.
func (c Credentials) isMain() bool { return c.Account != "" && c.Account == c.Key }

// role is what is known of a wallet's key before anything is sent.
func (c Credentials) role(n *Needs) access.Wallet {
	if n.Wallet != nil && c.isMain() {
		return access.MainWallet
	}
	return access.WalletUnknown
}

// judged joins what was known of a wallet's key before the exchange was asked to what
// it answered. The exchange's word counts: the account is then a wrong one.
func judged(found *access.Snapshot, before access.Wallet) {
	switch {
	case found.Wallet == access.WalletUnknown:
		found.Wallet = before
	case before == access.MainWallet && found.Wallet == access.DelegatedWallet:
		found.Notes = append(found.Notes, "The account that was given is this key's own wallet address, and the exchange "+
			"reports that the key acts for another account: correct it.")
	}
}

package adapter

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// WalletSigner is a Signer that holds the key of a wallet.
type WalletSigner interface {
	Signer
	WalletAddress() string
}

// algorithm is what such keys sign with.
func (w *Wallet) algorithm() Algorithm {
	return map[access.KeyKind]Algorithm{access.Secp256k1Wallet: Secp256k1, access.Ed25519Wallet: Ed25519, access.StarkWallet: Stark}[w.Kind]
}

// tidy fills in the wallet address of the key itself. A text in the key's place that is
// another account is what the key trades for: many clients have one field for both.
func (w *Wallet) tidy(c Credentials) Credentials {
	canonical := func(text string, read func(string) string) string {
		text = keytext.Clean(text)
		return cmp.Or(read(text), text)
	}
	c.Account = canonical(c.Account, w.account)
	c.derived = ""
	own := w.own(&c)
	c.derived = own
	switch {
	case own == "":
	case keytext.Clean(c.Key) == "":
		c.Key = own
	case c.Account == "" && w.Canonical(c.Key) != own && w.account(c.Key) != "" && w.swapped(&c) == "":
		c.Key, c.Account = own, w.account(c.Key)
	}
	c.Key = canonical(c.Key, w.Canonical)
	return c
}

// swapped names the part that has changed places with the private key; empty if none has.
// Where both have one form, only what derives from it shows that.
func (w *Wallet) swapped(c *Credentials) string {
	secret := c.Secret.Reveal()
	public := cmp.Or(w.Canonical(secret), w.account(secret))
	if public == "" || c.Signer != nil {
		return ""
	}
	_, none := w.Read(secret)
	holds := func(text string, other func(string) string) bool {
		private, err := w.Read(text)
		return err == nil && (w.Derive(private) == public || none != nil && other(text) == "")
	}
	switch {
	case holds(c.Key, w.Canonical):
		return "API key"
	case holds(c.Account, w.account):
		return w.accountName()
	default:
		return ""
	}
}

// mayShow reports whether the text in the key's place is no private key: at some exchanges
// both halves have one form.
func (w *Wallet) mayShow(c *Credentials) bool {
	_, err := w.Read(c.Key)
	return w.Canonical(c.Key) != "" && (err != nil || c.Key == w.own(c))
}

// own is the wallet address of the key itself; empty if it can't be derived.
func (w *Wallet) own(c *Credentials) string {
	if c.derived != "" {
		return c.derived
	}
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
	} else if private, err := w.readSecret(c, own); err != nil {
		say("%s", err)
	} else {
		key = privateKey{wallet: private, of: w}
	}
	switch {
	case c.Key == own, c.Key == "":
	case c.keyProblem() != "":
		say("%s", c.keyProblem())
	case w.isPrivateOf(c.Key, own):
		say("the private key is in the place of the API key: leave that out")
	case own != "":
		say("the API key is not the wallet address of the private key: leave it out, or correct one of them")
	}
	switch {
	case c.Account == "" && w.NeedsAccount:
		say("%s keys act for an account, whose %s is not given", e.Title, w.accountName())
	case c.Account != "" && w.holdsPrivate(c.Account, own):
		say("the private key is in the place of the account: put the account's %s there", w.accountName())
	case c.Account != "" && w.account(c.Account) == "":
		problems = append(problems, notAccount(c.Account, w.accountName()))
	}
	return key, problems
}

// holdsPrivate reports whether a text is the private key of a wallet, as clients write it or
// in hexadecimal, which some exchanges have for accounts too.
func (w *Wallet) holdsPrivate(text, own string) bool {
	_, err := w.Read(text)
	return err == nil && w.account(text) == "" || w.isPrivateOf(text, own)
}

// isPrivateOf reports whether a text is the private key of a wallet, as clients write it or in
// hexadecimal, which some exchanges have for accounts too.
func (w *Wallet) isPrivateOf(text, own string) bool {
	private, err := w.Read(text)
	if err != nil {
		private, err = hex.DecodeString(strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X"))
	}
	return err == nil && own != "" && w.Derive(private) == own
}

// privateForm is what private keys look like, and no account that is named by a wallet address
// does: in hexadecimal, whole in base58, and with the prefix that NEAR has.
var privateForm = regexp.MustCompile(`^(?:(?:0[xX])?(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{80}|[0-9A-Fa-f]{128})|[1-9A-HJ-NP-Za-km-z]{86,88}|ed25519:.+)$`)

// notAccount says that a text is not the name of an account.
func notAccount(text, name string) string {
	if privateForm.MatchString(text) {
		return "what is given as the account has the form of a private key: put the account's " + name + " there"
	}
	return "the account is not a " + name + ": copy it again"
}

// readSecret reads the private key, or says in a sentence why it is none.
func (w *Wallet) readSecret(c *Credentials, own string) ([]byte, error) {
	secret := c.Secret.Reveal()
	if secret == "" {
		return nil, errors.New("the private key is empty")
	}
	private, err := w.Read(secret)
	if err == nil && own != "" {
		return private, nil
	}
	if _, is, damage := keytext.Private(secret, ""); is {
		return nil, cmp.Or(damage, errors.New("the private key is not that of a wallet"))
	}
	if err != nil && cmp.Or(w.Canonical(secret), w.account(secret)) != "" { // also of an account that is a number, which no private key is
		return nil, errors.New("a " + w.accountName() + " is in the place of the private key: put the private key there")
	}
	if why := keytext.Placeholder(secret); why != "" {
		return nil, errors.New("the private key " + why)
	}
	return nil, cmp.Or(err, errors.New("the private key is one that no wallet can have: copy it again"))
}

// mainWallet is why nothing is asked with the key of a wallet that owns an account.
const mainWallet = "this is the key of the account's own wallet, with which an audit signs nothing: give a delegated key"

// isMain reports whether the key is known to be that of the account's own wallet: they
// have one address, or it has the form that only such a wallet's key has there.
func (c Credentials) isMain(n *Needs) bool {
	return c.ownsByForm(n) || n.Wallet != nil && c.Account != "" && n.Wallet.owner(c.Account) == c.Key
}

func (c Credentials) ownsByForm(n *Needs) bool {
	return c.Signer == nil && n.owns(c.Secret.Reveal())
}

// role is what is known of a wallet's key before anything is sent.
func (c Credentials) role(n *Needs) access.Wallet {
	if c.isMain(n) {
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

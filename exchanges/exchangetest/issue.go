package exchangetest

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Issue creates a key at the exchange and returns what its owner would hold. Every
// secret is unique and recognisable, so that a leak can be searched for.
func (f *Fake) Issue(spec Spec) adapter.Credentials {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serial++
	k := &Issued{Spec: spec, Serial: f.serial}
	k.Permissions, k.IPs, k.Faults = slices.Clone(spec.Permissions), slices.Clone(spec.IPs), slices.Clone(spec.Faults)
	k.Kind = f.def.kind(spec.Kind)
	k.ID, k.Secret = Hex(32, f.def.Name, "id", k.Serial), Hex(64, f.def.Name, "secret", k.Serial)
	k.makePair(f.def.Name)
	if address := addressOf(k.PublicKey); address != "" {
		k.ID = address
	}
	if f.def.WalletAddress != nil {
		k.ID = f.def.WalletAddress(k.PrivateKey)
	}
	if f.def.Shape != nil {
		f.def.Shape(k)
	}
	if k.PrivateKey != "" {
		k.Secret = k.PrivateKey
	}
	f.keys[k.ID] = k
	return adapter.Credentials{
		Key: k.ID, Account: k.Account, Secret: adapter.NewSecret(k.Secret), Passphrase: adapter.NewSecret(k.Passphrase), OTP: adapter.NewSecret(k.OTP),
	}
}

// kind is the kind of a new key: the exchange's default unless another is asked
// for.
func (d *Definition) kind(asked access.KeyKind) access.KeyKind {
	if asked == access.KindOfKeyUnknown && len(d.Kinds) > 0 {
		return d.Kinds[0]
	}
	return asked
}

// Adopt registers a key that its owner already has: from then on the exchange
// knows it as if it had issued it, without what the owner's file added. It refuses
// credentials from which no signature can be verified, without repeating them.
func (f *Fake) Adopt(c adapter.Credentials, spec Spec) error {
	id, secret := asIssued(c.Key), asIssued(c.Secret.Reveal())
	private := privateFrom(secret)
	account := f.def.account(trimmed(c.Account))
	if own := addressOf(publicOf(private)); own != "" && slices.ContainsFunc(f.def.Kinds, access.KeyKind.IsWallet) {
		if f.def.WalletAddress != nil {
			own = f.def.WalletAddress(secret)
		}
		if account == "" && !strings.EqualFold(id, own) { // clients have one field for both
			account = f.def.account(id)
		}
		id = own
	}
	if id == "" || secret == "" {
		return errors.New("exchangetest: a key needs its identifier and its secret")
	}
	k := &Issued{Spec: spec, ID: id, Secret: secret, Account: account, Passphrase: trimmed(c.Passphrase.Reveal())}
	k.OTP = trimmed(c.OTP.Reveal())
	k.Kind = f.def.kind(access.KindOfKeyUnknown)
	if strings.Contains(secret, "-----BEGIN") || !slices.Contains(f.def.Kinds, access.SharedSecret) {
		k.Secret, k.PrivateKey, k.PublicKey = c.Secret.Reveal(), secret, publicOf(private)
		if k.Kind = kindOf(k.PublicKey); k.PublicKey == nil {
			return errors.New("exchangetest: the private key is not an Ed25519, RSA or ECDSA key, or a wallet's, that can be read")
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serial++
	k.Serial = f.serial
	f.keys[k.ID] = k
	return nil
}

// account is the name of an account as the exchange compares it: in base58 capitals count.
func (d *Definition) account(text string) string {
	if lower := strings.ToLower(text); strings.HasPrefix(lower, "0x") || !slices.Contains(d.Kinds, access.Ed25519Wallet) {
		return lower
	}
	return text
}

// Revoke deletes a key.
func (f *Fake) Revoke(c adapter.Credentials) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.keys, c.Key)
}

// Change edits a key, as its owner would on the exchange's page.
func (f *Fake) Change(c adapter.Credentials, edit func(*Spec)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k := f.keys[c.Key]; k != nil {
		edit(&k.Spec)
	}
}

// Canaries lists every secret text that the exchange has issued: nothing may
// print one.
func (f *Fake) Canaries() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, k := range f.keys {
		for _, s := range []string{k.Secret, k.Passphrase, k.OTP} {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Hex is text of n hexadecimal characters that depends on the parts alone: the
// identifier or secret of a key, unique and the same in every run. Name the
// exchange, what it is for, and [Issued.Serial].
func Hex(n int, parts ...any) string {
	out := ""
	for i := 0; len(out) < n; i++ {
		sum := sha256.Sum256(fmt.Append(nil, parts, i))
		out += hex.EncodeToString(sum[:])
	}
	return out[:n]
}

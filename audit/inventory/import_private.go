package inventory

import (
	"cmp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// At most exchanges the private key in a field of its own is the other half of the API key
// beside it, and no wallet's.

// privateKey is the private key that has a field of its own, under a name that the bot has
// for it, or under another that says so.
func (f *Found) privateKey() Part {
	if !f.private.isZero() {
		return f.private
	}
	for _, b := range f.besides {
		if _, is, _ := keytext.Private(b.Value.Reveal(), ""); is && strings.HasSuffix(adapter.Fold(b.name), "privatekey") {
			return b.Part
		}
	}
	return Part{}
}

// ofWallet reports whether the part has the form of a wallet's private key.
func (p Part) ofWallet() bool {
	value := strings.TrimSpace(p.Value.Reveal())
	return walletKey.MatchString(value) || walletKey.MatchString("0x"+value)
}

// withPrivate is the key where the private key is the secret, if it has no other. Else
// the private key is another, which is skipped.
func (f *Found) withPrivate(private Part, e *adapter.Exchange) []Found {
	switch {
	case private.isZero() || private.Value.Equal(f.Secret.Value):
		return []Found{*f}
	case !f.Secret.isReal():
		if f.Secret = private; private.isReal() && !private.maybeSecret(e) {
			f.Skip = cmp.Or(f.Skip, skipNoForm)
		}
		return []Found{*f}
	case keytext.Sample(private.Value.Reveal()):
		return []Found{*f}
	}
	other := *f
	other.Key, other.Secret, other.Passphrase = Part{}, private, Part{}
	if private.isReal() {
		other.Skip = cmp.Or(f.Skip, skipSecond)
	}
	return []Found{*f, other}
}

// maybeSecret reports whether the part may be the secret of an API key. Where exchanges take
// both kinds, a text that is no private key would be taken for a shared secret.
func (p Part) maybeSecret(e *adapter.Exchange) bool {
	if e == nil || p.Open != nil || len(e.Needs.Kinds) == 1 || e.Needs.Encoding == adapter.KeyText {
		return true
	}
	value := p.Value.Reveal()
	_, is, _ := keytext.Private(value, "")
	return is || e.Needs.SecretForm != nil && e.Needs.SecretForm.MatchString(value)
}

package adapter_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// toyWallet derives "w:" and the beginning of the private key, and signs by repeating what
// is encoded.
func toyWallet() *adapter.Wallet {
	return &adapter.Wallet{
		Kind: access.Secp256k1Wallet,
		Read: func(text string) ([]byte, error) { return hex.DecodeString(strings.TrimPrefix(text, "0x")) },
		Derive: func(private []byte) string {
			if len(private) != 32 {
				return ""
			}
			return "w:" + hex.EncodeToString(private[:2])
		},
		Canonical: func(text string) string {
			if lower := strings.ToLower(text); strings.HasPrefix(lower, "w:") {
				return lower
			}
			return ""
		},
		NeedsAccount: true,
		Signing: &adapter.WalletSigning{
			Text:   regexp.MustCompile(`^read at [0-9]+$`),
			Encode: func(environment, text string) []byte { return []byte(environment + ": " + text) },
			Sign:   func(private, encoded []byte) []byte { return append(encoded, private[0]) },
		},
	}
}

var privateText = strings.Repeat("ab", 32)

// inspectWallet inspects a key at an exchange of wallets that asks ask of the session.
func inspectWallet(t *testing.T, c adapter.Credentials, ask func(context.Context, *adapter.Session) error) (*access.Snapshot, error) {
	t.Helper()
	e := toyExchange(func(e *adapter.Exchange) {
		e.Needs = adapter.Needs{Kinds: []access.KeyKind{access.Secp256k1Wallet}, Wallet: toyWallet()}
		e.Limit = adapter.Limit{Requests: 1000, Per: time.Second}
		e.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			if err := ask(ctx, s); err != nil {
				return nil, err
			}
			return &access.Snapshot{}, nil
		}
	})
	require.NoError(t, e.Validate())
	i := adapter.NewInspector(adapter.Options{Transport: refuseAll{}, Attempts: 1})
	return i.Inspect(t.Context(), &adapter.Target{Exchange: e, Credentials: c})
}

type refuseAll struct{}

func (refuseAll) RoundTrip(*http.Request) (*http.Response, error) { panic("nothing is to be sent") }

// TestWalletSignsOneThing: a wallet's key signs the declared text, encoded for the
// environment, and nothing else: it could be an order.
func TestWalletSignsOneThing(t *testing.T) {
	t.Parallel()
	c := adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret(privateText)}
	_, err := inspectWallet(t, c, func(ctx context.Context, s *adapter.Session) error {
		signature, err := s.Sign(ctx, adapter.Secp256k1, "read at 7")
		require.NoError(t, err)
		assert.Equal(t, "live: read at 7\xab", string(signature))
		assert.NotContains(t, s.Scrub("it was "+hex.EncodeToString(signature)), "72656164")
		for _, text := range []string{"", "sell at 7", "read at 7 and sell", "read at 7\nsell", "read at "} {
			_, err := s.Sign(ctx, adapter.Secp256k1, text)
			require.ErrorIs(t, err, access.KindGuard, text)
		}
		for _, alg := range []adapter.Algorithm{adapter.Ed25519, adapter.ES256, adapter.RSASHA256} {
			_, err := s.Sign(ctx, alg, "read at 7")
			require.ErrorIs(t, err, access.KindInput, alg)
		}
		assert.Empty(t, s.Secret())
		assert.Equal(t, "w:abab", s.Key())
		assert.Equal(t, "w:main", s.Account())
		return nil
	})
	require.NoError(t, err)
}

// TestMainWalletSignsNothing: an audit has no use for the signature of an account's own
// wallet, which could be taken for its consent.
func TestMainWalletSignsNothing(t *testing.T) {
	t.Parallel()
	s, err := inspectWallet(t, adapter.Credentials{Account: "w:abab", Secret: adapter.NewSecret(privateText)}, func(ctx context.Context, s *adapter.Session) error {
		_, err := s.Sign(ctx, adapter.Secp256k1, "read at 7")
		return err
	})
	require.ErrorIs(t, err, access.KindInput)
	assert.Equal(t, access.MainWallet, s.Wallet)
}

// TestWalletParts: what is given of a wallet's key is one key, or is refused by name.
func TestWalletParts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given adapter.Credentials
		says  string // empty if it is good
	}{
		"account and secret":         {adapter.Credentials{Account: "w:main"}, ""},
		"the account as the key":     {adapter.Credentials{Key: "W:MAIN"}, ""},
		"all three":                  {adapter.Credentials{Key: "w:ABAB", Account: " w:Main\n"}, ""},
		"another wallet as the key":  {adapter.Credentials{Key: "w:cdcd", Account: "w:main"}, "is not the wallet address of the private key"},
		"no account":                 {adapter.Credentials{Key: "w:abab"}, "Toy keys act for an account, whose wallet address is not given"},
		"an account that is none":    {adapter.Credentials{Account: "main"}, "the account is not a wallet address"},
		"a signer without a wallet":  {adapter.Credentials{Account: "w:main", Signer: plainSigner{}}, "the signer does not give its wallet address"},
		"a signer of another kind":   {adapter.Credentials{Account: "w:main", Signer: plainSigner{}}, "does not take a shared-secret key from the signer"},
		"a PEM key":                  {adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret(pemOf(t, ed25519.NewKeyFromSeed(make([]byte, 32))))}, "the private key is not that of a wallet"},
		"a key that no wallet has":   {adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret("badcfe1032")}, "one that no wallet can have"},
		"an unresolved reference":    {adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret("${TOY_PK}")}, "the private key is a reference to a variable"},
		"a placeholder for a wallet": {adapter.Credentials{Key: "your_wallet", Account: "w:main"}, "placeholder"},
	} {
		if c.given.Secret.IsZero() && c.given.Signer == nil {
			c.given.Secret = adapter.NewSecret(privateText)
		}
		s, err := inspectWallet(t, c.given, func(_ context.Context, s *adapter.Session) error {
			assert.Equal(t, "w:abab", s.Key(), name)
			assert.Equal(t, "w:main", s.Account(), name)
			return nil
		})
		if c.says == "" {
			require.NoError(t, err, name)
			assert.Equal(t, access.Secp256k1Wallet, s.KeyKind, name)
			continue
		}
		require.ErrorIs(t, err, access.KindInput, name)
		require.ErrorContains(t, err, c.says, name)
	}
}

// TestWalletMatches: the snapshot of a wallet's key is recognised by its own wallet, which
// derives from the private key, and not by the account.
func TestWalletMatches(t *testing.T) {
	t.Parallel()
	e := toyExchange(func(e *adapter.Exchange) {
		e.Needs = adapter.Needs{Kinds: []access.KeyKind{access.Secp256k1Wallet}, Wallet: toyWallet()}
		e.Inspect = func(context.Context, *adapter.Session) (*access.Snapshot, error) { return &access.Snapshot{}, nil }
	})
	c := adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret(privateText)}
	target := &adapter.Target{Exchange: e, Credentials: c}
	i := adapter.NewInspector(adapter.Options{Transport: refuseAll{}})
	s, err := i.Inspect(t.Context(), target)
	require.NoError(t, err)
	assert.True(t, target.Matches(s, c))
	assert.True(t, target.Matches(s, adapter.Credentials{Key: "W:ABAB", Account: "w:main", Secret: c.Secret}))
	assert.False(t, target.Matches(s, adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret(strings.Repeat("cd", 32))}))
	assert.False(t, target.Matches(s, adapter.Credentials{Account: "w:main"}))
}

// plainSigner holds no wallet.
type plainSigner struct{}

func (plainSigner) KeyKind() access.KeyKind { return access.SharedSecret }

func (plainSigner) Sign(context.Context, adapter.Algorithm, []byte) ([]byte, error) { return nil, nil }

// TestWalletDescriptors: keys are wallets where Wallet is given, and nowhere else.
func TestWalletDescriptors(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*adapter.Exchange){
		"no wallet":          func(e *adapter.Exchange) { e.Needs.Wallet = nil },
		"another kind":       func(e *adapter.Exchange) { e.Needs.Kinds = []access.KeyKind{access.Ed25519Wallet} },
		"shared secrets too": func(e *adapter.Exchange) { e.Needs.Kinds = append(e.Needs.Kinds, access.SharedSecret) },
		"no function":        func(e *adapter.Exchange) { e.Needs.Wallet.Derive = nil },
		"half of an account": func(e *adapter.Exchange) { e.Needs.Wallet.Account = &adapter.WalletAccount{Name: "number"} },
		"two accounts": func(e *adapter.Exchange) {
			e.Needs.Account = &adapter.WalletAccount{Name: "number", Canonical: strings.ToLower}
		},
		"half of signing": func(e *adapter.Exchange) { e.Needs.Wallet.Signing.Text = nil },
	} {
		e := toyExchange(func(e *adapter.Exchange) {
			e.Needs = adapter.Needs{Kinds: []access.KeyKind{access.Secp256k1Wallet}, Wallet: toyWallet()}
			e.Limit = adapter.Limit{Requests: 1, Per: time.Second}
		}, edit)
		require.ErrorContains(t, e.Validate(), "Wallet", name)
	}
}

// TestNumberedAccounts: an exchange may know accounts by something else than their wallets,
// and the wallet that owns one may be in its name.
func TestNumberedAccounts(t *testing.T) {
	t.Parallel()
	named := func(owner func(string) string) *adapter.Exchange {
		return toyExchange(func(e *adapter.Exchange) {
			w := toyWallet()
			w.Account = &adapter.WalletAccount{Name: "number", Canonical: func(text string) string {
				if strings.HasPrefix(text, "n:") {
					return strings.TrimSpace(text)
				}
				return ""
			}, Owner: owner}
			e.Needs = adapter.Needs{Kinds: []access.KeyKind{access.Secp256k1Wallet}, Wallet: w}
			e.Inspect = func(_ context.Context, s *adapter.Session) (*access.Snapshot, error) {
				assert.Equal(t, "n:7", s.Account())
				assert.Equal(t, "w:abab", s.Key())
				return &access.Snapshot{}, nil
			}
		})
	}
	ask := func(e *adapter.Exchange, c adapter.Credentials) (*access.Snapshot, error) {
		c.Secret = adapter.NewSecret(privateText)
		return adapter.NewInspector(adapter.Options{Transport: refuseAll{}}).Inspect(t.Context(), &adapter.Target{Exchange: e, Credentials: c})
	}
	for _, c := range []adapter.Credentials{{Account: "n:7 "}, {Key: "n:7"}, {Key: "W:ABAB", Account: "n:7"}} {
		s, err := ask(named(nil), c)
		require.NoError(t, err)
		assert.Equal(t, access.WalletUnknown, s.Wallet)
		s, err = ask(named(func(string) string { return "w:abab" }), c)
		require.NoError(t, err)
		assert.Equal(t, access.MainWallet, s.Wallet)
	}
	_, err := ask(named(nil), adapter.Credentials{})
	require.ErrorContains(t, err, "Toy keys act for an account, whose number is not given")
	_, err = ask(named(nil), adapter.Credentials{Account: "w:main"})
	require.ErrorContains(t, err, "the account is not a number")
}

// TestOwnerForm: the key of an account's own wallet, in the place of another kind of key, is
// known by its form, signs nothing and is not taken for that kind.
func TestOwnerForm(t *testing.T) {
	t.Parallel()
	for name, needs := range map[string]adapter.Needs{
		"a shared secret": {Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64URL},
		"a wallet":        {Kinds: []access.KeyKind{access.Secp256k1Wallet}, Wallet: toyWallet()},
	} {
		needs.OwnerForm = regexp.MustCompile("^(?:0x)?[0-9a-f]{64}$")
		e := toyExchange(func(e *adapter.Exchange) { e.Needs = needs })
		for _, text := range []string{privateText, "0x" + privateText, " 0x" + privateText + "\n"} {
			c := adapter.Credentials{Key: "w:abab", Account: "w:main", Secret: adapter.NewSecret(text)}
			s, err := adapter.NewInspector(adapter.Options{Transport: refuseAll{}}).Inspect(t.Context(), &adapter.Target{Exchange: e, Credentials: c})
			require.ErrorIs(t, err, access.KindInput, name)
			require.ErrorContains(t, err, "the account's own wallet", name)
			assert.Equal(t, access.MainWallet, s.Wallet, name)
		}
	}
}

// TestWalletOfOneForm: where a private key looks like what it is known by, a swapped pair
// and a private key in another place are recognised, and nothing of one is shown or sent.
func TestWalletOfOneForm(t *testing.T) {
	t.Parallel()
	w := &adapter.Wallet{
		Kind: access.Ed25519Wallet, Read: hex.DecodeString,
		Derive: func(private []byte) string {
			sum := sha256.Sum256(private)
			return hex.EncodeToString(sum[:16])
		},
		Canonical: func(text string) string {
			if len(text) == 32 {
				return text
			}
			return ""
		},
	}
	e := toyExchange(func(e *adapter.Exchange) {
		e.Needs = adapter.Needs{Kinds: []access.KeyKind{access.Ed25519Wallet}, Wallet: w}
	})
	private := strings.Repeat("a0", 16)
	public, other := w.Derive([]byte(strings.Repeat("\xa0", 16))), strings.Repeat("c1", 16)
	for says, c := range map[string]adapter.Credentials{
		"put each where the other is":                       {Key: private, Secret: adapter.NewSecret(public)},
		"is not the wallet address of the private key":      {Key: other, Account: public, Secret: adapter.NewSecret(private)},
		"the private key is in the place of the account":    {Account: private, Secret: adapter.NewSecret(private)},
		"the private key is in the place of the account: p": {Key: private, Secret: adapter.NewSecret(private)},
	} {
		s, err := adapter.NewInspector(adapter.Options{Transport: refuseAll{}}).Inspect(t.Context(), &adapter.Target{Exchange: e, Credentials: c})
		require.ErrorContains(t, err, says)
		assert.Contains(t, []string{"", access.MaskID(public)}, s.KeyID, says)
		assert.Empty(t, s.Account.ID, says)
	}
}

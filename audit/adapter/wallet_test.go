package adapter_test

import (
	"context"
	"crypto/ed25519"
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
		"a key that no wallet has":   {adapter.Credentials{Account: "w:main", Secret: adapter.NewSecret("abcdef0123")}, "one that no wallet can have"},
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
		"half of signing":    func(e *adapter.Exchange) { e.Needs.Wallet.Signing.Text = nil },
	} {
		e := toyExchange(func(e *adapter.Exchange) {
			e.Needs = adapter.Needs{Kinds: []access.KeyKind{access.Secp256k1Wallet}, Wallet: toyWallet()}
			e.Limit = adapter.Limit{Requests: 1, Per: time.Second}
		}, edit)
		require.ErrorContains(t, e.Validate(), "Wallet", name)
	}
}

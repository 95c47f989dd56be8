package adapter_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// within runs f inside an inspection that sends nothing, and returns what
// becomes of its error.
func within(t *testing.T, key *adapter.Target, opts adapter.Options, f func(ctx context.Context, s *adapter.Session) error) (*access.Snapshot, error) {
	t.Helper()
	exchange := *key.Exchange
	exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		if err := f(ctx, s); err != nil {
			return nil, err
		}
		return &access.Snapshot{}, nil
	}
	key.Exchange = &exchange
	if opts.Transport == nil {
		opts.Transport = &toyFake{}
	}
	return inspect(t.Context(), key, opts)
}

func TestSign(t *testing.T) {
	const message = "GET\n/key?t=1\n"
	public, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	digest := sha256.Sum256([]byte(message))
	mac := func(h func() hash.Hash, secret string) func([]byte) bool {
		m := hmac.New(h, []byte(secret))
		m.Write([]byte(message))
		return func(got []byte) bool { return hmac.Equal(got, m.Sum(nil)) }
	}
	raw := "bytes\x00\xff"
	for name, c := range map[string]struct {
		alg      adapter.Algorithm
		secret   string
		encoding adapter.Encoding
		verify   func([]byte) bool // nil: cannot sign
	}{
		"hmac-sha256":         {adapter.HMACSHA256, toySecret, adapter.Plain, mac(sha256.New, toySecret)},
		"hmac-sha384":         {adapter.HMACSHA384, toySecret, adapter.Plain, mac(sha512.New384, toySecret)},
		"hmac-sha512":         {adapter.HMACSHA512, toySecret, adapter.Plain, mac(sha512.New, toySecret)},
		"hmac-sha512, base64": {adapter.HMACSHA512, base64.StdEncoding.EncodeToString([]byte(raw)), adapter.Base64, mac(sha512.New, raw)},
		"ed25519":             {adapter.Ed25519, pemOf(t, ed), adapter.Plain, func(s []byte) bool { return ed25519.Verify(public, []byte(message), s) }},
		"ed25519, text":       {adapter.Ed25519, base64.StdEncoding.EncodeToString(ed.Seed()), adapter.KeyText, func(s []byte) bool { return ed25519.Verify(public, []byte(message), s) }},
		"rsa":                 {adapter.RSASHA256, pemOf(t, rs), adapter.Plain, func(s []byte) bool { return rsa.VerifyPKCS1v15(&rs.PublicKey, crypto.SHA256, digest[:], s) == nil }},
		"rsa-pss": {adapter.RSAPSSSHA256, pemOf(t, rs), adapter.Plain, func(s []byte) bool {
			return rsa.VerifyPSS(&rs.PublicKey, crypto.SHA256, digest[:], s, &rsa.PSSOptions{SaltLength: 32}) == nil
		}},
		"rsa-pss with ed25519":    {adapter.RSAPSSSHA256, pemOf(t, ed), adapter.Plain, nil},
		"es256":                   {adapter.ES256, pemOf(t, ec), adapter.Plain, func(s []byte) bool { return verifyES256(&ec.PublicKey, digest[:], s) }},
		"es256 with P-384":        {adapter.ES256, pemOf(t, wide), adapter.Plain, nil},
		"ed25519 with rsa":        {adapter.Ed25519, pemOf(t, rs), adapter.Plain, nil},
		"rsa with ed25519":        {adapter.RSASHA256, pemOf(t, ed), adapter.Plain, nil},
		"es256 with a text":       {adapter.ES256, toySecret, adapter.Plain, nil},
		"an algorithm of nowhere": {adapter.Algorithm(99), toySecret, adapter.Plain, nil},
	} {
		t.Run(name, func(t *testing.T) {
			key := toyKey(func(k *adapter.Target) {
				k.Exchange.Needs = adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key, access.RSAKey, access.ECDSAKey}, Encoding: c.encoding}
				k.Credentials.Secret = adapter.NewSecret(c.secret)
			})
			for range 3 { // an ECDSA half is shorter than 32 bytes now and then
				var signature []byte
				_, err := within(t, key, adapter.Options{}, func(ctx context.Context, s *adapter.Session) (err error) {
					signature, err = s.Sign(ctx, c.alg, message)
					return err
				})
				if c.verify == nil {
					require.ErrorIs(t, err, access.KindInput)
					assert.Regexp(t, "cannot sign with|exchanges take P-256 only", err.Error())
					assert.Empty(t, signature)
					return
				}
				require.NoError(t, err)
				assert.True(t, c.verify(signature))
			}
		})
	}
}

func verifyES256(public *ecdsa.PublicKey, digest, signature []byte) bool {
	return len(signature) == 64 &&
		ecdsa.Verify(public, digest, new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}

// hsm signs with something this process doesn't hold.
type hsm struct {
	signature []byte
	err       error
	got       *[]string
}

func (hsm) KeyKind() access.KeyKind { return access.SharedSecret }

func (h hsm) Sign(ctx context.Context, alg adapter.Algorithm, message []byte) ([]byte, error) {
	*h.got = append(*h.got, alg.String()+" "+string(message))
	return h.signature, errors.Join(h.err, ctx.Err())
}

func TestSigner(t *testing.T) {
	var got []string
	ctx, cancel := context.WithCancel(t.Context())
	sign := func(h hsm) (signature []byte, err error) {
		key := toyKey(func(k *adapter.Target) { k.Credentials = adapter.Credentials{Key: toyID, Signer: h} })
		exchange := *key.Exchange
		exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			assert.Equal(t, access.SharedSecret, s.KeyKind())
			assert.Empty(t, s.Secret())
			signature, err = s.Sign(ctx, adapter.HMACSHA256, "message")
			return &access.Snapshot{}, err
		}
		key.Exchange = &exchange
		_, err = inspect(ctx, key, adapter.Options{Transport: &toyFake{}})
		return signature, err
	}
	signature, err := sign(hsm{signature: []byte{1, 2}, got: &got})
	require.NoError(t, err)
	assert.Equal(t, []byte{1, 2}, signature)
	assert.Equal(t, []string{"hmac-sha256 message"}, got)

	const hidden = "Toy: the key cannot be audited as given: the signer did not sign"
	_, err = sign(hsm{err: &access.Error{Kind: access.KindBadKey, Message: "pin 4711"}, got: &got})
	require.EqualError(t, err, hidden)
	_, err = sign(hsm{got: &got})
	require.EqualError(t, err, hidden, "no signature and no error")

	key := hsm{signature: []byte{1}, got: &got}
	exchange := toyExchange(func(e *adapter.Exchange) {
		e.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			cancel()
			_, err := s.Sign(ctx, adapter.HMACSHA256, "message")
			return &access.Snapshot{}, err
		}
	})
	_, err = inspect(ctx, &adapter.Target{Exchange: exchange, Credentials: adapter.Credentials{Key: toyID, Signer: key}}, adapter.Options{Transport: &toyFake{}})
	require.ErrorIs(t, err, access.KindCanceled)
	require.ErrorIs(t, err, context.Canceled)
}

// TestNonce: the first is that of the unit of time before, so that clients that use
// this one's are not locked out.
func TestNonce(t *testing.T) {
	now := time.Unix(1_800_000_000, 123_456_789)
	for name, c := range map[string]struct {
		policy adapter.NoncePolicy
		fake   time.Duration
		want   []uint64
	}{
		"milliseconds unless told": {want: []uint64{1_800_000_000_122, 1_800_000_000_123, 1_800_000_000_124}},
		"seconds":                  {policy: adapter.NoncePolicy{Unit: time.Second}, want: []uint64{1_799_999_999, 1_800_000_000}},
		"milliseconds":             {policy: adapter.NoncePolicy{Unit: time.Millisecond}, want: []uint64{1_800_000_000_122}},
		"microseconds":             {policy: adapter.NoncePolicy{Unit: time.Microsecond}, want: []uint64{1_800_000_000_123_455}},
		"nanoseconds":              {policy: adapter.NoncePolicy{Unit: time.Nanosecond}, want: []uint64{1_800_000_000_123_456_788}},
		"the exchange's scale":     {fake: time.Second, want: []uint64{1_799_999_999}},
		"the owner's scale first":  {fake: time.Second, policy: adapter.NoncePolicy{Unit: time.Microsecond}, want: []uint64{1_800_000_000_123_455}},
		"below the floor":          {policy: adapter.NoncePolicy{Floor: 1_900_000_000_000}, want: []uint64{1_900_000_000_001, 1_900_000_000_002}},
		"at the floor":             {policy: adapter.NoncePolicy{Floor: 1_800_000_000_123}, want: []uint64{1_800_000_000_124}},
		"above the floor":          {policy: adapter.NoncePolicy{Floor: 1_800_000_000_122}, want: []uint64{1_800_000_000_123}},
	} {
		t.Run(name, func(t *testing.T) {
			key := toyKey(func(k *adapter.Target) { k.Nonce, k.Exchange.Needs.NonceUnit = c.policy, c.fake })
			_, err := within(t, key, adapter.Options{Clock: func() time.Time { return now }}, func(_ context.Context, s *adapter.Session) error {
				for _, want := range c.want {
					assert.Equal(t, want, s.Nonce())
				}
				return nil
			})
			require.NoError(t, err)
		})
	}
	_, err := within(t, toyKey(), adapter.Options{Clock: func() time.Time { return time.Unix(-5, 0) }}, func(_ context.Context, s *adapter.Session) error {
		assert.EqualValues(t, 1, s.Nonce(), "a clock before 1970 counts as nothing")
		return nil
	})
	require.NoError(t, err)
}

func TestSessionReports(t *testing.T) {
	key := toyKey(func(k *adapter.Target) {
		k.Environment = "test"
		k.Credentials.Passphrase, k.Credentials.OTP = adapter.NewSecret("pass phrase"), adapter.NewSecret("123456")
	})
	_, err := within(t, key, adapter.Options{}, func(_ context.Context, s *adapter.Session) error {
		assert.Equal(t, toyID, s.Key())
		assert.Equal(t, access.SharedSecret, s.KeyKind())
		assert.Equal(t, "test", s.Environment())
		assert.Equal(t, "pass phrase", s.Passphrase())
		assert.Equal(t, "123456", s.OTP())
		assert.Empty(t, s.Secret(), "only for exchanges that want it sent")
		a, b := s.Random(16), s.Random(16)
		assert.Len(t, a, 16)
		assert.NotEqual(t, a, b)
		return nil
	})
	require.NoError(t, err)

	key.Exchange.Needs.SecretSent = true
	_, err = within(t, key, adapter.Options{}, func(_ context.Context, s *adapter.Session) error {
		assert.Equal(t, toySecret, s.Secret())
		return nil
	})
	require.NoError(t, err)
}

// TestHost: what is signed must name the host that checks it: an equivalent of the
// exchange checks its own name, a gateway forwards to the exchange.
func TestHost(t *testing.T) {
	for base, want := range map[string]string{
		"":                              "api.toy.example",
		"https://api2.toy.example":      "api2.toy.example",
		"HTTPS://API2.toy.example:443/": "api2.toy.example",
		"https://gateway.example/x":     "api.toy.example",
		"http://127.0.0.1:8080":         "api.toy.example",
	} {
		_, err := within(t, toyKey(func(k *adapter.Target) { k.BaseURL = base }), adapter.Options{}, func(_ context.Context, s *adapter.Session) error {
			assert.Equal(t, want, s.Host())
			return nil
		})
		require.NoError(t, err)
	}
}

// TestErrorsAreScrubbed: whatever an adapter or an exchange puts into an error, the
// session's secrets, signatures and tokens don't come out, and neither does any IP address
// but the one that was refused.
func TestErrorsAreScrubbed(t *testing.T) {
	s, err := within(t, toyKey(), adapter.Options{}, func(ctx context.Context, s *adapter.Session) error {
		signature, err := s.Sign(ctx, adapter.HMACSHA256, "message")
		require.NoError(t, err)
		s.Hide("token-of-this-session")
		dirty := toySecret + " " + toyID + " " + string(signature) + " " + base64.StdEncoding.EncodeToString(signature) + " token-of-this-session \x1b[2J"
		assert.NotContains(t, s.Scrub(dirty), "token")
		return &access.Error{
			Kind: access.KindIPNotAllowed, Operation: "GET /key?" + dirty, Code: dirty, Message: "203.0.113.7 is not on the list 10.1.2.3, " + dirty,
			RetryAfter: -time.Second,
		}
	})
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	for _, text := range []string{failure.Operation, failure.Code, failure.Message} {
		for _, secret := range []string{toySecret, toyID, "token-of", "\x1b", "10.1.2.3", "203.0.113.7"} {
			assert.NotContains(t, text, secret)
		}
		assert.Contains(t, text, "[signature]")
	}
	assert.Equal(t, "203.0.113.7", failure.Address.String())
	assert.Zero(t, failure.RetryAfter)
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
}

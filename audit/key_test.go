package audit_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func TestBaseURL(t *testing.T) {
	const plain, https, elsewhere = "is malformed", "must be https", `of the environment "test"`
	for address, want := range map[string]struct{ sent, problem, insecure string }{
		"":                                 {sent: "https://api.toy.example/key"},
		"https://api.toy.example":          {sent: "https://api.toy.example/key"},
		"https://api.toy.example/":         {sent: "https://api.toy.example/key"},
		"https://api2.toy.example//":       {sent: "https://api2.toy.example/key"},
		"HTTPS://API.Toy.Example:443":      {sent: "https://api.toy.example/key"},
		"https://api.toy.example:8443":     {sent: "https://api.toy.example:8443/key", insecure: "api.toy.example:8443 is not a host of Toy"},
		"https://gateway.example/toy":      {sent: "https://gateway.example/toy/key", insecure: "gateway.example is not a host of Toy"},
		"https://gateway.example/a%2Fb/":   {sent: "https://gateway.example/a%2Fb/key", insecure: "gateway.example is not a host of Toy"},
		"http://localhost:8080/toy":        {sent: "http://localhost:8080/toy/key", insecure: "plain http to localhost:8080"},
		"http://LOCALHOST":                 {sent: "http://localhost/key", insecure: "plain http to localhost"},
		"http://127.0.0.1:1234":            {sent: "http://127.0.0.1:1234/key", insecure: "plain http to 127.0.0.1:1234"},
		"http://[::1]:80":                  {sent: "http://[::1]:80/key", insecure: "plain http to [::1]:80"},
		"https://[::1]:443":                {sent: "https://[::1]/key", insecure: "[::1] is not a host of Toy"},
		"http://api.toy.example":           {problem: https},
		"http://10.0.0.1":                  {problem: https},
		"http://localhost.toy.example":     {problem: https},
		"http://127.0.0.1.toy.example":     {problem: https},
		"ftp://api.toy.example":            {problem: https},
		"ws://127.0.0.1":                   {problem: https},
		"//api.toy.example":                {problem: https},
		"api.toy.example":                  {problem: plain},
		"https:api.toy.example":            {problem: plain},
		"https://":                         {problem: plain},
		"https://:443":                     {problem: plain},
		"https://u@api.toy.example":        {problem: plain},
		"https://u:canary@api.toy.example": {problem: plain},
		"https://api.toy.example?canary":   {problem: plain},
		"https://api.toy.example?":         {problem: plain},
		"https://api.toy.example#canary":   {problem: plain},
		"https://api.toy.example#":         {problem: plain},
		"https://u:canary@host:port":       {problem: plain},
		" https://api.toy.example":         {problem: plain},
		"https://api.toy\x00.example":      {problem: plain},
		"https://test.toy.example":         {problem: elsewhere},
	} {
		t.Run(address, func(t *testing.T) {
			fake := &toyFake{}
			s, err := inspectToy(t, toyKey(func(k *audit.Key) { k.BaseURL = address }), fake)
			if want.problem != "" {
				require.ErrorIs(t, err, access.KindInput)
				assert.Contains(t, err.Message, want.problem)
				assert.NotContains(t, err.Error(), "canary")
				assert.Zero(t, fake.count())
				return
			}
			require.Nil(t, err)
			require.Len(t, fake.seen, 1)
			sent := *fake.seen[0].URL
			sent.RawQuery = ""
			assert.Equal(t, want.sent, sent.String())
			assert.Equal(t, want.insecure, strings.Join(s.Insecure, "; "))
			calls, planErr := audit.Plan(toyKey(func(k *audit.Key) { k.BaseURL = address }))
			require.NoError(t, planErr)
			assert.Equal(t, want.sent, calls[0].URL)
		})
	}
}

func TestURLOfAnEnvironmentSharedWithAnother(t *testing.T) {
	key := toyKey(func(k *audit.Key) {
		k.Exchange = toyExchange(func(e *adapter.Exchange) { e.Environments[1].URLs = e.Environments[0].URLs })
		k.Environment, k.BaseURL = "test", "https://api2.toy.example"
	})
	fake := &toyFake{}
	s, err := inspectToy(t, key, fake)
	require.Nil(t, err)
	assert.True(t, s.Test)
	assert.Empty(t, s.Insecure)
	assert.Equal(t, "1", fake.seen[0].Header.Get("X-Simulated"))
}

// TestOwnHostOddlySpelled: however an exchange's value spells its own URL, it is the exchange's.
func TestOwnHostOddlySpelled(t *testing.T) {
	fake := &toyFake{}
	s, err := inspectToy(t, toyKey(func(k *audit.Key) { k.Exchange.Environments[0].URLs[0] = "https://API.toy.example/" }), fake)
	require.Nil(t, err)
	assert.Empty(t, s.Insecure)
	assert.Equal(t, "api.toy.example", fake.seen[0].URL.Host)
}

// TestExchangeItselfMayNotBePlain: plain http is the caller's choice for a test; an exchange's value may not make it.
func TestExchangeItselfMayNotBePlain(t *testing.T) {
	key := toyKey(func(k *audit.Key) { k.Exchange.Environments[0].URLs[0] = "http://127.0.0.1" })
	_, err := inspectToy(t, key, &toyFake{})
	require.ErrorIs(t, err, access.KindInput)
}

// TestTransportIsSeen: that certificates are checked is taken from the connection,
// whatever the transport looks like; what can't be seen is not taken for granted.
func TestTransportIsSeen(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	defer server.Close()
	trusting := server.Client().Transport.(*http.Transport)
	roots := trusting.TLSClientConfig.RootCAs
	blind := func() *http.Transport { return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} }
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(server.URL, "https://"))
	}
	to := func(tr *http.Transport) *http.Transport { tr.DialContext = dial; return tr }
	plain := httptest.NewServer(server.Config.Handler)
	defer plain.Close()
	for name, c := range map[string]struct {
		transport http.RoundTripper
		outcome   audit.Outcome
		message   string
	}{
		"verified":            {to(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}}), audit.Passed, "https"},
		"checks off":          {to(blind()), audit.Failed, "certificate checks are off"},
		"checks off, wrapped": {via(to(blind()).RoundTrip), audit.Failed, "certificate checks are off"},
		"verified, wrapped":   {via(to(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}}).RoundTrip), audit.Passed, "https"},
		"no TLS under https": {&http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(plain.URL, "http://"))
		}}, audit.Undetermined, ""},
		"an answer without TLS": {via(func(*http.Request) (*http.Response, error) {
			r := reply(http.StatusOK, "ok")
			r.TLS = nil
			return r, nil
		}), audit.Undetermined, ""},
		"certificate refused": {to(&http.Transport{}), audit.Failed, "is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			result, _ := audit.Assess(t.Context(), toyKey(), &audit.Options{Transport: c.transport, Attempts: 1})
			f := result.Finding("insecure-transport")
			assert.Equal(t, c.outcome.String(), f.Outcome.String(), f.Message)
			assert.Contains(t, f.Message, c.message)
			if c.outcome != audit.Passed {
				assert.Equal(t, audit.High, f.Severity)
			}
		})
	}
}

func TestInputProblemsAllAtOnce(t *testing.T) {
	fake := &toyFake{}
	key := toyKey(func(k *audit.Key) {
		k.BaseURL = "https://user:canary1@host"
		k.Nonce = adapter.NoncePolicy{Unit: time.Minute, Floor: math.MaxUint64}
		k.Policy = audit.Policy{
			Needs:        []access.Capability{"fly"},
			Attestations: []audit.Attestation{{Rule: "key-age"}},
			Waivers:      []audit.Waiver{{Rule: "clock"}},
		}
		k.Exchange.Needs.Passphrase = true
		k.Credentials = adapter.Credentials{Key: "canary2\ncanary2", Secret: adapter.NewSecret("canary3 \tcanary3"), OTP: adapter.NewSecret("canary4\rcanary4")}
	})
	s, err := inspectToy(t, key, fake)
	require.ErrorIs(t, err, access.KindInput)
	for _, want := range []string{
		`unknown capability "fly"`, `attestation of "key-age"`, `waiver of "clock"`, "the nonce unit", "the nonce floor", "the base URL is malformed", "the API key holds a space",
		"Toy keys have a passphrase, and none is given", "second factor holds a line break", "the secret holds a space",
	} {
		assert.Contains(t, err.Message, want)
	}
	assert.NotContains(t, err.Error(), "canary")
	assert.Zero(t, fake.count())
	assert.Zero(t, s.Requests)
	assert.Same(t, err, s.Failure)

	_, planErr := audit.Plan(key)
	require.ErrorIs(t, planErr, access.KindInput)
	assert.Contains(t, planErr.Error(), "the nonce unit")
	assert.NotContains(t, planErr.Error(), "canary")
}

func TestIncompleteExchange(t *testing.T) {
	for want, edit := range map[string]func(*audit.Key){
		"no exchange is given":                                 func(k *audit.Key) { k.Exchange = nil },
		`Toy has no environment "mars": use one of live, test`: func(k *audit.Key) { k.Environment = "mars" },
		`the exchange value "toy" is incomplete`:               func(k *audit.Key) { k.Exchange.Environments = nil },
		`"toy" is incomplete`:                                  func(k *audit.Key) { k.Exchange.Inspect = nil },
		`value "toy" is incomplete`:                            func(k *audit.Key) { k.Exchange.Environments[0].URLs = nil },
		`exchange value "toy" is incomplete`: func(k *audit.Key) {
			k.Exchange.Needs.Nonce, k.Exchange.ServerTime = true, nil // no nonce from a clock nobody compared
		},
	} {
		s, err := inspectToy(t, toyKey(edit), &toyFake{})
		require.ErrorIs(t, err, access.KindInput)
		assert.Contains(t, err.Error(), want)
		assert.Equal(t, "toyK…cdef", s.KeyID)
		require.ErrorIs(t, audit.Check(t.Context(), toyKey(edit), nil), audit.ErrInput)
	}
}

func pemOf(t *testing.T, private any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// holder is a Signer that only says what it holds.
type holder access.KeyKind

func (h holder) KeyKind() access.KeyKind { return access.KeyKind(h) }
func (holder) Sign(context.Context, adapter.Algorithm, []byte) ([]byte, error) {
	return []byte("signed"), nil
}

func TestCredentials(t *testing.T) {
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	_, other, _ := ed25519.GenerateKey(rand.Reader)
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rs, _ := rsa.GenerateKey(rand.Reader, 2048)
	b64 := base64.StdEncoding.EncodeToString
	every := []access.KeyKind{access.SharedSecret, access.Ed25519Key, access.RSAKey, access.ECDSAKey}
	pairs := every[1:]
	damaged := append(append([]byte{}, ed.Seed()...), other[32:]...)
	der, err := x509.MarshalPKCS8PrivateKey(ec)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		needs  adapter.Needs
		secret string
		kind   access.KeyKind // of a good one
		want   string
	}{
		"plain":                     {adapter.Needs{Kinds: every}, "canary", access.SharedSecret, ""},
		"plain, empty":              {adapter.Needs{Kinds: every}, "", 0, "the secret is empty"},
		"plain, blank":              {adapter.Needs{Kinds: every}, " \n", 0, "the secret is empty"},
		"plain, end of line":        {adapter.Needs{Kinds: every}, "canary\n", access.SharedSecret, ""},
		"plain, two lines":          {adapter.Needs{Kinds: every}, "canary\ncanary", 0, "the secret holds a space, a line break"},
		"plain, not taken":          {adapter.Needs{Kinds: pairs}, "canary", 0, "Toy does not take a secret of the kind shared-secret"},
		"base64":                    {adapter.Needs{Kinds: every, Encoding: adapter.Base64}, b64([]byte("canary")), access.SharedSecret, ""},
		"base64, but isn't":         {adapter.Needs{Kinds: every, Encoding: adapter.Base64}, "canary!", 0, "the secret is not base64"},
		"base64, end of line":       {adapter.Needs{Kinds: every, Encoding: adapter.Base64}, b64([]byte("canary")) + "\n", access.SharedSecret, ""},
		"PEM, Ed25519":              {adapter.Needs{Kinds: every}, pemOf(t, ed), access.Ed25519Key, ""},
		"PEM, RSA":                  {adapter.Needs{Kinds: every}, pemOf(t, rs), access.RSAKey, ""},
		"PEM, ECDSA":                {adapter.Needs{Kinds: every, Encoding: adapter.Base64}, pemOf(t, ec), access.ECDSAKey, ""},
		"PEM from JSON":             {adapter.Needs{Kinds: every}, strings.ReplaceAll(pemOf(t, ed), "\n", `\n`), access.Ed25519Key, ""},
		"PEM, not taken":            {adapter.Needs{Kinds: every[:2]}, pemOf(t, rs), 0, "Toy does not take a secret of the kind rsa"},
		"PEM, damaged":              {adapter.Needs{Kinds: every}, "-----BEGIN PRIVATE KEY-----\ncanary", 0, "the private key is not readable PEM"},
		"text, seed":                {adapter.Needs{Kinds: pairs, Encoding: adapter.KeyText}, b64(ed.Seed()) + "\n", access.Ed25519Key, ""},
		"text, seed and public key": {adapter.Needs{Kinds: pairs, Encoding: adapter.KeyText}, b64(ed), access.Ed25519Key, ""},
		"text, halves of two":       {adapter.Needs{Kinds: pairs, Encoding: adapter.KeyText}, b64(damaged), 0, "its public half does not belong to its private half"},
		"text, PKCS#8":              {adapter.Needs{Kinds: pairs, Encoding: adapter.KeyText}, b64(der), access.ECDSAKey, ""},
		"text, no key":              {adapter.Needs{Kinds: pairs, Encoding: adapter.KeyText}, "canary", 0, "is not a readable private key"},
		"text, short":               {adapter.Needs{Kinds: pairs, Encoding: adapter.KeyText}, b64([]byte("canary")), 0, "is not a readable private key"},
		"text or shared":            {adapter.Needs{Kinds: every, Encoding: adapter.KeyText}, "canary", access.SharedSecret, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &toyFake{}
			s, err := inspectToy(t, toyKey(func(k *audit.Key) {
				k.Credentials.Secret, k.Exchange.Needs = adapter.NewSecret(c.secret), c.needs
				k.Exchange.Inspect = func(context.Context, *adapter.Session) (*access.Snapshot, error) { return harmless(), nil }
			}), fake)
			if c.want == "" {
				require.Nil(t, err)
				assert.Equal(t, c.kind, s.KeyKind)
				return
			}
			require.ErrorIs(t, err, access.KindInput)
			assert.Contains(t, err.Message, c.want)
			assert.NotContains(t, err.Error(), "canary")
			assert.Zero(t, fake.count())
		})
	}
	for want, edit := range map[string]func(*audit.Key){
		"the API key is empty":             func(k *audit.Key) { k.Credentials.Key = "" },
		"the API key holds a space":        func(k *audit.Key) { k.Credentials.Key = "canary canary" },
		"or another character that no key": func(k *audit.Key) { k.Credentials.Key = "canary\u00a0canary" },
		"does not take a rsa key from":     func(k *audit.Key) { k.Credentials.Signer = holder(access.RSAKey) },
		"requires the secret itself to be sent": func(k *audit.Key) {
			k.Credentials.Signer, k.Exchange.Needs.SecretSent = holder(access.SharedSecret), true
		},
		"the passphrase holds a line break or": func(k *audit.Key) { k.Credentials.Passphrase = adapter.NewSecret("canary\x7f") },
	} {
		_, err := inspectToy(t, toyKey(edit), &toyFake{})
		require.ErrorIs(t, err, access.KindInput)
		assert.Contains(t, err.Message, want)
		assert.NotContains(t, err.Error(), "canary")
	}
	// A key pasted with escape codes shows none in the report.
	s, failure := inspectToy(t, toyKey(func(k *audit.Key) { k.Credentials.Key = "\x1b[31m0123456789012\x1b[m" }), &toyFake{})
	require.ErrorIs(t, failure, access.KindInput)
	assert.NotContains(t, s.KeyID, "\x1b")
}

func TestLoad(t *testing.T) {
	good := adapter.Credentials{Key: toyID, Secret: adapter.NewSecret(toySecret)}
	load := func(f func(context.Context) (adapter.Credentials, error)) audit.Key {
		return toyKey(func(k *audit.Key) { k.Credentials, k.Load = adapter.Credentials{}, f })
	}
	t.Run("good", func(t *testing.T) {
		s, err := inspectToy(t, load(func(context.Context) (adapter.Credentials, error) { return good, nil }), &toyFake{})
		require.Nil(t, err)
		assert.Equal(t, "toyK…cdef", s.KeyID)
	})
	var none *access.Error
	for name, c := range map[string]struct {
		err  error
		kind access.Kind
		want string
	}{
		"its own error":              {fmt.Errorf("wrapped: %w", &access.Error{Kind: access.KindInput, Message: "the vault\x1b[2J is sealed"}), access.KindInput, "Toy: the key cannot be audited as given: the vault [2J is sealed"},
		"foreign error":              {errors.New("bad secret " + toySecret), access.KindInput, "Toy: the key cannot be audited as given: the credentials could not be loaded"},
		"nil *Error":                 {none, access.KindInput, "Toy: the key cannot be audited as given: the credentials could not be loaded"},
		"no failure of the exchange": {&access.Error{Kind: access.KindUnavailable, Status: 503, RetryAfter: time.Hour}, access.KindInput, "Toy: the key cannot be audited as given: the credentials could not be loaded"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &toyFake{}
			_, err := inspectToy(t, load(func(context.Context) (adapter.Credentials, error) { return adapter.Credentials{}, c.err }), fake)
			require.ErrorIs(t, err, c.kind)
			assert.Equal(t, c.want, err.Error())
			assert.Zero(t, fake.count())
		})
	}
	t.Run("too slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, err := audit.Inspect(t.Context(), load(func(ctx context.Context) (adapter.Credentials, error) {
				<-ctx.Done()
				return adapter.Credentials{}, errors.New(toySecret)
			}), &audit.Options{Transport: &toyFake{}, Timeout: 3 * time.Second})
			require.ErrorIs(t, err, access.KindCanceled)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 3*time.Second, time.Since(start))
		})
	})
	t.Run("not for a key that cannot be asked", func(t *testing.T) {
		called := func(context.Context) (adapter.Credentials, error) {
			t.Error("the credentials were loaded")
			return good, nil
		}
		key := load(called)
		key.Environment = "mars"
		_, err := inspectToy(t, key, &toyFake{})
		require.ErrorIs(t, err, access.KindInput)
		assert.NotContains(t, err.Message, "empty", "nothing is said of what was not looked at")

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, canceled := audit.Inspect(ctx, load(called), &audit.Options{Transport: &toyFake{}})
		require.ErrorIs(t, canceled, access.KindCanceled)
		require.ErrorIs(t, canceled, context.Canceled)
		_, planErr := audit.Plan(load(called))
		require.NoError(t, planErr)
	})
	t.Run("only when its turn comes", func(t *testing.T) {
		var loaded atomic.Int32
		keys := func(yield func(audit.Key) bool) {
			for range 5 {
				if !yield(load(func(context.Context) (adapter.Credentials, error) { loaded.Add(1); return good, nil })) {
					return
				}
			}
		}
		results := 0
		for range audit.Run(t.Context(), keys, &audit.Options{Transport: &toyFake{}, Concurrency: 1}) {
			results++
			if results == 1 {
				assert.LessOrEqual(t, loaded.Load(), int32(2), "one in the consumer's hands, one in work")
				break
			}
		}
	})
}

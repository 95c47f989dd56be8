package exchangetest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestCoinbaseTokens: the fake accepts the tokens of other clients too, and none
// for another request or another time.
func TestCoinbaseTokens(t *testing.T) {
	t.Parallel()
	now := time.Unix(1700000000, 0)
	type members = map[string]any
	const uri = "GET api.coinbase.com/api/v3/brokerage/key_permissions"
	algorithms := map[access.KeyKind]adapter.Algorithm{access.Ed25519Key: adapter.Ed25519, access.ECDSAKey: adapter.ES256}
	edit := func(base members, change members) members {
		out := maps.Clone(base)
		for name, value := range change {
			if out[name] = value; value == nil {
				delete(out, name)
			}
		}
		return out
	}
	for _, kind := range []access.KeyKind{access.Ed25519Key, access.ECDSAKey} {
		fake := Coinbase()
		fake.SetClock(func() time.Time { return now })
		c := fake.Issue(Spec{Kind: kind})
		signs := newSigner(c, kind, adapter.Plain)
		algorithm := map[access.KeyKind]string{access.Ed25519Key: "EdDSA", access.ECDSAKey: "ES256"}[kind]
		ask := func(header, claims members) int {
			encode := base64.RawURLEncoding.EncodeToString
			h, _ := json.Marshal(edit(members{"alg": algorithm, "typ": "JWT", "kid": c.Key, "nonce": "00"}, header))
			p, _ := json.Marshal(edit(members{"sub": c.Key, "iss": "cdp", "nbf": now.Unix(), "exp": now.Unix() + 120, "uri": uri}, claims))
			text := encode(h) + "." + encode(p)
			signature, err := signs.Sign(t.Context(), algorithms[kind], []byte(text))
			require.NoError(t, err)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.coinbase.com/api/v3/brokerage/key_permissions", nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+text+"."+encode(signature))
			resp, err := fake.RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			return resp.StatusCode
		}
		for name, claims := range map[string]members{
			"as documented": {},
			"older issuer":  {"iss": "coinbase-cloud", "aud": []string{"retail_rest_api_proxy"}, "iat": now.Unix()},
			"list of uris":  {"uri": nil, "uris": []string{uri}, "aud": []string{"cdp_service"}},
			"only iat":      {"nbf": nil, "iat": now.Unix()},
			"shorter":       {"exp": now.Unix() + 60},
		} {
			assert.Equal(t, http.StatusOK, ask(nil, claims), "%s, %s", kind, name)
		}
		for name, claims := range map[string]members{
			"another path":    {"uri": uri + "/"},
			"another method":  {"uri": "POST" + uri[3:]},
			"another host":    {"uri": "GET api.example.com/api/v3/brokerage/key_permissions"},
			"no uri":          {"uri": nil},
			"another issuer":  {"iss": "other"},
			"another subject": {"sub": "other"},
			"too long":        {"exp": now.Unix() + 121},
			"no end":          {"exp": nil},
			"over":            {"nbf": now.Unix() - 120, "exp": now.Unix()},
			"to come":         {"nbf": now.Unix() + 1, "exp": now.Unix() + 121},
		} {
			assert.Equal(t, http.StatusUnauthorized, ask(nil, claims), "%s, %s", kind, name)
		}
		for name, header := range map[string]members{"no algorithm": {"alg": "none"}, "another type": {"typ": "at+jwt"}, "no nonce": {"nonce": nil}} {
			assert.Equal(t, http.StatusUnauthorized, ask(header, nil), "%s, %s", kind, name)
		}
	}
}

// TestCoinbaseKeyForms: each form in which keys are issued, with the key of RFC
// 8032's first test and the P-256 key of RFC 6979.
func TestCoinbaseKeyForms(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{
		"seed and public key": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==",
		"seed":                "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
		"PKCS#8":              "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
	} {
		public, ok := publicOf(privateFrom(secret)).(ed25519.PublicKey)
		require.True(t, ok, name)
		assert.Equal(t, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", hex.EncodeToString(public), name)
	}
	const scalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
	private, ok := privateFrom(armour("MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==")).(*ecdsa.PrivateKey)
	require.True(t, ok)
	raw, err := private.Bytes()
	require.NoError(t, err)
	assert.Equal(t, scalar, hex.EncodeToString(raw))
	point, err := private.PublicKey.Bytes()
	require.NoError(t, err)
	assert.Equal(t, "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"+
		"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", hex.EncodeToString(point))
}

// TestCoinbaseOlderKeys: what those keys sign.
func TestCoinbaseOlderKeys(t *testing.T) {
	t.Parallel()
	const secret, stamp = "exampleLegacySecret0123456789abc", "1700000000"
	for path, want := range map[string]string{
		"/v2/user":                          "04408f5e41f0a81c130c450565ecdaf5f63c489229d0e7917c55db80e1921ddb",
		"/api/v3/brokerage/key_permissions": "f49a6d7b5832f3123b33a96273d37c67bbf09516cbfe6c5e0402297e8947793b",
	} {
		assert.Equal(t, want, hmacHex(sha256.New, secret, stamp+"GET"+path), path)
	}
}

package exchangetest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestCoinbaseTokens: the fake takes the tokens of other clients too, and none
// that is good for another request or another time.
func TestCoinbaseTokens(t *testing.T) {
	t.Parallel()
	now := time.Unix(1700000000, 0)
	type members = map[string]any
	const uri = "GET api.coinbase.com/api/v3/brokerage/key_permissions"
	edit := func(base members, change members) members {
		out := maps.Clone(base)
		for name, value := range change {
			if out[name] = value; value == nil {
				delete(out, name)
			}
		}
		return out
	}
	for _, kind := range []audit.KeyKind{audit.Ed25519Key, audit.ECDSAKey} {
		v := Coinbase()
		v.SetClock(func() time.Time { return now })
		c := v.Issue(Spec{Kind: kind})
		private := privateFrom(c.Secret.Reveal())
		algorithm := map[audit.KeyKind]string{audit.Ed25519Key: "EdDSA", audit.ECDSAKey: "ES256"}[kind]
		ask := func(header, claims members) int {
			encode := base64.RawURLEncoding.EncodeToString
			h, _ := json.Marshal(edit(members{"alg": algorithm, "typ": "JWT", "kid": c.Key, "nonce": "00"}, header))
			p, _ := json.Marshal(edit(members{"sub": c.Key, "iss": "cdp", "nbf": now.Unix(), "exp": now.Unix() + 120, "uri": uri}, claims))
			text := encode(h) + "." + encode(p)
			var signature []byte
			switch private := private.(type) {
			case ed25519.PrivateKey:
				signature = ed25519.Sign(private, []byte(text))
			case *ecdsa.PrivateKey:
				digest := sha256.Sum256([]byte(text))
				r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
				require.NoError(t, err)
				signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.coinbase.com/api/v3/brokerage/key_permissions", nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+text+"."+encode(signature))
			resp, err := v.RoundTrip(r)
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

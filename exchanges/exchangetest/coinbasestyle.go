package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CoinbaseExchange is a fake of Coinbase Exchange. It shows the right Transfer only by
// answering the call that needs it; "no Transfer" says that it is off. Option "refusal"
// names the refusal to use instead of the usual one.
func CoinbaseExchange() *Fake {
	fail := func(name string, status int, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: `{"message":"` + message + `"}`}, Kind: kind}
	}
	refusedIP := func(name string, status int, message string, or access.Kind) Failure {
		f := fail(name, status, message, access.KindAmbiguous)
		f.Candidates = []access.Kind{access.KindIPNotAllowed, or}
		return f
	}
	return New(Definition{
		Name: "coinbaseexchange", Hosts: []string{"api.exchange.coinbase.com", "api-public.sandbox.exchange.coinbase.com"},
		Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Rights: []Right{
			{"Transfer", []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal}},
			{"no Transfer", nil},
		},
		// A refused call proves nothing: it also comes to a key of another profile than the default one.
		MayGrant:           map[string][]access.Capability{"no Transfer": {access.Withdraw, access.TransferInternal, access.TransferExternal}},
		CanExist:           func(s *Spec) bool { return s.Has("Transfer") != s.Has("no Transfer") },
		UnknownPermissions: []string{}, // answers do not name permissions
		Failures: []Failure{
			fail(FailUnknownKey, 401, "Invalid API Key", access.KindBadKey),
			fail(FailPassphrase, 401, "Invalid Passphrase", access.KindBadSignature),
			fail(FailBadSignature, 401, "invalid signature", access.KindBadSignature),
			fail(FailClock, 401, "request timestamp expired", access.KindClockSkew),
			fail("bad signature, other status", 400, "invalid signature", access.KindBadSignature),
			fail("timestamp refused, other status", 400, "request timestamp expired", access.KindClockSkew),
			// The refusal of an IP address is not documented; the second has the words of a sister exchange.
			refusedIP(FailIP, 401, "IP {ip} is not on the API key's whitelist", access.KindForbidden),
			refusedIP("IP address not allowed, other words", 403, "ip not allowed", access.KindGeoBlocked),
			fail("forbidden", 403, "Forbidden", access.KindForbidden),
			fail("something else", 400, "invalid crypto_address", access.KindNotUnderstood),
			fail("rate limited", 429, "Private rate limit exceeded", access.KindRateLimited),
			fail("maintenance", 503, "The exchange is under maintenance", access.KindUnavailable),
			fail("maintenance, other status", 200, "The exchange is under maintenance", access.KindUnavailable),
			fail("cancel only", 503, "Cancel only mode", access.KindUnavailable),
		},
		Vectors: []Vector{
			profilesVector("/profiles", "QGQc7jWJfhhcpzonl2AZgXE0yz4QdCqu+7h6dbjLqlE="),
			profilesVector("/profiles?active=true", "JuC5TmvGuIWq0gLqODu73WopgLuGjb72j4lnQzubgIw="),
			profilesVector("/api/v1/portfolios", "JstyAqUSVTE5cd7inBujWwK+pc5gQ68SgS7osfCe+T0="), // a call of the sister exchange, which signs in the same way
		},
		Shape: func(k *Issued) {
			k.ID, k.Passphrase = Hex(32, "coinbaseexchange", k.Serial), Hex(11, "coinbaseexchange passphrase", k.Serial)
			k.Secret = base64.StdEncoding.EncodeToString([]byte(Hex(64, "coinbaseexchange secret", k.Serial)))
		},
		Identify: func(c *Call) string { return c.Header.Get("CB-ACCESS-KEY") },
		Verify: func(c *Call) *Reply {
			secret, err := base64.StdEncoding.DecodeString(c.Key.Secret)
			if err != nil {
				return c.Refuse(FailBadSignature)
			}
			return passphraseVerify(c, secret, "CB-ACCESS-", "SIGN", c.URL.RequestURI())
		},
		Public: map[string]func(*Call) Reply{"GET /time": func(c *Call) Reply {
			return Reply{Body: `{"iso":"` + c.Now.UTC().Format("2006-01-02T15:04:05.000Z") + `","epoch":` + strconv.FormatInt(c.Now.Unix(), 10) + `}`}
		}},
		Routes: map[string]func(*Call) Reply{"GET /profiles": func(*Call) Reply {
			return Reply{Body: `[{"id":"86602c68-0000-4000-8000-0000000000aa","user_id":"5844eceecf7e803e259d0365","name":"default","active":true,"is_default":true,"has_margin":false,"created_at":"2024-11-18T15:08:40.236309Z"}]`}
		}, "GET /withdrawals/fee-estimate": coinbaseFee},
		Introspection: "GET /profiles",
	})
}

// coinbaseFee quotes a withdrawal's fee, which needs the right Transfer.
func coinbaseFee(c *Call) Reply {
	if refusal := c.Key.Options["refusal"]; refusal != "" {
		return *c.Refuse(refusal)
	}
	if !c.Key.Has("Transfer") {
		return *c.Refuse("forbidden")
	}
	return Reply{Body: `{"fee":"0.00002","fee_before_subsidy":"0.00002"}`}
}

// CoinbasePrime is a fake of Coinbase Prime. Its reference documents statuses
// and no error bodies.
func CoinbasePrime() *Fake {
	return New(Definition{
		Name: "coinbaseprime", Hosts: []string{"api.prime.coinbase.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			{
				Name: FailUnknownKey, Reply: Reply{Status: 401, Body: `{"message":"unauthorized"}`}, Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed},
			},
			{
				Name: "forbidden", Reply: Reply{Status: 403, Body: `{"message":"forbidden"}`}, Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindForbidden, access.KindIPNotAllowed},
			},
			{
				Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked},
			},
			{Name: "rate limited", Reply: Reply{Status: 429, Body: `{"message":"too many requests"}`}, Kind: access.KindRateLimited},
			{Name: "fault", Reply: Reply{Status: 500, Body: `{"message":"internal"}`}, Kind: access.KindUnavailable},
		},
		Vectors: []Vector{{
			Name: "portfolios", Time: time.Unix(1700000000, 0), Key: "examplePrimeKey", Secret: "c2lnbmluZy1rZXktZXhhbXBsZS1ub3QtcmVhbA==", Passphrase: "examplePass",
			Method: "GET", URL: "https://api.prime.coinbase.com/v1/portfolios",
			Header: map[string]string{
				"X-CB-ACCESS-KEY": "examplePrimeKey", "X-CB-ACCESS-PASSPHRASE": "examplePass", "X-CB-ACCESS-TIMESTAMP": "1700000000",
				"X-CB-ACCESS-SIGNATURE": "yUM3f5fV+7fKbI94DxOEql31QT4eLHEHVDt6cjELEAE=",
			},
		}},
		Unsigned: []string{"query"},
		Shape: func(k *Issued) {
			k.ID, k.Secret, k.Passphrase = Hex(32, "coinbaseprime", k.Serial), Hex(44, "coinbaseprime secret", k.Serial), Hex(12, "coinbaseprime passphrase", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-CB-ACCESS-KEY") },
		Verify: func(c *Call) *Reply {
			return passphraseVerify(c, []byte(c.Key.Secret), "X-CB-ACCESS-", "SIGNATURE", c.URL.Path)
		},
		Routes: map[string]func(*Call) Reply{"GET /v1/portfolios": func(*Call) Reply {
			return Reply{Body: `{"portfolios":[{"id":"e8bbed13-0000-4000-8000-000000000001","name":"Treasury","entity_id":"2c521d6c-0000-4000-8000-000000000002","organization_id":"4c1d4464-0000-4000-8000-000000000003","entity_name":"Example Entity"}]}`}
		}},
	})
}

// passphraseVerify follows the documentation: timestamp (seconds, within 30 s),
// method, target and body; HMAC-SHA256 in base64; the passphrase in plaintext.
func passphraseVerify(c *Call, secret []byte, prefix, sign, target string) *Reply {
	stamp := c.Header.Get(prefix + "TIMESTAMP")
	seconds, err := strconv.ParseFloat(stamp, 64)
	if err != nil {
		return c.Refuse(FailClock)
	}
	if c.Header.Get(prefix+"PASSPHRASE") != c.Key.Passphrase {
		return c.Refuse(FailPassphrase)
	}
	want := base64.StdEncoding.EncodeToString(hmacRaw(sha256.New, secret, stamp+c.Method+target+string(c.Body)))
	if c.Header.Get(prefix+sign) != want {
		return c.Refuse(FailBadSignature)
	}
	if c.Now.Sub(time.UnixMilli(int64(seconds*1000))).Abs() > 30*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func profilesVector(target, signature string) Vector {
	return Vector{
		Name: target, Time: time.Unix(1700000000, 0), Key: "exampleExchangeKey", Passphrase: "examplePass",
		Secret: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
		Method: "GET", URL: "https://api.exchange.coinbase.com" + target,
		Header: map[string]string{
			"CB-ACCESS-KEY": "exampleExchangeKey", "CB-ACCESS-PASSPHRASE": "examplePass", "CB-ACCESS-TIMESTAMP": "1700000000", "CB-ACCESS-SIGN": signature,
		},
	}
}

package exchangetest

import (
	"cmp"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Toobit is a fake of Toobit. It reports the kind of account that a key belongs to,
// and nothing else. Option "type" is that kind as the answer has it.
func Toobit() *Fake {
	fail := func(name string, status, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: binanceLikeError(code, message)}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "toobit", Hosts: []string{"api.toobit.com"}, Kinds: []access.KeyKind{access.SharedSecret},
		Base: []access.Capability{access.Read}, Reports: Reports{Account: true},
		Failures: []Failure{
			fail(FailUnknownKey, 401, -2015, "Invalid API-key, IP, or permissions for action.",
				access.KindAmbiguous, access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden),
			fail("malformed key", 400, -2014, "API-key format invalid.", access.KindBadKey),
			fail(FailHeader, 400, -1107, "The API key is missing.", access.KindBadKey),
			fail(FailExpired, 400, -2017, "The API key has expired.", access.KindExpired),
			fail(FailDisabled, 400, -2018, "The account is suspended by risk control.", access.KindDisabled),
			fail("no allowlist", 400, -1023, "Please set the IP whitelist before using the API.", access.KindForbidden),
			fail("unauthorized", 401, -1002, "You are not authorized to execute this request.", access.KindForbidden),
			fail("no permission", 400, -1005, "No permission.", access.KindForbidden),
			fail(FailBadSignature, 400, -1022, "Signature for this request is not valid.", access.KindBadSignature),
			fail(FailClock, 400, -1021, "Timestamp for this request is outside of the recvWindow.", access.KindClockSkew),
			fail("rate limited", 429, -1003, "Too many requests.", access.KindRateLimited),
			fail("rate limited, by code", 400, -1003, "Too many requests.", access.KindRateLimited),
			fail("wrapped, unknown", 200, -9999, "Something else.", access.KindNotUnderstood),
			{Name: "firewall", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
			{Name: "fault", Reply: *HTML(500), Kind: access.KindUnavailable},
		},
		Vectors: []Vector{
			toobitVector("recvWindow=5000&timestamp=1668481902307", "18659d498e59cfcfab9be281e33ff6259314d3aab22618e4381d2a79408f7959"),
			toobitVector("timestamp=1668481902307", "a721337e8e8e2b5fafe11db3443604a3f68e3bbdf9ee02d18ce7bd38a9246d34"),
		},
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(64, "toobit", k.Serial), Hex(64, "toobit secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-BB-APIKEY") },
		Verify:   binanceLikeVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v1/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v1/account/checkApiKey": func(c *Call) Reply {
			kind := "master"
			if c.Key.SubAccount {
				kind = "spot"
			}
			return Reply{Body: `{"accountType":"` + cmp.Or(c.Key.Options["type"], kind) + `"}`}
		}},
	})
}

// toobitVector uses the exchange's sample secret; the signatures were computed by
// the documented rule. The documentation does not have the secret's key.
func toobitVector(query, signature string) Vector {
	const key = "demonstration"
	return Vector{
		Name: query, Time: time.UnixMilli(1668481902307), Key: key, Secret: "30lfjDT51iOG1kYZnDoLNynOyMdIcmQyO1XYfxzYOmQfx9tjiI98Pzio4uhZ0Uk2",
		Method: "GET", URL: "https://api.toobit.com/api/v1/account/checkApiKey?" + query + "&signature=" + signature,
		Header: map[string]string{"X-BB-APIKEY": key},
	}
}

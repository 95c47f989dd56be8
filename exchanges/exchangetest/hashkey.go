package exchangetest

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// HashKey is a fake of HashKey Exchange. It reports nothing about its keys.
func HashKey() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: `{"code":"` + code + `","msg":"` + message + `"}`}, Kind: kind}
	}
	return New(Definition{
		Name:  "hashkey",
		Hosts: []string{"api-pro.hashkey.com", "api-glb.hashkey.com", "api-pro.sim.hashkeydev.com", "api-glb.sim.hashkeydev.com"},
		Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 400, "0102", "Invalid APIKey", access.KindBadKey),
			fail(FailExpired, 400, "0103", "APIKey expired", access.KindExpired),
			fail(FailBadSignature, 400, "0002", "Incorrect signature", access.KindBadSignature),
			fail(FailIP, 400, "0202", "Invalid IP", access.KindIPNotAllowed),
			fail(FailClock, 400, "-1021", "Timestamp for this request is outside of the recvWindow.", access.KindClockSkew),
			fail("account not permitted", 400, "0104", "The accountId defined is not permissible", access.KindForbidden),
			fail("unauthorized", 401, "-1002", "Unauthorized operation", access.KindForbidden),
			fail("no permission", 400, "-1005", "No permission", access.KindForbidden),
			fail("invalid permission", 400, "-3117", "Invalid permission", access.KindForbidden),
			fail("identity not verified", 400, "-2023", "Need to pass KYC verification", access.KindForbidden),
			fail("rate limited, by code", 400, "0003", "Rate limit exceeded", access.KindRateLimited),
			fail("rate limited", 429, "0003", "Rate limit exceeded", access.KindRateLimited),
			fail("something else", 400, "-1130", "Illegal parameter", access.KindNotUnderstood),
			fail("timeout", 400, "-1007", "Timeout waiting for response from server", access.KindUnavailable),
			fail("offline", 400, "-1101", "Feature has been offline", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			hashkeyVector("recvWindow=5000&timestamp=1767225600000", "061064cd592fe736d04736bc46c5f12b9bf00200e0da1c279ab2bf7cde8c013d"),
			hashkeyVector("timestamp=1767225600000&recvWindow=5000", "5e8eaa9c5aac9042cf00f24fae13e784faca163afcb320535fc4a61bdd8e4a32"),
		},
		Unsigned: []string{"path"},
		Shape:    func(k *Issued) { k.ID, k.Secret = Hex(64, "hashkey", k.Serial), Hex(64, "hashkey secret", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("X-HK-APIKEY") },
		Verify:   binanceLikeVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v1/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v1/account": func(*Call) Reply {
			return Reply{Body: `{"balances":[{"asset":"USDT","assetId":"USDT","assetName":"USDT","total":"40","free":"40","locked":"0"}],"userId":"1732885739572845312"}`}
		}},
	})
}

func hashkeyVector(query, signature string) Vector {
	return Vector{
		Name: query, Time: time.UnixMilli(1767225600000), Key: "AK", Secret: "SK", Method: "GET",
		URL:    "https://api-pro.hashkey.com/api/v1/account?" + query + "&signature=" + signature,
		Header: map[string]string{"X-HK-APIKEY": "AK"},
	}
}

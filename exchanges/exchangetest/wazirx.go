package exchangetest

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// WazirX is a fake of WazirX. It reports nothing about its keys.
func WazirX() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: `{"code":` + code + `,"message":"` + message + `"}`}, Kind: kind}
	}
	return New(Definition{
		Name: "wazirx", Hosts: []string{"api.wazirx.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 401, "2112", "API key is missing", access.KindBadKey),
			fail(FailBadSignature, 401, "2005", "Signature is incorrect.", access.KindBadSignature),
			fail("signature not found", 400, "2115", "Signature not found.", access.KindBadSignature),
			fail(FailClock, 400, "2098", "Request out of receiving window.", access.KindClockSkew),
			fail("permission missing", 403, "2078", "Permission denied.", access.KindForbidden),
			fail("something else", 400, "1999", "symbol does not have a valid value", access.KindNotUnderstood),
			fail("rate limited, by code", 400, "2136", "Too many api request", access.KindRateLimited),
			fail("rate limited", 429, "2136", "Too many api request", access.KindRateLimited),
			{Name: "banned", Reply: *HTML(418), Kind: access.KindBanned},
			{Name: "fault", Reply: *HTML(503), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{
			// The exchange's own sample, which shows its signature's first and last digits.
			wazirxVector("POST", "/sapi/v1/order", "symbol=ltcbtc&side=buy&type=limit&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
				"a03b8ba3ae3bad7b78fcec42224967e8cc19faec1a9d05c1f46200b9c5cab360"),
			// Computed by the documented rule.
			wazirxVector("GET", "/sapi/v1/funds", "recvWindow=5000&timestamp=1499827319559", "82f4e72e95e63d666b6da651e82a701722ad8a785a169318d91f36f279c55821"),
		},
		Unsigned: []string{"path"},
		Shape:    func(k *Issued) { k.ID, k.Secret = Hex(64, "wazirx", k.Serial), Hex(64, "wazirx secret", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("X-API-KEY") },
		Verify:   binanceLikeVerify,
		Public: map[string]func(*Call) Reply{
			"GET /sapi/v1/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /sapi/v1/funds": func(*Call) Reply {
			return Reply{Body: `[{"asset":"btc","free":"4.2","locked":"0.0"},{"asset":"wrx","free":"4763.6","locked":"0.0","reservedFee":"12.5"}]`}
		}},
	})
}

func wazirxVector(method, path, query, signature string) Vector {
	const key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1499827319559), Key: key, Secret: "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j", Method: method,
		URL:    "https://api.wazirx.com" + path + "?" + query + "&signature=" + signature,
		Header: map[string]string{"X-API-KEY": key},
	}
}

// Package acmetest holds a fake of Acme, written from its documentation.
package acmetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// Acme is a fake of Acme.
func Acme() *exchangetest.Fake {
	return exchangetest.New(exchangetest.Definition{
		Name: "acme", Hosts: []string{"api.acme.example"}, Kinds: []access.KeyKind{access.SharedSecret},
		Base: []access.Capability{access.Read},
		Rights: []exchangetest.Right{
			{Name: "trade", Capabilities: []access.Capability{access.TradeSpot}},
			{Name: "withdraw", Capabilities: []access.Capability{access.Withdraw}},
		},
		Reports: exchangetest.Reports{Allowlist: true, Entries: true, Created: true, Unit: time.Millisecond},
		Failures: []exchangetest.Failure{
			failure(exchangetest.FailUnknownKey, 401, "unknown_key", access.KindBadKey),
			failure(exchangetest.FailBadSignature, 401, "bad_signature", access.KindBadSignature),
			failure(exchangetest.FailClock, 401, "bad_time", access.KindClockSkew),
			failure(exchangetest.FailIP, 403, "ip_not_allowed", access.KindIPNotAllowed),
			failure("rate limited", 429, "slow_down", access.KindRateLimited),
		},
		Vectors: []exchangetest.Vector{{ // the documentation has none; computed with openssl
			Name: "key", Time: time.UnixMilli(1767225600000), Key: "AK", Secret: "SK",
			Method: "GET", URL: "https://api.acme.example/v1/key",
			Header: map[string]string{
				"Acme-Key": "AK", "Acme-Time": "1767225600000",
				"Acme-Signature": "1147d303571b0fb04793218f89e5a2d47279d6ca3c6ce80ae0d4c7875aa2824c",
			},
		}},
		Identify: func(c *exchangetest.Call) string { return c.Header.Get("Acme-Key") },
		Verify:   verify,
		Routes:   map[string]func(*exchangetest.Call) exchangetest.Reply{"GET /v1/key": key},
	})
}

func failure(name string, status int, code string, kind access.Kind) exchangetest.Failure {
	reply := exchangetest.Reply{Status: status, Body: `{"error":"` + code + `"}`}
	return exchangetest.Failure{Name: name, Reply: reply, Kind: kind}
}

// verify follows the documentation: HMAC-SHA256 over time, method and path, as
// lower-case hexadecimal; the time in milliseconds, at most 5 s off.
func verify(c *exchangetest.Call) *exchangetest.Reply {
	stamp := c.Header.Get("Acme-Time")
	mac := hmac.New(sha256.New, []byte(c.Key.Secret))
	mac.Write([]byte(stamp + c.Method + c.URL.Path))
	if c.Header.Get("Acme-Signature") != hex.EncodeToString(mac.Sum(nil)) {
		return c.Refuse(exchangetest.FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 5*time.Second {
		return c.Refuse(exchangetest.FailClock)
	}
	return nil
}

// key answers with what the exchange knows about the key that asks.
func key(c *exchangetest.Call) exchangetest.Reply {
	status := "active"
	if c.Key.Disabled {
		status = "frozen"
	}
	body, _ := json.Marshal(map[string]any{
		"id": c.Key.ID, "status": status, "created": c.Key.Created.UnixMilli(),
		"permissions": append([]string{}, c.Key.Permissions...), "ips": append([]string{}, c.Key.IPs...),
	})
	return exchangetest.Reply{Body: string(body)}
}

package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BitMEX is a fake of BitMEX's API, as it was until the exchange closed. Every key
// may read. Options: "form": "cidr" writes the one IP address of a key in the older
// member; "secret" is what the list shows as the key's secret; "target" is the
// account that the key acts for.
func BitMEX() *Fake {
	return New(Definition{
		Name:  "bitmex",
		Hosts: []string{"www.bitmex.com", "testnet.bitmex.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"order", []access.Capability{access.TradeSpot, access.TradeFutures, access.CancelOrders}},
			{"orderCancel", []access.Capability{access.CancelOrders}},
			{"withdraw", []access.Capability{access.Withdraw, access.TransferExternal}},
		},
		MayGrant: map[string][]access.Capability{"order": {access.TradeMargin, access.TradeOptions}},
		CanExist: func(s *Spec) bool { return !s.Has("order") || !s.Has("orderCancel") },
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Label: true, Unit: time.Millisecond},
		Failures: bitmexFailures,
		Vectors:  bitmexVectors,
		Shape: func(k *Issued) { // 24 and 48 characters
			k.ID, k.Secret = Hex(24, "bitmex", k.Serial), Hex(48, "bitmex secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("api-key") },
		Verify:   bitmexVerify,
		Routes:   map[string]func(*Call) Reply{"GET /api/v1/apiKey": bitmexKeys},
	})
}

var bitmexFailures = []Failure{
	{Name: FailUnknownKey, Reply: bitmexError(401, "Invalid API Key."), Kind: access.KindBadKey},
	{Name: FailDisabled, Reply: bitmexError(403, "This key is disabled."), Kind: access.KindDisabled},
	{Name: "key disabled, other status", Reply: bitmexError(401, "This key is disabled."), Kind: access.KindDisabled},
	{Name: FailBadSignature, Reply: bitmexError(401, "Signature not valid."), Kind: access.KindBadSignature},
	{Name: FailClock, Reply: bitmexError(401, "This request has expired - `expires` is in the past."), Kind: access.KindClockSkew},
	{ // as clients have seen it
		Name: "request expired, other status", Kind: access.KindClockSkew,
		Reply: bitmexError(400, "This request has expired - `expires` is in the past. Current time: 1574621316"),
	},
	{
		Name: FailIP, Reply: bitmexError(403, "Access Denied"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindForbidden, access.KindIPNotAllowed, access.KindBanned},
	},
	{
		Name: "forbidden", Reply: bitmexError(403, "Forbidden"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindForbidden, access.KindIPNotAllowed, access.KindBanned},
	},
	{Name: "account restricted", Reply: bitmexError(403, "Account is restricted"), Kind: access.KindDisabled},
	{
		Name: "rate limited", Kind: access.KindRateLimited,
		Reply: Reply{Status: 429, Header: map[string]string{"Retry-After": "1"}, Body: bitmexError(429, "Rate limit exceeded, retry in 1 seconds.").Body},
	},
	{Name: "overload", Reply: bitmexError(503, "The system is currently overloaded. Please try again later."), Kind: access.KindUnavailable},
	{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func bitmexError(status int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"error":{"message":%q,"name":"HTTPError"}}`, message)}
}

// bitmexVerify follows the documentation: verb, path with the query as it is
// sent, expiry and body without separators; HMAC-SHA256 in lower-case
// hexadecimal; an expiry in the future, in seconds.
func bitmexVerify(c *Call) *Reply {
	expires := c.Header.Get("api-expires")
	path := c.URL.EscapedPath()
	if c.URL.RawQuery != "" {
		path += "?" + c.URL.RawQuery
	}
	at, err := strconv.ParseInt(expires, 10, 64)
	switch {
	case err != nil, c.Header.Get("api-signature") != hmacHex(sha256.New, c.Key.Secret, c.Method+path+expires+string(c.Body)):
		return c.Refuse(FailBadSignature)
	case at <= c.Now.Unix():
		return c.Refuse(FailClock)
	}
	return nil
}

func bitmexKeys(c *Call) Reply {
	list := []any{}
	for _, k := range c.Keys(func(*Issued) bool { return true }) {
		cidr, cidrs := "", []string{}
		for _, ip := range k.IPs {
			if !slices.Contains([]byte(ip), '/') {
				ip += "/32"
			}
			cidrs = append(cidrs, ip)
		}
		if k.Options["form"] == "cidr" && len(k.IPs) > 0 {
			cidr, cidrs = k.IPs[0], []string{}
		}
		var target any
		if k.Options["target"] != "" {
			target = json.Number(k.Options["target"])
		}
		list = append(list, map[string]any{
			"id": k.ID, "secret": k.Options["secret"], "name": k.Label, "nonce": 0, "cidr": cidr, "cidrs": cidrs, "targetAccountId": target,
			"permissions": listOf(k.Permissions), "enabled": !k.Disabled, "userId": 123456,
			"created": timeOr(k.Created, c.Now).UTC().Format("2006-01-02T15:04:05.000Z"),
		})
	}
	body, _ := json.Marshal(list)
	return Reply{Body: string(body)}
}

// bitmexVectors: the first three are the exchange's own; the last was computed by
// the documented rule.
var bitmexVectors = []Vector{
	bitmexVector("GET", "/api/v1/instrument", "", 1518064236, "c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00"),
	bitmexVector("GET", "/api/v1/instrument?filter=%7B%22symbol%22%3A+%22XBTM15%22%7D", "", 1518064237, "e2f422547eecb5b3cb29ade2127e21b858b235b386bfa45e1c1756eb3383919f"),
	bitmexVector("POST", "/api/v1/order", `{"symbol":"XBTM15","price":219.0,"clOrdID":"mm_bitmex_1a/oemUeQ4CAJZgP3fjHsA","orderQty":98}`,
		1518064238, "1749cd2ccae4aa49048ae09f0b95110cee706e0944e6a14ad0b3a8cb45bd336b"),
	bitmexVector("GET", "/api/v1/apiKey", "", 1795000000, "6bed3cd317fe2bfc7efc607d4e7d1392c6deccdd30f0dfb91e21a1ba6b4b81b5"),
}

func bitmexVector(method, path, body string, expires int64, signature string) Vector {
	const key = "LAqUlngMIQkIUjXMUreyu3qn"
	header := map[string]string{"api-key": key, "api-expires": strconv.FormatInt(expires, 10), "api-signature": signature}
	if method == http.MethodPost {
		header["Content-Type"] = "application/json"
	}
	return Vector{
		Name: method + " " + path, Time: time.Unix(expires-5, 0), Key: key, Secret: "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO",
		Method: method, URL: "https://www.bitmex.com" + path, Header: header, Body: body,
	}
}

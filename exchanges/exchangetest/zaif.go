package exchangetest

import (
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Zaif is a fake of Zaif. Every key may read. Option "nonce" is the highest
// that the key's other clients have used; "flags": "bool" writes the rights as
// true and false, and "edition": "old" omits the newest of them.
func Zaif() *Fake {
	personal := []access.Capability{access.Other("personal-data")}
	return New(Definition{
		Name:  "zaif",
		Hosts: []string{"api.zaif.jp"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"trade", []access.Capability{access.TradeSpot}},
			{"withdraw", []access.Capability{access.Withdraw}},
			{"personal_info", personal},
			{"id_info", personal},
		},
		MayGrant:           map[string][]access.Capability{"trade": {access.TradeMargin}},
		UnknownPermissions: []string{"teleport", "bank_info"},
		Failures: []Failure{
			zaifFailure(FailUnknownKey, "invalid key", access.KindBadKey),
			zaifFailure(FailBadSignature, "signature mismatch", access.KindBadSignature),
			zaifFailure(FailNonce, "nonce not incremented", access.KindNonce),
			zaifFailure("no right to read", "no permission", access.KindForbidden),
			zaifFailure("something else", "unsupported currency_pair", access.KindNotUnderstood),
			{Name: "bare error", Reply: Reply{Body: `{"error":"nonce not incremented"}`}, Kind: access.KindNonce},
			{Name: "too many requests", Reply: Reply{Status: 429, Body: `{"error":"slow down"}`}, Kind: access.KindRateLimited},
			{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
		},
		Vectors: []Vector{{ // computed by the documented rule
			Name: "get_info2", Time: time.Unix(1700000000, 0), Key: "KEYEXAMPLE", Secret: "test-secret", Method: "POST", URL: "https://api.zaif.jp/tapi",
			Header: map[string]string{
				"Key": "KEYEXAMPLE", "Content-Type": "application/x-www-form-urlencoded",
				"Sign": "48b30c282301d9dcc96fa521b00b0e9f8e43aa89d304db317483a3d31f0cbe1f97b84551ce1d5dd03097d4316a0b39670fefa9458476dde698489a13f73e0a90",
			},
			Body: "method=get_info2&nonce=1700000000.12345",
		}},
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = zaifUUID(Hex(32, "zaif", k.Serial)), zaifUUID(Hex(32, "zaif secret", k.Serial))
		},
		Identify: func(c *Call) string { return c.Header.Get("Key") },
		Verify:   zaifVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/1/last_price/btc_jpy": func(*Call) Reply { return Reply{Body: `{"last_price":9000000.0}`} },
		},
		Routes: map[string]func(*Call) Reply{"POST /tapi": zaifTrade},
	})
}

func zaifUUID(hex string) string {
	return fmt.Sprintf("%s-%s-%s-%s-%s", hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:])
}

// zaifFailure: the words are in the exchange's style; none are documented.
func zaifFailure(name, message string, kind access.Kind) Failure {
	body, _ := json.Marshal(map[string]any{"success": 0, "error": message}) // a number and a text
	return Failure{Name: name, Reply: Reply{Body: string(body)}, Kind: kind}
}

// zaifVerify follows the exchange's rules: HMAC-SHA512 of the body in lower-case
// hexadecimal; a growing nonce that may have decimals, of which this fake checks
// three.
func zaifVerify(c *Call) *Reply {
	if c.Header.Get("Sign") != hmacHex(sha512.New, c.Key.Secret, string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil || c.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return c.Refuse("something else")
	}
	nonce, err := strconv.ParseFloat(form.Get("nonce"), 64)
	other, _ := strconv.ParseFloat(c.Key.Options["nonce"], 64)
	if err != nil || nonce <= other || nonce > 1e15 || uint64(nonce*1000) <= c.Key.Nonce {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = uint64(nonce * 1000)
	return nil
}

func zaifTrade(c *Call) Reply {
	form, _ := url.ParseQuery(string(c.Body)) // checked by zaifVerify
	method := form.Get("method")
	if method != "get_info2" && method != "get_info" {
		return *c.Refuse("something else")
	}
	held := map[string]any{}
	set := func(name string, yes bool) {
		held[name] = yes
		if c.Key.Options["flags"] != "bool" {
			held[name] = map[bool]int{true: 1}[yes]
		}
	}
	for _, name := range []string{"trade", "withdraw", "personal_info", "id_info"} {
		set(name, false)
	}
	if c.Key.Options["edition"] == "old" {
		delete(held, "id_info")
	}
	set("info", true)
	for _, name := range c.Key.Permissions {
		set(name, true)
	}
	result := map[string]any{
		"funds": map[string]int{"jpy": 0}, "deposit": map[string]int{"jpy": 0}, "rights": held, "open_orders": 0, "server_time": c.Now.Unix(),
	}
	if method == "get_info" {
		result["trade_count"] = 0
	}
	body, _ := json.Marshal(map[string]any{"success": 1, "return": result}) // plain values
	return Reply{Body: string(body)}
}

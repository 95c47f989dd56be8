package exchangetest

import (
	"crypto/sha512"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// YoBit is a fake of YoBit. Every key may read. Option "nonce" is the highest
// that the key's other clients have used.
func YoBit() *Fake {
	return New(Definition{
		Name:  "yobit",
		Hosts: []string{"yobit.net"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"trade", []access.Capability{access.TradeSpot}},
			{"withdraw", []access.Capability{access.Withdraw}},
		},
		UnknownPermissions: []string{"deposit", "teleport"},
		Failures: []Failure{
			yobitFailure(FailUnknownKey, "invalid key", access.KindBadKey),
			yobitFailure(FailBadSignature, "invalid sign", access.KindBadSignature),
			yobitFailure(FailNonce, "invalid nonce (has already been used)", access.KindNonce),
			yobitFailure("no right to read", "no info rights", access.KindForbidden),
			yobitFailure("one of several", "invalid key, sign, method or nonce", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature, access.KindNonce),
			yobitFailure("something else", "the method is not available", access.KindNotUnderstood),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
			{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
		},
		Vectors: []Vector{{ // computed by the documented rule
			Name: "getInfo", Time: time.Unix(1700000000, 0), Key: "KEYEXAMPLE", Secret: "test-secret", Method: "POST", URL: "https://yobit.net/tapi",
			Header: map[string]string{
				"Key": "KEYEXAMPLE", "Content-Type": "application/x-www-form-urlencoded",
				"Sign": "a230b679af571c8264dab7a92acb083ec54122718b6a7612a46806e2bb1ae81840afc0732171f2e46fd6088daf3e22c980351a5dc81d965497adf66ecc361332",
			},
			Body: "method=getInfo&nonce=1700000000",
		}},
		Unsigned: []string{"path"},
		Shape: func(k *Issued) { // 32 characters each
			k.ID, k.Secret = Hex(32, "yobit", k.Serial), Hex(32, "yobit secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("Key") },
		Verify:   yobitVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/3/ticker/ltc_btc": func(*Call) Reply {
				return Reply{Body: `{"ltc_btc":{"high":0.0011,"low":0.001,"avg":0.00105,"vol":1.2,"last":0.00105,"buy":0.00104,"sell":0.00106,"updated":1780315200}}`}
			},
		},
		Routes: map[string]func(*Call) Reply{"POST /tapi": yobitTrade},
	})
}

// yobitFailure: only the words for the nonce are known; the others are made up, with
// what a client would search for.
func yobitFailure(name, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body, _ := json.Marshal(map[string]any{"success": 0, "error": message}) // a number and a text
	return Failure{Name: name, Reply: Reply{Body: string(body)}, Kind: kind, Candidates: candidates}
}

// yobitVerify follows the exchange's rules: HMAC-SHA512 of the body in lower-case
// hexadecimal; a growing nonce from 1 to 2147483646.
func yobitVerify(c *Call) *Reply {
	if c.Header.Get("Sign") != hmacHex(sha512.New, c.Key.Secret, string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil || c.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return c.Refuse("something else")
	}
	nonce, err := strconv.ParseUint(form.Get("nonce"), 10, 64)
	other, _ := strconv.ParseUint(c.Key.Options["nonce"], 10, 64)
	if err != nil || nonce <= max(c.Key.Nonce, other) || nonce > 2147483646 {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = nonce
	return nil
}

func yobitTrade(c *Call) Reply {
	form, _ := url.ParseQuery(string(c.Body)) // checked by yobitVerify
	if form.Get("method") != "getInfo" {
		return *c.Refuse("something else")
	}
	held := map[string]int{"info": 1, "trade": 0, "withdraw": 0}
	for _, name := range c.Key.Permissions {
		held[name] = 1
	}
	body, _ := json.Marshal(map[string]any{"success": 1, "return": map[string]any{ // plain values
		"funds": map[string]int{"btc": 0}, "funds_incl_orders": map[string]int{"btc": 0}, "rights": held,
		"transaction_count": 0, "open_orders": 0, "server_time": c.Now.Unix(),
	}})
	return Reply{Body: string(body)}
}

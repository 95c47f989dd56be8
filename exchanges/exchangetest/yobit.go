package exchangetest

import (
	"crypto/sha512"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// YoBit is a fake of YoBit. Every key may look. Option "nonce" is the highest
// that the key's other clients have used.
func YoBit() *Fake {
	return newFake(definition{
		name:  "yobit",
		hosts: []string{"yobit.net"},
		kinds: []access.KeyKind{access.SharedSecret},
		base:  []access.Capability{access.Read},
		rights: []Right{
			{"trade", []access.Capability{access.TradeSpot}},
			{"withdraw", []access.Capability{access.Withdraw}},
		},
		unknown: []string{"deposit", "teleport"},
		failures: []Failure{
			yobitFailure(FailUnknownKey, "invalid key", access.KindBadKey),
			yobitFailure(FailBadSignature, "invalid sign", access.KindBadSignature),
			yobitFailure(FailNonce, "invalid nonce (has already been used)", access.KindNonce),
			yobitFailure("no right to look", "no info rights", access.KindForbidden),
			yobitFailure("one of several", "invalid key, sign, method or nonce", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature, access.KindNonce),
			yobitFailure("something else", "the method is not available", access.KindNotUnderstood),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
			{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
		},
		vectors: []Vector{{ // computed by the exchange's rule
			Name: "getInfo", Time: time.Unix(1700000000, 0), Key: "KEYEXAMPLE", Secret: "test-secret", Method: "POST", URL: "https://yobit.net/tapi",
			Header: map[string]string{
				"Key": "KEYEXAMPLE", "Content-Type": "application/x-www-form-urlencoded",
				"Sign": "a230b679af571c8264dab7a92acb083ec54122718b6a7612a46806e2bb1ae81840afc0732171f2e46fd6088daf3e22c980351a5dc81d965497adf66ecc361332",
			},
			Body: "method=getInfo&nonce=1700000000",
		}},
		unsigned: []string{"path"},
		shape: func(serial int, k *issued) { // 32 characters each
			k.id, k.secret = token(32, "yobit", serial), token(32, "yobit secret", serial)
		},
		identify: func(c *call) string { return c.Header.Get("Key") },
		verify:   yobitVerify,
		public: map[string]func(*call) Reply{
			"GET /api/3/ticker/ltc_btc": func(*call) Reply {
				return Reply{Body: `{"ltc_btc":{"high":0.0011,"low":0.001,"avg":0.00105,"vol":1.2,"last":0.00105,"buy":0.00104,"sell":0.00106,"updated":1780315200}}`}
			},
		},
		routes: map[string]func(*call) Reply{"POST /tapi": yobitTrade},
	})
}

// yobitFailure: of the words only the nonce's have been seen; the others are
// made up of what a client would look for.
func yobitFailure(name, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body, _ := json.Marshal(map[string]any{"success": 0, "error": message}) // a number and a text
	return Failure{Name: name, Reply: Reply{Body: string(body)}, Kind: kind, Candidates: candidates}
}

// yobitVerify follows the exchange's rules: HMAC-SHA512 of the body in lower-case
// hexadecimal; a nonce from 1 to 2147483646 that grows.
func yobitVerify(c *call) *Reply {
	if c.Header.Get("Sign") != hmacHex(sha512.New, c.key.secret, string(c.body)) {
		return c.refuse(FailBadSignature)
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil || c.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return c.refuse("something else")
	}
	nonce, err := strconv.ParseUint(form.Get("nonce"), 10, 64)
	other, _ := strconv.ParseUint(c.key.Options["nonce"], 10, 64)
	if err != nil || nonce <= max(c.key.nonce, other) || nonce > 2147483646 {
		return c.refuse(FailNonce)
	}
	c.key.nonce = nonce
	return nil
}

func yobitTrade(c *call) Reply {
	form, _ := url.ParseQuery(string(c.body)) // checked by yobitVerify
	if form.Get("method") != "getInfo" {
		return *c.refuse("something else")
	}
	held := map[string]int{"info": 1, "trade": 0, "withdraw": 0}
	for _, name := range c.key.Permissions {
		held[name] = 1
	}
	body, _ := json.Marshal(map[string]any{"success": 1, "return": map[string]any{ // plain values
		"funds": map[string]int{"btc": 0}, "funds_incl_orders": map[string]int{"btc": 0}, "rights": held,
		"transaction_count": 0, "open_orders": 0, "server_time": c.now.Unix(),
	}})
	return Reply{Body: string(body)}
}

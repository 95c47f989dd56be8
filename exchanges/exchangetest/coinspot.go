package exchangetest

import (
	"crypto/sha512"
	"encoding/json"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CoinSpot is a fake of CoinSpot. A key has the one permission "full access",
// or is read-only. Options: "refusal" is the message that a read-only key gets for
// the call that needs full access; "nonce": "high" says that the key's other
// clients use milliseconds.
func CoinSpot() *Fake {
	ok := func(*Call) Reply { return Reply{Body: `{"status":"ok","message":"ok"}`} }
	return New(Definition{
		Name:               "coinspot",
		Hosts:              []string{"www.coinspot.com.au"},
		Kinds:              []access.KeyKind{access.SharedSecret},
		Base:               []access.Capability{access.Read},
		Rights:             []Right{{"full access", []access.Capability{access.TradeSpot, access.Other("convert")}}},
		MayGrant:           map[string][]access.Capability{"full access": {access.Withdraw}},
		UnknownPermissions: []string{}, // permissions have no names here
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: coinspotError(400, "invalid key"), Kind: access.KindBadKey},
			{Name: FailBadSignature, Reply: coinspotError(400, "invalid sign"), Kind: access.KindBadSignature},
			{Name: FailNonce, Reply: coinspotError(400, "invalid nonce"), Kind: access.KindNonce},
			{Name: coinspotWrongKind, Reply: coinspotError(401, "no permission"), Kind: access.KindForbidden},
			{Name: "no words", Reply: coinspotError(401, ""), Kind: access.KindNotUnderstood},
			{Name: "something else", Reply: coinspotError(400, "please try something else"), Kind: access.KindNotUnderstood},
			{Name: "rate limited", Reply: coinspotError(429, "too many requests"), Kind: access.KindRateLimited},
			{Name: "fault", Reply: coinspotError(500, "error"), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{{ // computed by the documented rule
			Name: "status", Time: time.UnixMilli(1700000000000), Key: "KEYEXAMPLE", Secret: "test-secret",
			Method: "POST", URL: "https://www.coinspot.com.au/api/v2/status",
			Header: map[string]string{
				"key": "KEYEXAMPLE", "Content-Type": "application/json",
				"sign": "841cea81c5c27fba60932e3aef93b733d458590fe051750e1f0260dfa3da03725a30349260342a60e4bca29948bcea2eadf3c2a275c5efa4066ea7f239162813",
			},
			Body: `{"nonce":1700000000000}`,
		}},
		Unsigned: []string{"path"},
		Identify: func(c *Call) string { return c.Header.Get("key") },
		Verify:   coinspotVerify,
		Public: map[string]func(*Call) Reply{
			"GET /pubapi/v2/latest": func(*Call) Reply {
				return Reply{Body: `{"status":"ok","message":"ok","prices":{"btc":{"bid":"150000","ask":"150100","last":"150050"}}}`}
			},
		},
		Routes: map[string]func(*Call) Reply{
			"POST /api/v2/status": func(c *Call) Reply {
				refusal, set := c.Key.Options["refusal"]
				switch {
				case c.Key.Has("full access"):
					return ok(c)
				case set:
					return coinspotError(401, refusal)
				default:
					return *c.Refuse(coinspotWrongKind)
				}
			},
			// The answer to a key with full access is not documented here.
			"POST /api/v2/ro/status": ok,
		},
		Introspection: "POST /api/v2/ro/status",
	})
}

const coinspotWrongKind = "another kind of key"

// coinspotError: the form is documented, the words are not.
func coinspotError(status int, message string) Reply {
	body, _ := json.Marshal(map[string]string{"status": "error", "message": message}) // texts only
	return Reply{Status: status, Body: string(body)}
}

// coinspotVerify follows the exchange's rules: HMAC-SHA512 of the body as it was sent, in
// lower-case hexadecimal; a nonce in the body that grows.
func coinspotVerify(c *Call) *Reply {
	if c.Header.Get("sign") != hmacHex(sha512.New, c.Key.Secret, string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	var said struct{ Nonce uint64 }
	if json.Unmarshal(c.Body, &said) != nil || c.Header.Get("Content-Type") != "application/json" {
		return c.Refuse("something else")
	}
	other := uint64(0)
	if c.Key.Options["nonce"] == "high" {
		other = uint64(c.Now.UnixMilli()) - 1
	}
	if said.Nonce <= max(c.Key.Nonce, other) {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = said.Nonce
	return nil
}

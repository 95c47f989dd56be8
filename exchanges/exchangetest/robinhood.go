package exchangetest

import (
	"cmp"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Robinhood is a fake of Robinhood's crypto trading API v1. It reports nothing about
// its keys. Option "status" is the account's, "active" by default.
func Robinhood() *Fake {
	fail := func(name string, status int, kind, detail string, want access.Kind, candidates ...access.Kind) Failure {
		body := fmt.Sprintf(`{"type":%q,"errors":[{"detail":%q,"attr":null}]}`, kind, detail)
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: want, Candidates: candidates}
	}
	return New(Definition{
		Name: "robinhood", Hosts: []string{"trading.robinhood.com"}, Kinds: []access.KeyKind{access.Ed25519Key}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			// What a status means is known, and the words aren't.
			fail(FailUnknownKey, 401, "client_error", "Unauthorized", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature, access.KindClockSkew),
			fail("permission missing", 403, "client_error", "Forbidden", access.KindAmbiguous, access.KindForbidden, access.KindIPNotAllowed),
			fail("something else", 400, "validation_error", "Enter a valid value", access.KindNotUnderstood),
			fail("rate limited", 429, "client_error", "Throttled", access.KindRateLimited),
			fail("fault", 500, "server_error", "Internal error", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{
			// The exchange's own sample, whose body is written as Python prints it.
			robinhoodVector("POST", "/api/v1/crypto/trading/orders/", "{'client_order_id': '131de903-5a9c-4260-abc1-28d562a5dcf0', 'side': 'buy', 'symbol': 'BTC-USD', 'type': 'market', "+
				"'market_order_config': {'asset_quantity': '0.1'}}", "q/nEtxp/P2Or3hph3KejBqnw5o9qeuQ+hYRnB56FaHbjDsNUY9KhB1asMxohDnzdVFSD7StaTqjSd9U9HvaRAw=="),
			// Computed with openssl.
			robinhoodVector("GET", "/api/v1/crypto/trading/accounts/", "", "08PdjWE9n95K4rcXLZS0z47SdFJ0k/hod/1WRNd2JugZemESR65/J8UJi6yGjd8KRPizSW9goFFqffDOgqGBDQ=="),
		},
		Shape:    robinhoodShape,
		Identify: func(c *Call) string { return c.Header.Get("x-api-key") },
		Verify:   robinhoodVerify,
		Routes: map[string]func(*Call) Reply{"GET /api/v1/crypto/trading/accounts/": func(c *Call) Reply {
			return Reply{Body: fmt.Sprintf(`{"account_number":"123456789012","status":%q,"buying_power":"100.0000","buying_power_currency":"USD"}`, cmp.Or(c.Key.Options["status"], "active"))}
		}},
	})
}

// robinhoodShape: the owner keeps base64 of the seed.
func robinhoodShape(k *Issued) {
	block, _ := pem.Decode([]byte(k.PrivateKey))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err) // this package has encoded it
	}
	k.PrivateKey = base64.StdEncoding.EncodeToString(private.(ed25519.PrivateKey).Seed())
	h := Hex(32, "robinhood", k.Serial)
	k.ID = "rh-api-" + h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

// robinhoodVerify follows the documentation: key, timestamp in seconds, path with query,
// method and body; Ed25519 in base64; a timestamp is valid for 30 s.
func robinhoodVerify(c *Call) *Reply {
	stamp := c.Header.Get("x-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.Unix(seconds, 0)).Abs() > 30*time.Second {
		return c.Refuse(FailClock)
	}
	public, _ := c.Key.PublicKey.(ed25519.PublicKey)
	signature, err := base64.StdEncoding.DecodeString(c.Header.Get("x-signature"))
	if err != nil || len(public) == 0 || !ed25519.Verify(public, []byte(c.Key.ID+stamp+c.URL.RequestURI()+c.Method+string(c.Body)), signature) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func robinhoodVector(method, path, body, signature string) Vector {
	const key = "rh-api-6148effc-c0b1-486c-8940-a1d099456be6"
	return Vector{
		Name: method + " " + path, Time: time.Unix(1698708981, 0), Key: key, Secret: "xQnTJVeQLmw1/Mg2YimEViSpw/SdJcgNXZ5kQkAXNPU=",
		Method: method, URL: "https://trading.robinhood.com" + path, Body: body,
		Header: map[string]string{"x-api-key": key, "x-timestamp": "1698708981", "x-signature": signature},
	}
}

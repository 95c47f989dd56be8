package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bitflyer is a fake of bitFlyer. Permissions are the paths of private calls;
// every key may make the call that lists them.
func Bitflyer() *Fake {
	trade := []access.Capability{access.TradeSpot}
	def := Definition{
		Name:  "bitflyer",
		Hosts: []string{"api.bitflyer.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"/v1/me/sendchildorder", trade},
			{"/v1/me/sendparentorder", trade},
			{"/v1/me/cancelchildorder", append(slices.Clip(trade), access.CancelOrders)},
			{"/v1/me/cancelparentorder", append(slices.Clip(trade), access.CancelOrders)},
			{"/v1/me/cancelallchildorders", append(slices.Clip(trade), access.CancelOrders)},
			{"/v1/me/withdraw", []access.Capability{access.Withdraw}},
			{"/v1/me/sendcoin", []access.Capability{access.Withdraw}},
		},
		MayGrant:           map[string][]access.Capability{},
		UnknownPermissions: []string{"/v1/me/teleport", "/v2/me/getbalance"},
		Failures:           bitflyerFailures,
		Vectors: []Vector{{ // computed by the documented rule
			Name: "getpermissions", Time: time.Unix(1700000000, 0), Key: "KEYEXAMPLE", Secret: "test-secret",
			Method: "GET", URL: "https://api.bitflyer.com" + bitflyerList,
			Header: map[string]string{
				"ACCESS-KEY": "KEYEXAMPLE", "ACCESS-TIMESTAMP": "1700000000",
				"ACCESS-SIGN": "d42471fb236918067a4ba59b50f8323503e40a411c3c912e078efe839c327b07",
			},
		}},
		Identify: func(c *Call) string { return c.Header.Get("ACCESS-KEY") },
		Verify:   bitflyerVerify,
		Routes: map[string]func(*Call) Reply{"GET " + bitflyerList: func(c *Call) Reply {
			body, _ := json.Marshal(append([]string{bitflyerList}, c.Key.Permissions...)) // texts only
			return Reply{Body: string(body)}
		}},
	}
	for _, path := range []string{"sendchildorder", "sendparentorder", "cancelchildorder", "cancelparentorder", "cancelallchildorders"} {
		def.MayGrant["/v1/me/"+path] = []access.Capability{access.TradeMargin, access.TradeFutures}
	}
	for _, path := range []string{
		"getbalance", "getbalancehistory", "getcollateral", "getcollateralhistory", "getcollateralaccounts", "getaddresses", "getcoinins",
		"getcoinouts", "getbankaccounts", "getdeposits", "getwithdrawals", "getchildorders", "getparentorders", "getparentorder",
		"getexecutions", "getpositions", "gettradingcommission",
	} {
		def.Rights = append(def.Rights, Right{"/v1/me/" + path, []access.Capability{access.Read}})
	}
	return New(def)
}

const bitflyerList = "/v1/me/getpermissions"

var bitflyerFive = []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed, access.KindForbidden}

// bitflyerFailures: the form is documented. The words are those that clients
// have seen, or empty where none are known.
var bitflyerFailures = []Failure{
	bitflyerFailure(FailUnknownKey, 401, -500, "Key not found", access.KindBadKey),
	bitflyerFailure(FailBadSignature, 401, -500, "", access.KindAmbiguous, bitflyerFive...),
	bitflyerFailure(FailIP, 403, -500, "", access.KindAmbiguous, bitflyerFive...),
	bitflyerFailure("no right to ask", 401, -500, "Permission denied", access.KindForbidden),
	bitflyerFailure("no right to ask, other words", 403, -500, "Permission denied", access.KindForbidden),
	bitflyerFailure("maintenance", 400, -2, "Under maintenance", access.KindUnavailable),
	bitflyerFailure("maintenance, by status", 503, -2, "Under maintenance", access.KindUnavailable),
	bitflyerFailure("rate limited", 429, -1, "Over API limit per period", access.KindRateLimited),
	bitflyerFailure("bad request", 400, -160, "", access.KindNotUnderstood),
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func bitflyerFailure(name string, status, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body, _ := json.Marshal(map[string]any{"status": code, "error_message": message, "data": nil}) // plain values
	return Failure{Name: name, Reply: Reply{Status: status, Body: string(body)}, Kind: kind, Candidates: candidates}
}

// bitflyerVerify follows the exchange's rule: HMAC-SHA256 of timestamp, method,
// path with query, and body, in lower-case hexadecimal. The timestamp is in
// seconds, with or without decimals; milliseconds are refused.
func bitflyerVerify(c *Call) *Reply {
	stamp := c.Header.Get("ACCESS-TIMESTAMP")
	seconds, err := strconv.ParseFloat(stamp, 64)
	if err != nil || seconds > 1e11 {
		return c.Refuse(FailBadSignature)
	}
	if c.Header.Get("ACCESS-SIGN") != hmacHex(sha256.New, c.Key.Secret, stamp+c.Method+c.URL.RequestURI()+string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	if c.Method == http.MethodPost && c.Header.Get("Content-Type") != "application/json" {
		return c.Refuse("bad request")
	}
	return nil
}

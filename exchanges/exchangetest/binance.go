package exchangetest

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Binance is a fake of Binance. Its permissions are the flags of the answer
// that are true; reading is always on, as the exchange's page cannot switch it
// off. Option "tradingAuthorityExpirationTime" adds that member of older answers,
// in milliseconds. On the hosts of the test network and of the demo mode only the
// spot API answers.
func Binance() *Fake {
	return New(Definition{
		Name:     "binance",
		Hosts:    slices.Concat(binanceLive, binanceTest),
		Kinds:    []access.KeyKind{access.SharedSecret, access.Ed25519Key, access.RSAKey},
		Base:     []access.Capability{access.Read},
		Rights:   binanceRights,
		Implied:  binanceImplied,
		Reports:  Reports{Allowlist: true, Created: true, Unit: time.Millisecond},
		Failures: binanceFailures,
		Vectors:  binanceVectors,
		Shape: func(k *Issued) { // keys and secrets of 64 characters
			k.ID, k.Secret = Hex(64, "binance", k.Serial), Hex(64, "binance secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-MBX-APIKEY") },
		Verify:   binanceVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v3/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{
			"GET " + binanceIntrospection: binanceRestrictions,
			"GET /api/v3/account":         binanceAccount,
		},
		// The exchange allows withdrawals only for keys with an IP allowlist.
		CanExist:           func(s *Spec) bool { return len(s.IPs) > 0 || !s.Has("enableWithdrawals") },
		Introspection:      "GET " + binanceIntrospection,
		Unsigned:           []string{"path"},
		UnknownPermissions: []string{"enablePredictionTrading", "permitsNewTransfer"},
	})
}

var binanceRights = []Right{
	{"enableFixReadOnly", []access.Capability{access.Other("fix-read")}},
	{"enableSpotAndMarginTrading", []access.Capability{access.TradeSpot, access.TradeMargin}},
	{"enableMargin", []access.Capability{access.TradeMargin}},
	{"enableFutures", []access.Capability{access.TradeFutures}},
	{"enableVanillaOptions", []access.Capability{access.TradeOptions}},
	{"enablePortfolioMarginTrading", []access.Capability{access.TradeFutures, access.TradeMargin, access.Other("portfolio-margin")}},
	{"enableFixApiTrade", []access.Capability{access.TradeSpot, access.Other("fix-trade")}},
	{"permitsUniversalTransfer", []access.Capability{access.TransferInternal}},
	{"enableInternalTransfer", []access.Capability{access.TransferInternal}},
	{"enableWithdrawals", []access.Capability{access.Withdraw, access.TransferExternal}},
}

// binanceImplied: the security types and remarks of the sub-account, margin and wallet
// calls. On a sub-account the spot right moves funds to the main account and to
// other sub-accounts, on a main account between the wallets of its sub-accounts.
var binanceImplied = map[string][]Implied{
	"enableSpotAndMarginTrading": {
		{Capability: access.TransferInternal}, {Capability: access.APIKeyManage}, {Capability: access.SubaccountManage, OnMain: true},
	},
	"enableMargin": {{Capability: access.TransferInternal}},
}

var (
	binanceLive = []string{
		"api.binance.com", "api-gcp.binance.com", "api1.binance.com", "api2.binance.com", "api3.binance.com", "api4.binance.com",
	}
	binanceTest = []string{"testnet.binance.vision", "api1.testnet.binance.vision", "demo-api.binance.com"}
)

const binanceIntrospection = "/sapi/v1/account/apiRestrictions"

const binanceDenied = "Invalid API-key, IP, or permissions for action."

var (
	binanceThree = []access.Kind{
		access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden, access.KindWrongEnvironment, access.KindExpired,
	}
	binanceFailures = []Failure{
		{Name: FailUnknownKey, Reply: binanceError(401, -2015, binanceDenied), Kind: access.KindAmbiguous, Candidates: binanceThree},
		{Name: FailIP, Reply: binanceError(401, -2015, binanceDenied), Kind: access.KindAmbiguous, Candidates: binanceThree},
		{Name: "IP address not allowed, named", Reply: binanceError(401, -2015, "Invalid API-key, IP, or permissions for action, request ip: {ip}"), Kind: access.KindAmbiguous, Candidates: binanceThree},
		{Name: FailExpired, Reply: binanceError(401, -2015, binanceDenied), Kind: access.KindAmbiguous, Candidates: binanceThree},
		{Name: "key malformed", Reply: binanceError(401, -2014, "API-key format invalid."), Kind: access.KindBadKey},
		{Name: "key malformed, other status", Reply: binanceError(400, -2014, "API-key format invalid."), Kind: access.KindBadKey},
		{Name: "unknown key, other code", Reply: binanceError(401, -2008, "Invalid Api-Key ID."), Kind: access.KindBadKey},
		{Name: FailBadSignature, Reply: binanceError(400, -1022, "Signature for this request is not valid."), Kind: access.KindBadSignature},
		{Name: FailClock, Reply: binanceError(400, -1021, "Timestamp for this request is outside of the recvWindow."), Kind: access.KindClockSkew},
		{Name: "timestamp ahead", Reply: binanceError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time."), Kind: access.KindClockSkew},
		{Name: binanceWindow, Reply: binanceError(400, -1131, "recvWindow must be less than 60000"), Kind: access.KindNotUnderstood},
		{
			Name: "not authorised", Reply: binanceError(401, -1002, "You are not authorized to execute this request."), Kind: access.KindAmbiguous,
			Candidates: []access.Kind{access.KindBadKey, access.KindForbidden},
		},
		{
			Name: "not found or authorised", Reply: binanceError(401, -1099, "Not found, authenticated, or authorized."), Kind: access.KindAmbiguous,
			Candidates: []access.Kind{access.KindBadKey, access.KindForbidden},
		},
		{
			Name: "no login", Reply: binanceError(401, -4004, "You are not login or auth"), Kind: access.KindAmbiguous,
			Candidates: []access.Kind{access.KindBadKey, access.KindForbidden},
		},
		{Name: "main account only", Reply: binanceError(400, -4006, "Support main account only"), Kind: access.KindForbidden},
		{Name: "rate limited", Reply: binanceLater(429, "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."), Kind: access.KindRateLimited},
		{Name: "banned", Reply: binanceLater(418, "Way too much request weight used; IP banned until {ms}."), Kind: access.KindBanned},
		{Name: "firewall", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		{Name: "restricted location", Reply: binanceError(451, 0, "Service unavailable from a restricted location according to 'b. Eligibility'."), Kind: access.KindGeoBlocked},
		{Name: "internal error", Reply: binanceError(500, -1001, "Internal error; unable to process your request. Please try again."), Kind: access.KindUnavailable},
		{Name: "busy", Reply: binanceError(400, -1004, "Server is busy, please wait and try again"), Kind: access.KindUnavailable},
		{Name: "unexpected answer", Reply: binanceError(503, -1006, "An unexpected response was received from the message bus."), Kind: access.KindUnavailable},
		{Name: "timeout", Reply: binanceError(408, -1007, "Timeout waiting for response from backend server."), Kind: access.KindUnavailable},
		{Name: "overloaded", Reply: binanceError(503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes."), Kind: access.KindUnavailable},
		{Name: "shutting down", Reply: binanceError(400, -1016, "This service is no longer available."), Kind: access.KindUnavailable},
	}
)

const binanceWindow = "window too large"

func binanceError(status, code int, message string) Reply {
	text, _ := json.Marshal(message)
	return Reply{Status: status, Body: `{"code":` + strconv.Itoa(code) + `,"msg":` + string(text) + `}`}
}

// binanceLater is a refusal that says when to retry; both of its kinds have the
// code -1003.
func binanceLater(status int, message string) Reply {
	r := binanceError(status, -1003, message)
	r.Header = map[string]string{"Retry-After": "120"}
	return r
}

// binanceVerify follows the documentation: the signed text is the query and the
// body as they were sent, one directly after the other, without the signature,
// which is the last parameter of either. The time is in milliseconds
// or microseconds; timestamp < serverTime + 1000 ms and serverTime − timestamp
// <= recvWindow.
func binanceVerify(c *Call) *Reply {
	query, signature, found := cutSignature(c.URL.RawQuery)
	body := string(c.Body)
	if !found {
		body, signature, _ = cutSignature(body)
	}
	inQuery, errQuery := url.ParseQuery(query)
	inBody, errBody := url.ParseQuery(body)
	values := func(name string) string { return inQuery.Get(name) + inBody.Get(name) }
	ms, errStamp := strconv.ParseFloat(values("timestamp"), 64)
	span, errSpan := 5000.0, error(nil)
	if text := values("recvWindow"); text != "" {
		span, errSpan = strconv.ParseFloat(text, 64)
	}
	if ms > 1e14 { // microseconds
		ms /= 1000
	}
	now := float64(c.Now.UnixMilli())
	switch {
	case errQuery != nil, errBody != nil, errStamp != nil, errSpan != nil:
		return c.Refuse(FailBadSignature)
	case span > 60000:
		return c.Refuse(binanceWindow)
	case ms >= now+1000, now-ms > span:
		return c.Refuse(FailClock)
	case !binanceSigned(c.Key, query+body, signature):
		return c.Refuse(FailBadSignature)
	}
	return nil
}

// cutSignature takes the signature off the end of encoded parameters.
func cutSignature(parameters string) (rest, signature string, found bool) {
	at := strings.LastIndex(parameters, "&signature=")
	if at < 0 {
		return parameters, "", false
	}
	signature, err := url.QueryUnescape(parameters[at+len("&signature="):])
	return parameters[:at], signature, err == nil
}

// binanceSigned reports whether a signature is that of the payload: hexadecimal in
// either case for a shared secret, base64 for the others.
func binanceSigned(k *Issued, payload, signature string) bool {
	switch public := k.PublicKey.(type) {
	case ed25519.PublicKey:
		raw, err := base64.StdEncoding.DecodeString(signature)
		return err == nil && ed25519.Verify(public, []byte(payload), raw)
	case *rsa.PublicKey:
		return rsaSigned(public, payload, signature)
	default:
		raw, err := hex.DecodeString(signature)
		mac := hmac.New(sha256.New, []byte(k.Secret))
		mac.Write([]byte(payload))
		return err == nil && hmac.Equal(raw, mac.Sum(nil))
	}
}

func binanceRestrictions(c *Call) Reply {
	if slices.Contains(binanceTest, c.Host) {
		return Reply{Status: http.StatusNotFound, Body: "not found"}
	}
	k := c.Key
	created := k.Created
	if created.IsZero() {
		created = c.Now
	}
	answer := map[string]any{"ipRestrict": len(k.IPs) > 0, "createTime": created.UnixMilli(), "enableReading": true}
	for _, right := range binanceRights {
		answer[right.Name] = false
	}
	for _, name := range k.Permissions {
		answer[name] = true
	}
	if text := k.Options["tradingAuthorityExpirationTime"]; text != "" {
		answer["tradingAuthorityExpirationTime"] = json.Number(text)
	}
	body, _ := json.Marshal(answer)
	return Reply{Body: string(body)}
}

// binanceAccount describes the account of a key. Its flags are the account's, and
// say nothing about the key.
func binanceAccount(*Call) Reply {
	return Reply{Body: `{"makerCommission":0,"takerCommission":0,"buyerCommission":0,"sellerCommission":0,` +
		`"commissionRates":{"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000","seller":"0.00000000"},` +
		`"canTrade":true,"canWithdraw":true,"canDeposit":true,"brokered":false,"requireSelfTradePrevention":false,"preventSor":false,` +
		`"updateTime":1767225600000,"accountType":"SPOT","balances":[],"permissions":["SPOT"],"uid":354937868}`}
}

package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// MEXC is a fake of MEXC's spot API. Every key can read its account, as the call
// needs that. Options: "status" is the key's status, VALID by default; "edition":
// "documented" writes the key's name and its creation as in the documentation, not
// as the exchange was seen to write them; "short": "1" abbreviates permissions as on
// older pages.
func MEXC() *Fake {
	return New(Definition{
		Name:  "mexc",
		Hosts: []string{"api.mexc.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"SPOT_ACCOUNT_READ", []access.Capability{access.Read}},
			{"SPOT_DEAL_READ", []access.Capability{access.Read}},
			{"CONTRACT_ACCOUNT_READ", []access.Capability{access.Read}},
			{"CONTRACT_DEAL_READ", []access.Capability{access.Read}},
			{"SPOT_WITHDRAW_READ", []access.Capability{access.Read}},
			{"SPOT_TRANSFER_READ", []access.Capability{access.Read}},
			{"SPOT_DEPOSIT_READ", []access.Capability{access.Read}},
			{"SPOT_DEAL_WRITE", []access.Capability{access.TradeSpot}},
			{"CONTRACT_DEAL_WRITE", []access.Capability{access.TradeFutures}},
			{"CONTRACT_ACCOUNT_WRITE", []access.Capability{access.TradeFutures}},
			{"SPOT_ACCOUNT_WRITE", []access.Capability{access.APIKeyManage, access.SubaccountManage}},
			{"SPOT_TRANSFER_WRITE", []access.Capability{access.TransferInternal}},
			{"SPOT_WITHDRAW_WRITE", []access.Capability{access.Withdraw, access.TransferExternal}},
			{"SPOT_DEPOSIT_WRITE", []access.Capability{access.Other("deposit")}},
		},
		MayGrant: map[string][]access.Capability{"SPOT_DEAL_WRITE": {access.TradeMargin}},
		// Older pages ask for SPOT_ACCOUNT_READ, which every key has, where newer ones ask
		// for SPOT_ACCOUNT_WRITE.
		Implied:  map[string][]Implied{"": {{Capability: access.APIKeyManage, OnMain: true, Unsure: true}}},
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Expires: true, Label: true, Unit: 24 * time.Hour},
		Failures: mexcFailures,
		Vectors:  mexcVectors,
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = "mx0v"+Hex(14, "mexc", k.Serial), Hex(32, "mexc secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-MEXC-APIKEY") },
		Verify:   mexcVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v3/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v3/apiKeyInfo": mexcKeyInfo},
	})
}

// Names of refusals that only this exchange has.
const (
	mexcWindow    = "window too large"
	mexcNoSubject = "accessKey missing"
)

// mexcFailures: the documentation gives no statuses beyond "4xx".
var mexcFailures = []Failure{
	{Name: FailUnknownKey, Reply: mexcError(400, 10072, "Invalid access key"), Kind: access.KindBadKey},
	{Name: "unknown key, other code", Reply: mexcError(400, 730706, "API KEY information does not exist"), Kind: access.KindBadKey},
	{Name: "key missing", Reply: mexcError(400, 400, "api key required"), Kind: access.KindBadKey},
	{
		Name: "key malformed", Reply: mexcError(400, 700001, "API-key format invalid."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindExpired},
	},
	{
		Name: FailBadSignature, Reply: mexcError(400, 700002, "Signature for this request is not valid."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadSignature, access.KindExpired},
	},
	{
		Name: FailExpired, Reply: mexcError(400, 700002, "Signature for this request is not valid."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadSignature, access.KindExpired},
	},
	{Name: "key expired, named", Reply: mexcError(400, 402, "Api_key expired"), Kind: access.KindExpired},
	{Name: "bad signature, other code", Reply: mexcError(400, 602, "Signature verification failed"), Kind: access.KindBadSignature},
	{Name: mexcNoSubject, Reply: mexcError(400, 730707, "accessKey cannot be null"), Kind: access.KindNotUnderstood},
	{Name: FailClock, Reply: mexcError(400, 700003, "Timestamp for this request is outside of the recvWindow."), Kind: access.KindClockSkew},
	{Name: "timestamp refused, other code", Reply: mexcError(400, 10073, "Invalid Request-Time"), Kind: access.KindClockSkew},
	{Name: "request too old", Reply: mexcError(400, 513, "Invalid request time"), Kind: access.KindClockSkew},
	{Name: mexcWindow, Reply: mexcError(400, 700005, "recvWindow must less than 60000"), Kind: access.KindNotUnderstood},
	{Name: FailIP, Reply: mexcError(400, 700006, "IP [{ip}] not in the ip white list"), Kind: access.KindIPNotAllowed},
	{Name: "IP address not allowed, other code", Reply: mexcError(400, 406, "Accessed IP is not in the whitelist"), Kind: access.KindIPNotAllowed},
	{Name: "forbidden", Reply: mexcError(400, 700007, "No permission to access the endpoint"), Kind: access.KindForbidden},
	{Name: "reading forbidden", Reply: mexcError(400, 701, "Account read permission is required"), Kind: access.KindForbidden},
	{Name: "writing forbidden", Reply: mexcError(400, 702, "Account modify permission is required"), Kind: access.KindForbidden},
	{Name: "reading trades forbidden", Reply: mexcError(400, 703, "Trade information read permission is required"), Kind: access.KindForbidden},
	{Name: "trading forbidden", Reply: mexcError(400, 704, "Transaction information modify permission is required"), Kind: access.KindForbidden},
	{Name: "interface forbidden", Reply: mexcError(400, 511, "Not allowed to access the interface"), Kind: access.KindForbidden},
	{Name: "access denied", Reply: mexcError(403, 403, "Access denied"), Kind: access.KindForbidden},
	{Name: "pair forbidden", Reply: mexcError(400, 70011, "Pair user ban trade apikey"), Kind: access.KindForbidden},
	{Name: FailDisabled, Reply: mexcError(400, 60005, "your account is abnormal"), Kind: access.KindDisabled},
	{Name: "account abnormal, other code", Reply: mexcError(400, 730100, "User status error"), Kind: access.KindDisabled},
	{Name: "rate limited", Reply: mexcError(429, 429, "Too Many Requests"), Kind: access.KindRateLimited},
	{Name: "rate limited, other code", Reply: mexcError(400, 510, "Excessive frequency of requests"), Kind: access.KindRateLimited},
	{Name: "firewall", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
	{Name: "maintenance", Reply: mexcError(400, 503, "Service is not available, please try again"), Kind: access.KindUnavailable},
	{Name: "maintenance, other code", Reply: mexcError(400, 604, "System is busy"), Kind: access.KindUnavailable},
	{Name: "maintenance, third code", Reply: mexcError(400, 801, "Query is closed"), Kind: access.KindUnavailable},
	{Name: "maintenance, other words", Reply: mexcError(400, 30000, "The system is under maintenance"), Kind: access.KindUnavailable},
}

func mexcError(status, code int, message string) Reply {
	text, _ := json.Marshal(message)
	return Reply{Status: status, Body: `{"code":` + strconv.Itoa(code) + `,"msg":` + string(text) + `}`}
}

// mexcVerify follows the documentation: the signed text is the query and the body
// as they were sent, one directly after the other and without the signature;
// HMAC-SHA256 as lower-case hexadecimal; timestamp < serverTime + 1000 ms and
// serverTime − timestamp <= recvWindow.
func mexcVerify(c *Call) *Reply {
	query, signature, found := cutSignature(c.URL.RawQuery)
	body := string(c.Body)
	if !found {
		body, signature, _ = cutSignature(body)
	}
	inQuery, errQuery := url.ParseQuery(query)
	inBody, errBody := url.ParseQuery(body)
	values := func(name string) string { return inQuery.Get(name) + inBody.Get(name) }
	stamp, errStamp := strconv.ParseInt(values("timestamp"), 10, 64)
	window, errWindow := int64(5000), error(nil)
	if text := values("recvWindow"); text != "" {
		window, errWindow = strconv.ParseInt(text, 10, 64)
	}
	now := c.Now.UnixMilli()
	switch {
	case errQuery != nil, errBody != nil, errStamp != nil, errWindow != nil:
		return c.Refuse(FailBadSignature)
	case window > 60000:
		return c.Refuse(mexcWindow)
	case stamp >= now+1000, now-stamp > window:
		return c.Refuse(FailClock)
	case signature != hmacHex(sha256.New, c.Key.Secret, query+body):
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func mexcKeyInfo(c *Call) Reply {
	k := c.Key
	switch c.URL.Query().Get("accessKey") {
	case k.ID:
	case "":
		return *c.Refuse(mexcNoSubject)
	default: // whether a key may ask about another key of the account is unknown
		return *c.Refuse("unknown key, other code")
	}
	permissions := slices.Clone(k.Permissions)
	if !k.Has("SPOT_ACCOUNT_READ") {
		permissions = append([]string{"SPOT_ACCOUNT_READ"}, permissions...)
	}
	if k.Options["short"] == "1" {
		for i, p := range permissions {
			permissions[i] = strings.NewReplacer("_READ", "_R", "_WRITE", "_W").Replace(p)
		}
	}
	left, status := -999, "VALID"
	if !k.Expires.IsZero() {
		left = int(k.Expires.Sub(c.Now) / (24 * time.Hour))
	}
	if s := k.Options["status"]; s != "" {
		status = s
	}
	created := k.Created
	if created.IsZero() {
		created = c.Now
	}
	answer := map[string]any{
		"note": k.Label, "accessKey": k.ID, "createTime": created.UTC().Format("2006-01-02T15:04:05.000+00:00"),
		"permissions": strings.Join(permissions, ","), "remainingValidity": left, "ipWhiteList": strings.Join(k.IPs, ","), "status": status,
	}
	if k.Options["edition"] == "documented" {
		answer["apikey"], answer["createTime"] = k.ID, created.UnixMilli()
		delete(answer, "accessKey")
	}
	body, _ := json.Marshal(answer)
	return Reply{Body: string(body)}
}

// mexcVectors: the first two are in the documentation of the spot API; the others
// were computed with its key and secret.
var mexcVectors = []Vector{
	mexcVector(
		"order, all in the query", http.MethodPost, "/api/v3/order", 1644489390087,
		"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087"+
			"&signature=fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a", "",
	),
	mexcVector(
		"order, query and body", http.MethodPost, "/api/v3/order", 1644489390087, "symbol=BTCUSDT&side=BUY&type=LIMIT",
		"quantity=1&price=11&recvWindow=5000&timestamp=1644489390087&signature=d1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592",
	),
	mexcVector(
		"key info", http.MethodGet, "/api/v3/apiKeyInfo", 1767225600000,
		"accessKey=mx0aBYs33eIilxBWC5&recvWindow=5000&timestamp=1767225600000"+
			"&signature=59fc5938223004122a7d3fc2b84777606030b58db0e803a4ec6213768b3c3b67", "",
	),
	mexcVector(
		"key info, another order", http.MethodGet, "/api/v3/apiKeyInfo", 1767225600000,
		"accessKey=mx0aBYs33eIilxBWC5&timestamp=1767225600000&recvWindow=5000"+
			"&signature=4e516445c35833c78056bc90b7e0c79dac4abfccac036d5b7b02ba36ff2c8611", "",
	),
}

func mexcVector(name, method, path string, ms int64, query, body string) Vector {
	return Vector{
		Name: name, Time: time.UnixMilli(ms), Key: "mx0aBYs33eIilxBWC5", Secret: "45d0b3c26f2644f19bfb98b07741b2f5",
		Method: method, URL: "https://api.mexc.com" + path + "?" + query, Body: body,
		Header: map[string]string{"X-MEXC-APIKEY": "mx0aBYs33eIilxBWC5"},
	}
}

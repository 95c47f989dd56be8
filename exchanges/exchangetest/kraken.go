package exchangetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Kraken is a fake of Kraken's spot API. Options: "spelling": "snake" answers in
// the second spelling; "nonce" is the highest nonce that the key's other clients
// have used, and "nonceWindow" how far below it a request may be; "queryFrom" and
// "queryTo" limit the history that the key may read.
func Kraken() *Fake {
	return New(Definition{
		Name:   "kraken",
		Hosts:  []string{"api.kraken.com"},
		Kinds:  []access.KeyKind{access.SharedSecret},
		Rights: krakenRights,
		// The page of CreateSubaccount, for master accounts of institutions, asks for
		// withdraw-funds; a guide asks for modify-trades.
		Implied: map[string][]Implied{
			"withdraw-funds": {{Capability: access.SubaccountManage, OnMain: true}},
			"modify-trades":  {{Capability: access.SubaccountManage, OnMain: true, Unsure: true}},
		},
		Reports: Reports{Allowlist: true, Entries: true, Created: true, Changed: true, Expires: true, LastUsed: true, Label: true},
		Failures: []Failure{
			krakenFailure(FailUnknownKey, "EAPI:Invalid key", access.KindAmbiguous, access.KindBadKey, access.KindIPNotAllowed, access.KindExpired),
			krakenFailure(FailBadSignature, "EAPI:Invalid signature", access.KindAmbiguous, access.KindBadSignature, access.KindSecondFactor),
			krakenFailure(FailNonce, "EAPI:Invalid nonce", access.KindNonce),
			krakenFailure("permission denied", "EGeneral:Permission denied", access.KindAmbiguous, access.KindIPNotAllowed, access.KindDisabled, access.KindForbidden),
			krakenFailure("invalid permissions", "EAccount:Invalid permissions", access.KindAmbiguous, access.KindIPNotAllowed, access.KindDisabled, access.KindForbidden),
			krakenFailure("rate limited", "EAPI:Rate limit exceeded", access.KindRateLimited),
			krakenFailure("too many requests", "EGeneral:Too many requests", access.KindRateLimited),
			krakenFailure("authentication rate limited", "EAuth:Rate limit exceeded", access.KindRateLimited),
			krakenFailure("too many authentications", "EAuth:Too many requests", access.KindRateLimited),
			krakenFailure("throttled", "EService:Throttled: 1763791260", access.KindRateLimited),
			krakenFailure("temporary lockout", "EGeneral:Temporary lockout", access.KindBanned),
			krakenFailure("account disabled", "EAuth:Account temporary disabled", access.KindDisabled),
			krakenFailure("account unconfirmed", "EAuth:Account unconfirmed", access.KindForbidden),
			krakenFailure("user locked", "ETrade:User Locked", access.KindDisabled),
			krakenFailure("feature disabled", "EAPI:Feature disabled", access.KindNotUnderstood),
			krakenFailure("bad request", "EAPI:Bad request", access.KindNotUnderstood),
			krakenFailure("invalid arguments", "EGeneral:Invalid arguments:nonce", access.KindNotUnderstood),
			krakenFailure("unknown method", "EGeneral:Unknown method", access.KindNotUnderstood),
			krakenFailure("unavailable", "EService:Unavailable", access.KindUnavailable),
			krakenFailure("busy", "EService:Busy", access.KindUnavailable),
			krakenFailure("cancel only", "EService:Market in cancel_only mode", access.KindUnavailable),
			krakenFailure("post only", "EService:Market in post_only mode", access.KindUnavailable),
			krakenFailure("internal error", "EGeneral:Internal error", access.KindUnavailable),
			{Name: "origin unknown", Reply: Reply{Status: 520, Header: HTML(520).Header, Body: HTML(520).Body}, Kind: access.KindUnavailable},
			{Name: "service down", Reply: Reply{Status: 503, Body: krakenError("EService:Unavailable")}, Kind: access.KindUnavailable},
		},
		Vectors:  krakenVectors,
		Shape:    krakenShape,
		Identify: func(c *Call) string { return c.Header.Get("API-Key") },
		Verify:   krakenVerify,
		Public: map[string]func(*Call) Reply{
			"GET /0/public/Time": func(c *Call) Reply {
				return Reply{Body: `{"error":[],"result":{"unixtime":` + strconv.FormatInt(c.Now.Unix(), 10) +
					`,"rfc1123":"` + c.Now.UTC().Format("Mon, _2 Jan 06 15:04:05 -0700") + `"}}`}
			},
		},
		Routes: map[string]func(*Call) Reply{"POST /0/private/GetApiKeyInfo": krakenKeyInfo},
	})
}

var krakenRights = []Right{
	{"query-funds", []access.Capability{access.Read}},
	{"add-funds", []access.Capability{access.Other("deposit")}},
	{"withdraw-funds", []access.Capability{access.Withdraw}},
	{"earn-funds", []access.Capability{access.Other("earn")}},
	{"query-open-trades", []access.Capability{access.Read}},
	{"query-closed-trades", []access.Capability{access.Read}},
	{"modify-trades", []access.Capability{access.TradeSpot, access.TradeMargin}},
	{"close-trades", []access.Capability{access.TradeSpot, access.TradeMargin, access.CancelOrders}},
	{"query-ledger", []access.Capability{access.Read}},
	{"export-data", []access.Capability{access.Read}},
	{"create-ws-token", []access.Capability{access.Other("ws-token")}},
	{"add-withdraw-address", []access.Capability{access.WithdrawAddresses}},
	{"update-withdraw-address", []access.Capability{access.WithdrawAddresses}},
}

func krakenError(text string) string {
	quoted, _ := json.Marshal([]string{text})
	return `{"error":` + string(quoted) + `}`
}

func krakenFailure(name, text string, kind access.Kind, candidates ...access.Kind) Failure {
	return Failure{Name: name, Reply: Reply{Status: 200, Body: krakenError(text)}, Kind: kind, Candidates: candidates}
}

// krakenShape: identifiers of 56 characters, secrets of 64 bytes as base64.
func krakenShape(k *Issued) {
	k.ID = Hex(56, "kraken", k.Serial)
	k.Secret = base64.StdEncoding.EncodeToString([]byte(Hex(64, "kraken secret", k.Serial)))
}

// krakenVerify follows the documentation: HMAC-SHA512 of the path and the SHA-256 of
// nonce and body, keyed with the decoded secret, as base64. A wrong or missing
// second factor is refused like a wrong signature. The nonce must be larger than
// any before, minus the key's window.
func krakenVerify(c *Call) *Reply {
	field, err := krakenFields(c)
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	secret, err := base64.StdEncoding.DecodeString(c.Key.Secret)
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	inner := sha256.Sum256([]byte(field["nonce"] + string(c.Body)))
	mac := hmac.New(sha512.New, secret)
	mac.Write([]byte(c.URL.Path))
	mac.Write(inner[:])
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.Header.Get("API-Sign"))) != 1 || field["otp"] != c.Key.OTP {
		return c.Refuse(FailBadSignature)
	}
	nonce, err := strconv.ParseUint(field["nonce"], 10, 64)
	other, _ := strconv.ParseUint(c.Key.Options["nonce"], 10, 64)
	window, _ := strconv.ParseUint(c.Key.Options["nonceWindow"], 10, 64)
	highest := max(c.Key.Nonce, other)
	if err != nil || nonce+window <= highest {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = max(nonce, highest)
	return nil
}

// krakenFields reads the body, which may be a form or JSON.
func krakenFields(c *Call) (map[string]string, error) {
	fields := map[string]string{}
	if strings.HasPrefix(c.Header.Get("Content-Type"), "application/json") {
		var members map[string]json.RawMessage
		err := json.Unmarshal(c.Body, &members)
		for name, value := range members {
			fields[name] = strings.Trim(string(value), `"`)
		}
		return fields, err
	}
	form, err := url.ParseQuery(string(c.Body))
	for name := range form {
		fields[name] = form.Get(name)
	}
	return fields, err
}

func krakenKeyInfo(c *Call) Reply {
	k := c.Key
	option := func(name, otherwise string) string {
		if v := k.Options[name]; v != "" {
			return v
		}
		return otherwise
	}
	seconds := func(t, otherwise time.Time) string {
		switch {
		case !t.IsZero():
			return strconv.FormatInt(t.Unix(), 10)
		case !otherwise.IsZero():
			return strconv.FormatInt(otherwise.Unix(), 10)
		default:
			return "0"
		}
	}
	var lastUsed any // null means never used
	if !k.LastUsed.IsZero() {
		lastUsed = seconds(k.LastUsed, time.Time{})
	}
	created := k.Created
	if created.IsZero() {
		created = c.Now
	}
	window, _ := strconv.Atoi(k.Options["nonceWindow"])
	result := map[string]any{
		"apiKeyName": k.Label, "apiKey": k.ID, "nonce": strconv.FormatUint(k.Nonce, 10), "nonceWindow": window,
		"permissions": append([]string{}, k.Permissions...), "iban": "AA00 TEST 0000 0000", "validUntil": seconds(k.Expires, time.Time{}),
		"queryFrom": option("queryFrom", "0"), "queryTo": option("queryTo", "0"), "createdTime": seconds(created, time.Time{}),
		"modifiedTime": seconds(k.Changed, created), "ipAllowlist": append([]string{}, k.IPs...), "lastUsed": lastUsed,
	}
	if k.Options["spelling"] == "snake" {
		result = map[string]any{
			"api_key_name": k.Label, "api_key": k.ID, "nonce": result["nonce"], "nonce_window": strconv.Itoa(window),
			"permissions": result["permissions"], "iban": result["iban"], "valid_until": result["validUntil"],
			"query_from": result["queryFrom"], "query_to": result["queryTo"], "created_time": result["createdTime"],
			"modified_time": result["modifiedTime"], "ip_allowlist": k.IPs, "last_used": lastUsed,
		}
		if len(k.IPs) == 0 {
			result["ip_allowlist"] = []string{""}
		}
	}
	text, _ := json.Marshal(map[string]any{"error": []string{}, "result": result})
	return Reply{Body: string(text)}
}

// krakenSecret is published in Kraken's documentation.
const krakenSecret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="

var krakenVectors = []Vector{
	krakenVector("order, as documented", "/0/private/AddOrder", "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25", "",
		"4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="),
	krakenVector("key info", "/0/private/GetApiKeyInfo", "nonce=1616492376594", "",
		"0hXh9q5/fK8xgzNfiExbUyhEvsv1gAYGgL/5PWy8Xo8kFGhpI/ZwAnHB1eC0SYtlYiywFcypDRuBP/GjHp+ojA=="),
	krakenVector("key info with second factor", "/0/private/GetApiKeyInfo", "nonce=1616492376594&otp=123456", "123456",
		"fXhMZZeiSQ6N2+BY44VGsIlMESfhK0T4M77EyM/zJGQx1t3+Zan7nksaIQp340yq7FM6mqkgNIoM6pCOAh11kw=="),
	krakenVector("key info as JSON", "/0/private/GetApiKeyInfo", `{"nonce":"1616492376594"}`, "",
		"CdOMcl3cR5p2oNIy4JDCJS6qF+Pdsxp4wnJsuxgeOH031VC7l5wTihDfvkEZbg4mofmvM1Gn/y+eWFVYWn3GYA=="),
}

func krakenVector(name, path, body, otp, signature string) Vector {
	kind := "application/x-www-form-urlencoded"
	if strings.HasPrefix(body, "{") {
		kind = "application/json"
	}
	const key = "vectorvectorvectorvectorvectorvectorvectorvectorvectorve"
	return Vector{
		Name: name, Time: time.UnixMilli(1616492376594), Key: key, Secret: krakenSecret, OTP: otp,
		Method: "POST", URL: "https://api.kraken.com" + path, Body: body,
		Header: map[string]string{"API-Key": key, "API-Sign": signature, "Content-Type": kind},
	}
}

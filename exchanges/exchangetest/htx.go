package exchangetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// HTX is a fake of HTX's API. Keys of a sub-account cannot list the keys. Every key
// may read. Options: "separator" separates permissions, a comma by default, and
// "refusal" names the failure that a key of a sub-account gets for the list.
func HTX() *Fake { return New(htxDefinition()) }

func htxDefinition() Definition {
	return Definition{
		Name:  "htx",
		Hosts: []string{"api.huobi.pro", "api-aws.huobi.pro"},
		Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"readOnly", []access.Capability{access.Read}},
			{"trade", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal}},
			{"withdraw", []access.Capability{access.Withdraw}},
		},
		Implied: map[string][]Implied{"trade": { // creating, locking and changing sub-users and their keys
			{Capability: access.APIKeyManage, OnMain: true}, {Capability: access.SubaccountManage, OnMain: true},
		}},
		Reports: Reports{
			Allowlist: true, Entries: true, Created: true, Changed: true, Expires: true, Account: true, Label: true,
			Unit: 24 * time.Hour, // the answer has the days that are left
		},
		CanExist: func(s *Spec) bool { return !s.SubAccount }, // the exchange does not report what such a key may do
		Failures: htxFailures,
		Vectors:  htxVectors,
		Shape:    htxShape,
		Identify: func(c *Call) string { return c.URL.Query().Get("AccessKeyId") },
		Verify:   htxVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v1/common/timestamp": func(c *Call) Reply { return c.Fill(Reply{Body: `{"status":"ok","data":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{
			"GET /v2/user/uid":     func(*Call) Reply { return Reply{Body: `{"code":200,"data":` + htxUID + `}`} },
			"GET /v2/user/api-key": htxKeys,
		},
		Introspection: "GET /v2/user/api-key",
	}
}

const (
	htxUID       = "63628520"
	htxForbidden = "forbidden"
	htxParameter = "parameter invalid"
)

// htxFailures come in two envelopes. The words have a Chinese part; that of the
// timestamp is not confirmed.
var htxFailures = []Failure{
	{Name: FailUnknownKey, Reply: htxNotValid("Incorrect Access key [Access key错误]"), Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: htxNotValid("Verification failure [校验失败]"), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: htxNotValid("Incorrect IP address [IP地址错误]:{ip}"), Kind: access.KindIPNotAllowed},
	{Name: "no permission", Reply: htxNotValid("API key has no permission [API Key没有权限]"), Kind: access.KindForbidden},
	{Name: FailClock, Reply: htxNotValid("Incorrect Timestamp"), Kind: access.KindClockSkew},
	{
		Name: "not valid, in other words", Reply: htxNotValid("Request refused"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden, access.KindClockSkew, access.KindExpired},
	},
	{Name: "signature check failed", Reply: htxOld(200, "api-signature-check-failed", "Signature check failed"), Kind: access.KindBadSignature},
	{Name: FailHeader, Reply: htxOld(200, "login-required", "Login is required"), Kind: access.KindBadSignature},
	{Name: htxForbidden, Reply: htxNew(200, 1002, "unauthorized or forbidden"), Kind: access.KindForbidden},
	{Name: "forbidden, other code", Reply: htxNew(200, 403, "forbidden operation"), Kind: access.KindForbidden},
	{
		Name: "signature, second version", Reply: htxNew(200, 1003, "invalid signature or unauthorized"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: htxParameter, Reply: htxNew(200, 2002, "invalid field value in uid"), Kind: access.KindNotUnderstood},
	{Name: "parameter missing", Reply: htxNew(200, 2003, "missing mandatory field uid"), Kind: access.KindNotUnderstood},
	{Name: "temporary withdrawal address", Reply: htxOld(200, "api-not-support-temp-addr", "API withdrawal does not support temporary addresses"), Kind: access.KindNotUnderstood},
	{Name: "rate limited", Reply: htxOld(200, "rate-too-many-requests", "too many requests"), Kind: access.KindRateLimited},
	{Name: "rate limited, other code", Reply: htxOld(429, "base-request-exceed-frequency-limit", "request exceeds the frequency limit"), Kind: access.KindRateLimited},
	{Name: "rate limited, second version", Reply: htxNew(429, 429, "exceeds rate limit"), Kind: access.KindRateLimited},
	{Name: "method", Reply: htxOld(405, "method-not-allowed", "method not allowed"), Kind: access.KindNotUnderstood},
	{Name: "maintenance", Reply: htxOld(503, "system-maintenance", "System is under maintenance"), Kind: access.KindUnavailable},
	{Name: "gateway", Reply: htxOld(200, "gateway-internal-error", "internal error, try again later"), Kind: access.KindUnavailable},
	{Name: "server error", Reply: htxNew(200, 500, "System error"), Kind: access.KindUnavailable},
}

func htxOld(status int, code, message string) Reply {
	body, _ := json.Marshal(map[string]any{"status": "error", "err-code": code, "err-msg": message, "data": nil})
	return Reply{Status: status, Body: string(body)}
}

func htxNotValid(text string) Reply {
	return htxOld(200, "api-signature-not-valid", "Signature not valid: "+text)
}

func htxNew(status, code int, message string) Reply {
	body, _ := json.Marshal(map[string]any{"code": code, "message": message})
	return Reply{Status: status, Body: string(body)}
}

// htxShape: keys and secrets of four groups, of which the first is longer in a key.
func htxShape(k *Issued) {
	group := func(t string) string { return strings.Join([]string{t[:8], t[8:16], t[16:24], t[24:29]}, "-") }
	k.ID, k.Secret = "yx"+group(Hex(32, "htx", k.Serial)), group(Hex(32, "htx secret", k.Serial))
}

// htxVerify follows the documentation: all parameters are in the query; the signed
// text is method, host, path and the query without the signature, sorted by name,
// each on a line; HMAC-SHA256 with the secret as text, or Ed25519, either as
// base64; at most 5 minutes off. Clients sort too, so the query is verified as it
// was encoded.
func htxVerify(c *Call) *Reply {
	var pairs []string
	for pair := range strings.SplitSeq(c.URL.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "Signature" {
			pairs = append(pairs, pair)
		}
	}
	slices.Sort(pairs)
	query := c.URL.Query()
	signature, err := base64.StdEncoding.DecodeString(query.Get("Signature"))
	at, timeErr := time.Parse("2006-01-02T15:04:05", query.Get("Timestamp"))
	switch {
	case query.Get("Signature") == "":
		return c.Refuse(FailHeader)
	case err != nil || query.Get("SignatureVersion") != "2":
		return c.Refuse(FailBadSignature)
	case timeErr != nil || c.Now.Sub(at).Abs() > 5*time.Minute:
		return c.Refuse(FailClock)
	}
	text := htxText(c.Method, c.Host, c.URL.Path, strings.Join(pairs, "&"))
	switch public, ok := c.Key.PublicKey.(ed25519.PublicKey); {
	case ok && query.Get("SignatureMethod") == "Ed25519" && ed25519.Verify(public, []byte(text), signature):
		return nil
	case !ok && query.Get("SignatureMethod") == "HmacSHA256" && query.Get("Signature") == hmacBase64(sha256.New, c.Key.Secret, text):
		return nil
	}
	return c.Refuse(FailBadSignature)
}

func htxText(method, host, path, query string) string {
	return strings.Join([]string{method, strings.ToLower(host), path, query}, "\n")
}

// htxKeys lists the keys of the parent user, or one of them.
func htxKeys(c *Call) Reply {
	query := c.URL.Query()
	switch {
	case c.Key.Options["refusal"] != "":
		return *c.Refuse(c.Key.Options["refusal"])
	case c.Key.SubAccount:
		return *c.Refuse(htxForbidden)
	case query.Get("uid") != htxUID:
		return *c.Refuse(htxParameter)
	}
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return !k.SubAccount }) {
		if only := query.Get("accessKey"); only == "" || only == k.ID {
			list = append(list, htxKey(c, k))
		}
	}
	body, _ := json.Marshal(map[string]any{"code": 200, "data": list, "ok": true})
	return Reply{Body: string(body)}
}

func htxKey(c *Call, k *Issued) map[string]any {
	permissions := k.Permissions
	if !k.Has("readOnly") {
		permissions = append([]string{"readOnly"}, permissions...)
	}
	separator := ","
	if other, ok := k.Options["separator"]; ok {
		separator = other
	}
	days, created := -1, timeOr(k.Created, c.Now)
	if !k.Expires.IsZero() {
		days = int(k.Expires.Sub(c.Now) / (24 * time.Hour))
	}
	return map[string]any{
		"accessKey": k.ID, "status": "normal", "note": k.Label, "permission": strings.Join(permissions, separator),
		"ipAddresses": strings.Join(k.IPs, ","), "validDays": days,
		"createTime": created.UnixMilli(), "updateTime": timeOr(k.Changed, created).UnixMilli(),
	}
}

// htxVectors: the first two are those of the exchange's own client.
var htxVectors = []Vector{
	htxVector("/v1/account/accounts", "", "rWnLcMt3XBAsmXoNHtTQVpvMbH%2FcE1PXFwQAGeYwt3s%3D"),
	htxVector("/v1/account/history", "&account-id=123&currency=btc", "SGZYJ9Ub%2FhFerEBbSWsCxl8Djk%2BLRBgEZOB4fLc4T9Q%3D"),
	htxVector("/v2/user/uid", "", "%2BOCTLd7dKKtot%2FDnlGJN5rOJUrCWKiUB00TYNIrV%2FHI%3D"),
	htxVector("/v2/user/api-key", "&uid=63628520", "EAMZrPGe1lnWis6HFNwcukbAQwS4kKg%2BRmItjBA8pN8%3D"),
	htxVector("/v2/user/api-key", "&accessKey=access&uid=63628520", "UkxWkw9uq74fkO95CJtc50jSUwxzcfsW7S4NvFsdGtc%3D"),
	htxEd25519Vector(),
}

func htxVector(path, query, signature string) Vector {
	return Vector{
		Name: path + query, Time: time.Date(2019, time.November, 21, 10, 0, 0, 0, time.UTC), Key: "access", Secret: "secret", Method: http.MethodGet,
		URL: "https://api.huobi.pro" + path + "?AccessKeyId=access&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2019-11-21T10%3A00%3A00" +
			query + "&Signature=" + signature,
	}
}

// htxEd25519Vector signs with the seed of RFC 8032, test 1.
func htxEd25519Vector() Vector {
	v := htxVector("/v2/user/uid", "", "sEiYrzub8Xj2SATcb%2FHQkS1Zc5%2FE1MvXUf6NN0Q4LAKt3rpTZXEWbTdpGxQ1Uj7xW%2BbgDnpeiOtMjEtsKj7CDA%3D%3D")
	v.Name, v.Kind = v.Name+" with Ed25519", access.Ed25519Key
	v.Secret = armour("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g")
	v.URL = strings.Replace(v.URL, "HmacSHA256", "Ed25519", 1)
	return v
}

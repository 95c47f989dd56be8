package exchangetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// OKX is a fake of OKX's V5 API. Option "demo": "1" is a key of demo trading, which
// works only with the header x-simulated-trading; a live key works only without it.
func OKX() *Fake {
	return New(Definition{
		Name: "okx",
		Hosts: []string{
			"www.okx.com", "openapi.okx.com", "aws.okx.com", "eea.okx.com", "my.okx.com", "us.okx.com", "app.okx.com", "tr.okx.com",
		},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"read_only", []access.Capability{access.Read}},
			{"read", []access.Capability{access.Read}},
			{"trade", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal}},
			{"withdraw", []access.Capability{access.Withdraw, access.TransferExternal}},
		},
		// Creating sub-accounts, and creating and changing their keys, needs Trade and a
		// main account's key that is linked to IP addresses.
		Implied: map[string][]Implied{"trade": {
			{Capability: access.APIKeyManage, OnMain: true, If: okxBound}, {Capability: access.SubaccountManage, OnMain: true, If: okxBound},
		}},
		Reports:  Reports{Allowlist: true, Entries: true, Account: true, Label: true},
		Failures: okxFailures,
		Vectors:  okxVectors,
		Shape:    okxShape,
		Identify: func(c *Call) string { return c.Header.Get("OK-ACCESS-KEY") },
		Verify:   okxVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v5/public/time": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"code":"0","msg":"","data":[{"ts":"{ms}"}]}`})
			},
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v5/account/config": okxConfig},
	})
}

// Names of refusals that only this exchange has.
const (
	okxNoPassphrase = "passphrase header missing"
	okxNoTimestamp  = "timestamp header missing"
	okxBadTimestamp = "timestamp malformed"
	okxMixedUp      = "live and demo mixed up"
)

// okxFailures: an unknown key gets status 200 by the documentation, and was seen to
// get 401.
var okxFailures = []Failure{
	{Name: FailUnknownKey, Reply: okxError(401, "50119", "API key doesn't exist"), Kind: access.KindBadKey},
	{Name: "unknown key, documented status", Reply: okxError(200, "50119", "API key doesn't exist"), Kind: access.KindBadKey},
	{Name: "malformed key", Reply: okxError(401, "50111", "Invalid OK-ACCESS-KEY"), Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: okxError(401, "50113", "Invalid signature"), Kind: access.KindBadSignature},
	{Name: FailPassphrase, Reply: okxError(401, "50105", `Request header "OK-ACCESS-PASSPHRASE" incorrect.`), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: okxError(401, "50110", "Your IP {ip} is not included in your API key's IP whitelist."), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: okxError(401, "50102", "Timestamp request expired"), Kind: access.KindClockSkew},
	{Name: okxBadTimestamp, Reply: okxError(401, "50112", "Invalid OK-ACCESS-TIMESTAMP"), Kind: access.KindClockSkew},
	{Name: "key header missing", Reply: okxError(401, "50103", `Request header "OK-ACCESS-KEY" cannot be empty.`), Kind: access.KindBadKey},
	{Name: okxNoPassphrase, Reply: okxError(401, "50104", `Request header "OK-ACCESS-PASSPHRASE" cannot be empty.`), Kind: access.KindBadSignature},
	{Name: FailHeader, Reply: okxError(401, "50106", `Request header "OK-ACCESS-SIGN" cannot be empty.`), Kind: access.KindBadSignature},
	{Name: okxNoTimestamp, Reply: okxError(401, "50107", `Request header "OK-ACCESS-TIMESTAMP" cannot be empty.`), Kind: access.KindClockSkew},
	{Name: okxMixedUp, Reply: okxError(401, "50101", "APIKey does not match current environment."), Kind: access.KindWrongEnvironment},
	{
		Name: "authorisation invalid", Reply: okxError(401, "50114", "Invalid authorization"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: "forbidden function", Reply: okxError(200, "50120", "This API key doesn't have permission to use this function"), Kind: access.KindForbidden},
	{Name: "forbidden endpoint", Reply: okxError(200, "50030", "You don't have permission to use this API endpoint"), Kind: access.KindForbidden},
	{Name: "IP allowlist needed", Reply: okxError(403, "50035", "This endpoint requires that APIKey must be bound to IP"), Kind: access.KindForbidden},
	{Name: "main account needed", Reply: okxError(200, "59500", "Only the APIKey of the main account has permission"), Kind: access.KindForbidden},
	{Name: "rate limited", Reply: okxError(429, "50011", "Too Many Requests"), Kind: access.KindRateLimited},
	{Name: "rate limited, 200", Reply: okxError(200, "50011", "Rate limit reached. Please refer to API documentation and throttle requests accordingly."), Kind: access.KindRateLimited},
	{Name: "order rate limited", Reply: okxError(200, "50061", "You've reached the maximum order rate limit for this account."), Kind: access.KindRateLimited},
	{Name: "busy", Reply: okxError(429, "50013", "Systems are busy. Please try again later."), Kind: access.KindUnavailable},
	{Name: FailDisabled, Reply: okxError(400, "50100", "API frozen, please contact customer service."), Kind: access.KindDisabled},
	{Name: "user blocked", Reply: okxError(200, "50007", "User blocked."), Kind: access.KindDisabled},
	{Name: "user unknown", Reply: okxError(200, "50008", "User doesn't exist."), Kind: access.KindBadKey},
	{Name: "account frozen", Reply: okxError(200, "50009", "Account is frozen due to stop-out."), Kind: access.KindDisabled},
	{Name: "account status", Reply: okxError(200, "50012", "Account status invalid. Check account status"), Kind: access.KindDisabled},
	{Name: "account restricted", Reply: okxError(200, "50027", "This account is restricted from trading."), Kind: access.KindDisabled},
	{Name: "risk control", Reply: okxError(200, "50029", "Your account has triggered OKX risk control and is temporarily restricted from conducting transactions."), Kind: access.KindDisabled},
	{Name: "country", Reply: okxError(200, "50051", "Due to compliance restrictions in your country or region, you cannot use this feature."), Kind: access.KindGeoBlocked},
	{Name: "local law", Reply: okxError(200, "50052", "Due to local laws and regulations, you cannot trade with your chosen crypto."), Kind: access.KindGeoBlocked},
	{Name: "regulator", Reply: okxError(200, "50059", "Before you continue, you'll need to complete additional steps as required by your local regulators."), Kind: access.KindDisabled},
	{Name: "identity", Reply: okxError(200, "50060", "For security and compliance purposes, please complete the identity verification process to continue using our services."), Kind: access.KindDisabled},
	{Name: "place", Reply: okxError(200, "50121", "You can't access our services through the IP address ({ip})"), Kind: access.KindGeoBlocked},
	{Name: "maintenance", Reply: okxError(503, "50001", "Service temporarily unavailable. Please try again later."), Kind: access.KindUnavailable},
	{Name: "system error", Reply: okxError(500, "50026", "System error. Try again later"), Kind: access.KindUnavailable},
	{Name: "endpoint timeout", Reply: okxError(400, "50004", "API endpoint request timeout."), Kind: access.KindUnavailable},
	{Name: "endpoint offline", Reply: okxError(410, "50005", "API endpoint is inactive or unavailable."), Kind: access.KindUnavailable},
	{Name: "method", Reply: okxError(405, "50115", "Invalid request method."), Kind: access.KindNotUnderstood},
}

func okxError(status int, code, message string) Reply {
	body, _ := json.Marshal(map[string]string{"code": code, "msg": message})
	return Reply{Status: status, Body: string(body)}
}

// okxShape: identifiers like UUIDs, secrets of 32 upper-case hexadecimal characters;
// the owner chooses the passphrase.
func okxShape(k *Issued) {
	t := Hex(32, "okx", k.Serial)
	k.ID = strings.Join([]string{t[:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-")
	k.Secret = strings.ToUpper(Hex(32, "okx secret", k.Serial))
	k.Passphrase = "Pass-" + Hex(16, "okx passphrase", k.Serial)
}

// okxVerify follows the documentation: timestamp, upper-case method, path with query
// and body without separators, HMAC-SHA256 with the secret as text, base64; at most
// 30 s off; the passphrase in plaintext.
func okxVerify(c *Call) *Reply {
	stamp, passphrase, signature := c.Header.Get("OK-ACCESS-TIMESTAMP"), c.Header.Get("OK-ACCESS-PASSPHRASE"), c.Header.Get("OK-ACCESS-SIGN")
	switch {
	case passphrase == "":
		return c.Refuse(okxNoPassphrase)
	case signature == "":
		return c.Refuse(FailHeader)
	case stamp == "":
		return c.Refuse(okxNoTimestamp)
	}
	at, err := time.Parse("2006-01-02T15:04:05Z", stamp) // with or without a fraction
	switch {
	case err != nil:
		return c.Refuse(okxBadTimestamp)
	case c.Now.Sub(at).Abs() > 30*time.Second:
		return c.Refuse(FailClock)
	case (c.Header.Get("x-simulated-trading") == "1") != (c.Key.Options["demo"] == "1"):
		return c.Refuse(okxMixedUp)
	case passphrase != c.Key.Passphrase:
		return c.Refuse(FailPassphrase)
	}
	mac := hmac.New(sha256.New, []byte(c.Key.Secret))
	mac.Write([]byte(stamp + c.Method + c.URL.RequestURI() + string(c.Body)))
	if signature != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

// okxConfig answers keys that may read only, so every key gets that right.
func okxConfig(c *Call) Reply {
	k := c.Key
	perm := k.Permissions
	if !k.Has("read_only") && !k.Has("read") {
		perm = append([]string{"read_only"}, perm...)
	}
	main, kind := "55816903454720695", "0"
	uid := main
	if k.SubAccount {
		uid, kind = "55816903454720777", "1"
	}
	body, _ := json.Marshal(map[string]any{"code": "0", "msg": "", "data": []any{map[string]any{
		"uid": uid, "mainUid": main, "type": kind, "label": k.Label, "perm": strings.Join(perm, ","), "ip": strings.Join(k.IPs, ","),
		"acctLv": "3", "posMode": "net_mode", "autoLoan": true, "level": "Lv1", "levelTmp": "", "roleType": "0", "spotRoleType": "0",
		"traderInsts": []string{}, "spotTraderInsts": []string{}, "opAuth": "0", "kycLv": "3", "enableSpotBorrow": false,
		"spotBorrowAutoRepay": false, "acctStpMode": "cancel_maker", "greeksType": "PA", "ctIsoMode": "automatic",
		"mgnIsoMode": "automatic", "stgyType": "0",
	}}})
	return Reply{Body: string(body)}
}

// okxVectors were computed with the sample secret of OKX's documentation, which has
// no signature; key and passphrase are not signed.
var okxVectors = []Vector{
	okxVector("/api/v5/account/config", "Kr/8IrbDYujS4cg2KkmB+tO2HMUXxyayG6ZwNb4H/yA="),
	okxVector("/api/v5/users/subaccount/list", "o42VZh0eUVeTgLaRuz+qTO4nX7yJMX+BaSMS2wtfxzI="),
	okxVector("/api/v5/users/subaccount/apikey?subAcct=panpanBroker2", "FC+r+zA+t4Gw5vP8KyX9WdCVTPPPVkJX3uXbtLzvmlU="),
	okxVector("/api/v5/account/balance?ccy=BTC", "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY="),
}

func okxVector(path, signature string) Vector {
	const key, passphrase = "1f3b0b0e-1111-4222-8333-0123456789ab", "Vector-passphrase-1"
	return Vector{
		Name: path, Time: time.Date(2020, 12, 8, 9, 8, 57, 715e6, time.UTC),
		Key: key, Secret: "22582BD0CFF14C41EDBF1AB98506286D", Passphrase: passphrase,
		Method: "GET", URL: "https://www.okx.com" + path,
		Header: map[string]string{
			"OK-ACCESS-KEY": key, "OK-ACCESS-SIGN": signature, "OK-ACCESS-TIMESTAMP": "2020-12-08T09:08:57.715Z",
			"OK-ACCESS-PASSPHRASE": passphrase, "Content-Type": "application/json",
		},
	}
}

func okxBound(s *Spec) bool { return len(s.IPs) > 0 }

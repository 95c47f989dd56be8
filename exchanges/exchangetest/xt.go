package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// XT is a fake of XT.COM's user centre. Every key may query. The permissions
// QUERY_NO_TRADE and QUERY_TRADE are the older vocabulary, and exclude all others.
// Options: "secret" is what the list shows as the key's secret; "lock": "1" locks
// the key; "scopes" replaces the permissions in the answer.
func XT() *Fake {
	trade := []access.Capability{access.TradeSpot, access.TradeMargin}
	return New(Definition{
		Name:  "xt",
		Hosts: []string{"api.xt.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"TRADE", trade},
			{"WITHDRAW", []access.Capability{access.Withdraw}},
			{"LEVER_LOAN", []access.Capability{access.Other("loan")}},
			{"FUTURE", []access.Capability{access.TradeFutures}},
			{"TRANSFER", []access.Capability{access.TransferInternal}},
			{"QUERY_NO_TRADE", nil},
			{"QUERY_TRADE", []access.Capability{access.TradeSpot}},
		},
		MayGrant: map[string][]access.Capability{
			"QUERY_NO_TRADE": {
				access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.Other("loan"),
			},
			"QUERY_TRADE": {access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.Other("loan")},
		},
		CanExist: func(s *Spec) bool { return !xtOlder(s) || len(s.Permissions) == 1 },
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Changed: true, Account: true, Label: true},
		Failures: xtFailures,
		Vectors:  xtVectors,
		Shape: func(k *Issued) {
			t := Hex(32, "xt", k.Serial)
			k.ID = strings.Join([]string{t[:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-")
			k.Secret = Hex(40, "xt secret", k.Serial)
		},
		Identify: func(c *Call) string {
			if id := c.Header.Get("xt-validate-appkey"); id != "" {
				return id
			}
			return c.Header.Get("validate-appkey")
		},
		Verify: xtVerify,
		Routes: map[string]func(*Call) Reply{"GET /v4/user/account/api-key": xtKeys},
	})
}

func xtOlder(s *Spec) bool { return s.Has("QUERY_NO_TRADE") || s.Has("QUERY_TRADE") }

var xtFailures = []Failure{
	{Name: FailUnknownKey, Reply: xtError("AUTH_101"), Kind: access.KindBadKey},
	{Name: FailDisabled, Reply: xtError("AUTH_102"), Kind: access.KindDisabled},
	{Name: FailBadSignature, Reply: xtError("AUTH_103"), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: xtError("AUTH_104"), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: xtError("AUTH_105"), Kind: access.KindClockSkew},
	{Name: "permission missing", Reply: xtError("AUTH_106"), Kind: access.KindForbidden},
	// A missing header is a mistake of the client, not of the key.
	{Name: "header missing, key", Reply: xtError("AUTH_001"), Kind: access.KindNotUnderstood},
	{Name: "header missing, timestamp", Reply: xtError("AUTH_002"), Kind: access.KindNotUnderstood},
	{Name: "header missing, window", Reply: xtError("AUTH_003"), Kind: access.KindNotUnderstood},
	{Name: "window refused", Reply: xtError("AUTH_004"), Kind: access.KindNotUnderstood},
	{Name: "header missing, algorithm", Reply: xtError("AUTH_005"), Kind: access.KindNotUnderstood},
	{Name: "algorithm refused", Reply: xtError("AUTH_006"), Kind: access.KindNotUnderstood},
	{Name: FailHeader, Reply: xtError("AUTH_007"), Kind: access.KindNotUnderstood},
	{Name: "rate limited", Reply: Reply{Status: 429, Body: `{"rc":1,"mc":"TOO_MANY_REQUESTS","ma":[],"result":null}`}, Kind: access.KindRateLimited},
	{Name: "internal error", Reply: Reply{Status: 500, Body: `{"rc":1,"mc":"FAILURE","ma":[],"result":null}`}, Kind: access.KindUnavailable},
	{Name: "bad gateway", Reply: *HTML(502), Kind: access.KindUnavailable},
	{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func xtError(code string) Reply {
	return Reply{Status: 200, Body: fmt.Sprintf(`{"rc":1,"mc":%q,"ma":["refused"],"result":null}`, code)}
}

// xtVerify follows the documentation: the four headers joined by "&", then
// "#METHOD#path", and "#query" and "#body" if present; HMAC-SHA256 in lower-case
// hexadecimal. A widely used client adds the prefix "xt-" to the names, in the
// signed text too.
func xtVerify(c *Call) *Reply {
	prefix := ""
	if c.Header.Get("xt-validate-appkey") != "" {
		prefix = "xt-"
	}
	var parts []string
	for _, name := range []string{"algorithms", "appkey", "recvwindow", "timestamp"} {
		parts = append(parts, prefix+"validate-"+name+"="+c.Header.Get(prefix+"validate-"+name))
	}
	signed := []string{strings.Join(parts, "&"), c.Method, c.URL.Path}
	for _, more := range []string{c.URL.RawQuery, string(c.Body)} {
		if more != "" {
			signed = append(signed, more)
		}
	}
	stamp, err := strconv.ParseInt(c.Header.Get(prefix+"validate-timestamp"), 10, 64)
	if err != nil {
		return c.Refuse("header missing, timestamp")
	}
	window, err := strconv.ParseInt(c.Header.Get(prefix+"validate-recvwindow"), 10, 64)
	if err != nil {
		return c.Refuse("header missing, window")
	}
	signature := c.Header.Get(prefix + "validate-signature")
	switch now := c.Now.UnixMilli(); {
	case c.Header.Get(prefix+"validate-algorithms") != "HmacSHA256":
		return c.Refuse("algorithm refused")
	case signature == "":
		return c.Refuse(FailHeader)
	case signature != hmacHex(sha256.New, c.Key.Secret, strings.Join(signed, "#")):
		return c.Refuse(FailBadSignature)
	case now-stamp >= window, stamp > now+1000:
		return c.Refuse(FailClock)
	}
	return nil
}

const xtUser int64 = 1352123154435

// xtKeys lists the keys of the user; a sub-account lists its own.
func xtKeys(c *Call) Reply {
	list := []any{}
	for i, k := range c.Keys(func(k *Issued) bool { return k.SubAccount == c.Key.SubAccount }) {
		level, lock := 1, 0
		if k.SubAccount {
			level = 2
		}
		if k.Options["lock"] == "1" {
			lock = 1
		}
		scopes, written := k.Options["scopes"]
		if !written {
			scopes = strings.Join(k.Permissions, ",")
			if !xtOlder(&k.Spec) {
				scopes = strings.Join(append([]string{"QUERY"}, k.Permissions...), ",")
			}
		}
		created := timeOr(k.Created, c.Now)
		list = append(list, map[string]any{
			"id": i + 1, "userAccountId": strconv.FormatInt(xtUser, 10), "userAccountLevel": level, "userId": xtUser, "keyName": k.Label,
			"bindIps": strings.Join(k.IPs, ","), "accessKey": k.ID, "secretKey": k.Options["secret"], "isLock": lock, "roleScopes": scopes,
			"tags": nil, "createTime": created.UTC().Format(time.DateTime), "updateTime": timeOr(k.Changed, created).UTC().Format(time.DateTime),
		})
	}
	body, _ := json.Marshal(map[string]any{"rc": 0, "mc": "SUCCESS", "ma": []any{map[string]any{}}, "result": list})
	return Reply{Body: string(body)}
}

// xtVectors: the first is an independent client's; the others were computed by the
// documented rule, without and with the prefix.
var xtVectors = []Vector{
	{
		Name: "order", Time: time.UnixMilli(1499827319559), Key: "XXX", Secret: "XXX", Method: http.MethodPost, URL: "https://sapi.xt.com/v4/order",
		Header: xtHeader("", "XXX", 1499827319559, "642fdbb36aae8a672c52c35c621ef1b9f50edbd37a44784a0d264a54ad87ff53"), Body: `{"symbol":"LTCBTC"}`,
	},
	xtVector("list of keys", "", "4785b9161a97705d94bfa2be20f3f5bc240a399022577f4463e2ef5a5417094f"),
	xtVector("list of keys, with a prefix", "xt-", "841b011ad48c038e6e2bf4d102821807fa27c6c6b47217e5b9284cfc3c8ee49d"),
}

func xtVector(name, prefix, signature string) Vector {
	const key = "3976eb88-76d0-4f6e-a6b2-a57980770085"
	return Vector{
		Name: name, Time: time.UnixMilli(1641446237201), Key: key, Secret: "bc6630d0231fda5cd98794f52c4998659beda290",
		Method: http.MethodGet, URL: "https://api.xt.com/v4/user/account/api-key", Header: xtHeader(prefix, key, 1641446237201, signature),
	}
}

func xtHeader(prefix, key string, ms int64, signature string) map[string]string {
	return map[string]string{
		prefix + "validate-algorithms": "HmacSHA256", prefix + "validate-appkey": key, prefix + "validate-recvwindow": "5000",
		prefix + "validate-timestamp": strconv.FormatInt(ms, 10), prefix + "validate-signature": signature, "Content-Type": "application/json",
	}
}

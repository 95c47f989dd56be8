package exchangetest

import (
	"crypto/rsa"
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

// Bitget is a fake of Bitget's API, versions 2 and 3. A key belongs to a
// classic account if it holds a permission of those, or by option "account":
// "classic", and to a unified account otherwise; each version refuses the other's
// keys. Options: "permType" is "read-and-write" by default; "ips": "text" writes
// the IP allowlist of a classic account as the reference does; "demo": "1" is a
// key of demo trading, which works only with the header paptrading, and "0" one
// that works only without it. Without that option a key works in both ways.
func Bitget() *Fake {
	return New(Definition{
		Name:               "bitget",
		Hosts:              []string{"api.bitget.com", "capi.bitget.com"},
		Kinds:              []access.KeyKind{access.SharedSecret, access.RSAKey},
		Base:               []access.Capability{access.Read},
		Rights:             bitgetRights,
		UnknownPermissions: []string{"uta_teleport"},
		Reports:            Reports{Allowlist: true, Entries: true, Account: true},
		CanExist:           bitgetPossible,
		Failures:           bitgetFailures,
		Vectors:            bitgetVectors,
		Shape:              bitgetShape,
		Unsigned:           []string{"locale"},
		Identify:           func(c *Call) string { return c.Header.Get("ACCESS-KEY") },
		Verify:             bitgetVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v2/public/time": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"code":"00000","msg":"success","requestTime":{ms},"data":{"serverTime":"{ms}"}}`})
			},
		},
		Routes: map[string]func(*Call) Reply{
			"GET /api/v3/account/info": bitgetUnified, "GET /api/v2/spot/account/info": bitgetClassic,
		},
	})
}

var bitgetRights = []Right{
	{"uta_trade", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}},
	{"uta_mgt", []access.Capability{access.TransferInternal, access.SubaccountManage, access.APIKeyManage}},
	{"withdraw", []access.Capability{access.Withdraw, access.TransferExternal}},
	{"copy_futures_order", []access.Capability{access.Other("copytrading")}},
	{"copy_futures_position", []access.Capability{access.Other("copytrading")}},
	{"stow", []access.Capability{access.TradeSpot}},
	{"stor", nil},
	{"smow", []access.Capability{access.TradeMargin}},
	{"smor", nil},
	{"coow", []access.Capability{access.TradeFutures}},
	{"coor", nil},
	{"cpow", []access.Capability{access.TradeFutures}},
	{"cpor", nil},
	{"ttow", []access.Capability{access.Other("copytrading")}},
	{"ttor", nil},
	{"wtow", []access.Capability{access.TransferInternal}},
	{"wtor", nil},
	{"wwow", []access.Capability{access.Withdraw, access.TransferExternal}},
	{"chow", []access.Capability{access.SubaccountManage, access.APIKeyManage}},
	{"chor", nil},
	{"p2pw", []access.Capability{access.Other("p2p")}},
	{"p2p", []access.Capability{access.Other("p2p")}},
	{"p2pr", nil},
	{"pllw", []access.Capability{access.Other("loan")}},
	{"pllr", nil},
	{"taxw", []access.Capability{access.Other("tax")}},
	{"taxr", nil},
	{"readonly", nil},
	{"trade", []access.Capability{access.TradeSpot, access.TradeFutures}},
}

// bitgetClassicAccount reports whether a key, or a given answer by its form, is of
// a classic account.
func bitgetClassicAccount(s *Spec) bool {
	return s.Options["account"] == "classic" || strings.Contains(string(s.Answer), `"authorities"`) ||
		slices.ContainsFunc(s.Permissions, func(p string) bool {
			return p == "trade" || p == "readonly" || (p != "withdraw" && !strings.Contains(p, "_"))
		})
}

// bitgetPossible: the right to withdraw needs an IP allowlist, and a key belongs
// to one account. The documentation knows single IP addresses only.
func bitgetPossible(s *Spec) bool {
	unified := slices.ContainsFunc(s.Permissions, func(p string) bool { return p == "withdraw" || strings.Contains(p, "_") })
	network := slices.ContainsFunc(s.IPs, func(ip string) bool { return strings.Contains(ip, "/") })
	mixed := unified && bitgetClassicAccount(s)
	unrestricted := len(s.IPs) == 0 && (s.Has("withdraw") || s.Has("wwow"))
	return !network && !mixed && !unrestricted
}

func bitgetError(status int, code, message string) Reply {
	text, _ := json.Marshal(message)
	return Reply{Status: status, Body: `{"code":"` + code + `","msg":` + string(text) + `,"requestTime":{ms},"data":null}`}
}

// bitgetShape: identifiers begin with bg_; the owner chooses the passphrase.
func bitgetShape(k *Issued) {
	k.ID, k.Secret = "bg_"+Hex(32, "bitget", k.Serial), Hex(64, "bitget secret", k.Serial)
	k.Passphrase = "Pass" + Hex(16, "bitget passphrase", k.Serial)
}

// bitgetVerify follows the documentation: timestamp, method, path with the
// unescaped query, and body without separators; HMAC-SHA256 with the secret as
// text, or RSA PKCS #1 v1.5 with SHA-256, either as base64; at most 30 s off; the
// passphrase in plaintext.
func bitgetVerify(c *Call) *Reply {
	stamp, passphrase, signature := c.Header.Get("ACCESS-TIMESTAMP"), c.Header.Get("ACCESS-PASSPHRASE"), c.Header.Get("ACCESS-SIGN")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case signature == "":
		return c.Refuse(FailHeader)
	case passphrase == "":
		return c.Refuse(bitgetNoPassphrase)
	case err != nil:
		return c.Refuse(bitgetBadTimestamp)
	case c.Now.Sub(time.UnixMilli(ms)).Abs() > 30*time.Second:
		return c.Refuse(FailClock)
	case c.Key.Options["demo"] != "" && (c.Header.Get("paptrading") == "1") != (c.Key.Options["demo"] == "1"):
		return c.Refuse(bitgetMixedUp)
	case passphrase != c.Key.Passphrase:
		return c.Refuse(FailPassphrase)
	}
	query, err := url.QueryUnescape(c.URL.RawQuery)
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	if query != "" {
		query = "?" + query
	}
	text := stamp + c.Method + c.URL.Path + query + string(c.Body)
	if public, ok := c.Key.PublicKey.(*rsa.PublicKey); ok {
		if !rsaSigned(public, text, signature) {
			return c.Refuse(FailBadSignature)
		}
		return nil
	}
	if signature != hmacBase64(sha256.New, c.Key.Secret, text) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func bitgetAnswer(c *Call, data map[string]any) Reply {
	data["userId"], data["inviterId"], data["channelCode"], data["channel"], data["regisTime"] = "1234567890", "", "", "", "1690000000000"
	body, _ := json.Marshal(data)
	return c.Fill(Reply{Body: `{"code":"00000","msg":"success","requestTime":{ms},"data":` + string(body) + `}`})
}

func bitgetUnified(c *Call) Reply {
	k := c.Key
	if bitgetClassicAccount(&k.Spec) {
		return *c.Refuse(bitgetIsClassic)
	}
	parent, permType := "", "read-and-write"
	if !slices.ContainsFunc(bitgetRights, func(r Right) bool { return k.Has(r.Name) }) { // no key writes nothing
		permType = "read-only"
	}
	if k.SubAccount {
		parent = "9876543210"
	}
	if other, ok := k.Options["permType"]; ok {
		permType = other
	}
	return bitgetAnswer(c, map[string]any{
		"parentId": parent, "ips": strings.Join(k.IPs, ","), "permType": permType, "permissions": listOf(k.Permissions),
	})
}

// bitgetClassic answers keys that may read spot only, so every key gets that right.
func bitgetClassic(c *Call) Reply {
	k := c.Key
	if !bitgetClassicAccount(&k.Spec) {
		return *c.Refuse(bitgetIsUnified)
	}
	authorities := k.Permissions
	if !slices.ContainsFunc([]string{"stor", "stow"}, k.Has) {
		authorities = append(slices.Clip(authorities), "stor")
	}
	parent, ips := 1234567890, any(listOf(k.IPs))
	if k.SubAccount {
		parent = 987654321
	}
	if k.Options["ips"] == "text" {
		ips = strings.Join(k.IPs, ",")
	}
	return bitgetAnswer(c, map[string]any{"parentId": parent, "ips": ips, "authorities": authorities, "traderType": "not_trader"})
}

// bitgetVectors were computed: no official sample with a secret is known. The RSA
// key is that of Bybit's vectors.
var bitgetVectors = []Vector{
	bitgetVector("/api/v3/account/info", "7K3K300jUR0jdTH8S5qqCgGp9JAXFvzQ+4ayY/07x2I="),
	bitgetVector("/api/v2/spot/account/info", "FKbuzfySsITVRqO9i3nyWQohve4kCol4VvnLEejAhZc="),
	bitgetVector("/api/v3/user/sub-api-list?subUid=4746345901&limit=100", "HXxaTqlYIW41PHMJMuGt1lm2J6Fz/V8hrtEfjiAGMPo="),
	bitgetVector("/api/v2/user/virtual-subaccount-apikey-list?subAccountUid=4746345901", "ws3Cp1xUhiWV0EuR4XqwTYTD0KSvcMvpwr98aYvT/8I="),
	bitgetRSAVector(),
}

func bitgetVector(path, signature string) Vector {
	const key, passphrase = "bg_0a1b2c3d4e5f60718293a4b5c6d7e8f9", "Vectorpassphrase1"
	return Vector{
		Name: path, Time: time.UnixMilli(1700000000000), Key: key, Secret: "test-secret-key", Passphrase: passphrase,
		Method: http.MethodGet, URL: "https://api.bitget.com" + path,
		Header: map[string]string{
			"ACCESS-KEY": key, "ACCESS-SIGN": signature, "ACCESS-TIMESTAMP": "1700000000000", "ACCESS-PASSPHRASE": passphrase,
			"Content-Type": "application/json", "locale": "en-US",
		},
	}
}

func bitgetRSAVector() Vector {
	v := bitgetVector("/api/v3/account/info", "hFl9BFU5241Q7a5QKTWgriNyzbwh5gyphbmf8MHl8IIFWjcwQrKr/4M9RFwlNYyhgE/69BP7oEOBVUe4kEsBhgHl3GzslJVlRIy1ajX+cQbHqCBHHX2Ry2O9l9YuQZHslHuB6/G3pIQjRp/sTtV+X/eE63dFbZZrU/KORd4UaIg=")
	v.Name, v.Kind = v.Name+" with RSA", access.RSAKey
	for _, other := range bybitVectors {
		if other.Kind == access.RSAKey {
			v.Secret = other.Secret
		}
	}
	return v
}

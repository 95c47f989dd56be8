package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BloFin is a fake of BloFin. Of a key's permissions, its answer only says whether
// the key may write, which a key with any but READ may. Options: "type": "2"
// connects a key to a third-party app; "edition": "numbers" writes numbers instead
// of text.
func BloFin() *Fake {
	return New(Definition{
		Name:  "blofin",
		Hosts: []string{"openapi.blofin.com", "demo-trading-openapi.blofin.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"READ", []access.Capability{access.Read}},
			{"TRADE", nil},
			{"TRANSFER", nil},
		},
		MayGrant:           map[string][]access.Capability{"TRADE": blofinWrites, "TRANSFER": blofinWrites},
		UnknownPermissions: []string{}, // the answer names none
		Reports:            Reports{Allowlist: true, Entries: true, Created: true, Expires: true, Account: true, Label: true, Unit: time.Millisecond},
		Failures:           blofinFailures,
		Vectors:            blofinVectors,
		Shape: func(k *Issued) {
			k.ID, k.Secret, k.Passphrase = Hex(32, "blofin", k.Serial), Hex(32, "blofin secret", k.Serial), "Pass-"+Hex(16, "blofin passphrase", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("ACCESS-KEY") },
		Verify:   blofinVerify,
		Routes:   map[string]func(*Call) Reply{"GET /api/v1/user/query-apikey": blofinKey},
	})
}

// blofinWrites are the capabilities that a key may have if it may write.
var blofinWrites = []access.Capability{
	access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TransferInternal, access.TransferExternal, access.Withdraw,
}

// blofinUnit is a timestamp in another unit than milliseconds.
const blofinUnit = "timestamp in another unit"

// blofinFailures: most come with status 200.
var blofinFailures = []Failure{
	{Name: FailUnknownKey, Reply: blofinError(200, "152401", "Access key does not exist"), Kind: access.KindBadKey},
	{Name: FailExpired, Reply: blofinError(200, "152402", "Access key has expired"), Kind: access.KindExpired},
	{Name: "forbidden", Reply: blofinError(200, "152404", "This operation is not supported, please check the path or the key's permissions"), Kind: access.KindForbidden},
	{Name: FailClock, Reply: blofinError(200, "152405", "Timestamp or signature expired, it must be within 60 seconds"), Kind: access.KindClockSkew},
	{Name: blofinUnit, Reply: blofinError(200, "152410", "The timestamp must be in milliseconds"), Kind: access.KindNotUnderstood},
	{Name: FailIP, Reply: blofinError(200, "152406", "Your IP {ip} is not in the key's IP whitelist"), Kind: access.KindIPNotAllowed},
	{Name: FailNonce, Reply: blofinError(200, "152407", "Repeated nonce"), Kind: access.KindNonce},
	{Name: FailPassphrase, Reply: blofinError(200, "152408", "Passphrase error"), Kind: access.KindBadSignature},
	{Name: FailBadSignature, Reply: blofinError(200, "152409", "Signature verification failed"), Kind: access.KindBadSignature},
	{Name: FailHeader, Reply: blofinError(401, "401", "Invalid signature"), Kind: access.KindBadSignature},
	{Name: "rate limited", Reply: blofinError(429, "429", "Too many requests"), Kind: access.KindRateLimited},
	{Name: "firewall", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
	{Name: "internal error", Reply: blofinError(200, "500", "Internal server error"), Kind: access.KindUnavailable},
	{Name: "internal error, other code", Reply: blofinError(200, "103013", "Internal error"), Kind: access.KindUnavailable},
	{Name: "internal error, a number", Reply: Reply{Body: `{"code":103013,"msg":"Internal error"}`}, Kind: access.KindUnavailable},
}

func blofinError(status int, code, message string) Reply {
	body, _ := json.Marshal(map[string]string{"code": code, "msg": message})
	return Reply{Status: status, Body: string(body)}
}

// blofinVerify follows the documentation: path with query, method, timestamp, nonce
// and body without separators; HMAC-SHA256; base64 of its lower-case hexadecimal
// text; at most 60 s off; no nonce is accepted again (here: not the last one).
func blofinVerify(c *Call) *Reply {
	stamp, nonce, signature := c.Header.Get("ACCESS-TIMESTAMP"), c.Header.Get("ACCESS-NONCE"), c.Header.Get("ACCESS-SIGN")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	text := c.URL.RequestURI() + c.Method + stamp + nonce + string(c.Body)
	seen := sha256.Sum256([]byte(nonce))
	number := uint64(binary.BigEndian.Uint32(seen[:]))
	switch {
	case stamp == "" || nonce == "" || signature == "":
		return c.Refuse(FailHeader)
	case err != nil || len(stamp) != 13:
		return c.Refuse(blofinUnit)
	case c.Now.Sub(time.UnixMilli(ms)).Abs() > time.Minute:
		return c.Refuse(FailClock)
	case number == c.Key.Nonce:
		return c.Refuse(FailNonce)
	case c.Header.Get("ACCESS-PASSPHRASE") != c.Key.Passphrase:
		return c.Refuse(FailPassphrase)
	case signature != base64.StdEncoding.EncodeToString([]byte(hmacHex(sha256.New, c.Key.Secret, text))):
		return c.Refuse(FailBadSignature)
	}
	c.Key.Nonce = number
	return nil
}

func blofinKey(c *Call) Reply {
	k := c.Key
	readOnly := 1
	if slices.ContainsFunc(k.Permissions, func(p string) bool { return p != "READ" }) {
		readOnly = 0
	}
	kind := 1
	if k.Options["type"] == "2" {
		kind = 2
	}
	parent, expires := int64(0), int64(0)
	if k.SubAccount {
		parent = 23100000001
	}
	if !k.Expires.IsZero() {
		expires = k.Expires.UnixMilli()
	}
	number := func(n int64) any { return strconv.FormatInt(n, 10) }
	if k.Options["edition"] == "numbers" {
		number = func(n int64) any { return n }
	}
	body, _ := json.Marshal(map[string]any{"code": "0", "msg": "success", "data": map[string]any{
		"uid": number(23100000007), "apiName": k.Label, "apiKey": k.ID, "readOnly": readOnly, "ips": listOf(k.IPs), "type": kind,
		"expireTime": number(expires), "createTime": number(timeOr(k.Created, c.Now).UnixMilli()), "referralCode": "",
		"parentUid": number(parent),
	}})
	return Reply{Body: string(body)}
}

// blofinVectors were computed: the documentation has none.
var blofinVectors = []Vector{{
	Name: "query-apikey", Time: time.UnixMilli(1597026383085), Key: "0123456789abcdef0123456789abcdef",
	Secret: "ExampleBlofinSecret", Passphrase: "Vector-passphrase-1",
	Method: http.MethodGet, URL: "https://openapi.blofin.com/api/v1/user/query-apikey",
	Header: map[string]string{
		"ACCESS-KEY": "0123456789abcdef0123456789abcdef", "ACCESS-TIMESTAMP": "1597026383085",
		"ACCESS-NONCE": "f5a2d9a8-2d0a-4d7b-9b5a-0c2f4b7e1a11", "ACCESS-PASSPHRASE": "Vector-passphrase-1",
		"ACCESS-SIGN": "N2E2YjlkZTcwY2I0ZjhkYTc2ZGRkY2I4YmMzZGVkMzM3NmExMTc1MjhlNzIxNzI2MjlhOWY1ZWFjNjYyN2JhYQ==",
	},
}}

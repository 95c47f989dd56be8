package exchangetest

import (
	"cmp"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Gate is a fake of Gate's API, version 4. A permission is served as
// read-write, and as read-only when ":read" is added to its name. Every key may
// read its account, as the calls need that. Keys of a sub-account cannot list the
// keys. Options: "mode" is the account's mode, "state" the key's, "name" its
// name in JSON, and "pairs" are
// the pairs that it may trade, comma-separated.
func Gate() *Fake {
	return New(Definition{
		Name: "gate",
		Hosts: []string{
			"api.gateio.ws", "fx-api.gateio.ws", "api-testnet.gateapi.io", "fx-api-testnet.gateio.ws", "api.gateeu.com", "api.gate.us",
		},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"spot", []access.Capability{access.TradeSpot, access.TradeMargin}},
			{"margin", []access.Capability{access.TradeMargin}},
			{"futures", []access.Capability{access.TradeFutures}},
			{"delivery", []access.Capability{access.TradeFutures}},
			{"options", []access.Capability{access.TradeOptions}},
			{"unified", []access.Capability{access.TradeMargin, access.Other("loan")}},
			{"wallet", []access.Capability{access.TransferInternal}},
			{"account", []access.Capability{access.Other("account")}},
			{"earn", []access.Capability{access.Other("earn")}},
			{"loan", []access.Capability{access.Other("loan")}},
			{"copy", []access.Capability{access.Other("copytrading")}},
			{"custody", []access.Capability{access.Other("custody")}},
			{"pilot", []access.Capability{access.Other("pilot")}},
			{"otc", []access.Capability{access.Other("otc")}},
			{"alpha", []access.Capability{access.Other("alpha")}},
			{"crossx", []access.Capability{access.Other("crossx")}},
			{"spot:read", nil},
			{"futures:read", nil},
			{"wallet:read", nil},
			{"unified:read", nil},
		},
		UnknownPermissions: []string{"teleport", "teleport:read"},
		Reports:            Reports{Allowlist: true, Entries: true, Created: true, Changed: true, LastUsed: true, Account: true, Label: true},
		CanExist:           func(s *Spec) bool { return !s.SubAccount }, // the exchange does not report what such a key may do
		Failures:           gateFailures,
		Vectors:            gateVectors,
		Identify:           func(c *Call) string { return c.Header.Get("KEY") },
		Verify:             gateVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v4/spot/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"server_time":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{
			"GET /api/v4/account/detail": gateDetail, "GET /api/v4/account/main_keys": gateMainKeys,
		},
		Introspection: "GET /api/v4/account/main_keys",
	})
}

const gateForbidden = "forbidden"

var gateFailures = []Failure{
	{Name: FailUnknownKey, Reply: gateError(401, "INVALID_KEY", "Invalid key provided"), Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: gateError(401, "INVALID_SIGNATURE", "Signature mismatch"), Kind: access.KindBadSignature},
	{Name: FailHeader, Reply: gateError(401, "MISSING_REQUIRED_HEADER", "Missing required header: Timestamp"), Kind: access.KindBadSignature},
	{
		Name: "credentials", Reply: gateError(401, "INVALID_CREDENTIALS", "Invalid credentials"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{
		Name: "authentication", Reply: gateError(401, "AUTHENTICATION_FAILED", "Authentication failed"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: FailIP, Reply: gateError(403, "IP_FORBIDDEN", "Request IP not in whitelist: {ip}"), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: gateError(403, "REQUEST_EXPIRED", "gap between request Timestamp and server time exceeds 60"), Kind: access.KindClockSkew},
	{Name: gateForbidden, Reply: gateError(403, "FORBIDDEN", "Permission denied"), Kind: access.KindForbidden},
	{Name: "request forbidden", Reply: gateError(403, "REQUEST_FORBIDDEN", "Permission denied"), Kind: access.KindForbidden},
	{Name: "read-only key", Reply: gateError(403, "READ_ONLY", "The key is read only"), Kind: access.KindForbidden},
	{Name: FailDisabled, Reply: gateError(403, "ACCOUNT_LOCKED", "The account is locked"), Kind: access.KindDisabled},
	{Name: "sub-account locked", Reply: gateError(403, "SUB_ACCOUNT_LOCKED", "The sub-account is locked"), Kind: access.KindDisabled},
	{Name: "account type", Reply: gateError(400, "USER_NOT_FOUND", "please transfer funds first to make futures account"), Kind: access.KindNotUnderstood},
	{Name: "withdrawal off", Reply: gateError(400, "API_WITHDRAW_DISABLED", "API withdrawal is off"), Kind: access.KindNotUnderstood},
	{Name: "rate limited", Reply: gateError(429, "TOO_MANY_REQUESTS", "Request rate limit exceeded"), Kind: access.KindRateLimited},
	{Name: "too fast", Reply: gateError(429, "TOO_FAST", "Request rate limit exceeded"), Kind: access.KindRateLimited},
	{Name: "server error", Reply: gateError(500, "SERVER_ERROR", "Internal server error"), Kind: access.KindUnavailable},
	{Name: "internal", Reply: gateError(500, "INTERNAL", "Internal server error"), Kind: access.KindUnavailable},
	{Name: "busy", Reply: gateError(503, "TOO_BUSY", "System is busy"), Kind: access.KindUnavailable},
	{Name: "the edge network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func gateError(status int, label, message string) Reply {
	body, _ := json.Marshal(map[string]string{"label": label, "message": message})
	return Reply{Status: status, Body: string(body)}
}

// gateVerify follows the documentation: method, path, unescaped query, hexadecimal
// SHA-512 of the body and timestamp, each on a line; HMAC-SHA512 with the secret as
// text, lower-case hexadecimal; at most 60 s off.
func gateVerify(c *Call) *Reply {
	stamp, signature := c.Header.Get("Timestamp"), c.Header.Get("SIGN")
	if stamp == "" || signature == "" {
		return c.Refuse(FailHeader)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.Unix(seconds, 0)).Abs() > 60*time.Second {
		return c.Refuse(FailClock)
	}
	query, err := url.QueryUnescape(c.URL.RawQuery)
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	body := sha512.Sum512(c.Body)
	text := strings.Join([]string{c.Method, c.URL.Path, query, hex.EncodeToString(body[:]), stamp}, "\n")
	if signature != hmacHex(sha512.New, c.Key.Secret, text) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

const gateUser = 2098834417

func gateDetail(c *Call) Reply {
	body, _ := json.Marshal(map[string]any{
		"user_id": gateUser, "ip_whitelist": listOf(c.Key.IPs), "currency_pairs": gatePairs(c.Key), "key": map[string]any{"mode": gateNumber(c.Key, "mode")},
		"tier": 2, "tier_expire_time": "2026-12-31T00:00:00Z", "copy_trading_role": 0,
	})
	return Reply{Body: string(body)}
}

// gateMainKeys lists every key of the main account.
func gateMainKeys(c *Call) Reply {
	if c.Key.SubAccount {
		return *c.Refuse(gateForbidden)
	}
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return !k.SubAccount }) {
		created := timeOr(k.Created, c.Now)
		name, _ := json.Marshal(k.Label)
		if other, ok := k.Options["name"]; ok {
			name = []byte(other)
		}
		list = append(list, map[string]any{
			"key": k.ID[:12] + "*****", "name": json.RawMessage(name), "state": gateNumber(k, "state"), "mode": gateNumber(k, "mode"), "user_id": gateUser,
			"perms": gatePerms(k), "ip_whitelist": listOf(k.IPs), "currency_pairs": gatePairs(k),
			"created_at": created.Unix(), "update_at": timeOr(k.Changed, created).Unix(), "last_access": timeOr(k.LastUsed, c.Now).Unix(),
		})
	}
	body, _ := json.Marshal(list)
	return Reply{Body: string(body)}
}

func gatePerms(k *Issued) []any {
	perms := k.Permissions
	if !k.Has("account") && !k.Has("account:read") {
		perms = append(slices.Clip(perms), "account:read")
	}
	out := make([]any, len(perms))
	for i, p := range perms {
		name, readOnly := strings.CutSuffix(p, ":read")
		out[i] = map[string]any{"name": name, "read_only": readOnly}
	}
	return out
}

func gatePairs(k *Issued) []string {
	if k.Options["pairs"] == "" {
		return []string{}
	}
	return strings.Split(k.Options["pairs"], ",")
}

func gateNumber(k *Issued, option string) int {
	n, _ := strconv.Atoi(cmp.Or(k.Options[option], "1"))
	return n
}

// gateVectors: the first is the documentation's own sample.
var gateVectors = []Vector{
	gateVector("secret", 1541993715, "/api/v4/futures/orders?contract=BTC_USD&status=finished&limit=50", "55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a"),
	gateVector("gate-secret", 1790274000, "/api/v4/spot/accounts", "a1ac53ee45ebdeeade3145cd36438e87ebb44e02402ac11e18f385070464f69c4f1e22e39ca29312a28eae25cae9bb23df5611b420e82ee71b629788005481e8"),
	gateVector("gate-secret", 1790274000, "/api/v4/account/detail", "6a269e767cd67afbfaf75db1a2792c27b754f3506db55f110454233c893fdb744cc176bcb7a910655a387fb38409d3fab5ca04a3eaace19c0a1aa669a2e50568"),
	gateVector("gate-secret", 1790274000, "/api/v4/account/main_keys", "3645936a7cd911d72438e9b20fff37e315d260e923d0daa741393692ce5091bcd884aed7e7ae7311092554550a22077fcbb3fe305b75047b494bf9ffd82c869d"),
	gateVector("gate-secret", 1790274000, "/api/v4/sub_accounts?type=0", "7a5b0a6bd4434ae04e6dd998567de466506e6a082223b7cc95fc3ba63b9337c70d14d11cd92504059a493e76db2f5ca741d17308a55253003e72c41cc3c4ed85"),
	gateVector("gate-secret", 1790274000, "/api/v4/sub_accounts/10003/keys", "f2be8373aa7bb68e2df02d22f7c7d98cc6842e4ed1ff9a2aea0085db5671be64d1093c15cac22c600fe3a2cc1c1c64aab07956ade8b2ea6dc15dcbf848b10f13"),
}

func gateVector(secret string, at int64, path, signature string) Vector {
	const key = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	return Vector{
		Name: path, Time: time.Unix(at, 0), Key: key, Secret: secret, Method: "GET", URL: "https://api.gateio.ws" + path,
		Header: map[string]string{
			"KEY": key, "SIGN": signature, "Timestamp": strconv.FormatInt(at, 10), "Accept": "application/json", "Content-Type": "application/json",
		},
	}
}

package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BingX is a fake of BingX. Its permissions are the exchange's numbers; a name
// that is not a number is a flag of the other answer. Every key can read, as both
// calls need it. Option "edition": "flags" answers the call for permissions with
// flags under data, as one page of the exchange describes it.
func BingX() *Fake {
	return New(Definition{
		Name:  "bingx",
		Hosts: []string{"open-api.bingx.com", "open-api.bingx.pro", "open-api-vst.bingx.com", "open-api-vst.bingx.pro"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"1", []access.Capability{access.TradeSpot}},
			{"2", []access.Capability{access.Read}},
			{"3", []access.Capability{access.TradeFutures}},
			{"4", []access.Capability{access.TransferInternal}},
			{"5", []access.Capability{access.Withdraw}},
			{"7", []access.Capability{access.TransferInternal}},
		},
		MayGrant: map[string][]access.Capability{
			"1": {access.TradeMargin},
			"4": {access.TransferExternal}, "5": {access.TransferExternal}, "7": {access.TransferExternal},
		},
		UnknownPermissions: []string{"6", "31", "enableTeleport", "permitsTeleport"},
		Reports:            Reports{Allowlist: true, Entries: true, Created: true, Label: true, Unit: time.Millisecond},
		Failures:           bingxFailures,
		Vectors:            bingxVectors,
		Unsigned:           []string{"path", "X-SOURCE-KEY"},
		// The exchange grants withdrawals only to keys with an IP allowlist.
		CanExist: func(s *Spec) bool { return len(s.IPs) > 0 || !s.Has("5") },
		Identify: func(c *Call) string { return c.Header.Get("X-BX-APIKEY") },
		Verify:   bingxVerify,
		Public: map[string]func(*Call) Reply{
			"GET /openApi/swap/v2/server/time": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"code":0,"msg":"","data":{"serverTime":{ms}}}`})
			},
		},
		Routes: map[string]func(*Call) Reply{
			"GET /openApi/v1/account/apiPermissions":  bingxPermissions,
			"GET /openApi/v1/account/apiRestrictions": func(c *Call) Reply { return bingxAnswer(bingxFlags(c)) },
		},
	})
}

// bingxFailures: most errors come with status 200.
var bingxFailures = []Failure{
	{Name: FailUnknownKey, Reply: bingxError(200, 100413, "Incorrect apiKey"), Kind: access.KindBadKey},
	{Name: "unknown key, 401", Reply: bingxError(401, 100413, "Incorrect apiKey"), Kind: access.KindBadKey},
	{Name: FailHeader, Reply: bingxError(200, 100412, "Null signature"), Kind: access.KindBadSignature},
	{Name: FailBadSignature, Reply: bingxError(200, 100001, "signature verification failed"), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: bingxError(200, 100419, "your current request IP {ip} does not match IP whitelist"), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: bingxError(200, 100421, "Null timestamp or timestamp mismatch"), Kind: access.KindClockSkew},
	{Name: "timestamp invalid", Reply: bingxError(200, 80014, "timestamp is invalid"), Kind: access.KindClockSkew},
	{Name: "timestamp invalid, other code", Reply: bingxError(200, 109400, "timestamp is invalid, please check the server time"), Kind: access.KindClockSkew},
	{Name: "pair not available", Reply: bingxError(200, 100421, "This pair is not available for API trading"), Kind: access.KindNotUnderstood},
	{Name: "forbidden", Reply: bingxError(200, 100004, "Permission denied as the API key was not created with the permission"), Kind: access.KindForbidden},
	{Name: "forbidden, 403", Reply: bingxError(403, 100004, "Permission denied as the API key was not created with the permission"), Kind: access.KindForbidden},
	{Name: "main account needed", Reply: bingxError(200, 100403, "not the main account"), Kind: access.KindForbidden},
	{Name: "sub-account unknown", Reply: bingxError(200, 100450, "wrong sub uid"), Kind: access.KindNotUnderstood},
	{Name: "wrong path", Reply: bingxError(200, 100400, "this api is not exist"), Kind: access.KindNotUnderstood},
	{Name: "wrong path, other code", Reply: bingxError(200, 100404, "this api is not exist"), Kind: access.KindNotUnderstood},
	{Name: "rate limited", Reply: bingxLater(200), Kind: access.KindRateLimited},
	{Name: "rate limited, 429", Reply: bingxLater(429), Kind: access.KindRateLimited},
	{Name: "banned", Reply: bingxError(418, 418, "too many requests, banned"), Kind: access.KindBanned},
	{Name: "risk control", Reply: bingxError(200, 109403, "risk control triggered"), Kind: access.KindBanned},
	{Name: "risk control, other code", Reply: bingxError(200, 109429, "risk control triggered"), Kind: access.KindBanned},
	{Name: "busy", Reply: bingxError(200, 100500, "System busy"), Kind: access.KindUnavailable},
	{Name: "maintenance", Reply: bingxError(503, 100503, "System busy"), Kind: access.KindUnavailable},
	{Name: FailDisabled, Reply: bingxError(200, 100414, "the account is under risk control"), Kind: access.KindDisabled},
}

func bingxError(status, code int, message string) Reply {
	text, _ := json.Marshal(message)
	return Reply{Status: status, Body: `{"code":` + strconv.Itoa(code) + `,"msg":` + string(text) + `,"timestamp":{ms}}`}
}

// bingxLater has the headers of the path's limit.
func bingxLater(status int) Reply {
	r := bingxError(status, 100410, "rate limited, please retry later")
	r.Header = map[string]string{"X-RateLimit-Requests-Remain": "0", "X-RateLimit-Requests-Expire": "870"}
	return r
}

// bingxVerify follows the documentation: the signed text is the parameters as they
// were sent, without the signature, which is the last of them; HMAC-SHA256 as
// lower-case hexadecimal. The window is 5 s and never more.
func bingxVerify(c *Call) *Reply {
	query, signature, found := cutSignature(c.URL.RawQuery)
	values, err := url.ParseQuery(query)
	stamp, errStamp := strconv.ParseInt(values.Get("timestamp"), 10, 64)
	window, errWindow := int64(5000), error(nil)
	if text := values.Get("recvWindow"); text != "" && text != "0" {
		window, errWindow = strconv.ParseInt(text, 10, 64)
	}
	off := c.Now.UnixMilli() - stamp
	switch {
	case !found:
		return c.Refuse(FailHeader)
	case err != nil, errWindow != nil:
		return c.Refuse(FailBadSignature)
	case errStamp != nil, off > min(window, 5000), off < -min(window, 5000):
		return c.Refuse(FailClock)
	case signature != hmacHex(sha256.New, c.Key.Secret, query):
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func bingxPermissions(c *Call) Reply {
	k := c.Key
	if k.Options["edition"] == "flags" {
		return bingxAnswer(map[string]any{"code": 0, "msg": "", "data": bingxFlags(c)})
	}
	permissions := []int{2}
	for _, p := range k.Permissions {
		if n, err := strconv.Atoi(p); err == nil && n != 2 {
			permissions = append(permissions, n)
		}
	}
	ips := k.IPs
	if len(ips) == 0 {
		ips = []string{""} // as an independent client saw it
	}
	return bingxAnswer(map[string]any{"apiKey": k.ID, "permissions": permissions, "ipAddresses": ips, "note": k.Label})
}

// bingxFlags are the members of the call for restrictions.
func bingxFlags(c *Call) map[string]any {
	k := c.Key
	answer := map[string]any{
		"ipRestrict": len(k.IPs) > 0, "createTime": timeOr(k.Created, c.Now).UnixMilli(), "enableReading": true,
		"enableSpotAndMarginTrading": k.Has("1"), "enableFutures": k.Has("3"), "permitsUniversalTransfer": k.Has("4"),
	}
	for _, p := range k.Permissions {
		if _, err := strconv.Atoi(p); err != nil {
			answer[p] = true
		}
	}
	return answer
}

func bingxAnswer(members map[string]any) Reply {
	body, _ := json.Marshal(members)
	return Reply{Body: string(body)}
}

// bingxVectors were computed: the exchange prints no signature. The fourth has the
// parameters of its example.
var bingxVectors = []Vector{
	bingxVector("/openApi/v1/account/apiPermissions", "recvWindow=5000&timestamp=1767225600000", "a553443bb1c746a2df8d8503b3dad9bc732712b62462d74785e547ef410dd76f"),
	bingxVector("/openApi/v1/account/apiRestrictions", "recvWindow=5000&timestamp=1767225600000", "a553443bb1c746a2df8d8503b3dad9bc732712b62462d74785e547ef410dd76f"),
	bingxVector("/openApi/account/v1/apiKey/query", "recvWindow=5000&timestamp=1767225600000&uid=1234567", "3f5a0fc8acb869eaf635027d901de7fb57946cc5f3096901bea71a93f8bc2f25"),
	bingxVector("/openApi/swap/v2/trade/openOrders", "recvWindow=0&symbol=BTC-USDT&timestamp=1696751141337", "c77a4b96545ee77277ad41254408f8b32b16d8d61c8c2a4c2e05e54b66a8f7d8"),
	bingxCrossChecked,
}

// bingxCrossChecked was compared with an independent client, which sends no
// window and names itself.
var bingxCrossChecked = Vector{
	Name: "cross-checked", Time: time.UnixMilli(1767225600000), Key: "EXAMPLEKEY", Secret: strings.Repeat("S", 32), Method: http.MethodGet,
	URL: "https://open-api.bingx.com/openApi/v1/account/apiPermissions?timestamp=1767225600000" +
		"&signature=903742f23ceb2d2d29ca53efc2d234569d2806cda6daeb7acfaa6cd8c0465ff3",
	Header: map[string]string{"X-BX-APIKEY": "EXAMPLEKEY", "X-SOURCE-KEY": "CCXT"},
}

func bingxVector(path, query, signature string) Vector {
	const key = "EXAMPLEKEY0123456789EXAMPLEKEY01"
	values, _ := url.ParseQuery(query)
	ms, _ := strconv.ParseInt(values.Get("timestamp"), 10, 64)
	return Vector{
		Name: path + " " + query, Time: time.UnixMilli(ms), Key: key,
		Secret: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Method: http.MethodGet,
		URL:    "https://open-api.bingx.com" + path + "?" + query + "&signature=" + signature,
		Header: map[string]string{"X-BX-APIKEY": key},
	}
}

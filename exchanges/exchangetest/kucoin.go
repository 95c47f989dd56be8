package exchangetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// KuCoin is a fake of KuCoin's API. It also serves the old permission Trade, but
// does not list it: it is for spot, and whether it is for margin and futures too is
// not confirmed. Options: "site" ("global", "europe", "turkey", "australia") is the
// only site that accepts a key, every site by default; "apiVersion" is the key's
// version, 3 by default; "thirdPartyApp" names the app that it was created for;
// "edition": "older" answers with fewer members and unmasked IP addresses.
func KuCoin() *Fake {
	return New(Definition{
		Name:  "kucoin",
		Hosts: []string{"api.kucoin.com", "api.kucoin.eu", "api.kucoin.tr"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"General", []access.Capability{access.Read}},
			{"Spot", []access.Capability{access.TradeSpot}},
			{"Margin", []access.Capability{access.TradeMargin}},
			{"Futures", []access.Capability{access.TradeFutures}},
			{"Unified", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}},
			{"Earn", []access.Capability{access.Other("earn")}},
			{"InnerTransfer", []access.Capability{access.TransferInternal}},
			{"FlexTransfers", []access.Capability{access.TransferInternal}},
			{"Transfer", []access.Capability{access.Withdraw, access.TransferExternal}},
			{"Withdrawal", []access.Capability{access.Withdraw, access.TransferExternal}},
			{"LeadtradeFutures", []access.Capability{access.Other("copytrading")}},
		},
		// The pages of the sub-account calls ask for General and a main account's key;
		// nobody has confirmed it.
		Implied: map[string][]Implied{"": {
			{Capability: access.APIKeyManage, OnMain: true, Unsure: true}, {Capability: access.SubaccountManage, OnMain: true, Unsure: true},
		}},
		Reports:  Reports{Allowlist: true, Created: true, Expires: true, Account: true, Label: true, Unit: time.Millisecond},
		Failures: kucoinFailures,
		Vectors:  kucoinVectors,
		Shape:    kucoinShape,
		Identify: func(c *Call) string { return c.Header.Get("KC-API-KEY") },
		Verify:   kucoinVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v1/timestamp": func(c *Call) Reply { return c.Fill(Reply{Body: `{"code":"200000","data":{ms}}`}) },
		},
		Unsigned: []string{"KC-API-KEY-VERSION"},
		CanExist: kucoinPossible,
		Routes: map[string]func(*Call) Reply{
			"GET /api/v1/user/api-key": kucoinAPIKey, "GET /api/ua/v1/user/api-key": kucoinAPIKey,
		},
	})
}

// Names of refusals that only this exchange has.
const (
	kucoinBadVersion = "version refused"
	kucoinOldKey     = "key of an old version"
)

var kucoinFailures = []Failure{
	{Name: FailUnknownKey, Reply: kucoinError(401, "400003", "The API key does not exist or site mismatch"), Kind: access.KindBadKey},
	{Name: FailHeader, Reply: kucoinError(401, "400001", "Any of KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE is missing in your request header"), Kind: access.KindBadSignature},
	{Name: FailBadSignature, Reply: kucoinError(401, "400005", "Invalid KC-API-SIGN"), Kind: access.KindBadSignature},
	{Name: FailPassphrase, Reply: kucoinError(401, "400004", "Invalid KC-API-PASSPHRASE"), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: kucoinError(401, "400006", "The requested ip address is not in the api whitelist; the current client IP is: {ip}"), Kind: access.KindIPNotAllowed},
	{Name: "IP address not allowed, 403", Reply: kucoinError(403, "400006", "The requested ip address is not in the api whitelist; the current client IP is: {ip}"), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: kucoinError(401, "400002", "Invalid KC-API-TIMESTAMP"), Kind: access.KindClockSkew},
	{Name: "timestamp refused, 400", Reply: kucoinError(400, "400002", "Invalid KC-API-TIMESTAMP"), Kind: access.KindClockSkew},
	{Name: kucoinBadVersion, Reply: kucoinError(401, "400009", "Invalid KC-API-KEY-VERSION"), Kind: access.KindForbidden},
	{Name: kucoinOldKey, Reply: kucoinError(401, "400008", "V1 & V2 API keys are no longer supported by this API"), Kind: access.KindForbidden},
	{Name: "forbidden", Reply: kucoinError(403, "400007", "Access denied, more permission needed"), Kind: access.KindForbidden},
	{Name: "user not allowed", Reply: kucoinError(403, "400010", "UID access denied"), Kind: access.KindForbidden},
	{Name: "partner key", Reply: kucoinError(401, "400200", "Invalid KC-API-PARTNER"), Kind: access.KindNotUnderstood},
	{Name: "partner signature", Reply: kucoinError(401, "400201", "Invalid KC-API-PARTNER-SIGN"), Kind: access.KindNotUnderstood},
	{Name: "partner headers", Reply: kucoinError(401, "400202", "Invalid partner headers"), Kind: access.KindNotUnderstood},
	{
		Name: "not logged in", Reply: kucoinError(401, "400401", "User is not logged in"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: "compliance", Reply: kucoinError(200, "400301", "Restricted by compliance rules"), Kind: access.KindGeoBlocked},
	{Name: "identity", Reply: kucoinError(200, "400303", "Please complete the identity verification"), Kind: access.KindDisabled},
	{Name: FailDisabled, Reply: kucoinError(200, "411100", "User is frozen"), Kind: access.KindDisabled},
	{Name: "account type", Reply: kucoinError(200, "112010", "Invalid unified account user"), Kind: access.KindNotUnderstood},
	{
		Name: "rate limited", Kind: access.KindRateLimited,
		Reply: Reply{
			Status: 429, Body: kucoinError(429, "429000", "Too many requests").Body,
			Header: map[string]string{"gw-ratelimit-limit": "2000", "gw-ratelimit-remaining": "0", "gw-ratelimit-reset": "250"},
		},
	},
	{
		Name: "blocked", Reply: Reply{Status: 403, Body: "<html><body>403 Forbidden</body></html>"}, Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked},
	},
	{Name: "system error", Reply: kucoinError(500, "500000", "Internal server error"), Kind: access.KindUnavailable},
	{Name: "maintenance", Reply: Reply{Status: 503, Body: "Service Unavailable"}, Kind: access.KindUnavailable},
}

// kucoinPossible: the exchange grants the rights to withdraw and transfer only to
// keys with an IP allowlist, and documents single IP addresses, no ranges.
func kucoinPossible(s *Spec) bool {
	needsList := slices.ContainsFunc([]string{"InnerTransfer", "FlexTransfers", "Transfer", "Withdrawal"}, s.Has)
	network := slices.ContainsFunc(s.IPs, func(ip string) bool { return strings.Contains(ip, "/") })
	return !network && (len(s.IPs) > 0 || !needsList)
}

func kucoinError(status int, code, message string) Reply {
	body, _ := json.Marshal(map[string]string{"code": code, "msg": message})
	return Reply{Status: status, Body: string(body)}
}

// kucoinShape: identifiers of 24 hexadecimal characters, secrets like UUIDs; the
// owner chooses the passphrase.
func kucoinShape(k *Issued) {
	k.ID = Hex(24, "kucoin", k.Serial)
	t := Hex(32, "kucoin secret", k.Serial)
	k.Secret = strings.Join([]string{t[:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-")
	k.Passphrase = "Pass-" + Hex(16, "kucoin passphrase", k.Serial)
}

// kucoinVerify follows the documentation: timestamp, method, path with the
// unescaped query, and body without separators, HMAC-SHA256 with the secret as
// text, base64; the passphrase signed in the same way; at most 5 s off. Clients send
// version 2 or 3.
func kucoinVerify(c *Call) *Reply {
	stamp, passphrase, signature := c.Header.Get("KC-API-TIMESTAMP"), c.Header.Get("KC-API-PASSPHRASE"), c.Header.Get("KC-API-SIGN")
	if stamp == "" || passphrase == "" || signature == "" {
		return c.Refuse(FailHeader)
	}
	version := c.Header.Get("KC-API-KEY-VERSION")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	site := c.Key.Options["site"]
	switch {
	case site != "" && site != kucoinSite(c):
		return c.Refuse(FailUnknownKey)
	case c.Key.Options["apiVersion"] == "1":
		return c.Refuse(kucoinOldKey)
	case version != "2" && version != "3":
		return c.Refuse(kucoinBadVersion)
	case err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 5*time.Second:
		return c.Refuse(FailClock)
	case passphrase != kucoinMAC(c.Key, c.Key.Passphrase):
		return c.Refuse(FailPassphrase)
	}
	endpoint := c.URL.Path
	if c.URL.RawQuery != "" {
		query, err := url.QueryUnescape(c.URL.RawQuery)
		if err != nil {
			return c.Refuse(FailBadSignature)
		}
		endpoint += "?" + query
	}
	if signature != kucoinMAC(c.Key, stamp+c.Method+endpoint+string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func kucoinMAC(k *Issued, text string) string {
	mac := hmac.New(sha256.New, []byte(k.Secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// kucoinSite is the site of a request.
func kucoinSite(c *Call) string {
	switch {
	case c.Host == "api.kucoin.eu":
		return "europe"
	case c.Host == "api.kucoin.tr":
		return "turkey"
	case c.Header.Get("X-SITE-TYPE") == "australia":
		return "australia"
	default:
		return "global"
	}
}

func kucoinAPIKey(c *Call) Reply {
	k := c.Key
	permissions := k.Permissions
	if !k.Has("General") {
		permissions = append([]string{"General"}, permissions...)
	}
	version, err := strconv.Atoi(k.Options["apiVersion"])
	if err != nil {
		version = 3
	}
	created := k.Created
	if created.IsZero() {
		created = c.Now
	}
	data := map[string]any{
		"uid": 204417733, "remark": k.Label, "apiKey": k.ID, "apiVersion": version, "permission": strings.Join(permissions, ","),
		"isMaster": !k.SubAccount, "createdAt": created.UnixMilli(), "ipWhitelist": strings.Join(k.IPs, ","),
	}
	if k.SubAccount {
		data["uid"], data["subName"] = 204417799, "testapi6"
	}
	if k.Options["edition"] != "older" {
		masked := make([]string, len(k.IPs))
		for i, ip := range k.IPs {
			masked[i] = kucoinMask(ip)
		}
		data["ipWhitelist"] = strings.Join(masked, ",")
		data["region"], data["kycStatus"], data["siteType"] = "DE", 1, kucoinSite(c)
		data["thirdPartyApp"], data["parentUid"], data["expiredAt"] = k.Options["thirdPartyApp"], "", nil
		if k.SubAccount {
			data["parentUid"] = 204417733
		}
		if !k.Expires.IsZero() {
			data["expiredAt"] = k.Expires.UnixMilli()
		}
	}
	body, _ := json.Marshal(map[string]any{"code": "200000", "data": data})
	return Reply{Body: string(body)}
}

// kucoinMask hides the middle of an IP address as the newer edition does:
// 203.**.154. How the exchange masks IPv6 is unknown; here it is the same.
func kucoinMask(ip string) string {
	for _, separator := range []string{".", ":"} {
		if parts := strings.Split(ip, separator); len(parts) > 2 {
			return parts[0] + separator + "**" + separator + parts[len(parts)-1]
		}
	}
	return ip
}

// kucoinVectors: the first signature and the passphrase value are a third party's,
// computed with openssl. Clients differ in the version that they send.
var kucoinVectors = []Vector{
	kucoinVector("/api/v1/accounts", "2", "1IQclfd7ZIzIsIT5X47cdnJKnoEiZ5mElgGxVJwDuv8="),
	kucoinVector("/api/v1/accounts", "3", "1IQclfd7ZIzIsIT5X47cdnJKnoEiZ5mElgGxVJwDuv8="),
	kucoinVector("/api/v1/user/api-key", "2", "2ih2hBaBCi/eFQCFlxWN3oRH3b+aDMjxwhnjHbNp5OU="),
	kucoinVector("/api/v1/user/api-key", "3", "2ih2hBaBCi/eFQCFlxWN3oRH3b+aDMjxwhnjHbNp5OU="),
	kucoinVector("/api/ua/v1/user/api-key", "3", "Xn+eht0O0z/cm84XZDV5Z9OLzRDdVMUuEQBKs6uFk88="),
	kucoinVector("/api/v1/sub/api-key?subName=testapi6", "3", "TVbeS/urflZi0M/Hjsf724FT2p8tqh+RifzGWFziae8="),
}

func kucoinVector(path, version, signature string) Vector {
	const key = "6a1b2c3d4e5f60718293a4b5"
	return Vector{
		Name: path + " version " + version, Time: time.UnixMilli(1790274000000),
		Key: key, Secret: "kucoin-secret", Passphrase: "kucoin-pass",
		Method: "GET", URL: "https://api.kucoin.com" + path,
		Header: map[string]string{
			"KC-API-KEY": key, "KC-API-SIGN": signature, "KC-API-TIMESTAMP": "1790274000000",
			"KC-API-PASSPHRASE": "OplStk3M/IYYslJlMpTMb7auKQZQhD1g+JEQkER3KkA=", "KC-API-KEY-VERSION": version,
			"Content-Type": "application/json",
		},
	}
}

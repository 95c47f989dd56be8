package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// WOOX is a fake of WOO X's API v3. The documentation says that the IP allowlist is
// omitted for a key that has none. The fake does so for a key with the option
// "unbound": "omitted", and has an empty list otherwise, so that tests can
// distinguish a missing list from an empty one.
func WOOX() *Fake {
	everything := []access.Kind{
		access.KindBadKey, access.KindBadSignature, access.KindExpired, access.KindForbidden, access.KindIPNotAllowed, access.KindClockSkew,
	}
	const refused = "The api key or secret is invalid, or the key has insufficient permission or is expired/revoked."
	return New(Definition{
		Name:  "woox",
		Hosts: []string{"api.woox.io", "api.woo.org", "api.staging.woox.io"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"READ", []access.Capability{access.Read}},
			{"TRADE", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}},
			{"WITHDRAWAL", []access.Capability{access.Withdraw}},
		},
		MayGrant: map[string][]access.Capability{
			"TRADE":      {access.TransferInternal},
			"WITHDRAWAL": {access.TransferInternal, access.TransferExternal},
		},
		Reports:  Reports{Allowlist: true, Entries: true},
		CanExist: func(s *Spec) bool { return len(s.Permissions) > 0 },
		Failures: []Failure{
			// The code is the same, whatever is wrong with the key.
			{Name: FailUnknownKey, Reply: wooxError(401, "-1002", refused), Kind: access.KindAmbiguous, Candidates: everything},
			{Name: "malformed key", Reply: wooxError(400, "-1001", "The api key or secret is in wrong format."), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature}},
			{Name: "rate limited", Reply: wooxError(429, "-1003", "Rate limit exceed."), Kind: access.KindRateLimited},
			{Name: "unknown parameter", Reply: wooxError(400, "-1004", "An unknown parameter was sent."), Kind: access.KindNotUnderstood},
			{Name: "wrong parameter", Reply: wooxError(400, "-1005", "Some parameters are in wrong format for api."), Kind: access.KindNotUnderstood},
			{Name: "not found", Reply: wooxError(404, "-1006", "The data is not found in server."), Kind: access.KindNotUnderstood},
			{Name: "server error", Reply: wooxError(500, "-1000", "An unknown error occurred while processing the request."), Kind: access.KindUnavailable},
		},
		Vectors: wooxVectors,
		Shape: func(k *Issued) { // base64 of 16 bytes, and 28 capitals and digits
			sum := sha256.Sum256([]byte(k.ID))
			k.ID, k.Secret = base64.StdEncoding.EncodeToString(sum[:16]), strings.ToUpper(k.Secret[:28])
		},
		Identify: func(c *Call) string { return c.Header.Get("x-api-key") },
		Verify:   wooxVerify,
		Routes:   map[string]func(*Call) Reply{"GET /v3/account/credentials": wooxKeys},
	})
}

func wooxError(status int, code, message string) Reply {
	body, _ := json.Marshal(map[string]any{"success": false, "code": json.Number(code), "message": message})
	return Reply{Status: status, Body: string(body)}
}

// wooxVerify follows the documentation: timestamp, method, path with query and
// body, HMAC-SHA256 with the secret as text, in lower-case hexadecimal. How far off
// the timestamp may be is not documented, so it is only required.
func wooxVerify(c *Call) *Reply {
	stamp := c.Header.Get("x-api-timestamp")
	if _, err := strconv.ParseInt(stamp, 10, 64); err != nil || len(stamp) != 13 {
		return c.Refuse(FailUnknownKey)
	}
	if c.Header.Get("x-api-signature") != hmacHex(sha256.New, c.Key.Secret, stamp+c.Method+c.URL.RequestURI()+string(c.Body)) {
		return c.Refuse(FailUnknownKey)
	}
	return nil
}

// wooxKeys lists one page of the keys of the caller's account.
func wooxKeys(c *Call) Reply {
	number := func(name string, otherwise int) int {
		n, err := strconv.Atoi(c.URL.Query().Get(name))
		if err != nil {
			return otherwise
		}
		return n
	}
	page, size := number("page", 1), number("size", 25)
	if page < 1 || size < 1 || size > 1000 {
		return *c.Refuse("wrong parameter")
	}
	all := c.Keys(func(k *Issued) bool { return k.SubAccount == c.Key.SubAccount })
	first := min(len(all), (page-1)*size)
	rows := []any{}
	for _, k := range all[first:min(len(all), first+size)] {
		row := map[string]any{"accountName": "Main", "userId": 12523, "apiKey": k.ID, "permissions": listOf(k.Permissions), "allowedIPs": listOf(k.IPs)}
		if k.SubAccount {
			row["accountName"], row["userId"] = "desk 2", 12524
		}
		if len(k.IPs) == 0 && k.Options["unbound"] == "omitted" {
			delete(row, "allowedIPs")
		}
		rows = append(rows, row)
	}
	body, _ := json.Marshal(map[string]any{
		"success": true, "timestamp": c.Now.UnixMilli(),
		"data": map[string]any{"rows": rows, "meta": map[string]int{"total": len(all), "recordsPerPage": size, "currentPage": page}},
	})
	return Reply{Body: string(body)}
}

// The key, its secret and the signed text of the first vector are from WOO X's
// guide; the signatures were computed by its rule.
var wooxVectors = []Vector{
	wooxVector("/v3/algo/orders?algoType=STOP", "fddab579aff8c193f920c2d4f0cda6a21a60f06fd9c3916541ecc4f6461f5977"),
	wooxVector("/v3/account/credentials?page=1&size=1000", "a8fe72bbe1a69db2b39eb10dd87c306e7430344092bae2591be33e61449604a8"),
	wooxVector("/v3/account/credentials", "86487ca5f3c9b994436e8af0915dfb3002770bc5041c28b3548111a91460991d"),
}

func wooxVector(path, signature string) Vector {
	const key = "AbmyVJGUpN064ks5ELjLfA=="
	return Vector{
		Name: path, Time: time.UnixMilli(1578565539808), Key: key, Secret: "QHKRXHPAW1MC9YGZMAT8YDJG2HPR",
		Method: "GET", URL: "https://api.woox.io" + path,
		Header: map[string]string{"x-api-key": key, "x-api-timestamp": "1578565539808", "x-api-signature": signature},
	}
}

package exchangetest

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// KrakenFutures is a fake of Kraken Futures. Its permissions are written
// "area:access", at most one for each area; an area without one has NO_ACCESS.
// Option "edition" chooses an older form of the IP allowlist: "single" has one
// range, "none" has none.
func KrakenFutures() *Fake {
	return New(Definition{
		Name:  "krakenfutures",
		Hosts: []string{"futures.kraken.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"general:FULL_ACCESS", []access.Capability{access.Read, access.TradeFutures, access.TransferInternal}},
			{"general:READ_ONLY", []access.Capability{access.Read}},
			{"transfer:FULL_ACCESS", []access.Capability{access.TransferInternal}},
			{"transfer:READ_ONLY", []access.Capability{access.Other("transfer-read")}},
		},
		Implied:  map[string][]Implied{"general:FULL_ACCESS": {{Capability: access.SubaccountManage, OnMain: true}}}, // trading-enabled
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Unit: time.Millisecond},
		Failures: krakenFuturesFailures,
		Vectors:  krakenFuturesVectors,
		Shape: func(k *Issued) { // identifiers of 56 characters, secrets of 64 bytes, both base64
			k.ID = base64.StdEncoding.EncodeToString([]byte(Hex(42, "krakenfutures", k.Serial)))
			k.Secret = base64.StdEncoding.EncodeToString([]byte(Hex(64, "krakenfutures secret", k.Serial)))
		},
		Identify:           func(c *Call) string { return c.Header.Get("APIKey") },
		Verify:             krakenFuturesVerify,
		Routes:             map[string]func(*Call) Reply{"GET /api/auth/v1/api-keys/v3/check": krakenFuturesCheck},
		CanExist:           oneLevelPerArea,
		UnknownPermissions: []string{"custody:FULL_ACCESS", "orders:READ_ONLY"},
	})
}

// oneLevelPerArea: of permissions written "area:level", a key has at most one per
// area.
func oneLevelPerArea(s *Spec) bool {
	areas := map[string]bool{}
	for _, p := range s.Permissions {
		area, _, _ := strings.Cut(p, ":")
		if areas[area] {
			return false
		}
		areas[area] = true
	}
	return true
}

// The derivatives API may mean a missing right besides.
var (
	krakenFuturesThree = []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed}
	krakenFuturesFour  = []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden}
)

// krakenFuturesFailures: the documentation of the authentication service has the
// form of a refusal and not its words, so they are empty here.
var krakenFuturesFailures = []Failure{
	{Name: FailUnknownKey, Reply: Reply{Status: 401, Body: `{"error":"","message":"","suberror":null}`}, Kind: access.KindAmbiguous, Candidates: krakenFuturesThree},
	krakenFuturesFailure("authentication", 200, "authenticationError", access.KindAmbiguous, krakenFuturesFour...),
	{
		Name: "authentication, by number", Kind: access.KindAmbiguous, Candidates: krakenFuturesFour,
		Reply: Reply{Status: 401, Body: `{"result":"error","status":"UNAUTHORIZED","errors":[{"code":18,"message":"Unauthorized"}]}`},
	},
	krakenFuturesFailure(FailNonce, 200, "nonceBelowThreshold", access.KindNonce),
	krakenFuturesFailure("nonce repeated", 400, "nonceDuplicate", access.KindNonce),
	krakenFuturesFailure("privileges", 403, "insufficientPrivileges", access.KindForbidden),
	krakenFuturesFailure("account inactive", 200, "accountInactive", access.KindDisabled),
	krakenFuturesFailure("rate limited", 200, "apiLimitExceeded", access.KindRateLimited),
	krakenFuturesFailure("rate limited, by status", 429, "apiLimitExceeded", access.KindRateLimited),
	{
		Name: "rate limited, by number", Kind: access.KindRateLimited,
		Reply: Reply{Status: 429, Body: `{"result":"error","status":"TOO_MANY_REQUESTS","errors":[{"code":10,"message":"Too many requests"}]}`},
	},
	krakenFuturesFailure("unavailable", 200, "Unavailable", access.KindUnavailable),
	krakenFuturesFailure("server error", 200, "Server Error", access.KindUnavailable),
	krakenFuturesFailure("market unavailable", 200, "marketUnavailable", access.KindUnavailable),
	krakenFuturesFailure("service down", 503, "Unavailable", access.KindUnavailable),
	krakenFuturesFailure("unknown error", 200, "unknownError", access.KindUnavailable),
	krakenFuturesFailure("invalid account", 200, "invalidAccount", access.KindNotUnderstood),
	krakenFuturesFailure("invalid argument", 400, "invalidArgument", access.KindNotUnderstood),
	krakenFuturesFailure("argument missing", 200, "requiredArgumentMissing", access.KindNotUnderstood),
	krakenFuturesFailure("not JSON", 200, "Json Parse Error", access.KindNotUnderstood),
	krakenFuturesFailure("not found", 200, "notFound", access.KindNotUnderstood),
	krakenFuturesFailure("bad request", 400, "Bad Request", access.KindNotUnderstood),
}

func krakenFuturesFailure(name string, status int, code string, kind access.Kind, candidates ...access.Kind) Failure {
	body, _ := json.Marshal(map[string]string{"result": "error", "error": code, "serverTime": "2026-06-01T12:00:00.000Z"})
	return Failure{Name: name, Reply: Reply{Status: status, Body: string(body)}, Kind: kind, Candidates: candidates}
}

// krakenFuturesVerify follows the exchange's guide: HMAC-SHA512, keyed with the
// decoded secret, of the SHA-256 of parameters, nonce and path, as base64. The
// path of the derivatives service counts without its first part. A nonce, if one is
// sent, must grow.
func krakenFuturesVerify(c *Call) *Reply {
	secret, err := base64.StdEncoding.DecodeString(c.Key.Secret)
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	text := c.Header.Get("Nonce")
	inner := krakenFuturesDigest(c.URL.RawQuery+string(c.Body), text, c.URL.Path)
	want := base64.StdEncoding.EncodeToString(hmacRaw(sha512.New, secret, string(inner[:])))
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.Header.Get("Authent"))) != 1 {
		return c.Refuse(FailBadSignature)
	}
	if text == "" {
		return nil
	}
	nonce, err := strconv.ParseUint(text, 10, 64)
	if err != nil || nonce <= c.Key.Nonce {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = nonce
	return nil
}

func krakenFuturesDigest(parameters, nonce, path string) [sha256.Size]byte {
	return sha256.Sum256([]byte(parameters + nonce + strings.TrimPrefix(path, "/derivatives")))
}

func krakenFuturesCheck(c *Call) Reply {
	k := c.Key
	levels := map[string]string{"general": "NO_ACCESS", "transfer": "NO_ACCESS"}
	for _, permission := range k.Permissions {
		area, level, _ := strings.Cut(permission, ":")
		levels[area] = level
	}
	answer := map[string]any{
		"apiKey": k.ID, "accountUid": "11111111-2222-4333-8444-555555555555", "iiban": "AA00 TEST 0000 0000",
		"createdAt": timeOr(k.Created, c.Now).UTC().Format("2006-01-02T15:04:05.000Z"), "permissions": levels,
		"allowedCidrBlock": nil, "allowedCidrBlocks": []string{},
	}
	if len(k.IPs) > 0 {
		blocks := slices.Clone(k.IPs)
		for i, text := range blocks {
			if !strings.Contains(text, "/") {
				blocks[i] = text + "/32"
			}
		}
		answer["allowedCidrBlock"], answer["allowedCidrBlocks"] = blocks[0], blocks
	}
	switch k.Options["edition"] {
	case "none":
		delete(answer, "allowedCidrBlock")
		fallthrough
	case "single":
		delete(answer, "allowedCidrBlocks")
	}
	body, _ := json.Marshal(answer)
	return Reply{Body: string(body)}
}

// krakenFuturesVectors use the secret of Kraken's documentation, which has no
// signed request of this API; the signatures were computed.
var krakenFuturesVectors = []Vector{
	krakenFuturesVector("check", "/api/auth/v1/api-keys/v3/check", "",
		"KvTmnhSqbm47hRuaeW18jbWq3AtLpeBdt1QrUNpdvX7z1p06E4rBRJLmmoVaOaC43yq6G+qhczb2a7/chSCqfQ=="),
	krakenFuturesVector("check with a nonce", "/api/auth/v1/api-keys/v3/check", "1616492376594",
		"Bu3v5ecenzhqNL8TNcUUbXq7/6b2UOQnvcVZLd6VZryCRQUAw4FJR9x6svY7pfMh8z5TPmFdIsgCMotnrI/hzg=="),
	krakenFuturesVector("accounts", "/derivatives/api/v3/accounts", "1616492376594",
		"bqTfyhuH4ot0us/gmtt6G75BrSzdgRCsHFM+oX0qrQAj2n01HkuuIFSF0N+p6535Dfe6FTmhPhk+VA1ieoP6lQ=="),
	krakenFuturesVector("sub-accounts", "/derivatives/api/v3/subaccounts", "1616492376594",
		"kZaO6MvboAFM9uhnXd8Xy7L8gjUJRasiQgVfsoBOt/xnOAFm1sAflOLW2Bkk/FlPZ4sa9A8IxhfTtgGz3SW4og=="),
}

func krakenFuturesVector(name, path, nonce, signature string) Vector {
	const key = "dmVjdG9ydmVjdG9ydmVjdG9ydmVjdG9ydmVjdG9ydmVjdG9ydmVjdG9y"
	header := map[string]string{"APIKey": key, "Authent": signature}
	if nonce != "" {
		header["Nonce"] = nonce
	}
	return Vector{
		Name: name, Time: time.UnixMilli(1616492376594), Key: key, Secret: krakenSecret,
		Method: "GET", URL: "https://futures.kraken.com" + path, Header: header,
	}
}

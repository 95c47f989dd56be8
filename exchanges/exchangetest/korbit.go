package exchangetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Korbit is a fake of Korbit's API of version 2, also known as Digital X.
// Option "accounts" lists the numbers of the accounts that a key may use, or is
// "none"; "status" is the key's state, "activated" by default.
func Korbit() *Fake {
	return New(Definition{
		Name:  "korbit",
		Hosts: []string{"api.korbit.co.kr", "api.digitalx.miraeasset.com"},
		Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key},
		Rights: []Right{
			{"readBalances", []access.Capability{access.Read}},
			{"readOrders", []access.Capability{access.Read}},
			{"writeOrders", []access.Capability{access.TradeSpot}},
			{"readDeposits", []access.Capability{access.Read}},
			{"writeDeposits", []access.Capability{access.Other("deposit")}},
			{"readWithdrawals", []access.Capability{access.Read}},
			{"writeWithdrawals", []access.Capability{access.Withdraw}},
		},
		Reports: Reports{
			Allowlist: true, Entries: true, Created: true, Expires: true, Account: true, Label: true, Unit: time.Millisecond,
		},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: korbitError(401, "KEY_NOT_FOUND"), Kind: access.KindBadKey},
			{Name: FailClock, Reply: korbitError(400, "EXCEED_TIME_WINDOW"), Kind: access.KindClockSkew},
			{Name: FailIP, Reply: korbitError(403, "IP_NOT_ALLOWED"), Kind: access.KindIPNotAllowed},
			{Name: "user restricted", Reply: korbitError(403, "INVALID_USER_STATUS"), Kind: access.KindDisabled},
			{
				Name: "rate limited", Kind: access.KindRateLimited,
				Reply: Reply{Status: 429, Header: map[string]string{"Retry-After": "1", "Ratelimit": "limit=50, remaining=0, reset=1"}, Body: korbitError(429, "TOO_MANY_REQUESTS").Body},
			},
			{Name: "withdrawal address not registered", Reply: korbitError(400, "UNREGISTERED_WITHDRAWAL_ADDRESS"), Kind: access.KindNotUnderstood},
			{Name: "withdrawal address forbidden", Reply: korbitError(400, "FORBIDDEN_WITHDRAWAL_ADDRESS"), Kind: access.KindNotUnderstood},
		},
		Vectors:  korbitVectors,
		Unsigned: []string{"path"},
		Identify: func(c *Call) string { return c.Header.Get("X-KAPI-KEY") },
		Verify:   korbitVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v2/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"success":true,"data":{"time":{ms}}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /v2/currentKeyInfo": korbitKeyInfo},
	})
}

func korbitError(status int, code string) Reply {
	body, _ := json.Marshal(map[string]any{"success": false, "error": map[string]string{"message": code}})
	return Reply{Status: status, Body: string(body)}
}

// korbitVerify follows the documentation: the parameters as they were sent, query
// and body without separator, without the signature, which comes last; HMAC-SHA256
// in lower-case hexadecimal, or Ed25519 in base64. The timestamp may be 5 s old,
// or as old as recvWindow says, and less than 1 s ahead. The refusal of a wrong
// signature is not documented; here it is that of an unknown key.
func korbitVerify(c *Call) *Reply {
	signed, encoded, ok := strings.Cut(c.URL.RawQuery+string(c.Body), "&signature=")
	signature, err := url.QueryUnescape(encoded)
	if !ok || err != nil {
		return c.Refuse(FailBadSignature)
	}
	if public, ok := c.Key.PublicKey.(ed25519.PublicKey); ok {
		raw, err := base64.StdEncoding.DecodeString(signature)
		if err != nil || !ed25519.Verify(public, []byte(signed), raw) {
			return c.Refuse(FailBadSignature)
		}
	} else if signature != hmacHex(sha256.New, c.Key.Secret, signed) {
		return c.Refuse(FailBadSignature)
	}
	fields, err := url.ParseQuery(signed)
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	stamp, err := strconv.ParseInt(fields.Get("timestamp"), 10, 64)
	window := int64(5000)
	if text := fields.Get("recvWindow"); text != "" && err == nil {
		window, err = strconv.ParseInt(text, 10, 64)
	}
	if now := c.Now.UnixMilli(); err != nil || window > 60_000 || now-stamp > window || stamp >= now+1000 {
		return c.Refuse(FailClock)
	}
	return nil
}

func korbitKeyInfo(c *Call) Reply {
	k := c.Key
	accounts := []int{1}
	if k.SubAccount {
		accounts = []int{2}
	}
	if list := k.Options["accounts"]; list != "" {
		accounts = []int{}
		for text := range strings.SplitSeq(list, ",") {
			if n, err := strconv.Atoi(text); err == nil {
				accounts = append(accounts, n)
			}
		}
	}
	status := "activated"
	if k.Options["status"] != "" {
		status = k.Options["status"]
	}
	info := map[string]any{
		"apiKey": k.ID, "userUuid": "00000000-0000-4000-8000-0000000000aa", "type": "hmac-sha256", "permissions": listOf(k.Permissions),
		"whitelist": strings.Join(k.IPs, ","), "status": status, "allowedAccountSeqs": accounts, "createdAt": timeOr(k.Created, c.Now).UnixMilli(),
	}
	if der, err := x509.MarshalPKIXPublicKey(k.PublicKey); err == nil {
		info["type"], info["publicKey"] = "ed25519", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	if k.Label != "" {
		info["label"] = k.Label
	}
	if !k.Expires.IsZero() {
		info["expiration"] = k.Expires.UnixMilli()
	}
	body, _ := json.Marshal(map[string]any{"success": true, "data": info})
	return Reply{Body: string(body)}
}

// The secret is printed in Korbit's documentation; the signatures were computed
// by its rule.
var korbitVectors = []Vector{
	korbitVector("HMAC", access.SharedSecret, "ZwKS2evdxj9j3Neir2s0UHAmpNFfo4a0iHawEElGCBs", "timestamp=1719232467910",
		"b679b65a4de80959d6e22945018c8c41f3089034a9c9d4f8b6e6c9bd2230d073"),
	korbitVector("HMAC with a window", access.SharedSecret, "ZwKS2evdxj9j3Neir2s0UHAmpNFfo4a0iHawEElGCBs", "timestamp=1719232467910&recvWindow=5000",
		"0fef814a0a26abd85882c57144de660a847a58dd7047e9be2489bc5283346ab7"),
	korbitVector("Ed25519", access.Ed25519Key, armour("MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"), "timestamp=1719232467910",
		"tOQ35pEBXhe5FpToEzUHjo%2B6NvasiIgUSe2iR3sHLLyWHeN6ovSYSDzHUqWWT4HEkEr8sPm9Uv8tu56O9%2F6CDw%3D%3D"),
}

func korbitVector(name string, kind access.KeyKind, secret, query, signature string) Vector {
	const key = "vectorKeyIdExample0123456789"
	return Vector{
		Name: name, Time: time.UnixMilli(1719232467910), Key: key, Kind: kind, Secret: secret,
		Method: "GET", URL: "https://api.korbit.co.kr/v2/currentKeyInfo?" + query + "&signature=" + signature,
		Header: map[string]string{"X-KAPI-KEY": key},
	}
}

package exchangetest

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Kalshi is a fake of Kalshi's trade API v2. Option "subaccount" is the number of the
// sub-account that a key is limited to. Option "list": "refused" refuses the list of
// keys, as the exchange does to some keys that work; "balance" names the refusal of the
// other read.
func Kalshi() *Fake {
	return New(Definition{
		Name:  "kalshi",
		Hosts: []string{"external-api.kalshi.com", "api.elections.kalshi.com", "external-api.demo.kalshi.co", "demo-api.kalshi.co"},
		Kinds: []access.KeyKind{access.Ed25519Key, access.RSAKey},
		Rights: []Right{
			{"read", []access.Capability{access.Read}},
			{"write", []access.Capability{
				access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses, access.TransferInternal,
				access.SubaccountManage, access.Other("block-trade"), access.Other("fcm-risk"),
			}},
			{"write::trade", []access.Capability{access.TradeFutures, access.TradeOptions}},
			{"write::transfer", []access.Capability{access.Withdraw, access.WithdrawAddresses, access.TransferInternal}},
			{"write::block_trade_accept", []access.Capability{access.Other("block-trade")}},
			{"write::fcm_risk", []access.Capability{access.Other("fcm-risk")}},
			{"read::portfolio_balance", []access.Capability{access.Read}},
			{"read::block_trade_accept", []access.Capability{access.Read}},
		},
		MayGrant: map[string][]access.Capability{
			"write": {access.APIKeyManage, access.TransferExternal}, "write::transfer": {access.TransferExternal},
		},
		Reports:  Reports{Label: true},
		CanExist: func(s *Spec) bool { return s.Has("read") }, // which write needs, and the list
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: kalshiError(401, "authentication_error", "NOT_FOUND"), Kind: access.KindBadKey},
			{Name: FailBadSignature, Reply: kalshiError(401, "authentication_error", "INCORRECT_API_KEY_SIGNATURE"), Kind: access.KindBadSignature},
			{
				Name: "bad signature, older words", Kind: access.KindBadSignature,
				Reply: kalshiError(401, "authentication_error", "rpc error: code = Unauthenticated desc = INCORRECT_API_KEY_SIGNATURE"),
			},
			{Name: FailClock, Reply: kalshiError(401, "header_timestamp_expired", ""), Kind: access.KindClockSkew},
			{
				Name: kalshiUnauthorised, Reply: kalshiError(401, "authentication_error", ""), Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindForbidden},
			},
			{Name: "something else", Reply: Reply{Status: 400, Body: `{"msg":"the parameter is unknown"}`}, Kind: access.KindNotUnderstood},
			{Name: "rate limited", Reply: Reply{Status: 429, Body: `{"code":"too_many_requests","message":"too many requests"}`}, Kind: access.KindRateLimited},
			{Name: "fault", Reply: kalshiError(500, "internal_server_error", ""), Kind: access.KindUnavailable},
		},
		Vectors:  kalshiVectors,
		Unsigned: []string{"query", "body"},
		Shape: func(k *Issued) {
			h := Hex(32, "kalshi", k.Serial)
			k.ID = h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
		},
		Identify: func(c *Call) string { return c.Header.Get("KALSHI-ACCESS-KEY") },
		Verify:   kalshiVerify,
		Routes: map[string]func(*Call) Reply{
			"GET /trade-api/v2/api_keys": kalshiKeys,
			"GET /trade-api/v2/portfolio/balance": func(c *Call) Reply {
				if refusal := c.Key.Options["balance"]; refusal != "" {
					return *c.Refuse(refusal)
				}
				return Reply{Body: `{"balance":123456,"balance_dollars":"1234.5600","portfolio_value":0,"updated_ts":1780315200}`}
			},
		},
		Introspection: "GET /trade-api/v2/api_keys",
	})
}

const kalshiUnauthorised = "unauthorised"

// kalshiError is the form that refusals of a key had in recorded answers.
func kalshiError(status int, code, details string) Reply {
	said := map[string]string{"code": code, "message": code}
	if details != "" {
		said["details"] = details
	}
	body, _ := json.Marshal(map[string]any{"error": said})
	return Reply{Status: status, Body: string(body)}
}

// kalshiVerify follows the documentation: timestamp in milliseconds, method and path,
// without the query; RSA-PSS with SHA-256 and a salt of 32 bytes, or Ed25519; base64.
// The timestamp may be somewhat off, by clients' measurements 10 s and not 60 s.
func kalshiVerify(c *Call) *Reply {
	stamp := c.Header.Get("KALSHI-ACCESS-TIMESTAMP")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 30*time.Second {
		return c.Refuse(FailClock)
	}
	signature, _ := base64.StdEncoding.DecodeString(c.Header.Get("KALSHI-ACCESS-SIGNATURE"))
	text := []byte(stamp + c.Method + c.URL.EscapedPath())
	good := false
	switch public := c.Key.PublicKey.(type) {
	case *rsa.PublicKey:
		digest := sha256.Sum256(text)
		good = rsa.VerifyPSS(public, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: 32}) == nil
	case ed25519.PublicKey:
		good = ed25519.Verify(public, text, signature)
	}
	if !good {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func kalshiKeys(c *Call) Reply {
	if c.Key.Options["list"] == "refused" {
		return *c.Refuse(kalshiUnauthorised)
	}
	rows := []any{}
	for _, k := range c.Keys(func(*Issued) bool { return true }) {
		row := map[string]any{"api_key_id": k.ID, "name": k.Label, "scopes": listOf(k.Permissions)}
		if n, err := strconv.Atoi(k.Options["subaccount"]); err == nil {
			row["subaccount"] = n
		}
		rows = append(rows, row)
	}
	body, _ := json.Marshal(map[string]any{"api_keys": rows})
	return Reply{Body: string(body)}
}

// The signed text of the first is the documentation's own; the signatures were
// computed with openssl. The RSA key is that of Bybit's vectors.
var kalshiVectors = []Vector{
	kalshiRSAVector(),
	kalshiVector("Ed25519", access.Ed25519Key, armour("MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"), "1767225600000", "/trade-api/v2/api_keys",
		"B57UwJoKTubZhydbQqyMfZxiFB0ipmVqLyFgol4v2ecalZjBcXceCK3TyqYvcSDVyqBSWFtCBxTsfWHE93yQCg=="),
}

func kalshiRSAVector() Vector {
	v := kalshiVector("RSA", access.RSAKey, "", "1703123456789", "/trade-api/v2/portfolio/balance",
		"rGiuD4eSLNuzi7VjSHDtjwS323totgA2HB9WGviWGHJH1+MY5CwrA/4bZ6BDNthtW9I5gOd9oqk0ChXSzEha1bbmd/Jy8hbL9eUGufB7rvcYxniCDBe0oqd3olzAuCKoAnEAEOz7YIjcRtLC+xfwdSDAtJYCKkb6MpQUp3UVyfo=")
	for _, other := range bybitVectors {
		if other.Kind == access.RSAKey {
			v.Secret = other.Secret
		}
	}
	return v
}

func kalshiVector(name string, kind access.KeyKind, secret, stamp, path, signature string) Vector {
	const key = "a952bcbe-ec3b-4b5b-b8f9-11dae589608c"
	ms, _ := strconv.ParseInt(stamp, 10, 64)
	return Vector{
		Name: name, Time: time.UnixMilli(ms), Key: key, Kind: kind, Secret: secret, Method: "GET", URL: "https://external-api.kalshi.com" + path,
		Header: map[string]string{"KALSHI-ACCESS-KEY": key, "KALSHI-ACCESS-TIMESTAMP": stamp, "KALSHI-ACCESS-SIGNATURE": signature},
	}
}

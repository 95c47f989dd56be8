package exchangetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Polymarket is a fake of Polymarket's order book, with the API keys that a wallet creates.
func Polymarket() *Fake {
	return New(Definition{
		Name:               "polymarket",
		Hosts:              []string{"clob.polymarket.com"},
		Kinds:              []access.KeyKind{access.SharedSecret},
		Base:               []access.Capability{access.Read, access.Other("cancel")},
		Implied:            map[string][]Implied{"": {{Capability: access.APIKeyManage}}},
		UnknownPermissions: []string{},
		Failures: []Failure{
			{
				Name: FailUnknownKey, Reply: polymarketError(401, "Unauthorized/Invalid api key"), Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew},
			},
			{Name: "place", Reply: polymarketError(403, "Trading restricted in your region"), Kind: access.KindGeoBlocked},
			{Name: "rate limited", Reply: polymarketError(429, "Too Many Requests"), Kind: access.KindRateLimited},
			{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{{ // computed with another program
			Name: "the secret 00 to 1f", Time: time.Unix(1767225600, 0), Key: "00000000-0000-4000-8000-000000000001", Passphrase: strings.Repeat("ab", 32),
			Secret: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", Account: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
			Method: "GET", URL: "https://clob.polymarket.com/auth/api-keys",
			Header: map[string]string{
				"POLY_ADDRESS": "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "POLY_API_KEY": "00000000-0000-4000-8000-000000000001",
				"POLY_PASSPHRASE": strings.Repeat("ab", 32), "POLY_TIMESTAMP": "1767225600", "POLY_SIGNATURE": "Jk9tQpccIrfPgwIoLlvBS07kpUaw5suzvfyTmUpi0iI=",
			},
		}},
		Shape: func(k *Issued) {
			k.ID = fmt.Sprintf("%s-%s-4%s-8%s-%s", k.ID[:8], k.ID[8:12], k.ID[12:15], k.ID[15:18], k.ID[18:30])
			raw := sha256.Sum256([]byte(k.Secret))
			k.Passphrase, k.Secret = Hex(64, "polymarket", "passphrase", k.Serial), base64.URLEncoding.EncodeToString(raw[:])
			k.Account = fmt.Sprintf("0x%040x", 0xdeed+k.Serial/1_000_000)
		},
		Identify: func(c *Call) string { return c.Header.Get("POLY_API_KEY") },
		Verify:   polymarketVerify,
		Routes:   map[string]func(*Call) Reply{"GET /auth/api-keys": polymarketKeys},
	})
}

func polymarketError(status int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"error":%q}`, message)}
}

// polymarketVerify: the time in seconds, the method, the path and the body are signed with
// the bytes that the secret decodes to.
func polymarketVerify(c *Call) *Reply {
	secret, err := base64.URLEncoding.DecodeString(c.Key.Secret)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(c.Header.Get("POLY_TIMESTAMP") + c.Method + c.URL.Path + string(c.Body)))
	at, undated := strconv.ParseInt(c.Header.Get("POLY_TIMESTAMP"), 10, 64)
	switch {
	case err != nil, c.Header.Get("POLY_SIGNATURE") != base64.URLEncoding.EncodeToString(mac.Sum(nil)):
		return c.Refuse(FailBadSignature)
	case c.Header.Get("POLY_PASSPHRASE") != c.Key.Passphrase:
		return c.Refuse(FailPassphrase)
	case undated != nil, c.Now.Sub(time.Unix(at, 0)).Abs() > time.Minute:
		return c.Refuse(FailClock)
	case !strings.EqualFold(c.Header.Get("POLY_ADDRESS"), c.Key.Account):
		return c.Refuse(FailUnknownKey)
	}
	return nil
}

func polymarketKeys(c *Call) Reply {
	list := []string{}
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account }) {
		list = append(list, k.ID)
	}
	body, _ := json.Marshal(map[string]any{"apiKeys": list})
	return Reply{Body: string(body)}
}

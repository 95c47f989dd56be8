package exchangetest

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// referenceFake is the definition of its fake.
func referenceFake(nonce bool) Definition {
	return Definition{
		Name: "reference", Hosts: []string{"api.reference.example", "test.reference.example"},
		Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key}, Base: []access.Capability{access.Read},
		Rights: []Right{
			{"spot.trade", []access.Capability{access.TradeSpot}},
			{"futures.trade", []access.Capability{access.TradeFutures}},
			{"funds.withdraw", []access.Capability{access.Withdraw}},
		},
		Reports: Reports{Allowlist: true, Entries: true, Created: true, Expires: true, Account: true, Label: true, Unit: time.Millisecond},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: refused(401, "bad_key", "this key is not known"), Kind: access.KindBadKey},
			{Name: FailBadSignature, Reply: refused(401, "bad_sign", "the signature is wrong"), Kind: access.KindBadSignature},
			{Name: FailClock, Reply: refused(400, "clock", "the time is off"), Kind: access.KindClockSkew},
			{Name: FailNonce, Reply: refused(400, "nonce", "the nonce is used"), Kind: access.KindNonce},
			{
				Name: FailIP, Reply: refused(403, "address", "not from {ip}"), Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindIPNotAllowed, access.KindGeoBlocked},
			},
			{Name: FailExpired, Reply: refused(200, "expired", "the key is too old"), Kind: access.KindExpired},
			{Name: "overload", Reply: Reply{Status: 429, Body: "slow down"}, Kind: access.KindRateLimited},
		},
		Shape: func(k *Issued) {
			k.ID, k.Secret, k.Passphrase = Hex(20, "reference", k.Serial), Hex(40, "secret", k.Serial), Hex(30, "passphrase", k.Serial)
		},
		Identify:      func(c *Call) string { return c.Header.Get("X-Key") },
		Verify:        referenceVerify(nonce),
		Introspection: "GET /account",
		Vectors:       referenceVectors(),
		Public:        map[string]func(*Call) Reply{"GET /time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"time":{ms}}`}) }},
		Routes:        map[string]func(*Call) Reply{"GET /account": referenceAccount, "GET /allowlist": referenceAllowlist},
	}
}

func refused(status int, code, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"ok":false,"code":%q,"message":%q}`, code, message)}
}

func referenceVerify(nonce bool) func(*Call) *Reply {
	return func(c *Call) *Reply {
		stamp, err := strconv.ParseInt(c.Header.Get("X-Time"), 10, 64)
		signature, _ := base64.StdEncoding.DecodeString(c.Header.Get("X-Sign"))
		text := []byte(c.Header.Get("X-Time") + c.Key.ID + c.Host + c.URL.Path)
		mac := hmac.New(sha256.New, []byte(c.Key.Secret))
		mac.Write(text)
		public, isPair := c.Key.PublicKey.(ed25519.PublicKey)
		good := hmac.Equal(mac.Sum(nil), signature)
		if isPair {
			good = ed25519.Verify(public, text, signature)
		}
		switch off := c.Now.Sub(time.UnixMilli(stamp)).Abs(); {
		case err != nil || !good || c.Header.Get("X-Pass") != c.Key.Passphrase:
			return c.Refuse(FailBadSignature)
		case !nonce && off > 5*time.Second:
			return c.Refuse(FailClock)
		case nonce && uint64(stamp) <= c.Key.Nonce:
			return c.Refuse(FailNonce)
		}
		c.Key.Nonce = uint64(stamp)
		return nil
	}
}

// referenceVectors are fresh, for flaws change them.
func referenceVectors() []Vector {
	return []Vector{{
		Name: "account", Time: time.UnixMilli(1776149990532), Key: "tEsTkEy", Secret: "tEsTsEcReT", Passphrase: "tEsTpAsS",
		Method: "GET", URL: "https://api.reference.example/account",
		Header: map[string]string{
			"X-Key": "tEsTkEy", "X-Time": "1776149990532", "X-Pass": "tEsTpAsS", "X-Sign": "n6srmJGMFgbmTt00GwQD5VqpMzOgP9oP5jVOMs8x+vk=",
		},
	}}
}

func referenceAccount(c *Call) Reply {
	held, _ := json.Marshal(append([]string{}, c.Key.Permissions...))
	expires := int64(0)
	if !c.Key.Expires.IsZero() {
		expires = c.Key.Expires.UnixMilli()
	}
	state := map[bool]string{false: "on", true: "off"}[c.Key.Disabled]
	return Reply{Body: fmt.Sprintf(`{"ok":true,"account":{"key":%q,"label":%q,"state":%q,"main":%v,"created":%d,"expires":%d,"rights":%s}}`,
		c.Key.ID, c.Key.Label, state, !c.Key.SubAccount, max(c.Key.Created.UnixMilli(), 0), expires, held)}
}

func referenceAllowlist(c *Call) Reply {
	ips := c.Key.IPs
	if len(ips) == 0 {
		ips = []string{"*"}
	}
	list, _ := json.Marshal(ips)
	return Reply{Body: `{"ok":true,"ips":` + string(list) + `}`}
}

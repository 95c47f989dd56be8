package exchangetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Orderly is a fake of Orderly Network, whose keys are Ed25519 keys that the wallet of an
// account added to it.
func Orderly() *Fake {
	may := []access.Capability{access.APIKeyManage, access.SubaccountManage}
	return New(Definition{
		Name:          "orderly",
		Hosts:         []string{"api.orderly.org", "api-evm.orderly.org", "testnet-api.orderly.org", "testnet-api-evm.orderly.org"},
		Kinds:         []access.KeyKind{access.Ed25519Wallet},
		WalletAddress: func(private string) string { return "ed25519:" + WalletAddress(private) },
		Base:          []access.Capability{access.Read},
		Rights: []Right{
			{"read", []access.Capability{access.Read}},
			{"trading", []access.Capability{access.Read, access.TradeFutures}},
			{"asset", []access.Capability{access.TransferInternal}},
		},
		Implied:  map[string][]Implied{"read": {{Capability: access.Other("settings")}}, "trading": {{Capability: access.Other("settings")}}},
		MayGrant: map[string][]access.Capability{"read": may, "trading": may, "asset": append([]access.Capability{access.TransferExternal}, may...)},
		CanExist: func(s *Spec) bool { return len(s.Permissions) > 0 },
		Reports:  Reports{Allowlist: true, Entries: true, Expires: true, Label: true, Unit: time.Millisecond},
		Failures: orderlyFailures,
		Vectors: []Vector{{ // computed with another program
			Name: "the seed 00 to 1f", Time: time.UnixMilli(1700000000000), Key: "ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF",
			Account: "0x00000000000000000000000000000000000000000000000000000000000000aa", Secret: "1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE", Method: http.MethodGet,
			URL: "https://api.orderly.org/v1/client/key_info",
			Header: map[string]string{
				"orderly-account-id": "0x00000000000000000000000000000000000000000000000000000000000000aa",
				"orderly-key":        "ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF", "orderly-timestamp": "1700000000000",
				"orderly-signature": "FmAhuWUN6n976qC-ZfxJKtdjrQWJmi1n9uP0pXyjpcoQjzIaTi9nNuHTAgEMrD4XN0XPzBiIhxboLodBJtClDA==",
			},
		}},
		Shape: func(k *Issued) {
			k.Account = fmt.Sprintf("0x%064x", 0xde+k.Serial/1_000_000)
			seed, _ := solanaKeyOf(k.PrivateKey)
			if k.PrivateKey = seed.text(false); k.Serial%3 == 0 { // clients write both
				k.PrivateKey = "ed25519:" + k.PrivateKey
			}
		},
		Identify: func(c *Call) string { return c.Header.Get("orderly-key") },
		Verify:   orderlyVerify,
		Routes:   map[string]func(*Call) Reply{"GET /v1/client/key_info": orderlyKeys},
		Public: map[string]func(*Call) Reply{
			"GET /v1/get_orderly_key": orderlyKey,
			"GET /v1/public/system_info": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"success":true,"timestamp":{ms},"data":{"status":0}}`})
			},
		},
	})
}

// orderlyFailures: the reasons that -1002 has are in its message, which is one for all.
var orderlyFailures = []Failure{
	{
		Name: FailUnknownKey, Reply: orderlyError(401, -1002, "API key or secret is invalid."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindExpired, access.KindForbidden, access.KindIPNotAllowed},
	},
	{
		Name: "wrong format", Reply: orderlyError(401, -1001, "The API key or secret is in wrong format."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: "rate limited", Reply: orderlyError(429, -1003, "Rate limit exceed."), Kind: access.KindRateLimited},
	{Name: "parameter", Reply: orderlyError(400, -1005, "Some parameters are in the wrong format."), Kind: access.KindNotUnderstood},
	{Name: "maintenance", Reply: orderlyError(503, -1011, "The system is under maintenance."), Kind: access.KindUnavailable},
	{Name: "internal", Reply: orderlyError(500, -1000, "An unknown error occurred while processing the request."), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func orderlyError(status, code int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"success":false,"code":%d,"message":%q}`, code, message)}
}

// orderlyVerify: the time, the method, the path with its query and the body are signed; the
// time may be 300 seconds off, and the account is the key's.
func orderlyVerify(c *Call) *Reply {
	stamp := c.Header.Get("orderly-timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	signature, undecoded := base64.RawURLEncoding.DecodeString(strings.TrimRight(c.Header.Get("orderly-signature"), "=")) // clients write both
	address, _ := c.Key.PublicKey.(solanaAddress)
	switch {
	case err != nil, undecoded != nil, c.Header.Get("Content-Type") == "application/json":
		return c.Refuse("wrong format")
	case c.Now.Sub(time.UnixMilli(at)).Abs() > 300*time.Second:
		return c.Refuse(FailClock)
	case !address.signed(stamp+c.Method+c.URL.RequestURI()+string(c.Body), signature):
		return c.Refuse(FailBadSignature)
	case !strings.EqualFold(c.Header.Get("orderly-account-id"), c.Key.Account):
		return c.Refuse(FailUnknownKey)
	}
	return nil
}

func orderlyKeys(c *Call) Reply {
	rows := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account }) {
		status := "ALLOW_ALL_IPS"
		if len(k.IPs) > 0 {
			status = "ALLOW_RESTRICTION_LIST"
		}
		rows = append(rows, map[string]any{
			"orderly_key": k.ID, "key_status": "ACTIVE", "ip_restriction_list": listOf(k.IPs), "ip_restriction_status": status,
			"expiration": orderlyEnd(k), "scope": strings.Join(k.Permissions, ","), "tag": k.Label,
		})
	}
	return orderlyAnswer(c, map[string]any{"rows": rows})
}

// orderlyKey is about one key, for everybody. Nothing is reported of one that the account
// doesn't have.
func orderlyKey(c *Call) Reply {
	asked := c.URL.Query()
	for _, k := range c.Keys(func(k *Issued) bool { return k.ID == asked.Get("orderly_key") && k.Account == asked.Get("account_id") }) {
		return orderlyAnswer(c, map[string]any{
			"orderly_key": k.ID, "scope": strings.Join(k.Permissions, ","), "expiration": orderlyEnd(k), "tag": k.Label,
		})
	}
	return orderlyError(400, -1006, "The data does not exist.")
}

func orderlyAnswer(c *Call, data any) Reply {
	body, _ := json.Marshal(map[string]any{"success": true, "timestamp": c.Now.UnixMilli(), "data": data})
	return Reply{Body: string(body)}
}

// orderlyEnd is 0 for a key that is issued here without an end, which no real one is.
func orderlyEnd(k *Issued) int64 {
	if k.Expires.IsZero() {
		return 0
	}
	return k.Expires.UnixMilli()
}

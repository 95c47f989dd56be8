package exchangetest

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Lighter is a fake of Lighter, whose keys are Schnorr keys at the indexes of an account.
// Requests are not signed: anybody may ask which keys an account has, and in the place of
// the key that asks is the account's first.
func Lighter() *Fake {
	return New(Definition{
		Name:   "lighter",
		Hosts:  []string{"mainnet.zklighter.elliot.ai", "testnet.zklighter.elliot.ai"},
		Kinds:  []access.KeyKind{access.SchnorrWallet},
		Rights: []Right{{"API key", []access.Capability{access.Read, access.TradeSpot, access.TradeFutures}}},
		Base:   []access.Capability{access.Read, access.TradeSpot, access.TradeFutures},
		Implied: map[string][]Implied{"": {
			{Capability: access.Withdraw},
			{Capability: access.TransferInternal},
			{Capability: access.SubaccountManage},
			{Capability: access.Other("settings")},
			{Capability: access.Other("pools")},
			{Capability: access.Other("staking")},
		}},
		Unsigned:           []string{"path", "query"},
		UnknownPermissions: []string{},
		Reports:            Reports{Account: true},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: lighterError(400, 21100, "account not found"), Kind: access.KindBadKey},
			{Name: "parameter", Reply: lighterError(400, 20001, "invalid param"), Kind: access.KindNotUnderstood},
			{Name: "rate limited", Reply: lighterError(429, 23000, "Too Many Requests!"), Kind: access.KindRateLimited},
			{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		// No request is signed, so it is the public key that must derive from the private one.
		Vectors: []Vector{{ // computed with the exchange's Go library
			Name: "the scalar 2", Time: noon, Account: "77",
			Key:    "384c87fe1213197f4e1b457e9d43548fc00067c00ee5c1d872895e08ab103be54336d3d4b9d5bc8c",
			Secret: "02000000000000000000000000000000000000000000000000000000000000000000000000000000",
			Method: "GET", URL: "https://mainnet.zklighter.elliot.ai/api/v1/apikeys?account_index=77&api_key_index=255",
		}},
		Shape: func(k *Issued) {
			k.Account = strconv.Itoa(77 + k.Serial/1_000_000)
			if k.SubAccount {
				k.Account = strconv.FormatInt(281474976710000-int64(k.Serial/1_000_000), 10)
			}
			if k.Serial%2 == 0 { // clients write both
				k.PrivateKey = "0x" + k.PrivateKey
			}
		},
		Identify: func(c *Call) string {
			asked := c.URL.Query().Get("account_index")
			for _, k := range c.Keys(func(k *Issued) bool { return k.Account == asked }) {
				return k.ID
			}
			return ""
		},
		Verify: func(c *Call) *Reply {
			switch {
			case c.Key.PublicKey != lighterPublic(c.Key.ID):
				return c.Refuse(FailUnknownKey)
			case c.URL.Query().Get("api_key_index") != "255":
				return c.Refuse("parameter")
			}
			return nil
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v1/apikeys": lighterKeys},
	})
}

func lighterError(status, code int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"code":%d,"message":%q}`, code, message)}
}

// lighterKeys lists the indexes of an account: one has the key of an app, one none, and one
// a key of which nothing else is known here.
func lighterKeys(c *Call) Reply {
	row := func(at int, public string, nonce int) map[string]any {
		n, _ := strconv.Atoi(c.Key.Account)
		return map[string]any{"account_index": n, "api_key_index": at, "nonce": nonce, "public_key": public, "transaction_time": 0}
	}
	app := "9fd81f7b2b7de4318f0dabdbc8350b06b6044d578178bc968a5a75671d52b3ddeaa95a7329fce764"
	other := "782e3ed94262f55e8125b813bd1184b78f23e12f5b1411c7482961e187fba8d6742048214915d8ea"
	rows := []any{row(0, app, 1), row(1, fmt.Sprintf("%080d", 0), 0), row(3, other, 1)}
	for i, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account }) {
		rows = append(rows, row(4+i, k.ID, 700+i))
	}
	body, _ := json.Marshal(map[string]any{"code": 200, "api_keys": rows})
	return Reply{Body: string(body)}
}

package exchangetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Hyperliquid is a fake of Hyperliquid, whose keys are wallets. A key is an agent of the
// one account, or with the right "user" the key of an account's own wallet. Requests are
// not signed: anybody may ask about any wallet. Without a right a key is an agent. Options: "unnamed": "1" makes an agent
// that no list has.
func Hyperliquid() *Fake {
	own := []access.Capability{
		access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		access.APIKeyManage, access.Other("account-mode"), access.Other("builder-fee"),
		access.Other("lending"), access.Other("staking"), access.Other("vault"),
	}
	return New(Definition{
		Name:   "hyperliquid",
		Hosts:  []string{"api.hyperliquid.xyz", "api.hyperliquid-testnet.xyz"},
		Kinds:  []access.KeyKind{access.Secp256k1Wallet},
		Rights: []Right{{"agent", []access.Capability{access.Read, access.TradeSpot, access.TradeFutures}}, {"user", own}},
		Implied: map[string][]Implied{"agent": {
			{Capability: access.TransferInternal},
			{Capability: access.Other("account-mode")},
			{Capability: access.Other("lending")},
			{Capability: access.Other("vault")},
		}},
		Unsigned:           []string{"path"}, // as all the rest, but a change of the body asks about another address
		UnknownPermissions: []string{},
		CanExist: func(s *Spec) bool {
			return len(s.Permissions) == 1 && (s.Has("agent") || s.Label == "" && s.Expires.IsZero())
		},
		Reports: Reports{Expires: true, Label: true, Unit: time.Millisecond},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: Reply{Body: `{"role":"missing"}`}, Kind: access.KindBadKey},
			{Name: "malformed", Reply: Reply{Status: 422, Body: "Failed to deserialize the JSON body into the target type"}, Kind: access.KindNotUnderstood},
			{Name: "rate limited", Reply: Reply{Status: 429, Body: "null"}, Kind: access.KindRateLimited},
			{Name: "maintenance", Reply: *HTML(502), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		// No request is signed, so it is the address that must derive from the private key.
		Vectors: []Vector{{ // computed with ethers 6
			Name: "the address of 32 bytes of 0x11", Time: noon, Key: "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a",
			Secret: "0x1111111111111111111111111111111111111111111111111111111111111111", Method: http.MethodPost,
			URL: "https://api.hyperliquid.xyz/info", Header: map[string]string{"Content-Type": "application/json"},
			Body: `{"type":"userRole","user":"0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"}`,
		}},
		Shape: func(k *Issued) {
			if k.Account = k.ID; !k.Has("user") {
				k.Account = hyperliquidAccount(k)
			}
		},
		Operation:     hyperliquidOperation,
		Introspection: "POST /info userRole",
		Identify: func(c *Call) string {
			if hyperliquidOperation(c.Body) != "userRole" {
				return ""
			}
			return hyperliquidUser(c)
		},
		Verify: hyperliquidVerify,
		Routes: map[string]func(*Call) Reply{"POST /info userRole": hyperliquidRole},
		Public: map[string]func(*Call) Reply{"POST /info extraAgents": hyperliquidAgents},
	})
}

// hyperliquidAccount is the account that an agent acts for.
func hyperliquidAccount(k *Issued) string { return fmt.Sprintf("0x%040x", 0xaa+k.Serial/1_000_000) }

var hyperliquidType = regexp.MustCompile(`^\{"type":"([A-Za-z]+)"`)

// hyperliquidOperation is what a body asks for.
func hyperliquidOperation(body []byte) string {
	if m := hyperliquidType.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

// hyperliquidUser is the address that a request asks about, which may be in capitals.
func hyperliquidUser(c *Call) string {
	var asked struct{ User string }
	_ = json.Unmarshal(c.Body, &asked)
	return strings.ToLower(asked.User)
}

// hyperliquidVerify: the address asked about must be that of the key.
func hyperliquidVerify(c *Call) *Reply {
	switch {
	case c.Header.Get("Content-Type") != "application/json":
		return c.Refuse("malformed")
	case c.Key.PublicKey != walletAddress(hyperliquidUser(c)):
		return c.Refuse(FailUnknownKey)
	}
	return nil
}

func hyperliquidRole(c *Call) Reply {
	if c.Key.Has("user") || c.Key.Account == c.Key.ID {
		return Reply{Body: `{"role":"user"}`}
	}
	return Reply{Body: fmt.Sprintf(`{"role":"agent","data":{"user":%q}}`, cmp.Or(c.Key.Account, hyperliquidAccount(c.Key)))}
}

// hyperliquidAgents lists the named agents of an account.
func hyperliquidAgents(c *Call) Reply {
	list := []any{}
	user := hyperliquidUser(c)
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == user && k.ID != user && k.Options["unnamed"] == "" }) {
		var end any
		if !k.Expires.IsZero() {
			end = k.Expires.UnixMilli()
		}
		list = append(list, map[string]any{"name": k.Label, "address": k.ID, "validUntil": end})
	}
	body, _ := json.Marshal(list)
	return Reply{Body: string(body)}
}

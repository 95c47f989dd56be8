package exchangetest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Alpaca is a fake of Alpaca's Trading API. Its keys have no permissions; here,
// Permissions are what the account can do, written "name:value". Option "flag"
// names a flag of the account that is true, for instance "trading_blocked".
func Alpaca() *Fake {
	refused := []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindWrongEnvironment}
	forbidden := append([]access.Kind{access.KindForbidden}, refused...) // a 403 is for either
	return New(Definition{
		Name:  "alpaca",
		Hosts: []string{"api.alpaca.markets", "paper-api.alpaca.markets"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Base:  []access.Capability{access.Read, access.TradeSpot},
		Rights: []Right{
			{"multiplier:2", []access.Capability{access.TradeMargin}},
			{"multiplier:1", nil},
			{"options_trading_level:1", []access.Capability{access.TradeOptions}},
			{"options_trading_level:0", nil},
		},
		// The key itself may change these settings of the account.
		MayGrant: map[string][]access.Capability{
			"multiplier:1":            {access.TradeMargin},
			"options_trading_level:0": {access.TradeOptions},
		},
		CanExist:           func(s *Spec) bool { return len(s.Permissions) == 2 && oneLevelPerArea(s) },
		UnknownPermissions: []string{}, // keys have no permissions, so no new ones either
		Failures: []Failure{
			{
				Name: FailUnknownKey, Reply: Reply{Status: http.StatusUnauthorized, Body: `{"code":40110000,"message":"request is not authorized"}`},
				Kind: access.KindAmbiguous, Candidates: refused,
			},
			{Name: "forbidden", Reply: Reply{Status: http.StatusForbidden, Body: `{"message":"forbidden."}`}, Kind: access.KindAmbiguous, Candidates: forbidden},
			{Name: "action forbidden", Reply: Reply{Status: http.StatusForbidden, Body: `{"code":40310000,"message":"not allowed for this account"}`}, Kind: access.KindAmbiguous, Candidates: forbidden},
			{Name: "rate limited", Reply: Reply{Status: http.StatusTooManyRequests, Body: `{"code":42910000,"message":"rate limit exceeded"}`}, Kind: access.KindRateLimited},
			{Name: "maintenance", Reply: Reply{Status: http.StatusServiceUnavailable, Body: `{"message":"service unavailable"}`}, Kind: access.KindUnavailable},
		},
		NoVectors: "the secret itself is sent, and nothing is signed",
		Unsigned:  []string{"path", "query", "body"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = "AK"+strings.ToUpper(Hex(18, "alpaca", k.Serial)), Hex(40, "alpaca secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("APCA-API-KEY-ID") },
		Verify: func(c *Call) *Reply {
			if c.Header.Get("APCA-API-SECRET-KEY") != c.Key.Secret {
				return c.Refuse(FailUnknownKey)
			}
			return nil
		},
		Routes: map[string]func(*Call) Reply{"GET /v2/account": alpacaAccount},
	})
}

func alpacaAccount(c *Call) Reply {
	account := map[string]any{
		"id": "00000000-0000-4000-8000-0000000000bb", "account_number": "PA0000001", "status": "ACTIVE", "crypto_status": "ACTIVE",
		"trading_blocked": false, "transfers_blocked": false, "account_blocked": false, "trade_suspended_by_user": false, "shorting_enabled": true,
		"multiplier": "2", "options_approved_level": 1, "options_trading_level": 1, "created_at": "2025-01-02T03:04:05Z",
	}
	for _, permission := range c.Key.Permissions {
		name, value, _ := strings.Cut(permission, ":")
		account[name] = value
		if level, err := strconv.Atoi(value); err == nil && name == "options_trading_level" {
			account[name] = level
		}
	}
	if flag := c.Key.Options["flag"]; flag != "" {
		account[flag] = true
	}
	account["status"] = cmp.Or(c.Key.Options["status"], "ACTIVE")
	body, _ := json.Marshal(account)
	return Reply{Body: string(body)}
}

package exchangetest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Injective is a fake of a node of Injective's chain, which knows the grants of each
// account: which other wallets may send which messages for it. Requests are not signed:
// anybody may ask about any account. Each key has an account of its own, which gave a
// grant to another wallet, too. Rights are types of messages, and of authorizations; with
// the right "owner" the key is that of the account's own wallet. Every other may stake. Option "others": "1" is a
// grant of another account in place of this one's.
func Injective() *Fake {
	send := []access.Capability{access.Withdraw, access.TransferExternal}
	return New(Definition{
		Name:          "injective",
		Hosts:         []string{"sentry.lcd.injective.network", "lcd.injective.network", "testnet.sentry.lcd.injective.network", "sentry.testnet.lcd.injective.network"},
		Kinds:         []access.KeyKind{access.Secp256k1Wallet},
		WalletAddress: InjectiveAddress,
		Base:          []access.Capability{access.Read, access.Other("staking")},
		Rights:        injectiveRights(),
		MayGrant: map[string][]access.Capability{
			"/injective.exchange.v1beta1.MsgPrivilegedExecuteContract": send, "/cosmwasm.wasm.v1.MsgExecuteContract": send, "/cosmos.authz.v1beta1.MsgExec": send,
		},
		CanExist: func(s *Spec) bool {
			return (!s.Has("owner") || len(s.Permissions) == 1 && s.Expires.IsZero())
		},
		UnknownPermissions: []string{"/injective.exchange.v2.MsgTeleport", "/injective.tokenfactory.v1beta1.MsgTeleport"},
		Reports:            Reports{Expires: true},
		Failures:           cosmosFailures(`{"grants":[],"pagination":{"next_key":null,"total":"0"}}`),
		// No request is signed, so it is the address that must derive from the private key.
		Vectors: []Vector{{ // computed with ethers 6, and bech32 of its own
			Name: "the address of 32 bytes of 0x11", Time: noon, Key: "inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d", Account: "inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d",
			Secret: "1111111111111111111111111111111111111111111111111111111111111111", Method: http.MethodGet,
			URL: "https://sentry.lcd.injective.network/cosmos/authz/v1beta1/grants/granter/inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d",
		}},
		Unsigned: []string{"path", "query", "body"}, // anybody may ask
		Shape: func(k *Issued) {
			if k.Account = k.ID; !k.Has("owner") {
				k.Account = InjectiveAddress(Hex(64, "the account of", k.ID))
			}
		},
		Identify: func(c *Call) string {
			for _, k := range c.Keys(func(k *Issued) bool { return k.Account == path.Base(c.URL.Path) }) {
				return k.ID
			}
			return ""
		},
		Verify: func(c *Call) *Reply {
			if InjectiveAddress(asIssued(cmp.Or(c.Key.PrivateKey, c.Key.Secret))) != c.Key.ID {
				return c.Refuse(FailUnknownKey)
			}
			return nil
		},
		Routes: map[string]func(*Call) Reply{"GET /cosmos/authz/v1beta1/grants/granter/{wallet}": injectiveGiven},
		Public: map[string]func(*Call) Reply{"GET /cosmos/authz/v1beta1/grants/grantee/{wallet}": injectiveReceived},
	})
}

func injectiveRights() []Right {
	spot, futures, options := []access.Capability{access.TradeSpot}, []access.Capability{access.TradeFutures}, []access.Capability{access.TradeOptions}
	both, own := []access.Capability{access.TradeSpot, access.TradeFutures}, []access.Capability{access.TransferInternal}
	send, keys := []access.Capability{access.Withdraw, access.TransferExternal}, []access.Capability{access.APIKeyManage}
	contracts := []access.Capability{access.Other("contracts")}
	return []Right{
		{"/injective.exchange.v1beta1.MsgCreateSpotLimitOrder", spot},
		{"/injective.exchange.v2.MsgBatchCancelSpotOrders", spot},
		{"/injective.exchange.v1beta1.CreateSpotMarketOrderAuthz", spot},
		{"/injective.exchange.v2.MsgCreateDerivativeMarketOrder", futures},
		{"/injective.exchange.v1beta1.MsgIncreasePositionMargin", futures},
		{"/injective.exchange.v1beta1.MsgBatchUpdateOrders", both},
		{"/injective.exchange.v2.BatchUpdateOrdersAuthz", both},
		{"/injective.exchange.v1beta1.MsgCreateBinaryOptionsLimitOrder", options},
		{"/injective.exchange.v1beta1.MsgDeposit", own},
		{"/injective.exchange.v2.MsgWithdraw", own},
		{"/injective.exchange.v1beta1.MsgSubaccountTransfer", own},
		{"/injective.exchange.v1beta1.MsgExternalTransfer", []access.Capability{access.TransferExternal}},
		{"/cosmos.bank.v1beta1.MsgSend", send},
		{"/cosmos.bank.v1beta1.SendAuthorization", send},
		{"/injective.peggy.v1.MsgSendToEth", []access.Capability{access.Withdraw}},
		{"/ibc.applications.transfer.v1.MsgTransfer", []access.Capability{access.Withdraw}},
		{"/cosmos.authz.v1beta1.MsgGrant", keys},
		{"/cosmos.authz.v1beta1.MsgRevoke", keys},
		{"/cosmos.authz.v1beta1.MsgExec", keys},
		{"/injective.exchange.v1beta1.MsgPrivilegedExecuteContract", contracts},
		{"/cosmwasm.wasm.v1.MsgExecuteContract", contracts},
		{"owner", []access.Capability{
			access.TradeSpot, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferInternal, access.TransferExternal,
			access.APIKeyManage, access.Other("contracts"), access.Other("staking"),
		}},
	}
}

// injectiveGrant is a grant of a type of messages, or of authorizations.
func injectiveGrant(granter, grantee, name string, end time.Time) map[string]any {
	authorization := map[string]any{"@type": "/cosmos.authz.v1beta1.GenericAuthorization", "msg": name}
	if !strings.HasPrefix(path.Ext(name), ".Msg") {
		authorization = map[string]any{"@type": name}
	}
	out := map[string]any{"granter": granter, "grantee": grantee, "authorization": authorization, "expiration": nil}
	if !end.IsZero() {
		out["expiration"] = end.UTC().Format(time.RFC3339)
	}
	return out
}

func injectiveList(grants []map[string]any) Reply {
	body, _ := json.Marshal(map[string]any{
		"grants": append([]map[string]any{}, grants...), "pagination": map[string]any{"next_key": nil, "total": strconv.Itoa(len(grants))},
	})
	return Reply{Body: string(body)}
}

// injectiveHeld are what a key was granted. Without a grant it would be none.
func injectiveHeld(k *Issued) []string {
	return append([]string{"/cosmos.staking.v1beta1.StakeAuthorization"}, k.Permissions...)
}

// injectiveGiven are the grants that an account gave.
func injectiveGiven(c *Call) Reply {
	other := InjectiveAddress(Hex(64, "another"))
	grants := []map[string]any{injectiveGrant(c.Key.Account, other, "/cosmos.bank.v1beta1.MsgSend", time.Time{})}
	if c.Key.Account != c.Key.ID && c.Key.Options["others"] == "" {
		for _, name := range injectiveHeld(c.Key) {
			grants = append(grants, injectiveGrant(c.Key.Account, c.Key.ID, name, c.Key.Expires))
		}
	}
	return injectiveList(grants)
}

// injectiveReceived are the grants that a wallet has.
func injectiveReceived(c *Call) Reply {
	var grants []map[string]any
	address := path.Base(c.URL.Path)
	for _, k := range c.Keys(func(k *Issued) bool { return k.ID == address && k.Account != address }) {
		granter := k.Account
		if k.Options["others"] != "" {
			granter = InjectiveAddress(Hex(64, "another account"))
		}
		for _, name := range injectiveHeld(k) {
			grants = append(grants, injectiveGrant(granter, address, name, k.Expires))
		}
	}
	return injectiveList(grants)
}

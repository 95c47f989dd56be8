package exchangetest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Derive is a fake of Derive's API of version 3, whose keys are session keys: wallets that
// an account registered. Every key may read. Option "owner": "1" makes the key of the
// account's owner, which is in no list.
func Derive() *Fake {
	vault := []access.Capability{access.Other("vault")}
	trades := []access.Capability{access.TradeSpot, access.TradeFutures, access.TradeOptions}
	rfq := access.Other("rfq")
	return New(Definition{
		Name:  "derive",
		Hosts: []string{"api.derive.xyz", "testnet.api.derive.xyz"},
		Kinds: []access.KeyKind{access.Secp256k1Wallet},
		Base:  []access.Capability{access.Read},
		Rights: []Right{
			{"account_info", []access.Capability{access.Read}},
			{"delete_session_key", []access.Capability{access.APIKeyManage}},
			{"admin", slices.Concat(trades, vault, []access.Capability{
				access.Withdraw, access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage, rfq, access.Other("liquidate"),
			})},
			{"withdraw", []access.Capability{access.Withdraw}},
			{"trade:all", append(slices.Clip(trades), rfq)},
			{"trade:orderbook:all", trades},
			{"trade:orderbook:spot", []access.Capability{access.TradeSpot}},
			{"trade:orderbook:perp", []access.Capability{access.TradeFutures}},
			{"trade:orderbook:option", []access.Capability{access.TradeOptions}},
			{"trade:rfq:all", append(slices.Clip(trades), rfq)},
			{"trade:rfq:spot", []access.Capability{access.TradeSpot, rfq}},
			{"trade:rfq:perp", []access.Capability{access.TradeFutures, rfq}},
			{"trade:rfq:option", []access.Capability{access.TradeOptions, rfq}},
			{"transfer:all", []access.Capability{access.TransferInternal, access.TransferExternal, access.SubaccountManage}},
			{"transfer:existing_subaccount", []access.Capability{access.TransferInternal}},
			{"transfer:new_subaccount", []access.Capability{access.TransferInternal, access.SubaccountManage}},
			{"transfer:different_owner_subaccount", []access.Capability{access.TransferExternal}},
			{"create_session_key", []access.Capability{access.APIKeyManage}},
			{"liquidate", []access.Capability{access.Other("liquidate")}},
			{"vault:all", append(slices.Clip(vault), access.TransferInternal)},
			{"vault:curator_create", vault},
			{"vault:curator_mint_and_burn", vault},
			{"vault:user_deposit", vault},
			{"vault:user_withdraw", append(slices.Clip(vault), access.TransferInternal)},
			{"vault:user_cancel", vault},
		},
		UnknownPermissions: []string{"trade:teleport", "teleport"},
		Reports:            Reports{Allowlist: true, Entries: true, Created: true, Expires: true, Label: true},
		Failures:           deriveFailures,
		Vectors: []Vector{{ // computed with ethers 6
			Name: "a time", Time: time.UnixMilli(1700000000000), Key: "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", Account: "0x00000000000000000000000000000000000000de",
			Secret: "0x1111111111111111111111111111111111111111111111111111111111111111", Method: http.MethodPost, URL: "https://api.derive.xyz/v3/private/session_keys",
			Header: map[string]string{
				"Content-Type": "application/json", "X-DeriveWallet": "0x00000000000000000000000000000000000000de", "X-DeriveTimestamp": "1700000000000",
				"X-DeriveSignature": "0xf3a3d5c011117b81622cc03fcc5a6fdc2d0e46d3eae3bec7e314c31828cce91008ddb393cc1abd076da10ced44921ca995e23be62ea0c2a4109f9476d4598b881c",
			},
			Body: `{"wallet":"0x00000000000000000000000000000000000000de"}`,
		}},
		Unsigned: []string{"path"},
		Shape:    func(k *Issued) { k.Account = fmt.Sprintf("0x%040x", 0xde+k.Serial/1_000_000) },
		Identify: deriveSigner,
		Verify:   deriveVerify,
		Routes:   map[string]func(*Call) Reply{"POST /v3/private/session_keys": deriveKeys},
	})
}

var deriveFailures = []Failure{
	{Name: FailUnknownKey, Reply: deriveError(400, 14023, "Signer neither owner nor session key"), Kind: access.KindBadKey},
	{Name: "session key not found", Reply: deriveError(400, 14026, "Session key not found"), Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: deriveError(400, 14014, "Invalid signature"), Kind: access.KindBadSignature},
	{Name: "wrong account", Reply: deriveError(400, 14020, "Account wallet does not match header"), Kind: access.KindBadKey},
	{Name: "no such account", Reply: deriveError(400, 14000, "Account not found"), Kind: access.KindBadKey},
	{Name: FailHeader, Reply: deriveError(400, 14021, "Header wallet missing"), Kind: access.KindNotUnderstood},
	{Name: FailIP, Reply: deriveError(403, 14029, "Session key IP not whitelisted"), Kind: access.KindIPNotAllowed},
	{Name: FailExpired, Reply: deriveError(400, 14030, "Session key expired"), Kind: access.KindExpired},
	{Name: "scope too small", Reply: deriveError(403, 14031, "Unauthorized key scope"), Kind: access.KindForbidden},
	{Name: "place", Reply: deriveError(403, 16000, "Region not supported"), Kind: access.KindGeoBlocked},
	{Name: "rate limited", Reply: deriveError(429, -32000, "Rate limit exceeded"), Kind: access.KindRateLimited},
	{Name: "maintenance", Reply: *HTML(503), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func deriveError(status, code int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"id":"1","error":{"code":%d,"message":%q}}`, code, message)}
}

// deriveSigner is the wallet that signed the time, as EIP-191 encodes a text.
func deriveSigner(c *Call) string {
	stamp := c.Header.Get("X-DeriveTimestamp")
	raw, err := hex.DecodeString(strings.TrimPrefix(c.Header.Get("X-DeriveSignature"), "0x"))
	if err != nil {
		return ""
	}
	return string(signerOf(keccak([]byte("\x19Ethereum Signed Message:\n"+strconv.Itoa(len(stamp))+stamp)), raw))
}

// deriveVerify: the account in the header is the one that is asked about, and the key's.
func deriveVerify(c *Call) *Reply {
	var asked struct{ Wallet string }
	err := json.Unmarshal(c.Body, &asked)
	switch {
	case c.Key.PublicKey != walletAddress(c.Key.ID): // by which it was found
		return c.Refuse(FailBadSignature)
	case err != nil, !strings.EqualFold(asked.Wallet, c.Key.Account), !strings.EqualFold(c.Header.Get("X-DeriveWallet"), c.Key.Account):
		return c.Refuse("wrong account")
	}
	return nil
}

func deriveKeys(c *Call) Reply {
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account && k.Options["owner"] == "" }) {
		protocol, offchain := []string{}, []string{}
		for _, name := range k.Permissions {
			if name == "account_info" || name == "delete_session_key" || name == "teleport" {
				offchain = append(offchain, name)
			} else {
				protocol = append(protocol, name)
			}
		}
		list = append(list, map[string]any{
			"public_session_key": k.ID, "label": k.Label, "ip_whitelist": listOf(k.IPs), "registered_sec": timeOr(k.Created, c.Now).Unix(),
			"expiry_sec": deriveEnd(k), "protocol_scopes": protocol, "offchain_scopes": offchain, "subaccount_ids": []int{},
		})
	}
	body, _ := json.Marshal(map[string]any{"id": "1", "result": map[string]any{"public_session_keys": list}})
	return Reply{Body: string(body)}
}

func deriveEnd(k *Issued) int64 {
	if k.Expires.IsZero() {
		return 0
	}
	return k.Expires.Unix()
}

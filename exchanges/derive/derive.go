// Package derive audits keys of Derive (once Lyra): session keys, which are wallets that the
// owner of an account registered, each with scopes, IP addresses and an end.
//
// One call, signed by a session key, lists all of its account. It doesn't report when they
// were last used. The owner's own key may make the call too and is in no list, so that it is
// recognised by that, and by the account's wallet address where they are the same. What an
// empty list of sub-accounts means is not confirmed.
//
// Reference: https://docs.derive.xyz/reference/private-session_keys, checked 2026-11-29 with
// the exchange's Python client of 2026-08, whose API is version 3.
package derive

import (
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Derive.
var Exchange = &adapter.Exchange{
	Name:    "derive",
	Title:   "Derive",
	Docs:    "https://docs.derive.xyz/reference/private-session_keys",
	KeyPage: "https://www.derive.xyz/developers",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.derive.xyz"}},
		{Name: "testnet", URLs: []string{"https://testnet.api.derive.xyz"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: path, Body: `{"wallet":"`, Why: "scopes, IP allowlists and ends of the account's session keys, including the calling one"},
	},
	Needs: adapter.Needs{
		Kinds: ethereum.Kinds(), Wallet: wallet(),
		KeyForm: ethereum.AddressForm, SecretForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Margin and saved withdrawal addresses are in neither list.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferInternal,
			access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation and the exchange's client",
	},
	Limit:   adapter.Limit{Requests: 1, Per: time.Second},
	Inspect: inspect,
}

const path = "/v3/private/session_keys"

// wallet: what is signed is the time, as a personal message.
func wallet() *adapter.Wallet {
	w := ethereum.Wallet()
	w.NeedsAccount = true
	w.Signing = &adapter.WalletSigning{
		Text:   regexp.MustCompile(`^[0-9]{13}$`),
		Encode: func(_, text string) []byte { return ethereum.Personal(text) },
		Sign:   ethereum.Sign,
	}
	return w
}

var (
	rfq   = access.Other("rfq")
	vault = access.Other("vault")
)

// protocol are the scopes that are signed into the account's contract: the client's list,
// with codes from 0 to 22.
var protocol = rights.Table{
	"admin": rights.For(
		access.TradeSpot, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferInternal, access.TransferExternal,
		access.SubaccountManage, access.APIKeyManage, rfq, vault, access.Other("liquidate")),
	"withdraw":                            rights.For(access.Withdraw),
	"trade:all":                           rights.For(access.TradeSpot, access.TradeFutures, access.TradeOptions, rfq),
	"trade:orderbook:all":                 rights.For(access.TradeSpot, access.TradeFutures, access.TradeOptions),
	"trade:orderbook:spot":                rights.For(access.TradeSpot),
	"trade:orderbook:perp":                rights.For(access.TradeFutures),
	"trade:orderbook:option":              rights.For(access.TradeOptions),
	"trade:rfq:all":                       rights.For(access.TradeSpot, access.TradeFutures, access.TradeOptions, rfq),
	"trade:rfq:spot":                      rights.For(access.TradeSpot, rfq),
	"trade:rfq:perp":                      rights.For(access.TradeFutures, rfq),
	"trade:rfq:option":                    rights.For(access.TradeOptions, rfq),
	"transfer:all":                        rights.For(access.TransferInternal, access.TransferExternal, access.SubaccountManage),
	"transfer:existing_subaccount":        rights.For(access.TransferInternal),
	"transfer:new_subaccount":             rights.For(access.TransferInternal, access.SubaccountManage),
	"transfer:different_owner_subaccount": rights.For(access.TransferExternal),
	"create_session_key":                  rights.For(access.APIKeyManage),
	"liquidate":                           rights.For(access.Other("liquidate")),
	"vault:all":                           rights.For(vault, access.TransferInternal),
	"vault:curator_create":                rights.For(vault),
	"vault:curator_mint_and_burn":         rights.For(vault),
	"vault:user_deposit":                  rights.For(vault),
	"vault:user_withdraw":                 rights.For(vault, access.TransferInternal),
	"vault:user_cancel":                   rights.For(vault),
}

// offchain are the scopes that the exchange alone enforces, as far as they are known.
var offchain = rights.Table{
	"account_info":       rights.For(access.Read),
	"delete_session_key": rights.For(access.APIKeyManage),
}

// scopes are all of them.
func scopes() rights.Table {
	all := maps.Clone(protocol)
	maps.Copy(all, offchain)
	return all
}

// failures: the page on error codes, and the client's.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "14000", "14020", "14023", "14026"), // also that the account is another
	wire.Is(access.KindBadSignature, "14014"),
	wire.Is(access.KindIPNotAllowed, "14029"),
	wire.Is(access.KindExpired, "14030"),
	wire.Is(access.KindForbidden, "14031", "14032"),
	wire.Is(access.KindGeoBlocked, "16000", "16001"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.Secp256k1, stamp)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: path, Body: `{"wallet":"` + s.Account() + `"}`, Header: http.Header{
			"Content-Type":      {"application/json"},
			"X-Derivewallet":    {s.Account()},
			"X-Derivetimestamp": {stamp},
			"X-Derivesignature": {"0x" + hex.EncodeToString(signature)},
		},
	})
	if err != nil {
		return nil, err
	}
	return parse(resp, s)
}

func parse(resp *adapter.Response, s *adapter.Session) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	result, ok := body.Object("result")
	list, listed := result.Objects("public_session_keys")
	if resp.Status != http.StatusOK || body.Has("error") || !ok || !listed {
		said, _ := body.Object("error")
		return nil, failures.Said(resp, said, "code", "message")
	}
	keys := make([]*access.Snapshot, len(list))
	for i, record := range list {
		if keys[i] = readKey(record, s.Now()); keys[i].KeyID == "" {
			return nil, wire.NotUnderstood(resp, body.Err())
		}
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap, others := keylist.Own(keys, s.Key())
	switch mentioned := len(others) < len(keys); {
	case snap == nil && mentioned: // twice
		return nil, wire.NotUnderstood(resp, nil)
	case snap == nil:
		snap = ofOwner()
	}
	rights.Prove(snap, access.Read)
	snap.Account.ID, snap.Siblings = s.Account(), others
	return snap, nil
}

// ofOwner is the key that the exchange takes although no list has it.
func ofOwner() *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Wallet, snap.NeverExpires = access.MainWallet, true
	for _, c := range protocol["admin"].Grants {
		snap.Grants = append(snap.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Inferred})
	}
	return snap
}

// readKey reads one session key of the list.
func readKey(record wire.Object, now time.Time) *access.Snapshot {
	snap := &access.Snapshot{}
	text, _ := record.Text("public_session_key")
	snap.KeyID = ethereum.Canonical(text)
	snap.Label, _ = record.Text("label")
	states := map[string]access.State{}
	for member, table := range map[string]rights.Table{"protocol_scopes": protocol, "offchain_scopes": offchain} {
		held, _ := record.Strings(member)
		for scope, state := range table.Listed(held) {
			if _, listed := record.Strings(member); listed && states[scope] != access.Granted { // a scope may stand in the other list
				states[scope] = state
			}
		}
	}
	scopes().Apply(snap, states)
	if list, ok := record.Strings("ip_whitelist"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Wallet, snap.ExpiryOffered = access.DelegatedWallet, true
	snap.Created, _ = record.Seconds("registered_sec")
	snap.Expires, _ = record.Seconds("expiry_sec")
	switch {
	case snap.Expires.IsZero():
	case now.Before(snap.Expires):
		snap.KeyState = access.KeyActive
	default:
		snap.KeyState = access.KeyExpired
	}
	if only, ok := record.Ints("subaccount_ids"); ok && len(only) > 0 {
		snap.Facts = append(snap.Facts, access.Fact{Name: "subaccount_ids", Value: strconv.Itoa(len(only))})
	}
	return snap
}

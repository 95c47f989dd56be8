// Package dydx audits keys of dYdX's chain, which are wallets: that of an account itself, or
// a permissioned key that the account's authenticators name.
//
// The authenticators of every account are public: which keys may sign which types of
// messages, for which sub-accounts and markets. A key without a list of messages signs all
// of them, withdrawals too. No authenticator has an end, and none names IP addresses; when
// they were added or used is not reported.
//
// Requests are not signed: the private key never leaves the session, which derives the
// address from it. They go to a node of the chain that its clients use; [audit.Key.BaseURL]
// names another.
//
// Reference: https://docs.dydx.xyz (permissioned keys), checked 2026-11-29 with the exchange's
// clients. How gateways spell the members is not confirmed, nor what the filters of
// sub-accounts and markets do with other messages than orders.
package dydx

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/cosmos"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is dYdX.
var Exchange = &adapter.Exchange{
	Name:    "dydx",
	Title:   "dYdX",
	Docs:    "https://docs.dydx.xyz/concepts/trading/authenticators",
	KeyPage: "https://dydx.trade/portfolio/overview",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://dydx-rest.publicnode.com"}},
		{Name: "testnet", URLs: []string{"https://test-dydx-rest.kingnodes.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathAuthenticators + "{wallet}", Why: "which keys may sign which messages of the account"},
		{Method: http.MethodGet, Path: pathAccount + "{wallet}", Why: "whether the key's own wallet is an account", When: "no authenticator of the account names the key"},
	},
	Needs: adapter.Needs{
		Kinds: ethereum.Kinds(), Wallet: wallet(),
		KeyForm: wire.Form(prefix + "1[02-9ac-hj-np-z]{38}"), SecretForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Spot, margin and options are in neither list: markets are added. Nor are sub-accounts,
		// which a deposit creates, and the address for staking rewards.
		Reports: []access.Capability{
			access.Read, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage,
		},
		Siblings:  adapter.Always,
		Confirmed: "documentation and the exchange's clients",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second},
	Notes: []string{
		"The balances, positions and authenticators of every account are public.",
		"The answers are those of a public node of the chain.",
	},
	Inspect: inspect,
}

const (
	prefix             = "dydx"
	pathAuthenticators = "/dydxprotocol/accountplus/authenticators/"
	pathAccount        = "/cosmos/auth/v1beta1/account_info/"
)

func wallet() *adapter.Wallet {
	w := ethereum.Wallet()
	w.NeedsAccount = true
	w.Derive = func(private []byte) string {
		if public := cosmos.Public(private); public != nil {
			return cosmos.Address(prefix, public)
		}
		return ""
	}
	w.Canonical = func(text string) string { return cosmos.Canonical(prefix, text) }
	return w
}

// failures: the codes of gRPC, as the gateway passes them on.
var failures = wire.Failures{wire.Is(access.KindUnavailable, "12", "14")} // a node that does not serve the call

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathAuthenticators + s.Account()})
	if err != nil {
		return nil, err
	}
	list, err := parse(resp)
	if err != nil {
		return nil, err
	}
	snap := ofOwner()
	if s.Key() != s.Account() {
		if snap = list.of(s.Key()); snap == nil {
			return elsewhere(ctx, s, resp, list)
		}
	}
	snap.Account.ID, snap.ListsPart = s.Account(), list.unclear()
	for _, key := range list.keys() {
		if key != s.Key() {
			other := list.of(key)
			other.KeyID = key
			snap.Siblings = append(snap.Siblings, other)
		}
	}
	return snap, nil
}

// elsewhere finds out what a key is that no authenticator of the account names: that of
// another account, or nothing. One in an authenticator that can't be read may be it.
func elsewhere(ctx context.Context, s *adapter.Session, resp *adapter.Response, list authenticators) (*access.Snapshot, error) {
	if list.unclear() {
		return nil, wire.NotUnderstood(resp, errors.New("an authenticator of the account is of a kind that is unknown"))
	}
	own, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathAccount + s.Key()})
	if err != nil {
		return nil, err
	}
	body, err := wire.Parse(own.Body)
	if err != nil {
		return nil, wire.NotUnderstood(own, err)
	}
	info, found := body.Object("info")
	code, _ := body.Text("code")
	address, _ := info.Text("address")
	switch {
	case own.Status == http.StatusOK && found && address == s.Key():
		snap := ofOwner()
		snap.Account.ID = s.Key()
		snap.Contradictions = []string{"The key is that of the account " + access.MaskID(s.Key()) + " itself, and not of the account that was given, " + access.MaskID(s.Account())}
		return snap, nil
	case own.Status == http.StatusNotFound && code == "5":
		return nil, &access.Error{
			Kind: access.KindBadKey, Status: resp.Status,
			Message: "no authenticator of the account has this key: it was removed or never added, the account is another, or the key is that of an Ethereum wallet, from which dYdX's derives",
		}
	default:
		message, _ := body.Text("message")
		return nil, failures.Refusal(own, code, message)
	}
}

// parse reads the list of authenticators.
func parse(resp *adapter.Response) (authenticators, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	list, listed := body.Objects("account_authenticators")
	if !listed {
		list, listed = body.Objects("accountAuthenticators")
	}
	if resp.Status != http.StatusOK || !listed {
		return nil, failures.Said(resp, body, "code", "message")
	}
	var out authenticators
	for _, record := range list {
		id, _ := record.Text("id")
		kind, _ := record.Text("type")
		config, _ := record.Text("config")
		out = append(out, authenticator{id, ways(kind, config, 0)})
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return out, nil
}

// messages are the types of messages that the documentation or the clients name, and
// families of them.
var messages = rights.Table{
	"/dydxprotocol.clob.MsgPlaceOrder":                 rights.For(access.TradeFutures),
	"/dydxprotocol.clob.MsgCancelOrder":                rights.For(access.TradeFutures),
	"/dydxprotocol.clob.MsgBatchCancel":                rights.For(access.TradeFutures),
	"/dydxprotocol.sending.MsgCreateTransfer":          rights.For(access.TransferInternal, access.TransferExternal),
	"/dydxprotocol.sending.MsgWithdrawFromSubaccount":  rights.For(access.Withdraw),
	"/dydxprotocol.sending.MsgDepositToSubaccount":     rights.For(access.TransferInternal),
	"/cosmos.bank.v1beta1.MsgSend":                     rights.For(access.Withdraw),
	"/cosmos.bank.v1beta1.MsgMultiSend":                rights.For(access.Withdraw),
	"/ibc.applications.transfer.v1.MsgTransfer":        rights.For(access.Withdraw),
	"/dydxprotocol.accountplus.MsgAddAuthenticator":    rights.For(access.APIKeyManage),
	"/dydxprotocol.accountplus.MsgRemoveAuthenticator": rights.For(access.APIKeyManage),
	"/dydxprotocol.vault.":                             rights.For(access.Other("vault")),
	"/cosmos.staking.":                                 rights.For(access.Other("staking")),
	"/cosmos.gov.":                                     rights.For(access.Other("governance")),
	"/cosmos.distribution.":                            rights.For(access.Other("rewards")),
}

// orders are messages that the filters of sub-accounts and markets are for.
func isOrder(message string) bool {
	return slices.Equal(messages[message].Grants, []access.Capability{access.TradeFutures})
}

// ofOwner is what the account's own key has.
func ofOwner() *access.Snapshot {
	snap := empty()
	snap.Wallet = access.MainWallet
	held := map[access.Capability]bool{}
	for _, right := range messages {
		for _, c := range right.Grants {
			held[c] = true
		}
	}
	for c := range held {
		snap.Grants = append(snap.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Documented})
	}
	return snap
}

// empty is what is known of every key.
func empty() *access.Snapshot {
	snap := &access.Snapshot{}
	snap.KeyState, snap.NeverExpires, snap.PairAllowlist.Offered = access.KeyActive, true, true
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	rights.Prove(snap, access.Read)
	return snap
}

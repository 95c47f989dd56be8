// Package hyperliquid audits keys of Hyperliquid, which are wallets: that of an account
// itself, or an agent (API wallet) that the account approved.
//
// The role of a wallet's address is public, and so are the agents of an account with
// their names and their ends. Agents have no permissions of their own: each trades
// everything and withdraws nothing. An agent that was approved without a name is in no
// list, so that its end is unknown. There are no IP allowlists.
//
// Requests are not signed: the private key never leaves the session, which derives the
// address from it.
//
// Reference: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint,
// checked 2026-11-29 with the exchange's Python client and independent ones.
package hyperliquid

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Hyperliquid.
var Exchange = &adapter.Exchange{
	Name:    "hyperliquid",
	Title:   "Hyperliquid",
	Docs:    "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint",
	KeyPage: "https://app.hyperliquid.xyz/API",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.hyperliquid.xyz"}},
		{Name: "testnet", URLs: []string{"https://api.hyperliquid-testnet.xyz"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: path, Body: asking("userRole"), Why: "whether the wallet is an agent, and of which account"},
		{Method: http.MethodPost, Path: path, Body: asking("extraAgents"), Why: "when the account's agents end, and which others there are", When: "the account is known"},
	},
	Needs: adapter.Needs{
		Kinds: ethereum.Kinds(), Wallet: ethereum.Wallet(),
		KeyForm: ethereum.AddressForm, SecretForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Whether agents trade options, or on margin, is in neither list: markets are added. Nor
		// is whether they create sub-accounts.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
			access.APIKeyManage,
		},
		// A withdrawal names its destination: no action saves one.
		Absent:    []access.Capability{access.WithdrawAddresses},
		Expires:   adapter.Sometimes,
		Siblings:  adapter.Sometimes,
		Confirmed: "documentation and the exchange's client",
	},
	Limit: adapter.Limit{Requests: 20, Per: time.Minute}, // of 1200 units, of which the role takes 60
	Notes: []string{
		"An agent cannot withdraw. It can move funds between the account, its sub-accounts and vaults.",
		"The balances and positions of every account are public.",
		"Never approve the wallet of an old agent again: its signed actions could be replayed.",
	},
	Inspect: inspect,
}

const path = "/info"

func asking(what string) string { return `{"type":"` + what + `",` }

// roles: which actions an agent may sign, and which need the account's own wallet, is
// from the exchange's client (its signing schemes), and from an independent one for the transfers of
// agents, whose destination is the account itself or one of its sub-accounts. The client
// signs the creation of sub-accounts as it signs orders; whether an agent's is accepted is
// not documented.
var roles = rights.Table{
	"agent": rights.Right{
		Grants: []access.Capability{access.Read, access.TradeSpot, access.TradeFutures}, Perhaps: []access.Capability{access.SubaccountManage},
	}.Carrying(rights.Always(access.TransferInternal, access.Other("account-mode"), access.Other("lending"), access.Other("vault"))...),
	"user": {
		Grants: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
			access.APIKeyManage, access.Other("account-mode"), access.Other("builder-fee"),
			access.Other("lending"), access.Other("staking"), access.Other("vault"),
		},
		Perhaps: []access.Capability{access.SubaccountManage},
	},
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	own, err := roleOf(ctx, s, s.Key())
	if err != nil {
		return nil, err
	}
	account := cmp.Or(own.of, s.Account())
	if own.name == "user" {
		account = s.Key()
	}
	listed, err := agentsOf(ctx, s, account)
	if own.name == "missing" {
		return nil, missing(own, listed, s.Key())
	}
	snap := holding(own.name)
	if snap == nil { // no key has the address of a vault or a sub-account
		return nil, wire.Failures{}.Refusal(own.resp, own.name, "")
	}
	if err != nil && !errors.Is(err, access.KindNotUnderstood) {
		return nil, err
	}
	snap.Account.ID = account
	readAgents(snap, listed, err == nil, s.Key())
	if given := s.Account(); given != "" && given != account && given != s.Key() {
		return snap, compare(ctx, s, account, snap)
	}
	return snap, nil
}

// role is what the exchange says of an address, and the account that it belongs to.
type role struct {
	name, of string
	resp     *adapter.Response
}

// roleOf asks what an address is.
func roleOf(ctx context.Context, s *adapter.Session, address string) (role, error) {
	resp, err := ask(ctx, s, "userRole", address)
	if err != nil {
		return role{}, err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return role{}, wire.NotUnderstood(resp, err)
	}
	is := role{resp: resp}
	is.name, _ = body.Text("role")
	owner, owned := map[string]string{"agent": "user", "subAccount": "master"}[is.name]
	if owned {
		data, _ := body.Object("data")
		text, _ := data.Text(owner)
		if is.of = ethereum.Canonical(text); is.of == "" {
			return is, wire.NotUnderstood(resp, body.Err())
		}
	}
	if resp.Status != http.StatusOK || !owned && !slices.Contains([]string{"user", "missing", "vault"}, is.name) {
		return is, wire.Failures{}.Refusal(resp, is.name, "")
	}
	return is, nil
}

func ask(ctx context.Context, s *adapter.Session, what, address string) (*adapter.Response, error) {
	return s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: path, Body: asking(what) + `"user":"` + address + `"}`,
		Header: http.Header{"Content-Type": {"application/json"}},
	})
}

// holding is what every key with this role has; nil if none can have it.
func holding(name string) *access.Snapshot {
	if _, ok := roles[name]; !ok {
		return nil
	}
	snap := &access.Snapshot{}
	roles.Apply(snap, roles.Listed([]string{name}))
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	snap.Wallet, snap.ExpiryOffered = access.DelegatedWallet, true
	if name == "user" {
		snap.Wallet, snap.NeverExpires, snap.ExpiryOffered = access.MainWallet, true, false
	}
	return snap
}

// compare finds out what the given account is that isn't the agent's: clients take the
// address of a sub-account or a vault, too, for which its main account's agents trade.
func compare(ctx context.Context, s *adapter.Session, account string, snap *access.Snapshot) error {
	given, err := roleOf(ctx, s, s.Account())
	switch {
	case err != nil && !errors.Is(err, access.KindNotUnderstood):
		return err
	case given.name == "subAccount" && given.of == account:
	case given.name == "vault":
		snap.Notes = append(snap.Notes, "The account that was given is a vault. Whether the agent's account leads it is unknown.")
	default:
		snap.Contradictions = append(snap.Contradictions,
			"The key acts for the account "+access.MaskID(account)+", and not for the account that was given, "+access.MaskID(s.Account()))
	}
	return nil
}

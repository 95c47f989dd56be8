// Package injective audits keys of Injective's chain, which are wallets: that of an account
// itself, or one to which the account granted types of messages (authz).
//
// The grants of every account are public, each with an end or without. There is no time of
// creation or last use, and no IP address. What an authorization of the chain's own kinds is
// limited to (an amount, markets, a sub-account) is not read.
//
// Requests are not signed: the private key never leaves the session, which derives the
// address from it. They go to a public node of the chain; [audit.Key.BaseURL] names another.
//
// Reference: https://docs.injective.network (authz), checked 2026-11-29. Which hosts are current
// is not confirmed, nor how version 2 of the exchange's module names its authorizations.
package injective

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/cosmos"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Injective.
var Exchange = &adapter.Exchange{
	Name:    "injective",
	Title:   "Injective",
	Docs:    "https://docs.injective.network/developers/modules/core/authz",
	KeyPage: "https://hub.injective.network/authz",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://sentry.lcd.injective.network", "https://lcd.injective.network"}},
		{Name: "testnet", URLs: []string{"https://testnet.sentry.lcd.injective.network", "https://sentry.testnet.lcd.injective.network"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathGranter + "{wallet}", Why: "which messages the account granted to the key and to others, and until when"},
		{Method: http.MethodGet, Path: pathGrantee + "{wallet}", Why: "whether another account granted the key any", When: "the account granted the key none"},
	},
	Needs: adapter.Needs{
		Kinds: ethereum.Kinds(), Wallet: wallet(),
		KeyForm: wire.Form(prefix + "1[02-9ac-hj-np-z]{38}"), SecretForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Margin is in neither list, nor are sub-accounts, which a deposit creates, and the
		// address for staking rewards.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferInternal,
			access.TransferExternal, access.APIKeyManage,
		},
		Expires: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second},
	Notes: []string{
		"The balances and grants of every account are public.",
		"The answers are those of a public node of the chain.",
	},
	Inspect: inspect,
}

const (
	prefix      = "inj"
	pathGranter = "/cosmos/authz/v1beta1/grants/granter/"
	pathGrantee = "/cosmos/authz/v1beta1/grants/grantee/"
	page        = "pagination.limit=1000"
)

// wallet: the wallet address is that of Ethereum, in bech32.
func wallet() *adapter.Wallet {
	w := ethereum.Wallet()
	derive := w.Derive
	w.NeedsAccount = true
	w.Derive = func(private []byte) string {
		raw, err := hex.DecodeString(strings.TrimPrefix(derive(private), "0x"))
		if err != nil || len(raw) == 0 {
			return ""
		}
		return cosmos.Encode(prefix, raw)
	}
	w.Canonical = func(text string) string { return cosmos.Canonical(prefix, text) }
	return w
}

// failures: the codes of gRPC, as the gateway passes them on.
var failures = wire.Failures{wire.Is(access.KindUnavailable, "12", "14")} // a node that does not serve the call

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	list, err := ask(ctx, s, pathGranter+s.Account())
	if err != nil {
		return nil, err
	}
	snap, others := keylist.Own(list.snapshots(s, grant.to), s.Key())
	switch {
	case s.Key() == s.Account():
		snap = ofOwner()
	case snap == nil:
		if snap, err = elsewhere(ctx, s, list); err != nil {
			return nil, err
		}
	}
	if snap.KeyState == access.KeyExpired {
		return nil, &access.Error{Kind: access.KindExpired, Status: http.StatusOK, Message: "every grant of the account to this key has ended"}
	}
	snap.Account.ID, snap.Siblings, snap.ListsPart = s.Account(), others, !list.whole || list.lost(grant.to)
	return snap, nil
}

// elsewhere finds out what a key is to which the account granted nothing, as far as its
// list goes.
func elsewhere(ctx context.Context, s *adapter.Session, given grants) (*access.Snapshot, error) {
	received, err := ask(ctx, s, pathGrantee+s.Key())
	if err != nil {
		return nil, err
	}
	if !given.paged {
		return nil, wire.NotUnderstood(given.resp, nil)
	}
	complete := given.whole && !given.lost(grant.to)
	received.whole = received.whole && !given.lost(grant.to) // a grant to nobody in particular may be one to it
	own, others := keylist.Own(received.snapshots(s, grant.from), s.Account())
	refusal := &access.Error{Kind: access.KindBadKey, Status: http.StatusOK, Message: "the account granted this key nothing: the grants have ended or were revoked, or the account is another"}
	switch {
	case own != nil && (!complete || own.KeyState == access.KeyExpired):
		own.KeyID = ""
		return own, nil
	case !complete && !received.whole:
		refusal = &access.Error{Status: http.StatusOK, Message: "the lists of grants are longer than what is read of them, and this key is not in it"}
	case len(others) > 0:
		refusal.Message = "the account granted this key nothing, and another account did: correct the account"
	}
	return nil, refusal
}

func ask(ctx context.Context, s *adapter.Session, path string) (grants, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Query: page})
	if err != nil {
		return grants{}, err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return grants{}, wire.NotUnderstood(resp, err)
	}
	list, listed := body.Objects("grants")
	if resp.Status != http.StatusOK || !listed {
		return grants{}, failures.Said(resp, body, "code", "message")
	}
	pages, paged := body.Object("pagination")
	out := grants{resp: resp, paged: paged && pages.Has("next_key"), whole: paged && pages.IsNull("next_key")}
	for _, record := range list {
		out.list = append(out.list, readGrant(record))
	}
	if err := body.Err(); err != nil {
		return grants{}, wire.NotUnderstood(resp, err)
	}
	return out, nil
}

// ofOwner is what the account's own key has.
func ofOwner() *access.Snapshot {
	snap := empty()
	snap.Wallet, snap.KeyState, snap.NeverExpires = access.MainWallet, access.KeyActive, true
	seen := map[access.Capability]bool{}
	for _, f := range families {
		for _, c := range f.right.Grants {
			if !seen[c] {
				snap.Grants = append(snap.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Documented})
			}
			seen[c] = true
		}
	}
	return snap
}

// empty is what is known of every key.
func empty() *access.Snapshot {
	snap := &access.Snapshot{}
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	rights.Prove(snap, access.Read)
	return snap
}

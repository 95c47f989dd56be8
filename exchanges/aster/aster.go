// Package aster audits keys of Aster, whose API of version 3 knows agents (API wallets):
// wallets that an account approves, each with rights, IP addresses and an end.
//
// One call, signed by an agent, lists all agents of its account. It doesn't report when
// they were created or last used. The key of the account's own wallet is recognised by its
// address, and signs nothing: an audit has no use for it. HMAC keys of version 1 can't be
// audited, for no call describes them.
//
// Reference: https://github.com/asterdex/api-docs (futures, version 3, 2026-06-30), checked
// 2026-11-29 with independent clients. Which flag governs transfers between the account's
// wallets, and which prediction markets, is not confirmed.
package aster

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Aster.
var Exchange = &adapter.Exchange{
	Name:    "aster",
	Title:   "Aster",
	Docs:    "https://github.com/asterdex/api-docs",
	KeyPage: "https://www.asterdex.com/en/api-wallet",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://fapi.asterdex.com", "https://fapi3.asterdex.com"}},
		{Name: testnet, URLs: []string{"https://fapi.asterdex-testnet.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathAgents, Why: "rights, IP allowlists and ends of the account's agents, including the calling one"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: ethereum.Kinds(), Wallet: wallet(),
		KeyForm: ethereum.AddressForm, SecretForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Margin and options, sub-accounts and the saved withdrawal addresses are in
		// neither list.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferExternal, access.TransferInternal,
		},
		Absent:    []access.Capability{access.APIKeyManage}, // agents are approved, changed and deleted with a signature of the account's own wallet
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Expires: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second},
	ClockWindow: 10 * time.Second,
	Notes: []string{
		"The API documents a signature of the account's own wallet for withdrawals and transfers to other users, besides the agent's right.",
		"HMAC keys of version 1 cannot be audited: replace them by agents.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, failures.open, "serverTime", wire.Object.Millis),
}

const (
	pathAgents = "/fapi/v3/agent"
	pathTime   = "/fapi/v3/time"
	testnet    = "testnet"
)

// wallet: what is signed is the query's text, and names neither method nor path.
func wallet() *adapter.Wallet {
	w := ethereum.Wallet()
	w.NeedsAccount = true
	w.Signing = &adapter.WalletSigning{
		Text: regexp.MustCompile(`^user=0x[0-9A-Fa-f]{40}&signer=0x[0-9A-Fa-f]{40}&nonce=[0-9]{16}$`),
		Encode: func(environment, text string) []byte {
			chain := uint64(1666)
			if environment == testnet {
				chain = 714
			}
			return ethereum.Message("AsterSignTransaction", chain, text)
		},
		Sign: ethereum.Sign,
	}
	return w
}

// trading is what either kind of trading may include: transfers between the account's
// wallets are marked as trading, and prediction markets name no right.
var trading = []access.Capability{access.TransferInternal, access.Other("prediction")}

// permissions: the members of an agent. The chain's own page files transfers to other
// users under withdrawals.
var permissions = rights.Table{
	"canRead":      rights.For(access.Read),
	"canSpotTrade": {Grants: []access.Capability{access.TradeSpot}, Perhaps: trading},
	"canPerpTrade": {Grants: []access.Capability{access.TradeFutures}, Perhaps: trading},
	"canWithdraw":  rights.For(access.Withdraw, access.TransferExternal),
}

// failures: the page on error codes. The words for an agent that is unknown are those of
// the exchange's sample; their code is not documented.
var failures = table{
	wire.Is(access.KindBadKey, "-2014"),
	wire.Is(access.KindBadSignature, "-1022"),
	wire.Is(access.KindClockSkew, "-4225", "-1021"),
	wire.Is(access.KindIPNotAllowed, "-1005"),
	wire.OneOf(access.KindIPNotAllowed, access.KindGeoBlocked).For("-1011"), // of the call, and perhaps of every key
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindForbidden).For("-1002"),
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden).For("-2015"),
	wire.Is(access.KindUnavailable, "-1000", "-1001", "-1007", "-1016"),
}

var unknownAgent = wire.Is(access.KindBadKey, "agent not found")

type table wire.Failures

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	text := "user=" + ethereum.Checksummed(s.Account()) + "&signer=" + ethereum.Checksummed(s.Key()) + "&nonce=" + strconv.FormatInt(s.Now().UnixMicro(), 10)
	signature, err := s.Sign(ctx, adapter.Secp256k1, text)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathAgents, Query: text + "&signature=0x" + hex.EncodeToString(signature)})
	if err != nil {
		return nil, err
	}
	return parse(resp, s)
}

func parse(resp *adapter.Response, s *adapter.Session) (*access.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	if err != nil || resp.Status != http.StatusOK {
		_, err = failures.open(resp)
		return nil, err
	}
	if len(list) == 0 { // the agent that asked is one
		return nil, wire.NotUnderstood(resp, errors.New("the list of keys is empty"))
	}
	listed := make([]*access.Snapshot, len(list))
	for i, record := range list {
		listed[i] = readAgent(record, s.Now())
		if record.Err() != nil || listed[i].KeyID == "" {
			return nil, wire.NotUnderstood(resp, record.Err())
		}
	}
	snap, others := keylist.Own(listed, s.Key())
	if snap == nil {
		snap = &access.Snapshot{}
		snap.KeyState = access.KeyUnclear
		snap.Notes = append(snap.Notes, "This agent is not in the list of the account's agents, so what it may do, and from which IP addresses, is unknown.")
	} else {
		snap.Wallet = access.DelegatedWallet
	}
	snap.Account.ID, snap.Siblings = s.Account(), others
	return snap, nil
}

// open reads an object, which is a refusal unless it is a public answer.
func (t table) open(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if resp.Status == http.StatusOK && body.Has("serverTime") {
		return body, nil
	}
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	return body, wire.Meaning(wire.Failures(t).Refusal(resp, code, message, unknownAgent), access.KindBadKey,
		"the account has no such agent, which ended, was revoked or never approved, or acts for another account")
}

// readAgent reads one agent of the list.
func readAgent(record wire.Object, now time.Time) *access.Snapshot {
	snap := &access.Snapshot{}
	text, _ := record.Text("agentAddress")
	snap.KeyID = ethereum.Canonical(text)
	snap.Label, _ = record.Text("agentName")
	permissions.Apply(snap, record.Flags(func(name string) bool { return strings.HasPrefix(name, "can") }))
	if list, ok := record.Text("ipWhitelist"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }))
	}
	snap.ExpiryOffered = true
	snap.Expires, _ = record.Millis("expired")
	switch {
	case snap.Expires.IsZero():
	case now.Before(snap.Expires):
		snap.KeyState = access.KeyActive
	default:
		snap.KeyState = access.KeyExpired
	}
	if source, ok := record.Text("source"); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "source", Value: source})
	}
	return snap
}

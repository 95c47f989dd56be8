// Package gemini audits API keys of Gemini.
//
// The exchange tells, for any key and in one request, which roles the key has. It
// doesn't tell the key's addresses, creation, expiry, last use or name, nor the
// account's other keys; only its refusal of an address shows that there is a
// list of them. The key's own beginning says whether it works on one account
// or on the whole group.
//
// Keys are HMAC, with a nonce. Some keys want Unix seconds, within 30 seconds
// of the exchange's clock; others a number that grows with every call, and which
// sort a key is can't be read. Seconds are right for the first sort and
// harmless to the second: where its other clients count in milliseconds they
// are refused as too low, which milliseconds would do to clients that count in
// seconds, for good. So nothing larger is tried unless the owner says so.
//
// Reference: https://developer.gemini.com/authentication/api-key, checked
// 2026-11-22.
package gemini

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Gemini.
var Exchange = &adapter.Exchange{
	Name:    "gemini",
	Title:   "Gemini",
	Docs:    "https://developer.gemini.com/authentication/api-key",
	KeyPage: "https://exchange.gemini.com/settings/api",
	Checked: "2026-11-22",
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.gemini.com"}},
		{Name: "sandbox", URLs: []string{"https://api.sandbox.gemini.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathTicker, Why: "the exchange's time, which only the header of an answer tells, so that the nonce is never ahead of it"},
		{Method: http.MethodPost, Path: pathRoles, Why: "roles of the calling key; a read, though sent by POST"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions,
			access.Withdraw, access.WithdrawAddresses, access.TransferInternal, access.SubaccountManage,
		},
		// No role is for these, and no call does them.
		Absent:    []access.Capability{access.TransferExternal, access.APIKeyManage},
		Confirmed: "the exchange's own description of its API and an independent client",
	},
	Limit: adapter.Limit{Requests: 5, Per: time.Second},
	Notes: []string{
		"A key that requires a heartbeat loses all its open orders when it is silent for 30 seconds; whether an audit's call counts as a sign of life is not known.",
		"Since mid-2025 every trading key has trusted addresses or was set to Unrestricted by its owner: look at the key's page, which of the two it is.",
		"Withdrawals go to approved addresses. Adding one by API takes a key with trusted addresses, and the address waits seven days.",
		"New keys have the role of Trader unless another is chosen; Auditor, which only reads, can't be combined with any other.",
	},
	Inspect:    inspect,
	ServerTime: wire.DateClock(pathTicker),
}

const (
	pathRoles  = "/v1/roles"
	pathTicker = "/v1/pubticker/btcusd"
)

// roles: developer.gemini.com, API key, roles. What a trader may do besides spot
// depends on the account, of which nothing is told.
var roles = rights.Table{
	"isAuditor": rights.For(access.Read),
	"isTrader": {
		Grants:  []access.Capability{access.Read, access.TradeSpot},
		Perhaps: []access.Capability{access.TradeMargin, access.TradeFutures, access.TradeOptions},
		Implies: []string{"where the account has them: perpetuals, margin, clearing, staking and prediction markets"},
	},
	"isFundManager": rights.For(access.Read, access.Withdraw, access.WithdrawAddresses).Implying("can add bank accounts"),
	adminRole:       {Grants: []access.Capability{access.SubaccountManage}, Perhaps: []access.Capability{access.Read}},
	masterTransfer:  rights.For(access.TransferInternal),
}

const (
	adminRole = "isAccountAdmin"
	// masterTransfer is no name of the exchange: transfers between the accounts of
	// a group want the role and a key of the group.
	masterTransfer = "isFundManager of a master key"
	masterNote     = "A master key acts on every account of its group."
)

// failures are by reason: a 403 alone may be a role or an address. Unknown keys
// have been seen with the reason of a wrong signature.
var failures = wire.Failures{
	"InvalidApiKey":             wire.Is(access.KindBadKey),
	"Invalid API key":           wire.Is(access.KindBadKey), // seen in the reason's place
	"InvalidSignature":          wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"ApiKeyIpFilteringFailure":  wire.Is(access.KindIPNotAllowed),
	"InvalidNonce":              wire.Is(access.KindNonce),
	"InvalidTimestampInPayload": wire.Is(access.KindNonce),
	"MissingRole":               wire.Is(access.KindForbidden),
	"RateLimit":                 wire.Is(access.KindRateLimited),
	"Maintenance":               wire.Is(access.KindUnavailable),
	"System":                    wire.Is(access.KindUnavailable),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	call := `{"request":"` + pathRoles + `","nonce":` + strconv.FormatUint(s.Nonce(), 10) + `}`
	payload := base64.StdEncoding.EncodeToString([]byte(call))
	signature, err := s.Sign(ctx, adapter.HMACSHA384, payload)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: pathRoles, Header: http.Header{
		"X-Gemini-Apikey":    {s.Key()},
		"X-Gemini-Payload":   {payload},
		"X-Gemini-Signature": {hex.EncodeToString(signature)},
		"Content-Type":       {"text/plain"},
		"Cache-Control":      {"no-cache"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, s.Key())
}

func parse(resp *adapter.Response, key string) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if resp.Status != http.StatusOK || body.Has("result") { // a success has no such member
		code, _ := body.Text("reason")
		message, _ := body.Text("message")
		return nil, failures.Refusal(resp, cmp.Or(code, message), message)
	}
	states := map[string]access.State{}
	for _, name := range slices.Sorted(slices.Values(body.Names())) {
		if yes, ok := flag(body, name); ok {
			states[name] = access.StateOf(yes)
		}
	}
	switch err := body.Err(); {
	case err != nil:
		return nil, wire.NotUnderstood(resp, err)
	case len(states) == 0:
		return nil, wire.NotUnderstood(resp, errors.New("the answer holds no role"))
	}
	snap := &access.Snapshot{}
	readLevel(body, key, states, snap)
	return snap, nil
}

// flag reads a role. Other members, which are texts today, are let be.
func flag(body wire.Object, name string) (yes, ok bool) {
	if !strings.HasPrefix(name, "is") {
		return false, false
	}
	return body.Bool(name)
}

// readLevel applies the roles, as far as they reach: a key of one account can
// neither transfer between accounts nor make any.
func readLevel(body wire.Object, key string, states map[string]access.State, snap *access.Snapshot) {
	masterly := body.Has("counterparty_id") || body.Has(adminRole)
	single := strings.HasPrefix(key, "account-")
	switch {
	case masterly && single:
		snap.Contradictions = append(snap.Contradictions, "the key is named as one of a single account, and the exchange answers as for a master key")
		fallthrough
	case masterly, strings.HasPrefix(key, "master-"):
		states[masterTransfer] = states["isFundManager"]
		snap.Facts = append(snap.Facts, access.Fact{Name: "level", Value: "master"})
		snap.Notes = append(snap.Notes, masterNote)
	case single:
		snap.Facts = append(snap.Facts, access.Fact{Name: "level", Value: "account"})
	}
	roles.Apply(snap, states)
	if !single || masterly {
		return
	}
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == access.TransferInternal || g.Capability == access.SubaccountManage {
			g.State, g.Evidence = access.Denied, access.Documented
		}
	}
}

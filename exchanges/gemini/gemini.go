// Package gemini audits API keys of Gemini.
//
// The exchange reports, for any key and in one request, which roles the key has. It
// doesn't report the key's IP allowlist, creation date, expiry, last use or name, or
// the account's other keys; only its refusal of an IP address shows that there is an
// IP allowlist. The beginning of the key says whether it works on one account or on
// the whole group.
//
// Keys are HMAC, with a nonce. Some keys require Unix seconds, within 30 seconds of
// the exchange's clock; others a number that grows with every call, and which kind a
// key is can't be read. Seconds are right for the first kind and harmless to the
// second: if its other clients count in milliseconds, seconds are refused as too
// low. Milliseconds would lock out clients that count in seconds, permanently. So
// the audit uses nothing larger unless the owner says so.
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
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.gemini.com"}},
		{Name: "sandbox", URLs: []string{"https://api.sandbox.gemini.com"}, Test: true},
	},
	Calls: []adapter.Call{
		wire.NonceTimeCall(pathTicker),
		{Method: http.MethodPost, Path: pathRoles, Why: "roles of the calling key; a read, although sent by POST"},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second,
		KeyForm: wire.Form("(?:account|master)-" + wire.Letters + "{20}"), SecretForm: wire.Form(wire.Letters + "{27,28}"),
	},
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
		"A key that requires a heartbeat loses all its open orders after 30 seconds without a request; whether an " +
			"audit's request counts as a heartbeat is unknown.",
		"Withdrawals go to approved withdrawal addresses. Adding one by API requires a key with trusted IP " +
			"addresses, and it becomes usable after seven days.",
		"New keys have the role Trader unless another is chosen; Auditor, which can only read, can't be combined " +
			"with any other role.",
	},
	Inspect:    inspect,
	ServerTime: wire.DateClock(pathTicker),
}

const (
	pathRoles  = "/v1/roles"
	pathTicker = "/v1/pubticker/btcusd"
)

// roles: developer.gemini.com, API key, roles. What a trader may do besides spot
// depends on the account, about which nothing is reported.
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
	// masterTransfer is not a name of the exchange: transfers between the accounts
	// of a group require the role and a key of the group.
	masterTransfer = "isFundManager of a master key"
	masterNote     = "A master key acts on every account of its group."
)

// failures are by reason: a 403 alone may be about a role or an IP address. Unknown
// keys have been seen with the reason of a wrong signature, and a message in the
// reason's place.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "InvalidApiKey"),
	wire.Is(access.KindBadKey, "Invalid API key"), // seen in the reason's place
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("InvalidSignature"),
	wire.Is(access.KindIPNotAllowed, "ApiKeyIpFilteringFailure"),
	wire.Is(access.KindNonce, "InvalidNonce", "InvalidTimestampInPayload"),
	wire.Is(access.KindForbidden, "MissingRole"),
	wire.Is(access.KindRateLimited, "RateLimit"),
	wire.Is(access.KindUnavailable, "Maintenance", "System"),
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
	// Other members, which are texts today, are ignored.
	states := body.Flags(func(name string) bool { return strings.HasPrefix(name, "is") })
	switch err := body.Err(); {
	case err != nil:
		return nil, wire.NotUnderstood(resp, err)
	case len(states) == 0:
		return nil, wire.NotUnderstood(resp, errors.New("the answer reports no role"))
	}
	snap := &access.Snapshot{}
	readLevel(body, key, states, snap)
	return snap, nil
}

// readLevel applies the roles as far as they go: a key of one account can neither
// transfer between accounts nor create any.
func readLevel(body wire.Object, key string, states map[string]access.State, snap *access.Snapshot) {
	master := body.Has("counterparty_id") || body.Has(adminRole)
	single := strings.HasPrefix(key, "account-")
	switch {
	case master && single:
		snap.Contradictions = append(snap.Contradictions, "the key has the name of a key for one account, but the "+
			"exchange answers as for a master key")
		fallthrough
	case master, strings.HasPrefix(key, "master-"):
		states[masterTransfer] = states["isFundManager"]
		snap.Facts = append(snap.Facts, access.Fact{Name: "level", Value: "master"})
		snap.Notes = append(snap.Notes, masterNote)
	case single:
		snap.Facts = append(snap.Facts, access.Fact{Name: "level", Value: "account"})
	}
	roles.Apply(snap, states)
	if !single || master {
		return
	}
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == access.TransferInternal || g.Capability == access.SubaccountManage {
			g.State, g.Evidence = access.Denied, access.Documented
		}
	}
}

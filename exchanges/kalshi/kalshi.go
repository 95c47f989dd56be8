// Package kalshi audits API keys of Kalshi, an exchange for event contracts and
// perpetuals.
//
// The exchange lists the account's keys with their scopes and the sub-account that a
// key is limited to; the calling key is found in the list by its identifier. It doesn't
// report dates or last use. No key can be restricted to IP addresses. Some keys that
// work are refused the list with the status of a wrong key: so a second read decides
// whether the key is one, and if it isn't, what it may do is unknown. Keys are RSA, with
// PSS signatures, or Ed25519.
//
// Reference: https://docs.kalshi.com/api-reference/api-keys/get-api-keys and the OpenAPI
// document, version 3.34.0. What "Transfers" includes is from the page on team members:
// the document has no call that withdraws. Codes of refusals are from recorded answers.
// Checked 2026-11-30.
package kalshi

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Kalshi.
var Exchange = &adapter.Exchange{
	Name:    "kalshi",
	Title:   "Kalshi",
	Docs:    "https://docs.kalshi.com/api-reference/api-keys/get-api-keys",
	KeyPage: "https://kalshi.com/account/profile",
	Checked: "2026-11-30",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://external-api.kalshi.com", "https://api.elections.kalshi.com"}},
		{Name: "demo", URLs: []string{"https://external-api.demo.kalshi.co", "https://demo-api.kalshi.co"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKeys, Why: "scopes of the account's keys, including the calling key"},
		{
			Method: http.MethodGet, Path: pathBalance,
			Why: "whether the key works; no balance is kept", When: "the list of keys was refused as it would be to a wrong key",
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.Ed25519Key, access.RSAKey}, Encoding: adapter.KeyText},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Absent:    []access.Capability{access.TradeSpot, access.TradeMargin}, // the markets are event contracts and perpetuals
		Siblings:  adapter.Sometimes,                                         // some keys that work are refused the list
		Confirmed: "documentation, and clients that read their own scopes",
	},
	Limit: adapter.Limit{Requests: 5, Per: time.Second},
	Notes: []string{
		"A key that was created without a choice of scopes has full access.",
		"Kalshi refuses the list of keys to some keys that work, for instance to one that is limited to a sub-account and may " +
			"trade: then check its scopes on its page.",
	},
	Inspect: inspect,
}

const (
	pathKeys    = "/trade-api/v2/api_keys"
	pathBalance = "/trade-api/v2/portfolio/balance"
	read        = "read"
)

// permissions: docs.kalshi.com, the scopes of a key, of which write and read include all
// others. Event contracts are binary options. That write is enough to create keys is
// unconfirmed, and so is where a transfer may go.
var permissions = rights.Table{
	read:                       rights.For(access.Read),
	"read::portfolio_balance":  rights.For(access.Read),
	"read::block_trade_accept": rights.For(access.Read),
	"write": {
		Grants: []access.Capability{
			access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses, access.TransferInternal,
			access.SubaccountManage, blockTrade, risk,
		},
		Perhaps: []access.Capability{access.APIKeyManage, access.TransferExternal},
	},
	"write::trade": rights.For(access.TradeFutures, access.TradeOptions),
	"write::transfer": {
		Grants:  []access.Capability{access.Withdraw, access.WithdrawAddresses, access.TransferInternal},
		Perhaps: []access.Capability{access.TransferExternal},
	},
	"write::block_trade_accept": rights.For(blockTrade),
	"write::fcm_risk":           rights.For(risk),
}

const (
	blockTrade = access.Capability("other:block-trade")
	risk       = access.Capability("other:fcm-risk") // limits of a broker's customers
)

// failures: recorded answers. A key of the other environment is unknown here.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "NOT_FOUND"),
	wire.Is(access.KindBadSignature, "INCORRECT_API_KEY_SIGNATURE"),
	wire.Is(access.KindClockSkew, "header_timestamp_expired"),
	refused.For("authentication_error"),
}

// refused is a refusal that doesn't say why.
var refused = wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindForbidden)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, pathKeys)
	if err != nil {
		return nil, err
	}
	snap, err := parse(resp, s)
	if resp.Status != http.StatusUnauthorized || errors.Is(err, access.KindClockSkew) {
		return snap, err
	}
	second, err := ask(ctx, s, pathBalance)
	if err != nil {
		return nil, err
	}
	return parseBalance(second, resp)
}

func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	algorithm := adapter.RSAPSSSHA256
	if s.KeyKind() == access.Ed25519Key {
		algorithm = adapter.Ed25519
	}
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, algorithm, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Kalshi-Access-Key":       {s.Key()},
		"Kalshi-Access-Timestamp": {stamp},
		"Kalshi-Access-Signature": {base64.StdEncoding.EncodeToString(signature)},
	}})
}

func parse(resp *adapter.Response, s *adapter.Session) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	list, ok := body.Objects("api_keys")
	if !ok || resp.Status != http.StatusOK {
		return nil, refusal(resp, body)
	}
	snap := keylist.Read(list, s, "api_key_id", "", readKey)
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	return snap, nil
}

// readKey reads one key of the list. One that is limited to a sub-account, of which 0 is
// the primary one, can't transfer to others or create one.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Label, _ = entry.Text("name")
	var states map[string]access.State
	if held, ok := entry.Strings("scopes"); ok {
		states = permissions.Listed(held)
		rights.DenyNothingWithout(states, read)
	}
	permissions.Apply(snap, states)
	number, limited := entry.Int("subaccount")
	if !limited { // documented to mean that it isn't; the member may be missing for other reasons
		return snap
	}
	snap.Account.Kind = access.AccountKindOf(number == 0)
	snap.Facts = append(snap.Facts, access.Fact{Name: "subaccount", Value: strconv.FormatInt(number, 10)})
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == access.TransferInternal || g.Capability == access.SubaccountManage {
			*g = access.Grant{Capability: g.Capability, State: access.Denied, Evidence: access.Reported}
		}
	}
	return snap
}

// parseBalance reads whether a key works that was refused the list. A refusal that may
// be about this read alone leaves open why the list was refused.
func parseBalance(resp, list *adapter.Response) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if _, ok := body.Int("balance"); !ok || resp.Status != http.StatusOK {
		e := refusal(resp, body)
		if resp.Status/100 == 4 && resp.Status != http.StatusUnauthorized && e.Kind == access.KindNotUnderstood {
			e = &access.Error{Status: list.Status, Code: e.Code, Message: e.Message}
			refused.Explain(e)
		}
		return nil, e
	}
	snap := &access.Snapshot{Answer: access.Answer{
		Notes: []string{"The exchange refused this key the list of keys, and answered another read: so the key works, and what it may do is unknown."},
	}}
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	rights.Prove(snap, access.Read)
	return snap, nil
}

// refusal reads an error, of which the exchange has several forms. What is wrong with a
// key is a symbol in the details, perhaps at their end.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	message, _ := body.Text("msg")
	if inner, ok := body.Object("error"); ok {
		body = inner
	}
	code, _ := body.Text("code")
	if text, ok := body.Text("message"); ok {
		message = text
	}
	details, _ := body.Text("details")
	if symbol := details[strings.LastIndex(details, " ")+1:]; symbol != "" && symbol == strings.ToUpper(symbol) {
		code = symbol
	}
	return failures.Refusal(resp, code, message)
}

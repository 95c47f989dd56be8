// Package orderly audits keys of Orderly Network, one order book behind WOOFi Pro, Mode
// Trade and many other sites: Ed25519 keys that the wallet that owns an account adds to it,
// each with scopes, IP addresses and an end.
//
// One call, signed by a key, lists all keys of its account. It doesn't report when they
// were created or last used. The exchange has one code for a key that is unknown, expired
// or removed, or lacks a right; a public read about the key then shows which.
//
// Reference: https://orderly.network/docs/build-on-omnichain/user-flow-walkthrough, checked
// 2026-11-29 with the exchange's OpenAPI file. Which scope the calls need that set IP
// addresses, remove keys and create sub-accounts, and what a request from another IP
// address is answered, is not documented.
package orderly

import (
	"context"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/solana"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Orderly Network.
var Exchange = &adapter.Exchange{
	Name:    "orderly",
	Title:   "Orderly",
	Docs:    "https://orderly.network/docs/build-on-omnichain/restful-api/private/get-current-orderly-key-info",
	KeyPage: "https://orderly.network/docs/build-on-omnichain/user-flows/wallet-authentication",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.orderly.org", "https://api-evm.orderly.org"}},
		{Name: "testnet", URLs: []string{"https://testnet-api.orderly.org", "https://testnet-api-evm.orderly.org"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKeys, Why: "scopes, IP allowlists and ends of the account's keys, including the calling one"},
		{Method: http.MethodGet, Path: pathOne, Why: "whether the account has the key, and when it ends; not signed", When: "the key is refused"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.Ed25519Wallet}, Wallet: wallet(), OwnerForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Other markets than futures, the saved withdrawal addresses, and who may manage keys
		// and sub-accounts, are in neither list.
		Reports:   []access.Capability{access.Read, access.TradeFutures, access.TransferInternal, access.TransferExternal},
		Absent:    []access.Capability{access.Withdraw}, // a withdrawal carries a signature of the wallet that owns the account
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Expires: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	Limit:       adapter.Limit{Requests: 10, Per: time.Minute},
	ClockWindow: window,
	Notes: []string{
		"A withdrawal needs a signature of the account's wallet, which no key can give.",
		"A read-only key can change the account's leverage.",
		"The call that removes a key's IP allowlist is made with a key: which scope it needs is not documented.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, open, "timestamp", wire.Object.Millis),
}

const (
	pathKeys = "/v1/client/key_info"
	pathOne  = "/v1/get_orderly_key"
	pathTime = "/v1/public/system_info"
	window   = 300 * time.Second
)

// wallet: keys are written as NEAR's, and accounts are numbered by a hash of the wallet that
// owns them and of the site. Nobody gives those two, so that the private key of an Ethereum
// wallet, which has the same form, cannot be told from an account id.
func wallet() *adapter.Wallet {
	w := solana.Wallet()
	derive := w.Derive
	w.Derive = func(seed []byte) string { return named(derive(seed)) }
	w.Canonical = func(text string) string { return named(solana.Canonical(strings.TrimPrefix(text, prefix))) }
	w.NeedsAccount = true
	w.Account = &adapter.WalletAccount{Name: "hexadecimal account id", Canonical: account}
	w.Signing = &adapter.WalletSigning{
		Text:   regexp.MustCompile(`^[0-9]{13}GET` + pathKeys + `$`),
		Encode: func(_, text string) []byte { return []byte(text) },
		Sign:   solana.Sign,
	}
	return w
}

const prefix = "ed25519:"

func named(address string) string {
	if address == "" {
		return ""
	}
	return prefix + address
}

var accountForm = wire.Form("0[xX]" + wire.Hex + "{64}")

func account(text string) string {
	if !accountForm.MatchString(text) {
		return ""
	}
	return strings.ToLower(text)
}

// anyScope is what keys do whose scope isn't documented.
var anyScope = []access.Capability{access.APIKeyManage, access.SubaccountManage}

// settings are the account's leverage and the like, which a right to read may change.
var settings = rights.Always(access.Other("settings"))

// scopes: the walkthrough. A right to transfer reaches other accounts where the exchange
// allowed it to.
var scopes = rights.Table{
	"read":    rights.Right{Grants: []access.Capability{access.Read}, Perhaps: anyScope}.Carrying(settings...),
	"trading": rights.Right{Grants: []access.Capability{access.Read, access.TradeFutures}, Perhaps: anyScope}.Carrying(settings...), // which includes reading
	"asset":   {Grants: []access.Capability{access.TransferInternal}, Perhaps: append([]access.Capability{access.TransferExternal}, anyScope...)},
}

// failures: the page on error codes. -1002 is for a key that is unknown, expired or removed,
// has another secret, or lacks a right.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("-1001"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindExpired, access.KindForbidden, access.KindIPNotAllowed).For("-1002"),
	wire.Is(access.KindRateLimited, "-1003"),
	wire.Is(access.KindUnavailable, "-1000", "-1011"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.Ed25519, stamp+"GET"+pathKeys)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKeys, Header: http.Header{
		"Content-Type":       {"application/x-www-form-urlencoded"},
		"Orderly-Account-Id": {s.Account()},
		"Orderly-Key":        {s.Key()},
		"Orderly-Timestamp":  {stamp},
		"Orderly-Signature":  {base64.URLEncoding.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	body, err := open(resp)
	if err, ok := err.(*access.Error); ok && err.Code == "-1002" { //nolint:errorlint // as failures made it
		return nil, explain(ctx, s, err)
	}
	if err != nil {
		return nil, err
	}
	return parse(resp, body, s)
}

func open(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if success, _ := body.Bool("success"); resp.Status == http.StatusOK && success {
		return body, nil
	}
	return body, failures.Said(resp, body, "code", "message")
}

// explain asks without a signature whether the account has the key, which it hasn't if
// clients are answered with a refusal or nothing.
func explain(ctx context.Context, s *adapter.Session, refusal *access.Error) error {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathOne, Query: "account_id=" + s.Account() + "&orderly_key=" + s.Key()})
	if err != nil {
		return err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return refusal
	}
	at, timed := body.Millis("timestamp")
	success, says := body.Bool("success")
	record, _ := body.Object("data")
	ends, _ := record.Millis("expiration")
	key, _ := record.Text("orderly_key")
	switch {
	case timed && at.Sub(s.Now()).Abs() > window:
		refusal.Kind, refusal.Candidates = access.KindClockSkew, nil
	case key == s.Key() && !ends.IsZero() && !s.Now().Before(ends):
		refusal.Kind, refusal.Candidates = access.KindExpired, nil
		refusal.Message = "the key expired on " + ends.Format(time.DateOnly)
	case says && key == "" && (success || resp.Status == http.StatusBadRequest || resp.Status == http.StatusNotFound): // as clients take it
		refusal.Kind, refusal.Candidates = access.KindBadKey, nil
		refusal.Message = "the account has no such key: it was removed, or belongs to another account"
	}
	return refusal
}

func parse(resp *adapter.Response, body wire.Object, s *adapter.Session) (*access.Snapshot, error) {
	data, _ := body.Object("data")
	rows, ok := data.Objects("rows")
	var listed []*access.Snapshot
	for _, row := range rows {
		if key := readKey(row, s.Now()); key.KeyState != access.KeyDisabled || key.KeyID == s.Key() {
			listed = append(listed, key)
		}
		ok = ok && row.Err() == nil
	}
	snap, others := keylist.Own(listed, s.Key())
	if !ok || snap == nil { // the key that asked is one
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	rights.Prove(snap, access.Read)
	snap.Account.ID, snap.Siblings = s.Account(), others
	return snap, nil
}

// readKey reads one key of the list.
func readKey(row wire.Object, now time.Time) *access.Snapshot {
	snap := &access.Snapshot{}
	text, _ := row.Text("orderly_key")
	snap.KeyID = named(solana.Canonical(strings.TrimPrefix(text, prefix)))
	snap.Label, _ = row.Text("tag")
	held, _ := row.Commas("scope")
	states := scopes.Listed(held)
	rights.DenyNothingWithout(states, "read", "trading", "asset") // every key has one
	scopes.Apply(snap, states)
	list, _ := row.Strings("ip_restriction_list")
	switch status, _ := row.Text("ip_restriction_status"); {
	case status == "ALLOW_ALL_IPS" && len(list) == 0:
		snap.IPAllowlist = access.NewIPAllowlist(nil)
	case status == "ALLOW_RESTRICTION_LIST" && len(list) > 0:
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Wallet, snap.ExpiryOffered = access.DelegatedWallet, true
	snap.Expires, _ = row.Millis("expiration")
	snap.KeyState = row.State("key_status", map[string]access.KeyState{
		"ACTIVE": access.KeyActive, "REMOVED": access.KeyDisabled, // one that is being removed may still sign
	})
	if snap.KeyState == access.KeyActive && !snap.Expires.IsZero() && !now.Before(snap.Expires) {
		snap.KeyState = access.KeyExpired
	}
	return snap
}

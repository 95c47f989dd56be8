// Package polymarket audits credentials of Polymarket's order book.
//
// What kind of credential it is decides everything. An API key (key, secret and passphrase)
// reads and cancels; an order carries a signature of the account's wallet. That wallet's
// private key can do everything, and bots that trade hold it: it is recognised by its form,
// also where the funds are in a contract that it owns, and signs nothing here.
//
// One call, signed by an API key, lists the account's API keys. It doesn't report when they
// were created, and keys have no rights of their own. Read-only keys are not audited: the
// public read about one would put it into a URL. Whether IP allowlists exist, and keys end,
// is not documented.
//
// Reference: https://docs.polymarket.com/developers/CLOB/authentication, checked 2026-11-29
// with the exchange's clients. Polymarket US is another system, with keys of its own.
package polymarket

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Polymarket.
var Exchange = &adapter.Exchange{
	Name:    "polymarket",
	Title:   "Polymarket",
	Docs:    "https://docs.polymarket.com/developers/CLOB/authentication",
	KeyPage: "https://polymarket.com/settings",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://clob.polymarket.com"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "the account's API keys, including the calling one"},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64URL, Passphrase: true,
		KeyForm: wire.Form(wire.UUID), SecretForm: wire.Form("[A-Za-z0-9_+/-]{43}="), OwnerForm: wire.PrivateHex,
		Account: &adapter.WalletAccount{Name: "wallet address", Canonical: address},
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.APIKeyManage},
		// An order, and all that moves funds on the chain, carries a signature of the wallet.
		Absent: []access.Capability{
			access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions,
			access.Withdraw, access.WithdrawAddresses, access.TransferInternal, access.TransferExternal,
		},
		Siblings:  adapter.Always,
		Confirmed: "the exchange's clients",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second},
	Notes: []string{
		"Orders need a signature of the account's wallet: a bot that trades holds that wallet's private key besides its API key. Audit that key as well.",
		"An API key can create read-only keys, which stay when it is deleted.",
	},
	Inspect: inspect,
}

const path = "/auth/api-keys"

// address is a wallet address as it is given, for the exchange may read its capitals.
func address(text string) string {
	if !wire.AddressHex.MatchString(text) {
		return ""
	}
	return text
}

// keys: what the clients call with an API key alone.
var keys = rights.Table{
	"API key": rights.For(access.Read, access.Other("cancel")).Carrying(rights.Power{
		Capability: access.APIKeyManage, Implied: access.ImpliedAlways, Qualifier: "creating keys that read, and deleting this one",
	}),
}

// failures: clients know statuses only. 401 is for a wrong key, signature, time or wallet.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew).For("401"),
	wire.Is(access.KindGeoBlocked, "403"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Seconds(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+"GET"+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Poly_address":    {s.Account()},
		"Poly_api_key":    {s.Key()},
		"Poly_passphrase": {s.Passphrase()},
		"Poly_timestamp":  {stamp},
		"Poly_signature":  {base64.URLEncoding.EncodeToString(signature)},
	}})
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
	snap, ok := readKeys(body, s)
	if resp.Status != http.StatusOK || !ok {
		message, _ := body.Text("error")
		return nil, refusal(resp, message)
	}
	snap.Account.ID = s.Account()
	snap.ListsPart = true // the account's read-only keys are in another list
	return snap, nil
}

// readKeys reads the list, which clients type as texts, and as objects that have the keys'
// secrets too. Where the key that asked is not among the texts, the exchange took it all the
// same.
func readKeys(body wire.Object, s *adapter.Session) (*access.Snapshot, bool) {
	if rows, ok := body.Objects("apiKeys"); ok {
		snap := keylist.Read(rows, s, "apiKey", "secret", func(row wire.Object) *access.Snapshot {
			passphrase, _ := row.Text("passphrase")
			s.Hide(passphrase)
			id, _ := row.Text("apiKey")
			return key(id)
		})
		return snap, body.Err() == nil && snap.Wallet == access.DelegatedWallet // which it has if it is in the list
	}
	listed, ok := body.Strings("apiKeys")
	snap := key(s.Key())
	if !slices.Contains(listed, s.Key()) {
		snap.KeyState = access.KeyUnclear
		snap.Notes = append(snap.Notes, "The key is not in the list of the account's API keys, although the exchange took it.")
	}
	for _, id := range listed {
		if id != s.Key() {
			snap.Siblings = append(snap.Siblings, key(id))
		}
	}
	return snap, ok && !slices.Contains(listed, "")
}

// refusal reads the status, and the words where it says nothing.
func refusal(resp *adapter.Response, message string) *access.Error {
	switch code := strconv.Itoa(resp.Status); resp.Status {
	case http.StatusUnauthorized:
		return wire.Meaning(failures.Refusal(resp, code, message), access.KindAmbiguous, notTold)
	case http.StatusForbidden:
		return failures.Refusal(resp, code, message)
	default:
		return failures.Refusal(resp, "", message)
	}
}

// notTold is all that a 401 may mean: no documented read tells one from another without a
// signature of the wallet.
const notTold = "the API key is unknown, its secret or passphrase is another's, or it belongs to another wallet address than the account's, and the exchange does not say which"

// key is what every API key has.
func key(id string) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.KeyID, snap.Wallet = id, access.DelegatedWallet
	keys.Apply(snap, keys.Listed([]string{"API key"}))
	return snap
}

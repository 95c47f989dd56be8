// Package lighter audits API keys of Lighter: Schnorr keys that the wallet that owns an
// account registers at one of its 255 indexes.
//
// Which public key each index of an account has is public. Keys have no permissions, no IP
// allowlists and no ends: each trades everything, moves funds between the owner's own
// accounts, and withdraws to the wallet that owns the account only. A list of keys that place
// maker orders only exists, and its form is not documented: such a key is reported as any
// other. The listed time of a key's registration or change is not used, for its unit is
// unknown.
//
// Requests are not signed: the private key never leaves the session, which derives the
// public key from it. Read-only tokens are not audited, for only their owner's private read
// lists them: what is said of one is what its own text says.
//
// Reference: https://apidocs.lighter.xyz/docs/api-keys and
// https://apidocs.lighter.xyz/reference/apikeys, checked 2026-11-29 with the exchange's Go
// client.
package lighter

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Lighter.
var Exchange = &adapter.Exchange{
	Name:    "lighter",
	Title:   "Lighter",
	Docs:    "https://apidocs.lighter.xyz/reference/apikeys",
	KeyPage: "https://app.lighter.xyz/apikeys",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://mainnet.zklighter.elliot.ai"}},
		{Name: "testnet", URLs: []string{"https://testnet.zklighter.elliot.ai"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "which keys the account has, including the calling one"},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SchnorrWallet}, OwnerForm: wire.PrivateHex,
		Wallet: &adapter.Wallet{
			Kind: access.SchnorrWallet, Read: read, Derive: public, Canonical: canonical,
			NeedsAccount: true, Account: &adapter.WalletAccount{Name: "numeric account index", Canonical: index},
		},
	},
	Coverage: adapter.Coverage{
		// Margin and options are in neither list.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.SubaccountManage,
		},
		// Transfers to others and new keys carry a signature of the wallet that owns the account.
		// A withdrawal has no destination.
		Absent:      []access.Capability{access.TransferExternal, access.APIKeyManage, access.WithdrawAddresses},
		AccountKind: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation and the exchange's client",
	},
	Limit: adapter.Limit{Requests: 10, Per: time.Minute},
	Notes: []string{
		"A key withdraws to the wallet that owns the account, and to no other: all else needs that wallet's signature.",
		"Indexes 0 to 2 are those of the exchange's own apps, whose keys are no keys of bots.",
		"The keys, balances and positions of every account are public.",
	},
	Inspect: inspect,
}

const path = "/api/v1/apikeys"

// rightsOf: what a key signs without the wallet that owns the account, from the
// documentation and the client's transactions.
var rightsOf = rights.Table{
	"API key": rights.For(access.Read, access.TradeSpot, access.TradeFutures).Carrying(append(
		rights.Always(access.TransferInternal, access.SubaccountManage, access.Other("settings"), access.Other("pools"), access.Other("staking")),
		rights.Power{
			Capability: access.Withdraw, Implied: access.ImpliedAlways, AddressBook: access.BookAlways,
			Qualifier: "only to the wallet that owns the account",
		})...),
}

// failures: 21100 is in an issue of the exchange's client.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "21100"), // no such account
}

var (
	keyForm   = wire.Form("(?:0[xX])?" + wire.Hex + "{80}")
	indexForm = wire.Form("[0-9]{1,15}")
	tokenForm = regexp.MustCompile(`^(ro:[0-9]+:(?:single|all):)?([0-9]{9,11}):`)
)

// read refuses tokens by what their own text says: until when they are valid.
func read(text string) ([]byte, error) {
	if m := tokenForm.FindStringSubmatch(text); m != nil {
		kind := "an auth token"
		if m[1] != "" {
			kind = "a read-only token"
		}
		ends, _ := strconv.ParseInt(m[2], 10, 64)
		return nil, errors.New("it is " + kind + ", which ends on " + time.Unix(ends, 0).UTC().Format(time.DateOnly) +
			", and whether it is still valid no public read shows: give the private key of an API key")
	}
	if !keyForm.MatchString(text) {
		return nil, errors.New("the private key is not 80 hexadecimal digits: copy it again")
	}
	return hex.DecodeString(text[len(text)-2*size:])
}

// canonical is a public key without "0x"; empty if the text is none.
func canonical(text string) string {
	if !keyForm.MatchString(text) {
		return ""
	}
	return strings.ToLower(text[len(text)-2*size:])
}

// index is an account index without zeros in front; empty if the text is none.
func index(text string) string {
	if !indexForm.MatchString(text) {
		return ""
	}
	n, _ := strconv.ParseInt(text, 10, 64)
	return strconv.FormatInt(n, 10)
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodGet, Path: path, Query: "account_index=" + s.Account() + "&api_key_index=255", // all of them
	})
	if err != nil {
		return nil, err
	}
	body, err := failures.Open(resp, "message", "200")
	if err != nil {
		return nil, err
	}
	list, ok := body.Objects("api_keys")
	var keys []*access.Snapshot
	for _, record := range list {
		key, read := readKey(record)
		if ok = ok && read; key != nil {
			keys = append(keys, key)
		}
	}
	if !ok || body.Err() != nil {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap, others := keylist.Own(keys, s.Key())
	switch {
	case snap == nil && len(others) < len(keys): // at two indexes
		return nil, wire.NotUnderstood(resp, nil)
	case snap == nil:
		return nil, &access.Error{
			Kind: access.KindBadKey, Status: resp.Status,
			Message: "the account has no such key: it was replaced, or belongs to another account",
		}
	}
	snap.Account.ID, snap.Account.Kind = s.Account(), kindOf(s.Account())
	snap.ListsPart = true // read-only tokens, of up to ten years, are in no list
	for _, other := range others {
		if slices.Contains(ofApps, other.Label) {
			snap.Facts = append(snap.Facts, access.Fact{Name: "key of the exchange's own apps, at " + other.Label, Value: access.MaskID(other.KeyID)})
		} else {
			snap.Siblings = append(snap.Siblings, other)
		}
	}
	return snap, nil
}

// ofApps are the indexes of the exchange's own apps: of the website, and of two for phones.
var ofApps = []string{"index 0", "index 1", "index 2"}

// kindOf: main accounts are counted up from 0, and sub-accounts and pools down from 2^48 - 2.
func kindOf(account string) access.AccountKind {
	n, err := strconv.ParseInt(account, 10, 64)
	if err != nil {
		return access.AccountUnknown
	}
	return access.AccountKindOf(n < 1<<47)
}

// readKey reads the key at one index; nil if it has none, which are eighty zeros.
func readKey(record wire.Object) (*access.Snapshot, bool) {
	text, _ := record.Text("public_key")
	id := canonical(text)
	if id == "" || strings.Trim(id, "0") == "" {
		return nil, id != ""
	}
	snap := &access.Snapshot{}
	snap.KeyID, snap.KeyState, snap.Wallet = id, access.KeyActive, access.DelegatedWallet
	if at, ok := record.Int("api_key_index"); ok {
		snap.Label = "index " + strconv.FormatInt(at, 10)
	}
	rightsOf.Apply(snap, rightsOf.Listed([]string{"API key"}))
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	return snap, true
}

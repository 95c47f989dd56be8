// Package woox audits API keys of WOO X. Keys of WOOFi Pro are different: that is an
// exchange of its own.
//
// The exchange lists the account's keys, each with permissions and IP allowlist, and
// the calling key is found in the list by its name. It doesn't report creation date,
// expiry, last use, or whether the account is the main one. It omits the IP
// allowlist for a key that has none; here a missing list stays unknown, because an
// answer may lack it for other reasons. Keys are HMAC.
//
// Reference: https://developer.woox.io/api-reference/endpoint/account/credentials,
// checked 2026-11-22.
package woox

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is WOO X.
var Exchange = &adapter.Exchange{
	Name:    "woox",
	Title:   "WOO X",
	Docs:    "https://developer.woox.io/api-reference/endpoint/account/credentials",
	KeyPage: "https://woox.io/",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.woox.io", "https://api.woo.org"}},
		{Name: "staging", URLs: []string{"https://api.staging.woox.io"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "permissions and IP allowlists of the account's keys, including the calling key",
		},
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form("[A-Za-z0-9+/]{22}=="), SecretForm: wire.Form("[A-Z0-9]{28}"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		},
		// No permission is for these, and no call does them.
		Absent:    []access.Capability{access.TradeOptions, access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage},
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Always, Siblings: adapter.Sometimes,
		Confirmed: "documentation and an independent client's list of calls",
	},
	Limit: adapter.Limit{Requests: 10, Per: time.Minute},
	Notes: []string{
		"WOO X uses the same code for an unknown or expired key, a wrong secret and a missing permission.",
	},
	Inspect: inspect,
}

const (
	pathKeys = "/v3/account/credentials"
	// query requests all keys at once: the largest page there is.
	query = "page=1&size=1000"
)

// permissions: developer.woox.io, account/credentials. Which of them transfers
// require is unconfirmed.
var permissions = rights.Table{
	"READ": rights.For(access.Read),
	"TRADE": {
		Grants:  []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures},
		Perhaps: []access.Capability{access.TransferInternal},
		Implies: []string{"can convert currencies"},
	},
	"WITHDRAWAL": {
		Grants:  []access.Capability{access.Withdraw},
		Perhaps: []access.Capability{access.TransferInternal, access.TransferExternal},
	},
}

// failures: developer.woox.io, error codes. How an IP address that is not allowed and
// a wrong timestamp are refused is unconfirmed; most likely with -1002, like most.
var failures = wire.Failures{
	wire.Is(access.KindUnavailable, "-1000"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("-1001"),
	wire.OneOf(
		access.KindBadKey, access.KindBadSignature, access.KindExpired, access.KindForbidden, access.KindIPNotAllowed, access.KindClockSkew,
	).For("-1002"),
	wire.Is(access.KindRateLimited, "-1003"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+pathKeys+"?"+query)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKeys, Query: query, Header: http.Header{
		"X-Api-Key":       {s.Key()},
		"X-Api-Timestamp": {stamp},
		"X-Api-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, s.Key())
}

func parse(resp *adapter.Response, key string) (*access.Snapshot, error) {
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	rows, ok := data.Objects("rows")
	if !ok {
		return nil, wire.NotUnderstood(resp, data.Err())
	}
	var exact, masked, others, unnamed []*access.Snapshot
	for _, row := range rows {
		id, _ := row.Text("apiKey")
		listed := readKey(row)
		switch {
		case id == "": // may be any key, this one too
			unnamed = append(unnamed, listed)
		case id == key:
			exact = append(exact, listed)
		case matchesMask(id, key):
			masked = append(masked, listed)
		default:
			listed.KeyID = id
			others = append(others, listed)
		}
	}
	meta, _ := data.Object("meta")
	total, reported := meta.Int("total")
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	own := exact
	if len(own) == 0 && reported && total == int64(len(rows)) { // another page may have one with the same mask
		own = masked
	}
	if len(own) != 1 || len(unnamed) > 0 {
		own = []*access.Snapshot{unlisted()}
	}
	own[0].Siblings = append(others, unnamed...)
	own[0].ListsPart = !reported || total != int64(len(rows))
	return own[0], nil
}

// unwrap checks the envelope.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if done, _ := body.Bool("success"); !done || resp.Status != http.StatusOK {
		return body, failures.Said(resp, body, "code", "message")
	}
	data, _ := body.Object("data")
	return data, nil
}

// readKey reads one key of the list.
func readKey(row wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	held, _ := row.Strings("permissions")
	states := permissions.Listed(held)
	if !permissions.Knows(held) { // a list that names none of them denies nothing
		rights.DenyNothing(states)
	}
	permissions.Apply(snap, states)
	if list, ok := row.Strings("allowedIPs"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	} else {
		snap.Notes = append(snap.Notes, "The exchange reports no IP allowlist for this key, as for a key that is "+
			"usable from any IP address.")
	}
	if name, ok := row.Text("accountName"); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "accountName", Value: name})
	}
	return snap
}

// unlisted is for a key that isn't in the list, or not unambiguously. Not even that it
// may read is certain: the list also answers keys of which it doesn't say so.
func unlisted() *access.Snapshot {
	return &access.Snapshot{Answer: access.Answer{
		Notes: []string{"This key could not be identified in the exchange's list of keys, so what it may do is unknown."},
	}}
}

// matchesMask reports whether the exchange's text may be this key with its middle
// masked. The documentation's samples are masked; whether answers are is not
// confirmed.
func matchesMask(text, key string) bool {
	from, to := strings.IndexByte(text, '*'), strings.LastIndexByte(text, '*')
	const shortest = 6 // characters by which to recognise a key
	return from >= 0 && from+len(text)-to-1 >= shortest && strings.HasPrefix(key, text[:from]) && strings.HasSuffix(key, text[to+1:])
}

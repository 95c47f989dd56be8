// Package krakenfutures audits API keys of Kraken Futures. Keys of Kraken's spot API
// are different and have an adapter of their own.
//
// The exchange reports, for any key and in one request: the access to the two areas
// general and transfer, the IP allowlist, the account and when the key was created.
// It doesn't report an expiry, the last use, the label, the account's other keys, or
// whether the account is a main account or a sub-account. How it refuses an IP
// address that is not allowed is not documented. Keys are HMAC. The nonce is
// optional and left out, so that the audit can't disturb the counter of the key's
// other clients; this is documented for the API as a whole, not for this call.
//
// The demo exchange is left out: it was announced to close on 2026-07-14.
//
// Reference: https://docs.kraken.com/api-reference/api-keys/check-v3-api-key,
// checked 2026-11-22.
package krakenfutures

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Kraken Futures.
var Exchange = &adapter.Exchange{
	Name:         "krakenfutures",
	Title:        "Kraken Futures",
	Docs:         "https://docs.kraken.com/api-reference/api-keys/check-v3-api-key",
	KeyPage:      "https://futures.kraken.com/trade/settings/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://futures.kraken.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathCheck, Why: "access, IP allowlist and creation date of the calling key"},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64,
		KeyForm: wire.Form("[A-Za-z0-9+/]{56}"), SecretForm: wire.Form("[A-Za-z0-9+/]{86}(?:==)?"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeFutures, access.TransferInternal, access.SubaccountManage},
		// The exchange trades derivatives, and its API moves funds only to the
		// owner's own wallets and sub-accounts.
		Absent: []access.Capability{
			access.TradeSpot, access.TradeMargin, access.TradeOptions, access.Withdraw, access.WithdrawAddresses, access.TransferExternal,
			access.APIKeyManage,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	// The cost of the call is not published.
	Limit: adapter.Limit{Requests: 1, Per: time.Second},
	Notes: []string{
		"What the key's page calls the Withdrawal API moves funds only to the owner's Kraken spot wallet: " +
			"whether they can leave from there depends on the keys of the spot account.",
		"Full access to the General API includes transfers between the owner's futures wallets and sub-accounts.",
	},
	Inspect: inspect,
}

const (
	pathCheck = "/api/auth/v1/api-keys/v3/check"
	noAccess  = "NO_ACCESS"
)

// permissions maps "area:access". Source: the access that the reference requires on
// the page of each call. The key's page offers no READ_ONLY for transfers.
var permissions = rights.Table{
	"general:READ_ONLY": rights.For(access.Read).
		Implying("according to an older version of the exchange's specification (not tested): quotes for RFQs, and joining or leaving " +
			"the assignment programme"),
	"general:FULL_ACCESS": rights.For(access.Read, access.TradeFutures, access.TransferInternal).
		Implying("quotes for RFQs").Carrying(rights.Power{
		Capability: access.SubaccountManage, Implied: access.ImpliedOnMain, Qualifier: "switching trading on and off for sub-accounts",
	}),
	"transfer:READ_ONLY": rights.For(access.Other("transfer-read")),
	"transfer:FULL_ACCESS": rights.For(access.TransferInternal).
		Implying("moves funds to where the keys of the owner's Kraken spot account can use them"),
}

// notAuthentic: the exchange doesn't distinguish an unknown key from a wrong
// signature, and perhaps not an IP address that is not allowed from these two.
var notAuthentic = wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed)

// failures: the list of errors of the derivatives API, as texts and as its newer
// numbers.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden).For("authenticationError", "18"),
	wire.Is(access.KindNonce, "nonceBelowThreshold", "nonceDuplicate"),
	wire.Is(access.KindForbidden, "insufficientPrivileges"),
	wire.Is(access.KindDisabled, "accountInactive"),
	wire.Is(access.KindRateLimited, "apiLimitExceeded", "10"),
	wire.Is(access.KindUnavailable, "Unavailable", "Server Error", "marketUnavailable", "unknownError"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	digest := sha256.Sum256([]byte(pathCheck)) // no parameters and no nonce before the path
	signature, err := s.Sign(ctx, adapter.HMACSHA512, string(digest[:]))
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathCheck, Header: http.Header{
		"Apikey":  {s.Key()},
		"Authent": {base64.StdEncoding.EncodeToString(signature)},
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
	if resp.Status != http.StatusOK || body.Has("error") || body.Has("errors") || body.Has("result") {
		return nil, refusal(resp, body)
	}
	levels, ok := body.Object("permissions")
	if about, reported := body.Text("apiKey"); !ok || (reported && about != key) {
		return nil, wire.NotUnderstood(resp, errors.Join(body.Err(), errors.New("the answer is not about this key's permissions")))
	}
	snap := &access.Snapshot{Answer: access.Answer{IPAllowlist: readAllowlist(body)}}
	permissions.Apply(snap, readLevels(levels))
	snap.Account.ID, _ = body.Text("accountUid")
	snap.Created, _ = body.RFC3339("createdAt")
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// refusal reads the errors of the two services, which differ in form.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	code, _ := body.Text("error")
	message, _ := body.Text("message")
	if list, _ := body.Objects("errors"); len(list) > 0 {
		code, _ = list[0].Text("code")
		message, _ = list[0].Text("message")
	}
	e := failures.Refusal(resp, code, message)
	// The authentication service documents what its 401 means, and the form of
	// the answer, but no code.
	if _, known := failures.Find(code); !known && resp.Status == http.StatusUnauthorized && body.Has("error") {
		notAuthentic.Explain(e)
	}
	return e
}

// readLevels returns the state of every permission. An unknown access leaves its area
// unknown: it may be more than any known one.
func readLevels(levels wire.Object) map[string]access.State {
	states := map[string]access.State{}
	for _, area := range levels.Names() {
		level, ok := levels.Text(area)
		if !ok {
			continue
		}
		held := area + ":" + level
		if _, known := permissions[held]; known || level == noAccess {
			for name := range permissions {
				if strings.HasPrefix(name, area+":") {
					states[name] = access.Denied
				}
			}
		}
		if level != noAccess {
			states[held] = access.Granted
		}
	}
	return states
}

// readAllowlist joins the list with the older single range, which is null for an
// unrestricted key. An older version of the reference has neither: then nothing is
// known, and little if one of them is missing.
func readAllowlist(body wire.Object) access.IPAllowlist {
	if !body.Has("allowedCidrBlocks") && !body.Has("allowedCidrBlock") {
		return access.IPAllowlist{}
	}
	blocks, listed := body.Strings("allowedCidrBlocks")
	if single, ok := body.Text("allowedCidrBlock"); ok && !slices.Contains(blocks, single) {
		blocks = append(blocks, single)
	}
	out := access.NewIPAllowlist(blocks)
	if !listed || !body.Has("allowedCidrBlock") {
		out.Partial()
	}
	return out
}

// Package kraken audits API keys of Kraken's spot API. Keys of Kraken Futures are
// different and have an adapter of their own.
//
// The exchange reports, for any key and in one request that needs no permission:
// permissions, the IP allowlist, creation date, last change, expiry, the window
// of its nonces and of the history it may read. It doesn't report the account's
// other keys, or whether the account is a main account or a sub-account. Its
// documentation spells the members in camelCase, an answer recorded by a client in
// snake_case: both are read. How it refuses an IP address that is not allowed, or an
// expired key, is not documented.
//
// Keys are HMAC, with a nonce: the highest one ever used can't be lowered, so the
// core asks for the exchange's time before it creates one.
//
// Reference: https://docs.kraken.com/api-reference/account-data/get-api-key-info,
// checked 2026-11-22.
package kraken

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Kraken.
var Exchange = &adapter.Exchange{
	Name:         "kraken",
	Title:        "Kraken",
	Docs:         "https://docs.kraken.com/api-reference/account-data/get-api-key-info",
	KeyPage:      "https://pro.kraken.com/app/settings/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.kraken.com"}}},
	Calls: []adapter.Call{
		wire.NonceTimeCall(pathTime),
		{
			Method: http.MethodPost, Path: pathKeyInfo,
			Why: "permissions, IP allowlist and dates of the calling key; a read, although sent by POST",
		},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64, OTP: true, Nonce: true,
		KeyForm: wire.Form("[A-Za-z0-9+/]{56}"), SecretForm: wire.Form("[A-Za-z0-9+/]{86}(?:==)?"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.Withdraw, access.WithdrawAddresses, access.SubaccountManage},
		// No permission is for these. Internal transfers are in neither list:
		// query-funds and withdraw-funds include them, and nothing reports whether
		// the account has anywhere to transfer to.
		Absent:    []access.Capability{access.TradeFutures, access.TradeOptions, access.TransferExternal, access.APIKeyManage},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, LastUsed: adapter.Sometimes,
		Confirmed: "documentation and two independent clients",
	},
	// The counter is per key, and there is one request for each key.
	Limit: adapter.Limit{Requests: 1, Per: time.Second},
	Notes: []string{
		"Kraken remembers the highest nonce of a key permanently: a client with larger nonces locks out clients " +
			"with smaller ones.",
		"Withdrawals go to withdrawal addresses stored in the account beforehand; a key that may add or change them " +
			"can bypass this.",
		"Kraken occasionally calls a valid key invalid (EAPI:Invalid key): audit it again before you replace it.",
	},
	Inspect:    inspect,
	ServerTime: serverTime,
}

const (
	pathKeyInfo = "/0/private/GetApiKeyInfo"
	pathTime    = "/0/public/Time"
)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	nonce := strconv.FormatUint(s.Nonce(), 10)
	body := "nonce=" + nonce
	if otp := s.OTP(); otp != "" {
		body += "&otp=" + url.QueryEscape(otp)
	}
	digest := sha256.Sum256([]byte(nonce + body))
	signature, err := s.Sign(ctx, adapter.HMACSHA512, pathKeyInfo+string(digest[:]))
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: pathKeyInfo, Body: body, Header: http.Header{
		"Api-Key":      {s.Key()},
		"Api-Sign":     {base64.StdEncoding.EncodeToString(signature)},
		"Content-Type": {"application/x-www-form-urlencoded"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, s.Key(), s.Now())
}

func parse(resp *adapter.Response, key string, now time.Time) (*access.Snapshot, error) {
	result, err := unwrap(resp, now)
	if err != nil {
		return nil, err
	}
	in, err := spelling(result)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if about, ok := result.Text(in("apiKey")); ok && about != key {
		return nil, wire.NotUnderstood(resp, errors.New("the answer is about another key"))
	}
	snap := &access.Snapshot{Answer: access.Answer{ExpiryOffered: true}}
	snap.Label, _ = result.Text(in("apiKeyName"))
	snap.Account.ID, _ = result.Text("iban")
	var states map[string]access.State
	if held, ok := result.Strings("permissions"); ok {
		for i := range held {
			held[i] = canonical(held[i])
		}
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	// Unrestricted is [] in the reference and [""] in the recorded answer.
	if list, ok := result.Strings(in("ipAllowlist")); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, _ = result.Seconds(in("createdTime"))
	snap.Changed, _ = result.Seconds(in("modifiedTime"))
	snap.Expires, _ = result.Seconds(in("validUntil"))
	if until, ok := result.Int(in("validUntil")); ok {
		snap.NeverExpires = until == 0
	}
	// In the reference's sample the last use is the call itself, which says nothing
	// about the key's other clients.
	if used, _ := result.Seconds(in("lastUsed")); used.Before(now.Add(-time.Minute)) {
		snap.LastUsed = used
	}
	readWindows(result, in, snap)
	if err := result.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// readWindows reads the window and the unit of the key's nonces, and the window of
// the history it may read.
func readWindows(result wire.Object, in func(string) string, snap *access.Snapshot) {
	if window, ok := result.Text(in("nonceWindow")); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "nonceWindow", Value: window})
	}
	for _, name := range []string{"queryFrom", "queryTo"} { // "0" is no limit
		if at, ok := result.Seconds(in(name)); ok {
			snap.Facts = append(snap.Facts, access.Fact{Name: name, Value: at.Format(time.RFC3339)})
		}
	}
	if nonce, ok := result.Text("nonce"); ok && len(nonce) != len("1763791200123") {
		snap.Notes = append(snap.Notes, unitNote(nonce))
	}
}

// unwrap checks the envelope: an empty list of errors means success.
func unwrap(resp *adapter.Response, now time.Time) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	texts, reported := body.Strings("error")
	if len(texts) > 0 {
		return body, refusal(resp, texts[0], now)
	}
	result, ok := body.Object("result")
	if !reported || !ok || resp.Status != http.StatusOK {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return result, nil
}

// spelling returns the name under which the answer has a member. Both spellings at
// once could hide a permission.
func spelling(result wire.Object) (func(string) string, error) {
	snake := func(name string) string {
		var b strings.Builder
		for _, r := range name {
			if unicode.IsUpper(r) {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
		}
		return b.String()
	}
	for _, name := range result.Names() {
		if other := snake(name); other != name && result.Has(other) {
			return nil, errors.New("the answer has a member in both spellings")
		}
	}
	return func(name string) string {
		if other := snake(name); result.Has(other) {
			return other
		}
		return name
	}, nil
}

// unitNote is about a nonce that doesn't count milliseconds, as the audit's does.
func unitNote(nonce string) string {
	units := map[int]string{10: "seconds", 16: "microseconds", 19: "nanoseconds"}
	if unit := units[len(nonce)]; unit != "" {
		return "The key's nonce counts " + unit + ": the audit and the key's other clients must count in the same unit."
	}
	return "The key's nonce is not a Unix time in a common unit: the exchange may refuse clients that use one."
}

func serverTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathTime})
	if err != nil {
		return time.Time{}, err
	}
	result, err := unwrap(resp, s.Now())
	if err != nil {
		return time.Time{}, err
	}
	at, ok := result.Seconds("unixtime")
	if !ok {
		return time.Time{}, wire.NotUnderstood(resp, result.Err())
	}
	return at, nil
}

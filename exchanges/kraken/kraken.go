// Package kraken audits API keys of Kraken's spot API. Keys of Kraken Futures
// are others and have an adapter of their own.
//
// The exchange tells, for any key and in one request that needs no permission:
// permissions, the bound addresses, creation, last change, expiry, the window
// of its nonces and of the history it may read. It doesn't tell the account's
// other keys, nor main account from sub-account. Its documentation spells the
// members in camelCase, an answer recorded by a client in snake_case: both are
// read. What a blocked address or an expired key gets is not documented.
//
// Keys are HMAC, with a nonce: the highest one ever used can't be lowered, so
// the core asks for the exchange's time before it makes one.
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
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.kraken.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time, so that the nonce is never ahead of the exchange's clock"},
		{Method: http.MethodPost, Path: pathKeyInfo, Why: "permissions, addresses and dates of the calling key; a read, though sent by POST"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64, OTP: true, Nonce: true},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.Withdraw, access.WithdrawAddresses},
		// No permission is for these. Internal transfers are in neither list:
		// they come with query-funds and withdraw-funds, and nothing tells
		// whether the account has where to transfer to.
		Absent:    []access.Capability{access.TradeFutures, access.TradeOptions, access.TransferExternal, access.SubaccountManage, access.APIKeyManage},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, LastUsed: adapter.Sometimes,
		Confirmed: "documents and two independent clients",
	},
	// The counter is per key, and each key is asked once.
	Limit: adapter.Limit{Requests: 1, Per: time.Second},
	Notes: []string{
		"Kraken remembers the highest nonce of a key for good: a client that counts in a larger unit locks those with a smaller one out.",
		"Withdrawals go to addresses stored in the account beforehand; a key that may add or change those addresses undoes that.",
		"Kraken now and then calls a good key invalid (EAPI:Invalid key): audit it again before you replace it.",
		"Kraken may disable keys, or take trading from them, after several months without use.",
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
	result, refusal := unwrap(resp, now)
	if refusal != nil {
		return nil, refusal
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
	if list, ok := result.Strings(in("ipAllowlist")); ok { // open is [] in the reference and [""] in the recorded answer
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, _ = result.Seconds(in("createdTime"))
	snap.Changed, _ = result.Seconds(in("modifiedTime"))
	snap.Expires, _ = result.Seconds(in("validUntil"))
	if until, ok := result.Int(in("validUntil")); ok {
		snap.NeverExpires = until == 0
	}
	// In the reference's sample the last use is the very call that asks, which
	// says nothing about the key's other clients.
	if used, ok := result.Seconds(in("lastUsed")); ok && used.Before(now.Add(-time.Minute)) {
		snap.LastUsed = used
	}
	if window, ok := result.Text(in("nonceWindow")); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "nonceWindow", Value: window})
	}
	for _, name := range []string{"queryFrom", "queryTo"} { // "0" is no bound
		if at, ok := result.Seconds(in(name)); ok {
			snap.Facts = append(snap.Facts, access.Fact{Name: name, Value: at.Format(time.RFC3339)})
		}
	}
	if nonce, ok := result.Text("nonce"); ok && len(nonce) != len("1763791200123") {
		snap.Notes = append(snap.Notes, unitNote(nonce))
	}
	if err := result.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope: an empty list of errors means success.
func unwrap(resp *adapter.Response, now time.Time) (wire.Object, *access.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	texts, told := body.Strings("error")
	if len(texts) > 0 {
		return body, refused(resp, texts[0], now)
	}
	result, ok := body.Object("result")
	if !told || !ok || resp.Status != http.StatusOK {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return result, nil
}

// spelling gives the name under which the answer has a member. Both spellings
// at once could mask a permission.
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

// unitNote is about a nonce that doesn't count milliseconds, as the audit does.
func unitNote(nonce string) string {
	units := map[int]string{10: "seconds", 16: "microseconds", 19: "nanoseconds"}
	if unit := units[len(nonce)]; unit != "" {
		return "The key's nonce counts " + unit + ": the audit and the key's other clients must count in the same unit."
	}
	return "The key's nonce is no Unix time in a usual unit: clients that use one may be refused."
}

func serverTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathTime})
	if err != nil {
		return time.Time{}, err
	}
	result, refusal := unwrap(resp, s.Now())
	if refusal != nil {
		return time.Time{}, refusal
	}
	at, ok := result.Seconds("unixtime")
	if !ok {
		return time.Time{}, wire.NotUnderstood(resp, result.Err())
	}
	return at, nil
}

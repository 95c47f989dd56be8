// Package bybit audits API keys of Bybit.
//
// The exchange reports, for any key and in one request: permissions, the read-only
// switch, the IP allowlist, creation date, expiry, and whether the key belongs to
// the main account. It doesn't report the last use or the account's other keys.
// Keys are HMAC or RSA.
//
// Reference: https://bybit-exchange.github.io/docs/v5/user/apikey-info,
// checked 2026-11-22.
package bybit

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Bybit.
var Exchange = &adapter.Exchange{
	Name:    "bybit",
	Title:   "Bybit",
	Docs:    "https://bybit-exchange.github.io/docs/v5/user/apikey-info",
	KeyPage: "https://www.bybit.com/app/user/api-management",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.bybit.com", "https://api.bytick.com"}},
		{Name: "testnet", URLs: []string{"https://api-testnet.bybit.com"}, Test: true},
		{Name: "demo", URLs: []string{"https://api-demo.bybit.com"}, Test: true},
		{Name: "nl", URLs: []string{"https://api.bybit.nl"}},
		{Name: "tr", URLs: []string{"https://api.bybit.tr"}},
		{Name: "kz", URLs: []string{"https://api.bybit.kz"}},
		{Name: "ge", URLs: []string{"https://api.bybitgeorgia.ge"}},
		{Name: "ae", URLs: []string{"https://api.bybit.ae"}},
		{Name: "eu", URLs: []string{"https://api.bybit.eu"}},
		{Name: "id", URLs: []string{"https://api.bybit.id"}},
		{Name: "jp", URLs: []string{"https://api.manepa.jp"}},
		{Name: "jp-testnet", URLs: []string{"https://api-testnet.manepa.jp"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathQuery, Why: "permissions, IP allowlist and dates of the calling key"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret, access.RSAKey}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Absent:    []access.Capability{access.WithdrawAddresses}, // no permission is for these
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, AccountKind: adapter.Always,
		Confirmed: "documentation and an independent client",
	},
	Limit:       adapter.Limit{Requests: 10, Per: time.Second},
	ClockWindow: window * time.Millisecond,
	// 10010 comes for keys of third-party apps without any IP address as well; reported
	// by users of independent clients, 2025.
	RefusesIPFreely: true,
	Notes: []string{
		"Withdrawals by API go only to saved withdrawal addresses.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "time", wire.Object.Millis),
}

const (
	pathQuery = "/v5/user/query-api"
	pathTime  = "/v5/market/time"
	window    = 5000 // milliseconds
)

// failures: docs/v5/error. Clients disagree about 10009 and -2015, so they stay
// ambiguous.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "10003"),
	wire.Is(access.KindBadSignature, "10004", "10001"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("10007"),
	wire.Is(access.KindIPNotAllowed, "10010"),
	wire.Is(access.KindClockSkew, "10002", "-1"),
	wire.Is(access.KindExpired, "33004"),
	wire.OneOf(access.KindExpired, access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden).For("-2015"),
	wire.Is(access.KindForbidden, "10005", "10028", "100028", "141019", "141020"),
	wire.Is(access.KindRateLimited, "10006"),
	wire.Is(access.KindBanned, "10008"),
	wire.OneOf(access.KindGeoBlocked, access.KindBanned).For("10009"),
	wire.Is(access.KindGeoBlocked, "10024"),
	wire.Is(access.KindDisabled, "10027"),
	wire.Is(access.KindUnavailable, "10000", "10016"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	text := stamp + s.Key() + strconv.Itoa(window)
	algorithm, encode := adapter.HMACSHA256, hex.EncodeToString
	if s.KeyKind() == access.RSAKey {
		algorithm, encode = adapter.RSASHA256, base64.StdEncoding.EncodeToString
	}
	signature, err := s.Sign(ctx, algorithm, text)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathQuery, Header: http.Header{
		"X-Bapi-Api-Key":     {s.Key()},
		"X-Bapi-Timestamp":   {stamp},
		"X-Bapi-Recv-Window": {strconv.Itoa(window)},
		"X-Bapi-Sign":        {encode(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	result, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	states, readOnly, err := readPermissions(result)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	// Code 10029 refuses pairs that a key isn't limited to; this call doesn't list them.
	snap := &access.Snapshot{Answer: access.Answer{PairAllowlist: access.PairAllowlist{Offered: true}}}
	snap.Label, _ = result.Text("note")
	snap.Account.ID, _ = result.Text("userID")
	rights.Prove(snap, access.Read)
	readAccountKind(result, snap)
	withPayGroup(states).Apply(snap, states)
	ownKey(snap)
	switch readOnly {
	case access.Granted:
		applyReadOnly(snap)
	case access.Unknown:
		perhapsReadOnly(snap)
	default:
	}
	// Unrestricted keys are reported as ["*"]; [] is taken to mean the same.
	if ips, ok := result.Strings("ips"); ok {
		if slices.Equal(ips, []string{"*"}) { // how the exchange writes "unrestricted"
			ips = nil
		}
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	readVendor(result, snap)
	snap.Created, _ = result.RFC3339("createdAt")
	snap.Expires, _ = result.RFC3339("expiredAt")
	if text, _ := result.Text("expiredAt"); text == "1970-01-01T00:00:00Z" {
		snap.NeverExpires = true
	}
	if snap.IPAllowlist.State == access.AllowlistUnrestricted && !snap.NeverExpires {
		snap.Deadlines = []access.Deadline{{What: "the exchange expires keys without an IP allowlist after 90 days", At: snap.Expires, DateMissing: snap.Expires.IsZero()}}
	}
	if err := result.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// readVendor: keys of the type 2 are connected to a third-party app.
func readVendor(result wire.Object, snap *access.Snapshot) {
	restricted := snap.IPAllowlist.State == access.AllowlistRestricted
	switch kind, typed := result.Int("type"); {
	case !typed:
		snap.IPAllowlist.VendorUnclear = restricted
	case kind == 2 && restricted:
		snap.IPAllowlist.Vendor = "a third-party app"
		snap.Notes = append(snap.Notes, "The key is connected to a third-party app, and is restricted to the app's IP addresses.")
	case kind == 2:
		snap.Notes = append(snap.Notes, "The key is connected to a third-party app.")
	}
}

// readAccountKind: a main account has no parent, which is written "0". Either of
// the two statements is enough to count as a main account, the more dangerous
// reading.
func readAccountKind(result wire.Object, snap *access.Snapshot) {
	main, reported := result.Bool("isMaster")
	parent, _ := result.Text("parentUid")
	if !reported {
		return
	}
	snap.Account.Kind = access.AccountKindOf(main || parent == "0")
	if parent != "" && main != (parent == "0") {
		snap.Contradictions = append(snap.Contradictions, "isMaster and parentUid disagree about whether the key "+
			"belongs to the main account")
	}
}

// unwrap checks the envelope. An unknown key may get an empty 401 (seen live by
// a third party, 2026-09).
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	switch {
	case resp.Status == http.StatusUnauthorized && len(resp.Body) == 0:
		return body, &access.Error{Kind: access.KindBadKey, Status: resp.Status}
	case err != nil:
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("retCode")
	message, _ := body.Text("retMsg")
	if code != "0" || resp.Status != http.StatusOK {
		return body, failures.Refusal(resp, code, message)
	}
	result, ok := body.Object("result")
	if !ok {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return result, nil
}

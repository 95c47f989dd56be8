// Package kucoin audits API keys of KuCoin.
//
// The exchange reports, for any key and in one request: permissions, the IP
// allowlist (newer answers mask its entries), creation date, whether the key belongs
// to the main account and, in newer answers, expiry and the third-party app it was
// created for. It doesn't report the last use. Keys are HMAC, with a passphrase;
// each works at its own site only.
//
// Reference: https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info,
// checked 2026-11-22.
package kucoin

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is KuCoin.
var Exchange = &adapter.Exchange{
	Name:    "kucoin",
	Title:   "KuCoin",
	Docs:    "https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info",
	KeyPage: "https://www.kucoin.com/account/api",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.kucoin.com"}},
		{Name: "eu", URLs: []string{"https://api.kucoin.eu"}},
		{Name: "tr", URLs: []string{"https://api.kucoin.tr"}},
		{Name: "au", URLs: []string{"https://api.kucoin.com"}, Headers: map[string]string{"X-SITE-TYPE": "australia"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKey, Why: "permissions, IP allowlist and dates of the calling key"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true,
		KeyForm: wire.Form(wire.Hex + "{24}"), SecretForm: wire.Form(wire.UUID),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
			access.SubaccountManage, access.APIKeyManage,
		},
		Absent:    []access.Capability{access.TradeOptions, access.WithdrawAddresses}, // no permission is for these
		Allowlist: adapter.Always, AllowlistEntries: adapter.Sometimes, Created: adapter.Always, Expires: adapter.Sometimes, AccountKind: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	// Weight 20 of the 2000 that the lowest level has in 30 seconds.
	Limit:       adapter.Limit{Requests: 100, Per: 30 * time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"Transfer is the right to withdraw, and needs no confirmation by email or second factor; InnerTransfer " +
			"moves funds between own accounts.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "data", wire.Object.Millis),
}

const (
	pathKey  = "/api/v1/user/api-key"
	pathTime = "/api/v1/timestamp"
	// keyVersion is what the exchange's own SDK sends for every key.
	keyVersion = "3"
)

// failures: docs-new, error codes. The adapter doesn't send the headers that 400200
// to 400202 are about, and 112010 belongs to the unified API, so those are not
// understood.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "400003"),
	wire.Is(access.KindBadSignature, "400001", "400004", "400005"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("400401"),
	wire.Is(access.KindIPNotAllowed, "400006"),
	wire.Is(access.KindClockSkew, "400002"),
	wire.Is(access.KindForbidden, "400007", "400008", "400009", "400010"),
	wire.Is(access.KindGeoBlocked, "400301"),
	wire.Is(access.KindDisabled, "400303", "411100"),
	wire.Is(access.KindRateLimited, "429000"),
	wire.Is(access.KindUnavailable, "500000"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+pathKey)
	if err != nil {
		return nil, err
	}
	// Since keys of version 2 the passphrase is sent signed.
	passphrase, err := s.Sign(ctx, adapter.HMACSHA256, s.Passphrase())
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKey, Header: http.Header{
		"Kc-Api-Key":         {s.Key()},
		"Kc-Api-Sign":        {base64.StdEncoding.EncodeToString(signature)},
		"Kc-Api-Timestamp":   {stamp},
		"Kc-Api-Passphrase":  {base64.StdEncoding.EncodeToString(passphrase)},
		"Kc-Api-Key-Version": {keyVersion},
		"Content-Type":       {"application/json"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	data, ok := body.Object("data")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := &access.Snapshot{}
	snap.Label, _ = data.Text("remark")
	snap.Account.ID, _ = data.Text("uid")
	if main, ok := data.Bool("isMaster"); ok {
		snap.Account.Kind = access.AccountKindOf(main)
	}
	readPermissions(data, snap)
	readAllowlist(data, snap)
	snap.Created, _ = data.Millis("createdAt")
	snap.Expires, _ = data.Millis("expiredAt")
	snap.NeverExpires = data.IsNull("expiredAt")
	snap.ExpiryOffered = data.Has("expiredAt") // older answers don't have it
	for _, name := range []string{"apiVersion", "siteType"} {
		if value, ok := data.Text(name); ok {
			snap.Facts = append(snap.Facts, access.Fact{Name: name, Value: value})
		}
	}
	if version, ok := data.Int("apiVersion"); ok && version < 3 {
		snap.Notes = append(snap.Notes, "The key has an old version: new keys have version "+keyVersion+".")
		if version < 2 {
			snap.Retired = "keys of version 1 were deprecated in 2021"
		}
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope, body before status.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := failures.Open(resp, "msg", "200000")
	var refusal *access.Error
	if errors.As(err, &refusal) && refusal.Kind == access.KindRateLimited {
		if ms, err := strconv.ParseUint(resp.Header.Get("gw-ratelimit-reset"), 10, 31); err == nil {
			refusal.RetryAfter = time.Duration(ms) * time.Millisecond
		}
	}
	return body, err
}

// readAllowlist reads the IP allowlist, and what follows from it for the rights
// already read.
func readAllowlist(data wire.Object, snap *access.Snapshot) {
	if ips, ok := data.Commas("ipWhitelist"); ok { // empty means unrestricted
		snap.IPAllowlist = access.NewIPAllowlist(ips)
		snap.IPAllowlist.Mandatory = snap.Can(access.Withdraw) || snap.Can(access.TransferInternal)
	}
	list := &snap.IPAllowlist
	if list.Mandatory && list.State == access.AllowlistUnrestricted {
		snap.Contradictions = append(snap.Contradictions, "the key may withdraw or transfer, which the exchange "+
			"grants only with an IP allowlist, but it has none")
	}
	app, said := data.Text("thirdPartyApp")
	list.VendorUnclear = !said && list.State == access.AllowlistRestricted
	if app != "" {
		list.Vendor = app
		snap.Notes = append(snap.Notes, "The key was created for a third-party app, and such keys are usable from "+
			"the app's IP addresses.")
		if snap.Can(access.Withdraw) {
			snap.Contradictions = append(snap.Contradictions, "the key may withdraw, which the exchange never "+
				"grants to a key created for a third-party app")
		}
	}
	trades := slices.ContainsFunc(snap.Grants, func(g access.Grant) bool { return g.Capability.Trades() && g.State != access.Denied })
	if trades && list.State != access.AllowlistRestricted { // what is unknown counts as held and as unrestricted
		snap.Deadlines = []access.Deadline{{
			What: "the exchange deletes keys that can trade and have no IP allowlist, or removes that right, after 30 days " +
				"without use",
		}}
	}
}

// Package kucoin audits API keys of KuCoin.
//
// The exchange tells, for any key and in one request: permissions, how many
// addresses the key is bound to (newer answers mask them), creation, whether it
// belongs to the main account and, in newer answers, expiry and the third-party
// app it was made for. It doesn't tell the last use. Keys are HMAC, with a
// passphrase; each works at its own site only.
//
// Reference: https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info,
// checked 2026-11-22.
package kucoin

import (
	"context"
	"encoding/base64"
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
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.kucoin.com"}},
		{Name: "eu", URLs: []string{"https://api.kucoin.eu"}},
		{Name: "tr", URLs: []string{"https://api.kucoin.tr"}},
		{Name: "au", URLs: []string{"https://api.kucoin.com"}, Headers: map[string]string{"X-SITE-TYPE": "australia"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKey, Why: "permissions, addresses and dates of the calling key"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		},
		// No permission is for these; see masterPower on the last two.
		Absent:    []access.Capability{access.TradeOptions, access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Sometimes, Created: adapter.Always, Expires: adapter.Sometimes, AccountKind: adapter.Always,
		Confirmed: "documents and independent clients",
	},
	// Weight 20 of the 2000 that the lowest level has in 30 s.
	Limit:       adapter.Limit{Requests: 100, Per: 30 * time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"Transfer is the right to withdraw, and needs no confirmation by e-mail or second factor; InnerTransfer moves funds between own accounts.",
		"Keys that can trade and are not bound to an address lose that right or are deleted after 30 days without use.",
		"The rights to withdraw and to transfer are given only together with an IP restriction.",
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

// masterPower is documented by the pages of the sub-account calls and not
// confirmed, so it stays a note on the right to read, which every key has.
const masterPower = "by the exchange's documentation, which nobody has confirmed: creating sub-accounts, and creating, changing and deleting " +
	"their API keys, for which a key of the main account needs no more than General"

// failures: docs-new, error codes. No key of ours sends the headers that
// 400200 to 400202 speak of, and 112010 belongs to the unified API, so those
// are not understood.
var failures = wire.Failures{
	"400003": wire.Is(access.KindBadKey),
	"400001": wire.Is(access.KindBadSignature),
	"400004": wire.Is(access.KindBadSignature),
	"400005": wire.Is(access.KindBadSignature),
	"400401": wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"400006": wire.Is(access.KindIPNotAllowed),
	"400002": wire.Is(access.KindClockSkew),
	"400007": wire.Is(access.KindForbidden),
	"400008": wire.Is(access.KindForbidden),
	"400009": wire.Is(access.KindForbidden),
	"400010": wire.Is(access.KindForbidden),
	"400301": wire.Is(access.KindGeoBlocked),
	"400303": wire.Is(access.KindDisabled),
	"411100": wire.Is(access.KindDisabled),
	"429000": wire.Is(access.KindRateLimited),
	"500000": wire.Is(access.KindUnavailable),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
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
	body, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
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
	snap.ExpiryOffered = data.Has("expiredAt") // older answers don't know of it
	for _, name := range []string{"apiVersion", "siteType"} {
		if value, ok := data.Text(name); ok {
			snap.Facts = append(snap.Facts, access.Fact{Name: name, Value: value})
		}
	}
	if version, ok := data.Int("apiVersion"); ok && version < 3 {
		snap.Notes = append(snap.Notes, "The key is of an old version: new ones are of version "+keyVersion+".")
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope, body before status. A 403 that is no JSON is a
// banned address or a place that isn't served.
func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	body, refusal := failures.Open(resp, "msg", "200000")
	if refusal != nil && refusal.Kind == access.KindRateLimited {
		if ms, err := strconv.ParseUint(resp.Header.Get("gw-ratelimit-reset"), 10, 31); err == nil {
			refusal.RetryAfter = time.Duration(ms) * time.Millisecond
		}
	}
	return body, refusal
}

// readAllowlist reads the addresses, and what follows from them for the rights
// already read.
func readAllowlist(data wire.Object, snap *access.Snapshot) {
	if ips, ok := data.Commas("ipWhitelist"); ok { // empty means not bound
		snap.IPAllowlist = access.NewIPAllowlist(ips)
		snap.IPAllowlist.Mandatory = snap.Can(access.Withdraw) || snap.Can(access.TransferInternal)
	}
	list := &snap.IPAllowlist
	if list.Mandatory && list.State == access.AllowlistUnrestricted {
		snap.Contradictions = append(snap.Contradictions, "the key may withdraw or transfer, which the exchange grants only with an IP restriction, and it has none")
	}
	if app, ok := data.Text("thirdPartyApp"); ok && app != "" {
		list.Vendor = app
		snap.Notes = append(snap.Notes, "The key was made for a third-party app, and such keys work from the app's addresses.")
		if snap.Can(access.Withdraw) {
			snap.Contradictions = append(snap.Contradictions, "the key may withdraw, which the exchange never grants to a key made for a third-party app")
		}
	}
	trades := slices.ContainsFunc(snap.Grants, func(g access.Grant) bool { return g.Capability.Trades() && g.State != access.Denied })
	if trades && list.State != access.AllowlistRestricted { // what isn't known counts as held and as not bound
		snap.Deadlines = []access.Deadline{{What: "keys that can trade and are not bound to an address lose that right or are deleted after 30 days without use"}}
	}
}

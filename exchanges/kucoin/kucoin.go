// Package kucoin audits API keys of KuCoin.
//
// The venue tells, for any key and in one request: permissions, how many
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

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is KuCoin.
var Exchange = &audit.Exchange{
	Name:    "kucoin",
	Title:   "KuCoin",
	Docs:    "https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info",
	KeyPage: "https://www.kucoin.com/account/api",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: []string{"https://api.kucoin.com"}},
		{Name: "eu", URLs: []string{"https://api.kucoin.eu"}},
		{Name: "tr", URLs: []string{"https://api.kucoin.tr"}},
		{Name: "au", URLs: []string{"https://api.kucoin.com"}, Headers: map[string]string{"X-SITE-TYPE": "australia"}},
	},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathKey, Why: "permissions, addresses and dates of the calling key"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}, Passphrase: true},
	Coverage: audit.Coverage{
		Tells: []audit.Capability{
			audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.Withdraw, audit.TransferInternal, audit.TransferExternal,
		},
		// No permission is for these; see masterPower on the last two.
		Absent:    []audit.Capability{audit.TradeOptions, audit.WithdrawAddresses, audit.SubaccountManage, audit.APIKeyManage},
		Allowlist: audit.Always, AllowlistEntries: audit.Sometimes, Created: audit.Always, Expires: audit.Sometimes, AccountKind: audit.Always,
		Confirmed: "documents and independent clients",
	},
	// Weight 20 of the 2000 that the lowest level has in 30 s.
	Limit:       audit.Limit{Requests: 100, Per: 30 * time.Second},
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
	// keyVersion is what the venue's own SDK sends for every key.
	keyVersion = "3"
)

// masterPower is documented by the pages of the sub-account calls and not
// confirmed, so it stays a note on the right to read, which every key has.
const masterPower = "by the venue's documentation, which nobody has confirmed: creating sub-accounts, and creating, changing and deleting " +
	"their API keys, for which a key of the main account needs no more than General"

// failures: docs-new, error codes. No key of ours sends the headers that
// 400200 to 400202 speak of, and 112010 belongs to the unified API, so those
// are not understood.
var failures = wire.Failures{
	"400003": wire.Is(audit.KindBadKey),
	"400001": wire.Is(audit.KindBadSignature),
	"400004": wire.Is(audit.KindBadSignature),
	"400005": wire.Is(audit.KindBadSignature),
	"400401": wire.OneOf(audit.KindBadKey, audit.KindBadSignature),
	"400006": wire.Is(audit.KindIPNotAllowed),
	"400002": wire.Is(audit.KindClockSkew),
	"400007": wire.Is(audit.KindForbidden),
	"400008": wire.Is(audit.KindForbidden),
	"400009": wire.Is(audit.KindForbidden),
	"400010": wire.Is(audit.KindForbidden),
	"400301": wire.Is(audit.KindGeoBlocked),
	"400303": wire.Is(audit.KindDisabled),
	"411100": wire.Is(audit.KindDisabled),
	"429000": wire.Is(audit.KindRateLimited),
	"500000": wire.Is(audit.KindUnavailable),
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, audit.HMACSHA256, stamp+http.MethodGet+pathKey)
	if err != nil {
		return nil, err
	}
	// Since keys of version 2 the passphrase is sent signed.
	passphrase, err := s.Sign(ctx, audit.HMACSHA256, s.Passphrase())
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathKey, Header: http.Header{
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

func parse(resp *audit.Response) (*audit.Snapshot, error) {
	body, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	data, ok := body.Object("data")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := &audit.Snapshot{}
	snap.Label, _ = data.Text("remark")
	snap.Account.ID, _ = data.Text("uid")
	if main, ok := data.Bool("isMaster"); ok {
		snap.Account.Kind = audit.AccountKindOf(main)
	}
	readPermissions(data, snap)
	readAllowlist(data, snap)
	snap.Created, _ = data.Millis("createdAt")
	snap.Expires, _ = data.Millis("expiredAt")
	snap.NeverExpires = data.IsNull("expiredAt")
	snap.ExpiryOffered = data.Has("expiredAt") // older answers don't know of it
	for _, name := range []string{"apiVersion", "siteType"} {
		if value, ok := data.Text(name); ok {
			snap.Facts = append(snap.Facts, audit.Fact{Name: name, Value: value})
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
func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
	body, refusal := failures.Open(resp, "msg", "200000")
	if refusal != nil && refusal.Kind == audit.KindRateLimited {
		if ms, err := strconv.ParseUint(resp.Header.Get("gw-ratelimit-reset"), 10, 31); err == nil {
			refusal.RetryAfter = time.Duration(ms) * time.Millisecond
		}
	}
	return body, refusal
}

// readAllowlist reads the addresses, and what follows from them for the rights
// already read.
func readAllowlist(data wire.Object, snap *audit.Snapshot) {
	if ips, ok := data.Commas("ipWhitelist"); ok { // empty means not bound
		snap.IPAllowlist = audit.NewIPAllowlist(ips)
		snap.IPAllowlist.Mandatory = snap.Can(audit.Withdraw) || snap.Can(audit.TransferInternal)
	}
	list := &snap.IPAllowlist
	if list.Mandatory && list.State == audit.AllowlistUnrestricted {
		snap.Contradictions = append(snap.Contradictions, "the key may withdraw or transfer, which the venue grants only with an IP restriction, and it has none")
	}
	if app, ok := data.Text("thirdPartyApp"); ok && app != "" {
		list.Vendor = app
		snap.Notes = append(snap.Notes, "The key was made for a third-party app, and such keys work from the app's addresses.")
		if snap.Can(audit.Withdraw) {
			snap.Contradictions = append(snap.Contradictions, "the key may withdraw, which the venue never grants to a key made for a third-party app")
		}
	}
	trades := slices.ContainsFunc(snap.Grants, func(g audit.Grant) bool { return g.Capability.Trades() && g.State != audit.Denied })
	if trades && list.State != audit.AllowlistRestricted { // what isn't known counts as held and as not bound
		snap.Deadlines = []audit.Deadline{{What: "keys that can trade and are not bound to an address lose that right or are deleted after 30 days without use"}}
	}
}

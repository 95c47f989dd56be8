// Package okx audits API keys of OKX.
//
// The exchange reports, for any key that can read and in one request: the three
// permissions, the IP allowlist, the label, and whether the key belongs to a main
// account. It doesn't report when the key was created, expires or was last used.
// Keys are HMAC, with a passphrase; keys of demo trading work in the demo
// environments only.
//
// Reference: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration,
// checked 2026-11-22.
package okx

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is OKX.
var Exchange = &adapter.Exchange{
	Name:    "okx",
	Title:   "OKX",
	Docs:    "https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration",
	KeyPage: "https://www.okx.com/account/my-api",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: global},
		{Name: "demo", URLs: global, Headers: simulated, Test: true},
		{Name: "eea", URLs: eea},
		{Name: "eea-demo", URLs: eea, Headers: simulated, Test: true},
		{Name: "us", URLs: us},
		{Name: "us-demo", URLs: us, Headers: simulated, Test: true},
		{Name: "tr", URLs: tr},
		{Name: "tr-demo", URLs: tr, Headers: simulated, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathConfig, Why: "permissions, IP allowlist and account of the calling key"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true,
		KeyForm: wire.Form(wire.UUID), SecretForm: wire.Form(wire.Hex + "{32}"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Absent:    []access.Capability{access.WithdrawAddresses}, // no permission is for these
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, AccountKind: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	Limit:       adapter.Limit{Requests: 5, Per: 2 * time.Second},
	ClockWindow: 30 * time.Second,
	Probe:       pathConfig,
	Notes: []string{
		"The API withdraws only to withdrawal addresses and accounts saved on the website.",
		"Options can be traded only after the account has activated them.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "ts", wire.Object.Millis),
}

const (
	pathConfig = "/api/v5/account/config"
	pathTime   = "/api/v5/public/time"
	stampForm  = "2006-01-02T15:04:05.000Z"
)

// The demo of a site is the site with an additional header.
var (
	global    = []string{"https://www.okx.com", "https://openapi.okx.com", "https://aws.okx.com"}
	eea       = []string{"https://eea.okx.com", "https://my.okx.com"}
	us        = []string{"https://us.okx.com", "https://app.okx.com"}
	tr        = []string{"https://tr.okx.com"}
	simulated = map[string]string{"x-simulated-trading": "1"}
)

// permissions: docs-v5/en/#overview-api-key-creation, where Trade "can place and
// cancel orders, funding transfer, make settings". A sample of the call that
// changes sub-account keys has read in place of read_only.
var permissions = rights.Table{
	"read_only": rights.For(access.Read),
	"read":      rights.For(access.Read),
	"trade": rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal).Implying(
		"earn, loans, convert and copy trading",
		"on a main account: transfers to and from its sub-accounts").Carrying(managing...),
	"withdraw": {
		Grants:    []access.Capability{access.Withdraw, access.TransferExternal},
		Qualifier: "only to withdrawal addresses and accounts saved on the website", AddressBook: access.BookAlways,
	},
}

// managing: creating sub-accounts, and creating, changing and deleting their API keys,
// needs Trade and a key of a main account that is linked to IP addresses.
var managing = []rights.Power{
	{Capability: access.APIKeyManage, Implied: access.ImpliedOnMain, If: restricted},
	{Capability: access.SubaccountManage, Implied: access.ImpliedOnMain, If: restricted},
}

// restricted reports whether a key is linked to IP addresses.
func restricted(snap *access.Snapshot) access.State {
	switch snap.IPAllowlist.State {
	case access.AllowlistUnrestricted:
		return access.Denied
	case access.AllowlistUnknown:
		return access.Unknown
	default:
		return access.Granted
	}
}

// failures: docs-v5/en/#error-code. A key of another site gets the answer for an
// unknown key; 50121 is about the location, not about the key's IP allowlist.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "50119", "50111", "50103", "50008"),
	wire.Is(access.KindBadSignature, "50113", "50105", "50104", "50106"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("50114"),
	wire.Is(access.KindIPNotAllowed, "50110"),
	wire.Is(access.KindClockSkew, "50102", "50107", "50112"),
	wire.Is(access.KindWrongEnvironment, "50101"),
	wire.Is(access.KindForbidden, "50030", "50035", "50120", "59500"),
	wire.Is(access.KindRateLimited, "50011", "50061"),
	wire.Is(access.KindDisabled, "50007", "50009", "50012", "50027", "50029", "50059", "50060", "50100"),
	wire.Is(access.KindGeoBlocked, "50051", "50052", "50121"),
	wire.Is(access.KindUnavailable, "50001", "50004", "50005", "50013", "50026"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := s.Now().UTC().Format(stampForm)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+pathConfig)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathConfig, Header: http.Header{
		"Ok-Access-Key":        {s.Key()},
		"Ok-Access-Sign":       {base64.StdEncoding.EncodeToString(signature)},
		"Ok-Access-Timestamp":  {stamp},
		"Ok-Access-Passphrase": {s.Passphrase()},
		"Content-Type":         {"application/json"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, strings.HasSuffix(s.Environment(), "demo"))
}

func parse(resp *adapter.Response, demo bool) (*access.Snapshot, error) {
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	snap := &access.Snapshot{}
	snap.Label, _ = data.Text("label")
	snap.Account.ID, _ = data.Text("uid")
	readAccountKind(data, snap)
	if ips, ok := data.Commas("ip"); ok { // empty means unrestricted
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	readPermissions(data, snap)
	// What is unknown counts as held and as unrestricted.
	may := snap.Grant(access.TradeSpot).State != access.Denied || snap.Grant(access.Withdraw).State != access.Denied
	if may && snap.IPAllowlist.State != access.AllowlistRestricted && !demo {
		snap.Deadlines = []access.Deadline{{
			What: "the exchange expires keys that can trade or withdraw and have no IP allowlist, after 14 days of inactivity",
		}}
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope, body before status. An error may lack the data.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := failures.Open(resp, "msg", "0")
	if err != nil {
		return body, err
	}
	data, _ := body.Objects("data")
	if len(data) != 1 {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return data[0], nil
}

// readPermissions: the call needs the right to read. So a list without it is
// incomplete and denies nothing, and the answer itself proves that right.
func readPermissions(data wire.Object, snap *access.Snapshot) {
	held, _ := data.Commas("perm")
	states := permissions.Listed(held)
	rights.DenyNothingWithout(states, "read_only", "read")
	permissions.Apply(snap, states)
	rights.Prove(snap, access.Read)
}

// readAccountKind: a main account is its own main account, and of type 0. Either of
// the two is enough to count as a main account, the more dangerous reading.
func readAccountKind(data wire.Object, snap *access.Snapshot) {
	main, _ := data.Text("mainUid")
	kind, _ := data.Text("type")
	compared, same, typed := snap.Account.ID != "" && main != "", snap.Account.ID == main, kind == "0"
	if compared {
		snap.Account.Kind = access.AccountKindOf(same || typed)
	} else if typed {
		snap.Account.Kind = access.MainAccount
	}
	if compared && kind != "" && same != typed {
		snap.Contradictions = []string{"the account's type and its main account's number disagree about whether it is a main account"}
	}
}

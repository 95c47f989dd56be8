// Package okx audits API keys of OKX.
//
// The venue tells, for any key that can read and in one request: the three
// permissions, the bound addresses, the label, and whether the key belongs to a
// main account. It doesn't tell when the key was made, expires or was last
// used. Keys are HMAC, with a passphrase; one of demo trading works in the demo
// environments only.
//
// Reference: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration,
// checked 2026-11-22.
package okx

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is OKX.
var Exchange = &audit.Exchange{
	Name:    "okx",
	Title:   "OKX",
	Docs:    "https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration",
	KeyPage: "https://www.okx.com/account/my-api",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: global},
		{Name: "demo", URLs: global, Headers: simulated, Test: true},
		{Name: "eea", URLs: eea},
		{Name: "eea-demo", URLs: eea, Headers: simulated, Test: true},
		{Name: "us", URLs: us},
		{Name: "us-demo", URLs: us, Headers: simulated, Test: true},
	},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathConfig, Why: "permissions, addresses and account of the calling key"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}, Passphrase: true},
	Coverage: audit.Coverage{
		Tells: []audit.Capability{
			audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.TradeOptions, audit.Withdraw,
			audit.TransferInternal, audit.TransferExternal,
		},
		// No permission is for these; "trade" includes the last two on a bound
		// key of a main account, which is noted there.
		Absent:    []audit.Capability{audit.WithdrawAddresses, audit.SubaccountManage, audit.APIKeyManage},
		Allowlist: audit.Always, AllowlistEntries: audit.Always, AccountKind: audit.Always,
		Confirmed: "documents and independent clients",
	},
	Limit:       audit.Limit{Requests: 5, Per: 2 * time.Second},
	ClockWindow: 30 * time.Second,
	Notes: []string{
		"Keys with trade or withdraw that are not bound to an address expire after 14 days of inactivity, but for those of demo trading. " +
			"Every authenticated call counts as use, so the audit itself starts the 14 days anew.",
		"The API withdraws only to addresses and accounts saved on the site, and ordinary sub-accounts cannot withdraw at all.",
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

// The demo of a site is the site with one more header.
var (
	global    = []string{"https://www.okx.com", "https://openapi.okx.com", "https://aws.okx.com"}
	eea       = []string{"https://eea.okx.com", "https://my.okx.com"}
	us        = []string{"https://us.okx.com", "https://app.okx.com"}
	simulated = map[string]string{"x-simulated-trading": "1"}
)

// permissions: docs-v5/en/#overview-api-key-creation, where Trade "can place and
// cancel orders, funding transfer, make settings". A sample of the call that
// changes sub-account keys has read in place of read_only.
var permissions = rights.Table{
	"read_only": rights.For(audit.Read),
	"read":      rights.For(audit.Read),
	"trade": rights.For(audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.TradeOptions, audit.TransferInternal).Implying(
		"earn, loans, convert and copy trading",
		"on a main account: transfers to and from its sub-accounts",
		"on a main account, if the key is bound to an address: creating sub-accounts, and creating, changing and deleting their API keys"),
	"withdraw": {Grants: []audit.Capability{audit.Withdraw, audit.TransferExternal}, Qualifier: "to addresses and accounts saved on the site", AddressBook: audit.BookAlways},
}

// failures: docs-v5/en/#error-code. A key of another site answers as an
// unknown one; 50121 speaks of the place, not of the key's own list.
var failures = wire.Failures{
	"50119": wire.Is(audit.KindBadKey),
	"50111": wire.Is(audit.KindBadKey),
	"50103": wire.Is(audit.KindBadKey),
	"50008": wire.Is(audit.KindBadKey),
	"50113": wire.Is(audit.KindBadSignature),
	"50105": wire.Is(audit.KindBadSignature),
	"50104": wire.Is(audit.KindBadSignature),
	"50106": wire.Is(audit.KindBadSignature),
	"50114": wire.OneOf(audit.KindBadKey, audit.KindBadSignature),
	"50110": wire.Is(audit.KindIPNotAllowed),
	"50102": wire.Is(audit.KindClockSkew),
	"50107": wire.Is(audit.KindClockSkew),
	"50112": wire.Is(audit.KindClockSkew),
	"50101": wire.Is(audit.KindWrongEnvironment),
	"50030": wire.Is(audit.KindForbidden),
	"50035": wire.Is(audit.KindForbidden),
	"50120": wire.Is(audit.KindForbidden),
	"59500": wire.Is(audit.KindForbidden),
	"50011": wire.Is(audit.KindRateLimited),
	"50061": wire.Is(audit.KindRateLimited),
	"50007": wire.Is(audit.KindDisabled),
	"50009": wire.Is(audit.KindDisabled),
	"50012": wire.Is(audit.KindDisabled),
	"50027": wire.Is(audit.KindDisabled),
	"50029": wire.Is(audit.KindDisabled),
	"50059": wire.Is(audit.KindDisabled),
	"50060": wire.Is(audit.KindDisabled),
	"50100": wire.Is(audit.KindDisabled),
	"50051": wire.Is(audit.KindGeoBlocked),
	"50052": wire.Is(audit.KindGeoBlocked),
	"50121": wire.Is(audit.KindGeoBlocked),
	"50001": wire.Is(audit.KindUnavailable),
	"50004": wire.Is(audit.KindUnavailable),
	"50005": wire.Is(audit.KindUnavailable),
	"50013": wire.Is(audit.KindUnavailable),
	"50026": wire.Is(audit.KindUnavailable),
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	stamp := s.Now().UTC().Format(stampForm)
	signature, err := s.Sign(ctx, audit.HMACSHA256, stamp+http.MethodGet+pathConfig)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathConfig, Header: http.Header{
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

func parse(resp *audit.Response, demo bool) (*audit.Snapshot, error) {
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	snap := &audit.Snapshot{}
	snap.Label, _ = data.Text("label")
	snap.Account.ID, _ = data.Text("uid")
	readAccountKind(data, snap)
	readPermissions(data, snap)
	if ips, ok := data.Commas("ip"); ok { // empty means not bound
		snap.IPAllowlist = audit.NewIPAllowlist(ips)
	}
	// What isn't known counts as held and as not bound.
	may := snap.Grant(audit.TradeSpot).State != audit.Denied || snap.Grant(audit.Withdraw).State != audit.Denied
	if may && snap.IPAllowlist.State != audit.AllowlistRestricted && !demo {
		snap.Deadlines = []audit.Deadline{{What: "keys that can trade or withdraw and are not bound to an address expire after 14 days of inactivity"}}
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope, body before status. An error may lack the data.
func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
	body, refusal := failures.Open(resp, "msg", "0")
	if refusal != nil {
		return body, refusal
	}
	data, _ := body.Objects("data")
	if len(data) != 1 {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return data[0], nil
}

// readPermissions: the call needs the right to read. So a list without it isn't
// the whole list and denies nothing, and the answer itself proves that right.
func readPermissions(data wire.Object, snap *audit.Snapshot) {
	held, _ := data.Commas("perm")
	states := permissions.Listed(held)
	if states["read_only"] == audit.Denied && states["read"] == audit.Denied {
		maps.DeleteFunc(states, func(_ string, state audit.State) bool { return state == audit.Denied })
	}
	permissions.Apply(snap, states)
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == audit.Read && g.State != audit.Granted {
			*g = audit.Grant{Capability: audit.Read, State: audit.Granted, Evidence: audit.Inferred}
		}
	}
}

// readAccountKind: a main account is its own main account, and of type 0. One
// of the two is enough to be taken for a main account, the more dangerous
// reading.
func readAccountKind(data wire.Object, snap *audit.Snapshot) {
	main, _ := data.Text("mainUid")
	kind, _ := data.Text("type")
	compared, same, typed := snap.Account.ID != "" && main != "", snap.Account.ID == main, kind == "0"
	if compared {
		snap.Account.Kind = audit.AccountKindOf(same || typed)
	} else if typed {
		snap.Account.Kind = audit.MainAccount
	}
	if compared && kind != "" && same != typed {
		snap.Contradictions = []string{"the account's type and its main account's number disagree on whether it is a main account"}
	}
}

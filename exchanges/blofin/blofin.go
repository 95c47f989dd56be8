// Package blofin audits API keys of BloFin.
//
// The exchange reports, for any key and in one request: whether the key may only
// read, its IP allowlist, creation date and expiry, whether it is connected to a
// third-party app, and whether it belongs to a main account. It doesn't report
// which of trading, transfers and withdrawals a key that may write is for, nor the
// last use. Keys are HMAC, with a passphrase; demo trading has keys of its own.
//
// Reference: https://docs.blofin.com/index.html#query-api-key-info, checked
// 2026-11-22.
package blofin

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BloFin.
var Exchange = &adapter.Exchange{
	Name:    "blofin",
	Title:   "BloFin",
	Docs:    "https://docs.blofin.com/index.html",
	KeyPage: "https://blofin.com/account/apis",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://openapi.blofin.com"}},
		{Name: "demo", URLs: []string{"https://demo-trading-openapi.blofin.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathKey,
			Why: "whether the calling key may write, its IP allowlist, dates and account",
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true},
	Coverage: adapter.Coverage{
		// All but Read only for keys that may not write.
		Reports: append([]access.Capability{access.Read}, writes...),
		// No permission is for these.
		Absent:    []access.Capability{access.TradeOptions, access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, AccountKind: adapter.Always,
		Confirmed: "documentation and an independent client",
	},
	// 500 a minute, and 1500 in five: the second limit is the tighter one, and
	// exceeding it blocks for an hour.
	Limit:       adapter.Limit{Requests: 300, Per: time.Minute},
	ClockWindow: time.Minute,
	Notes: []string{
		"For a key that may write, the exchange doesn't report whether it may trade, transfer or withdraw: check " +
			"the key's page, then attest what you see there.",
		"Withdrawals by API go only to withdrawal addresses marked as verification-free.",
	},
	Inspect: inspect,
}

const pathKey = "/api/v1/user/query-apikey"

// writes are the capabilities of TRADE, TRANSFER and the unnamed permission to
// withdraw, which the exchange reports together.
var writes = []access.Capability{
	access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TransferInternal, access.TransferExternal, access.Withdraw,
}

// permissions has the name on the exchange's page for the opposite of the flag
// readOnly.
var permissions = rights.Table{readAndWrite: {Perhaps: writes}}

const readAndWrite = "read and write"

// failures: docs.blofin.com, errors. 152410 would be a mistake of this adapter.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "152401"),
	wire.Is(access.KindExpired, "152402"),
	wire.Is(access.KindForbidden, "152404"),
	wire.Is(access.KindClockSkew, "152405"),
	wire.Is(access.KindIPNotAllowed, "152406"),
	wire.Is(access.KindNonce, "152407"),
	wire.Is(access.KindBadSignature, "152408", "152409", "401"),
	wire.Is(access.KindRateLimited, "429"),
	wire.Is(access.KindUnavailable, "500", "103013"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	// A nonce may not repeat within a minute; nonces need not grow.
	stamp, nonce := wire.Millis(s), hex.EncodeToString(s.Random(16))
	signature, err := s.Sign(ctx, adapter.HMACSHA256, pathKey+http.MethodGet+stamp+nonce)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKey, Header: http.Header{
		"Access-Key":        {s.Key()},
		"Access-Sign":       {base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(signature)))}, // of the text
		"Access-Timestamp":  {stamp},
		"Access-Nonce":      {nonce},
		"Access-Passphrase": {s.Passphrase()},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	snap := &access.Snapshot{}
	rights.Prove(snap, access.Read)
	snap.Label, _ = data.Text("apiName")
	snap.Account.ID, _ = data.Text("uid")
	snap.Account.Kind = accountKind(data, snap.Account.ID)
	states := map[string]access.State{}
	if readOnly, ok := data.Bool("readOnly"); ok {
		states[readAndWrite] = access.StateOf(!readOnly)
	}
	permissions.Apply(snap, states)
	if ips, ok := data.Strings("ips"); ok { // how an unrestricted key is reported is not confirmed: a missing list stays unknown
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	kind, typed := data.Int("type")
	snap.IPAllowlist.VendorUnclear = !typed && snap.IPAllowlist.State == access.AllowlistRestricted
	if kind == 2 {
		snap.IPAllowlist.Vendor = "a third-party app"
		snap.Notes = append(snap.Notes, "The key is connected to a third-party app, whose IP addresses it may be "+
			"restricted to.")
	}
	snap.Created, _ = data.Millis("createTime")
	if text, _ := data.Text("expireTime"); text != "" { // neither that nor 0 is confirmed to mean never
		snap.Expires, _ = data.Millis("expireTime")
	}
	if snap.IPAllowlist.State != access.AllowlistRestricted {
		snap.Deadlines = []access.Deadline{{What: "the exchange expires keys without an IP allowlist after 90 days", At: snap.Expires, DateMissing: snap.Expires.IsZero()}}
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// accountKind: a main account's parent is 0, and a sub-account's is an account
// number like its own. Anything else says nothing.
func accountKind(data wire.Object, uid string) access.AccountKind {
	switch parent, _ := data.Text("parentUid"); {
	case parent == "0":
		return access.MainAccount
	case len(parent) == len(uid) && strings.Trim(parent, "0123456789") == "" && parent != "":
		return access.SubAccount
	}
	return access.AccountUnknown
}

// unwrap checks the envelope, body before status.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	if code != "0" || resp.Status != http.StatusOK {
		return body, failures.Refusal(resp, code, message)
	}
	data, ok := body.Object("data")
	if !ok {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return data, nil
}

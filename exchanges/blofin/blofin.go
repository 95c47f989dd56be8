// Package blofin audits API keys of BloFin.
//
// The venue tells, for any key and in one request: whether the key may only
// read, the bound addresses, creation, expiry, whether it is connected to a
// third-party app, and whether it belongs to a main account. It doesn't tell
// which of trading, transfers and withdrawals a key that may write is for, nor
// the last use. Keys are HMAC, with a passphrase; demo trading has its own.
//
// Reference: https://docs.blofin.com/index.html#query-api-key-info, checked
// 2026-11-22.
package blofin

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BloFin.
var Exchange = &audit.Exchange{
	Name:    "blofin",
	Title:   "BloFin",
	Docs:    "https://docs.blofin.com/index.html",
	KeyPage: "https://blofin.com/account/apis",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: []string{"https://openapi.blofin.com"}},
		{Name: "demo", URLs: []string{"https://demo-trading-openapi.blofin.com"}, Test: true},
	},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathKey, Why: "whether the calling key may write, its addresses, dates and account"},
	},
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}, Passphrase: true},
	Coverage: audit.Coverage{
		// All but Read only of keys that may not write.
		Tells: append([]audit.Capability{audit.Read}, writes...),
		// No permission is for these.
		Absent:    []audit.Capability{audit.TradeOptions, audit.WithdrawAddresses, audit.SubaccountManage, audit.APIKeyManage},
		Allowlist: audit.Always, AllowlistEntries: audit.Always, Created: audit.Always, Expires: audit.Always, AccountKind: audit.Always,
		Confirmed: "documents and an independent client",
	},
	// 500 a minute, and 1500 in five: the second is the narrower one, and its
	// block lasts an hour.
	Limit:       audit.Limit{Requests: 300, Per: time.Minute},
	ClockWindow: time.Minute,
	Notes: []string{
		"Of a key that may write the venue doesn't tell whether it may trade, transfer or withdraw: look at the key's page, then attest what you see.",
		"Keys that are not bound to an address expire after 90 days.",
		"By API, withdrawals go only to addresses marked as verification-free.",
	},
	Inspect: inspect,
}

const pathKey = "/api/v1/user/query-apikey"

// writes are the capabilities of TRADE, TRANSFER and the unnamed permission to
// withdraw, which the venue lumps together.
var writes = []audit.Capability{
	audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.TransferInternal, audit.TransferExternal, audit.Withdraw,
}

// permissions has one word of the venue's page for the flag readOnly.
var permissions = rights.Table{readAndWrite: {Perhaps: writes}}

const readAndWrite = "read and write"

// failures: docs.blofin.com, errors. 152410 would be this adapter's own
// mistake.
var failures = wire.Failures{
	"152401": wire.Is(audit.KindBadKey),
	"152402": wire.Is(audit.KindExpired),
	"152404": wire.Is(audit.KindForbidden),
	"152405": wire.Is(audit.KindClockSkew),
	"152406": wire.Is(audit.KindIPNotAllowed),
	"152407": wire.Is(audit.KindNonce),
	"152408": wire.Is(audit.KindBadSignature),
	"152409": wire.Is(audit.KindBadSignature),
	"401":    wire.Is(audit.KindBadSignature),
	"429":    wire.Is(audit.KindRateLimited),
	"500":    wire.Is(audit.KindUnavailable),
	"103013": wire.Is(audit.KindUnavailable),
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	// A nonce may not come twice in a minute; they need not grow.
	stamp, nonce := strconv.FormatInt(s.Now().UnixMilli(), 10), hex.EncodeToString(s.Random(16))
	signature, err := s.Sign(ctx, audit.HMACSHA256, pathKey+http.MethodGet+stamp+nonce)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathKey, Header: http.Header{
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

func parse(resp *audit.Response) (*audit.Snapshot, error) {
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	snap := &audit.Snapshot{Grants: []audit.Grant{{Capability: audit.Read, State: audit.Granted, Evidence: audit.Inferred}}}
	snap.Label, _ = data.Text("apiName")
	snap.Account.ID, _ = data.Text("uid")
	snap.Account.Kind = accountKind(data, snap.Account.ID)
	states := map[string]audit.State{}
	if readOnly, ok := data.Bool("readOnly"); ok {
		states[readAndWrite] = audit.StateOf(!readOnly)
	}
	permissions.Apply(snap, states)
	if ips, ok := data.Strings("ips"); ok { // how an unbound key shows is not confirmed: a missing list stays unknown
		snap.IPAllowlist = audit.NewIPAllowlist(ips)
	}
	if kind, ok := data.Int("type"); ok && kind == 2 {
		snap.IPAllowlist.Vendor = "a third-party app"
		snap.Notes = append(snap.Notes, "The key is connected to a third-party app, whose addresses it may be bound to.")
	}
	snap.Created, _ = data.Millis("createTime")
	if text, _ := data.Text("expireTime"); text != "" { // neither that nor 0 is confirmed to mean never
		snap.Expires, _ = data.Millis("expireTime")
	}
	if snap.IPAllowlist.State != audit.AllowlistRestricted {
		snap.Deadlines = []audit.Deadline{{What: "the venue ends keys that are not bound to an address after 90 days", At: snap.Expires}}
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// accountKind: a main account's parent is 0, and a sub-account's is an account
// number like its own. Anything else says nothing.
func accountKind(data wire.Object, uid string) audit.AccountKind {
	switch parent, _ := data.Text("parentUid"); {
	case parent == "0":
		return audit.MainAccount
	case len(parent) == len(uid) && strings.Trim(parent, "0123456789") == "" && parent != "":
		return audit.SubAccount
	}
	return audit.AccountUnknown
}

// unwrap checks the envelope, body before status. A 403 that is no JSON comes
// from the firewall, which lets the address in again after minutes.
func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
	body, err := wire.Parse(resp.Body)
	switch {
	case err != nil && resp.Status == http.StatusForbidden:
		return body, &audit.Error{Kind: audit.KindBanned, Status: resp.Status}
	case err != nil:
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

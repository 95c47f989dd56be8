// Package bingx audits API keys of BingX.
//
// The exchange tells, for any key that can read and in two requests: permissions,
// the bound addresses and the label in the one, creation and a part of the
// permissions once more in the other. It doesn't tell expiry, last use, whether
// the key belongs to a main account, and who may manage sub-accounts. Keys are
// HMAC. One key works in live and in simulated trading alike, so none of them
// is a toy.
//
// The exchange's pages and three independent clients disagree on which of the two
// answers has which form, so either is taken from both.
//
// Reference: https://bingx-api.github.io/docs/, account and sub-account
// management, checked 2026-11-22.
package bingx

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BingX.
var Exchange = &adapter.Exchange{
	Name:    "bingx",
	Title:   "BingX",
	Docs:    "https://bingx-api.github.io/docs/",
	KeyPage: "https://bingx.com/en/accounts/api",
	Checked: "2026-11-22",
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://open-api.bingx.com", "https://open-api.bingx.pro"}},
		// Not marked as a test: its keys are live ones.
		{Name: "simulated", URLs: []string{"https://open-api-vst.bingx.com", "https://open-api-vst.bingx.pro"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathPermissions, Why: "permissions and addresses of the calling key"},
		{Method: http.MethodGet, Path: pathRestrictions, Why: "creation of the calling key, and a second statement of its permissions"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		},
		// No permission is for it. Options have a flag that nobody has seen
		// live, and managing sub-accounts a permission without a documented
		// number, so those are in neither list.
		Absent:    []access.Capability{access.WithdrawAddresses},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always,
		Confirmed: "documents and independent clients",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second},
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"The exchange doesn't tell whether a key has Manage Subaccounts, which makes, changes and re-binds API keys of sub-accounts: look at the key's page.",
		"A key works in live and in simulated trading alike.",
		"A key of a main account that can only read still lists all other keys of the account, with their permissions and addresses.",
		"The right to withdraw is granted only together with an IP restriction.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "serverTime", wire.Object.Millis),
}

const (
	pathPermissions  = "/openApi/v1/account/apiPermissions"
	pathRestrictions = "/openApi/v1/account/apiRestrictions"
	pathTime         = "/openApi/swap/v2/server/time"
	window           = 5000 // milliseconds, the exchange's maximum
)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	found := facts{}
	for _, path := range []string{pathPermissions, pathRestrictions} {
		resp, err := ask(ctx, s, path)
		if err != nil {
			return nil, err
		}
		refusal := found.read(resp)
		switch {
		case refusal == nil:
		case path == pathRestrictions && refusal.Kind == access.KindForbidden:
			found.notes = []string{"The exchange refused the call that tells when the key was made."}
		default:
			return nil, refusal
		}
	}
	return found.snapshot(), nil
}

// ask sends one signed read. The exchange's newest pages want to know which
// program asks; any name will do.
func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	query := "recvWindow=" + strconv.Itoa(window) + "&timestamp=" + strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, query)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{
		Method: http.MethodGet, Path: path, Query: query + "&signature=" + hex.EncodeToString(signature),
		Header: http.Header{"X-Bx-Apikey": {s.Key()}, "X-Source-Key": {"exchangekeyaudit"}},
	})
}

// facts is what the answers tell together.
type facts struct {
	states   map[string]access.State
	disputed []string // permissions on which the statements disagree
	ips      []string // nil if not told
	bound    access.State
	created  time.Time
	label    string
	notes    []string
}

// read adds one answer.
func (f *facts) read(resp *adapter.Response) *access.Error {
	body, refusal := unwrap(resp)
	if refusal != nil {
		return refusal
	}
	listed, flagged := listedStates(body), flagStates(body)
	first := f.states == nil
	f.merge(listed, first)
	f.merge(flagged, first)
	if ips, ok := body.Strings("ipAddresses"); ok && f.ips == nil {
		f.ips = ips
	}
	if bound, ok := body.Bool("ipRestrict"); ok && f.bound != access.Denied { // both answers may have it
		f.bound = access.StateOf(bound)
	}
	if at, ok := body.Millis("createTime"); ok {
		f.created = at
	}
	if label, ok := body.Text("note"); ok {
		f.label = label
	}
	err := body.Err()
	if err == nil && listed == nil && len(flagged) == 0 {
		err = errors.New("the answer tells no permission")
	}
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	return nil
}

// merge joins two statements on the permissions. Where they disagree the more
// dangerous one counts, and only the first answer, which is the whole list,
// denies any.
func (f *facts) merge(states map[string]access.State, denies bool) {
	if f.states == nil {
		f.states = map[string]access.State{}
	}
	for name, state := range states {
		before := f.states[name]
		if before != access.Unknown && before != state {
			f.disputed = append(f.disputed, name)
		}
		if state == access.Granted || (denies && before == access.Unknown) {
			f.states[name] = state
		}
	}
}

// unwrap checks the envelope, body before status. A success may have one or
// not, and with it its members may be in data or not.
func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	if success := !body.Has("code") || code == "0"; !success || resp.Status != http.StatusOK {
		refusal := failures.Refusal(resp, code, message)
		if refusal.Kind == access.KindNotUnderstood && strings.Contains(strings.ToLower(message), "timestamp") {
			refusal.Kind = access.KindClockSkew // several codes have it, and other meanings too
		}
		if ms, err := strconv.ParseUint(resp.Header.Get("X-RateLimit-Requests-Expire"), 10, 31); err == nil && refusal.Kind == access.KindRateLimited {
			refusal.RetryAfter = time.Duration(ms) * time.Millisecond
		}
		return body, refusal
	}
	if data, ok := body.Object("data"); ok {
		return data, nil
	}
	return body, nil
}

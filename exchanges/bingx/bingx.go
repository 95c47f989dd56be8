// Package bingx audits API keys of BingX.
//
// The exchange reports, for any key that can read and in two requests: permissions,
// IP allowlist and label in the first, creation date and part of the permissions
// again in the second. It doesn't report expiry, last use, whether the key belongs
// to a main account, or whether it may manage sub-accounts. Keys are HMAC. The same
// key works in live and in simulated trading, so every key is a live one.
//
// The exchange's pages and three independent clients disagree on which of the two
// answers has which form, so both forms are accepted in both.
//
// Reference: https://bingx-api.github.io/docs/, account and sub-account
// management, checked 2026-11-22.
package bingx

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BingX.
var Exchange = &adapter.Exchange{
	Name:    "bingx",
	Title:   "BingX",
	Docs:    "https://bingx-api.github.io/docs/",
	KeyPage: "https://bingx.com/en/accounts/api",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://open-api.bingx.com", "https://open-api.bingx.pro"}},
		// Not marked as a test: its keys are live ones.
		{Name: "simulated", URLs: []string{"https://open-api-vst.bingx.com", "https://open-api-vst.bingx.pro"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathPermissions, Why: "permissions and IP allowlist of the calling key"},
		{
			Method: http.MethodGet, Path: pathRestrictions,
			Why: "creation date of the calling key, and its permissions a second time",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		},
		// No permission is for it. Options have a flag that nobody has seen
		// live, and managing sub-accounts has a permission without a documented
		// number, so those are in neither list.
		Absent:    []access.Capability{access.WithdrawAddresses},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second},
	ClockWindow: query.Window * time.Millisecond,
	Notes: []string{
		"The exchange doesn't report whether a key has Manage Subaccounts, which creates and changes API keys of " +
			"sub-accounts and their IP allowlists: check the key's page.",
		"The same key works in live and in simulated trading.",
		"A key of a main account that can only read can still list all other keys of the account, with their " +
			"permissions and IP allowlists.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "serverTime", wire.Object.Millis),
}

const (
	pathPermissions  = "/openApi/v1/account/apiPermissions"
	pathRestrictions = "/openApi/v1/account/apiRestrictions"
	pathTime         = "/openApi/swap/v2/server/time"
)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	found := facts{}
	for _, path := range []string{pathPermissions, pathRestrictions} {
		resp, err := ask(ctx, s, path)
		if err != nil {
			return nil, err
		}
		err = found.read(resp)
		switch {
		case err == nil:
		case path == pathRestrictions && errors.Is(err, access.KindForbidden):
			found.notes = []string{"The exchange refused the call that reports when the key was created."}
		default:
			return nil, err
		}
	}
	return found.snapshot(), nil
}

// ask sends one signed read. The exchange's newest pages require the name of the
// program; any name is accepted.
func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	return query.Get(ctx, s, path, http.Header{"X-Bx-Apikey": {s.Key()}, "X-Source-Key": {"exchangekeyaudit"}}, "")
}

// facts is what the answers report together.
type facts struct {
	states     map[string]access.State
	numbered   bool     // the permissions came as a list of numbers
	disputed   []string // permissions on which the statements disagree
	ips        []string // nil if not reported
	restricted access.State
	created    time.Time
	label      string
	notes      []string
}

// read adds one answer.
func (f *facts) read(resp *adapter.Response) error {
	body, err := unwrap(resp)
	if err != nil {
		return err
	}
	listed, flagged := listedStates(body), flagStates(body)
	first := f.states == nil
	f.numbered = f.numbered || listed != nil
	f.merge(listed, first)
	f.merge(flagged, first)
	if ips, ok := body.Strings("ipAddresses"); ok && f.ips == nil {
		f.ips = ips
	}
	if restricted, ok := body.Bool("ipRestrict"); ok && f.restricted != access.Denied { // both answers may have it
		f.restricted = access.StateOf(restricted)
	}
	if at, ok := body.Millis("createTime"); ok {
		f.created = at
	}
	if label, ok := body.Text("note"); ok {
		f.label = label
	}
	err = body.Err()
	if err == nil && listed == nil && len(flagged) == 0 {
		err = wire.ErrNoPermission
	}
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	return nil
}

// merge joins two statements about the permissions. Where they disagree, the more
// dangerous one counts. Only the first answer, which is the complete list, denies
// any.
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

// unwrap checks the envelope, body before status. A success may have no envelope,
// and with one its members may or may not be in data.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	if success := !body.Has("code") || code == "0"; !success || resp.Status != http.StatusOK {
		refusal := failures.Refusal(resp, code, message)
		if refusal.Kind == access.KindNotUnderstood && strings.Contains(strings.ToLower(message), "timestamp") {
			refusal.Kind = access.KindClockSkew // several codes mean this, and other things too
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

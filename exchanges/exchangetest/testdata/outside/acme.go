// Package acme audits API keys of Acme, a made-up exchange.
//
// It shows an adapter in a module of its own: copy the folder, and start with
// "go mod init example.com/acme". The adapter imports audit/access and
// audit/adapter, and its tests import exchangetest.
package acme

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

const path = "/v1/key"

// Exchange is Acme.
var Exchange = &adapter.Exchange{
	Name: "acme", Title: "Acme",
	Docs: "https://acme.example/docs", KeyPage: "https://acme.example/keys", Checked: "2026-06-01",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.acme.example"}}},
	Calls:        []adapter.Call{{Method: http.MethodGet, Path: path, Why: "permissions, IP allowlist and age"}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports:   []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always,
		Confirmed: "documents",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: 5 * time.Second,
	Inspect:     inspect,
}

// permissions are the exchange's, and what they are for.
var permissions = map[string]access.Capability{"trade": access.TradeSpot, "withdraw": access.Withdraw}

var states = map[string]access.KeyState{"active": access.KeyActive, "frozen": access.KeyLocked}

// codes are the documented errors. An undocumented one is not understood, unless
// its HTTP status says enough.
var codes = map[string]access.Kind{
	"unknown_key": access.KindBadKey, "bad_signature": access.KindBadSignature, "bad_time": access.KindClockSkew,
	"ip_not_allowed": access.KindIPNotAllowed, "slow_down": access.KindRateLimited,
}

var statuses = map[int]access.Kind{
	http.StatusTooManyRequests: access.KindRateLimited, http.StatusTeapot: access.KindBanned,
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	now := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, now+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Acme-Key": {s.Key()}, "Acme-Time": {now}, "Acme-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

// parse reads an answer. Every documented member must be present: a missing one
// says nothing, and must never be read as "no".
func parse(resp *adapter.Response) (*access.Snapshot, error) {
	if resp.Status != http.StatusOK {
		return nil, refusal(resp)
	}
	body, err := object(resp.Body)
	status, statusErr := member[string](body, "status")
	held, heldErr := member[[]string](body, "permissions")
	ips, ipsErr := member[[]string](body, "ips")
	created, createdErr := member[int64](body, "created")
	if slices.Contains(held, "") { // an entry that is null or empty may be any permission
		heldErr = errPermission
	}
	if err := cmp.Or(err, statusErr, heldErr, ipsErr, createdErr); err != nil {
		return nil, &access.Error{Status: resp.Status, Message: err.Error()} // not understood
	}
	snap := &access.Snapshot{Answer: access.Answer{
		KeyState: access.KeyUnclear, Created: time.UnixMilli(created),
		IPAllowlist: access.NewIPAllowlist(ips), Permissions: held,
		Grants: []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}},
	}}
	if state, known := states[status]; known {
		snap.KeyState = state
	}
	for name, capability := range permissions {
		g := access.Grant{Capability: capability, State: access.Denied, Evidence: access.Reported}
		if slices.Contains(held, name) {
			g.State, g.Names = access.Granted, []string{name}
		}
		snap.Grants = append(snap.Grants, g)
	}
	for _, name := range held {
		if _, known := permissions[name]; !known {
			snap.Unmapped = append(snap.Unmapped, name)
		}
	}
	return snap, nil
}

// refusal is the error for an answer that is no success: by its code, or else by
// its HTTP status.
func refusal(resp *adapter.Response) *access.Error {
	e := &access.Error{Status: resp.Status}
	if body, err := object(resp.Body); err == nil {
		e.Code, _ = member[string](body, "error")
	}
	var known bool
	if e.Kind, known = codes[e.Code]; known {
		return e
	}
	if e.Kind = statuses[resp.Status]; resp.Status >= http.StatusInternalServerError {
		e.Kind = access.KindUnavailable
	}
	if e.Kind == access.KindNotUnderstood {
		e.Message = "the answer has the status " + strconv.Itoa(resp.Status)
	}
	return e
}

var (
	errObject     = errors.New("the answer is not a JSON object")
	errPermission = errors.New("a permission has no name")
)

// object reads a JSON object by the exact names of its members, and refuses
// duplicate members: encoding/json would let the last one win, which could mask a
// permission.
func object(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errObject
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, errObject
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, errObject
		}
		text, _ := name.(string)
		if _, duplicate := members[text]; duplicate {
			return nil, errors.New("the answer has a duplicate member")
		}
		members[text] = value
	}
	_, errClosing := dec.Token()
	if _, err := dec.Token(); errClosing != nil || !errors.Is(err, io.EOF) {
		return nil, errObject
	}
	return members, nil
}

// member reads a member that must be present, and not null.
func member[T any](members map[string]json.RawMessage, name string) (value T, err error) {
	raw, present := members[name]
	if !present || string(raw) == "null" || json.Unmarshal(raw, &value) != nil {
		err = fmt.Errorf("the member %q is missing or of another type", name)
	}
	return value, err
}

// Package cryptocom audits API keys of the Crypto.com Exchange (API v1).
//
// The exchange reports nothing about a key. A signed read of the accounts shows
// that the key is active, whether it belongs to the master account or a
// sub-account, and whether the account is suspended. The answer also contains
// personal data, which is not decoded. A refused IP address has a code of its own.
// Keys are HMAC.
//
// Reference: https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html,
// checked 2026-11-22.
package cryptocom

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	method = "private/get-accounts"
	path   = "/exchange/v1/" + method
	title  = "Crypto.com Exchange"
)

// Exchange is the Crypto.com Exchange.
var Exchange = &adapter.Exchange{
	Name:    "cryptocom",
	Title:   title,
	Docs:    "https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html",
	KeyPage: "https://crypto.com/exchange/user/settings/api-management",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.crypto.com"}},
		{Name: "sandbox", URLs: []string{"https://uat-api.3ona.co"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodPost, Path: path,
			Why: "a read that shows that the key is active, and whose account it is on (the exchange's private reads are all POST)",
		},
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form(wire.Letters + "{22}"), SecretForm: wire.Form("cxakp_" + wire.Letters + "{22}"), // not documented: so in all clients
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read}, Inferred: true, AccountKind: adapter.Sometimes,
		Confirmed: "documentation and an independent client",
	},
	Limit:       adapter.Limit{Requests: 3, Per: 100 * time.Millisecond},
	ClockWindow: 60 * time.Second,
	Notes: []string{
		"New keys can only read; trading and withdrawal can be enabled on the key's page.",
	},
	Inspect: inspect,
}

// failures: the reference's error table; the five-digit codes from 10001 on are
// of the older API and still occur.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindForbidden).For("40101", "10002"),
	wire.Is(access.KindIPNotAllowed, "40103"),
	wire.Is(access.KindForbidden, "40104", "10005"),
	wire.OneOf(access.KindForbidden, access.KindIPNotAllowed).For("10003"), // which of the two isn't confirmed
	wire.Is(access.KindClockSkew, "40102", "10007"),
	wire.Is(access.KindDisabled, "202", "401", "406", "410"),
	wire.Is(access.KindRateLimited, "42901", "10006"),
	wire.Is(access.KindUnavailable, "40801", "50001", "10001", "9010001"),
}

// request is the body; encoding it writes the members in this order.
type request struct {
	ID     int            `json:"id"`
	Method string         `json:"method"`
	Key    string         `json:"api_key"`
	Params map[string]any `json:"params"`
	Nonce  int64          `json:"nonce"`
	Sig    string         `json:"sig"`
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	r := request{ID: 1, Method: method, Key: s.Key(), Params: map[string]any{}, Nonce: s.Now().UnixMilli()}
	// Without parameters nothing comes between the key and the nonce.
	signature, err := s.Sign(ctx, adapter.HMACSHA256, r.Method+strconv.Itoa(r.ID)+r.Key+strconv.FormatInt(r.Nonce, 10))
	if err != nil {
		return nil, err
	}
	r.Sig = hex.EncodeToString(signature)
	body, err := json.Marshal(r)
	if err != nil {
		return nil, &access.Error{Kind: access.KindInput, Message: "the request cannot be written"}
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: path, Body: string(body), Header: http.Header{"Content-Type": {"application/json"}},
	})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("message")
	if code != "0" || resp.Status != http.StatusOK {
		return nil, failures.Refusal(resp, code, message)
	}
	result, ok := body.Object("result")
	if !ok || (!result.Has("master_account") && !result.Has("this_account")) {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Answered(title)
	if this, ok := result.Object("this_account"); ok {
		snap.Account.ID, _ = this.Text("uuid")
		switch hierarchy, _ := this.Text("hierarchy"); hierarchy {
		case "MASTER":
			snap.Account.Kind = access.MainAccount
		case "SUB_ACCOUNT":
			snap.Account.Kind = access.SubAccount
		}
	}
	master, _ := result.Object("master_account")
	readStanding(master, snap)
	if body.Err() != nil {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return snap, nil
}

// readStanding reads what the answer says about the account's state.
func readStanding(master wire.Object, snap *access.Snapshot) {
	account := &snap.Account
	account.Standing = access.StandingGood
	for _, flag := range []struct {
		name string
		good bool
	}{{"suspended", false}, {"terminated", false}, {"two_fa_enabled", true}} {
		on, reported := master.Bool(flag.name)
		if reported && on == flag.good {
			continue
		}
		account.Standing = access.StandingUnclear
		if reported {
			account.Alarms = append(account.Alarms, flag.name+": "+strconv.FormatBool(on))
		}
		switch {
		case flag.good:
		case on:
			snap.KeyState = access.KeyLocked
		case !reported && snap.KeyState != access.KeyLocked:
			snap.KeyState = access.KeyUnclear
		}
	}
}

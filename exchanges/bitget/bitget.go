// Package bitget audits API keys of Bitget.
//
// The exchange reports, for any key of a unified account and for those of a classic
// account that may read spot: permissions, the IP allowlist, and whether the key
// belongs to the main account. It doesn't report creation date, expiry, last use,
// name or the account's other keys. The call for unified accounts is made first;
// its refusal shows that the account is a classic one. Keys are HMAC or RSA, with a
// passphrase.
//
// How a key without an IP allowlist is reported is not documented: an empty list, or
// null, is taken to mean that, a missing list is not.
//
// Reference: https://www.bitget.com/api-doc/uta/account/Get-Account-Info and
// https://www.bitget.com/api-doc/spot/account/Get-Account-Info,
// checked 2026-11-22.
package bitget

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Bitget.
var Exchange = &adapter.Exchange{
	Name:    "bitget",
	Title:   "Bitget",
	Docs:    "https://www.bitget.com/api-doc/uta/account/Get-Account-Info",
	KeyPage: "https://www.bitget.com/account/newapi",
	Checked: "2026-11-22",
	Keys:    keyRules,
	// Many look-alike hosts exist, and the European one is unconfirmed: so no
	// others.
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.bitget.com", "https://capi.bitget.com"}},
		{Name: "demo", URLs: []string{"https://api.bitget.com"}, Headers: map[string]string{"paptrading": "1"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: unified.path, Why: "permissions and IP allowlist of the calling key"},
		{
			Method: http.MethodGet, Path: classic.path,
			Why: "the same, for a classic account", When: "the first call says that the account is a classic one",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret, access.RSAKey}, Passphrase: true,
		KeyForm: wire.Form("bg_" + wire.Letters + "+"), SecretForm: wire.Form(wire.Hex + "{64}"),
	},
	Coverage: adapter.Coverage{
		// Options and the withdrawal address book are in neither list: nothing
		// says whether a permission includes them.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal,
			access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, AccountKind: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: 30 * time.Second,
	Probe:       unified.path,
	Notes: []string{
		"Withdrawals by API are refused for 24 hours after a change of the account's security settings.",
		"The permission to manage a unified account includes moving funds to sub-accounts and managing their keys: " +
			"a trading bot doesn't need it.",
		"Bitget occasionally calls a valid key unknown (40037): audit it again before you replace it.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "serverTime", wire.Object.Millis),
}

const pathTime = "/api/v2/public/time"

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, unified.path)
	if err != nil {
		return nil, err
	}
	var refused *access.Error
	if _, err := unwrap(resp); !errors.As(err, &refused) || refused.Code != isClassic {
		return parse(resp, unified)
	}
	if resp, err = ask(ctx, s, classic.path); err != nil {
		return nil, err
	}
	return parse(resp, classic)
}

func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	stamp := wire.Millis(s)
	algorithm := adapter.HMACSHA256
	if s.KeyKind() == access.RSAKey {
		algorithm = adapter.RSASHA256
	}
	signature, err := s.Sign(ctx, algorithm, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Access-Key":        {s.Key()},
		"Access-Sign":       {base64.StdEncoding.EncodeToString(signature)},
		"Access-Timestamp":  {stamp},
		"Access-Passphrase": {s.Passphrase()},
		"Content-Type":      {"application/json"},
		"Locale":            {"en-US"}, // the message of a refusal matters, see phrases
	}})
}

func parse(resp *adapter.Response, e edition) (*access.Snapshot, error) {
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	snap := &access.Snapshot{Answer: access.Answer{Facts: []access.Fact{{Name: "account mode", Value: e.name}}}}
	for _, name := range []string{"uid", "userId"} { // in the reference, and in answers
		if id, ok := data.Text(name); ok {
			snap.Account.ID = id
		}
	}
	parent, ok := data.Text("parentId")
	snap.Account.Kind = accountKind(snap.Account.ID, parent, ok)
	var states map[string]access.State
	if held, ok := data.Strings(e.member); ok {
		states = e.table.Listed(held)
		rights.DenyNothingWithout(states, e.needs...)
	}
	e.table.Apply(snap, states)
	if e.name == unified.name {
		applyReadOnly(snap, data)
	}
	rights.Prove(snap, access.Read)
	if ips, ok := ipAddresses(resp); ok {
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	snap.IPAllowlist.Mandatory = snap.Can(access.Withdraw)
	if snap.IPAllowlist.Mandatory && snap.IPAllowlist.State == access.AllowlistUnrestricted {
		snap.Contradictions = append(snap.Contradictions, "the key may withdraw, which the exchange accepts only "+
			"from allowlisted IP addresses, but it lists none")
	}
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	if code != "00000" || resp.Status != http.StatusOK {
		return body, refusal(resp, code, message)
	}
	data, ok := body.Object("data")
	if !ok {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return data, nil
}

// applyReadOnly applies permType, which has several spellings: if it is read-only,
// the list only names what the key may read.
func applyReadOnly(snap *access.Snapshot, data wire.Object) {
	permType, _ := data.Text("permType")
	word := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(permType))
	switch {
	case strings.Contains(word, "write"):
	case word == "readonly":
		for i, g := range snap.Grants {
			snap.Grants[i] = access.Grant{Capability: g.Capability, State: access.Denied, Evidence: access.Reported}
		}
		snap.Notes = append(snap.Notes, "The key is read-only: the listed permissions only name what it may read.")
	default:
		for i, g := range snap.Grants {
			if g.State == access.Granted {
				snap.Grants[i] = access.Grant{Capability: g.Capability}
			}
		}
		snap.Notes = append(snap.Notes, "Whether the key is read-only could not be determined, so what its "+
			"permissions amount to is unknown.")
	}
}

// accountKind: a unified account that is the main account has no parent; a classic
// one has 0 or itself (unconfirmed). What isn't an account number says nothing.
func accountKind(id, parent string, reported bool) access.AccountKind {
	number := func(s string) bool { return len(s) >= 6 && strings.Trim(s, "0123456789") == "" }
	switch {
	case reported && (parent == "" || parent == "0" || parent == id):
		return access.MainAccount
	case reported && number(parent) && number(id):
		return access.SubAccount
	default:
		return access.AccountUnknown
	}
}

// ipAddresses reads the member ips, which is a list in some answers and text with
// commas in others. A key that is not restricted has null, as an independent client
// recorded; a member that is missing says nothing. Each try reads the answer again, because a failed one would
// mark it as wrong.
func ipAddresses(resp *adapter.Response) ([]string, bool) {
	for _, read := range []func(wire.Object, string) ([]string, bool){wire.Object.Strings, wire.Object.Commas} {
		data, _ := unwrap(resp)
		if list, ok := read(data, "ips"); ok {
			return list, true
		}
	}
	data, _ := unwrap(resp)
	return nil, data.IsNull("ips")
}

// Package gate audits API keys of Gate, version 4 of its API.
//
// One call reports the IP addresses and pairs that the calling key is restricted to,
// and no permission. Another lists all keys of the main account, including the
// calling key, with permissions, IP allowlist, creation date and last use, under
// the first twelve characters of each. A key of a sub-account isn't in that list, so
// its rights stay unknown. So does the right to withdraw of every key: the key's
// page offers it, but no documented permission is for it. Nothing reports the
// expiry. Keys are HMAC.
//
// Reference: https://www.gate.com/docs/developers/apiv4/en/#account,
// checked 2026-11-22.
package gate

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Gate.
var Exchange = &adapter.Exchange{
	Name:    "gate",
	Title:   "Gate",
	Docs:    "https://www.gate.com/docs/developers/apiv4/en/#account",
	KeyPage: "https://www.gate.com/myaccount/profile/api-key/manage",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.gateio.ws", "https://fx-api.gateio.ws"}},
		{Name: "testnet", URLs: []string{"https://api-testnet.gateapi.io", "https://fx-api-testnet.gateio.ws"}, Test: true},
		{Name: "eu", URLs: []string{"https://api.gateeu.com"}},
		{Name: "us", URLs: []string{"https://api.gate.us"}}, // seen in independent clients
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathDetail, Why: "IP addresses and pairs that the calling key is restricted to"},
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "permissions and dates of the main account's keys, including the calling key",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// Withdrawing, sending to other users, and managing sub-accounts and
		// keys are in neither list: they exist, but nothing reports them.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Sometimes, LastUsed: adapter.Sometimes,
		AccountKind: adapter.Sometimes, Siblings: adapter.Sometimes,
		Confirmed: "documentation, the exchange's clients and independent clients",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // not documented for these calls
	ClockWindow: 60 * time.Second,
	Probe:       pathDetail,
	Notes: []string{
		"Gate doesn't report whether a key may withdraw: check the group Withdrawal on the key's page, then attest " +
			"the rules withdrawal and external-transfer.",
		"Withdrawals by API go only to withdrawal addresses to which the owner has withdrawn manually, more than 24 " +
			"hours before.",
	},
	Inspect:    inspect,
	ServerTime: serverTime,
}

const (
	pathDetail = "/api/v4/account/detail"
	pathKeys   = "/api/v4/account/main_keys"
	pathTime   = "/api/v4/spot/time"
	// emptyBody is the SHA-512 of nothing.
	emptyBody = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
)

// failures are by label. API_WITHDRAW_DISABLED and USER_NOT_FOUND belong to other
// calls, so they are not understood. The label for an expired key is unknown.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "INVALID_KEY"),
	wire.Is(access.KindBadSignature, "INVALID_SIGNATURE", "MISSING_REQUIRED_HEADER"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("INVALID_CREDENTIALS", "AUTHENTICATION_FAILED"),
	wire.Is(access.KindIPNotAllowed, "IP_FORBIDDEN"),
	wire.Is(access.KindClockSkew, "REQUEST_EXPIRED"),
	wire.Is(access.KindForbidden, "FORBIDDEN", "REQUEST_FORBIDDEN", "READ_ONLY"),
	wire.Is(access.KindDisabled, "ACCOUNT_LOCKED", "SUB_ACCOUNT_LOCKED"),
	wire.Is(access.KindRateLimited, "TOO_MANY_REQUESTS", "TOO_FAST"),
	wire.Is(access.KindUnavailable, "SERVER_ERROR", "INTERNAL", "TOO_BUSY"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, pathDetail)
	if err != nil {
		return nil, err
	}
	snap, err := parseDetail(resp)
	if err != nil {
		return nil, err
	}
	if resp, err = ask(ctx, s, pathKeys); err != nil {
		return nil, err
	}
	if err := parseKeys(resp, s.Key(), s.Now(), snap); err != nil {
		return nil, err
	}
	if snap.IPAllowlist.State == access.AllowlistUnrestricted { // from which day on is unconfirmed
		snap.Deadlines = []access.Deadline{{What: "the exchange expires keys without an IP allowlist after 90 days"}}
	}
	return snap, nil
}

func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	stamp := wire.Seconds(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA512, strings.Join([]string{http.MethodGet, path, "", emptyBody, stamp}, "\n"))
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Key":          {s.Key()},
		"Timestamp":    {stamp},
		"Sign":         {hex.EncodeToString(signature)},
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
	}})
}

// refused is an error if the answer is a refusal.
func refused(resp *adapter.Response) error {
	body, err := wire.Parse(resp.Body)
	label, _ := body.Text("label")
	message, _ := body.Text("message")
	switch {
	case resp.Status/100 == 2 && label == "": // a list or an object
		return nil
	case err != nil:
		return wire.NotUnderstood(resp, err)
	default:
		return failures.Refusal(resp, label, message)
	}
}

func parseDetail(resp *adapter.Response) (*access.Snapshot, error) {
	if err := refused(resp); err != nil {
		return nil, err
	}
	detail, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap := &access.Snapshot{Answer: access.Answer{PairAllowlist: access.PairAllowlist{Offered: true}}}
	user, ok := detail.Text("user_id")
	if !ok {
		return nil, wire.NotUnderstood(resp, errors.New("the answer doesn't name the account"))
	}
	snap.Account.ID = user
	if list, ok := detail.Strings("ip_whitelist"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	if pairs, ok := detail.Strings("currency_pairs"); ok { // empty means every pair
		pairs = slices.DeleteFunc(pairs, func(pair string) bool { return strings.TrimSpace(pair) == "" })
		snap.PairAllowlist.Reported, snap.PairAllowlist.Pairs = true, pairs
	}
	if err := detail.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

func serverTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathTime})
	if err != nil {
		return time.Time{}, err
	}
	if err := refused(resp); err != nil {
		return time.Time{}, err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return time.Time{}, wire.NotUnderstood(resp, err)
	}
	at, ok := body.Millis("server_time")
	if !ok {
		return time.Time{}, wire.NotUnderstood(resp, body.Err())
	}
	return at, nil
}

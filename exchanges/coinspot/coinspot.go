// Package coinspot audits API keys of CoinSpot.
//
// The exchange has two kinds of key, and shows which kind a key is only by
// answering it or not: one call says "ok" to keys with full access, another to
// those that can only read. Full access may include withdrawing, by a switch of
// the key that isn't reported; nor are IP allowlist, creation date, last use or
// name. Keys are HMAC, with a nonce, which many clients count in Unix seconds: so
// does the audit, and it uses nothing larger unless the owner says so.
//
// Reference: https://www.coinspot.com.au/v2/api, checked 2026-11-22.
package coinspot

import (
	"context"
	"encoding/hex"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is CoinSpot.
var Exchange = &adapter.Exchange{
	Name:         "coinspot",
	Title:        "CoinSpot",
	Docs:         "https://www.coinspot.com.au/v2/api",
	KeyPage:      "https://www.coinspot.com.au/my/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://www.coinspot.com.au"}}},
	Calls: []adapter.Call{
		wire.NonceTimeCall(pathPrices),
		{
			Method: http.MethodPost, Path: pathFull,
			Why: "whether the key has full access; it changes nothing, although sent by POST",
		},
		{
			Method: http.MethodPost, Path: pathRead,
			Why:  "whether the key may read; it changes nothing, although sent by POST",
			When: "the key seems not to have full access",
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		Absent: []access.Capability{ // no call does these
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.WithdrawAddresses, access.TransferInternal,
			access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documentation and several independent clients",
	},
	Limit: adapter.Limit{Requests: 5, Per: time.Second}, // 1000 a minute are allowed
	Notes: []string{
		"A key with full access may withdraw if Coin Withdraw is switched on, which CoinSpot doesn't report: check " +
			"the key's page, then attest the rule withdrawal.",
		"The confirmation of withdrawals by email is no protection: the caller chooses whether it is required.",
		"CoinSpot doesn't report whether a key is restricted to IP addresses: attest the rule ip-allowlist.",
		"The nonce is the time in seconds. If the key's other clients use milliseconds, the exchange refuses it as " +
			"too low: set the key's nonce_unit to ms.",
	},
	Inspect:    inspect,
	ServerTime: wire.DateClock(pathPrices),
}

const (
	pathFull   = "/api/v2/status"
	pathRead   = "/api/v2/ro/status"
	pathPrices = "/pubapi/v2/latest"
)

// kinds are the two kinds of key, in the exchange's words.
var kinds = rights.Table{
	fullAccess: {
		Grants: []access.Capability{access.Read, access.TradeSpot, access.Other("convert")}, Perhaps: []access.Capability{access.Withdraw},
		Implies: []string{"withdrawing, if Coin Withdraw is switched on"},
	},
	readOnly: rights.For(access.Read),
}

const fullAccess, readOnly = "full access", "read only"

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, pathFull)
	if err != nil {
		return nil, err
	}
	first := judge(resp)
	if first.refusal == nil {
		return known(map[string]access.State{fullAccess: access.Granted}), nil
	}
	if !first.mayRead {
		return nil, first.refusal
	}
	if resp, err = ask(ctx, s, pathRead); err != nil {
		return nil, err
	}
	if second := judge(resp); second.refusal != nil {
		return nil, second.refusal
	}
	states := map[string]access.State{readOnly: access.Granted, fullAccess: access.Denied}
	if first.aboutKey {
		return known(states), nil
	}
	delete(states, fullAccess)
	snap := known(states)
	snap.Notes = []string{
		"The exchange refused the call for keys with full access, and the reason is unclear: the key may or may not have full access.",
	}
	return snap, nil
}

func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	body := `{"nonce":` + strconv.FormatUint(s.Nonce(), 10) + `}`
	signature, err := s.Sign(ctx, adapter.HMACSHA512, body)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: path, Body: body, Header: http.Header{
		"Key":          {s.Key()},
		"Sign":         {hex.EncodeToString(signature)},
		"Content-Type": {"application/json"},
	}})
}

// verdict is what the answer of either call says about the key.
type verdict struct {
	refusal  error // nil if the exchange said "ok"
	mayRead  bool  // the key may still be one that can only read
	aboutKey bool  // the exchange refused the kind of key, and not this request
}

// judge reads the answer of either call. No message of a refusal is documented, so
// only words that name the key or its rights are taken to be about them: anything
// else may be about a nonce that another client has used in the same second, which
// the next call would not meet.
func judge(resp *adapter.Response) verdict {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return verdict{refusal: wire.NotUnderstood(resp, err)}
	}
	status, reported := body.Text("status")
	if resp.Status == http.StatusOK && status == "ok" {
		return verdict{}
	}
	message, _ := body.Text("message")
	e := wire.CommonWords.Refusal(resp, message)
	if resp.Status/100 != 4 || !reported || status == "ok" {
		return verdict{refusal: e}
	}
	switch e.Kind {
	case access.KindBadKey, access.KindForbidden:
		return verdict{e, true, !temporary.MatchString(message)}
	case access.KindNotUnderstood:
		return verdict{e, true, false}
	default:
		return verdict{refusal: e}
	}
}

// temporary are words of a refusal that may not come back, although its message
// names the key.
var temporary = regexp.MustCompile(`(?i)\b(limit\w*|rate|many|again|later|busy|time\w*|expired|ip|address)\b`)

// known builds the snapshot. The exchange reports nothing itself: an answer showed
// what is granted, a refusal what is denied.
func known(states map[string]access.State) *access.Snapshot {
	snap := &access.Snapshot{}
	kinds.Apply(snap, states)
	for i := range snap.Grants {
		switch g := &snap.Grants[i]; g.State {
		case access.Granted:
			g.Evidence = access.Inferred
		case access.Denied:
			g.Evidence = access.Refused
		default:
		}
	}
	return snap
}

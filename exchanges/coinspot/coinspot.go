// Package coinspot audits API keys of CoinSpot.
//
// The exchange has two kinds of key, and tells which one a key is only by
// answering it or not: one call that says "ok" to keys with full access, and
// another to those that may only read. Full access may include withdrawing,
// by a switch of the key that isn't told, as aren't addresses, creation, last
// use or name. Keys are HMAC, with a nonce, which for many clients is Unix
// seconds: so it is here, and nothing larger is tried unless the owner says so.
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
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://www.coinspot.com.au"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathPrices, Why: "the exchange's time, which the header of an answer tells, so that the nonce is never ahead of it"},
		{Method: http.MethodPost, Path: pathFull, Why: "whether the key has full access; it changes nothing, though sent by POST"},
		{Method: http.MethodPost, Path: pathRead, Why: "whether the key may read; it changes nothing, though sent by POST", When: "the key seems not to have full access"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		Absent: []access.Capability{ // no call does these
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.WithdrawAddresses, access.TransferInternal,
			access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documents and several independent clients",
	},
	Limit: adapter.Limit{Requests: 5, Per: time.Second}, // 1000 a minute are allowed
	Notes: []string{
		"A key with full access may withdraw if Coin Withdraw is switched on, which CoinSpot doesn't tell: look at the key's page, and attest the rule withdrawal.",
		"The confirmation of withdrawals by e-mail is no protection: the caller chooses whether it is asked for.",
		"CoinSpot doesn't tell whether a key is bound to addresses: attest the rule ip-allowlist.",
		"The nonce is the time in seconds. Where the key's other clients use milliseconds it is refused as too low: then set Nonce.Unit.",
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
		Implies: []string{"withdrawing too, if Coin Withdraw is switched on"},
	},
	readOnly: rights.For(access.Read),
}

const fullAccess, readOnly = "full access", "read only"

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, pathFull)
	if err != nil {
		return nil, err
	}
	first := refused(resp)
	if first == nil {
		return known(map[string]access.State{fullAccess: access.Granted}), nil
	}
	if !first.mayRead {
		return nil, first.Error
	}
	if resp, err = ask(ctx, s, pathRead); err != nil {
		return nil, err
	}
	if second := refused(resp); second != nil {
		return nil, second.Error
	}
	states := map[string]access.State{readOnly: access.Granted, fullAccess: access.Denied}
	if first.aboutKey {
		return known(states), nil
	}
	delete(states, fullAccess)
	snap := known(states)
	snap.Notes = []string{"The exchange refused what keys with full access may ask, and it isn't clear why: the key may have full access or not."}
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

// refusal is why a call was refused, and what that allows.
type refusal struct {
	*access.Error
	mayRead  bool // the key may still be one that only reads
	aboutKey bool // it is the kind of key that is refused, and not this request
}

// refused judges the answer of either call; nil means "ok". No text of a refusal
// is documented, so only words that speak of the key or its rights are taken
// to be about them: anything else may as well be a nonce that another client
// has used in the same second, which the next call would get past.
func refused(resp *adapter.Response) *refusal {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return &refusal{Error: wire.Foreign(resp, err)}
	}
	status, told := body.Text("status")
	if resp.Status == http.StatusOK && status == "ok" {
		return nil
	}
	message, _ := body.Text("message")
	e := wire.CommonWords.Refusal(resp, message)
	if resp.Status/100 != 4 || !told || status == "ok" {
		return &refusal{Error: e}
	}
	switch e.Kind {
	case access.KindBadKey, access.KindForbidden:
		return &refusal{e, true, !passing.MatchString(message)}
	case access.KindNotUnderstood:
		return &refusal{e, true, false}
	default:
		return &refusal{Error: e}
	}
}

// passing are words of a refusal that another moment would not bring, though it
// speaks of the key.
var passing = regexp.MustCompile(`(?i)\b(limit\w*|rate|many|again|later|busy|time\w*|expired|ip|address)\b`)

// known makes the snapshot. Nothing is told in words: what is granted was shown
// by an answer, and what is not by a refusal.
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

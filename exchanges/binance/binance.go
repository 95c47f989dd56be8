// Package binance audits API keys of Binance (binance.com). Binance.US, TH and
// TR are different exchanges.
//
// The exchange reports, for the calling key: every permission as a flag, whether
// the key is restricted to IP addresses, and when it was created. It doesn't
// report the IP addresses, an expiry, the last use, the key's name, or whether the
// account is a main account or a sub-account. The test network and the demo mode
// report nothing about keys: there only the right to read is inferred, from a read
// of the account. Keys are HMAC, Ed25519 or RSA.
//
// github.com/adshao/go-binance builds the requests and sends them through our
// transport (transport.go), which signs them; the answers are read here.
//
// Reference: https://developers.binance.com/docs/wallet/account/api-key-permission,
// checked 2026-11-22.
package binance

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	gobinance "github.com/adshao/go-binance/v2"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Binance.
var Exchange = &adapter.Exchange{
	Name:    "binance",
	Title:   "Binance",
	Docs:    "https://developers.binance.com/docs/wallet/account/api-key-permission",
	KeyPage: "https://www.binance.com/en/my/settings/api-management",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: live, URLs: []string{
			"https://api.binance.com", "https://api-gcp.binance.com", "https://api1.binance.com", "https://api2.binance.com",
			"https://api3.binance.com", "https://api4.binance.com",
		}},
		{Name: "testnet", URLs: []string{"https://testnet.binance.vision", "https://api1.testnet.binance.vision"}, Test: true},
		{Name: "demo", URLs: []string{"https://demo-api.binance.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: "/sapi/v1/account/apiRestrictions",
			Why: "permissions, IP restriction and creation date of the calling key", Environments: []string{live},
		},
		{
			Method: http.MethodGet, Path: "/api/v3/account",
			Why: "a read that shows that the key can read", Environments: []string{"testnet", "demo"},
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key, access.RSAKey}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Absent:    []access.Capability{access.WithdrawAddresses}, // no permission is for these
		Allowlist: adapter.Always, Created: adapter.Always,
		Confirmed: "documentation, the exchange's own libraries and an independent client",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // what reading the account costs, the more expensive call
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"The test network and the demo mode do not report what a key may do.",
		"Without the right to universal transfer, a key can still transfer within products, for instance between " +
			"the spot and margin wallets, if it has the products' rights.",
		"The exchange does not report whether the IP addresses that a key is restricted to are its owner's or a " +
			"third party's.",
		"Keys of the margin special mode are additional keys of the same account, which the answer does not mention.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "serverTime", wire.Object.Millis),
}

const (
	live     = "live"
	pathTime = "/api/v3/time"
	window   = 5000 // milliseconds
)

// placeholder is given to go-binance in place of the secret.
const placeholder = "the secret stays with the session"

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	through := &transport{session: s, err: errUnused}
	client, read := newClient(s, through), parse
	if s.Environment() == live {
		_, _ = client.NewGetAPIKeyPermission().Do(ctx) // the transport keeps the answer, or why there is none
	} else {
		_, _ = client.NewGetAccountService().OmitZeroBalances(true).Do(ctx)
		read = parseAccount
	}
	if through.err != nil {
		return nil, through.err
	}
	return read(through.answer)
}

// newClient returns a client for one inspection: go-binance's are not safe for
// concurrent use, and print what they hold.
func newClient(s *adapter.Session, through *transport) *gobinance.Client {
	client := gobinance.NewClient(s.Key(), placeholder)
	client.BaseURL = "https://" + s.Host()
	client.HTTPClient = &http.Client{
		Transport:     through,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client
}

var errUnused = &access.Error{Message: "go-binance sent nothing"}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	snap, states := &access.Snapshot{Answer: access.Answer{PairAllowlist: access.PairAllowlist{Offered: true}}}, body.Flags(isFlag)
	err = missing(states)
	rights.DenyNothingWithout(states, "enableReading") // the call is a read itself
	permissions.Apply(snap, states)
	rights.Prove(snap, access.Read)
	switch restricted, reported := body.Bool("ipRestrict"); {
	case !reported:
	case restricted:
		snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
	default:
		snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported}
		snap.Deadlines = deadlines(snap.Grants)
		if snap.Can(access.Withdraw) {
			snap.Contradictions = []string{
				"the key can withdraw and is not restricted to IP addresses, but the exchange grants that right only to restricted keys",
			}
		}
	}
	// Older answers: a rule of 2021 ended the right to trade of unrestricted keys.
	if end, ok := body.Millis("tradingAuthorityExpirationTime"); ok {
		snap.Deadlines = append(snap.Deadlines, access.Deadline{What: "the right to trade spot and margin ends", At: end})
	}
	snap.Created, _ = body.Millis("createTime")
	if err := cmp.Or(body.Err(), err); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// parseAccount reads the account. canTrade, canWithdraw and permissions in it
// belong to the account and are no evidence about the key.
func parseAccount(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	snap := &access.Snapshot{}
	rights.Prove(snap, access.Read)
	snap.Account.ID, _ = body.Text("uid")
	if _, ok := body.Objects("balances"); !ok || body.Err() != nil {
		return nil, wire.NotUnderstood(resp, cmp.Or(body.Err(), errors.New("the answer is not an account")))
	}
	return snap, nil
}

// unwrap separates an answer from a refusal, which has a negative code. -1003 is a
// ban when the status is 418.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	switch {
	case resp.Status == http.StatusTeapot:
		return body, &access.Error{Kind: access.KindBanned, Status: resp.Status, Code: code, Message: message}
	case err != nil:
		return body, wire.NotUnderstood(resp, err)
	case resp.Status/100 != 2 || strings.HasPrefix(code, "-"):
		return body, failures.Refusal(resp, code, message)
	}
	return body, nil
}

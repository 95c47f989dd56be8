// Package lbank audits API keys of LBank.
//
// The exchange reports, for any key and in one request, a read although sent by
// POST: whether the key may read, trade spot and withdraw, whether it is restricted
// to IP addresses, and when it was created. Newer answers may report transfers and
// futures too, which its pages don't mention. It doesn't report the IP addresses,
// expiry, last use, the key's name or whether it belongs to a main account. Keys are
// HMAC or RSA.
//
// Reference: https://www.lbank.com/docs/index.html, wallet and authentication,
// checked 2026-11-22.
package lbank

import (
	"context"
	"crypto/md5" //nolint:gosec // the exchange requires the MD5 of the parameters to be signed
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is LBank.
var Exchange = &adapter.Exchange{
	Name:    "lbank",
	Title:   "LBank",
	Docs:    "https://www.lbank.com/docs/index.html",
	KeyPage: "https://www.lbank.com",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.lbkex.com", "https://www.lbkex.net", "https://api.lbank.info"}},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodPost, Path: pathKey,
			Why: "permissions and creation date of the calling key; a read, although sent by POST",
		},
		wire.TimeCall(pathTime),
	},
	// RSA secrets are issued as PKCS#8 in base64, without PEM armour.
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret, access.RSAKey}, Encoding: adapter.KeyText,
		KeyForm: wire.Form(wire.UUID), SecretForm: wire.Form(wire.Hex + "{32}"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw, access.TransferExternal},
		// No permission is for these. Futures and transfers have flags that
		// aren't documented, so they are in neither list.
		Absent: []access.Capability{
			access.TradeMargin, access.TradeOptions, access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Always, Created: adapter.Always,
		Confirmed: "documentation and independent clients",
	},
	Limit:       adapter.Limit{Requests: 200, Per: 10 * time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"The exchange uses the same code for an IP address that is not allowed and for a missing permission.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "data", wire.Object.Millis),
}

const (
	pathKey  = "/v2/supplement/api_Restrictions.do"
	pathTime = "/v2/timestamp.do"
	lifetime = 30 * 24 * time.Hour // of keys without an IP allowlist
)

// permissions: wallet documentation, and the withdrawal call, which also sends to
// other accounts of the exchange. For the last two, see undocumented.
var permissions = rights.Table{
	"enableReading":        rights.For(access.Read),
	"enableSpotTrading":    rights.For(access.TradeSpot),
	"enableWithdrawals":    rights.For(access.Withdraw, access.TransferExternal),
	"enableTransfer":       rights.For(access.TransferInternal),
	"enableFuturesTrading": rights.For(access.TradeFutures),
}

// undocumented flags are known from one independent client, what they include is
// not: they can grant, but deny nothing.
var undocumented = []string{"enableTransfer", "enableFuturesTrading"}

// failures: the documentation's error codes. An expired key has no code of its own.
// 10202, 10203 and 10031 would be mistakes of this adapter.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "10005", "10006"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("10002"),
	wire.Is(access.KindBadSignature, "10007", "10201"),
	wire.OneOf(access.KindIPNotAllowed, access.KindForbidden).For("10022"),
	wire.Is(access.KindForbidden, "10067", "10100"),
	wire.Is(access.KindClockSkew, "10600"),
	wire.Is(access.KindRateLimited, "10004"),
	wire.Is(access.KindGeoBlocked, "10205"),
	wire.Is(access.KindUnavailable, "10116", "10601", "10000", "10017"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	algorithm, method, encode := adapter.HMACSHA256, "HmacSHA256", hex.EncodeToString
	if s.KeyKind() == access.RSAKey {
		algorithm, method, encode = adapter.RSASHA256, "RSA", base64.StdEncoding.EncodeToString
	}
	echo, stamp := hex.EncodeToString(s.Random(16)), wire.Millis(s)
	signature, err := s.Sign(ctx, algorithm, prepared(s.Key(), echo, method, stamp))
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: pathKey,
		Header: http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Timestamp": {stamp}, "Signature_method": {method}, "Echostr": {echo},
		},
		Body: url.Values{"api_key": {s.Key()}, "sign": {encode(signature)}}.Encode(),
	})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

// prepared is what is signed: the MD5, in upper-case hex, of the parameters in
// the order of their names.
func prepared(key, echo, method, stamp string) string {
	sum := md5.Sum([]byte("api_key=" + key + "&echostr=" + echo + "&signature_method=" + method + "&timestamp=" + stamp)) //nolint:gosec // as above
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	states := data.Flags(func(name string) bool { return strings.HasPrefix(name, "enable") })
	reported, transfers := len(states), states["enableTransfer"]
	for _, name := range undocumented {
		if states[name] == access.Denied {
			delete(states, name)
		}
	}
	rights.DenyNothingWithout(states, "enableReading") // the call is a read itself
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	for i := range snap.Grants { // what enableTransfer includes isn't documented
		if g := &snap.Grants[i]; g.Capability == access.TransferExternal && g.State == access.Denied && transfers != access.Denied {
			g.State, g.Evidence = access.Unknown, access.NoEvidence
		}
	}
	snap.Created, _ = data.Millis("createTime")
	if restricted, ok := data.Bool("ipRestrict"); ok {
		snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported, Mandatory: snap.Can(access.Withdraw)}
		if restricted {
			snap.IPAllowlist.State = access.AllowlistRestricted
		}
	}
	if snap.IPAllowlist.State == access.AllowlistUnrestricted {
		snap.Deadlines = []access.Deadline{deadline(snap.Created)}
		if snap.Can(access.Withdraw) {
			snap.Contradictions = []string{"the key may withdraw, which the exchange grants only with an IP allowlist, but it has none"}
		}
	}
	err = data.Err()
	if err == nil && reported == 0 {
		err = wire.ErrNoPermission
	}
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// deadline is a rule of the exchange, not a fact it reports.
func deadline(created time.Time) access.Deadline {
	d := access.Deadline{What: "the exchange expires keys without an IP allowlist 30 days after their creation", DateMissing: created.IsZero()}
	if !created.IsZero() {
		d.At = created.Add(lifetime)
	}
	return d
}

// unwrap checks the envelope, which the documentation's sample of this call
// doesn't have. The parts that are there must say that the call succeeded.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("error_code")
	message, _ := body.Text("msg")
	succeeded, reported := body.Bool("result")
	refused := (reported && !succeeded) || (body.Has("error_code") && code != "0")
	if refused || resp.Status != http.StatusOK {
		return body, failures.Refusal(resp, code, message)
	}
	if data, ok := body.Object("data"); ok {
		return data, nil
	}
	return body, nil
}

// Package lbank audits API keys of LBank.
//
// The exchange tells, for any key and in one request, a read though sent by POST:
// whether the key may read, trade spot and withdraw, whether it is bound to
// addresses, and when it was made. Newer answers may tell transfers and futures
// too, which its pages don't mention. It doesn't tell the addresses, expiry,
// last use, the key's name or whether it belongs to a main account. Keys are
// HMAC or RSA.
//
// Reference: https://www.lbank.com/docs/index.html, wallet and authentication,
// checked 2026-11-22.
package lbank

import (
	"context"
	"crypto/md5" //nolint:gosec // the exchange wants the MD5 of the parameters signed
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.lbkex.com", "https://www.lbkex.net", "https://api.lbank.info"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: pathKey, Why: "permissions and creation of the calling key; a read, though sent by POST"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	// RSA secrets are handed out as PKCS#8 in base64, without armour.
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret, access.RSAKey}, Encoding: adapter.KeyText},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw, access.TransferExternal},
		// No permission is for these. Futures and transfers have flags that
		// aren't documented, so they are in neither list.
		Absent: []access.Capability{
			access.TradeMargin, access.TradeOptions, access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Always, Created: adapter.Always,
		Confirmed: "documents and independent clients",
	},
	Limit:       adapter.Limit{Requests: 200, Per: 10 * time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"Keys are under Account, API Management.",
		"Keys that are not bound to an address expire after 30 days.",
		"The right to withdraw takes a key that is bound to addresses; at most four, by the exchange's help pages.",
		"A guide of a third party says that spot and futures have lists of addresses of their own, of which this call would tell one: look at both.",
		"The exchange refuses a wrong address and a missing permission with one and the same code.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "data", wire.Object.Millis),
}

const (
	pathKey  = "/v2/supplement/api_Restrictions.do"
	pathTime = "/v2/timestamp.do"
	lifetime = 30 * 24 * time.Hour // of unbound keys
)

// permissions: wallet documentation, and the withdrawal call, which also sends
// to other accounts of the exchange. The last two, see undocumented.
var permissions = rights.Table{
	"enableReading":        rights.For(access.Read),
	"enableSpotTrading":    rights.For(access.TradeSpot),
	"enableWithdrawals":    rights.For(access.Withdraw, access.TransferExternal),
	"enableTransfer":       rights.For(access.TransferInternal),
	"enableFuturesTrading": rights.For(access.TradeFutures),
}

// undocumented flags are known from one independent client, and what they reach
// isn't: they can grant, and deny nothing.
var undocumented = []string{"enableTransfer", "enableFuturesTrading"}

// failures: the documentation's error codes. An expired key has none of its
// own. 10202, 10203 and 10031 would be this adapter's own mistakes.
var failures = wire.Failures{
	"10005": wire.Is(access.KindBadKey),
	"10006": wire.Is(access.KindBadKey),
	"10002": wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"10007": wire.Is(access.KindBadSignature),
	"10201": wire.Is(access.KindBadSignature),
	"10022": wire.OneOf(access.KindIPNotAllowed, access.KindForbidden),
	"10067": wire.Is(access.KindForbidden),
	"10100": wire.Is(access.KindForbidden),
	"10600": wire.Is(access.KindClockSkew),
	"10004": wire.Is(access.KindRateLimited),
	"10205": wire.Is(access.KindGeoBlocked),
	"10116": wire.Is(access.KindUnavailable),
	"10601": wire.Is(access.KindUnavailable),
	"10000": wire.Is(access.KindUnavailable),
	"10017": wire.Is(access.KindUnavailable),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	algorithm, method, encode := adapter.HMACSHA256, "HmacSHA256", hex.EncodeToString
	if s.KeyKind() == access.RSAKey {
		algorithm, method, encode = adapter.RSASHA256, "RSA", base64.StdEncoding.EncodeToString
	}
	echo, stamp := hex.EncodeToString(s.Random(16)), strconv.FormatInt(s.Now().UnixMilli(), 10)
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
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	states := map[string]access.State{}
	for _, name := range slices.Sorted(slices.Values(data.Names())) { // so that an error is always the same
		if strings.HasPrefix(name, "enable") {
			if on, ok := data.Bool(name); ok && (on || !slices.Contains(undocumented, name)) {
				states[name] = access.StateOf(on)
			}
		}
	}
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	for i := range snap.Grants { // how far enableTransfer reaches isn't documented
		if g := &snap.Grants[i]; g.Capability == access.TransferExternal && g.State == access.Denied && states["enableTransfer"] == access.Granted {
			g.State, g.Evidence = access.Unknown, access.NoEvidence
		}
	}
	snap.Created, _ = data.Millis("createTime")
	if bound, ok := data.Bool("ipRestrict"); ok {
		snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported, Mandatory: snap.Can(access.Withdraw)}
		if bound {
			snap.IPAllowlist.State = access.AllowlistRestricted
		}
	}
	if snap.IPAllowlist.State == access.AllowlistUnrestricted {
		snap.Deadlines = []access.Deadline{unbound(snap.Created)}
		if snap.Can(access.Withdraw) {
			snap.Contradictions = []string{"the key may withdraw, which the exchange grants only with an IP restriction, and it has none"}
		}
	}
	err := data.Err()
	if err == nil && len(states) == 0 {
		err = errors.New("the answer tells no permission")
	}
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unbound is a rule of the exchange, not a fact it tells.
func unbound(created time.Time) access.Deadline {
	d := access.Deadline{What: "the exchange ends keys that are not bound to an address 30 days after they were made"}
	if !created.IsZero() {
		d.At = created.Add(lifetime)
	}
	return d
}

// unwrap checks the envelope, which the documentation's sample of this call
// doesn't have. What there is of it must say that the call succeeded.
func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("error_code")
	message, _ := body.Text("msg")
	succeeded, told := body.Bool("result")
	refused := (told && !succeeded) || (body.Has("error_code") && code != "0")
	if refused || resp.Status != http.StatusOK {
		return body, failures.Refusal(resp, code, message)
	}
	if data, ok := body.Object("data"); ok {
		return data, nil
	}
	return body, nil
}

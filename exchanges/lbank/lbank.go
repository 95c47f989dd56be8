// Package lbank audits API keys of LBank.
//
// The venue tells, for any key and in one request, a read though sent by POST:
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
	"crypto/md5" //nolint:gosec // the venue wants the MD5 of the parameters signed
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is LBank.
var Exchange = &audit.Exchange{
	Name:    "lbank",
	Title:   "LBank",
	Docs:    "https://www.lbank.com/docs/index.html",
	KeyPage: "https://www.lbank.com",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: []string{"https://api.lbkex.com", "https://www.lbkex.net", "https://api.lbank.info"}},
	},
	Calls: []audit.Call{
		{Method: http.MethodPost, Path: pathKey, Why: "permissions and creation of the calling key; a read, though sent by POST"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	// RSA secrets are handed out as PKCS#8 in base64, without armour.
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret, audit.RSAKey}, Encoding: audit.KeyText},
	Coverage: audit.Coverage{
		Tells: []audit.Capability{audit.Read, audit.TradeSpot, audit.Withdraw, audit.TransferExternal},
		// No permission is for these. Futures and transfers have flags that
		// aren't documented, so they are in neither list.
		Absent: []audit.Capability{
			audit.TradeMargin, audit.TradeOptions, audit.WithdrawAddresses, audit.SubaccountManage, audit.APIKeyManage,
		},
		Allowlist: audit.Always, Created: audit.Always,
		Confirmed: "documents and independent clients",
	},
	Limit:       audit.Limit{Requests: 200, Per: 10 * time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"Keys are under Account, API Management.",
		"Keys that are not bound to an address expire after 30 days.",
		"The right to withdraw takes a key that is bound to addresses; at most four, by the venue's help pages.",
		"A guide of a third party says that spot and futures have lists of addresses of their own, of which this call would tell one: look at both.",
		"The venue refuses a wrong address and a missing permission with one and the same code.",
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
// to other accounts of the venue. The last two, see undocumented.
var permissions = rights.Table{
	"enableReading":        rights.For(audit.Read),
	"enableSpotTrading":    rights.For(audit.TradeSpot),
	"enableWithdrawals":    rights.For(audit.Withdraw, audit.TransferExternal),
	"enableTransfer":       rights.For(audit.TransferInternal),
	"enableFuturesTrading": rights.For(audit.TradeFutures),
}

// undocumented flags are known from one independent client, and what they reach
// isn't: they can grant, and deny nothing.
var undocumented = []string{"enableTransfer", "enableFuturesTrading"}

// failures: the documentation's error codes. An expired key has none of its
// own. 10202, 10203 and 10031 would be this adapter's own mistakes.
var failures = wire.Failures{
	"10005": wire.Is(audit.KindBadKey),
	"10006": wire.Is(audit.KindBadKey),
	"10002": wire.OneOf(audit.KindBadKey, audit.KindBadSignature),
	"10007": wire.Is(audit.KindBadSignature),
	"10201": wire.Is(audit.KindBadSignature),
	"10022": wire.OneOf(audit.KindIPNotAllowed, audit.KindForbidden),
	"10067": wire.Is(audit.KindForbidden),
	"10100": wire.Is(audit.KindForbidden),
	"10600": wire.Is(audit.KindClockSkew),
	"10004": wire.Is(audit.KindRateLimited),
	"10205": wire.Is(audit.KindGeoBlocked),
	"10116": wire.Is(audit.KindUnavailable),
	"10601": wire.Is(audit.KindUnavailable),
	"10000": wire.Is(audit.KindUnavailable),
	"10017": wire.Is(audit.KindUnavailable),
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	algorithm, method, encode := audit.HMACSHA256, "HmacSHA256", hex.EncodeToString
	if s.KeyKind() == audit.RSAKey {
		algorithm, method, encode = audit.RSASHA256, "RSA", base64.StdEncoding.EncodeToString
	}
	echo, stamp := hex.EncodeToString(s.Random(16)), strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, algorithm, prepared(s.Key(), echo, method, stamp))
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{
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

func parse(resp *audit.Response) (*audit.Snapshot, error) {
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	states := map[string]audit.State{}
	for _, name := range slices.Sorted(slices.Values(data.Names())) { // so that an error is always the same
		if strings.HasPrefix(name, "enable") {
			if on, ok := data.Bool(name); ok && (on || !slices.Contains(undocumented, name)) {
				states[name] = audit.StateOf(on)
			}
		}
	}
	snap := &audit.Snapshot{}
	permissions.Apply(snap, states)
	for i := range snap.Grants { // how far enableTransfer reaches isn't documented
		if g := &snap.Grants[i]; g.Capability == audit.TransferExternal && g.State == audit.Denied && states["enableTransfer"] == audit.Granted {
			g.State, g.Evidence = audit.Unknown, audit.NoEvidence
		}
	}
	snap.Created, _ = data.Millis("createTime")
	if bound, ok := data.Bool("ipRestrict"); ok {
		snap.IPAllowlist = audit.IPAllowlist{State: audit.AllowlistUnrestricted, Evidence: audit.Told, Mandatory: snap.Can(audit.Withdraw)}
		if bound {
			snap.IPAllowlist.State = audit.AllowlistRestricted
		}
	}
	if snap.IPAllowlist.State == audit.AllowlistUnrestricted {
		snap.Deadlines = []audit.Deadline{unbound(snap.Created)}
		if snap.Can(audit.Withdraw) {
			snap.Contradictions = []string{"the key may withdraw, which the venue grants only with an IP restriction, and it has none"}
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

// unbound is a rule of the venue, not a fact it tells.
func unbound(created time.Time) audit.Deadline {
	d := audit.Deadline{What: "the venue ends keys that are not bound to an address 30 days after they were made"}
	if !created.IsZero() {
		d.At = created.Add(lifetime)
	}
	return d
}

// unwrap checks the envelope, which the documentation's sample of this call
// doesn't have. What there is of it must say that the call succeeded.
func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
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

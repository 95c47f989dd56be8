package exchangetest

import (
	"crypto/sha512"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// VALR is a fake of VALR's API v1. Option "book" is the key's own list of
// withdrawal addresses, comma-separated; the exchange omits that list and the IP
// allowlist for a key that has none.
func VALR() *Fake {
	return New(Definition{
		Name: "valr", Hosts: []string{"api.valr.com"}, Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"View access", []access.Capability{access.Read}},
			{"Trade", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}},
			{"Withdraw", []access.Capability{access.Withdraw}},
			{"Internal Transfer", []access.Capability{access.TransferInternal}},
			{"Link bank account", []access.Capability{access.WithdrawAddresses}},
		},
		MayGrant: map[string][]access.Capability{"Withdraw": {access.TransferExternal}},
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Account: true, Label: true, Unit: time.Millisecond},
		CanExist: func(s *Spec) bool { return s.Has("View access") }, // which the call needs
		Failures: []Failure{
			{ // The exchange documents statuses, and no codes.
				Name: FailUnknownKey, Reply: Reply{Status: 401, Body: `{"message":"Unauthorized"}`}, Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindForbidden, access.KindIPNotAllowed},
			},
			{
				Name: "permission missing", Reply: Reply{Status: 403, Body: `{"message":"Forbidden"}`}, Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindForbidden, access.KindIPNotAllowed},
			},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
			{Name: "something else", Reply: Reply{Status: 400, Body: `{"code":-6,"message":"The request is malformed"}`}, Kind: access.KindNotUnderstood},
			{Name: "rate limited", Reply: Reply{Status: 429, Body: `{"message":"Too many requests"}`}, Kind: access.KindRateLimited},
			{Name: "read-only mode", Reply: Reply{Status: 503, Body: `{"message":"The exchange is in read-only mode"}`}, Kind: access.KindUnavailable},
		},
		Vectors:  valrVectors,
		Shape:    func(k *Issued) { k.ID = Hex(64, "valr", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("X-VALR-API-KEY") },
		Verify:   valrVerify,
		Routes:   map[string]func(*Call) Reply{"GET /v1/account/api-keys/current": valrCurrent},
	})
}

// valrVerify follows the documentation: timestamp in milliseconds, method, path with
// query, body and the sub-account that a main account's key acts for; HMAC-SHA512 with
// the secret as text, in lower-case hexadecimal. How far off the timestamp may be is
// not documented, so it is only required.
func valrVerify(c *Call) *Reply {
	stamp, sub := c.Header.Get("X-VALR-TIMESTAMP"), c.Header.Get("X-VALR-SUB-ACCOUNT-ID")
	if _, err := strconv.ParseInt(stamp, 10, 64); err != nil || len(stamp) != 13 || sub != "" && c.Key.SubAccount {
		return c.Refuse(FailUnknownKey)
	}
	if c.Header.Get("X-VALR-SIGNATURE") != hmacHex(sha512.New, c.Key.Secret, stamp+c.Method+c.URL.RequestURI()+string(c.Body)+sub) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func valrCurrent(c *Call) Reply {
	k := c.Key
	answer := map[string]any{
		"label": k.Label, "permissions": listOf(k.Permissions), "isSubAccount": k.SubAccount,
		"addedAt": timeOr(k.Created, c.Now).UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	if len(k.IPs) > 0 {
		answer["allowedIpAddressCidr"] = strings.Join(k.IPs, ",")
	}
	if list := k.Options["book"]; list != "" {
		var rows []map[string]string
		for address := range strings.SplitSeq(list, ",") {
			rows = append(rows, map[string]string{"currency": "BTC", "address": address})
		}
		answer["allowedWithdrawAddressList"] = rows
	}
	body, _ := json.Marshal(answer)
	return Reply{Body: string(body)}
}

// The first two are the exchange's own samples; the others were computed by its rule.
var valrVectors = []Vector{
	valrVector("GET", "/v1/account/balances", "", "1558014486185", "",
		"9d52c181ed69460b49307b7891f04658e938b21181173844b5018b2fe783a6d4c62b8e67a03de4d099e7437ebfabe12c56233b73c6a0cc0f7ae87e05f6289928"),
	valrVector("POST", "/v1/orders/market", `{"customerOrderId":"ORDER-000001","pair":"BTCZAR","side":"BUY","quoteAmount":"80000"}`, "1558017528946", "",
		"be97d4cd9077a9eea7c4e199ddcfd87408cb638f2ec2f7f74dd44aef70a49fdc49960fd5de9b8b2845dc4a38b4fc7e56ef08f042a3c78a3af9aed23ca80822e8"),
	valrVector("GET", "/v1/account/api-keys/current", "", "1767225600000", "",
		"b5504391bbf75353854d8e0229c6adba4c92936312d355a722f64146492b02dfa7a37cb8b4bc48991543ca2a59d494ecfdc36f9efb6742747f4db73bf5737d81"),
	valrVector("GET", "/v1/account/api-keys/current", "", "1767225600000", "1234567890",
		"80d359901f1954f142854e3d1e810487d1fc5ad88ced2e72ef7b0d31a9d3b6467eed20c0485ef900455d06018d185ffaf991b8d283c5159f9914796a6bd8b8e0"),
}

func valrVector(method, path, body, stamp, sub, signature string) Vector {
	const key = "valr-key"
	ms, _ := strconv.ParseInt(stamp, 10, 64)
	header := map[string]string{"X-VALR-API-KEY": key, "X-VALR-TIMESTAMP": stamp, "X-VALR-SIGNATURE": signature}
	if sub != "" {
		header["X-VALR-SUB-ACCOUNT-ID"] = sub
	}
	return Vector{
		Name: method + " " + path + " " + sub, Time: time.UnixMilli(ms), Key: key,
		Secret: "4961b74efac86b25cce8fbe4c9811c4c7a787b7a5996660afcc2e287ad864363", Method: method, URL: "https://api.valr.com" + path, Header: header, Body: body,
	}
}

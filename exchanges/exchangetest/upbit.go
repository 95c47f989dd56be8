package exchangetest

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Upbit is a fake of Upbit's API. Its keys belong to the main pocket, or to a
// sub-pocket if they belong to a sub-account; those of the main pocket manage
// pockets, unless option "pockets" is "no". At the other sites, a key without
// permissions may read.
func Upbit() *Fake {
	return New(Definition{
		Name:  "upbit",
		Hosts: []string{"api.upbit.com", "sg-api.upbit.com", "id-api.upbit.com", "th-api.upbit.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"view_account", []access.Capability{access.Read}},
			{"view_orders", []access.Capability{access.Read}},
			{"make_orders", []access.Capability{access.TradeSpot}},
			{"view_withdrawals", []access.Capability{access.Read}},
			{"withdraw", []access.Capability{access.Withdraw, access.TransferExternal}},
			{"view_deposits", []access.Capability{access.Read}},
			{"deposit", []access.Capability{access.Other("deposit")}},
			{"transfer", []access.Capability{access.TransferInternal}},
		},
		// Only keys that manage pockets get the rights of keys.
		Base:     []access.Capability{access.TransferInternal, access.SubaccountManage},
		CanExist: func(s *Spec) bool { return !s.SubAccount },
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Expires: true, Account: true},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: errorByName(401, "invalid_access_key", "Invalid access key."), Kind: access.KindBadKey},
			{Name: FailBadSignature, Reply: errorByName(401, "jwt_verification", "Failed to verify Jwt Token."), Kind: access.KindBadSignature},
			{Name: "query hash", Reply: errorByName(401, "invalid_query_payload", "Failed to verify the query of Jwt."), Kind: access.KindNotUnderstood},
			{Name: FailHeader, Reply: errorByName(401, "no_authorization_token", "The token is missing."), Kind: access.KindNotUnderstood},
			{Name: FailIP, Reply: errorByName(401, "no_authorization_ip", "This is not a verified IP."), Kind: access.KindIPNotAllowed},
			{Name: "IP address not allowed, older spelling", Reply: errorByName(401, "no_authorization_i_p", "This is not a verified IP."), Kind: access.KindIPNotAllowed},
			{Name: FailNonce, Reply: errorByName(401, "nonce_used", "The nonce was used before."), Kind: access.KindNotUnderstood},
			{Name: FailExpired, Reply: errorByName(401, "expired_access_key", "This key has expired."), Kind: access.KindExpired},
			{Name: upbitOutOfScope, Reply: errorByName(401, "out_of_scope", "Out of scope."), Kind: access.KindForbidden},
			{Name: "permission missing, pockets", Reply: errorByName(403, "out_of_scope", "Out of scope."), Kind: access.KindForbidden},
			{Name: "terms not accepted", Reply: errorByName(400, "thirdparty_agreement_required", "The agreement is required."), Kind: access.KindForbidden},
			{Name: "withdrawal address", Reply: errorByName(400, "withdraw_address_not_registered", "The address is not registered."), Kind: access.KindNotUnderstood},
			{Name: "rate limited", Reply: errorByName(429, "too_many_requests", "Too many API requests."), Kind: access.KindRateLimited},
			{Name: "blocked", Reply: errorByName(418, "too_many_requests", "Blocked for 60 seconds."), Kind: access.KindBanned},
			{Name: "server error", Reply: errorByName(500, "server_error", "Something went wrong."), Kind: access.KindUnavailable},
		},
		Vectors:  upbitVectors,
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(40, "upbit", k.Serial), Hex(40, "upbit secret", k.Serial)
		},
		Identify: hmacJWTKey,
		Verify:   upbitVerify,
		Routes: map[string]func(*Call) Reply{
			"GET /v1/pockets/api_keys": upbitPocketKeys,
			"GET /v1/api_keys":         keyExpiries,
			"GET /v1/accounts":         upbitAccounts,
		},
		Introspection: "GET /v1/pockets/api_keys",
	})
}

const upbitOutOfScope = "permission missing"

// upbitVerify follows the documentation: HS512, or HS256 as in many clients, with
// the secret as text; a new nonce for every request; the hash of the parameters.
// There is no timestamp.
func upbitVerify(c *Call) *Reply {
	t, ok := readHMACJWT(c)
	switch {
	case !ok:
		return c.Refuse(FailHeader)
	case !t.signedWith(c.Key.Secret, map[string]func() hash.Hash{"HS512": sha512.New, "HS256": sha256.New}):
		return c.Refuse(FailBadSignature)
	case !t.covers(c):
		return c.Refuse("query hash")
	case !t.fresh(c.Key):
		return c.Refuse(FailNonce)
	}
	return nil
}

// upbitPocketKeys lists all keys, by pocket.
func upbitPocketKeys(c *Call) Reply {
	if c.Key.SubAccount || c.Key.Options["pockets"] == "no" {
		return *c.Refuse("permission missing, pockets")
	}
	group := func(uuid string, sub bool) map[string]any {
		keys := []any{}
		for _, k := range c.Keys(func(k *Issued) bool { return k.SubAccount == sub }) {
			permissions := listOf(k.Permissions)
			if !sub && k.Options["pockets"] != "no" {
				permissions = append(permissions, "manage_pockets")
			}
			entry := map[string]any{
				"access_key": k.ID, "permissions": permissions, "allowed_ips": listOf(k.IPs), "created_at": inSeoul(timeOr(k.Created, c.Now)),
			}
			if !k.Expires.IsZero() {
				entry["expired_at"] = inSeoul(k.Expires)
			}
			keys = append(keys, entry)
		}
		return map[string]any{"uuid": uuid, "keys": keys}
	}
	body, _ := json.Marshal([]any{group("11111111-2222-4333-8444-555555555555", false), group("66666666-7777-4888-8999-000000000000", true)})
	return Reply{Body: string(body)}
}

func upbitAccounts(c *Call) Reply {
	if len(c.Key.Permissions) > 0 && !c.Key.Has("view_account") {
		return *c.Refuse(upbitOutOfScope)
	}
	if c.Key.Options["balance"] == "none" {
		return Reply{Body: `[]`}
	}
	return Reply{Body: `[{"currency":"KRW","balance":"1000000.0","locked":"0.0","avg_buy_price":"0","avg_buy_price_modified":false,"unit_currency":"KRW"}]`}
}

// inSeoul is a time as both exchanges write it.
func inSeoul(t time.Time) string {
	return t.In(time.FixedZone("KST", 9*60*60)).Format("2006-01-02T15:04:05-07:00")
}

var upbitVectors = []Vector{
	upbitVector("no parameters", "/v1/pockets/api_keys", `{"access_key":"test-access-key","nonce":"00000000-0000-4000-8000-000000000001"}`,
		"iMXm6uFMsBrDDx6GxUCnhdlger-eE8KJLV4bbB-sKt2ArFQ_RvzpDyO7Z09bv4DzbSBihxy7NxcLkEoZfhuXnw"),
	upbitVector("parameters", "/v1/pockets/api_keys?uuids[]=9ca023a5-851b-4fec-9f0a-48cd83c2eaae&include_expired=true",
		`{"access_key":"test-access-key","nonce":"00000000-0000-4000-8000-000000000002","query_hash":"8fd13aa43cb9178b78c78e691e2a4da73b767312ee0d47ccf02a485044d06ea1fa39d6c648d60021c8c55f64e18c87f8d128b3e04093557f3afbca86a012ae42","query_hash_alg":"SHA512"}`,
		"Qc662WxVOwXM_I3snljuzlW7on5lGGyeoAKJE--UUDUN3ocpQwicZsnmMjQdURJe_I4T2OLO3Yt7U9Q8ej13Ww"),
}

func upbitVector(name, path, claims, signature string) Vector {
	encode := base64.RawURLEncoding.EncodeToString
	return Vector{
		Name: name, Time: time.Unix(1_780_315_200, 0), Key: "test-access-key", Secret: "test-secret-key", Method: "GET", URL: "https://api.upbit.com" + path,
		Header: map[string]string{"Authorization": "Bearer " + encode([]byte(`{"alg":"HS512","typ":"JWT"}`)) + "." + encode([]byte(claims)) + "." + signature},
	}
}

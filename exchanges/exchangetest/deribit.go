package exchangetest

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Deribit is a fake of Deribit's API. Its permissions are the words of a scope,
// at most one for each area. Every key may read account data, unless option
// "account" is "none". Keys labelled "sibling" belong to the account of every
// other key. Options: "challenge": "1" asks for a second factor instead of listing
// the keys; "secrets": "hidden" omits the keys' secrets from the list; "scope" is
// the scope of the token instead of the key's own.
func Deribit() *Fake {
	used := map[string]bool{} // nonces
	return New(Definition{
		Name:  "deribit",
		Hosts: []string{"www.deribit.com", "test.deribit.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"account:read_write", nil},
			{"trade:read_write", nil},
			{"trade:read", nil},
			{"wallet:read_write", nil},
			{"wallet:read", nil},
			{"block_trade:read_write", nil},
			{"block_trade:read", nil},
			{"block_rfq:read_write", nil},
			{"block_rfq:read", nil},
			{"custody:read_write", nil},
			{"custody:read", nil},
		},
		Grants:   deribitGrants,
		Reports:  Reports{Allowlist: true, Entries: true, Account: true, Label: true},
		Failures: deribitFailures,
		Vectors:  deribitVectors,
		Shape: func(k *Issued) { // identifiers of 8 characters, secrets of 43
			k.ID, k.Secret = Hex(8, "deribit", k.Serial), Hex(43, "deribit secret", k.Serial)
		},
		Identify: func(c *Call) string { return deribitRead(c).id },
		Verify: func(c *Call) *Reply {
			refusal, sent := deribitVerify(c), deribitRead(c)
			if once := sent.id + " " + sent.nonce; refusal == nil && sent.nonce != "" {
				if used[once] {
					return c.Refuse(FailBadSignature)
				}
				used[once] = true
			}
			return refusal
		},
		Public: map[string]func(*Call) Reply{
			"GET /api/v2/public/get_time": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"jsonrpc":"2.0","result":{ms},"usIn":{ms}000,"usOut":{ms}000,"usDiff":0,"testnet":false}`})
			},
		},
		Routes: map[string]func(*Call) Reply{
			"POST /api/v2/public/auth": deribitAuth, "GET /api/v2/public/auth": deribitAuth, deribitList: deribitKeys,
		},
		Introspection:      deribitList,
		CanExist:           oneLevelPerArea,
		UnknownPermissions: []string{"vault:read_write", "teleport"},
	})
}

const deribitList = "GET /api/v2/private/list_api_keys"

// deribitGrants follows the table of scopes: only with the word mainaccount can
// wallet:read_write send funds to other users.
func deribitGrants(s *Spec) []access.Capability {
	of := map[string][]access.Capability{
		"account:read_write": {access.SubaccountManage, access.APIKeyManage}, "block_trade:read_write": {access.Other("block-trade")},
		"block_rfq:read_write": {access.Other("rfq")}, "custody:read_write": {access.Other("custody")},
		"trade:read_write":  {access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions},
		"wallet:read_write": {access.TransferInternal, access.WithdrawAddresses},
	}
	out := []access.Capability{access.Read}
	for _, p := range s.Permissions {
		out = append(out, of[p]...)
		if p == "wallet:read_write" && !s.SubAccount {
			out = append(out, access.Withdraw, access.TransferExternal)
		}
	}
	return out
}

// deribitRequest is how a request authenticates.
type deribitRequest struct {
	method                                     string
	grant, id, secret, stamp, nonce, data, sig string
}

// deribitRead reads all ways to authenticate: the parameters of public/auth, as
// JSON or in the query, and the header of the private methods.
func deribitRead(c *Call) deribitRequest {
	var r deribitRequest
	r.method = strings.TrimPrefix(c.URL.Path, "/api/v2/")
	scheme, value, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	switch {
	case r.method != "public/auth" && scheme == "deri-hmac-sha256":
		r.grant = scheme
		for part := range strings.SplitSeq(value, ",") {
			name, text, _ := strings.Cut(part, "=")
			if field := map[string]*string{"id": &r.id, "ts": &r.stamp, "sig": &r.sig, "nonce": &r.nonce}[name]; field != nil {
				*field = text
			}
		}
		r.data = c.Method + "\n" + c.URL.RequestURI() + "\n" + string(c.Body) + "\n"
	case r.method != "public/auth" && scheme == "Basic":
		r.grant = "client_credentials"
		plain, _ := base64.StdEncoding.DecodeString(value)
		r.id, r.secret, _ = strings.Cut(string(plain), ":")
	case c.Method == "GET":
		q := c.URL.Query()
		r.grant, r.id, r.secret = q.Get("grant_type"), q.Get("client_id"), q.Get("client_secret")
		r.stamp, r.nonce, r.data, r.sig = q.Get("timestamp"), q.Get("nonce"), q.Get("data"), q.Get("signature")
	default:
		var body struct {
			JSONRPC string      `json:"jsonrpc"`
			ID      json.Number `json:"id"`
			Method  string      `json:"method"`
			Params  struct {
				Grant  string      `json:"grant_type"`
				Client string      `json:"client_id"`
				Secret string      `json:"client_secret"`
				Stamp  json.Number `json:"timestamp"`
				Nonce  string      `json:"nonce"`
				Data   string      `json:"data"`
				Sig    string      `json:"signature"`
			} `json:"params"`
		}
		dec := json.NewDecoder(bytes.NewReader(c.Body))
		dec.DisallowUnknownFields()
		if dec.Decode(&body) != nil || body.JSONRPC != "2.0" || body.Method != r.method {
			return deribitRequest{}
		}
		p := body.Params
		r.grant, r.id, r.secret, r.stamp, r.nonce, r.data, r.sig = p.Grant, p.Client, p.Secret, p.Stamp.String(), p.Nonce, p.Data, p.Sig
	}
	return r
}

// deribitVerify follows the guide: HMAC-SHA256 of time, nonce and data, with the
// secret as text, in lower-case hexadecimal; at most 60 s off.
func deribitVerify(c *Call) *Reply {
	r := deribitRead(c)
	if r.grant == "client_credentials" {
		if subtle.ConstantTimeCompare([]byte(r.secret), []byte(c.Key.Secret)) != 1 {
			return c.Refuse(FailUnknownKey)
		}
		return nil
	}
	ms, err := strconv.ParseInt(r.stamp, 10, 64)
	switch {
	case r.grant != "client_signature" && r.grant != "deri-hmac-sha256", r.nonce == "", err != nil:
		return c.Refuse(FailBadSignature)
	case r.sig != hmacHex(sha256.New, c.Key.Secret, r.stamp+"\n"+r.nonce+"\n"+r.data):
		return c.Refuse(FailBadSignature)
	case c.Now.Sub(time.UnixMilli(ms)).Abs() > time.Minute:
		return c.Refuse(FailClock)
	}
	return nil
}

// deribitScope is the whole scope of a key, its words sorted.
func deribitScope(k *Issued) []string {
	words := slices.Clone(k.Permissions)
	if !k.Has("account:read_write") && k.Options["account"] != "none" {
		words = append(words, "account:read")
	}
	slices.Sort(words)
	return words
}

func deribitAuth(c *Call) Reply {
	words := append(deribitScope(c.Key), "connection")
	if !c.Key.SubAccount {
		words = append(words, "mainaccount")
	}
	slices.Sort(words)
	scope := strings.Join(words, " ")
	if other, ok := c.Key.Options["scope"]; ok {
		scope = other
	}
	return deribitResult(c, map[string]any{
		"access_token": Hex(40, "deribit access", c.Key.Serial), "refresh_token": Hex(40, "deribit refresh", c.Key.Serial),
		"expires_in": 31536000, "token_type": "bearer", "scope": scope, "enabled_features": []string{}, "mandatory_tfa_status": "enabled",
	})
}

func deribitKeys(c *Call) Reply {
	scope := strings.Join(deribitScope(c.Key), " ")
	switch {
	case !strings.Contains(scope, "account:"):
		return *c.Refuse(deribitForbidden)
	case c.Key.Options["challenge"] == "1":
		return deribitResult(c, json.RawMessage(`{"security_key_authorization_required":true,"security_keys":[{"type":"tfa","name":"tfa"}],`+
			`"rp_id":"www.deribit.com","challenge":"Y2hhbGxlbmdl"}`))
	}
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return k == c.Key || k.Label == "sibling" }) {
		record := map[string]any{
			"id": k.Serial, "client_id": k.ID, "client_secret": k.Secret, "max_scope": strings.Join(deribitScope(k), " "),
			"ip_whitelist": listOf(k.IPs), "enabled": !k.Disabled, "enabled_features": []string{}, "name": k.Label, "default": false,
			"timestamp": timeOr(k.Created, c.Now).UnixMilli(),
		}
		if c.Key.Options["secrets"] == "hidden" {
			delete(record, "client_secret")
		}
		list = append(list, record)
	}
	return deribitResult(c, list)
}

func deribitResult(c *Call, result any) Reply {
	us := c.Now.UnixMicro()
	body, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "result": result, "usIn": us, "usOut": us, "usDiff": 0, "testnet": false})
	return Reply{Body: string(body)}
}

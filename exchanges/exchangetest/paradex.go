package exchangetest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Paradex is a fake of Paradex, whose keys are of the Stark curve: subkeys of an account, or
// with the right "main" the account's own key. A key signs in, and all that it may do
// is asked with the token that it gets.
func Paradex() *Fake {
	sub := []access.Capability{access.Read, access.TradeSpot, access.TradeFutures, access.TradeOptions}
	main := append([]access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage}, sub...)
	return New(Definition{
		Name:               "paradex",
		Hosts:              []string{"api.prod.paradex.trade", "api.testnet.paradex.trade"},
		Kinds:              []access.KeyKind{access.StarkWallet},
		Base:               sub,
		Rights:             []Right{{"main", main}},
		UnknownPermissions: []string{},
		CanExist: func(s *Spec) bool {
			return !s.Has("main") || s.Created.IsZero() && s.Changed.IsZero() && len(s.IPs) == 0 && s.Label == ""
		},
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Changed: true, Label: true},
		Failures: paradexFailures,
		Vectors: []Vector{{ // computed with starknet.js
			Name: "the constants of its client's tests", Time: time.Unix(1706868900, 0),
			Key:     "0x2c144d2f2d4fc61b6f8967f3ba0012a87d90140bcfe5a3e92e8df83258c960f",
			Secret:  "0x543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e815",
			Account: "0x129c135ed63df9353885e292be4426b8ed6122b13c6c0e1bb787288a1f5adfa",
			Method:  http.MethodPost,
			URL:     "https://api.prod.paradex.trade/v1/auth/0x2c144d2f2d4fc61b6f8967f3ba0012a87d90140bcfe5a3e92e8df83258c960f",
			Header: map[string]string{
				"Paradex-Starknet-Account": "0x129c135ed63df9353885e292be4426b8ed6122b13c6c0e1bb787288a1f5adfa",
				"Paradex-Timestamp":        "1706868900", "Paradex-Signature-Expiration": "1706955300",
				"Paradex-Starknet-Signature": `["1755071906919213335285561333143480791772513465302485599976654015961231407047","3353471433839545784342289256251414025243366303358038672128692283551201337156"]`,
			},
		}},
		Unsigned: []string{"path", "query"}, // of a read, where the token has identified the key
		Shape:    func(k *Issued) { k.Account = "0x1" + Hex(61, "paradex account", k.Serial/1_000_000) },
		Identify: paradexKey,
		Verify:   paradexVerify,
		Routes: map[string]func(*Call) Reply{
			"POST /v1/auth/{wallet}": func(c *Call) Reply { return Reply{Body: fmt.Sprintf(`{"jwt_token":%q}`, paradexToken(c.Key, c.Now))} },
			"GET /v1/account/info":   paradexInfo,
			paradexList:              paradexSubkeys,
		},
		Introspection: paradexList,
	})
}

const paradexList = "GET /v1/account/keys/subkeys"

var paradexFailures = []Failure{
	{Name: FailUnknownKey, Reply: paradexError(401, "INVALID_SUBKEY", "subkey is unknown or revoked"), Kind: access.KindBadKey},
	{Name: "no such account", Reply: paradexError(400, "ACCOUNT_NOT_FOUND", "account not found"), Kind: access.KindBadKey},
	{Name: "not onboarded", Reply: paradexError(400, "NOT_ONBOARDED", "account is not onboarded"), Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: paradexError(401, "STARKNET_SIGNATURE_VERIFICATION_FAILED", "signature verification failed"), Kind: access.KindBadSignature},
	{Name: "signature malformed", Reply: paradexError(400, "INVALID_STARKNET_SIGNATURE", "invalid signature"), Kind: access.KindBadSignature},
	{Name: FailIP, Reply: paradexError(403, "IP_NOT_ALLOWED", "IP is not allowed"), Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: paradexError(400, "INVALID_TIMESTAMP", "invalid timestamp"), Kind: access.KindClockSkew},
	{Name: "token refused", Reply: paradexError(401, "INVALID_TOKEN", "token is invalid or expired"), Kind: access.KindNotUnderstood},
	{Name: "token's scope", Reply: paradexError(403, "INVALID_TOKEN_SCOPE", "token scope is too small"), Kind: access.KindForbidden},
	{Name: "place", Reply: paradexError(403, "GEO_IP_BLOCK", "not available"), Kind: access.KindGeoBlocked},
	{Name: "rate limited", Reply: paradexError(429, "", "too many requests"), Kind: access.KindRateLimited},
	{Name: "maintenance", Reply: paradexError(503, "SERVICE_UNAVAILABLE", "service unavailable"), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func paradexError(status int, code, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"error":%q,"message":%q,"data":{}}`, code, message)}
}

// paradexToken has the form of a JSON web token; only the exchange reads it, and when it was
// given.
func paradexToken(k *Issued, at time.Time) string {
	t := Hex(110, "paradex token", k.ID, at.Unix())
	return t[:30] + "." + t[30:80] + strconv.FormatInt(at.Unix(), 10) + "." + t[80:]
}

// paradexKey is the key that a path names, or for which the token was issued.
func paradexKey(c *Call) string {
	if c.Method == http.MethodPost {
		return path.Base(c.URL.Path)
	}
	for _, k := range c.Keys(func(k *Issued) bool { return !paradexGiven(c, k).IsZero() }) {
		return k.ID
	}
	return ""
}

// paradexGiven is when the token of a request was given to a key; zero if it wasn't.
func paradexGiven(c *Call, k *Issued) time.Time {
	parts := strings.Split(c.Header.Get("Authorization"), ".")
	if len(parts) != 3 || len(parts[1]) != 60 {
		return time.Time{}
	}
	stamp, _ := strconv.ParseInt(parts[1][50:], 10, 64)
	if at := time.Unix(stamp, 0); c.Header.Get("Authorization") == "Bearer "+paradexToken(k, at) {
		return at
	}
	return time.Time{}
}

// paradexVerify checks the signature of the account, and of when it was made and ends.
func paradexVerify(c *Call) *Reply {
	if c.Method == http.MethodGet { // the token has identified the key
		if c.Now.Sub(paradexGiven(c, c.Key)) > 5*time.Minute || string(c.Key.PublicKey.(starkPublic)) != c.Key.ID {
			return c.Refuse("token refused")
		}
		return nil
	}
	stamp, err := strconv.ParseInt(c.Header.Get("Paradex-Timestamp"), 10, 64)
	end, other := strconv.ParseInt(c.Header.Get("Paradex-Signature-Expiration"), 10, 64)
	var signature []string
	account := c.Header.Get("Paradex-Starknet-Account")
	switch {
	case account != c.Key.Account:
		return c.Refuse("no such account")
	case len(c.Body) > 0, err != nil, other != nil, json.Unmarshal([]byte(c.Header.Get("Paradex-Starknet-Signature")), &signature) != nil, len(signature) != 2:
		return c.Refuse("signature malformed")
	}
	r, _ := new(big.Int).SetString(signature[0], 10)
	s, _ := new(big.Int).SetString(signature[1], 10)
	public, _ := c.Key.PublicKey.(starkPublic)
	switch at := time.Unix(stamp, 0); {
	case r == nil || s == nil || string(public) != c.Key.ID || !public.signed(paradexHash(c.Host, account, stamp, end), r, s):
		return c.Refuse(FailBadSignature)
	case c.Now.Sub(at).Abs() > 30*time.Minute || end <= c.Now.Unix() || end > stamp+7*24*3600:
		return c.Refuse(FailClock)
	}
	return nil
}

// paradexHash is what is signed: typed data of Starknet, of its first revision. What never
// changes is hashed once.
func paradexHash(host, account string, stamp, end int64) *big.Int {
	begun := paradexBegun()
	chain := 0
	if strings.Contains(host, "testnet") {
		chain = 1
	}
	number := fromHex(strings.TrimPrefix(account, "0x"))
	message := pedersenOf(begun.message, 4, big.NewInt(stamp), big.NewInt(end))
	return pedersenOf(begun.domains[chain], 2, number, message)
}

type paradexSums struct {
	message *big.Int
	domains [2]*big.Int
}

var paradexBegun = sync.OnceValue(func() (out paradexSums) {
	short := func(text string) *big.Int { return new(big.Int).SetBytes([]byte(text)) }
	kind := func(text string) *big.Int {
		n := new(big.Int).SetBytes(keccak([]byte(text)))
		return n.And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 250), big.NewInt(1)))
	}
	out.message = new(big.Int)
	for _, v := range []*big.Int{kind("Request(method:felt,path:felt,body:felt,timestamp:felt,expiration:felt)"), short("POST"), short("/v1/auth"), new(big.Int)} {
		out.message = pedersen(out.message, v)
	}
	for i, chain := range []string{"PRIVATE_SN_PARACLEAR_MAINNET", "PRIVATE_SN_POTC_SEPOLIA"} {
		domain := pedersenOf(new(big.Int), 0, kind("StarkNetDomain(name:felt,chainId:felt,version:felt)"), short("Paradex"), short(chain), big.NewInt(1))
		out.domains[i] = pedersen(pedersen(new(big.Int), short("StarkNet Message")), domain)
	}
	return out
})

func paradexInfo(c *Call) Reply {
	public := StarkPublicKey("0x" + Hex(62, "the main key of", c.Key.Account))
	if c.Key.Has("main") {
		public = c.Key.ID
	}
	body, _ := json.Marshal(map[string]any{"results": []any{map[string]any{"account": c.Key.Account, "kind": "main", "public_key": public, "parent_account": "", "created_at": int64(1767225600000)}}})
	return Reply{Body: string(body)}
}

func paradexSubkeys(c *Call) Reply {
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account && !k.Has("main") }) {
		at := timeOr(k.Created, c.Now)
		list = append(list, map[string]any{
			"id": k.Serial, "account_id": k.Account, "public_key": k.ID, "name": k.Label, "state": "active", "allowed_cidrs": listOf(k.IPs),
			"created_at": at.UnixNano(), "updated_at": timeOr(k.Changed, at).UnixNano(), "revoked_at": 0,
		})
	}
	body, _ := json.Marshal(map[string]any{"results": list})
	return Reply{Body: string(body)}
}

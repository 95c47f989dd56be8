package exchangetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Swyftx is a fake of Swyftx. Its permissions are scopes. A key has a name, which
// the list of keys shows, and a secret, which is exchanged for a token. Every key
// may read its account. Options: "list" names the refusal of the list of keys;
// "scope" replaces the key's scope in the list; "separator" separates the scopes, a
// space by default.
func Swyftx() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: fmt.Sprintf(`{"error":{"error":%q,"message":%q}}`, code, message)}, Kind: kind}
	}
	return New(Definition{
		Name: "swyftx", Hosts: []string{"api.swyftx.com.au", "api.demo.swyftx.com.au"}, Kinds: []access.KeyKind{access.SharedSecret},
		Base: []access.Capability{access.Read},
		Rights: []Right{
			{"app.account.read", []access.Capability{access.Read}},
			{"app.orders.create", []access.Capability{access.TradeSpot}},
			{"app.orders.delete", []access.Capability{access.TradeSpot}},
			{"app.funds.withdraw", []access.Capability{access.Withdraw}},
		},
		UnknownPermissions: []string{"app.teleport.create", "teleport"},
		Reports:            Reports{Created: true, Label: true, Unit: time.Millisecond},
		Failures: []Failure{ // the form is known from clients; the words are not documented
			fail(FailUnknownKey, 401, "InvalidKey", "The API key is not valid", access.KindBadKey),
			fail("scope missing", 403, "Forbidden", "The scope is missing", access.KindForbidden),
			swyftxBoth(fail("scope of keys missing", 403, "Forbidden", "The key lacks the scope", access.KindAmbiguous)),
			fail("no words", 401, "Unauthorized", "Unauthorized", access.KindNotUnderstood),
			fail("rate limited", 429, "RateLimit", "Too many requests", access.KindRateLimited),
			fail("fault", 500, "Internal", "Something went wrong", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		NoVectors: "nothing is signed: the key itself is sent for a token, and then the token",
		Unsigned:  []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(24, "swyftx", k.Serial), Hex(43, "swyftx secret", k.Serial)
		},
		Identify: swyftxKey,
		Verify:   func(*Call) *Reply { return nil }, // the secret, or the token, has identified the key
		Routes: map[string]func(*Call) Reply{
			"POST /auth/refresh/": func(c *Call) Reply {
				return swyftxReply(map[string]any{"accessToken": swyftxToken(c.Key), "scope": strings.Join(c.Key.Permissions, " ")})
			},
			swyftxScopes:         swyftxCatalogue,
			"GET /user/apiKeys/": swyftxKeys,
		},
		Introspection: swyftxScopes,
	})
}

const swyftxScopes = "GET /user/apiKeys/scope/"

// swyftxBoth is what a refusal may mean whose words name both key and scope.
func swyftxBoth(f Failure) Failure {
	f.Candidates = []access.Kind{access.KindBadKey, access.KindForbidden}
	return f
}

// swyftxToken has the form of a JSON web token; only the exchange reads it.
func swyftxToken(k *Issued) string {
	t := Hex(120, "swyftx access", k.Secret)
	return t[:30] + "." + t[30:80] + "." + t[80:]
}

// swyftxKey finds the key by its secret, or by the token that was issued for it.
func swyftxKey(c *Call) string {
	var body struct {
		Key string `json:"apiKey"`
	}
	_ = json.Unmarshal(c.Body, &body) // an empty secret belongs to no key
	bearer, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	for _, k := range c.Keys(func(*Issued) bool { return true }) {
		if exchange := c.URL.Path == "/auth/refresh/"; (exchange && body.Key == k.Secret) || (!exchange && bearer == swyftxToken(k)) {
			return k.ID
		}
	}
	return ""
}

// swyftxCatalogue lists every scope, and whether the key has it.
func swyftxCatalogue(c *Call) Reply {
	scopes := map[string]any{}
	for _, name := range append([]string{"app.account.read", "app.orders.create", "app.orders.delete", "app.funds.withdraw"}, c.Key.Permissions...) {
		state := 0
		if c.Key.Has(name) || name == "app.account.read" {
			state = 1
		}
		scopes[name] = map[string]any{"display": "A scope", "desc": "What it is for", "key": name, "state": state}
	}
	return swyftxReply(scopes)
}

func swyftxKeys(c *Call) Reply {
	if refusal := c.Key.Options["list"]; refusal != "" {
		return *c.Refuse(refusal)
	}
	list := []any{}
	for _, k := range c.Keys(func(*Issued) bool { return true }) {
		separator, ok := k.Options["separator"]
		if !ok {
			separator = " "
		}
		scope, ok := k.Options["scope"]
		if !ok {
			scope = strings.Join(append([]string{"app.account.read"}, k.Permissions...), separator)
		}
		list = append(list, map[string]any{"id": k.ID, "label": k.Label, "scope": scope, "created": timeOr(k.Created, c.Now).UnixMilli()})
	}
	return swyftxReply(list)
}

func swyftxReply(value any) Reply {
	body, _ := json.Marshal(value) // plain values
	return Reply{Body: string(body)}
}

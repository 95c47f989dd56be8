// Package pacifica audits keys of Pacifica, which are wallets of Solana's form: that of an
// account itself, or an agent that the account bound.
//
// Agents have no permissions and no ends. A call that the agent signs lists the account's
// agents, and another the IP addresses of its own allowlist. The forms of both answers are
// not documented: that the exchange takes the agent's signature shows that it is one, and
// what the lists hold is reported as far as it reads. Whether the allowlist is switched on
// is in no answer, so whether the agent is restricted to it is unknown; and which of the
// account's other operations an agent may sign, withdrawals among them, is not documented.
// The key of the account's own wallet is recognised by its wallet address, and signs nothing.
//
// An account is a point of the curve, and of private keys, which are as long, every other one
// is: such a one of another key, given as the account, cannot be told from it.
//
// Reference: https://docs.pacifica.fi/api-documentation/api/signing/api-agent-keys, checked
// 2026-11-29 with the exchange's Python client and independent ones.
package pacifica

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/solana"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Pacifica.
var Exchange = &adapter.Exchange{
	Name:    "pacifica",
	Title:   "Pacifica",
	Docs:    "https://docs.pacifica.fi/api-documentation/api/signing/api-agent-keys",
	KeyPage: "https://app.pacifica.fi/apikey",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.pacifica.fi"}},
		{Name: "testnet", URLs: []string{"https://test-api.pacifica.fi"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: pathAgents, Why: "whether the exchange takes the agent's signature, and which other agents there are"},
		{Method: http.MethodPost, Path: pathAddresses, Why: "the IP addresses in the agent's allowlist"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.Ed25519Wallet}, Wallet: wallet()},
	Coverage: adapter.Coverage{
		// Whatever else an account can do, its agents can perhaps do too.
		Reports:   []access.Capability{access.Read, access.TradeSpot, access.TradeFutures},
		Siblings:  adapter.Sometimes,
		Confirmed: "documentation and the exchange's client",
	},
	Limit: adapter.Limit{Requests: 10, Per: time.Minute},
	Notes: []string{
		"Whether an agent can withdraw is not documented: keep in the account only what the bot needs.",
		"An agent's IP allowlist protects nothing while its switch is off.",
	},
	Inspect: inspect,
}

const (
	pathAgents    = "/api/v1/agent/list"
	pathAddresses = "/api/v1/agent/ip_whitelist/list"
	window        = `"expiry_window":5000,`
)

// wallet: what is signed is the request's payload in JSON, its members in order.
func wallet() *adapter.Wallet {
	w := solana.Wallet()
	w.NeedsAccount = true
	w.Signing = &adapter.WalletSigning{
		Text: regexp.MustCompile(`^\{"data":(?:\{\},` + window + `"timestamp":[0-9]{13},"type":"list_agent_wallets"` +
			`|\{"api_agent_key":"[1-9A-Za-z]{32,44}"\},` + window + `"timestamp":[0-9]{13},"type":"list_agent_ip_whitelist")\}$`),
		Encode: func(_, text string) []byte { return []byte(text) },
		Sign:   solana.Sign,
	}
	return w
}

var agents = rights.Table{"agent": rights.For(access.Read, access.TradeSpot, access.TradeFutures)}

// failures: the numbers that the documentation has, and those of the exchange's list of
// errors as ccxt has it. The words are those of answers that ccxt recorded.
var failures = wire.Failures{
	wire.Is(access.KindBadSignature, "401", "signature_verification_failed"),
	wire.OneOf(access.KindBadKey, access.KindForbidden).For("402"), // "invalid signer"
	wire.OneOf(access.KindForbidden, access.KindGeoBlocked).For("403"),
	wire.Is(access.KindBadKey, "1"), // no such account
	wire.Is(access.KindForbidden, "40"),
}

var phrases = []wire.Failure{
	wire.Is(access.KindBadKey, "agent not authorized for account", "invalid public key"),
	wire.Is(access.KindBadSignature, "verification failed"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	listed, err := ask(ctx, s, pathAgents, "list_agent_wallets", "")
	if err != nil {
		return nil, err
	}
	snap := agent(s.Key())
	snap.Account.ID = s.Account()
	named := false
	for _, id := range listed {
		if id = solana.Canonical(id); id == s.Key() {
			named = true
		} else if id != "" {
			snap.Siblings = append(snap.Siblings, agent(id))
		}
	}
	if !named {
		snap.Notes = append(snap.Notes, "The agent could not be found in the list of the account's agents, although the exchange took its signature.")
	}
	addresses, err := ask(ctx, s, pathAddresses, "list_agent_ip_whitelist", `"api_agent_key":"`+s.Key()+`"`)
	if _, about := wire.OfOneCall(err); err != nil && !about {
		return nil, err
	}
	if len(addresses) > 0 {
		snap.Notes = append(snap.Notes, "The agent's IP allowlist holds "+strings.Join(addresses, ", ")+". Whether it is switched on is not reported.")
	}
	return snap, nil
}

// agent is what every agent has.
func agent(id string) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.KeyID, snap.Wallet = id, access.DelegatedWallet
	agents.Apply(snap, agents.Listed([]string{"agent"}))
	for i := range snap.Grants {
		snap.Grants[i].Evidence = access.Documented
	}
	return snap
}

// ask sends a signed read and returns the texts of the list in its answer: the items
// themselves, or what their member for an agent or an IP address has.
func ask(ctx context.Context, s *adapter.Session, path, operation, payload string) ([]string, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.Ed25519, `{"data":{`+payload+`},`+window+`"timestamp":`+stamp+`,"type":"`+operation+`"}`)
	if err != nil {
		return nil, err
	}
	if payload != "" {
		payload = "," + payload
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: path, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"account":"` + s.Account() + `","agent_wallet":"` + s.Key() + `",` + window + `"signature":"` + solana.Encode(signature) + `","timestamp":` + stamp + payload + `}`,
	})
	if err != nil {
		return nil, err
	}
	return read(resp)
}

func read(resp *adapter.Response) ([]string, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if success, _ := body.Bool("success"); resp.Status != http.StatusOK || !success {
		id, _ := body.Text("error_id")
		code, _ := body.Text("code")
		message, _ := body.Text("error")
		return nil, wire.Meaning(failures.Refusal(resp, known(id, code), message, phrases...), access.KindBadKey,
			"the account has no such agent, which was revoked or never bound, or acts for another account")
	}
	var texts []string
	if list, ok := body.Texts("data"); ok {
		texts = list
	} else if rows, ok := body.Objects("data"); ok {
		for _, row := range rows {
			agent, _ := row.Text("agent_wallet")
			address, _ := row.Text("ip_address")
			texts = append(texts, cmp.Or(agent, address))
		}
	}
	return texts, nil
}

// known is the identifier of an error or its number, whichever has a meaning here.
func known(id, code string) string {
	_, named := failures.Find(id)
	if _, numbered := failures.Find(code); numbered && !named {
		return code
	}
	return cmp.Or(id, code)
}

package exchangetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Pacifica is a fake of Pacifica, whose keys are agents: wallets of Solana's form that an
// account bound. The forms of its lists are not documented: here they are lists of texts.
func Pacifica() *Fake {
	return New(Definition{
		Name:               "pacifica",
		Hosts:              []string{"api.pacifica.fi", "test-api.pacifica.fi"},
		Kinds:              []access.KeyKind{access.Ed25519Wallet},
		Base:               []access.Capability{access.Read, access.TradeSpot, access.TradeFutures},
		UnknownPermissions: []string{},
		Failures:           pacificaFailures,
		Vectors: []Vector{
			pacificaVector("list", "", "w8LodxuoTJ8VSqsVi9R1QFaScAL4NXjemvZjf6UrFJ5VT2wi7FKR62X4wcHkaKbb3SWXSzHMRBg4G8JgoBaqGEh"),
			pacificaVector("ip_whitelist/list", `,"api_agent_key":"`+pacificaAgent+`"`, "5BsSZmqQKrPXCxbVGJk4zMhLSthDUX7YvQ68taForBoah3aoftHGZntY5B95Suhrr9asHhKMfa16vznRPqiGiS3V"),
		},
		Unsigned: []string{"path"}, // but for the operation that it stands for
		Shape: func(k *Issued) {
			owner := sha256.Sum256(fmt.Appendf(nil, "the owner of agents, %d", k.Serial/1_000_000))
			k.Account = toBase58(ed25519.NewKeyFromSeed(owner[:]).Public().(ed25519.PublicKey)) //nolint:forcetypeassert // it is one
		},
		Identify: func(c *Call) string { return pacificaRequest(c).Agent },
		Verify:   pacificaVerify,
		Routes: map[string]func(*Call) Reply{
			"POST /api/v1/agent/list":              pacificaAgents,
			"POST /api/v1/agent/ip_whitelist/list": func(c *Call) Reply { return pacificaAnswer(listOf(c.Key.IPs)) },
		},
		Introspection: "POST /api/v1/agent/list",
	})
}

// pacificaFailures: the words are those of recorded answers.
var pacificaFailures = []Failure{
	{Name: FailUnknownKey, Reply: pacificaError(400, 400, "Agent not authorized for account", ""), Kind: access.KindBadKey},
	{Name: "no such account", Reply: pacificaError(422, 1, "Account not found", ""), Kind: access.KindBadKey},
	{
		Name:  FailBadSignature,
		Reply: pacificaError(400, 400, "Verification failed: signature does not match signer and canonical payload.", "signature_verification_failed"), Kind: access.KindBadSignature,
	},
	{
		Name: "signer", Reply: pacificaError(400, 402, "Invalid signer", ""), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindForbidden},
	},
	{
		Name: "place or right", Reply: pacificaError(403, 403, "Unauthorized", ""), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindForbidden, access.KindGeoBlocked},
	},
	{Name: "a sub-account", Reply: pacificaError(422, 40, "Not main account", ""), Kind: access.KindForbidden},
	{Name: "rate limited", Reply: pacificaError(429, 429, "Too many requests", ""), Kind: access.KindRateLimited},
	{Name: "internal", Reply: pacificaError(500, 500, "Internal server error", ""), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func pacificaError(status, code int, message, id string) Reply {
	if id != "" {
		id = fmt.Sprintf(`,"error_id":%q`, id)
	}
	return Reply{Status: status, Body: fmt.Sprintf(`{"success":false,"data":null,"error":%q,"code":%d%s}`, message, code, id)}
}

// pacificaCall is a request: what is signed of it are the time, the window, and what else
// it has.
type pacificaCall struct {
	Account   string  `json:"account"`
	Agent     string  `json:"agent_wallet"`
	Signature string  `json:"signature"`
	Timestamp int64   `json:"timestamp"`
	Window    int64   `json:"expiry_window"`
	Of        *string `json:"api_agent_key"`
}

func pacificaRequest(c *Call) (r pacificaCall) {
	if json.Unmarshal(c.Body, &r) != nil {
		return pacificaCall{}
	}
	return r
}

// pacificaVerify: the message is JSON without blanks, its members in alphabetical order.
func pacificaVerify(c *Call) *Reply {
	r := pacificaRequest(c)
	data, operation := "", "list_agent_wallets"
	if strings.Contains(c.URL.Path, "/ip_whitelist/") {
		operation = "list_agent_ip_whitelist"
	}
	if r.Of != nil {
		data = fmt.Sprintf(`"api_agent_key":%q`, *r.Of)
	}
	message := fmt.Sprintf(`{"data":{%s},"expiry_window":%d,"timestamp":%d,"type":%q}`, data, r.Window, r.Timestamp, operation)
	signature, _ := fromBase58(r.Signature)
	address, _ := c.Key.PublicKey.(solanaAddress)
	switch sent := time.UnixMilli(r.Timestamp); {
	case !address.signed(message, signature), c.Now.Before(sent.Add(-time.Second)), c.Now.After(sent.Add(time.Duration(r.Window) * time.Millisecond)):
		return c.Refuse(FailBadSignature)
	case r.Account != c.Key.Account:
		return c.Refuse(FailUnknownKey)
	}
	return nil
}

func pacificaAgents(c *Call) Reply {
	list := []string{}
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account }) {
		list = append(list, k.ID)
	}
	return pacificaAnswer(list)
}

func pacificaAnswer(list []string) Reply {
	body, _ := json.Marshal(map[string]any{"success": true, "data": list, "error": nil, "code": nil})
	return Reply{Body: string(body)}
}

const pacificaAgent = "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"

// pacificaVector has a signature that another program computed.
func pacificaVector(path, payload, signature string) Vector {
	const account = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"
	return Vector{
		Name: path, Time: time.UnixMilli(1700000000000), Key: pacificaAgent, Account: account, Secret: "1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE",
		Method: http.MethodPost, URL: "https://api.pacifica.fi/api/v1/agent/" + path, Header: map[string]string{"Content-Type": "application/json"},
		Body: `{"account":"` + account + `","agent_wallet":"` + pacificaAgent + `","expiry_window":5000,"signature":"` + signature + `","timestamp":1700000000000` + payload + `}`,
	}
}

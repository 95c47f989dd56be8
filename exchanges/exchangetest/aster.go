package exchangetest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Aster is a fake of Aster's API of version 3, whose keys are agents: wallets that an
// account approved. Option "capitals": "no" writes the agents' wallets in small letters.
func Aster() *Fake {
	may := []access.Capability{access.TransferInternal, access.Other("prediction")}
	return New(Definition{
		Name:  "aster",
		Hosts: []string{"fapi.asterdex.com", "fapi3.asterdex.com", "fapi.asterdex-testnet.com"},
		Kinds: []access.KeyKind{access.Secp256k1Wallet},
		Rights: []Right{
			{"canRead", []access.Capability{access.Read}},
			{"canSpotTrade", []access.Capability{access.TradeSpot}},
			{"canPerpTrade", []access.Capability{access.TradeFutures}},
			{"canWithdraw", []access.Capability{access.Withdraw, access.TransferExternal}},
		},
		MayGrant: map[string][]access.Capability{"canSpotTrade": may, "canPerpTrade": may},
		CanExist: func(s *Spec) bool { return !s.Has("canWithdraw") || len(s.IPs) > 0 },
		Reports:  Reports{Allowlist: true, Entries: true, Expires: true, Label: true, Unit: time.Millisecond},
		Failures: asterFailures,
		Vectors:  asterVectors,
		Unsigned: []string{"path"},
		Shape:    func(k *Issued) { k.Account = fmt.Sprintf("0x%040x", 0xa57e+k.Serial/1_000_000) },
		Identify: func(c *Call) string { return strings.ToLower(c.URL.Query().Get("signer")) },
		Verify:   asterVerify,
		Routes:   map[string]func(*Call) Reply{"GET /fapi/v3/agent": asterAgents},
		Public: map[string]func(*Call) Reply{
			"GET /fapi/v3/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
	})
}

var asterFailures = []Failure{
	{Name: FailUnknownKey, Reply: asterError(400, -1, "agent not found"), Kind: access.KindBadKey}, // the code is not documented
	{Name: FailBadSignature, Reply: asterError(400, -1022, "Signature for this request is not valid."), Kind: access.KindBadSignature},
	{Name: FailClock, Reply: asterError(400, -4225, "Nonce Expired"), Kind: access.KindClockSkew},
	{Name: "timestamp outside the window", Reply: asterError(400, -1021, "Timestamp for this request is outside of the recvWindow."), Kind: access.KindClockSkew},
	{Name: FailIP, Reply: asterError(400, -1005, "No such IP has been white listed"), Kind: access.KindIPNotAllowed},
	{
		Name: "IP and route", Reply: asterError(400, -1011, "This IP cannot access this route"), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindIPNotAllowed, access.KindGeoBlocked},
	},
	{
		Name: "key, IP or permissions", Reply: asterError(401, -2015, "Invalid API-key, IP, or permissions for action."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden},
	},
	{Name: "key format", Reply: asterError(400, -2014, "API-key format invalid."), Kind: access.KindBadKey},
	{
		Name: "unauthorized", Reply: asterError(401, -1002, "You are not authorized to execute this request."), Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindForbidden},
	},
	{Name: "rate limited", Reply: asterError(429, -1003, "Too many requests"), Kind: access.KindRateLimited},
	{Name: "banned", Reply: asterError(418, -1003, "Way too many requests; IP banned"), Kind: access.KindBanned},
	{Name: "internal", Reply: asterError(500, -1000, "An unknown error occurred while processing the request."), Kind: access.KindUnavailable},
	{Name: "timeout", Reply: asterError(503, -1007, "Timeout waiting for response from backend server."), Kind: access.KindUnavailable},
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func asterError(status, code int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"code":%d,"msg":%q}`, code, message)}
}

// asterVerify follows the documentation: the text of the query without its signature, as
// it is sent, is the one member of a typed message; a nonce in microseconds within ten
// seconds, never used before; and the wallet that signed is the agent.
func asterVerify(c *Call) *Reply {
	text, signature, _ := strings.Cut(c.URL.RawQuery, "&signature=0x")
	raw, err := hex.DecodeString(signature)
	if err != nil || signerOf(asterHash(c.Host, text), raw) != c.Key.PublicKey {
		return c.Refuse(FailBadSignature)
	}
	query := c.URL.Query()
	if c.Key.Account != "" && strings.ToLower(query.Get("user")) != c.Key.Account {
		return c.Refuse(FailUnknownKey)
	}
	nonce, err := strconv.ParseInt(query.Get("nonce"), 10, 64)
	if err != nil || c.Now.Sub(time.UnixMicro(nonce)).Abs() > 10*time.Second || uint64(nonce) == c.Key.Nonce {
		return c.Refuse(FailClock)
	}
	c.Key.Nonce = uint64(nonce)
	return nil
}

// asterDomains are the hashes of the domain {AsterSignTransaction, 1, chain, no contract}
// as the documentation has them, for the chains 1666 and 714.
const (
	asterDomain     = "a95d0a7a6f3f17fcebb0c2336645385ce79cde7523f71ab147fdb7f15e9f37f9"
	asterTestDomain = "fad01b07bed5729a04dbb977fd86da612eba71d668660bf12cf10b3d65b74d94"
	asterMessage    = "c4cfb57eea370ef2a92403a7e865b2de262d7ca272333665b54ad7e6a602ef68" // Message(string msg)
)

// asterHash is what an agent signs.
func asterHash(host, text string) []byte {
	domain := asterDomain
	if strings.Contains(host, "testnet") {
		domain = asterTestDomain
	}
	unhex := func(text string) []byte {
		raw, _ := hex.DecodeString(text)
		return raw
	}
	message := keccak(append(unhex(asterMessage), keccak([]byte(text))...))
	return keccak(slices.Concat([]byte{0x19, 0x01}, unhex(domain), message))
}

// asterAgents lists the agents of the account.
func asterAgents(c *Call) Reply {
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == c.Key.Account }) {
		row := map[string]any{
			"agentAddress": k.ID, "agentName": k.Label, "ipWhitelist": strings.Join(k.IPs, " "), "expired": 0, "source": "api-wallet",
		}
		if k.Options["capitals"] == "" {
			row["agentAddress"] = "0x" + strings.ToUpper(k.ID[2:])
		}
		if !k.Expires.IsZero() {
			row["expired"] = k.Expires.UnixMilli()
		}
		for _, right := range c.fake.def.Rights {
			row[right.Name] = k.Has(right.Name)
		}
		for _, name := range k.Permissions {
			row[name] = true
		}
		list = append(list, row)
	}
	body, _ := json.Marshal(list)
	return Reply{Body: string(body)}
}

// asterVectors: the first has the credential that the documentation prints; its signature
// is that of ccxt 4.5.84. The second is that of ethers 6.
var asterVectors = []Vector{
	asterVector("0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1",
		"user=0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e&signer=0x21cF8Ae13Bb72632562c6Fff438652Ba1a151bb0&nonce=1767225600000000",
		"72f2d3ca6292dc077f31e9ec5e6282c66d5fb10477ba4d616b44ed586c5231eb793aeca08d87149cc8b338371173425dd6b58e6a4608a6343699f78f380bddae1b"),
	asterVector("0x1111111111111111111111111111111111111111111111111111111111111111",
		"nonce=1700000000000000&user=0x63dd5acc6b1aa0f563956c0e534dd30b6dcf7c4e&signer=0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
		"8e5eb0bcfead2cf7b951dc7f7e0bcb238553aa8b862c32ef33f712fd66fa4d731b15bd636de90d404d70414c6e464108ebdc96b260dbd66f080290ba5ac5dc121b"),
}

func asterVector(secret, text, signature string) Vector {
	query, err := url.ParseQuery(text)
	if err != nil {
		panic(err) // the vectors are part of this package
	}
	nonce, _ := strconv.ParseInt(query.Get("nonce"), 10, 64)
	return Vector{
		Name: "nonce " + query.Get("nonce"), Time: time.UnixMicro(nonce), Key: strings.ToLower(query.Get("signer")), Secret: secret,
		Method: "GET", URL: "https://fapi.asterdex.com/fapi/v3/agent?" + text + "&signature=0x" + signature,
	}
}

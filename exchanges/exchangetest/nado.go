package exchangetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Nado is a fake of Nado, whose keys are wallets. A key is the linked signer of a
// sub-account of its own, or with the right "owner" the wallet that owns it. Requests are not
// signed: anybody may ask about any sub-account.
func Nado() *Fake {
	trades := []access.Capability{access.Read, access.TradeSpot, access.TradeFutures}
	more := []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage}
	return New(Definition{
		Name:               "nado",
		Hosts:              []string{"gateway.prod.nado.xyz", "gateway.test.nado.xyz"},
		Kinds:              []access.KeyKind{access.Secp256k1Wallet},
		Rights:             []Right{{"linked signer", trades}, {"owner", append(trades[:len(trades):len(trades)], more...)}},
		MayGrant:           map[string][]access.Capability{"linked signer": more},
		Unsigned:           []string{"path"}, // as all the rest, but a change of the body asks about another sub-account
		UnknownPermissions: []string{},
		CanExist:           func(s *Spec) bool { return len(s.Permissions) == 1 },
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: nadoSigner("0x0000000000000000000000000000000000000000"), Kind: access.KindBadKey},
			{Name: "parameter", Reply: nadoError(200, 1005, "Invalid request"), Kind: access.KindNotUnderstood},
			{Name: "place", Reply: nadoError(403, 1002, "Location restricted"), Kind: access.KindGeoBlocked},
			{Name: "too many", Reply: nadoError(200, 1000, "Too many requests"), Kind: access.KindRateLimited},
			{Name: "rate limited", Reply: nadoError(429, 1015, "Too many requests"), Kind: access.KindRateLimited},
			{Name: "maintenance", Reply: nadoError(200, 1004, "Under maintenance"), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		// No request is signed, so it is the wallet address that must derive from the private key.
		Vectors: []Vector{{ // computed with ethers 6
			Name: "the wallet of 32 bytes of 0x11", Time: noon, Key: "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", Account: nadoVector,
			Secret: "0x1111111111111111111111111111111111111111111111111111111111111111", Method: http.MethodPost,
			URL: "https://gateway.prod.nado.xyz/v1/query", Header: map[string]string{"Content-Type": "application/json"},
			Body: `{"type":"linked_signer","subaccount":"` + nadoVector + `"}`,
		}},
		Shape: func(k *Issued) {
			owner := fmt.Sprintf("0x%040x", 0xad0000+k.Serial)
			if k.Has("owner") {
				owner = k.ID
			}
			k.Account = fmt.Sprintf("%s%x0000000000", owner, "default")
		},
		Operation: func(body []byte) string {
			if strings.HasPrefix(string(body), `{"type":"linked_signer",`) {
				return "linked_signer"
			}
			return ""
		},
		Identify: func(c *Call) string {
			var asked struct{ Subaccount string }
			_ = json.Unmarshal(c.Body, &asked)
			own := func(k *Issued) bool { // also where its owner named the wallet alone
				return strings.EqualFold(k.Account, asked.Subaccount) || strings.EqualFold(k.Account+nadoVector[42:], asked.Subaccount)
			}
			for _, k := range c.Keys(own) {
				return k.ID
			}
			return ""
		},
		Verify: func(c *Call) *Reply {
			if c.Key.PublicKey != walletAddress(c.Key.ID) {
				return c.Refuse(FailUnknownKey)
			}
			return nil
		},
		Routes: map[string]func(*Call) Reply{"POST /v1/query linked_signer": func(c *Call) Reply {
			if c.Key.Has("owner") {
				return nadoSigner("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A") // of whom nothing else is known here
			}
			return nadoSigner(c.Key.ID)
		}},
	})
}

const nadoVector = "0x00000000000000000000000000000000000000aa64656661756c740000000000"

func nadoSigner(address string) Reply {
	return Reply{Body: fmt.Sprintf(`{"status":"success","data":{"linked_signer":%q}}`, address)}
}

func nadoError(status, code int, message string) Reply {
	return Reply{Status: status, Body: fmt.Sprintf(`{"status":"failure","error":%q,"error_code":%d}`, message, code)}
}

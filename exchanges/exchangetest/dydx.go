package exchangetest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// DYDX is a fake of a node of dYdX's chain, which knows the authenticators of each
// account: who may sign which messages. Requests are not signed: anybody may ask about
// any account. Each key has an account of its own. Rights are the types of messages that
// its authenticator lets through; with the right "owner" the key is that of the account's
// own wallet, in no authenticator. Each account has another permissioned key. Option "own":
// "1" makes the key's wallet an account, too.
func DYDX() *Fake {
	trade, vault := []access.Capability{access.TradeFutures}, []access.Capability{access.Other("vault")}
	withdraw, keys := []access.Capability{access.Withdraw}, []access.Capability{access.APIKeyManage}
	return New(Definition{
		Name:          "dydx",
		Hosts:         []string{"dydx-rest.publicnode.com", "test-dydx-rest.kingnodes.com"},
		Kinds:         []access.KeyKind{access.Secp256k1Wallet},
		WalletAddress: DYDXAddress,
		AddressOf: func(public []byte) string {
			if len(public) != 33 {
				return ""
			}
			return cosmosAddress("dydx", public)
		},
		Base: []access.Capability{access.Read},
		Rights: []Right{
			{"/dydxprotocol.clob.MsgPlaceOrder", trade},
			{"/dydxprotocol.clob.MsgCancelOrder", trade},
			{"/dydxprotocol.clob.MsgBatchCancel", trade},
			{"/dydxprotocol.sending.MsgCreateTransfer", []access.Capability{access.TransferInternal, access.TransferExternal}},
			{"/dydxprotocol.sending.MsgWithdrawFromSubaccount", withdraw},
			{"/dydxprotocol.sending.MsgDepositToSubaccount", []access.Capability{access.TransferInternal}},
			{"/cosmos.bank.v1beta1.MsgSend", withdraw},
			{"/cosmos.bank.v1beta1.MsgMultiSend", withdraw},
			{"/ibc.applications.transfer.v1.MsgTransfer", withdraw},
			{"/dydxprotocol.accountplus.MsgAddAuthenticator", keys},
			{"/dydxprotocol.accountplus.MsgRemoveAuthenticator", keys},
			{"/dydxprotocol.vault.MsgDepositToMegavault", vault},
			{"/cosmos.staking.v1beta1.MsgDelegate", []access.Capability{access.Other("staking")}},
			{"owner", []access.Capability{
				access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage,
				access.Other("vault"), access.Other("staking"), access.Other("governance"), access.Other("rewards"),
			}},
		},
		CanExist:           func(s *Spec) bool { return len(s.Permissions) > 0 && (!s.Has("owner") || len(s.Permissions) == 1) },
		UnknownPermissions: []string{"/dydxprotocol.perpetuals.MsgTeleport", "/somewhere.v1.MsgTeleport"},
		Failures:           cosmosFailures(`{"account_authenticators":[]}`),
		// No request is signed, so it is the address that must derive from the private key.
		Vectors: []Vector{{ // computed with ethers 6, and bech32 of its own
			Name: "the address of 32 bytes of 0x11", Time: noon, Key: "dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw", Account: "dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw",
			Secret: "1111111111111111111111111111111111111111111111111111111111111111", Method: http.MethodGet,
			URL: "https://dydx-rest.publicnode.com/dydxprotocol/accountplus/authenticators/dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw",
		}},
		Unsigned: []string{"path", "query", "body"}, // anybody may ask
		Shape: func(k *Issued) {
			if k.Account = k.ID; !k.Has("owner") {
				k.Account = DYDXAddress(Hex(64, "the account of", k.ID))
			}
		},
		Identify: dydxKey,
		Verify:   dydxVerify,
		Fill:     dydxFill,
		Routes:   map[string]func(*Call) Reply{"GET /dydxprotocol/accountplus/authenticators/{wallet}": dydxAuthenticators},
		Public:   map[string]func(*Call) Reply{"GET /cosmos/auth/v1beta1/account_info/{wallet}": dydxAccount},
	})
}

// dydxKey is the key of the account that a request asks about.
func dydxKey(c *Call) string {
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == path.Base(c.URL.Path) }) {
		return k.ID
	}
	return ""
}

// dydxNode is an authenticator; its configuration is that of its type.
type dydxNode struct {
	Type   string `json:"type"`
	Config []byte `json:"config"`
}

func dydxAll(nodes ...dydxNode) dydxNode {
	inside, _ := json.Marshal(nodes)
	return dydxNode{"AllOf", inside}
}

// dydxOf lets a key sign messages of these types.
func dydxOf(private string, messages []string) dydxNode {
	signature, filter := dydxNode{"SignatureVerification", compressed(private)}, func(messages ...string) dydxNode {
		return dydxNode{"MessageFilter", []byte(strings.Join(messages, ","))}
	}
	if len(messages) == 0 { // an empty filter is none
		return dydxAll(signature, filter("/cosmos.bank.v1beta1.MsgSend"), filter("/cosmos.gov.v1.MsgVote"))
	}
	return dydxAll(signature, filter(messages...))
}

// dydxVerify: the wallet address that the key is known by is its own.
func dydxVerify(c *Call) *Reply {
	if DYDXAddress(asIssued(cmp.Or(c.Key.PrivateKey, c.Key.Secret))) != c.Key.ID {
		return c.Refuse(FailUnknownKey)
	}
	return nil
}

// dydxFill puts a key in place of that of the documented sample, at every level of a stored
// answer.
func dydxFill(k *Issued, answer []byte) string {
	return string(dydxConfig.ReplaceAllFunc(answer, func(quoted []byte) []byte {
		raw, err := base64.StdEncoding.DecodeString(string(quoted[1 : len(quoted)-1]))
		switch {
		case err != nil:
			return quoted
		case bytes.Equal(raw, compressed(dydxSample)):
			raw = compressed(asIssued(k.PrivateKey))
		case raw[0] == '[':
			raw = []byte(dydxFill(k, raw))
		}
		return []byte(strconv.Quote(base64.StdEncoding.EncodeToString(raw)))
	}))
}

var (
	dydxConfig = regexp.MustCompile(`"[A-Za-z0-9+/=]{40,}"`)
	dydxSample = strings.Repeat("11", 32)
)

func dydxAuthenticators(c *Call) Reply {
	var list []map[string]string
	add := func(n dydxNode) {
		list = append(list, map[string]string{
			"id": strconv.Itoa(len(list)), "type": n.Type, "config": base64.StdEncoding.EncodeToString(n.Config),
		})
	}
	add(dydxOf(Hex(64, "another of", c.Key.Account), []string{"/cosmos.bank.v1beta1.MsgSend"}))
	if c.Key.ID != c.Key.Account {
		add(dydxOf(asIssued(c.Key.PrivateKey), c.Key.Permissions))
	}
	body, _ := json.Marshal(map[string]any{"account_authenticators": append([]map[string]string{}, list...)})
	return Reply{Body: string(body)}
}

// dydxAccount is what a node says of an account that exists.
func dydxAccount(c *Call) Reply {
	address := path.Base(c.URL.Path)
	for _, k := range c.Keys(func(k *Issued) bool { return k.Account == address || k.ID == address && k.Options["own"] != "" }) {
		return Reply{Body: fmt.Sprintf(`{"info":{"address":%q,"pub_key":null,"account_number":"%d","sequence":"0"}}`, address, k.Serial)}
	}
	return Reply{Status: 404, Body: fmt.Sprintf(`{"code":5,"message":"account %s not found","details":[]}`, hex.EncodeToString([]byte(address[:4])))}
}

// Package paradex audits keys of Paradex, which are of the Stark curve: that of an account
// itself, or a subkey that it registered.
//
// A key signs in for a token of some minutes, with which the account's subkeys are listed:
// their state, IP addresses and creation. What a key may do is documented by its kind, and
// subkeys have no end. Read-only tokens of the account are not listed, nor can a token itself
// be audited, or the key of the Ethereum wallet that an account was created with.
//
// An account is a number of the same field as a private key: one of another key, given as the
// account, cannot be told from it.
//
// Reference: https://docs.paradex.trade (OpenAPI 1.132, 2026-08), checked 2026-11-29 with the
// exchange's Python client. Which states a subkey can have is not confirmed, nor the unit of
// its times.
package paradex

import (
	"context"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/stark"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Paradex.
var Exchange = &adapter.Exchange{
	Name:    "paradex",
	Title:   "Paradex",
	Docs:    "https://docs.paradex.trade/api/general-information/authentication",
	KeyPage: "https://app.paradex.trade/account/key-management",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.prod.paradex.trade"}},
		{Name: testnet, URLs: []string{"https://api.testnet.paradex.trade"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: pathLogin + "{wallet}", Why: "signs in for a token, which the reads need"},
		{Method: http.MethodGet, Path: pathInfo, Why: "the public key of the account itself"},
		{Method: http.MethodGet, Path: pathSubkeys, Why: "states and IP allowlists of the account's subkeys, including the calling one"},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.StarkWallet}, Wallet: wallet(),
	},
	Coverage: adapter.Coverage{
		// Margin and saved withdrawal addresses are in neither list, nor are sub-accounts, of
		// which no page says whether a subkey creates them.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferInternal,
			access.TransferExternal, access.APIKeyManage,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation and the exchange's client",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second},
	ClockWindow: validity,
	Notes: []string{
		"The key of an account itself cannot be revoked: only another account replaces it.",
		"Read-only tokens of the account are not listed.",
	},
	Inspect: inspect,
}

const (
	pathLogin   = "/v1/auth/"
	pathInfo    = "/v1/account/info"
	pathSubkeys = "/v1/account/keys/subkeys"
	testnet     = "testnet"
	validity    = 5 * time.Minute // of the signature
)

// wallet: what is signed names the account, and when the signature was made and ends.
func wallet() *adapter.Wallet {
	w := stark.Wallet()
	w.Read = notToken(w.Read)
	w.NeedsAccount = true
	w.Signing = &adapter.WalletSigning{Text: signed, Encode: encode, Sign: stark.Sign}
	return w
}

var signed = regexp.MustCompile(`^POST /v1/auth 0x([0-9a-f]{1,64}) ([0-9]{10}) ([0-9]{10})$`)

// encode hashes the text as typed data of Starknet, of its first revision. The path of the
// message is that of its documentation, without the key.
func encode(environment, text string) []byte {
	chain := "PRIVATE_SN_PARACLEAR_MAINNET"
	if environment == testnet {
		chain = "PRIVATE_SN_POTC_SEPOLIA"
	}
	parts := signed.FindStringSubmatch(text)
	if parts == nil {
		return nil
	}
	number := func(text string) *big.Int {
		n, _ := strconv.ParseInt(text, 10, 64) // ten digits
		return big.NewInt(n)
	}
	domain := stark.Hash(stark.Type("StarkNetDomain(name:felt,chainId:felt,version:felt)"), stark.Short("Paradex"), stark.Short(chain), big.NewInt(1))
	message := stark.Hash(stark.Type("Request(method:felt,path:felt,body:felt,timestamp:felt,expiration:felt)"),
		stark.Short("POST"), stark.Short("/v1/auth"), stark.Short(""), number(parts[2]), number(parts[3]))
	return stark.Bytes(stark.Hash(stark.Short("StarkNet Message"), domain, stark.Felt(parts[1]), message))
}

// failures: the codes of the OpenAPI description.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "INVALID_SUBKEY", "ACCOUNT_NOT_FOUND", "NOT_ONBOARDED"),
	wire.Is(access.KindBadSignature, "STARKNET_SIGNATURE_VERIFICATION_FAILED", "INVALID_STARKNET_SIGNATURE"),
	wire.Is(access.KindIPNotAllowed, "IP_NOT_ALLOWED"),
	wire.Is(access.KindClockSkew, "INVALID_TIMESTAMP"),
	wire.Is(access.KindNotUnderstood, "INVALID_TOKEN"), // that it gave itself
	wire.Is(access.KindForbidden, "INVALID_TOKEN_SCOPE"),
	wire.Is(access.KindGeoBlocked, "GEO_IP_BLOCK", "ETHEREUM_ADDRESS_BLOCKED"),
	wire.Is(access.KindUnavailable, "SERVICE_UNAVAILABLE"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	token, err := login(ctx, s)
	if err != nil {
		return nil, err
	}
	own, err := ask(ctx, s, pathInfo, token)
	if err != nil {
		return nil, err
	}
	main := mainKey(own, s.Account())
	body, err := ask(ctx, s, pathSubkeys, token)
	if err != nil {
		return nil, err
	}
	list, listed := body.Objects("results")
	if !listed {
		return nil, wire.NotUnderstood(body.resp, body.Err())
	}
	keys := make([]*access.Snapshot, len(list))
	for i, record := range list {
		keys[i] = readSubkey(record)
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(body.resp, err)
	}
	snap, others := keylist.Own(keys, s.Key())
	switch {
	case main == s.Key() && snap == nil:
		snap = holding(access.MainWallet)
	case snap == nil, main == s.Key(): // a key of neither kind, or of both
		snap = holding(access.WalletUnknown)
	}
	snap.Account.ID, snap.Siblings, snap.ListsPart = s.Account(), others, true
	return snap, nil
}

// login exchanges a signature for a token.
func login(ctx context.Context, s *adapter.Session) (string, error) {
	stamp := s.Now().Unix()
	at, end := strconv.FormatInt(stamp, 10), strconv.FormatInt(stamp+int64(validity/time.Second), 10)
	signature, err := s.Sign(ctx, adapter.Stark, "POST /v1/auth "+s.Account()+" "+at+" "+end)
	if err != nil {
		return "", err
	}
	first, second := stark.Numbers(signature)
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: pathLogin + s.Key(), Header: http.Header{
		"Paradex-Starknet-Account":     {s.Account()},
		"Paradex-Timestamp":            {at},
		"Paradex-Signature-Expiration": {end},
		"Paradex-Starknet-Signature":   {`["` + first + `","` + second + `"]`},
	}})
	if err != nil {
		return "", err
	}
	body, err := open(resp)
	if err != nil {
		return "", err
	}
	token, ok := body.Text("jwt_token")
	if s.Hide(token); !ok || strings.Count(token, ".") != 2 || strings.ContainsAny(token, " \r\n") { // a JSON web token has three parts
		return "", wire.NotUnderstood(resp, body.Err())
	}
	return token, nil
}

// answer is an object, with what it was read from.
type answer struct {
	wire.Object
	resp *adapter.Response
}

func ask(ctx context.Context, s *adapter.Session, path, token string) (answer, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		return answer{}, err
	}
	return open(resp)
}

func open(resp *adapter.Response) (answer, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return answer{}, wire.NotUnderstood(resp, err)
	}
	if resp.Status != http.StatusOK || body.Has("error") {
		return answer{}, failures.Said(resp, body, "error", "message")
	}
	return answer{body, resp}, nil
}

// mainKey is the public key of the account itself; empty if the answer does not say.
func mainKey(body answer, account string) string {
	rows, listed := body.Objects("results")
	if !listed {
		rows = []wire.Object{body.Object}
	}
	at := slices.IndexFunc(rows, func(row wire.Object) bool {
		id, _ := row.Text("account")
		return stark.Canonical(id) == account
	})
	if at < 0 {
		return ""
	}
	key, _ := rows[at].Text("public_key")
	return stark.Canonical(key)
}

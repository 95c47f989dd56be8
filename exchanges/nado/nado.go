// Package nado audits keys of Nado, which are wallets: the one that owns a sub-account, or
// the one signer that it linked.
//
// Which signer a sub-account has is public. A signer has no permissions and no end. Whether
// it can withdraw to the owner, move funds and link another signer is not documented: in the
// design that Nado took over it signs all that the owner does.
//
// Requests are not signed: the private key never leaves the session, which derives the
// wallet address from it.
//
// Reference: https://docs.nado.xyz/developer-resources/api/gateway/queries/linked-signer,
// checked 2026-11-29 with the exchange's Python client.
package nado

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Nado.
var Exchange = &adapter.Exchange{
	Name:    "nado",
	Title:   "Nado",
	Docs:    "https://docs.nado.xyz/developer-resources/api/gateway/queries/linked-signer",
	KeyPage: "https://app.nado.xyz",
	Checked: "2026-11-29",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://gateway.prod.nado.xyz"}},
		{Name: "testnet", URLs: []string{"https://gateway.test.nado.xyz"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: path, Body: asking, Why: "which signer the sub-account has linked"},
	},
	Needs: adapter.Needs{
		Kinds: ethereum.Kinds(), Wallet: wallet(),
		KeyForm: ethereum.AddressForm, SecretForm: wire.PrivateHex,
	},
	Coverage: adapter.Coverage{
		// Margin and options, sub-accounts and saved withdrawal addresses are in neither list.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
			access.APIKeyManage,
		},
		Siblings:  adapter.Sometimes,
		Confirmed: "the exchange's client",
	},
	Limit:   adapter.Limit{Requests: 1, Per: time.Second},
	Notes:   []string{"Whether a linked signer can withdraw to the wallet that owns the sub-account is not documented."},
	Inspect: inspect,
}

const (
	path   = "/v1/query"
	asking = `{"type":"linked_signer",`
)

func wallet() *adapter.Wallet {
	w := ethereum.Wallet()
	w.NeedsAccount = true
	w.Account = &adapter.WalletAccount{
		Name: "wallet address or sub-account id", Canonical: subaccount,
		Owner: func(account string) string { return account[:len(none)] },
	}
	return w
}

var subaccountForm = wire.Form("0[xX]" + wire.Hex + "{64}")

// subaccount is a wallet address and a name of 12 bytes, which clients call "default" where
// none is given. A name is text, so that no private key passes for a sub-account.
func subaccount(text string) string {
	if owner := ethereum.Canonical(text); owner != "" {
		text = owner + hex.EncodeToString([]byte("default\x00\x00\x00\x00\x00"))
	}
	if !subaccountForm.MatchString(text) {
		return ""
	}
	name, err := hex.DecodeString(text[len(none):])
	if err != nil || strings.ContainsFunc(strings.TrimRight(string(name), "\x00"), func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return strings.ToLower(text)
}

const none = "0x0000000000000000000000000000000000000000" // no signer is linked

// roles: what the owner of a sub-account signs is in the exchange's client.
var roles = rights.Table{
	"linked signer": {
		Grants:  []access.Capability{access.Read, access.TradeSpot, access.TradeFutures},
		Perhaps: []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage},
	},
	"owner": rights.For(
		access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal, access.APIKeyManage),
}

// failures: the codes are those of ccxt, an independent client.
var failures = wire.Failures{
	wire.Is(access.KindRateLimited, "1000", "1015"),
	wire.Is(access.KindGeoBlocked, "1002", "1003"),
	wire.Is(access.KindUnavailable, "1004"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: path, Body: asking + `"subaccount":"` + s.Account() + `"}`, Header: http.Header{"Content-Type": {"application/json"}},
	})
	if err != nil {
		return nil, err
	}
	return parse(resp, s)
}

func parse(resp *adapter.Response, s *adapter.Session) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if status, _ := body.Text("status"); status != "success" || resp.Status != http.StatusOK {
		return nil, failures.Said(resp, body, "error_code", "error")
	}
	data, _ := body.Object("data")
	text, _ := data.Text("linked_signer")
	signer := ethereum.Canonical(text)
	refused := &access.Error{Kind: access.KindBadKey, Status: resp.Status}
	var snap *access.Snapshot
	switch owner := s.Account()[:len(none)]; {
	case signer == "":
		return nil, wire.NotUnderstood(resp, body.Err())
	case s.Key() == owner:
		snap = holding("owner", s.Key())
		snap.Wallet, snap.NeverExpires = access.MainWallet, true
		if signer != none && signer != owner {
			snap.Siblings = []*access.Snapshot{holding("linked signer", signer)}
		}
	case signer == s.Key():
		snap = holding("linked signer", s.Key())
	case signer == none:
		refused.Message = "the sub-account has no linked signer: it was never linked, or the account is another"
		return nil, refused
	default:
		refused.Message = "the sub-account's linked signer is another: the key was replaced, or the account is another"
		return nil, refused
	}
	snap.Account.ID = s.Account()
	return snap, nil
}

// holding is what every key with this role has.
func holding(role, id string) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.KeyID, snap.Wallet = id, access.DelegatedWallet
	roles.Apply(snap, roles.Listed([]string{role}))
	return snap
}

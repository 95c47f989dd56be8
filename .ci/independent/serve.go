// Command serve serves every fake on one loopback address, issues a key at each, and
// prints the URL and the keys as one line of JSON, for a client that is not part of
// this project. It ends when its input does. The secrets that it prints are invented
// by the fakes.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/dydx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hyperliquid"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/injective"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/paradex"
)

// others are keys that differ from the exchange's usual ones.
var others = map[string]map[string]exchangetest.Spec{
	"binance":  {"Ed25519": {Kind: access.Ed25519Key}, "RSA": {Kind: access.RSAKey}},
	"bitget":   {"classic": {Options: map[string]string{"account": "classic"}}},
	"bybit":    {"RSA": {Kind: access.RSAKey}},
	"coinbase": {"ES256": {Kind: access.ECDSAKey}},
	"coinspot": {"second": {}},
	"gemini":   {"account": {Options: map[string]string{"level": "account"}}},
	"lbank":    {"RSA": {Kind: access.RSAKey}},
	"okx":      {"demo": {Options: map[string]string{"demo": "1"}}},
}

// key is what its owner has. Wrong is the secret of another key of the exchange.
type key struct {
	Key        string `json:"key"`
	Secret     string `json:"secret"`
	Passphrase string `json:"passphrase"`
	Wrong      string `json:"wrong"`
	Account    string `json:"account,omitempty"` // for which a wallet's key trades
}

// wallet is a random private key, and the wallet addresses that the adapters derive.
type wallet struct {
	Private   string            `json:"private"`
	Addresses map[string]string `json:"addresses"` // by exchange
}

func wallets(n int) []wallet {
	out := make([]wallet, n)
	for i := range out {
		private := make([]byte, 32)
		_, _ = rand.Read(private) // documented never to fail
		out[i] = wallet{hex.EncodeToString(private), map[string]string{}}
		private[0] &= 0x03 // below the order of every curve
		out[i].Private = hex.EncodeToString(private)
		for _, e := range []*adapter.Exchange{hyperliquid.Exchange, dydx.Exchange, injective.Exchange, paradex.Exchange} {
			out[i].Addresses[e.Name] = e.Needs.Wallet.Derive(private)
		}
	}
	return out
}

func issue(v *exchangetest.Fake, spec exchangetest.Spec) key {
	spec.Label = "independent"
	for _, right := range v.Rights()[:min(2, len(v.Rights()))] {
		spec.Permissions = append(spec.Permissions, right.Name)
	}
	own, other := v.Issue(spec), v.Issue(spec)
	return key{own.Key, own.Secret.Reveal(), own.Passphrase.Reveal(), other.Secret.Reveal(), own.Account}
}

func main() {
	fakes := exchangetest.All()
	keys := map[string]key{}
	for _, v := range fakes {
		keys[v.Name()] = issue(v, exchangetest.Spec{})
		for name, spec := range others[v.Name()] {
			keys[v.Name()+" "+name] = issue(v, spec)
		}
	}
	server := exchangetest.Serve(fakes...)
	defer server.Close()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"url": server.URL, "keys": keys, "wallets": wallets(1000)}); err != nil {
		log.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

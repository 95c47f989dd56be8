package inventory

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// addressFiles are an inventory and bots' files with the address of an account, by format. $S is
// the key's secret, $K its identifier, $P its passphrase, VALUE what is in the field.
var addressFiles = []struct{ format, text string }{
	{"", `{"version": 1, "keys": [{"name": "k", "exchange": "EXCHANGE", "policy": "trading", MORE "secret": "env:S", "account": "VALUE"}]}`},
	{"ccxt", `{"EXCHANGE": {"apiKey": "$K", "password": "$P", "secret": "$S", "walletAddress": "VALUE"}}`},
	{"ccxt", `{"EXCHANGE": {"apiKey": "$K", "password": "$P", "secret": "$S", "options": {"deriveWalletAddress": "VALUE"}}}`},
	{"ccxt", `{"EXCHANGE": {"password": "$P", "privateKey": "$S", "accountAddress": "VALUE"}}`},
	{"ccxt-mcp", `{"accounts": {"main": {"exchange": "EXCHANGE", "apiKey": "$K", "password": "$P", "secret": "$S", "wallet": "VALUE"}}}`},
	{"passivbot", `{"user": {"exchange": "EXCHANGE", "key": "$K", "passphrase": "$P", "secret": "$S", "wallet_address": "VALUE"}}`},
	{"freqtrade", `{"exchange": {"name": "EXCHANGE", "key": "$K", "password": "$P", "secret": "$S", "walletAddress": "VALUE"}}`},
	{"lean", `{"environment": "live", "EXCHANGE-api-secret": "$S", "EXCHANGE-api-key": "$K", "EXCHANGE-passphrase": "$P", "EXCHANGE-address": "VALUE"}`},
	{"jesse", "Name,Exchange,API Key,API Secret,api_passphrase,wallet_address\nx,EXCHANGE,$K,$S,$P,VALUE\n"},
	{"env", "UPPER_API_KEY=$K\nUPPER_API_SECRET=$S\nUPPER_PASSPHRASE=$P\nUPPER_WALLET_ADDRESS=VALUE\n"},
	{"nautilus", "UPPER_API_KEY=$K\nUPPER_API_SECRET=$S\nUPPER_PASSPHRASE=$P\nUPPER_ACCOUNT_ADDRESS=VALUE\n"},
	{"mcp", `{"mcpServers": {"bot": {"command": "bot", "env": {"UPPER_API_KEY": "$K", "UPPER_API_SECRET": "$S", "UPPER_PASSPHRASE": "$P", "UPPER_FUNDER": "VALUE"}}}}`},
}

// untellable are private keys that have all that a name of an account has, too. They can be told
// only where they are the key's own, or in a field that is called an address.
var untellable = map[string]map[string]bool{
	"orderly": {"Ethereum": true}, // an account id is a hash of a wallet address and a site
	"paradex": {"Stark": true},    // both are numbers of one field
}

// TestNoPrivateKeyIsAnAddress: a private key in the field for an account's address is told in one
// sentence, from every source, and is neither sent nor shown.
func TestNoPrivateKeyIsAnAddress(t *testing.T) {
	t.Parallel()
	pasted := map[string]string{
		"Ethereum": "0x9" + exchangetest.Hex(63, "pasted"), "bare": "9" + exchangetest.Hex(63, "pasted too"), "Schnorr": exchangetest.Hex(80, "pasted as well"),
		"NEAR":  "ed25519:49W385L4rePHy6PAaQUovbD2aacgN4HsKXSMeUzRg4fmwXszN91JuMFrQRj3vMDpZuRF3ZknQBuRBoWQJEfXstMw",
		"whole": "49W385L4rePHy6PAaQUovbD2aacgN4HsKXSMeUzRg4fmwXszN91JuMFrQRj3vMDpZuRF3ZknQBuRBoWQJEfXstMw",
		"Stark": "0x7" + exchangetest.Hex(60, "stark's"), "own": "",
	}
	forms := slices.Sorted(maps.Keys(pasted))
	for j, fake := range exchangetest.All() {
		e, _ := exchanges.Lookup(fake.Name())
		if !hasWallets(e) {
			continue
		}
		for i, f := range addressFiles {
			for n := range 3 { // over all exchanges, every form is in every file
				form := forms[(2*j+3*i+n)%len(forms)]
				c, value := fake.Issue(exchangetest.Spec{}), pasted[form]
				if form == "own" {
					value = c.Secret.Reveal()
				}
				if untellable[e.Name][form] && (i == 0 || form == "Stark") {
					continue
				}
				more := ""
				if e.Needs.Wallet == nil {
					more = `"key": "env:K", "passphrase": "env:P",`
				}
				text := strings.NewReplacer("EXCHANGE", e.Name, "UPPER", strings.ToUpper(e.Name), "MORE", more, "$K", c.Key, "$S", c.Secret.Reveal(), "$P", c.Passphrase.Reveal(), "VALUE", value).Replace(f.text)
				said := addressed(t, f.format, text, fake, c)
				about := fmt.Sprintf("%s, %s: %s", form, f.format, text)
				assert.Regexp(t, `private key|not the wallet address|is not a |swapped|is for keys|form of a`, said, about)
				assert.NotContains(t, said, value, about)
				assert.Empty(t, exchangetest.FindCanaries(said, []string{strings.TrimPrefix(value, "0x"), c.Secret.Reveal()}), about)
				assert.Empty(t, fake.Requests(), about)
				fake.Forget()
			}
		}
	}
}

// addressed reads a file, audits what it has, and returns all that is said.
func addressed(t *testing.T, format, text string, fake *exchangetest.Fake, c adapter.Credentials) string {
	t.Helper()
	options := withVariables("S="+c.Secret.Reveal(), "K="+c.Key, "P="+c.Passphrase.Reveal())
	in, err := Parse([]byte(text), "keys.json", options)
	if format != "" {
		in, err = From(format, writeBot(t, "config", text), options)
	}
	if err != nil {
		return err.Error()
	}
	var said []string
	for _, s := range in.Skipped {
		said = append(said, s.Name+" "+s.Why)
	}
	for _, k := range in.Keys {
		s, err := audit.Inspect(t.Context(), k, &audit.Options{Transport: fake})
		require.Error(t, err, text)
		said = append(said, err.Error(), fmt.Sprintf("%+v", s))
	}
	require.NotEmpty(t, said, text)
	return strings.Join(said, "\n")
}

package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBotsWallets: a private key with a field of its own is the secret where keys are wallets,
// and is named everywhere else. Expected are the parts of each key that is audited, and
// why the others are not.
func TestBotsWallets(t *testing.T) {
	t.Parallel()
	const a, b = "0x1111111111111111111111111111111111111111111111111111111111111111", "2222222222222222222222222222222222222222222222222222222222222222"
	const at = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
	words := strings.NewReplacer("$a", a, "$b", b, "$@", at, "$K", keyA, "$S", secretA)
	for _, test := range []struct {
		format, text string
		env          []string
		want         []string
	}{
		// passivbot
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "wallet_address": "$@", "private_key": "$a", "is_vault": false}}`, want: []string{"u hyperliquid live: secret $a account $@"}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "walletAddress": "$@", "privateKey": "$b"}}`, want: []string{"u hyperliquid live: secret $b account $@"}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "wallet": "$@", "private_key": "$a", "key": "key", "secret": "secret"}}`, want: []string{"u hyperliquid live: secret $a account $@"}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "key": "$@", "secret": "$a"}}`, want: []string{"u hyperliquid live: key $@ secret $a"}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "key": "$@", "private_key": "$a"}}`, want: []string{"u hyperliquid live: key $@ secret $a"}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "wallet_address": "$@"}}`, want: []string{"u: " + noPrivate}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "wallet": "$a"}}`, want: []string{"u: " + misplacedWallet}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "wallet_address": "$@", "private_key": "YOUR_PRIVATE_KEY"}}`, want: []string{"u: its secret is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "wallet_address": "$@", "private_key": "private_key"}}`, want: []string{"u: " + noPrivate}},
		{format: "passivbot", text: `{"u": {"exchange": "derive", "private_key": "$a"}}`, want: []string{"u: its private key is there, but the wallet address of its account is missing, which Derive requires: add it, or list the key in an inventory"}},
		{format: "passivbot", text: `{"u": {"exchange": "bybit", "key": "$K", "secret": "$S", "private_key": "$a", "wallet_address": "$@"}}`, want: []string{"u bybit live: key $K secret $S", "u-2: " + skipWallet}},
		{format: "passivbot", text: `{"u": {"exchange": "bybit", "key": "$K", "secret": "$S", "private_key": "your_private_key"}}`, want: []string{"u bybit live: key $K secret $S"}},
		{format: "passivbot", text: `{"u": {"exchange": "bybit", "key": "$K", "private_key": "$a"}}`, want: []string{"u: " + onlyKey, "u-2: " + skipWallet}},
		{format: "passivbot", text: `{"u": {"exchange": "hyperliquid", "key": "$K", "secret": "$S", "private_key": "$a"}}`, want: []string{"u hyperliquid live: secret $a", "u-2: " + skipPair}},
		{format: "passivbot", text: `{"u": {"exchange": "nowhere", "private_key": "$a"}}`, want: []string{"u: " + skipWallet}},
		// ccxt
		{format: "ccxt", text: `{"hyperliquid": {"walletAddress": "$@", "privateKey": "$a", "testnet": true}}`, want: []string{"hyperliquid hyperliquid testnet: secret $a account $@"}},
		{format: "ccxt", text: `{"derive": {"walletAddress": "0x1", "privateKey": "$a", "options": {"deriveWalletAddress": "$@"}}}`, want: []string{"derive derive live: secret $a account $@"}},
		{format: "ccxt", text: `{"aster": {"walletAddress": "$@", "private_key": "$a"}}`, want: []string{"aster aster live: secret $a account $@"}},
		{format: "ccxt", text: `{"paradex": {"walletAddress": "$@", "privateKey": "$a", "options": {"paradexAccount": {"privateKey": "0x7", "publicKey": "0x8", "address": "0x9"}}}}`, want: []string{"paradex paradex live: secret 0x7 account 0x9", `paradex-2: "privateKey" holds another secret: list its key in an inventory`}},
		{format: "ccxt", text: `{"paradex": {"secret": "$S", "privateKey": "$a", "options": {"paradexAccount": {"privateKey": "0x7", "address": "0x9"}}}}`, want: []string{"paradex paradex live: secret 0x7 account 0x9", "paradex-2: " + skipPair, `paradex-3: "privateKey" holds another secret: list its key in an inventory`}},
		{format: "ccxt", text: `{"polymarket": {"apiKey": "$K", "secret": "$S", "password": "x", "privateKey": "${PK}"}}`, want: []string{"polymarket polymarket live: key $K secret $S", "polymarket-2: its secret is a reference to a variable, which nothing filled in: put the value itself there, or list the key in an inventory"}},
		{format: "ccxt", text: `{"bybit": {"apiKey": "$K", "secret": "$S", "privateKey": "${PK}"}}`, want: []string{"bybit bybit live: key $K secret $S", "bybit-2: its secret is a reference to a variable, which nothing filled in: put the value itself there, or list the key in an inventory"}},
		{format: "ccxt", text: `{"lighter": {"privateKey": "$b$b", "walletAddress": "$@", "options": {"accountIndex": 281474976710654, "apiKeyIndex": 4}}}`, want: []string{"lighter lighter live: secret $b$b account 281474976710654"}},
		{format: "ccxt", text: `{"lighter": {"privateKey": "$b$b", "account_index": "77"}}`, want: []string{"lighter lighter live: secret $b$b account 77"}},
		{format: "ccxt", text: `{"woofipro": {"apiKey": "ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF", "secret": "1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE", "accountId": "$a", "walletAddress": "$@"}}`, want: []string{"woofipro orderly live: key ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF secret 1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE account $a"}},
		{format: "ccxt", text: `{"hyperliquid": {"privateKey": "$a", "walletAddress": "$@", "accountId": 5, "accountIndex": 6}}`, want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{format: "env", text: "ORDERLY_KEY=ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF\nORDERLY_SECRET=1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE\nORDERLY_ACCOUNT_ID=$a", want: []string{"orderly orderly live: key ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF secret 1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE account $a"}},
		{format: "env", text: "ORDERLY_SECRET=1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE\nORDERLY_WALLET_ADDRESS=$a", want: []string{"orderly: " + misplacedWallet}},
		{format: "ccxt", text: `{"hyperliquid": {"mnemonic": "$a"}}`, want: []string{"hyperliquid hyperliquid live: secret $a"}},
		{format: "ccxt", text: `{"hyperliquid": {"walletAddress": "$@", "privateKey": "$a", "httpProxy": "http://10.0.0.1:1"}}`, want: []string{"hyperliquid: " + skipProxy}},
		{format: "ccxt-mcp", text: `{"accounts": {"main": {"exchange": "hyperliquid", "walletAddress": "$@", "privateKey": "$a"}}}`, want: []string{"main hyperliquid live: secret $a account $@"}},
		// freqtrade
		{format: "freqtrade", text: `{"exchange": {"name": "hyperliquid", "walletAddress": "$@", "privateKey": "$a"}}`, want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{format: "freqtrade", text: `{"exchange": {"name": "hyperliquid", "key": "your_exchange_key", "secret": "your_exchange_secret", "wallet_address": "$@", "private_key": "$a"}}`, want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{format: "freqtrade", text: `{"exchange": {"name": "hyperliquid", "ccxt_config": {"walletAddress": "$@", "privateKey": "$a"}}}`, want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{
			format: "freqtrade", text: `{"exchange": {"name": "hyperliquid", "walletAddress": "$@", "privateKey": "$a"}}`, env: []string{"FREQTRADE__EXCHANGE__PRIVATEKEY=$b"},
			want: []string{"hyperliquid hyperliquid live: secret $b account $@", "hyperliquid-2: the bot does not use it: the variable FREQTRADE__EXCHANGE__PRIVATEKEY overrides the key in FILE; delete it there, or list it in an inventory"},
		},
		{
			format: "freqtrade", text: `{"exchange": {"name": "hyperliquid"}}`, env: []string{"FREQTRADE__EXCHANGE__WALLET_ADDRESS=$@", "FREQTRADE__EXCHANGE__PRIVATE_KEY=$a"},
			want: []string{"hyperliquid hyperliquid live: secret $a account $@"},
		},
		{
			format: "freqtrade", text: `{"exchange": {"name": "hyperliquid"}}`, env: []string{"FREQTRADE__EXCHANGE__walletAddress=$@", "FREQTRADE__EXCHANGE__CCXT_CONFIG__privateKey=$a"},
			want: []string{"hyperliquid hyperliquid live: secret $a account $@"},
		},
		{
			format: "freqtrade", text: `{"exchange": {"name": "binance"}}`, env: []string{"FREQTRADE__EXCHANGE__CCXT_CONFIG__APIKEY=$K", "FREQTRADE__EXCHANGE__CCXT_CONFIG__SECRET=$S"},
			want: []string{"binance binance live: key $K secret $S"},
		},
		// NautilusTrader, and variables of all kinds
		{format: "nautilus", text: "HYPERLIQUID_PK=$a\nHYPERLIQUID_VAULT=$@", want: []string{"hyperliquid hyperliquid live: secret $a"}},
		{format: "nautilus", text: "HYPERLIQUID_TESTNET_PK=$a\nHYPERLIQUID_PK=$b", want: []string{"hyperliquid-testnet hyperliquid testnet: secret $a", "hyperliquid hyperliquid live: secret $b"}},
		{format: "nautilus", text: "DERIVE_WALLET_ADDRESS=$@\nDERIVE_SESSION_PRIVATE_KEY=$a\nDERIVE_SUBACCOUNT_ID=7", want: []string{"derive derive live: secret $a account $@"}},
		{format: "env", text: "HYPERLIQUID_AGENT_PRIVATE_KEY=$a\nHYPERLIQUID_ACCOUNT_ADDRESS=$@", want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{format: "env", text: "HYPERLIQUID_WALLET_PRIVATE_KEY=$a\nHYPERLIQUID_WALLET_ADDRESS=$@", want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{format: "env", text: "HL_SECRET_KEY=$a\nHL_ACCOUNT_ADDRESS=$@", want: []string{"hl hyperliquid live: secret $a account $@"}},
		{format: "env", text: "ASTER_USER_ADDRESS=$@\nASTER_SIGNER_PRIVATE_KEY=$a", want: []string{"aster aster live: secret $a account $@"}},
		{format: "env", text: "HYPERLIQUID_MNEMONIC=$a", want: []string{"hyperliquid hyperliquid live: secret $a"}},
		{format: "env", text: "HYPERLIQUID_WALLET=$a", want: []string{`hyperliquid-wallet: "HYPERLIQUID_WALLET" looks like part of a key, but its name does not say which: list the key in an inventory`}},
		// jesse, LEAN
		{format: "jesse", text: "Name,Exchange,API Key,API Secret,api_passphrase,wallet_address,stark_private_key\nx,Hyperliquid Perpetual,,,,$@,$a\n", want: []string{"x hyperliquid live: secret $a account $@"}},
		{format: "jesse", text: "Name,Exchange,API Key,API Secret,api_passphrase,wallet_address,stark_private_key\nx,Hyperliquid Perpetual,,$a,,$@,\n", want: []string{"x hyperliquid live: secret $a account $@"}},
		{format: "jesse", text: "Name,Exchange,API Key,API Secret,api_passphrase,wallet_address,stark_private_key\nx,Apex Perpetual,$K,$S,,,$a\n", want: []string{"x: " + skipWallet, "x-2: " + skipWallet}},
		{format: "lean", text: `{"environment": "live", "hyperliquid-private-key": "$a", "hyperliquid-address": "$@"}`, want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		// the SDK
		{format: "hyperliquid-sdk", text: `{"secret_key": "$a", "account_address": "$@", "multi_sig": {"authorized_users": []}}`, want: []string{"hyperliquid hyperliquid live: secret $a account $@"}},
		{format: "hyperliquid-sdk", text: `{"secret_key": "", "keystore_path": "~/.keys/agent.json", "account_address": "$@"}`, want: []string{"hyperliquid: " + skipKeystore}},
		{format: "hyperliquid-sdk", text: `{"secret_key": "$a", "multi_sig": {"authorized_users": [{"secret_key": "$b"}, {"secret_key": ""}]}}`, want: []string{"hyperliquid hyperliquid live: secret $a", "multi-sig-1 hyperliquid live: secret $b"}},
		{format: "hyperliquid-sdk", text: `{"secret_key": "", "account_address": ""}`},
	} {
		env := make([]string, len(test.env))
		for i, v := range test.env {
			env[i] = words.Replace(v)
		}
		file := writeBot(t, "config", words.Replace(test.text))
		in, err := From(test.format, file, withVariables(env...))
		require.NoError(t, err, test.text)
		var got []string
		for _, k := range in.Keys {
			c := loadKey(t, k)
			line := strings.TrimPrefix(k.Name, test.format+"/") + " " + k.Exchange.Name + " " + k.Environment + ":"
			for _, p := range [][2]string{{"key", c.Key}, {"secret", c.Secret.Reveal()}, {"account", c.Account}} {
				if p[1] != "" {
					line += " " + p[0] + " " + p[1]
				}
			}
			got = append(got, line)
		}
		for _, s := range in.Skipped {
			got = append(got, strings.TrimPrefix(s.Name, test.format+"/")+": "+strings.ReplaceAll(s.Why, showPath(file), "FILE"))
		}
		var want []string
		for _, line := range test.want {
			want = append(want, words.Replace(line))
		}
		assert.Equal(t, want, got, test.text)
	}
}

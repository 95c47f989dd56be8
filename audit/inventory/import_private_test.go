package inventory

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// privatePEM is an Ed25519 key that nobody uses.
const privatePEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEILvVpaJzQVZ9r2bWd0O1Yd4zbs9h3DvX8LPfLxYb2vZv\n-----END PRIVATE KEY-----\n"

// TestPrivateKeyFields: a private key that an API key's exchange takes is its secret, in
// whatever field a bot's file has it. Only a wallet's is called a wallet's.
func TestPrivateKeyFields(t *testing.T) {
	t.Parallel()
	key, cut := privatePEM, privatePEM[:50]
	const seed, wallet = "u9WlonNBVn2vZtZ3Q7Vh3jNuz2HcO9fws98vFhva9m8=", "0x1111111111111111111111111111111111111111111111111111111111111111"
	for format, file := range map[string]struct{ name, text string }{
		"ccxt":           {"keys.json", `{"$E": {"apiKey": "$A", $S "privateKey": $P}}`},
		"ccxt-mcp":       {"c.json", `{"accounts": {"$E": {"exchange": "$E", "apiKey": "$A", $S "privateKey": $P}}}`},
		"freqtrade":      {"config.json", `{"exchange": {"name": "$E", "key": "$A", $S "private_key": $P}}`},
		"passivbot":      {"api-keys.json", `{"$E": {"exchange": "$E", "key": "$A", $S "private_key": $P}}`},
		"lean":           {"lean.json", `{"environment": "live", "$E-api-key": "$A", $S "$E-private-key": $P}`},
		"octobot":        {"config.json", `{"exchanges": {"$E": {"api-key": "$A", $S "api-private-key": $P}}}`},
		"vnpy":           {"connect_$E.json", `{"API Key": "$A", $S "Private Key": $P}`},
		"gocryptotrader": {"config.json", `{"exchanges": [{"name": "$E", "api": {"credentials": {"key": "$A", $S "privateKey": $P}}}]}`},
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			secret := map[string]string{"lean": `"$E-api-secret"`, "octobot": `"api-secret"`, "vnpy": `"Secret Key"`}[format]
			if secret == "" {
				secret = `"secret"`
			}
			decided := func(exchange, pair, private string) (got []string) {
				quoted, err := json.Marshal(private)
				require.NoError(t, err)
				if pair != "" {
					pair = secret + `: "` + pair + `",`
				}
				words := strings.NewReplacer("$E", exchange, "$A", keyA, "$S", strings.ReplaceAll(pair, "$E", exchange), "$P", string(quoted))
				in, err := From(format, writeBot(t, words.Replace(file.name), words.Replace(file.text)), withVariables())
				require.NoError(t, err)
				for _, k := range in.Keys {
					c := loadKey(t, k)
					assert.Equal(t, keyA, c.Key)
					got = append(got, k.Exchange.Name+" "+strings.TrimSpace(c.Secret.Reveal()))
				}
				for _, s := range in.Skipped {
					got = append(got, s.Why)
				}
				return got
			}
			for _, exchange := range []string{"binance", "bybit", "kraken"} { // that Kraken takes none is said of the kind of the secret
				assert.Equal(t, []string{exchange + " " + strings.TrimSpace(key)}, decided(exchange, "", key), exchange)
				assert.Equal(t, []string{exchange + " " + strings.TrimSpace(cut)}, decided(exchange, "", cut), "what is cut short is named as that")
			}
			assert.Equal(t, []string{"binance " + secretA, skipSecond}, decided("binance", secretA, key))
			assert.Equal(t, []string{"the exchange \"nowhere\" is not supported: look at the key on its own site"}, decided("nowhere", "", key))
			if format == "vnpy" || format == "octobot" || format == "gocryptotrader" { // whose own fields these are not
				return
			}
			assert.Equal(t, []string{"coinbase " + seed}, decided("coinbase", "", seed))
			assert.Equal(t, []string{onlyKey, skipWallet}, decided("binance", "", wallet))
			assert.Equal(t, []string{skipNoForm}, decided("binance", "", "u9WlonNBVn2vZtZ3Q7Vh3jNuz2HcO9f"))
			assert.Equal(t, []string{"its secret is a reference to a variable, which nothing filled in: put the value itself there, or list the key in an inventory"}, decided("binance", "", "${PRIVATE}"))
			assert.Equal(t, []string{"binance " + secretA}, decided("binance", secretA, "your_private_key"))
		})
	}
}

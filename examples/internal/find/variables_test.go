package find

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// Names of variables as bots and people have them: what stands before the part, what the
// two parts are called, and how a file of variables is written.
var (
	variablePrefixes = []string{
		"FREQTRADE__EXCHANGE__", "FREQTRADE__EXCHANGE__CCXT_CONFIG__", "FREQTRADE_", "FT_", "HUMMINGBOT_", "HBOT_", "BNB_", "BIN_", "DCA_", "MM_", "SCALPER_", "ALPHA_", "STRATEGY1_",
		"MYBOT_", "GRID_", "MAIN_", "ACME_", "BOT_7_", "X_", "JANE_", "BYBIT_", "LIVE_OKX_", "KUCOIN_SUB_", "",
	}
	variableParts = [][2]string{{"API_KEY", "API_SECRET"}, {"API_KEY", "SECRET_KEY"}, {"APIKEY", "APISECRET"}, {"KEY", "SECRET"}, {"API_KEY", "SECRET"}, {"ACCESS_KEY", "SECRET_KEY"}, {"PUBLIC_KEY", "PRIVATE_KEY"}}
	variableLines = []string{"%s=%s\n", "export %s=%s\n", "%s: %s\n", "      - %s=%s\n", "      %s: \"%s\"\n", "Environment=%s=%s\n", "ENV %s=%s\n", "set %s=%s\n", "%s = '%s'\n"}
	variableHeads = []string{"", "# notes\n\n", "environment:\n", "TELEGRAM_TOKEN=none\n", "# binance and kraken\n"}
	variableForms = [][2]string{{"%a64", "%a64"}, {"%h32", "%h64"}, {"%a40", "%a48"}, {"%a24", "%a40"}, {"%a18", "%a36"}, {"%u36", "%a33"}}
)

// TestVariablesAsFromEnv: what --from env= names in a file of variables, whether it is
// audited or not, a search names too.
func TestVariablesAsFromEnv(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	r := rand.New(rand.NewPCG(9, 1))
	path := filepath.Join(t.TempDir(), ".env")
	for _, prefix := range variablePrefixes {
		for _, parts := range variableParts {
			for _, at := range r.Perm(len(variableLines))[:3] {
				line, form, head := variableLines[at], variableForms[r.IntN(len(variableForms))], variableHeads[r.IntN(len(variableHeads))]
				id, secret := draw(r, form[0]), draw(r, form[1])
				file := head + fmt.Sprintf(line, prefix+parts[0], id) + fmt.Sprintf(line, prefix+parts[1], secret)
				require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
				in, err := inventory.From("env", path, inventory.Options{Exchanges: exchanges.All()})
				if err != nil || len(in.Keys)+len(in.Skipped) == 0 {
					continue
				}
				keys, _ := n.inspect(".env", file, nil)
				found := len(keys) > 0 && keys[0].id != nil && keys[0].id.value.Reveal() == id
				assert.True(t, found, strings.NewReplacer(id, "<"+form[0]+">", secret, "<"+form[1]+">").Replace(file))
			}
		}
	}
}

// TestHalvesOfTwoKeys: a key id is not put together with the secret of another key, which
// has its own, or would hide that its own is missing.
func TestHalvesOfTwoKeys(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	r := rand.New(rand.NewPCG(9, 2))
	for _, whose := range []string{"BINANCE", "LIVE_BYBIT", "KRAKEN_MAIN", "GATEIO"} {
		for _, other := range []string{"ACME", "FT", "SCALPER", "JANE", "OKTA_1", "ALPHA"} {
			for _, form := range variableForms {
				id, second, secret := draw(r, form[0]), draw(r, form[0]), draw(r, form[1])
				lines := []string{whose + "_API_KEY=" + id, other + "_API_KEY=" + second, other + "_API_SECRET=" + secret}
				for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}, {2, 0, 1}, {0, 2, 1}, {1, 2, 0}, {0, 2}, {2, 0}} {
					var file strings.Builder
					for _, at := range order {
						file.WriteString(lines[at] + "\n")
					}
					keys, _ := n.inspect(".env", file.String(), nil)
					var ids []string
					for _, k := range keys {
						if k.id != nil {
							ids = append(ids, k.id.value.Reveal())
							assert.False(t, k.id.value.Reveal() == id && k.secret != nil, "%s %v %v: halves of two keys", whose, other, order)
						}
					}
					assert.Contains(t, ids, id, "%s %s %v", whose, other, order)
					if len(order) == 3 && other != "OKTA_1" { // of another service
						assert.Contains(t, ids, second, "%s %s %v", whose, other, order)
					}
				}
			}
		}
	}
}

// TestFewWords: keys of which little is said, each beside a reader that knows them or a use
// that gives them away.
func TestFewWords(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	r := rand.New(rand.NewPCG(9, 3))
	for _, form := range variableForms {
		for _, text := range []string{
			"BINANCE={id},{secret}\n", "GATE_V4={id}:{secret}\n", "export BYBIT=\"{id}:{secret}\"\n", "OKX_MAIN={id};{secret} # mine\n", "KRAKEN: {id}|{secret}\n", "MEXC='{id} {secret}'\n",
			"# notes\nA=1\nBYBIT_CREDS={id}:{secret}\nB=2\n", "gate io key {id}\nsecret {secret}\n", "coin ex key {id}\nsecret {secret}\n", "my crypto com key {id}\nsecret {secret}\n",
		} {
			id, secret := draw(r, form[0]), draw(r, form[1])
			file := strings.NewReplacer("{id}", id, "{secret}", secret).Replace(text)
			keys, _ := n.inspect("notes.txt", file, nil)
			if assert.Len(t, keys, 1, "%s %v", text, form) && assert.True(t, keys[0].id != nil && keys[0].secret != nil, text) {
				assert.Equal(t, []string{id, secret}, []string{keys[0].id.value.Reveal(), keys[0].secret.value.Reveal()}, text)
				assert.True(t, strings.Contains(text, " key ") || keys[0].unfit() != "", "%s: which part is which is not said", text)
			}
		}
		secret := draw(r, form[1])
		keys, _ := n.inspect(".env", "BYBIT_API_SECRT="+secret+"\n", nil)
		assert.Len(t, keys, 1, "%v", form)
	}
	for _, text := range []string{
		"SECRET = \"{W}\"\nacct = eth_account.Account.from_key(SECRET)\n", "KEY = '{W}'\nw = Account.from_key(KEY)\n", "const secret = \"{W}\";\nconst w = new ethers.Wallet(secret, provider);\n",
		"key := \"{W}\"\nk, err := crypto.HexToECDSA(key)\n",
	} {
		keys, _ := n.inspect("bot.py", strings.ReplaceAll(text, "{W}", "0x"+draw(r, "%h64")), nil)
		assert.True(t, len(keys) == 1 && keys[0].wallet, text)
	}
	for _, text := range []string{"SECRET = \"{W}\"\nh = keccak(SECRET)\n", "BINANCE_ADDRESS={W}\n", "KEY = '{W}'\nprint(KEY)\n"} {
		keys, _ := n.inspect("bot.py", strings.ReplaceAll(text, "{W}", "0x"+draw(r, "%h64")), nil)
		assert.Empty(t, keys, text)
	}
}

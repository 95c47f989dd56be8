package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestExchangeInVariables: where a variable names the exchange in use, it is that of the key
// in the variables beside it, if their names say the same otherwise.
func TestExchangeInVariables(t *testing.T) {
	t.Parallel()
	for _, bot := range []struct{ name, key, secret, third, sandbox string }{
		{"FREQTRADE__EXCHANGE__NAME", "FREQTRADE__EXCHANGE__KEY", "FREQTRADE__EXCHANGE__SECRET", "FREQTRADE__EXCHANGE__PASSWORD", "FREQTRADE__EXCHANGE__SANDBOX"},
		{"FREQTRADE__exchange__name", "FREQTRADE__exchange__key", "FREQTRADE__exchange__secret", "FREQTRADE__exchange__password", "FREQTRADE__exchange__ccxt_config__sandbox"},
		{"CCXT_MCP_EXCHANGE2", "CCXT_MCP_APIKEY2", "CCXT_MCP_SECRET2", "CCXT_MCP_PASSWORD2", "CCXT_MCP_SANDBOX2"},
		{"EXCHANGE_NAME", "EXCHANGE_API_KEY", "EXCHANGE_API_SECRET", "EXCHANGE_API_PASSPHRASE", "EXCHANGE_SANDBOX"},
		{"EXCHANGE", "API_KEY", "API_SECRET", "API_PASSPHRASE", "SANDBOX"},
		{"BOT_EXCHANGE_ID", "BOT_API_KEY", "BOT_API_SECRET", "BOT_PASSPHRASE", "BOT_SANDBOX"},
	} {
		for _, test := range []struct{ exchange, more, want string }{
			{"bybit", "", "bybit live"},
			{"bybit", "SANDBOX=true\n", "bybit testnet"},
			{"bybit_demo", "", "bybit demo"},
			{"okx", "THIRD=p\n", "okx live"},
			{"myokx", "THIRD=p\n", "okx eea"},
			{"okx", "", "its passphrase is missing"},
			{"weex", "", "list the key in an inventory"},
			{"bybit", "OTHER_EXCHANGE=okx\nDATABASE_URL=https://db.firm.example\n", "bybit live"},
			{"bybit", "NAME=okx\n", "list the key in an inventory"},
		} {
			text := strings.NewReplacer("NAME", bot.name, "KEY", bot.key, "SECRET", bot.secret, "SANDBOX", bot.sandbox, "THIRD", bot.third).
				Replace("NAME=" + test.exchange + "\nKEY=$A\nSECRET=$a\n" + test.more)
			for _, format := range []string{"env", "nautilus"} {
				assert.Contains(t, strings.Join(decided(t, format, ".env", text), "; "), test.want, text)
			}
		}
	}
	// Another program's key is none of that exchange.
	for _, text := range []string{"EXCHANGE=bybit\nWEEX_API_KEY=$A\nWEEX_API_SECRET=$a\n", "CCXT_MCP_EXCHANGE2=bybit\nCCXT_MCP_APIKEY=$A\nCCXT_MCP_SECRET=$a\n", "GRID_EXCHANGE=bybit\nARB_API_KEY=$A\nARB_API_SECRET=$a\n"} {
		assert.NotContains(t, decided(t, "env", ".env", text), "bybit live", text)
	}
}

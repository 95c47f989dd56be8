package sources

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// TestHummingbotPlaces: the setting that names the site of the account is believed,
// and one that is not understood costs the key.
func TestHummingbotPlaces(t *testing.T) {
	t.Parallel()
	domain := `its file says where the key belongs with "registration_sub_domain", which is unknown: list the key in an inventory, with its environment`
	host := func(name string) string {
		return `its file names the host "` + name + `", which is unknown: list the key in an inventory, with its environment`
	}
	for _, test := range []struct{ connector, setting, value, want string }{
		{"okx", "okx_registration_sub_domain", "my", "okx eea"},
		{"okx", "okx_registration_sub_domain", "app", "okx us"},
		{"okx", "okx_registration_sub_domain", "www", "okx live"},
		{"okx", "okx_registration_sub_domain", `""`, "okx live"},
		{"okx", "okx_registration_sub_domain", "'My '", "okx eea"},
		{"okx", "okx_registration_sub_domain", "eea", "okx eea"},
		{"okx", "okx_registration_sub_domain", "jp", host("jp.okx.com")},
		{"okx", "okx_registration_sub_domain", "my.okx.com", domain},
		{"okx_perpetual", "okx_perpetual_registration_sub_domain", "app", "okx us"},
		{"okx_perpetual", "okx_perpetual_sub_domain", "my", "okx eea"},
		{"kucoin", "kucoin_sub_domain", "eu", `its file says where the key belongs with "sub_domain", which is unknown: list the key in an inventory, with its environment`},
		{"kucoin", "kucoin_domain", "eu", "kucoin eu"},
		{"bybit", "bybit_domain", "bybit_testnet", "it belongs to an environment of Bybit that is not supported: list the key in an inventory, with its environment, if it is for another"},
		{"bybit", "bybit_domain", "testnet", "bybit testnet"},
		{"bybit", "bybit_domain", "bybit.nl", "bybit nl"},
		{"bybit", "bybit_rest_url", "https://api.bybit.nl", "bybit nl"},
		{"bybit", "bybit_host", "api.example.org", host("api.example.org")},
		{"bybit", "bybit_testnet", "true", "bybit testnet"},
		{"bybit", "bybit_testnet", "false", "bybit live"},
		{"bybit", "bybit_use_testnet", "perhaps", `its file says where the key belongs with "use_testnet", which is unknown: list the key in an inventory, with its environment`},
		{"binance", "binance_domain", "com", "binance live"},
		{"binance", "binance_domain", "us", "it belongs to an environment of Binance that is not supported: list the key in an inventory, with its environment, if it is for another"},
		{"gate_io", "gate_io_region", "eu", "gate eu"},
	} {
		folder := t.TempDir()
		text := "connector: " + test.connector + "\n" + test.connector + "_api_key: 0a\n" + test.connector + "_api_secret: 00\n" +
			test.connector + "_passphrase: 00\n" + test.setting + ": " + test.value + "\n"
		write(t, filepath.Join(folder, "conf", "connectors", test.connector+".yml"), 0o600, text)
		in, err := inventory.From("hummingbot", folder, options(nil))
		require.NoError(t, err)
		got := ""
		for _, k := range in.Keys {
			got += k.Exchange.Name + " " + k.Environment
		}
		for _, s := range in.Skipped {
			got += s.Why
		}
		assert.Equal(t, test.want, got, "%s: %s", test.setting, test.value)
	}
}

// TestDecoders: TOML as Codex and OKX's kit write it, and nothing of what is not.
func TestDecoders(t *testing.T) {
	t.Parallel()
	decode := Decoders()[".toml"]
	for text, want := range map[string]string{
		"":                                `{}`,
		"a = 'x#y\\'":                     `{"a":"x#y\\"}`,
		"a = '''x'y\"'''":                 `{"a":"x'y\""}`,
		"[p.q]\nb = true\nn = 3":          `{"p":{"q":{"b":true,"n":3}}}`,
		"[s.\"a b\".env]\nK = \"v\"":      `{"s":{"a b":{"env":{"K":"v"}}}}`,
		"[s]\nenv = { K = \"v\", L = 1 }": `{"s":{"env":{"K":"v","L":1}}}`,
		"args = [\"-y\", \"x\"]\n":        `{"args":["-y","x"]}`,
		"d = 2026-11-29":                  `{"d":"2026-11-29"}`,
		"p.q = 'v' # comment":             `{"p":{"q":"v"}}`,
	} {
		got, err := decode([]byte(text))
		require.NoError(t, err, text)
		assert.JSONEq(t, want, string(got), text)
	}
	for _, text := range []string{"a = ", "a = b", "[a", "a = 1\na = 2", "\"", "a = \"x", "x = nan"} {
		_, err := decode([]byte(text))
		assert.Error(t, err, text)
	}
}

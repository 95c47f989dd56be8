package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestFromEnv(t *testing.T) {
	for name, c := range map[string]struct {
		env                          map[string]string
		key, secret, passphrase, otp string
	}{
		"api key":      {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_SECRET": "s"}, key: "k", secret: "s"},
		"apikey":       {env: map[string]string{"BOT_APIKEY": "k", "BOT_SECRET": "s"}, key: "k", secret: "s"},
		"key":          {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET_KEY": "s"}, key: "k", secret: "s"},
		"private key":  {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_PRIVATE_KEY": "s"}, key: "k", secret: "s"},
		"passphrase":   {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_PASSPHRASE": "p"}, key: "k", secret: "s", passphrase: "p"},
		"passphrase 2": {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_API_PASSPHRASE": "p"}, key: "k", secret: "s", passphrase: "p"},
		"password":     {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_API_PASSWORD": "p"}, key: "k", secret: "s", passphrase: "p"},
		"otp":          {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_API_OTP": "o"}, key: "k", secret: "s", otp: "o"},
		"white space":  {env: map[string]string{"BOT_KEY": " k\n", "BOT_SECRET": "\ts \n", "BOT_PASSPHRASE": "  "}, key: "k", secret: "s"},
		"key id":       {env: map[string]string{"BOT_API_KEY_ID": "k", "BOT_SECRET_ACCESS_KEY": "s"}, key: "k", secret: "s"},
		"access key":   {env: map[string]string{"BOT_ACCESS_KEY": "k", "BOT_SECRET_KEY": "s"}, key: "k", secret: "s"},
		"access id":    {env: map[string]string{"BOT_ACCESS_ID": "k", "BOT_ACCESS_SECRET": "s"}, key: "k", secret: "s"},
		"kraken":       {env: map[string]string{"BOT_API_KEY": "k", "BOT_PRIVATE_KEY": "s"}, key: "k", secret: "s"},
		"kraken 2":     {env: map[string]string{"BOT_PUBLIC_KEY": "k", "BOT_PRIVATE_KEY": "s"}, key: "k", secret: "s"},
		"client":       {env: map[string]string{"BOT_CLIENT_ID": "k", "BOT_CLIENT_SECRET": "s"}, key: "k", secret: "s"},
		"key name":     {env: map[string]string{"BOT_API_KEY_NAME": "k", "BOT_API_KEY_PRIVATE_KEY": "s"}, key: "k", secret: "s"},
		"a label":      {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_KEY_NAME": "grid", "BOT_APISECRET": "s"}, key: "k", secret: "s"},
		"ccxt":         {env: map[string]string{"BOT_APIKEY": "k", "BOT_APISECRET": "s", "BOT_PASSWORD": "p"}, key: "k", secret: "s", passphrase: "p"},
		"memo":         {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_SECRET": "s", "BOT_MEMO": "p"}, key: "k", secret: "s", passphrase: "p"},
		"two words":    {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_SECRET": "s", "BOT_PASSWORD": "login", "BOT_PASS_PHRASE": "p"}, key: "k", secret: "s", passphrase: "p"},
		"lower case":   {env: map[string]string{"bot_api_key": "k", "bot_api_secret": "s", "bot_passphrase": "p"}, key: "k", secret: "s", passphrase: "p"},
		"camel case":   {env: map[string]string{"botApiKey": "k", "botApiSecret": "s"}, key: "k", secret: "s"},
		"other bots":   {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_2_KEY": "k2", "BOTH_SECRET": "s2", "BOT_KEY_PATH": "p"}, key: "k", secret: "s"},
		"twice alike":  {env: map[string]string{"BOT_KEY": "k", "BOT_API_KEY": "k ", "BOT_SECRET": "s", "BOT_API_SECRET": "s"}, key: "k", secret: "s"},
		"empty spelling": {
			env: map[string]string{"BOT_API_KEY": "", "BOT_KEY": "k", "BOT_SECRET": "s"}, key: "k", secret: "s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			got, err := audit.FromEnv("BOT")
			require.NoError(t, err)
			assert.Equal(t, []string{c.key, c.secret, c.passphrase, c.otp},
				[]string{got.Key, got.Secret.Reveal(), got.Passphrase.Reveal(), got.OTP.Reveal()})
		})
	}
}

func TestFromEnvSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing set":   {nil, []string{"no API key: set BOT_API_KEY", "no secret: set BOT_API_SECRET"}},
		"only spaces":   {map[string]string{"BOT_KEY": " ", "BOT_SECRET": "cAnArY1"}, []string{"no API key: set BOT_API_KEY"}},
		"no secret":     {map[string]string{"BOT_KEY": "cAnArY1"}, []string{"no secret: set BOT_API_SECRET"}},
		"two keys":      {map[string]string{"BOT_API_KEY": "cAnArY1", "BOT_KEY": "cAnArY2", "BOT_SECRET": "cAnArY3"}, []string{"BOT_API_KEY and BOT_KEY are both set and differ: unset one"}},
		"three secrets": {map[string]string{"BOT_KEY": "cAnArY1", "BOT_API_SECRET": "cAnArY2", "BOT_SECRET": "cAnArY3", "BOT_SECRET_KEY": "cAnArY4"}, []string{"BOT_API_SECRET and BOT_SECRET are both set", "BOT_API_SECRET and BOT_SECRET_KEY are both set"}},
		"two passwords": {map[string]string{"BOT_KEY": "cAnArY1", "BOT_SECRET": "cAnArY2", "BOT_PASSPHRASE": "cAnArY3", "BOT_API_PASSWORD": "cAnArY4"}, []string{"BOT_PASSPHRASE and BOT_API_PASSWORD are both set"}},
		"two cases":     {map[string]string{"BOT_API_KEY": "cAnArY1", "bot_api_key": "cAnArY2", "BOT_SECRET": "cAnArY3"}, []string{" are both set and differ: unset one"}},
		"all at once":   {map[string]string{"BOT_API_KEY": "cAnArY1", "BOT_KEY": "cAnArY2"}, []string{"BOT_API_KEY and BOT_KEY", "no secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			got, err := audit.FromEnv("BOT")
			require.ErrorIs(t, err, access.KindInput)
			for _, part := range c.want {
				require.ErrorContains(t, err, part)
			}
			assert.NotContains(t, err.Error(), "cAnArY")
			assert.Empty(t, got.Key)
			assert.True(t, got.Secret.IsZero())
		})
	}
}

// TestFromEnvOfWallets: the account, or a private key in a wallet's form, stands for the
// key, which derives from it.
func TestFromEnvOfWallets(t *testing.T) {
	private := "0x" + strings.Repeat("ab", 32)
	t.Setenv("WALLETS_A_WALLET_ADDRESS", "0xaa")
	t.Setenv("WALLETS_A_PRIVATE_KEY", strings.Repeat("ab", 32))
	t.Setenv("WALLETS_B_PK", private)
	t.Setenv("WALLETS_C_PRIVATE_KEY", strings.Repeat("ab", 32))
	c, err := audit.FromEnv("WALLETS_A")
	require.NoError(t, err)
	assert.Equal(t, "0xaa", c.Account)
	assert.Equal(t, strings.Repeat("ab", 32), c.Secret.Reveal())
	c, err = audit.FromEnv("WALLETS_B")
	require.NoError(t, err)
	assert.Equal(t, private, c.Secret.Reveal())
	_, err = audit.FromEnv("WALLETS_C")
	require.ErrorContains(t, err, "no API key: set WALLETS_C_API_KEY")
}

package audit_test

import (
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

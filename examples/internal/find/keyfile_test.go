package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKeyFile: Coinbase's key file is a key whole, whatever it is called and wherever it
// was pasted. What only looks like one is none.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		id, secret := draw(r, "%g"), draw(r, "%b86==")
		for name, text := range map[string]string{
			"cdp_api_key.json": `{"id":"{I}","privateKey":"{S}"}`,
			"key.json":         "{\n  \"privateKey\": \"{S}\",\n  \"id\": \"{I}\"\n}\n",
			"named.json":       `{"name": "{I}", "privateKey": "{S}"}`,
			"config.json":      `{"log": "info", "accounts": [{"label": "main", "file": {"id": "{I}", "privateKey": "{S}"}}]}`,
			"env":              `COINBASE_KEY_FILE='{"id":"{I}","privateKey":"{S}"}'` + "\n",
			"cdp.yaml":         "cdp:\n  id: {I}\n  private_key: {S}\n",
			"bot.py":           "key = json.loads('{\"id\": \"{I}\", \"privateKey\": \"{S}\"}')\n",
		} {
			keys := lookInto(t, name, strings.NewReplacer("{I}", id, "{S}", secret).Replace(text))
			if !assert.Len(t, keys, 1, name) {
				continue
			}
			k := keys[0]
			require.NotNil(t, k.id, name)
			require.NotNil(t, k.secret, name)
			assert.Equal(t, []string{id, secret, "coinbase", string(Named)}, []string{k.id.value.Reveal(), k.secret.value.Reveal(), k.exchange, string(k.strength)}, name)
			if name != "env" { // where a name beside it says so, too
				assert.Equal(t, notMarked, k.unfit(), name)
			}
		}
		for name, text := range map[string]string{
			"other.json":  `{"id": "{I}", "signature": "{S}"}`,
			"apart.json":  `{"user": {"id": "{I}"}, "server": {"privateKey": "{S}"}}`,
			"public.json": `{"id": "{I}", "publicKey": "{S}"}`,
			"number.json": `{"id": "7", "privateKey": "{S}"}`,
		} {
			assert.Empty(t, lookInto(t, name, strings.NewReplacer("{I}", id, "{S}", secret).Replace(text)), name)
		}
	}
}

package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFilesOfAnotherKind: a file that is given to the format of another kind of file is
// named as what it is, with what reads it.
func TestFilesOfAnotherKind(t *testing.T) {
	t.Parallel()
	const find = "keyaudit find FILE looks for keys in files of any kind"
	kinds := map[string][3]string{ // a text, what it is, and what reads it
		"env": {"# the bot's\nexport BYBIT_API_KEY=$A\nBYBIT_API_SECRET=\"$a\"\nBYBIT_URL=https://api.bybit.com\nA = b\n", "a list of variables (NAME=value)", "--from env=FILE reads it"},
		"yml": {"---\nconnector: bybit\nbybit_api_key: $A\nbybit_api_secret: \"$a\"\npairs:\n  - BTCUSDT\n  - ETHUSDT\n", "YAML", find},
		"ini": {"[bybit]\nkey = $A\nsecret = $a\n[okx]\nkey=x\n", "TOML or INI", find},
		"py":  {"#!/usr/bin/env python3\nimport ccxt\n\nex = ccxt.bybit({\n    'apiKey': '$A',\n    'secret': '$a',\n})\nprint(ex.fetch_balance())\n", "source code", find},
		"ts":  {"const ccxt = require('ccxt');\nconst ex = new ccxt.bybit({ apiKey: '$A', secret: '$a' });\n", "source code", find},
		"csv": {"Name,Exchange,API Key,API Secret\nmain,Bybit,$A,$a\n", "a table (CSV)", "--from jesse=FILE reads jesse's"},
		"htm": {"<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "a web page or XML", find},
		"pem": {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n", "a private key or a certificate (PEM)", "refer to it by file:PATH in an inventory"},
		"jsn": {`{"bybit": {"apiKey": "$A", "secret": "$a"}}`, "JSON", "--from with the name of its bot reads it, for instance --from freqtrade=FILE"},
	}
	for _, format := range Formats() {
		want, own := "JSON", "jsn"
		switch format.Name {
		case "env", "nautilus", "bbgo", "openclaw":
			want, own = "a list of variables (NAME=value)", "env"
		case "jesse":
			want, own = "a table (CSV)", "csv"
		case "okx-agent-kit":
			want, own = "TOML", "ini"
		}
		for kind, is := range kinds {
			if kind == own || own == "env" && kind != "jsn" { // whose reader takes lines of many forms
				continue
			}
			name := "config"
			if own == "ini" {
				name = "config.toml"
			}
			_, err := From(format.Name, writeBot(t, name, short.Replace(is[0])), withVariables())
			require.Error(t, err, "%s %s", format.Name, kind)
			assert.Contains(t, err.Error(), "the file is "+is[1]+", not "+want+": "+is[2], "%s %s", format.Name, kind)
			assert.NotContains(t, err.Error(), secretA)
		}
	}
	_, err := Parse([]byte(short.Replace(kinds["env"][0])), ".env", withVariables())
	require.ErrorContains(t, err, "the file is a list of variables (NAME=value), not JSON: --from env=FILE reads it", "likewise of an inventory")
	for _, broken := range []string{"{\n  \"a\": 1\n  \"b\": 2\n}", "[\n  {\"a\": \"b\"\n]", "{'a': 1}", "{\n\"exchange\": {\n\"name\": \"okx\",\n\"key\": \"x\"\n", "words", "[\"a\""} {
		_, err := From("ccxt", writeBot(t, "keys.json", broken), withVariables())
		require.Error(t, err, broken)
		assert.True(t, strings.Contains(err.Error(), "the JSON is malformed here") || strings.Contains(err.Error(), "the JSON ends too early"), "%s: %v", broken, err)
	}
}

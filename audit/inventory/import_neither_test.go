package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSwitchesNeitherOnNorOff: a switch for where keys are sent, whose value says neither on
// nor off, costs the keys that it can mean, unless something else says where they belong.
func TestSwitchesNeitherOnNorOff(t *testing.T) {
	t.Parallel()
	const pair = "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"
	names := []string{"SANDBOX", "TESTNET", "DEMO", "PAPER_TRADING", "USE_TESTNET", "IS_TEST", "IS_PRODUCTION", "PROD", "LIVE", "REAL_MONEY", "EXCHANGE_SANDBOX", "CCXT_SANDBOX", "BYBIT_TESTNET", "BYBIT_LIVE"}
	for _, name := range names {
		for _, value := range []string{"nope", "maybe", "ja", "0x1", "2", "'perhaps' # later", "", " # on for now", `""`, "${TESTNET}"} {
			got := variablePlan(t, "env", pair+name+"="+value)
			if assert.Len(t, got, 1, "%s=%s", name, value) {
				assert.Contains(t, got[0], `skipped: "`+name+`" `, "%s=%s", name, value)
			}
		}
		for _, value := range []string{"on", "true", "'1'", `"yes" # really`, "enabled", `"on"`} {
			assert.Equal(t, variablePlan(t, "env", pair+name+"=true"), variablePlan(t, "env", pair+name+"="+value), "%s=%s", name, value)
		}
		for _, value := range []string{"off", "no", "'0'", `"False" # really`, "disabled", "none"} {
			assert.Equal(t, variablePlan(t, "env", pair+name+"=false"), variablePlan(t, "env", pair+name+"="+value), "%s=%s", name, value)
		}
		in, err := From("env", "", withVariables("BYBIT_API_KEY="+keyA, "BYBIT_API_SECRET="+secretA, name+`="maybe"`))
		require.NoError(t, err)
		assert.Empty(t, in.Keys, name)
	}
	for _, c := range []variableCase{
		plan(pair+"IS_PRODUCTION=nope", `skipped: "IS_PRODUCTION" is neither on nor off, and no variable says where keys of Bybit belong: add the line BYBIT_ENV=testnet or BYBIT_ENV=demo, or BYBIT_ENV=live if they are for real money`),
		plan(pair+"SANDBOX=", `skipped: "SANDBOX" is empty, and no variable says where keys of Bybit belong: add the line BYBIT_ENV=testnet`),
		// something else says it
		plan(pair+"SANDBOX=\nBYBIT_ENV=live", "bybit live"),
		plan(pair+"SANDBOX=\nBYBIT_ENV=testnet", "bybit testnet"),
		plan(pair+"BYBIT_SANDBOX=\nBYBIT_TESTNET=false", "bybit live"),
		plan(pair+"SANDBOX=\nTESTNET=false", "bybit live"),
		plan(pair+"SANDBOX=\nTESTNET=true", "bybit testnet"),
		plan(pair+"IS_PRODUCTION=nope\nBYBIT_URL=https://api.bybit.com", "bybit live"),
		plan(pair+"IS_PRODUCTION=nope\nBYBIT_URL=https://api-testnet.bybit.com", "bybit testnet"),
		plan("BYBIT_TESTNET_API_KEY=$A\nBYBIT_TESTNET_API_SECRET=$a\nPRODUCTION=", "bybit testnet"),
		plan("UPBIT_API_KEY=$A\nUPBIT_API_SECRET=$a\nPRODUCTION=nope\nSANDBOX=", "upbit"), // which has no other place
		// about other keys, or about something else
		plan(pair+"BINANCE_TESTNET=maybe\nLIVE_RELOAD=maybe\nTEST_TIMEOUT=\nDEMO_VIDEO=maybe\nGRID_SANDBOX=", "bybit live"),
	} {
		c.check(t)
	}
}

// TestSwitchesInLinesOfOtherForms: a line that names a variable for where keys belong, in a form that
// is not read, costs the keys that it can mean.
func TestSwitchesInLinesOfOtherForms(t *testing.T) {
	t.Parallel()
	const pair = "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"
	for line, name := range map[string]string{
		"const BYBIT_TESTNET = true;":                                 "BYBIT_TESTNET",
		"static final boolean BYBIT_TESTNET = true;":                  "BYBIT_TESTNET",
		"const BYBIT_BASE_URL = 'https://api-testnet.bybit.com'":      "BYBIT_BASE_URL",
		"is this bybit testnet: true":                                 "bybit testnet",
		"const TESTNET = true":                                        "TESTNET",
		"let useTestnet = true":                                       "useTestnet",
		"setenv BYBIT_TESTNET":                                        "BYBIT_TESTNET",
		`"Bybit:Testnet": true`:                                       "Bybit:Testnet",
		"fastcgi_param BYBIT_TESTNET true;":                           "BYBIT_TESTNET",
		`<add key="BYBIT_BASE_URL" value="https://proxy.internal"/>`:  "BYBIT_BASE_URL",
		"[Environment]::SetEnvironmentVariable('BYBIT_TESTNET', '1')": "BYBIT_TESTNET",
	} {
		plan(pair+line, `skipped: "`+name+`" `).check(t)
	}
	for _, line := range []string{
		"unset BYBIT_TESTNET", "const BYBIT_SYMBOL = 'BTCUSDT';", "see https://testnet.bybit.com for what a testnet is", "remember: testnet is slow", "do not use the testnet: it is slow",
		"const BINANCE_TESTNET = true;", "let TEST_TIMEOUT = 5", "fastcgi_param BYBIT_POSITION_MODE hedge;",
	} {
		plan(pair+line, "bybit live").check(t)
	}
}

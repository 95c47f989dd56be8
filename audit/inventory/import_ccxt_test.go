package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCCXTOneLevelDeeper: keys in a group beside others are read, too.
func TestCCXTOneLevelDeeper(t *testing.T) {
	t.Parallel()
	const entry = `{"apiKey": "$A", "secret": "$a"}`
	path := writeBot(t, "keys.json", short.Replace(`{"kraken": `+entry+`, "exchanges": {"bybit": `+entry+`}, "settings": {"deep": {"x": 1}}}`))
	in, err := From("ccxt", path, withVariables())
	require.NoError(t, err)
	var got []string
	for _, k := range in.Keys {
		got = append(got, k.Name+" "+k.Exchange.Name)
	}
	assert.Equal(t, []string{"ccxt/kraken kraken", "ccxt/bybit bybit"}, got)
	assert.Empty(t, in.Skipped)
}

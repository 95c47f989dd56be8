package inventory

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFleetInventory(t *testing.T) {
	t.Parallel()
	o := Options{Exchanges: toys}
	o.Fleet = true
	in, err := Parse([]byte(`{
		"keys": [
			{"worker": "tokyo-1", "name": "a", "exchange": "binance", "policy": "trading", "owner": "desk"},
			{"name": "b", "exchange": "binance", "environment": "testnet", "worker": "tokyo-2"},
			{"name": "c", "exchange": "binance", "worker": "own"}
		],
		"workers": {"tokyo-1": "tokyo", "tokyo-2": "tokyo", "idle": "tokyo"}
	}`), "fleet.json", o)
	require.NoError(t, err)
	assert.Equal(t, &Fleet{
		Workers:  map[string]string{"a": "tokyo-1", "b": "tokyo-2", "c": "own"},
		Egresses: map[string]string{"tokyo-1": "tokyo", "tokyo-2": "tokyo", "idle": "tokyo", "own": "own"},
	}, in.Fleet)
	require.Len(t, in.Keys, 3)
	assert.Equal(t, "trading", in.Keys[0].Policy.Name)
	assert.Nil(t, in.Keys[0].Load)

	text := `{"keys": [{"name": "a", "exchange": "EX", "worker": "w", "policy": "trading"}]}`
	in, err = Parse([]byte(strings.ReplaceAll(text, "EX", in.Keys[0].Exchange.Name)), "fleet.json", Options{Exchanges: toys, Offline: true})
	require.NoError(t, err, "to judge a stored report by it")
	assert.Equal(t, "trading", in.Keys[0].Policy.Name)

	_, err = Parse([]byte(`{"keys": [
		{"name": "a", "exchange": "binance", "worker": "w", "key": "id", "secret": "env:`+canary+`", "passphrase": "file:`+canary+`", "from": "freqtrade=x#y", "nonce_floor": 1},
		{"name": "b", "exchange": "binance"},
		{"name": "c", "exchange": "binance", "worker": "`+canary+`.>"}],
		"workers": {"A": "b", "b": "*", "c": 1}}`), "fleet.json", o)
	require.Error(t, err)
	for _, want := range []string{
		`remove "key"`, `remove "secret"`, `remove "passphrase"`, `remove "from"`, `remove "nonce_floor"`, `the key has no "worker"`,
		`"worker" must be a name of lower-case letters`, `the name of a worker must be`, `must be text`,
	} {
		require.ErrorContains(t, err, want)
	}
	assert.NotContains(t, err.Error(), canary)

	o.Fleet = false
	_, err = Parse([]byte(`{"keys": [{"name": "a", "exchange": "binance", "key": "id", "secret": "env:S", "worker": "w"}], "workers": {}}`), "fleet.json", o)
	require.ErrorContains(t, err, `"worker" is for the inventory of a fleet's coordinator`)
	require.ErrorContains(t, err, `"workers" is for the inventory of a fleet's coordinator`)
}

// TestLargeFleetInventory: a coordinator's inventory may be read one key at a time, and says
// of each which worker has it.
func TestLargeFleetInventory(t *testing.T) {
	t.Parallel()
	read := func(text string) bool {
		path := filepath.Join(t.TempDir(), "fleet.json")
		put(t, path, 0o600, text)
		return sameKeys(t, path, Options{Exchanges: toys, Fleet: true}, false)
	}
	const one = `{"name": "a", "exchange": "binance", "worker": "tokyo-1"}`
	assert.True(t, read(`{"keys": [`+one+`, {"worker": "own", "name": "b", "exchange": "binance", "owner": "desk"}], "workers": {"tokyo-1": "tokyo"}}`))
	assert.False(t, read(`{"keys": [`+one+`, {"name": "b", "exchange": "binance"}]}`))
	assert.False(t, read(`{"keys": [`+one+`, {"name": "b", "exchange": "binance", "worker": "w", "secret": "env:S"}]}`))
}

package inventory_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestOffline: an inventory can be read where nothing that it refers to exists.
// Its own mistakes are still reported.
func TestOffline(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	write := func(more string) {
		require.NoError(t, os.WriteFile(path, []byte(`{"egress": {"e": {"proxy": "env:NONE#/a"}}, "keys": [
			{"name": "a", "exchange": "okx", "key": "env:NONE", "secret": "file:/none#/a", "passphrase": "credential:none", "otp": "exec:[\"/none\"]", "policy": "agent", "egress": "e"},
			{"name": "b", "from": "octobot=/none.json#x", "owner": "o", "waivers": [{"rule": "weak-key", "reason": "r", "until": "2027-01-01"}]},
			{"name": "c", "exchange": "bybit", "key": "k", "secret": "stdin", "policy": "trading"`+more+`}]}`), 0o600))
	}
	write("")
	o := inventory.Options{Exchanges: exchanges.All()}
	_, err := inventory.Read(path, o)
	require.Error(t, err)
	o.Offline = true
	in, err := inventory.Read(path, o)
	require.NoError(t, err)
	defer in.Close()
	require.Len(t, in.Keys, 3)
	assert.Equal(t, "agent", in.Keys[0].Policy.Name)
	assert.Empty(t, in.Keys[1].Policy.Name, "it is in the bot's file")
	assert.Len(t, in.Keys[1].Policy.Waivers, 1)
	assert.Equal(t, "o", in.Keys[1].Record.Owner)
	assert.Equal(t, "trading", in.Keys[2].Policy.Name)

	write(`, "hue": 1`)
	_, err = inventory.Read(path, o)
	require.ErrorContains(t, err, `unknown field "hue"`)
}

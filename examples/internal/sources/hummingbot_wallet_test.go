package sources

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// TestHummingbotWallets: of each connector of a wallet, the parts that it keeps.
func TestHummingbotWallets(t *testing.T) {
	t.Parallel()
	s := newInstallation(t)
	const address = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
	for connector, c := range map[string]struct {
		fields       []string // name, value
		more         string   // not encrypted
		environment  string
		key, account string
	}{
		"hyperliquid_perpetual":         {[]string{"hyperliquid_perpetual_api_key", address, "hyperliquid_perpetual_api_secret", canary}, "use_vault: false\n", "live", address, ""},
		"hyperliquid":                   {[]string{"hyperliquid_api_key", "HL:" + address, "hyperliquid_api_secret", canary}, "use_vault: true\nuse_api_wallet: false\n", "live", address, ""},
		"hyperliquid_perpetual_testnet": {[]string{"hyperliquid_perpetual_testnet_address", address, "hyperliquid_perpetual_testnet_secret_key", canary}, "hyperliquid_perpetual_testnet_mode: arb_wallet\n", "testnet", "", address},
		"derive_perpetual":              {[]string{"derive_perpetual_wallet_address", address, "session_private_key", canary, "subacct_id", "7", "account_type", "trader"}, "", "live", "", address},
		"derive":                        {[]string{"derive_api_key", address, "derive_api_secret", canary, "sub_id", "7"}, "", "live", address, ""},
		"aster_perpetual":               {[]string{"aster_perpetual_user_address", address, "aster_perpetual_private_key", canary}, "", "live", "", address},
		"injective_v2":                  {nil, "network:\n  testnet_node: lb\naccount_type:\n  private_key: " + s.seal(t, canary) + "\n  granter_address: inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d\n", "testnet", "", "inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d"},
		"injective_v2_perpetual":        {nil, "network: {}\naccount_type:\n  private_key: " + s.seal(t, canary) + "\n  granter_address: inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d\n", "live", "", "inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d"},
		"dydx_v4_perpetual":             {[]string{"dydx_v4_perpetual_secret_phrase", canary, "dydx_v4_perpetual_chain_address", "dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw"}, "", "live", "", "dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw"},
		"derive_perpetual_testnet":      {nil, "account_type:\n  private_key: " + s.seal(t, canary) + "\n  subaccount_index: 1\n  granter_address: '" + address + "'\n", "testnet", "", address},
	} {
		s.connector(t, connector, c.fields...)
		path := filepath.Join(s.folder, "conf", "connectors", connector+".yml")
		text, err := readFile(path, maxFile, anybody)
		require.NoError(t, err)
		write(t, path, 0o600, string(text)+c.more)
		in, err := inventory.From("hummingbot", path, options(map[string]string{"HBOT_PASSWORD": s.password}))
		require.NoError(t, err, connector)
		require.Len(t, in.Keys, 1, connector)
		got, err := in.Keys[0].Load(t.Context())
		require.NoError(t, err, connector)
		assert.Equal(t, c.environment, in.Keys[0].Environment, connector)
		assert.Equal(t, []string{c.key, c.account, canary}, []string{got.Key, got.Account, got.Secret.Reveal()}, connector)
	}
	// So is a secret of another key beside it, or a file with two is refused.
	s.connector(t, "hyperliquid_perpetual", "hyperliquid_perpetual_api_secret", canary, "hyperliquid_perpetual_l1_private_key", "another "+canary)
	more, err := inventory.From("hummingbot", filepath.Join(s.folder, "conf", "connectors", "hyperliquid_perpetual.yml"), options(map[string]string{"HBOT_PASSWORD": s.password}))
	require.NoError(t, err)
	require.Len(t, more.Keys, 1)
	require.Len(t, more.Skipped, 1)
	assert.Equal(t, `"hyperliquid_perpetual_l1_private_key" holds another secret: list its key in an inventory`, more.Skipped[0].Why)
	s.connector(t, "hyperliquid_perpetual", "hyperliquid_perpetual_api_secret", canary, "hyperliquid_perpetual_private_key", "another "+canary)
	_, err = inventory.From("hummingbot", filepath.Join(s.folder, "conf", "connectors", "hyperliquid_perpetual.yml"), options(map[string]string{"HBOT_PASSWORD": s.password}))
	require.ErrorContains(t, err, "are both set")
	// What cannot be audited is named.
	s.connector(t, "apex_perpetual", "apex_perpetual_secret_phrase", canary, "apex_perpetual_chain_address", address)
	in, err := inventory.From("hummingbot", filepath.Join(s.folder, "conf", "connectors", "apex_perpetual.yml"), options(nil))
	require.NoError(t, err)
	require.Len(t, in.Skipped, 1)
	assert.Contains(t, in.Skipped[0].Why, "a wallet's private key")
}

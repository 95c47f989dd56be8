package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// walletFiles are files with one private key of a wallet, {W}: with 0x and 64 hexadecimal
// digits if nothing else is said; {A} is an address.
var walletFiles = []struct{ name, exchange, form, text string }{
	{"config.json", "hyperliquid", "", `{"exchange":{"name":"hyperliquid","walletAddress":"{A}","privateKey":"{W}"},"dry_run":false}`},
	{"api-keys.json", "hyperliquid", "", `{"hl_01": {"exchange":"hyperliquid","wallet_address":"{A}","private_key":"{W}","is_vault":false}}`},
	{"bot.js", "hyperliquid", "", "const exchange = new ccxt.hyperliquid({walletAddress:'{A}', privateKey:'{W}'})\n"},
	{"bot.yaml", "hyperliquid", "", "hyperliquid:\n  private_key: {W}\n"},
	{"bare.yaml", "hyperliquid", "%h64", "hyperliquid:\n  private_key: {W}\n"},
	{"sdk.json", "", "", `{"secret_key": "{W}", "account_address": "{A}"}`},
	{"sdk.py", "hyperliquid", "", "from hyperliquid.exchange import Exchange\nPRIVATE_KEY = \"{W}\"\naccount = eth_account.Account.from_key(PRIVATE_KEY)\n"},
	{".env", "", "", "RPC_URL=https://rpc.firm.example\nPRIVATE_KEY={W}\n"},
	{"bare.env", "", "%h64", "WALLET_PRIVATE_KEY={W}\n"},
	{"pk.env", "", "", "PK={W}\n"},
	{"deployer.env", "", "", "export DEPLOYER_PK={W}\n"},
	{"wallet.env", "hyperliquid", "%h64", "HYPERLIQUID_WALLET_PRIVATE_KEY={W}\n"},
	{"nautilus.env", "hyperliquid", "", "HYPERLIQUID_API_WALLET_PK={W}\n"},
	{"alchemy.env", "", "", "ALCHEMY_PRIVATE_KEY={W}\n"},
	{"secret.json", "hyperliquid", "", `{"exchange": "hyperliquid", "secret": "{W}"}`},
	{"deploy.sh", "", "", "forge script Deploy --rpc-url $RPC --private-key {W} --broadcast\n"},
	{"hardhat.config.js", "", "", "module.exports = {networks: {main: {url: RPC, accounts: [{privateKey: '{W}', balance: '1'}]}}}\n"},
	{"Keys.sol", "", "", "contract Keys { uint256 constant DEPLOYER_PRIVATE_KEY = {W}; }\n"},
	{"viem.ts", "", "", "const account = privateKeyToAccount('{W}')\n"},
	{"ethers.ts", "", "", "const signer = new ethers.Wallet('{W}', provider);\n"},
	{"web3.py", "", "", "account = Account.from_key(\"{W}\")\n"},
	{"notes.txt", "", "", "The wallet's private key is {W} and nobody may see it.\n"},
	{"lighter.json", "lighter", "%h80", `{"exchange": "lighter", "account_index": 7, "api_key_index": 2, "private_key": "{W}"}`},
	{"agent.env", "", "%h80", "API_KEY_PRIVATE_KEY={W}\nACCOUNT_INDEX=7\n"},
	{"paradex.env", "paradex", "0x%h62", "PARADEX_PRIVATE_KEY={W}\n"},
	{"polymarket.env", "polymarket", "", "POLYMARKET_PRIVATE_KEY={W}\n"},
	{"edgex.json", "", "", `{"edgex": {"user": "{A}", "signer": "{A}", "privateKey": "{W}"}}`},
	{"solana.env", "", "%B88", "SOLANA_PRIVATE_KEY={W}\n"},
	{"ed25519.json", "", "%h128", `{"wallet": {"privateKey": "{W}"}}`},
	{"near.json", "", "ed25519:%B88", `{"account_id": "maria.near", "private_key": "{W}"}`},
	{"orderly.yaml", "orderly", "ed25519:%B44", "orderly:\n  secret_key: {W}\n"},
	{"wif.conf", "", "K%B51", "privkey={W}\n"},
}

// notWallets are files without such a key.
var notWallets = []struct{ name, text string }{
	{"tx.json", `{"wallet": "0x{h40}", "tx": "0x{h64}", "secretHash": "0x{h64}", "publicKey": "0x{h64}", "block_hash": "0x{h64}"}`},
	{"vectors.json", `{"vectors": [{"sk_id": 1, "pk": "0x{h64}", "sig": "0x{h128}"}, {"pk": "{h64}", "msg": "{h64}"}]}`},
	{"fixture.json", `[{"model": "shop.item", "pk": "{h64}", "fields": {"name": "x"}}]`},
	{"wg0.conf", "[Interface]\nPrivateKey = {b43}=\nListenPort = 51820\n[Peer]\nPublicKey = {b43}=\n"},
	{"jwt.env", "JWT_PRIVATE_KEY={h64}\nDJANGO_SECRET_KEY={h64}\nSECRET_KEY={h64}\n"},
	{"service.json", `{"type": "service_account", "private_key_id": "{h40}", "client_id": "{d21}"}`},
	{"vapid.env", "VAPID_PUBLIC_KEY={u87}\nVAPID_PRIVATE_KEY={u43}\n"},
	{"names.env", "PRIVATE_KEY_HASH=0x{h64}\nPRIVATE_KEY_FINGERPRINT={h64}\nPRIVATE_KEY=0x0000000000000000000000000000000000000000000000000000000000000001\nPRIVATE_KEY_2=0xYOUR_PRIVATE_KEY\n"},
	{"secret.ts", "const secret = '0x{h64}' // of an atomic swap\nconst secretHash = '0x{h64}'\n"},
	{"refs.js", "const account = privateKeyToAccount(process.env.PRIVATE_KEY)\nconst hash = keccak256('0x{h64}')\n"},
	{"event.sol", "bytes32 constant KEY = 0x{h64};\nbytes32 constant KEY_HASH = 0x{h64};\nbytes32 constant ROLE_KEY = 0x{h64};\n"},
	{"abi.json", `{"bytecode": "0x{h400}", "storageKey": "0x{h64}", "key": "0x{h64}", "codeHash": "0x{h64}"}`},
}

// lookInto finds the keys in one text, as they are reported.
func lookInto(t *testing.T, name, text string) []key {
	t.Helper()
	if !mayHold([]byte(text)) {
		return nil
	}
	keys, more := newNames(exchanges.All()).inspect(name, text, nil)
	require.False(t, more)
	return keys
}

// TestWallets: a wallet's private key is found whatever is called so, and with its
// exchange where something says which.
func TestWallets(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		for _, s := range walletFiles {
			form := s.form
			if form == "" {
				form = "0x%h64"
			}
			secret := draw(r, form)
			text := strings.NewReplacer("{W}", secret, "{A}", draw(r, "0x%h40")).Replace(s.text)
			for _, text := range []string{text, text + strings.Repeat("# all is well\n", 40)} {
				keys := lookInto(t, s.name, text)
				if !assert.Len(t, keys, 1, s.name) {
					continue
				}
				k := keys[0]
				assert.Nil(t, k.id, s.name)
				assert.True(t, k.wallet, s.name)
				assert.Equal(t, secret, k.secret.value.Reveal(), s.name)
				assert.Equal(t, s.exchange, k.exchange, s.name)
			}
		}
		for _, s := range notWallets {
			for _, k := range lookInto(t, s.name, expand(r, s.text, nil)) {
				assert.Fail(t, "a key that is none", "%s: line %d, %s", s.name, k.secret.line, k.why)
			}
		}
	}
}

// TestWalletBesideKey: a wallet's private key is not taken for the secret of an API key
// that stands with it.
func TestWalletBesideKey(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 4))
	id, secret, private := draw(r, "%g"), draw(r, "%b43="), draw(r, "0x%h64")
	keys := lookInto(t, ".env", "POLYMARKET_API_KEY="+id+"\nPOLYMARKET_PK="+private+"\nPOLYMARKET_API_SECRET="+secret+"\n")
	require.Len(t, keys, 2)
	assert.Equal(t, secret, keys[0].secret.value.Reveal())
	assert.True(t, keys[1].wallet)
}

// TestPublicWallets: the accounts of development networks are no secret, and stand in
// many repositories.
func TestPublicWallets(t *testing.T) {
	t.Parallel()
	public := "ac0974bec39a17e36ba4a6b4d238ff944bacb478" + "cbed5efcae784d7bf4f2ff80"
	assert.Empty(t, lookInto(t, ".env", "PRIVATE_KEY=0x"+public+"\n"))
	assert.Empty(t, lookInto(t, ".env", "PRIVATE_KEY="+public+"\n"))
}

// TestWalletCalledKey: a wallet's private key is one, and no part of it is shown, also
// where its name says API key.
func TestWalletCalledKey(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 4))
	for _, s := range []struct{ name, exchange, text string }{
		{".env", "hyperliquid", "HYPERLIQUID_API_KEY={W}\n"},
		{".env", "hyperliquid", "HYPERLIQUID_API_KEY={W}\nHYPERLIQUID_ADDRESS={A}\n"},
		{".env", "aster", "ASTER_KEY={W}\n"},
		{"a.json", "hyperliquid", `{"exchange": "hyperliquid", "api_key": "{W}"}`},
		{"a.yaml", "hyperliquid", "hyperliquid:\n  apiKey: \"{W}\"\n"},
	} {
		secret := draw(r, "0x%h64")
		folder := t.TempDir()
		write(t, folder, s.name, strings.NewReplacer("{W}", secret, "{A}", draw(r, "0x%h40")).Replace(s.text))
		report := look(t, Options{Paths: []string{folder}})
		if !assert.Len(t, report.Keys, 1, s.text) {
			continue
		}
		k := report.Keys[0]
		assert.True(t, k.Wallet, s.text)
		assert.Equal(t, s.exchange, k.Exchange, s.text)
		assert.Equal(t, secret, k.Places[0].Secret.Reveal(), s.text)
		assert.Empty(t, k.KeyID, s.text)
		assert.Equal(t, notWallet, report.Candidates(exchanges.All())[0].Not)
		var out strings.Builder
		require.NoError(t, report.Text(&out))
		assert.NotContains(t, out.String(), secret[:6], s.text)
		assert.NotContains(t, out.String(), secret[len(secret)-4:], s.text)
	}
	keys := lookInto(t, ".env", "ASTER_API_KEY="+draw(r, "%h64")+"\nASTER_API_SECRET="+draw(r, "%h64")+"\n")
	require.Len(t, keys, 1)
	assert.NotNil(t, keys[0].id)

	// Without a mark of its own it may be a key id, and is not shown.
	bare := draw(r, "%h80")
	folder := t.TempDir()
	write(t, folder, ".env", "LIGHTER_API_KEY="+bare+"\n")
	report := look(t, Options{Paths: []string{folder}})
	require.Len(t, report.Keys, 1)
	assert.Equal(t, "…", report.Keys[0].KeyID)
}

package record_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/record"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// recordedAs records a key that its owner brings to the fake.
func recordedAs(t *testing.T, e *adapter.Exchange, c adapter.Credentials, spec exchangetest.Spec) (*record.Recording, *record.Made) {
	t.Helper()
	fake := fakeOf(t, e.Name)
	require.NoError(t, fake.Adopt(c, spec))
	r := record.Audit(t.Context(), audit.Key{Exchange: e, Credentials: c}, audit.Options{Transport: fake, Clock: clock})
	require.Nil(t, r.Snapshot.Failure, "%v", r.Snapshot.Failure)
	made, err := r.Make(t.Context(), publicOf(t, e))
	require.NoError(t, err)
	replays(t, e, made.Text)
	losesNothing(t, made, c.Account)
	return r, made
}

// TestAccountsOfWallets: an account that is a wallet address and a name stays one, and one with
// a number is of the same kind.
func TestAccountsOfWallets(t *testing.T) {
	t.Parallel()
	nado, _ := exchanges.Lookup("nado")
	wallet := exchangetest.Hex(40, "an owner")
	for _, name := range []string{"default", "", "quirbel", "quirbel 7 x"} {
		padded := (name + strings.Repeat("\x00", 12))[:12]
		account := "0x" + wallet + hex.EncodeToString([]byte(padded))
		_, made := recordedAs(t, nado, adapter.Credentials{Account: account, Secret: adapter.NewSecret(exchangetest.Hex(64, "nado's"))}, exchangetest.Spec{})
		assert.NotContains(t, made.Key.Account, wallet)
		assert.Equal(t, name == "default" || name == "", strings.HasSuffix(made.Key.Account, account[42:]), name)
		assert.NotContains(t, made.Key.Account, hex.EncodeToString([]byte("quirbel")))
	}
	lighter, _ := exchanges.Lookup("lighter")
	for i, account := range []string{"0", "5", "4711", "281474976709999", "281474976710655"} {
		_, made := recordedAs(t, lighter, adapter.Credentials{Account: account, Secret: adapter.NewSecret(exchangetest.Hex(80, "lighter's", i))}, exchangetest.Spec{})
		assert.Len(t, made.Key.Account, len(account))
		assert.Equal(t, account == "0", made.Key.Account == account)
	}
}

// tree is an authenticator of dYdX, one part in another.
func tree(kind string, config any) map[string]string {
	raw, isText := config.(string)
	if !isText {
		text, _ := json.Marshal(config)
		raw = string(text)
	}
	return map[string]string{"type": kind, "config": base64.StdEncoding.EncodeToString([]byte(raw))}
}

// TestWithin: what stands in base64 within base64 is read and replaced there: public keys with
// their wallet addresses, markets, and what nobody else has.
func TestWithin(t *testing.T) {
	t.Parallel()
	dydx, _ := exchanges.Lookup("dydx")
	sample, err := hex.DecodeString("034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa") // in whose place the fake puts the key's own
	require.NoError(t, err)
	other := "\x03" + strings.Repeat("quirbel!", 4)
	branch := tree("AnyOf", []any{
		tree("MessageFilter", "/dydxprotocol.clob.MsgPlaceOrder,/somewhere.v1.MsgQuirbel"),
		tree("AllOf", []any{tree("MessageFilter", "/dydxprotocol.sending.MsgCreateTransfer"), tree("AnyOf", []any{tree("SubaccountFilter", "0,7341"), tree("ClobPairIdFilter", "5,13")})}),
	})
	inside, err := json.Marshal([]any{tree("SignatureVerification", string(sample)), branch})
	require.NoError(t, err)
	answer, err := json.Marshal(map[string]any{"account_authenticators": []any{
		map[string]string{"id": "0", "type": "AllOf", "config": base64.StdEncoding.EncodeToString(inside)},
		map[string]string{"id": "1", "type": "SignatureVerification", "config": base64.StdEncoding.EncodeToString([]byte(other))},
	}})
	require.NoError(t, err)
	fake := fakeOf(t, "dydx")
	_, made := recorded(t, dydx, fake, fake, publicOf(t, dydx), exchangetest.Spec{Answer: answer})
	losesNothing(t, made, string(answer))
	holdsNothing(t, string(made.Text), fake, []string{"quirbel", "7341"})
}

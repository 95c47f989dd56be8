package binance_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, binance.Exchange, exchangetest.Binance)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, binance.Exchange, exchangetest.Binance) }

func inspect(t *testing.T, key audit.Key, transport http.RoundTripper) (*audit.Snapshot, error) {
	t.Helper()
	key.Exchange = binance.Exchange
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: transport, Attempts: 1})
}

// answered inspects a key for which the venue gives this answer.
func answered(t *testing.T, answer []byte) *audit.Snapshot {
	t.Helper()
	venue := exchangetest.Binance()
	snap, err := inspect(t, audit.Key{Credentials: venue.Issue(exchangetest.Spec{Answer: answer})}, venue)
	require.NoError(t, err)
	return snap
}

func documented(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/answers/" + name + ".json")
	require.NoError(t, err)
	return body
}

// wiretap keeps what leaves the process.
type wiretap struct {
	http.RoundTripper
	mu      sync.Mutex
	queries []string
}

func (w *wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.queries = append(w.queries, r.URL.RawQuery)
	w.mu.Unlock()
	return w.RoundTripper.RoundTrip(r)
}

// TestTestnet: where the venue tells nothing about keys, a read proves reading
// and nothing else, whatever the account's own flags say.
func TestTestnet(t *testing.T) {
	for _, environment := range []string{"testnet", "demo"} {
		venue := exchangetest.Binance()
		key := audit.Key{Environment: environment, Credentials: venue.Issue(exchangetest.Spec{Permissions: []string{"enableWithdrawals"}})}
		snap, err := inspect(t, key, venue)
		require.NoError(t, err)
		assert.True(t, snap.Test)
		assert.Equal(t, audit.Grant{Capability: audit.Read, State: audit.Granted, Evidence: audit.Inferred}, snap.Grant(audit.Read))
		for _, c := range binance.Exchange.Coverage.Tells {
			if c != audit.Read {
				assert.Equal(t, audit.Unknown, snap.Grant(c).State, c)
			}
		}
		assert.Equal(t, audit.AllowlistUnknown, snap.IPAllowlist.State)
		assert.Empty(t, snap.Permissions)
		assert.Equal(t, "…68", snap.Account.ID)
		assert.Equal(t, "/api/v3/account", venue.Requests()[0].Path)
	}
}

// TestTestnetRefusals: what isn't an account proves nothing.
func TestTestnetRefusals(t *testing.T) {
	for body, kind := range map[string]audit.Kind{
		`{}`:                                audit.KindNotUnderstood,
		`{"uid":1}`:                         audit.KindNotUnderstood,
		`{"balances":[],"uid":{}}`:          audit.KindNotUnderstood,
		`{"balances":"none"}`:               audit.KindNotUnderstood,
		`[]`:                                audit.KindNotUnderstood,
		`{"code":-2015,"msg":"Invalid."}`:   audit.KindAmbiguous,
		`{"balances":[],"balances":[]}`:     audit.KindNotUnderstood,
		`{"balances":[],"code":-1002}`:      audit.KindForbidden,
		"<html><body>Service</body></html>": audit.KindNotUnderstood,
	} {
		venue := exchangetest.Binance()
		credentials := venue.Issue(exchangetest.Spec{})
		venue.Inject(exchangetest.Fault{Reply: &exchangetest.Reply{Body: body}})
		_, err := inspect(t, audit.Key{Environment: "testnet", Credentials: credentials}, venue)
		assert.ErrorIs(t, err, kind, body)
	}
}

// TestNewerFlags: go-binance's own struct lacks these three.
func TestNewerFlags(t *testing.T) {
	for flag, capability := range map[string]audit.Capability{
		"enableFixApiTrade": audit.TradeSpot, "enablePortfolioMarginTrading": audit.TradeFutures, "enableFixReadOnly": audit.Other("fix-read"),
	} {
		venue := exchangetest.Binance()
		snap, err := inspect(t, audit.Key{Credentials: venue.Issue(exchangetest.Spec{Permissions: []string{flag}})}, venue)
		require.NoError(t, err)
		grant := snap.Grant(capability)
		assert.Equal(t, audit.Granted, grant.State, flag)
		assert.Equal(t, []string{flag}, grant.Names)
		assert.Empty(t, snap.Unmapped)
	}
}

// TestOlderAnswer: a flag that is missing leaves what it could carry unknown.
func TestOlderAnswer(t *testing.T) {
	snap := answered(t, documented(t, "legacy-2021"))
	assert.True(t, snap.Can(audit.TradeSpot))
	assert.Equal(t, audit.Unknown, snap.Grant(audit.TradeFutures).State, "portfolio margin is not stated")
	assert.Equal(t, audit.Unknown, snap.Grant(audit.Other("fix-read")).State)
	assert.Equal(t, audit.Denied, snap.Grant(audit.Withdraw).State)
	require.Len(t, snap.Deadlines, 3)
	assert.Equal(t, time.UnixMilli(1628985600000).UTC(), snap.Deadlines[2].At)
}

// TestUnknownFlags: a flag this version doesn't know is shown when it is on.
func TestUnknownFlags(t *testing.T) {
	snap := answered(t, documented(t, "new-flag"))
	assert.Equal(t, []string{"enablePredictionTrading"}, snap.Unmapped)
}

// TestContradiction: the venue documents that such a key cannot be.
func TestContradiction(t *testing.T) {
	snap := answered(t, documented(t, "withdrawal-unbound"))
	assert.Len(t, snap.Contradictions, 1)
	assert.True(t, snap.Can(audit.Withdraw))
	assert.Equal(t, audit.AllowlistUnrestricted, snap.IPAllowlist.State)
}

// TestDeadlines: only keys that are told to be unbound are deleted.
func TestDeadlines(t *testing.T) {
	for answer, want := range map[string]int{
		`{"ipRestrict":false,"enableReading":true,"enableFixReadOnly":true}`: 1,
		`{"ipRestrict":false,"enableReading":true,"enableFutures":true}`:     2,
		`{"ipRestrict":false,"enableReading":true,"enableNew":true}`:         1,
		`{"ipRestrict":true,"enableReading":true,"enableFutures":true}`:      0,
		`{"enableReading":true,"enableFutures":true}`:                        0,
	} {
		assert.Len(t, answered(t, []byte(answer)).Deadlines, want, answer)
	}
}

// TestBanIsNotAsked: 418 and 429 share the code -1003, and a ban must not be
// met with another try.
func TestBanIsNotAsked(t *testing.T) {
	venue := exchangetest.Binance()
	credentials := venue.Issue(exchangetest.Spec{})
	for _, failure := range []string{"banned", "firewall"} {
		venue.Forget()
		venue.Inject(exchangetest.Fault{Failure: failure})
		_, err := audit.Inspect(t.Context(), audit.Key{Exchange: binance.Exchange, Credentials: credentials}, &audit.Options{Transport: venue})
		require.ErrorIs(t, err, audit.KindBanned)
		assert.Len(t, venue.Requests(), 1)
	}
}

// hsm is a Signer: the secret is not in Credentials at all.
type hsm struct{ secret string }

func (hsm) KeyKind() audit.KeyKind { return audit.SharedSecret }

func (h hsm) Sign(_ context.Context, _ audit.Algorithm, message []byte) ([]byte, error) {
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write(message)
	return mac.Sum(nil), nil
}

// TestSigner: a key whose secret the process doesn't hold.
func TestSigner(t *testing.T) {
	venue := exchangetest.Binance()
	credentials := venue.Issue(exchangetest.Spec{Permissions: []string{"enableFutures"}, IPs: []string{"198.51.100.20"}})
	own := audit.Credentials{Key: credentials.Key, Signer: hsm{credentials.Secret.Reveal()}}
	snap, err := inspect(t, audit.Key{Credentials: own}, venue)
	require.NoError(t, err)
	assert.True(t, snap.Can(audit.TradeFutures))
	assert.Equal(t, audit.AllowlistRestricted, snap.IPAllowlist.State)

	own.Signer = hsm{"another"}
	_, err = inspect(t, audit.Key{Credentials: own}, venue)
	assert.ErrorIs(t, err, audit.KindBadSignature)
}

// TestQuery: what leaves is the documented request and nothing of what
// go-binance had made: one timestamp, one signature, and that one last.
func TestQuery(t *testing.T) {
	for _, kind := range []audit.KeyKind{audit.SharedSecret, audit.Ed25519Key, audit.RSAKey} {
		venue := exchangetest.Binance()
		tap := &wiretap{RoundTripper: venue}
		_, err := inspect(t, audit.Key{Credentials: venue.Issue(exchangetest.Spec{Kind: kind})}, tap)
		require.NoError(t, err, kind)
		require.Len(t, tap.queries, 1)
		assert.Regexp(t, `^recvWindow=5000&timestamp=\d{13}&signature=[0-9A-Za-z%]+$`, tap.queries[0])
		values, err := url.ParseQuery(tap.queries[0])
		require.NoError(t, err)
		assert.Len(t, values, 3)
	}
}

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
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, binance.Exchange, exchangetest.Binance)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, binance.Exchange, exchangetest.Binance) }

func inspect(t *testing.T, key audit.Key, transport http.RoundTripper) (*access.Snapshot, error) {
	t.Helper()
	key.Exchange = binance.Exchange
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: transport, Attempts: 1})
}

// answered inspects a key for which the exchange gives this answer.
func answered(t *testing.T, answer []byte) *access.Snapshot {
	t.Helper()
	fake := exchangetest.Binance()
	snap, err := inspect(t, audit.Key{Credentials: fake.Issue(exchangetest.Spec{Answer: answer})}, fake)
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

// TestTestnet: where the exchange reports nothing about keys, a read proves only
// the right to read, whatever the account's own flags say.
func TestTestnet(t *testing.T) {
	for _, environment := range []string{"testnet", "demo"} {
		fake := exchangetest.Binance()
		key := audit.Key{Environment: environment, Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{"enableWithdrawals"}})}
		snap, err := inspect(t, key, fake)
		require.NoError(t, err)
		assert.True(t, snap.Test)
		assert.Equal(t, access.Grant{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}, snap.Grant(access.Read))
		for _, c := range binance.Exchange.Coverage.Reports {
			if c != access.Read {
				assert.Equal(t, access.Unknown, snap.Grant(c).State, c)
			}
		}
		assert.Equal(t, access.AllowlistUnknown, snap.IPAllowlist.State)
		assert.Empty(t, snap.Permissions)
		assert.Equal(t, "…68", snap.Account.ID)
		assert.Equal(t, "/api/v3/account", fake.Requests()[0].Path)
	}
}

// TestTestnetRefusals: what isn't an account proves nothing.
func TestTestnetRefusals(t *testing.T) {
	for body, kind := range map[string]access.Kind{
		`{}`:                                access.KindNotUnderstood,
		`{"uid":1}`:                         access.KindNotUnderstood,
		`{"balances":[],"uid":{}}`:          access.KindNotUnderstood,
		`{"balances":"none"}`:               access.KindNotUnderstood,
		`[]`:                                access.KindNotUnderstood,
		`{"code":-2015,"msg":"Invalid."}`:   access.KindAmbiguous,
		`{"balances":[],"balances":[]}`:     access.KindNotUnderstood,
		`{"balances":[],"code":-1002}`:      access.KindAmbiguous,
		"<html><body>Service</body></html>": access.KindNotUnderstood,
	} {
		fake := exchangetest.Binance()
		credentials := fake.Issue(exchangetest.Spec{})
		fake.Inject(exchangetest.Fault{Reply: &exchangetest.Reply{Body: body}})
		_, err := inspect(t, audit.Key{Environment: "testnet", Credentials: credentials}, fake)
		assert.ErrorIs(t, err, kind, body)
	}
}

// TestNewerFlags: go-binance's own struct lacks these three.
func TestNewerFlags(t *testing.T) {
	for flag, capability := range map[string]access.Capability{
		"enableFixApiTrade": access.TradeSpot, "enablePortfolioMarginTrading": access.TradeFutures, "enableFixReadOnly": access.Other("fix-read"),
	} {
		fake := exchangetest.Binance()
		snap, err := inspect(t, audit.Key{Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{flag}})}, fake)
		require.NoError(t, err)
		grant := snap.Grant(capability)
		assert.Equal(t, access.Granted, grant.State, flag)
		assert.Equal(t, []string{flag}, grant.Names)
		assert.Empty(t, snap.Unmapped)
	}
}

// TestOlderAnswer: a missing flag leaves what it could carry unknown.
func TestOlderAnswer(t *testing.T) {
	snap := answered(t, documented(t, "legacy-2021"))
	assert.True(t, snap.Can(access.TradeSpot))
	assert.Equal(t, access.Unknown, snap.Grant(access.TradeFutures).State, "portfolio margin is not stated")
	assert.Equal(t, access.Unknown, snap.Grant(access.Other("fix-read")).State)
	assert.Equal(t, access.Denied, snap.Grant(access.Withdraw).State)
	require.Len(t, snap.Deadlines, 3)
	assert.Equal(t, time.UnixMilli(1628985600000).UTC(), snap.Deadlines[2].At)
}

// TestUnknownFlags: a flag this version doesn't know is shown when it is on.
func TestUnknownFlags(t *testing.T) {
	snap := answered(t, documented(t, "new-flag"))
	assert.Equal(t, []string{"enablePredictionTrading"}, snap.Unmapped)
}

// TestContradiction: according to the exchange's documentation, no such key can
// exist.
func TestContradiction(t *testing.T) {
	snap := answered(t, documented(t, "withdrawal-unrestricted"))
	assert.Len(t, snap.Contradictions, 1)
	assert.True(t, snap.Can(access.Withdraw))
	assert.Equal(t, access.AllowlistUnrestricted, snap.IPAllowlist.State)
}

// TestDeadlines: only keys that are reported as unrestricted are deleted.
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

// TestBanIsNotRetried: 418 and 429 share the code -1003, and the audit must not try
// again after a ban.
func TestBanIsNotRetried(t *testing.T) {
	fake := exchangetest.Binance()
	credentials := fake.Issue(exchangetest.Spec{})
	for failure, kind := range map[string]access.Kind{"banned": access.KindBanned, "firewall": access.KindAmbiguous} {
		fake.Forget()
		fake.Inject(exchangetest.Fault{Failure: failure})
		_, err := audit.Inspect(t.Context(), audit.Key{Exchange: binance.Exchange, Credentials: credentials}, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, kind)
		assert.Len(t, fake.Requests(), 1)
	}
}

// hsm is a Signer: the secret is not in Credentials at all.
type hsm struct{ secret string }

func (hsm) KeyKind() access.KeyKind { return access.SharedSecret }

func (h hsm) Sign(_ context.Context, _ adapter.Algorithm, message []byte) ([]byte, error) {
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write(message)
	return mac.Sum(nil), nil
}

// TestSigner: a key whose secret the process doesn't hold.
func TestSigner(t *testing.T) {
	fake := exchangetest.Binance()
	credentials := fake.Issue(exchangetest.Spec{Permissions: []string{"enableFutures"}, IPs: []string{"198.51.100.20"}})
	own := adapter.Credentials{Key: credentials.Key, Signer: hsm{credentials.Secret.Reveal()}}
	snap, err := inspect(t, audit.Key{Credentials: own}, fake)
	require.NoError(t, err)
	assert.True(t, snap.Can(access.TradeFutures))
	assert.Equal(t, access.AllowlistRestricted, snap.IPAllowlist.State)

	own.Signer = hsm{"another"}
	_, err = inspect(t, audit.Key{Credentials: own}, fake)
	assert.ErrorIs(t, err, access.KindBadSignature)
}

// TestQuery: what is sent is the documented request and nothing of go-binance's
// own: one timestamp and one signature, which comes last.
func TestQuery(t *testing.T) {
	for _, kind := range []access.KeyKind{access.SharedSecret, access.Ed25519Key, access.RSAKey} {
		fake := exchangetest.Binance()
		tap := &wiretap{RoundTripper: fake}
		_, err := inspect(t, audit.Key{Credentials: fake.Issue(exchangetest.Spec{Kind: kind})}, tap)
		require.NoError(t, err, kind)
		require.Len(t, tap.queries, 1)
		assert.Regexp(t, `^recvWindow=5000&timestamp=\d{13}&signature=[0-9A-Za-z%]+$`, tap.queries[0])
		values, err := url.ParseQuery(tap.queries[0])
		require.NoError(t, err)
		assert.Len(t, values, 3)
	}
}

package adapter

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, value := range []string{"", "0", "7", "1.5", "-3", "1e999", "NaN", "Inf", "0x1p4", "1_0", "Sun, 22 Nov 2026 12:00:09 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(value, "")
		f.Add(value, "Sun, 22 Nov 2026 11:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		got := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, now)
		if got < 0 || got > 7*24*time.Hour {
			t.Errorf("%q gives %v", value, got)
		}
	})
}

func TestLimitInterval(t *testing.T) {
	assert.Zero(t, Limit{}.interval())
	assert.Equal(t, 100*time.Millisecond, Limit{10, time.Second}.interval())
	assert.Equal(t, 333333334*time.Nanosecond, Limit{3, time.Second}.interval(), "rounded up")
}

// TestKeyTurns: the table of turns holds what is in use and the nonces, and nothing
// more, however many keys went through.
func TestKeyTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns keyTurns
		first, err := turns.take(t.Context(), "a")
		require.NoError(t, err)
		first.nonce = 7
		other, err := turns.take(t.Context(), "b")
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, err := turns.take(ctx, "a")
			assert.ErrorIs(t, err, context.Canceled)
		}()
		served := make(chan struct{})
		go func() {
			defer close(served)
			turn, err := turns.take(t.Context(), "a")
			if assert.NoError(t, err) {
				assert.EqualValues(t, 7, turn.nonce)
				turn.end()
			}
		}()
		synctest.Wait()
		assert.Len(t, turns.m, 2)
		assert.Equal(t, 3, turns.m["a"].users)
		cancel()
		<-gone
		first.end()
		<-served
		other.end()
		require.Empty(t, turns.m, "a key that is not in use is forgotten")
		require.Len(t, turns.nonces, 1, "but for its last nonce")

		again, err := turns.take(t.Context(), "a")
		require.NoError(t, err)
		assert.EqualValues(t, 7, again.nonce, "the next inspection goes on from the last nonce")
	})
}

// TestOwnTransport: HTTPS_PROXY must not reroute a key, and no option may lower the
// library to an old TLS.
func TestOwnTransport(t *testing.T) {
	transport := NewTransport()
	assert.Nil(t, transport.Proxy)
	assert.False(t, transport.TLSClientConfig.InsecureSkipVerify)
	for version, good := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		transport := NewTransport()
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		resp, err := transport.RoundTrip(request)
		if good {
			require.NoError(t, err)
			_ = resp.Body.Close()
		} else {
			require.ErrorContains(t, err, "protocol version not supported")
		}
		transport.CloseIdleConnections()
		server.Close()
	}
}

// TestNonceKeys: two Inspectors share a key's last nonce, one after the other, and
// a waiter whose context ends stops waiting.
func TestNonceKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var one, two keyTurns
		first, err := one.take(t.Context(), "nonce key")
		require.NoError(t, err)
		release, err := first.alone(t.Context())
		require.NoError(t, err)
		second, err := two.take(t.Context(), "nonce key")
		require.NoError(t, err)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = second.alone(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		go func() {
			time.Sleep(time.Minute)
			first.nonce = 41
			release()
		}()
		release, err = second.alone(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 41, second.nonce)
		release()
		assert.Empty(t, nonceKeys.m)
	})
}

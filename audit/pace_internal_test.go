package audit

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
		if got < 0 || got > 7*day {
			t.Errorf("%q gives %v", value, got)
		}
	})
}

func TestLimitInterval(t *testing.T) {
	assert.Zero(t, Limit{}.interval())
	assert.Equal(t, 100*time.Millisecond, Limit{10, time.Second}.interval())
	assert.Equal(t, 333333334*time.Nanosecond, Limit{3, time.Second}.interval(), "rounded up")
}

// The table of locks holds what is in use and nothing more, however many keys
// went through.
func TestKeyLocksEmptyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var locks keyLocks
		first, unlock, ok := locks.lock(t.Context(), "a")
		require.True(t, ok)
		first.nonce = 7
		_, unlockOther, ok := locks.lock(t.Context(), "b")
		require.True(t, ok)

		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, _, ok := locks.lock(ctx, "a")
			assert.False(t, ok)
		}()
		served := make(chan struct{})
		go func() {
			defer close(served)
			l, unlock, ok := locks.lock(t.Context(), "a")
			if assert.True(t, ok) {
				assert.EqualValues(t, 7, l.nonce)
				unlock()
			}
		}()
		synctest.Wait()
		assert.Len(t, locks.m, 2)
		assert.Equal(t, 3, locks.m["a"].users)
		cancel()
		<-gone
		unlock()
		<-served
		unlockOther()
		assert.Empty(t, locks.m)
	})
}

// HTTPS_PROXY must not reroute a key, and nobody may talk the library down to
// an old TLS.
func TestOwnTransport(t *testing.T) {
	transport := newTransport()
	assert.Nil(t, transport.Proxy)
	assert.False(t, transport.TLSClientConfig.InsecureSkipVerify)
	for version, good := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		transport := newTransport()
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

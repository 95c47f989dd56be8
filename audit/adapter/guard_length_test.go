package adapter_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestLengthIsAClaim: what an answer says of its length reserves no memory.
func TestLengthIsAClaim(t *testing.T) {
	for _, length := range []int64{-1, 0, 1, 1 << 20, 1 << 40, math.MaxInt64} {
		_, err := inspectToy(t, toyKey(), via(func(*http.Request) (*http.Response, error) {
			resp := reply(http.StatusOK, "ok")
			resp.ContentLength = length
			return resp, nil
		}))
		require.Nil(t, err, length)
	}
}

// TestElsewhereIsSaid: a request that would lead elsewhere is refused by that name.
func TestElsewhereIsSaid(t *testing.T) {
	fake := &toyFake{}
	key := toyKey()
	key.Exchange.Calls[0].Path = "@evil.example/key"
	key.Exchange.Inspect = sends(adapter.Request{Method: http.MethodGet, Path: "@evil.example/key"})
	_, err := inspectToy(t, key, fake)
	require.ErrorIs(t, err, access.KindGuard)
	assert.Contains(t, err.Message, "leads elsewhere")
	assert.Zero(t, fake.count())
}

// TestUntrustedOnce: a certificate that was refused once is not forgotten because a later
// request went well.
func TestUntrustedOnce(t *testing.T) {
	calls := 0
	key := toyKey()
	key.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		_, _ = s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/time"})
		_, _ = s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/time"})
		_, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/key"})
		return &access.Snapshot{}, err
	}
	snap, err := inspectToy(t, key, via(func(*http.Request) (*http.Response, error) {
		if calls++; calls == 1 {
			return nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
		}
		if calls == 2 {
			return nil, io.ErrUnexpectedEOF
		}
		resp := reply(http.StatusOK, "{}")
		resp.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{{}}}}
		return resp, nil
	}))
	require.Nil(t, err)
	assert.Equal(t, 3, calls)
	assert.False(t, snap.Verified)
	assert.NotEmpty(t, snap.Insecure)
}

// TestOddMethodIsQuoted: what an adapter wrote is shown in quotes, as it is.
func TestOddMethodIsQuoted(t *testing.T) {
	key := toyKey()
	key.Exchange.Calls[0].Method = "DELETE\x1b"
	key.Exchange.Inspect = sends(adapter.Request{Method: "DELETE\x1b", Path: "/key"})
	_, err := inspectToy(t, key, &toyFake{})
	require.ErrorIs(t, err, access.KindGuard)
	assert.NotContains(t, err.Message, "\x1b")
}

package audit_test

import (
	"bytes"
	"errors"
	"log"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestBaseURLAddsNoPath: a path in front of a declared one would make it another
// call of the exchange.
func TestBaseURLAddsNoPath(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://api.toy.example/v1/withdraw", "https://API.toy.example:443/x/", "https://test.toy.example/x", "https://api2.toy.example/%2e%2e"} {
		fake := &toyFake{}
		err := audit.Check(t.Context(), toyKey(func(k *audit.Key) { k.BaseURL = base }), &audit.Options{Transport: fake})
		require.ErrorIs(t, err, audit.ErrInput)
		require.ErrorContains(t, err, "adds a path to the exchange's own host")
		assert.Zero(t, fake.count())
	}
	_, err := audit.Plan(toyKey(func(k *audit.Key) { k.BaseURL = "https://gateway.example/toy" }))
	require.NoError(t, err, "a gateway may have a path of its own")
}

// TestNothingOnTheStandardLogger: net/http logs what comes unasked over an idle
// connection, with its beginning; there the key and its signature may stand.
func TestNothingOnTheStandardLogger(t *testing.T) { // the logger is the process's
	var text bytes.Buffer
	log.SetOutput(&text)
	defer log.SetOutput(os.Stderr)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + toyID + " " + toySecret))
				time.Sleep(50 * time.Millisecond)
				_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n" + toySecret))
			}()
		}
	}()
	key := toyKey(func(k *audit.Key) { k.BaseURL = "http://" + listener.Addr().String() })
	keys := func(yield func(audit.Key) bool) {
		for range 3 {
			if !yield(key) {
				return
			}
		}
	}
	for result := range audit.Run(t.Context(), keys, nil) {
		assert.True(t, result.Inspected())
		time.Sleep(100 * time.Millisecond)
	}
	assert.Empty(t, text.String())
}

// TestJudgedAsWritten: a right whose name holds the key's passphrase is judged by
// its name, and the name is not shown.
func TestJudgedAsWritten(t *testing.T) {
	t.Parallel()
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Needs.Passphrase = true
		k.Credentials.Passphrase = audit.NewSecret("transfer")
		k.Exchange.Inspect = withSnapshot(func(s *access.Snapshot) { s.Unmapped = []string{"mass_transfer"} })
	})
	result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: &toyFake{}})
	require.NoError(t, err)
	assert.Equal(t, []string{"mass_[redacted]"}, result.Snapshot.Unmapped)
	f := result.Finding("unknown-permission")
	assert.Equal(t, audit.Failed, f.Outcome)
	assert.Equal(t, audit.High, f.Severity)
	assert.NotContains(t, f.Message, "transfer")
	require.ErrorIs(t, result.Err(audit.High), audit.ErrUnsafe)
}

// TestJudgedByTheExchangesTime: a clock that is behind neither revives an
// attestation nor makes a key younger.
func TestJudgedByTheExchangesTime(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	really := time.Now()
	attested := func(until time.Time) audit.Key {
		return toyKey(func(k *audit.Key) {
			k.Exchange.Inspect = withSnapshot(func(s *access.Snapshot) {
				s.IPAllowlist, s.Created = access.IPAllowlist{}, really.Add(-100*day)
			})
			k.Policy.Attestations = []audit.Attestation{{Rule: "ip-allowlist", Statement: "x", By: "y", At: really.Add(-200 * day), Until: until}}
		})
	}
	for behind, outdated := range map[time.Duration]bool{0: true, 20 * day: true, 30 * time.Second: true, -20 * day: true} {
		fake := &toyFake{clock: time.Now}
		opts := &audit.Options{Transport: fake, Clock: func() time.Time { return time.Now().Add(-behind) }}
		result, err := audit.Assess(t.Context(), attested(really.Add(-5*day)), opts)
		require.NoError(t, err)
		assert.Equal(t, outdated, result.Finding("ip-allowlist").Outcome == audit.Undetermined, "clock behind by %s", behind)
		assert.Equal(t, audit.Failed, result.Finding("key-age").Outcome, "clock behind by %s", behind)

		result, err = audit.Assess(t.Context(), attested(really.Add(5*day)), opts)
		require.NoError(t, err)
		assert.Equal(t, audit.Passed, result.Finding("ip-allowlist").Outcome, "clock behind by %s", behind)
	}
}

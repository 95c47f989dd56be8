package inventory

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// largeInventory has n keys, written as a large firm would.
func largeInventory(tb testing.TB, n int) (string, Options) {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`{"policies": {"grid": {"preset": "spot-trading", "max_age_days": 60, "expected_ips": ["203.0.113.7"],
		"attestations": [{"rule": "ip-allowlist", "statement": "s", "by": "ann", "at": "2026-11-01", "until": "2027-11-01"}]}},
		"egress": {"tokyo": {"proxy": "env:PROXY"}}, "keys": [` + "\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"name": "grid-%d", "exchange": "bybit", "key": "env:GRID_%d_KEY", "secret": "file:secrets/%d", "policy": "grid",
			"owner": "desk-3", "purpose": "grid trading", "labels": {"fund": "alpha", "host": "eu-1"}, "egress": "tokyo", "stage": "live"}`, i, i, i%10)
	}
	b.WriteString("]}")
	folder := tb.TempDir()
	for i := range 10 {
		put(tb, filepath.Join(folder, "secrets", fmt.Sprint(i)), 0o600, canary)
	}
	path := put(tb, filepath.Join(folder, "keys.json"), 0o600, b.String())
	return path, Options{Exchanges: toys, Env: func(name string) string {
		if name == "PROXY" {
			return "socks5://127.0.0.1:1"
		}
		return "value"
	}}
}

// keySize is the memory that each key of a large inventory takes, in bytes.
func keySize(tb testing.TB, n int) float64 {
	tb.Helper()
	path, o := largeInventory(tb, n)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	in, err := Read(path, o)
	require.NoError(tb, err)
	after := heap()
	require.Len(tb, in.Keys, n)
	return float64(int64(after)-int64(before)) / float64(n)
}

// TestKeySize: keys stay small, because there may be 20,000 of them.
func TestKeySize(t *testing.T) {
	assert.Less(t, keySize(t, 2000), 2500.0, "bytes per key")
}

func BenchmarkRead(b *testing.B) {
	path, o := largeInventory(b, 20000)
	b.ReportAllocs()
	for b.Loop() {
		_, err := Read(path, o)
		require.NoError(b, err)
	}
	b.ReportMetric(keySize(b, 20000), "B/key")
}

func BenchmarkLoad(b *testing.B) {
	path, o := largeInventory(b, 1)
	in, err := Read(path, o)
	require.NoError(b, err)
	for b.Loop() {
		_, err := in.Keys[0].Load(b.Context())
		require.NoError(b, err)
	}
}

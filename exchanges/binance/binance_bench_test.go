package binance_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	gobinance "github.com/adshao/go-binance/v2"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// BenchmarkCheck compares a whole Check with the one request it makes, sent by
// go-binance alone. Both use one kept-alive connection to one fake, and the same
// key.
func BenchmarkCheck(b *testing.B) { compare(b, 0) }

// BenchmarkCheckAway is BenchmarkCheck with an exchange that takes 5 ms to answer,
// as one nearby would.
func BenchmarkCheckAway(b *testing.B) { compare(b, 5*time.Millisecond) }

func compare(b *testing.B, delay time.Duration) {
	b.Helper()
	fake := exchangetest.Binance()
	server := exchangetest.Serve(fake)
	defer server.Close()
	credentials := fake.Issue(exchangetest.Spec{
		Permissions: []string{"enableSpotAndMarginTrading", "enableFixReadOnly"}, IPs: []string{"198.51.100.20"},
		Created: time.Now().Add(-24 * time.Hour), Faults: []exchangetest.Fault{{Delay: delay, Times: -1}},
	})

	b.Run("go-binance alone", func(b *testing.B) {
		httpClient := &http.Client{Transport: server.Transport()}
		b.ReportAllocs()
		for b.Loop() {
			client := gobinance.NewClient(credentials.Key, credentials.Secret.Reveal())
			client.HTTPClient = httpClient
			permission, err := client.NewGetAPIKeyPermission().Do(context.Background())
			require.NoError(b, err)
			require.True(b, permission.EnableSpotAndMarginTrading)
		}
	})
	b.Run("audit", func(b *testing.B) {
		key := audit.Key{Name: "bot", Exchange: binance.Exchange, Credentials: credentials, Policy: audit.SpotTrading()}
		for _, unreported := range []string{"ip-allowlist-width", "ip-allowlist-entries", "key-expiry"} { // by Binance; without them no key passes
			key.Policy.Attestations = append(key.Policy.Attestations, audit.Attestation{
				Rule: unreported, Statement: "seen on the key's page", By: "maria", At: time.Now().AddDate(0, 0, -1), Until: time.Now().AddDate(0, 1, 0),
			})
		}
		opts := &audit.Options{Transport: server.Transport()}
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, audit.Check(context.Background(), key, opts))
		}
	})
}

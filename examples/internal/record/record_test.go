package record_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/record"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// theirs is a key whose every value is recognised wherever it stands.
func theirs() exchangetest.Spec {
	now := time.Date(2026, time.October, 9, 15, 27, 31, 0, time.UTC)
	return exchangetest.Spec{
		Label: "Quixote-Zanzibar 44170926", IPs: []string{"185.199.108.153", "91.198.174.0/24"}, Created: now.Add(-61 * 24 * time.Hour), Changed: now.Add(-33 * 24 * time.Hour),
		LastUsed: now.Add(-5 * time.Hour), Expires: now.Add(47 * 24 * time.Hour),
	}
}

func TestEveryExchange(t *testing.T) {
	for _, e := range exchanges.All() {
		if o := os.Getenv("ONLY"); o != "" && o != e.Name {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			public := record.Learn(t.Context(), e, fakeOf(e.Name))
			fake := fakeOf(e.Name)()
			fake.SetAccount(7)
			var rights []string
			for _, r := range fake.Rights() {
				rights = append(rights, r.Name)
			}
			now := time.Date(2026, time.October, 9, 15, 27, 31, 0, time.UTC)
			fake.SetClock(func() time.Time { return now })
			fake.SetCaller(netip.MustParseAddr("185.199.108.153"))
			for _, permissions := range [][]string{rights, rights[:min(1, len(rights))], nil} {
				for _, sub := range []bool{false, true} {
					spec := theirs()
					spec.Permissions, spec.SubAccount = permissions, sub
					c := fake.Issue(spec)
					r := record.Audit(t.Context(), audit.Key{Exchange: e, Credentials: c}, audit.Options{Transport: fake, Clock: func() time.Time { return now }})
					made, err := r.Make(t.Context(), public)
					if !assert.NoError(t, err) {
						continue
					}
					assert.Empty(t, made.Lost)
					if os.Getenv("SHOW") != "" {
						for _, a := range r.Answers {
							t.Log(string(a.Body), a.Text)
						}
						t.Log(string(made.Text))
					}
					for _, canary := range []string{"quixote", "zanzibar", "44170926", "185.199", "91.198", c.Key} {
						assert.False(t, strings.Contains(strings.ToLower(string(made.Text)), strings.ToLower(canary)), canary)
					}
					assert.Empty(t, exchangetest.FindCanaries(string(made.Text), fake.Canaries()))
					var again exchangetest.Case
					require.NoError(t, json.Unmarshal(made.Text, &again))
				}
			}
		})
	}
}

var _ = adapter.Credentials{}

func fakeOf(name string) func() *exchangetest.Fake {
	return func() *exchangetest.Fake {
		for _, f := range exchangetest.All() {
			if f.Name() == name {
				return f
			}
		}
		return nil
	}
}

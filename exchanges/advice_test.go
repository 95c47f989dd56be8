package exchanges_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

var (
	advisesAllowlist = regexp.MustCompile(`[Rr]estrict (the|it|this) .*IP address`)
	advisesSwitch    = regexp.MustCompile(`(?i)switch (it |them |that |all )?off`)
)

// TestAdviceCanBeFollowed: of every exchange, with every right alone and with all of them, and by
// every policy, no finding advises an IP allowlist where there is none, or to switch off a right
// of a delegated key that has all of its rights or none.
func TestAdviceCanBeFollowed(t *testing.T) {
	t.Parallel()
	policies := []audit.Policy{audit.ReadOnly(), audit.SpotTrading(), audit.FuturesTrading(), audit.Trading(), audit.Treasury(), audit.Agent()}
	without, bundles := map[string]bool{}, map[string]bool{}
	for _, fake := range exchangetest.All() {
		exchange, _ := exchanges.Lookup(fake.Name())
		specs, all := []exchangetest.Spec{{}}, exchangetest.Spec{}
		for _, r := range fake.Rights() {
			specs = append(specs, exchangetest.Spec{Permissions: []string{r.Name}})
			all.Permissions = append(all.Permissions, r.Name)
		}
		for _, spec := range append(specs, all) {
			key := audit.Key{Name: "k", Exchange: exchange, Credentials: fake.Issue(spec)}
			s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
			if err != nil { // not every combination is one of the exchange's
				continue
			}
			none := s.IPAllowlist.State == access.AllowlistUnrestricted && s.IPAllowlist.Evidence == access.Documented
			bundle := s.Wallet == access.DelegatedWallet && oneName(s)
			without[exchange.Name], bundles[exchange.Name] = without[exchange.Name] || none, bundles[exchange.Name] || bundle
			for _, policy := range policies {
				for _, f := range audit.Judge(s, policy, time.Now(), nil) {
					if none {
						assert.NotRegexp(t, advisesAllowlist, f.Remedy, "%s %v %s: %s", exchange.Name, spec.Permissions, f.Rule, f.Message)
					}
					if bundle {
						assert.NotRegexp(t, advisesSwitch, strings.ReplaceAll(f.Remedy, "switched off alone", ""),
							"%s %v %s: %s", exchange.Name, spec.Permissions, f.Rule, f.Message)
					}
				}
			}
		}
	}
	assert.True(t, without["hyperliquid"] && without["kalshi"], without)
	assert.True(t, bundles["hyperliquid"], bundles)
}

// oneName reports whether all rights of a key come by one name.
func oneName(s *access.Snapshot) bool {
	names := map[string]bool{}
	for _, g := range s.Grants {
		if g.State == access.Granted || len(g.Names) > 0 {
			names[strings.Join(g.Names, " ")] = true
		}
	}
	return len(names) == 1 && !names[""]
}

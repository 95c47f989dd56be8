package main

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// The invented IP addresses are in 198.18.0.0/15, reserved for tests (RFC 2544).
const (
	botHost   = "198.18.0.10" // where the audit and most bots run
	spareHost = "198.18.0.11"
	otherHost = "198.18.7.77" // a bot on a host of its own
)

// days is the beginning of the day that is n days from today. So the demonstration's
// dates, unlike moments, are the same in the next run, which then finds no change.
func days(n int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, n) }

// demoKeys are the keys of a typical firm: some good, most with one problem, a few
// with several.
func demoKeys(x demoExchanges, plainURL string) []demoKey {
	// inUse attests that a bot uses the key, which few exchanges report.
	inUse := func(p audit.Policy) audit.Policy {
		return attested(p, "the bot's log shows its requests", days(-10), days(80), audit.RuleIdleKey)
	}
	spot, futures, reader, treasury := inUse(audit.SpotTrading()), audit.FuturesTrading(), inUse(audit.ReadOnly()), audit.Treasury()
	restricted := []string{botHost}
	// bybitSpot is a good key, with changes.
	bybitSpot := func(change func(*exchangetest.Spec)) exchangetest.Spec {
		s := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: restricted, SubAccount: true, Created: days(-30), Expires: days(60)}
		if change != nil {
			change(&s)
		}
		return s
	}
	// checked attests what Binance and KuCoin do not report.
	checked := func(p audit.Policy) audit.Policy {
		return attested(p, "checked on the key's page", days(-10), days(80), "ip-allowlist-width", "ip-allowlist-entries", "main-account", "key-expiry", "never-expires")
	}

	return []demoKey{
		// Good keys.
		{name: "grid-eu-1", fake: x.bybit, policy: from(spot, botHost), spec: bybitSpot(nil)},
		{name: "grid-eu-2", fake: x.bybit, policy: from(spot, botHost, spareHost), spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{botHost, spareHost} })},
		{
			name: "tax-report", fake: x.bybit, policy: reader,
			spec: bybitSpot(func(s *exchangetest.Spec) { s.Options, s.SubAccount = map[string]string{"readOnly": "1"}, false }),
		},
		{
			name: "maker-asia-1", fake: x.kucoin, policy: checked(spot), spec: exchangetest.Spec{
				Permissions: []string{"General", "Spot"}, IPs: restricted, SubAccount: true, Created: days(-12), Expires: days(78),
			},
		},
		{
			name: "treasury-cold", fake: x.kraken, policy: attested(treasury, "checked on the key's page", days(-10), days(80), audit.RuleInternalTransfer), spec: exchangetest.Spec{
				Permissions: []string{"query-funds", "withdraw-funds"}, IPs: []string{botHost}, Created: days(-20), Expires: days(70), LastUsed: days(-1),
			},
		},
		{
			name: "sandbox-grid", fake: x.bybit, policy: spot, spec: bybitSpot(nil),
			edit: func(k *audit.Key) { k.Environment = "testnet" },
		},
		// Funds can leave.
		{
			name: "arb-runner-1", fake: x.okx, policy: spot,
			spec: exchangetest.Spec{Permissions: []string{"read_only", "trade", "withdraw"}},
		},
		{
			name: "payout-legacy", fake: x.binance, policy: checked(spot), spec: exchangetest.Spec{
				Permissions: []string{"enableSpotAndMarginTrading", "enableWithdrawals"}, IPs: restricted, Created: days(-410),
			},
		},
		{
			name: "treasury-hot", fake: x.bybit, policy: treasury,
			spec: bybitSpot(func(s *exchangetest.Spec) {
				s.Permissions, s.IPs, s.SubAccount = []string{"Wallet.Withdraw"}, nil, false
			}),
		},
		{ // the wallet's own key, where an agent's would do
			name: "hedge-perp-2", fake: x.hyperliquid, policy: futures, spec: exchangetest.Spec{Permissions: []string{"user"}},
		},
		{
			name: "staking-ops", fake: x.kraken, policy: reader, spec: exchangetest.Spec{
				Permissions: []string{"query-funds", "earn-funds", "add-withdraw-address"}, IPs: restricted, Created: days(-40), Expires: days(50),
			},
		},
		{
			name: "rebalancer", fake: x.binance, policy: checked(spot), spec: exchangetest.Spec{
				Permissions: []string{"enableSpotAndMarginTrading", "permitsUniversalTransfer"}, IPs: restricted, Created: days(-25),
			},
		},
		{
			name: "copy-desk", fake: x.bybit,
			policy: waived(waived(spot, "internal-transfer", "moves margin between its two sub-accounts; ticket OPS-214", days(45)),
				"key-management", "comes with the transfers, for the key itself; ticket OPS-214", days(45)),
			spec: bybitSpot(func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.AccountTransfer") }),
		},
		// Usable from too many IP addresses.
		{name: "arb-runner-2", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{"0.0.0.0/0"} })},
		{name: "grid-eu-3", fake: x.bybit, policy: from(spot, botHost), spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{botHost, otherHost} })},
		{name: "scalper-cloud", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{"198.18.0.0/16"} })},
		{
			name: "basis-okx", fake: x.okx, policy: audit.Trading(), spec: exchangetest.Spec{
				Permissions: []string{"read_only", "trade"}, IPs: []string{"198.18.0.0/24"}, SubAccount: true,
			},
		},
		// Too many rights, or too few.
		{name: "tax-report-2024", fake: x.okx, policy: reader, spec: exchangetest.Spec{Permissions: []string{"read_only", "trade"}}},
		{
			name: "lending-desk", fake: x.kucoin, policy: checked(spot), spec: exchangetest.Spec{
				Permissions: []string{"General", "Spot", "Earn"}, IPs: restricted, SubAccount: true, Created: days(-50), Expires: days(300),
			},
		},
		{name: "hedge-perp-1", fake: x.bybit, policy: futures, spec: bybitSpot(nil)},
		{name: "beta-payouts", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) {
			s.Permissions = append(s.Permissions, "Wallet.InstantPayout")
		})},
		{name: "hft-main", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.SubAccount = false })},
		{name: "llm-agent", fake: x.bybit, policy: audit.Agent(), spec: bybitSpot(func(s *exchangetest.Spec) { s.SubAccount, s.IPs, s.Created = false, nil, days(-12) })},
		// Too old, or about to expire.
		{name: "grid-2024", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.Created, s.Expires = days(-700), time.Time{} })},
		{name: "scalper-eu", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.Created, s.Expires = days(-86), days(5) })},
		{name: "scalper-us", fake: x.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.Created, s.Expires = days(-91), days(-1) })},
		// Cannot be inspected, or not at the first attempt.
		{name: "maker-tokyo", fake: x.okx, policy: spot, spec: exchangetest.Spec{Permissions: []string{"read_only", "trade"}, IPs: []string{otherHost}, SubAccount: true}},
		{
			name: "forgotten-bot", fake: x.bybit, policy: spot, spec: bybitSpot(nil),
			edit: func(k *audit.Key) { x.bybit.Revoke(k.Credentials) },
		},
		{name: "settlement", fake: x.kucoin, policy: reader, spec: exchangetest.Spec{
			Permissions: []string{"General"}, IPs: restricted, Faults: []exchangetest.Fault{{Drop: true, Times: -1}},
		}},
		{name: "arb-runner-3", fake: x.binance, policy: checked(spot), spec: exchangetest.Spec{
			Permissions: []string{"enableSpotAndMarginTrading"}, IPs: restricted, Created: days(-5),
			Faults: []exchangetest.Fault{{Reply: exchangetest.RateLimited("1")}},
		}},
		// Sent in plaintext.
		{
			name: "dev-laptop", fake: x.bybit, policy: spot, spec: bybitSpot(nil),
			edit: func(k *audit.Key) { k.BaseURL = plainURL },
		},
		// Attested, because the exchange reports little.
		{
			name: "dca-savings", fake: x.coinbase, spec: exchangetest.Spec{Permissions: []string{"can_view", "can_trade"}},
			policy: attested(
				spot, "checked on the portal by two people", days(-3), days(87),
				"ip-allowlist", "ip-allowlist-width", "ip-allowlist-entries", "main-account", "key-age", "key-expiry", "never-expires",
				"excess-permission", "subaccount-management", "off-book-dealing", "lock-up", "exchange-expiry",
			),
		},
		{
			name: "dca-legacy", fake: x.coinbase, policy: attested(spot, "seen on the portal", days(-120), days(-30), "ip-allowlist"),
			spec: exchangetest.Spec{Permissions: []string{"can_view", "can_trade"}},
		},
	}
}

// demoOwners are who answers for the keys whose names begin so. Nobody is named for
// the others.
var demoOwners = []struct{ owner, names string }{
	{"market making", "arb- basis- hedge- hft- maker-"},
	{"grid desk", "grid- scalper- sandbox- beta- copy-"},
	{"treasury", "treasury- payout- staking- lending- settlement rebalancer"},
	{"finance", "tax- dca-"},
	{"research", "llm- dev-"},
	{"operations", "desk-"},
}

func demoOwner(name string) string {
	for _, o := range demoOwners {
		for begin := range strings.FieldsSeq(o.names) {
			if strings.HasPrefix(name, begin) {
				return o.owner
			}
		}
	}
	return ""
}

// deskKeys are one key at each of the other exchanges.
func deskKeys(x demoExchanges) []demoKey {
	created, expires := days(-21), days(91)
	var out []demoKey
	for _, fake := range x.all {
		if slices.Contains([]*exchangetest.Fake{x.binance, x.bybit, x.coinbase, x.kraken, x.kucoin, x.okx}, fake) {
			continue
		}
		spec := exchangetest.Spec{Label: "desk", IPs: []string{botHost}, Created: created, Expires: expires}
		if rights := fake.Rights(); len(rights) > 0 {
			spec.Permissions = []string{rights[0].Name}
		}
		out = append(out, demoKey{name: "desk-" + fake.Name(), fake: fake, policy: audit.Trading(), spec: spec})
	}
	return out
}

// attested adds an attestation of each rule.
func attested(p audit.Policy, statement string, at, until time.Time, rules ...string) audit.Policy {
	for _, rule := range rules {
		p.Attestations = append(p.Attestations, audit.Attestation{Rule: rule, Statement: statement, By: "m.ito", At: at, Until: until})
	}
	return p
}

func waived(p audit.Policy, rule, reason string, until time.Time) audit.Policy {
	p.Waivers = append(slices.Clone(p.Waivers), audit.Waiver{Rule: rule, Reason: reason, Until: until})
	return p
}

// from says where the bot runs, so that any other IP address is a finding.
func from(p audit.Policy, hosts ...string) audit.Policy {
	for _, host := range hosts {
		p.ExpectedIPs = append(p.ExpectedIPs, netip.MustParsePrefix(host+"/32"))
	}
	return p
}

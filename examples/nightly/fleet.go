package main

import (
	"net/netip"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// The invented addresses are of 198.18.0.0/15, set aside for tests (RFC 2544).
const (
	botHost   = "198.18.0.10" // where the audit and most bots run
	spareHost = "198.18.0.11"
	otherHost = "198.18.7.77" // a bot on a host of its own
)

// demoKeys are the keys of a firm as one finds them: some good, most with one
// thing wrong, a few with several.
func demoKeys(v fakes, plainURL string) []demoKey {
	spot, futures, reader, treasury := audit.SpotTrading(), audit.FuturesTrading(), audit.ReadOnly(), audit.Treasury()
	days := func(n int) time.Time { return time.Now().AddDate(0, 0, n) }
	bound := []string{botHost}
	// bybitSpot is a good key to start from.
	bybitSpot := func(change func(*exchangetest.Spec)) exchangetest.Spec {
		s := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: bound, SubAccount: true, Created: days(-30), Expires: days(60)}
		if change != nil {
			change(&s)
		}
		return s
	}
	// lookedUp stands in for what Binance and KuCoin keep to themselves.
	lookedUp := func(p audit.Policy) audit.Policy {
		return attested(p, "looked up on the key's page", days(-10), days(80), "ip-allowlist-width", "ip-allowlist-entries", "main-account", "key-expiry", "never-expires")
	}

	return []demoKey{
		// As it should be.
		{name: "grid-eu-1", fake: v.bybit, policy: from(spot, botHost), spec: bybitSpot(nil)},
		{name: "grid-eu-2", fake: v.bybit, policy: from(spot, botHost, spareHost), spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{botHost, spareHost} })},
		{
			name: "tax-report", fake: v.bybit, policy: reader,
			spec: bybitSpot(func(s *exchangetest.Spec) { s.Options, s.SubAccount = map[string]string{"readOnly": "1"}, false }),
		},
		{
			name: "maker-asia-1", fake: v.kucoin, policy: lookedUp(spot), spec: exchangetest.Spec{
				Permissions: []string{"General", "Spot"}, IPs: bound, SubAccount: true, Created: days(-12), Expires: days(78),
			},
		},
		{
			name: "treasury-cold", fake: v.kraken, policy: treasury, spec: exchangetest.Spec{
				Permissions: []string{"query-funds", "withdraw-funds"}, IPs: []string{botHost}, Created: days(-20), Expires: days(70), LastUsed: days(-1),
			},
		},
		{
			name: "sandbox-grid", fake: v.bybit, policy: spot, spec: bybitSpot(nil),
			edit: func(k *audit.Key) { k.Environment = "testnet" },
		},
		// Money can leave.
		{
			name: "arb-runner-1", fake: v.okx, policy: spot,
			spec: exchangetest.Spec{Permissions: []string{"read_only", "trade", "withdraw"}},
		},
		{
			name: "payout-legacy", fake: v.binance, policy: lookedUp(spot), spec: exchangetest.Spec{
				Permissions: []string{"enableSpotAndMarginTrading", "enableWithdrawals"}, IPs: bound, Created: days(-410),
			},
		},
		{
			name: "treasury-hot", fake: v.bybit, policy: treasury,
			spec: bybitSpot(func(s *exchangetest.Spec) {
				s.Permissions, s.IPs, s.SubAccount = []string{"Wallet.Withdraw"}, nil, false
			}),
		},
		{
			name: "staking-ops", fake: v.kraken, policy: reader, spec: exchangetest.Spec{
				Permissions: []string{"query-funds", "earn-funds", "add-withdraw-address"}, IPs: bound, Created: days(-40), Expires: days(50),
			},
		},
		{
			name: "rebalancer", fake: v.binance, policy: lookedUp(spot), spec: exchangetest.Spec{
				Permissions: []string{"enableSpotAndMarginTrading", "permitsUniversalTransfer"}, IPs: bound, Created: days(-25),
			},
		},
		{
			name: "copy-desk", fake: v.bybit,
			policy: waived(spot, "internal-transfer", "moves margin between its two sub-accounts; ticket OPS-214", days(45)),
			spec:   bybitSpot(func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.AccountTransfer") }),
		},
		// Works from too many places.
		{name: "arb-runner-2", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{"0.0.0.0/0"} })},
		{name: "grid-eu-3", fake: v.bybit, policy: from(spot, botHost), spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{botHost, otherHost} })},
		{name: "scalper-cloud", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.IPs = []string{"198.18.0.0/16"} })},
		{
			name: "basis-okx", fake: v.okx, policy: audit.Trading(), spec: exchangetest.Spec{
				Permissions: []string{"read_only", "trade"}, IPs: []string{"198.18.0.0/24"}, SubAccount: true,
			},
		},
		// Too many rights, or too few.
		{name: "tax-report-2024", fake: v.okx, policy: reader, spec: exchangetest.Spec{Permissions: []string{"read_only", "trade"}}},
		{
			name: "lending-desk", fake: v.kucoin, policy: lookedUp(spot), spec: exchangetest.Spec{
				Permissions: []string{"General", "Spot", "Earn"}, IPs: bound, SubAccount: true, Created: days(-50), Expires: days(300),
			},
		},
		{name: "hedge-perp-1", fake: v.bybit, policy: futures, spec: bybitSpot(nil)},
		{name: "beta-payouts", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) {
			s.Permissions = append(s.Permissions, "Wallet.InstantPayout")
		})},
		{name: "hft-main", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.SubAccount = false })},
		{name: "llm-agent", fake: v.bybit, policy: audit.Agent(), spec: bybitSpot(func(s *exchangetest.Spec) { s.SubAccount, s.IPs, s.Created = false, nil, days(-12) })},
		// Too old, or soon gone.
		{name: "grid-2024", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.Created, s.Expires = days(-700), time.Time{} })},
		{name: "scalper-eu", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.Created, s.Expires = days(-86), days(5) })},
		{name: "scalper-us", fake: v.bybit, policy: spot, spec: bybitSpot(func(s *exchangetest.Spec) { s.Created, s.Expires = days(-91), days(-1) })},
		// Not, or not at once, to be looked at.
		{name: "maker-tokyo", fake: v.okx, policy: spot, spec: exchangetest.Spec{Permissions: []string{"read_only", "trade"}, IPs: []string{otherHost}, SubAccount: true}},
		{
			name: "forgotten-bot", fake: v.bybit, policy: spot, spec: bybitSpot(nil),
			edit: func(k *audit.Key) { v.bybit.Revoke(k.Credentials) },
		},
		{name: "settlement", fake: v.kucoin, policy: reader, spec: exchangetest.Spec{
			Permissions: []string{"General"}, IPs: bound, Faults: []exchangetest.Fault{{Drop: true, Times: -1}},
		}},
		{name: "arb-runner-3", fake: v.binance, policy: lookedUp(spot), spec: exchangetest.Spec{
			Permissions: []string{"enableSpotAndMarginTrading"}, IPs: bound, Created: days(-5),
			Faults: []exchangetest.Fault{{Reply: exchangetest.RateLimited("1")}},
		}},
		// Sent carelessly.
		{
			name: "dev-laptop", fake: v.bybit, policy: spot, spec: bybitSpot(nil),
			edit: func(k *audit.Key) { k.BaseURL = plainURL },
		},
		// Resting on the owner's word, because the exchange tells little.
		{
			name: "dca-savings", fake: v.coinbase, spec: exchangetest.Spec{Permissions: []string{"can_view", "can_trade"}},
			policy: attested(
				spot, "looked up on the portal by two people", days(-3), days(87),
				"ip-allowlist", "ip-allowlist-width", "ip-allowlist-entries", "main-account", "key-age", "key-expiry", "never-expires",
				"excess-permission", "subaccount-management", "off-book-dealing", "lock-up", "exchange-expiry",
			),
		},
		{
			name: "dca-legacy", fake: v.coinbase, policy: attested(spot, "seen on the portal", days(-120), days(-30), "ip-allowlist"),
			spec: exchangetest.Spec{Permissions: []string{"can_view", "can_trade"}},
		},
	}
}

// deskKeys are one key at each exchange that no other key of the fleet is at, as
// a desk has that trades a little everywhere.
func deskKeys(v fakes) []demoKey {
	created, expires := time.Now().AddDate(0, 0, -21), time.Now().AddDate(0, 3, 0)
	var out []demoKey
	for _, fake := range v.every {
		if slices.Contains([]*exchangetest.Fake{v.binance, v.bybit, v.coinbase, v.kraken, v.kucoin, v.okx}, fake) {
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

// attested adds the owner's word for several rules.
func attested(p audit.Policy, statement string, at, until time.Time, rules ...string) audit.Policy {
	for _, rule := range rules {
		p.Attestations = append(p.Attestations, audit.Attestation{Rule: rule, Statement: statement, By: "m.ito", At: at, Until: until})
	}
	return p
}

func waived(p audit.Policy, rule, reason string, until time.Time) audit.Policy {
	p.Waivers = []audit.Waiver{{Rule: rule, Reason: reason, Until: until}}
	return p
}

// from says where the bot runs, so that other addresses are found.
func from(p audit.Policy, hosts ...string) audit.Policy {
	for _, host := range hosts {
		p.ExpectedIPs = append(p.ExpectedIPs, netip.MustParsePrefix(host+"/32"))
	}
	return p
}

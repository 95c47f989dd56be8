package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// A bot asks before it starts. Here a fake takes the exchange's place; a real bot
// reads its credentials with FromEnv and passes nil options.
func ExampleCheck() {
	fake := exchangetest.Bybit()
	key := audit.Key{
		Name: "grid-1", Exchange: bybit.Exchange, Policy: audit.SpotTrading(),
		Credentials: fake.Issue(exchangetest.Spec{
			Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}, IPs: []string{"198.51.100.20"}, SubAccount: true,
		}),
	}
	err := audit.Check(context.Background(), key, &audit.Options{Transport: fake})
	switch {
	case err == nil:
		fmt.Println("start")
	case errors.Is(err, audit.ErrUnsafe):
		fmt.Println("unsafe")
	case errors.Is(err, audit.ErrUnreachable):
		fmt.Println("outage") // a bot with open positions may go on
	}
	var failed *audit.CheckError
	if errors.As(err, &failed) {
		fmt.Println(failed.Result.Finding("withdrawal").Message)
	}
	// Output:
	// unsafe
	// The key can withdraw funds (permission "Wallet.Withdraw", only to saved withdrawal addresses and accounts)
}

// Any number of keys is audited as a stream; Collect gathers a report whose
// order doesn't depend on who answered first.
func ExampleRun() {
	fake := exchangetest.Bybit()
	inventory := map[string]exchangetest.Spec{
		"grid":      {Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}},
		"portfolio": {Permissions: []string{"Spot.SpotTrade"}, Options: map[string]string{"readOnly": "1"}, IPs: []string{"198.51.100.20"}},
		"forgotten": {Permissions: []string{"Spot.SpotTrade"}},
	}
	keys := func(yield func(audit.Key) bool) {
		for name, spec := range inventory {
			key := audit.Key{Name: name, Exchange: bybit.Exchange, Policy: audit.SpotTrading(), Credentials: fake.Issue(spec)}
			if !yield(key) {
				return
			}
		}
	}
	report := audit.Collect(audit.Run(context.Background(), keys, &audit.Options{Transport: fake}), nil)
	for _, result := range report.Results {
		fmt.Println(result.Name, result.Finding("ip-allowlist").Outcome, result.Finding("missing-permission").Outcome)
	}
	fmt.Println(report.Summary.Keys, "keys")
	// Output:
	// forgotten failed passed
	// grid passed passed
	// portfolio passed failed
	// 3 keys
}

// A stored snapshot is judged again without asking anybody, here for another
// purpose than before.
func ExampleJudge() {
	snapshot := &access.Snapshot{
		Answer: access.Answer{
			Grants: []access.Grant{
				{Capability: access.Read, State: access.Granted, Evidence: access.Reported},
				{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported, Names: []string{"Spot"}},
				{Capability: access.Withdraw, State: access.Unknown},
			},
		},
	}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, policy := range []audit.Policy{audit.SpotTrading(), audit.ReadOnly()} {
		for _, f := range audit.Judge(snapshot, policy, now, nil) {
			if f.Rule == "withdrawal" || f.Rule == "excess-permission" {
				fmt.Println(policy.Name, f.Rule, f.Outcome)
			}
		}
	}
	// Output:
	// spot-trading withdrawal undetermined
	// spot-trading excess-permission undetermined
	// read-only withdrawal undetermined
	// read-only excess-permission failed
}

// A bot goes on looking while it runs, and stops trading when the key turns
// bad.
func ExampleWatch() {
	credentials, err := audit.FromEnv("BYBIT")
	if err != nil {
		log.Fatal(err)
	}
	key := audit.Key{Exchange: bybit.Exchange, Credentials: credentials, Policy: audit.SpotTrading()}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_ = audit.Watch(ctx, key, time.Hour, nil, func(_, now *audit.Result) {
			if err := now.Err(audit.High); errors.Is(err, audit.ErrUnsafe) {
				log.Print(err)
				stop() // trading
			}
		})
	}()
	<-ctx.Done() // trade meanwhile
}

// A firm's own rule joins the catalogue: here, that every key carries the name
// of its team.
func ExampleRule() {
	team := &audit.Rule{
		ID: "acme-team", Title: "Key without a team", Severity: audit.Low, Since: "v1",
		Why:     "Nobody deletes a key that nobody knows.",
		Remedy:  "At the exchange, name the key after its team.",
		FindOut: "On the key's page, check that the key is named after its team, then attest this rule.",
		Run: func(p *audit.Pass) audit.Verdict {
			switch label := p.Snapshot.Label; {
			case label == "":
				return audit.Verdict{Message: "The exchange does not report the key's name"} // undetermined
			case strings.HasPrefix(label, "acme-"):
				return audit.Verdict{Outcome: audit.Passed, Evidence: access.Reported, Message: "The key is named after a team"}
			default:
				return audit.Verdict{Outcome: audit.Failed, Evidence: access.Reported, Message: fmt.Sprintf("%q names no team", label)}
			}
		},
	}
	rules := slices.Concat(audit.Rules(), []*audit.Rule{team})
	if err := audit.ValidateRules(rules); err != nil {
		log.Fatal(err)
	}
	for _, label := range []string{"acme-grid", "test3", ""} {
		findings := audit.Judge(&access.Snapshot{Answer: access.Answer{Label: label}}, audit.SpotTrading(), time.Now(), rules)
		last := findings[len(findings)-1]
		fmt.Println(last.Rule, last.Outcome, last.Severity, "-", last.Message)
	}
	// Output:
	// acme-team passed unset - The key is named after a team
	// acme-team failed low - "test3" names no team
	// acme-team undetermined low - The exchange does not report the key's name
}

// A bot with open positions goes on through an outage, and through nothing else. The
// README shows these lines.
func ExampleCheck_openPositions() {
	ctx, openPositions := context.Background(), true
	trade, closeOnly, stop := func() { fmt.Println("trade") }, func() { fmt.Println("close only") }, func(error) { fmt.Println("stop") }
	fake := exchangetest.Bybit()
	safe := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}, SubAccount: true}
	key := audit.Key{Exchange: bybit.Exchange, Policy: audit.SpotTrading(), Credentials: fake.Issue(safe)}
	options := &audit.Options{Transport: fake, Attempts: 1}
	check := func() {
		// README
		switch err := audit.Check(ctx, key, options); {
		case err == nil:
			trade()
		case errors.Is(err, audit.ErrUnreachable) && openPositions: // an outage, and nothing is known to be wrong
			closeOnly()
		default: // unsafe, not proven safe, refused, or a mistake in the bot
			stop(err)
		}
		// end
	}

	check()
	fake.Inject(exchangetest.Fault{Reply: exchangetest.HTML(502)})
	check()
	fake.Revoke(key.Credentials)
	check()
	key.Environment = "tset"
	check()
	// Output:
	// trade
	// close only
	// stop
	// stop
}

package render_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// exampleExchange stands in for an adapter; its keys can withdraw.
var exampleExchange = &adapter.Exchange{
	Name: "example", Title: "Example", KeyPage: "https://exchange.example/api-keys",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.exchange.example"}}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Inspect: func(context.Context, *adapter.Session) (*access.Snapshot, error) {
		return &access.Snapshot{
			Answer: access.Answer{
				Grants: []access.Grant{
					{Capability: access.Read, State: access.Granted, Evidence: access.Reported},
					{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported, Names: []string{"enableWithdrawals"}},
				},
				Account: access.Account{Kind: access.SubAccount},
			},
		}, nil
	},
}

// exampleRules is one rule, to keep the examples short; programs leave
// Options.Rules alone.
var exampleRules = []*audit.Rule{{
	ID: "payout", Severity: audit.Critical,
	Remedy: "Edit the key and switch the right to withdraw off.",
	Run: func(p *audit.Pass) audit.Verdict {
		if p.Snapshot.Can(access.Withdraw) {
			return audit.Verdict{Outcome: audit.Failed, Evidence: access.Reported, Message: "the key can withdraw"}
		}
		return audit.Verdict{Outcome: audit.Passed, Evidence: access.Reported, Message: "the key cannot withdraw"}
	},
}}

func exampleClock() time.Time { return time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC) }

func exampleKeys() []audit.Key {
	credentials := adapter.Credentials{Key: "vmPUZE6mv9SDEh8A", Secret: adapter.NewSecret("not-a-real-secret")}
	return []audit.Key{{Name: "grid-bot", Exchange: exampleExchange, Credentials: credentials, Policy: audit.ReadOnly()}}
}

func ExampleText() {
	options := &audit.Options{Clock: exampleClock, Rules: exampleRules}
	results := audit.Run(context.Background(), slices.Values(exampleKeys()), options)
	report := audit.Collect(results, exampleClock)
	if err := render.Text(os.Stdout, report, render.TextOptions{Color: render.ColorFor(os.Stdout, os.Getenv), Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Could not determine whether funds are at risk with this key.
	// 1 key, findings: 1 critical
	// unknown: none; waived: 0; 0 requests sent; 2026-11-22 09:30 UTC
	// exit code 1: something failed at high or above
	//
	// Keys, worst first
	// ✗ CRITICAL       grid-bot  Example live  key vmPU…Eh8A  for read-only
	//   ✗ critical  payout: the key can withdraw
	//               → Edit the key and switch the right to withdraw off.
	//     edit the key: https://exchange.example/api-keys
}

func ExampleJSONLines() {
	var file bytes.Buffer
	options := &audit.Options{Clock: exampleClock, Rules: exampleRules}
	lines := render.NewJSONLines(&file)
	var summary audit.Summary
	for result := range audit.Run(context.Background(), slices.Values(exampleKeys()), options) {
		summary.Add(result)
		if err := lines.Result(result); err != nil {
			fmt.Println(err)
		}
	}
	if err := lines.Summary(summary, exampleClock()); err != nil {
		fmt.Println(err)
	}

	// Any program can read the file; ReadJSONLines returns it as a report:
	for decoder := json.NewDecoder(&file); decoder.More(); {
		var line struct {
			Type string
			audit.Result
			Failed map[string]int
		}
		if err := decoder.Decode(&line); err != nil {
			fmt.Println(err)
		}
		switch line.Type {
		case "result":
			fmt.Printf("%s: %s %s\n", line.Name, line.Findings[0].Rule, line.Findings[0].Outcome)
		case "summary":
			fmt.Println("complete:", line.Failed)
		}
	}
	// Output:
	// grid-bot: payout failed
	// complete: map[critical:1]
}

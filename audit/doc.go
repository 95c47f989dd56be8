// Package audit asks a crypto exchange what an API key may really do, and
// judges the answer.
//
// # The way of the data
//
// Everything flows in one direction:
//
//	Key → Exchange.Inspect → Snapshot → Rules × Policy → Findings → Report
//
// A [Key] names an exchange, holds credentials and says, by its [Policy], what the
// key is for. The package audit/adapter asks the exchange and returns a snapshot,
// which audit/access describes: what the key may do, from where, since when, and
// how each fact is known. [Judge] applies [Rules] to a snapshot without any I/O, so
// that a stored one can be judged again.
//
//	key := audit.Key{Exchange: bybit.Exchange, Credentials: credentials, Policy: audit.SpotTrading()}
//	if err := audit.Check(ctx, key, nil); err != nil {
//		log.Fatal(err)
//	}
//
// [Check] is for a bot's start, [Assess] for the whole result, [Watch] for the time
// a bot runs, [Run] and [Collect] for many keys, [Plan] for a dry run. [Compare]
// compares a report with the previous one and judges what only the whole of it
// shows; [CompareRuns] does so for runs in a [Store] of the caller's own, whatever
// their size. The package audit/inventory says which keys there are, audit/render writes
// reports.
//
// # Unknown is never no
//
// A rule answers Passed, Failed, Undetermined or NotApplicable, and the zero value is
// Undetermined. What an answer doesn't say, or says in words this version doesn't
// know, is never taken for "no". Check fails closed: what a rule of high severity
// could not decide stops the bot like a failure, until its owner attests the fact
// with a name and a date. Forgetting never helps: without a fact, no finding is less
// severe than with the worst that the fact could be.
//
// # Errors
//
// For an error of Check exactly one of [ErrInput], [ErrUnsafe], [ErrUnreachable],
// [ErrNotInspected] and [ErrUndetermined] is true by errors.Is. The kinds of
// access.Error say more.
//
// # Secrets
//
// Snapshots and reports hold no secret, and key identifiers only masked. A [Secret]
// can't be printed by any verb, encoder, logger or test diff.
//
// # Times
//
// All times are UTC. Durations in JSON are nanoseconds. A zero time means that the
// exchange did not report it. Keys are judged as of the exchange's time where this
// machine's clock is shown to be off by more than a minute.
//
// # Compatibility
//
// Before version 1 the Go API may change with a line in the changelog. Report
// and snapshot carry a schema number of their own, which grows when a field
// changes its meaning or goes away; new fields, rules and kinds may come at
// any time. Construct the structs of this package with field names.
//
// # Files
//
// Each file uses only those before it.
//
// What everything speaks of: text.go, severity.go, names.go, incidents.go, record.go, hours.go, policy.go,
// finding.go, result.go, fleet.go, allowlistchange.go, difference.go, links.go, rule.go.
//
// The catalogue: rules_wallet.go, rules_use.go, rules_lifetime.go, rules_expected.go, rules_probe.go, rules_network.go, rules_holders.go,
// rules_addressbook.go, rules_trading.go, rules_exits.go, rules_elsewhere.go,
// rules_refusals.go, rules_separation.go, rules_search.go, rules_exposure.go, rules_operation.go, rules_rotation.go, rules_fleet.go,
// rules_allowlistdrift.go, rules_facts.go, rules_drift.go, catalogue.go.
//
// Reports: report.go, headline.go, changes.go, whole.go, compare.go, store.go.
//
// Asking and judging: alias.go, env.go, key.go, lanes.go, run.go, check.go, watch.go.
package audit

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
// key is for. An [Exchange] is a value that describes one exchange: which calls
// it makes, which facts it tells, and the function that asks. [Inspect] hands
// that function a [Session] and gets back a [Snapshot]: what the key may do,
// from where, since when, and how each fact is known. [Judge] applies [Rules]
// to a snapshot without any I/O, so that a stored one can be judged again.
//
//	key := audit.Key{Exchange: bybit.Exchange, Credentials: credentials, Policy: audit.SpotTrading()}
//	if err := audit.Check(ctx, key, nil); err != nil {
//		log.Fatal(err)
//	}
//
// [Check] is for a bot's start, [Watch] for the time it runs, [Run] and
// [Collect] for many keys, [Plan] for a dry run. [Compare] holds a report against
// the last one and judges what only the whole of it shows. The package
// audit/inventory says which keys there are, audit/render writes reports.
//
// # Unknown is never no
//
// A right is Granted, Denied or Unknown, and a rule answers Passed, Failed,
// Undetermined or NotApplicable. The zero values are Unknown and Undetermined.
// What an answer doesn't say, or says in words this version doesn't know, is
// never taken for "no". Check fails closed: what a rule of high severity could
// not decide stops the bot like a failure, until its owner attests the fact
// with a name and a date.
//
// # Granted, effective, implied
//
// Snapshot.Permissions is what the exchange's record lists. Snapshot.Grants is
// what that amounts to: at Bybit a key with a full list and the read-only
// switch holds no right to trade. Grant.Implies lists what a right quietly
// includes, for instance that spot trading at Binance can also change the
// allowlists of sub-account keys. Implied powers are notes. They raise no
// finding, or every bot would be red for something its owner cannot change.
//
// # What is sent, and what never is
//
// An inspection sends the reads that the exchange value declares, each with a
// reason, and nothing else. No order, transfer or withdrawal is ever sent, not
// even one meant to fail. A guard stands between the adapter and the network:
// declared method, host and path, https (plain http to loopback only, when
// Key.BaseURL says so), no redirect followed, answers of at most 1 MiB, at most
// a handful of requests. It guards against mistakes in adapters, not against
// hostile code in the same process.
//
// Answers of the kinds unavailable and rate-limited are asked again within the
// caller's time, authentication failures never. A refused timestamp is
// corrected once from the answer's Date header. At exchanges whose requests carry
// a growing number, the exchange's time is read before the first request, and
// again when that is half a minute old, and nonces stay on the smallest scale in use: a larger one would lock
// the key's other clients out.
//
// # Secrets
//
// A [Secret] is a closure, which no verb, encoder, logger or test diff can
// print. A [Signer] can stand in for it. Errors carry no address, signature
// or token, and texts of the exchange are searched for all secrets of the session
// before they are kept. Snapshots and reports hold no secret and key
// identifiers only masked.
//
// # Times
//
// All times are UTC. Durations in JSON are nanoseconds. A zero time means that
// the exchange did not tell.
//
// # Compatibility
//
// Before version 1 the Go API may change with a line in the changelog. Report
// and snapshot carry a schema number of their own, which grows when a field
// changes its meaning or goes away; new fields, rules and kinds may come at
// any time. Construct the structs of this package with field names.
package audit

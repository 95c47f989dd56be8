// Package access holds the facts about an API key: what the key may do, from
// where, since when, how each fact is known, and why it could not be learned. An
// adapter fills a [Snapshot] with them, rules judge it, and reports show it. The
// package imports the standard library only, reads no clock and sends nothing.
//
// # Unknown is never no
//
// A right is Granted, Denied or Unknown, and the zero value is Unknown. Every
// fact carries its [Evidence]: reported by the exchange for this very key, proved
// by a refusal, inferred from a request that needs the right, attested by the
// owner until a date, or documented by the exchange for every such key.
//
// # Granted, effective, implied
//
// Answer.Permissions is what the exchange's record lists. Answer.Grants is what
// that amounts to: at Bybit a key with a full list and the read-only switch holds
// no right to trade. Grant.Implied marks what another right quietly includes, for
// instance that the right to trade at OKX also creates API keys on a main account;
// Grant.Implies are notes on what has no capability.
//
// # Questions
//
// The methods of [Snapshot] and [IPAllowlist] are the questions that rules ask:
// [Snapshot.Surely] whether a right is denied beyond doubt, [Snapshot.GrantedOf]
// what the key holds of a [Family], [IPAllowlist.UsableFromAnywhere] whether the
// key is usable from any IP address. Each answers with the more dangerous reading
// where an answer leaves room for two.
//
// # Files
//
// Each file uses only those before it: enum.go, printable.go, mask.go,
// capability.go, grant.go, allowlist.go, account.go, key.go, errors.go,
// probe.go, search.go, snapshot.go, questions.go.
package access

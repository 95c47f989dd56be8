// Package adapter is how an exchange is asked about an API key. Authors of
// adapters fill an [Exchange]; bots use the package audit, which asks through an
// [Inspector] and judges the answer.
//
// # What is sent, and what never is
//
// An inspection sends the reads that the exchange value declares, each with a
// reason, and nothing else. No order, transfer or withdrawal is ever sent, not
// even one meant to fail. [Session.Do] is the only way out, and a guard: declared
// method, host and path, https (plain http to loopback only, when Target.BaseURL
// says so), no redirect followed, answers of at most 1 MiB, at most a handful of
// requests. It guards against mistakes in adapters, not against hostile code in
// the same process.
//
// Answers of the kinds unavailable and rate-limited are asked again within the
// caller's time, authentication failures never. A refused timestamp is corrected
// once from the answer's Date header. At exchanges whose requests carry a growing
// nonce, the exchange's time is read before the first request, and again when
// that is half a minute old, and nonces stay on the smallest scale in use: a
// larger one would lock the key's other clients out.
//
// # Secrets
//
// A [Secret] is a closure, which no verb, encoder, logger or test diff can print.
// A [Signer] can take its place. Errors carry no URL, signature or token, and
// texts of the exchange are searched for all secrets of the session before they
// are kept.
//
// What editors, shells and forms add to a key is taken off before anything is
// checked, signed or sent; a private key is recognised in whatever form it is; and
// what stands in a key's place and is none is refused by name. The package
// audit/internal/keytext reads the texts.
//
// # An adapter
//
// An adapter is a package with one exported variable, Exchange, and a function
// that builds a request, signs it through the session, sends it and reads the
// answer into a snapshot. It imports this package, audit/access and its own
// helpers; it does not retry, sleep, log or read a clock. The package
// exchanges/exchangetest has the suite that every adapter must pass.
//
// # Files
//
// Each file uses only those before it: secret.go, wallet.go, credentials.go, partname.go, spelling.go,
// scrub.go, keyrules.go, exchange.go, walletkey.go, material.go, refusal.go, target.go, pace.go,
// session.go, clock.go, evidence.go, edge.go, plain.go, guard.go, attempt.go, probe.go, inspect.go. One use
// runs the other way, because Go has no other way to say it: the functions of an
// Exchange take a Session.
package adapter

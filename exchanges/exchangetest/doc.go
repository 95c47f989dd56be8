// Package exchangetest holds fakes of the exchanges, the kit to write more of them,
// and the conformance suite that every adapter must pass.
//
// # For authors of bots
//
// A fake is a whole exchange inside the test process: it issues keys, verifies
// every request as the real exchange documents it (signature, time or nonce,
// passphrase, IP address, expiry), and answers in the exchange's own format. No
// network is used, and the adapter under test is the real one, with its real URLs:
//
//	fake := exchangetest.Bybit()
//	key.Credentials = fake.Issue(exchangetest.Spec{Permissions: []string{"Wallet.Withdraw"}})
//	err := audit.Check(ctx, key, &audit.Options{Transport: fake}) // refused: the key may withdraw
//
// [Fake.Rights] lists what a key can hold, and [Spec] describes a key. A [Fault]
// makes the exchange refuse, hang, close the connection, redirect or send garbage.
// [Fake.Change] edits a key while the bot runs, and [Fake.Revoke] deletes it. A
// fake is an [net/http.RoundTripper], so it works with testing/synctest, and an
// [net/http.Handler]; [Serve] serves several on a loopback address, for a program
// that must dial. [FindCanaries] searches what a program prints for every secret
// that an exchange has issued.
//
// # For authors of adapters
//
// The test of an adapter is two calls:
//
//	func TestConformance(t *testing.T) { exchangetest.Conform(t, bybit.Exchange, exchangetest.Bybit) }
//
//	func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bybit.Exchange, exchangetest.Bybit) }
//
// and some files in the adapter's folder: testdata/answers/NAME.json, each an
// answer as the exchange documents it ({key} stands for the key that asks).
// UPDATE_GOLDEN=1 writes what comes of them, to be reviewed by a person:
// testdata/answers/NAME.golden and testdata/request.golden, in which (random)
// marks what differs between runs. testdata/recorded/NAME.json, if there are any, are
// cases that the program keyaudit recorded at the real exchange: see [Case].
//
// # How to write a fake
//
// A fake is one function that returns [New] of a [Definition]. It can live in any
// module. This is the whole definition for a made-up exchange with one call:
//
//	func Acme() *exchangetest.Fake {
//		return exchangetest.New(exchangetest.Definition{
//			Name: "acme", Hosts: []string{"api.acme.example"}, Kinds: []access.KeyKind{access.SharedSecret},
//			Base: []access.Capability{access.Read},
//			Rights: []exchangetest.Right{
//				{Name: "trade", Capabilities: []access.Capability{access.TradeSpot}},
//				{Name: "withdraw", Capabilities: []access.Capability{access.Withdraw}},
//			},
//			Reports: exchangetest.Reports{Allowlist: true, Entries: true, Created: true, Unit: time.Millisecond},
//			Failures: []exchangetest.Failure{
//				failure(exchangetest.FailUnknownKey, 401, "unknown_key", access.KindBadKey),
//				failure(exchangetest.FailBadSignature, 401, "bad_signature", access.KindBadSignature),
//				failure(exchangetest.FailClock, 401, "bad_time", access.KindClockSkew),
//				failure(exchangetest.FailIP, 403, "ip_not_allowed", access.KindIPNotAllowed),
//				failure("rate limited", 429, "slow_down", access.KindRateLimited),
//			},
//			Vectors: []exchangetest.Vector{{ // the documentation has none; computed with openssl
//				Name: "key", Time: time.UnixMilli(1767225600000), Key: "AK", Secret: "SK",
//				Method: "GET", URL: "https://api.acme.example/v1/key",
//				Header: map[string]string{
//					"Acme-Key": "AK", "Acme-Time": "1767225600000",
//					"Acme-Signature": "1147d303571b0fb04793218f89e5a2d47279d6ca3c6ce80ae0d4c7875aa2824c",
//				},
//			}},
//			Identify: func(c *exchangetest.Call) string { return c.Header.Get("Acme-Key") },
//			Verify:   verify,
//			Routes:   map[string]func(*exchangetest.Call) exchangetest.Reply{"GET /v1/key": key},
//		})
//	}
//
//	func failure(name string, status int, code string, kind access.Kind) exchangetest.Failure {
//		reply := exchangetest.Reply{Status: status, Body: `{"error":"` + code + `"}`}
//		return exchangetest.Failure{Name: name, Reply: reply, Kind: kind}
//	}
//
// What remains are two functions of the exchange's own. The first verifies a
// request as the exchange documents it; the second answers it:
//
//	func verify(c *exchangetest.Call) *exchangetest.Reply // nil, or c.Refuse(exchangetest.FailBadSignature)
//	func key(c *exchangetest.Call) exchangetest.Reply     // what the exchange says about c.Key
//
// The folder testdata/outside has both, with the adapter and its test: a whole
// module, ready to be copied. Step by step:
//
//  1. Read the exchange's documentation, and write the fake from it alone, with the
//     standard library. Share no code with the adapter: the same mistake in both
//     would pass.
//  2. Put the documented sample requests into Vectors. They hold the fake to the
//     documentation before it may judge the adapter. If the documentation has no
//     signed sample, compute one by its rule with another tool, or say in NoVectors
//     why there is none.
//  3. Put the documented errors into Failures, each with what an adapter must make
//     of it, and what a key can hold into Rights.
//  4. Write Identify, Verify and the Routes.
//  5. Say what is special about the exchange, each with its reason: Unsigned,
//     CanExist, MayGrant, UnknownPermissions.
//  6. Run Conform. Its first property is [Definition.Validate], which says what is
//     missing.
//
// In this package a file named after an exchange holds its fake and nothing else.
// The other files are the kit, beginning with definition.go, call.go and spec.go,
// and the suite, beginning with conform.go.
//
// # What passing proves
//
// Passing proves, against the documented behaviour and not against the exchange
// itself:
//
//   - The adapter signs as documented with every kind of key.
//   - Every key that can be created is reported as it was created, and no fact is
//     read out of a member that is missing, duplicate, incomplete or of another type.
//   - Permissions that are unknown today are shown, and a key in a state that is
//     unknown today is not shown as active.
//   - Every documented refusal is reported as what it is, and the meaning of any
//     other is not guessed.
//   - Only declared reads are sent, each once, to the host that the owner named.
//   - No secret is printed, not even one that the exchange sends back.
//   - A context ends an inspection at once, and keys that are audited in parallel do
//     not mix.
//
// It cannot prove that the documentation is right, that a fixture is what the
// exchange sends today, or that an adapter with a transport of its own sends
// nothing: the suite watches the session and [net/http.DefaultTransport] only.
package exchangetest

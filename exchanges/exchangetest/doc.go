// Package exchangetest holds fakes of the exchanges, and the suite that every
// adapter must pass.
//
// # For authors of bots
//
// A fake is a whole exchange in the test's own process: it issues keys, verifies
// every request as the real exchange documents it (signature, time or nonce,
// passphrase, address, expiry), and answers in the exchange's own format. No
// network is touched, the adapter under test is the real one, and so are its
// addresses:
//
//	exchange := exchangetest.Bybit()
//	key.Credentials = exchange.Issue(exchangetest.Spec{Permissions: []string{"Wallet.Withdraw"}})
//	err := audit.Check(ctx, key, &audit.Options{Transport: exchange}) // the key may withdraw: refused
//
// [Fake.Rights] lists what a key can hold. [Spec] says what the key is like;
// [Fault] makes the exchange refuse, hang, break off, redirect or answer nonsense;
// [Fake.Change] edits a key while the bot runs and [Fake.Revoke] deletes it.
// A fake is an [net/http.RoundTripper], so that testing/synctest works with
// it, and an [net/http.Handler]; [Serve] puts some of them on a loopback
// address for a program that must dial. Everything secret that an exchange has
// issued can be looked for in what a program prints: see [FindCanaries].
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
// answer as the exchange documents it ({key} stands for the key that asks), and
// what comes of them, written by UPDATE_GOLDEN=1 and read by a person:
// testdata/answers/NAME.golden and testdata/request.golden, where what differs
// from run to run is marked (random).
//
// A fake is written from the exchange's documentation with the standard library
// only, and shares no code with the adapter. It is held to the documentation
// first, by vectors; then the adapter is held to it. What is special about a
// exchange is said in fields of its definition, each with its reason: parts of a
// request that no signature covers, rights that exclude each other, names that
// a new permission could have there.
//
// # What passing proves
//
// Against the documented behaviour, not against the exchange itself: that the
// adapter signs as documented with every kind of key; that every key that can
// be made comes out as it was made, and no fact is read out of one that is
// missing, doubled, cut off or of another type; that permissions unknown today
// are shown, and that a key in a state unknown today isn't shown as active;
// that every documented refusal is told as what it is and every other one is
// not explained away; that only declared reads go out, each once, to the host
// the owner named; that nothing secret is printed, also when the exchange says it;
// that contexts end inspections at once; and that keys audited side by side
// don't mix.
//
// It can't prove that the documentation is right, that a fixture is what the
// exchange sends today, or that an adapter which builds a transport of its own
// stays at home: the suite sees the session and [net/http.DefaultTransport]
// only.
package exchangetest

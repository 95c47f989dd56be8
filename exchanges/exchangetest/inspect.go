package exchangetest

import (
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Inspect issues a key that is as spec says, lets change edit how it is audited,
// and inspects it at the fake exchange: in one attempt, by the fake's clock. The
// test fails if the inspection does.
func Inspect(tb testing.TB, e *adapter.Exchange, fake *Fake, spec Spec, change ...func(*audit.Key)) *access.Snapshot {
	tb.Helper()
	snap, err := TryInspect(tb, e, fake, spec, change...)
	if err != nil {
		tb.Fatalf("inspecting a key with %+v and the answer %s: %v", spec, spec.Answer, err)
	}
	return snap
}

// TryInspect is Inspect for a key that the exchange may refuse.
func TryInspect(tb testing.TB, e *adapter.Exchange, fake *Fake, spec Spec, change ...func(*audit.Key)) (*access.Snapshot, error) {
	tb.Helper()
	key := audit.Key{Exchange: e, Credentials: fake.Issue(spec)}
	for _, edit := range change {
		edit(&key)
	}
	return audit.Inspect(tb.Context(), key, &audit.Options{Transport: fake, Clock: fake.now, Attempts: 1})
}

// At chooses the environment of the key, for Inspect.
func At(environment string) func(*audit.Key) {
	return func(key *audit.Key) { key.Environment = environment }
}

package audit_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// A bubble of testing/synctest panics when a goroutine is left blocked in it,
// so that each of these tests also shows that Run leaves nothing behind.

func TestRunGivesOneResultPerKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 5000
		seen := map[string]int{}
		for result := range audit.Run(t.Context(), fleet(toyExchange(), n), &audit.Options{Transport: &toyFake{}, Rules: verdict(audit.Passed, 0)}) {
			assert.True(t, result.Inspected())
			seen[result.Name]++
		}
		assert.Len(t, seen, n)
		for name, times := range seen {
			require.Equal(t, 1, times, name)
		}
	})
}

func TestRunOfNothing(t *testing.T) {
	for range audit.Run(t.Context(), func(func(audit.Key) bool) {}, nil) {
		t.Error("a result of nothing")
	}
	report := audit.Collect(audit.Run(t.Context(), fleet(toyExchange(), 0), nil), nil)
	assert.NotNil(t, report.Results)
	assert.Empty(t, report.Results)
	assert.False(t, report.Finished.Before(report.Started))
}

func TestZeroOptions(t *testing.T) {
	for _, options := range []*audit.Options{{}, {Timeout: -1, Attempts: -1, Concurrency: -1}} {
		options.Transport = &toyFake{}
		report := audit.Collect(audit.Run(t.Context(), fleet(toyExchange(), 3), options), nil)
		assert.Equal(t, 3, report.Summary.Keys)
		assert.Zero(t, report.Summary.NotInspected)
		assert.Len(t, report.Results[0].Findings, len(oneKeyRules()))
	}
	for range 2 { // nil options, and the library's own transport: nobody listens there
		key := toyKey(func(k *audit.Key) { k.BaseURL = "http://127.0.0.1:1" })
		key.Exchange.Inspect = refusing(nil)
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Attempts: 1})
		require.ErrorIs(t, err, access.KindUnavailable)
	}
}

// TestRunTwice: it is an iterator like others: ranging again runs again.
func TestRunTwice(t *testing.T) {
	fake := &toyFake{}
	results := audit.Run(t.Context(), fleet(toyExchange(), 3), &audit.Options{Transport: fake})
	for range 2 {
		assert.Len(t, slices.Collect(results), 3)
	}
	assert.Equal(t, 6, fake.count())
}

// endless gives keys for ever and counts them.
func endless(given *atomic.Int32) iter.Seq[audit.Key] {
	return func(yield func(audit.Key) bool) {
		for key := range fleet(toyExchange(), 1<<30) {
			given.Add(1)
			if !yield(key) {
				return
			}
		}
	}
}

func TestRunStopsWithItsConsumer(t *testing.T) {
	for name, consume := range map[string]func(iter.Seq[*audit.Result]){
		"break": func(results iter.Seq[*audit.Result]) {
			for range results {
				break
			}
		},
		"panic": func(results iter.Seq[*audit.Result]) {
			defer func() { _ = recover() }()
			for range results {
				panic("the consumer's own")
			}
		},
		"pull": func(results iter.Seq[*audit.Result]) {
			next, stop := iter.Pull(results)
			_, _ = next()
			stop()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var given atomic.Int32
				fake := &toyFake{delay: time.Second}
				consume(audit.Run(t.Context(), endless(&given), &audit.Options{Transport: fake, Concurrency: 4}))
				after := given.Load()
				time.Sleep(time.Minute)
				assert.Equal(t, after, given.Load(), "no key is taken any more")
				assert.LessOrEqual(t, after, int32(4+4+1+audit.Lookahead))
				assert.LessOrEqual(t, fake.count(), 4+4)
			})
		})
	}
	assert.PanicsWithValue(t, "the consumer's own", func() {
		for range audit.Run(t.Context(), fleet(toyExchange(), 3), &audit.Options{Transport: &toyFake{}}) {
			panic("the consumer's own")
		}
	})
}

// TestRunDoesNotRunAhead: what a slow consumer doesn't take is not made, and only so
// many keys wait: the memory is bounded, however many keys there are.
func TestRunDoesNotRunAhead(t *testing.T) {
	for _, tasks := range []int{1, 8} {
		synctest.Test(t, func(t *testing.T) {
			var given atomic.Int32
			taken, fake := 0, &toyFake{}
			for range audit.Run(t.Context(), endless(&given), &audit.Options{Transport: fake, Concurrency: tasks}) {
				taken++
				time.Sleep(time.Hour)
				assert.LessOrEqual(t, fake.count(), taken+tasks, "one with each worker")
				assert.LessOrEqual(t, int(given.Load()), taken+tasks+1+audit.Lookahead, "and so many wait, and one on the way to them")
				if taken == 20 {
					break
				}
			}
		})
	}
}

func TestRunAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		fake := &toyFake{delay: time.Second}
		names := map[string]bool{}
		canceled := 0
		for result := range audit.Run(ctx, fleet(toyExchange(), 100), &audit.Options{Transport: fake, Concurrency: 4}) {
			names[result.Name] = true
			if len(names) == 10 {
				cancel()
			}
			if failure := result.Snapshot.Failure; failure != nil {
				canceled++
				require.ErrorIs(t, failure, access.KindCanceled)
				require.ErrorIs(t, failure, context.Canceled)
				assert.NotEmpty(t, result.Snapshot.KeyID)
				assert.Equal(t, audit.Failed, result.Finding("not-inspected").Outcome)
				assert.NotEqual(t, audit.Passed, result.Finding("withdrawal").Outcome)
			}
		}
		assert.Len(t, names, 100, "nothing is lost")
		assert.GreaterOrEqual(t, canceled, 80)
		assert.LessOrEqual(t, fake.count(), 20)
	})
}

// TestAdapterReturnsTheContextsError: an adapter that hands on the context's own error
// says why it ended.
func TestAdapterReturnsTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Inspect = func(ctx context.Context, _ *adapter.Session) (*access.Snapshot, error) {
			cancel()
			return nil, fmt.Errorf("adapter: %w", ctx.Err())
		}
	})
	_, err := audit.Inspect(ctx, key, &audit.Options{Transport: &toyFake{}})
	require.ErrorIs(t, err, access.KindCanceled)
	require.ErrorIs(t, err, context.Canceled)
}

// TestNothingIsSentAfterTheEnd: nothing goes out once the caller's time is over, even
// by a transport that doesn't look.
func TestNothingIsSentAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			cancel()
			return toyInspect(ctx, s)
		}
	})
	_, err := audit.Inspect(ctx, key, &audit.Options{Transport: via(func(*http.Request) (*http.Response, error) {
		sent++
		return reply(http.StatusOK, "ok"), nil
	})})
	require.ErrorIs(t, err, access.KindCanceled)
	assert.Zero(t, sent)
}

func TestOneBadKeyStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := toyExchange()
		bad := []audit.Key{
			{Name: "no exchange"},
			toyKey(func(k *audit.Key) { k.Name, k.Credentials.Secret = "no secret", adapter.Secret{} }),
			toyKey(func(k *audit.Key) {
				k.Name, k.Exchange.Inspect = "foreign error", func(context.Context, *adapter.Session) (*access.Snapshot, error) { return nil, fmt.Errorf("oops") }
			}),
			toyKey(func(k *audit.Key) {
				k.Name, k.Exchange.Inspect = "bad key", refusing(&access.Error{Kind: access.KindBadKey})
			}),
			toyKey(func(k *audit.Key) {
				k.Name, k.Exchange.Calls = "undeclared", k.Exchange.Calls[1:]
			}),
			toyKey(func(k *audit.Key) {
				k.Name, k.Load = "vault", func(context.Context) (adapter.Credentials, error) { return adapter.Credentials{}, fmt.Errorf("sealed") }
			}),
		}
		keys := func(yield func(audit.Key) bool) {
			i := 0
			for key := range fleet(good, 20) {
				if i < len(bad) && !yield(bad[i]) {
					return
				}
				i++
				if !yield(key) {
					return
				}
			}
		}
		report := audit.Collect(audit.Run(t.Context(), keys, &audit.Options{Transport: &toyFake{}}), time.Now)
		assert.Equal(t, 20+len(bad), report.Summary.Keys)
		assert.Equal(t, len(bad), report.Summary.NotInspected)
		assert.Equal(t, audit.ExitNotAssessed, report.Summary.ExitCode(audit.High))
		for _, result := range report.Results {
			assert.NotNil(t, result.Snapshot)
			assert.NotEmpty(t, result.Findings)
			assert.Equal(t, result.Name[:4] == "bot-", result.Inspected(), result.Name)
		}
	})
}

// TestCollectIsDeterministic: the order of a report depends on the keys and not on who
// answered first.
func TestCollectIsDeterministic(t *testing.T) {
	var first []string
	for run := range 5 {
		synctest.Test(t, func(t *testing.T) {
			var turn atomic.Int64
			shuffled := via(func(*http.Request) (*http.Response, error) {
				time.Sleep(time.Duration((turn.Add(1)*7919+int64(run)*104729)%997) * time.Millisecond)
				return reply(http.StatusOK, "ok"), nil
			})
			report := audit.Collect(audit.Run(t.Context(), fleet(toyExchange(), 60), &audit.Options{Transport: shuffled}), time.Now)
			var names []string
			for _, result := range report.Results {
				names = append(names, result.Name)
			}
			assert.Len(t, names, 60)
			assert.True(t, slices.IsSorted(names))
			if first == nil {
				first = names
			}
			assert.Equal(t, first, names)
			assert.True(t, report.Finished.After(report.Started))
		})
	}
}

// TestRunWithBybit: the same through a real adapter and a fake that verifies every
// signature.
func TestRunWithBybit(t *testing.T) {
	fake := exchangetest.Bybit()
	exchange := *bybit.Exchange
	exchange.Limit = adapter.Limit{}
	keys := func(yield func(audit.Key) bool) {
		for i := range 200 {
			spec := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}}
			if i%10 == 0 {
				spec.Permissions = append(spec.Permissions, "Wallet.Withdraw")
			}
			key := audit.Key{Name: fmt.Sprintf("bot-%03d", i), Exchange: &exchange, Policy: audit.SpotTrading(), Credentials: fake.Issue(spec)}
			if !yield(key) {
				return
			}
		}
	}
	report := audit.Collect(audit.Run(t.Context(), keys, &audit.Options{Transport: fake}), nil)
	assert.Equal(t, 200, report.Summary.Keys)
	assert.Zero(t, report.Summary.NotInspected)
	assert.Equal(t, 200, report.Summary.Requests)
	for i, result := range report.Results {
		want := audit.Passed
		if i%10 == 0 {
			want = audit.Failed
		}
		assert.Equal(t, want, result.Finding("withdrawal").Outcome, result.Name)
	}
}

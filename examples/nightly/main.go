// Command nightly audits a list of keys every night with the library, in one page
// of Go to copy: name your keys, run it by cron, and look at the exit code. The
// program keyaudit does more: inventories, bots' own files, states, notifications.
//
//	GRID_API_KEY=… GRID_API_SECRET=… go run ./examples/nightly
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
)

// keys are the keys to audit: where each is for, what it is for, and the prefix of
// the environment variables that hold it (GRID_API_KEY and GRID_API_SECRET).
var keys = []struct {
	prefix   string
	exchange *adapter.Exchange
	policy   audit.Policy
}{
	{"GRID", bybit.Exchange, audit.SpotTrading()},
	{"TAX", binance.Exchange, audit.ReadOnly()},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := nightly(ctx, os.Stdout, nil)
	stop()
	os.Exit(code)
}

// nightly audits the keys, prints the report, and returns its exit code: 0 if all
// is well, 1 for a finding of high severity or above, 3 if a key could not be
// assessed.
func nightly(ctx context.Context, out io.Writer, opts *audit.Options) int {
	report := audit.Collect(audit.Run(ctx, load, opts), time.Now)
	report = audit.Compare(nil, report, nil) // what only the keys together show
	if err := render.Text(out, report, render.TextOptions{}); err != nil {
		fmt.Fprintln(os.Stderr, "the report could not be written:", err)
		return audit.ExitUsage
	}
	return report.Summary.ExitCode(audit.High)
}

// load yields the keys, each with a function that fetches its secret when its turn
// comes: a variable that is not set costs that key, and no other.
func load(yield func(audit.Key) bool) {
	for _, k := range keys {
		key := audit.Key{Name: k.prefix, Exchange: k.exchange, Policy: k.policy}
		key.Load = func(context.Context) (adapter.Credentials, error) { return audit.FromEnv(k.prefix) }
		if !yield(key) {
			return
		}
	}
}

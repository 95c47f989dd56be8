package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// demo runs the same bot twice against a fake exchange: with a key as people often
// create them, and with one created for the bot.
func demo(ctx context.Context, out io.Writer) int {
	fake := exchangetest.Bybit()
	fake.SetCaller(netip.MustParseAddr("198.18.0.10")) // where the bot runs
	opts := &audit.Options{Transport: fake}

	fmt.Fprint(out, "First start: a key that can withdraw and is usable from any IP address.\n\n")
	defer inEnvironment(fake.Issue(dangerous()))()
	_, err := guard(ctx, demoPrefix, opts)
	if err == nil {
		fmt.Fprintln(out, "The guard accepted a dangerous key.")
		return exitRefused
	}
	refuse(out, err)

	fmt.Fprint(out, "\n\nSecond start: a key that trades spot, on a sub-account, restricted to the bot's IP address.\n\n")
	safe := dangerous()
	safe.Permissions, safe.IPs = []string{"Spot.SpotTrade"}, []string{"198.18.0.10"}
	inEnvironment(fake.Issue(safe))
	key, err := guard(ctx, demoPrefix, opts)
	if err != nil {
		refuse(out, err)
		return exitRefused
	}
	fmt.Fprintln(out, "The key is safe for spot trading.")
	ctx, cancel := context.WithTimeout(ctx, 10*demoTick+demoTick/2)
	defer cancel()
	newBot(out).trade(ctx, key, opts, demoTick)
	return 0
}

// dangerous is a key that can withdraw and is usable from any IP address.
func dangerous() exchangetest.Spec {
	return exchangetest.Spec{
		Permissions: []string{"Spot.SpotTrade", "Wallet.AccountTransfer", "Wallet.Withdraw"}, SubAccount: true,
		Created: time.Now().AddDate(0, 0, -20), Expires: time.Now().AddDate(0, 0, 70),
	}
}

const (
	demoPrefix = "STARTUP_DEMO"
	demoTick   = 120 * time.Millisecond
)

// inEnvironment puts a key into the environment variables that the guard reads, and
// returns a function that removes it.
func inEnvironment(c adapter.Credentials) (remove func()) {
	_ = os.Setenv(demoPrefix+"_API_KEY", c.Key)
	_ = os.Setenv(demoPrefix+"_API_SECRET", c.Secret.Reveal())
	return func() {
		_ = os.Unsetenv(demoPrefix + "_API_KEY")
		_ = os.Unsetenv(demoPrefix + "_API_SECRET")
	}
}

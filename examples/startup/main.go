// Command startup is a small trading bot that checks its own API key before it
// trades, refuses a dangerous one, and checks it again while it runs. The check
// itself is in guard.go. The market is invented, so nothing is bought.
//
//	go run ./examples/startup --demo                    fake exchange, no network
//	BYBIT_API_KEY=… BYBIT_API_SECRET=… go run ./examples/startup
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitRefused = 1
	exitUsage   = 2
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("startup", flag.ContinueOnError)
	flags.SetOutput(stderr)
	showDemo := flags.Bool("demo", false, "use a fake exchange: show a key that is refused and one that is accepted")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	case *showDemo:
		return demo(ctx, stdout)
	}
	key, err := guard(ctx, "BYBIT", nil)
	if err != nil {
		refuse(stderr, err)
		return exitRefused
	}
	fmt.Fprintln(stdout, "The key is safe for spot trading. Stop the bot with Ctrl-C.")
	newBot(stdout).trade(ctx, key, nil, 2*time.Second)
	return 0
}

// refuse says why the bot does not trade, and what to do about it.
func refuse(w io.Writer, err error) {
	var check *audit.CheckError
	if errors.As(err, &check) {
		fmt.Fprintf(w, "Not trading. %s", check.Detail())
		return
	}
	fmt.Fprintf(w, "Not trading: %s.\n", err) // there is no key
}

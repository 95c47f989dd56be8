package exchangetest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// A bot's test: the bot must not start with a key that can withdraw.
func Example() {
	fake := exchangetest.Bybit()
	safe := fake.Issue(exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}})
	unsafe := fake.Issue(exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}})

	for _, credentials := range []adapter.Credentials{safe, unsafe} {
		key := audit.Key{Exchange: bybit.Exchange, Credentials: credentials, Policy: audit.SpotTrading()}
		err := audit.Check(context.Background(), key, &audit.Options{Transport: fake})
		fmt.Println("may start:", err == nil, "unsafe:", errors.Is(err, audit.ErrUnsafe))
	}
	// Output:
	// may start: true unsafe: false
	// may start: false unsafe: true
}

// An exchange that is down says nothing about the key; a bot with open positions may
// distinguish the two.
func ExampleFake_Inject() {
	fake := exchangetest.Bybit()
	key := audit.Key{Exchange: bybit.Exchange, Credentials: fake.Issue(exchangetest.Spec{}), Policy: audit.ReadOnly()}
	fake.Inject(exchangetest.Fault{Reply: exchangetest.HTML(502), Times: -1})

	err := audit.Check(context.Background(), key, &audit.Options{Transport: fake, Attempts: 1})
	fmt.Println(errors.Is(err, audit.ErrUnreachable), errors.Is(err, audit.ErrUnsafe), errors.Is(err, access.KindUnavailable))
	// Output: true false true
}

// A key can change while a bot runs.
func ExampleFake_Change() {
	fake := exchangetest.Bybit()
	credentials := fake.Issue(exchangetest.Spec{IPs: []string{"198.51.100.20"}})
	key := audit.Key{Exchange: bybit.Exchange, Credentials: credentials}
	inspect := func() {
		snap, err := audit.Inspect(context.Background(), key, &audit.Options{Transport: fake})
		fmt.Println(snap.IPAllowlist.State, snap.Can(access.Withdraw), err)
	}

	inspect()
	fake.Change(credentials, func(s *exchangetest.Spec) { s.IPs, s.Permissions = nil, []string{"Wallet.Withdraw"} })
	inspect()
	// Output:
	// restricted false <nil>
	// unrestricted true <nil>
}

// What a program prints can be searched for every secret that the exchange has
// issued, in many spellings.
func ExampleFindCanaries() {
	fake := exchangetest.Bybit()
	credentials := fake.Issue(exchangetest.Spec{})

	fmt.Println(len(exchangetest.FindCanaries(fmt.Sprintf("%+v", credentials), fake.Canaries())))
	fmt.Println(len(exchangetest.FindCanaries(fmt.Sprintf("%x", credentials.Secret.Reveal()), fake.Canaries())) > 0)
	// Output:
	// 0
	// true
}

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// exchanges are the fakes of a demonstration.
type fakes struct {
	every                                         []*exchangetest.Fake
	binance, bybit, coinbase, kraken, kucoin, okx *exchangetest.Fake // the ones with a story
}

func newFakes() fakes {
	v := fakes{every: exchangetest.All()}
	named := map[string]**exchangetest.Fake{
		"binance": &v.binance, "bybit": &v.bybit, "coinbase": &v.coinbase, "kraken": &v.kraken, "kucoin": &v.kucoin, "okx": &v.okx,
	}
	for _, fake := range v.every {
		fake.SetCaller(netip.MustParseAddr(botHost))
		if place := named[fake.Name()]; place != nil {
			*place = fake
		}
	}
	return v
}

// onFakes puts the fleet on fake exchanges, which are asked over real HTTP on this
// machine: the adapters keep the exchanges' own addresses, and the transport takes
// the requests to the fakes. Without keys of its own the fleet is an invented
// one.
func onFakes(ctx context.Context, f *fleet) error {
	v := newFakes()
	server := exchangetest.Serve(v.every...)
	plain := exchangetest.Serve(v.bybit) // for the key that is sent without TLS
	f.options.Transport = loopback{server.Transport(), plain.Transport(), plain.URL}
	f.closers = append(f.closers, plain.Close, server.Close)
	if len(f.keys)+len(f.skipped) > 0 {
		return f.adopt(ctx, v)
	}
	for _, m := range slices.Concat(demoKeys(v, plain.URL), deskKeys(v)) {
		f.keys = append(f.keys, m.key())
	}
	return nil
}

// adopt makes the fakes know the fleet's own keys. What they then tell of them
// is invented: each may trade, from every address.
func (f *fleet) adopt(ctx context.Context, v fakes) error {
	fakes := map[string]*exchangetest.Fake{}
	for _, fake := range v.every {
		fakes[fake.Name()] = fake
	}
	for i := range f.keys {
		k := &f.keys[i]
		k.Name += " (demonstration)" // in every report
		if k.Transport = nil; k.BaseURL != "" {
			return fmt.Errorf("-demo: the key %s has a base_url, and a demonstration sends nothing there: remove it", show(k.Name))
		}
		c := k.Credentials
		if k.Load != nil {
			var err error
			if c, err = k.Load(ctx); err != nil {
				continue // the report says so
			}
		}
		fake := fakes[k.Exchange.Name]
		spec := exchangetest.Spec{Label: "demonstration", Created: time.Now().AddDate(0, 0, -120)}
		for _, r := range fake.Rights() {
			if slices.Contains(r.Capabilities, access.TradeSpot) && len(spec.Permissions) == 0 {
				spec.Permissions = []string{r.Name}
			}
		}
		if err := fake.Adopt(c, spec); err != nil {
			continue // likewise
		}
	}
	return nil
}

// loopback takes requests for the plain server's own address there, and all
// others to the server that stands in for the exchanges.
type loopback struct {
	fakes, plain http.RoundTripper
	plainURL     string
}

// RoundTrip sends one request.
func (t loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == strings.TrimPrefix(t.plainURL, "http://") {
		return t.plain.RoundTrip(r)
	}
	return t.fakes.RoundTrip(r)
}

// demoKey is one key of the invented fleet.
type demoKey struct {
	name   string
	fake   *exchangetest.Fake
	policy audit.Policy
	spec   exchangetest.Spec
	edit   func(*audit.Key) // what else is special about it; may be nil
}

func (m demoKey) key() audit.Key {
	exchange, _ := exchanges.Lookup(m.fake.Name())
	k := audit.Key{Name: m.name, Exchange: exchange, Policy: m.policy, Credentials: m.fake.Issue(m.spec)}
	if m.edit != nil {
		m.edit(&k)
	}
	return k
}

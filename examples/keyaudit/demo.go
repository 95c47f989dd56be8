package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// demoNotice begins what a demonstration writes, as it does in reports.
const demoNotice = "DEMO: the exchanges are fakes"

// demoExchanges are the fakes of a demonstration.
type demoExchanges struct {
	all                                                        []*exchangetest.Fake
	binance, bybit, coinbase, hyperliquid, kraken, kucoin, okx *exchangetest.Fake // where demoKeys are
}

func newDemoExchanges() demoExchanges {
	x := demoExchanges{all: exchangetest.All()}
	named := map[string]**exchangetest.Fake{
		"binance": &x.binance, "bybit": &x.bybit, "coinbase": &x.coinbase, "hyperliquid": &x.hyperliquid,
		"kraken": &x.kraken, "kucoin": &x.kucoin, "okx": &x.okx,
	}
	for _, fake := range x.all {
		fake.SetCaller(netip.MustParseAddr(botHost))
		if field := named[fake.Name()]; field != nil {
			*field = fake
		}
	}
	return x
}

// stageDemo connects the fleet to fake exchanges, which are asked over real HTTP
// on this host: the adapters keep the exchanges' own URLs, and the transport
// sends the requests to the fakes. A fleet without keys gets invented ones.
func stageDemo(ctx context.Context, f *fleet) error {
	x := newDemoExchanges()
	server := exchangetest.Serve(x.all...)
	plain := exchangetest.Serve(x.bybit) // for the key that is sent without TLS
	f.options.Transport = loopback{server.Transport(), plain.Transport(), strings.TrimPrefix(plain.URL, "http://")}
	f.fakes = demoFakes{server.URL, plain.URL}
	f.closers = append(f.closers, plain.Close, server.Close)
	if len(f.keys)+len(f.skipped) > 0 {
		return f.adopt(ctx, x)
	}
	for _, d := range slices.Concat(demoKeys(x, demoPlainURL), deskKeys(x)) {
		k := d.key()
		k.Record.Owner = demoOwner(k.Name)
		f.keys = append(f.keys, k)
	}
	return nil
}

// adopt makes the fleet's own keys known to the fakes. What the fakes report about
// them is invented: each may read and trade (read only, where there is no right to
// trade spot), from any IP address.
func (f *fleet) adopt(ctx context.Context, x demoExchanges) error {
	fakes := map[string]*exchangetest.Fake{}
	for _, fake := range x.all {
		fakes[fake.Name()] = fake
	}
	for i := range f.keys {
		k := &f.keys[i]
		k.Name += " (demonstration)"      // in every report
		k.Probe, k.Record.Probe = nil, "" // the fakes are all there is
		if k.Transport = nil; k.BaseURL != "" {
			return fmt.Errorf("--demo: the key %s has a base_url, to which a demonstration sends nothing: remove it",
				show(k.Name))
		}
		c := k.Credentials
		if k.Load != nil {
			var err error
			if c, err = k.Load(ctx); err != nil {
				continue // the report says so
			}
		}
		fake := fakes[k.Exchange.Name]
		spec := exchangetest.Spec{Label: "demonstration", Created: days(-120)}
		if strings.HasSuffix(k.Environment, "demo") { // where live keys are refused, and the other way round
			spec.Options = map[string]string{"demo": "1"}
		}
		spec.Permissions = demoRights(fake.Rights())
		if err := fake.Adopt(c, spec); err != nil {
			continue // likewise
		}
	}
	return nil
}

// demoRights are the first right to trade and, unless that includes it, the first to read.
func demoRights(all []exchangetest.Right) (names []string) {
	var held []access.Capability
	for _, wanted := range []access.Capability{access.TradeSpot, access.Read} {
		at := slices.IndexFunc(all, func(r exchangetest.Right) bool { return slices.Contains(r.Capabilities, wanted) })
		if at >= 0 && !slices.Contains(held, wanted) {
			names, held = append(names, all[at].Name), append(held, all[at].Capabilities...)
		}
	}
	return names
}

// demoPlainURL is what the demonstration calls the server without TLS. Its true port
// differs from run to run, which would be a change that nobody made.
const demoPlainURL = "http://127.0.0.1:8080"

// loopback sends requests for the plain server's URL to that server, and all
// others to the server with the fakes.
type loopback struct {
	fakes, plain http.RoundTripper
	plainHost    string
}

// RoundTrip sends one request.
func (t loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == strings.TrimPrefix(demoPlainURL, "http://") {
		r = r.Clone(r.Context())
		r.URL.Host = t.plainHost
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
	edit   func(*audit.Key) // further changes to the key; may be nil
}

func (d demoKey) key() audit.Key {
	exchange, _ := exchanges.Lookup(d.fake.Name())
	k := audit.Key{Name: d.name, Exchange: exchange, Policy: d.policy, Credentials: d.fake.Issue(d.spec)}
	if d.edit != nil {
		d.edit(&k)
	}
	return k
}

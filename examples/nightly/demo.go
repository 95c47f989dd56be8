package main

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// venues are the fakes of a demonstration.
type venues struct {
	every                                         []*exchangetest.Venue
	binance, bybit, coinbase, kraken, kucoin, okx *exchangetest.Venue // the ones with a story
}

func newVenues() venues {
	v := venues{every: exchangetest.All()}
	named := map[string]**exchangetest.Venue{
		"binance": &v.binance, "bybit": &v.bybit, "coinbase": &v.coinbase, "kraken": &v.kraken, "kucoin": &v.kucoin, "okx": &v.okx,
	}
	for _, venue := range v.every {
		venue.SetCaller(netip.MustParseAddr(botHost))
		if place := named[venue.Name()]; place != nil {
			*place = venue
		}
	}
	return v
}

// demo is an invented fleet on fake venues, which are asked over real HTTP on
// this machine: the adapters keep the venues' own addresses, and the transport
// takes the requests to the fakes.
func demo() fleet {
	v := newVenues()
	server := exchangetest.Serve(v.every...)
	plain := exchangetest.Serve(v.bybit) // for the key that is sent without TLS
	f := fleet{
		transport: loopback{server.Transport(), plain.Transport(), plain.URL},
		close:     func() { server.Close(); plain.Close() },
	}
	for _, m := range slices.Concat(demoKeys(v, plain.URL), deskKeys(v)) {
		f.keys = append(f.keys, m.key())
	}
	return f
}

// loopback takes requests for the plain server's own address there, and all
// others to the server that stands in for the venues.
type loopback struct {
	venues, plain http.RoundTripper
	plainURL      string
}

// RoundTrip sends one request.
func (t loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == strings.TrimPrefix(t.plainURL, "http://") {
		return t.plain.RoundTrip(r)
	}
	return t.venues.RoundTrip(r)
}

// demoKey is one key of the invented fleet.
type demoKey struct {
	name   string
	venue  *exchangetest.Venue
	policy audit.Policy
	spec   exchangetest.Spec
	edit   func(*audit.Key) // what else is special about it; may be nil
}

func (m demoKey) key() audit.Key {
	exchange, _ := exchanges.Lookup(m.venue.Name())
	k := audit.Key{Name: m.name, Exchange: exchange, Policy: m.policy, Credentials: m.venue.Issue(m.spec)}
	if m.edit != nil {
		m.edit(&k)
	}
	return k
}

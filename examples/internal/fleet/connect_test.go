package fleet

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// lastWords are how far a server gets with a connection that ends, or is not up yet.
var lastWords = []string{"", "INFO {\"server_id\":", "INFO {\"nonce\":\"a\",\"max_payload\":1048576}\r\n", "-ERR 'Server Shutdown'\r\n"}

// dying serves one connection by a server that ends: raw, or behind TLS.
func dying(in net.Conn, pair *tls.Certificate, word string) {
	_ = in.SetDeadline(time.Now().Add(5 * time.Second))
	if pair != nil {
		in = tls.Server(in, &tls.Config{Certificates: []tls.Certificate{*pair}, MinVersion: tls.VersionTLS13})
	}
	_, _ = io.WriteString(in, word)
	if word != "" {
		_, _ = in.Read(make([]byte, 1)) // what else it is sent is read by nobody
	}
	_ = in.Close()
}

// TestServerDiesWhileAWorkerConnects: a worker that starts while the server ends waits for
// the next one, as it does for one that is not there. Nobody has to start it again.
func TestServerDiesWhileAWorkerConnects(t *testing.T) {
	t.Parallel()
	for _, encrypted := range []bool{true, false} {
		t.Run(fmt.Sprint("encrypted ", encrypted), func(t *testing.T) {
			t.Parallel()
			f := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.OKX())
			f.give("w1", 1)
			deaths := slices.Clone(lastWords)
			var pair *tls.Certificate
			if encrypted {
				made, err := tls.X509KeyPair(f.certs.Server, f.certs.Key)
				require.NoError(t, err)
				pair, deaths = &made, append(deaths, "", "\x16\x03\x03\x00\x7a\x02\x00") // the last ones before TLS begins
			} else {
				f.certs = nil
			}
			_, server, _ := strings.Cut(f.embed().URL, "://")
			died := make(chan struct{})
			through := f.server
			through.URL = listen(t, func(i int, in net.Conn) {
				switch {
				case i < len(lastWords):
					dying(in, pair, deaths[i])
					return
				case i < len(deaths):
					dying(in, nil, deaths[i])
					return
				case i == len(deaths):
					close(died)
				}
				passOn(in, server)
			})
			f.work("w1", func(h *Host) { h.Server = through })
			select {
			case <-died:
			case <-time.After(30 * time.Second):
				require.Fail(t, "the worker gave up", f.log.String())
			}
			for key, a := range f.answers(f.run(50 * time.Second)) {
				assert.NotNil(t, a.Snapshot, "%s: %s%s", key, a.Refused, a.Missing)
			}
			assert.Contains(t, f.log.String(), "; waiting for it")
		})
	}
}

// listen gives each connection to a function, with how many came before it.
func listen(t *testing.T, each func(i int, in net.Conn)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for i := 0; ; i++ {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go each(i, in)
		}
	}()
	return "nats://" + l.Addr().String()
}

func passOn(in net.Conn, to string) {
	out, err := net.Dial("tcp", to)
	if err != nil {
		_ = in.Close()
		return
	}
	go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
	_, _ = io.Copy(in, out)
	_ = in.Close()
}

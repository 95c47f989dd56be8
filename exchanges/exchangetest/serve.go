package exchangetest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// Server serves fakes over real HTTP on a loopback address.
type Server struct {
	*httptest.Server
	fakes  []*Fake
	client *http.Transport
}

// Serve starts a server for some exchanges, which answers each request by its
// Host. A single exchange also answers under the server's own URL. Close it in the
// end.
func Serve(fakes ...*Fake) *Server {
	s := &Server{fakes: fakes}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	s.client = newClient()
	return s
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	for _, fake := range s.fakes {
		if slices.Contains(fake.def.Hosts, r.Host) || (len(s.fakes) == 1 && loopback(r.Host)) {
			fake.ServeHTTP(w, r)
			return
		}
	}
	http.Error(w, "no such host", http.StatusMisdirectedRequest)
}

// Transport sends requests for the exchanges' real URLs to the server, so that
// adapters keep them: use it as audit.Options.Transport.
func (s *Server) Transport() http.RoundTripper { return reroute{s.URL, s.client} }

// Reach is Transport for the Server of another process on this host, by its URL.
func Reach(serverURL string) http.RoundTripper { return reroute{serverURL, newClient()} }

func newClient() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
}

// Close stops the server and its connections.
func (s *Server) Close() {
	s.client.CloseIdleConnections()
	s.Server.Close()
}

type reroute struct {
	url    string
	client *http.Transport
}

func (t reroute) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	if host, _, err := net.SplitHostPort(r.URL.Host); err != nil || host != "127.0.0.1" {
		out.Host = r.URL.Host
	}
	out.URL.Scheme, out.URL.Host = "http", strings.TrimPrefix(t.url, "http://")
	resp, err := t.client.RoundTrip(out)
	if err == nil {
		asVerified(resp, r)
	}
	return resp, err
}

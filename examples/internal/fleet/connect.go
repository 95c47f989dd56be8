package fleet

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// Server is where the fleet's NATS server is.
type Server struct {
	URL string
	CA  []byte // PEM of who signed its certificate; none means plain text, to loopback only
}

// check finds what is wrong with a URL.
func (s *Server) check() error {
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Scheme != "nats" && u.Scheme != "tls") {
		return errors.New("the URL of the server is malformed: write nats://HOST:PORT, without a user")
	}
	if len(s.CA) == 0 && !isLoopback(u.Hostname()) {
		return errors.New("without TLS only a server on this host is asked: name the ca.pem that keyaudit fleet init wrote, by --ca FILE")
	}
	return nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// link is a connection to one account.
type link struct {
	*nats.Conn
	js jetstream.JetStream
}

// connect connects with an NKey. It waits for the server, which may start later.
func (s *Server) connect(name string, pair nkeys.KeyPair, log logger) (*link, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, errors.New("the credentials have no NKey seed")
	}
	options := []nats.Option{
		nats.Name("keyaudit " + name), nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix(inbox(name)),
		nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectBufSize(-1), // a request that was not sent is an error
		nats.Timeout(patience), nats.IgnoreDiscoveredServers(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) { // the request itself only times out
				log("the server refused a request of %s: see that its configuration is the one that keyaudit fleet init wrote", name)
			}
		}),
	}
	if len(s.CA) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(s.CA) {
			return nil, errors.New("the file of the CA has no certificate")
		}
		options = append(options, nats.Secure(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}), nats.TLSHandshakeFirst())
	}
	conn, err := nats.Connect(s.URL, options...)
	if err != nil {
		return nil, s.refusal(err)
	}
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(patience), jetstream.WithPublishAsyncTimeout(patience))
	if err != nil {
		conn.Close()
		return nil, errors.New("the server has no JetStream")
	}
	return &link{conn, js}, nil
}

// refusal says in our words why there is no connection: those of others may quote what they
// were given.
func (s *Server) refusal(err error) error {
	var certificate *tls.CertificateVerificationError
	var network *net.OpError
	var plain tls.RecordHeaderError
	switch {
	case len(s.CA) == 0 && s.listens():
		return fmt.Errorf("%w without TLS, though something listens there: name the ca.pem that keyaudit fleet init wrote, by --ca FILE", errUnreachable)
	case errors.As(err, &plain):
		return fmt.Errorf("%w by TLS: what listens there does not use it. See that it runs with the server.conf that keyaudit fleet init wrote", errUnreachable)
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrNkeysNotSupported):
		return errors.New("the server does not know these credentials: restart it with the server.conf that keyaudit fleet init wrote with them")
	case errors.As(err, &certificate):
		return errors.New("the certificate of the server is not signed by this CA, or not for this host: name the ca.pem of the same keyaudit fleet init, and the host as --host named it")
	case errors.As(err, &network), errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout):
		return fmt.Errorf("%w: see that keyaudit fleet serve runs there, and that the URL has its host and port", errUnreachable)
	default: // it ends, or has not begun rightly: a worker waits for the next one
		return fmt.Errorf("%w: the connection broke off (%T)", errUnreachable, err)
	}
}

// listens reports whether anything accepts a connection: a server that speaks first by TLS
// says nothing to who waits for its word in plain text.
func (s *Server) listens() bool {
	u, err := url.Parse(s.URL)
	if err != nil {
		return false
	}
	conn, err := (&net.Dialer{Timeout: patience}).Dial("tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "4222")))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

var errUnreachable = errors.New("the server cannot be reached")

// logger writes one line for people.
type logger func(format string, args ...any)

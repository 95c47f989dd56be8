package fleet

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Embedded is a server in this process, on loopback.
type Embedded struct {
	server *server.Server
	Server
}

// Embed starts a server for a fleet on a port of this host, a free one if that is 0. Its files
// are in a folder. Without certificates it speaks plain text.
func Embed(c *Coordinator, certificates *Certificates, folder string, port int) (*Embedded, error) {
	config, err := c.ServerConfig()
	if err != nil {
		return nil, err
	}
	options := &server.Options{}
	if err := options.ProcessConfigString(config); err != nil {
		return nil, errors.New("the server's configuration is refused")
	}
	options.Host, options.Port, options.NoLog, options.NoSigs = "127.0.0.1", port, true, true
	if port == 0 {
		options.Port = server.RANDOM_PORT
	}
	options.JetStream, options.StoreDir, options.JetStreamMaxStore = true, folder, c.storeBytes()
	var ca []byte
	if certificates != nil {
		pair, err := tls.X509KeyPair(certificates.Server, certificates.Key)
		if err != nil {
			return nil, errors.New("the server's certificate is refused")
		}
		options.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
		options.TLS, options.TLSHandshakeFirst, options.TLSTimeout = true, true, 5
		ca = certificates.CA
	}
	return start(options, ca)
}

// Serve starts a server with the configuration in a file, whose folder has the files that it
// names.
func Serve(path string) (*Embedded, error) {
	folder, name := filepath.Split(path)
	if folder != "" {
		if err := os.Chdir(folder); err != nil {
			return nil, errors.New("the folder of the configuration cannot be read")
		}
	}
	options, err := server.ProcessConfigFile(name)
	if err != nil {
		return nil, errors.New("the configuration is refused: see that server.pem, server.key and store.conf are beside it, as keyaudit fleet init wrote them")
	}
	options.NoSigs = true
	return start(options, nil)
}

func start(options *server.Options, ca []byte) (*Embedded, error) {
	s, err := server.NewServer(options)
	if err != nil {
		return nil, errors.New("the server cannot be made")
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		s.Shutdown()
		return nil, errors.New("the server does not start: see that its port is free and its folder can be written")
	}
	return &Embedded{s, Server{URL: s.ClientURL(), CA: ca}}, nil
}

// Close stops the server.
func (e *Embedded) Close() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

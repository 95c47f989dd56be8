package fleet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Certificates are those of a server, as PEM. The key of the authority that signed them is
// not kept: a new server gets a new authority.
type Certificates struct {
	CA, Server, Key []byte
}

// certificateYears is how long they are valid. Whoever holds the server's key could be the
// server, whatever the date, and a fleet that stops on a forgotten day audits nothing.
const certificateYears = 10

// NewCertificates makes a private authority and the certificate of a server with these names and
// IP addresses.
func NewCertificates(now time.Time, hosts ...string) (*Certificates, error) {
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("a key for the certificates cannot be made: %w", err)
	}
	server, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("a key for the certificates cannot be made: %w", err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "keyaudit fleet"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(certificateYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "keyaudit fleet server"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	ca, err := x509.CreateCertificate(rand.Reader, root, root, authority.Public(), authority)
	if err != nil {
		return nil, fmt.Errorf("the certificates cannot be made: %w", err)
	}
	certificate, err := x509.CreateCertificate(rand.Reader, leaf, root, server.Public(), authority)
	if err != nil {
		return nil, fmt.Errorf("the certificates cannot be made: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(server)
	if err != nil {
		return nil, fmt.Errorf("the certificates cannot be made: %w", err)
	}
	return &Certificates{block("CERTIFICATE", ca), block("CERTIFICATE", certificate), block("PRIVATE KEY", private)}, nil
}

func block(kind string, data []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})
}

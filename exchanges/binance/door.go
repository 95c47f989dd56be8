package binance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// door is the transport that go-binance is given. It signs go-binance's request
// anew, for go-binance never holds the secret, sends it through the session,
// and keeps the answer as it came: go-binance drops members that it doesn't
// know, reads missing ones as false and loses HTTP status and headers.
type door struct {
	session *adapter.Session
	answer  *adapter.Response
	err     error
}

func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.answer, d.err = d.send(r.Context(), r.Method, r.URL); d.err != nil {
		return nil, d.err
	}
	return &http.Response{StatusCode: d.answer.Status, Header: d.answer.Header, Body: io.NopCloser(bytes.NewReader(d.answer.Body)), Request: r}, nil
}

// send: what is signed is the encoded query as it is sent, and the signature
// comes last.
func (d *door) send(ctx context.Context, method string, address *url.URL) (*adapter.Response, error) {
	values := address.Query()
	values.Del("signature")
	values.Set("recvWindow", strconv.Itoa(window))
	values.Set("timestamp", strconv.FormatInt(d.session.Now().UnixMilli(), 10))
	query := values.Encode()
	signature, err := d.sign(ctx, query)
	if err != nil {
		return nil, err
	}
	return d.session.Do(ctx, adapter.Request{
		Method: method, Path: address.Path, Query: query + "&signature=" + url.QueryEscape(signature),
		Header: http.Header{"X-Mbx-Apikey": {d.session.Key()}},
	})
}

func (d *door) sign(ctx context.Context, query string) (string, error) {
	kind := d.session.KeyKind()
	signature, err := d.session.Sign(ctx, algorithms[kind], query)
	if kind == access.SharedSecret {
		return hex.EncodeToString(signature), err
	}
	return base64.StdEncoding.EncodeToString(signature), err
}

var algorithms = map[access.KeyKind]adapter.Algorithm{access.SharedSecret: adapter.HMACSHA256, access.Ed25519Key: adapter.Ed25519, access.RSAKey: adapter.RSASHA256}

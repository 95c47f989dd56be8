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
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// transport is what go-binance sends through. It signs go-binance's request
// again, because go-binance never holds the secret, sends it through the session,
// and keeps the answer unchanged: go-binance drops members that it doesn't
// know, reads missing ones as false and loses HTTP status and headers.
type transport struct {
	session *adapter.Session
	answer  *adapter.Response
	err     error
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.answer, t.err = t.send(r.Context(), r.Method, r.URL); t.err != nil {
		return nil, t.err
	}
	return &http.Response{StatusCode: t.answer.Status, Header: t.answer.Header, Body: io.NopCloser(bytes.NewReader(t.answer.Body)), Request: r}, nil
}

// send signs the encoded query as it is sent; the signature comes last.
func (t *transport) send(ctx context.Context, method string, target *url.URL) (*adapter.Response, error) {
	values := target.Query()
	values.Del("signature")
	values.Set("recvWindow", strconv.Itoa(window))
	values.Set("timestamp", wire.Millis(t.session))
	query := values.Encode()
	signature, err := t.sign(ctx, query)
	if err != nil {
		return nil, err
	}
	return t.session.Do(ctx, adapter.Request{
		Method: method, Path: target.Path, Query: query + "&signature=" + url.QueryEscape(signature),
		Header: http.Header{"X-Mbx-Apikey": {t.session.Key()}},
	})
}

func (t *transport) sign(ctx context.Context, query string) (string, error) {
	kind := t.session.KeyKind()
	signature, err := t.session.Sign(ctx, algorithms[kind], query)
	if kind == access.SharedSecret {
		return hex.EncodeToString(signature), err
	}
	return base64.StdEncoding.EncodeToString(signature), err
}

var algorithms = map[access.KeyKind]adapter.Algorithm{
	access.SharedSecret: adapter.HMACSHA256, access.Ed25519Key: adapter.Ed25519, access.RSAKey: adapter.RSASHA256,
}

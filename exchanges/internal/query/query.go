// Package query sends requests that are signed in their query, the way Binance
// made common: HMAC-SHA256 over the query as it is sent, in lower-case
// hexadecimal, appended as the parameter "signature", with the key in a header.
package query

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Window is how far the timestamp may be off, in milliseconds: the default of the
// exchanges that sign so, and the maximum of BingX.
const Window = 5000

// Get sends a signed GET with the parameters recvWindow and timestamp and, in
// front of them, those given (encoded as they are sent, or empty).
func Get(ctx context.Context, s *adapter.Session, path string, header http.Header, parameters string) (*adapter.Response, error) {
	if parameters != "" {
		parameters += "&"
	}
	text := parameters + "recvWindow=" + strconv.Itoa(Window) + "&timestamp=" + wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, text)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{
		Method: http.MethodGet, Path: path, Query: text + "&signature=" + hex.EncodeToString(signature), Header: header,
	})
}

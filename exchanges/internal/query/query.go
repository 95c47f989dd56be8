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
)

// Window is the window that is asked for, in milliseconds: the default of the
// exchanges that sign so.
const Window = 5000

// Get sends a signed GET with the parameters recvWindow and timestamp and, in
// front of them, those given (encoded as they are sent, or empty).
func Get(ctx context.Context, s *adapter.Session, path, header, parameters string) (*adapter.Response, error) {
	if parameters != "" {
		parameters += "&"
	}
	text := parameters + "recvWindow=" + strconv.Itoa(Window) + "&timestamp=" + strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, text)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{
		Method: http.MethodGet, Path: path, Query: text + "&signature=" + hex.EncodeToString(signature),
		Header: http.Header{header: {s.Key()}},
	})
}

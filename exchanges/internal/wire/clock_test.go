package wire_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestDate(t *testing.T) {
	t.Parallel()
	header := http.Header{"Date": {"Mon, 01 Jun 2026 12:00:00 GMT"}}
	body := []byte("{}")
	at, err := wire.Date(&adapter.Response{Status: 200, Header: header, Body: body})
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC), at.UTC())
	_, err = wire.Date(&adapter.Response{Status: 503, Header: header, Body: body})
	require.ErrorIs(t, err, access.KindUnavailable)
	_, err = wire.Date(&adapter.Response{Status: 200, Body: body})
	require.ErrorIs(t, err, access.KindNotUnderstood)
	_, err = wire.Date(&adapter.Response{Status: 200, Header: header, Body: []byte("<html>")})
	require.ErrorIs(t, err, access.KindNotUnderstood)
}

package woox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/woox"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, woox.Exchange, exchangetest.WOOX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, woox.Exchange, exchangetest.WOOX) }

// list inspects a key at an exchange that answers with these rows and no others.
func list(t *testing.T, rows string) *access.Snapshot {
	t.Helper()
	return page(t, rows, fmt.Sprintf(`,"meta":{"total":%d}`, strings.Count(rows, `"permissions"`)))
}

// page answers with these rows, in which {head} and {tail} stand for four
// characters of the key, and with more members.
func page(t *testing.T, rows, more string) *access.Snapshot {
	t.Helper()
	fake := exchangetest.WOOX()
	c := fake.Issue(exchangetest.Spec{})
	rows = strings.NewReplacer("{head}", c.Key[:4], "{tail}", c.Key[len(c.Key)-4:]).Replace(rows)
	fake.Change(c, func(s *exchangetest.Spec) {
		s.Answer = []byte(`{"success":true,"data":{"rows":[` + rows + `]` + more + `}}`)
	})
	s, err := audit.Inspect(t.Context(), audit.Key{Exchange: woox.Exchange, Credentials: c}, &audit.Options{Transport: fake})
	require.NoError(t, err)
	return s
}

// TestOwnKey: only a key that is found exactly once is judged by its row.
func TestOwnKey(t *testing.T) {
	t.Parallel()
	const trades, other = `,"permissions":["READ","TRADE"],"allowedIPs":["203.0.113.7"]}`, `{"apiKey":"Zz345678901234567890==","permissions":["WITHDRAWAL"]}`
	for rows, found := range map[string]bool{
		`{"apiKey":"{key}"` + trades + `,` + other:                                  true,
		other + `,{"apiKey":"{head}****{tail}"` + trades:                            true,
		`{"apiKey":"{head}****{tail}","permissions":[]},{"apiKey":"{key}"` + trades: true,
		other: false,
		``:    false,
		`{"apiKey":"{head}****{tail}"` + trades + `,{"apiKey":"{head}****{tail}"` + trades: false,
		`{"apiKey":"{key}"` + trades + `,{"apiKey":"{key}","permissions":[]}`:              false,
		`{"apiKey":"********"` + trades:                                                    false,
		`{"apiKey":"{head}*"` + trades:                                                     false,
		`{` + trades[1:]:                                                                   false,
		`{"apiKey":"{key}"` + trades + `,{` + trades[1:]:                                   false,
		`{"apiKey":"{head}****{tail}"` + trades + `,{"apiKey":null` + trades:               false,
	} {
		s := list(t, rows)
		assert.Equal(t, found, s.Can(access.TradeSpot), rows)
		assert.Equal(t, found, s.IPAllowlist.State == access.AllowlistRestricted, rows)
		assert.Equal(t, found, s.Can(access.Read), rows)
		if !found {
			assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, rows)
			assert.NotEmpty(t, s.Notes, rows)
		}
	}
}

// TestMaskedOnAnotherPage: only the complete list can identify a masked key; an
// unmasked key needs no more than its row.
func TestMaskedOnAnotherPage(t *testing.T) {
	t.Parallel()
	const masked, whole, trades = `{"apiKey":"{head}****{tail}"`, `{"apiKey":"{key}"`, `,"permissions":["READ","TRADE"],"allowedIPs":["203.0.113.7"]}`
	for _, meta := range []string{``, `,"meta":null`, `,"meta":{}`, `,"meta":{"total":2}`, `,"meta":{"total":0}`} {
		s := page(t, masked+trades, meta)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, meta)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, meta)
		assert.NotEmpty(t, s.Notes, meta)
		assert.True(t, s.ListsPart, meta)
		assert.True(t, page(t, whole+trades, meta).Can(access.TradeSpot), meta)
	}
}

// TestNotTheList: a list without any known permission denies nothing.
func TestNotTheList(t *testing.T) {
	t.Parallel()
	for permissions, want := range map[string]access.State{
		`["READ"]`: access.Denied, `["TRADE","STAKE"]`: access.Denied, `["WITHDRAWAL"]`: access.Granted,
		`[]`: access.Unknown, `null`: access.Unknown, `[""]`: access.Unknown, `["read","withdrawal"]`: access.Unknown,
	} {
		s := list(t, `{"apiKey":"{key}","permissions":`+permissions+`}`)
		assert.Equal(t, want, s.Grant(access.Withdraw).State, permissions)
	}
}

// TestSiblings: another key of the account that may withdraw from any IP address
// concerns the owner too.
func TestSiblings(t *testing.T) {
	t.Parallel()
	s := list(t, `{"apiKey":"{key}","permissions":["READ"],"allowedIPs":["203.0.113.7"]},{"accountName":"Main","apiKey":"Zz345678901234567890==","permissions":["WITHDRAWAL","READ"]}`)
	require.Len(t, s.Siblings, 1)
	other := s.Siblings[0]
	assert.Equal(t, "Zz34…90==", other.KeyID)
	assert.True(t, other.Can(access.Withdraw))
	assert.Equal(t, access.AllowlistUnknown, other.IPAllowlist.State)
	assert.False(t, s.Can(access.Withdraw))
}

// TestMissingAllowlist: the exchange omits the list for a key that is usable from
// any IP address. The audit says so, and takes it neither as restricted nor as
// reported.
func TestMissingAllowlist(t *testing.T) {
	t.Parallel()
	fake := exchangetest.WOOX()
	c := fake.Issue(exchangetest.Spec{Options: map[string]string{"unbound": "omitted"}})
	s, err := audit.Inspect(t.Context(), audit.Key{Exchange: woox.Exchange, Credentials: c}, &audit.Options{Transport: fake})
	require.NoError(t, err)
	assert.Equal(t, access.IPAllowlist{}, s.IPAllowlist)
	assert.Len(t, s.Notes, 1)
}

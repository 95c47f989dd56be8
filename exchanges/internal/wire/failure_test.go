package wire_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

func TestFailures(t *testing.T) {
	t.Parallel()
	table := wire.Failures{
		wire.Is(access.KindBadKey, "1", "one"),
		wire.OneOf(access.KindBadKey, access.KindIPNotAllowed).For("2"),
	}
	e := table.Refusal(&adapter.Response{Status: 200}, "1", "words")
	assert.Equal(t, access.KindBadKey, e.Kind)
	assert.Equal(t, "words", e.Message)
	assert.Equal(t, access.KindBadKey, table.Refusal(&adapter.Response{Status: 500}, "one", "").Kind, "the code counts, not the status")
	e = table.Refusal(&adapter.Response{Status: 200}, "2", "")
	assert.Equal(t, access.KindAmbiguous, e.Kind)
	assert.Equal(t, []access.Kind{access.KindBadKey, access.KindIPNotAllowed}, e.Candidates)
	e = table.Refusal(&adapter.Response{Status: 400}, "3", "")
	assert.Equal(t, access.KindNotUnderstood, e.Kind)
	assert.Equal(t, "3", e.Code)
	for status, kind := range map[int]access.Kind{
		200: access.KindNotUnderstood, 401: access.KindNotUnderstood, 418: access.KindBanned, 429: access.KindRateLimited,
		451: access.KindGeoBlocked, 500: access.KindUnavailable, 503: access.KindUnavailable,
	} {
		assert.Equal(t, kind, wire.NotUnderstood(&adapter.Response{Status: status}, nil).Kind, status)
	}
}

// TestForbiddenByTheNetwork: a 403 that isn't JSON is not from the exchange's API.
func TestForbiddenByTheNetwork(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]access.Kind{
		"": access.KindAmbiguous, "Forbidden": access.KindAmbiguous, `{"code":`: access.KindAmbiguous,
		"{}": access.KindNotUnderstood, `{"code":1,"code":2}`: access.KindNotUnderstood, "[]": access.KindNotUnderstood,
	} {
		e := wire.NotUnderstood(&adapter.Response{Status: 403, Body: []byte(body)}, nil)
		assert.Equal(t, want.String(), e.Kind.String(), body)
		if want == access.KindAmbiguous {
			assert.Equal(t, []access.Kind{access.KindBanned, access.KindGeoBlocked}, e.Candidates, body)
		}
	}
}

func TestPhrase(t *testing.T) {
	t.Parallel()
	table := wire.Failures{
		wire.Is(access.KindBadSignature, "signature", "wrong secret"),
		wire.OneOf(access.KindBadKey, access.KindIPNotAllowed).For("key"),
	}
	for message, want := range map[string]access.Kind{
		"Wrong SECRET": access.KindBadSignature, "signature of the key": access.KindBadSignature, "no such KEY": access.KindAmbiguous,
	} {
		row, ok := table.Phrase(message)
		assert.True(t, ok, message)
		assert.Equal(t, want, row.Kind, message)
	}
	_, ok := table.Phrase("maintenance")
	assert.False(t, ok)
}

func TestOfOneCall(t *testing.T) {
	t.Parallel()
	for want, failures := range map[bool][]access.Error{
		true:  {{Kind: access.KindForbidden}, {Kind: access.KindNotUnderstood, Code: "7"}},
		false: {{Kind: access.KindNotUnderstood}, {Kind: access.KindBadKey, Code: "7"}, {Kind: access.KindUnavailable, Code: "7"}},
	} {
		for _, e := range failures {
			code, ok := wire.OfOneCall(&e)
			assert.Equal(t, want, ok, e.Error())
			assert.Equal(t, e.Code, code, e.Error())
		}
	}
	_, ok := wire.OfOneCall(context.Canceled)
	assert.False(t, ok)
}

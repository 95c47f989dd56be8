// Package btcestyle is the API that several exchanges took over from BTC-e: one
// path, a form with a method and a nonce, HMAC-SHA512 over the form, and an
// answer that tells the key's own rights.
package btcestyle

import (
	"context"
	"encoding/hex"
	"net/http"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Inspect sends the form to the path, signed, and reads the rights.
func Inspect(ctx context.Context, s *adapter.Session, path, form string, permissions rights.Table) (*access.Snapshot, error) {
	signature, err := s.Sign(ctx, adapter.HMACSHA512, form)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: path, Body: form, Header: http.Header{
		"Key":          {s.Key()},
		"Sign":         {hex.EncodeToString(signature)},
		"Content-Type": {"application/x-www-form-urlencoded"},
	}})
	if err != nil {
		return nil, err
	}
	// The texts of refusals are catalogued nowhere, so their words must do.
	result, refusal := wire.CommonWords.Returned(resp)
	if refusal != nil {
		return nil, refusal
	}
	held, _ := result.Object("rights")
	states := held.Flags()
	if err := result.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}}}}
	permissions.Apply(snap, states)
	return snap, nil
}

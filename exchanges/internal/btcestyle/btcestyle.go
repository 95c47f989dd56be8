// Package btcestyle is the API that several exchanges took over from BTC-e: one
// path, a form with a method and a nonce, HMAC-SHA512 over the form, and an
// answer that reports the key's own rights.
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
	// No exchange documents the messages of refusals, so their words must do.
	result, err := wire.CommonWords.Returned(resp)
	if err != nil {
		return nil, err
	}
	held, _ := result.Object("rights")
	states := held.Flags(func(string) bool { return true })
	if err := result.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	rights.DenyNothingWithout(states, "info") // which the call needs
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	rights.Prove(snap, access.Read)
	return snap, nil
}

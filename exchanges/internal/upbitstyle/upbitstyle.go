// Package upbitstyle holds what Upbit's API and Bithumb's, which follows it,
// have in common: a token for every request, the form of a refusal, and the
// list of keys that reports nothing but when each of them expires.
package upbitstyle

import (
	"context"
	"errors"
	"net/http"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/jwt"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// API is what differs between the exchanges.
type API struct {
	Algorithm adapter.Algorithm
	Name      string // of the algorithm, in the token
	Timed     bool   // tokens carry the time
	Failures  wire.Failures
}

// Get asks for a path without parameters.
func (a *API) Get(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	header := struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
	}{a.Name, "JWT"}
	claims := struct {
		Key       string `json:"access_key"`
		Nonce     string `json:"nonce"`
		Timestamp int64  `json:"timestamp,omitempty"`
	}{Key: s.Key(), Nonce: jwt.UUID(s.Random(16))}
	if a.Timed {
		claims.Timestamp = s.Now().UnixMilli()
	}
	token, err := jwt.Sign(ctx, s, a.Algorithm, jwt.Unsigned(header, claims))
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Accept":        {"application/json"},
		"Authorization": {"Bearer " + token},
	}})
}

// List reads a successful answer, which is a list of objects.
func (a *API) List(resp *adapter.Response) ([]wire.Object, error) {
	list, err := wire.ParseList(resp.Body)
	if err != nil || resp.Status != http.StatusOK {
		return nil, a.refusal(resp)
	}
	return list, nil
}

// Keys reads a list of keys. It is never empty: the calling key is in it, at
// least.
func (a *API) Keys(resp *adapter.Response) ([]wire.Object, error) {
	list, err := a.List(resp)
	if err == nil && len(list) == 0 {
		return nil, wire.NotUnderstood(resp, errEmpty)
	}
	return list, err
}

var errEmpty = errors.New("the answer's list is empty")

func (a *API) refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	failure, ok := body.Object("error")
	name, _ := failure.Text("name")
	if !ok { // Bithumb's older API has a code in the answer itself
		failure = body
		name, _ = failure.Text("status")
	}
	message, _ := failure.Text("message")
	return a.Failures.Refusal(resp, name, message)
}

// Expiries reads the list of the account's keys, which reports when each of them
// expires. A key that isn't in it exactly once is left without a date. The list
// takes no permission, so an answer proves none, not even one to read.
func (a *API) Expiries(resp *adapter.Response, key string) (*access.Snapshot, error) {
	list, err := a.Keys(resp)
	if err != nil {
		return nil, err
	}
	var own, others []*access.Snapshot
	for _, entry := range list {
		listed := &access.Snapshot{}
		listed.Expires, _ = entry.RFC3339("expire_at")
		id, _ := entry.Text("access_key")
		if err := entry.Err(); err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
		if id == key {
			own = append(own, listed)
			continue
		}
		listed.KeyID = id
		others = append(others, listed)
	}
	if len(own) != 1 {
		own = []*access.Snapshot{{
			Answer: access.Answer{
				Notes: []string{"This key could not be identified in the exchange's list of keys, so when it expires is unknown."},
			},
		}}
	}
	snap := own[0]
	snap.Siblings = others
	return snap, nil
}

// Mandatory is the allowlist of a key at an exchange that does not report it, and
// documents that no key works without one.
func Mandatory() access.IPAllowlist {
	return access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Documented, Mandatory: true}
}

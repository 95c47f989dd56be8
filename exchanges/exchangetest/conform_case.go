package exchangetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// CaseSchema is the version of the form of a Case.
const CaseSchema = 1

// Case is what a real exchange answered in one audit, and what the adapter made of it.
// The program keyaudit records one, with invented values in place of the owner's. A file
// testdata/recorded/NAME.json in an adapter's folder is replayed by [Conform].
type Case struct {
	Schema      int      `json:"schema"`
	Exchange    string   `json:"exchange"`
	Environment string   `json:"environment"`
	Key         CaseKey  `json:"key"`
	Answers     []Answer `json:"answers"` // in the order in which they came
	// At is when the audit was, by its own clock.
	At time.Time `json:"at"`
	// Snapshot is what the adapter made of the answers.
	Snapshot json.RawMessage `json:"snapshot"`
}

// CaseKey is what a case says of its key. Nothing that signs is kept, for no
// signature is verified in a replay.
type CaseKey struct {
	ID      string         `json:"id"`
	Account string         `json:"account,omitempty"` // of a wallet's key
	Kind    access.KeyKind `json:"kind"`
}

// Answer is one answer of the exchange, and the declared call that it is for.
type Answer struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	// Begins is what the request's body begins with, where calls share a path.
	Begins string            `json:"begins,omitempty"`
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	// Body is the answer if it is JSON, and Text if it is anything else.
	Body json.RawMessage `json:"body,omitempty"`
	Text string          `json:"text,omitempty"`
}

// Is reports whether a request is a call that is answered so.
func (a *Answer) Is(method, path string, body []byte) bool {
	before, after, named := strings.Cut(a.Path, "{wallet}")
	if a.Method != method || !bytes.HasPrefix(body, []byte(a.Begins)) {
		return false
	}
	if !named {
		return strings.HasSuffix(path, a.Path)
	}
	_, rest, found := strings.Cut(path, before)
	wallet, whole := strings.CutSuffix(rest, after)
	return found && whole && wallet != "" && !strings.Contains(wallet, "/")
}

// ReadCase reads a case.
func ReadCase(path string) (*Case, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var c Case
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("%s is not a recorded case: %w", path, err)
	}
	if c.Schema != CaseSchema {
		return nil, fmt.Errorf("%s has the schema %d, and this version reads %d", path, c.Schema, CaseSchema)
	}
	return &c, nil
}

// Encode writes a case as its file has it.
func (c *Case) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(c)
	return b.Bytes(), err
}

// Inspect has an adapter audit the key of a case, and gives it the answers of the case.
// The snapshot of a refused key holds the refusal.
func (c *Case) Inspect(ctx context.Context, e *adapter.Exchange) *access.Snapshot {
	unpaced := *e
	unpaced.Limit = adapter.Limit{Requests: 1e6, Per: time.Second}
	key := audit.Key{Name: "recorded", Exchange: &unpaced, Environment: c.Environment, Credentials: c.Key.credentials(e)}
	snap, _ := audit.Inspect(ctx, key, &audit.Options{ // the snapshot has the error
		Transport: &player{left: slices.Clone(c.Answers)}, Clock: func() time.Time { return c.At }, Attempts: 1,
	})
	return snap
}

// Replay checks that an adapter makes of a recorded case what it made of it when it was
// recorded. UPDATE_GOLDEN=1 in the environment writes what it makes of it now.
func Replay(tb testing.TB, e *adapter.Exchange, path string) {
	tb.Helper()
	c, err := ReadCase(path)
	if err != nil {
		tb.Fatal(err)
	}
	if problem := c.replay(tb.Context(), e, path); problem != "" {
		tb.Error(problem)
	}
}

// replay says how a replay differs from what was recorded, or nothing.
func (c *Case) replay(ctx context.Context, e *adapter.Exchange, path string) string {
	if c.Exchange != e.Name {
		return fmt.Sprintf("%s is a case of %s, and the adapter is that of %s", path, c.Exchange, e.Name)
	}
	var want bytes.Buffer
	_ = json.Indent(&want, c.Snapshot, "", "  ") // it was decoded
	got := bytes.TrimSpace(indented(c.Inspect(ctx, e)))
	switch {
	case bytes.Equal(want.Bytes(), got):
		return ""
	case os.Getenv("UPDATE_GOLDEN") == "1":
		c.Snapshot = got
		data, err := c.Encode()
		if err = cmp.Or(err, os.WriteFile(path, data, 0o600)); err != nil {
			return err.Error()
		}
		return ""
	}
	return fmt.Sprintf("%s: the adapter makes something else of the recorded answers:\n%s", path, differing(want.String(), string(got)))
}

// credentials are those of a key that signs with nothing.
func (k *CaseKey) credentials(e *adapter.Exchange) adapter.Credentials {
	c := adapter.Credentials{Key: k.ID, Account: k.Account, Signer: standIn{k}}
	if e.Needs.SecretSent {
		c.Signer, c.Secret = nil, adapter.NewSecret(Hex(64, e.Name, "replay"))
	}
	if e.Needs.Passphrase {
		c.Passphrase = adapter.NewSecret("of a replay")
	}
	return c
}

// standIn signs whatever it is given with the same bytes.
type standIn struct{ key *CaseKey }

func (s standIn) KeyKind() access.KeyKind { return s.key.Kind }

func (s standIn) WalletAddress() string { return s.key.ID }

func (s standIn) Sign(context.Context, adapter.Algorithm, []byte) ([]byte, error) {
	return bytes.Repeat([]byte{0x5a}, 64), nil
}

// player answers each request with the first answer to the same call that is left.
type player struct{ left []Answer }

var errNotRecorded = errors.New("exchangetest: the case has no answer to this request")

func (p *player) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	at := -1
	for i := range p.left { // of two calls whose paths end alike, the longer is meant
		if a := &p.left[i]; a.Is(r.Method, r.URL.Path, body) && (at < 0 || len(a.Path) > len(p.left[at].Path)) {
			at = i
		}
	}
	if at < 0 {
		return nil, errNotRecorded
	}
	a := p.left[at]
	p.left = slices.Delete(p.left, at, at+1)
	text := cmp.Or(string(a.Body), a.Text)
	resp := &http.Response{
		StatusCode: a.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)), Request: r,
	}
	for name, value := range a.Header {
		resp.Header.Set(name, value)
	}
	asVerified(resp, r)
	return resp, nil
}

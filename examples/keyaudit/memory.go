package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// memory keeps good results of a gate, for an outage. One counts for the very same
// key, judged by the very same policy, and only if this host wrote it: each is signed
// with a key that lies beside it. A result that is not good wipes it out. A nil memory
// keeps nothing.
type memory struct {
	folder string
	secret []byte
	lasts  time.Duration // how old a result may be
	level  audit.Severity
	now    func() time.Time
}

// remembered is one good result.
type remembered struct {
	At      time.Time `json:"at"`
	Expires time.Time `json:"expires,omitzero"` // when the key does
	MAC     string    `json:"mac"`
}

const memoryKey = "key" // the file of the signing key

// openMemory opens the folder, and makes what is missing in it. A demonstration has
// none: what its fakes report about a real key must not count at the exchange.
func openMemory(s *gateSettings, a app) (*memory, error) {
	if s.allowUnreachable == 0 || s.demo {
		return nil, nil //nolint:nilnil // nothing is to be kept
	}
	folder := s.memory
	if folder == "" {
		state := a.env("XDG_STATE_HOME")
		if state == "" && a.env("HOME") != "" {
			state = filepath.Join(a.env("HOME"), ".local", "state")
		}
		if state == "" {
			return nil, errors.New("--memory: name a folder: there is no HOME to keep one in")
		}
		folder = filepath.Join(state, "keyaudit")
	}
	m := &memory{folder: folder, lasts: s.allowUnreachable, level: s.failOn, now: a.now}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("--memory: the folder %s cannot be created", showPath(folder))
	}
	info, err := os.Stat(folder)
	switch {
	case err != nil || !info.IsDir():
		return nil, fmt.Errorf("--memory: %s is not a folder", showPath(folder))
	case !isOwn(info): // whoever owns it could sign a good result
		return nil, fmt.Errorf("--memory: %s belongs to another user: name a folder of the user who runs this", showPath(folder))
	case info.Mode().Perm()&0o022 != 0:
		return nil, fmt.Errorf("--memory: others may write to %s (mode %04o): run chmod 700 on it", showPath(folder), info.Mode().Perm())
	}
	// Where nothing can be written, a good result could not have been wiped out either.
	probe, err := createTemporary(folder)
	if err != nil {
		return nil, fmt.Errorf("--memory: %s cannot be written to", showPath(folder))
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	if m.secret, err = signingKey(filepath.Join(folder, memoryKey)); err != nil {
		return nil, fmt.Errorf("--memory: %w", err)
	}
	return m, nil
}

// signingKey reads the key, or makes one. Two programs may do so at once: a key is
// written elsewhere first, and gets its name only if no other has it.
func signingKey(path string) ([]byte, error) {
	const size = 32
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeSigningKey(path, size); err != nil {
			return nil, fmt.Errorf("%s cannot be created", showPath(path))
		}
		info, err = os.Lstat(path)
	}
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 || info.Size() != size || !isOwn(info) {
		return nil, fmt.Errorf("%s is not a signing key that only this user can read: remove it", showPath(path))
	}
	return os.ReadFile(path) //nolint:gosec // beside the user's choice
}

func makeSigningKey(path string, size int) error {
	key := make([]byte, size)
	_, _ = rand.Read(key) // never fails
	file, err := createTemporary(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // its other name stays
	if _, err = file.Write(key); err == nil {
		err = os.Link(file.Name(), path) // before it is closed: another program would remove what nobody holds
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil // the other program's is as good
	}
	return errors.Join(err, file.Close())
}

// path is the file of a key; empty if it is not known which key it is.
func (m *memory) path(r *audit.Result) string {
	if m == nil || r.Snapshot == nil || r.Snapshot.Fingerprint == "" {
		return ""
	}
	s := r.Snapshot
	return filepath.Join(m.folder, m.mac("which", s.Fingerprint, s.Exchange, s.Environment, s.Site)[:32]+".json")
}

func (m *memory) mac(parts ...string) string {
	h := hmac.New(sha256.New, m.secret)
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sign binds a result to its key, and to the policy and the level that judged it.
func (m *memory) sign(path string, key *audit.Key, r *remembered) string {
	policy, err := json.Marshal(key.Policy)
	if err != nil {
		return "" // which no result has
	}
	return m.mac("good", filepath.Base(path), r.At.Format(time.RFC3339Nano), r.Expires.Format(time.RFC3339Nano), string(policy), m.level.String())
}

// keep stores a good result. If that fails, the next outage stops the bot, which is
// no harm.
func (m *memory) keep(key *audit.Key, result *audit.Result) {
	path := m.path(result)
	if path == "" {
		return
	}
	r := &remembered{At: m.now().UTC(), Expires: result.Snapshot.Expires.UTC()}
	r.MAC = m.sign(path, key, r)
	out, err := openOutput(path, nil)
	if err != nil {
		return
	}
	defer out.discard()
	if json.NewEncoder(out).Encode(r) == nil {
		_ = out.commit()
	}
}

// recall reports when the key was found safe, if that counts now: not too long ago, and
// nothing has run out since.
func (m *memory) recall(key *audit.Key, result *audit.Result) (at time.Time, ok bool) {
	path := m.path(result)
	if path == "" {
		return at, false
	}
	text, err := os.ReadFile(path) //nolint:gosec // in the user's folder
	var r remembered
	if err != nil || json.Unmarshal(text, &r) != nil || r.MAC == "" || !hmac.Equal([]byte(r.MAC), []byte(m.sign(path, key, &r))) {
		return at, false
	}
	now := m.now()
	over := func(until time.Time) bool { return !until.IsZero() && !until.After(now) }
	if r.At.After(now) || now.Sub(r.At) > m.lasts || over(r.Expires) {
		return at, false
	}
	for _, a := range key.Policy.Attestations {
		if over(a.Until) {
			return at, false
		}
	}
	for _, w := range key.Policy.Waivers {
		if over(w.Until) {
			return at, false
		}
	}
	return r.At, true
}

// forget wipes out an earlier good result: the key is not good any more. If that
// fails, it could still count in the next outage, so somebody has to hear of it.
func (m *memory) forget(result *audit.Result) error {
	path := m.path(result)
	if path == "" {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("an earlier good result of the key could not be wiped out, and may count in an outage: remove %s", showPath(path))
	}
	return nil
}

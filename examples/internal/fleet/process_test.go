//go:build unix

package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func processFirm(t *testing.T, each int) *firm {
	t.Helper()
	f := newFirm(t, map[string]string{"a": "tokyo", "b": "tokyo", "c": "london"}, exchangetest.Coinbase(), exchangetest.Bybit(), exchangetest.Upbit())
	for worker := range f.workers {
		f.give(worker, each)
	}
	return f
}

// whole asserts that each key was inspected by its own worker, that no two workers of an
// egress asked an exchange at a time, and that no key was asked about twice but what was in
// flight when something happened.
func (p *processes) whole(got map[string]Answer) {
	p.t.Helper()
	for key, a := range got {
		if assert.NotNil(p.t, a.Snapshot, "%s: %s%s", key, a.Refused, a.Missing) {
			assert.Nil(p.t, a.Snapshot.Failure, key)
		}
		assert.True(p.t, strings.HasPrefix(key, a.Worker+"-"), key)
	}
	assert.Empty(p.t, p.asking.overlaps)
	assert.Len(p.t, p.asking.asked, len(got))
	assert.LessOrEqual(p.t, p.asking.again(), p.inFlight)
}

// begin begins a run over the keys of processes.
func (p *processes) begin() *Run {
	p.t.Helper()
	p.run = p.firm.run(50 * time.Second)
	require.NoError(p.t, p.run.Connect(p.t.Context()))
	p.t.Cleanup(p.run.Close)
	return p.run
}

// TestKilled: a worker that is killed in the middle of a run is started anew, and a server
// likewise, with what it had stored. No key is lost.
func TestKilled(t *testing.T) {
	t.Parallel()
	f := processFirm(t, 12)
	p := f.processes(f.hosts())
	n := 0
	p.whole(f.gathered(p.begin(), func(Answer) {
		switch n++; n {
		case 10:
			p.kill("b")
		case 25:
			p.killServer()
		}
	}))
}

// TestPaused: a worker that is stopped, and continues when another has its turns, sends
// nothing any more.
func TestPaused(t *testing.T) {
	t.Parallel()
	f := processFirm(t, 12)
	p := f.processes(f.hosts())
	var once sync.Once
	p.whole(f.gathered(p.begin(), func(is Answer) {
		if is.Worker == "a" {
			once.Do(func() { p.pause("a", testLease+testLease/2) }) // the others are at work
		}
	}))
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func await(tb testing.TB, port int) {
	tb.Helper()
	require.Eventually(tb, func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
}

// TestSecrecy: what goes over the wire, here without TLS, and what the server stores, holds no
// secret, no reference, no path of a worker's host and no identifier of a key in full.
func TestSecrecy(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.All()...)
	f.give("w1", 1)
	const path = "/home/canary-of-a-path/secret.txt"
	for i := range f.keys["w1"] {
		k := &f.keys["w1"][i]
		k.Credentials.Storage = []access.Storage{
			{Part: "secret", In: "file", File: path, Mode: 0o644, Folder: filepath.Dir(path), FolderMode: 0o777},
			{Part: "passphrase", In: "file", File: path, Mode: 0o644},
		}
	}
	broken := f.keys["w1"][0]
	broken.Load = func(context.Context) (adapter.Credentials, error) {
		return adapter.Credentials{}, &access.Error{Kind: access.KindInput, Message: "the file " + path + " does not exist (source: exec:canary-of-a-command)"}
	}
	f.keys["w1"][0] = broken
	f.certs = nil
	e := f.embed()
	wire := &recorder{}
	f.server.URL = wire.listen(t, strings.TrimPrefix(e.URL, "nats://"))
	f.work("w1")
	r := f.run(50 * time.Second)
	got := f.answers(r)
	r.Close()
	for key, a := range got {
		require.NotNil(t, a.Snapshot, "%s: %s%s", key, a.Refused, a.Missing)
	}
	kept := got[f.keys["w1"][1].Name].Snapshot.Storage
	require.Len(t, kept, 2)
	assert.Equal(t, access.Storage{Part: "secret", In: "file", File: "file 1 on the host of worker w1", Mode: 0o644, Folder: "folder 2 on the host of worker w1", FolderMode: 0o777}, kept[0])
	assert.Equal(t, kept[0].File, kept[1].File, "one file is one file")
	assert.Contains(t, f.log.String(), "canary-of-a-command", "its owner reads it on the host")

	canaries := []string{"canary-of-a", f.workers["w1"].Seed, f.members.Egresses["tokyo"]}
	for _, fake := range f.fakes {
		canaries = append(canaries, fake.Canaries()...)
	}
	for _, k := range f.keys["w1"] {
		if id := k.Credentials.Key; access.MaskID(id) != id {
			canaries = append(canaries, id)
		}
	}
	all := wire.String()
	require.Contains(t, all, "snapshot", "it was recorded")
	files := 0
	require.NoError(t, filepath.Walk(f.folder, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		all += string(text)
		files++
		return err
	}))
	require.Positive(t, files)
	assert.Empty(t, exchangetest.FindCanaries(all, canaries))
	planted, _ := json.Marshal(canaries[3])
	assert.NotEmpty(t, exchangetest.FindCanaries(all+string(planted), canaries), "one that was planted is found")
}

// recorder passes connections on, and keeps what goes through.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *recorder) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *recorder) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func (w *recorder) listen(t *testing.T, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(io.MultiWriter(out, w), in); _ = out.Close() }()
			go func() { _, _ = io.Copy(io.MultiWriter(in, w), out); _ = in.Close() }()
		}
	}()
	return "nats://" + l.Addr().String()
}

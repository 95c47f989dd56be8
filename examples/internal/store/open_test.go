package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func at(n int) *audit.Report { return headAt(noon.AddDate(0, 0, n)) }

func nothing(*audit.Result) {}

// TestRefused: what is no state, or not a whole one, is refused with one sentence, and
// stays as it is.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	whole(t, s, noon, anyRun(rand.New(rand.NewPCG(1, 1)), noon))
	require.NoError(t, s.Close())
	good, err := os.ReadFile(s.path)
	require.NoError(t, err)
	edited := func(edit func([]byte) []byte) []byte { return edit(slices.Clone(good)) }
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"JSON Lines":       {[]byte(`{"type":"start","schema":2}` + "\n"), ErrForeign},
		"text":             {[]byte("hello"), ErrForeign},
		"another database": {edited(func(b []byte) []byte { binary.BigEndian.PutUint32(b[68:], 7); return b }), ErrForeign},
		"newer":            {edited(func(b []byte) []byte { binary.BigEndian.PutUint32(b[60:], userVersion+1); return b }), ErrNewer},
		"cut off":          {good[:len(good)/2], ErrDamaged},
		"a page header":    {edited(func(b []byte) []byte { copy(b[3*4096:], "\xff\xff\xff\xff"); return b }), ErrDamaged},
	} {
		path := filepath.Join(t.TempDir(), "x.db")
		require.NoError(t, os.WriteFile(path, c.content, 0o600))
		s, err := Open(t.Context(), path, func() time.Time { return noon })
		if err == nil {
			_, err = s.Begin(t.Context(), at(1), false)
			require.NoError(t, s.Close())
		}
		require.ErrorIs(t, err, c.want, name)
		is, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, c.content, is, "%s: nothing is overwritten", name)
	}
	_, err = OpenForReading(t.Context(), filepath.Join(t.TempDir(), "none.db"))
	require.ErrorIs(t, err, ErrNoAccess)
	_, err = Open(t.Context(), t.TempDir(), nil)
	require.ErrorIs(t, err, ErrForeign)
	_, err = Open(t.Context(), filepath.Join(t.TempDir(), "no", "folder.db"), nil)
	require.ErrorIs(t, err, ErrNoAccess)
}

// TestFlippedByte: a byte changed in a body is not seen by looking at how the file is
// put together, and is by Verify.
func TestFlippedByte(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	whole(t, s, noon, samples(t, 1))
	var data []byte
	require.NoError(t, s.reader.QueryRow("SELECT data FROM snapshot ORDER BY length(data) DESC LIMIT 1").Scan(&data))
	require.NoError(t, s.Close())
	file, err := os.ReadFile(s.path)
	require.NoError(t, err)
	i := bytes.Index(file, data[10:40])
	require.Positive(t, i)
	file[i+5] ^= 1
	require.NoError(t, os.WriteFile(s.path, file, 0o600))
	s, err = OpenForReading(t.Context(), s.path)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Check(t.Context()))
	_, err = s.Verify(t.Context(), "")
	var tampered *TamperError
	require.ErrorAs(t, err, &tampered)
}

// TestOwnerOnly: nobody else can read a state, its log or its lock.
func TestOwnerOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.Begin(t.Context(), at(0), false)
	require.NoError(t, err)
	files, err := os.ReadDir(filepath.Dir(s.path))
	require.NoError(t, err)
	require.Len(t, files, 4)
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), f.Name())
	}
}

// TestTwoAtOnce: a second run is refused before anything is sent, and somebody may read.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	whole(t, s, noon, anyRun(rand.New(rand.NewPCG(1, 1)), noon))
	_, err := s.Begin(t.Context(), at(1), false)
	require.NoError(t, err)
	second, err := Open(t.Context(), s.path, s.now)
	require.NoError(t, err)
	defer second.Close()
	for _, resume := range []bool{false, true} {
		_, err = second.Begin(t.Context(), at(1), resume)
		require.ErrorIs(t, err, ErrRunning)
	}
	reader, err := OpenForReading(t.Context(), s.path)
	require.NoError(t, err)
	defer reader.Close()
	runs, err := reader.List(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	_, err = reader.Previous(t.Context(), "a-0")
	require.NoError(t, err)
	require.Nil(t, reader.db)

	// Where there is no lock, the row refuses.
	second.lock = s.lock
	_, err = second.db.Exec("INSERT INTO run(state,started,report) VALUES('running',0,'{}')")
	assert.Equal(t, codeConstraint, code(err))
	second.lock = nil
}

// TestMain starts this test binary again as a run that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_CHILD"); path != "" {
		if err := child(path, os.Getenv("STORE_RESUME") != ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const childKeys = 4000

// child is a run of many keys. It says on standard output which it asks.
func child(path string, resume bool) error {
	ctx := context.Background()
	s, err := Open(ctx, path, func() time.Time { return noon })
	if err != nil {
		return err
	}
	defer s.Close()
	head := at(0)
	if _, err := s.Begin(ctx, head, resume); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range childKeys {
		result := anyResult(r, noon, "toy", i)
		result.Name = strconv.Itoa(i)
		kept, err := s.Result(ctx, result.Name)
		if err != nil {
			return err
		}
		if kept != nil {
			result = kept
		} else {
			fmt.Println(i)
		}
		if err := s.Put(ctx, result); err != nil {
			return err
		}
	}
	_, err = finish(ctx, s, head, nothing)
	return err
}

// TestKill: however often a run is killed, the next one goes on with it; no key is asked
// twice but those that were not committed.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	var asked bytes.Buffer
	kills := 0
	for resumes := 0; ; resumes++ {
		ctx, cancel := context.WithCancel(t.Context())
		if resumes < 8 {
			time.AfterFunc(time.Duration(50+r.IntN(400))*time.Millisecond, cancel)
		}
		command := exec.CommandContext(ctx, os.Args[0])
		command.Env, command.Stdout = append(os.Environ(), "STORE_CHILD="+path, "STORE_RESUME=1"), &asked
		var stderr bytes.Buffer
		command.Stderr = &stderr
		err := command.Run()
		killed := ctx.Err() != nil
		cancel()
		if err == nil {
			break
		}
		require.True(t, killed, stderr.String())
		kills++
	}
	times := map[string]int{}
	total := 0
	for line := range bytes.Lines(asked.Bytes()) {
		times[string(line)]++
		total++
	}
	require.LessOrEqual(t, total, childKeys+kills*(batchRows+1))
	require.GreaterOrEqual(t, len(times), childKeys)
	s, err := OpenForReading(t.Context(), path)
	require.NoError(t, err)
	defer s.Close()
	v, err := s.Verify(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, 1, v.Runs)
	assert.Equal(t, childKeys, v.Results)
	t.Log(kills, "kills,", total, "asked")
}

// TestResume: a run that was cut off goes on, without the keys that are no longer in the
// inventory; one of long ago and one of another kind do not.
func TestResume(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newStore(t)
	results := anyRun(rand.New(rand.NewPCG(4, 1)), noon)
	require.Greater(t, len(results), 3)
	_, err := s.Begin(ctx, at(0), true) // there is nothing to go on with
	require.NoError(t, err)
	for _, r := range results {
		require.NoError(t, s.Put(ctx, r))
	}
	require.NoError(t, s.Close())

	open := func(now time.Time) *Store {
		s, err := Open(ctx, s.path, func() time.Time { return now })
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	late := open(noon.Add(25 * time.Hour))
	_, err = late.Begin(ctx, at(1), true)
	require.ErrorIs(t, err, ErrTooOld)
	require.NoError(t, late.Close())
	demo := open(noon)
	_, err = demo.Begin(ctx, &audit.Report{Demo: true}, true)
	require.ErrorIs(t, err, ErrDemo)
	require.NoError(t, demo.Close())

	on := open(noon.Add(time.Hour))
	head, err := on.Begin(ctx, at(0), true)
	require.NoError(t, err)
	require.Equal(t, noon, head.Started)
	kept, err := on.Result(ctx, results[0].Name)
	require.NoError(t, err)
	require.NotNil(t, kept)
	none, err := on.Result(ctx, "nobody")
	require.NoError(t, err)
	require.Nil(t, none)
	var got []string
	_, err = goOn(ctx, on, at(0), slices.Values(results[1:3]), func(r *audit.Result) { got = append(got, r.Name) })
	require.NoError(t, err)
	slices.Sort(got)
	assert.Equal(t, slices.Sorted(slices.Values([]string{results[1].Name, results[2].Name})), got)

	_, err = on.Begin(ctx, at(1), false)
	require.NoError(t, err)
	require.NoError(t, on.Put(ctx, results[0]))
	require.NoError(t, on.Close())
	anew := open(noon.AddDate(0, 0, 1))
	whole(t, anew, noon.AddDate(0, 0, 1), results[:1])
	var abandoned, rows int
	require.NoError(t, anew.reader.QueryRow("SELECT (SELECT count(*) FROM run WHERE state='abandoned'), (SELECT count(*) FROM result)").Scan(&abandoned, &rows))
	assert.Equal(t, []int{1, 3}, []int{abandoned, rows})
}

// TestDiskFull: what is committed stays, the error says how much that is, and once there
// is room the run goes on. The limit on pages stands in for a disk.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, pages := range []int{60, 200} {
		s := newStore(t)
		from := samples(t, 1)
		_, err := s.db.Exec("PRAGMA max_page_count=" + strconv.Itoa(pages))
		require.NoError(t, err)
		_, err = s.Begin(ctx, at(0), false)
		require.NoError(t, err)
		for r := range manyKeys(from, 2500, 0) {
			if err = s.Put(ctx, r); err != nil {
				break
			}
		}
		var full *FullError
		require.ErrorAs(t, err, &full)
		require.NoError(t, s.db.Close())
		s.db = nil
		require.NoError(t, s.Close())

		s, err = Open(ctx, s.path, s.now)
		require.NoError(t, err)
		require.NoError(t, s.Check(ctx))
		_, err = s.Begin(ctx, at(0), true)
		require.NoError(t, err)
		assert.Equal(t, full.Kept, s.kept)
		_, err = goOn(ctx, s, at(0), manyKeys(from, 2500, 0), nothing)
		require.NoError(t, err)
		v, err := s.Verify(ctx, "")
		require.NoError(t, err)
		assert.Equal(t, 2500, v.Results)
		require.NoError(t, s.Close())
	}
}

// TestAbandonedIsNotFinished: a run that another program took for one that was killed, and
// whose results are gone, does not end as if it had them all.
func TestAbandonedIsNotFinished(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	head := headAt(noon)
	_, err := s.Begin(t.Context(), head, false)
	require.NoError(t, err)
	require.NoError(t, s.Put(t.Context(), samples(t, 1)[0]))
	require.NoError(t, s.Flush(t.Context()))
	_, err = s.db.ExecContext(t.Context(), "UPDATE run SET state='abandoned'")
	require.NoError(t, err)
	_, err = s.Runs(t.Context(), head)
	require.ErrorIs(t, err, ErrRunning)
	require.ErrorIs(t, s.Finish(t.Context(), head), ErrRunning)
	runs, err := s.List(t.Context(), 0)
	require.NoError(t, err)
	require.Empty(t, runs)
}

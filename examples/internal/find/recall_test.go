package find

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// score is how well the keys of a tree are found.
type score struct {
	pairs, found, wrong, unknown, false, clean int
}

// measure looks into every file of a tree.
func measure(t *testing.T, o *tree) (s score) {
	t.Helper()
	n := newNames(exchanges.All())
	s.pairs, s.clean = len(o.pairs), o.clean
	seen := map[int]bool{}
	for path, data := range o.files {
		plain, ok := text([]byte(data))
		require.True(t, ok, path)
		var keys []key
		if mayHold([]byte(plain)) {
			keys, _ = n.inspect(path, plain, func(p string) (string, bool) {
				data, err := os.ReadFile(filepath.Join(o.root, p))
				return string(data), err == nil
			})
		}
		for _, k := range keys {
			if k.id == nil || k.secret == nil {
				if strings.HasPrefix(path, "clean") {
					s.false++
					t.Logf("%s: half of a key that is none: %s, %s", path, k.exchange, k.why)
				}
				continue
			}
			i := slices.IndexFunc(o.pairs, func(p planted) bool {
				return p.path == path && p.id == k.id.value.Reveal() && clean(p.secret) == k.secret.value.Reveal()
			})
			if i < 0 {
				s.false++
				t.Logf("%s: a key that is none: %s %s, %s", path, k.exchange, k.strength, k.why)
				continue
			}
			seen[i] = true
			if want := o.pairs[i].exchange; want != "" && k.exchange != want {
				if k.exchange == "" {
					s.unknown++
				} else {
					s.wrong++
				}
				t.Logf("%s: %q %s in place of %s: %s", path, k.exchange, k.strength, want, k.why)
			}
		}
	}
	s.found = len(seen)
	for i, p := range o.pairs {
		if !seen[i] {
			t.Logf("%s: the key of %q is not found", p.path, p.exchange)
		}
	}
	return s
}

// TestRecall holds the search to what it promises, on files made before it.
func TestRecall(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		measure(t, plant(t, seed, keyFiles, cleanFiles, 4)).promised(t)
	}
}

// TestRecallSecond does the same on files made after it.
func TestRecallSecond(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		measure(t, plant(t, 100+seed, secondKeys, secondClean, 4)).promised(t)
	}
}

// TestRecallThird does the same on files by another hand.
func TestRecallThird(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		measure(t, plant(t, 200+seed, thirdKeys, cleanFiles, 4)).promised(t)
	}
}

func (s score) promised(t *testing.T) {
	t.Helper()
	t.Logf("%+v", s)
	assert.GreaterOrEqual(t, 100*s.found, 97*s.pairs)
	assert.LessOrEqual(t, 100*s.wrong, 2*s.pairs)
	assert.LessOrEqual(t, 100*s.false, s.clean)
}

// TestUnsupported: an exchange that gets an adapter leaves the list.
func TestUnsupported(t *testing.T) {
	for _, e := range exchanges.All() {
		assert.NotContains(t, unsupported, e.Name)
	}
}

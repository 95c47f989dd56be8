package render

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSpool: what was written comes back, from memory and from a file that is gone afterwards.
func TestSpool(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 10, spoolMemory, 3*spoolMemory + 5} {
		folder := t.TempDir()
		s := spool{folder: folder}
		text := strings.Repeat("0123456789abcde\n", n/16+1)[:n]
		for rest := text; rest != ""; {
			part := rest[:min(len(rest), 1000)]
			_, err := io.WriteString(&s, part)
			require.NoError(t, err)
			rest = rest[len(part):]
		}
		for range 2 {
			got, err := io.ReadAll(s.reader())
			require.NoError(t, err)
			assert.Equal(t, identity(text), identity(string(got)), n)
		}
		assert.Equal(t, n > spoolMemory, s.file != nil, "a file only if it is much")
		s.discard()
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

// TestSpoolWithoutFolder: what can't be kept is an error, never a shorter report.
func TestSpoolWithoutFolder(t *testing.T) {
	t.Parallel()
	s := sorter{spool: spool{folder: filepath.Join(t.TempDir(), "missing")}}
	require.NoError(t, s.add("a", nil))
	require.ErrorIs(t, s.add("b", make([]byte, spoolMemory+1)), os.ErrNotExist)
}

// TestSorter: records come out by key, and those of one key in their order, as often as wanted.
func TestSorter(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 100, 40_000} {
		random := rand.New(rand.NewPCG(uint64(n), 2)) // the same in every run
		s := sorter{spool: spool{folder: t.TempDir()}}
		var want []record
		for i := range n {
			r := record{fmt.Sprint(random.IntN(n/4 + 1)), []byte(strings.Repeat(fmt.Sprint(i, " "), random.IntN(20)))}
			want = append(want, r)
			require.NoError(t, s.add(r.key, r.value))
		}
		assert.Equal(t, n > 10_000, len(s.runs) > 2, "sorted in parts if it is much")
		slices.SortStableFunc(want, func(a, b record) int { return strings.Compare(a.key, b.key) })
		for range 2 {
			i := 0
			require.NoError(t, s.each(func(key string, value []byte) error {
				if key != want[i].key || string(value) != string(want[i].value) {
					return fmt.Errorf("record %d of %d is another", i, n)
				}
				i++
				return nil
			}))
			assert.Equal(t, n, i)
		}
		s.discard()
	}
}

// TestFirst: the first of many are those that sorting all of them gives, and every other
// one is cut.
func TestFirst(t *testing.T) {
	t.Parallel()
	type item struct{ rank, at int }
	byRank := func(a, b item) int { return a.rank - b.rank }
	random := rand.New(rand.NewPCG(3, 3)) // the same in every run
	for range 200 {
		cut := 0
		f := first[item]{most: 1 + random.IntN(30), compare: byRank, cut: func(item) { cut++ }}
		var all []item
		for i := range random.IntN(200) {
			it := item{random.IntN(20), i}
			all = append(all, it)
			f.add(it)
			assert.LessOrEqual(t, len(f.kept), f.most+f.most/8)
			if random.IntN(10) == 0 {
				f.all() // may be asked at any time
			}
		}
		slices.SortStableFunc(all, byRank)
		want := all[:min(len(all), f.most)]
		assert.True(t, slices.Equal(want, f.all()))
		assert.Equal(t, len(all)-len(want), f.more())
		assert.Equal(t, f.more(), cut)
	}
}

package find

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// searched is what somebody would search for who has no more than grep: a name of a key or a
// secret, an operator, and sixteen characters.
const searched = `(api|access|secret|private)[a-z_-]*(key|secret|token|id)["']?[[:space:]]*(:=|=>|[:=,])[[:space:]]*["']?[A-Za-z0-9+/=_-]{16}`

// BenchmarkFind reads the source code of Go in turns with grep; BENCH_COPIES is how many times
// it lies in the tree (9 are 100,000 files of 1.1 GB).
func BenchmarkFind(b *testing.B) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(b, err)
	source := os.DirFS(filepath.Join(strings.TrimSpace(string(root)), "src"))
	copies, _ := strconv.Atoi(os.Getenv("BENCH_COPIES"))
	tree := b.TempDir()
	for i := range max(1, copies) {
		require.NoError(b, os.CopyFS(filepath.Join(tree, fmt.Sprint("copy", i)), source))
	}
	files, size := 0, int64(0)
	require.NoError(b, filepath.WalkDir(tree, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files, size = files+1, size+info.Size()
		}
		return err
	}))
	var took, grepped time.Duration
	for b.Loop() {
		begin := time.Now()
		out, err := Find(b.Context(), Options{Paths: []string{tree}, Exchanges: exchanges.All()})
		require.NoError(b, err)
		require.Positive(b, out.Files)
		took += time.Since(begin)
		begin = time.Now()
		grep := exec.Command("grep", "-rEic", searched, tree)
		grep.Env = append(os.Environ(), "LC_ALL=C")
		if err := grep.Run(); errors.Is(err, exec.ErrNotFound) {
			b.Log("grep is not installed: there is nothing to compare with")
			continue
		}
		grepped += time.Since(begin)
	}
	b.ReportMetric(float64(files), "files")
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(took.Seconds()/float64(b.N), "s")
	b.ReportMetric(grepped.Seconds()/took.Seconds(), "of-grep's-rate")
}

//go:build unix

package inventory

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHostilePlaces: only regular files are opened.
func TestHostilePlaces(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	huge := filepath.Join(folder, "huge.json")
	require.NoError(t, os.WriteFile(huge, nil, 0o600))
	require.NoError(t, os.Truncate(huge, maxFile+1))
	pipe := filepath.Join(folder, "pipe.json")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	loop := filepath.Join(folder, "loop.json")
	require.NoError(t, os.Symlink(loop, loop))
	for _, format := range Formats() {
		for path, want := range map[string]string{
			huge: "is larger than the limit of 16384 KiB", pipe: "is not a file", loop: "cannot be opened", "/dev/zero": "is not a file",
			filepath.Join(folder, "none"): "does not exist", filepath.Join(huge, "x"): "cannot be opened",
		} {
			_, err := From(format.Name, path, withVariables())
			require.ErrorAs(t, err, &Problems{}, format.Name)
			assert.ErrorContains(t, err, want, format.Name)
		}
	}
}

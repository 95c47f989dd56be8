package sources

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// stream is what an inventory that is no file is called in messages.
const stream = "-"

// IsStream reports whether a path is not of a file: standard input, or a pipe as a
// shell's <(command) passes it.
func IsStream(path string) bool {
	return path == stream || path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// readStream reads a whole stream. Standard input is taken from the options, so that it
// is read once.
func readStream(path string, o *inventory.Options) ([]byte, error) {
	from := o.Stdin
	switch path {
	case stream, "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0":
		o.Stdin = nil
	default:
		file, err := os.Open(path) //nolint:gosec // the user's choice
		if err != nil {
			return nil, errors.New("the pipe cannot be opened")
		}
		defer file.Close() //nolint:errcheck // opened for reading
		from = file
	}
	if from == nil {
		return nil, errors.New("there is no standard input to read")
	}
	data, err := io.ReadAll(io.LimitReader(from, maxInventory+1))
	switch {
	case err != nil:
		return nil, errors.New("the pipe cannot be read")
	case len(data) > maxInventory:
		return nil, errTooLarge
	case len(data) == 0:
		return nil, errors.New("it is empty")
	}
	return data, nil
}

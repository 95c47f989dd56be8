package main

import (
	"io"
	"os"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// logStream is an output of the program whose lines the log of a build, which may show
// it, takes for no commands of its own: names come from other hosts, and from files.
// Reports are safe already, and pass unchanged.
type logStream struct {
	io.Writer
	under io.Writer
}

func forLog(w io.Writer) io.Writer { return logStream{render.ForLog(w), w} }

// fileOf is the file that a stream of the program is.
func fileOf(stream any) (*os.File, bool) {
	if s, ok := stream.(logStream); ok {
		stream = s.under
	}
	file, ok := stream.(*os.File)
	return file, ok
}

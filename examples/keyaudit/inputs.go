package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// inputs are the files that a command reads. No output may be one of them: it would
// destroy a secret, an inventory, or a bot's configuration.
type inputs struct {
	mu     sync.Mutex
	places []place
	named  map[string]bool // paths of those that exist: the secrets of a whole fleet may be in one file
}

// reads notes a file that is read, or a folder of which any file may be.
func (in *inputs) reads(path string) {
	if in == nil || in.has(path) {
		return
	}
	p := locate(path)
	in.add(p)
	if p.info != nil {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.named == nil {
			in.named = map[string]bool{}
		}
		in.named[path] = true
	}
}

func (in *inputs) has(path string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.named[path]
}

func (in *inputs) add(p place) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.places = append(in.places, p)
}

// readsStream notes standard input, if it is a file.
func (in *inputs) readsStream(r io.Reader) {
	if p, ok := locateStream(r); ok {
		in.add(p)
	}
}

// contain reports whether a file is one that is read.
func (in *inputs) contain(p place) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.ContainsFunc(in.places, func(read place) bool { return read.same(p) || read.holds(p) })
}

// names reports whether a file is one that is read, and not only in a folder of which any
// may be.
func (in *inputs) names(p place) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.ContainsFunc(in.places, func(read place) bool { return read.same(p) })
}

// readsTrust notes the certificates that connections are checked against, where the
// environment names them.
func (a app) readsTrust() {
	if a.env == nil {
		return
	}
	a.read.reads(a.env("SSL_CERT_FILE"))
	for _, folder := range filepath.SplitList(a.env("SSL_CERT_DIR")) {
		a.read.reads(folder)
	}
}

// place is a file as the system knows it, whatever it is called: links lead to it.
type place struct {
	info    os.FileInfo   // nil if there is no such file
	path    string        // absolute and without links, as far as it exists
	folders []os.FileInfo // those that it is in, innermost first
}

func locate(path string) (p place) {
	if path == "" {
		return p
	}
	p.path, _ = filepath.Abs(path)
	if real, err := filepath.EvalSymlinks(p.path); err == nil {
		p.path = real
	} else if folder, err := filepath.EvalSymlinks(filepath.Dir(p.path)); err == nil { // the file itself does not exist yet
		p.path = filepath.Join(folder, filepath.Base(p.path))
	}
	p.info, _ = os.Stat(p.path)
	for at := filepath.Dir(p.path); ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil {
			p.folders = append(p.folders, info)
		}
		if at == filepath.Dir(at) {
			return p
		}
	}
}

// locateStream is the file that a stream of the program is redirected to.
func locateStream(stream any) (p place, ok bool) {
	file, is := fileOf(stream)
	if !is {
		return p, false
	}
	info, err := file.Stat()
	return place{info: info}, err == nil && info.Mode().IsRegular()
}

// same reports whether two places are one file, or will be.
func (p place) same(q place) bool {
	if p.info != nil && q.info != nil {
		return os.SameFile(p.info, q.info)
	}
	return p.path != "" && p.path == q.path
}

// holds reports whether p is a folder with the existing file q in it.
func (p place) holds(q place) bool {
	return p.info != nil && p.info.IsDir() && q.info != nil &&
		slices.ContainsFunc(q.folders, func(folder os.FileInfo) bool { return os.SameFile(p.info, folder) })
}

// written is a file that a command writes, by the flag that names it.
type written struct{ flag, path string }

// outputs are the files that a run writes.
func (s *settings) outputs() []written {
	var out []written
	if s.state != "" {
		out = append(out, written{"--state", s.state})
		for _, suffix := range besideState {
			out = append(out, written{"--state", s.state + suffix})
		}
	}
	out = append(out, written{"--output", s.output})
	for _, t := range s.reports {
		out = append(out, written{"--report", t.path})
	}
	for _, w := range slices.Clone(out) {
		if s.sign != "" && w.flag != "--state" && w.path != "" && !isStandardOutput(w.path) && w.path != os.DevNull {
			out = append(out, written{"--sign", followed(w.path) + sigSuffix})
		}
	}
	return out
}

// checkOutputs finds outputs that are read as well, or written twice. Nothing may
// have been written yet.
func (a app) checkOutputs(s *settings) (problems []string) {
	var taken []place
	refused := false // the state
	for _, w := range s.outputs() {
		p, name := a.locateOutput(w.path), showPath(w.path)
		if w.path == "" {
			name = "standard output"
		}
		problem := a.wrongOutput(s, w, p)
		if problem == "" && slices.ContainsFunc(taken, p.same) {
			problem = "duplicate file %s: each report and the state need their own"
		}
		if problem != "" && (w.flag != "--state" || !refused) { // one sentence, not one for each file beside a state
			refused = w.flag == "--state"
			problems = append(problems, w.flag+": "+fmt.Sprintf(problem, name))
		}
		if w.path != "" { // further reports may share standard output with it
			taken = append(taken, p)
		}
	}
	return problems
}

// wrongOutput is what is wrong with one output, with a place for its name.
func (a app) wrongOutput(s *settings, w written, p place) string {
	file, report := w.path != "" && !isStandardOutput(w.path), w.flag == "--output" || w.flag == "--report"
	switch {
	case a.read.contain(p):
		return "%s is also read, as a secret, an inventory, a bot's file or an earlier report, and would be overwritten: name another file"
	case file && inGit(w.path):
		return "%s is in the folder that git keeps a repository in: name another file"
	case s.demo && w.flag != "--sign" && p.info != nil && p.path != "" && !isOfDemo(p.path): // the shell has made standard output already
		return "%s is not of a demonstration, and would be overwritten by one: name another file"
	case report && file && !s.demo && !replaceable(w.path):
		return "%s is no report of this program, and would be overwritten: name another file"
	default:
		return ""
	}
}

// inGit reports whether a file is in a folder that git keeps a repository in, by any of
// its names.
func inGit(path string) bool {
	folder := filepath.Dir(path)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		folder = filepath.Dir(real)
	} else if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	folder, err := filepath.Abs(folder)
	for err == nil && folder != filepath.Dir(folder) {
		own := filepath.Base(folder) == ".git"
		if !own {
			own = true
			for _, part := range []string{"HEAD", "objects", "refs"} {
				_, missing := os.Lstat(filepath.Join(folder, part))
				own = own && missing == nil
			}
		}
		if own {
			return true
		}
		folder = filepath.Dir(folder)
	}
	return false
}

// locateOutput is where an output goes.
func (a app) locateOutput(path string) place {
	if path == os.DevNull {
		return place{}
	}
	if !isStandardOutput(path) {
		return locate(path)
	}
	if p, redirected := locateStream(a.stdout); redirected {
		return p
	}
	return place{path: "-"}
}

// demoMarks are what the files of a demonstration contain near their beginning, one
// for each kind of format.
var demoMarks = []string{
	demoNotice, `"demo":true`, `"demo": true`, ",DEMO\n", `name="DEMO API key audit"`,
}

// isStateOfDemo reports whether a state is of a demonstration, or has nothing yet.
func isStateOfDemo(path string) bool {
	s, err := store.OpenForReading(context.Background(), path)
	if err != nil {
		return false
	}
	defer s.Close() //nolint:errcheck // opened for reading
	demo, known, err := s.Demo(context.Background())
	return err == nil && (demo || !known)
}

// isOfDemo reports whether a file may be overwritten by a demonstration: it is empty or
// comes from one.
func isOfDemo(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return err == nil // which is refused for what it is
	}
	for _, beside := range []string{"-wal", "-shm"} { // of a database that is of one
		path = strings.TrimSuffix(path, beside)
	}
	if kindOf(path) == database {
		return isStateOfDemo(path)
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // opened for reading
	head, err := io.ReadAll(io.LimitReader(file, 256<<10))
	return err == nil && (len(head) == 0 || slices.ContainsFunc(demoMarks, func(mark string) bool { return bytes.Contains(head, []byte(mark)) }))
}

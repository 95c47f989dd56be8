package find

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
)

// Options say where to look.
type Options struct {
	Paths     []string // files and folders
	Exchanges []*adapter.Exchange
	// FileSystems: folders on other file systems than their PATH are entered too.
	FileSystems bool
	// History: every object of the git repositories in the folders is read too.
	History bool
	// Staged: instead of files, what is to be committed in the git repositories.
	Staged bool
	// LeaveArchives: archives and databases are named, and leave nothing open.
	LeaveArchives bool
	// Copies: in place of keys, these texts are looked for, in every file, archive and
	// object of git.
	Copies *copies.Values
	// single: the path is a file, of which nothing but its keys is wanted.
	single bool
}

// mostWorkers is how many files are read at a time at most: each takes memory.
const mostWorkers = 4

func workers() int { return min(runtime.GOMAXPROCS(0), mostWorkers) }

// Find looks for keys. A file that cannot be read is no error: it is in the report. The
// error is about the paths, and is to be shown to whoever gave them.
func Find(ctx context.Context, o Options) (*Report, error) {
	roots, err := resolve(o.Paths)
	if err != nil {
		return nil, err
	}
	r := newReport(o.Paths)
	r.roots, r.staging, r.leave, r.copies = roots, o.Staged, o.LeaveArchives, o.Copies
	if o.single && roots[0].file == "" {
		return nil, fmt.Errorf("%s is a folder: name a file", inventory.ShowPath(o.Paths[0]))
	}
	for i, root := range roots {
		if o.Staged {
			if err := r.staged(ctx, i, root, o.Exchanges); err != nil {
				return nil, err
			}
			continue
		}
		w := &walker{options: &o, report: r, root: root, at: i, jobs: make(chan []job, workers())}
		if err := w.run(ctx); err != nil {
			return nil, err
		}
		if !o.single {
			r.tracked(ctx, i, root.folder)
		}
		if o.History {
			for _, repository := range r.repositories(ctx, i, w) {
				r.history(ctx, i, root.folder, repository, &o)
			}
		}
	}
	r.finish(ctx)
	return r, nil
}

// repositories are those in a root, and the one that the root itself is in, relative to
// it. That there is none is no history without keys.
func (r *Report) repositories(ctx context.Context, in int, w *walker) []string {
	all := w.repositories
	g := &repository{ctx: ctx, folder: w.root.folder}
	_, err := g.path("--git-dir")
	switch {
	case err == nil:
		own := "."
		if top, err := g.path("--show-toplevel"); err == nil && top != "" {
			if path, err := filepath.Rel(w.root.folder, top); err == nil {
				own = path
			}
		}
		if !slices.Contains(all, own) {
			all = append(all, own)
		}
	case top(w.root.folder) != "" && !slices.Contains(all, "."), w.own: // git refuses it
		r.skip(in, SkippedHistory, ".")
	case len(all) == 0 && !r.left(SkippedHistory) && r.copies == nil:
		r.skip(in, SkippedNoGit, ".")
	}
	return all
}

// root is one of the paths: a folder, and if the path is a file, its name in it.
type root struct{ given, folder, file string }

// kernel are folders whose files are no files.
var kernel = []string{"/proc", "/sys", "/dev"}

// resolve follows links in the paths themselves, and finds what cannot be looked into.
func resolve(paths []string) (roots []root, err error) {
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, fmt.Errorf("%s does not exist or cannot be opened", inventory.ShowPath(path))
		}
		if real, err = filepath.Abs(real); err != nil {
			return nil, fmt.Errorf("%s cannot be opened", display(path))
		}
		if slices.ContainsFunc(kernel, func(k string) bool { return real == k || strings.HasPrefix(real, k+"/") }) {
			return nil, fmt.Errorf("%s is the kernel's, and holds no files: name another folder", display(path))
		}
		info, err := os.Stat(real)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s cannot be opened", display(path))
		case info.IsDir():
			roots = append(roots, root{given: path, folder: real})
		case info.Mode().IsRegular():
			roots = append(roots, root{path, filepath.Dir(real), filepath.Base(real)})
		default:
			return nil, fmt.Errorf("%s is neither a file nor a folder", display(path))
		}
	}
	return roots, nil
}

// job is one file to read, relative to its root.
type job struct {
	path string
	size int64
	mode fs.FileMode
	in   *folder // nil: the root
}

// folder is one that files are read from, and the folders in it. Opening each from the root
// would go through all folders between. It is closed when the last was read.
type folder struct {
	*os.Root
	users atomic.Int32
}

// open opens a folder in this one, whatever its path from the root is.
func (f *folder) open(root *os.Root, path string) (*folder, error) {
	if f != nil {
		root, path = f.Root, filepath.Base(path)
	}
	open, err := root.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return (&folder{Root: open}).hold(true), nil
}

// hold keeps the folder open for one more user; nil if that one is to open it from the root.
func (f *folder) hold(is bool) *folder {
	if !is {
		return nil
	}
	f.users.Add(1)
	return f
}

func (f *folder) release() {
	if f != nil && f.users.Add(-1) == 0 {
		_ = f.Close()
	}
}

// walker goes through one root.
type walker struct {
	options *Options
	report  *Report
	root    root
	at      int // index of the root
	jobs    chan []job
	batch   []job // that the workers are given next

	ctx          context.Context
	inner        *os.Root
	device       uint64
	seen         map[identity]bool
	repositories []string
	own          bool // the root is a folder of git's
}

// run walks, and reads what it finds with some workers.
func (w *walker) run(ctx context.Context) error {
	inner, err := os.OpenRoot(w.root.folder)
	if err != nil {
		return fmt.Errorf("%s cannot be opened by this user", inventory.ShowPath(w.root.given))
	}
	defer inner.Close() //nolint:errcheck // opened for reading
	w.ctx, w.inner, w.seen = ctx, inner, map[identity]bool{}
	var group sync.WaitGroup
	for range workers() {
		group.Go(func() { w.work(ctx) })
	}
	if w.root.file != "" {
		if info, err := inner.Lstat(w.root.file); err == nil {
			w.jobs <- []job{{path: w.root.file, size: info.Size(), mode: info.Mode()}}
		}
	} else if w.own = w.bare(inner, "."); !w.own {
		w.walk(ctx)
	} else if !w.options.History {
		err = fmt.Errorf("%s is a folder that git keeps a repository in, and no file of it can be read as it is: add --history", inventory.ShowPath(w.root.given))
	}
	close(w.jobs)
	group.Wait()
	return err
}

// work reads files until there are no more.
func (w *walker) work(ctx context.Context) {
	r := w.options.reader(w.inner)
	for batch := range w.jobs {
		for _, j := range batch {
			w.read(ctx, r, j)
			j.in.release()
		}
	}
}

// read reads one file.
func (w *walker) read(ctx context.Context, r *reader, j job) {
	if ctx.Err() != nil {
		w.report.skip(w.at, SkippedTime, j.path)
		return
	}
	keys, skipped, read := r.file(j)
	if why := byName(filepath.Base(j.path)); w.options.Copies == nil && why.Unread() && !skipped.Unread() { // a file that was named
		skipped = why
	}
	w.report.add(w.at, j, keys, skipped, read)
}

// finish sorts and groups what was found.
func (r *Report) finish(ctx context.Context) {
	r.Stopped = ctx.Err() != nil
	r.hide()
	slices.SortFunc(r.Found, compareFound)
	r.group()
	for i := range r.Skipped {
		slices.Sort(r.Skipped[i].Paths)
	}
	slices.SortFunc(r.Skipped, func(a, b Skipped) int { return strings.Compare(string(a.Why), string(b.Why)) })
}

// fingerprint tells keys apart within one run. It is never shown.
func (r *Report) fingerprint(k *key) [sha256.Size]byte {
	sum := sha256.New()
	sum.Write(r.salt[:])
	for _, h := range []*half{k.id, k.secret} {
		if h != nil {
			fmt.Fprintf(sum, "%d:%s", h.size, h.value.Reveal())
		} else {
			sum.Write([]byte("-"))
		}
	}
	return [sha256.Size]byte(sum.Sum(nil))
}

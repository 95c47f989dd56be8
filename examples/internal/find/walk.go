package find

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Why is why something was not read, or not wholly.
type Why string

// The reasons. Those that are Unread leave the answer open.
const (
	SkippedPermission Why = "no permission"
	SkippedError      Why = "could not be read"
	SkippedLarge      Why = "too large: only the beginning was read"
	SkippedLong       Why = "a line too long to be read as a whole"
	SkippedMany       Why = "too many values that look like keys: only the first were looked at"
	SkippedTime       Why = "the time was over"
	SkippedEncrypted  Why = "encrypted"
	SkippedHummingbot Why = "keys that Hummingbot encrypted: keyaudit --from hummingbot=FOLDER reads them from the bot's own folder, with its password in HBOT_PASSWORD"
	SkippedGCT        Why = "keys that GoCryptoTrader encrypted: keyaudit --from gocryptotrader=FILE reads them, with the password in GCT_PASSWORD"
	SkippedOdd        Why = "could not be understood"
	SkippedHistory    Why = "git history cut off or not readable"
	SkippedNoGit      Why = "no git repository, whose history was to be read"
	SkippedBinary     Why = "binary"
	SkippedOwn        Why = "written by keyaudit, without keys"
	SkippedArchive    Why = "archive, not opened"
	SkippedDatabase   Why = "database, not opened"
	SkippedLock       Why = "lock file, map or minified code"
	SkippedPackages   Why = "folder of packages or caches"
	SkippedGit        Why = "git's own folder: see --history"
	SkippedLink       Why = "symbolic link, not followed"
	SkippedSpecial    Why = "pipe, socket or device"
	SkippedSystem     Why = "on another file system: see --all-file-systems"
	SkippedAgain      Why = "read already under another name"
)

// Unread reports whether keys may be in what was skipped although it was to be read. In a
// picture or a program they are not looked for.
func (w Why) Unread() bool {
	switch w {
	case SkippedPermission, SkippedError, SkippedLarge, SkippedLong, SkippedMany, SkippedTime, SkippedEncrypted, SkippedHummingbot, SkippedGCT, SkippedOdd, SkippedHistory, SkippedNoGit,
		SkippedArchive, SkippedDatabase:
		return true
	default:
		return false
	}
}

// encrypted reports whether only its owner can read it.
func (w Why) encrypted() bool {
	return w == SkippedEncrypted || w == SkippedHummingbot || w == SkippedGCT
}

// Folders of other people's code, and of what programs keep for themselves.
var packageFolders = []string{
	"node_modules", "bower_components", "vendor", ".venv", "venv", "site-packages", "__pycache__", ".tox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".gradle", ".m2",
	".cargo", ".rustup", ".npm", ".nvm", ".pnpm-store", ".yarn", ".cache", "Caches", ".terraform", ".next", ".nuxt", "Pods", ".bundle", ".hg", ".svn",
}

var lockFiles = []string{"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "go.sum", "go.work.sum", "composer.lock", "packages.lock.json", "uv.lock"}

var lockEnds = []string{".lock", ".map", ".min.js", ".min.css", ".bundle.js", ".chunk.js"}

var archiveEnds = []string{".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".jar", ".whl", ".deb", ".rpm"}

var encryptedEnds = []string{".age", ".gpg", ".asc.gpg", ".kdbx"}

// byName says why a file is not read, from its name; empty if it is.
func byName(name string) Why {
	lower := strings.ToLower(name)
	ends := func(all []string) bool {
		return slices.ContainsFunc(all, func(end string) bool { return strings.HasSuffix(lower, end) })
	}
	switch {
	case slices.Contains(lockFiles, lower), ends(lockEnds):
		return SkippedLock
	case ends(archiveEnds):
		return SkippedArchive
	case ends(encryptedEnds):
		return SkippedEncrypted
	default:
		return ""
	}
}

const listed = 256 // entries of a folder that are held at a time

// walk goes through the folders below the root, without recursion and in memory that
// does not grow with the number of files.
func (w *walker) walk(ctx context.Context) {
	if info, err := w.inner.Lstat("."); err == nil {
		w.device = identify(info).device
		w.again(info)
	}
	pending := []listing{{path: "."}}
	for len(pending) > 0 && ctx.Err() == nil {
		next := pending[len(pending)-1]
		pending = append(pending[:len(pending)-1], w.folder(ctx, next)...)
	}
	for _, left := range pending {
		w.report.skip(w.at, SkippedTime, left.path)
		left.in.release()
	}
	w.flush()
}

// again reports whether a file or folder was met before, under another name.
func (w *walker) again(info fs.FileInfo) bool {
	id := identify(info)
	if id.inode == 0 || !info.IsDir() && id.links < 2 {
		return false
	}
	id.links = 0
	was := w.seen[id]
	w.seen[id] = true
	return was
}

// listing is a folder that is to be listed.
type listing struct {
	path  string
	in    *folder // that it is opened from; nil: the root
	depth int
}

// deepestHeld is how far down folders are held open for those in them, one of each depth.
const deepestHeld = 64

// folder sends the files of a folder to the workers, and returns the folders in it.
func (w *walker) folder(ctx context.Context, at listing) (inner []listing) {
	path := at.path
	in, err := at.in.open(w.inner, path)
	at.in.release()
	if err != nil {
		w.report.skip(w.at, because(err), path)
		return nil
	}
	defer in.release()
	if path != "." && w.bare(in.Root, path) {
		w.repositories = append(w.repositories, path)
		if !w.entersGit(path) {
			return nil
		}
	}
	open, err := in.Open(".")
	if err != nil {
		w.report.skip(w.at, because(err), path)
		return nil
	}
	defer open.Close() //nolint:errcheck // opened for reading
	for ctx.Err() == nil {
		entries, err := open.ReadDir(listed)
		for _, entry := range entries {
			entered := filepath.Join(path, entry.Name())
			if entry.IsDir() {
				if w.enters(entered, entry) {
					inner = append(inner, listing{entered, in.hold(at.depth < deepestHeld), at.depth + 1})
				}
			} else {
				w.send(in, entered, entry)
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				w.report.skip(w.at, because(err), path)
			}
			break
		}
	}
	return inner
}

// enters reports whether a folder is gone into.
func (w *walker) enters(path string, entry fs.DirEntry) bool {
	if w.options.Copies != nil && entry.Name() == "objects" && w.isGit(filepath.Dir(path)) {
		return false // they are read as git has them
	}
	why := w.barred(path, entry)
	if why == SkippedGit {
		return w.entersGit(path)
	}
	if why != "" {
		w.report.skip(w.at, why, path)
	}
	return why == ""
}

// entersGit reports whether a folder that git keeps a repository in is gone into.
func (w *walker) entersGit(path string) bool {
	if w.options.History { // it is read otherwise, and for copies, what is beside the objects
		return w.options.Copies != nil
	}
	w.report.skip(w.at, SkippedGit, path)
	return false
}

// barred says why a folder is not gone into.
func (w *walker) barred(path string, entry fs.DirEntry) Why {
	info, err := entry.Info()
	switch {
	case err != nil:
		return because(err)
	case w.options.Copies == nil && slices.Contains(packageFolders, entry.Name()):
		return SkippedPackages
	case !w.options.FileSystems && identify(info).device != w.device && entry.Name() != ".git":
		return SkippedSystem
	case w.again(info) && entry.Name() != ".git":
		return SkippedAgain
	case entry.Name() == ".git":
		w.repositories = append(w.repositories, filepath.Dir(path))
		return SkippedGit
	default:
		return ""
	}
}

// isGit reports whether a folder is one in which git keeps a repository that is read.
func (w *walker) isGit(folder string) bool {
	return slices.Contains(w.repositories, folder) || filepath.Base(folder) == ".git" && slices.Contains(w.repositories, filepath.Dir(folder))
}

// bare reports whether a folder is a git repository without a work tree, or the folder
// that git keeps one in: it must look like one.
func (w *walker) bare(in *os.Root, path string) bool {
	for _, part := range []string{"HEAD", "objects", "refs"} {
		if _, err := in.Lstat(part); err != nil {
			return false
		}
	}
	return (&repository{ctx: w.ctx, folder: filepath.Join(w.root.folder, path)}).owns()
}

// send gives a file to the workers, unless its name or kind says that it is not read.
func (w *walker) send(in *folder, path string, entry fs.DirEntry) {
	switch mode := entry.Type(); {
	case mode&fs.ModeSymlink != 0 && entry.Name() == ".git" && w.options.History: // it may lead anywhere
		w.report.skip(w.at, SkippedHistory, path)
		return
	case mode&fs.ModeSymlink != 0:
		w.report.skip(w.at, SkippedLink, path)
		return
	case !mode.IsRegular():
		w.report.skip(w.at, SkippedSpecial, path)
		return
	}
	if entry.Name() == ".git" { // a worktree or a submodule, whose store is elsewhere
		w.repositories = append(w.repositories, filepath.Dir(path))
		if !w.options.History {
			w.report.skip(w.at, SkippedGit, path)
		}
		return
	}
	if why := byName(entry.Name()); why != "" && w.options.Copies == nil {
		w.report.skip(w.at, why, path)
		return
	}
	info, err := entry.Info()
	switch {
	case err != nil:
		w.report.skip(w.at, because(err), path)
	case w.again(info):
		w.report.skip(w.at, SkippedAgain, path)
	case info.Size() > 0:
		w.batch = append(w.batch, job{path, info.Size(), info.Mode(), in.hold(true)})
		if len(w.batch) == batched {
			w.flush()
		}
	default:
		w.report.empty()
	}
}

// batched is how many files a worker is given at a time.
const batched = 16

// flush gives the workers what was not given to them yet.
func (w *walker) flush() {
	if len(w.batch) > 0 {
		w.jobs <- w.batch
		w.batch = nil
	}
}

func because(err error) Why {
	if errors.Is(err, fs.ErrPermission) {
		return SkippedPermission
	}
	return SkippedError
}

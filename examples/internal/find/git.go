package find

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Git is asked by its own program, and only by commands that read: none runs a hook, a
// filter or a program that a repository's configuration names, and none connects to
// anything. A repository of another user is refused by git itself, which is for that
// user's owner to change: it counts as not read.

// gitSafe are the settings that keep a repository's own from running anything.
var gitSafe = []string{
	"--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "protocol.allow=never", "-c", "core.quotePath=false",
	"-c", "core.attributesFile=" + os.DevNull,
}

// repository is a git repository that is read.
type repository struct {
	ctx    context.Context
	folder string
	index  string // the one that a hook is told of; empty for its own
}

// gitNeeds are the variables that git is given: what finds the program and its owner's
// settings, on any system, and whom sudo was called by. No key is among them, which may be
// in any other, and which anybody who may look at the process would see there.
var gitNeeds = []string{
	"PATH", "HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SUDO_UID",
	"USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP",
}

// command is a command of git in the repository.
func (g *repository) command(args ...string) *exec.Cmd {
	all := append([]string{"-C", g.folder}, gitSafe...)
	cmd := exec.CommandContext(g.ctx, "git", append(all, args...)...) //nolint:gosec // the folder is the user's choice, and is no option
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if slices.Contains(gitNeeds, name) || runtime.GOOS == "windows" && slices.Contains(gitNeeds, strings.ToUpper(name)) {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	if g.index != "" {
		cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+g.index)
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=",
		"GIT_NO_REPLACE_OBJECTS=1", "LC_ALL=C")
	return cmd
}

// path is a path that git says of the repository, whatever is in its name.
func (g *repository) path(question string) (string, error) {
	out, err := g.output("rev-parse", "--path-format=absolute", question)
	return filepath.FromSlash(strings.TrimSuffix(out, "\n")), err
}

// owns reports whether git takes the folder itself for a repository, and not one that it
// is in.
func (g *repository) owns() bool {
	folder, err := filepath.EvalSymlinks(g.folder)
	if err != nil {
		return false
	}
	for _, question := range []string{"--show-toplevel", "--git-dir", "--git-common-dir"} {
		if path, err := g.path(question); err == nil && path == folder {
			return true
		}
	}
	return false
}

// output is what a command of git prints; its errors may name anything.
func (g *repository) output(args ...string) (string, error) {
	out, err := g.command(args...).Output()
	return string(out), err
}

// top is the folder of the repository that a folder is in; empty without one.
func top(folder string) string {
	for {
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			return ""
		}
		folder = filepath.Dir(folder)
	}
}

const together = 200 // paths of one command

// tracked finds out which of the files that were found in a root git has.
func (r *Report) tracked(ctx context.Context, in int, folder string) {
	of := map[string][]*Found{}
	for i := range r.Found {
		if f := &r.Found[i]; f.In == in {
			at := top(filepath.Dir(filepath.Join(folder, f.real)))
			if f.Tracked = NoGit; at != "" {
				f.Tracked = ""
				of[at] = append(of[at], f)
			}
		}
	}
	for at, found := range of {
		g := &repository{ctx: ctx, folder: at}
		for len(found) > 0 {
			some := found[:min(together, len(found))]
			found = found[len(some):]
			args := []string{"ls-files", "-z", "--"}
			for _, f := range some {
				if path, err := filepath.Rel(at, filepath.Join(folder, f.real)); err == nil {
					args = append(args, path)
				}
			}
			list, err := g.output(args...)
			if err != nil {
				break // not known
			}
			for _, f := range some {
				path, _ := filepath.Rel(at, filepath.Join(folder, f.real))
				if f.Tracked = NotInGit; strings.Contains("\x00"+list, "\x00"+filepath.ToSlash(path)+"\x00") {
					f.Tracked = InGit
				}
			}
		}
	}
}

// staged finds the keys in what is to be committed.
func (r *Report) staged(ctx context.Context, in int, at root, all []*adapter.Exchange) error {
	g := &repository{ctx: ctx, folder: at.folder}
	folder, err := g.path("--show-toplevel")
	if err != nil || folder == "" || at.folder != folder && !strings.HasPrefix(at.folder, folder+string(filepath.Separator)) {
		return fmt.Errorf("%s is in no git repository that this user may read, or git is not installed", inventory.ShowPath(at.given))
	}
	g.folder = folder
	if here, err := (&repository{ctx: ctx, folder: "."}).path("--show-toplevel"); err == nil && here == folder {
		g.index = hooked()
	}
	list, err := g.output("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--diff-filter=ACMTU", "HEAD")
	if err != nil { // nothing was ever committed
		list, err = g.output("ls-files", "-s", "-z")
	}
	if err != nil {
		return fmt.Errorf("%s: what is staged could not be read", inventory.ShowPath(at.given))
	}
	b, err := g.batch()
	if err != nil {
		return errors.New("git could not be run")
	}
	defer b.close()
	read := (&Options{Exchanges: all}).reader(nil)
	for id, path := range stagedBlobs(list) { // two files of one content are one blob
		if id == "" { // a conflict, or what is no file
			r.skip(in, SkippedOdd, path)
			continue
		}
		if why := byName(filepath.Base(path)); why != "" {
			r.skip(in, why, path)
			continue
		}
		keys, skipped, size := b.read(read, id, path)
		r.add(in, job{path: path}, keys, skipped, size)
	}
	for i := range r.Found {
		r.Found[i].Tracked = InGit
	}
	return nil
}

// hooked is the index that git tells its hooks of, which stands for that of the repository
// they run in.
func hooked() string {
	index := os.Getenv("GIT_INDEX_FILE")
	if index == "" {
		return ""
	}
	if path, err := filepath.Abs(index); err == nil {
		return path
	}
	return index
}

// stagedBlobs are the files in a list of git's: ":mode mode id id S\0path\0" of
// diff-index, "mode id stage\tpath\0" of ls-files.
func stagedBlobs(list string) func(yield func(id, path string) bool) {
	return func(yield func(id, path string) bool) {
		fields := strings.Split(list, "\x00")
		for i := 0; i < len(fields); i++ {
			var mode, id, path string
			if words := strings.Fields(fields[i]); strings.HasPrefix(fields[i], ":") && len(words) == 5 && i+1 < len(fields) {
				mode, id, path = words[1], words[3], fields[i+1]
				i++
			} else if info, name, ok := strings.Cut(fields[i], "\t"); ok && len(strings.Fields(info)) == 3 {
				mode, id, path = strings.Fields(info)[0], strings.Fields(info)[1], name
			}
			switch {
			case path == "" || mode == "120000" || mode == "160000": // links and submodules have no text of their own
				continue
			case !strings.HasPrefix(mode, "100"):
				id = ""
			}
			if !yield(id, path) {
				return
			}
		}
	}
}

// batch is git's program that gives objects by their ids.
type batch struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (g *repository) batch() (*batch, error) {
	b := &batch{cmd: g.command("cat-file", "--batch")}
	var err error
	if b.in, err = b.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.out = bufio.NewReaderSize(out, 64<<10)
	return b, b.cmd.Start()
}

func (b *batch) close() {
	_ = b.in.Close()
	_ = b.cmd.Wait()
}

// read asks for one object, and finds the keys in it.
func (b *batch) read(r *reader, id, path string) (keys []key, skipped Why, size int64) {
	if _, err := io.WriteString(b.in, id+"\n"); err != nil {
		return nil, SkippedError, 0
	}
	return b.next(r, path)
}

// next reads the answer that comes next.
func (b *batch) next(r *reader, path string) (keys []key, skipped Why, size int64) {
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, SkippedError, 0
	}
	var id, kind string
	if n, err := fmt.Sscanf(head, "%s %s %d", &id, &kind, &size); err != nil || n != 3 {
		return nil, SkippedHistory, 0 // missing
	}
	content := io.LimitReader(b.out, size)
	keys, skipped = r.object(path, content)
	_, _ = io.Copy(io.Discard, content)
	if _, err = b.out.ReadByte(); err != nil {
		return keys, SkippedError, size
	}
	return keys, skipped, size
}

// object finds the keys in an object, and lets no text of it out if that fails.
func (r *reader) object(path string, content io.Reader) (keys []key, skipped Why) {
	defer func() {
		if recover() != nil {
			keys, skipped = nil, SkippedOdd
		}
	}()
	keys, skipped, _ = r.stream(path, content, nil)
	return keys, skipped
}

package find

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// past is a git repository whose objects are read: all of them, whatever they hang on.
type past struct {
	*repository
	report *Report
	in     int
	path   string // of the repository, relative to the root

	mutex   sync.Mutex
	hits    map[string][]key // by the object they are in
	commits []string
	notes   map[string]bool // objects that are commits or tags
	cut     bool            // objects are missing
}

// history reads the repository in a folder, and those of its submodules.
func (r *Report) history(ctx context.Context, in int, folder, path string, o *Options) {
	g := &repository{ctx: ctx, folder: filepath.Join(folder, path)}
	store, err := g.path("--git-common-dir")
	if err != nil || store == "" || !g.owns() {
		r.skip(in, SkippedHistory, path)
		return
	}
	shallow, err := g.output("rev-parse", "--is-shallow-repository")
	if real, err := filepath.EvalSymlinks(store); err == nil {
		store = real
	}
	if r.stores[store] { // another worktree of it was read
		return
	}
	r.stores[store] = true
	p := &past{repository: g, report: r, in: in, path: path, hits: map[string][]key{}, notes: map[string]bool{}}
	promises, _ := g.output("config", "--get-regexp", `^(remote\..*\.promisor|extensions\.partialclone)$`)
	p.cut = err != nil || strings.TrimSpace(shallow) != "false" || promises != ""
	p.read(o)
	if len(p.hits) > 0 {
		p.report.addPast(p.places())
	}
	if p.cut {
		r.skip(in, SkippedHistory, path)
	}
	r.modules(ctx, in, folder, path, store, o)
}

// modules reads the repositories of submodules, also of those that were removed.
func (r *Report) modules(ctx context.Context, in int, folder, path, store string, o *Options) {
	_ = filepath.WalkDir(filepath.Join(store, "modules"), func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // there are none
		}
		if _, err := os.Lstat(filepath.Join(at, "objects")); err != nil {
			return nil //nolint:nilerr // a folder on the way
		}
		if inner, err := filepath.Rel(folder, at); err == nil {
			r.history(ctx, in, folder, inner, o)
		}
		return fs.SkipDir
	})
}

// read reads every object once.
func (p *past) read(o *Options) {
	list := p.command("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objecttype) %(objectsize)")
	out, err := list.StdoutPipe()
	if err == nil {
		err = list.Start()
	}
	if err != nil {
		p.incomplete()
		return
	}
	ids := make(chan string, 256)
	var group sync.WaitGroup
	for range workers() {
		group.Go(func() { p.work(ids, o) })
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			p.incomplete()
			continue
		}
		size, _ := strconv.ParseInt(fields[2], 10, 64)
		switch kind := fields[1]; {
		case kind == "tree" || size == 0:
		case size > mostRead && o.Copies == nil:
			p.unread(SkippedLarge, fields[0])
		default:
			if kind != "blob" {
				p.note(fields[0], kind)
			}
			ids <- fields[0]
		}
	}
	close(ids)
	group.Wait()
	if list.Wait() != nil || lines.Err() != nil {
		p.incomplete()
	}
}

// incomplete notes that something of the history is not there, or could not be read.
func (p *past) incomplete() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.cut = true
}

// unread notes an object in which keys may be that nobody looked at.
func (p *past) unread(why Why, id string) {
	p.report.skip(p.in, why, "(git object "+id+")")
	p.report.mutex.Lock()
	defer p.report.mutex.Unlock()
	p.report.unreadObjects = true
}

func (p *past) note(id, kind string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if kind == "commit" {
		p.commits = append(p.commits, id)
	}
	p.notes[id] = true
}

// ahead is how many objects git is asked for before the answer to the first is read.
const ahead = 64

// work reads objects until there are no more.
func (p *past) work(ids <-chan string, o *Options) {
	r := o.reader(nil)
	b, err := p.batch()
	if err != nil {
		p.incomplete()
		for range ids { // nobody else takes them
			continue
		}
		return
	}
	defer b.close()
	asked := make(chan string, ahead)
	go func() {
		defer close(asked)
		for id := range ids {
			asked <- id
			if _, err := io.WriteString(b.in, id+"\n"); err != nil {
				continue // the answer does not come either
			}
		}
	}()
	for id := range asked {
		keys, skipped, size := b.next(r, "")
		p.mutex.Lock()
		p.report.object(size)
		if len(keys) > 0 {
			p.hits[id] = keys
		}
		p.cut = p.cut || skipped == SkippedError || skipped == SkippedHistory
		p.mutex.Unlock()
		if skipped.Unread() && skipped != SkippedError && skipped != SkippedHistory {
			p.unread(skipped, id)
		}
	}
}

// place is where an object stood.
type place struct {
	commit, path string
	at           int64 // of the commit
}

// places are the keys of the hits, each with the first commit that has it and the path
// it then had.
func (p *past) places() (out []Found) {
	where := p.origins()
	tip := p.tip()
	type found struct {
		Found
		at int64
	}
	first := map[string]*found{}
	for _, id := range sorted(p.hits) {
		all := where[id]
		switch {
		case p.notes[id]:
			all = []place{{commit: id, path: "(message of " + id[:12] + ")"}}
		case len(all) == 0:
			all = []place{{path: "(git object " + id[:12] + ", in no commit)"}}
		}
		for i := range p.hits[id] {
			for _, at := range all {
				f := p.report.found(p.in, filepath.ToSlash(filepath.Join(p.path, at.path)), &p.hits[id][i])
				f.Commit, f.Past = at.commit, !tip[id+"\x00"+at.path]
				name := string(f.print[:]) + f.Path
				old := first[name]
				switch {
				case old == nil:
					first[name] = &found{f, at.at}
				case at.at < old.at:
					f.Past = f.Past && old.Past
					first[name] = &found{f, at.at}
				default:
					old.Past = old.Past && f.Past
				}
			}
		}
	}
	for _, name := range sorted(first) {
		out = append(out, first[name].Found)
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// origins are the commits, and the paths in them, that brought the objects.
func (p *past) origins() map[string][]place {
	out := map[string][]place{}
	slices.Sort(p.commits)
	cmd := p.command("diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "--no-abbrev", "--no-renames")
	cmd.Stdin = strings.NewReader(strings.Join(p.commits, "\n") + "\n")
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return out
	}
	commit := ""
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, ":") {
			commit, _, _ = strings.Cut(line, " ")
			continue
		}
		info, path, _ := strings.Cut(line, "\t")
		if fields := strings.Fields(info); len(fields) == 5 && len(p.hits[fields[3]]) > 0 {
			if plain, err := strconv.Unquote(path); err == nil && strings.HasPrefix(path, `"`) {
				path = plain
			}
			out[fields[3]] = append(out[fields[3]], place{commit: commit, path: path})
		}
	}
	if cmd.Wait() != nil {
		p.cut = true
	}
	p.date(out)
	return out
}

// date gives the places the times of their commits.
func (p *past) date(all map[string][]place) {
	var ids []string
	for _, places := range all {
		for _, at := range places {
			ids = append(ids, at.commit)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	cmd := p.command("log", "--no-walk=unsorted", "--stdin", "--format=%H %ct", "--no-show-signature")
	cmd.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	text, _ := cmd.Output() // without times, any commit is the first
	at := map[string]int64{}
	for line := range strings.SplitSeq(string(text), "\n") {
		var id string
		var seconds int64
		if n, _ := fmt.Sscanf(line, "%s %d", &id, &seconds); n == 2 {
			at[id] = seconds
		}
	}
	for _, places := range all {
		for i := range places {
			places[i].at = at[places[i].commit]
		}
		slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.at, b.at) })
	}
}

// tip are the objects at the tip of the branch that is checked out, with their paths.
func (p *past) tip() map[string]bool {
	out := map[string]bool{}
	list, _ := p.output("ls-tree", "-r", "-z", "HEAD") // there may be no commit
	for row := range strings.SplitSeq(list, "\x00") {
		if info, path, ok := strings.Cut(row, "\t"); ok {
			if fields := strings.Fields(info); len(fields) == 3 && len(p.hits[fields[2]]) > 0 {
				out[fields[2]+"\x00"+path] = true
			}
		}
	}
	return out
}

// object counts one that was read.
func (r *Report) object(size int64) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.Objects++
	r.Bytes += size
}

// addPast takes what the history has. A key that was found in the file itself gets the
// commit.
func (r *Report) addPast(past []Found) {
	type spot struct {
		in    int
		path  string
		print [sha256.Size]byte
	}
	at := map[spot]int{}
	for i := range r.Found {
		f := &r.Found[i]
		at[spot{f.In, f.Path, f.print}] = i
	}
	for _, f := range past {
		if i, known := at[spot{f.In, f.Path, f.print}]; known {
			r.Found[i].Commit = f.Commit
		} else {
			r.Found = append(r.Found, f)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
)

// Before a run asks any exchange, it can look for copies of its own keys: for their texts
// in files and in git's history. The secrets are fetched for that, and kept until the
// exchange was asked about their key.

// copyHunt looks for copies of a fleet's keys.
type copyHunt struct {
	app
	settings *settings
	keys     []audit.Key
	loaded   []loadedKey
	texts    [][]byte
	parts    []keyText        // of the keys, one for each time that one has a text
	of       map[string][]int // the parts that have a text
	values   *copies.Values   // of the texts
}

// loadedKey is what was fetched of a key.
type loadedKey struct {
	adapter.Credentials
	err error
}

// keyText is a text of a key.
type keyText struct {
	key    int
	secret bool
	name   string // as access.Storage has it
}

// searchCopies looks for the fleet's keys, by the name of each. The error is one of the
// command line's paths, and nothing was sent yet.
func (r *auditRun) searchCopies(ctx context.Context) error {
	if len(r.searched)+len(r.leaked) == 0 {
		return nil
	}
	h := &copyHunt{app: r.app, settings: r.settings, keys: r.fleet.keys, of: map[string][]int{}}
	h.load(ctx)
	found := make([]*access.Search, len(h.keys))
	for i := range found {
		found[i] = &access.Search{}
		h.take(i, found[i])
	}
	h.values = copies.New(h.texts)
	if err := errors.Join(h.search(ctx, found), h.compareLists(found)); err != nil {
		return err
	}
	r.copies = map[string]*access.Search{}
	for i, s := range found {
		s.Copies = slices.DeleteFunc(s.Copies, func(c access.Copy) bool { // the secret in the same file says more
			return !c.Secret && slices.ContainsFunc(s.Copies, func(o access.Copy) bool { return o.Secret && o.File == c.File })
		})
		slices.SortStableFunc(s.Copies, compareCopies)
		if more := len(s.Copies) - mostCopies; more > 0 {
			s.Copies, s.More = s.Copies[:mostCopies], more
		}
		r.copies[h.keys[i].Name] = s
	}
	return nil
}

// mostCopies are the places of one key that a report names.
const mostCopies = 20

// load fetches the credentials of all keys once: some sources ask a person, or take long.
func (h *copyHunt) load(ctx context.Context) {
	h.loaded = make([]loadedKey, len(h.keys))
	next := make(chan int)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range next {
				k, l := &h.keys[i], &h.loaded[i]
				if l.Credentials = k.Credentials; k.Load == nil {
					continue
				}
				l.Credentials, l.err = k.Load(ctx)
				k.Load = func(context.Context) (adapter.Credentials, error) { return l.Credentials, l.err }
			}
		})
	}
	for i := range h.keys {
		next <- i
	}
	close(next)
	group.Wait()
}

// take notes the texts of a key, and says what is not searched for.
func (h *copyHunt) take(i int, s *access.Search) {
	k, c := &h.keys[i], &h.loaded[i]
	secret := c.Secret.Reveal()
	switch {
	case c.err != nil:
		s.Omitted = append(s.Omitted, "the key could not be read, so that nothing could be searched for")
		return
	case secret == "" && c.Signer == nil:
		s.Omitted = append(s.Omitted, "the secret is missing")
	case secret == "":
		s.Omitted = append(s.Omitted, "a signer holds the secret, which could not be searched for")
	case len(secret) < copies.Shortest:
		s.Omitted = append(s.Omitted, fmt.Sprintf("the secret was not searched for: it has fewer than %d characters", copies.Shortest))
	}
	for _, text := range copies.Texts(secret) {
		h.add(text, keyText{i, true, "secret"})
	}
	if k.Exchange.Needs.Wallet == nil { // whose address is public
		h.add([]byte(strings.TrimRight(strings.TrimSpace(c.Key), "=")), keyText{i, false, "key"})
	}
}

func (h *copyHunt) add(text []byte, p keyText) {
	if len(text) < copies.Shortest {
		return
	}
	if _, known := h.of[string(text)]; !known {
		h.texts = append(h.texts, text)
	}
	h.parts = append(h.parts, p)
	h.of[string(text)] = append(h.of[string(text)], len(h.parts)-1)
}

// search looks for the texts in files.
func (h *copyHunt) search(ctx context.Context, out []*access.Search) error {
	if len(h.settings.searched) == 0 {
		return nil
	}
	report, err := find.Find(ctx, find.Options{Paths: h.settings.searched, History: true, Copies: h.values})
	if err != nil {
		return fmt.Errorf("--search: %w", err)
	}
	unread, paths := h.unread(report)
	for _, s := range out {
		s.Paths, s.Unread, s.UnreadPaths = report.Paths, unread, paths
	}
	n := 0
	for i := range report.Found {
		f := &report.Found[i]
		owners := h.of[string(h.texts[f.Copy.Text])]
		own := h.own(f, owners)
		for _, at := range owners {
			n += h.place(out[h.parts[at].key], report, f, h.parts[at].secret, own)
		}
	}
	of := ""
	if h.settings.demo && len(h.settings.keys)+len(h.settings.from) == 0 {
		of = " of the demonstration's invented keys"
	}
	h.log("--search: %s%s found in %s and %s of git", count(n, "copy", "copies"), of, count(report.Files, "file", "files"), count(report.Objects, "object", "objects"))
	return nil
}

// unread says what was not searched, and returns how much that is and the first of it.
func (h *copyHunt) unread(r *find.Report) (n int, first []string) {
	const most = 3
	for _, s := range r.Skipped {
		if !s.Unread {
			continue
		}
		paths := slices.Clone(s.Paths)
		for i := range paths {
			if len(r.Paths) == 1 { // else they have it already
				paths[i] = filepath.ToSlash(filepath.Join(r.Paths[0], paths[i]))
			}
		}
		h.log("--search: not read: %d, %s: %s", s.Count, s.Why, strings.Join(paths, ", "))
		first = append(first, paths[:min(len(paths), most)]...)
	}
	if n = r.Unread(); r.Stopped {
		n, first = n+1, append([]string{"the search was stopped before everything was read"}, first...)
	}
	return n, first[:min(len(first), most)]
}

// place adds a place to what was found of a key, and returns how many were added. Where
// the owner keeps the key is none, unless git has it.
func (h *copyHunt) place(s *access.Search, r *find.Report, f *find.Found, secret, own bool) int {
	c := access.Copy{
		Secret: secret, Own: own, File: r.File(f), Line: f.Line, Form: f.Copy.Form, Readers: f.Shared, Commit: f.Commit,
		Git: map[find.Tracked]access.GitState{find.InGit: access.GitTracked, find.NotInGit: access.GitUntracked, find.NoGit: access.GitNone}[f.Tracked],
	}
	if f.Past || f.Commit != "" && c.Git == access.GitUntracked {
		c.Git = access.GitPast
	}
	if f.Copy.Member != "" {
		c.File += "!" + f.Copy.Member
	}
	switch {
	case c.Own && (c.Git == access.GitNone || c.Git == access.GitUntracked):
		return 0
	case c.Own && c.Git == access.GitUnknown:
		if clause := fmt.Sprintf("whether git has %q, where the key is kept, is unknown", c.File); !slices.Contains(s.Omitted, clause) {
			s.Omitted = append(s.Omitted, clause)
		}
		return 0
	}
	if i := slices.IndexFunc(s.Copies, func(o access.Copy) bool { return o.File == c.File && o.Secret == c.Secret && o.Git == c.Git }); i >= 0 {
		if c.Form == "" { // another of the secret's texts
			s.Copies[i].Form, s.Copies[i].Line = "", c.Line
		}
		return 0
	}
	s.Copies = append(s.Copies, c)
	return 1
}

// own reports whether a text was found in the file where an owner of it keeps it: a file of
// that part, or if none is known of it, one that the run reads for its keys.
func (h *copyHunt) own(f *find.Found, owners []int) bool {
	if f.Copy.Member != "" || f.Opens() == "" {
		return false
	}
	at := locate(f.Opens())
	for _, owner := range owners {
		p, known := h.parts[owner], false
		for _, s := range h.loaded[p.key].Storage {
			if s.File == "" || p.secret && s.Part != p.name {
				continue
			}
			if known = true; locate(s.File).same(at) {
				return true
			}
		}
		if !known && h.read.names(at) && !slices.ContainsFunc(h.settings.keys, func(path string) bool { return locate(path).same(at) }) { // a command may read it
			return true
		}
	}
	return false
}

// compareCopies puts the worst places first.
func compareCopies(a, b access.Copy) int {
	rank := func(c access.Copy) int {
		switch {
		case c.List:
			return 0
		case !c.Secret:
			return 3
		case c.Git == access.GitNone, c.Git == access.GitUntracked:
			return 2
		default:
			return 1
		}
	}
	return rank(a) - rank(b)
}

package find

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
)

// Report is what was found, and what was not read.
type Report struct {
	Paths   []string
	Found   []Found // by path and line
	Keys    []Key   // the same, by key
	Skipped []Skipped
	Files   int   // that were read
	Bytes   int64 // of them
	Objects int   // of git, that were read
	Stopped bool  // before everything was read

	mutex  sync.Mutex
	salt   [16]byte
	roots  []root
	kept   int             // settings, of all places
	stores map[string]bool // repositories whose history was read
	// staging: what is to be committed is looked at, and an encrypted file or an archive is
	// what a repository may have: it is named, and leaves nothing open.
	staging       bool
	leave         bool           // archives and databases aside
	copies        *copies.Values // that are looked for, in place of keys
	unreadObjects bool           // keys may be in objects of git that were not read, or not wholly
}

// Found is a key in one place.
type Found struct {
	In       int    // index of the path in Report.Paths
	Path     string // relative to it, with slashes; of the blob for what is in git only
	Line     int    // of the secret, or of the id alone
	Exchange string // empty if unknown
	Strength Strength
	KeyID    string // masked; empty without one
	// Both halves are there; otherwise Half says which one.
	Both   bool
	Half   string // "key id" or "secret"
	Wallet bool   // the secret is a wallet's private key, which needs no key id
	Why    string // the exchange is thought to be this one
	// Mode is the file's; Shared says who else than its owner may read it.
	Mode    fs.FileMode
	Shared  string
	Tracked Tracked
	// Commit is the first one that has the key, if the history was read.
	Commit string
	// Past: it is in git's history only.
	Past bool
	Note string

	ID, Secret adapter.Secret // in memory only

	// Copy is which text was found and how it is written, if texts were looked for.
	Copy copies.Place

	print [sha256.Size]byte
	real  string // the path as it is, of a file
	// Where it is read, and where its secret is; empty for what is in git only.
	file, secretFile string
	hide             *strings.Replacer // takes secrets out of these paths; nil if there are none
	where            whereabouts
	unfit            string // why it must not be sent, as a clause
	doubt            string // why it is not certain where it belongs, as a clause
}

// Tracked is whether git has a file.
type Tracked string

// The zero value is that nothing is known.
const (
	InGit    Tracked = "tracked"
	NotInGit Tracked = "untracked"
	NoGit    Tracked = "no repository"
)

// Key is one key and all places where it was found.
type Key struct {
	Exchange string
	Strength Strength
	KeyID    string
	Both     bool
	Half     string
	Wallet   bool
	Places   []*Found
}

// Skipped is what was not read for one reason.
type Skipped struct {
	Why    Why
	Unread bool // and keys may be in it, so that the answer is open
	Count  int
	Paths  []string // the first of them
}

const mostNamed = 20 // paths of one reason

func newReport(paths []string) *Report {
	r := &Report{Paths: paths, stores: map[string]bool{}}
	_, _ = rand.Read(r.salt[:]) // it never fails
	return r
}

// Unread is how many files could not be read, or not wholly.
func (r *Report) Unread() (n int) {
	for _, s := range r.Skipped {
		if s.Unread {
			n += s.Count
		}
	}
	return n
}

// skip counts what is not read.
func (r *Report) skip(in int, why Why, path string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	unread := r.opens(in, why, path)
	at := slices.IndexFunc(r.Skipped, func(s Skipped) bool { return s.Why == why && s.Unread == unread })
	if at < 0 {
		at = len(r.Skipped)
		r.Skipped = append(r.Skipped, Skipped{Why: why, Unread: unread})
	}
	s := &r.Skipped[at]
	if s.Count++; len(s.Paths) < mostNamed && len(r.Paths) > in {
		if len(r.Paths) > 1 {
			path = filepath.Join(r.Paths[in], path)
		}
		s.Paths = append(s.Paths, filepath.ToSlash(path))
	}
}

// opens reports whether what is not read leaves the answer open: what was named always
// does, and what a repository may have, or was to be left aside, does not.
func (r *Report) opens(in int, why Why, path string) bool {
	switch {
	case !r.staging && in < len(r.roots) && r.roots[in].file == path:
		return true
	case why.encrypted():
		return !r.staging
	case why == SkippedSystem && r.copies != nil:
		return !slices.ContainsFunc(kernel, func(k string) bool { return filepath.Join(r.roots[in].folder, path) == k })
	case why == SkippedArchive, why == SkippedDatabase:
		return !r.staging && !r.leave
	default:
		return why.Unread()
	}
}

// left reports whether something was not read for a reason.
func (r *Report) left(why Why) bool {
	return slices.ContainsFunc(r.Skipped, func(s Skipped) bool { return s.Why == why })
}

// empty counts a file without content.
func (r *Report) empty() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.Files++
}

// add takes the keys of one file.
func (r *Report) add(in int, j job, keys []key, skipped Why, read int64) {
	if skipped != "" {
		r.skip(in, skipped, j.path)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if skipped == "" || skipped == SkippedLarge || skipped == SkippedLong || skipped == SkippedMany {
		r.Files++
	}
	r.Bytes += read
	for i := range keys {
		f := r.found(in, j.path, &keys[i])
		f.file = r.at(in, j.path)
		if f.secretFile = f.file; keys[i].secret != nil && keys[i].secret.path != "" {
			f.secretFile = r.at(in, keys[i].secret.path)
		}
		if f.Mode = j.mode.Perm(); runtime.GOOS != "windows" {
			f.Shared = shared(f.Mode)
		}
		r.Found = append(r.Found, f)
	}
}

// at is a path in one of those given, as the program opens it.
func (r *Report) at(in int, path string) string {
	switch r.roots[in].file {
	case "":
		return filepath.Join(r.Paths[in], path)
	case path:
		return r.Paths[in]
	default: // beside the file, in git's history
		return filepath.Join(filepath.Dir(r.Paths[in]), path)
	}
}

func shared(mode fs.FileMode) string {
	switch {
	case mode&0o004 != 0:
		return "everybody on this machine can read it"
	case mode&0o040 != 0:
		return "its group can read it"
	default:
		return ""
	}
}

// found is a key as it is reported.
func (r *Report) found(in int, path string, k *key) Found {
	f := Found{
		In: in, Path: filepath.ToSlash(path), Exchange: k.exchange, Strength: k.strength, Why: k.why, Both: k.id != nil && k.secret != nil, Wallet: k.wallet, print: r.fingerprint(k), real: path,
	}
	if k.id != nil {
		f.ID, f.Line, f.Half = k.id.value, k.id.line, "key id"
		if f.KeyID = access.MaskID(k.id.value.Reveal()); k.mayBeSecret() {
			f.KeyID = "…"
		}
	}
	if k.secret != nil {
		f.Secret, f.Line = k.secret.value, k.secret.line
		if k.id == nil {
			f.Half = "secret"
		}
	}
	if f.Both {
		f.Half = ""
	}
	if k.copy != nil {
		f.Copy = *k.copy
		return f
	}
	f.note(k.ambiguous)
	f.where, f.unfit, f.doubt = k.whereabouts, k.unfit(), k.doubt
	if r.kept += len(f.where.settings); r.kept > mostKept {
		f.where.settings, f.unfit = nil, cmp.Or(f.unfit, notAll)
	}
	if f.doubt == "" && !k.tested {
		f.doubt = doubtfulPath(filepath.Join(filepath.Base(r.roots[in].folder), path))
	}
	return f
}

// mayBeSecret reports whether the id is the whole secret, or may be one: no name says which is
// which, and their forms don't either.
func (k *key) mayBeSecret() bool {
	unnamed, fit := k.id.joined || k.id.positional && k.id.name != loginName, k.secret != nil && fits(k.exchange, k.id.value.Reveal(), k.secret.value.Reveal())
	return k.exchange == "swyftx" || k.hidden || (k.id.positional || k.id.joined || k.swapped()) && !fit || unnamed && k.swapped()
}

// note says what is special about a key.
func (f *Found) note(ambiguous bool) {
	switch {
	case ambiguous:
		f.Note = "another secret stands as near: which of them belongs to the key id is not certain"
	case f.Both:
	case f.Wallet:
		f.Note = "it needs no key id: anyone who has it can sign for the wallet"
	case f.Exchange == "swyftx":
		f.Note = "this exchange's keys have no secret: the key alone is enough"
	case f.Exchange == "bitmart" && f.Half == "key id":
		f.Note = "at this exchange the key id alone reads balances"
	}
}

// swapped reports whether the halves have each the other's shape.
func (k *key) swapped() bool {
	return k.id != nil && k.secret != nil && fits(k.exchange, k.secret.value.Reveal(), k.id.value.Reveal())
}

// hide takes every secret that was found out of every path: people name files so. An id
// that is the whole secret, or may be, is one.
func (r *Report) hide() {
	if r.copies != nil {
		r.clean(r.copies.Hide)
		return
	}
	var pairs []string
	for i := range r.Found {
		f := &r.Found[i]
		if secret := f.Secret.Reveal(); secret != "" {
			pairs = append(pairs, secret, "…")
		}
		if id := f.ID.Reveal(); id != "" && f.KeyID == "…" {
			pairs = append(pairs, id, "…")
		}
	}
	if len(pairs) == 0 {
		return
	}
	without := strings.NewReplacer(pairs...)
	for i := range r.Found {
		f := &r.Found[i]
		f.Why = without.Replace(f.Why)
		if paths := f.file + f.secretFile; without.Replace(paths) != paths {
			f.hide = without
		}
	}
	r.clean(without.Replace)
}

// clean takes texts out of every path.
func (r *Report) clean(without func(string) string) {
	for i := range r.Found {
		r.Found[i].Path = without(r.Found[i].Path)
	}
	r.Paths = slices.Clone(r.Paths)
	for i := range r.Paths {
		r.Paths[i] = without(r.Paths[i])
	}
	for _, s := range r.Skipped {
		for i := range s.Paths {
			s.Paths[i] = without(s.Paths[i])
		}
	}
}

func compareFound(a, b Found) int {
	return cmp.Or(cmp.Compare(a.In, b.In), strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), strings.Compare(a.KeyID, b.KeyID))
}

// group puts together the places of each key. Those that are whole come first, then
// those whose exchange is the surest.
func (r *Report) group() {
	at := map[[sha256.Size]byte]int{}
	for i := range r.Found {
		f := &r.Found[i]
		n, known := at[f.print]
		if !known {
			n = len(r.Keys)
			at[f.print] = n
			r.Keys = append(r.Keys, Key{Exchange: f.Exchange, Strength: f.Strength, KeyID: f.KeyID, Both: f.Both, Half: f.Half, Wallet: f.Wallet})
		}
		k := &r.Keys[n]
		if rank(f.Strength) < rank(k.Strength) {
			k.Exchange, k.Strength = f.Exchange, f.Strength
		}
		k.Places = append(k.Places, f)
	}
	slices.SortStableFunc(r.Keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(halfRank(&a), halfRank(&b)), cmp.Compare(rank(a.Strength), rank(b.Strength)), strings.Compare(a.Exchange, b.Exchange))
	})
}

func rank(s Strength) int { return slices.Index([]Strength{Named, Near, Guess, Unknown}, s) }

func halfRank(k *Key) int {
	switch {
	case k.Both, k.Wallet:
		return 0
	case k.Half == "secret":
		return 1
	default:
		return 2
	}
}

// display is a path for people: one that could break a line is quoted.
func display(path string) string {
	if !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) { // a lone byte may begin a terminal's command
		return strconv.Quote(path)
	}
	return path
}

// String says what was found, in a few words.
func (k *Key) String() string {
	exchange := cmp.Or(k.Exchange, "exchange unknown")
	switch {
	case k.Both:
		return fmt.Sprintf("%s: key %s, with its secret", exchange, k.KeyID)
	case k.Wallet:
		return exchange + ": a wallet's private key"
	case k.Half == "secret":
		return exchange + ": a secret without its key id"
	default:
		return fmt.Sprintf("%s: key id %s without its secret", exchange, k.KeyID)
	}
}

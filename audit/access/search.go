package access

import (
	"slices"
	"strings"
	"time"
)

// Search is where else a key's own texts were found: in files, in git's history, and in
// lists of leaked keys. It holds none of the texts.
type Search struct {
	// At is when that was, if it was before the snapshot: a search for an earlier one.
	At    time.Time `json:"at,omitzero"`
	Paths []string  `json:"paths,omitempty"` // files and folders that were searched
	Lists []string  `json:"lists,omitempty"` // of leaked keys, that were compared
	// Copies are the places, worst first; More is how many further ones there are.
	Copies []Copy `json:"copies,omitempty"`
	More   int    `json:"more,omitempty"`
	// Unread is how much could not be read, or not wholly, and UnreadPaths the first of it.
	Unread      int      `json:"unread,omitempty"`
	UnreadPaths []string `json:"unread_paths,omitempty"`
	// Omitted says which parts of the key were not searched for and why, as clauses.
	Omitted []string `json:"omitted,omitempty"`
}

// Covers reports whether a copy would have been found again.
func (s *Search) Covers(c Copy) bool {
	if s == nil {
		return false
	}
	if c.List {
		return slices.Contains(s.Lists, c.File)
	}
	return slices.ContainsFunc(s.Paths, func(path string) bool {
		inside, found := strings.CutPrefix(c.File, strings.TrimSuffix(path, "/"))
		return found && (inside == "" || inside[0] == '/' || inside[0] == '!') || path == "."
	})
}

// Copy is one place that holds a part of a key, and is not where its owner keeps it.
type Copy struct {
	// Secret: what is there is enough to use the key, or the part of it that others must
	// not have. Otherwise it is the key's public half.
	Secret bool   `json:"secret,omitempty"`
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"` // the first, from 1; 0 if unknown
	Form   string `json:"form,omitempty"` // how it is written, unless as it is: "base64"
	// Own: it is the file where the owner keeps the key, of which git has copies.
	Own bool `json:"own,omitempty"`
	// Readers says who else than the file's owner can read it; empty if nobody, or unknown.
	Readers string `json:"readers,omitempty"`
	// Git is what git has to do with the file.
	Git GitState `json:"git"`
	// Commit is the first that has it, as far as the history was read.
	Commit string `json:"commit,omitempty"`
	// List: the place is a list of leaked keys.
	List bool `json:"list,omitempty"`
}

// GitState is whether a git repository has a file.
type GitState uint8

// The states. The zero value is unknown.
const (
	GitUnknown   GitState = iota
	GitNone               // it is in no repository
	GitUntracked          // it lies in a repository's folder, and git does not have it
	GitTracked
	GitPast // it is in the history only
)

var gitWords = []string{"unknown", "none", "untracked", "tracked", "past"}

// String returns the state as a word, for instance "tracked".
func (g GitState) String() string { return FormatWord(gitWords, g) }

// MarshalText writes the state as a word.
func (g GitState) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (g *GitState) UnmarshalText(text []byte) error {
	return ParseWord("git state", gitWords, text, g)
}

package find

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// jsonFound is a place of a key, for programs.
type jsonFound struct {
	Path     string   `json:"path"`
	In       string   `json:"in,omitempty"` // the path that it is relative to, of several
	Line     int      `json:"line"`
	Exchange string   `json:"exchange"`
	Strength Strength `json:"strength"`
	KeyID    string   `json:"key_id"`
	Both     bool     `json:"both"`
	Half     string   `json:"half,omitempty"`
	Wallet   bool     `json:"wallet,omitempty"`
	Commit   string   `json:"commit"`
	Past     bool     `json:"past,omitempty"`
	Why      string   `json:"why"`
	Note     string   `json:"note,omitempty"`
	Mode     string   `json:"mode,omitempty"`
	Shared   string   `json:"shared,omitempty"`
	Tracked  Tracked  `json:"tracked,omitempty"`
}

type jsonSkipped struct {
	Why    Why      `json:"why"`
	Unread bool     `json:"unread"`
	Count  int      `json:"count"`
	Paths  []string `json:"paths"`
}

// Attached are what a report for programs has besides, in JSON; each may be missing.
type Attached struct {
	Audit json.RawMessage `json:"audit,omitempty"` // the report of the audit
	Plan  json.RawMessage `json:"plan,omitempty"`  // what an audit could send
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer, also Attached) error {
	out := struct {
		Found   []jsonFound   `json:"found"`
		Skipped []jsonSkipped `json:"skipped"`
		Files   int           `json:"files"`
		Bytes   int64         `json:"bytes"`
		Objects int           `json:"objects"`
		Stopped bool          `json:"stopped"`

		Attached
	}{Attached: also, Found: []jsonFound{}, Skipped: []jsonSkipped{}, Files: r.Files, Bytes: r.Bytes, Objects: r.Objects, Stopped: r.Stopped}
	for i := range r.Found {
		f := &r.Found[i]
		place := jsonFound{
			Path: f.Path, Line: f.Line, Exchange: f.Exchange, Strength: f.Strength, KeyID: f.KeyID, Both: f.Both, Half: f.Half, Wallet: f.Wallet,
			Commit: f.Commit, Past: f.Past, Why: f.Why, Note: f.Note, Shared: f.Shared, Tracked: f.Tracked,
		}
		if f.Mode != 0 {
			place.Mode = fmt.Sprintf("%04o", f.Mode)
		}
		if len(r.Paths) > 1 {
			place.In = r.Paths[f.In]
		}
		out.Found = append(out.Found, place)
	}
	for _, s := range r.Skipped {
		out.Skipped = append(out.Skipped, jsonSkipped(s))
	}
	encoder := json.NewEncoder(render.JSONForLog(w))
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// Text writes the report for people.
func (r *Report) Text(to io.Writer) error {
	w := bufio.NewWriter(to)
	if len(r.Keys) > 0 {
		fmt.Fprintf(w, "%s in %s\n", count(len(r.Keys), "key"), count(len(r.Found), "place"))
	}
	for i := range r.Keys {
		k := &r.Keys[i]
		fmt.Fprintf(w, "\n%s\n", k)
		for _, f := range k.Places {
			fmt.Fprintf(w, "  %s:%d\n", display(r.File(f)), f.Line)
			for _, line := range f.Lines() {
				fmt.Fprintf(w, "    %s\n", line)
			}
		}
	}
	if len(r.Keys) > 0 {
		fmt.Fprintln(w)
	}
	r.summary(w)
	return w.Flush()
}

// File is a place's path as a shell takes it.
func (r *Report) File(f *Found) string {
	return r.at(f.In, filepath.FromSlash(f.Path))
}

// Lines say about a place why the exchange is thought so, and who can read it.
func (f *Found) Lines() (lines []string) {
	lines = append(lines, map[Strength]string{Named: "", Near: "probably: ", Guess: "a guess: ", Unknown: ""}[f.Strength]+f.Why)
	var facts []string
	if f.Shared != "" {
		facts = append(facts, fmt.Sprintf("mode %04o: %s", f.Mode, f.Shared))
	}
	if f.Tracked == InGit {
		facts = append(facts, "tracked by git")
	}
	if f.Past {
		facts = append(facts, "in git's history only")
	}
	if f.Commit != "" {
		facts = append(facts, "since commit "+f.Commit[:min(len(f.Commit), 12)])
	}
	if len(facts) > 0 {
		lines = append(lines, strings.Join(facts, "; "))
	}
	if f.Note != "" {
		lines = append(lines, f.Note)
	}
	return lines
}

// summary says what was read and what was not, also where nothing was found.
func (r *Report) summary(w io.Writer) {
	read := fmt.Sprintf("Read %s, %.1f MB", count(r.Files, "file"), float64(r.Bytes)/1e6)
	if r.Objects > 0 {
		read += fmt.Sprintf(", and %s of git", count(r.Objects, "object"))
	}
	switch {
	case len(r.Found) > 0:
		fmt.Fprintf(w, "%s.\n", read)
	case r.Unread() > 0 || r.Stopped:
		fmt.Fprintf(w, "Found no key in what could be read. Not everything could be: see below.\n%s.\n", read)
	default:
		fmt.Fprintf(w, "Found no key of an exchange.\n%s.\n", read)
	}
	if r.Stopped {
		fmt.Fprintln(w, "Stopped before everything was read.")
	}
	for _, unread := range []bool{true, false} {
		for _, s := range r.Skipped {
			if s.Unread != unread {
				continue
			}
			fmt.Fprintf(w, "Not read: %d, %s\n", s.Count, s.Why)
			if unread || s.Why.Unread() {
				for _, path := range s.Paths {
					fmt.Fprintf(w, "  %s\n", display(path))
				}
				if more := s.Count - len(s.Paths); more > 0 {
					fmt.Fprintf(w, "  and %d more\n", more)
				}
			}
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

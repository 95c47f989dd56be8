package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// checkInventory finds out, before anything is searched, whether the inventory can be
// written.
func (a app) checkInventory(s *findSettings) (problem string) {
	name := showPath(s.inventory)
	_, missing := os.Lstat(s.inventory)
	folder, err := os.Stat(filepath.Dir(s.inventory))
	switch ext := strings.ToLower(filepath.Ext(s.inventory)); {
	case s.inventory == "":
		return ""
	case s.Staged:
		return "--write-inventory: what is staged is no file to refer to: leave out one of --staged and --write-inventory"
	case ext != ".yaml" && ext != ".yml":
		return "--write-inventory: it is written as YAML: name a file that ends in .yaml"
	case !errors.Is(missing, fs.ErrNotExist):
		return fmt.Sprintf("--write-inventory: %s exists: name a new file", name)
	case err != nil || !folder.IsDir():
		return fmt.Sprintf("--write-inventory: the folder of %s does not exist", name)
	case s.output != "" && a.locateOutput(s.output).same(a.locateOutput(s.inventory)):
		return fmt.Sprintf("--write-inventory: duplicate file %s: the report and the inventory each need their own", name)
	case inGit(s.inventory):
		return fmt.Sprintf("--write-inventory: %s is in the folder that git keeps a repository in: name another file", name)
	}
	return ""
}

// referrer finds out how an inventory refers to keys that were found.
type referrer struct {
	ctx     context.Context
	options inventory.Options
	read    map[string]*inventory.Inventory // by file; nil if it cannot be read
	draft   draft
}

// writeInventory writes an inventory of the keys that were found: where each is kept, and
// no secret. It never takes the place of a file.
func (a app) writeInventory(ctx context.Context, path string, report *find.Report) error {
	r := &referrer{ctx: ctx, options: a.options(), read: map[string]*inventory.Inventory{}}
	r.options.Stdin = nil
	for _, c := range report.Candidates(exchanges.All()) {
		r.add(&c)
	}
	if len(r.draft.keys) == 0 {
		return errors.New("no key was found that an inventory can refer to; nothing was written")
	}
	var text bytes.Buffer
	r.draft.write(&text, a.now())
	if _, err := sources.Parse(text.Bytes(), path, r.options); err != nil {
		return fmt.Errorf("it would not be understood: %s", strings.Join(eachProblem(err), "; "))
	}
	if err := writeNew(path, text.Bytes()); err != nil {
		return err
	}
	a.log("%s in %s, and %d not listed, with the reasons; fill in owner, purpose and policy", count(len(r.draft.keys), "key", "keys"), showPath(path),
		len(r.draft.skipped))
	return nil
}

// writeNew writes a file that does not exist, for its owner alone.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the file is the user's choice, and new
	if err != nil {
		return fmt.Errorf("%s cannot be created, or exists by now", showPath(path))
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("%s cannot be written", showPath(path))
	}
	return nil
}

// add adds a key to the draft, or says there why not.
func (r *referrer) add(c *find.Candidate) {
	why := c.Not
	if why == "" {
		for _, at := range c.Order {
			if key, ok := r.refer(c, at); ok {
				key.Name = r.draft.unique(c.Audit.Name)
				r.draft.keys = append(r.draft.keys, key)
				return
			}
		}
		why = "it is in no file that can be referred to: list it by hand, with a reference to where it is kept"
	}
	r.draft.skipped = append(r.draft.skipped, inventory.Skipped{Name: fmt.Sprintf("%s (%s)", c.Audit.Name, c.Key), Why: why})
}

// refer refers to a key by its file, and makes sure that this leads to the key.
func (r *referrer) refer(c *find.Candidate, at *find.Found) (drafted, bool) {
	path, err := filepath.Abs(at.File())
	if err != nil || at.File() == "" { // it is in git only
		return drafted{}, false
	}
	in, known := r.read[path]
	if !known {
		in, _ = inventory.From(find.FormatName, path, r.options)
		r.read[path] = in
	}
	if in == nil {
		return drafted{}, false
	}
	for _, k := range in.Keys {
		if k.Exchange == c.Audit.Exchange && k.Environment == c.Audit.Environment && r.same(&k, c) {
			return drafted{k, find.FormatName + "=" + path + "#" + strings.TrimPrefix(k.Name, find.FormatName+"/")}, true
		}
	}
	return drafted{}, false
}

// same reports whether a reference leads to the key that was found.
func (r *referrer) same(k *audit.Key, c *find.Candidate) bool {
	theirs, err := k.Load(r.ctx)
	if err != nil {
		return false
	}
	ours, err := c.Audit.Load(r.ctx)
	return err == nil && theirs.Key == ours.Key && theirs.Secret.Equal(ours.Secret) && theirs.Passphrase.Equal(ours.Passphrase)
}

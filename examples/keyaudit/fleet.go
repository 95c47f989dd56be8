package main

import (
	"errors"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// fleet is what a run audits.
type fleet struct {
	keys     []audit.Key             // those that are held
	large    []largeInventory        // in the order of the command line
	skipped  []*audit.Result         // keys that no adapter can audit
	options  audit.Options           // Transport nil means the network
	others   int                     // keys that --only leaves out
	policies map[string]audit.Policy // the inventories' own
	workers  map[string]string       // by the key's name; empty unless others audit the keys
	egresses map[string]string       // of the workers
	fakes    demoFakes               // of a demonstration
	absent   inventory.Problems      // references that lead to nothing: each costs its key
	closers  []func()
}

// largeInventory is one whose keys are read whenever they are needed, so that no more of
// them are in memory than are at work.
type largeInventory struct {
	*inventory.Inventory
	keys  iter.Seq[audit.Key]
	n     int // how many they are
	after int // so many of the held keys come before them
}

func (f *fleet) close() {
	for _, c := range slices.Backward(f.closers) {
		c()
	}
}

// take adds the keys of an inventory. It returns those that lie beside a bot's file.
func (f *fleet) take(inv *inventory.Inventory, now time.Time) (beside []inventory.Skipped) {
	if inv.Large() {
		f.large = append(f.large, largeInventory{inv, inv.Each(), 0, len(f.keys)})
	}
	f.keys, inv.Keys = append(f.keys, inv.Keys...), nil
	f.closers = append(f.closers, inv.Close)
	f.absent = append(f.absent, inv.Absent...)
	maps.Copy(f.policies, inv.Policies)
	if inv.Fleet != nil {
		if len(f.workers) == 0 { // those of a large inventory are held once, and until the last answer
			f.workers, inv.Fleet.Workers = inv.Fleet.Workers, nil
		} else {
			maps.Copy(f.workers, inv.Fleet.Workers)
		}
		maps.Copy(f.egresses, inv.Fleet.Egresses)
	}
	for _, skipped := range inv.Skipped {
		if skipped.Beside {
			beside = append(beside, skipped)
			continue
		}
		f.skipped = append(f.skipped, skippedResult(skipped, now))
	}
	return beside
}

// each are all keys, in the order of the command line.
func (f *fleet) each() iter.Seq[audit.Key] {
	return func(yield func(audit.Key) bool) {
		from := 0
		for _, l := range f.large {
			for _, k := range f.keys[from:l.after] {
				if !yield(k) {
					return
				}
			}
			for k := range l.keys {
				if !yield(k) {
					return
				}
			}
			from = l.after
		}
		for _, k := range f.keys[from:] {
			if !yield(k) {
				return
			}
		}
	}
}

// count is how many keys there are.
func (f *fleet) count() int {
	n := len(f.keys)
	for _, l := range f.large {
		n += l.n
	}
	return n
}

func (f *fleet) empty() bool { return len(f.keys)+len(f.large)+len(f.skipped) == 0 }

// err says whether keys are missing, because their file changed after it was checked.
func (f *fleet) err() error {
	var all []error
	for _, l := range f.large {
		all = append(all, l.Err())
	}
	return errors.Join(all...)
}

// duplicates names keys that have one name in two sources, and counts the keys. Of names
// that are not held only hashes are kept.
func (f *fleet) duplicates() (problems []string) {
	seed := maphash.MakeSeed()
	seen, again := map[uint64]struct{}{}, map[uint64]struct{}{}
	note := func(k audit.Key) {
		hash := maphash.String(seed, k.Name)
		if _, ok := seen[hash]; ok {
			again[hash] = struct{}{}
		}
		seen[hash] = struct{}{}
	}
	for _, k := range f.keys {
		note(k)
	}
	for i := range f.large {
		l := &f.large[i]
		for k := range l.keys {
			note(k)
			l.n++
		}
	}
	names := map[string]bool{} // of those with one hash
	if len(again) > 0 {
		for k := range f.each() {
			if _, ok := again[maphash.String(seed, k.Name)]; !ok {
				continue
			}
			if names[k.Name] {
				problems = append(problems, "duplicate key name "+show(k.Name)+": audit its sources in separate runs")
			}
			names[k.Name] = true
		}
	}
	if err := f.err(); err != nil {
		problems = append(problems, err.Error())
	}
	return slices.Compact(problems)
}

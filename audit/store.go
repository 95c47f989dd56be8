package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"iter"
)

// Store keeps the results of runs, for a fleet of any size: the audit needs no more
// than this of it. A run goes
//
//	Begin, then Put for each result as it comes, then Runs and CompareRuns, with
//	Judged for each result that comes out, and Finish with the report
//
// and what a run that ended before that has put is there for the next Begin with
// resume. A Store is used by one goroutine at a time.
type Store interface {
	// Begin begins a run. The report has what is known of it before its results. With
	// resume it goes on with the run that did not end, if there is one and it is recent
	// enough, and returns when that began. While another run goes on it refuses.
	Begin(ctx context.Context, run *Report, resume bool) (started *Report, err error)
	// Result is what this run has of the key with a name so far, or nil: for a run that
	// is resumed. It counts once it is put again.
	Result(ctx context.Context, name string) (*Result, error)
	// Put keeps a result, before it is compared; its findings need not be kept.
	Put(ctx context.Context, r *Result) error
	// Runs are this run, as it ended at the report's time, and the one before it.
	Runs(ctx context.Context, run *Report) (Runs, error)
	// Judged keeps what comparing made of a result.
	Judged(ctx context.Context, r Stored) error
	// Finish ends the run. The report has everything but its results.
	Finish(ctx context.Context, run *Report) error
}

// Runs are two runs in a store, and how they are read in parts.
type Runs interface {
	// Heads are the two reports without their results, the earlier one with the number
	// of its keys in its summary; it is nil if there is none.
	Heads() (before, now *Report)
	// Names are those of the keys of both runs, each once, in the order of their bytes.
	Names(ctx context.Context) iter.Seq2[string, error]
	// Part is the results, of both runs, of all keys that concern those with a name:
	// keys of one name do, and those with a Link in common. More do no harm.
	Part(ctx context.Context, name string) (before, now []Stored, err error)
	// Sample is some results, or all, of the earlier run or of this one. Among them are:
	// all without a fingerprint; of the earlier run, for each exchange, one that was
	// inspected, and for each name in its Vocabulary one that has it; of this run, in the
	// order of reports, all with a name that is unrecognised.
	Sample(ctx context.Context, earlier bool) iter.Seq2[*Result, error]
}

// Shelf is what Runs may be as well, so that keys that concern one another and whose names
// lie far apart are read and judged once: what is judged waits on the shelf until its
// turn comes. Without one they are read again.
type Shelf interface {
	// Shelve keeps what was judged of the keys with a name.
	Shelve(ctx context.Context, name string, judged []byte) error
	// Take is what was kept for a name, once; nil if nothing was.
	Take(ctx context.Context, name string) (judged []byte, err error)
}

// Stored is a result in a store.
type Stored struct {
	ID     int64 // whatever the store knows it by
	Result *Result
}

// CompareRuns is CompareEach for runs in a store. It holds only keys that concern one
// another at a time, and gives what Compare gives. The report has its findings and its
// summary once the last result was handed out. Pass.Others has those keys only.
func CompareRuns(ctx context.Context, runs Runs, rules []*Rule) (*Report, iter.Seq2[Stored, error]) {
	before, now := runs.Heads()
	again := now.head(before)
	if before != nil {
		again.Baseline.Keys = before.Summary.Keys
	}
	return again, func(yield func(Stored, error) bool) {
		p := &parts{ctx: ctx, runs: runs, rules: rules, before: before, now: now, kept: map[string]*part{}}
		p.shelf, _ = runs.(Shelf)
		if err := p.survey(); err != nil {
			yield(Stored{}, err)
			return
		}
		again.Findings, again.Summary = nil, Summary{}
		again.Summary.init()
		for name, err := range runs.Names(ctx) {
			if err == nil {
				var found *judged
				if found, err = p.of(name); err == nil {
					if !found.hand(again, yield) {
						return
					}
					continue
				}
			}
			yield(Stored{}, err)
			return
		}
		again.Findings = append(again.Findings, outOfOrder(before, now)...)
		again.Summary.addFindings(again.Findings)
	}
}

// parts reads two runs in parts, and keeps the last few.
type parts struct {
	ctx         context.Context
	runs        Runs
	rules       []*Rule
	before, now *Report
	whole       *whole
	shelf       Shelf            // nil if there is none
	kept        map[string]*part // by the names of their keys
	order       []*part
	size        int
}

// mostKept is how many results of earlier parts are kept in memory.
const mostKept = 500

// part is keys that concern one another.
type part struct {
	*comparison
	names    []string
	ids      []int64              // of the comparison's results
	byName   map[string][]int     // the same by name
	vanished map[string][]Finding // by the name of the key that is gone
}

// survey gathers what takes the whole of both runs. It keeps none of the samples.
func (p *parts) survey() error {
	w := &whole{unread: map[string]bool{}, wasUnread: map[string]bool{}}
	v := newVocabularies()
	seed, surveyed := maphash.MakeSeed(), map[uint64]bool{} // names, which are long
	if p.before != nil {
		for r, err := range p.runs.Sample(p.ctx, true) {
			if err != nil {
				return err
			}
			v.had(r)
			if r.fingerprint() == "" {
				w.wasUnread[r.identity().exchange] = true
			}
		}
	}
	for r, err := range p.runs.Sample(p.ctx, false) {
		if err != nil {
			return err
		}
		v.has(r)
		if r.fingerprint() != "" || w.unread[r.identity().exchange] || surveyed[maphash.String(seed, r.Name)] {
			continue
		}
		found, err := p.load(r.Name) // the previous run may have read it
		if err != nil {
			return err
		}
		found.all.unread(w.unread)
		for _, name := range found.names {
			surveyed[maphash.String(seed, name)] = true
		}
	}
	w.words = v.words
	p.whole = w
	return nil
}

// of is what is judged of the keys of a name.
func (p *parts) of(name string) (*judged, error) {
	if found := p.kept[name]; found != nil {
		return found.of(name), nil
	}
	if p.shelf != nil {
		text, err := p.shelf.Take(p.ctx, name)
		if err != nil {
			return nil, err
		}
		if text != nil {
			found := &judged{}
			return found, json.Unmarshal(text, found)
		}
	}
	found, err := p.load(name)
	if err != nil {
		return nil, err
	}
	if len(found.names) > 1 {
		err = p.keep(found, name)
	}
	return found.of(name), err
}

// keep keeps a part for the names that are near.
func (p *parts) keep(found *part, name string) error {
	for p.size > mostKept {
		if err := p.leave(p.order[0], name); err != nil {
			return err
		}
		p.size -= len(p.order[0].ids)
		p.order = p.order[1:]
	}
	p.order, p.size = append(p.order, found), p.size+len(found.ids)
	for _, name := range found.names {
		p.kept[name] = found
	}
	return nil
}

// leave forgets a part. What it has of names that come after one is judged.
func (p *parts) leave(found *part, after string) error {
	for _, name := range found.names {
		delete(p.kept, name)
		if p.shelf == nil || name <= after {
			continue
		}
		text, err := json.Marshal(found.of(name))
		if err != nil {
			return err
		}
		if err := p.shelf.Shelve(p.ctx, name, text); err != nil {
			return err
		}
	}
	return nil
}

// load reads a part, and matches its keys.
func (p *parts) load(name string) (*part, error) {
	before, now, err := p.runs.Part(p.ctx, name)
	if err != nil {
		return nil, err
	}
	is := p.now.head(nil)
	ids := make(map[*Result]int64, len(now))
	for _, s := range now {
		is.Results, ids[s.Result] = append(is.Results, s.Result), s.ID
	}
	var was *Report
	if p.before != nil {
		was = p.before.head(nil)
		for _, s := range before {
			was.Results = append(was.Results, s.Result)
		}
	}
	found := &part{comparison: newComparison(was, is, p.rules, p.whole), byName: map[string][]int{}, vanished: map[string][]Finding{}}
	for i, r := range inOrder(is.Results) { // as in the comparison
		found.ids = append(found.ids, ids[r])
		found.byName[r.Name] = append(found.byName[r.Name], i)
	}
	for i, f := range found.past.vanished(found.all) {
		gone := found.past.left[i].Name
		found.vanished[gone] = append(found.vanished[gone], f)
	}
	seen := map[string]bool{}
	for _, s := range append(before, now...) {
		if !seen[s.Result.Name] {
			seen[s.Result.Name], found.names = true, append(found.names, s.Result.Name)
		}
	}
	if !seen[name] {
		return nil, fmt.Errorf("audit: the store has no result of %q where it named one", name)
	}
	return found, nil
}

// judged is what is judged of the keys of a name.
type judged struct {
	Gone    []Finding `json:"gone,omitempty"`
	IDs     []int64   `json:"ids"`
	Results []*Result `json:"results"`
}

// of judges the keys of a name.
func (p *part) of(name string) *judged {
	out := &judged{Gone: p.vanished[name]}
	for _, i := range p.byName[name] {
		out.IDs, out.Results = append(out.IDs, p.ids[i]), append(out.Results, p.judge(p.results[i]))
	}
	return out
}

// hand hands them out.
func (j *judged) hand(again *Report, yield func(Stored, error) bool) bool {
	again.Findings = append(again.Findings, j.Gone...)
	for i, r := range j.Results {
		again.Summary.Add(r)
		if !yield(Stored{j.IDs[i], r}, nil) {
			return false
		}
	}
	return true
}

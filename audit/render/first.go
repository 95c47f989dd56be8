package render

import "slices"

// first keeps the first of many values in an order, and counts the others. Of equal
// ones, those that came earlier are first.
type first[T any] struct {
	most    int
	compare func(a, b T) int
	cut     func(T) // is given what is not kept; may be nil
	kept    []T     // may be a few more
	n       int     // how many came
	sorted  bool
}

func (f *first[T]) add(v T) {
	f.n++
	if f.sorted && len(f.kept) >= f.most && f.compare(v, f.kept[f.most-1]) >= 0 {
		f.drop(v)
		return
	}
	if f.kept = append(f.kept, v); len(f.kept) > f.most+f.most/8 {
		f.sort()
		return
	}
	f.sorted = f.sorted && len(f.kept) > f.most // the last of the first is no better than it was
}

func (f *first[T]) sort() {
	slices.SortStableFunc(f.kept, f.compare)
	for i := f.most; i < len(f.kept); i++ {
		f.drop(f.kept[i])
	}
	if len(f.kept) > f.most {
		clear(f.kept[f.most:])
		f.kept = f.kept[:f.most]
	}
	f.sorted = true
}

func (f *first[T]) drop(v T) {
	if f.cut != nil {
		f.cut(v)
	}
}

// all are the first ones, in order.
func (f *first[T]) all() []T {
	f.sort()
	return f.kept
}

// more is how many are not among them.
func (f *first[T]) more() int { return f.n - len(f.all()) }

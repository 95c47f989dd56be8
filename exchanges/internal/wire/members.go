package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Err returns the first member that had the wrong type.
func (o Object) Err() error {
	if o.err == nil {
		return nil
	}
	return *o.err
}

func (o Object) wrong(name, want string) {
	if o.err != nil && *o.err == nil {
		*o.err = fmt.Errorf("the member %q of the answer is not %s", name, want)
	}
}

// raw returns a member that is present and not null.
func (o Object) raw(name string) (json.RawMessage, bool) {
	v, ok := o.members[name]
	return v, ok && string(v) != "null"
}

// Has reports whether a member is present, even as null.
func (o Object) Has(name string) bool { _, ok := o.members[name]; return ok }

// IsNull reports whether a member is present as null.
func (o Object) IsNull(name string) bool {
	v, ok := o.members[name]
	return ok && string(v) == "null"
}

// Names lists the members, sorted, so that a caller that reads them all meets the same
// error first every time.
func (o Object) Names() []string {
	names := make([]string, 0, len(o.members))
	for name := range o.members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Object returns a member that is an object.
func (o Object) Object(name string) (Object, bool) {
	v, ok := o.raw(name)
	if !ok {
		return Object{err: o.err}, false
	}
	members, err := parseMembers(v)
	if err != nil {
		o.wrong(name, "a JSON object without duplicate members")
		return Object{err: o.err}, false
	}
	return Object{members: members, err: o.err}, true
}

// Text returns a member that is a string or a number, as text.
func (o Object) Text(name string) (string, bool) {
	v, ok := o.raw(name)
	if !ok {
		return "", false
	}
	s, ok := text(v)
	if !ok {
		o.wrong(name, "text or a number")
	}
	return s, ok
}

func text(v json.RawMessage) (string, bool) {
	if v[0] == '"' {
		s, err := unquote(v)
		return s, err == nil
	}
	if v[0] == '-' || (v[0] >= '0' && v[0] <= '9') {
		return string(v), true
	}
	return "", false
}

// Bool returns a member that is true or false, also written as 1 or 0 and as
// text.
func (o Object) Bool(name string) (value, ok bool) {
	v, ok := o.raw(name)
	if !ok {
		return false, false
	}
	switch v = bytes.Trim(v, `"`); {
	case bytes.EqualFold(v, []byte("true")), string(v) == "1":
		return true, true
	case bytes.EqualFold(v, []byte("false")), string(v) == "0":
		return false, true
	}
	o.wrong(name, "true or false")
	return false, false
}

// Int returns a member that is a whole number, also written as text.
func (o Object) Int(name string) (int64, bool) {
	s, ok := o.Text(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil { // its text would print the value
		o.wrong(name, "a whole number")
		return 0, false
	}
	return n, true
}

// Millis returns a member that is Unix milliseconds. Zero and negative values
// mean not reported.
func (o Object) Millis(name string) (time.Time, bool) { return o.unix(name, time.UnixMilli) }

// Seconds returns a member that is Unix seconds. Zero and negative values mean
// not reported.
func (o Object) Seconds(name string) (time.Time, bool) {
	return o.unix(name, func(n int64) time.Time { return time.Unix(n, 0) })
}

func (o Object) unix(name string, at func(int64) time.Time) (time.Time, bool) {
	n, ok := o.Int(name)
	if !ok || n <= 0 {
		return time.Time{}, false
	}
	t := at(n).UTC()
	if t.Year() < 2000 || t.Year() > 2200 { // another unit than documented
		o.wrong(name, "a time in the documented unit")
		return time.Time{}, false
	}
	return t, true
}

// RFC3339 returns a member that is an RFC 3339 time. The Unix epoch and
// earlier mean not reported.
func (o Object) RFC3339(name string) (time.Time, bool) {
	s, ok := o.Text(name)
	if !ok || s == "" {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		o.wrong(name, "an RFC 3339 time")
		return time.Time{}, false
	}
	if t.Unix() <= 0 {
		return time.Time{}, false
	}
	return t.UTC(), true
}

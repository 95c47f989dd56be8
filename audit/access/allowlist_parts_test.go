package access_test

import (
	"net/netip"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// listOf is a list as a stored snapshot may hold it: with prefixes that have host bits.
func listOf(prefixes ...string) *access.IPAllowlist {
	list := &access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported, Disclosed: access.EntriesComplete}
	for _, p := range prefixes {
		list.Entries = append(list.Entries, access.AllowlistEntry{Text: p, Prefix: netip.MustParsePrefix(p)})
	}
	return list
}

// TestHalves: together half of all IP addresses is as good as all of them, however the
// parts are written.
func TestHalves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prefixes []string
		half     bool
	}{
		{[]string{"0.0.0.0/1"}, true},
		{[]string{"130.1.2.3/1"}, true},
		{[]string{"64.0.0.0/2", "192.0.0.0/2"}, true},
		{[]string{"64.0.0.0/2"}, false},
		{[]string{"64.0.0.0/2", "64.0.0.0/2"}, false},
		{[]string{"64.0.0.0/2", "65.0.0.0/8", "66.0.0.0/8"}, false},
		{[]string{"193.0.0.0/8", "64.0.0.0/2", "200.0.0.0/2"}, true}, // 200.0.0.0/2 begins at 192.0.0.0
		{[]string{"193.0.0.0/8", "192.0.0.0/2", "64.0.0.0/2"}, true},
		{[]string{"192.0.0.0/8", "192.0.0.0/2", "64.0.0.0/2"}, true},
		{[]string{"0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/4", "112.0.0.0/5"}, false},
		{[]string{"192.0.0.0/8", "192.0.0.0/2", "64.0.0.0/2"}, true},
		{[]string{"0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/4", "112.0.0.0/4"}, true},
		{[]string{"::ffff:128.0.0.0/97"}, true}, // IPv4 in IPv6 notation
		{[]string{"::ffff:64.0.0.0/98", "192.0.0.0/2"}, true},
		{[]string{"::ffff:64.0.0.0/98"}, false},
		{[]string{"2000::/3"}, true},
		{[]string{"2000::/4"}, true}, // half of the public ones
		{[]string{"2000::/5", "2800::/5"}, true},
		{[]string{"64.0.0.0/2", "2000::/5"}, false},
		{[]string{"2000::/5"}, false},
		{[]string{"2000::/6", "2400::/6"}, false},
		{nil, false},
	} {
		list := listOf(c.prefixes...)
		assert.Equal(t, c.half, list.EntriesForHalf() != nil, "%q", c.prefixes)
		assert.Equal(t, !c.half, list.Restricts() || len(c.prefixes) == 0, "%q", c.prefixes)
	}
}

// TestHalfInWords: of entries that together are half, the widest are named, and none
// more often than it is there.
func TestHalfInWords(t *testing.T) {
	t.Parallel()
	list := listOf("193.0.0.0/8", "64.0.0.0/2", "192.0.0.0/3", "224.0.0.0/3", "10.0.0.0/8")
	assert.Equal(t, []string{"64.0.0.0/2", "192.0.0.0/3", "224.0.0.0/3"}, list.EntriesForHalf())
	dashed := access.NewIPAllowlist([]string{"127.0.0.0-255.0.0.0"})
	assert.Equal(t, []string{"127.0.0.0-255.0.0.0"}, dashed.EntriesForHalf())
}

// TestWholeRanges: what is in another is not counted twice, and halves become a whole.
func TestWholeRanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ prefixes, want []string }{
		{[]string{"198.51.100.20/32", "198.51.100.21/32"}, []string{"198.51.100.20/31"}},
		{[]string{"198.51.100.21/32", "198.51.100.22/32"}, []string{"198.51.100.21/32", "198.51.100.22/32"}},
		{[]string{"198.51.128.0/17", "198.51.0.0/17"}, []string{"198.51.0.0/16"}},
		{[]string{"198.51.0.0/18", "198.51.64.0/18", "198.51.128.0/17"}, []string{"198.51.0.0/16"}},
		{[]string{"0.0.0.0/1", "128.0.0.0/1"}, []string{"0.0.0.0/0"}},
		{[]string{"0.0.0.0/0", "0.0.0.0/0"}, []string{"0.0.0.0/0"}},
		{[]string{"198.51.100.99/24", "198.51.100.5/32"}, []string{"198.51.100.0/24"}},
		{[]string{"193.0.0.0/8", "200.0.0.0/2"}, []string{"192.0.0.0/2"}},
		{[]string{"192.0.0.0/8", "192.0.0.0/2"}, []string{"192.0.0.0/2"}},
		{[]string{"::ffff:198.51.100.20/128", "198.51.100.20/32"}, []string{"198.51.100.20/32"}},
		{[]string{"::ffff:0.0.0.0/96"}, []string{"0.0.0.0/0"}},
		{[]string{"2001:db8::/33", "2001:db8:8000::/33"}, []string{"2001:db8::/32"}},
		{[]string{"198.51.100.0/25", "198.51.100.128/26"}, []string{"198.51.100.0/25", "198.51.100.128/26"}},
		{[]string{"2001:db8::/32", "198.51.100.20/32"}, []string{"198.51.100.20/32", "2001:db8::/32"}},
	} {
		var got []string
		for _, p := range listOf(c.prefixes...).Ranges() {
			got = append(got, p.String())
		}
		assert.Equal(t, c.want, got, "%q", c.prefixes)
	}
}

// TestMaskedShape: only what hides a part of an IP address is masked; anything else that
// cannot be read may be every IP address.
func TestMaskedShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"203.**.154": true, "2001:db8:**::1": true, "**.154": true, "A**": true, "203.*.154": false, "**": false, "**.0": false, "0.**.0": false,
		"203.**.x": false, "203 ** 154": false, "***.***.***.***": false, "203.0.113.7": false,
	} {
		assert.Equal(t, want, access.AllowlistEntry{Text: text}.Masked(), text)
		assert.False(t, access.AllowlistEntry{Text: text, Prefix: netip.MustParsePrefix("203.0.113.7/32")}.Masked(), text)
	}
}

// TestAdmitsAll: the ways to write every IP address.
func TestAdmitsAll(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0.0.0.0/0": true, "::/0": true, "0.0.0.0/32": true, "::/128": true, "::/96": false, "::/64": true, "::ffff:0.0.0.0/96": true, "::ffff:0.0.0.0/128": true,
		"0.0.0.0/8": false, "::/112": false, "10.0.0.0/8": false, "128.0.0.0/0": true,
	} {
		assert.Equal(t, want, access.AllowlistEntry{Text: text, Prefix: netip.MustParsePrefix(text)}.AdmitsAll(), text)
	}
	for text, want := range map[string]bool{"*": true, "any": true, "ALL": true, "*.*.*.*": true, "": false, "*.*": false, "anyone": false} {
		assert.Equal(t, want, access.AllowlistEntry{Text: text}.AdmitsAll(), text)
	}
	nameless := &access.IPAllowlist{Entries: []access.AllowlistEntry{{Prefix: netip.MustParsePrefix("0.0.0.0/0")}}}
	assert.Equal(t, "0.0.0.0/0", nameless.EntryForAll())
}

// TestAdmits: a list admits what one of its entries covers, refuses the rest if every entry
// is known, and says nothing otherwise.
func TestAdmits(t *testing.T) {
	t.Parallel()
	hidden, masked, off := listOf("198.51.100.0/24"), listOf("198.51.100.0/24"), listOf("198.51.100.0/24")
	hidden.Disclosed = access.MaskedEntries
	masked.Entries = append(masked.Entries, access.AllowlistEntry{Text: "203.**.154"})
	off.State = access.AllowlistOff
	unsaid := listOf("198.51.100.0/24")
	unsaid.State = access.AllowlistUnknown
	for name, c := range map[string]struct {
		list *access.IPAllowlist
		addr string
		want access.State
	}{
		"an address of a range":        {listOf("198.51.100.0/24"), "198.51.100.20/32", access.Granted},
		"in IPv6 notation":             {listOf("198.51.100.0/24"), "::ffff:198.51.100.20/128", access.Granted},
		"a range that reaches into it": {listOf("198.51.100.20/32"), "198.51.100.0/24", access.Granted},
		"another":                      {listOf("198.51.100.0/24"), "198.51.101.1/32", access.Denied},
		"of the other family":          {listOf("198.51.100.0/24"), "2001:db8::1/128", access.Denied},
		"every address is admitted":    {listOf("0.0.0.0/0"), "2001:db8::1/128", access.Granted},
		"the list is switched off":     {off, "203.0.113.7/32", access.Granted},
		"another, and some are hidden": {hidden, "203.0.113.7/32", access.Unknown},
		"one, and some are hidden":     {hidden, "198.51.100.20/32", access.Granted},
		"another, and one is masked":   {masked, "203.0.113.154/32", access.Unknown},
		"whether it is in force":       {unsaid, "203.0.113.7/32", access.Unknown},
		"nothing is known":             {&access.IPAllowlist{}, "203.0.113.7/32", access.Unknown},
	} {
		assert.Equal(t, c.want, c.list.Admits(netip.MustParsePrefix(c.addr)), name)
	}
	assert.Equal(t, access.Unknown, listOf("198.51.100.0/24").Admits(netip.Prefix{}), "no address")
}

// TestRestricts: a list restricts if the exchange reports it, it is in force, and each
// entry can be read or the whole is hidden.
func TestRestricts(t *testing.T) {
	t.Parallel()
	edit := func(f func(*access.IPAllowlist)) *access.IPAllowlist {
		list := listOf("198.51.100.20/32")
		f(list)
		return list
	}
	for name, c := range map[string]struct {
		list       *access.IPAllowlist
		restricts  bool
		everywhere access.State
	}{
		"restricted":       {listOf("198.51.100.20/32"), true, access.Denied},
		"says nobody":      {edit(func(l *access.IPAllowlist) { l.Evidence = access.NoEvidence }), false, access.Unknown},
		"unknown":          {edit(func(l *access.IPAllowlist) { l.State = access.AllowlistUnknown }), false, access.Unknown},
		"off":              {edit(func(l *access.IPAllowlist) { l.State = access.AllowlistOff }), false, access.Granted},
		"unrestricted":     {edit(func(l *access.IPAllowlist) { l.State = access.AllowlistUnrestricted }), false, access.Granted},
		"denies all":       {edit(func(l *access.IPAllowlist) { l.State, l.Entries = access.AllowlistDenyAll, nil }), true, access.Denied},
		"empty":            {edit(func(l *access.IPAllowlist) { l.Entries = nil }), false, access.Unknown},
		"hidden":           {edit(func(l *access.IPAllowlist) { l.Entries, l.Disclosed = nil, access.NotDisclosed }), true, access.Denied},
		"unreadable":       {edit(func(l *access.IPAllowlist) { l.Entries[0] = access.AllowlistEntry{Text: "host"} }), false, access.Unknown},
		"masked":           {edit(func(l *access.IPAllowlist) { l.Entries[0] = access.AllowlistEntry{Text: "203.**.154"} }), true, access.Denied},
		"every IP address": {edit(func(l *access.IPAllowlist) { l.Entries[0] = access.AllowlistEntry{Text: "*"} }), false, access.Granted},
		"the unspecified":  {listOf("0.0.0.0/32"), false, access.Granted},
		"half":             {listOf("128.0.0.0/1"), false, access.Granted},
		"denies all, half": {edit(func(l *access.IPAllowlist) { *l = *listOf("128.0.0.0/1"); l.State = access.AllowlistDenyAll }), false, access.Granted},
	} {
		assert.Equal(t, c.restricts, c.list.Restricts(), name)
		assert.Equal(t, c.everywhere, c.list.UsableFromAnywhere(), name)
	}
}

// TestLines: the networks of one range are one line, and two equal lines are two.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw  []string
		want int
	}{
		{nil, 0},
		{[]string{"198.51.100.20"}, 1},
		{[]string{"198.51.100.20", "198.51.100.21"}, 2},
		{[]string{"198.51.100.20", "198.51.100.20"}, 2},
		{[]string{"198.51.100.1-198.51.100.9"}, 1},
		{[]string{"198.51.100.1-198.51.100.9", "198.51.100.20"}, 2},
	} {
		list := access.NewIPAllowlist(c.raw)
		assert.Equal(t, c.want, list.Lines(), "%q", c.raw)
	}
	nameless := listOf("198.51.100.20/32", "198.51.100.21/32")
	nameless.Entries[0].Text, nameless.Entries[1].Text = "", ""
	assert.Equal(t, 2, nameless.Lines())
}

// TestDashes: a range becomes networks that are the range, no more and no less.
func TestDashes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"198.51.100.1-198.51.100.6":       "198.51.100.1/32 198.51.100.2/31 198.51.100.4/31 198.51.100.6/32 ",
		"198.51.100.0 - 198.51.100.1":     "198.51.100.0/31 ",
		"198.51.99.254-198.51.100.1":      "198.51.99.254/31 198.51.100.0/31 ",
		"255.255.255.254-255.255.255.255": "255.255.255.254/31 ",
		"127.255.255.254-128.0.0.1":       "127.255.255.254/31 128.0.0.0/31 ",
		"2001:db8::ff-2001:db8::100":      "2001:db8::ff/128 2001:db8::100/128 ",
		"198.51.100.9-198.51.100.1":       "invalid Prefix ",
		"198.51.100.9-host":               "invalid Prefix ",
		"host-198.51.100.9":               "invalid Prefix ",
		"198.51.100.9-2001:db8::1":        "invalid Prefix ",
	} {
		got := ""
		for _, e := range access.NewIPAllowlist([]string{text}).Entries {
			assert.Equal(t, text, e.Text)
			got += e.Prefix.String() + " "
		}
		assert.Equal(t, want, got, text)
	}
}

// TestStars: a pattern has four parts, and its stars are at the end.
func TestStars(t *testing.T) {
	t.Parallel()
	for text, bits := range map[string]int{
		"203.0.113.*": 24, "203.0.*.*": 16, "203.*.*.*": 8, "*.*.*.*": 0, "203.0.256.*": -1, "a.b.c.*": -1, "203.0.113": -1, "203.0.113.7.*": -1, "203.*.113.*": -1, "*.0.113.7": -1, "203.0.113.7": 32,
	} {
		list := access.NewIPAllowlist([]string{text})
		assert.Equal(t, strconv.Itoa(bits), strconv.Itoa(list.Entries[0].Prefix.Bits()), text)
	}
}

// TestPartial: half of a list restricts nothing, and half of an open one leaves it open.
func TestPartial(t *testing.T) {
	t.Parallel()
	list := listOf("198.51.100.20/32")
	list.Partial()
	assert.Equal(t, access.AllowlistUnknown, list.State)
	assert.False(t, list.Complete())
	assert.Equal(t, access.Unknown, list.UsableFromAnywhere())
	for _, state := range []access.AllowlistState{access.AllowlistUnknown, access.AllowlistUnrestricted, access.AllowlistOff, access.AllowlistDenyAll} {
		list := &access.IPAllowlist{State: state, Evidence: access.Reported, Disclosed: access.EntriesComplete}
		list.Partial()
		assert.Equal(t, state, list.State)
	}
}

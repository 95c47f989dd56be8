package access_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestReadEntry(t *testing.T) {
	t.Parallel()
	for text, prefix := range map[string]string{
		"198.51.100.20":                 "198.51.100.20/32",
		" 198.51.100.20\t":              "198.51.100.20/32",
		"::ffff:198.51.100.20":          "198.51.100.20/32",
		"2001:DB8::1":                   "2001:db8::1/128",
		"203.0.113.7/24":                "203.0.113.0/24",
		"203.0.113.7/32":                "203.0.113.7/32",
		"2001:db8::1/64":                "2001:db8::/64",
		"::ffff:203.0.113.0/120":        "203.0.113.0/24",
		"::ffff:0:0/96":                 "0.0.0.0/0",
		"::ffff:0:0/95":                 "::fffe:0:0/95",
		"203.0.113.*":                   "203.0.113.0/24",
		"203.0.*.*":                     "203.0.0.0/16",
		"203.*.*.*":                     "203.0.0.0/8",
		"203.0.113.8-203.0.113.15":      "203.0.113.8/29",
		"203.0.113.7-203.0.113.7":       "203.0.113.7/32",
		"0.0.0.0-255.255.255.255":       "0.0.0.0/0",
		"2001:db8::-2001:db8::ff":       "2001:db8::/120",
		"::ffff:1.2.3.0-::ffff:1.2.3.3": "1.2.3.0/30",
	} {
		list := access.NewIPAllowlist([]string{text})
		require.Len(t, list.Entries, 1, text)
		assert.Equal(t, strings.TrimSpace(text), list.Entries[0].Text)
		assert.Equal(t, prefix, list.Entries[0].Prefix.String(), text)
		assert.Equal(t, access.EntriesComplete, list.Disclosed, text)
		assert.Equal(t, access.Reported, list.Evidence, text)
	}
}

// TestUnreadableIsNotRestricted: text that cannot be read may admit every
// address.
func TestUnreadableIsNotRestricted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"garbage", "null", "none", "-", "0", "0/0", "localhost", "bot.example.com", "0.0.0.0/0,::/0", "1.2.3.4;5.6.7.8", "1.2.3.4 5.6.7.8",
		"1.2.3.4/255.255.255.0", "1.2.3.4/33", "1.2.3", "1.2.3.4.5", "01.02.03.04", "000.000.000.000", "1.2.3.4:443", "[2001:db8::1]", "fe80::1%eth0",
		"9.9.9.9-1.2.3.4", "fe80::1%a-fe80::2%b", "1.2.3.4-9", "1.2.3.4-::1", "-1.2.3.4", "*.2.3.4", "1.*.3.*", "1.2.3.x", "***.***.***.***", "**", "0.**.0", "a.b.c.*", "256.1.1.*", "any**",
	} {
		list := access.NewIPAllowlist([]string{"198.51.100.20", text})
		assert.Equal(t, access.AllowlistUnknown, list.State, text)
		require.Len(t, list.Entries, 2, text)
		assert.Equal(t, access.AllowlistEntry{Text: text}, list.Entries[1])
	}
}

func TestStateOfTheList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state access.AllowlistState
		list  []string
	}{
		{access.AllowlistUnrestricted, nil},
		{access.AllowlistUnrestricted, []string{"", "  "}},
		{access.AllowlistUnrestricted, []string{"*"}},
		{access.AllowlistUnrestricted, []string{"198.51.100.20", "Any"}},
		{access.AllowlistUnrestricted, []string{"ALL"}},
		{access.AllowlistUnrestricted, []string{"*.*.*.*"}},
		{access.AllowlistUnrestricted, []string{"garbage", "0.0.0.0/0"}},
		{access.AllowlistUnrestricted, []string{"0.0.0.0"}},
		{access.AllowlistUnrestricted, []string{"::"}},
		{access.AllowlistUnrestricted, []string{"::ffff:0.0.0.0"}},
		{access.AllowlistUnrestricted, []string{"::ffff:0:0/96"}},
		{access.AllowlistUnrestricted, []string{"::/80"}},
		{access.AllowlistUnrestricted, []string{"0.0.0.0/1", "128.0.0.0/1"}},
		{access.AllowlistUnrestricted, []string{"2000::/3"}},
		{access.AllowlistUnrestricted, []string{"128.0.0.0-255.255.255.255"}},
		{access.AllowlistRestricted, []string{"198.51.100.20"}},
		{access.AllowlistUnknown, []string{"", "198.51.100.20", ""}},
		{access.AllowlistRestricted, []string{"1.2.3.4-9.9.9.9"}},
		{access.AllowlistRestricted, []string{"10.0.0.0/8", "2001:db8::/32"}},
		{access.AllowlistRestricted, []string{"203.**.154", "103.**.34"}},
		{access.AllowlistRestricted, []string{"::1"}},
	} {
		assert.Equal(t, c.state.String(), access.NewIPAllowlist(c.list).State.String(), c.list)
	}
}

func TestMaskedEntries(t *testing.T) {
	t.Parallel()
	list := access.NewIPAllowlist([]string{"203.**.154", "198.51.100.20"})
	assert.Equal(t, access.MaskedEntries, list.Disclosed)
	assert.False(t, list.Entries[0].Prefix.IsValid())
	assert.Equal(t, access.AllowlistRestricted, list.State)
}

// TestHostileList: an exchange, or what answers in its place, may send what it likes.
func TestHostileList(t *testing.T) {
	t.Parallel()
	var hosts, words []string
	for i := range 60_000 {
		hosts = append(hosts, fmt.Sprintf("8.%d.%d.%d", i>>16, i>>8&255, i&255))
		words = append(words, "word")
	}
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist(hosts)}}
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
	for _, list := range [][]string{hosts, words} {
		s.IPAllowlist = access.NewIPAllowlist(list)
		for _, f := range audit.Judge(s, audit.Policy{ExpectedIPs: []netip.Prefix{netip.MustParsePrefix("9.9.9.9/32")}}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), nil) {
			assert.Less(t, len(f.Message), 1000, f.Rule)
		}
	}
}

// FuzzAllowlist: whatever a list holds, it is restricted only if every entry is
// an address, a range or a mask, and only if together they leave most of the
// world out.
func FuzzAllowlist(f *testing.F) {
	for _, seed := range []string{
		"198.51.100.20", "0.0.0.0/1,128.0.0.0/1", "::ffff:0:0/96", "2000::/3", "1.2.3.4-9.9.9.9", "*.*.*.*", "203.**.154", "203.0.113.*", "::/64,garbage", "",
	} {
		f.Add(seed)
	}
	strangers := []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("101.6.6.6"), netip.MustParseAddr("193.0.14.129"), netip.MustParseAddr("223.5.5.5")}
	f.Fuzz(func(t *testing.T, text string) {
		list := access.NewIPAllowlist(strings.Split(text, ","))
		if list.State != access.AllowlistRestricted {
			return
		}
		admitted := map[netip.Addr]bool{}
		for _, e := range list.Entries {
			if !e.Prefix.IsValid() {
				if !strings.Contains(e.Text, "**") || !strings.ContainsAny(e.Text, "123456789abcdefABCDEF") {
					t.Fatalf("%q counts as restricted", e.Text)
				}
				continue
			}
			for _, a := range strangers {
				if e.Prefix.Contains(a) || e.Prefix.Contains(netip.AddrFrom16(a.As16())) {
					admitted[a] = true
				}
			}
		}
		// One or two ranges that hold all of them are half of the world.
		if len(admitted) == len(strangers) && len(list.Entries) < 3 {
			t.Fatalf("%q admits everybody and counts as restricted", text)
		}
	})
}

// TestRanges: what entries admit together, and how many lines say so.
func TestRanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entries []string
		ranges  string
		lines   int
	}{
		"none":                     {nil, "", 0},
		"two halves":               {[]string{"198.51.0.0/17", "198.51.128.0/17"}, "198.51.0.0/16", 2},
		"halves of a half":         {[]string{"198.51.192.0/18", "198.51.0.0/17", "198.51.128.0/18"}, "198.51.0.0/16", 3},
		"one within the other":     {[]string{"198.51.100.7", "198.51.100.0/24", "198.51.100.0/25"}, "198.51.100.0/24", 3},
		"neighbours that are none": {[]string{"198.51.100.1", "198.51.100.2"}, "198.51.100.1/32 198.51.100.2/32", 2},
		"four hosts":               {[]string{"198.51.100.4", "198.51.100.7", "198.51.100.6", "198.51.100.5"}, "198.51.100.4/30", 4},
		"across the middle":        {[]string{"127.255.255.254-128.0.0.1"}, "127.255.255.254/31 128.0.0.0/31", 1},
		"a range in the middle":    {[]string{"198.51.100.5 - 198.51.100.9"}, "198.51.100.5/32 198.51.100.6/31 198.51.100.8/31", 1},
		"everything as a range":    {[]string{"0.0.0.0-255.255.255.255"}, "0.0.0.0/0", 1},
		"everything of IPv6":       {[]string{"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, "::/0", 1},
		"one IPv6 range":           {[]string{"2001:db8::ffff-2001:db8::1:0"}, "2001:db8::ffff/128 2001:db8::1:0/128", 1},
		"both kinds":               {[]string{"2001:db8::/65", "198.51.100.7", "2001:db8:0:0:8000::/65"}, "198.51.100.7/32 2001:db8::/64", 3},
		"in IPv6 notation":         {[]string{"::ffff:198.51.100.6", "198.51.100.7"}, "198.51.100.6/31", 2},
		"the last one":             {[]string{"255.255.255.254-255.255.255.255"}, "255.255.255.254/31", 1},
		"a duplicate":              {[]string{"198.51.100.7", "198.51.100.7"}, "198.51.100.7/32", 2},
		"masked and unreadable":    {[]string{"203.**.154", "example.com", "198.51.100.7"}, "198.51.100.7/32", 3},
	} {
		list := access.NewIPAllowlist(c.entries)
		var texts []string
		for _, p := range list.Ranges() {
			texts = append(texts, p.String())
		}
		assert.Equal(t, c.ranges, strings.Join(texts, " "), name)
		assert.Equal(t, c.lines, list.Lines(), name)
	}
}

// TestRangesAdmitWhatEntriesAdmit: merging neither adds an IP address nor loses one,
// also where ranges are written with a dash.
func TestRangesAdmitWhatEntriesAdmit(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	addr := func() netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, byte(random.UintN(256))}) }
	for range 500 {
		var texts []string
		admits := map[netip.Addr]bool{}
		for range 1 + random.IntN(8) {
			a, b := addr(), addr()
			if b.Less(a) {
				a, b = b, a
			}
			if random.IntN(2) == 0 {
				p, err := a.Prefix(24 + random.IntN(9))
				require.NoError(t, err)
				texts = append(texts, p.String())
				for x := p.Addr(); p.Contains(x); x = x.Next() {
					admits[x] = true
				}
				continue
			}
			texts = append(texts, a.String()+"-"+b.String())
			for x := a; !b.Less(x); x = x.Next() {
				admits[x] = true
			}
		}
		list := access.NewIPAllowlist(texts)
		ranges := list.Ranges()
		for i := range 256 {
			x := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
			if admits[x] != slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(x) }) {
				t.Fatalf("%s in %v", x, texts)
			}
		}
		for i, p := range ranges {
			for _, q := range ranges[:i] {
				if p.Overlaps(q) {
					t.Fatalf("%s and %s of %v", p, q, texts)
				}
			}
		}
	}
}

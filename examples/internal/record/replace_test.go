package record

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var then = time.Date(2026, time.October, 9, 15, 27, 31, 0, time.UTC)

// replacing is a replacer that has heard some texts.
func replacing(seed byte, texts ...string) *replacer {
	public := &Public{words: map[string]bool{}, ids: map[string]bool{"organizations": true}, texts: map[string]bool{}}
	c := newClock([32]byte{seed}, then)
	listening := newReplacer(public, [32]byte{seed}, c)
	for _, text := range texts {
		listening.value(text, nil)
	}
	c.settle()
	return newReplacer(public, [32]byte{seed}, c)
}

// TestShapes: what is made up could be what it replaces.
func TestShapes(t *testing.T) {
	t.Parallel()
	for text, form := range map[string]string{
		"41877402":         `^[1-9][0-9]{7}$`,
		"0041":             `^[0-9]{4}$`,
		"-12.50":           `^-[1-9][0-9]\.[1-9]0$`,
		"0.00512000":       `^0\.00[1-9]{3}000$`,
		"8f0e1a77c0ffee21": `^[0-9][a-f][0-9][a-f][0-9][a-f][0-9]{2}[a-f][0-9][a-f]{4}[0-9]{2}$`,
		"8F0E1A77C0FFEE21": `^[0-9A-F]{16}$`,
		"0xAbCdEf0123456789aBcDeF0123456789AbCdEf01": `^0x[A-F][a-f][A-F][a-f][A-F][a-f][0-9]{10}[a-f][A-F][a-f][A-F][a-f][A-F][0-9]{10}[A-F][a-f][A-F][a-f][A-F][a-f][0-9]{2}$`,
		"JBSWY3DPEHPK3PXP":                           `^[A-Z2-7]{16}$`,
		"8bfc20d7-f7c6-4422-bf07-8243ca4169fe":       `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-b[0-9a-f]{3}-[0-9a-f]{12}$`,
		"maria.quixote@firm.example":                 `^[a-z]{5}\.[a-z]{7}@[a-z]{4}\.[a-z]{7}$`,
		"Grid Bot #7":                                `^[A-Z][a-z]{3} [A-Z][a-z]{2} #[1-9]$`,
		"Ёлка":                                       `^\p{Lu}\p{Ll}{3}$`,
		"203.0.113.77":                               `^203\.0\.113\.[0-9]{1,3}$`,
		"10.20.30.40/16":                             `^10\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/16$`,
		"91.198.174.0/24":                            `^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.0/24$`,
		"2a04:4e42:600::223":                         `^2[0-9a-f]{0,3}:[0-9a-f:]+$`,
		"91.198.174.10-91.198.174.20":                `^[0-9.]+-[0-9.]+$`,
		"91.198.*.*":                                 `^[0-9]{1,3}\.[0-9]{1,3}\.\*\.\*$`,
		"185.**.153":                                 `^[0-9]{1,3}\.\*\*\.[0-9]{1,3}$`,
		"2025-08-09T15:27:31.250Z":                   `^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z$`,
		"2025-08-09 15:27:31":                        `^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}$`,
		"2025/08/09":                                 `^20[0-9]{2}/[0-9]{2}/[0-9]{2}$`,
		"2025-08-09T00:00:00+09:00":                  `^20[0-9]{2}-[0-9]{2}-[0-9]{2}T00:00:00\+09:00$`,
		"1754753251":                                 `^[12][0-9]{9}$`,
		"1754753251000":                              `^[12][0-9]{9}000$`,
		"1754753251.123":                             `^[12][0-9]{9}\.[0-9]{3}$`,
		"from 91.198.174.7:443, at night":            `^[a-z]{4} [0-9.]+:[1-9][0-9]{2}, [a-z]{2} [a-z]{5}$`,
	} {
		for seed := range byte(20) {
			r := replacing(seed, text)
			as := r.value(text, nil)
			assert.Regexp(t, form, as, text)
			assert.NotEqual(t, text, as)
			assert.Equal(t, as, r.value(text, nil), "the same for the same")
		}
	}
}

// TestStays: what says nothing of an owner.
func TestStays(t *testing.T) {
	t.Parallel()
	r := replacing(1)
	for _, text := range []string{
		"", "true", "FALSE", "null", "0", "0.00000000", "-1", "*", "0.0.0.0/0", "::/0", "0.0.0.0", "127.0.0.1", "1970-01-01T00:00:00Z", "9999-12-31", "9223372036854775807",
	} {
		assert.Equal(t, text, r.value(text, nil))
	}
}

// TestSmallNumbers: a kind stays where there are kinds; a balance does not.
func TestSmallNumbers(t *testing.T) {
	t.Parallel()
	r := replacing(1)
	place := func(pure bool, values ...string) *schema {
		s := newSchema()
		s.pure, s.seen = pure, true
		for _, v := range values {
			s.values[v] = true
		}
		return s
	}
	assert.Equal(t, "57", r.value("57", place(true, "0", "3")))
	assert.NotEqual(t, "57", r.value("57", place(true, "0", "0.00")), "everybody has nothing")
	assert.NotEqual(t, "57", r.value("57", place(false, "0", "3")), "some have numbers of their own")
	assert.NotEqual(t, "570", r.value("570", place(true, "0", "3")))
	assert.NotEqual(t, "5.7", r.value("5.7", place(true, "0", "3")))
	assert.NotEqual(t, "57", r.value("57", nil))
}

// TestMatches: what an adapter compares is equal where it was equal, and different where it
// was different.
func TestMatches(t *testing.T) {
	t.Parallel()
	const key = "mx0vAbCd77Ef01Gh23Ij"
	for seed := range byte(20) {
		r := replacing(seed)
		as := r.pin(key)
		assert.Equal(t, as, r.value(key, nil))
		assert.Equal(t, "x "+as, "x "+strings.TrimPrefix(r.value("("+key, nil), "("))
		assert.Equal(t, as[:4]+"****"+as[len(as)-4:], r.value(key[:4]+"****"+key[len(key)-4:], nil), "masked")
		assert.Equal(t, as[:6]+"...", r.value(key[:6]+"...", nil))
		assert.Equal(t, strings.ToUpper(as), r.value(strings.ToUpper(key), nil))
		assert.NotEqual(t, as[:4], r.value("mx0x****23Ij", nil)[:4], "another key's")

		id := r.value("41877402", nil)
		assert.Equal(t, "u-"+id, "u-"+strings.Split(r.value("acct-41877402", nil), "-")[1])
		uuid := r.value("8bfc20d7-f7c6-4422-bf07-8243ca4169fe", nil)
		assert.Equal(t, uuid, strings.ToLower(r.value("8BFC20D7-F7C6-4422-BF07-8243CA4169FE", nil)))

		seen := map[string]bool{}
		for i := 2; i < 10; i++ {
			seen[r.value(strconv.Itoa(i), nil)] = true
		}
		assert.Len(t, seen, 8, "eight sub-accounts stay eight")
	}
}

// TestAddressesKeepNetworks: what lay in a network still does.
func TestAddressesKeepNetworks(t *testing.T) {
	t.Parallel()
	for seed := range byte(50) {
		r := replacing(seed)
		network, err := netip.ParsePrefix(r.value("91.198.174.0/24", nil))
		require.NoError(t, err)
		inside, err := netip.ParseAddr(r.value("91.198.174.9", nil))
		require.NoError(t, err)
		outside, err := netip.ParseAddr(r.value("91.198.175.9", nil))
		require.NoError(t, err)
		assert.True(t, network.Contains(inside))
		assert.False(t, network.Contains(outside))
		if !r.unfit {
			assert.True(t, inside.IsGlobalUnicast() && !inside.IsPrivate(), inside)
		}
	}
}

// TestTimesKeepOrder: what was first stays first, past stays past, and no distance is known.
func TestTimesKeepOrder(t *testing.T) {
	t.Parallel()
	texts := []string{"2025-01-31T10:00:01Z", "2025-02-01", "2026-10-09T15:20:00Z", "2026-10-09T15:27:30Z", "2026-10-09T15:33:00Z", "2026-10-10", "2027-03-01T00:00:00Z"}
	for seed := range byte(50) {
		r := replacing(seed, texts...)
		var last time.Time
		for i, text := range texts {
			as := r.value(text, nil)
			at, err := time.Parse(layoutOf(as), as)
			require.NoError(t, err, as)
			assert.False(t, at.Before(last), "%s is %s", text, as)
			assert.Equal(t, i < 4, at.Before(anotherNow), "%s is %s", text, as)
			last = at
		}
		assert.Equal(t, anotherNow.Add(-time.Second).Format(time.RFC3339), r.value("2026-10-09T15:27:30Z", nil), "the audit's own time")
	}
}

// TestForms: the expressions find what they are for, whole.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2001:db8::1/48", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "10.0.0.1", "10.0.0.0/8", "10.0.0.1 - 10.0.0.9", "2a04:**:223", "2026-10-09T15:27:31+0200", "Fri, 09 Oct 2026 15:27:31 GMT",
		"8bfc20d7-f7c6-4422-bf07-8243ca4169fe",
	} {
		assert.Equal(t, []string{text}, span.FindAllString(text, -1))
	}
	assert.Equal(t, []string{"enable", "Spot", "Trade"}, humps("enableSpotTrade"))
	assert.Equal(t, []string{"USDT", "Margin"}, humps("USDTMargin"))
	assert.True(t, regexp.MustCompile(uuidForm).MatchString("8bfc20d7-f7c6-4422-bf07-8243ca4169fe"))
}

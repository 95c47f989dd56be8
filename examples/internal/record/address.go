package record

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// The forms of IP addresses: with the length of a network, as a range, and with stars for
// what isn't said.
const (
	four        = `(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b`
	addressForm = four + ` ?- ?` + four + `|[0-9]{1,3}(?:\.[0-9]{1,3})*(?:\.\*+)+(?:\.[0-9]{1,3})*(?:/[0-9]{1,2}\b)?|` +
		`[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4})*(?::\*+)+(?::[0-9A-Fa-f]{0,4})*(?:/[0-9]{1,3}\b)?|` + four + `(?:/[0-9]{1,2}\b)?|` +
		`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.[0-9]{1,3}){3})?(?:/[0-9]{1,3})?`
)

// address replaces an IP address or range. Two that begin with the same bits still do, and
// what can't be on the internet still can't: that says something about the list, and nothing
// about its owner.
func (r *replacer) address(text string) (string, bool) {
	as, ok := r.starred(text)
	if !ok {
		as, ok = r.between(text)
	}
	if !ok {
		as, ok = r.network(text)
	}
	if ok && as != text {
		r.whole[text] = true
		if _, known := r.made[text]; !known {
			r.made[text] = as
			r.Counts.Addresses++
		}
	}
	return as, ok
}

// starred replaces an address of which a part isn't said.
func (r *replacer) starred(text string) (string, bool) {
	text, length, network := strings.Cut(text, "/")
	if !strings.Contains(text, "*") || !strings.ContainsAny(text, ".:") || strings.Trim(text, "0123456789abcdefABCDEF.:*") != "" {
		return "", false
	}
	if network {
		length = "/" + length
	}
	first := true
	return groupForm.ReplaceAllStringFunc(text, func(group string) string {
		begins := first
		first = false
		sum := sha256.Sum256(append(r.seed[:], group...))
		n, err := strconv.ParseUint(group, 10, 8)
		switch {
		case strings.Contains(text, ":"):
			return strconv.FormatUint(uint64(1+binary.BigEndian.Uint16(sum[:])%0xfffe), 16)
		case err != nil || n == 0:
			return group
		case begins:
			return strconv.Itoa(int(octets(r.seed)[n]))
		default:
			return strconv.Itoa(1 + int(sum[0])%255)
		}
	}) + length, true
}

var groupForm = regexp.MustCompile(`[0-9A-Fa-f]+`)

// between replaces a range. The bits that its ends don't share stay, or it would be of
// another size.
func (r *replacer) between(text string) (string, bool) {
	first, last, _ := strings.Cut(text, "-")
	a, errA := netip.ParseAddr(strings.TrimSpace(first))
	b, errB := netip.ParseAddr(strings.TrimSpace(last))
	if errA != nil || errB != nil || a.BitLen() != b.BitLen() {
		return "", false
	}
	shared := a.BitLen()
	for p, err := a.Prefix(shared); err == nil && !p.Contains(b); p, err = a.Prefix(shared) {
		shared--
	}
	if shared < widest {
		return "", false
	}
	return r.flipped(a, shared).String() + text[len(strings.TrimRight(first, " ")):len(text)-len(strings.TrimLeft(last, " "))] + r.flipped(b, shared).String(), true
}

// network replaces an address, or a network of them.
func (r *replacer) network(text string) (string, bool) {
	addr, length, isNetwork := strings.Cut(text, "/")
	a, err := netip.ParseAddr(addr)
	if err != nil || a.Zone() != "" {
		return "", false
	}
	if !isNetwork {
		return r.flipped(a, a.BitLen()).String(), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return "", false
	}
	bits := p.Bits()
	if a.Is4() && bits < widest || a.Is6() && bits < widestSix {
		return text, true
	}
	if p.Masked().Addr() != a { // of a host in it
		bits = a.BitLen()
	}
	return r.flipped(a, bits).String() + "/" + length, true
}

// flipped replaces the first bits of an address.
func (r *replacer) flipped(a netip.Addr, bits int) netip.Addr {
	from, to := a.As16(), a.As16()
	skip := 128 - a.BitLen()
	if plain := a.Unmap(); plain.Is4() && !kind(plain).IsValid() {
		to[12] = octets(r.seed)[to[12]]
	}
	for i := skip + reserved(a); i < skip+bits; i++ {
		if r.flips(from, i) {
			to[i/8] ^= 0x80 >> (i % 8)
		}
	}
	made := netip.AddrFrom16(to)
	if a.Is4() {
		made = made.Unmap()
	}
	same := made == a && bits-reserved(a) >= 8 // one of 256 networks of 192.168.0.0/16 would stay
	r.unfit = r.unfit || same || kind(made) != kind(a)
	return made
}

// flips decides by all bits before the i-th whether it becomes the other one.
func (r *replacer) flips(bytes [16]byte, i int) bool {
	var in [32 + 16 + 2]byte
	copy(in[:], r.seed[:])
	copy(in[32:], bytes[:i/8])
	if i%8 > 0 {
		in[32+i/8] = bytes[i/8] >> (8 - i%8) << (8 - i%8)
	}
	binary.BigEndian.PutUint16(in[48:], uint16(i))
	sum := sha256.Sum256(in[:])
	return sum[0]&1 == 1
}

// widest are the ranges, by their length, that hold too many hosts to be anybody's.
const widest, widestSix = 8, 16

// ranges are those that are nobody's on the internet, by the registries of IANA.
var ranges = prefixes("0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.2.0/24 192.168.0.0/16 " +
	"198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 ::/16 64:ff9b::/32 2001:db8::/32 fc00::/7 fe80::/10 ff00::/8")

func prefixes(text string) (out []netip.Prefix) {
	for field := range strings.FieldsSeq(text) {
		out = append(out, netip.MustParsePrefix(field))
	}
	return out
}

// kind is the range in which an address is nobody's; the zero value if it is somebody's.
func kind(a netip.Addr) netip.Prefix {
	for _, p := range ranges {
		if p.Contains(a.Unmap()) {
			return p
		}
	}
	return netip.Prefix{}
}

// reserved is how many bits say what kind of address it is, and stay.
func reserved(a netip.Addr) int {
	p := kind(a)
	switch {
	case a.IsUnspecified(), a.IsLoopback():
		return a.BitLen()
	case a.Is4In6():
		return 96 + reserved(a.Unmap())
	case p.IsValid():
		return p.Bits()
	case a.Is4():
		return 8 // which octets replaces
	default:
		return 4
	}
}

// octets are the first octets of public IPv4 addresses, in an order of the replacer's own.
func octets(seed [32]byte) (out [256]byte) {
	var public []byte
	for i := range 256 {
		if out[i] = byte(i); i > 0 && i < 224 && i != 10 && i != 127 {
			public = append(public, byte(i))
		}
	}
	order := rand.New(rand.NewChaCha8(seed)).Perm(len(public))
	for i, j := range order {
		out[public[i]] = public[j]
	}
	return out
}

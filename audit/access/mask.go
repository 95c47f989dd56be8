package access

import (
	"strings"
)

// MaskID shortens an identifier so that its owner recognises it and nobody
// else can use it: the first and last four characters of long ones, the last
// two of short ones.
func MaskID(id string) string {
	switch r := []rune(id); {
	case id == "":
		return ""
	case len(r) >= 16:
		return string(r[:4]) + "…" + string(r[len(r)-4:])
	case len(r) >= 6:
		return "…" + string(r[len(r)-2:])
	default:
		return "…"
	}
}

// MaskShows is how many characters MaskID shows at each end of a long identifier.
const MaskShows = 4

// MaskEnds are what is shown of a masked identifier; all of one that isn't masked.
func MaskEnds(id string) (head, tail string) {
	const masks = "*…"
	from := strings.IndexAny(id, masks)
	if from < 0 {
		return id, id
	}
	return id[:from], strings.TrimLeft(id[strings.LastIndexAny(id, masks):], masks)
}

// MasksMatch reports whether two masked identifiers may be those of one key.
func MasksMatch(a, b string) bool {
	headA, tailA := MaskEnds(a)
	headB, tailB := MaskEnds(b)
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) && (strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}

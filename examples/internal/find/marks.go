package find

import "iter"

// markSet are texts that are looked for together. Of a text that is looked at, most pairs of
// characters never are: wherever a mark stands, one of the pairs that are is within the first
// characters of it.
type markSet struct {
	texts []string
	step  int // from one pair to the next
	pairs [1 << 16]uint8
	have  [][]markAt // of the marks, by what a pair has above
}

// markAt is a place in a mark where a pair stands.
type markAt struct{ which, at int }

// newMarkSet takes texts of at least three characters, which have together less than 256 pairs.
func newMarkSet(texts ...string) *markSet {
	m := &markSet{texts: texts, step: len(texts[0]) - 1, have: [][]markAt{nil}}
	for _, text := range texts {
		m.step = min(m.step, len(text)-1)
	}
	for which, text := range texts {
		for at := range m.step {
			n := pairAt(text, at)
			if m.pairs[n] == 0 {
				m.pairs[n] = uint8(len(m.have))
				m.have = append(m.have, nil)
			}
			m.have[m.pairs[n]] = append(m.have[m.pairs[n]], markAt{which, at})
		}
	}
	return m
}

func pairAt[T ~string | ~[]byte](text T, at int) uint16 {
	return uint16(text[at])<<8 | uint16(text[at+1])
}

// in are the places of a text where one of the marks stands, and which of them.
func (m *markSet) in(data []byte) iter.Seq2[int, int] {
	return func(yield func(at, which int) bool) {
		for i := m.step - 1; i+1 < len(data); i += m.step {
			for _, mark := range m.have[m.pairs[pairAt(data, i)]] {
				text, from := m.texts[mark.which], i-mark.at
				if len(data)-from >= len(text) && string(data[from:from+len(text)]) == text && !yield(from, mark.which) {
					return
				}
			}
		}
	}
}

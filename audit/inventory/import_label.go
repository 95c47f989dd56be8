package inventory

import (
	"fmt"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// People name their keys themselves, and say by that where a key belongs: "okx-sandbox",
// "my testnet". The bot may not care; a key of a test network is lost at the live host.

// labelFields are fields of a key's entry with such a name, as [adapter.Fold] writes them.
var labelFields = []string{"name", "label", "title", "alias", "nickname", "account", "accountname"}

// plainTests are words of a label that can hardly mean anything but a test network. Keys of
// which another one says so may be for real money all the same: "test", "dev".
var plainTests = []string{"testnet", sandbox, "demo", "paper"}

// labels are the user's own names of a key.
func (f *Found) allLabels() []string { return append([]string{f.Name}, f.labels...) }

// followLabels applies the labels of a key of whose place its entry says nothing else.
func (f *Found) followLabels(exchanges []*adapter.Exchange) {
	b, known := resolveExchange(f.Exchange, exchanges)
	e := exchangeNamed(b.name, exchanges)
	if !known || e == nil || f.Environment != "" || len(f.URLs) > 0 || b.test != "" || b.region != "" {
		return
	}
	for _, label := range f.allLabels() {
		if f.followLabel(label, e, exchanges); f.Environment != "" || f.Skip != "" {
			return
		}
	}
}

// followLabel applies a label of a key.
func (f *Found) followLabel(label string, e *adapter.Exchange, exchanges []*adapter.Exchange) {
	region, test, vague := "", "", ""
	before := ""
	for _, word := range nameWords(label) {
		switch is := testWord(word); {
		case slices.Contains(plainTests, is):
			test = is
		case is != "" || slices.Contains(devWords, word):
			vague = word
		}
		if own, known := resolveExchange(before, exchanges); known && own.name == e.Name {
			both, known := resolveExchange(before+word, exchanges) // binanceus, bybiteu
			if known && both.name != e.Name {
				f.skip(fmt.Sprintf("its label %s names %s, and its exchange is %s: list the key in an inventory, with its exchange", show(label), show(before+"-"+word), e.Title))
				return
			}
			if region = both.region; hasRegion(e, word) {
				region = word
			}
		}
		before = word
	}
	switch {
	case region != "" && test != "":
		f.Environment = testOf(region, test)
	case region+test != "":
		f.Environment = region + test
	case vague != "":
		f.skip(fmt.Sprintf("%s in its label may mean a test network or not%s", show(vague), listIt))
	}
}

// hasRegion reports whether an exchange has a site of that name.
func hasRegion(e *adapter.Exchange, name string) bool {
	return slices.ContainsFunc(e.Environments, func(env adapter.Environment) bool {
		region, _ := regionOf(&env)
		return region == name
	})
}

// noteLabel keeps a field of a key's entry, if that is a label.
func (f *Found) noteLabel(value string, path []string) {
	if len(path) == 1 && slices.Contains(labelFields, adapter.Fold(path[0])) {
		f.labels = append(f.labels, value)
	}
}

package exchangetest

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/access"

// spellingFlaws print what the exchange sends before it was searched for secrets.
var spellingFlaws = []flaw{
	{name: "a text that is cut before it is searched", property: "spellings", steps: after(func(s *access.Snapshot) {
		s.Label = s.Label[:len(s.Label)/2]
	})},
	{name: "a code that is cut", property: "spellings", steps: misread(func(err *access.Error) {
		err.Code = err.Code[:len(err.Code)/2]
	})},
}

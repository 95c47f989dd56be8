package audit

// whole is what all keys of two runs show of each of them, where only those that
// concern one another are at hand. A nil one has nothing to add.
type whole struct {
	unread, wasUnread map[string]bool      // the exchanges of which a key was never read
	words             map[string]*newWords // by exchange
}

// widen tells the indexes of a part, and of the earlier run's, about keys that were
// never read.
func (w *whole) widen(all *index, was *index) {
	if w == nil {
		return
	}
	all.widen(w.unread)
	if was != nil {
		was.widen(w.wasUnread)
	}
}

func (d *index) widen(unread map[string]bool) {
	for exchange, v := range d.exchanges {
		v.unread = v.unread || unread[exchange]
	}
}

// unread adds the exchanges of which a key was never read.
func (d *index) unread(to map[string]bool) {
	for exchange, v := range d.exchanges {
		if v.unread {
			to[exchange] = true
		}
	}
}

// tell puts in place of the new names of a part those of the whole. All results with
// one name are in one part, so the first that has them is found by its name.
func (w *whole) tell(c *changes, results []*Result) {
	if w == nil {
		return
	}
	c.words = map[string]*newWords{}
	for exchange, words := range w.words {
		own := &newWords{words.names, words.first}
		for _, r := range willing(results) {
			if r.Inspected() && r.Name == words.first.Name && r.identity().exchange == exchange && words.has(r) {
				own.first = r
				break
			}
		}
		c.words[exchange] = own
	}
}

package adapter

import (
	"slices"
	"strings"
	"time"
)

// KeyRules says what keys an exchange has and what it does to them, whichever key it
// is: what an owner can know before a key is audited. Each text is a sentence or two;
// an empty one means unknown.
type KeyRules struct {
	Unbound     string // what becomes of a key without an IP allowlist
	Idle        string // what becomes of a key that nobody uses
	Expiry      string // how long a key lives, and whether its owner can choose
	Allowlist   string // what an IP allowlist can hold, and what requires one
	Pairs       string // whether a key can be limited to trading pairs
	SubAccounts string // whether sub-accounts exist and have keys of their own
	Schemes     string // the kinds of key
	Menu        string // the way to the keys' page through the website's menus

	// Steps say how an owner does a task on the website.
	Steps map[Task]string

	// Source is where the texts and steps come from, and Checked the day, YYYY-MM-DD,
	// on which they were last compared with it. Needed once anything is stated.
	Source, Checked string
}

// Task is something that an owner does with a key on an exchange's website.
type Task string

// The tasks that remedies most often come down to.
const (
	SetAllowlist   Task = "set an IP allowlist"
	SwitchRightOff Task = "switch a right off"
	DeleteKey      Task = "delete a key"
	UseSubAccount  Task = "create a key on a sub-account"
	UseAsymmetric  Task = "create an asymmetric key"
	UseAgent       Task = "create a delegated key"
)

// Tasks returns all tasks, in the order of reports.
func Tasks() []Task {
	return []Task{SetAllowlist, SwitchRightOff, DeleteKey, UseSubAccount, UseAsymmetric, UseAgent}
}

// OnlyUnbound is the text about idle keys where the exchange's rule is about keys
// without an IP allowlist only, and so is the text about those.
const OnlyUnbound = "The rule for keys without an IP allowlist is the only one documented."

// KeyFact is one text of KeyRules with its name.
type KeyFact struct{ Name, Text string }

// Facts returns the texts with their names, in the order of reports, those that are
// empty too.
func (k *KeyRules) Facts() []KeyFact {
	return []KeyFact{
		{"no IP allowlist", k.Unbound},
		{"idle keys", k.Idle},
		{"age, expiry", k.Expiry},
		{"IP allowlist", k.Allowlist},
		{"trading pairs", k.Pairs},
		{"sub-accounts", k.SubAccounts},
		{"kinds of key", k.Schemes},
		{"menu", k.Menu},
	}
}

// validate checks that what is stated has a source and a date, and is a sentence.
func (k *KeyRules) validate(demand func(ok bool, format string, args ...any)) {
	stated := slices.DeleteFunc(k.Facts(), func(f KeyFact) bool { return f.Text == "" })
	for task, text := range k.Steps {
		demand(slices.Contains(Tasks(), task), "Keys.Steps has the unknown task %q", task)
		demand(text != "", "Keys.Steps says nothing about how to %s", task)
		stated = append(stated, KeyFact{string(task), text})
	}
	for _, f := range stated {
		sentence := f.Text == strings.TrimSpace(f.Text) && (strings.HasSuffix(f.Text, ".") || f.Text == k.Menu)
		demand(sentence, "Keys: the text on %s must be a sentence: %q", f.Name, f.Text)
	}
	_, err := time.Parse(time.DateOnly, k.Checked)
	demand(len(stated) == 0 || k.Source != "", "Keys.Source is missing")
	demand(len(stated) == 0 || err == nil, "Keys.Checked must be a date, YYYY-MM-DD")
}

package inventory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// bbgo keeps its keys in environment variables. Two more, BINANCE_US and
// PAPER_TRADE, say which Binance its keys are for.
var bbgo = Format{Name: "bbgo", Title: "bbgo's .env.local", Environ: true, Read: readBBGO}

// bbgoPlaces are what the two say, as bbgo reads them: of Binance alone.
var bbgoPlaces = map[string][]place{
	"BINANCE_US":  {{exchange: "binance", region: "us"}},
	"PAPER_TRADE": {{exchange: "binance", test: "testnet"}, {exchange: "binanceus", test: "testnet"}}, // which has none
}

// bbgoNames are bbgo's names of exchanges that elsewhere are words of other things.
var bbgoNames = map[string]string{"max": "maicoin"}

func readBBGO(f *Files) ([]Found, error) {
	path := f.Find(".env.local")
	variables, err := f.assignments(path)
	if err != nil {
		return nil, err
	}
	var places []place
	for _, name := range []string{"BINANCE_US", "PAPER_TRADE"} {
		value := f.Env(name) // overrides the file
		for _, v := range variables {
			if v.Name == name && value == "" {
				value = v.Value.Reveal()
			}
		}
		if on, _ := strconv.ParseBool(strings.TrimSpace(value)); on { // like the bot, which takes a value it cannot parse for off
			for _, p := range bbgoPlaces[name] {
				p.name = name
				places = append(places, p)
			}
		}
	}
	variables = slices.DeleteFunc(variables, func(v Variable) bool { return bbgoPlaces[v.Name] != nil })
	o := *f.options
	o.names = bbgoNames
	return keysIn(variables, path, &o, places...), nil
}

// BBGOSwitches applies bbgo's variables BINANCE_US and PAPER_TRADE, as
// strconv.ParseBool reads them, to a key: Binance becomes Binance.US, or its
// test network. Keys of other exchanges stay where they are; one that only bbgo
// calls so gets its name.
func BBGOSwitches(found *Found, us, paper bool) {
	name := strings.ToLower(found.Exchange)
	found.Exchange = cmp.Or(bbgoNames[name], found.Exchange)
	if !strings.HasPrefix(name, "binance") {
		return
	}
	us = us || strings.Join(strings.FieldsFunc(name, notInWord), "") == "binanceus"
	switch {
	case us && paper:
		found.Skip = `"PAPER_TRADE" says that it is for an environment of Binance.US that is not supported` + listOther
	case us:
		found.Exchange = "binanceus"
	case paper:
		found.Environment = "testnet"
	}
}

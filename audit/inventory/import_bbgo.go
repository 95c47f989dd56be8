package inventory

import (
	"strconv"
	"strings"
)

// bbgo keeps its keys in environment variables. Two more, BINANCE_US and
// PAPER_TRADE, say which Binance its keys are for.
var bbgo = Format{Name: "bbgo", Title: "bbgo's .env.local", Environ: true, Read: readBBGO}

func readBBGO(f *Files) ([]Found, error) {
	const file = ".env.local"
	out, err := variablesIn(file, false)(f)
	if err != nil {
		return nil, err
	}
	variables, err := f.assignments(f.Find(file))
	if err != nil {
		return nil, err
	}
	on := func(name string) bool {
		value := f.Env(name) // overrides the file
		for _, v := range variables {
			if v.Name == name && value == "" {
				value = v.Value.Reveal()
			}
		}
		set, _ := strconv.ParseBool(strings.TrimSpace(value)) // like the bot, which takes a value it cannot parse for off
		return set
	}
	us, paper := on("BINANCE_US"), on("PAPER_TRADE")
	for i := range out {
		BBGOSwitches(&out[i], us, paper)
	}
	return out, nil
}

// BBGOSwitches applies bbgo's variables BINANCE_US and PAPER_TRADE, as
// strconv.ParseBool reads them, to a key: Binance becomes Binance.US, or its
// test network. Keys of other exchanges are left unchanged.
func BBGOSwitches(found *Found, us, paper bool) {
	name := strings.ToLower(found.Exchange)
	if !strings.HasPrefix(name, "binance") {
		return
	}
	us = us || strings.Join(strings.FieldsFunc(name, notInWord), "") == "binanceus"
	switch {
	case us && paper:
		found.Skip = "BINANCE_US and PAPER_TRADE are both set, and Binance.US has no test network"
	case us:
		found.Exchange = "binanceus"
	case paper:
		found.Environment = "testnet"
	}
}

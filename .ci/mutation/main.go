// Command mutation asks how much the tests of the files that matter most would
// notice: it breaks these files in every way of mutate.go, one at a time, and
// runs the tests that reach the place. It prints the mutants that no test
// noticed, and fails if they are more than the floor allows.
//
// A tool that builds the tests again for each mutant (gremlins 0.6.0: 3 s of CPU each)
// takes about an hour on two cores for these files. Here all mutants are built into
// the tests once, through go build's overlay, and an environment variable turns one
// of them on. The working tree is not touched.
//
// Usage: go run ./.ci/mutation [-floor 95] [-workers 2] [-only path] [-limit 9m]
//
// What is broken: a condition is never true, or lacks a part; a limit moves by one; plus
// is minus; a result is turned around; a statement, or a call that gives what it got in
// another form, is left out.
package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// target is a set of files of one package, and the packages whose tests must
// notice when they are broken.
type target struct {
	dir   string
	files []string // patterns
	tests []string
	// longest is the CPU time that a test may take to be asked about single mutants;
	// property tests over many cases take longer, and are left out.
	longest time.Duration
}

func targets() []target {
	out := []target{
		{"audit", []string{"rule.go", "rules_*.go", "policy.go"}, []string{"audit"}, 2 * time.Second},
		{"audit/access", []string{"allowlist.go"}, []string{"audit/access", "audit"}, 2 * time.Second},
		{"audit/adapter", []string{"guard.go"}, []string{"audit/adapter", "audit"}, 2 * time.Second},
	}
	for _, name := range []string{"binance", "bybit", "okx", "kraken", "kucoin", "gate"} {
		dir := "exchanges/" + name
		out = append(out, target{dir, []string{"*.go"}, []string{dir}, 15 * time.Second})
	}
	return out
}

func main() {
	floor := flag.Float64("floor", 95, "the least share of mutants, in percent, that tests must notice")
	workers := flag.Int("workers", 2, "tests that run at the same time")
	only := flag.String("only", "", "only mutants whose \"file: function: what\" this regular expression matches")
	limit := flag.Duration("limit", 9*time.Minute, "stop after this time; what was not run is said")
	seed := flag.Uint64("seed", 1, "of the order in which mutants run")
	flag.Parse()
	if err := run(*floor, *workers, *only, *limit, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func run(floor float64, workers int, only string, limit time.Duration, seed uint64) error {
	deadline := time.Now().Add(limit)
	work, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a temporary folder
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	mutants, suites, err := prepare(work, chosen)
	if err != nil {
		return err
	}
	measure(suites, workers)
	shuffled := slices.Clone(mutants)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	each(workers, shuffled, func(m *mutant) {
		if time.Now().Before(deadline) {
			m.ran, m.noticed = true, noticed(m, suites)
		}
	})
	return report(mutants, floor, seed)
}

// prepare writes the mutated files and builds the tests with them.
func prepare(work string, only *regexp.Regexp) ([]*mutant, []*suite, error) {
	exports, err := exportData()
	if err != nil {
		return nil, nil, err
	}
	var mutants []*mutant
	overlay := map[string]string{}
	bounds := map[string]time.Duration{}
	for _, t := range targets() {
		sources, found, err := mutate(t, exports, len(mutants))
		if err != nil {
			return nil, nil, err
		}
		mutants = append(mutants, found...)
		for path, text := range sources {
			file := filepath.Join(work, strings.ReplaceAll(path, "/", "+"))
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				return nil, nil, err
			}
			absolute, err := filepath.Abs(path)
			if err != nil {
				return nil, nil, err
			}
			overlay[absolute] = file
		}
		for _, dir := range t.tests {
			bounds[dir] = t.longest
		}
	}
	mutants, same, err := withoutEqual(slices.DeleteFunc(mutants, func(m *mutant) bool { return !only.MatchString(m.name()) }))
	if err != nil {
		return nil, nil, err
	}
	fmt.Printf("%d mutants change nothing that a caller could see (equal.txt)\n", same)
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, nil, err
	}
	list := filepath.Join(work, "overlay.json")
	if err := os.WriteFile(list, text, 0o600); err != nil {
		return nil, nil, err
	}
	var suites []*suite
	for dir, longest := range bounds {
		if !slices.ContainsFunc(mutants, func(m *mutant) bool { return slices.Contains(m.tests, dir) }) {
			continue
		}
		s := &suite{dir: dir, longest: longest, binary: filepath.Join(work, strings.ReplaceAll(dir, "/", "+")+".test")}
		out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", s.binary, "./"+dir).CombinedOutput()
		if err != nil {
			return nil, nil, fmt.Errorf("the tests of %s do not build: %w\n%s", dir, err, out)
		}
		suites = append(suites, s)
	}
	return mutants, suites, nil
}

// equal lists mutants that change nothing that a caller could see: "file: function:
// what", a // tab, and why.
//
//go:embed equal.txt
var equal string

// withoutEqual takes out those of the list, and counts them.
func withoutEqual(mutants []*mutant) ([]*mutant, int, error) {
	reasons := map[string]string{}
	for line := range strings.Lines(equal) {
		name, why, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || name == "" {
			continue
		}
		if why == "" {
			return nil, 0, fmt.Errorf("equal.txt: a reason is missing: %s", name)
		}
		reasons[name] = why
	}
	left := slices.DeleteFunc(slices.Clone(mutants), func(m *mutant) bool { return reasons[m.name()] != "" })
	return left, len(mutants) - len(left), nil
}

// report prints the survivors and the share that was noticed.
func report(mutants []*mutant, floor float64, seed uint64) error {
	ran, noticed, unreached := 0, 0, 0
	for _, m := range mutants {
		switch {
		case !m.ran:
		case m.noticed:
			ran++
			noticed++
		default:
			ran++
			note := ""
			if len(m.reachedBy) == 0 {
				note = " (no test reaches it)"
				unreached++
			}
			fmt.Printf("not noticed: %s:%d: %s%s\n", m.file, m.line, m.what, note)
		}
	}
	if ran == 0 {
		return errors.New("no mutant was run")
	}
	efficacy := 100 * float64(noticed) / float64(ran)
	sample := ""
	if ran < len(mutants) {
		sample = fmt.Sprintf("; a sample of %d in the time there was (seed %d)", len(mutants), seed)
	}
	fmt.Printf("mutation: %d mutants%s, %d noticed, %d not (%d reached by no test): efficacy %.1f %% (floor %g %%)\n",
		ran, sample, noticed, ran-noticed, unreached, efficacy, floor)
	if efficacy < floor {
		return fmt.Errorf("the efficacy is below the floor of %g %%", floor)
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// suite is the tests of one package, built with all mutants.
type suite struct {
	dir, binary string
	longest     time.Duration
	tests       []*test
}

type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool // mutants
}

// each calls f for all items, several at a time.
func each[T any](workers int, items []T, f func(T)) {
	queue := make(chan T)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for item := range queue {
				f(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	group.Wait()
}

// start runs some tests with some mutant. What a mutant may allocate is bounded, for
// it may never end.
func (s *suite) start(tests []string, timeout time.Duration, env ...string) (time.Duration, error) {
	args := []string{
		"-c", `ulimit -v 6000000; exec "$0" "$@"`, s.binary, "-test.failfast",
		"-test.timeout", timeout.String(), "-test.run", "^(" + strings.Join(tests, "|") + ")$",
	}
	cmd := exec.Command("sh", args...)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), append(env, "GOMAXPROCS=1")...)
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return 0, err
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), err
}

// measure runs each test by itself, without any mutant, and notes what it reaches
// and how long it takes. One that fails or is too slow is left out.
func measure(suites []*suite, workers int) {
	type job struct {
		suite *suite
		test  *test
	}
	var jobs []job
	for _, s := range suites {
		out, _ := exec.Command(s.binary, "-test.list", ".").Output()
		for _, name := range strings.Fields(string(out)) {
			jobs = append(jobs, job{s, &test{name: name}})
		}
	}
	var lock sync.Mutex
	each(workers, jobs, func(j job) {
		record := fmt.Sprintf("%s+%s", j.suite.binary, j.test.name)
		took, err := j.suite.start([]string{j.test.name}, time.Minute, "MUTANT_REACHED="+record)
		if err != nil || took > j.suite.longest {
			fmt.Printf("left out: %s in %s, which took %s (%v)\n", j.test.name, j.suite.dir, took.Round(time.Second/10), err)
			return
		}
		text, _ := os.ReadFile(record)
		j.test.took = took
		j.test.reaches = map[int]bool{}
		for _, id := range strings.Fields(string(text)) {
			n, _ := strconv.Atoi(id)
			j.test.reaches[n] = true
		}
		lock.Lock()
		defer lock.Unlock()
		j.suite.tests = append(j.suite.tests, j.test)
	})
}

// noticed reports whether some test that reaches a mutant fails with it. Quick tests
// are asked first: most mutants need no others.
func noticed(m *mutant, suites []*suite) bool {
	var from time.Duration
	for _, to := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, time.Hour} {
		for _, s := range suites {
			var names []string
			var total time.Duration
			for _, t := range s.tests {
				if slices.Contains(m.tests, s.dir) && t.reaches[m.id] && from <= t.took && t.took < to {
					names = append(names, t.name)
					total += t.took
				}
			}
			if len(names) == 0 {
				continue
			}
			m.reachedBy = append(m.reachedBy, names...)
			if _, err := s.start(names, 15*time.Second+5*total, fmt.Sprintf("MUTANT=%d", m.id)); err != nil {
				return true
			}
		}
		from = to
	}
	return false
}

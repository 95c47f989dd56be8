package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	required = regexp.MustCompile(`github\.com/exchangekeyaudit/exchangekeyaudit v(\S+)`)
	// mention is a version of this project: of the image, an archive, the action, a module,
	// the default of the action's input.
	mention = regexp.MustCompile(`(?:exchangekeyaudit/keyaudit:|keyaudit_|keyaudit/action@v|keyaudit(?:/[a-z/]+)?@v|default: "|\bversion=v)(\d+\.\d+\.\d+[-.\w]*)`)
)

// mentioning are the files that must name the release.
var mentioning = []string{
	".ci/install/run", "examples/keyaudit/action/action.yml", "examples/keyaudit/schedule/cronjob.yaml", "examples/keyaudit/schedule/github.yml",
	"examples/keyaudit/gate/compose.yaml", "examples/keyaudit/gate/pod.yaml",
	"examples/keyaudit/fleet/compose.yaml", "examples/keyaudit/fleet/worker.yaml", "examples/keyaudit/fleet/coordinator.yaml",
}

// versions holds that every file names the release that the programs require of the
// library: they are released together.
func versions(root string) error {
	module, err := os.ReadFile(filepath.Join(root, "examples", "go.mod"))
	if err != nil {
		return err
	}
	found := required.FindSubmatch(module)
	if found == nil {
		return errors.New("examples/go.mod does not require the library")
	}
	version := string(found[1])
	files, err := tracked(root, ".ci", ".github", "examples/keyaudit", "*.md")
	if err != nil {
		return err
	}
	var problems []error
	mentions := map[string]int{}
	for _, name := range files {
		if name == "CHANGELOG.md" {
			continue // which is about other releases too
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		for _, m := range mention.FindAllSubmatch(text, -1) {
			mentions[name]++
			if had := strings.TrimRight(string(m[1]), "._"); !strings.HasPrefix(had+"_", version+"_") {
				problems = append(problems, fmt.Errorf("%s: %q, but examples/go.mod requires %s", name, m[0], version))
			}
		}
	}
	for _, name := range mentioning {
		if mentions[name] == 0 {
			problems = append(problems, fmt.Errorf("%s names no release", name))
		}
	}
	return errors.Join(problems...)
}

// tracked are the files of the repository that fit the patterns.
func tracked(root string, patterns ...string) ([]string, error) {
	list := exec.Command("git", append([]string{"-C", root, "ls-files", "-z", "-co", "--exclude-standard", "--"}, patterns...)...)
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var files []string
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			files = append(files, name) // and not removed since the last commit
		}
	}
	return files, nil
}

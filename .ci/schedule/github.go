package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

var (
	uses   = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.+)$`)
	pinned = regexp.MustCompile(`^(?:\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
)

// unpinned are the actions that are not pinned by a commit. Each says why where it is used.
var unpinned = []string{"pypa/gh-action-pypi-publish@", "exchangekeyaudit/exchangekeyaudit/examples/keyaudit/action@v"}

// workflow has what is held about workflows and composite actions beyond their syntax,
// which actionlint checks.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct{ Steps []step }
	Runs        struct{ Steps []step }
}

type step struct{ Run string }

// actions holds that actions are pinned, that nothing which others can write is run as a
// script, and that a pull request of a fork meets neither a secret nor a right to write.
func actions(root string) error {
	files, err := tracked(root, ".github/workflows", "examples/keyaudit/action/action.yml", "examples/keyaudit/schedule/github.yml")
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		var w workflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		reasons := slices.Concat(pins(string(text)), w.scripts())
		if path.Base(name) != "action.yml" {
			reasons = append(reasons, w.rights(string(text))...)
		}
		for _, reason := range reasons {
			problems = append(problems, fmt.Errorf("%s: %s", name, reason))
		}
	}
	return errors.Join(problems...)
}

func pins(text string) (reasons []string) {
	for _, use := range uses.FindAllStringSubmatch(text, -1) {
		excused := slices.ContainsFunc(unpinned, func(prefix string) bool { return strings.HasPrefix(use[1], prefix) })
		if !pinned.MatchString(strings.TrimSpace(use[1])) && !excused {
			reasons = append(reasons, use[1]+" is not pinned by a commit, with its version in a comment")
		}
	}
	return reasons
}

func (w workflow) scripts() (reasons []string) {
	steps := w.Runs.Steps
	for _, job := range w.Jobs {
		steps = append(steps, job.Steps...)
	}
	for _, s := range steps {
		if strings.Contains(s.Run, "${{") {
			reasons = append(reasons, "an expression is put into a script: give it to the step as a variable")
		}
	}
	return reasons
}

func (w workflow) rights(text string) (reasons []string) {
	if w.Permissions == nil {
		reasons = append(reasons, "it has no permissions of its own")
	}
	for scope, right := range w.Permissions {
		if right == "write" {
			reasons = append(reasons, "every job may write "+scope)
		}
	}
	forks := strings.Contains(text, "pull_request:")
	for what, found := range map[string]bool{
		"pull_request_target": strings.Contains(text, "pull_request_target"), "workflow_run": strings.Contains(text, "workflow_run"),
		"secrets": forks && strings.Contains(text, "secrets."), "a right to write": forks && strings.Contains(text, ": write"),
	} {
		if found {
			reasons = append(reasons, "a pull request of a fork can use "+what)
		}
	}
	return reasons
}

// dependabot holds that every module, package and action is kept up to date.
func dependabot(root string) error {
	text, err := os.ReadFile(filepath.Join(root, ".github", "dependabot.yml"))
	if err != nil {
		return err
	}
	var config struct {
		Updates []struct {
			Ecosystem   string `json:"package-ecosystem"`
			Directories []string
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return err
	}
	covered := map[string]bool{}
	for _, update := range config.Updates {
		for _, folder := range update.Directories {
			covered[update.Ecosystem+" "+folder] = true
		}
	}
	files, err := tracked(root)
	if err != nil {
		return err
	}
	ecosystems := map[string]string{"go.mod": "gomod", "package.json": "npm", "action.yml": "github-actions", "github.yml": "github-actions"}
	var problems []error
	for _, name := range files {
		ecosystem, ok := ecosystems[path.Base(name)]
		folder := path.Join("/", path.Dir(name))
		if strings.HasPrefix(name, "examples/") && ecosystem == "npm" {
			continue // the package that is released, which depends on nothing else
		}
		if ok && !strings.Contains(name, "/testdata/") && !covered[ecosystem+" "+folder] {
			problems = append(problems, fmt.Errorf(".github/dependabot.yml: %s %s is missing", ecosystem, folder))
		}
	}
	return errors.Join(problems...)
}

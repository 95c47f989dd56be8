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

// form is an issue form, as docs.github.com describes its syntax.
type form struct {
	Name, Description, Title string
	Labels                   []string
	Body                     []element
}

type element struct {
	Type, ID    string
	Attributes  attributes
	Validations struct{ Required bool }
}

type attributes struct {
	Label, Description, Placeholder, Value, Render string
	Options                                        []struct {
		Label    string
		Required bool
	}
}

var identifier = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// forms holds that GitHub can show the issue forms, and that each says what never to send.
func forms(root string) error {
	files, err := tracked(root, ".github/ISSUE_TEMPLATE")
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if path.Base(name) == "config.yml" {
			var config struct {
				Blank    *bool                               `json:"blank_issues_enabled"`
				Contacts []struct{ Name, URL, About string } `json:"contact_links"`
			}
			if err := yaml.UnmarshalStrict(text, &config); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
			}
			continue
		}
		var f form
		if err := yaml.UnmarshalStrict(text, &f); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
			continue
		}
		for _, reason := range f.wrong() {
			problems = append(problems, fmt.Errorf("%s: %s", name, reason))
		}
	}
	if len(files) < 2 {
		problems = append(problems, errors.New(".github/ISSUE_TEMPLATE has no forms"))
	}
	return errors.Join(problems...)
}

func (f form) wrong() (reasons []string) {
	if f.Name == "" || f.Description == "" || len(f.Body) == 0 {
		return []string{"name, description and body are required"}
	}
	seen, promised := map[string]bool{}, false
	for _, e := range f.Body {
		if reason := e.wrong(seen); reason != "" {
			reasons = append(reasons, reason)
		}
		for _, option := range e.Attributes.Options {
			promised = promised || option.Required && namesSecrets(option.Label)
		}
	}
	if first := f.Body[0]; first.Type != "markdown" || !strings.Contains(first.Attributes.Value, "Never paste") || !namesSecrets(first.Attributes.Value) {
		reasons = append(reasons, "it does not begin with what never to paste")
	}
	if !promised {
		reasons = append(reasons, "no required checkbox says that there is no secret in it")
	}
	return reasons
}

func (e *element) wrong(seen map[string]bool) string {
	id, label := "id "+e.ID, "label "+e.Attributes.Label
	switch {
	case e.Type == "markdown" && e.Attributes.Value != "":
		return ""
	case !slices.Contains([]string{"input", "textarea", "checkboxes"}, e.Type):
		return fmt.Sprintf("an element has the unknown type %q, or nothing in it", e.Type)
	case !identifier.MatchString(e.ID) || seen[id]:
		return fmt.Sprintf("the id %q is none, or a duplicate", e.ID)
	case e.Attributes.Label == "" || seen[label]:
		return fmt.Sprintf("the label %q is empty, or a duplicate", e.Attributes.Label)
	}
	seen[id], seen[label] = true, true
	return ""
}

func namesSecrets(text string) bool {
	return strings.Contains(text, "key") && strings.Contains(text, "secret") && strings.Contains(text, "account number")
}

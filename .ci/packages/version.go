package main

import (
	"fmt"
	"regexp"
	"strings"
)

// version is a release's, as each registry writes it.
type version struct{ npm, python string }

var (
	semantic  = regexp.MustCompile(`^v?((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*))(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$`)
	candidate = regexp.MustCompile(`^(alpha|beta|rc)\.?(0|[1-9]\d*)$`)
	unusual   = regexp.MustCompile(`[^0-9a-z]+`)
	short     = map[string]string{"alpha": "a", "beta": "b", "rc": "rc"}
)

// parseVersion reads a semantic version. A snapshot, which PyPI refuses, is a development
// version with a local part: https://packaging.python.org/specifications/version-specifiers.
func parseVersion(release string) (version, error) {
	m := semantic.FindStringSubmatch(release)
	if m == nil {
		return version{}, fmt.Errorf("%q is not a version such as v0.1.0 or v0.1.0-rc.1", release)
	}
	number, suffix := m[1], m[2]
	switch pre := candidate.FindStringSubmatch(suffix); {
	case suffix == "":
		return version{number, number}, nil
	case pre != nil:
		return version{number + "-" + suffix, number + short[pre[1]] + pre[2]}, nil
	default:
		local := strings.Trim(unusual.ReplaceAllString(strings.ToLower(suffix), "."), ".")
		return version{number + "-" + suffix, number + ".dev0+" + local}, nil
	}
}

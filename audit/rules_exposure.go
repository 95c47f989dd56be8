package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// exposureRules judge how the key is kept, and by whom.
var exposureRules = []*Rule{
	{
		ID: "key-file-mode", Title: "Who can read the key's file", Severity: High, Since: "v0.1.0",
		Why: "Whoever can read the file has the key: every other user and program of the machine, and whatever copies its files " +
			"along. Whoever can write it slips the bot a key of his own.",
		Remedy:     "Make each file named belong to the user that the bot runs as, and take every right to it away from the others.",
		References: []string{"CWE-732", "CWE-522", "NHI2:2025"},
		Run:        keyFileMode,
	},
	{
		ID: "plain-secret", Title: "A secret in clear", Severity: Low, Since: "v0.1.0",
		Why: "What stands in clear in a file that people open, copy and check in is read by somebody some day. A key store or a " +
			"file of its own was at hand.",
		Remedy:     "Put the part named into a key store, or into a file that only the bot's user can read, and refer to it from there.",
		References: []string{"CWE-312", "CWE-522", "NHI2:2025"},
		Run: func(p *Pass) Verdict {
			var bad []string
			for _, s := range p.Snapshot.Storage {
				if s.Plaintext != "" {
					bad = append(bad, fmt.Sprintf("the %s is as good as in clear: %s", access.Printable(s.Part), access.Printable(s.Plaintext)))
				}
			}
			switch {
			case len(bad) > 0:
				return p.fail(Low, "%s", some(bad, "; "))
			case len(p.Snapshot.Storage) == 0:
				return p.notApplicable("how the key is kept is not known")
			default:
				return p.pass(access.Reported, "no part of the key is kept in clear where a safer place was at hand")
			}
		},
	},
}

// keyFileMode looks at the permission bits, and at nothing a file system may
// have besides them.
func keyFileMode(p *Pass) Verdict {
	worst := Severity(0)
	var good, bad, open, commands []string
	seen := map[access.Storage]bool{}
	for _, s := range p.Snapshot.Storage {
		file := access.Storage{File: s.File, Mode: s.Mode, Foreign: s.Foreign}
		if s.File == "" || seen[file] { // one file may hold every part
			continue
		}
		seen[file] = true
		switch severity, who := fileReach(s); {
		case severity > 0:
			worst = max(worst, severity)
			bad = append(bad, fmt.Sprintf("%q %s (mode %04o)", access.Printable(s.File), who, s.Mode))
			if !s.Foreign && shellSafe(s.File) {
				commands = append(commands, "chmod 600 "+s.File)
			}
		case s.Mode == 0:
			open = append(open, s.File)
		default:
			good = append(good, fmt.Sprintf("%q (mode %04o)", access.Printable(s.File), s.Mode))
		}
	}
	switch {
	case len(bad) > 0:
		v := p.fail(worst, "%s", some(bad, "; "))
		if len(commands) == len(bad) {
			v.Remedy = some(commands, "; ")
		}
		return v
	case len(open) > 0:
		return p.undetermined(Medium, "who can read these files is not known: %s", quoted(open)).
			remedy("Look at the files' permissions: only the user that the bot runs as may read them.")
	case len(good) > 0:
		return p.pass(access.Reported, "only its owner can read %s", some(good, ", "))
	default:
		return p.notApplicable("the key is not known to be in a file")
	}
}

// fileReach says how bad it is who can read or write a file, and who can; 0 if
// only its owner.
func fileReach(s access.Storage) (Severity, string) {
	switch {
	case s.Foreign:
		return High, "belongs to another user"
	case s.Mode&0o002 != 0:
		return High, "can be written by everybody"
	case s.Mode&0o004 != 0:
		return High, "can be read by everybody"
	case s.Mode&0o020 != 0:
		return High, "can be written by its group"
	case s.Mode&0o040 != 0:
		return Medium, "can be read by its group"
	default:
		return 0, ""
	}
}

// shellSafe reports whether a file's name means itself in every shell.
func shellSafe(file string) bool {
	return !strings.HasPrefix(file, "-") && !slices.ContainsFunc([]rune(file), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/._-", r)
	})
}

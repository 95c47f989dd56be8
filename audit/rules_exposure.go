package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// exposureRules judge how the key is kept, and by whom.
var exposureRules = []*Rule{
	{
		ID: RuleKeyFileMode, Title: "Key file open to other users", Severity: High, Since: "v0.1.0",
		Why: "Anyone who can read the file has the key: every other user and program on the machine, and everyone who " +
			"gets a copy of its files. Anyone who can write it can give the bot a key of their own.",
		Remedy: "Run the audit as the user that the bot runs as. Make each file named belong to that user, and remove " +
			"all access to it for others.",
		FindOut: "Check the permissions of the files named: only the user that the bot runs as may read or write " +
			"them. Change them if needed, then attest this rule.",
		References: []string{"CWE-732", "CWE-522", "NHI2:2025"},
		Run:        keyFileMode,
	},
	{
		ID: RulePlainSecret, Title: "Secret stored in plaintext", Severity: Low, Since: "v0.1.0",
		Why: "Sooner or later somebody reads a secret that is in plaintext in a file that people open, copy and " +
			"check in. A key store or a file of its own was available.",
		Remedy: "Put the part named into a key store, or into a file that only the bot's user can read, and refer to " +
			"it from there.",
		NoFindOut:  "It is never undetermined: where nothing is known of how the key is kept, it does not apply.",
		References: []string{"CWE-312", "CWE-522", "NHI2:2025"},
		Run:        plainSecret,
	},
	{
		ID: RuleSecretInFiles, Title: "Key found in other files", Severity: Critical, Since: "v0.1.0",
		Why: "Anyone who reads a copy of the secret has the key: backups, logs, shell histories, build servers, and everybody with a clone of a " +
			"repository. A commit that removes it leaves it in the history.",
		Remedy: "Create a new key, move the bot to it, and delete this one at the exchange; to remove the copies helps nobody who has read " +
			"them. Then remove the copies, so that they hide no later one.",
		Task: adapter.DeleteKey,
		FindOut: "Make the files named readable for the search, or look into them by other means. If the key is in none of them, attest this " +
			"rule.",
		References: []string{"CWE-312", "CWE-540", "CWE-532", "NHI2:2025"},
		Run:        secretInFiles,
	},
	{
		ID: RuleKeyHolders, Title: "Key was held by somebody who was breached", Severity: High, Since: "v0.1.0",
		Why: "Keys that bot platforms, build services and password vaults held were taken by the thousand, and some were used " +
			"years later. The holder's promise that all is well now does not bring a copied key back.",
		Remedy: "Create a new key, move the bot to it, delete this one at the exchange, and give the new one only to holders that " +
			"need it.",
		Task: adapter.DeleteKey,
		FindOut: "On the key's page, check when the key was created. If that was before the incident was over, or cannot be " +
			"found, create a new key and delete this one; if not, attest this rule.",
		References: []string{"NHI3:2025", "NIST SP 800-53 IA-5", "3Commas 2022-12"},
		Run:        keyHolders,
	},
}

// keyFileMode looks at the permission bits, and at nothing a file system may
// have besides them.
func keyFileMode(p *Pass) Verdict {
	worst := Severity(0)
	var good, bad, open, commands []string
	for _, s := range filesOf(p.Snapshot.Storage) {
		switch severity, who := fileReach(s); {
		case severity > 0:
			worst = max(worst, severity)
			bad = append(bad, fmt.Sprintf("%q %s (mode %04o)", access.Printable(s.File), who, s.Mode))
			if !s.Foreign && shellSafe(s.File) {
				commands = append(commands, "chmod 600 "+s.File)
			}
		case s.Folder != "":
			worst = max(worst, folderReach(s))
			bad = append(bad, fmt.Sprintf("%q can be replaced by others, who may write to %q (mode %04o)",
				access.Printable(s.File), access.Printable(s.Folder), s.FolderMode))
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
		return p.undetermined(Medium, "Could not determine who can read these files: %s", quoted(open)).local()
	case len(good) > 0:
		return p.pass(access.Reported, "No other user can read a secret in, or change, %s", some(good, ", "))
	default:
		return p.notApplicable("No file that holds the key is known")
	}
}

// filesOf are the files that hold parts of the key, each once, with the part that
// must be kept best: the public half may be read by anyone.
func filesOf(storage []access.Storage) []access.Storage {
	var out []access.Storage
	at := map[access.Storage]int{}
	for _, s := range storage {
		file := access.Storage{File: s.File, Mode: s.Mode, Foreign: s.Foreign, Folder: s.Folder, FolderMode: s.FolderMode}
		if s.File == "" {
			continue
		}
		i, seen := at[file]
		if !seen {
			i = len(out)
			at[file], out = i, append(out, s)
		}
		if s.Part != publicPart {
			out[i].Part = s.Part
		}
	}
	return out
}

// publicPart is the part of a key that is no secret.
const publicPart = "key"

// folderReach is how bad it is that others may write to a file's folder.
func folderReach(s access.Storage) Severity {
	if s.FolderMode&0o022 == 0o020 { // its group, and not everyone
		return Medium
	}
	return High
}

// fileReach says how bad it is who can read or write a file, and who can; 0 if
// only its owner, or if what others can read is public.
func fileReach(s access.Storage) (Severity, string) {
	switch {
	case s.Foreign:
		return High, "belongs to another user than this audit runs as"
	case s.Mode&0o002 != 0:
		return High, "can be written by everyone"
	case s.Mode&0o020 != 0:
		return High, "can be written by its group"
	case s.Part == publicPart:
		return 0, ""
	case s.Mode&0o004 != 0:
		return High, "can be read by everyone"
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

func plainSecret(p *Pass) Verdict {
	var bad []string
	for _, s := range p.Snapshot.Storage {
		if s.Plaintext != "" {
			bad = append(bad, fmt.Sprintf("the %s is stored in plaintext: %s",
				access.Printable(s.Part), access.Printable(s.Plaintext)))
		}
	}
	switch {
	case len(bad) > 0:
		return p.fail(Low, "%s", capital(some(bad, "; ")))
	case len(p.Snapshot.Storage) == 0:
		return p.notApplicable("How the key is stored is unknown")
	default:
		return p.pass(access.Reported, "No part of the key is stored in plaintext where a safer place was available")
	}
}

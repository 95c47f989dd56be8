package sshsig

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Signers are the keys of an allowed_signers file. Source: ssh-keygen(1), ALLOWED SIGNERS.
type Signers []signer

// signer is a line of such a file.
type signer struct {
	principals    string
	key           []byte
	namespaces    string // patterns; empty for any
	after, before time.Time
	authority     bool
}

// ParseSigners reads such a file. An error names the line.
func ParseSigners(text []byte) (Signers, error) {
	var out Signers
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		s, err := parseSigner(line)
		if err != nil {
			return nil, fmt.Errorf("line %d %w", i+1, err)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("names no key")
	}
	return out, nil
}

// unquoted splits a text at characters that are not quoted.
func unquoted(text, at string) []string {
	quoted := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && strings.ContainsRune(at, r)
	})
}

func parseSigner(line string) (s signer, err error) {
	parts := unquoted(line, " \t")
	if len(parts) > 1 && isKind(parts[0]) && strings.HasPrefix(parts[1], "AAAA") { // a public key's own file
		return s, fmt.Errorf("has a key that nobody is named for: write who may sign, such as an email address, before it")
	}
	if len(parts) < 3 {
		return s, fmt.Errorf("is not principals, kind of key, and key")
	}
	s.principals = strings.Trim(parts[0], `"`)
	parts = parts[1:]
	if !isKind(parts[0]) {
		if err := s.options(parts[0]); err != nil {
			return s, err
		}
		parts = parts[1:]
	}
	if len(parts) < 2 || !isKind(parts[0]) {
		return s, fmt.Errorf("has no kind of key that is known")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return s, fmt.Errorf("has a damaged key")
	}
	key, err := ssh.ParsePublicKey(raw)
	if err != nil || key.Type() != parts[0] {
		return s, fmt.Errorf("has a damaged key")
	}
	s.key = raw
	return s, nil
}

func isKind(word string) bool {
	return strings.HasPrefix(word, "ssh-") || strings.HasPrefix(word, "ecdsa-") || strings.HasPrefix(word, "sk-")
}

// options reads the options of a line. One that is not known could forbid what is asked.
func (s *signer) options(text string) error {
	for _, option := range unquoted(text, ",") {
		name, value, _ := strings.Cut(option, "=")
		value = strings.Trim(value, `"`)
		var err error
		switch strings.ToLower(name) {
		case "namespaces":
			s.namespaces = value
		case "cert-authority":
			s.authority = true
		case "valid-after":
			s.after, err = moment(value)
		case "valid-before":
			s.before, err = moment(value)
		default:
			return fmt.Errorf("has an unknown option")
		}
		if err != nil {
			return fmt.Errorf("has a time that is not understood")
		}
	}
	return nil
}

// moment reads a time as ssh-keygen has it: YYYYMMDD[HHMM[SS]][Z], of this host's time zone
// without the Z.
func moment(text string) (time.Time, error) {
	zone := time.Local
	if digits, utc := strings.CutSuffix(strings.ToUpper(text), "Z"); utc {
		text, zone = digits, time.UTC
	}
	form := "20060102150405"
	return time.ParseInLocation(form[:min(len(form), max(len(text), 8))], text, zone)
}

// Allow reports who may sign with a key now, as the file has it. If nobody may, it says why,
// as the rest of a sentence that begins with the key.
func (all Signers) Allow(key ssh.PublicKey, now time.Time) (principals, why string) {
	why = "is none of the signers"
	for _, s := range all {
		switch {
		case !bytes.Equal(s.key, key.Marshal()):
		case s.authority:
			why = "is named as an authority of certificates only"
		case s.namespaces != "" && !matches(s.namespaces, Namespace):
			why = fmt.Sprintf("may not sign reports (%s)", Namespace)
		case !s.after.IsZero() && now.Before(s.after):
			why = "may not sign yet"
		case !s.before.IsZero() && !now.Before(s.before):
			why = "may no longer sign"
		default:
			return s.principals, ""
		}
	}
	return "", why
}

// matches reports whether a name fits a list of patterns, of which none with ! fits.
func matches(patterns, name string) bool {
	found := false
	for pattern := range strings.SplitSeq(patterns, ",") {
		pattern, not := strings.CutPrefix(pattern, "!")
		if fits, err := path.Match(pattern, name); err == nil && fits {
			if not {
				return false
			}
			found = true
		}
	}
	return found
}

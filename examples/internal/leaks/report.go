package leaks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// largest is how large a report as JSON may be, which is in memory.
const largest = 256 << 20

// readJSON reads a scanner's report: one value of JSON, or several, as JSON Lines.
func readJSON(from io.Reader, each func(Entry)) error {
	data, err := io.ReadAll(io.LimitReader(from, largest+1))
	switch {
	case err != nil:
		return errors.New("cannot be read to its end")
	case len(data) > largest:
		return fmt.Errorf("is a report of more than %d MiB: split it", largest>>20)
	}
	if d := json.NewDecoder(bytes.NewReader(data)); json.Valid(data) {
		return whole(data, d, each)
	}
	line, understood := 0, false
	for text := range bytes.Lines(data) {
		line++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		var value any
		e := Entry{State: Unclear}
		if json.Unmarshal(text, &value) == nil {
			understood = true
			for _, e := range findings(value) {
				e.Line = line
				each(e)
			}
			continue
		}
		e.Line = line
		each(e)
	}
	if !understood {
		return errors.New("is neither JSON nor JSON Lines")
	}
	return nil
}

// whole reads a file that is one value: a list, whose entries have lines of their own, or an
// object.
func whole(data []byte, d *json.Decoder, each func(Entry)) error {
	line, counted := 1, 0
	at := func() int {
		offset := int(d.InputOffset())
		line += bytes.Count(data[counted:offset], []byte("\n"))
		counted = offset
		return line
	}
	if bytes.TrimSpace(data)[0] != '[' {
		var value any
		_ = d.Decode(&value) // it is valid
		for _, e := range findings(value) {
			e.Line = 1
			each(e)
		}
		return nil
	}
	_, _ = d.Token()
	for d.More() {
		var value any
		_ = d.Decode(&value)
		end := at()
		for _, e := range findings(value) {
			e.Line = end
			each(e)
		}
	}
	return nil
}

// findings are what a value of a report holds: those of gitleaks (Secret), TruffleHog (Raw,
// RawV2), Kingfisher (finding.snippet, in a list of findings or alone) and detect-secrets
// (hashed_secret, a SHA-1), or texts alone. Sources: the scanners' own output.
func findings(value any) []Entry {
	switch v := value.(type) {
	case string:
		return []Entry{ofLine(v)}
	case map[string]any:
		if list, ok := v["findings"].([]any); ok {
			return ofAll(list)
		}
		if files, ok := v["results"].(map[string]any); ok {
			var out []Entry
			for _, list := range files {
				if list, ok := list.([]any); ok {
					out = append(out, ofAll(list)...)
				}
			}
			return out
		}
		return []Entry{ofObject(v)}
	default:
		return []Entry{{State: Unclear}}
	}
}

func ofAll(list []any) (out []Entry) {
	for _, value := range list {
		out = append(out, findings(value)...)
	}
	return out
}

// secretMembers are those in which scanners have what they found, and of lists of one's own.
var secretMembers = []string{"secret", "raw", "rawv2", "snippet", "hashed_secret", "key", "api_key", "apikey", "key_id", "sha256", "hash", "value"}

// ofObject is the entry that an object of a report is.
func ofObject(v map[string]any) Entry {
	e := Entry{State: Unclear}
	if finding, ok := v["finding"].(map[string]any); ok {
		e = ofObject(finding)
	}
	for name, member := range v {
		text, ok := member.(string)
		if !ok || !isSecretMember(name) || text == "" {
			continue
		}
		if isRedacted(text) {
			if e.State == Unclear {
				e.State = Redacted
			}
			continue
		}
		e.State = Clear
	}
	if _, log := v["msg"]; e.State == Unclear && (log && v["level"] != nil || v["access_map"] != nil || v["audit"] != nil) {
		e.State = Aside // what TruffleHog and Kingfisher write between findings
	}
	e.Texts = texts(v, nil)
	return e
}

func isSecretMember(name string) bool {
	for _, known := range secretMembers {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// texts are all texts in a value: a key may also be in the line that it was found in.
func texts(value any, out []string) []string {
	switch v := value.(type) {
	case string:
		return append(out, v)
	case []any:
		for _, inner := range v {
			out = texts(inner, out)
		}
	case map[string]any:
		for _, inner := range v {
			out = texts(inner, out)
		}
	}
	return out
}

package sources

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// hummingbotFolders are where the files of the connectors are, from the bot's
// own folder, its folder conf, or theirs. Names that begin with _ or . are not
// read by the bot either.
var hummingbotFolders = []string{"conf/connectors/", "connectors/", ""}

const hummingbotFiles = "[^_.]*.yml"

// hummingbotParts are the ends of the fields' names, which begin with that of
// the connector: gate_io_perpetual_secret_key. BitMart's memo is what other
// exchanges call the passphrase.
var hummingbotParts = []struct {
	suffix string
	of     func(*inventory.Found) *inventory.Part
}{
	{"_api_key", keyPart},
	{"_api_secret", secretPart},
	{"_secret_key", secretPart},
	{"_passphrase", passphrasePart},
	{"_memo", passphrasePart},
}

func keyPart(f *inventory.Found) *inventory.Part        { return &f.Key }
func secretPart(f *inventory.Found) *inventory.Part     { return &f.Secret }
func passphrasePart(f *inventory.Found) *inventory.Part { return &f.Passphrase }

// hummingbot lists the connectors. Each value is a keyfile of its own, so it
// is opened when its turn comes.
func (s slot) hummingbot(f *inventory.Files) ([]inventory.Found, error) {
	var paths []string
	for _, folder := range hummingbotFolders {
		if paths = f.Glob(folder + hummingbotFiles); len(paths) > 0 {
			break
		}
	}
	if len(paths) == 0 { // it may be another folder than its owner thinks
		return nil, inventory.Problems{{File: f.Path, Text: "the folder holds no conf/connectors/….yml: name hummingbot's own folder"}}
	}
	var out []inventory.Found
	var problems inventory.Problems
	for _, path := range paths {
		found, err := s.readConnector(f, path)
		if more := inventory.Problems(nil); errors.As(err, &more) {
			problems = append(problems, more...)
			continue
		}
		out = append(out, found)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

// readConnector reads the file of one connector. Its error is of the type
// Problems.
func (s slot) readConnector(f *inventory.Files, path string) (inventory.Found, error) {
	var found inventory.Found
	var fields map[string]yaml.Node
	if err := readBotYAML(f, path, &fields); err != nil {
		return found, err
	}
	connector, ok := fields["connector"]
	if !ok || connector.Value == "" {
		text := `this is not the file of one of hummingbot's connectors: it has no "connector"`
		return found, inventory.Problems{{File: path, Line: 1, Column: 1, Text: text}}
	}
	found = inventory.Found{
		Name: strings.TrimSuffix(filepath.Base(path), ".yml"), Exchange: connector.Value,
		File: path, Line: connector.Line, Column: connector.Column,
	}
	if !strings.Contains(connector.Value, "perpetual") { // those have connectors of their own
		found.Market = inventory.Spot
	}
	v := vault{slot: s, env: f.Env, proof: filepath.Join(filepath.Dir(filepath.Dir(path)), ".password_verification")}
	var problems inventory.Problems
	taken := map[*inventory.Part]string{} // by which field
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field := fields[name]
		of := partOf(name, connector.Value)
		if of == nil || field.Value == "" {
			continue
		}
		part := of(&found)
		if first, ok := taken[part]; ok {
			text := fmt.Sprintf("%q and %q are both set, and only one can be meant: connect the exchange in the bot again", first, name)
			problems = append(problems, inventory.Problem{File: path, Line: field.Line, Column: field.Column, Text: text})
			continue
		}
		taken[part] = name
		*part = inventory.Part{
			Open: func() (adapter.Secret, error) { return v.open(field.Value) },
			Line: field.Line, Column: field.Column,
		}
	}
	if len(problems) > 0 {
		return found, problems
	}
	if found.Key.Open == nil && found.Secret.Open == nil {
		found.Skip = "what hummingbot keeps under its name is no API key, so no exchange can be asked"
	}
	return found, nil
}

// partOf says which part of the connector's key the field holds; nil if none.
// bing_x has its fields begin with bingx.
func partOf(field, connector string) func(*inventory.Found) *inventory.Part {
	for _, p := range hummingbotParts {
		prefix, ok := strings.CutSuffix(field, p.suffix)
		if ok && strings.ReplaceAll(prefix, "_", "") == strings.ReplaceAll(connector, "_", "") {
			return p.of
		}
	}
	return nil
}

// vault opens what hummingbot encrypts.
type vault struct {
	slot  slot
	env   func(string) string
	proof string // path of a file that the bot opens to see if a password is right
}

// hummingbotVariables name the password; the second is that of old versions.
var hummingbotVariables = []string{"HBOT_PASSWORD", "CONFIG_PASSWORD"}

// provenBy is what the proof holds.
const provenBy = "HummingBot"

func (v vault) open(value string) (adapter.Secret, error) {
	var variable, password string
	for _, name := range hummingbotVariables {
		if variable, password = name, v.env(name); password != "" {
			break
		}
	}
	if password == "" {
		return adapter.Secret{}, errors.New("hummingbot encrypts it: set HBOT_PASSWORD to the bot's password")
	}
	text, err := v.openHexed(value, password)
	switch {
	case errors.Is(err, errMAC) && v.proves(password):
		err = errors.New("it is damaged, for the password is right: connect the exchange in the bot again")
	case errors.Is(err, errMAC):
		err = errors.New("it does not open with the password in " + variable + ": set the one that the bot is started with")
	case err != nil:
		err = errors.New("it " + err.Error())
	}
	return adapter.NewSecret(text), err
}

// proves: the password is the bot's.
func (v vault) proves(password string) bool {
	data, err := readFile(v.proof, maxFile, anybody)
	if err != nil {
		return false
	}
	word, err := v.openHexed(strings.TrimSpace(string(data)), password)
	return err == nil && word == provenBy
}

// openHexed opens a keyfile that is written as hexadecimal digits.
func (v vault) openHexed(value, password string) (string, error) {
	data, err := hex.DecodeString(value)
	if err != nil {
		return "", errKeyfile
	}
	defer v.slot.take()()
	text, err := openKeyfile(data, password)
	return string(text), err
}

// readBotYAML reads a bot's file into value. What YAML can do the bot can, so
// aliases and the like are followed. The error is of the type Problems.
func readBotYAML(f *inventory.Files, path string, value any) error {
	data, err := f.Read(path)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, value); err != nil {
		p := malformed(err)
		p.File = path
		return inventory.Problems{p}
	}
	return nil
}

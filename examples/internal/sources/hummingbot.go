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

// hummingbotFolders are the folders of the connectors' files, relative to the
// bot's own folder, to its folder conf, or to their own. Like the bot, we ignore
// names that begin with _ or a dot.
var hummingbotFolders = []string{"conf/connectors/", "connectors/", ""}

const hummingbotFiles = "[^_.]*.yml"

// hummingbotParts are the endings of the fields' names, which begin with the
// connector's: gate_io_perpetual_secret_key. BitMart's memo is what other
// exchanges call the passphrase.
var hummingbotParts = []hummingbotPart{
	{"_api_key", keyPart},
	{"_api_secret", secretPart},
	{"_secret_key", secretPart},
	{"_passphrase", passphrasePart},
	{"_memo", passphrasePart},
	// Wallets. Some of these names stand without the connector's, or inside "account_type".
	{"_private_key", secretPart},
	{"_session_private_key", secretPart},
	{"_wallet_private_key", secretPart},
	{"_agent_wallet_private_key", secretPart},
	{"_api_key_private_key", secretPart},
	{"_secret_phrase", secretPart},
	{"_agent_wallet_public_key", keyPart},
	{"_address", accountPart},
	{"_wallet_address", accountPart},
	{"_chain_address", accountPart},
	{"_granter_address", accountPart},
	{"_user_address", accountPart},
	{"_user_wallet_public_key", accountPart},
}

type hummingbotPart struct {
	suffix string
	of     func(*inventory.Found) *inventory.Part
}

func keyPart(f *inventory.Found) *inventory.Part        { return &f.Key }
func secretPart(f *inventory.Found) *inventory.Part     { return &f.Secret }
func accountPart(f *inventory.Found) *inventory.Part    { return &f.Account }
func passphrasePart(f *inventory.Found) *inventory.Part { return &f.Passphrase }

// hummingbot lists the connectors. Each value is a separate keyfile, which is
// decrypted when its turn comes.
func (s slot) hummingbot(f *inventory.Files) ([]inventory.Found, error) {
	var paths []string
	for _, folder := range hummingbotFolders {
		if paths = f.Glob(folder + hummingbotFiles); len(paths) > 0 {
			break
		}
	}
	if len(paths) == 0 { // most likely the wrong folder
		text := "the folder contains no conf/connectors/….yml: give the path of hummingbot's own folder"
		return nil, inventory.Problems{{File: f.Path, Text: text}}
	}
	var out []inventory.Found
	for _, path := range paths {
		found, err := s.readConnector(f, path)
		if problems := inventory.Problems(nil); errors.As(err, &problems) && path != f.Path { // the other connectors still count
			found = []inventory.Found{unreadable(path, problems)}
		} else if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// unreadable is what is in a connector's file that cannot be read.
func unreadable(path string, problems inventory.Problems) inventory.Found {
	var texts []string
	for _, p := range problems {
		texts = append(texts, p.Text)
	}
	return inventory.Found{
		Name: strings.TrimSuffix(filepath.Base(path), ".yml"), File: path, Line: problems[0].Line, Column: problems[0].Column, Skip: strings.Join(texts, "; "),
	}
}

// readFields reads the fields of a connector's file, and which connector it is.
func readFields(f *inventory.Files, path string) (fields map[string]yaml.Node, found inventory.Found, err error) {
	if err := readBotYAML(f, path, &fields); err != nil {
		return nil, found, err
	}
	connector := fields["connector"]
	if connector.Value == "" {
		text := `this is not the file of one of hummingbot's connectors: it has no "connector"`
		return nil, found, inventory.Problems{{File: path, Line: 1, Column: 1, Text: text}}
	}
	found = inventory.Found{
		Name: strings.TrimSuffix(filepath.Base(path), ".yml"), Exchange: connector.Value,
		File: path, Line: connector.Line, Column: connector.Column,
	}
	if !strings.Contains(connector.Value, "perpetual") { // these are separate connectors
		found.Market = inventory.Spot
	}
	return fields, found, nil
}

// readConnector reads the file of one connector. The error is a Problems.
func (s slot) readConnector(f *inventory.Files, path string) (out []inventory.Found, err error) {
	fields, found, err := readFields(f, path)
	if err != nil {
		return nil, err
	}
	connector := found.Exchange
	v := vault{slot: s, env: f.Env, proof: filepath.Join(filepath.Dir(filepath.Dir(path)), ".password_verification")}
	f.WillRead(v.proof)
	var problems inventory.Problems
	taken := map[*inventory.Part]string{} // the field that a part comes from
	inside(fields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field := fields[name]
		place(&found, name, connector, &field)
		of := partOf(name, connector)
		if of == nil && field.Value != "" && namesSecret(name) {
			out = append(out, inventory.Found{
				Name: found.Name, Exchange: found.Exchange, File: path, Line: field.Line, Column: field.Column,
				Skip: inventory.Show(name) + " holds another secret: list its key in an inventory",
			})
		}
		if of == nil || field.Value == "" {
			continue
		}
		part := of(&found)
		public := part != &found.Secret && part != &found.Passphrase
		if first, ok := taken[part]; ok {
			text := fmt.Sprintf("%q and %q are both set, but only one can be used: connect the exchange in the bot again",
				first, name)
			problems = append(problems, inventory.Problem{File: path, Line: field.Line, Column: field.Column, Text: text})
			continue
		}
		taken[part] = name
		*part = inventory.Part{
			Open: func() (adapter.Secret, error) { return v.open(field.Value) },
			Line: field.Line, Column: field.Column,
		}
		if public && !strings.HasPrefix(field.Value, "7b") { // it is not encrypted
			part.Open, part.Value = nil, adapter.NewSecret(field.Value)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if found.Key.Open == nil && found.Secret.Open == nil {
		found.Skip = "hummingbot stores something other than an API key for it, so there is nothing to ask the exchange; list the key in an inventory if there is one"
	}
	return append([]inventory.Found{found}, out...), nil
}

// namesSecret reports whether a field's name ends as those of secrets, whatever is before.
func namesSecret(field string) bool {
	var none inventory.Found
	return slices.ContainsFunc(hummingbotParts, func(p hummingbotPart) bool {
		return p.of(&none) == &none.Secret && strings.HasSuffix("_"+field, p.suffix)
	})
}

// inside adds the fields of a field that has some of its own, such as the one for the
// kind of account.
func inside(fields map[string]yaml.Node) {
	for _, field := range maps.Clone(fields) {
		for i := 0; field.Kind == yaml.MappingNode && i+1 < len(field.Content); i += 2 {
			fields[field.Content[i].Value] = *field.Content[i+1]
		}
	}
}

// partOf returns the part of the connector's key that a field holds; nil if none.
// The fields of bing_x begin with bingx.
func partOf(field, connector string) func(*inventory.Found) *inventory.Part {
	for _, p := range hummingbotParts {
		prefix, ok := strings.CutSuffix("_"+field, p.suffix)
		prefix = strings.ReplaceAll(prefix, "_", "")
		if ok && (prefix == "" || prefix == strings.ReplaceAll(connector, "_", "")) {
			return p.of
		}
	}
	return nil
}

// placeFields are the fields that say where a key belongs, by the end of their names
// after the connector's. hummingbot writes them unencrypted; the first that fits
// counts, and one that cannot be followed costs the key.
// Source: the connectors' okx_registration_sub_domain (www, app or my).
var placeFields = []struct {
	suffixes []string
	read     func(f *inventory.Found, connector, setting, value string) (ok bool)
}{
	{[]string{"_sub_domain", "_subdomain"}, placeSite},
	{[]string{"_url", "_host", "_hostname", "_endpoint"}, placeURL},
	{[]string{"_domain", "_region", "_site", "_environment", "_network", "_mode"}, placeWord},
	{[]string{"_testnet_node"}, placeTestnet},
	{[]string{"_testnet", "_sandbox", "_demo", "_paper", "_paper_trading"}, placeSwitch},
}

// place reads a field, if it is one of those.
func place(found *inventory.Found, field, connector string, node *yaml.Node) {
	if all := any(nil); node.Kind == yaml.SequenceNode && node.Decode(&all) == nil {
		note(found, all, field)
		return
	}
	value := strings.ToLower(strings.TrimSpace(node.Value))
	field = strings.ToLower(field)
	setting := field
	for _, prefix := range []string{connector, strings.ReplaceAll(connector, "_", "")} {
		if rest, ok := strings.CutPrefix(field, strings.ToLower(prefix)+"_"); ok {
			setting = rest
			break
		}
	}
	for _, p := range placeFields {
		if !slices.ContainsFunc(p.suffixes, func(suffix string) bool { return strings.HasSuffix("_"+setting, suffix) }) {
			continue
		}
		if value != "" && !p.read(found, connector, setting, value) {
			found.Skip = fmt.Sprintf("its file says where the key belongs with %s, which is unknown: list the key in an inventory, with its environment",
				inventory.Show(setting))
		}
		return
	}
	found.Note(value, setting)
}

// placeSite reads the first label of the host of a site.
func placeSite(f *inventory.Found, connector, _, value string) bool {
	exchange, _, _ := strings.Cut(connector, "_")
	domain := siteDomains[exchange]
	if domain == "" || strings.ContainsAny(value, "./") {
		return false
	}
	f.URLs = append(f.URLs, value+"."+domain)
	return true
}

func placeURL(f *inventory.Found, _, _, value string) bool {
	f.URLs = append(f.URLs, value)
	return true
}

// placeWord reads the name of an environment, a host, or a word for the usual one.
func placeWord(f *inventory.Found, connector, _, value string) bool {
	switch {
	case strings.Contains(value, "."):
		f.URLs = append(f.URLs, value)
	case !slices.Contains([]string{"www", "com", "main", "global", "default", "arb_wallet", "api_wallet", connector}, value):
		f.Environment = value
	}
	return true
}

func placeSwitch(f *inventory.Found, _, setting, value string) bool {
	on := slices.Contains([]string{"true", "yes", "on", "1"}, value)
	if on {
		f.Environment = strings.TrimPrefix(setting, "use_")
	}
	return on || slices.Contains([]string{"false", "no", "off", "0"}, value)
}

func placeTestnet(f *inventory.Found, _, _, _ string) bool {
	f.Environment = "testnet"
	return true
}

// siteDomains are the exchanges whose sites differ in the first label of the host.
var siteDomains = map[string]string{"okx": "okx.com"}

// vault decrypts what hummingbot encrypts.
type vault struct {
	slot  slot
	env   func(string) string
	proof string // path of the file that the bot decrypts to check a password
}

// hummingbotVariables hold the password; the second is that of old versions.
var hummingbotVariables = []string{"HBOT_PASSWORD", "CONFIG_PASSWORD"}

// proofText is the content of that file.
const proofText = "HummingBot"

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
		err = errors.New("it is damaged (the password is correct): connect the exchange in the bot again")
	case errors.Is(err, errMAC):
		err = errors.New("it cannot be decrypted with the password in " + variable +
			": set the password that the bot is started with")
	case err != nil:
		err = errors.New("it " + err.Error())
	}
	return adapter.NewSecret(strings.TrimPrefix(text, "HL:")), err // a vault's address at Hyperliquid
}

// proves reports whether the password is the bot's.
func (v vault) proves(password string) bool {
	data, err := readFile(v.proof, maxFile, anybody)
	if err != nil {
		return false
	}
	word, err := v.openHexed(strings.TrimSpace(string(data)), password)
	return err == nil && word == proofText
}

// openHexed decrypts a keyfile that is written in hexadecimal.
func (v vault) openHexed(value, password string) (string, error) {
	data, err := hex.DecodeString(value)
	if err != nil {
		return "", errKeyfile
	}
	defer v.slot.take()()
	text, err := openKeyfile(data, password)
	return string(text), err
}

// readBotYAML reads a bot's file into value. The bot accepts all of YAML, so
// aliases and the like are followed. The error is a Problems.
func readBotYAML(f *inventory.Files, path string, value any) error {
	data, err := f.Read(path)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, value); err != nil {
		p, is := inventory.Mistaken(path, data, "YAML")
		if !is {
			p = malformed(err)
			p.File = path
		}
		return inventory.Problems{p}
	}
	return nil
}

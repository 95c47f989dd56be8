package keytext

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// pattern is what a text that is no key looks like, and why it is none, as the end
// of a sentence about the part: "the secret is …".
type pattern struct {
	text *regexp.Regexp
	why  string
	// needs are characters of which a match has one: a search that is not for the text's
	// beginning tries every place, and most texts have none of them.
	needs string
}

const (
	isVariable = "is a reference to a variable, which nothing filled in"
	isTemplate = "is a template, which nothing filled in"
	isStore    = "is a reference to a secret store, which nothing resolved: read the value with the store's own program, and give that"
	isSigner   = "is a reference to a key that a signer holds, such as an HSM or a KMS, and no secret: only a program with a signer of its own can audit the key"
	isChannel  = "is the name of a socket, a pipe or an open file, and not what comes from it"
	isAge      = "is a key of age, which encrypts files, and no exchange's: decrypt the file with it, and give what is in it"
	isWallet   = "is a wallet's extended key, from which others derive, and no exchange's: give it to no program"
	isWords    = "is a placeholder, as samples have it"
	isMasked   = "is masked: characters in its middle are replaced, so copy it whole or create a new key"
	isFile     = "is the path of a file, and not what is in it"
	isURL      = "is a URL"
	isLine     = "is a whole line of a file, with a name: give the value alone"
	isForeign  = "has letters or signs that no key has: copy it again, whole"
	isSeed     = "is a wallet's seed phrase, which no exchange has for an API key: give it to no program"
)

// templates are what other programs fill in before a bot sees the value. Nobody
// chooses such a text as a passphrase.
var templates = []pattern{
	{regexp.MustCompile(`\$\{\{?\s*[A-Za-z_][^}]*\}|^\$\([^()]+\)$`), isVariable, "$"},
	{regexp.MustCompile(`\{\{.*\}\}|\{%.*%\}|<%.*%>|#\{[A-Za-z_][\w.]*\}`), isTemplate, "{<"},
	{regexp.MustCompile(`^arn:aws[a-z-]*:(?:kms|cloudhsm|payment-cryptography):|^projects/[^/]+/locations/[^/]+/keyRings/`), isSigner, ""},
	{regexp.MustCompile(`^age1[02-9ac-hj-np-z]{58,}$|^age1[a-z0-9]+1[02-9ac-hj-np-z]{40,}$|^AGE-(?:SECRET-KEY|PLUGIN)-[0-9A-Z-]+$`), isAge, ""},
	{regexp.MustCompile(`^[xyztuv]p(?:rv|ub)[1-9A-HJ-NP-Za-km-z]{107}$`), isWallet, ""},
	{regexp.MustCompile(`^op://|^arn:aws[a-z-]*:|^projects/[^/]+/(?:locations/[^/]+/)?secrets/|^ref\+[a-z0-9]+://|^\$ANSIBLE_VAULT;|^ENC\[|^@Microsoft\.KeyVault\(`), isStore, ""},
	{regexp.MustCompile(`^!(?i:vault|secret|env|env_var|ref|sub|getatt|file|include|keyring|sops)\s+\S|^(?i:secretKeyRef|configMapKeyRef|valueFrom)\b`), isStore, ""},
}

// references are the same in spellings that a person may choose for a passphrase,
// and what else stands in a key's place.
var references = []pattern{
	{regexp.MustCompile(`^\$[A-Za-z_]\w*$|^\$(?i:env):\w+$|^%[A-Za-z_]\w*%$|^%\([A-Za-z_]\w*\)s$|^![A-Za-z_]\w*!$|^(?i:env|environ|envvar|var):[A-Za-z_]\w*$|^(?:env|vars|secrets|var|local|data)\.[A-Za-z_][\w.]*$`), isVariable, ""},
	{regexp.MustCompile(`^process\.env\b|^import\.meta\.env\b|^os\.(?:environ|getenv)\b|^System\.getenv\b|^(?:getenv|getEnv|env|ENV|lookup)[(\[]`), isVariable, ""},
	{regexp.MustCompile(`^\{[A-Za-z_][\w.]*\}$|^\[\[.*\]\]$|^\(\([^()]*\)\)$|^@[A-Za-z_]\w*@$|^__[A-Za-z]\w*__$`), isTemplate, ""},
	{regexp.MustCompile(`^(?i:pkcs-?11|tpm2?|yubi(?:hsm2?|key)|piv|fido2?|openpgp|(?:cloud|soft|nitrokey)?hsm|nitrokey|ledger|trezor|(?:aws-?|gcp-?|azure-?|ali-?)?kms|(?:ssh-|gpg-)?agent|(?:remote-?)?signer|web3signer|(?:secure-?)?enclave|engine|provider|handle|keyslot|fireblocks|transit):[^=]`), isSigner, ""},
	{regexp.MustCompile(`^(?i:alias|transit|keyRings|cryptoKeys)/[A-Za-z_]|^mrk-[0-9a-f]{32}$`), isSigner, ""},
	{regexp.MustCompile(`^(?i:fd|unix|unix-abstract|npipe|pipe|socket|sock|stdin|tcp|udp|vsock):|^\\\\|^/(?:dev|proc)/|^/\S+\.sock$`), isChannel, ""},
	{regexp.MustCompile(`^(?i:secrets?|credentials?|parameters?|cubbyhole)/[A-Za-z_]|^(?i:kv)/[a-z_][a-z0-9_/-]*$`), isStore, ""}, // base64 may begin with kv/
	{regexp.MustCompile(`^!(?i:vault|secret|env|ref|sub)\b|^(?:ENC|DEC)\(|^vault:v[0-9]+:|^(?i:resolve:(?:secretsmanager|ssm))`), isStore, ""},
	{regexp.MustCompile(`^(?i:vault|hashivault|secret|secret-?ref|k8s|kubernetes|gopass|gsm|aws-?ssm|awsps|akeyless|azure-?kv|dpapi|libsecret|rbw|passage|ssm|aws-?sm|gcp(?:-?sm)?|sm|akv|azkv|bws|doppler|infisical|keyring|keychain|credential|credstash|chamber|sops|conjur|pass|bitwarden|bw|lpass|1password|keepass|secrets?manager|parameterstore|azurekeyvault|keyvault|age|exec):[^=]`), isStore, ""},
	{regexp.MustCompile(`^(?i:file):|^~[/\\]|^\.{1,2}[/\\]|^[A-Za-z]:[/\\\s]|^/(?:run|etc|home|Users|var|opt|root|mnt|tmp|usr|srv|secrets|config|data|app|keys)/`), isFile, ""},
	{regexp.MustCompile(`(?i)^\S*\w\.(?:pem|key|ppk|der|p8|p12|pfx|txt|json|secret|crt|cer|pub|env|ya?ml)$`), isFile, "."},
	{regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`), isURL, ""},
	{regexp.MustCompile(`^(?:(?:export|set|setx) +)?[A-Za-z][A-Za-z0-9]*_\w*(?i:key|secret|token|passphrase)\w* *[=:] *[^=\s]`), isLine, ""},
	{regexp.MustCompile(`^(?i:(?:api|access|private)?[ -]?(?:secret)?[ -]?(?:key|secret|token|passphrase))\s*[=:]\s*[^=\s]`), isLine, ""},
	{regexp.MustCompile(`^(?:[a-z]{3,8} ){11,23}[a-z]{3,8}$`), isSeed, ""},
	{regexp.MustCompile(`^<[^<>]*>$|^\[[^\[\]]*\]$|^\([^()]*\)$|^\{[^{}"]*\}$|^(?i:n/?a)$`), isWords, ""},
	{regexp.MustCompile(`(?i)^(?:0x_?|<|\[|#)?(?:(?:please|enter|insert|put|paste|add|replace|set|change|use|type|copy|fill|in|with|this|it|to|the|by|and|or|be|replaced|must|here)[ _.-]*)*your(?:[ _.'-]|s[ _-])`), isWords, ""},
	{regexp.MustCompile(`^[A-Za-z]{2,12}(?:_[A-Za-z]{2,12}){0,4}_(?i:key|secret|token|passphrase|password)$|^[A-Za-z]+(?:[ _-][A-Za-z]+)*[ _-](?i:here)$`), isWords, ""},
	{regexp.MustCompile(`\*{3}|\.{3}|•{2}|…`), isMasked, "*.•…"},
}

// Placeholder says why a key or a secret is none: a reference that nothing
// resolved, a sample's words. It is empty if the text may be one.
func Placeholder(text string) (why string) {
	text = Clean(text)
	if why := firstOf(templates, text); why != "" {
		return why
	}
	if strings.Contains(text, "-----") || text == "" { // PEM has words and white space of its own
		return ""
	}
	if filler(text) || oneLetter(text) || number(text) {
		return isWords
	}
	if strings.ContainsFunc(strings.TrimRight(text, "="), unusual) {
		if why := firstOf(references, text); why != "" {
			return why
		}
	}
	if allSampleWords(text) {
		return isWords
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) { // words of any language
		return isForeign
	}
	return ""
}

// Account is Placeholder for the name of an account, which may be a number.
func Account(text string) (why string) {
	if text = Clean(text); number(text) && !filler(text) {
		return ""
	}
	return Placeholder(text)
}

// Sample reports whether a text is a sample's words, and no reference to a value.
func Sample(text string) bool { return Placeholder(text) == isWords }

// Template says likewise of a text that a person may choose, such as a
// passphrase: any words can be one.
func Template(text string) (why string) { return firstOf(templates, Trim(text)) }

// unusual reports whether a character may be part of one of the references, and not
// only of a key.
func unusual(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '+'
}

func firstOf(patterns []pattern, text string) string {
	for _, p := range patterns {
		if (p.needs == "" || strings.ContainsAny(text, p.needs)) && p.text.MatchString(text) {
			return p.why
		}
	}
	return ""
}

// filler reports whether the text is crossed out: xxxx-xxxx, ****, ____.
func filler(text string) bool {
	return strings.Trim(text, "-_. /") == "" || strings.Trim(text, "xX*.•-_#? ") == "" || len(text) > 7 && strings.Trim(text, "0-") == ""
}

// oneLetter reports whether the text repeats one letter.
func oneLetter(text string) bool {
	return len(text) > 7 && unicode.IsLetter(rune(text[0])) && strings.Trim(text, text[:1]) == ""
}

var decimal = regexp.MustCompile(`^[+-]?[0-9]+\.[0-9]+$|^[+-][0-9]+$`)

// number reports whether the text is a number, as people write one where a key is wanted: no
// exchange has keys of so few digits, nor of digits that repeat or stand in their order.
func number(text string) bool {
	const most = 7
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return decimal.MatchString(text)
	}
	same := strings.Trim(text, text[:1]) == "" && len(text) < 2*most
	for i := 1; i < len(text) && len(text) > most && !same; i++ {
		if (text[i]-text[i-1]+10)%10 != 1 {
			return false
		}
	}
	return true
}

// sampleWords are those by which samples and templates are recognised, and
// linkingWords stand around them. A text is a placeholder if it consists of both, or of
// the former.
var (
	sampleWords = strings.Fields(`
		api apikey apisecret bar baz change changeit changeme credential credentials demo dummy empty enter example fake fill fixme foo hidden insert key keys missing
		ask askme abc abcdef asdf blank censored confidential default encrypted foobar hello invalid ipsum lorem masked mock mocked mocking nothing obfuscated prompt qwerty something specify stub tba unknown unspecified
		nil nokey none not null passphrase passwd password paste placeholder put redacted removed replace replaced replaceme sample secret secretkey secrets tbd test testing
		todo token true false undefined unset valuehere xxx xxxx your yours
		chave chiave clave cle geheim geheimnis schluessel secreto segredo segreto`)
	linkingWords = strings.Fields(`
		access account actual add an and any base64 be client copy delete exchange from generated goes here hex id in
		into is it live me my na new no of optional or own pem please private public real required set some
		string this to type use user valid value with you
		dein deine el il la le ma mein meine mi seu su sua ta tu tua tuo votre`)
)

// allSampleWords looks for whole words only: a random text of letters often has
// short ones within.
func allSampleWords(text string) bool {
	telling := false
	for word := range strings.FieldsFuncSeq(spaced(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		word = strings.TrimRight(word, "0123456789")
		if !slices.Contains(sampleWords, word) && !slices.Contains(linkingWords, word) {
			return false
		}
		telling = telling || slices.Contains(sampleWords, word)
	}
	return telling
}

// spaced is the text in small letters, with spaces where the case changes:
// myApiKey.
func spaced(text string) string {
	var out strings.Builder
	lower := false
	for _, r := range text {
		if lower && unicode.IsUpper(r) {
			out.WriteByte(' ')
		}
		out.WriteRune(unicode.ToLower(r))
		lower = unicode.IsLower(r)
	}
	return out.String()
}

package find

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// People write notes in their own language. What they call a part of a key is read as its
// English name: "Clé secrète" as secret key, 私钥 as private key.

// meaning is what a word of another language says.
type meaning uint16

const (
	saysKey meaning = 1 << iota
	saysSecret
	saysEither // a key, and as often its secret: the label beside it decides
	saysPrivateKey
	saysPublic
	saysAccess
	saysPhrase
	saysMine
	saysNothing // it stands between words
	saysAPI
	saysMostly // the secret
)

// vocabulary is every such word. In scripts without blanks it may be part of a longer one,
// and so may a key in German and Dutch.
var vocabulary = []struct {
	language string
	means    meaning
	words    string
}{
	{"French", saysKey, "clé clés clef clefs"},
	{"French", saysSecret, "secrète secrètes"},
	{"French", saysPrivateKey, "privée privé"},
	{"French", saysPublic, "publique"},
	{"French", saysAccess, "accès"},
	{"French", saysPhrase, "phrase-secrète mot-de-passe phrase-de-passe"},
	{"French", saysMine, "mon ma mes"},
	{"French", saysNothing, "d l de du la le"},
	{"German", saysKey, "schlüssel schluessel"},
	{"German", saysSecret, "geheim geheimer geheimes geheime geheimen geheimnis"},
	{"German", saysPrivateKey, "privat privater privates private"},
	{"German", saysPublic, "öffentlicher öffentlich oeffentlicher oeffentlich"},
	{"German", saysAccess, "zugriff zugriffs zugang zugangs"},
	{"German", saysPhrase, "passwort kennwort"},
	{"German", saysMine, "mein meine"},
	{"German", saysNothing, "der die das des für"},
	{"Spanish", saysKey, "clave claves llave llaves"},
	{"Spanish", saysSecret, "secreta secreto"},
	{"Spanish", saysPrivateKey, "privada privado"},
	{"Spanish", saysPublic, "pública"},
	{"Spanish", saysAccess, "acceso"},
	{"Spanish", saysPhrase, "contraseña frase-secreta"},
	{"Spanish", saysMine, "mi mis"},
	{"Spanish", saysNothing, "del para"},
	{"Portuguese", saysKey, "chave chaves"},
	{"Portuguese", saysSecret, "segredo"},
	{"Portuguese", saysAccess, "acesso"},
	{"Portuguese", saysPhrase, "senha"},
	{"Portuguese", saysMine, "meu minha"},
	{"Portuguese", saysNothing, "da do"},
	{"Italian", saysKey, "chiave chiavi"},
	{"Italian", saysSecret, "segreta segreto"},
	{"Italian", saysPrivateKey, "privata"},
	{"Italian", saysPublic, "pubblica"},
	{"Italian", saysAccess, "accesso"},
	{"Italian", saysPhrase, "frase-segreta parola-d-ordine"},
	{"Italian", saysMine, "mio mia"},
	{"Italian", saysNothing, "di dell della per"},
	{"Russian", saysKey, "ключ ключа ключи"},
	{"Russian", saysSecret, "секрет секретный секретная секретного"},
	{"Russian", saysPrivateKey, "приватный закрытый личный"},
	{"Russian", saysPublic, "публичный открытый"},
	{"Russian", saysAccess, "доступа"},
	{"Russian", saysPhrase, "пароль кодовая-фраза"},
	{"Russian", saysMine, "мой"},
	{"Russian", saysNothing, "для"},
	{"Russian", saysAPI, "апи"},
	{"Ukrainian", saysSecret, "секретний"},
	{"Ukrainian", saysPrivateKey, "приватний"},
	{"Ukrainian", saysPublic, "публічний"},
	{"Chinese", saysEither, "密钥 密鑰 金鑰 金钥 密匙"},
	{"Chinese", saysEither | saysMostly, "秘钥 秘鑰"},
	{"Chinese", saysKey | saysPrivateKey, "私钥 私鑰 私匙"},
	{"Chinese", saysKey | saysPublic, "公钥 公鑰"},
	{"Chinese", saysSecret, "秘密 私密 机密 機密 保密"},
	{"Chinese", saysPrivateKey, "私有 私人"},
	{"Chinese", saysPublic, "公开 公共"},
	{"Chinese", saysAccess, "访问 訪問 存取"},
	{"Chinese", saysPhrase, "密码 密碼 口令 通行短语"},
	{"Chinese", saysMine, "我的"},
	{"Chinese", saysNothing, "的 之"},
	{"Japanese", saysKey, "キー 鍵"},
	{"Japanese", saysSecret, "シークレット 秘密"},
	{"Japanese", saysPrivateKey, "プライベート"},
	{"Japanese", saysPublic, "公開 パブリック"},
	{"Japanese", saysAccess, "アクセス"},
	{"Japanese", saysPhrase, "パスフレーズ パスワード"},
	{"Japanese", saysMine, "私の"},
	{"Japanese", saysNothing, "の"},
	{"Korean", saysKey, "키"},
	{"Korean", saysSecret, "시크릿 비밀"},
	{"Korean", saysPrivateKey, "개인"},
	{"Korean", saysPublic, "공개"},
	{"Korean", saysAccess, "액세스 접근"},
	{"Korean", saysPhrase, "패스프레이즈 비밀번호"},
	{"Korean", saysMine, "내"},
	{"Turkish", saysKey, "anahtar anahtarı"},
	{"Turkish", saysSecret, "gizli sırrı"},
	{"Turkish", saysPrivateKey, "özel"},
	{"Turkish", saysPublic, "açık genel"},
	{"Turkish", saysAccess, "erişim"},
	{"Turkish", saysPhrase, "parola şifre"},
	{"Turkish", saysMine, "benim"},
	{"Dutch", saysKey, "sleutel"},
	{"Dutch", saysSecret, "geheime"},
	{"Dutch", saysPublic, "openbare"},
	{"Polish", saysKey, "klucz"},
	{"Polish", saysSecret, "tajny sekretny sekret"},
	{"Polish", saysPrivateKey, "prywatny"},
	{"Polish", saysPublic, "publiczny"},
	{"Indonesian", saysKey, "kunci"},
	{"Indonesian", saysSecret, "rahasia"},
	{"Indonesian", saysPrivateKey, "pribadi"},
}

// means are the words of the vocabulary as they are compared, and the longest of scripts
// without blanks first.
var means, joinedUp = func() (map[string]meaning, []string) {
	all, joined := map[string]meaning{"api": saysAPI, "key": saysKey, "secret": saysSecret, "private": saysPrivateKey, "public": saysPublic, "access": saysAccess}, []string(nil)
	for _, row := range vocabulary {
		for _, word := range strings.Fields(row.words) {
			word = plainLetters(word)
			all[word] |= row.means
			if r, _ := utf8.DecodeRuneInString(word); isJoinedUp(r) {
				joined = append(joined, word)
			}
		}
	}
	slices.SortFunc(joined, func(a, b string) int { return len(b) - len(a) })
	return all, joined
}()

// labelWords are the words that name a part by themselves, as texts have them: in UTF-8, in
// Latin-1, and without accents where that is no word of English.
var labelWords = func() (forms []string) {
	for _, row := range vocabulary {
		if row.means&(saysKey|saysEither|saysSecret|saysPhrase) == 0 {
			continue
		}
		for _, word := range strings.Fields(row.words) {
			word = strings.ReplaceAll(word, "-", " ")
			first, size := utf8.DecodeRuneInString(word)
			for _, form := range []string{word, string(unicode.ToUpper(first)) + word[size:], strings.ToUpper(word), latin1(word), plainLetters(word)} {
				if len(form) > 2 && (len(form) > 3 || form[0] >= utf8.RuneSelf || form != plainLetters(form)) && !slices.Contains(forms, form) {
					forms = append(forms, form)
				}
			}
		}
	}
	forms = append(forms, "cle api", "cle_api", "cle-api", "cle secr", "cle_secr", "cle pub", "cle priv", "cle d")
	slices.SortStableFunc(forms, func(a, b string) int { return len(a) - len(b) })
	var shortest []string // of which no other is part
	for _, form := range forms {
		if !slices.ContainsFunc(shortest, func(w string) bool { return strings.Contains(lowerASCII(form), w) }) {
			shortest = append(shortest, form)
		}
	}
	return shortest
}()

// inLanguage finds words of the vocabulary.
var inLanguage = newWordSet(labelWords...)

// lowerASCII is a text as wordIn compares it.
func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return unicode.ToLower(r)
		}
		return r
	}, text)
}

func latin1(word string) string {
	var out []byte
	for _, r := range word {
		if r > unicode.MaxLatin1 {
			return ""
		}
		out = append(out, byte(r))
	}
	return string(out)
}

// isJoinedUp reports whether a letter is of a script whose words are written in one.
func isJoinedUp(r rune) bool {
	return r >= 0x3040 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー'
}

// accents are letters with marks, and the same without.
var accents = func() map[rune]rune {
	out := map[rune]rune{}
	for plain, all := range map[rune]string{
		'a': "àáâãäåą", 'c': "çćč", 'e': "èéêëę", 'g': "ğ", 'i': "ìíîïıİ", 'l': "ł", 'n': "ñńň", 'o': "òóôõöø", 's': "şśš", 'u': "ùúûü", 'y': "ýÿ", 'z': "źżž", 'и': "й", 'е': "ё",
	} {
		for _, r := range all {
			out[r], out[unicode.ToUpper(r)] = plain, plain
		}
	}
	return out
}()

// plainLetters is a word in small letters without accents.
func plainLetters(word string) string {
	var out strings.Builder
	for _, r := range word {
		if plain, ok := accents[r]; ok {
			r = plain
		}
		if !unicode.IsMark(r) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// letterAt is the length of the letter beyond ASCII that a text begins with; 0 if it begins
// with none.
func letterAt(text string) int {
	r, size := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError && size == 1 {
		r = rune(text[0]) // Latin-1
	}
	if unicode.IsLetter(r) || unicode.IsMark(r) {
		return size
	}
	return 0
}

// nameWords are the words of a name in any script, as they are compared.
func nameWords(name string) (words []string) {
	if !utf8.ValidString(name) {
		runes := make([]rune, len(name)) // Latin-1
		for i := range len(name) {
			runes[i] = rune(name[i])
		}
		name = string(runes)
	}
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			words = append(words, plainLetters(word.String()))
			word.Reset()
		}
	}
	const other, joined, capital, small = 0, 1, 2, 3
	was := other
	for _, r := range name {
		kind := other
		switch {
		case isJoinedUp(r):
			kind = joined
		case unicode.IsUpper(r):
			kind = capital
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
			kind = small
		}
		if kind != was && (was != capital || kind != small) {
			flush()
		}
		if kind != other {
			word.WriteRune(r)
		}
		was = kind
	}
	flush()
	return words
}

// english is a name in the words that package inventory reads, and what the words of the
// vocabulary in it say; the name itself if it has none that names a part.
func english(name string) (string, meaning) {
	if wordIn(name, inLanguage) < 0 {
		return name, 0
	}
	own, says := understand(nameWords(name))
	unaccented := strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 && has(nameWords(name), []string{"cle"})
	if says&(saysKey|saysEither|saysSecret|saysPhrase) == 0 || unaccented && says&(saysAPI|saysSecret|saysPrivateKey|saysPublic|saysAccess) == 0 {
		return name, 0
	}
	if says&saysMine != 0 {
		own = append(own, "my")
	}
	if says&saysAPI != 0 {
		own = append(own, "api")
	}
	return strings.Join(append(own, says.part()), "_"), says
}

// part is the English name of what words say together.
func (m meaning) part() string {
	switch key := m&(saysKey|saysEither) != 0; {
	case m&saysPhrase != 0:
		return "password"
	case key && m&saysPrivateKey != 0:
		return "private_key"
	case key && m&(saysSecret|saysMostly) != 0:
		return "secret_key"
	case m&saysSecret != 0:
		return "secret"
	case m&saysPublic != 0:
		return "public_key"
	case m&(saysAccess|saysAPI) == saysAccess:
		return "access_key"
	default:
		return "key"
	}
}

// understand takes the words of the vocabulary out of those of a name.
func understand(words []string) (own []string, says meaning) {
	for len(words) > 0 {
		took := 0
		for n := min(3, len(words)); n > 0 && took == 0; n-- {
			if m, known := means[strings.Join(words[:n], "-")]; known {
				says |= m
				took = n
			}
		}
		if took == 0 {
			rest, m := compound(words[0])
			own, says, took = append(own, rest...), says|m, 1
		}
		words = words[took:]
	}
	return own, says
}

// compound takes a word apart that others are part of, and is what is left of it.
func compound(word string) (rest []string, says meaning) {
	for _, tail := range []string{"schlussel", "schluessel", "sleutel", "geheimnis"} {
		if head, is := strings.CutSuffix(word, tail); is && head != "" {
			rest, says = understand([]string{head})
			return rest, says | means[tail]
		}
	}
	var left strings.Builder
	for word != "" {
		i := slices.IndexFunc(joinedUp, func(w string) bool { return strings.HasPrefix(word, w) })
		if i >= 0 {
			says |= means[joinedUp[i]]
			word = word[len(joinedUp[i]):]
			continue
		}
		_, size := utf8.DecodeRuneInString(word)
		left.WriteString(word[:size])
		word = word[size:]
	}
	if left.Len() > 0 {
		rest = append(rest, left.String())
	}
	return rest, says
}

// phrase is the name in the words before an operator: those that name a part together in
// another language, or else as names has it.
func (s *scanner) phrase(words []string) string {
	for n := min(4, len(words)); s.translates && n > 1; n-- {
		if name := strings.Join(words[len(words)-n:], " "); wordIn(name, inLanguage) >= 0 {
			if is := s.names.read(name); is.Lone && is.Part != adapter.NoPart {
				return name
			}
		}
	}
	return s.names.phrase(words)
}

package adapter

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// plain is what words mean at any exchange. All of the patterns must match.
type plain struct {
	kind access.Kind
	all  []*regexp.Regexp
}

func says(kind access.Kind, patterns ...string) plain {
	p := plain{kind: kind}
	for _, pattern := range patterns {
		p.all = append(p.all, regexp.MustCompile(`\b(?:`+pattern+`)\b`))
	}
	return p
}

// Parts of the patterns of plainWords.
const (
	anIP    = `ips?`
	aList   = `(?:white|allow) ?list\w*|trusted|bound|binding`
	aPlace  = `(?:countr(?:y|ies)|regions?|locations?|jurisdictions?|territor(?:y|ies))`
	aKey    = `(?:api|access) ?keys?(?: id)?`
	aRight  = `(?:permissions?|scopes?|privileges?)`
	aMAC    = `(?:sign|signature)`
	unwell  = `(?:invalid|incorrect|wrong|mismatch\w*|not (?:valid|match)|(?:check |verification )?failed)`
	refused = `not|isnt|cannot|cant|doesnt|in(?:valid|correct)|denied|un(?:matched|trusted|authori[sz]ed)|mismatch\w*|forbidden|illegal|` +
		`prohibited|restricted|blocked|banned|disallowed|rejected|fail(?:s|ed|ure)?|outside`
)

// plainWords is for refusals whose code is unknown. Their text is in lower case,
// and has blanks in place of everything but letters and digits; see plainText.
var plainWords = []plain{
	says(access.KindIPNotAllowed, anIP, refused+`|`+aList+`|`+aRight),
	says(access.KindForbidden, anIP, aList), // may also demand a key that has a list
	says(access.KindBanned, anIP, `ban|banned|blocked|black ?list\w*`),
	says(access.KindGeoBlocked, `(?:restricted|prohibited|unsupported|sanctioned|banned|blocked|restrictions? in (?:\w+ )?) ?`+aPlace+
		`|(?:unavailable|not (?:available|supported|allowed|permitted|served|offered)|prohibited|restricted|blocked|banned) (?:\w+ ){1,4}`+aPlace+
		`|your `+aPlace+` (?:is|has been|was) (?:not|un(?:supported|available)|restricted|blocked|banned|prohibited)`+
		`|`+aPlace+` is (?:banned|restricted|blocked|prohibited)|legal reasons|local laws?|geo ?(?:block|restrict)\w*`),
	says(access.KindForbidden,
		`(?:no|(?:not|dont|doesnt) have|insufficient|inadequate|missing|lacks?|lacking|without|in(?:correct|valid)|needs?|requires?|more) (?:\w+ ){0,2}`+aRight+
			`|`+aRight+` (?:is |are |was )?(?:denied|missing|insufficient|invalid|required|needed|not (?:granted|allowed)|for (?:this )?action)|out of scope`+
			`|(?:not (?:permitted|authori[sz]ed|allowed)|unauthori[sz]ed) (?:for|on|with|to (?:access|execute|operate|perform|use))`+
			`|key (?:is )?(?:read ?only|not (?:permitted|authori[sz]ed|allowed)|forbidden to|does not allow)`),
	says(access.KindSecondFactor, `2fa|mfa|t?otp|(?:two|second) factor|google auth\w*|authenticator|one time (?:password|code)`),
	says(access.KindExpired, aKey+` (?:is |has |was )?(?:already )?expired|expired `+aKey),
	says(access.KindBadKey, `(?:invalid|unknown|incorrect|wrong|unrecogni[sz]ed|no active|failed to (?:find|load)) `+aKey+`|invalid key|key not found`+
		`|`+aKey+` (?:was |is |does |format |information )*(?:invalid|unknown|(?:not|doesnt) (?:exist|found|valid))|`+aKey+` or (?:api )?secret`),
	says(access.KindBadSignature, `(?:invalid|incorrect|wrong|bad) (?:api )?(?:`+aMAC+`|secret|passphrase)|`+aMAC+` (?:for this request )?(?:is |was |does )?`+unwell+
		`|passphrase (?:is )?(?:incorrect|invalid|wrong|error)`),
	says(access.KindClockSkew, `time ?stamp|recv ?window`, `in(?:valid|correct)|wrong|expired|outside|ahead|behind|too (?:old|late|early|far)`),
	says(access.KindWrongEnvironment, `(?:wrong|another|other|different|not match(?:ing)?|mismatch\w*) (?:\w+ ){0,2}(?:environment|site)|(?:environment|site) mismatch\w*`),
}

// aboutRate are words about how often, not about whom.
var aboutRate = regexp.MustCompile(`\b(?:too many|too fast|no more|frequen\w*|rate|throttl\w*)\b`)

// either is in a refusal that leaves open which half of a pair is wrong.
var either = regexp.MustCompile(`\bor (?:\w+ ){0,2}(?:key|secret|sign|signature|passphrase)\b`)

// PlainWords gives a refusal that no code explains the meaning that its words have at
// every exchange, if they say plainly what is wrong. An adapter calls it after its own
// tables; code and message must be the exchange's.
func PlainWords(e *access.Error) {
	if e.Kind != access.KindNotUnderstood && e.Kind != access.KindUnavailable {
		return
	}
	switch kinds := plainKinds(plainText(e.Code) + "|" + plainText(e.Message)); len(kinds) { // no phrase begins in one and ends in the other
	case 0:
	case 1:
		e.Kind, e.Candidates = kinds[0], nil
	default:
		e.Kind, e.Candidates = access.KindAmbiguous, kinds
	}
}

// plainKinds: an IP address alone proves no allowlist, for the exchange may refuse all
// of a place.
func plainKinds(text string) (kinds []access.Kind) {
	if aboutRate.MatchString(text) {
		return nil
	}
	for _, row := range plainWords {
		if !slices.Contains(kinds, row.kind) && !slices.ContainsFunc(row.all, func(r *regexp.Regexp) bool { return !r.MatchString(text) }) {
			kinds = append(kinds, row.kind)
		}
	}
	only := func(kind access.Kind) bool { return len(kinds) == 1 && kinds[0] == kind }
	switch {
	case only(access.KindIPNotAllowed):
		return append(kinds, access.KindGeoBlocked)
	case (only(access.KindBadKey) || only(access.KindBadSignature)) && either.MatchString(text):
		return []access.Kind{access.KindBadKey, access.KindBadSignature}
	default:
		return kinds
	}
}

var (
	humps    = regexp.MustCompile(`([a-z])([A-Z])`)
	noLetter = regexp.MustCompile(`[^a-z0-9]+`)
)

// plainText makes one sequence of words of sentences, SYMBOLS_LIKE_THIS and
// namesLikeThis.
func plainText(text string) string {
	text = strings.ToLower(humps.ReplaceAllString(text, "$1 $2"))
	text = strings.NewReplacer("'", "", "\u2019", "").Replace(text) // doesn't
	return noLetter.ReplaceAllString(text, " ")
}

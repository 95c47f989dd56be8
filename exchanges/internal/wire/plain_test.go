package wire_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// plainly has refusals as exchanges write them, and every meaning that each may have.
var plainly = map[string][]access.Kind{
	"missing required scopes":                                              {access.KindForbidden},
	"Permission denied.":                                                   {access.KindForbidden},
	"PERMISSION_DENIED":                                                    {access.KindForbidden},
	"Insufficient permissions":                                             {access.KindForbidden},
	"The API key doesn't have the required permission.":                    {access.KindForbidden},
	"This key is not authorized to perform this action":                    {access.KindForbidden},
	"InsufficientPrivileges":                                               {access.KindForbidden},
	"More permission needed":                                               {access.KindForbidden},
	"Service unavailable from a restricted location":                       {access.KindGeoBlocked},
	"This service is not available in your country":                        {access.KindGeoBlocked},
	"Trading is not supported for users in your region.":                   {access.KindGeoBlocked},
	"COUNTRY_IS_BANNED":                                                    {access.KindGeoBlocked},
	"Unavailable for legal reasons":                                        {access.KindGeoBlocked},
	"2FA is required":                                                      {access.KindSecondFactor},
	"Please bind Google Authenticator first":                               {access.KindSecondFactor},
	"two-factor code missing":                                              {access.KindSecondFactor},
	"invalid OTP":                                                          {access.KindSecondFactor},
	"The API key has expired":                                              {access.KindExpired},
	"expired_api_key":                                                      {access.KindExpired},
	"Invalid API key":                                                      {access.KindBadKey},
	"API-key format invalid.":                                              {access.KindBadKey},
	"the access key does not exist":                                        {access.KindBadKey},
	"InvalidSignature":                                                     {access.KindBadSignature},
	"signature mismatch":                                                   {access.KindBadSignature},
	"Invalid passphrase":                                                   {access.KindBadSignature},
	"You don't have permission to use this endpoint":                       {access.KindForbidden},
	"You are not authorized to execute this request.":                      {access.KindForbidden},
	"This key does not allow trading actions":                              {access.KindForbidden},
	"Out of scope.":                                                        {access.KindForbidden},
	"The key is read only":                                                 {access.KindForbidden},
	"Due to compliance restrictions in your country":                       {access.KindGeoBlocked},
	"Due to local laws and regulations, you cannot trade":                  {access.KindGeoBlocked},
	"No active API key found.":                                             {access.KindBadKey},
	"API KEY information does not exist":                                   {access.KindBadKey},
	"EAPI:Invalid key":                                                     {access.KindBadKey},
	"Signature for this request is not valid.":                             {access.KindBadSignature},
	"signature check failed":                                               {access.KindBadSignature},
	"Passphrase error":                                                     {access.KindBadSignature},
	"Timestamp is outside of the recvWindow":                               {access.KindClockSkew},
	"Signature not valid: incorrect timestamp":                             {access.KindBadSignature, access.KindClockSkew},
	"APIKey does not match the current environment":                        {access.KindWrongEnvironment},
	"The API key does not exist or site mismatch":                          {access.KindBadKey, access.KindWrongEnvironment},
	"The api key or secret is in wrong format":                             {access.KindBadKey, access.KindBadSignature},
	"You can't access our services through the IP address (198.51.100.20)": {access.KindIPNotAllowed, access.KindGeoBlocked},
	"Your IP 198.51.100.20 is not in the API key's whitelist":              {access.KindIPNotAllowed, access.KindForbidden},
	"IP_NOT_IN_ALLOWLIST":                                                  {access.KindIPNotAllowed, access.KindForbidden},
	"Please set IP whitelist before using API.":                            {access.KindIPNotAllowed, access.KindForbidden},
	"Permission denied: the IP 198.51.100.20 is not bound to the key":      {access.KindIPNotAllowed, access.KindForbidden},
	"no permission from ip 2001:db8::9":                                    {access.KindIPNotAllowed, access.KindForbidden},
	"Unmatched IP":                                                         {access.KindIPNotAllowed, access.KindGeoBlocked},
	"ipForbidden":                                                          {access.KindIPNotAllowed, access.KindGeoBlocked},
	"This IP has been banned":                                              {access.KindIPNotAllowed, access.KindBanned},
	"Your IP is in a restricted country":                                   {access.KindIPNotAllowed, access.KindGeoBlocked},
	"Invalid API-key, IP, or permissions for action, request ip: 1.1.1":    {access.KindIPNotAllowed, access.KindForbidden, access.KindBadKey},
	"key not found or signature invalid":                                   {access.KindBadKey, access.KindBadSignature},
	"Invalid API key or secret":                                            {access.KindBadKey, access.KindBadSignature},
	"Invalid API key or invalid signature":                                 {access.KindBadKey, access.KindBadSignature},
}

// quiet are refusals that say nothing plainly, or something else.
var quiet = []string{
	"", "teleport was denied", "something else", "Too many requests from this IP, which is not allowed", "IP rate limit: blocked",
	"The recipient is not known", "shipping is not possible", "request expired", "token has expired", "Timestamp header is missing", "order not found",
	"The sign of the amount is wrong", "your region of interest", "no such location header", "API key type", "the key signs nothing",
}

// TestPlainWords: a refusal that says in words what is wrong is understood with
// whatever code and in whatever spelling. What speaks of an IP address is never only
// a missing right, and never proof of an allowlist.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	for message, kinds := range plainly {
		for _, text := range []string{message, strings.ToUpper(message)} {
			if text != message && !strings.ContainsAny(message, " _") { // whose words only its capitals show
				continue
			}
			said, coded := refuse(http.StatusForbidden, "unknown", text), refuse(http.StatusInternalServerError, text, "")
			for _, e := range []*access.Error{said, coded} {
				if len(kinds) == 1 {
					assert.Equal(t, kinds[0].String(), e.Kind.String(), text)
					continue
				}
				assert.Equal(t, access.KindAmbiguous.String(), e.Kind.String(), text)
				assert.ElementsMatch(t, kinds, e.Candidates, text)
			}
		}
		assert.Equal(t, access.KindRateLimited, refuse(http.StatusTooManyRequests, "unknown", message).Kind, message)
		assert.Equal(t, access.KindDisabled, refuse(http.StatusForbidden, "7", message).Kind, "a known code counts, whatever it says")
	}
	for _, message := range quiet {
		assert.Equal(t, access.KindNotUnderstood.String(), refuse(http.StatusForbidden, "unknown", message).Kind.String(), message)
	}
}

func refuse(status int, code, message string) *access.Error {
	return wire.Failures{wire.Is(access.KindDisabled, "7")}.Refusal(&adapter.Response{Status: status}, code, message)
}

// TestOwnPhrasesComeFirst: what an exchange's words mean there counts more than what
// they mean elsewhere, and less than its codes.
func TestOwnPhrasesComeFirst(t *testing.T) {
	t.Parallel()
	table, answer := wire.Failures{wire.Is(access.KindDisabled, "7")}, &adapter.Response{Status: http.StatusUnauthorized}
	own := wire.Is(access.KindIPNotAllowed, "ip mismatch")
	assert.Equal(t, access.KindIPNotAllowed, table.Refusal(answer, "8", "Request IP mismatch", own).Kind)
	assert.Equal(t, access.KindForbidden, table.Refusal(answer, "8", "Permission denied", own).Kind)
	assert.Equal(t, access.KindDisabled, table.Refusal(answer, "7", "Request IP mismatch", own).Kind)
}

// TestPlainWordsBesideWords: words of a table and plain words add up, so that a
// message that may mean several things never counts as the one that a table knows.
func TestPlainWordsBesideWords(t *testing.T) {
	t.Parallel()
	answer := &adapter.Response{Status: http.StatusOK}
	for message, kinds := range map[string][]access.Kind{
		"IP not allowed for this key":           {access.KindIPNotAllowed, access.KindForbidden, access.KindBadKey},
		"Invalid API key or nonce":              {access.KindBadKey, access.KindNonce},
		"the key wants a one-time password":     {access.KindSecondFactor, access.KindBadKey},
		"not available in your country":         {access.KindGeoBlocked},
		"key not found":                         {access.KindBadKey},
		"missing permission, or nonce too low.": {access.KindForbidden, access.KindNonce},
	} {
		e := wire.CommonWords.Refusal(answer, message)
		got := e.Candidates
		if e.Kind != access.KindAmbiguous {
			got = []access.Kind{e.Kind}
		}
		assert.ElementsMatch(t, kinds, got, message)
	}
}

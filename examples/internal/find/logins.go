package find

import (
	"net/url"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A key and its secret may be what somebody logs in with at an exchange's host: in a URL, in
// an option of curl's beside one, in .netrc. The host says which exchange it is.

const longestCommand = 1 << 10 // bytes before and after a URL that its command may have

// logins takes them, wherever in the text they stand.
func (s *scanner) logins() {
	for at := next(s.text, "://", 0); at >= 0; at = next(s.text, "://", at+3) {
		s.login(at)
	}
	const machine = "machine "
	for at := next(s.text, machine, 0); at >= 0; at = next(s.text, machine, at+1) {
		if at == 0 || strings.IndexByte(" \t\n", s.text[at-1]) >= 0 {
			s.netrc(at)
		}
	}
}

// login takes what a URL has before its host, or else what the command around it has.
func (s *scanner) login(at int) {
	rest := s.text[at+3 : min(len(s.text), at+3+4*longestPart)]
	if end := strings.IndexAny(rest, " \t\n\"'`<>\\"); end >= 0 {
		rest = rest[:end]
	}
	host := rest
	user := strings.LastIndexByte(rest, '@')
	if user >= 0 {
		host = rest[user+1:]
	}
	if end := strings.IndexAny(host, "/?#:,;)]}|"); end >= 0 {
		host = host[:end]
	}
	if user > 0 {
		id, secret, ok := strings.Cut(rest[:user], ":")
		if ok && s.atHost(at+3, host, id, secret) {
			return
		}
	}
	command, from := s.command(at)
	if !strings.Contains(command, " -") {
		return
	}
	for _, option := range loginOptions {
		if i := strings.Index(command, option); i >= 0 {
			value := strings.TrimLeft(command[i+len(option):], " =\"'")
			if end := strings.IndexAny(value, " \t\n\"'\\"); end >= 0 {
				value = value[:end]
			}
			if id, secret, ok := strings.Cut(value, ":"); ok && s.atHost(from+i, host, id, secret) {
				return
			}
		}
	}
}

// loginOptions are those of curl, HTTPie and others that take what somebody logs in with.
var loginOptions = []string{" -u", " --user", " -a", " --auth", " --basic"}

// command is the line around a place, with those that it goes on in, and where it begins.
func (s *scanner) command(at int) (text string, from int) {
	from, to := at, at
	for {
		from = strings.LastIndexByte(s.text[max(0, at-longestCommand):from], '\n') + max(0, at-longestCommand) + 1
		if from < 2 || !strings.HasSuffix(strings.TrimRight(s.text[:from-1], " \t"), `\`) || at-from > longestCommand/2 {
			break
		}
		from--
	}
	for last := min(len(s.text), at+longestCommand); ; {
		end := strings.IndexByte(s.text[to:last], '\n')
		if end < 0 {
			to = last
			break
		}
		to += end
		if !strings.HasSuffix(strings.TrimRight(s.text[from:to], " \t"), `\`) || to+1 >= last {
			break
		}
		to++
	}
	return s.text[from:to], from
}

// atHost takes the two as a key and its secret if the host is an exchange's.
func (s *scanner) atHost(at int, host, id, secret string) bool {
	id, secret = unpercent(id), unpercent(secret)
	if !plausible(id, shortestID) || !plausible(secret, shortestPart) || !random(secret) {
		return false
	}
	exchange := s.names.At(host)
	if named, known := s.names.Exchange(host); exchange == "" && known && !strings.Contains(host, ".") {
		exchange = named // of a line of .netrc
	}
	if exchange == "" || id == secret {
		return false
	}
	line := 1 + strings.Count(s.text[:at], "\n")
	f := &frame{kind: '(', parent: s.top, line: line}
	f.hints = append(f.hints, hint{exchange, host, s.fileLine(line), nil})
	for i, value := range []string{id, secret} {
		part := []adapter.Part{adapter.KeyPart, adapter.SecretPart}[i]
		s.add(&half{part: part, name: "login", value: adapter.NewSecret(strings.Clone(value)), size: len(value), frame: f, line: s.fileLine(line), column: 1, positional: true})
	}
	if strings.Contains(host, ".") {
		s.settings = append(s.settings, setting{name: "url", value: adapter.NewSecret("https://" + host), frame: f, line: s.fileLine(line)})
	}
	return true
}

// isLogin reports whether a text stands before the host of a URL, after a key: https://K:S@host.
func isLogin[T ~string | ~[]byte](data T, from, to int) bool {
	return from > 0 && to < len(data) && data[from-1] == ':' && data[to] == '@'
}

// unpercent undoes what URLs have for characters.
func unpercent(text string) string {
	if plain, err := url.PathUnescape(text); err == nil && strings.Contains(text, "%") {
		return plain
	}
	return text
}

// netrc takes an entry of .netrc or .authinfo: machine HOST login ID password SECRET, in any
// order, on one line or several.
func (s *scanner) netrc(at int) {
	fields := strings.Fields(s.text[at:min(len(s.text), at+6*longestPart)])
	values := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		if name := fields[i]; !slices.Contains(netrcWords, name) || values[name] != "" {
			break
		}
		values[fields[i]] = strings.Trim(fields[i+1], `"'`)
	}
	if id, secret := values["login"], values["password"]; id != "" && secret != "" {
		s.atHost(at+max(0, strings.Index(s.text[at:], secret)), values["machine"], id, secret)
	}
}

var netrcWords = []string{"machine", "login", "password", "account", "port"}

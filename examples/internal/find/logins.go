package find

import (
	"net/url"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A key and its secret may be what somebody logs in with at an exchange's host: in a URL, in
// an option of curl's beside one, in .netrc. The host says which exchange it is.

// loginName is how both halves are called: the order of the two is always the same.
const loginName = "login"

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
	at += len("://")
	if user := strings.LastIndexByte(rest, '@'); user > 0 {
		id, secret, ok := strings.Cut(rest[:user], ":")
		if ok && s.atHost(at, []string{s.origin(at, rest[user+1:])}, id, secret) {
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
			if id, secret, ok := strings.Cut(value, ":"); ok {
				origins := s.origins(at, command, from)
				if !isTarget(command, at-from, i) {
					origins = append(origins, elsewhere)
				}
				if s.atHost(from+i, origins, id, secret) {
					return
				}
			}
		}
	}
}

// elsewhere stands for a host that a command does not say as a URL.
const elsewhere = "https://host.invalid"

// otherValues are options whose value is no host that somebody logs in at, and ends what
// stands between two commands.
var (
	otherValues = []string{"-H", "-e", "-x", "-d", "-o", "-F", "-A", "-b", "-c", "--header", "--referer", "--proxy", "--preproxy", "--data", "--data-raw", "--output", "--form", "--user-agent", "--doh-url"}
	commandEnds = []string{";", "|", "&&", "`", "$("}
)

// isTarget reports whether a command asks the host of a URL in it, where an option of it has
// what somebody logs in with: the URL is a word of its own, and no value of another option.
func isTarget(command string, url, option int) bool {
	between := command[min(url, option):max(url, option)]
	if slices.ContainsFunc(commandEnds, func(mark string) bool { return strings.Contains(between, mark) }) {
		return false
	}
	before := strings.TrimRightFunc(command[:url-len("://")], func(r rune) bool { return !notLetter(r) })
	bare := strings.TrimRight(before, "\"'=")
	words := strings.Fields(bare)
	if len(words) == 0 {
		return true
	}
	switch last := words[len(words)-1]; {
	case strings.HasSuffix(bare, last):
		return last == "--url" && strings.HasSuffix(before, "=")
	case strings.IndexByte("\"'", last[0]) >= 0 && last[len(last)-1] != last[0]: // within quotes
		return false
	default:
		return !slices.Contains(otherValues, last)
	}
}

// origin is the scheme, the host and the port of a URL whose host a text begins with.
func (s *scanner) origin(at int, text string) string {
	scheme := "https://"
	if before := s.text[:at]; strings.HasSuffix(before, "://") {
		before = before[max(0, len(before)-len(scheme)):]
		scheme = before[strings.LastIndexFunc(before[:len(before)-len("://")], notLetter)+1:]
	}
	end := strings.IndexAny(text, "/?#,;)]}| \t\n\"'`<>\\&")
	if end < 0 {
		end = len(text)
	}
	host, port, _ := strings.Cut(text[:end], ":")
	if port == "" || strings.Trim(port, "0123456789") != "" {
		return scheme + host
	}
	return scheme + host + ":" + port
}

func notLetter(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }

// origins are that of a URL in a command, and those of the other URLs there: only one of them
// takes what somebody logs in with.
func (s *scanner) origins(at int, command string, from int) []string {
	all := []string{s.origin(at, s.text[at:])}
	for i := next(command, "://", 0); i >= 0; i = next(command, "://", i+3) {
		other := from + i + len("://")
		rest := s.text[other:min(len(s.text), other+longestSetting)]
		if o := s.origin(other, rest); other != at && !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
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

// atHost takes the two as a key and its secret if the first host is an exchange's. It is
// sent nowhere if there are others.
func (s *scanner) atHost(at int, origins []string, id, secret string) bool {
	id, secret = unpercent(id), unpercent(secret)
	if !plausible(id, shortestID) || !plausible(secret, shortestPart) || !random(secret) {
		return false
	}
	_, host, _ := strings.Cut(origins[0], "://")
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
		s.add(&half{part: part, name: loginName, value: adapter.NewSecret(strings.Clone(value)), size: len(value), frame: f, line: s.fileLine(line), column: 1, positional: true})
	}
	if strings.Contains(host, ".") {
		for _, origin := range origins {
			s.settings = append(s.settings, setting{name: "url", value: adapter.NewSecret(strings.Clone(origin)), frame: f, line: s.fileLine(line)})
		}
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
		host := values["machine"]
		if port := values["port"]; port != "" && strings.Trim(port, "0123456789") == "" {
			host += ":" + port
		}
		s.atHost(at+max(0, strings.Index(s.text[at:], secret)), []string{"https://" + host}, id, secret)
	}
}

var netrcWords = []string{"machine", "login", "password", "account", "port"}

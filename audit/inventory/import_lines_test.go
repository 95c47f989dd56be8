package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLinesOfAnyForm: a key that a file of variables holds in another form than NAME=value is
// audited where the form is clear, and else named, with its line; the key beside it is audited.
func TestLinesOfAnyForm(t *testing.T) {
	t.Parallel()
	const (
		audited = "bybit live"
		unread  = ` cannot be read: its line is not NAME=value`
		within  = ` has a key in its URL: list the key in an inventory`
	)
	for _, test := range []struct{ text, want string }{
		// .NET, Java and others
		{"Exchanges:Bybit:ApiKey=$B\nExchanges:Bybit:ApiSecret=$b", audited},
		{"Exchanges__Bybit__ApiKey=$B\nExchanges__Bybit__ApiSecret=$b", audited},
		{"Exchanges:Bybit:ApiKey: $B\nExchanges:Bybit:ApiSecret: $b", audited},
		{"export Exchanges__Bybit__ApiKey=$B\nexport Exchanges__Bybit__ApiSecret=$b", audited},
		{"Exchanges:0:Name=Bybit\nExchanges:0:ApiKey=$B\nExchanges:0:ApiSecret=$b", "the names of its variables match no exchange"},
		{"bybit.api.key=$B\nbybit.api.secret=$b", audited},
		{"bybit.api-key = $B\nbybit.api-secret = $b", audited},
		{"exchanges.bybit.apiKey=$B\nexchanges.bybit.apiSecret=$b", audited},
		// with blanks
		{"BYBIT API KEY=$B\nBYBIT API SECRET=$b", audited},
		{"Bybit API key: $B\nBybit API secret: $b", audited},
		{"Bybit Key = \"$B\"\nBybit Secret = \"$b\"", audited},
		{"My old Bybit thing=$B/$b", `"Bybit"` + unread},
		{"my dear bybit_key = $B and $b", `"bybit_key"` + unread},
		{"var bybitKey = \"$B\"\nvar bybitSecret = \"$b\"", `"bybitKey"` + unread},
		{"Exchanges:Bybit:ApiKey=$B\nExchanges:Bybit:ApiSecret=$b\nExchanges:Bybit:Testnet=true", "bybit testnet"},
		{"BYBIT API KEY=$B\nBYBIT API SECRET=$b\nBYBIT TESTNET=true", "bybit testnet"},
		{"Bybit API key: $B\nBybit API secret: $b\nuse Bybit testnet: yes", "bybit testnet"},
		{"BYBIT_API_KEY=$B\nBYBIT_API_SECRET=$b\nBybit environment = demo", "bybit demo"},
		{"BYBIT_API_KEY=$B\nBYBIT_API_SECRET=$b\nsetenv BYBIT_TESTNET true", "bybit testnet"},
		// of shells
		{"   BYBIT_API_KEY=$B\n\tBYBIT_API_SECRET = $b", audited},
		{"export BYBIT_API_KEY=$B\nset BYBIT_API_SECRET=$b", audited},
		{"$env:BYBIT_API_KEY = \"$B\"\n$Env:BYBIT_API_SECRET='$b'", audited},
		{"setenv BYBIT_API_KEY $B\nsetenv BYBIT_API_SECRET \"$b\"", audited},
		{"setenv BYBIT_API_KEY '$B'; setenv BYBIT_API_SECRET $b;", audited},
		{"set -x BYBIT_API_KEY $B\nset -gx BYBIT_API_SECRET '$b'", audited},
		{"set -x -g BYBIT_API_KEY $B # mine\nset --export BYBIT_API_SECRET $b", audited},
		{"setx BYBIT_API_KEY $B\nsetx BYBIT_API_SECRET \"$b\" /M", audited},
		{"SETX /M BYBIT_API_KEY \"$B\"\nSETX /M BYBIT_API_SECRET \"$b\"", audited},
		{"ENV BYBIT_API_KEY $B\nENV BYBIT_API_SECRET $b", audited},
		{"ARG BYBIT_API_KEY=$B\nARG BYBIT_API_SECRET=$b", audited},
		{"setenv BYBIT_API_KEY $B extra\nsetenv BYBIT_API_SECRET $b", `"BYBIT_API_KEY"` + unread},
		{"BYBIT_API_KEY $B\nBYBIT_API_SECRET $b", `"BYBIT_API_KEY"` + unread},
		{"BYBIT_API_KEY:$B\nBYBIT_API_SECRET:$b", `"BYBIT_API_KEY"` + unread},
		{"BYBIT_API_KEY:$B\nBYBIT_API_SECRET:abcdefGhij==", `"BYBIT_API_KEY"` + unread},
		{"BYBIT_API_KEY:abcdefGhij=\nBYBIT_API_SECRET:$b", `"BYBIT_API_KEY"` + unread},
		{"[Environment]::SetEnvironmentVariable(\"BYBIT_API_KEY\", \"$B\", \"User\")\n[Environment]::SetEnvironmentVariable(\"BYBIT_API_SECRET\", \"$b\", \"User\")", `"BYBIT_API_KEY"` + unread},
		{"define('BYBIT_API_KEY', '$B');\ndefine('BYBIT_API_SECRET', '$b');", `"BYBIT_API_KEY"` + unread},
		{"kubectl create secret generic x --from-literal=BYBIT_API_KEY=$B --from-literal=BYBIT_API_SECRET=$b", audited},
		{"<add key=\"Bybit.ApiKey\" value=\"$B\" />\n<add key=\"Bybit.ApiSecret\" value=\"$b\" />", `"Bybit.ApiKey"` + unread},
		{`"Exchanges:Bybit:ApiKey": "$B",` + "\n" + `"Exchanges:Bybit:ApiSecret": "$b"`, `"Exchanges:Bybit:ApiKey"` + unread},
		// lines of notes and tables
		{"bybit,$B,$b", `"bybit"` + unread},
		{"Bybit;$B;$b", `"Bybit"` + unread},
		{"gate,$B,$b", `"gate"` + unread},
		{"bybit $B $b", `"bybit"` + unread},
		{"bybit\t$B\t$b", `"bybit"` + unread},
		{"bybit:$B:$b", `"bybit"` + unread},
		{"$B,$b,bybit", `"bybit"` + unread},
		{"| Bybit | $B | $b |", `"Bybit"` + unread},
		{"(\"bybit\", \"$B\", \"$b\")", `"bybit"` + unread},
		{"grid bot on Bybit: $B / $b", `"grid bot on Bybit" looks like part of a key, but its name does not say which`},
		{"the grid of Alice at Bybit: $B / $b", `"Bybit"` + unread},
		{"key of bybit is $B", `"bybit"` + unread},
		// URLs
		{"EXCHANGE_URL=https://$B:$b@api.bybit.com", `"EXCHANGE_URL"` + within},
		{"BYBIT_URL=https://$B:$b@api.bybit.com/v5", `"BYBIT_URL"` + within},
		{"BYBIT_API=bybit://$B:$b@live", `"BYBIT_API"` + within},
		{"BROKER=ccxt+bybit://$B:$b@default", `"BROKER"` + within},
		{"ENDPOINT=https://api.bybit.com/v5?api_key=$B&secret=$b", `"ENDPOINT"` + within},
		{"https://$B:$b@api.bybit.com", `"bybit"` + unread},
		{"see https://$B:$b@api.gateio.ws/v4 for it", `"gate"` + unread},
	} {
		text := short.Replace("KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n" + test.text + "\n")
		for _, format := range []string{"env", "bbgo", "nautilus"} {
			in, err := From(format, writeBot(t, ".env", text), withVariables())
			require.NoError(t, err, test.text)
			var got []string
			for _, k := range in.Keys {
				c := loadKey(t, k)
				assert.Contains(t, []string{keyA + secretA, keyB + secretB}, c.Key+c.Secret.Reveal(), test.text)
				got = append(got, k.Exchange.Name+" "+k.Environment)
			}
			for _, s := range in.Skipped {
				got = append(got, s.Why)
				assert.Equal(t, 3, s.Line-strings.Count(strings.Split(test.text, "Exchanges:0:ApiKey")[0], "Exchanges:0"), test.text)
				for _, secret := range []string{keyB, secretB} {
					assert.NotContains(t, s.Name+s.Why, secret)
					assert.NotContains(t, strings.ToLower(s.Name+s.Why), strings.ToLower(secret))
				}
			}
			if assert.Len(t, got, 2, "%q: %q", test.text, got) {
				assert.Equal(t, "kraken live", got[0])
				assert.True(t, strings.HasPrefix(got[1], test.want), "%q: %q", test.text, got[1])
			}
		}
	}
}

// TestLinesOfOthers: what looks like none of an exchange's keys costs nothing.
func TestLinesOfOthers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Get the keys at https://www.bybit.com/app/user/api-management and put them here",
		"DATABASE_URL=postgres://bot:$B@db.example/x", "HTTP_PROXY=http://user:$B@10.0.0.1:3128", "BYBIT_PROXY_URL=http://user:$B@10.0.0.1:3128",
		"SENTRY_DSN=https://$B@o1.ingest.sentry.io/1", "RPC_URL=https://mainnet.infura.io/v3/$B", "REDIS=redis://:$b@cache:6379/0",
		"BYBIT_URL=https://api.bybit.com/v5/market?symbol=BTCUSDT", "BYBIT_URL=https://user:pass@api.bybit.com",
		"-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCbybitAQEA\nAQab==\n-----END CERTIFICATE-----",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2x9Qm3Zr9LpT2wVb8NaK7x0Qm3Zr9LpT2wVb8N me@host", "just words of bybit", "bybit,main,true", "the gate of $B is open", "[bybit]", "if [ -z \"${BYBIT_API_KEY}\" ]; then",
		"echo ${BYBIT_API_KEY} ${BYBIT_API_SECRET}", "unset BYBIT_API_KEY",
	} {
		in, err := From("env", writeBot(t, ".env", short.Replace("KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n"+text+"\n")), withVariables())
		require.NoError(t, err, text)
		assert.Equal(t, []string{"env/kraken"}, keyNames(in), text)
	}
}

// TestVariablesWithinOne: a variable whose value has variables of its own, with a key, is named.
func TestVariablesWithinOne(t *testing.T) {
	t.Parallel()
	const within = `skipped: "$N" holds variables of its own, with the key of an exchange`
	for _, name := range []string{"CREDS", "BYBIT", "BYBIT_CREDS", "DOCKER_OPTS", "BYBIT_ENV"} {
		for _, value := range []string{
			`"BYBIT_API_KEY=$A BYBIT_API_SECRET=$a"`, `'BYBIT_API_KEY=$A;BYBIT_API_SECRET=$a'`, `"BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a"`, `"export BYBIT_API_KEY=$A && export BYBIT_API_SECRET=$a"`,
			`"BYBIT_API_KEY: $A, BYBIT_API_SECRET: $a"`, `'-e BYBIT_API_KEY="$A" -e BYBIT_API_SECRET="$a"'`,
		} {
			plan(name+"="+value, strings.ReplaceAll(within, "$N", name)).check(t)
		}
	}
	for _, text := range []string{`OPTS="BYBIT_API_KEY=$KEY BYBIT_API_SECRET=your-secret"`, `CMD="my --bybit-key-file=/etc/keys/bybit BYBIT_SYMBOL=BTCUSDT"`} {
		assert.Empty(t, variablePlan(t, "env", text), text)
	}
}

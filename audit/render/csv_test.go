package render

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// table is a CSV file as rows of cells by column.
func table(tb testing.TB, r *audit.Report) (rows []map[string]string) {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, CSV(&buf, r, CSVOptions{}))
	records, err := csv.NewReader(&buf).ReadAll()
	require.NoError(tb, err)
	require.Equal(tb, CSVColumns(), records[0])
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSVRows(t *testing.T) {
	var got []string
	for _, row := range table(t, richReport()) {
		if name := row["name"]; !strings.HasPrefix(name, "bot ") && !strings.HasPrefix(row["rule"], "x") {
			got = append(got, strings.Join([]string{name, row["status"], row["severity"], row["rule"], row["new"]}, " "))
		}
	}
	assert.Equal(t, []string{
		"grid-bot-eth failed critical withdrawal new", "grid-bot-eth failed critical ip-allowlist ", "grid-bot-eth failed high unknown-permission new",
		"grid-bot-eth failed high key-age ", "grid-bot-eth failed medium main-account ", "grid-bot-eth failed low never-expires ",
		"grid-bot-eth failed info label ", "grid-bot-eth undetermined critical withdrawal-addresses ", "grid-bot-eth undetermined medium clock new",
		" not inspected high not-inspected ", "rebalancer not inspected high not-inspected new", "rebalancer failed high insecure-transport ",
		"rebalancer undetermined critical  ", "later not judged   ", "tax-report undetermined high ip-allowlist ", "sweeper waived high internal-transfer ",
		"arbitrage-1 clean   ", "arbitrage-2 clean   ", "price-watch clean   ", " failed medium key-vanished new",
	}, got)
}

func TestCSVCells(t *testing.T) {
	rows := table(t, &audit.Report{Results: []*audit.Result{worstKey(), refusedKey(), fixedKey(), attestedKey()}})
	first := rows[0]
	for column, want := range map[string]string{
		"exchange": "Bybit", "environment": "live", "key_id": "8Kd0…x9Qa", "account": "main …42", "policy": "spot-trading",
		"owner": "Ada Lovelace", "purpose": "grid trading in ETH", "review": "2027-02-22", "labels": "cost-centre=4711, desk=markets", "source": "fleet/keys.json:12",
		"ip_allowlist": "unrestricted", "created": "2025-09-22", "expires": "never", "last_used": "", "inspected": "2026-11-22", "key_page": keyPage,
		"rights": "read, trade.spot, withdraw, Wallet.Teleport; unknown: trade.margin, trade.futures, withdraw.addresses, transfer.internal, " +
			"transfer.external, subaccount.manage, apikey.manage",
	} {
		assert.Equal(t, want, first[column], column)
	}
	by := map[string]map[string]string{}
	for _, row := range rows {
		by[row["name"]] = row
	}
	assert.Equal(t, "2026-11-21", by["rebalancer"]["inspected"], "of a key that was not inspected, when it last was")
	assert.Equal(t, "ip-allowlist, key-age", by["arbitrage-2"]["resolved"])
	assert.Equal(t, "attested by the owner: ip-allowlist", by["price-watch"]["finding"])
	assert.Empty(t, table(t, &audit.Report{Results: []*audit.Result{nastyKey()}})[0]["key_page"])
}

func TestCSVMark(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, CSV(&buf, richReport(), CSVOptions{BOM: true}))
	assert.True(t, bytes.HasPrefix(buf.Bytes(), []byte("\xef\xbb\xbfname,exchange,")))
}

func TestDefused(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"plain; and so on":     "plain; and so on",
		"a-b=c@d+e":            "a-b=c@d+e",
		"=1+1":                 "'=1+1",
		"+1":                   "'+1",
		"-1":                   "'-1",
		"@SUM(1)":              "'@SUM(1)",
		"  =1":                 "  '=1",
		"\t=1":                 " '=1",
		"\r\n=1":               "  '=1",
		"\"=1":                 "\"'=1",
		"' =1":                 "' '=1",
		"＝1+1":                 "'＝1+1",
		"“＠x”":                 "“'＠x”",
		"\u00a0=1":             " '=1",
		"\u200b=1":             `\u200b=1`,
		"a;=1":                 "a;'=1",
		`a"; "=cmd|' /C x'!A0`: `a"; "'=cmd|' /C x'!A0`,
		"=cmd|' /C calc'!A0":   "'=cmd|' /C calc'!A0",
		"\x00=1":               `\u0000=1`,
	} {
		assert.Equal(t, want, defused(in), "%q", in)
	}
	assert.LessOrEqual(t, len(defused(strings.Repeat("x", 100_000))), csvLongest+len("…"))
}

// formula finds a sign that could begin a formula and has no apostrophe.
var formula = regexp.MustCompile("(?:^|;)(?:[\\s\"'`«»“”„‘’´＂＇]*[\\s\"`«»“”„‘’´＂＇])?[=+\\-@＝＋－＠﹦﹢﹣﹫]")

// FuzzCSV: whatever a label contains, no cell of the file begins a formula,
// whether commas or semicolons separate the cells, and every row has all columns.
func FuzzCSV(f *testing.F) {
	f.Add(nasty, "=1", "@x")
	f.Add("a;=1", "\"\"=1", ",=1\r\n=1")
	f.Add("\xff;\n;-1", "'=1", "＝1")
	f.Fuzz(func(t *testing.T, name, message, label string) {
		key := judged(name, finding(label, audit.Failed, audit.Low, access.Reported, message, message))
		key.Record.Labels = map[string]string{label: message}
		key.Record.Source.File = name
		key.Resolved = []string{message, label}
		for _, row := range table(t, &audit.Report{Results: []*audit.Result{key}}) {
			for _, cell := range row {
				require.NotRegexp(t, formula, cell)
			}
		}
		var buf bytes.Buffer
		require.NoError(t, CSV(&buf, &audit.Report{Results: []*audit.Result{key}}, CSVOptions{}))
		for line := range strings.Lines(buf.String()) { // as a spreadsheet reads it where semicolons separate cells
			for cell := range strings.SplitSeq(line, ";") {
				require.NotRegexp(t, formula, strings.TrimSpace(cell))
			}
		}
	})
}

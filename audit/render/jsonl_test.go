package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func lines(tb testing.TB, r *audit.Report) string {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, NewJSONLines(&buf).Report(r))
	return buf.String()
}

var chained = regexp.MustCompile(`^(\{"type":"[a-z]+".*),"chain":"([0-9a-f]{64})"\}\n$`)

// checkChain follows a chain as the documentation of JSONLines describes it.
func checkChain(tb testing.TB, stream string) (end string) {
	tb.Helper()
	for n, line := range strings.SplitAfter(strings.TrimSuffix(stream, "\n"), "\n") {
		parts := chained.FindStringSubmatch(strings.TrimSuffix(line, "\n") + "\n")
		require.NotNil(tb, parts, "line %d", n+1)
		if n == 0 {
			var start struct{ After string }
			require.NoError(tb, json.Unmarshal([]byte(line), &start))
			end = start.After
		}
		end = fmt.Sprintf("%x", sha256.Sum256([]byte(end+parts[1]+"}")))
		require.Equal(tb, parts[2], end, "line %d", n+1)
	}
	return end
}

// sealed gives lines the chain that they would have.
func sealed(bodies ...string) string {
	var out strings.Builder
	chain := ""
	for _, body := range bodies {
		chain = fmt.Sprintf("%x", sha256.Sum256([]byte(chain+body)))
		fmt.Fprintf(&out, "%s,\"chain\":%q}\n", strings.TrimSuffix(body, "}"), chain)
	}
	return out.String()
}

// bodies are lines without their chain.
func bodies(stream string) (out []string) {
	for line := range strings.SplitAfterSeq(strings.TrimSuffix(stream, "\n"), "\n") {
		if parts := chained.FindStringSubmatch(strings.TrimSuffix(line, "\n") + "\n"); parts != nil {
			out = append(out, parts[1]+"}")
		}
	}
	return out
}

func TestReadJSONLines(t *testing.T) {
	empty := audit.Collect(slices.Values([]*audit.Result{}), clock)
	empty.Recount()
	for name, r := range map[string]*audit.Report{"rich": richReport(), "run": run(t), "empty": empty} {
		t.Run(name, func(t *testing.T) {
			stream := lines(t, r)
			back, err := ReadJSONLines(strings.NewReader(stream))
			require.NoError(t, err)
			assert.Equal(t, string(marshal(t, r)), string(marshal(t, back)))
			assert.Equal(t, stream, lines(t, back))

			end, err := ReadChain(strings.NewReader(stream))
			require.NoError(t, err)
			assert.Equal(t, checkChain(t, stream), end)
			assert.Equal(t, sealed(bodies(stream)...), stream)
		})
	}
}

func TestReadReport(t *testing.T) {
	for name, stored := range map[string]string{"json": string(marshal(t, richReport())), "lines": lines(t, richReport())} {
		t.Run(name, func(t *testing.T) {
			back, err := ReadReport(iotest.OneByteReader(strings.NewReader(stored)))
			require.NoError(t, err)
			assert.Equal(t, string(marshal(t, richReport())), string(marshal(t, back)))
		})
	}
	_, err := ReadReport(strings.NewReader(""))
	require.ErrorIs(t, err, errOther)
	_, err = ReadReport(strings.NewReader(`{"schema": 1, `))
	require.ErrorIs(t, err, errNotJSON)
	_, err = ReadReport(strings.NewReader(`{"type":"sta`))
	require.ErrorIs(t, err, ErrCutOff)
}

// TestChainShowsEveryChange: of a stream that ends in its summary, no part can
// be changed, removed, duplicated or moved.
func TestChainShowsEveryChange(t *testing.T) {
	r := richReport()
	stream := lines(t, r)
	all := strings.SplitAfter(stream, "\n")
	all = all[:len(all)-1]
	refused := func(what string, changed ...string) {
		t.Helper()
		_, err := ReadJSONLines(strings.NewReader(strings.Join(changed, "")))
		require.Error(t, err, what)
		_, err = ReadChain(strings.NewReader(strings.Join(changed, "")))
		require.Error(t, err, what)
	}
	for i := range stream {
		if i%97 == 0 || i > len(stream)-200 {
			refused(fmt.Sprintf("byte %d", i), stream[:i], string(stream[i]^1), stream[i+1:])
		}
	}
	for i := range all {
		refused("one less", append(slices.Clone(all[:i]), all[i+1:]...)...)
		refused("a duplicate", append(slices.Clone(all[:i+1]), all[i:]...)...)
		if i > 0 {
			moved := slices.Clone(all)
			moved[i-1], moved[i] = moved[i], moved[i-1]
			refused("two swapped", moved...)
		}
	}
	r.Results[0].Findings[0].Outcome = audit.Passed
	other := strings.SplitAfter(lines(t, r), "\n")
	refused("a line of another stream", append([]string{all[0], other[1]}, all[2:]...)...)
	refused("two streams", stream, stream)
}

// TestChainContinues: the reports of all runs are one chain.
func TestChainContinues(t *testing.T) {
	var first, second bytes.Buffer
	before := NewJSONLines(&first)
	require.NoError(t, before.Report(run(t)))
	after := NewJSONLines(&second).After(before.Chain())
	require.NoError(t, after.Report(richReport()))

	assert.Equal(t, before.Chain(), checkChain(t, first.String()))
	assert.Equal(t, after.Chain(), checkChain(t, second.String()))
	assert.Contains(t, second.String(), `"after":"`+before.Chain()+`"`)
	assert.NotEqual(t, sealed(bodies(second.String())...), second.String(), "the chain must depend on what it continues")
	_, err := ReadJSONLines(&second)
	require.NoError(t, err)
}

// TestCutOff: wherever a run was killed, what is there can be read, is not
// taken for a complete report, and can be continued.
func TestCutOff(t *testing.T) {
	r := richReport()
	stream := lines(t, r)
	for i := 0; i < len(stream); i += 1 + len(stream)/300 {
		report, err := ReadJSONLines(strings.NewReader(stream[:i]))
		require.ErrorIs(t, err, ErrCutOff, "after %d bytes", i)
		whole := stream[:strings.LastIndexByte(stream[:i], '\n')+1]
		n := max(0, min(strings.Count(whole, "\n")-1, len(r.Results)))
		require.Len(t, report.Results, n)
		require.Equal(t, n, report.Summary.Keys)

		var more bytes.Buffer
		chain, err := ReadChain(strings.NewReader(stream[:i]))
		require.ErrorIs(t, err, ErrCutOff)
		if whole == "" {
			require.Empty(t, chain)
			continue
		}
		writer := NewJSONLines(&more).After(chain)
		for _, result := range r.Results[n:] {
			require.NoError(t, writer.Result(result))
		}
		require.NoError(t, writer.Summary(r.Summary, r.Finished))
		again, err := ReadJSONLines(strings.NewReader(whole + more.String()))
		require.NoError(t, err)
		require.Len(t, again.Results, len(r.Results))
	}
}

func TestReadJSONLinesRefuses(t *testing.T) {
	const start, canary = `{"type":"start","schema":2}`, "canary4711"
	for name, c := range map[string]struct{ stream, want string }{
		"no type":               {`{"name":"` + canary + `"}` + "\n", "line 1 is not one that JSONLines wrote"},
		"no chain":              {start + "\n", "line 1 is not one that JSONLines wrote"},
		"half a type":           {`{"type":"` + canary + "\n", "line 1 is not one"},
		"no start":              {sealed(`{"type":"summary"}`), "line 1 is not the start of a stream"},
		"a second start":        {sealed(start, start), "line 2 starts another stream"},
		"more":                  {sealed(start, `{"type":"summary"}`, `{"type":"result"}`), "line 3 comes after the summary"},
		"a newer version":       {sealed(`{"type":"start","schema":3}`), "line 1 has schema version 3 and this release reads version 2"},
		"an odd start":          {sealed(`{"type":"start","schema":"` + canary + `"}`), "line 1 doesn't follow the schema"},
		"no snapshot":           {sealed(start, `{"type":"result","findings":[]}`), "line 2 has no snapshot"},
		"no findings":           {sealed(start, `{"type":"result","snapshot":{"schema":2}}`), "line 2 has no list of findings"},
		"an unknown word":       {sealed(start, `{"type":"result","snapshot":{"schema":2},"findings":[{"outcome":"`+canary+`"}]}`), "line 2 doesn't follow the schema"},
		"no severity":           {sealed(start, `{"type":"finding","outcome":"failed"}`), "line 2 has a failed or undetermined finding without a severity"},
		"an odd finding":        {sealed(start, `{"type":"finding","outcome":"`+canary+`"}`), "line 2 doesn't follow the schema"},
		"an odd summary":        {sealed(start, `{"type":"summary","finished":"`+canary+`"}`), "line 2 doesn't follow the schema"},
		"no JSON":               {sealed(start, `{"type":"result",`+canary+`}`), "line 2 doesn't follow the schema"},
		"a finding before":      {sealed(`{"type":"finding","severity":"low"}`), "line 1 is not the start"},
		"too long":              {sealed(start, `{"type":"result","x":"`+strings.Repeat("x", maxLine)+`"}`), "line 2 is longer than"},
		"not of this character": {"\x00\x00\n", "line 1 is not one that JSONLines wrote"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := ReadJSONLines(strings.NewReader(c.stream))
			require.ErrorContains(t, err, "render: "+c.want)
			require.NotErrorIs(t, err, ErrCutOff)
			assert.Nil(t, report)
			assert.NotContains(t, err.Error(), canary)
		})
	}
	_, err := ReadJSONLines(iotest.ErrReader(io.ErrUnexpectedEOF))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	report, err := ReadJSONLines(strings.NewReader(sealed(start, `{"type":"weather","x":[]}`, `{"type":"summary"}`)))
	require.NoError(t, err, "a type that a later release may add")
	assert.Empty(t, report.Results)
}

// TestReadJSONLinesShares: what thousands of results have in common is kept
// once.
func TestReadJSONLinesShares(t *testing.T) {
	back, err := ReadJSONLines(strings.NewReader(lines(t, &audit.Report{Results: []*audit.Result{worstKey(), worstKey()}})))
	require.NoError(t, err)
	a, b := back.Results[0], back.Results[1]
	for _, texts := range [][2]string{
		{a.Findings[0].Remedy, b.Findings[0].Remedy},
		{a.KeyPage, b.KeyPage},
		{a.Snapshot.Grants[3].Names[0], b.Snapshot.Grants[3].Names[0]},
		{string(a.JudgedBy.Needs[0]), string(b.JudgedBy.Needs[0])},
	} {
		assert.Same(t, unsafe.StringData(texts[0]), unsafe.StringData(texts[1]), texts[0])
	}
	assert.Equal(t, len(a.Findings), cap(a.Findings))
}

// FuzzReadJSONLines: what is read is written and read again as the same.
func FuzzReadJSONLines(f *testing.F) {
	f.Add(strings.Join(bodies(lines(f, richReport())), "\n"))
	f.Add(strings.Join(bodies(lines(f, run(f))), "\n"))
	f.Add(`{"type":"start","schema":2,"after":"x"}` + "\n" + `{"type":"finding","severity":"low"}`)
	f.Add("\n{}\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = ReadJSONLines(strings.NewReader(text))
		first, err := ReadJSONLines(strings.NewReader(sealed(strings.Split(text, "\n")...)))
		if first == nil {
			require.Error(t, err)
			return
		}
		stream := lines(t, first)
		checkChain(t, stream)
		second, err := ReadJSONLines(strings.NewReader(stream))
		require.NoError(t, err)
		require.Equal(t, stream, lines(t, second))
	})
}

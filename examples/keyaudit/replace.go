package main

import (
	"io"
	"os"
	"regexp"
	"strings"
)

// reportMarks are how a report of each format begins, once colours are gone and each
// space is one.
var reportMarks = regexp.MustCompile(`^\{ ?"schema": ?\d+, ?"version":|^\{ ?"found": ?\[|^\{"type":"start","schema":|` + // JSON, JSON Lines
	`^\x{feff}?name,exchange,environment,key_id,|` + // CSV
	`^\{"activity_id":\d+,.{0,200}"category_name":"Findings"|` + // OCSF
	`^\{ ?"\$schema": ?"[^"]*/sarif[^"]*".{0,200}"name": ?"exchangekeyaudit"|^# HELP exchangekeyaudit_|` + // SARIF, Prometheus
	`^<!doctype html>.*?<title>(DEMO: )?API key audit|^<\?xml.{0,100}<testsuites name=".{0,20}API key audit|^## API key audit|` + // HTML, JUnit, Markdown
	`^(DEMO: the exchanges are fakes, and what this report says is invented )?([^.]{1,200}\. )?(\d+ keys?, findings: |no key was audited)|^\d+ keys? in \d+ places?\b|^Found no key of an exchange\b`) // text

var (
	colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	spaces  = regexp.MustCompile(`\s+`)
)

// replaceable reports whether a report may take the place of what is there: a report, or
// an empty file. A mistyped path must cost nobody a file.
func replaceable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true // or is refused for what it is
	}
	return isReport(path)
}

// isReport reports whether a file begins as a report of this program does.
func isReport(path string) bool {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // opened for reading
	head, err := io.ReadAll(io.LimitReader(file, 8<<10))
	text := spaces.ReplaceAllString(colours.ReplaceAllString(string(head), ""), " ")
	return err == nil && reportMarks.MatchString(strings.TrimSpace(text))
}

// Package render writes an audit.Report for people and for programs: as text
// for a terminal, as Markdown for pull requests and job summaries, as a page
// for a browser and as CSV for a spreadsheet; as JSON that can be read and
// judged again and as one JSON object a line while the audit runs; and for the
// places where findings are gathered, as SARIF, JUnit XML, OCSF events and
// Prometheus metrics.
//
// Every format shows what could not be decided as such and never as passed,
// and takes every text as hostile, even in a stored report: nothing in it can
// move a terminal's cursor, reorder a line, or become mark-up or a formula.
// The same report gives the same bytes.
package render

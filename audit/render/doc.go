// Package render writes an audit.Report for people and for programs: as text
// for a terminal, as Markdown for pull requests and job summaries, as HTML for
// a browser and as CSV for a spreadsheet; as JSON that can be read and judged
// again, and as JSON Lines while the audit runs; and as SARIF, JUnit XML, OCSF
// events and Prometheus metrics for the systems that collect findings.
//
// Every format shows what could not be determined as such and never as passed.
// All text is untrusted, also in a stored report: none of it can move a
// terminal's cursor, reorder a line, or become mark-up or a formula. The same
// report gives the same bytes.
package render

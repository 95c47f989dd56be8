// Package copies finds given texts, such as secrets, in files: as they are, in base64,
// hexadecimal and UTF-16, with escapes, over several lines, and in archives.
package copies

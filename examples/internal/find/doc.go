// Package find finds the API keys of exchanges in files: bots' own files, .env and
// what is like it, configuration, source code, logs. It sends nothing and writes
// nothing, and no secret is in anything that it returns but an adapter.Secret.
package find

package main

const usageHead = `nightly audits the API keys of a firm: what each may do, from where, and for how long, and
what has changed since the last time. It sends the venues' documented reads only, and never an
order or a withdrawal.

  nightly -demo                       audit an invented fleet on fake venues, without a network
  nightly -from freqtrade=config.json audit the keys in a bot's own file
  nightly -keys FILE                  audit the keys that an inventory names
  nightly -keys FILE -dry-run         show what would be sent, and send nothing
  nightly -keys FILE -state FILE -quiet
                                      every night: say only what has changed

Commands: nightly init | diff | judge | explain | rules | venues, each with -help.

`

const usageTail = `
An inventory:

  {"keys": [{"name": "grid-eu-1", "exchange": "bybit", "key": "env:GRID_KEY",
             "secret": "file:grid.secret", "policy": "spot-trading", "owner": "trading desk"}]}

  A key has name, exchange, environment, key, secret, passphrase, otp (or from, a bot's own file),
  policy, expected_ips, owner, purpose, review, labels, stage, egress, base_url, nonce_unit,
  nonce_floor, attestations and waivers. The public half may stand there; secrets are kept
  elsewhere: env:NAME, file:PATH, file:PATH#/json/pointer, credential:NAME (systemd),
  exec:["command","argument"], stdin, keyring:service/user, age:PATH.
  A policy is a name (read-only, spot-trading, futures-trading, trading, treasury, agent, or one
  of the inventory's "policies") or an object. nightly init writes an inventory to start from.

Exit codes: 0 nothing at or above the level; 1 findings at or above it; 2 the input was
wrong and nothing was sent; 3 a key or a fact could not be assessed; 4 the report could
not be written, or nobody be told of a clean run; 130 stopped by a signal, after writing what
there was.
`

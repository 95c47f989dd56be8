package main

const usageHead = `keyaudit audits the API keys of a firm: what each may do, from where, and for how long, and
what has changed since the previous run. It sends documented reads only, and never an order or a
withdrawal.

  keyaudit --demo                        audit an invented fleet on fake exchanges, without a network
  keyaudit --from freqtrade=config.json  audit the keys in a bot's own file
  keyaudit --keys FILE                   audit the keys that an inventory names
  keyaudit --keys FILE --dry-run         show what would be sent, and send nothing
  keyaudit --keys FILE --state FILE --quiet
                                         for a scheduler: show only what has changed
  keyaudit --demo --workers 3            the same by workers, as on many hosts; see keyaudit fleet

`

const usageTail = `
An inventory:

  {"keys": [{"name": "grid-eu-1", "exchange": "bybit", "key": "env:GRID_KEY",
             "secret": "file:grid.secret", "policy": "spot-trading", "owner": "trading desk"}]}

  A key has name, exchange, environment, key, secret, passphrase, otp (or from, a bot's own file),
  policy, expected_ips, owner, purpose, review, labels, stage, egress, base_url, nonce_unit,
  nonce_floor, attestations and waivers. The key's id may be written in the inventory. Secrets are
  kept elsewhere: env:NAME, file:PATH, file:PATH#/json/pointer, credential:NAME (systemd),
  exec:["command","argument"], stdin, keyring:service/user, age:PATH.
  A policy is a name (read-only, spot-trading, futures-trading, trading, treasury, agent, or one
  of the inventory's "policies") or an object. keyaudit init writes an inventory to start from.

Notifications contain counts and rules. Their URLs contain tokens, so they are kept where secrets
are. The webhook URLs that Slack, Discord and Teams give are used as they are. Others are written
as https://shoutrrr.nickfedor.com describes: telegram://…, smtp://… for mail, generic+https://…
for webhooks.

Exit codes:

  0    every key assessed, no finding at or above the level
  1    findings at or above it
  2    invalid input; nothing was sent
  3    no such finding, but a key, or a fact at or above the level, could not be assessed; or the
       state is not the one that the previous run left: see --state-new
  4    the report could not be written, or the success notification failed
  130  stopped by a signal, after writing the results so far
`

// runHead is the help of the command by its name.
const runHead = "keyaudit run audits keys, as keyaudit does without a command; keyaudit --help describes it.\n\n"

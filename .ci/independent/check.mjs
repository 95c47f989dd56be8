// Checks the fakes with ccxt, a client that is not part of this project: it builds
// and signs the requests of each exchange, and the fake must accept them. It must
// refuse the same request signed with another key's secret.
//
// Everything goes to the fakes' loopback address. A connection to anywhere else is
// an error.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { rows } from './rows.mjs';

const [, , modules] = process.argv; // the folder that ccxt was installed into
const need = createRequire(`${process.cwd()}/${modules}/`);
const ccxt = need('ccxt');
const bring = (name) => import(pathToFileURL(need.resolve(name))); // one of ccxt's own packages
const { secp256k1 } = await bring('@noble/curves/secp256k1.js');
const { ripemd160 } = await bring('@noble/hashes/legacy.js');
const { sha256 } = await bring('@noble/hashes/sha2.js');
const { getStarkKey } = await bring('@scure/starknet');
const { bech32 } = await bring('@scure/base');

const server = spawn('go', ['run', '.ci/independent/serve.go'], { stdio: ['pipe', 'pipe', 'inherit'] });
const first = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
if (first.done) {
  console.error('the fakes did not start');
  process.exit(1);
}
const { url, keys, wallets } = JSON.parse(first.value);
const loopback = new URL(url);

const connect = Socket.prototype.connect;
Socket.prototype.connect = function guarded(...args) {
  const [to] = Array.isArray(args[0]) ? args[0] : args;
  if (to?.host !== loopback.hostname || String(to?.port) !== loopback.port) throw new Error('a connection to elsewhere was refused');
  return connect.apply(this, args);
};

/** Sends what ccxt has built and signed to the fakes. */
function send(target, method, headers, body) {
  const { host, pathname, search } = new URL(target);
  const own = Object.fromEntries(Object.entries(headers ?? {}).filter(([, value]) => value !== undefined));
  const options = { host: loopback.hostname, port: loopback.port, method, path: pathname + search, headers: { ...own, Host: host }, timeout: 10_000, agent: false };
  return new Promise((resolve, reject) => {
    const request = http.request(options, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      let json;
      try {
        json = JSON.parse(text);
      } catch {
        // not JSON: no expected member is in it
      }
      resolve({ status: response.statusCode, text, json });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.end(body);
  });
}

/** Makes one call with a fresh client. */
async function ask(row, call, key, secret) {
  const client = new ccxt[row.id]({
    apiKey: key.key, secret: row.secret ? row.secret(secret) : secret, password: key.passphrase, enableRateLimit: false, ...row.config,
    ...(key.account && { privateKey: secret, walletAddress: key.account, accountId: key.account }),
  });
  if (row.mode) client[row.mode](true);
  client.fetch = (target, method, headers, body) => send(target, method, { ...client.headers, ...headers }, body);
  const [path, api, method] = call.split(' ');
  const params = row.params?.(key, client) ?? {};
  return method ? client.request(path, api, method, params) : client[call](params);
}

const member = (answer, path) => path.split('.').reduce((value, name) => value?.[name], answer);
const accepted = (answer, path) => answer.status >= 200 && answer.status < 300 && (member(answer.json, path) ?? null) !== null;
const short = (text) => text.replace(/\s+/g, ' ').slice(0, 200);

/** Says what is wrong with a row, or nothing. */
async function wrong(row) {
  const key = keys[[row.exchange, row.key].filter(Boolean).join(' ')];
  if (!key) return 'there is no such fake';
  if (!ccxt[row.id]) return `ccxt has no ${row.id}`;
  for (const [call, expected] of Object.entries(row.calls)) {
    try {
      // the fakes' RSA keys are all the same
      if (!row.unsigned && key.wrong !== key.secret && accepted(await ask(row, call, key, key.wrong), expected)) return `${call}: accepted with another key's secret`;
      await new Promise((resolve) => setTimeout(resolve, 5)); // ccxt's nonces are times in milliseconds
      const answer = await ask(row, call, key, key.secret);
      if (!accepted(answer, expected)) return `${call}: no ${expected} in ${answer.status} ${short(answer.text)}`;
    } catch (error) {
      return `${call}: ${short(String(error))}`;
    }
  }
  return '';
}

/** Counts the wallets whose addresses ccxt and its packages derive as the adapters do. */
function derived() {
  const client = new ccxt.hyperliquid();
  const ethereum = (key) => client.ethGetAddressFromPrivateKey(key).toLowerCase();
  const encode = (prefix, raw) => bech32.encode(prefix, bech32.toWords(raw));
  const derive = {
    hyperliquid: ethereum,
    dydx: (key) => encode('dydx', ripemd160(sha256(secp256k1.getPublicKey(Buffer.from(key, 'hex'), true)))),
    paradex: (key) => getStarkKey(key),
    injective: (key) => encode('inj', Buffer.from(ethereum(key).slice(2), 'hex')),
  };
  return wallets.filter(({ private: key, addresses }) => Object.entries(addresses).every(([exchange, address]) => derive[exchange](key) === address)).length;
}

const modes = { setSandboxMode: 'test', enableDemoTrading: 'demo' };
let agree = 0;
let disagree = 0;
const exchanges = [...new Set(rows.map((row) => row.exchange))];
for (const exchange of exchanges) {
  const calls = {}; // that agree, by client and key
  const trouble = [];
  const differs = [];
  for (const row of rows.filter((other) => other.exchange === exchange)) {
    const name = [row.id, row.key, modes[row.mode]].filter(Boolean).join(' ');
    const said = await wrong(row);
    if (said) trouble.push(`${name}: ${said}`);
    else if (row.differs) differs.push(`${name}: known difference: ${row.differs}`);
    else calls[name] = (calls[name] ?? 0) + Object.keys(row.calls).length;
  }
  const good = Object.entries(calls).map(([name, count]) => (count > 1 ? `${name} (${count} calls)` : name));
  if (trouble.length) disagree++;
  else if (good.length) agree++;
  const verdict = trouble.length ? 'DISAGREES' : good.length ? 'agrees' : 'differs';
  console.log(`${verdict.padEnd(9)}  ${exchange.padEnd(16)}  ${[...trouble, ...good, ...differs].join('; ')}`);
}
const rest = Object.keys(keys).filter((name) => !name.includes(' ') && !exchanges.includes(name));
for (const [why, names] of [
  ['in ccxt, but no row yet', rest.filter((name) => ccxt[name])],
  ['not in ccxt', rest.filter((name) => !ccxt[name])],
]) {
  if (names.length) console.log(`${why}: ${names.join(', ')}`);
}
const same = derived();
console.log(`${same} of ${wallets.length} wallet addresses agree`);
console.log(`${agree} exchanges agree, ${disagree} disagree`);
server.stdin.end();
process.exitCode = disagree || same !== wallets.length || !same ? 1 : 0;

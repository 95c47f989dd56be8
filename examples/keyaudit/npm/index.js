"use strict";
// Runs keyaudit check, and returns its answer or throws it: see index.d.ts. It is CommonJS,
// so that import and require give the same classes.
const { execFile } = require("node:child_process");
const path = require("node:path");

class KeyauditError extends Error {
  constructor(reasons, { code = null, keys = [] } = {}) {
    super(reasons.slice(0, 3).join("; ") + (reasons.length > 3 ? `; and ${reasons.length - 3} more` : ""));
    Object.assign(this, { name: new.target.name, code, reasons, keys });
  }
}
class UnsafeError extends KeyauditError {}
class InputError extends KeyauditError {}
class UndeterminedError extends KeyauditError {}
class UnreachableError extends KeyauditError {}
const byCode = { 1: UnsafeError, 2: InputError, 3: UndeterminedError, 5: UnreachableError };

const flags = {
  keys: "list", from: "list", only: "list", policy: "string", failOn: "string", timeout: "string",
  allowUnreachable: "string", memory: "string", allowPlain: "boolean", demo: "boolean",
};

const kinds = { string: "a string that is not empty", list: "a string or a list of strings, none of them empty", boolean: "true or false" };

function binary() {
  if (process.env.KEYAUDIT_BINARY) return path.resolve(process.env.KEYAUDIT_BINARY);
  const name = `@keyaudit/${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/keyaudit${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    throw new KeyauditError([`the package ${name} is missing: install keyaudit again on this platform and without --omit=optional, or set KEYAUDIT_BINARY to the path of the program`]);
  }
}

// flag is an option as on the command line. What is undefined or empty by mistake must not
// turn into a check of something else.
function flag([name, value]) {
  const kind = Object.hasOwn(flags, name) ? flags[name] : "";
  const values = kind === "list" && Array.isArray(value) ? Array.from({ length: value.length }, (_, i) => value[i]) : [value]; // a hole is undefined
  if (kind === "") throw new InputError([`there is no option ${name}`], { code: 2 });
  if (values.length === 0 || values.some((v) => v === "" || typeof v !== (kind === "boolean" ? kind : "string"))) {
    throw new InputError([`${name}: give it ${kinds[kind]}, or leave it out`], { code: 2 });
  }
  return values.map((v) => `--${name.replace(/[A-Z]/g, (c) => "-" + c.toLowerCase())}=${v}`);
}

function run(program, args, env, seconds) {
  return new Promise((resolve) => {
    const limits = { timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: 1 << 26 };
    const child = execFile(program, args, { env, windowsHide: true, ...limits }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      let end = `keyaudit ended with exit code ${code} and without its answer`;
      if (error?.killed) end = `keyaudit was stopped: it took longer than ${seconds} seconds, or printed too much`;
      else if (error?.signal) end = `keyaudit was stopped by ${error.signal}`;
      else if (code === null) end = `${program} cannot be run (${error.code})`;
      resolve({ code, stdout, said: [end, ...stderr.split("\n").filter(Boolean).slice(0, 20)] });
    });
    child.stdin?.on("error", () => {}).end();
  });
}

// read is the program's answer, if it is one and the exit code says the same.
function read(stdout, code) {
  try {
    const { ok, exit_code, reasons, keys } = JSON.parse(stdout);
    const sound = ok === (code === 0) && exit_code === code && reasons.every((r) => typeof r === "string") && keys.every((k) => typeof k.name === "string");
    const remembered = (k) => k.verdict === "unreachable" && typeof k.remembered === "string" && k.remembered !== "";
    const safe = (k) => k.ok === true && k.name !== "" && !k.findings?.length && (k.verdict === "safe" || remembered(k));
    return sound && (ok ? reasons.length === 0 && keys.length > 0 && keys.every(safe) : reasons.length > 0) ? { reasons, keys } : null;
  } catch {
    return null;
  }
}

// plain reports whether a value is options, written as an object: a promise, a list or a Map
// has none of its own, and would turn into a check of the environment.
function plain(value) {
  if (Object.prototype.toString.call(value) !== "[object Object]" || value === Object.prototype) return false;
  const above = Object.getPrototypeOf(value);
  return (above === null || above === Object.prototype) && Reflect.ownKeys(value).length === Object.keys(value).length;
}

async function check(...given) {
  if (given.length > 1 || !given.every(plain)) throw new InputError(["check: give it one object of options, or nothing at all"], { code: 2 });
  const { env = process.env, killAfter = 120, ...rest } = given[0] ?? {};
  const args = ["check", "--format=json", ...Object.entries(rest).flatMap(flag)];
  if (typeof env !== "object" || env === null || Array.isArray(env)) throw new InputError(["env: give it an object of variables, or leave it out"], { code: 2 });
  if (!(killAfter > 0)) throw new InputError(["killAfter: give it a number of seconds"], { code: 2 });
  const program = binary();
  const { code, stdout, said } = await run(program, args, env, killAfter).catch(() => {
    // Node's own message has the value, which may be a secret of env.
    throw new InputError(["an option or a variable of env cannot be passed to a program"], { code: 2 });
  });
  const answer = read(stdout, code);
  if (answer === null) throw new KeyauditError(said, { code });
  if (code === 0) return { keys: answer.keys };
  throw new (byCode[code] ?? KeyauditError)(answer.reasons, { code, keys: answer.keys });
}

module.exports = { check, binary, KeyauditError, UnsafeError, InputError, UndeterminedError, UnreachableError };

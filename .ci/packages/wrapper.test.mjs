// The npm package with programs in place of keyaudit; runs in a folder where it is installed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import * as keyaudit from "keyaudit";

const { check, binary, InputError, KeyauditError } = keyaudit;
const { yes, cases } = JSON.parse(fs.readFileSync(process.env.CASES, "utf8"));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "a folder "));
test.after(() => fs.rmSync(folder, { recursive: true }));

// program puts a script in the place of keyaudit.
function program(raw, mode = "700") {
  const file = path.join(folder, "key audit");
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, raw, { mode: parseInt(mode, 8) });
  process.env.KEYAUDIT_BINARY = file;
}

function answering(change = {}, exit = 0) {
  return `#!/bin/sh\ncat <<'X'\n${JSON.stringify({ ...yes, ...change })}\nX\n${exit === "kill" ? "kill -9 $$" : "exit " + exit}\n`;
}

for (const c of cases) {
  test(c.name, async () => {
    program(c.raw ?? (c.script ? `#!/bin/sh\n${c.script}\n` : answering(c.answer, c.exit)), c.mode);
    const checked = check({ keys: "keys.json", ...(c.killAfter ? { killAfter: c.killAfter } : {}) });
    if (!c.class) {
      assert.deepEqual(await checked, { keys: c.answer.keys ?? yes.keys });
      return;
    }
    await assert.rejects(checked, (error) => {
      assert.equal(error.constructor, keyaudit[c.class], error);
      assert.ok(error instanceof KeyauditError && error instanceof Error);
      assert.equal(error.name, c.class);
      if (typeof c.exit === "number") assert.equal(error.code, c.exit);
      if (c.reasons) assert.deepEqual(error.reasons, c.reasons);
      assert.ok(error.reasons.length > 0 && error.message.startsWith(error.reasons[0]), error.message);
      if (c.says) assert.ok(error.reasons.join("\n").includes(c.says), error.message);
      return true;
    });
  });
}

test("arguments, variables and standard input", async () => {
  program(`#!/bin/sh\nprintf '%s\\n' "$@" >'${folder}/args'\nread -r line && exit 9\n[ "$WORD" = 'a secret' ] || exit 8\n${answering().slice(10)}`);
  const env = { WORD: "a secret", NONE: undefined };
  await check({ keys: ["a b.json", "$(touch x);"], from: "--demo", failOn: "low", allowPlain: true, demo: false, allowUnreachable: "24h", env });
  assert.equal(fs.readFileSync(path.join(folder, "args"), "utf8"),
    "check\n--format=json\n--keys=a b.json\n--keys=$(touch x);\n--from=--demo\n--fail-on=low\n--allow-plain=true\n--demo=false\n--allow-unreachable=24h\n");
});

for (const [name, options] of Object.entries({
  "a misspelt option": { failon: "low" }, "a flag's name": { "fail-on": "low" }, "an inherited name": { toString: "x" }, "nothing": { keys: undefined },
  "null": { from: null }, "an empty list": { keys: [] }, "an empty text": { keys: "" }, "an empty text in a list": { keys: ["a", ""] }, "a number": { timeout: 3 },
  "a list for a word": { policy: ["read-only"] }, "a word for yes": { demo: "yes" }, "no limit": { killAfter: 0 }, "an endless limit": { killAfter: Infinity },
  "a NUL in an option": { keys: "a\0b" }, "a NUL in a variable": { env: { WORD: "hidden\0hidden" } }, "no options": "keys.json",
  "a hole": { keys: [,] }, "a hole beside a file": { keys: ["keys.json", ,] }, "an empty array": { keys: new Array(1) }, "a list": ["keys.json"], "an empty list of options": [],
  "a Map": new Map([["keys", "keys.json"]]), "a promise": Promise.resolve({ keys: "keys.json" }), "an empty text as options": "", "no": false, "a number as options": 5,
  "what another object has": Object.create({ keys: "keys.json" }), "null as options": null, "undefined as options": undefined, "a function": () => ({ keys: "keys.json" }),
  "no variables": { env: null }, "a list of variables": { env: [] }, "a word of variables": { env: "" }, "Math": Math, "JSON": JSON, "Reflect": Reflect, "Object's own": Object.prototype,
  "arguments": (function () { return arguments; })("keys.json"), "a symbol": { [Symbol("keys")]: "keys.json" }, "a hidden name": Object.defineProperty({}, "keys", { value: "keys.json" }),
  "a pretender": Object.create({ hasOwnProperty() {} , keys: "keys.json" }),
  "a date": new Date(0), "an error": new Error("x"), "a class's own": new (class { keys = "keys.json"; })(),
})) {
  test(`refused: ${name}`, async () => {
    program(answering());
    await assert.rejects(check(options), (error) => {
      assert.equal(error.constructor, InputError, error);
      assert.ok(!JSON.stringify([error.message, error.stack, error.reasons, error.cause]).includes("hidden"));
      return true;
    });
  });
}

test("what is wrong with an option is said", async () => {
  for (const [options, reason] of [
    [{ keys: undefined }, "keys: give it a string or a list of strings, none of them empty, or leave it out"],
    [{ policy: 3 }, "policy: give it a string that is not empty, or leave it out"], [{ demo: 1 }, "demo: give it true or false, or leave it out"],
  ]) await assert.rejects(check(options), { reasons: [reason] });
});

test("the program of the platform", () => {
  process.env.KEYAUDIT_BINARY = "sh"; // which is in PATH
  assert.equal(binary(), path.resolve("sh"));
  delete process.env.KEYAUDIT_BINARY;
  const require = createRequire(import.meta.url);
  assert.equal(binary(), require.resolve(`@keyaudit/${process.platform}-${process.arch}/bin/keyaudit`));
  assert.equal(require("keyaudit").KeyauditError, KeyauditError);
  Object.defineProperty(process, "platform", { value: "win32" });
  const elsewhere = path.join(path.dirname(require.resolve("keyaudit")), "..", "@keyaudit", `win32-${process.arch}`, "bin");
  fs.rmSync(elsewhere, { recursive: true, force: true });
  assert.throws(binary, (error) => error instanceof KeyauditError && error.message.includes(`@keyaudit/win32-${process.arch}`) && error.message.includes("--omit=optional"));
  fs.mkdirSync(elsewhere, { recursive: true });
  fs.writeFileSync(path.join(elsewhere, "keyaudit.exe"), "");
  assert.equal(binary(), path.join(elsewhere, "keyaudit.exe"));
});

// launched is how the command ends; it is told to stop once it says that it is ready.
function launched(script, ...args) {
  program(`#!/bin/sh\n${script}\n`);
  const launcher = path.join(path.dirname(createRequire(import.meta.url).resolve("keyaudit")), "bin", "keyaudit.js");
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => child.kill("SIGTERM"));
  return new Promise((resolve) => child.on("exit", (code, signal) => resolve([code, signal])));
}

test("the command ends as the program does", async () => {
  assert.deepEqual(await launched('[ "$1" = "a  b" ] && exit 42', "a  b"), [42, null]);
  assert.deepEqual(await launched("kill -9 $$"), [null, "SIGKILL"]);
  assert.deepEqual(await launched("trap 'exit 7' TERM; echo ready; for i in $(seq 600); do sleep 0.1; done"), [7, null]);
  for (const signal of ["PIPE", "XFSZ", "USR1", "ALRM", "SEGV", "HUP", "INT", "QUIT"]) {
    const [code, by] = await launched(`ulimit -c 0; kill -${signal} $$`);
    assert.ok(by !== null || code > 128, `${signal}: ${code}`);
  }
  assert.deepEqual(await launched("").finally(() => program("", "600")), [0, null]);
});

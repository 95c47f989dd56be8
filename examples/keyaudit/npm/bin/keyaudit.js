#!/usr/bin/env node
"use strict";
// Runs the program of this platform.
const { spawn } = require("node:child_process");
const os = require("node:os");
const { binary } = require("../index.js");

function fail(message) {
  console.error(`keyaudit: ${message}`);
  process.exit(127);
}

try {
  let child;
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  // A terminal sends these two to both, and a second one would end the program at once.
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
  child = spawn(binary(), process.argv.slice(2), { stdio: "inherit" });
  child.on("error", (error) => fail(`${child.spawnfile} cannot be run (${error.code})`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.exitCode = 128 + os.constants.signals[signal]; // Node.js itself ignores some of them
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
} catch (error) {
  fail(error.message);
}

// Before anything else in a bot: stop unless keyaudit check says that its keys are safe.
import { spawnSync } from "node:child_process";

const gate = spawnSync("keyaudit", ["check", "--keys", "keys.json", "--allow-unreachable", "24h"], { stdio: "inherit" });
if (gate.error) throw new Error(`not trading: keyaudit cannot be run (${gate.error.message})`);
if (gate.status !== 0) throw new Error("not trading: see above");

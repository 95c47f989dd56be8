// A bot behind the npm package: it ends with the exit code that belongs to the class of the
// error, and shows that a reason was given.
import { check, InputError, KeyauditError, UndeterminedError, UnreachableError, UnsafeError } from "keyaudit";

const codes = new Map([[UnsafeError, 1], [InputError, 2], [UndeterminedError, 3], [UnreachableError, 5]]);
try {
  const [first, second] = await Promise.all([1, 2].map(() => check({ keys: ["keys.json"], allowUnreachable: "24h" })));
  if (first.keys.length !== 1 || first.keys[0].name !== "bot" || second.keys.length !== 1) throw new Error("these are not the keys");
  console.log(`trading with ${first.keys[0].name}: ${first.keys[0].verdict}`);
} catch (error) {
  if (!(error instanceof KeyauditError) || error.reasons.length === 0 || error.code !== codes.get(error.constructor)) throw error;
  console.error(error.name, error.reasons, error.keys);
  process.exitCode = error.code;
}

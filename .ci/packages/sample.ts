// What a bot's author writes, for the type checker; the lines marked as errors must be some.
import { check, InputError, KeyauditError, UnreachableError, UnsafeError, type Key, type Result } from "keyaudit";

const result: Result = await check({ keys: "keys.json", from: ["env=", "freqtrade=a.json"], allowUnreachable: "24h", env: process.env, killAfter: 60 });
const names: string[] = result.keys.map((key: Key) => `${key.name} ${key.verdict} ${key.remembered ?? ""}`);
try {
  await check();
} catch (error) {
  if (error instanceof UnreachableError) console.log(error.code, names);
  else if (error instanceof UnsafeError) error.keys.flatMap((key) => key.findings ?? []).map((f) => f.remedy?.length);
  else if (error instanceof InputError || error instanceof KeyauditError) console.log(error.reasons.join("\n"));
}

// @ts-expect-error a misspelt option
await check({ failon: "low" });
// @ts-expect-error a list where one word is meant
await check({ policy: ["spot-trading"] });
// @ts-expect-error nothing that may be changed
result.keys = [];

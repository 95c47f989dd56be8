/** What to check, as the flags of `keyaudit check`. Without `keys` and `from` it is the keys in the environment. */
export interface Options {
  /** Inventory files, JSON or YAML. */
  keys?: string | readonly string[];
  /** Bots' own files, `BOT=PATH`: `freqtrade=user_data/config.json`. */
  from?: string | readonly string[];
  /** Check only the keys that fit, `FIELD=PATTERN`. */
  only?: string | readonly string[];
  /** What the keys of `from` are for: `spot-trading`, … */
  policy?: string;
  /** The lowest severity that stops the bot: info, low, medium, high (the default) or critical. */
  failOn?: string;
  /** The longest time for all keys together, from `1s` to `1m`; `3s` by default. */
  timeout?: string;
  /** In an outage, let the bot start if the same key was found safe within this time: `24h`. */
  allowUnreachable?: string;
  /** The folder in which good results are kept for `allowUnreachable`. */
  memory?: string;
  /** Accept secrets written in the inventory in plaintext. */
  allowPlain?: boolean;
  /** Check on invented exchanges, without a network. */
  demo?: boolean;
  /** The program's environment; `process.env` by default. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Seconds after which the program is killed, whatever hangs; 120 by default. */
  killAfter?: number;
}

export interface Finding {
  readonly rule: string;
  readonly outcome: "failed" | "undetermined";
  readonly severity: string;
  readonly message: string;
  /** What to do. */
  readonly remedy?: string;
}

export interface Key {
  readonly name: string;
  readonly exchange: string;
  /** Whether the key may be used. */
  readonly ok: boolean;
  readonly verdict: "safe" | "unsafe" | "unreachable" | "not-inspected" | "undetermined" | "invalid-input";
  /** When the key was found safe, if only that lets the bot start in an outage (RFC 3339). */
  readonly remembered?: string;
  readonly message?: string;
  /** What stops the bot. */
  readonly findings?: readonly Finding[];
}

/** Every key may be used. */
export interface Result {
  readonly keys: readonly Key[];
}

/** The bot must not start. This class itself: the program gave no answer (missing, killed, stopped). */
export class KeyauditError extends Error {
  /** The program's exit code; null if it had none. */
  readonly code: number | null;
  /** One sentence each, the worst first. */
  readonly reasons: readonly string[];
  /** The keys, if they were checked. */
  readonly keys: readonly Key[];
}
/** A key is unsafe. */
export class UnsafeError extends KeyauditError {}
/** The input is wrong; nothing was sent. */
export class InputError extends KeyauditError {}
/** A key is not proven safe: a fact is unknown, or the exchange refused the key or this host. */
export class UndeterminedError extends KeyauditError {}
/** An exchange could not be reached, and nothing is known to be wrong. */
export class UnreachableError extends KeyauditError {}

/** Resolves only if every key may be used, and otherwise throws a KeyauditError. */
export function check(options?: Options): Promise<Result>;

/** The path of the program. */
export function binary(): string;

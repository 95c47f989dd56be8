"""Runs keyaudit check, and returns its answer or raises it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union

__all__ = ["check", "binary", "Result", "Key", "Finding", "KeyauditError", "UnsafeError", "InputError", "UndeterminedError", "UnreachableError"]

Text = Union[str, "os.PathLike[str]"]
Texts = Union[Text, Sequence[Text]]
_UNSET: Any = object()  # None is a mistake: it must not turn into a check of something else


@dataclass(frozen=True)
class Finding:
    """What stops the bot."""

    rule: str
    outcome: str  # failed or undetermined
    severity: str
    message: str
    remedy: str  # what to do


@dataclass(frozen=True)
class Key:
    name: str
    exchange: str
    ok: bool  # whether the key may be used
    verdict: str  # safe, unsafe, unreachable, not-inspected, undetermined or invalid-input
    remembered: Optional[str]  # when it was found safe (RFC 3339), if only that lets the bot start in an outage
    message: str
    findings: Tuple[Finding, ...]


@dataclass(frozen=True)
class Result:
    """Every key may be used."""

    keys: Tuple[Key, ...]


class KeyauditError(Exception):
    """The bot must not start. This class itself: the program gave no answer (missing, killed, stopped)."""

    def __init__(self, reasons: Sequence[str], code: Optional[int] = None, keys: Sequence[Key] = ()) -> None:
        more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
        super().__init__("; ".join(reasons[:3]) + more)
        self.reasons: Tuple[str, ...] = tuple(reasons)  # one sentence each, the worst first
        self.code = code  # the program's exit code; None if it had none
        self.keys: Tuple[Key, ...] = tuple(keys)

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.reasons, self.code, self.keys)


class UnsafeError(KeyauditError):
    """A key is unsafe."""


class InputError(KeyauditError):
    """The input is wrong; nothing was sent."""


class UndeterminedError(KeyauditError):
    """A key is not proven safe: a fact is unknown, or the exchange refused the key or this host."""


class UnreachableError(KeyauditError):
    """An exchange could not be reached, and nothing is known to be wrong."""


_BY_CODE: Dict[int, Type[KeyauditError]] = {1: UnsafeError, 2: InputError, 3: UndeterminedError, 5: UnreachableError}


def binary() -> str:
    """The path of the program: this package's own, or KEYAUDIT_BINARY."""
    own = os.environ.get("KEYAUDIT_BINARY")
    if own:
        return os.path.abspath(own)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "keyaudit.exe" if sys.platform == "win32" else "keyaudit")
    if not os.path.isfile(path):
        raise KeyauditError(["the program is missing: install the keyaudit wheel of this platform, or set KEYAUDIT_BINARY to the path of the program"])
    return path


def _flag(name: str, value: Any) -> List[str]:
    values: List[Any] = [*value] if type(value) in (list, tuple) else [value]
    try:
        texts: List[Any] = [os.fspath(v) for v in values]
    except TypeError:
        texts = []
    if not texts or not all(isinstance(t, str) and t for t in texts):
        raise InputError([f"{name}: give it a string that is not empty, or leave it out"], 2)
    return [f"--{name.rstrip('_').replace('_', '-')}={t}" for t in texts]


def _read(stdout: bytes, code: int) -> Optional[Tuple[List[str], List[Key]]]:
    """The program's answer, if it is one and the exit code says the same."""
    try:
        answer = json.loads(stdout)
        ok, reasons = answer["ok"], [str(r) for r in answer["reasons"]]
        keys = [
            Key(
                k["name"], k["exchange"], k["ok"] is True, k["verdict"], k.get("remembered"), k.get("message", ""),
                tuple(Finding(f["rule"], f["outcome"], f["severity"], f["message"], f.get("remedy", "")) for f in k.get("findings", ())),
            )
            for k in answer["keys"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    same = type(answer.get("exit_code")) is int and answer["exit_code"] == code and ok is (code == 0)
    remembered = [isinstance(k.remembered, str) and k.remembered != "" and k.verdict == "unreachable" for k in keys]
    safe = bool(keys) and not reasons and all(k.ok and k.name and not k.findings and (k.verdict == "safe" or r) for k, r in zip(keys, remembered))
    if not same or not (safe if ok else reasons):
        return None
    return reasons, keys


def check(
    *,
    keys: Texts = _UNSET,
    from_: Texts = _UNSET,
    only: Texts = _UNSET,
    policy: str = _UNSET,
    fail_on: str = _UNSET,
    timeout: str = _UNSET,
    allow_unreachable: str = _UNSET,
    memory: Text = _UNSET,
    allow_plain: bool = False,
    demo: bool = False,
    env: Optional[Mapping[str, str]] = None,
    kill_after: float = 120,
) -> Result:
    """Returns only if every key may be used, and otherwise raises a KeyauditError.

    The arguments are the flags of keyaudit check. Without keys and from_ it checks the keys in the
    environment. After kill_after seconds the program is killed, whatever hangs.
    """
    given = dict(keys=keys, from_=from_, only=only, policy=policy, fail_on=fail_on, timeout=timeout, allow_unreachable=allow_unreachable, memory=memory)
    args = [a for name, value in given.items() if value is not _UNSET for a in _flag(name, value)]
    args += ["--allow-plain"] * (allow_plain is True) + ["--demo"] * (demo is True)
    for name, flag in (("demo", demo), ("allow_plain", allow_plain)):
        if flag is not True and flag is not False:
            raise InputError([f"{name}: give it True or False, or leave it out"], 2)
    program = binary()
    try:
        done = subprocess.run([program, "check", "--format=json", *args], stdin=subprocess.DEVNULL, capture_output=True, env=env, timeout=kill_after)
    except subprocess.TimeoutExpired:
        raise KeyauditError([f"keyaudit was stopped: it took longer than {kill_after} seconds"]) from None
    except OSError as error:
        raise KeyauditError([f"{program} cannot be run ({error.strerror})"]) from None
    except (ValueError, TypeError, AttributeError):
        raise InputError(["an argument or a variable of env cannot be passed to a program"], 2) from None
    answer = _read(done.stdout, done.returncode)
    if answer is None:
        said = done.stderr.decode("utf-8", "replace").splitlines()[:20]
        if done.returncode < 0:
            raise KeyauditError([f"keyaudit was stopped by signal {-done.returncode}", *said])
        raise KeyauditError([f"keyaudit ended with exit code {done.returncode} and without its answer", *said], done.returncode)
    if done.returncode == 0:
        return Result(tuple(answer[1]))
    raise _BY_CODE.get(done.returncode, KeyauditError)(answer[0], done.returncode, answer[1])

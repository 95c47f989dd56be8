"""A bot behind the Python wheel: it ends with the exit code that belongs to the class of the
error, and shows that a reason was given."""

import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

import keyaudit

CODES = {keyaudit.UnsafeError: 1, keyaudit.InputError: 2, keyaudit.UndeterminedError: 3, keyaudit.UnreachableError: 5}


def gate(_: int) -> keyaudit.Result:
    return keyaudit.check(keys=[pathlib.Path("keys.json")], allow_unreachable="24h")


try:
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(gate, range(2))
    assert [key.name for key in first.keys] == ["bot"] and len(second.keys) == 1
    print("trading with", first.keys[0].name, first.keys[0].verdict)
except keyaudit.KeyauditError as error:
    assert error.reasons and error.code == CODES[type(error)], error
    print(type(error).__name__, error.reasons, error.keys, file=sys.stderr)
    sys.exit(error.code)

"""What a bot's author writes, for the type checker; the lines marked as errors must be some."""

from pathlib import Path
from typing import Tuple

import keyaudit

result: keyaudit.Result = keyaudit.check(keys=["a.json", Path("b.json")], from_="env=", fail_on="low", env={"A": "b"}, kill_after=60)
names: Tuple[str, ...] = tuple(key.name for key in result.keys)
try:
    keyaudit.check()
except keyaudit.UnreachableError as error:
    reasons: Tuple[str, ...] = error.reasons

keyaudit.check(failon="low")  # pyright: ignore[reportCallIssue]
keyaudit.check(keys=None)  # pyright: ignore[reportArgumentType]
result.keys = ()  # pyright: ignore[reportAttributeAccessIssue]

"""python -m keyaudit, and the command keyaudit: the program itself."""

import os
import subprocess
import sys
from typing import NoReturn

from keyaudit import KeyauditError, binary


def fail(message: str) -> NoReturn:
    print(f"keyaudit: {message}", file=sys.stderr)
    sys.exit(127)  # and not 1, which means something


def main() -> NoReturn:
    try:
        command = [binary(), *sys.argv[1:]]
        if sys.platform != "win32":
            os.execv(command[0], command)  # signals and the exit code are the program's own
        child = subprocess.Popen(command)
    except KeyauditError as error:
        fail(str(error))
    except OSError as error:
        fail(f"the program cannot be run ({error.strerror})")
    while True:
        try:
            sys.exit(child.wait())
        except KeyboardInterrupt:
            pass  # the program has it too, and ends in its own way


if __name__ == "__main__":
    main()

# Before anything else in a bot: stop unless keyaudit check says that its keys are safe.
import subprocess

try:
    code = subprocess.run(["keyaudit", "check", "--keys", "keys.json", "--allow-unreachable", "24h"]).returncode
except OSError as error:
    raise SystemExit(f"not trading: keyaudit cannot be run ({error.strerror})") from None
if code != 0:
    raise SystemExit("not trading: see above")

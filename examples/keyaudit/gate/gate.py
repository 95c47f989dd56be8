# Before anything else in a bot: stop unless keyaudit check says that its keys are safe.
import subprocess

if subprocess.run(["keyaudit", "check", "--keys", "keys.json", "--allow-unreachable", "24h"]).returncode != 0:
    raise SystemExit("not trading: see above")

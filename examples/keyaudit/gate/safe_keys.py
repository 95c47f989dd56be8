# For freqtrade: save this beside your strategy, import it there (from safe_keys import SafeKeys)
# and write it first among the strategy's classes: class Mine(SafeKeys, IStrategy). freqtrade
# calls bot_start once, before its first order, and ends if it raises. A bot_start of your own
# calls super().bot_start(**kwargs). The program must be where freqtrade runs: in its container,
# RUN pip install keyaudit.
import subprocess


class SafeKeys:
    keyaudit = ["--allow-unreachable", "24h"]  # further options: keyaudit check --help

    def bot_start(self, **kwargs) -> None:
        if self.config["runmode"].value == "live":  # backtests and dry runs use no key
            files = self.config.get("config_files")  # those of -c, the last first, and those that they add
            if not files:
                raise RuntimeError("not trading: freqtrade does not say which files its configuration is in")
            source = "freqtrade=" + ",".join(reversed(files))  # of which a later one counts more
            try:
                code = subprocess.run(["keyaudit", "check", "--from", source, *self.keyaudit]).returncode
            except OSError as error:
                raise RuntimeError(f"not trading: keyaudit cannot be run ({error.strerror})") from None
            if code != 0:
                raise RuntimeError("not trading: see above")
        if hasattr(super(), "bot_start"):
            super().bot_start(**kwargs)

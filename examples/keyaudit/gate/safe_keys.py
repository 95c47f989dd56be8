# For freqtrade: save this beside your strategy, and write it first among the strategy's
# classes: class Mine(SafeKeys, IStrategy). freqtrade calls bot_start once, before its first
# order, and ends if it raises. A bot_start of your own calls super().bot_start(**kwargs).
import subprocess


class SafeKeys:
    keyaudit = ["--from", "freqtrade=user_data/config.json", "--allow-unreachable", "24h"]  # see: keyaudit check --help

    def bot_start(self, **kwargs) -> None:
        live = self.config["runmode"].value == "live"  # backtests and dry runs use no key
        if live and subprocess.run(["keyaudit", "check", *self.keyaudit]).returncode != 0:
            raise RuntimeError("not trading: see above")
        if hasattr(super(), "bot_start"):
            super().bot_start(**kwargs)

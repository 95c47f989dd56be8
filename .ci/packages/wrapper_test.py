"""The wheel with programs in place of keyaudit; runs where it is installed."""

import importlib.util
import json
import os
import pathlib
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import keyaudit

TABLE = json.loads(pathlib.Path(os.environ["CASES"]).read_text())

# WAITING says when it waits for the program. Before that Python itself, between fork and the
# return of Popen, leaves the program running when it is interrupted.
WAITING = """
import subprocess
import keyaudit

communicate = subprocess.Popen.communicate

def waiting(*args, **named):
    print("waiting", flush=True)
    return communicate(*args, **named)

subprocess.Popen.communicate = waiting
keyaudit.check(keys="keys.json")
"""


class Wrapper(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="a folder "))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(os.environ.pop, "KEYAUDIT_BINARY", None)

    def program(self, raw, mode="700"):
        """puts a script in the place of keyaudit"""
        file = self.folder / "key audit"
        file.unlink(missing_ok=True)
        file.write_text(raw)
        file.chmod(int(mode, 8))
        os.environ["KEYAUDIT_BINARY"] = str(file)

    @staticmethod
    def answering(change=(), code=0):
        end = "kill -9 $$" if code == "kill" else f"exit {code}"
        return f"#!/bin/sh\ncat <<'X'\n{json.dumps({**TABLE['yes'], **dict(change)})}\nX\n{end}\n"

    def test_cases(self):
        for case in TABLE["cases"]:
            with self.subTest(case["name"]):
                raw = case.get("raw")
                if raw is None:
                    raw = f"#!/bin/sh\n{case['script']}\n" if "script" in case else self.answering(case["answer"], case["exit"])
                self.program(raw, case.get("mode", "700"))
                limit = {"kill_after": case["killAfter"]} if "killAfter" in case else {}
                if "class" not in case:
                    result = keyaudit.check(keys="keys.json", **limit)
                    want = case["answer"].get("keys", TABLE["yes"]["keys"])
                    self.assertEqual([(k.name, k.verdict, k.remembered) for k in result.keys], [(k["name"], k["verdict"], k.get("remembered")) for k in want])
                    continue
                with self.assertRaises(keyaudit.KeyauditError) as raised:
                    keyaudit.check(keys="keys.json", **limit)
                error = raised.exception
                self.assertIs(type(error), getattr(keyaudit, case["class"]), error)
                if isinstance(case.get("exit"), int):
                    self.assertEqual(error.code, case["exit"])
                if "reasons" in case:
                    self.assertEqual(error.reasons, tuple(case["reasons"]))
                self.assertTrue(str(error).startswith(error.reasons[0]))
                self.assertIn(case.get("says", ""), "\n".join(error.reasons))
                again = pickle.loads(pickle.dumps(error))  # as from another process
                self.assertEqual((str(again), again.reasons, again.code, again.keys), (str(error), error.reasons, error.code, error.keys))

    def test_arguments_variables_and_standard_input(self):
        args = self.folder / "args"
        self.program(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{args}'\nread -r line && exit 9\n[ \"$WORD\" = 'a secret' ] || exit 8\n{self.answering()[10:]}")
        given, own = os.pipe()  # the bot's standard input, which stays the bot's
        os.write(own, b"a line\n")
        os.dup2(given, 0)
        keyaudit.check(keys=[pathlib.Path("a b.json"), "$(touch x);"], from_="--demo", fail_on="low", allow_plain=True, allow_unreachable="24h", env={"WORD": "a secret"})
        want = "check\n--format=json\n--keys=a b.json\n--keys=$(touch x);\n--from=--demo\n--fail-on=low\n--allow-unreachable=24h\n--allow-plain\n"
        self.assertEqual(args.read_text(), want)
        self.assertEqual(os.read(0, 100), b"a line\n")

    def test_refused(self):
        self.program(self.answering())
        for wrong in (
            {"keys": None}, {"keys": []}, {"keys": ""}, {"from_": ["a", ""]}, {"timeout": 3}, {"keys": b"keys.json"}, {"keys": "a\0b"}, {"env": {"WORD": "hidden\0hidden"}},
            {"env": []}, {"env": "x"}, {"demo": "false"}, {"demo": "no"}, {"demo": 0}, {"demo": 1}, {"demo": None}, {"allow_plain": "no"}, {"allow_plain": 1}, {"allow_plain": []},
        ):
            with self.subTest(wrong), self.assertRaises(keyaudit.InputError) as raised:
                keyaudit.check(**wrong)
            self.assertNotIn("hidden", repr(raised.exception) + repr(raised.exception.__cause__))
        with self.assertRaises(TypeError):
            keyaudit.check(failon="low")
        with self.assertRaises(AttributeError):
            keyaudit.check(keys="keys.json").keys = ()

    def test_interrupt(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would the bot
        alive = self.folder / "alive"  # it has a writer as long as the program runs
        os.mkfifo(alive)
        self.program(f"#!/bin/sh\nexec 3>'{alive}'\necho ready >&3\nexec sleep 600\n")
        bot = subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        signal.alarm(120)  # if it never opens the file
        with open(alive) as program:
            self.assertEqual(program.readline(), "ready\n")
            self.assertEqual(bot.stdout.readline(), b"waiting\n")
            said = None
            while said is None:
                bot.send_signal(signal.SIGINT)
                try:
                    said = bot.communicate(timeout=10)[1]
                except subprocess.TimeoutExpired:  # Python noted the signal just before poll, which then waits on
                    pass
            self.assertIn(b"KeyboardInterrupt", said)
            self.assertEqual(program.read(), "")
        signal.alarm(0)

    def test_command(self):
        for script, code in (('[ "$1" = "a  b" ] && exit 42', 42), ("kill -9 $$", -9)):
            self.program(f"#!/bin/sh\n{script}\n")
            self.assertEqual(subprocess.run([sys.executable, "-m", "keyaudit", "a  b"]).returncode, code)

    def test_missing_program(self):
        os.environ["KEYAUDIT_BINARY"] = "sh"  # which is in PATH
        self.assertEqual(keyaudit.binary(), os.path.abspath("sh"))
        del os.environ["KEYAUDIT_BINARY"]
        package = pathlib.Path(keyaudit.__file__).parent
        self.assertEqual(keyaudit.binary(), str(package / "bin" / "keyaudit"))
        copy = self.folder / "keyaudit"
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("bin"))
        spec = importlib.util.spec_from_file_location("elsewhere", copy / "__init__.py")
        elsewhere = importlib.util.module_from_spec(spec)
        sys.modules["elsewhere"] = elsewhere
        spec.loader.exec_module(elsewhere)
        with self.assertRaisesRegex(elsewhere.KeyauditError, "install the keyaudit wheel"):
            elsewhere.check(keys="keys.json")
        ran = subprocess.run([sys.executable, "-m", "keyaudit"], env={"PYTHONPATH": str(self.folder)}, capture_output=True)
        self.assertEqual(ran.returncode, 127, ran.stderr)


if __name__ == "__main__":
    unittest.main()

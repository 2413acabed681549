"""What keeps the parts of a service running, with parts that fail. It forks, so each case is a process of its own."""

import signal
import subprocess
import sys
import time

from tests.live import PATIENCE

PROGRAM = """
import os, signal, sys, time
from townsquare.cli.supervisor import Around, Failed, Part, supervise

def fails():
    print("failing", flush=True)
    return 3

def stays():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("staying", flush=True)
    time.sleep(60)

def hangs():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("hanging", flush=True)
    time.sleep(60)

def say(word):
    return lambda: print(word, flush=True)

def ready():
    return time.monotonic() > began + 1

began = time.monotonic()
parts = [Part(name.rstrip("?"), globals()[name.rstrip("?")], needed="?" not in name) for name in sys.argv[1:]]
try:
    supervise(parts, Around(ready=ready, announce=say("open"), mend=lambda: None, leave=say("leaving")))
except Failed as error:
    print(error)
    sys.exit(2)
"""


def begin(*parts: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *parts], stdout=pipe, stderr=pipe, encoding="utf-8")


def test_a_part_that_does_not_come_up_ends_the_start_and_is_named() -> None:
    out, _ = (started := begin("stays", "fails")).communicate(timeout=PATIENCE)
    assert started.returncode == 2
    assert "The process for fails ended twice while starting" in out
    assert "open" not in out.splitlines()


def test_a_part_without_which_the_service_can_do_holds_up_nothing() -> None:
    started = begin("stays", "fails?")
    assert started.stdout is not None
    said = ""
    while "open" not in said:
        said = started.stdout.readline()
        assert said, "it ended"
    started.send_signal(signal.SIGTERM)
    out, _ = started.communicate(timeout=PATIENCE)
    assert (started.returncode, "leaving" in out) == (0, True)


def test_the_parts_are_ended_when_asked() -> None:
    started = begin("stays")
    assert started.stdout is not None
    assert {started.stdout.readline(), started.stdout.readline()} == {"staying\n", "open\n"}
    started.send_signal(signal.SIGTERM)
    out, _ = started.communicate(timeout=PATIENCE)
    assert out == "leaving\n"
    assert started.returncode == 0


def test_a_part_that_does_not_end_is_killed_at_the_second_wish() -> None:
    started = begin("hangs")
    assert started.stdout is not None
    assert {started.stdout.readline(), started.stdout.readline()} == {"hanging\n", "open\n"}
    started.send_signal(signal.SIGINT)
    assert started.stdout.readline() == "leaving\n"
    time.sleep(0.3)
    assert started.poll() is None
    started.send_signal(signal.SIGINT)
    assert started.wait(timeout=PATIENCE) == 0

"""Commands that need no running service: they run the folder's database for the while, or none at all."""

import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live import environment, free_port, run
from townsquare import __version__


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database, on which nothing runs."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    made = run("db", "migrate", "--data", str(folder))
    assert made.returncode == 0, made.stderr
    return folder


def is_at_rest(data: Path) -> bool:
    return not (data / "postgres" / "postmaster.pid").exists()


def test_help_names_every_command() -> None:
    told = run("--help").stdout
    assert all(name in told for name in ("up", "web", "work", "db", "account", "settings", "doctor"))
    assert run().stderr == told
    assert "Keep somebody out; all sessions end." in run("account", "disable", "--help").stdout


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"townsquare {__version__}\n"


def test_the_database_is_started_for_a_command_and_stopped_after_it(data: Path) -> None:
    told = run("db", "status", "--data", str(data))
    assert told.returncode == 0
    assert "0001  square" in told.stdout
    assert "Up to date." in told.stdout
    assert is_at_rest(data)


def test_commands_at_the_same_time_share_the_database_and_the_last_one_stops_it(data: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(run, "db", "status", "--json", "--data", str(data)) for _ in range(6)]
        told = [one.result() for one in asked]
    assert [one.returncode for one in told] == [0] * 6, [one.stderr for one in told]
    assert all(row["state"] == "applied" for one in told for row in json.loads(one.stdout))
    assert is_at_rest(data)


def test_a_folder_without_a_database_is_not_made_by_a_slip_of_the_pen(tmp_path: Path) -> None:
    told = run("account", "list", "--data", str(tmp_path / "dta"))
    assert told.returncode == 2
    assert "holds no Townsquare yet" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "dta").exists()


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://square:hunter2@127.0.0.1:{free_port()}/square"
    told = run("db", "status", "--data", str(tmp_path), "--set", f"database_url={url}")
    assert told.returncode == 2
    assert "cannot be reached" in told.stderr
    assert "hunter2" not in told.stderr


@pytest.mark.parametrize(
    ("option", "word"), [("sign_up.mode=maybe", "sign_up.mode"), ("limts.enabled=false", "limts.enabled")]
)
def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(tmp_path: Path, option: str, word: str) -> None:
    told = run("up", "--data", str(tmp_path / "data"), "--set", option)
    assert told.returncode == 2
    assert word in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["up", "web", "work"])
@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("web.trusted_proxies=abc", "web.trusted_proxies: 'abc'"),
        ("languages=en,klingonese", "languages has 'klingonese'"),
        ("contact_email=somebody", "contact_email = 'somebody'"),
        ("mail.sender=Square <square>", "mail.sender = 'Square <square>'"),
    ],
)
def test_a_value_that_cannot_be_used_is_found_before_a_start(
    tmp_path: Path, command: str, option: str, said: str
) -> None:
    told = run(command, "--data", str(tmp_path / "data"), "--set", option)
    assert told.returncode == 2
    assert told.stderr.startswith(f"townsquare: {said}")
    assert not (tmp_path / "data").exists()


def test_doctor_makes_no_folder(tmp_path: Path) -> None:
    told = run("doctor", "--data", str(tmp_path / "data"))
    assert told.returncode == 1
    assert "holds no Townsquare yet" in told.stdout
    assert not (tmp_path / "data").exists()


LATE = """
import asyncio, threading, time

from townsquare.cli.main import program

plain = asyncio.BaseEventLoop.call_soon_threadsafe

def late(self, *given, **named):
    handle = plain(self, *given, **named)
    while threading.current_thread() is not threading.main_thread():
        time.sleep(0.001)
    return handle

asyncio.BaseEventLoop.call_soon_threadsafe = late
program()
"""
"""The program, where a thread that has handed over its result to the event loop stays at that for ever."""


def test_a_thread_that_is_late_does_not_spoil_the_end_of_a_command(data: Path) -> None:
    command = [sys.executable, "-c", LATE, "doctor", "--data", str(data)]
    told = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment(), check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.endswith("All is well.\n")


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = run("up", "--data", str(tmp_path / "data"), "--port", str(port))
    assert told.returncode == 2
    assert f"Port {port}" in told.stderr
    assert "--port" in told.stderr
    assert not (tmp_path / "data" / "postgres").exists()


def test_settings_tell_their_source_and_hide_secrets(tmp_path: Path) -> None:
    (tmp_path / "townsquare.toml").write_text('title = "Kleinstadt"\n[mail]\npassword = "hunter2"\n')
    told = run("settings", "--data", str(tmp_path), "--set", "limits.enabled=false")
    lines = {line.split()[0]: line for line in told.stdout.splitlines()}
    assert "Kleinstadt" in lines["title"]
    assert str(tmp_path / "townsquare.toml") in lines["title"]
    assert "command line" in lines["limits.enabled"]
    assert "default" in lines["database_url"]
    assert "hunter2" not in told.stdout
    as_json = json.loads(run("settings", "--json", "--data", str(tmp_path)).stdout)
    assert as_json["title"] == {"value": "Kleinstadt", "source": str(tmp_path / "townsquare.toml")}
    assert as_json["mail.password"]["value"] == "(hidden)"


@pytest.mark.parametrize("command", [["nonsense"], ["up", "--port", "0"], ["up", "--port", "x"], ["db"], []])
def test_a_command_that_does_not_exist_is_refused_with_how_to_write_it(command: list[str]) -> None:
    told = run(*command)
    assert told.returncode == 2
    assert "usage: townsquare" in told.stderr

"""toot (https://github.com/ihabunek/toot), run as people run it: a program with a configuration of its own."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from tests.clients.consent import password_of
from tests.clients.terminal import Terminal, terminal
from tests.live import Person

TOOT = str(Path(sys.executable).with_name("toot"))


class Toot:
    """Somebody at a terminal. Calling it runs a command and gives what it prints; it must succeed."""

    def __init__(self, url: str, name: str, folder: Path) -> None:
        self.url = url
        self.name = name
        self.folder = folder

    @classmethod
    def logged_in(cls, url: str, person: Person, folder: Path) -> "Toot":
        """With the address and the password, without a browser."""
        one: Toot = cls(url, person.username, folder)
        email = f"{person.username}@example.org"
        said = one("login_cli", "--instance", url, "--email", email, "--password", password_of(person.username))
        assert "Successfully logged in" in said
        return one

    @property
    def acct(self) -> str:
        """As toot names the account."""
        return f"{self.name}@{self.url.removeprefix('http://')}"

    @property
    def environment(self) -> dict[str, str]:
        """Of its programs: with a configuration of its own."""
        return os.environ | {
            "XDG_CONFIG_HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder),
            "COLUMNS": "80",
        }

    def __call__(self, *command: str, stdin: str | None = None) -> str:
        done = self.run(*command, stdin=stdin)
        assert done.returncode == 0, f"toot {' '.join(command)}: {done.stderr}{done.stdout}"
        return done.stdout

    def json(self, *command: str) -> Any:
        """What a command prints as JSON."""
        return msgspec.json.decode(self(*command, "--json"))

    def refused(self, *command: str) -> str:
        """Why a command that must fail has failed, in the words that toot shows."""
        done = self.run(*command)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def screen(self, *command: str) -> "AbstractContextManager[Terminal]":
        """A command that fills the terminal."""
        return terminal([TOOT, "--no-color", *command], self.environment)

    def run(self, *command: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """A command with its exit status."""
        return subprocess.run(
            [TOOT, "--no-color", *command],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            env=self.environment,
            timeout=60,
            check=False,
        )

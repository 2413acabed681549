"""No command of toot and no method of Mastodon.py is left untried, nor is one that a later version brings."""

import subprocess
import sys
from collections.abc import Mapping

from mastodon import Mastodon

from tests.clients import tried

METHODS_NOT_TRIED: Mapping[str, str] = {}
"""With the reason."""
COMMANDS_OF_TOOT = """
import click
from toot.cli import cli

def show(one, *path):
    if isinstance(one, click.Group):
        for name, inner in one.commands.items():
            show(inner, *path, name)
    else:
        print(*path)

show(cli)
"""
"""With those that are not shown in the help, which scripts of people still use. In a process of its own: toot brings
a whole terminal along."""


def every_command() -> set[str]:
    shown = subprocess.run([sys.executable, "-c", COMMANDS_OF_TOOT], capture_output=True, encoding="utf-8", check=True)
    return set(shown.stdout.splitlines())


def every_method() -> set[str]:
    return {name for name in dir(Mastodon) if not name.startswith("_") and callable(getattr(Mastodon, name))}


def test_every_command_of_toot_is_tried() -> None:
    said = tried.commands()
    left = {command for command in every_command() if not any(f"{one} ".startswith(f"{command} ") for one in said)}
    assert left == set()


def test_every_method_of_mastodon_py_is_tried() -> None:
    assert every_method() - tried.methods() == METHODS_NOT_TRIED.keys()

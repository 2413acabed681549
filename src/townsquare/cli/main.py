"""`townsquare COMMAND …`: finds the command's module, and says in one sentence what went wrong.

Only the module of the command that is asked for is imported: making an account does not load the web server.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

import msgspec

from townsquare import __version__
from townsquare.cli.errors import CommandError
from townsquare.cli.progress import sentence
from townsquare.db.launcher import LauncherError
from townsquare.kernel.errors import Refused
from townsquare.kernel.settings_sources import SettingsError

WRONG = 2
"""Exit status when what was asked for cannot be done; 1 is for a check that found something."""
INTERRUPTED = 130


class Command(msgspec.Struct, frozen=True):
    name: str
    module: str
    help: str


class Module(Protocol):
    """What a command's module has."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Say which options there are."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it. The exit status."""
        ...


COMMANDS = (
    Command("up", "townsquare.cli.up", "start everything: PostgreSQL, the web and the background work"),
    Command("web", "townsquare.cli.web", "answer requests only"),
    Command("work", "townsquare.cli.work", "do the background work only"),
    Command("db", "townsquare.cli.db", "bring the database up to date, or show how it stands"),
    Command(
        "account", "townsquare.cli.account", "make, list, invite, approve, limit and suspend accounts; set passwords"
    ),
    Command("publish", "townsquare.cli.publish", "set the terms, the privacy policy or the description of the place"),
    Command("announce", "townsquare.cli.announce", "tell everybody something, change it, take it back"),
    Command("emoji", "townsquare.cli.emoji", "add, list, change and remove the place's own emojis"),
    Command("warnings", "townsquare.cli.warnings", "the texts that the staff choose from when they warn somebody"),
    Command("keys", "townsquare.cli.keys", "the keys with which the place seals and signs: made, listed, renewed"),
    Command("storage", "townsquare.cli.storage", "fill a second store of files with what is in the first"),
    Command("audit", "townsquare.cli.audit", "read and verify the log of what the staff did"),
    Command("domain", "townsquare.cli.domain", "tell of another domain beforehand, and take the place there"),
    Command("mirror", "townsquare.cli.mirror", "publish what is public as signed files for any static host"),
    Command(
        "moderation",
        "townsquare.cli.moderation.command",
        "legal holds; measure the desk on a made-up backlog of reports",
    ),
    Command("rules", "townsquare.cli.rules", "list, add, change, translate and end the rules of the place"),
    Command(
        "archive",
        "townsquare.cli.archive",
        "everything, continuously, encrypted, somewhere else: begin it, see how it is",
    ),
    Command(
        "restore", "townsquare.cli.restore", "a place back from its archive, on a machine that knows nothing of it"
    ),
    Command("demo", "townsquare.cli.demo", "fill a new place with a town of 30 people and 400 posts, to look at"),
    Command("import", "townsquare.cli.imports.command", "load a corpus of posts from a file"),
    Command(
        "standby", "townsquare.cli.standby", "a second host that follows this one: invite it, join it, see how it is"
    ),
    Command("promote", "townsquare.cli.promote", "make this standby the primary, because the primary is lost"),
    Command("move", "townsquare.cli.move", "take the place to another host while it runs"),
    Command("transfer", "townsquare.cli.transfer", "bring somebody's archive along that is too large for a form"),
    Command(
        "drill", "townsquare.cli.drill.command", "lose a host on this machine, for practice, and count what is missing"
    ),
    Command("settings", "townsquare.cli.settings", "show all settings and where each comes from"),
    Command("doctor", "townsquare.cli.doctor", "check that everything works, and say what to do where it does not"),
)


def program() -> NoReturn:
    """`main` as a process, which ends as soon as its work is done and told.

    At the end that Python makes by itself, a thread of the object store's (it is none of Python's, so nobody waits for
    it) that has handed over its result and is still on its way back finds the interpreter closed, and aborts the whole.
    """
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """What the program does. Exit status 0; 1 where a check failed; 2 for what cannot be done; 130 when interrupted."""
    given = list(sys.argv[1:] if argv is None else argv)
    chosen = next((command for command in COMMANDS if given and command.name == given[0]), None)
    if chosen is None:
        parser = _parser(None, None)
        if given:
            parser.parse_args(given)
        parser.print_help(sys.stderr)
        return WRONG
    module = cast("Module", importlib.import_module(chosen.module))
    args = _parser(chosen, module).parse_args(given)
    try:
        status = module.run(args)
        sys.stdout.flush()
        return status
    except (CommandError, SettingsError, LauncherError, Refused) as error:
        print(f"townsquare: {error}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # Whoever read the output has had enough, as `townsquare account list | head` does; so has the last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A file or a folder that the person named or owns; anything else is a fault of ours.
        if error.filename is None:
            raise
        print(f"townsquare: {error.filename} cannot be used: {error.strerror}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser(chosen: Command | None, module: Module | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="townsquare",
        description="A town square of your own.",
        epilog="`townsquare COMMAND --help` tells what a command takes, `townsquare settings` what can be set.",
    )
    parser.add_argument("--version", action="version", version=f"townsquare {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(command.name, help=command.help, description=sentence(command.help))
        if command is chosen and module is not None:
            module.add(one)
    return parser

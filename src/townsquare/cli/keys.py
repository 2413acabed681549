"""`townsquare keys …`: the keys of the place, which stand in a file outside the database."""

import argparse

from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, find_place, keys_file
from townsquare.cli.progress import DONE, tell
from townsquare.kernel import keyring
from townsquare.kernel.keyring import LASTING, PURPOSES, KeyringError


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_action(actions, "init", "make the file of keys, or the keys that it lacks; `up` and `db migrate` do it too")
    add_action(actions, "list", "what keys there are, by name and age; no key is shown")
    one = add_action(actions, "renew", "make a new key for a purpose; the older ones still open what they sealed")
    one.add_argument("purpose", choices=[one for one in PURPOSES if one not in LASTING], help="what it is for")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    file = keys_file(place.settings, place.data)
    try:
        match args.action:
            case "init":
                made = keyring.ensure(file)
                tell(DONE, "Keys", f"{file}: made for {', '.join(made)}" if made else f"{file}: nothing is missing")
            case "list":
                ring = keyring.read(file)
                for purpose in PURPOSES:
                    for key in ring.of(purpose):
                        print(f"{purpose:<10}  {key.name.hex()}  {key.made_at:%Y-%m-%d %H:%M} UTC")
            case _:
                key = keyring.renew(file, args.purpose)
                tell(DONE, "Keys", f"{key.name.hex()} is the key for {args.purpose} from now on")
    except KeyringError as error:
        raise CommandError(str(error)) from error
    return 0

"""`townsquare settings`: all settings with their values and where each comes from."""

import argparse
import sys

import msgspec

from townsquare.cli.place import add_place, find_place
from townsquare.kernel.settings import SECRET


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="as a JSON object: key -> {value, source}")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    every = find_place(args).loaded.all
    if args.json:
        told = {
            one.key: {"value": one.shown if one.key in SECRET else one.value, "source": one.source} for one in every
        }
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        return 0
    widths = [max(len(text) for text in column) for column in ([o.key for o in every], [o.shown for o in every])]
    for one in every:
        print(f"{one.key:<{widths[0]}}  {one.shown:<{widths[1]}}  {one.source}")
    return 0

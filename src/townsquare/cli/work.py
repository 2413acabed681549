"""`townsquare work`: do the background work, for those who run the parts apart."""

import argparse
import os

from townsquare.cli import parts
from townsquare.cli.place import DEFAULT_PORT, add_place, address_of, find_place, part_of_service


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    with part_of_service(find_place(args), "work", address_of("", DEFAULT_PORT)) as (settings, environ):
        os.environ.update(environ)
        return parts.work(settings)

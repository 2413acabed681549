"""`townsquare settings`: all settings with their values and where each comes from."""

import argparse
import sys
from collections.abc import Mapping
from functools import partial

import msgspec

from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, add_place, find_place, with_database
from townsquare.db import launcher
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import SECRET, Setting
from townsquare.moderation.own import SOURCE
from townsquare.moderation.store_own import everything


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="as a JSON object: key -> {value, source}")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    chosen = _chosen(place)
    every = [chosen.get(one.key, one) for one in place.loaded.all]
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


def _chosen(place: Place) -> Mapping[str, Setting]:
    """What was chosen on the pages and is in force, where there is a database that can say it."""
    if not place.settings.database_url and launcher.cluster_major(place.data) is None:
        return {}
    try:
        return with_database(place, partial(_read, said=place.loaded.said), connections=1)
    except CommandError as error:
        print(f"What was chosen on the pages of the place is not known: {error}", file=sys.stderr)
        return {}


async def _read(db: Database, _settings: Settings, *, said: Mapping[str, str]) -> Mapping[str, Setting]:
    return {key: Setting(key, value, SOURCE) for key, value in (await everything(db)).items() if key not in said}

"""`townsquare work`: do the background work, for those who run the parts apart."""

import argparse
import os

import structlog

from townsquare.cli import parts
from townsquare.cli.place import DEFAULT_PORT, add_place, address_of, check_practice, find_place, part_of_service
from townsquare.cli.values import check_values
from townsquare.kernel import logs
from townsquare.kernel.settings_sources import Resolved
from townsquare.media.storage import open_storage

log = structlog.get_logger("work")


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    check_values(place.settings)
    check_practice(place)
    with part_of_service(place, "work", address_of("", DEFAULT_PORT)) as (settings, environ):
        open_storage(settings.storage)
        os.environ.update(environ)
        logs.configure(settings.log)
        log.info("the background work starts", public_url=settings.public_url)
        return parts.work(Resolved(settings, place.loaded.said))

"""`townsquare web`: answer requests, for those who run the parts apart."""

import argparse
import os
from functools import partial

import structlog

from townsquare.cli import parts, serving
from townsquare.cli.errors import CommandError
from townsquare.cli.place import DEFAULT_PORT, add_place, address_of, count, find_place, part_of_service
from townsquare.cli.ports import check_free, numeric
from townsquare.cli.supervisor import Around, Failed, supervise
from townsquare.cli.values import check_values
from townsquare.kernel import logs
from townsquare.kernel.settings import Settings
from townsquare.media.storage import open_storage

log = structlog.get_logger("web")


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    add_listening(parser)


def add_listening(parser: argparse.ArgumentParser) -> None:
    """Where and with how many processes requests are answered."""
    parser.add_argument("--port", type=port_number, default=DEFAULT_PORT, metavar="N", help=f"port ({DEFAULT_PORT})")
    parser.add_argument(
        "--host", type=numeric, default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)"
    )
    parser.add_argument("--workers", type=count, default=2, metavar="N", help="processes that answer requests (2)")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    host: str = args.host
    port: int = args.port
    place = find_place(args)
    check_values(place.settings)
    check_free(host, port)
    with part_of_service(place, "web", address_of(host, port)) as (settings, environ):
        open_storage(settings.storage)
        os.environ.update(environ)
        logs.configure(settings.log)
        log.info("the web starts", listening=address_of(host, port), public_url=settings.public_url)
        parts.load_app()
        _keep_running(settings, host, port, args.workers)
        return 0


def _keep_running(settings: Settings, host: str, port: int, workers: int) -> None:
    with serving.listening(host, port, workers) as sockets:
        around = Around(ready=_yes, announce=_nothing, mend=_nothing, leave=partial(serving.close, sockets))
        try:
            supervise(serving.web_parts(settings, sockets), around)
        except Failed as error:
            raise CommandError(str(error)) from error


def _yes() -> bool:
    return True


def _nothing() -> None:
    """There is nothing to look after but the processes."""


def port_number(text: str) -> int:
    """A TCP port, as argparse's `type`."""
    number = int(text)
    if not 1 <= number <= 65535:  # noqa: PLR2004 (what TCP has)
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number

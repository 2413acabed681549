"""`townsquare publish terms|privacy|about FILE`: the place's own documents instead of those that come with it."""

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import get_args

from townsquare.auth.terms import Kind, publish_document
from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_place, find_place, with_database
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.moderation.audit import Deed, record
from townsquare.moderation.model import OPERATOR

KINDS: tuple[Kind, ...] = get_args(Kind)


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    add_place(parser)
    parser.add_argument("kind", choices=KINDS, help="which document; new terms must be accepted by everybody again")
    parser.add_argument("file", metavar="FILE", help="plain text, paragraphs with an empty line between them; - for standard input")  # fmt: skip  # noqa: E501 (a row of a table)
    parser.add_argument("--from", dest="start", type=_day, metavar="DATE", help="from this day on (2027-01-31); now")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    body = _read(args.file)
    start: datetime = args.start or datetime.now(UTC)
    return with_database(find_place(args), partial(_publish, kind=args.kind, body=body, start=start))


async def _publish(db: Database, settings: Settings, *, kind: Kind, body: str, start: datetime) -> int:
    async with db.transaction() as tx:
        version = await publish_document(tx, kind, body, start)
        after = {"version": version, "effective_at": start}
        await record(tx, OPERATOR, Deed(action=f"{kind}.publish", target=f"document:{kind}", name=kind, after=after))
    print(f"Version {version} stands at {settings.public_url}/{kind}, in force from {start:%Y-%m-%d %H:%M} UTC on.")
    return 0


def _read(name: str) -> str:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not UTF-8: {error}") from error
    paragraphs = [" ".join(lines.split()) for lines in text.replace("\r\n", "\n").split("\n\n")]
    body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if not body:
        raise CommandError(f"{name} is empty")
    return body


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise argparse.ArgumentTypeError("write a day as 2027-01-31") from error

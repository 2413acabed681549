"""`townsquare domain …`: tell of another domain beforehand, and take the place there."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, add_action, find_place, with_database
from townsquare.cli.progress import DONE, FAILED, NOTE, tell
from townsquare.continuity.domains import checks, verbs
from townsquare.db.pool import Database
from townsquare.kernel import domains
from townsquare.kernel.errors import Invalid
from townsquare.kernel.settings import Settings


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(actions, "add", "tell everybody of the domain to which the place may move, signed")
    one.add_argument("domain", metavar="NEW", help="square.example")
    add_action(actions, "withdraw", "tell of it no more")
    one = add_action(actions, "switch", "take the place to another domain; the present one leads there from then on")
    one.add_argument("domain", metavar="NEW", help="square.example")
    one.add_argument("--dry-run", action="store_true", help="only say what would stop it")
    one.add_argument("--force", action="store_true", help="although something is in the way: when the old one is lost")
    add_action(actions, "status", "where the place is, was and will be, and the key by which documents are believed")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    place = find_place(args)
    try:
        match args.action:
            case "add":
                return with_database(place, partial(_add, text=args.domain))
            case "withdraw":
                return with_database(place, partial(_add, text=""))
            case "switch":
                options = partial(_switch, place=place, text=args.domain, dry=args.dry_run, force=args.force)
                return with_database(place, options)
            case _:
                return with_database(place, _status)
    except Invalid as refused:
        raise CommandError(refused.text) from refused


async def _add(db: Database, settings: Settings, *, text: str) -> int:
    url = verbs.address(text, settings) if text else ""
    async with db.transaction() as tx:
        await verbs.add(tx, settings, url, datetime.now(UTC))
    if not url:
        tell(DONE, "Domain", "no other domain is told of any more")
        return 0
    tell(DONE, "Domain", f"{url} is told of at {settings.public_url}{domains.PATH}, signed")
    print("Have its name lead here, and the proxy pass it on. Then: townsquare domain switch --dry-run " + text)
    return 0


async def _switch(db: Database, settings: Settings, *, place: Place, text: str, dry: bool, force: bool) -> int:
    url = verbs.address(text, settings)
    found = await checks.look(settings, db.keys, url, list(place.loaded.said))
    stops = _told(found)
    if stops and not force:
        return 1
    if dry:
        tell(DONE, "Dry run", f"nothing stops a move to {url}")
        return 0
    async with db.transaction() as tx:
        await verbs.switch(tx, settings, url, datetime.now(UTC))
    tell(DONE, "Switched", f"the place is at {url}; {settings.public_url} leads there as long as it lives")
    print("What runs begins anew within seconds. Keep the old domain: links, apps and other servers still go there.")
    return 0


def _told(found: Sequence[checks.Found]) -> int:
    """Say it; how many stop the move."""
    for one in found:
        mark = DONE if not one.wrong else FAILED if one.stops else NOTE
        tell(mark, one.what, one.wrong or "fine")
    return sum(bool(one.wrong) and one.stops for one in found)


async def _status(db: Database, settings: Settings) -> int:
    said = await verbs.said(db)
    tell(DONE, "Now", settings.public_url + (f" (said {said.since}, number {said.number})" if said else ""))
    if settings.next_url:
        tell(DONE, "Next", settings.next_url)
    for url in settings.former_urls:
        tell(DONE, "Former", url)
    tell(DONE, "Key", domains.public_key(db.keys))
    return 0

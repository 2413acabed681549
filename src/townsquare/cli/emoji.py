"""`townsquare emoji …`: the place's own emojis."""

import argparse
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path

import msgspec

from townsquare.accounts.profile import Picture
from townsquare.cli.errors import CommandError
from townsquare.cli.place import add_action, find_place, with_database
from townsquare.continuity.archive.state import Home, home_of, open_files
from townsquare.db.pool import Database
from townsquare.kernel.errors import Refused
from townsquare.kernel.settings import Settings
from townsquare.media.profile_pictures import store_emoji
from townsquare.moderation.audit import Deed, record
from townsquare.moderation.model import OPERATOR
from townsquare.statuses import store_emojis as store
from townsquare.statuses.emojis import Change, change_emoji, check_shortcode, put_emojis, remove_emoji

Act = Callable[[Database, Settings], Awaitable[int]]
PICTURES = frozenset({".png", ".gif", ".webp", ".jpg", ".jpeg", ".avif", ".apng"})
AT_ONCE = 50
"""Emojis that are added in one transaction."""


class File(msgspec.Struct, frozen=True):
    """A picture that is to be an emoji."""

    path: Path
    shortcode: str
    category: str | None


def add(parser: argparse.ArgumentParser) -> None:
    """See `main.Module`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    one = add_action(actions, "add", "add an emoji, or give one another picture")
    one.add_argument("shortcode", help="what people write between colons")
    one.add_argument("file", type=Path, metavar="FILE", help="PNG, GIF, WebP (also animated), JPEG or AVIF")
    one.add_argument("--category", help="under which it is listed where people choose")
    one = add_action(actions, "import", "add all pictures of a folder by their names; its folders are categories")
    one.add_argument("folder", type=Path, metavar="FOLDER")
    one.add_argument("--category", help="of the pictures that lie in no folder of it")
    add_action(actions, "list", "list all emojis")
    for name, (what, _) in CHANGES.items():
        add_action(actions, name, what).add_argument("shortcode")
    one = add_action(actions, "categorise", "put an emoji into a category, or into none")
    one.add_argument("shortcode")
    one.add_argument("category", nargs="?")
    add_action(actions, "remove", "take an emoji away; texts then show its name").add_argument("shortcode")


def run(args: argparse.Namespace) -> int:
    """See `main.Module`."""
    return with_database(find_place(args), _act(args))


def _act(args: argparse.Namespace) -> Act:
    home = home_of(args.data.absolute())
    match args.action:
        case "add":
            return partial(_add, home=home, files=[File(args.file, args.shortcode, args.category)])
        case "import":
            return partial(_add, home=home, files=list(_files(args.folder, args.category)))
        case "list":
            return _list
        case "categorise":
            return partial(_change, shortcode=args.shortcode, change=Change(category=args.category), told="is moved")
        case "remove":
            return partial(_remove, shortcode=args.shortcode)
        case action:
            what, change = CHANGES[action]
            return partial(_change, shortcode=args.shortcode, change=change, told=f"done: {what}")


def _files(folder: Path, category: str | None) -> Iterator[File]:
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in PICTURES:
            within = path.relative_to(folder).parts[:-1]
            yield File(path, path.stem, within[0] if within else category)


async def _add(db: Database, settings: Settings, *, home: Home, files: list[File]) -> int:
    storage, added, refused = open_files(home, settings), 0, 0
    for category, alike in groupby(files, key=lambda one: one.category):
        these = list(alike)
        for first in range(0, len(these), AT_ONCE):
            pictures: list[tuple[str, Picture]] = []
            for one in these[first : first + AT_ONCE]:
                try:
                    check_shortcode(one.shortcode)
                    pictures.append((one.shortcode, await store_emoji(storage, settings, one.path.read_bytes())))
                except Refused as error:
                    refused += 1
                    print(f"{one.path}: {error.text}")
            if pictures:
                async with db.transaction() as tx:
                    await put_emojis(tx, list(dict(pictures).items()), category)
                    after = {"category": category}
                    await record(tx, OPERATOR, *(_deed("put", shortcode, after) for shortcode in dict(pictures)))
            added += len(pictures)
    print(f"{added} added" + (f", {refused} refused." if refused else "."))
    return 1 if refused else 0


async def _list(db: Database, _settings: Settings) -> int:
    for one in await store.everything(db):
        standing = "disabled" if one.disabled else "" if one.visible else "hidden"
        print(f":{one.shortcode}:  {one.category or '-'}  {standing}".rstrip())
    return 0


async def _change(db: Database, _settings: Settings, *, shortcode: str, change: Change, told: str) -> int:
    async with db.transaction() as tx:
        await change_emoji(tx, shortcode, change)
        await record(tx, OPERATOR, _deed("update", shortcode, msgspec.to_builtins(change)))
    print(f":{shortcode}: {told}.")
    return 0


async def _remove(db: Database, _settings: Settings, *, shortcode: str) -> int:
    async with db.transaction() as tx:
        await remove_emoji(tx, shortcode)
        await record(tx, OPERATOR, _deed("delete", shortcode, {}))
    print(f":{shortcode}: is taken away.")
    return 0


def _deed(what: str, shortcode: str, after: Mapping[str, object]) -> Deed:
    return Deed(action=f"custom_emoji.{what}", target=f"custom_emoji:{shortcode}", name=f":{shortcode}:", after=after)


CHANGES = {
    "disable": ("show its name instead of it everywhere", Change(disabled=True)),
    "enable": ("show it again", Change(disabled=False)),
    "hide": ("do not list it where people choose; who knows it can write it", Change(visible=False)),
    "show": ("list it where people choose", Change(visible=True)),
}

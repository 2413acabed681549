"""Lets the town's people move in, post and react, through the same functions as everybody else.

What was done before is done again without effect, so a demo that was cut off is completed by the next run.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Final, TypeVar

import msgspec
from tqdm import tqdm

from townsquare.accounts import follow
from townsquare.accounts.profile import Changes, update_profile
from townsquare.accounts.relationships import relationship
from townsquare.auth import store_callers
from townsquare.auth.passwords import hash_password
from townsquare.auth.users import NewUser, create_user, find_user
from townsquare.cli.town import script
from townsquare.cli.town.faces import face, valley
from townsquare.cli.town.scenes import scene
from townsquare.cli.town.script import Line, Villager
from townsquare.db.pool import Database, Tx
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Settings
from townsquare.media.profile_pictures import store_avatar, store_header
from townsquare.media.storage import Store
from townsquare.media.upload import upload
from townsquare.statuses import react
from townsquare.statuses.model import Author, Draft, Visibility
from townsquare.statuses.post import post_status
from townsquare.timelines import store_trend_reviews as reviews

T = TypeVar("T")

SEED: Final = 1388
AT_ONCE: Final = 25
"""Things that are done in one transaction, since each commit waits for the disk."""
LATELY: Final = timedelta(days=2)
"""What is younger than this notifies those whom it names, as if it were said now."""
TALK: Final = ("lanterns", "alder", "market", "weather")
"""What the town talks about: these tags may trend."""
OFFICIAL: Final = ("townhall", "library")
FRIENDS_OF_LOCKED: Final = ("ottilie", "hannah", "marek", "priya")

People = Mapping[str, Author]


class Town(msgspec.Struct, frozen=True):
    """Where the town stands, and its people."""

    db: Database
    storage: Store
    settings: Settings
    now: datetime
    people: People


async def settled(db: Database) -> list[bool]:
    """Of each of its people whether they live here already."""
    return [await find_user(db, address(one.username)) is not None for one in script.people()]


def address(username: str) -> str:
    """The email address of one of them, at a domain that cannot exist (RFC 2606)."""
    return f"{username}@town.invalid"


async def settle(db: Database, storage: Store, settings: Settings, password: str, now: datetime) -> Town:
    """Everything, with a bar for each part. Raises Invalid when somebody else has one of the names."""
    villagers = script.people()
    chance = Random(SEED)
    newcomer = NewUser(
        username="",
        email="",
        password=password,
        password_hash=await hash_password(password),
        confirmed=True,
        approved=True,
        agreed=True,
        of_age=True,
    )
    people = {
        one.username: await _arrive(db, settings, one, newcomer, now, chance) for one in _bar(villagers, "People")
    }
    town = Town(db, storage, settings, now, people)
    for place, one in enumerate(_bar(villagers, "Profiles")):
        await _introduce(town, one, place)
    await _acquaint(town, villagers, chance)
    lines = script.lines(now)
    ids: list[StatusId] = []

    async def say(tx: Tx, line: Line) -> None:
        ids.append(await _say(town, tx, line, ids, lines))

    async def react_to(tx: Tx, said: tuple[Line, StatusId]) -> None:
        await _react(town, tx, *said, chance)

    await _each(town, lines, "Posts", say)
    await _each(town, list(zip(lines, ids, strict=True)), "Reactions", react_to)
    await _let_trend(town)
    async with db.transaction() as tx:  # whoever posts from a town's script has no session that would say so
        await store_callers.touch_users(tx, [one.id for one in people.values()], [now.date()] * len(people))
    return town


def _bar(items: Sequence[T], name: str) -> Iterable[T]:
    return tqdm(items, desc=f"{name:<10}", unit="", disable=None, leave=False)


async def _each(town: Town, items: Sequence[T], name: str, act: Callable[[Tx, T], Awaitable[None]]) -> None:
    waiting = iter(_bar(items, name))
    while some := list(islice(waiting, AT_ONCE)):
        async with town.db.transaction() as tx:
            for one in some:
                await act(tx, one)


async def _arrive(
    db: Database, settings: Settings, one: Villager, newcomer: NewUser, now: datetime, chance: Random
) -> Author:
    since = now - timedelta(days=chance.randrange(60, 900), minutes=chance.randrange(1440))
    user = await find_user(db, address(one.username))
    if user is None:
        named = {"username": one.username, "email": address(one.username), "display_name": one.name}
        new = msgspec.structs.replace(newcomer, **named)
        async with db.transaction() as tx:
            user = await create_user(tx, new, settings=settings, now=since)
    return Author(AccountId(user.account_id), one.username)


async def _introduce(town: Town, one: Villager, place: int) -> None:
    """Pictures and what they say of themselves; once everybody is there, so that names become links."""
    changes = Changes(
        display_name=one.name,
        note=one.note,
        fields=one.fields,
        bot=one.bot,
        locked=one.locked,
        avatar=await store_avatar(town.storage, town.settings, face(one.look, SEED + place)),
        avatar_description=f"A drawing of {one.name}",
        header=await store_header(town.storage, town.settings, valley(SEED + place)),
        header_description="Hills, a river and a few houses",
    )
    async with town.db.transaction() as tx:
        await update_profile(tx, town.people[one.username].id, changes, settings=town.settings)


async def _acquaint(town: Town, villagers: Sequence[Villager], chance: Random) -> None:
    """Who follows whom: the town hall and the library nearly everybody, the others a good part of the town."""
    locked = {one.username for one in villagers if one.locked}
    for name, me in _bar(list(town.people.items()), "Follows"):
        others = [other for other in town.people if other not in (name, *OFFICIAL, *locked)]
        chosen = chance.sample(others, chance.randrange(9, 19))
        chosen += [other for other in OFFICIAL if other != name and chance.random() < 0.85]
        chosen += [other for other in locked if name in FRIENDS_OF_LOCKED]
        async with town.db.transaction() as tx:
            for other in chosen:
                await follow.follow(tx, me.id, town.people[other].id)
                if (await relationship(tx, me.id, town.people[other].id)).requested:
                    await follow.authorise(tx, town.people[other].id, me.id)


async def _say(town: Town, tx: Tx, line: Line, ids: Sequence[StatusId], lines: Sequence[Line]) -> StatusId:
    author = town.people[line.author]
    media: tuple[int, ...] = ()
    if line.picture:
        data = scene(line.picture)
        media = ((await upload(tx, town.storage, town.settings, author.id, data, description=line.alt)).id,)
    draft = Draft(
        text=_addressed(line, lines),
        spoiler_text=line.warning,
        visibility=Visibility.parse(line.visibility),
        language=line.language,
        in_reply_to_id=None if line.answers < 0 else ids[line.answers],
        media_ids=media,
        idempotency_key=f"demo {len(ids)}",
        created_at=line.at,
    )
    posted = await post_status(tx, town.settings, author, draft, quiet=town.now - line.at > LATELY)
    return posted.id


def _addressed(line: Line, lines: Sequence[Line]) -> str:
    """An answer to somebody else names them, as apps do it."""
    answered = "" if line.answers < 0 else lines[line.answers].author
    return f"@{answered} {line.text}" if answered not in ("", line.author) else line.text


async def _let_trend(town: Town) -> None:
    """As somebody of the staff would have: else nothing trends before the owner has looked at it."""
    async with town.db.transaction() as tx:
        for author in town.people.values():
            await reviews.decide_account(tx, author.id, trendable=True)
        for tag in (await reviews.tags(tx, TALK)).values():
            await reviews.decide_tag(tx, tag.id, trendable=True)


async def _react(town: Town, tx: Tx, line: Line, status_id: StatusId, chance: Random) -> None:
    """Favourites, echoes, bookmarks and pins: more for pictures and for those who begin a thread."""
    if line.pin:
        await react.pin(tx, town.people[line.author].id, status_id)
    if line.visibility != "public":
        return
    names = list(town.people)
    keen = (6 if line.picture else 0) + chance.expovariate(1 / (4 if line.answers < 0 else 1.6))
    fans = [name for name in chance.sample(names, min(len(names), int(keen))) if name != line.author]
    for place, name in enumerate(fans):
        fan = town.people[name]
        await react.favourite(tx, fan.id, status_id)
        if place % 6 == 5 and line.answers < 0:
            at = min(line.at + timedelta(minutes=chance.randrange(5, 600)), town.now)
            await react.reblog(tx, town.settings, fan, status_id, at=at)
        if place % 7 == 6:
            await react.bookmark(tx, fan.id, status_id)

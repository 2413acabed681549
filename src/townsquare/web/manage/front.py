"""What strangers see first: a welcome, and posts, people and hashtags that are picked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, get_args

import msgspec

from townsquare.accounts.store import unsuspended_entities
from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings_sources import value_of
from townsquare.moderation import front
from townsquare.moderation.front import Kind
from townsquare.moderation.store_front import Shown
from townsquare.statuses.read import Key
from townsquare.statuses.show import show as show_posts
from townsquare.web.door.entities import Person, Post, person_of, post_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.place import choose_own, with_said
from townsquare.web.manage.shell import P, actor, chosen, show, staff
from townsquare.web.manage.times import moment_of

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SAID: Final = ("front.welcome", "front.timelines", "front.popular", "front.trends")


class Said(msgspec.Struct, frozen=True):
    """The form of what is said and shown by itself."""

    welcome: str = ""
    timelines: bool = False
    popular: bool = False
    trends: bool = False


class Picked(msgspec.Struct, frozen=True):
    """The form of one thing more; from the menu of a post with the post filled in."""

    name: str = ""
    until: str = ""


class Asked(msgspec.Struct, frozen=True):
    post: str = ""


class Row(msgspec.Struct, frozen=True):
    """Something that was picked. Neither a post nor a person: nobody can see it now."""

    shown: Shown
    over: bool
    post: Post | None = None
    person: Person | None = None

    @property
    def key(self) -> str:
        return self.shown.name or str(self.shown.id)

    @property
    def gone(self) -> bool:
        return not self.shown.name and self.post is None and self.person is None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What a form had in it, and what was wrong with it. `kind`: which form; empty: the first."""

    values: Mapping[str, object] | None = None
    given: Picked = Picked()
    kind: str = ""
    wrong: Wrong | None = None
    status: int = 200


async def show_front(visitor: Visitor, given: Asked) -> Answer:
    return await _front(visitor, Sent(given=Picked(name=given.post), kind="posts" if given.post else ""))


async def _front(visitor: Visitor, sent: Sent) -> Answer:
    values = sent.values or {key: value_of(visitor.settings, key) for key in SAID}
    rows = {kind: await _rows(visitor, kind, await front.chosen(visitor.db, kind)) for kind in KINDS}
    return await show(
        visitor,
        "front",
        status=sent.status,
        values=values,
        bound=visitor.site.own.said,
        rows=rows,
        most=front.MOST,
        sent=sent,
    )


async def _rows(visitor: Visitor, kind: Kind, there: Sequence[Shown]) -> list[Row]:
    """As strangers see them."""
    now, ids = datetime.now(UTC), [AccountId(one.id) for one in there]
    posts: dict[int, Post] = {}
    people: dict[int, Person] = {}
    if kind == "posts" and there:
        found = await show_posts(visitor.db, 0, [Key(one.id, one.account_id) for one in there])
        posts = {int(post.id): post for post in map(post_of, found)}
    if kind == "people" and there:
        known = await unsuspended_entities(visitor.db, ids)
        people = {number: person_of(entity) for number, entity in known.items()}
    return [
        Row(one, one.until is not None and one.until <= now, posts.get(one.id), people.get(one.id)) for one in there
    ]


async def save(visitor: Visitor, given: Said) -> Answer:
    values: dict[str, object] = {
        "front.welcome": given.welcome.replace("\r\n", "\n").strip(),
        "front.timelines": given.timelines,
        "front.popular": given.popular,
        "front.trends": given.trends,
    }
    try:
        await choose_own(visitor, values)
    except Refused as refused:
        told = with_said(visitor, values)
        return await _front(visitor, Sent(values=told, wrong=wrong_of(refused), status=refused.status))
    return redirect(visitor, "/manage/front", said="saved")


def _kind(visitor: Visitor) -> Kind:
    return msgspec.convert(chosen(visitor.values["kind"], KINDS), Kind)


async def pick(visitor: Visitor, given: Picked) -> Answer:
    kind, now = _kind(visitor), datetime.now(UTC)
    try:
        until = moment_of(given.until, visitor.zone or UTC)
        async with visitor.db.transaction() as tx:
            await front.add(tx, actor(visitor), kind, given.name, until, now, settings=visitor.settings)
    except Invalid as refused:
        return await _front(visitor, Sent(given=given, kind=kind, wrong=wrong_of(refused), status=refused.status))
    return _back(visitor, kind)


def _back(visitor: Visitor, kind: Kind) -> Answer:
    return redirect(visitor, f"/manage/front#{kind}", said="saved")


async def move(visitor: Visitor, given: Any) -> Answer:
    kind, up = _kind(visitor), chosen(visitor.values["way"], ("up", "down")) == "up"
    async with visitor.db.transaction() as tx:
        await front.move(tx, actor(visitor), kind, visitor.values["key"], up=up)
    return _back(visitor, kind)


async def remove(visitor: Visitor, given: Any) -> Answer:
    kind = _kind(visitor)
    async with visitor.db.transaction() as tx:
        await front.remove(tx, actor(visitor), kind, visitor.values["key"])
    return _back(visitor, kind)


PAGES: Final = (
    staff("GET", "/front", show_front, P.MANAGE_SETTINGS, Asked),
    staff("POST", "/front", save, P.MANAGE_SETTINGS, Said),
    staff("POST", "/front/:kind", pick, P.MANAGE_SETTINGS, Picked),
    staff("POST", "/front/:kind/:key/move/:way", move, P.MANAGE_SETTINGS),
    staff("POST", "/front/:kind/:key/delete", remove, P.MANAGE_SETTINGS),
)

"""What trends, as the staff see it: all of it, with what they decide."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.accounts.tags import Tag, tags
from townsquare.api.admin import V1, P, actor, place_in
from townsquare.api.door import Access, Call, Handler, Route
from townsquare.api.paging import Page, links
from townsquare.api.trends import FEW, MANY, MOST_OF_FEW, MOST_OF_MANY, Part, part, with_links
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, json, json_array
from townsquare.kernel.ids import StatusId
from townsquare.moderation import trends as decisions
from townsquare.statuses.cards_model import domain_of
from townsquare.statuses.read import Key
from townsquare.statuses.render import moment
from townsquare.statuses.show import key_of, show
from townsquare.timelines import store_trend_reviews as reviews
from townsquare.timelines import store_trends as store
from townsquare.timelines import trends_show
from townsquare.timelines.trends_model import decided, domains_above

UNREVIEWED, REVIEWED = b',"requires_review":true}', b',"requires_review":false}'


class _Shown(msgspec.Struct, frozen=True):
    id: str


class AdminTag(Tag, frozen=True, kw_only=True):
    """Mastodon's Admin::Tag entity."""

    trendable: bool
    usable: bool = True
    listable: bool = True
    requires_review: bool


class PublisherEntity(msgspec.Struct, frozen=True):
    """Whose pages are linked to, as Mastodon answers it."""

    id: str
    domain: str
    trendable: bool | None
    reviewed_at: str | None
    requested_review_at: str
    requires_review: bool


async def show_tags(call: Call, given: Part) -> Answer:
    page = part(call, given, limit=FEW, most=MOST_OF_FEW, everything=True)
    names = await store.trending(call.services.db, "tag", page)
    return with_links(call, json(await _tags(call, names)), page, len(names))


async def _tags(call: Call, names: Sequence[str]) -> list[AdminTag]:
    services = call.services
    known = await reviews.tags(services.db, names)
    shown = await tags(services.db, None, names, services.settings.public_url, datetime.now(UTC))
    return [
        AdminTag(
            **{name: getattr(one, name) for name in ("id", "name", "url", "history")},
            trendable=decided(known[name].trendable, default=not services.settings.trends.review),
            requires_review=known[name].trendable is None,
        )
        for name, one in zip(names, shown, strict=True)
        if name in known
    ]


async def show_links(call: Call, given: Part) -> Answer:
    page = part(call, given, limit=FEW, most=MOST_OF_FEW, everything=True)
    urls = await store.trending(call.services.db, "link", page)
    return with_links(call, json_array(await _links(call, urls)), page, len(urls))


async def _links(call: Call, urls: Sequence[str]) -> list[bytes]:
    services = call.services
    known = await reviews.links(services.db, urls)
    domains = {url: domains_above(domain_of(url)) for url in urls}
    publishers = await reviews.publishers(services.db, [name for names in domains.values() for name in names])
    shown = await trends_show.links(services.db, services.settings, call.viewer, urls, datetime.now(UTC))
    out: list[bytes] = []
    for url in urls:
        if url in shown and url in known:
            judged = known[url].trendable is not None or any(
                publishers[name].trendable is not None for name in domains[url] if name in publishers
            )
            review = msgspec.json.encode({"id": str(known[url].id), "requires_review": not judged})
            out.append(shown[url][:-1] + b"," + review[1:])
    return out


async def show_statuses(call: Call, given: Part) -> Answer:
    page = part(call, given, limit=MANY, most=MOST_OF_MANY, everything=True)
    keys = await store.trending_statuses(call.services.db, page)
    return with_links(call, json_array(await _statuses(call, keys)), page, len(keys))


async def _statuses(call: Call, keys: Sequence[Key]) -> list[bytes]:
    """As anybody sees them, so that the staff's own mutes hide nothing of what is to be decided."""
    db = call.services.db
    unreviewed = await reviews.unreviewed(db, [key.id for key in keys], [key.account_id for key in keys])
    shown = await show(db, 0, keys)
    return [
        one[:-1] + (UNREVIEWED if int(msgspec.json.decode(one, type=_Shown).id) in unreviewed else REVIEWED)
        for one in shown
    ]


async def show_publishers(call: Call, given: Page) -> Answer:
    found = await reviews.list_publishers(call.services.db, place_in(given))
    answer = json([_publisher(one) for one in found])
    return answer.header("link", links(call, found[-1].id, found[0].id)) if found else answer


def _publisher(one: reviews.Publisher) -> PublisherEntity:
    reviewed = None if one.reviewed_at is None else moment(one.reviewed_at)
    asked = moment(one.requested_review_at)
    return PublisherEntity(str(one.id), one.domain, one.trendable, reviewed, asked, one.trendable is None)


def _tag(*, allow: bool) -> Handler:
    async def decide(call: Call, given: Any) -> Answer:
        services, now = call.services, datetime.now(UTC)
        name = await decisions.decide_named(
            services.db, services.settings, actor(call), decisions.TAG, call.id(), now, allow=allow
        )
        return json((await _tags(call, [name]))[0])

    return decide


def _link(*, allow: bool) -> Handler:
    async def decide(call: Call, given: Any) -> Answer:
        services, now = call.services, datetime.now(UTC)
        url = await decisions.decide_named(
            services.db, services.settings, actor(call), decisions.LINK, call.id(), now, allow=allow
        )
        return json((await _links(call, [url]))[0])

    return decide


def _of_publisher(*, allow: bool) -> Handler:
    async def decide(call: Call, given: Any) -> Answer:
        services, now = call.services, datetime.now(UTC)
        one = await decisions.decide_publisher(services.db, services.settings, actor(call), call.id(), now, allow=allow)
        return json(_publisher(one))

    return decide


def _status(*, allow: bool, author: bool = False) -> Handler:
    async def decide(call: Call, given: Any) -> Answer:
        services, now = call.services, datetime.now(UTC)
        key = await key_of(services.db, 0, StatusId(call.id()))
        if key is None or key.original_id is not None:
            raise NotFound
        act = decisions.decide_author if author else decisions.decide_status
        await act(services.db, services.settings, actor(call), key, now, allow=allow)
        return json((await _statuses(call, [key]))[0])

    return decide


R = f"{V1}/trends"
MAY = P.MANAGE_TAXONOMIES
READ, WRITE = ("admin:read",), ("admin:write",)
TAG, LINK, PUBLISHER = "Admin::Tag", "Admin::Trends::Link", "Admin::Trends::Publisher"
STATUS = "Admin::Trends::Status"


def _deciding(path: str, verb: str, handler: Handler, returns: str) -> Route:
    return Route("POST", f"{R}/{path}/:id/{verb}", handler, Access.USER, WRITE, returns=returns, permission=MAY)


def _showing(path: str, handler: Handler, given: type[msgspec.Struct], returns: str) -> Route:
    return Route("GET", f"{R}/{path}", handler, Access.USER, READ, given, f"[{returns}]", permission=MAY)


ROUTES = [
    _showing("tags", show_tags, Part, TAG),
    _showing("links", show_links, Part, LINK),
    _showing("links/publishers", show_publishers, Page, PUBLISHER),
    _showing("statuses", show_statuses, Part, STATUS),
    *(
        _deciding(path, verb, handler(allow=verb == "approve"), returns)
        for path, handler, returns in (
            ("tags", _tag, TAG),
            ("links", _link, LINK),
            ("links/publishers", _of_publisher, PUBLISHER),
            ("statuses", _status, STATUS),
        )
        for verb in ("approve", "reject")
    ),
    _deciding("statuses", "approve_account", _status(allow=True, author=True), STATUS),
    _deciding("statuses", "reject_account", _status(allow=False, author=True), STATUS),
]

"""When the place's address changes, all that holds it is rendered anew: people, posts, and what posts said before.

The address last used stands in the database. Whoever starts to serve compares it with its own; after a change, jobs
walk over everybody and everything in small batches, each of which puts the next into the queue, so that it goes on
where it was after any interruption. No two rows are held at once. Links that people wrote themselves stay as they are.
"""

from collections.abc import Mapping, Sequence

import msgspec
import structlog

from townsquare.accounts.profile import render_next
from townsquare.accounts.store import emojis
from townsquare.db.pool import Database
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import Handle, Scanned, scan
from townsquare.media.model import MediaId, render
from townsquare.media.upload import for_status
from townsquare.statuses import places
from townsquare.statuses import store_address as store
from townsquare.statuses.ask import render_options
from townsquare.statuses.cards import of_posts
from townsquare.statuses.cards_model import chosen_link
from townsquare.statuses.compose import Found, body_of, html_of, key_of
from townsquare.statuses.events import AddressChanged
from townsquare.statuses.model import Author, Draft, Mentioned, Parent, ReplyPolicy, Visibility
from townsquare.statuses.quotes import quoted_by
from townsquare.statuses.render import Application, encode_head
from townsquare.statuses.store_address import Edit, Pair, Stored

BATCH = 100

log = structlog.get_logger("address")


async def compare(db: Database, settings: Settings) -> None:
    """When a service starts: note its address, and have everything rendered anew if it was another before.

    Goes on with what was begun before and not finished.
    """
    async with db.transaction() as tx:
        await store.lock(tx)
        state = await store.latest(tx)
        if state is None or state.url != settings.public_url:
            is_new = state is None and await store.is_new(tx)
            before, state = state, AddressChanged(settings.public_url, "done" if is_new else "accounts")
            await store.use(tx, state)
            if before is not None:
                log.info("the address has changed: pages and posts follow", before=before.url, now=state.url)
        if state.part != "done":
            await emit(tx, state)


async def render_on(db: Database, settings: Settings, events: Sequence[AddressChanged], *, batch: int = BATCH) -> None:
    """Effect of AddressChanged: the next batch. What is not in step with the database is of a walk that has ended."""
    for event in events:
        if await store.latest(db) == event:
            after = await _walk(db, msgspec.structs.replace(settings, public_url=event.url), event, batch)
            async with db.transaction() as tx:
                if await store.advance(tx, event, after) and after.part != "done":
                    await emit(tx, after)


async def _walk(db: Database, settings: Settings, at: AddressChanged, batch: int) -> AddressChanged:
    if at.part == "accounts":
        last = await render_next(db, AccountId(at.account_id), batch, settings.public_url)
        return AddressChanged(at.url, "posts") if last is None else AddressChanged(at.url, "accounts", last)
    posts = await store.posts_after(db, at.account_id, at.status_id, batch)
    if not posts:
        return AddressChanged(at.url, "done")
    await _render_posts(db, settings, [post for post in posts if post.local])
    return AddressChanged(at.url, "posts", posts[-1].account_id, posts[-1].id)


async def _render_posts(db: Database, settings: Settings, posts: Sequence[Stored]) -> None:
    ours = [msgspec.structs.replace(settings, public_url=url).domain for url in await store.addresses(db)]
    named = await store.named(db, posts)
    cards = await of_posts(db, settings, _links(settings, posts))
    for post in posts:
        author = Author(AccountId(post.account_id), post.username)
        if post.reblog_of_id is not None:
            await store.rewrite(db, post, _head(settings, author, post), "", post.body)
            continue
        scanned = scan(post.text)
        found = await _find(db, settings, post, scanned, _people(scanned, named.get(post.pair, ()), ours))
        found = msgspec.structs.replace(found, card=cards.get(post.pair))
        content = html_of(settings, post.text, found)
        body = body_of(settings, _draft(post), scanned, found, content=content, edited_at=post.edited_at)
        await store.rewrite(db, post, _head(settings, author, post), content, body)
    for edit in await store.edits(db, [post for post in posts if post.edited_at]):
        people = _people(scan(edit.text), named.get((edit.account_id, edit.status_id), ()), ours)
        content = html_of(settings, edit.text, Found(people=people))
        await store.rewrite_edit(db, edit, content, await _media(db, settings, edit))


def _links(settings: Settings, posts: Sequence[Stored]) -> dict[Pair, str]:
    """The links that have cards."""
    links = {post.pair: chosen_link(scan(post.text).urls, settings.urls) for post in posts}
    return {pair: link for pair, link in links.items() if link is not None}


async def _find(
    db: Database, settings: Settings, post: Stored, scanned: Scanned, people: Mapping[Handle, Mentioned]
) -> Found:
    shortcodes = [*scanned.emojis, *scan(post.spoiler_text).emojis]
    media = await for_status(db, AccountId(post.account_id), [MediaId(number) for number in post.media_ids])
    asked = await render_options(db, settings, post.pair) if post.has_poll else ()
    known = {one.shortcode: one for one in (*await emojis(db, "", shortcodes, settings.public_url), *asked)}
    return Found(
        quoted=await quoted_by(db, settings, post.quoted, post.quote_state),
        parent=_parent(post),
        people=people,
        emojis=list(known.values()),
        media=[render(one, settings.public_url) for one in media],
        application=msgspec.convert(post.application, Application | None),
    )


def _head(settings: Settings, author: Author, post: Stored) -> bytes:
    if post.reblog_of_id is None:
        uri, url = places.status_uri(settings, author, post.id), places.status_url(settings, author, post.id)
    else:
        uri, url = places.reblog_uri(settings, author, post.id), None
    return encode_head(post.id, post.created_at, uri, url, Visibility(post.visibility))


def _draft(post: Stored) -> Draft:
    return Draft(
        text=post.text,
        spoiler_text=post.spoiler_text,
        visibility=Visibility(post.visibility),
        sensitive=post.sensitive,
        language=post.language,
        reply_policy=ReplyPolicy(post.reply_policy),
    )


def _parent(post: Stored) -> Parent | None:
    if post.in_reply_to_id is None or post.in_reply_to_account_id is None:
        return None
    return Parent(
        StatusId(post.in_reply_to_id),
        AccountId(post.in_reply_to_account_id),
        StatusId(post.root_id),
        AccountId(post.root_account_id),
    )


def _people(scanned: Scanned, named: Sequence[Mentioned], ours: Sequence[str]) -> Mapping[Handle, Mentioned]:
    """Those of the people named whom a text spells, whichever of the place's addresses it was written with."""
    by_key = {((one.domain or "").lower(), one.username.lower()): one for one in named}
    keys = {handle: key_of(handle, *ours) for handle in scanned.mentions}
    return {handle: by_key[key] for handle, key in keys.items() if key in by_key}


async def _media(db: Database, settings: Settings, edit: Edit) -> list[object]:
    """The pictures with the descriptions that they had."""
    found = await for_status(db, AccountId(edit.account_id), [MediaId(int(one["id"])) for one in edit.media])
    now = {str(one.id): render(one, settings.public_url) for one in found}
    return [
        one | {"url": now[one["id"]].url, "preview_url": now[one["id"]].preview_url} if one["id"] in now else one
        for one in edit.media
    ]

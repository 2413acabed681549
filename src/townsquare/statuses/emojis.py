"""The place's own emojis: added, changed, disabled, taken away; and everything that names them rendered anew.

What names an emoji holds its address, encoded once. After a change jobs walk over people and posts in small batches,
each of which puts the next one into the queue, and rewrite those few that name it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.events import PicturesReplaced
from townsquare.accounts.profile import LINGER, Picture, render_again
from townsquare.accounts.store import emojis
from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import scan
from townsquare.kernel.words import Words
from townsquare.statuses import messages
from townsquare.statuses import store_emojis as store
from townsquare.statuses.ask import render_options
from townsquare.statuses.events import EmojisChanged
from townsquare.statuses.store_emojis import Emoji, Place

BATCH = 2000
_SHORTCODE: Final = re.compile(r"[a-zA-Z0-9_]{2,60}", re.ASCII)
CATEGORY_LENGTH = 60


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of an emoji; what is not set stays. A category of None: none."""

    category: str | msgspec.UnsetType | None = msgspec.UNSET
    visible: bool | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


def check_shortcode(shortcode: str) -> str:
    """Mastodon's rule. Raises Invalid."""
    if not _SHORTCODE.fullmatch(shortcode):
        raise Invalid(
            Words("“%(code)s” is no shortcode: write 2 to 60 letters, digits and underscores", code=shortcode[:80])
        )
    return shortcode


def check_category(category: str | None) -> str | None:
    """Raises Invalid."""
    name = " ".join((category or "").split())
    if len(name) > CATEGORY_LENGTH or "\x00" in name:
        raise Invalid(Words("A category has at most %(num)s characters", num=CATEGORY_LENGTH))
    return name or None


async def put_emojis(tx: Tx, pictures: Sequence[tuple[str, Picture]], category: str | None) -> None:
    """Add emojis, or give those of the same shortcodes other pictures. Raises Invalid."""
    name = check_category(category)
    replaced: list[str] = []
    for shortcode, picture in sorted(pictures, key=lambda pair: pair[0]):
        before = await store.lock(tx, check_shortcode(shortcode))
        new = Emoji(shortcode, picture.key, picture.static_key, name)
        if before is not None:
            replaced += {before.file_key, before.static_key}
            kept = name or before.category
            new = msgspec.structs.replace(before, file_key=picture.key, static_key=picture.static_key, category=kept)
        await store.put(tx, new)
    if replaced:
        await emit(tx, PicturesReplaced(tuple(replaced)), at=datetime.now(UTC) + LINGER)
    await emit(tx, EmojisChanged(tuple(shortcode for shortcode, _ in pictures)))


async def change_emoji(tx: Tx, shortcode: str, change: Change) -> None:
    """Raises NotFound, Invalid."""
    before = await _found(tx, shortcode)
    given = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not msgspec.UNSET}
    if "category" in given:
        given["category"] = check_category(given["category"])
    await store.put(tx, msgspec.structs.replace(before, **given))
    await emit(tx, EmojisChanged((shortcode,)))


async def remove_emoji(tx: Tx, shortcode: str) -> None:
    """Its pictures go too, a day later. Raises NotFound."""
    before = await _found(tx, shortcode)
    await store.delete(tx, shortcode)
    keys = tuple({before.file_key, before.static_key})
    await emit(tx, PicturesReplaced(keys), at=datetime.now(UTC) + LINGER)
    await emit(tx, EmojisChanged((shortcode,)))


async def _found(tx: Tx, shortcode: str) -> Emoji:
    one = await store.lock(tx, shortcode)
    if one is None:
        raise NotFound(Words("There is no emoji :%(code)s: here", code=shortcode[:80]))
    return one


async def render_named(
    db: Database, settings: Settings, events: Sequence[EmojisChanged], *, batch: int = BATCH
) -> None:
    """Effect of EmojisChanged: the next batch of people, then of posts, that name one of the emojis."""
    for event in events:
        after = await _walk(db, settings, event, batch)
        if after is not None:
            async with db.transaction() as tx:
                await emit(tx, after)


async def _walk(db: Database, settings: Settings, at: EmojisChanged, batch: int) -> EmojisChanged | None:
    patterns = [f"%:{shortcode.replace('_', chr(92) + '_')}:%" for shortcode in at.shortcodes]
    if at.part == "accounts":
        people = await store.accounts_after(db, at.account_id, patterns, batch)
        await render_again(db, [AccountId(number) for number, named in people if named], settings.public_url)
        if len(people) == batch:
            return msgspec.structs.replace(at, account_id=people[-1][0])
        return msgspec.structs.replace(at, part="posts", account_id=0)
    posts = await store.posts_after(db, at.account_id, at.status_id, patterns, batch)
    await _rewrite(db, settings, [post for post in posts if post.body and _names(post, at.shortcodes)])
    if len(posts) == batch:
        return msgspec.structs.replace(at, account_id=posts[-1].account_id, status_id=posts[-1].id)
    return None


def _names(post: Place, shortcodes: Sequence[str]) -> bool:
    texts = (post.text, post.spoiler_text, *post.options)
    return any(f":{shortcode}:" in text for shortcode in shortcodes for text in texts)


async def _rewrite(db: Database, settings: Settings, posts: Sequence[Place]) -> None:
    texts = {post.id: (post.text, post.spoiler_text, *post.options) for post in posts}
    named = {number: [code for text in said for code in scan(text).emojis] for number, said in texts.items()}
    shortcodes = list({code for codes in named.values() for code in codes})
    known = {one.shortcode: one for one in await emojis(db, "", shortcodes, settings.public_url)}
    for post in posts:
        shown = [known[code] for code in sorted(set(named[post.id])) if code in known]
        body = messages.opened_body(db.keys, messages.about(post.account_id, post.id), post.body)
        await store.rewrite(db, post, with_emojis(body, shown))
        if post.options:
            await render_options(db, settings, (post.account_id, post.id))


def with_emojis(body: bytes, shown: Sequence[CustomEmoji]) -> bytes:
    """The stored JSON of a post with other emojis."""
    fields = msgspec.json.decode(b"{%b}" % body, type=dict[str, msgspec.Raw])
    fields["emojis"] = msgspec.Raw(msgspec.json.encode(shown))
    return msgspec.json.encode(fields)[1:-1]

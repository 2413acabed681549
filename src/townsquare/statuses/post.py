"""Posting: check the draft, find what it names, compose the row, write it with its event in one transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from townsquare.accounts.render import join_account
from townsquare.accounts.store import emojis
from townsquare.db.pool import Db, Tx
from townsquare.jobs import CHANNELS, job_of
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import Handle, Scanned, fold_tag, scan
from townsquare.media.upload import NotAttachable, attach
from townsquare.statuses import show, store, store_new, store_quotes
from townsquare.statuses.ask import ask
from townsquare.statuses.cards_model import chosen_link
from townsquare.statuses.compose import Found, compose, key_of
from townsquare.statuses.events import StatusPosted
from townsquare.statuses.model import (
    Author,
    Draft,
    Mentioned,
    NewStatus,
    Parent,
    QuoteState,
    Visibility,
    check_answer,
    check_draft,
    check_words,
)
from townsquare.statuses.polls import check_poll
from townsquare.statuses.quotes import check_named, quote
from townsquare.statuses.render import Application, status_for
from townsquare.statuses.store_posts import counts_of, post_of

NOBODY: Mapping[Handle, Mentioned] = {}


class Posted(msgspec.Struct, frozen=True):
    """A new post, or the one that the same idempotency key made before.

    Its JSON where it is at hand: not of one that was made before, or that has a poll or a quote.
    """

    id: StatusId
    json: bytes | None


class NotWritten(NotFound):
    """The idempotency key was used before, or there is no such account any more."""


async def post_status(
    db: Db,
    settings: Settings,
    author: Author,
    draft: Draft,
    *,
    application: Application | None = None,
    quiet: bool = False,
) -> Posted:
    """Write a post. Raises Invalid for a draft that breaks a rule, NotFound for an answer to what cannot be seen,
    Forbidden for one that the author of that does not want.

    `quiet` posts (brought from elsewhere) notify nobody.
    """
    draft, scanned, found = await prepare(db, settings, author, draft, application)
    link = chosen_link(scanned.urls, settings.urls)
    now = draft.created_at or datetime.now(UTC)
    status_id = StatusId(new_id(draft.created_at))
    try:
        if not draft.media_ids and draft.poll is None and found.quoted is None:
            new = compose(settings, author, status_id, draft, scanned, found, now)
            return Posted(status_id, await _write(db, new, scanned, link, draft.idempotency_key, quiet=quiet))
        async with db.transaction() as tx:
            media = await attach(tx, settings, author.id, draft.media_ids, status_id)
            found = msgspec.structs.replace(found, media=media)
            new = compose(settings, author, status_id, draft, scanned, found, now)
            written = await _write(tx, new, scanned, link, draft.idempotency_key, quiet=quiet)
            await _write_more(tx, new, draft, found)
            return Posted(status_id, None if new.has_poll or new.quoted else written)
    except (NotWritten, NotAttachable):
        first = await store.posted_with(db, author.id, draft.idempotency_key)
        if first is None:
            raise
        return Posted(first, None)


async def prepare(
    db: Db, settings: Settings, author: Author, draft: Draft, application: Application | None = None
) -> tuple[Draft, Scanned, Found]:
    """The draft as it may be posted, and what it names. Raises Invalid, and NotFound for what cannot be seen."""
    draft = check_poll(check_draft(draft, characters=settings.limits.status_characters), settings.limits)
    draft, quoted = await quote(db, settings, author, draft)
    scanned = scan(draft.text)
    found = await find(db, settings, author, draft, scanned, application)
    check_named(draft, author, quoted, {one.id for one in found.people.values()})
    return draft, scanned, msgspec.structs.replace(found, quoted=quoted)


async def _write_more(tx: Tx, new: NewStatus, draft: Draft, found: Found) -> None:
    """What some posts have besides their row."""
    if draft.poll is not None:
        closed = new.visibility is Visibility.DIRECT
        await ask(tx, (new.account_id, new.id), draft.poll, found.emojis, new.created_at, closed=closed)
    if new.quoted is not None and new.quoted.state is QuoteState.ACCEPTED:
        await store_quotes.enter(tx, new.quoted.account_id, new.quoted.id, new.account_id, new.id)


async def find(
    db: Db, settings: Settings, author: Author, draft: Draft, scanned: Scanned, application: Application | None
) -> Found:
    """What the database knows of what the draft names. A plain post asks nothing."""
    parent = None if draft.in_reply_to_id is None else await answered(db, author, draft.in_reply_to_id)
    if parent is not None:
        check_words(parent, author.id, draft)
    people = await people_of(db, settings, scanned) if scanned.mentions else NOBODY
    others = [draft.spoiler_text, *(draft.poll.options if draft.poll is not None else ())]
    shortcodes = [*scanned.emojis, *(code for text in others if text for code in scan(text).emojis)]
    pictures = await emojis(db, "", shortcodes, settings.public_url) if shortcodes else ()
    return Found(parent=parent, people=people, emojis=pictures, application=application)


async def answered(db: Db, author: Author, status_id: StatusId) -> Parent:
    """The post that is answered; whoever answers an echo answers the original. Raises NotFound, and Forbidden
    where its author does not want the answer.
    """
    parent = await store.parent(db, author.id, status_id)
    if parent is None:
        echo = await show.key_of(db, author.id, status_id)
        if echo is not None and echo.original_id is not None:
            parent = await store.parent(db, author.id, echo.original_id)
    if parent is None:
        raise NotFound("The post that you answer is gone, or you may not see it")
    check_answer(parent, author.id)
    return parent


async def people_of(db: Db, settings: Settings, scanned: Scanned) -> Mapping[Handle, Mentioned]:
    """Those mentioned who are known here."""
    keys = {handle: key_of(handle, *settings.domains) for handle in scanned.mentions}
    known = await store.mentioned(db, [name for _, name in keys.values()], [domain for domain, _ in keys.values()])
    by_key = {((one.domain or "").lower(), one.username.lower()): one for one in known}
    return {handle: by_key[key] for handle, key in keys.items() if key in by_key}


async def _write(db: Db, new: NewStatus, scanned: Scanned, link: str | None, key: str, *, quiet: bool) -> bytes:
    if new.tags and new.visibility is not Visibility.DIRECT:
        await name_tags(db, scanned)
    event = event_of(new, link, quiet=quiet)
    author = await store_new.insert(db, new, key, job_of(event))
    if author is None:
        raise NotWritten("This account does not exist any more")
    db.tell(CHANNELS[event.queue])
    unset = (None, None, None)
    row = (new.id, new.account_id, new.head, new.body, *unset, new.has_poll, new.quote_policy, *unset, 0, None)
    post = post_of(row, counts_of(0, 0, 0, 0), join_account(*msgspec.structs.astuple(author)))
    return status_for(post, new.account_id)


async def name_tags(db: Db, scanned: Scanned) -> None:
    """Enter the tags that are new: in one order, for two who enter the same ones would wait for each other."""
    shown = dict(sorted((fold_tag(name), name) for name in scanned.tags))
    await store.name_tags(db, list(shown), list(shown.values()), [new_id() for _ in shown])


def event_of(new: NewStatus, link: str | None, *, quiet: bool) -> StatusPosted:
    """Of what a direct post says nothing is in it, nor is its link looked at: what a card shows everybody may read."""
    direct = new.visibility is Visibility.DIRECT
    return StatusPosted(
        account_id=new.account_id,
        status_id=new.id,
        visibility=int(new.visibility),
        reply_to_account_id=None if new.parent is None else new.parent.account_id,
        mentioned_ids=new.mentioned_ids,
        named=new.named,
        tags=() if direct else new.tags,
        language=new.language,
        quoted_account_id=new.quoted.account_id if new.quoted and new.quoted.state is QuoteState.ACCEPTED else None,
        quiet=quiet,
        link=None if quiet or direct else link,
    )

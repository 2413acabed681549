"""Editing: the state before is kept in the history, the post is rendered again, readers are told."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import fold_tag, scan
from townsquare.media.upload import describe, replace_attached
from townsquare.statuses import store, store_edit, store_quotes
from townsquare.statuses.ask import ask_anew
from townsquare.statuses.cards import kept
from townsquare.statuses.compose import Found, body_of, html_of
from townsquare.statuses.events import StatusChanged, StatusEdited
from townsquare.statuses.model import (
    Author,
    Draft,
    PollDraft,
    QuotePolicy,
    ReplyPolicy,
    Visibility,
    check_draft,
    check_words,
    named_by,
)
from townsquare.statuses.polls import POLL_OR_FILES, check_poll
from townsquare.statuses.post import find, name_tags
from townsquare.statuses.quotes import quoted_by
from townsquare.statuses.render import Application
from townsquare.statuses.restricted import check_shown


class Changes(msgspec.Struct, frozen=True):
    """What an edit says. What is not said stays; an empty text is said."""

    text: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    media_ids: tuple[int, ...] | None = None
    media_changes: Sequence["MediaChange"] = ()
    poll: PollDraft | msgspec.UnsetType | None = msgspec.UNSET
    quote_policy: QuotePolicy | None = None
    reply_policy: ReplyPolicy | None = None


class MediaChange(msgspec.Struct, frozen=True):
    """A new description or focus of one of the post's files; of others nothing is changed."""

    id: int
    description: str | None = None
    focus: str | None = None


async def edit_status(db: Db, settings: Settings, author: Author, status_id: StatusId, changes: Changes) -> None:
    """Change an own post. Who may answer and quote it is no part of what it says: where nothing else is changed, it is
    not edited, and an edit that changes nothing leaves no trace. Raises NotFound and Invalid.
    """
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        before = await store.source(tx, author.id, status_id)
        if before is None or before.reblog_of_id is not None:
            raise NotFound
        check_shown(before.restricted)
        draft = _draft(before, changes)
        draft = check_poll(check_draft(draft, characters=settings.limits.status_characters), settings.limits)
        asks = changes.poll is not msgspec.UNSET and (draft.poll is not None or before.has_poll)
        if before.has_poll and not asks and draft.media_ids:
            raise Invalid(POLL_OR_FILES)
        if changes.quote_policy is not None:
            await store_quotes.set_policy(tx, author.id, status_id, changes.quote_policy.within(draft.visibility))
        shown = await store_edit.shown(tx, author.id, status_id)
        for change in (one for one in changes.media_changes if one.id in draft.media_ids):
            await describe(tx, author.id, change.id, description=change.description, focus=change.focus)
        media = await replace_attached(tx, settings, author.id, draft.media_ids, status_id)
        same = not asks and _same(before, draft) and msgspec.json.encode(media) == msgspec.json.encode(shown.media)
        if same and draft.reply_policy == before.reply_policy:
            return
        edited_at = before.edited_at if same else now
        scanned = scan(draft.text)
        application = msgspec.convert(shown.application, Application | None)
        found = await find(tx, settings, author, _unlinked(draft), scanned, application)
        parent = await store_edit.parent(tx, author.id, status_id)
        if parent is not None:
            check_words(parent, author.id, draft)
        closed = draft.visibility is Visibility.DIRECT
        link, card = await kept(tx, settings, (author.id, status_id), () if closed else scanned.urls)
        quoted = await quoted_by(tx, settings, before.quoted, before.quote_state)
        found = msgspec.structs.replace(found, media=media, parent=parent, card=card, quoted=quoted)
        content = html_of(settings, draft.text, found)
        body = body_of(settings, draft, scanned, found, content=content, edited_at=edited_at)
        if not same:
            await store_edit.keep(
                tx, author.id, status_id, before.edited_at or before.created_at, shown.media, closed=closed
            )
        if asks:
            await ask_anew(tx, (author.id, status_id), draft.poll, found.emojis, now, closed=closed)
        has_poll = draft.poll is not None if asks else before.has_poll
        new = _rewritten(before, draft, content, edited_at, body, found, scanned.tags)
        named = await store_edit.rewrite(tx, msgspec.structs.replace(new, has_poll=has_poll), closed=closed)
        if scanned.tags and not closed:
            await name_tags(tx, scanned)
        changed = StatusChanged(author.id, status_id)
        await emit(tx, changed if same else StatusEdited(author.id, status_id, tuple(named), link, number=new_id(now)))


def _draft(before: store.Source, changes: Changes) -> Draft:
    return Draft(
        text=before.text if changes.text is None else changes.text,
        spoiler_text=before.spoiler_text if changes.spoiler_text is None else changes.spoiler_text,
        sensitive=before.sensitive if changes.sensitive is None else changes.sensitive,
        language=before.language if changes.language is None else changes.language,
        media_ids=tuple(before.media_ids) if changes.media_ids is None else changes.media_ids,
        poll=None if changes.poll is msgspec.UNSET else changes.poll,
        quoted_id=None if before.quoted_id is None else StatusId(before.quoted_id),
        visibility=Visibility(before.visibility),
        reply_policy=ReplyPolicy(before.reply_policy) if changes.reply_policy is None else changes.reply_policy,
    )


def _unlinked(draft: Draft) -> Draft:
    return msgspec.structs.replace(draft, in_reply_to_id=None)


def _same(before: store.Source, draft: Draft) -> bool:
    return (before.text, before.spoiler_text, before.sensitive, before.language, tuple(before.media_ids)) == (
        draft.text,
        draft.spoiler_text,
        draft.sensitive,
        draft.language,
        draft.media_ids,
    )


def _rewritten(
    before: store.Source,
    draft: Draft,
    content: str,
    edited_at: datetime | None,
    body: bytes,
    found: Found,
    tags: Sequence[str],
) -> store_edit.Rewritten:
    mentioned = tuple({one.id for one in found.people.values()})
    return store_edit.Rewritten(
        account_id=AccountId(before.account_id),
        id=before.id,
        text=draft.text,
        content=content,
        spoiler_text=draft.spoiler_text,
        sensitive=draft.sensitive,
        language=draft.language,
        media_ids=draft.media_ids,
        tags=tuple(fold_tag(name) for name in tags),
        mentioned_ids=mentioned,
        named=named_by(before.account_id, mentioned, found.parent),
        edited_at=edited_at,
        body=body,
        has_poll=before.has_poll,
        reply_policy=draft.reply_policy,
    )

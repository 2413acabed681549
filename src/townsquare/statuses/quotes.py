"""Quotes: who may quote what, and what becomes of it. A quote is shown only while the quoted author agrees to it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.accounts import store_limits
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.kernel.settings import Settings
from townsquare.statuses import places, show
from townsquare.statuses import store as posts
from townsquare.statuses import store_quotes as store
from townsquare.statuses.events import StatusChanged, StatusDeleted
from townsquare.statuses.model import Author, Draft, Quoted, QuotePolicy, QuoteState, Visibility

BATCH: Final = 500


def may_quote(post: store.Quotable, who: AccountId) -> bool:
    """Whether the author has agreed beforehand."""
    match QuotePolicy(post.quote_policy):
        case QuotePolicy.PUBLIC:
            return True
        case QuotePolicy.FOLLOWERS:
            return post.account_id == who or post.followed
        case QuotePolicy.AUTHOR:
            return post.account_id == who
        case QuotePolicy.NEVER:
            return False


async def quote(db: Db, settings: Settings, author: Author, draft: Draft) -> tuple[Draft, Quoted | None]:
    """What a draft quotes, and the draft as it may be: what quotes a post for followers is for them too.

    Whoever quotes an echo quotes the original. Raises NotFound where there is no such post for the author, or they may
    not quote it.
    """
    if draft.quoted_id is None:
        return draft, None
    post = await store.quotable(db, author.id, draft.quoted_id)
    if post is None:
        echo = await show.key_of(db, author.id, draft.quoted_id)
        post = None if echo is None or not echo.original_id else await store.quotable(db, author.id, echo.original_id)
    if post is None or not may_quote(post, author.id) or await store_limits.blocks(db, author.id, post.account_id):
        raise NotFound("The post you are trying to quote does not appear to exist, or it may not be quoted")
    if post.visibility == Visibility.PRIVATE:
        draft = msgspec.structs.replace(draft, visibility=max(draft.visibility, Visibility.PRIVATE))
    state = QuoteState.ACCEPTED if post.local else QuoteState.PENDING
    return draft, Quoted(post.id, post.account_id, url_of(settings, post), state)


def check_named(draft: Draft, author: Author, quoted: Quoted | None, named: set[int]) -> None:
    """Raise Invalid for a direct post that quotes somebody who is not to read it."""
    if quoted is None or draft.visibility is not Visibility.DIRECT:
        return
    if quoted.account_id != author.id and quoted.account_id not in named:
        raise Invalid("Validation failed: Cannot quote a non-mentioned user in a Private Mention post")


async def quoted_by(db: Db, settings: Settings, pair: tuple[int, int] | None, state: int | None) -> Quoted | None:
    """What a post that is written anew quotes; None where that is gone."""
    post = None if pair is None or state is None else await store.address(db, *pair)
    if post is None or state is None:
        return None
    return Quoted(StatusId(post.id), AccountId(post.account_id), url_of(settings, post), QuoteState(state))


def url_of(settings: Settings, post: store.Address) -> str:
    """Where people find it."""
    return post.url or places.status_url(settings, Author(AccountId(post.account_id), post.username), post.id)


async def set_policy(db: Db, me: AccountId, status_id: StatusId, policy: QuotePolicy) -> None:
    """Who may quote an own post from now on; what has been quoted stays so. Raises NotFound."""
    async with db.transaction() as tx:
        before = await posts.source(tx, me, status_id)
        if before is None or before.reblog_of_id is not None:
            raise NotFound
        allowed = policy.within(Visibility(before.visibility))
        if allowed != before.quote_policy:
            await store.set_policy(tx, me, status_id, allowed)
            await emit(tx, StatusChanged(me, status_id))


async def revoke(db: Db, me: AccountId, status_id: StatusId, quoting_id: StatusId) -> None:
    """Take back the consent to a quote of an own post. Raises NotFound and Forbidden."""
    key = await show.key_of(db, me, status_id)
    if key is None:
        raise NotFound
    if key.account_id != me:
        raise Forbidden
    async with db.transaction() as tx:
        by = await store.leave(tx, (me, status_id), quoting_id)
        if by is None:
            raise NotFound
        await store.set_state(tx, [(by, quoting_id)], QuoteState.REVOKED)
        await emit(tx, StatusChanged(by, quoting_id))


async def note_deleted(db: Database, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted: what quoted the post says that it is gone."""
    for event in events:
        while True:
            async with db.transaction() as tx:
                quoting = await store.leave_some(tx, (event.account_id, event.status_id), BATCH)
                await store.set_state(tx, quoting, QuoteState.DELETED)
                await emit(tx, *(StatusChanged(*pair) for pair in quoting))
            if len(quoting) < BATCH:
                break

"""From a draft to what is stored: links, mentions and tags found, HTML made, JSON encoded. No I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.kernel.ids import StatusId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import Handle, MentionLink, Scanned, escape, fold_tag, render_html, render_link
from townsquare.statuses import places
from townsquare.statuses.model import Author, Draft, Mentioned, NewStatus, Parent, Quoted
from townsquare.statuses.render import Application, Tag, encode_body, encode_head


class Found(msgspec.Struct, frozen=True):
    """What the database knows of what a text names."""

    parent: Parent | None = None
    people: Mapping[Handle, Mentioned] = {}
    emojis: Sequence[CustomEmoji] = ()
    media: Sequence[Any] = ()
    """Entities MediaAttachment, in order."""
    application: Application | None = None
    card: msgspec.Raw | None = None
    """Of a post that has one already."""
    quoted: Quoted | None = None


def key_of(handle: Handle, *ours: str) -> tuple[str, str]:
    """Domain and name under which a handle is entered; `ours` has the empty domain."""
    theirs = (handle.domain or "").lower()
    return ("" if theirs in [domain.lower() for domain in ours] else theirs, handle.username.lower())


def html_of(settings: Settings, text: str, found: Found) -> str:
    """The post's `content`."""

    def link(handle: Handle) -> MentionLink | None:
        one = found.people.get(handle)
        if one is None:
            return None
        return MentionLink(one.url or places.account_url(settings, one.username), one.username)

    rendered = render_html(text, link_mention=link, link_tag=lambda name: places.tag_url(settings, fold_tag(name)))
    return rendered if found.quoted is None else _with_quote(rendered, found.quoted.url)


def _with_quote(content: str, url: str) -> str:
    """With the address of what is quoted, for apps that do not show quotes; others hide this paragraph."""
    if escape(url) in content:
        return content
    return f'<p class="quote-inline">RE: {render_link(url)}</p>{content}'


def body_of(
    settings: Settings, draft: Draft, scanned: Scanned, found: Found, *, content: str, edited_at: datetime | None = None
) -> bytes:
    """The stored JSON of a post."""
    people = [
        msgspec.structs.replace(one, url=one.url or places.account_url(settings, one.username))
        for one in {one.id: one for one in found.people.values()}.values()
    ]
    folded = [fold_tag(name) for name in scanned.tags]
    return encode_body(
        parent=found.parent,
        sensitive=draft.sensitive,
        spoiler_text=draft.spoiler_text,
        language=draft.language,
        content=content,
        edited_at=edited_at,
        media=found.media,
        mentions=people,
        tags=[Tag(name, places.tag_url(settings, name)) for name in folded],
        emojis=found.emojis,
        application=found.application,
        card=found.card,
        reply_policy=draft.reply_policy,
    )


def compose(
    settings: Settings, author: Author, status_id: StatusId, draft: Draft, scanned: Scanned, found: Found, now: datetime
) -> NewStatus:
    """The row of a new post."""
    content = html_of(settings, draft.text, found)
    uri, url = places.status_uri(settings, author, status_id), places.status_url(settings, author, status_id)
    return NewStatus(
        account_id=author.id,
        id=status_id,
        visibility=draft.visibility,
        created_at=now,
        text=draft.text,
        content=content,
        spoiler_text=draft.spoiler_text,
        sensitive=draft.sensitive,
        language=draft.language,
        parent=found.parent,
        media_ids=draft.media_ids,
        tags=tuple(fold_tag(name) for name in scanned.tags),
        mentioned_ids=tuple({one.id for one in found.people.values()}),
        app_id=draft.app_id,
        head=encode_head(status_id, now, uri, url, draft.visibility),
        body=body_of(settings, draft, scanned, found, content=content),
        quote_policy=draft.quote_policy.within(draft.visibility),
        reply_policy=draft.reply_policy,
        has_poll=draft.poll is not None,
        quoted=found.quoted,
    )

"""Links on a profile that are verified: the page links back to the profile with `rel="me"`."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import islice

import msgspec

from townsquare.accounts import store
from townsquare.accounts.events import ProfileChanged
from townsquare.accounts.model import Account, Field
from townsquare.accounts.profile import render
from townsquare.accounts.urls import actor_uri, profile_url
from townsquare.db.pool import Database
from townsquare.kernel.fetch import PUBLIC, FetchFailed, Network, fetch
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import scan

# Each tag is read by itself: over a whole page that was written to harm, the parser can take quadratic time.
_TAG = re.compile(r"<(?:a|link)\s[^<>]{1,2000}>", re.IGNORECASE)
MOST_TAGS = 5_000
"""Of a page; what stands beyond is not looked at. A page written to harm could have 200,000."""
HTML = ("text/html", "application/xhtml+xml")


async def verify_links(
    db: Database, settings: Settings, events: Sequence[ProfileChanged], *, network: Network = PUBLIC
) -> None:
    """Effect: look at the pages that profiles link to, and mark those that link back."""
    for account_id in dict.fromkeys(AccountId(event.account_id) for event in events):
        account = await store.by_id(db, account_id)
        if account is None or account.domain is not None or account.suspended_at is not None:
            continue
        unverified = [field.value for field in account.fields if field.verified_at is None and is_link(field.value)]
        ours = {profile_url(account, settings.public_url), actor_uri(account, settings.public_url)}
        answers = await asyncio.gather(*(links_back(url, ours, network) for url in unverified))
        verified = {url for url, answer in zip(unverified, answers, strict=True) if answer}
        if verified:
            await _mark(db, account.id, verified, settings)


def is_link(value: str) -> bool:
    """Whether a field is an address and nothing else."""
    return scan(value).urls == [value]


async def links_back(url: str, ours: set[str], network: Network) -> bool:
    """Whether a page names one of our addresses as the same person's."""
    try:
        page = await fetch(url, network=network)
    except FetchFailed:
        return False
    if page.status != HTTPStatus.OK or page.content_type not in HTML:
        return False
    wanted = {_folded(address) for address in ours}
    return any(_folded(link) in wanted for link in me_links(page.body.decode("utf-8", "replace")))


def me_links(html: str) -> list[str]:
    """The addresses of a page's `<a>` and `<link>` elements with `rel="me"`."""
    parser = _MeLinks()
    for tag in islice(_TAG.finditer(html), MOST_TAGS):
        parser.reset()  # an attribute that is not closed does not swallow the next tag
        parser.feed(tag[0])
    return parser.found


class _MeLinks(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        href = given.get("href")
        if tag in ("a", "link") and href and "me" in (given.get("rel") or "").lower().split():
            self.found.append(href.strip())


def _folded(url: str) -> str:
    return url.rstrip("/").lower()


async def _mark(db: Database, account_id: AccountId, verified: set[str], settings: Settings) -> None:
    async with db.transaction() as tx:
        account = await store.lock(tx, account_id)
        if account is not None:
            marked = msgspec.structs.replace(account, fields=_marked(account, verified, datetime.now(UTC)))
            await store.update_profile(tx, marked, await render(tx, marked, settings.public_url))


def _marked(account: Account, verified: set[str], now: datetime) -> list[Field]:
    return [
        msgspec.structs.replace(field, verified_at=field.verified_at or now) if field.value in verified else field
        for field in account.fields
    ]

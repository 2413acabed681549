"""Tell of a domain beforehand, and move to it: nothing of the data changes but the addresses in what is rendered.

Other servers, apps and browsers go on to find the place under the former domain as long as that lives.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from townsquare.auth.callers import forget
from townsquare.auth.sessions import SignedIn
from townsquare.auth.tokens import hash_token, new_token
from townsquare.continuity.domains import store
from townsquare.continuity.domains.store import Carried
from townsquare.db.pool import Db, Tx
from townsquare.kernel.domains import Domains
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.moderation import audit, store_own
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.own import DOMAINS

LASTS: Final = timedelta(seconds=30)
"""For so long a code is good that carries a browser over."""
FORMER: Final = 10
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.ASCII)


async def said(db: Db) -> Domains | None:
    """What was said last."""
    found = (await store_own.everything(db)).get(DOMAINS)
    return None if found is None else msgspec.convert(found, Domains)


def address(text: str, settings: Settings) -> str:
    """`square.example` as an address with the scheme of the present one. Raises Invalid."""
    scheme = settings.public_url.partition("://")[0] or "https"
    url = (text if "://" in text else f"{scheme}://{text}").strip().rstrip("/").lower()
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not _HOST.fullmatch(parts.netloc)
        or url != f"{parts.scheme}://{parts.netloc}"
    ):
        raise Invalid(
            Words("“%(text)s” is no domain: write square.example, or https://square.example", text=text[:200])
        )
    if parts.scheme != scheme:
        raise Invalid(
            Words(
                "“%(text)s” has to begin with %(scheme)s://, as the present address does",
                text=text[:200],
                scheme=scheme,
            )
        )
    return url


async def add(tx: Tx, settings: Settings, url: str, now: datetime) -> Domains:
    """Tell of the next address, signed, from now on; an empty one: of none any more. Raises Invalid."""
    if url == settings.public_url:
        raise Invalid(Words("%(url)s is where the place is already", url=url))
    before = await said(tx)
    new = _next(before, settings, now)
    new = msgspec.structs.replace(new, next=url)
    await _put(tx, new, "domain.add", settings.next_url, url)
    return new


async def switch(tx: Tx, settings: Settings, url: str, now: datetime) -> Domains:
    """Have the place at another address from now on; the present one is a former one then. Raises Invalid.

    Every process hears of it and begins anew; pages and posts are rendered anew, by jobs, from its start on.
    """
    if url == settings.public_url:
        raise Invalid(Words("%(url)s is where the place is already", url=url))
    former = tuple(one for one in dict.fromkeys((settings.public_url, *settings.former_urls)) if one != url)
    new = msgspec.structs.replace(
        _next(await said(tx), settings, now), configured=_configured(await said(tx), settings), now=url,
        former=former[:FORMER], next="",
    )  # fmt: skip
    await store.leave_passkeys(tx, urlsplit(settings.public_url).hostname or "")
    await store.return_passkeys(tx, urlsplit(url).hostname or "")
    await _put(tx, new, "domain.switch", settings.public_url, url)
    return new


def _configured(before: Domains | None, settings: Settings) -> str:
    """What stands in the settings as the address: it does not change with the domain."""
    return settings.public_url if before is None else before.configured


def _next(before: Domains | None, settings: Settings, now: datetime) -> Domains:
    number = 1 if before is None else before.number + 1
    return Domains(
        number=number,
        since=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        configured=_configured(before, settings),
        now=settings.public_url,
        former=settings.former_urls,
        next=settings.next_url,
    )


async def _put(tx: Tx, new: Domains, action: str, before: str, after: str) -> None:
    await store_own.put(tx, [DOMAINS], [msgspec.json.encode(new).decode()])
    await store_own.notify(tx)
    deed = Deed(action=action, target="settings", name=after, before={"url": before}, after={"url": after})
    await audit.record(tx, OPERATOR, deed)


async def carry(db: Db, account_id: int, session_id: int, state: str, now: datetime) -> str:
    """A code for the browser of a session, which whoever shows `state` in another one's stead cannot use."""
    code = new_token()
    await store.insert(db, hash_token(code), Carried(account_id, session_id, hash_token(state)), now + LASTS)
    return code


async def arrive(tx: Tx, code: str, kept: str, now: datetime) -> SignedIn:
    """The session goes on here, with a new cookie; the one that it had is worth nothing from now on.

    `kept`: what this browser was given before it was sent for the code. Raises NotFound.
    """
    found = await store.take(tx, hash_token(code), now)
    if found is None or not kept or hash_token(state_of(kept)) != found.state:
        raise NotFound("This link has been used or is too old; sign in")
    cookie = new_token()
    expires_at = await store.renew_session(tx, found.account_id, found.session_id, hash_token(cookie), now)
    if expires_at is None:
        raise NotFound("This session has ended; sign in")
    await forget(tx, found.account_id)
    return SignedIn(found.account_id, found.session_id, cookie, expires_at)


def state_of(kept: str) -> str:
    """What goes through addresses in the place of what the browser keeps."""
    return hash_token(kept).hex()

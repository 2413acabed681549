"""What the whole place blocks: addresses, mail providers, other servers. Doors ask here; nothing is decided here."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Final, Literal

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.words import Words
from townsquare.policies import store_blocks as store
from townsquare.policies.mail_servers import MailServers, mail_servers
from townsquare.policies.store_blocks import Closed

CHANNEL: Final = store.CHANNEL
Wrong = tuple[str, str]
EMAIL_BLOCKED: Final[Wrong] = ("ERR_BLOCKED", Words("uses a disallowed e-mail provider"))
EMAIL_TAKEN: Final[Wrong] = ("ERR_TAKEN", Words("has already been taken"))
"""What is said of the address of somebody who was suspended: as of one that is in use."""

SignUp = Literal["open", "approval", "closed"]


class Change(msgspec.Struct, frozen=True):
    """A network, and whether nothing is let in from there any more; until when, if not for ever."""

    network: str
    closed: bool
    expires_at: datetime | None = None


async def tell(tx: Tx, change: Change) -> None:
    """Have every process know it, once the transaction commits."""
    await store.notify(tx, msgspec.json.encode(change).decode())


class Barred:
    """The networks from which nothing is let in, as this process knows them. There are few, most often none."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._closed: dict[str, Closed] = {}

    async def load(self, db: Db) -> None:
        self._closed = {str(one.network): one for one in await store.closed(db)}

    def hear(self, payload: str) -> None:
        """A network was closed or opened, as `tell` says it."""
        change = msgspec.json.decode(payload, type=Change)
        if change.closed:
            self._closed[change.network] = Closed(ip_network(change.network), change.expires_at)
        else:
            self._closed.pop(change.network, None)

    def check(self, address: str) -> None:
        """Raise Forbidden for an address in one of them."""
        if self._closed and self._holds(address):
            raise Forbidden("This place is closed to your network")

    def _holds(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        now = self._now()
        return any(
            parsed.version == one.network.version
            and parsed in one.network
            and (one.expires_at is None or one.expires_at > now)
            for one in self._closed.values()
        )


async def sign_up_from(db: Db, address: str) -> SignUp:
    """Whether somebody may sign up from an address: at once, after somebody has looked at it, or not."""
    try:
        ip_address(address)
    except ValueError:
        return "open"
    severities = await store.sign_up_severities(db, address)
    if "sign_up_block" in severities or "no_access" in severities:
        return "closed"
    return "approval" if severities else "open"


async def wrong_provider(
    db: Db, email: str, address: str, now: datetime, servers: MailServers = mail_servers
) -> Wrong | None:
    """What is wrong with an e-mail address as one to sign up with from `address`; a blocked provider is counted.

    Blocked is also a domain whose mail goes to a server of a blocked one.
    """
    own = email.rpartition("@")[2].lower()
    domain = await store.blocked_email_domain(db, above(own))
    if domain is None and await store.is_any_email_domain_blocked(db):
        named = [name for server in await servers(own) for name in above(server)]
        domain = await store.blocked_email_domain(db, named)
    if domain is not None:
        await store.count_email_domain(db, domain, now.date(), address)
        return EMAIL_BLOCKED
    return await wrong_new_email(db, email)


async def wrong_new_email(db: Db, email: str) -> Wrong | None:
    """What is wrong with an e-mail address for an account that has one."""
    if await store.blocked_email_domain(db, above(email.rpartition("@")[2].lower())) is not None:
        return EMAIL_BLOCKED
    return EMAIL_TAKEN if await store.is_canonical_blocked(db, canonical_hash(email)) else None


def above(domain: str) -> list[str]:
    """A domain and all above it, but for the last part: `a.b.example` has `a.b.example`, `b.example`, `example`."""
    parts = domain.split(".")
    return [".".join(parts[number:]) for number in range(len(parts))]


def canonical_hash(email: str) -> str:
    """Mastodon's digest of an address, in which `Some.One+tag@a.example` and `someone@a.example` are one."""
    name, _, domain = email.strip().lower().rpartition("@")
    plain = name.partition("+")[0].replace(".", "")
    return hashlib.sha256(f"{plain}@{domain}".encode("utf-8", "surrogatepass")).hexdigest()


class Public(msgspec.Struct, frozen=True):
    """How a blocked domain is shown to everybody: with stars where it is obfuscated, and its digest to compare with."""

    domain: str
    digest: str


def public_domain(domain: str, *, obfuscate: bool) -> Public:
    digest = hashlib.sha256(domain.encode()).hexdigest()
    if not obfuscate:
        return Public(domain, digest)
    shown = len(domain) // 4
    starred = "".join(
        "*" if shown < place < len(domain) - shown and letter != "." else letter for place, letter in enumerate(domain)
    )
    return Public(starred, digest)

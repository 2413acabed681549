"""What an app may do. The names and their order in each other are Mastodon's (api/oauth-scopes)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

_READ = (
    "accounts", "blocks", "bookmarks", "collections", "favourites", "filters", "follows", "lists", "mutes",
    "notifications", "search", "statuses",
)  # fmt: skip
_WRITE = (
    "accounts", "blocks", "bookmarks", "collections", "conversations", "favourites", "filters", "follows", "lists",
    "media", "mutes", "notifications", "reports", "statuses",
)  # fmt: skip
_ADMIN = (
    "accounts", "reports", "domain_allows", "domain_blocks", "ip_blocks", "email_domain_blocks",
    "canonical_email_blocks",
)  # fmt: skip
_FOLLOW = tuple(f"{verb}:{what}" for what in ("follows", "blocks", "mutes") for verb in ("read", "write"))

OFFLINE = "offline_access"
"""An app that asks for this gets tokens that expire, and a refresh token with them."""

COVERS: Mapping[str, tuple[str, ...]] = {
    "read": tuple(f"read:{what}" for what in _READ),
    "write": tuple(f"write:{what}" for what in _WRITE),
    "follow": _FOLLOW,
    "push": (),
    "profile": (),
    OFFLINE: (),
    "admin:read": tuple(f"admin:read:{what}" for what in _ADMIN),
    "admin:write": tuple(f"admin:write:{what}" for what in _ADMIN),
}
"""Each general scope with those that it stands for."""

KNOWN: tuple[str, ...] = tuple(dict.fromkeys(name for scope, parts in COVERS.items() for name in (scope, *parts)))
DEFAULT = ("read",)

_KNOWN = frozenset(KNOWN)


def parse_scopes(text: str | None) -> tuple[str, ...]:
    """Scopes as clients write them, separated by spaces or pluses, each once, in their order. None or empty: `read`."""
    return tuple(dict.fromkeys((text or "").replace("+", " ").split())) or DEFAULT


def unknown(scopes: Iterable[str]) -> list[str]:
    """Those that do not exist."""
    return [scope for scope in scopes if scope not in _KNOWN]


@lru_cache(maxsize=1024)
def covered(scopes: tuple[str, ...]) -> frozenset[str]:
    """These scopes and all that they stand for, so that a permission is one look-up."""
    return frozenset(name for scope in scopes for name in (scope, *COVERS.get(scope, ())))


def within(asked: Iterable[str], allowed: tuple[str, ...]) -> bool:
    """Whether nothing is asked for beyond what is allowed."""
    return covered(allowed).issuperset(asked)

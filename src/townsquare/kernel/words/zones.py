"""Where people are, as the IANA database calls it."""

from datetime import tzinfo
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def zones() -> frozenset[str]:
    """The names of all zones of the IANA database."""
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="ascii").split())


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo | None:
    """A zone by its name (`Europe/Berlin`); None for what is none."""
    return ZoneInfo(name) if name in zones() else None

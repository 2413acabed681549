"""Passwords: argon2id with the memory that OWASP's cheat sheet asks for (19 MiB, two passes, one lane).

Hashing takes some 25 ms and 19 MiB, so it runs in two threads beside the event loop; when too many wait, the rest is
turned away instead of filling the memory.
"""

import asyncio
import gzip
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from townsquare.accounts.model import Wrong
from townsquare.auth.wrong import BLANK, invalid, too_long, too_short
from townsquare.kernel.errors import Unavailable
from townsquare.kernel.words import Words

T = TypeVar("T")

SHORTEST = 8
LONGEST = 256
WAITING = 64
COMMON: Wrong = ("ERR_INVALID", Words("is one of those that are tried first; choose one that nobody else has"))

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
_waiting: set[asyncio.Future[object]] = set()
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$dG93bnNxdWFyZW5vYm9keQ$kH/YwqFZ1C3GFwAAdXnEqKLySSKhXRGUH8YU7qk42jU"
"""Checked in place of the hash of somebody who does not exist, so that the time tells nothing."""


def wrong_password(password: str) -> Wrong | None:
    """What is wrong with a new password, if anything."""
    if not password:
        return BLANK
    if len(password) < SHORTEST:
        return too_short(SHORTEST)
    if len(password) > LONGEST:
        return too_long(LONGEST)
    return None


def wrong_choice(password: str, *about: str) -> Wrong | None:
    """The same, for one that a person chooses: nor may it be what is tried first (NIST SP 800-63B, 3.1.1.2).

    `about`: what others know of them, such as their name.
    """
    wrong = wrong_password(password)
    if wrong is not None:
        return wrong
    return COMMON if password.lower() in {*map(str.lower, about)} or password.lower() in _common() else None


@cache
def _common() -> frozenset[str]:
    """The 3,000 most common passwords that are long enough, in lower case, of the list that Django has (BSD)."""
    with gzip.open(Path(__file__).with_name("common_passwords.txt.gz"), "rt", encoding="utf-8") as lines:
        return frozenset(map(str.strip, lines))


def check_password(password: str) -> None:
    """Raise Invalid unless this will do as a password."""
    _check(wrong_password(password))


def check_choice(password: str, *about: str) -> None:
    """Raise Invalid unless this will do as a password that a person chooses (see `wrong_choice`)."""
    _check(wrong_choice(password, *about))


def _check(wrong: Wrong | None) -> None:
    if wrong is not None:
        raise invalid([("password", wrong)])


async def hash_password(password: str) -> str:
    """The hash with its parameters. Raises Unavailable when too many wait."""
    return await _run(lambda: _hasher.hash(_bytes(password)))


async def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password of this hash; for None (nobody) it takes as long, and it is not."""
    return await _run(lambda: _verify(hashed or _NOBODY, password)) and hashed is not None


def is_outdated(hashed: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


def _verify(hashed: str, password: str) -> bool:
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(hashed, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    """The same letters typed on another keyboard are the same password (NFKC, as NIST SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


async def _run(work: Callable[[], T]) -> T:
    if len(_waiting) >= WAITING:
        raise Unavailable("Too many people sign in at this moment; try again in a few seconds")
    future = asyncio.get_running_loop().run_in_executor(_threads, work)
    _waiting.add(cast("asyncio.Future[object]", future))
    future.add_done_callback(lambda done: _waiting.discard(cast("asyncio.Future[object]", done)))
    return await future

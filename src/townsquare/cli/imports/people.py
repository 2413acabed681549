"""The people of a corpus: an account for each name, or made-up people where it names nobody.

Nobody can sign in to these accounts. A name that is somebody's here already is never theirs: it gets a number.
"""

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count, islice

from townsquare.accounts.create import create_local
from townsquare.accounts.model import USERNAME_LENGTH, wrong_username
from townsquare.accounts.rules import DISPLAY_NAME_LENGTH, check_display_name
from townsquare.cli.imports import store
from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.kernel.text.normalise import repaired
from townsquare.statuses.model import Author

TRIES = 10_000
FIRST = (
    "amber", "bold", "brave", "bright", "calm", "clever", "copper", "coral", "crisp", "eager", "early", "gentle",
    "golden", "grand", "green", "happy", "honest", "jolly", "kind", "late", "little", "lucky", "mellow", "merry",
    "misty", "noble", "proud", "quick", "quiet", "royal", "rusty", "silver", "sunny", "swift", "tidy", "warm",
)  # fmt: skip
SECOND = (
    "badger", "bakery", "beacon", "birch", "bridge", "brook", "castle", "cedar", "comet", "crane", "falcon", "finch",
    "forest", "garden", "harbor", "hazel", "heron", "island", "lantern", "maple", "meadow", "mill", "otter", "orchard",
    "pebble", "pine", "plaza", "quarry", "raven", "river", "robin", "sparrow", "station", "tower", "valley", "willow",
)  # fmt: skip

_UNFIT = re.compile(r"[^A-Za-z0-9_]+")


class People:
    """Who is who: names as the corpus has them, and their accounts here."""

    def __init__(self, db: Database, settings: Settings, *, made_up: bool) -> None:
        self._db = db
        self._settings = settings
        self._made_up = made_up
        self._making = asyncio.Lock()
        self._known: dict[str, Author] = {}

    def __len__(self) -> int:
        return len(self._known)

    async def meet(self, names: Iterable[str], at: datetime) -> None:
        """Have accounts for all these names, the new ones as old as `at`."""
        async with self._making:
            wanted = sorted(set(names) - self._known.keys())
            if not wanted:
                return
            async with self._db.transaction() as tx:
                known = await store.people(tx, wanted, made_up=self._made_up)
                met = {one.name: Author(AccountId(one.account_id), one.username) for one in known}
                for name in wanted:
                    if name not in met:
                        met[name] = await self._make(tx, name, at)
            self._known |= met

    def author(self, name: str) -> Author:
        """Whose posts these are; they have been met before."""
        return self._known[name]

    async def _make(self, tx: Tx, name: str, at: datetime) -> Author:
        called = made_up_name(int(name)) if self._made_up else repaired(name).removeprefix("@")
        shown = display_name(called)
        for username in islice(usernames(called), TRIES):
            try:
                async with tx.transaction() as attempt:
                    account_id = await create_local(
                        attempt, username=username, display_name=shown, settings=self._settings, now=at
                    )
                    known = store.Known(name, account_id, username)
                    await store.remember(attempt, known, made_up=self._made_up)
            except Invalid:
                continue
            return Author(account_id, username)
        raise Invalid(f"No name is left for {name[:40]!r}")


def made_up_name(number: int) -> str:
    """The same name for the same number, and another for another."""
    first, again = FIRST[number % len(FIRST)], number // len(FIRST)
    second = SECOND[(number + again) % len(SECOND)]
    more = again // len(SECOND)
    return f"{first.capitalize()} {second.capitalize()}" + (f" {more + 1}" if more else "")


def usernames(name: str) -> Iterator[str]:
    """Valid usernames for a name, the closest first."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = _UNFIT.sub("_", plain).strip("_")[:USERNAME_LENGTH].strip("_") or "somebody"
    if wrong_username(base) is None:
        yield base
    for number in count(2):
        end = f"_{number}"
        yield base[: USERNAME_LENGTH - len(end)] + end


def display_name(name: str) -> str:
    """The name as it is shown: its beginning, if it is long; nothing, if it cannot be shown."""
    try:
        return check_display_name(name[:DISPLAY_NAME_LENGTH])
    except Invalid:
        return ""

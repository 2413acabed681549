"""What the pages of a mirror are made of, and by whom: the pages know this room, not the other way round."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from townsquare.continuity.mirror.store import Row


class File(msgspec.Struct, frozen=True):
    path: str
    data: bytes


class Written(msgspec.Struct, frozen=True):
    """Files, and the keys of those of people's files that they show."""

    files: Sequence[File] = ()
    keys: frozenset[str] = frozenset()

    @classmethod
    def all_of(cls, parts: "Iterable[Written]") -> "Written":
        some = list(parts)
        return cls([file for one in some for file in one.files], frozenset(key for one in some for key in one.keys))


class Renderer(Protocol):
    """Who writes the pages. What belongs to nobody any more is written as nothing."""

    async def posts(self, rows: Sequence[Row]) -> Written:
        """The page of each of these posts, with its thread."""
        ...

    async def person(self, account_id: int, since: int) -> Written:
        """Somebody's pages from one part of their list on, and their feed."""
        ...

    async def tag(self, name: str, since: int) -> Written: ...

    async def front(self) -> Written:
        """The first page, and the feed of the place."""
        ...

    async def people(self) -> Written: ...

    async def tags(self) -> Written: ...

    async def rest(self) -> Written:
        """What changes with the program and its settings only."""
        ...


Index = Mapping[str, Sequence[str]]
"""Of a part of the index: posts by word, the newest first, each as `name/id`."""

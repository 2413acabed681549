"""What an archive consists of, and what its objects are called. Pure.

    townsquare-archive.json             what this is, and for whom it is encrypted
    chains/CHAIN/base/NUMBER/PART       a base backup of PostgreSQL: a tar in parts
    chains/CHAIN/base/NUMBER/manifest   written last: a base without it is none
    chains/CHAIN/wal/SEGMENT            the log, by whole segments
    chains/CHAIN/wal/SEGMENT.OFFSETS    the end of one that came quickly: the rest of it stands in few pieces
    chains/CHAIN/tail/SEGMENT/OFFSET    a piece: what was written of a segment that was not whole yet
    chains/CHAIN/place/NUMBER           settings, keys and the archive's own description
    chains/CHAIN/files/NUMBER           which uploads there are, in which parts
    chains/CHAIN/gone/NUMBER            what was taken away for good, by numbers
    chains/CHAIN/origin                 which chain it carries on, and which it takes the place of
    media/HH/HASH                       a part of an upload, by its content

A chain is what one service has written without a break. A restored one begins its own, so two services that believe to
be the same place never write over each other. Each object is, from the outside in: age, a signature (64 bytes), zstd.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.kernel.settings import Bucket

FORMAT: Final = 1
HEAD: Final = "townsquare-archive.json"
PART: Final = 8 * 1024 * 1024
"""Bytes of a part of a base or an upload, before it is compressed and encrypted: all that is in memory at a time."""
_SEGMENT: Final = re.compile(r"[0-9A-F]{24}")
_HISTORY: Final = re.compile(r"[0-9A-F]{8}\.history")


class ArchiveError(Exception):
    """What was asked for cannot be done. The text says why, and what to do."""


class Split(msgspec.Struct, frozen=True):
    """How the recovery key was dealt out. `sealed`: the key, encrypted with a secret that `needed` of them make up."""

    needed: int
    people: int
    sealed: bytes


class Head(msgspec.Struct, frozen=True):
    """The one object that is not encrypted."""

    recipients: list[str]
    made_at: datetime
    split: Split | None = None
    format: int = FORMAT


class TestKey(msgspec.Struct, frozen=True):
    """Opens what was written since a full base was begun, so that the host can test by itself whether it is good.

    Whoever has the host has all of it anyway; it goes when the next full base has been tested.
    """

    __test__ = False

    secret: str
    made_at: datetime


class Origin(msgspec.Struct, frozen=True):
    """Of a chain that does not begin a place: the chain that it carries on, and all whose place it takes."""

    chain: str
    instead: tuple[str, ...]
    begun_at: datetime


class Config(msgspec.Struct, frozen=True):
    """The archive's own description, in `data`/archive/archive.json."""

    chain: str
    recipients: list[str]
    signer: bytes
    """Ed25519: what this place has put there, and nobody else."""
    names: bytes
    """By which the contents of uploads are named, so that their names tell nobody what is in them."""
    targets: list[Bucket]
    split: Split | None = None
    origin: Origin | None = None
    follows: str = ""
    """On a host that follows: the chain of the one that leads."""


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """A part of a base as it stands in the target: what it must be and how large it is."""

    digest: bytes
    size: int


class Base(msgspec.Struct, frozen=True):
    """A base backup: what its manifest says. Places in the log are numbers of bytes."""

    number: int
    parent: int | None
    begun_at: datetime
    made_at: datetime
    timeline: int
    start: int
    stop: int
    segment_bytes: int
    server: str
    database: str
    role: str
    superuser: str
    raw: int
    chunks: list[Chunk]

    @property
    def major(self) -> int:
        return int(self.server.split(".")[0].split("beta")[0].split("rc")[0])

    @property
    def size(self) -> int:
        return sum(chunk.size for chunk in self.chunks)


class Upload(msgspec.Struct, frozen=True, array_like=True):
    """A file of the store. `parts`: names of its parts, in order; none for one that is gone."""

    key: str
    size: int
    parts: list[str]
    at: datetime
    gone: bool = False
    came: datetime | None = None
    """Of one that is gone: when it had come."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """The poll of a post, without its votes."""

    options: tuple[str, ...]
    multiple: bool
    hide_totals: bool
    expires_at: datetime | None


class Edited(msgspec.Struct, frozen=True, array_like=True):
    """What a post says since an edit; text as it stands in the database, where that of messages is sealed."""

    text: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    media: tuple[tuple[int, str], ...]
    """Its pictures, by number, with their descriptions."""
    poll: Asked | None


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """What somebody says of themselves since they changed it: texts, and the keys of their pictures."""

    display_name: str
    note: str
    fields: tuple[tuple[str, str], ...]
    avatar: str | None
    header: str | None


class Removal(msgspec.Struct, frozen=True, array_like=True):
    """Something that was taken away for good. `kind`: as in the table of that name."""

    account_id: int
    kind: int
    item_id: int
    at: datetime
    edited: Edited | None = None
    """What came in the place of what an edit took away."""
    profile: Profile | None = None
    """What came in the place of what a profile said."""


class Uploads(msgspec.Struct, frozen=True):
    """An entry of the list of uploads. `since`: what entries before this number said is said again from there on."""

    files: list[Upload]
    since: int | None = None
    whole: datetime | None = None
    """From then on the list has everything that there is: those of the chains before it count no more."""


class Bundle(msgspec.Struct, frozen=True):
    """Settings, keys and description: files of the data folder."""

    files: Mapping[str, bytes]


class Cursor(msgspec.Struct, frozen=True):
    """Up to where the log is in a target."""

    segment: str = ""
    offset: int = 0


class Progress(msgspec.Struct):
    """What a target has, as we know it; in `data`/archive/targets/."""

    origin: bool = False
    """Whether it is told there which chain this one carries on."""
    cursor: Cursor = Cursor()
    bases: list[Base] = []
    gaps: int = 0
    """Holes that the log has got. After one, what comes is worth nothing until there is a new base."""
    holes: int = 0
    """Those among them that all targets have got."""
    covered: int = 0
    """How many there were when the last base was begun."""
    place: str = ""
    """Digest of the newest bundle."""
    places: int = 0
    files: int = 0
    since: int = 0
    whole: datetime | None = None
    """Since when the list of uploads has all that there are."""
    removals: int = 0
    removed: tuple[str, int] = ("0", 0)
    """The last removal that is there: its transaction, and its number."""
    objects: int = 0
    size: int = 0
    shipped_at: datetime | None = None
    verified_at: datetime | None = None
    verified: int | None = None
    """The base that was tested last."""
    tested_at: datetime | None = None
    failure: str = ""
    """What the last test found."""


def new_chain() -> str:
    """A name that nothing else has."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def base_folder(chain: str, number: int) -> str:
    return f"chains/{chain}/base/{number:06}"


def manifest_name(chain: str, number: int) -> str:
    return f"{base_folder(chain, number)}/manifest"


def part_name(chain: str, base: int, number: int) -> str:
    return f"{base_folder(chain, base)}/{number:06}"


def wal_name(chain: str, segment: str) -> str:
    return f"chains/{chain}/wal/{segment}"


def end_name(chain: str, segment: str, offsets: Sequence[int]) -> str:
    """`offsets`: of the pieces in front of it, and its own."""
    return f"{wal_name(chain, segment)}.{'-'.join(f'{one:08x}' for one in offsets)}"


def tail_folder(chain: str, segment: str) -> str:
    return f"chains/{chain}/tail/{segment}"


def tail_name(chain: str, segment: str, offset: int) -> str:
    return f"{tail_folder(chain, segment)}/{offset:08x}"


def place_name(chain: str, number: int) -> str:
    return f"chains/{chain}/place/{number:06}"


def files_name(chain: str, number: int) -> str:
    return f"chains/{chain}/files/{number:06}"


def removals_name(chain: str, number: int) -> str:
    return f"chains/{chain}/gone/{number:06}"


def media_name(digest: str) -> str:
    return f"media/{digest[:2]}/{digest}"


def origin_name(chain: str) -> str:
    return f"chains/{chain}/origin"


def segment_in(name: str) -> str:
    """The segment of which an object of the log has something, by the object's name; empty for a history."""
    found = name.split("/")[3].partition(".")[0]
    return found if is_segment(found) else ""


def is_segment(name: str) -> bool:
    return _SEGMENT.fullmatch(name) is not None


def is_history(name: str) -> bool:
    return _HISTORY.fullmatch(name) is not None


def lsn(text: str) -> int:
    """A place in the log, from `16/B374D848`."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_of(timeline: int, place: int, segment_bytes: int) -> str:
    """The file of the log in which a place is."""
    number, each = place // segment_bytes, 0x100000000 // segment_bytes
    return f"{timeline:08X}{number // each:08X}{number % each:08X}"


def segment_number(segment: str, segment_bytes: int) -> int:
    """Counted from the first of all, whatever the timeline."""
    return int(segment[8:16], 16) * (0x100000000 // segment_bytes) + int(segment[16:], 16)


def place_in(cursor: Cursor, segment_bytes: int) -> int:
    """The place in the log that a cursor stands at."""
    return segment_number(cursor.segment, segment_bytes) * segment_bytes + cursor.offset


def lineage(bases: Mapping[int, Base], number: int) -> list[Base]:
    """A base and those that it stands on, the full one first. Raises ArchiveError for one that is missing."""
    found: list[Base] = []
    wanted: int | None = number
    while wanted is not None:
        base = bases.get(wanted)
        if base is None:
            raise ArchiveError(f"Base backup {wanted} is missing, which base backup {number} stands on")
        found.insert(0, base)
        wanted = base.parent
    return found

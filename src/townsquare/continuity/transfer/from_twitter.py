"""Archives of X (Twitter): `data/tweets.js` in one part or several, and the folder of its files: pure.

They do not say who could see a post: where the account ever was protected, it is taken to be for followers.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import msgspec

from townsquare.continuity.transfer.from_mastodon import named_wholly
from townsquare.continuity.transfer.model import Attached, Contents, Hostile, Post, Visible
from townsquare.continuity.transfer.pack import Pack
from townsquare.kernel.words import N_

_TWEETS: Final = re.compile(r"(?:.*/)?data/tweets?(-part\d+)?\.js")
_ACCOUNT: Final = re.compile(r"(?:.*/)?data/account\.js")
_LONG: Final = re.compile(r"(?:.*/)?data/note-tweet(-part\d+)?\.js")
_PROTECTED: Final = re.compile(r"(?:.*/)?data/protected-history\.js")
_MEDIA: Final = re.compile(r"(?:.*/)?data/tweets?_media/(?P<name>[^/]+)")
_START: Final = re.compile(rb"^\s*window\.YTD\.\w+\.part\d+\s*=\s*")
_UNREADABLE: Final = N_("The posts in this archive of X cannot be read")
T = TypeVar("T")
DOMAIN: Final = "x.com"
_LINK: Final = re.compile(r"https://t\.co/\w+…?", re.ASCII)
_ADDRESS: Final = re.compile(r"https?://t\.co/\w+|https?://[^\s…]+", re.ASCII)
_SAME_TIME: Final = 60
"""Seconds that lie between a long post and its short form at most."""
_SHORT: Final = 200
"""Characters of a long post that its short form has at least."""
_NOT_SHORT: Final = 5000
"""And so many it never has."""
_ALIKE: Final = 20
"""Long posts of a minute that begin alike, among which the one of a short form is looked for."""


class _Url(msgspec.Struct, frozen=True):
    url: str = ""
    expanded_url: str = ""


class _Media(msgspec.Struct, frozen=True):
    url: str = ""
    media_url_https: str = ""
    type: str = "photo"


class _Entities(msgspec.Struct, frozen=True):
    urls: Sequence[_Url] = ()
    media: Sequence[_Media] = ()


class _Tweet(msgspec.Struct, frozen=True):
    id_str: str
    full_text: str
    created_at: str
    in_reply_to_status_id_str: str | None = None
    lang: str | None = None
    possibly_sensitive: bool | None = False
    entities: _Entities = _Entities()
    extended_entities: _Entities = _Entities()


class _Item(msgspec.Struct, frozen=True):
    tweet: _Tweet


class _Account(msgspec.Struct, frozen=True):
    username: str
    account_id: str = msgspec.field(name="accountId", default="")


class _Owner(msgspec.Struct, frozen=True):
    account: _Account


class _LongUrl(msgspec.Struct, frozen=True, rename="camel"):
    short_url: str = ""
    expanded_url: str = ""


class _Core(msgspec.Struct, frozen=True):
    text: str = ""
    urls: Sequence[_LongUrl] = ()


class _Long(msgspec.Struct, frozen=True, rename="camel"):
    """The whole of a long post, which has another number than the post."""

    created_at: datetime
    core: _Core


Longer = Mapping[tuple[int, str], Sequence[_Long]]
"""Long posts by the minute in which they were written, and by how they begin."""


class _LongItem(msgspec.Struct, frozen=True, rename="camel"):
    note_tweet: _Long


def is_one(pack: Pack) -> bool:
    return any(_TWEETS.fullmatch(name) for name in pack.sizes)


def contents(pack: Pack, visibility: Visible | None) -> Contents:
    """`visibility`: of its posts, where that was chosen. Raises Hostile for what cannot be read."""
    files, owners, longer, protected = (
        [name for name in pack.sizes if form.fullmatch(name)] for form in (_TWEETS, _ACCOUNT, _LONG, _PROTECTED)
    )
    who = next((one.account.username for name in owners for one in _decoded(pack, name, list[_Owner])), "")
    media = _media(pack)
    items = [one.tweet for name in files for one in _decoded(pack, name, list[_Item])]
    whole = _by_begin(one.note_tweet for name in longer for one in _decoded(pack, name, list[_LongItem]))
    ever = any(_decoded(pack, name, list[msgspec.Raw]) for name in protected)
    visible = visibility or ("private" if ever else "public")
    posts = [_post(one, media, whole, visible) for one in items if not one.full_text.startswith("RT @")]
    return Contents(
        "twitter",
        f"@{who}@{DOMAIN}" if who else "X",
        posts,
        frozenset([*files, *owners, *longer, *protected]),
        echoes=len(items) - len(posts),
    )


def _decoded(pack: Pack, name: str, shape: type[T]) -> T:
    data = _START.sub(b"", pack.read(name), count=1)
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Hostile(_UNREADABLE) from error


def _media(pack: Pack) -> Mapping[str, list[str]]:
    """The files of each tweet, by its number, with which their names begin."""
    found: dict[str, list[str]] = {}
    for name in sorted(pack.sizes):
        one = _MEDIA.fullmatch(name)
        if one is not None:
            found.setdefault(one["name"].partition("-")[0], []).append(name)
    return found


def _post(one: _Tweet, media: Mapping[str, list[str]], longer: Longer, visible: Visible) -> Post:
    answers = one.in_reply_to_status_id_str
    try:
        at = datetime.strptime(one.created_at, "%a %b %d %H:%M:%S %z %Y")
    except ValueError as error:
        raise Hostile(_UNREADABLE) from error
    return Post(
        uri=_uri(one.id_str),
        text=_text(one, _whole(one, at, longer)),
        created_at=at,
        visibility=visible,
        sensitive=bool(one.possibly_sensitive),
        language=one.lang if one.lang and len(one.lang) == 2 and one.lang not in ("qm", "zx") else None,  # noqa: PLR2004 (ISO 639-1)
        answers=_uri(answers) if answers else None,
        media=[Attached(name) for name in media.get(one.id_str, ())],
    )


def _uri(number: str) -> str:
    return f"https://x.com/i/status/{number}"


def _begins(text: str) -> str:
    """A short form without the links and the ellipsis at its end."""
    words = text.rstrip().removesuffix("…").rstrip()
    while _LINK.fullmatch(last := words[words.rfind("http") :] if "http" in words else ""):
        words = words[: -len(last)].rstrip().removesuffix("…").rstrip()
    return words


def _by_begin(longer: Iterable[_Long]) -> Longer:
    found: dict[tuple[int, str], list[_Long]] = {}
    for one in longer:
        alike = found.setdefault((_minute(one.created_at), html.unescape(one.core.text[:_NOT_SHORT])[:_SHORT]), [])
        if len(alike) < _ALIKE:
            alike.append(one)
    return found


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // _SAME_TIME


def _whole(one: _Tweet, at: datetime, longer: Longer) -> _Core | None:
    """The long post that begins as this one and was written in the same moment: they do not name each other."""
    begins = _begins(html.unescape(one.full_text)) if len(one.full_text) < _NOT_SHORT else ""
    if len(begins) < _SHORT:
        return None
    near = [
        long
        for minute in range(_minute(at) - 1, _minute(at) + 2)
        for long in longer.get((minute, begins[:_SHORT]), ())
        if abs((long.created_at - at).total_seconds()) < _SAME_TIME
        and html.unescape(long.core.text[:_NOT_SHORT]).startswith(begins)
    ]
    return min(near, key=lambda long: abs(long.created_at - at)).core if near else None


def _text(one: _Tweet, whole: _Core | None) -> str:
    """As its author wrote it: with the addresses in it as they were, without those of its own files."""
    known = {url.url: url.expanded_url for url in one.entities.urls if url.expanded_url}
    known |= {url.short_url: url.expanded_url for url in (whole.urls if whole else ()) if url.expanded_url}
    known |= {file.url: "" for file in (*one.entities.media, *one.extended_entities.media)}
    text = _ADDRESS.sub(partial(_opened, known), one.full_text if whole is None else whole.text)
    return named_wholly(html.unescape(text).strip(), DOMAIN)


def _opened(known: Mapping[str, str], found: re.Match[str]) -> str:
    """What an address stands for; what ends a sentence is none of it."""
    if found[0] in known:
        return known[found[0]]
    bare = found[0].rstrip(".,;:!?)'\"")
    return known.get(bare, bare) + found[0][len(bare) :]

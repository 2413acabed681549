"""Archives of X (Twitter): `data/tweets.js` in one part or several, and the folder of its files: pure."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from townsquare.continuity.transfer.from_mastodon import named_wholly
from townsquare.continuity.transfer.model import Attached, Contents, Hostile, Post
from townsquare.continuity.transfer.pack import Pack
from townsquare.kernel.words import N_

_TWEETS: Final = re.compile(r"(?:.*/)?data/tweets?(-part\d+)?\.js")
_ACCOUNT: Final = re.compile(r"(?:.*/)?data/account\.js")
_MEDIA: Final = re.compile(r"(?:.*/)?data/tweets?_media/(?P<name>[^/]+)")
_START: Final = re.compile(rb"^\s*window\.YTD\.\w+\.part\d+\s*=\s*")
_UNREADABLE: Final = N_("The posts in this archive of X cannot be read")
T = TypeVar("T")
DOMAIN: Final = "x.com"


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


def is_one(pack: Pack) -> bool:
    return any(_TWEETS.fullmatch(name) for name in pack.sizes)


def contents(pack: Pack) -> Contents:
    """Raises Hostile for what cannot be read."""
    files = [name for name in pack.sizes if _TWEETS.fullmatch(name)]
    owners = [name for name in pack.sizes if _ACCOUNT.fullmatch(name)]
    who = next((one.account.username for name in owners for one in _decoded(pack, name, list[_Owner])), "")
    media = _media(pack)
    items = [one.tweet for name in files for one in _decoded(pack, name, list[_Item])]
    posts = [_post(one, media) for one in items if not one.full_text.startswith("RT @")]
    return Contents(
        "twitter",
        f"@{who}@{DOMAIN}" if who else "X",
        posts,
        frozenset([*files, *owners]),
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


def _post(one: _Tweet, media: Mapping[str, list[str]]) -> Post:
    answers = one.in_reply_to_status_id_str
    try:
        at = datetime.strptime(one.created_at, "%a %b %d %H:%M:%S %z %Y")
    except ValueError as error:
        raise Hostile(_UNREADABLE) from error
    return Post(
        uri=_uri(one.id_str),
        text=_text(one),
        created_at=at,
        sensitive=bool(one.possibly_sensitive),
        language=one.lang if one.lang and len(one.lang) == 2 and one.lang not in ("qm", "zx") else None,  # noqa: PLR2004 (ISO 639-1)
        answers=_uri(answers) if answers else None,
        media=[Attached(name) for name in media.get(one.id_str, ())],
    )


def _uri(number: str) -> str:
    return f"https://x.com/i/status/{number}"


def _text(one: _Tweet) -> str:
    """As its author wrote it: with the addresses in it as they were, without those of its own files."""
    text = one.full_text
    for url in one.entities.urls:
        if url.url and url.expanded_url:
            text = text.replace(url.url, url.expanded_url)
    for file in (*one.entities.media, *one.extended_entities.media):
        if file.url:
            text = text.replace(file.url, "")
    return named_wholly(html.unescape(text).strip(), DOMAIN)

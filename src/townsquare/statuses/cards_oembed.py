"""oEmbed as others answer it (https://oembed.com), and the frames in which their videos play. No I/O.

Nothing of what others write becomes HTML of ours: of a player only the address is taken, and only where it is on
https and of the provider's own domain; the frame around it is written here.
"""

from collections.abc import Mapping
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit
from xml.parsers import expat

import msgspec

from townsquare.kernel.text.markup import elements
from townsquare.statuses.cards_model import Details, domain_of, within_domain
from townsquare.statuses.cards_page import NAME, TITLE, Page, line, side, whole

SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms"
WIDTH, HEIGHT = 640, 360
"""Of a player that does not say."""
_FIELDS = frozenset(
    {"type", "version", "title", "author_name", "author_url", "provider_name", "provider_url", "thumbnail_url", "url"}
    | {"html", "width", "height"}
)

Said = Mapping[str, Any]


class NotOembed(Exception):
    """What was answered is no oEmbed of version 1.0."""


def read_oembed(body: bytes, *, xml: bool) -> Said:
    """The fields of an answer. Raises NotOembed."""
    said = _from_xml(body) if xml else _from_json(body)
    if str(said.get("version", "")).strip() not in ("1.0", "1") or not isinstance(said.get("type"), str):
        raise NotOembed
    return said


def _from_json(body: bytes) -> Said:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotOembed from error


def _from_xml(body: bytes) -> Said:
    """One element with texts in it. A document that declares anything of its own (entities) is refused."""
    found: dict[str, str] = {}
    path: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append(name)

    def text(data: str) -> None:
        if len(path) == 2 and path[0] == "oembed" and path[1] in _FIELDS:  # noqa: PLR2004 (a field of the document)
            found[path[1]] = found.get(path[1], "") + data

    def end(_name: str) -> None:
        path.pop()

    def declared(*_: object) -> None:
        raise NotOembed

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise NotOembed from error
    return found


def asks_oembed(page: Page) -> bool:
    """Whether a page's oEmbed may know more than the page: most have one, and few need be asked."""
    return page.oembed is not None and (
        not page.details.title or page.image_url is None or page.player is not None or _is_of_media(page)
    )


def _is_of_media(page: Page) -> bool:
    return page.media_type.startswith(("video", "music", "photo")) or ":photo" in page.media_type


def with_player(page: Page, url: str) -> Page:
    """A page whose own tags name a player, with the frame for it; without one when it may not be framed."""
    if page.player is None or not may_frame(page.player, url):
        return page
    details = page.details
    shown = framed(page.player, details.width or WIDTH, details.height or HEIGHT)
    return msgspec.structs.replace(page, details=_video(details, shown, details.width, details.height))


def with_oembed(page: Page, said: Said, url: str, endpoint: str) -> Page:
    """A page with what its oEmbed says over it; what the page says better stays."""
    details = page.details
    details = msgspec.structs.replace(
        details,
        title=details.title or line(_text(said, "title"), TITLE),
        author_name=line(_text(said, "author_name"), NAME) or details.author_name,
        author_url=whole(endpoint, _text(said, "author_url")) or details.author_url,
        provider_name=line(_text(said, "provider_name"), NAME) or details.provider_name,
        provider_url=whole(endpoint, _text(said, "provider_url")) or details.provider_url,
    )
    image = page.image_url or whole(endpoint, _text(said, "thumbnail_url"))
    width, height = side(said.get("width")), side(said.get("height"))
    match _text(said, "type"):
        case "photo":
            photo = whole(endpoint, _text(said, "url"))
            if photo is not None:
                image = photo
                details = msgspec.structs.replace(details, kind="photo", embed_url=photo, width=width, height=height)
        case "video":
            source = frame_source(_text(said, "html"))
            if source is not None and (may_frame(source, url) or may_frame(source, endpoint)):
                shown = framed(source, width or WIDTH, height or HEIGHT)
                details = _video(details, shown, width, height)
        case _:
            pass
    return msgspec.structs.replace(page, details=details, image_url=image)


def _video(details: Details, html: str, width: int, height: int) -> Details:
    return msgspec.structs.replace(details, kind="video", html=html, width=width or WIDTH, height=height or HEIGHT)


def _text(said: Said, name: str) -> str:
    value = cast("object", said.get(name))
    return value if isinstance(value, str) else ""


def frame_source(html: str) -> str | None:
    """The address of the first frame in a piece of HTML."""
    for one in elements(html, frozenset({"iframe"})):
        source = one.attributes.get("src", "").strip()
        return "https:" + source if source.startswith("//") else source
    return None


def may_frame(source: str, provider: str) -> bool:
    """Whether a player is on https and of the domain of whoever provides it, or below that."""
    parts = urlsplit(source)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return False
    return within_domain(domain_of(source), domain_of(provider))


def framed(source: str, width: int, height: int) -> str:
    """The frame around a player: it cannot reach the page that it is in."""
    return (
        f'<iframe src="{escape(source)}" width="{width}" height="{height}" frameborder="0" allowfullscreen="true" '
        f'sandbox="{SANDBOX}"></iframe>'
    )

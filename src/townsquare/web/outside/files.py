"""What is not a page: uploads, style sheet and scripts, and the small files that browsers and robots ask for."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.accounts.faces import COUNT, FOLDER, face
from townsquare.kernel.colours import shades, sheet
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import NEVER_KEPT, Answer, Stream
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope, Sendable, header
from townsquare.media.storage import KEPT, address_elsewhere, piece
from townsquare.web.door.assets import Asset
from townsquare.web.door.headers import A_DAY, BOXED, FOR_A_WHILE, FOR_ANYBODY, FOR_EVER, GZIP, NOSNIFF, SOON
from townsquare.web.door.packed import takes_gzip
from townsquare.web.door.ranges import part_of
from townsquare.web.door.site import Site
from townsquare.web.outside.manifest import show_manifest, show_worker

Serve = Callable[[Site, Scope, Mapping[str, str]], Awaitable[Sendable]]
_MODULE: Final = re.compile(r"(?P<folder>\w+)/(?P<hash>\w+)/(?P<file>[\w.]+)")
_FACE: Final = re.compile(r"(0|[1-9]\d{0,3})\.png", re.ASCII)
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")


async def show_media(site: Site, scope: Scope, values: Mapping[str, str]) -> Sendable:
    """An uploaded file, or a part of it (RFC 9110, section 14) for players. It never changes under its key."""
    key = values["key"]
    elsewhere = await address_elsewhere(site.storage, key)
    if elsewhere is not None:
        return Answer(b"", status=302, headers=[*FOR_ANYBODY, FOR_A_WHILE]).header("location", elsewhere)
    part = part_of(header(scope, b"range")) if scope["method"] == "GET" else None
    found = await piece(site.storage, key, part)
    headers = [
        (b"content-type", found.content_type.encode("ascii")),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", KEPT.encode("ascii")),
        NOSNIFF,
        BOXED,
        *FOR_ANYBODY,
    ]
    if part is not None:
        headers.append((b"content-range", f"bytes {found.start}-{found.end - 1}/{found.size}".encode("ascii")))
    length = found.end - found.start
    return Stream(found.chunks, length, status=200 if part is None else 206, headers=headers)


async def show_static(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """A file of the program."""
    name, named = values["path"], scope["query_string"].removeprefix(b"h=").decode("latin-1")
    module = _MODULE.fullmatch(name)
    if module is not None:
        name, named = f"{module['folder']}/{module['file']}", module["hash"]
    asset = site.assets.get(name)
    if asset is None:
        raise NotFound
    return _asset(asset, scope, FOR_EVER if named == asset.hash else A_DAY)


def _asset(asset: Asset, scope: Scope, kept: tuple[bytes, bytes]) -> Answer:
    headers = [(b"content-type", asset.content_type.encode("ascii")), kept, NOSNIFF, *FOR_ANYBODY]
    if asset.packed is not None:
        headers.append((b"vary", b"Accept-Encoding"))
        if takes_gzip(header(scope, b"accept-encoding")):
            return Answer(asset.packed, headers=[*headers, GZIP])
    return Answer(asset.data, headers=headers)


async def show_face(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """What is shown of people who have no picture."""
    found = _FACE.fullmatch(values["file"])
    if found is None or int(found[1]) >= COUNT:
        raise NotFound
    headers = [(b"content-type", b"image/png"), FOR_EVER, NOSNIFF, *FOR_ANYBODY]
    return Answer(face(int(found[1])), headers=headers)


async def show_favicon(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """Where programs look that read no page."""
    if site.settings.look.icon:
        return Answer(b"", status=302, headers=[SOON]).header("location", f"/media/{site.settings.look.sign('tiny')}")
    return _asset(site.assets["favicon.ico"], scope, A_DAY)


async def show_embed_script(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """What pages with posts of ours in frames load; at an address that stays."""
    return _asset(site.assets["embed.js"], scope, A_DAY)


async def show_robots(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """Search engines may read what anybody may; profiles that do not want it say so themselves."""
    closed = (
        "/api/", "/oauth/", "/settings", "/posts/", "/people/", "/search", "/sign-in", "/confirm", "/reset", "/claim",
        "/messages", "/notifications", "/lists", "/filters", "/report", "/manage", "/explore/link?",
    )  # fmt: skip
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines += ["", f"Sitemap: {site.settings.public_url}/sitemap.xml", ""]
    return Answer("\n".join(lines).encode(), headers=[_TEXT, A_DAY])


async def show_look(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """The place's own colour, over that of the style sheet. Its address has the colour in it."""
    accent = site.settings.look.accent
    kept = FOR_EVER if accent and scope["query_string"] == accent[1:].encode() else SOON
    headers = [(b"content-type", b"text/css; charset=utf-8"), kept, NOSNIFF]
    return Answer(sheet(shades(accent)).encode() if accent else b"", headers=headers)


async def show_change_password(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """Where password managers look (https://www.w3.org/TR/change-password-url/)."""
    return Answer(b"", status=302).header("location", "/settings/account")


async def show_security(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """To whom one writes about a hole in the fence (RFC 9116). Not there where no address is said."""
    if not site.settings.contact_email:
        raise NotFound
    until = (datetime.now(UTC) + timedelta(days=30)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{site.settings.contact_email}",
        f"Expires: {until.isoformat()}",
        f"Canonical: {site.settings.public_url}/.well-known/security.txt",
        f"Preferred-Languages: {', '.join(site.settings.languages)}",
        "",
    ]
    return Answer("\n".join(lines).encode(), headers=[_TEXT, A_DAY])


def endpoints(site: Site) -> list[Endpoint]:
    """The files as the application calls them."""
    return [Endpoint("GET", path, _answering(site, serve)) for path, serve in _FILES.items()]


def _answering(site: Site, serve: Serve) -> Callable[[Scope, Receive, Mapping[str, str]], Awaitable[Sendable]]:
    async def answer(scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
        try:
            return await serve(site, scope, values)
        except Refused as refused:
            made = Answer(f"{refused.text}\n".encode(), status=refused.status, headers=[_TEXT, NOSNIFF, NEVER_KEPT])
            for name, value in refused.headers.items():
                made.header(name, value)
            return made

    return answer


_FILES: Final[Mapping[str, Serve]] = {
    "/media/*key": show_media,
    "/static/*path": show_static,
    f"/{FOLDER}/:file": show_face,
    "/favicon.ico": show_favicon,
    "/look.css": show_look,
    "/embed.js": show_embed_script,
    "/robots.txt": show_robots,
    "/manifest.webmanifest": show_manifest,
    "/sw.js": show_worker,
    "/.well-known/change-password": show_change_password,
    "/.well-known/security.txt": show_security,
}
